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

// general are the topics of the last section, which speaks for every language.
func general() language.Language { return language.All()[len(language.All())-1] }

// TestTopicsOfLanguages holds the table of docs/replies.md to the data: a row for each language
// with how many phrases it has, and the topics that it still lacks.
func TestTopicsOfLanguages(t *testing.T) {
	const file, begin, end = "../../../docs/replies.md", "<!-- languages -->\n", "<!-- end of languages -->\n"
	var b strings.Builder
	b.WriteString("| language | phrases | a plain stop | still lacks |\n|---|---|---|---|\n")
	for _, l := range language.All()[:len(language.All())-1] {
		phrases, lacks, stops := 0, []string{}, l.Phrases(language.Stop)
		for _, topic := range language.Topics {
			if len(general().Phrases(topic)) > 0 {
				continue
			}
			if phrases += len(l.Phrases(topic)); len(l.Phrases(topic)) == 0 {
				lacks = append(lacks, topic.Name)
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %s | %s |\n",
			l.Name, phrases, strings.Join(stops[:min(3, len(stops))], ", "), strings.Join(lacks, ", "))
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
		case !ok || !slices.ContainsFunc(language.Topics, func(t *language.Topic) bool { return t.Name == topic }):
			t.Errorf("nothing reads the line %q", line)
		case slices.Contains(strings.Split(phrases, " | "), ""):
			t.Errorf("the line %q has an empty phrase", line)
		}
	}
}

func TestAPhraseIsFoundHoweverItIsWritten(t *testing.T) {
	for written, want := range map[string]string{
		"Écrit": "ecrit", "  Two\tblanks ": "two blanks", "ＳＴＯＰ": "stop", "STOP\u200b": "stop", "Σας": "σασ",
		"١٢": "12", "Łódź": "lodz",
	} {
		if got := language.Fold(written); got != want {
			t.Errorf("Fold(%q) = %q, want %q", written, got, want)
		}
	}
}
