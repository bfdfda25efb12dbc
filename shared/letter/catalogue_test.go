package letter

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"
)

func readContent(t testing.TB, file string) string {
	t.Helper()
	text, err := fs.ReadFile(content, file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheCatalogueIsWhole(t *testing.T) {
	for _, f := range LintCatalogue(content) {
		t.Error(f)
	}
}

// What we read by hand means the same to a YAML parser.
func TestTheCatalogueIsYAML(t *testing.T) {
	text := readContent(t, "letters/en.yaml")
	var want map[string]any
	if err := yaml.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	got, findings := parseCatalogue("letters/en.yaml", text)
	if len(findings) > 0 || len(got.messages) != len(want) {
		t.Fatalf("got %d messages and %v, want %d", len(got.messages), findings, len(want))
	}
	for key, value := range want {
		var variants []string
		switch value := value.(type) {
		case string:
			variants = []string{value}
		case []any:
			for _, v := range value {
				variants = append(variants, v.(string))
			}
		}
		if strings.Join(got.messages[key].variants, "|") != strings.Join(variants, "|") {
			t.Errorf("%s: got %q, want %q", key, got.messages[key].variants, variants)
		}
	}
}

// Each fault is found where it stands, with what to do.
func TestLintCatalogue(t *testing.T) {
	english := readContent(t, "letters/en.yaml")
	lineOf := func(text, part string) int {
		before, _, ok := strings.Cut(text, part)
		if !ok {
			t.Fatalf("the catalogue has no %q to break", part)
		}
		return strings.Count(before, "\n") + 1
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"missing", "reminder.title: You wanted to be reminded\n", "", "reminder.title is missing: copy it from en.yaml"},
		{"missing plural form", "digest.days.one: You wrote on one day.\n", "", "digest.days.one is missing"},
		{"left over", "greeting.nobody:", "greeting.stranger: Hello you,\ngreeting.nobody:", "greeting.stranger is left over"},
		{"unknown parameter", "Hello {name},", "Hello {name} of {town},", "greeting has no parameter {town}: it takes {name}"},
		{"needed parameter", "Hello {name},", "Hello you,", "greeting needs the parameter {name}"},
		{"stray bracket", "Hello {name},", "Hello {name}},", "greeting has a { or } that belongs to no parameter"},
		{"indiscreet subject", "- A nudge, as you asked", "- Rebuilding trust today", `reminder.subject: "Rebuilding trust today" can be read on a locked screen and says "trust"`},
		{"loud subject", "- A nudge, as you asked", "- A nudge, as you asked!", "one plain line"},
		{"long subject", "- A nudge, as you asked", "- A nudge, as you asked, for whenever you have a minute or two", "phones show 50"},
		{"twice", "- A nudge, as you asked", "- You asked for this today", `reminder.subject has "You asked for this today" twice`},
		{"not a prime number of them", "  - A nudge, as you asked\n", "", "reminder.subject has 4 variants: it needs 5 or more, and a prime number of them other than 7"},
		{"months", "  - January\n", "", "months has 11 lines: it needs 12"},
		{"direction", "dir: ltr", "dir: up", "dir is ltr or rtl"},
		{"quotation marks", "quotes: “”‘’", "quotes: “”", "quotes is four characters"},
		{"invisible", "Hello {name},", "Hello {name},\u202e", "invisible control character"},
		{"key twice", "greeting.nobody: Hello,", "greeting.nobody: Hello,\ngreeting.nobody: Hi,", "greeting.nobody stands in line"},
		{"no words", "greeting.nobody: Hello,", "greeting.nobody:", "greeting.nobody: there are no words here"},
		{"a colon", "greeting.nobody: Hello,", "greeting.nobody: Hello: you", "greeting.nobody: put quotation marks around the whole"},
		{"half a quotation", "greeting.nobody: Hello,", `greeting.nobody: "Hello`, "greeting.nobody: one pair of quotation marks"},
		{"continued without the mark", "greeting.nobody: Hello,", "greeting.nobody: Hello,\n  you there,", `need ">-" after the colon`},
		{"no key", "greeting.nobody: Hello,", "greeting.nobody: Hello,\nand on", `expected "key: words"`},
		{"half a list", "  - A nudge, as you asked", "  A nudge, as you asked", `a list has "- " before each`},
		{"not UTF-8", "Hello {name},", "Hello {name},\xff", "not UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			broken := strings.Replace(english, tt.old, tt.new, 1)
			if broken == english {
				t.Fatalf("the catalogue has no %q to break", tt.old)
			}
			findings := LintCatalogue(fstest.MapFS{"letters/en.yaml": {Data: []byte(broken)}})
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
		findings := LintCatalogue(fstest.MapFS{"letters/en.yaml": {Data: []byte(english)}, "letters/tlh.yaml": {Data: []byte(english)}})
		if len(findings) != 1 || findings[0].File != "letters/tlh.yaml" || !strings.Contains(findings[0].Message, "plural forms") {
			t.Errorf("got %v", findings)
		}
	})
	t.Run("no English", func(t *testing.T) {
		if findings := LintCatalogue(fstest.MapFS{}); len(findings) != 1 || !strings.Contains(findings[0].Message, "en.yaml is missing") {
			t.Errorf("got %v", findings)
		}
	})
}

// New refuses what a letter could not do without, and says where; it need not find what only reads badly.
func TestNewRefuses(t *testing.T) {
	english := readContent(t, "letters/en.yaml")
	good := newComposer(t).cfg
	with := func(text string) fs.FS { return fstest.MapFS{"letters/en.yaml": {Data: []byte(text)}} }
	for name, content := range map[string]fs.FS{
		"a missing message": with(strings.Replace(english, "reminder.title:", "reminder.titel:", 1)),
		"a broken line":     with(english + "\nand on\n"),
		"too few months":    with(strings.Replace(english, "  - January\n", "", 1)),
		"one mark":          with(strings.Replace(english, "quotes: “”‘’", "quotes: “", 1)),
		"no catalogue":      fstest.MapFS{},
	} {
		if _, err := New(content, good); err == nil || !strings.Contains(err.Error(), "letters/en.yaml") {
			t.Errorf("%s: got %v, want an error that names the file", name, err)
		}
	}
	for name, change := range map[string]func(*Config){
		"no site":         func(c *Config) { c.Site = "" },
		"a relative site": func(c *Config) { c.Site = "mend.example" },
		"no sender":       func(c *Config) { c.From = Config{}.From },
		"reply domain":    func(c *Config) { c.ReplyDomain = "reply.mend.example\r\n" },
		"list domain":     func(c *Config) { c.ListDomain = "" },
	} {
		cfg := good
		change(&cfg)
		if _, err := New(content, cfg); err == nil {
			t.Errorf("%s: New took it", name)
		}
	}
}

// Whichever the rhythm, two letters in a row have different preheaders.
func TestLettersInARowDiffer(t *testing.T) {
	c := newComposer(t)
	for _, step := range []int{1, 2, 3, 7, 14, 21, 28, 30, 31} {
		h := headTo("zoe@example.org", "")
		last := ""
		for range 60 {
			preheader := parsePage(t, read(t, compose(t, c, h, CheckIn{Card: window}).Raw).html).preheader
			if preheader == last {
				t.Errorf("every %d days: %q follows itself", step, preheader)
			}
			last, h.At = preheader, h.At.AddDate(0, 0, step)
		}
	}
}
