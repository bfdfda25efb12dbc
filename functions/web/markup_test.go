package web

import (
	"bytes"
	"html"
	"io/fs"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"example.org/mend/content"
)

// The oracle is a reader of all of CommonMark, which also typesets.
func TestMarkupMeansTheSameInCommonMark(t *testing.T) {
	names, err := fs.Glob(content.FS, "help/*.md")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d help pages, %v", len(names), err)
	}
	sources := []string{
		"One *two* three\nand [four](/x).", "## It's \"here\"\n\n- one\n- *two*\n\nSay \"no\" (\"never\").",
		"[a](/help#b), then *c*.", "It doesn't.\n\n\n\nTwo blank lines.",
	}
	for _, name := range names {
		raw, err := fs.ReadFile(content.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(string(raw[4:]), "\n---\n")
		sources = append(sources, body)
	}
	oracle := goldmark.New(goldmark.WithExtensions(extension.Typographer))
	for _, source := range sources {
		got, err := markup(source)
		if err != nil {
			t.Errorf("%.60q: %v", source, err)
			continue
		}
		var want bytes.Buffer
		if err := oracle.Convert([]byte(source), &want); err != nil {
			t.Fatal(err)
		}
		lower := strings.NewReplacer("<h2>", "<h3>", "</h2>", "</h3>").Replace(want.String())
		if html.UnescapeString(string(got)) != html.UnescapeString(lower) {
			t.Errorf("%.60q: got\n%s\nwant\n%s", source, got, lower)
		}
	}
}

func TestMarkupRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, source := range []string{
		"# One", "### Three", "## Head\nand words", "1. one", "> said", "    code", "a `b`", "a <b>c</b>", "a _b_", `a \* b`, "an *open",
		"[no](https://elsewhere.example)", "[a](b", "- one\ntwo", "a\n- b", "| a |", "---", "a &amp; b", "a]",
	} {
		if got, err := markup(source); err == nil {
			t.Errorf("%q: got %q, want an error", source, got)
		}
	}
}

func TestMarkupEscapes(t *testing.T) {
	got, err := markup(`One "&" two.`)
	if err == nil {
		t.Errorf("got %q, want an error", got)
	}
	got, err = markup(`[a "b"](/x"y)`)
	if err != nil || string(got) != "<p><a href=\"/x&#34;y\">a “b”</a></p>\n" {
		t.Errorf("got %q, %v", got, err)
	}
}
