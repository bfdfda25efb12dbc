package inbox_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/mend/shared/inbox"
)

// The corpus holds messages written for it, a file for each client, with the words that their
// authors wrote. A case is "=== kind: name", the message, "--- words", the words.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/corpus/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	messages := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			for entry := range strings.SplitSeq("\n"+string(raw), "\n=== ") {
				title, rest, _ := strings.Cut(entry, "\n")
				body, want, ok := strings.Cut(rest, "\n--- words")
				if !ok {
					if strings.TrimSpace(entry) != "" {
						t.Errorf("case %q has no words", title)
					}
					continue
				}
				messages++
				want = strings.Trim(want, "\n")
				var got inbox.Message
				switch kind, _, _ := strings.Cut(title, ":"); kind {
				case "text":
					got = inbox.ReadText(crlf(body), inbox.Letter{})
				case "html":
					got = inbox.ReadHTML(body, inbox.Letter{})
				case "eml":
					got = read(t, crlf(body))
				default:
					t.Fatalf("case %q: kind %q is none of text, html and eml", title, kind)
				}
				if got.Words != want {
					t.Errorf("%s\ngot  %q\nwant %q\n%s", title, got.Words, want, removed(got))
				}
			}
		})
	}
	if messages < 250 {
		t.Errorf("the corpus holds %d messages, fewer than 250", messages)
	}
}
