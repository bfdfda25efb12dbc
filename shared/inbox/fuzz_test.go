package inbox_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"example.org/mend/infra/replies"
	"example.org/mend/shared/inbox"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/mend"
)

// FuzzRead holds Read to what it promises whatever comes: no panic, no error that is not
// the reader's own, valid text without CR, and no word that was not in the mail.
func FuzzRead(f *testing.F) {
	seeds, err := filepath.Glob("testdata/seeds/*.eml")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, seed := range seeds {
		raw, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add([]byte(crlf(string(raw))))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := inbox.Read(strings.NewReader(string(raw)), inbox.Letter{Text: ourLetter})
		if err != nil {
			t.Errorf("Read: %v", err)
		}
		if !utf8.ValidString(m.Words) || strings.ContainsAny(m.Words, "\r\x00") {
			t.Errorf("words are no clean text: %q", m.Words)
		}
		var all strings.Builder
		for _, l := range m.Lines {
			all.WriteString(l.Text)
			all.WriteByte('\n')
		}
		for line := range strings.Lines(m.Words) {
			if !strings.Contains(all.String(), strings.TrimSpace(line)) {
				t.Errorf("words %q are in none of the lines", line)
			}
		}
		if m.Kind == "" {
			t.Error("no kind")
		}
		command.Read(m.Words, wednesday)
		m.Stop()
	})
}

// FuzzHTML does the same for the converter, where most of the ways into the reader are.
func FuzzHTML(f *testing.F) {
	for _, client := range replies.Pages {
		f.Add(page(client, "I called her.\n\nShe answered.", "On 3 Mar 2026, at 10:15, Mend <r+abc@mend.test> wrote:",
			"From: Mend|Sent: today|To: Ann|Subject: one"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if m := inbox.ReadHTML(text, inbox.Letter{}); !utf8.ValidString(m.Words) && utf8.ValidString(text) {
			t.Errorf("words are no clean text: %q", m.Words)
		}
	})
}

// wednesday is the day on which the people of the tests write.
var wednesday = mend.Date{Year: 2026, Month: time.March, Day: 4}
