package lint

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func lintWords(fsys fs.FS) []Finding {
	var l linter
	l.words(fsys)
	return l.all()
}

// Each fault is found where it stands, with what to do.
func TestLintFindsMissingAndWrongWords(t *testing.T) {
	english := read(t, "letters/en.yaml")
	lineOf := func(text, part string) int {
		before, _, ok := strings.Cut(text, part)
		if !ok {
			t.Fatalf("the catalogue has no %q to break", part)
		}
		return strings.Count(before, "\n") + 1
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"missing", "reminder.title: You wanted to be reminded\n", "",
			"reminder.title is missing: copy it from en.yaml"},
		{"missing plural form", "digest.days.one: You wrote on one day.\n", "", "digest.days.one is missing"},
		{"left over", "greeting.nobody:", "greeting.stranger: Hello you,\ngreeting.nobody:",
			"greeting.stranger is left over"},
		{"unknown parameter", "Hello {name},", "Hello {name} of {town},",
			"greeting has no parameter {town}: it takes {name}"},
		{"needed parameter", "Hello {name},", "Hello you,", "greeting needs the parameter {name}"},
		{"stray bracket", "Hello {name},", "Hello {name}},", "greeting has a { or } that belongs to no parameter"},
		{"indiscreet subject", "- A nudge, as you asked", "- Rebuilding trust today",
			`reminder.subject: "Rebuilding trust today" can be read on a locked screen and says "trust"`},
		{"loud subject", "- A nudge, as you asked", "- A nudge, as you asked!", "one plain line"},
		{"long subject", "- A nudge, as you asked",
			"- A nudge, as you asked, for whenever you have a minute or two", "phones show 50"},
		{"twice", "- A nudge, as you asked", "- You asked for this today",
			`reminder.subject has "You asked for this today" twice`},
		{"not a prime number of them", "  - A nudge, as you asked\n", "",
			"reminder.subject has 4 variants: it needs 5 or more, and a prime number of them other than 7"},
		{"months", "  - January\n", "", "months has 11 lines: it needs 12"},
		{"direction", "dir: ltr", "dir: up", "dir is ltr or rtl"},
		{"quotation marks", "quotes: “”‘’", "quotes: “”", "quotes is four characters"},
		{"invisible", "Hello {name},", "Hello {name},\u202e", "invisible control character"},
		{"key twice", "greeting.nobody: Hello,", "greeting.nobody: Hello,\ngreeting.nobody: Hi,", "already defined"},
		{"no words", "greeting.nobody: Hello,", "greeting.nobody:", "greeting.nobody: there are no words here"},
		{"a colon", "greeting.nobody: Hello,", "greeting.nobody: Hello: you",
			"quotation marks around words that have a colon"},
		{"no key", "greeting.nobody: Hello,", "greeting.nobody: Hello,\nand on", "this is not YAML"},
		{"half a list", "  - A reminder from yourself", "  A reminder from yourself",
			"reminder.subject has 1 variants"},
		{"not UTF-8", "Hello {name},", "Hello {name},\xff", "not UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			broken := strings.Replace(english, tt.old, tt.new, 1)
			if broken == english {
				t.Fatalf("the catalogue has no %q to break", tt.old)
			}
			findings := lintWords(fstest.MapFS{"letters/en.yaml": {Data: []byte(broken)}})
			for _, f := range findings {
				if strings.Contains(f.Message, tt.want) {
					near := lineOf(english, tt.old)
					if f.Line != 0 && (f.Line > near+2 || f.Line < near-15) {
						t.Errorf("found in line %d, want about %d", f.Line, near)
					}
					return
				}
			}
			t.Errorf("got %v, want %q", findings, tt.want)
		})
	}
	t.Run("a language whose plural forms nobody told the program", func(t *testing.T) {
		findings := lintWords(fstest.MapFS{
			"letters/en.yaml":  {Data: []byte(english)},
			"letters/tlh.yaml": {Data: []byte(english)},
		})
		if len(findings) != 1 || findings[0].File != "letters/tlh.yaml" ||
			!strings.Contains(findings[0].Message, "plural forms") {
			t.Errorf("got %v", findings)
		}
	})
	t.Run("no English", func(t *testing.T) {
		findings := lintWords(fstest.MapFS{})
		if len(findings) != 1 || !strings.Contains(findings[0].Message, "en.yaml is missing") {
			t.Errorf("got %v", findings)
		}
	})
}
