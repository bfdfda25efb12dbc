// Package replies lays replies out as mail clients do, as text and as HTML. The tests of the reader
// and of the whole machine read what it writes. Each client is a section of clients.txt.
package replies

import (
	_ "embed"
	"html"
	"strconv"
	"strings"
)

// ReplyTo stands for the reply address.
const ReplyTo = "r.k4ab3k7q2mzfx5ytnc4w6ojdlh2s7r5e3g4i6k2m4o6q2s@reply.mend.example"

// Client is how a mail client lays a reply out. ReplyTo in what it writes stands for
// the reply address.
type Client struct {
	Name     string
	Unmarked bool // nothing but the letter's words tells the quote

	fields map[string]string
}

//go:embed clients.txt
var source string

// Clients are those that we know as text and as HTML. Pages are all clients, with those that
// we know as HTML alone.
var Clients, Pages = func() (both, all []Client) {
	for section := range strings.SplitSeq(source, "\n# ") {
		name, lines, _ := strings.Cut(section, "\n")
		c := Client{Name: name, fields: map[string]string{}}
		for line := range strings.SplitSeq(lines, "\n") {
			if key, value, ok := strings.Cut(line, ": "); ok {
				c.fields[key] = strings.NewReplacer(`\n`, "\n", `\t`, "\t", "{reply to}", ReplyTo).Replace(value)
			}
		}
		c.Unmarked = c.fields["unmarked"] != ""
		all = append(all, c)
		if c.fields["text"] != "" {
			both = append(both, c)
		}
	}
	return both, all[1:] // the first piece explains the file
}()

// Text is a reply as plain text. quoted is the letter.
func (c Client) Text(words, quoted string) string {
	quoted = c.rewriteLinks(quoted)
	return c.fill("text", func(name string) (string, bool) {
		if width, ok := strings.CutPrefix(name, "marked "); ok {
			n, err := strconv.Atoi(width)
			return mark(quoted, n), err == nil
		}
		text, ok := map[string]string{
			"words": words, "quoted": quoted, "spaced": strings.ReplaceAll(quoted, "\n", "\n\n"),
			"tight": strings.ReplaceAll(quoted, "\n\n", "\n"), "indented": strings.ReplaceAll(quoted, "\n", "\n "),
		}[name]
		return text, ok
	})
}

// Page is a reply as HTML. quoted is the letter's.
func (c Client) Page(words, quoted string) string {
	return c.PageBelow(words, c.fields["attribution"], c.fields["head"], quoted)
}

// PageBelow is Page with another attribution line, and another head: its fields are
// separated by bars.
func (c Client) PageBelow(words, attribution, head, quoted string) string {
	var labels []string
	for field := range strings.SplitSeq(head, "|") {
		label, value, _ := strings.Cut(field, ":")
		labels = append(labels, "<b>"+html.EscapeString(label)+":</b>"+html.EscapeString(value))
	}
	return c.fill("html", func(name string) (string, bool) {
		text, ok := map[string]string{
			"quoted": c.rewriteLinks(quoted), "attribution": html.EscapeString(attribution),
			"head": strings.Join(labels, "<br>"), "divs": Divs(words),
			"lines": strings.ReplaceAll(html.EscapeString(words), "\n", "<br>\n"), "paragraphs": paragraphs(words, ""),
			"paragraphs MsoNormal": paragraphs(words, " class=MsoNormal"),
		}[name]
		return text, ok
	})
}

// fill puts texts in the place of the names in braces.
func (c Client) fill(field string, text func(name string) (string, bool)) string {
	var b strings.Builder
	for i, piece := range strings.Split(c.fields[field], "{") {
		name, rest, _ := strings.Cut(piece, "}")
		value, ok := text(name)
		switch {
		case i == 0:
			b.WriteString(piece)
		case ok:
			b.WriteString(value + rest)
		default:
			b.WriteString("{" + piece)
		}
	}
	return b.String()
}

func (c Client) rewriteLinks(s string) string {
	if gateway := c.fields["links"]; gateway != "" {
		return strings.ReplaceAll(s, "https://mend.example/", gateway+"url=https%3A%2F%2Fmend.example%2F")
	}
	return s
}

func mark(s string, width int) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		for wrapped := range strings.SplitSeq(Wrap(strings.TrimRight(line, "\n"), width), "\n") {
			b.WriteString(strings.TrimRight("> "+wrapped, " ") + "\n")
		}
	}
	return b.String()
}

// Wrap breaks a line at spaces, so that none is longer than width where that can be.
func Wrap(s string, width int) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Split(s, " ") {
		if i > 0 && column+len([]rune(word)) > width {
			b.WriteByte('\n')
			column = 0
		} else if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
		column += len([]rune(word)) + 1
	}
	return b.String()
}

// Divs renders words one element per line, with an empty one between paragraphs.
func Divs(words string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(words, "\n") {
		if line == "" {
			b.WriteString("<div><br></div>")
		} else {
			b.WriteString("<div>" + html.EscapeString(line) + "</div>")
		}
	}
	return b.String()
}

func paragraphs(words, class string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(words, "\n") {
		if line == "" {
			line = "\u00a0"
		}
		b.WriteString("<p" + class + ">" + html.EscapeString(line) + "</p>\n")
	}
	return b.String()
}
