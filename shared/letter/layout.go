package letter

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// laid is one block of a letter, laid out twice: as one types it, and as HTML. The text of a block ends
// in an empty line.
type laid struct{ text, html string }

// block is a laid block, encoded.
type block struct{ text, html encoded }

func (l laid) encode() block { return block{encode(l.text), encodeHTML(l.html)} }

func join(blocks ...laid) laid {
	var all laid
	for _, b := range blocks {
		all.text += b.text
		all.html += b.html
	}
	return all
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

// paragraphs lays out our own words: paragraphs parted by line ends, with *emphasis*.
func (l *language) paragraphs(style, words string) laid {
	var all laid
	for p := range strings.SplitSeq(words, "\n") {
		all.text += flow(asText(p)) + "\n"
		all.html += style + l.inline(p) + "</p>\n"
	}
	return all
}

func (l *language) paragraph(words string) laid { return l.paragraphs(styleText, words) }
func (l *language) fine(words string) laid      { return l.paragraphs(styleFine, words) }
func (l *language) question(words string) laid {
	return l.paragraphs(styleQuestion, words)
}

// point is a card's advice in one sentence: in bold, and in the text part as a paragraph of its own.
func (l *language) point(words string) laid {
	return laid{flow(asText(words)) + "\n", styleText + "<strong>" + l.inline(words) + "</strong></p>\n"}
}

// aside is set apart from the text around it.
func (l *language) aside(words string) laid { return l.paragraphs(styleAside, words) }

// title is the letter's one heading of the first level.
func (l *language) title(words string) laid {
	return laid{"\n" + flow(asText(words)) + "\n", styleTitle + l.inline(words) + "</h1>\n"}
}

func (l *language) heading(words string) laid {
	return laid{flow(colon(asText(words))) + "\n", styleHeading + l.inline(words) + "</h2>\n"}
}

// colon ends a heading of the text part, unless it is a question.
func colon(words string) string {
	if strings.HasSuffix(words, "?") {
		return words
	}
	return words + ":"
}

func (l *language) subheading(words string) laid {
	return laid{flow(asText(words)+":") + "\n", styleSubheading + l.inline(words) + "</h3>\n"}
}

// cardText lays out a paragraph or a list of a card.
func (l *language) cardText(words string) laid {
	if !strings.HasPrefix(words, "- ") {
		return l.paragraph(words)
	}
	var items []laid
	for item := range strings.SplitSeq(words, "\n") {
		item = strings.TrimPrefix(item, "- ")
		items = append(items, laid{asText(item), l.inline(item)})
	}
	return list(items)
}

// points lays out the advice of several cards.
func (l *language) points(points []string) laid {
	var items []laid
	for _, p := range points {
		items = append(items, laid{asText(p), l.inline(p)})
	}
	return list(items)
}

// list lays out items, whose text is not yet flowed and whose HTML is done.
func list(items []laid) laid {
	var all laid
	for _, item := range items {
		all.text += flow("- " + item.text)
		all.html += styleItem + item.html + "</li>\n"
	}
	return laid{all.text + "\n", styleList + all.html + "</ul>\n"}
}

// typed lays out what a person typed, which is plain, as a quotation.
func typed(words string) laid {
	style := withColors(toward(direction(words), styleQuote), light, "")
	return laid{flow(`"`+words+`"`) + "\n", style + escape(words) + "</blockquote>\n"}
}

// link lays out a link on a line of its own.
func (l *language) link(label, url string) laid { return linkAs(l, styleLink, label, url) }

// fineLink is a link in small print.
func (l *language) fineLink(label, url string) laid { return linkAs(l, styleFineLink, label, url) }

// button lays out the one link that a letter is about.
func (l *language) button(label, url string) laid {
	return linkAs(l, withColors(styleButton, light, ""), label, url)
}

func linkAs(l *language, style, label, url string) laid {
	return laid{flow(asText(label)+":") + url + "\n\n", style + escape(url) + `">` + l.inline(label) + "</a></p>\n"}
}

// asText is our own words in the text part, which has no italics: *emphasis* gets quotation marks.
func asText(words string) string { return emphasize(words, `"`, `"`) }

// emphasize puts marks around each *emphasis* of words. A star without a partner, or beside a space, stays a star.
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

// inline is our own words as HTML: escaped, *emphasis* marked up, and with the language's quotation marks.
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
