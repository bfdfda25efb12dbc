package letter

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// laid is one block of a letter, laid out twice: as somebody would type it, and as HTML. The text of a
// block ends in an empty line.
type laid struct{ text, html string }

// block is a laid block, encoded.
type block struct{ text, html encoded }

func (l laid) encode() block { return block{encode(l.text), encode(l.html)} }

func join(blocks ...laid) laid {
	var all laid
	for _, b := range blocks {
		all.text += b.text
		all.html += b.html
	}
	return all
}

// The styles of a paragraph. A mail client that drops the style sheet still shows all that is set here.
const (
	styleText     = `<p style="margin:0 0 1em">`
	styleFine     = `<p class="quiet" style="margin:0 0 1em;font:` + fineFont + `;color:` + lightMuted + `">`
	styleQuestion = `<p class="rule" style="margin:0 0 1.4em;padding:.1em 0 .1em .9em;border-left:3px solid ` + lightAccent + `;font-size:1.12em;line-height:1.5">`
	styleTitle    = `<h1 style="margin:1.2em 0 .7em;font-size:1.65em;line-height:1.2;font-weight:normal;letter-spacing:-.01em">`
	styleHeading  = `<h2 class="accent" style="margin:1.9em 0 .5em;font:` + headingFont + `;color:` + lightAccent + `">`
	styleQuote    = `<blockquote class="rule" dir="auto" style="margin:0 0 1.2em;padding:0 0 0 .9em;border-left:3px solid ` + lightHairline + `">`
	styleLink     = `<a class="accent" style="color:` + lightAccent + `;text-decoration:underline" href="`
	styleButton   = `<p style="margin:1.4em 0"><a class="button" style="display:inline-block;padding:.7em 1.3em;border-radius:.4em;background:` + lightAccent + `;color:` + lightGround + `;font:` + buttonFont + `;text-decoration:none" href="`
	styleList     = `<ul style="margin:0 0 1em;padding:0 0 0 1.2em">`
	styleItem     = `<li style="margin:0 0 .4em">`
	styleCell     = `<td class="rule" style="padding:.25em 1.2em .25em 0;border-bottom:1px solid ` + lightHairline + `">`
	styleColumn   = `<th scope="col" class="rule" style="padding:.25em 1.2em .25em 0;border-bottom:1px solid ` + lightHairline + `;text-align:start;font-weight:bold">`
)

// paragraphs lays out our own words: paragraphs parted by line ends, with *emphasis*.
func (l *language) paragraphs(style, words string) laid {
	var all laid
	for p := range strings.SplitSeq(words, "\n") {
		all.text += flow(p) + "\n"
		all.html += style + l.inline(p) + "</p>\n"
	}
	return all
}

func (l *language) paragraph(words string) laid { return l.paragraphs(styleText, words) }
func (l *language) fine(words string) laid      { return l.paragraphs(styleFine, words) }
func (l *language) question(words string) laid  { return l.paragraphs(styleQuestion, words) }

// title is the letter's one heading of the first level.
func (l *language) title(words string) laid {
	return laid{"\n" + flow(words) + "\n", styleTitle + l.inline(words) + "</h1>\n"}
}

func (l *language) heading(words string) laid {
	return laid{flow(words+":") + "\n", styleHeading + l.inline(words) + "</h2>\n"}
}

// cardText lays out a paragraph or a list of a card.
func (l *language) cardText(words string) laid {
	if !strings.HasPrefix(words, "- ") {
		return l.paragraph(words)
	}
	var items []laid
	for item := range strings.SplitSeq(words, "\n") {
		item = strings.TrimPrefix(item, "- ")
		items = append(items, laid{item, l.inline(item)})
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
	return laid{all.text + "\n", styleList + "\n" + all.html + "</ul>\n"}
}

// typed lays out what a person typed, which is plain, as a quotation.
func typed(words string) laid {
	return laid{flow(words) + "\n", styleQuote + escape(words) + "</blockquote>\n"}
}

// link lays out a link among text, on a line of its own.
func (l *language) link(label, url string) laid {
	return laid{
		flow(label+":") + url + "\n\n",
		styleText + styleLink + escape(url) + `">` + l.inline(label) + "</a></p>\n",
	}
}

// fineLink is a link among what is said in passing.
func (l *language) fineLink(label, url string) laid {
	return laid{
		flow(label+":") + url + "\n\n",
		styleFine + styleLink + escape(url) + `">` + l.inline(label) + "</a></p>\n",
	}
}

// button lays out the one link that a letter is about.
func (l *language) button(label, url string) laid {
	return laid{
		flow(label+":") + url + "\n\n",
		styleButton + escape(url) + `">` + l.inline(label) + "</a></p>\n",
	}
}

// inline is our own words as HTML: escaped, *emphasis* marked up, and with the language's quotation marks.
func (l *language) inline(words string) string {
	var out strings.Builder
	emphasis := false
	before := ' '
	for i, r := range words {
		after, _ := utf8.DecodeRuneInString(words[i+utf8.RuneLen(r):])
		switch r {
		case '*':
			switch {
			case emphasis && before != ' ':
				out.WriteString("</em>")
				emphasis = false
			case !emphasis && after != ' ' && strings.Contains(words[i+1:], "*"):
				out.WriteString("<em>")
				emphasis = true
			default:
				out.WriteByte('*')
				before = r
			}
			continue // a mark does not count as what stands before a quotation mark
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
	if emphasis {
		out.WriteString("</em>")
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
