package letter

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// laid is one block of a letter, laid out twice: as one types it, and as HTML. The text of a block
// ends in an empty line.
type laid struct{ text, html string }

// block is a laid block, encoded.
type block struct{ text, html encoded }

func (l laid) encode() block { return block{encode(l.text), encodeHTML(l.html)} }

func (b block) with(below block) block { return block{b.text + below.text, b.html + below.html} }

// frame is a block with holes, encoded.
type frame []piece

// piece is what stands from one hole to the next. What is left of the hole's line in the text part
// is not encoded: where that line has to be broken depends on what fills the hole.
type piece struct {
	hole int // the one before it; -1 for the first piece
	line string
	block
}

// hole marks hole n in a block that is to become a frame.
func hole(n int) string { return "\x00" + string(rune('0'+n)) }

// newFrame makes a frame of a block that has the same holes in its text as in its HTML.
func newFrame(b laid) frame {
	texts, htmls := strings.Split(b.text, "\x00"), strings.Split(b.html, "\x00")
	all := frame{{-1, texts[0], block{html: encodeHTML(htmls[0])}}}
	for i, text := range texts[1:] {
		line, rest, _ := strings.Cut(text[1:], "\n")
		all = append(all, piece{int(text[0] - '0'), line + "\n", block{encode(rest), encodeHTML(htmls[i+1][1:])}})
	}
	return all
}

// style is how our own words look: what stands around a paragraph in the HTML, and before and
// after it in the text.
type style struct{ open, shut, before, after string }

// lay lays out our own words: paragraphs parted by line ends, with *emphasis*.
func (l *language) lay(s style, words string) laid {
	var all laid
	for p := range strings.SplitSeq(words, "\n") {
		text := asText(p)
		if !strings.HasSuffix(text, "?") {
			text += s.after
		}
		all.text += s.before + flow(text) + "\n"
		all.html += s.open + l.inline(p) + s.shut + "\n"
	}
	return all
}

// cardText lays out a paragraph or a list of a card.
func (l *language) cardText(words string) laid {
	if items, ok := strings.CutPrefix(words, "- "); ok {
		return l.list(strings.Split(items, "\n- "))
	}
	return l.lay(styleText, words)
}

// list lays out items of our own words.
func (l *language) list(items []string) laid {
	var all []laid
	for _, item := range items {
		all = append(all, laid{asText(item), l.inline(item)})
	}
	return list(all)
}

// list lays out items, whose text is not yet flowed and whose HTML is done.
func list(items []laid) laid {
	var all laid
	for _, item := range items {
		all.text += flow("- " + item.text)
		all.html += "<li>" + item.html + "</li>\n"
	}
	return laid{all.text + "\n", "<ul>\n" + all.html + "</ul>\n"}
}

// quotation lays out what a person typed, which is plain.
func quotation(words string) laid {
	return laid{flow(`"`+words+`"`) + "\n", toward(direction(words), styleQuote) + escape(words) + "</blockquote>\n"}
}

// direction is that of the first letter that has one (rules P2 and P3 of the Unicode bidirectional
// algorithm). Mail clients drop dir="auto".
func direction(words string) string {
	for _, r := range words {
		switch {
		case unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam):
			return "rtl"
		case unicode.IsLetter(r):
			return "ltr"
		}
	}
	return "ltr"
}

// asText is our own words in the text part, which has no italics: *emphasis* gets quotation marks.
func asText(words string) string { return emphasize(words, `"`, `"`) }

// emphasize puts marks around each *emphasis* of words. A star without a partner, or beside
// a space, stays a star.
func emphasize(words, open, shut string) string {
	before, rest, found := strings.Cut(words, "*")
	inner, after, paired := strings.Cut(rest, "*")
	switch {
	case !found || !paired:
		return words
	case inner == "" || strings.Trim(inner, " ") != inner:
		return before + "*" + emphasize(rest, open, shut)
	}
	return before + open + inner + shut + emphasize(after, open, shut)
}

// emphasisOn and emphasisOff stand for <em> and </em> until the words around them are escaped.
const emphasisOn, emphasisOff = '\x01', '\x02'

// inline is our own words as HTML: escaped, *emphasis* marked up, and with the
// language's quotation marks.
func (l *language) inline(words string) string {
	words = emphasize(words, string(emphasisOn), string(emphasisOff))
	var out strings.Builder
	before := ' '
	for i, r := range words {
		after, _ := utf8.DecodeRuneInString(words[i+utf8.RuneLen(r):])
		switch r {
		case emphasisOn:
			out.WriteString("<em>")
			continue // a mark doesn't count as what stands before a quotation mark
		case emphasisOff:
			out.WriteString("</em>")
			continue
		case '"':
			out.WriteString(l.quotes[opens(before)])
		case '\'':
			if unicode.IsLetter(before) && unicode.IsLetter(after) {
				out.WriteRune('’')
			} else {
				out.WriteString(l.quotes[2+opens(before)])
			}
		case '&', '<', '>':
			out.WriteString(escape(string(r)))
		default:
			out.WriteRune(r)
		}
		before = r
	}
	return out.String()
}

// opens is 0 where a quotation mark after this character opens, and 1 where it closes.
func opens(before rune) int {
	if unicode.IsSpace(before) || strings.ContainsRune("([{–—-/", before) {
		return 0
	}
	return 1
}

// flow lays out one paragraph as format=flowed (RFC 3676): lines of at most 72 characters,
// each but the last ending in a space, by which a mail client knows that it may join them
// again. The result ends in "\n".
//
// A word longer than a line, such as a URL, stays whole (section 4.2 forbids nothing
// longer than 998).
func flow(paragraph string) string {
	const most = 72
	var out strings.Builder
	out.Grow(len(paragraph) + len(paragraph)/32 + 2)
	width := 0
	for word := range strings.FieldsSeq(paragraph) {
		n := utf8.RuneCountInString(word)
		switch {
		case width == 0:
		case width+1+n >= most: // the trailing space counts too
			out.WriteString(" \n")
			width = 0
		default:
			out.WriteByte(' ')
			width++
		}
		if width == 0 && mustStuff(word) {
			out.WriteByte(' ')
			width++
		}
		out.WriteString(word)
		width += n
	}
	out.WriteByte('\n')
	return out.String()
}

// mustStuff follows section 4.4: a line that begins with ">" would be taken for a quote, one
// that begins with "From" is altered by some mail stores. A signature's "--" alone is stuffed as
// well, so that no one's words end a letter early.
func mustStuff(firstWord string) bool {
	return firstWord[0] == '>' || firstWord == "From" || firstWord == "--"
}

// plain makes one line of what someone typed, to be shown as text: control characters (line ends
// among them) and white space become single spaces, bidirectional controls (Unicode's
// Bidi_Control) are dropped, because they can make a line read as what it does not say, and bytes
// that are not UTF-8 become U+FFFD.
func plain(typed string) string {
	before := ' '
	shown := strings.Map(func(r rune) rune {
		switch {
		case r > ' ' && r <= '~':
		case unicode.Is(unicode.Bidi_Control, r) || r == byteOrderMark:
			return -1
		case unicode.IsControl(r) || unicode.IsSpace(r):
			if before == ' ' {
				return -1
			}
			r = ' '
		}
		before = r
		return r
	}, strings.ToValidUTF8(typed, "\uFFFD"))
	return strings.TrimSuffix(shown, " ")
}

const byteOrderMark = '\uFEFF'

// escape writes HTML's (and XML's) five characters as references, for text and quoted attributes,
// and the "=" (see [appendHTML]).
func escape(s string) string { return escaper.Replace(s) }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;", "=", "&#61;")
