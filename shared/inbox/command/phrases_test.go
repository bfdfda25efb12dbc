package command_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"example.org/mend/shared/inbox/command"
)

// eachPhrase calls f with every line of a file of testdata: what is expected, and what
// a person wrote.
func eachPhrase(t *testing.T, file string, f func(want, words string)) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(raw)) {
		want, words, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " | ")
		if !ok {
			t.Fatalf("%s: the line %q has no bar", file, line)
		}
		n++
		f(want, strings.ReplaceAll(words, `\n`, "\n"))
	}
	if n < 100 {
		t.Errorf("%s has %d phrases, fewer than 100", file, n)
	}
}

func TestPhrasesThatStop(t *testing.T) {
	eachPhrase(t, "stops.txt", func(want, words string) {
		got := string(command.FindStop(words))
		if got == "" {
			got = "none"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", words, got, want)
		}
	})
}

func TestPhrasesThatOrder(t *testing.T) {
	eachPhrase(t, "orders.txt", func(want, words string) {
		if got := summary(command.Read(words, wednesday)); got != want {
			t.Errorf("%q: %s, want %s", words, got, want)
		}
	})
}

// summary is what a mail asks for, on one line; "words" if it asks for nothing.
func summary(r command.Result) string {
	var all []string
	for _, o := range r.Orders {
		s := string(o.Name)
		if p := o.Promise; p != nil && p.Unclear {
			s += " unclear: " + p.Words
		} else if p != nil {
			s += fmt.Sprintf(" %v: %s", p.Due, p.Words)
		}
		if o.Until.Year != 0 {
			s += " until " + o.Until.String()
		}
		if o.For != 0 {
			s += " for " + o.For.String()
		}
		if o.Unclear {
			s += " unclear"
		}
		for _, day := range o.Days {
			s += " " + day.String()[:3]
		}
		if o.Day != 0 {
			s += fmt.Sprint(" day ", o.Day)
		}
		if o.Mood != 0 {
			s += fmt.Sprint(" ", o.Mood)
		}
		all = append(all, s)
	}
	if len(r.Unknown) > 0 {
		all = append(all, "ask")
	}
	if len(all) == 0 {
		return "words"
	}
	return strings.Join(all, ", ")
}
