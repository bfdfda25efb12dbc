package web

import (
	"errors"
	"fmt"
	"html"
	"html/template"
	"strings"
)

// The help pages are written in a small part of CommonMark, read by hand because a general library makes its tables
// as the process starts, which for a page that few ask for cost every cold start a millisecond. A test with such
// a library as its oracle holds that what we take means the same there:
//
//	## A heading
//
//	A paragraph, on one line or several, with *emphasis* and a [link](/help#signs).
//
//	- an item of a list
//	- another
//
// Quotation marks and apostrophes come out typeset. Anything else that means something in CommonMark is an error, so that nobody
// writes what would be shown as they typed it.

// markup is a section of a help page as HTML, its headings one level below the section's own.
func markup(source string) (template.HTML, error) {
	var out strings.Builder
	var block []string
	for line := range strings.SplitSeq(source+"\n", "\n") {
		if line != "" {
			block = append(block, line)
			continue
		}
		if block != nil {
			if err := writeBlock(&out, block); err != nil {
				return "", fmt.Errorf("%w: %.60q", err, block[0])
			}
		}
		block = nil
	}
	return template.HTML(out.String()), nil // what is not markup was escaped
}

func writeBlock(out *strings.Builder, lines []string) error {
	heading, isHeading := strings.CutPrefix(lines[0], "## ")
	switch {
	case isHeading && len(lines) == 1:
		return element(out, "h3", heading)
	case strings.HasPrefix(lines[0], "- "):
		out.WriteString("<ul>\n")
		for _, line := range lines {
			item, ok := strings.CutPrefix(line, "- ")
			if !ok {
				return errors.New("each line of a list begins with a dash and a space")
			}
			if err := element(out, "li", item); err != nil {
				return err
			}
		}
		out.WriteString("</ul>\n")
		return nil
	}
	for _, line := range lines {
		if strings.ContainsRune("#>|+-=~ \t0123456789", rune(line[0])) {
			return errors.New("a line of a paragraph begins with a word, and an empty line parts blocks")
		}
	}
	return element(out, "p", strings.Join(lines, "\n"))
}

func element(out *strings.Builder, name, text string) error {
	out.WriteString("<" + name + ">")
	if err := writeInline(out, text); err != nil {
		return err
	}
	out.WriteString("</" + name + ">\n")
	return nil
}

// writeInline writes words, *emphasis* and [links](/to/a/page).
func writeInline(out *strings.Builder, text string) error {
	emphasis := false
	for text != "" {
		i := strings.IndexAny(text, "*[`<>\\_&]")
		if i < 0 {
			break
		}
		out.WriteString(typeset(text[:i]))
		mark := text[i]
		text = text[i+1:]
		switch mark {
		case '*':
			out.WriteString(map[bool]string{false: "<em>", true: "</em>"}[emphasis])
			emphasis = !emphasis
		case '[':
			words, rest, ok := strings.Cut(text, "](")
			to, rest, ok2 := strings.Cut(rest, ")")
			if !ok || !ok2 || !strings.HasPrefix(to, "/") || strings.ContainsAny(words, "*[`<>\\_&]") {
				return errors.New("a link reads [words](/page)")
			}
			out.WriteString(`<a href="` + html.EscapeString(to) + `">` + typeset(words) + "</a>")
			text = rest
		default:
			return fmt.Errorf("%q means something in Markdown, and nothing here", mark)
		}
	}
	if emphasis {
		return errors.New("an * that nothing closes")
	}
	out.WriteString(typeset(text))
	return nil
}

// typeset is words with the apostrophe and the quotation marks of print, escaped.
func typeset(words string) string {
	var out strings.Builder
	before := ' '
	for _, r := range words {
		opens := before == ' ' || before == '\n' || before == '('
		switch {
		case r == '"' && opens:
			out.WriteRune('“')
		case r == '"':
			out.WriteRune('”')
		case r == '\'':
			out.WriteRune('’')
		default:
			out.WriteString(html.EscapeString(string(r)))
		}
		before = r
	}
	return out.String()
}
