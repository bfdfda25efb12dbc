package main

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"

	"example.org/mend/content"
)

// built is no folder: what the program was built with is shown.
var built = contentDir{contentFolder}

func TestPreviewShowsACardAndEveryLetter(t *testing.T) {
	library := content.Built()
	k := library.All()[0]
	for _, what := range append(letterNames(), k.ID) {
		var out bytes.Buffer
		if err := (&previewCmd{contentDir: built, What: what, Format: "text", Letter: 1}).Run(&out); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if !strings.HasPrefix(out.String(), "Subject: ") || !strings.Contains(out.String(), "More help") {
			t.Errorf("%s: got %q", what, out.String())
		}
	}
	var out bytes.Buffer
	err := (&previewCmd{contentDir: built, What: k.ID, Format: "html", Letter: 2}).Run(&out)
	if err != nil || !strings.HasPrefix(out.String(), "<!doctype html>") {
		t.Errorf("html: got %.40q, %v", out.String(), err)
	}
	out.Reset()
	if err := (&previewCmd{contentDir: built, What: k.ID, Format: "eml", Letter: 1}).Run(&out); err != nil {
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
		{previewCmd{contentDir: built, Letter: 1}, "name a card or a letter"},
		{previewCmd{contentDir: built, What: "digest", Letter: 5}, "--letter is 1, 2, 3 or 4"},
		{previewCmd{contentDir: contentDir{"contnet"}, What: "digest", Letter: 1}, "contnet holds no cards"},
		{previewCmd{contentDir: built, What: "nothing.like-it-at-all", Letter: 1}, `"mend help preview" the letters`},
		{previewCmd{contentDir: built, What: "diggest", Letter: 1},
			`no card or letter "diggest"; did you mean "digest"?`},
	} {
		if err := tt.cmd.Run(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
}
