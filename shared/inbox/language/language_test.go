package language_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"example.org/mend/shared/inbox/language"
)

var update = flag.Bool("update", false, "write the table of docs/replies.md anew")

// topics are what a language can have, in the order of the columns of the table.
var topics = []language.Topic{
	language.Openers, language.Wrote, language.Pronouns, language.From, language.Sent, language.To,
	language.Cc, language.Subject, language.Other, language.Original, language.Forwarded,
	language.Device, language.Closings, language.Legal, language.Banners, language.Scanners,
	language.Automatic,
}

// general are the topics of the last section.
var general = []language.Topic{
	language.Devices, language.Downloads, language.Apps, language.Systems, language.Bounces,
	language.ReplyAbove, language.BannerStarts, language.Printing, language.Apologies,
}

// TestTopicsOfLanguages holds the table of docs/replies.md to the data: a row for each language with
// the number of phrases on each topic, and a dash where the language still lacks it.
func TestTopicsOfLanguages(t *testing.T) {
	const file, begin, end = "../../../docs/replies.md", "<!-- languages -->\n", "<!-- end of languages -->\n"
	var b strings.Builder
	b.WriteString("| language |")
	for _, topic := range topics {
		b.WriteString(" " + string(topic) + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(topics)) + "\n")
	for _, l := range language.All() {
		if l.Name == "Every language" {
			continue
		}
		b.WriteString("| " + l.Name + " |")
		for _, topic := range topics {
			if n := len(l.Phrases(topic)); n > 0 {
				fmt.Fprintf(&b, " %d |", n)
			} else {
				b.WriteString(" – |")
			}
		}
		b.WriteString("\n")
	}
	doc, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(doc), begin)
	got, after, found2 := strings.Cut(rest, end)
	if !found || !found2 {
		t.Fatalf("%s has no table of languages", file)
	}
	if got == b.String() {
		return
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+b.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the table of %s does not say what languages.txt has: run the test with -update", file)
}

func TestEveryLineOfTheDataIsRead(t *testing.T) {
	raw, err := os.ReadFile("languages.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, data, _ := strings.Cut(string(raw), "\n# ")
	for i, line := range strings.Split(data, "\n") {
		topic, phrases, ok := strings.Cut(line, ": ")
		switch {
		case i == 0 || line == "" || strings.HasPrefix(line, "# "):
		case !ok || !slices.Contains(topics, language.Topic(topic)) && !slices.Contains(general, language.Topic(topic)):
			t.Errorf("nothing reads the line %q", line)
		case slices.Contains(strings.Split(phrases, " | "), ""):
			t.Errorf("the line %q has an empty phrase", line)
		}
	}
}

func TestAPhraseIsFoundHoweverItIsWritten(t *testing.T) {
	for written, want := range map[string]string{
		"Écrit": "ecrit", "  Two\tblanks ": "two blanks", "ＳＴＯＰ": "stop", "STOP\u200b": "stop", "Σας": "σασ", "١٢": "12", "Łódź": "lodz",
	} {
		if got := language.Fold(written); got != want {
			t.Errorf("Fold(%q) = %q, want %q", written, got, want)
		}
	}
}
