package replytext

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"example.org/mend/shared/inbox/language"
)

// htmlLines turns HTML into lines: blocks and <br> end them, lists keep their
// bullets, links their targets, and each line knows inside which containers it stood.
// Scripts, styles and what is hidden are dropped.
func htmlLines(text string) []line {
	c := converter{tokens: html.NewTokenizer(strings.NewReader(text))}
	c.tokens.SetMaxBuf(1 << 20)
	for {
		switch c.tokens.Next() {
		case html.ErrorToken:
			c.endLine()
			settleMarks(c.lines)
			foldLines(c.lines)
			return c.lines
		case html.TextToken:
			c.text(c.tokens.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			c.start()
		case html.EndTagToken:
			name, _ := c.tokens.TagName()
			c.end(atom.Lookup(name))
		}
	}
}

// settleMarks adds the > marks that stand in the text itself to the depth of the containers.
//
// Where the HTML quotes with containers, a > outside them is the author's.
func settleMarks(lines []line) {
	contained := slices.ContainsFunc(lines, func(l line) bool { return l.depth > 0 || l.mark&inQuoteBox != 0 })
	for i := range lines {
		if contained && lines[i].depth == 0 {
			continue
		}
		lines[i].depth += depthBelow(lines, i)
	}
}

// converter is the state of htmlLines.
type converter struct {
	tokens *html.Tokenizer
	lines  []line
	open   []element
	buffer []byte // the line that is being written
	space  bool   // white space is owed before the next word
}

// element is an open element. Its depth and marks, and whether it is hidden or preformatted, are
// also those of the elements around it.
type element struct {
	tag    atom.Atom
	depth  int // of quote containers
	mark   mark
	hidden bool
	pre    bool
	quote  bool // a blockquote that holds what others wrote
	client bool // a client has marked it
	indent bool // a blockquote by which the author's editor indents
	typed  bool // Gmail's wrapper around what is typed in it
	tight  bool // a paragraph without space around it, as Word has them
	href   string
	line   int // of a link: on which line it begins
	from   int // and where in buffer
	item   int // of a list: the number of the last item
}

// maxOpen bounds the stack of open elements; deeper ones are flattened.
const maxOpen = 500

// inside is the innermost open element.
func (c *converter) inside() element {
	if len(c.open) == 0 {
		return element{}
	}
	return c.open[len(c.open)-1]
}

func (c *converter) start() {
	name, hasAttributes := c.tokens.TagName()
	tag := atom.Lookup(name)
	if tag == atom.P && c.inside().tag == atom.P {
		c.end(atom.P) // the next one ends it
	}
	around := c.inside()
	e := element{tag: tag, depth: around.depth, mark: around.mark, hidden: around.hidden, pre: around.pre}
	if hasAttributes {
		c.attributes(&e)
	}
	switch tag {
	case atom.Br:
		c.breakLine()
		return
	case atom.Hr:
		c.endLine()
		c.lines = append(c.lines, line{depth: around.depth, mark: around.mark})
		return
	case atom.Img, atom.Area, atom.Base, atom.Col, atom.Embed, atom.Input, atom.Link, atom.Meta, atom.Param,
		atom.Source, atom.Track, atom.Wbr:
		return // they have no end tag
	case atom.Td, atom.Th:
		c.space = true
	case atom.Style, atom.Script, atom.Title, atom.Template, atom.Noscript, atom.Object:
		e.hidden = true
	case atom.Pre, atom.Textarea:
		c.endLine()
		e.pre = true
	case atom.Blockquote:
		c.endLine()
		if e.quote = !e.indent; e.quote {
			e.depth++
		}
		if e.quote && !e.client {
			e.mark |= plainQuote
		}
	case atom.A:
		e.line, e.from = len(c.lines), len(c.buffer)
	case atom.P:
		c.endLine()
		if !e.tight {
			c.blankLine()
		}
	default:
		if isBlock(tag) {
			c.endLine()
		}
	}
	if len(c.open) >= maxOpen {
		return
	}
	c.open = append(c.open, e)
	if tag == atom.Li {
		c.bullet()
	}
	// Gmail's own wrapper right inside an unattributed quote shows that the author
	// pressed the quote button: the words are theirs.
	if e.typed && c.beginsQuote() {
		for i := len(c.open) - 2; i < len(c.open); i++ {
			c.open[i].depth--
		}
		c.open[len(c.open)-2].quote = false
	}
}

func (c *converter) end(tag atom.Atom) {
	if tag == atom.Br {
		c.breakLine()
		return
	}
	at := len(c.open) - 1
	for at >= 0 && c.open[at].tag != tag {
		at--
	}
	if at < 0 || tag == 0 {
		if isBlock(tag) {
			c.endLine()
		}
		return
	}
	for len(c.open) > at {
		e := c.open[len(c.open)-1]
		if e.tag == atom.A {
			c.linkTarget(e)
		}
		if isBlock(e.tag) || e.quote || e.pre {
			c.endLine()
		}
		c.open = c.open[:len(c.open)-1]
		if e.tag == atom.P && !e.tight {
			c.blankLine()
		}
	}
}

// attributes notes what the attributes of a start tag say.
func (c *converter) attributes(e *element) {
	for more := true; more; {
		var key, value []byte
		key, value, more = c.tokens.TagAttr()
		switch string(key) {
		case "type", "cite":
			e.client = true
		case "class", "id", "name", "data-marker", "data-smartmail", "data-signatureblock":
			e.client = true
			for name := range bytes.FieldsSeq(value) {
				e.container(string(name))
			}
		case "href":
			if e.tag == atom.A {
				e.href = string(value)
			}
		case "alt":
			if e.tag == atom.Img && len(value) <= 16 && len(value) > 0 && value[0] >= utf8.RuneSelf {
				c.text(value) // an emoji
			}
		case "style":
			e.style(value)
		}
	}
}

// style notes what hides an element or merely indents it.
func (e *element) style(value []byte) {
	s := strings.ToLower(strings.ReplaceAll(string(value), " ", ""))
	if strings.Contains(s, "display:none") || strings.Contains(s, "mso-hide:all") {
		e.hidden = true
	}
	e.client = e.client || strings.Contains(s, "border-left")
	bare := strings.Contains(s, "border:none") || strings.Contains(s, "border:0")
	e.indent = e.indent || e.tag == atom.Blockquote && bare && strings.Contains(s, "40px")
}

// container notes whether a class, id or name is one that mail clients give.
func (e *element) container(name string) {
	switch low := strings.ToLower(name); {
	case e.tag == atom.Body || e.tag == atom.Html || len(name) > 100:
	case name == "quote" && e.tag == atom.Div: // GMX, web.de: <div name="quote">
		e.mark |= inQuoteBox
	case name == "MsoNormal":
		e.tight = true
	case name == "gmail_default":
		e.typed = true
	case language.QuoteBoxes.Ends(low):
		e.mark |= inQuoteBox
	case language.HeadBoxes.Ends(low):
		e.mark |= inHead
	case language.SignatureBoxes.Ends(low):
		e.mark |= inSignature
	}
}

// beginsQuote reports that the element just entered begins a blockquote below a line
// that is no attribution.
func (c *converter) beginsQuote() bool {
	n := len(c.open)
	if n < 2 || c.open[n-2].tag != atom.Blockquote || !c.open[n-2].quote || len(c.buffer) > 0 {
		return false
	}
	for i := len(c.lines) - 1; i >= max(0, len(c.lines)-maxGap); i-- {
		if l := &c.lines[i]; l.text != "" {
			return l.depth == c.inside().depth-1 && !strings.HasSuffix(l.text, ":")
		}
	}
	return false
}

// text writes text, white space collapsed outside <pre>.
func (c *converter) text(b []byte) {
	if c.inside().hidden {
		return
	}
	pre := c.inside().pre
	for _, w := range b {
		switch {
		case pre && w == '\n':
			c.breakLine()
		case !pre && strings.IndexByte(" \t\n\r\f", w) >= 0:
			c.space = true
		default:
			if c.space && len(c.buffer) > 0 {
				c.buffer = append(c.buffer, ' ')
			}
			c.space = false
			c.buffer = append(c.buffer, w)
		}
	}
}

// breakLine ends a line even if it is empty.
func (c *converter) breakLine() {
	if c.inside().hidden {
		return
	}
	c.write()
}

// endLine ends a line that has begun.
func (c *converter) endLine() {
	if len(c.buffer) > 0 {
		c.write()
	}
	c.space = false
}

func (c *converter) write() {
	around := c.inside()
	text := strings.TrimRight(strings.ReplaceAll(string(c.buffer), "\u00a0", " "), " \t")
	if !around.pre {
		text = strings.TrimLeft(text, " ")
	}
	c.lines = append(c.lines, line{text: text, depth: around.depth, mark: around.mark})
	c.buffer = c.buffer[:0]
	c.space = false
}

// blankLine sets paragraphs apart.
func (c *converter) blankLine() {
	if n := len(c.lines); n > 0 && c.lines[n-1].text != "" {
		around := c.inside()
		c.lines = append(c.lines, line{depth: around.depth, mark: around.mark})
	}
}

// bullet begins an item of a list.
func (c *converter) bullet() {
	for i := len(c.open) - 1; i >= 0; i-- {
		if list := &c.open[i]; list.tag == atom.Ol {
			list.item++
			c.buffer = append(strconv.AppendInt(c.buffer, int64(list.item), 10), '.', ' ')
			return
		} else if list.tag == atom.Ul {
			break
		}
	}
	c.buffer = append(c.buffer, "- "...)
}

// linkTarget writes the target behind the text of a link that does not show it.
func (c *converter) linkTarget(e element) {
	if e.line != len(c.lines) {
		e.from = 0 // it goes on from the line above
	}
	if e.hidden || e.from > len(c.buffer) || !strings.HasPrefix(e.href, "http") || len(e.href) > 2000 {
		return
	}
	shown := strings.TrimSpace(string(c.buffer[e.from:]))
	if shown == "" || bareLink(shown) == bareLink(e.href) {
		return
	}
	c.buffer = append(append(append(c.buffer, " <"...), e.href...), '>')
}

// bareLink is a link as people show it.
func bareLink(s string) string {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "http://"), "https://")
	return strings.TrimSuffix(strings.TrimPrefix(s, "www."), "/")
}

// isBlock reports an element that stands on lines of its own.
func isBlock(tag atom.Atom) bool {
	switch tag {
	case atom.Div, atom.P, atom.Tr, atom.Li, atom.Ul, atom.Ol, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5,
		atom.H6, atom.Blockquote, atom.Pre, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Dl, atom.Dt,
		atom.Dd, atom.Body, atom.Center, atom.Address, atom.Details, atom.Summary, atom.Form, atom.Fieldset, atom.Main,
		atom.Nav, atom.Aside, atom.Figure:
		return true
	}
	return false
}
