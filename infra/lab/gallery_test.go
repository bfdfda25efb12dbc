package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every link of the gallery leads to a file that is there.
func TestGallery(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gallery")
	var out bytes.Buffer
	if err := (&galleryCmd{Dir: dir}).write(&out); err != nil {
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
