package lint

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	goldtext "github.com/yuin/goldmark/text"

	"example.org/mend/content"
)

// helpFolder has the parts of the help page, the questions of the gate and the crisis lines.
const helpFolder = "help"

// unreachable is said where the operator has not said how they can be reached.
const unreachable = "The people who run this Mend haven't said how to reach them, so there's no one here to " +
	"report it to. " +
	"You can do everything above by yourself. In danger, call your emergency number."

// Help reads the help pages, the gate and the crisis lines. An error joins a [Finding] for each
// fault.
func Help(fsys fs.FS) (content.Help, error) {
	var l linter
	h := l.readHelp(fsys)
	return h, l.err()
}

func (l *linter) readHelp(fsys fs.FS) (h content.Help) {
	files, _ := fs.Glob(fsys, helpFolder+"/*.md") // its only error is about the pattern
	for _, file := range files {                  // their names begin with their places on the page
		s := l.file(file)
		h.Sections = append(h.Sections, s.section(s.read(fsys)))
	}
	gate, lines := l.file(helpFolder+"/gate.yaml"), l.file(helpFolder+"/lines.yaml")
	gate.unmarshal(gate.read(fsys), &h.Gate, "")
	lines.unmarshal(lines.read(fsys), &h.Lines, "")
	return h
}

// section reads front matter and Markdown.
func (s *source) section(text string) (read content.Section) {
	lines, end := linesOf(text)
	if end == 0 {
		s.fault(place{1, 1}, noFrontMatter)
		return read
	}
	var matter struct {
		Title string `yaml:"title"`
		Slug  string `yaml:"slug"`
	}
	if s.unmarshal(strings.Join(lines[:end], "\n"), &matter, "") {
		s.need(matter.Title != "" && matter.Slug != "", place{1, 1}, "the front matter lacks a title or a slug")
	}
	read = content.Section{Title: matter.Title, Slug: matter.Slug}
	body := strings.Join(lines[end+1:], "\n")
	var err error
	if read.HTML, err = markup(body); err == nil && strings.Contains(body, content.ContactMark) {
		read.Unreachable, err = markup(withoutContact(body))
	}
	s.need(err == nil, place{1, 1}, "%v", err)
	return read
}

// withoutContact replaces the paragraph that would name the operator. It drops what follows, up to
// the next heading: how to write to them, and what they could do.
func withoutContact(text string) string {
	before, after, found := strings.Cut(text, content.ContactMark)
	if !found {
		return text
	}
	before = before[:strings.LastIndexByte(before, '\n')+1] + unreachable + "\n"
	if i := strings.Index(after, "\n## "); i >= 0 {
		return before + withoutContact(after[i:])
	}
	return before
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.Typographer))

// markup is Markdown as HTML, with its headings one level below the section's own. It refuses what
// the page has no style for.
func markup(page string) (string, error) {
	raw := []byte(page)
	doc := markdown.Parser().Parse(goldtext.NewReader(raw))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		styled := false
		switch n := n.(type) {
		case *ast.Document, *ast.Paragraph, *ast.TextBlock, *ast.ListItem, *ast.Text, *ast.String:
			styled = true
		case *ast.Heading:
			styled, n.Level = n.Level == 2, 3
		case *ast.List:
			styled = !n.IsOrdered()
		case *ast.Emphasis:
			styled = n.Level == 1
		case *ast.Link:
			styled = path.IsAbs(string(n.Destination)) && !strings.HasPrefix(string(n.Destination), "//")
		}
		if styled {
			return ast.WalkContinue, nil
		}
		return ast.WalkStop, fmt.Errorf("a help page has headings (##), paragraphs, lists with dashes, *emphasis* "+
			"and links to our own pages, and no %s", n.Kind())
	})
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = markdown.Renderer().Render(&out, raw, doc)
	return out.String(), err
}
