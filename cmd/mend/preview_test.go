package main

import (
	"bytes"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/mend/content"
)

func TestPreviewShowsACardAndEveryLetter(t *testing.T) {
	library := content.Built()
	k := library.All()[0]
	for _, what := range append(letterNames(), k.ID) {
		var out bytes.Buffer
		if err := (&previewCmd{What: what, Format: "text", Letter: 1}).print(&out); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if !strings.HasPrefix(out.String(), "Subject: ") || !strings.Contains(out.String(), "More help") {
			t.Errorf("%s: got %q", what, out.String())
		}
	}
	var out bytes.Buffer
	if err := (&previewCmd{What: k.ID, Format: "html", Letter: 2}).print(&out); err != nil || !strings.HasPrefix(out.String(), "<!doctype html>") {
		t.Errorf("html: got %.40q, %v", out.String(), err)
	}
	out.Reset()
	if err := (&previewCmd{What: k.ID, Format: "eml", Letter: 1}).print(&out); err != nil {
		t.Fatal(err)
	}
	if _, err := mail.ReadMessage(&out); err != nil {
		t.Errorf("eml: %v", err)
	}
}

func TestPreviewSaysWhatToDo(t *testing.T) {
	for _, tt := range []struct {
		cmd  previewCmd
		want string
	}{
		{previewCmd{Letter: 1}, "name a card or a letter"},
		{previewCmd{What: "digest", Letter: 5}, "--letter is 1, 2, 3 or 4"},
		{previewCmd{What: "diggest", Letter: 1}, `no card or letter "diggest"; "mend content list"`},
	} {
		if err := tt.cmd.print(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
}

// Every link of the gallery leads to a file that is there.
func TestGallery(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gallery")
	var out bytes.Buffer
	if err := (&previewCmd{All: dir, Letter: 1}).print(&out); err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.html"))
	if err != nil || len(pages) < 100 {
		t.Fatalf("got %d pages, %v", len(pages), err)
	}
	for _, page := range pages {
		if strings.HasSuffix(page, ".letter.html") {
			continue // its links are the letter's
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, attribute := range []string{`href="`, `src="`} {
			for _, rest := range strings.Split(string(text), attribute)[1:] {
				target, _, _ := strings.Cut(rest, `"`)
				if _, err := os.Stat(filepath.Join(dir, target)); err != nil {
					t.Errorf("%s: %v", filepath.Base(page), err)
				}
			}
		}
	}
}
