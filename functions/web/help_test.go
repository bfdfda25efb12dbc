package web

import (
	"io/fs"
	"slices"
	"testing"

	"example.org/mend/content"
)

// How to report something goes with whom to report it to; what comes after the next heading does not.
func TestWhatIsSaidWithoutAContact(t *testing.T) {
	const page = "Before.\n\n## Report\n\nFirst.\n\nWrite to {{.Contact}}.\n\n- Say when.\n\nThen we read it.\n"
	for in, want := range map[string]string{
		"No such paragraph.\n":         "No such paragraph.\n",
		page:                           "Before.\n\n## Report\n\nFirst.\n\n" + noContact + "\n",
		page + "\n## After\n\nLast.\n": "Before.\n\n## Report\n\nFirst.\n\n" + noContact + "\n\n## After\n\nLast.\n",
		page + "\n## Or\n\n{{.Contact}}\n\nSoon.\n": "Before.\n\n## Report\n\nFirst.\n\n" + noContact + "\n\n## Or\n\n" + noContact + "\n",
	} {
		if got := withoutContact(in); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestUncheckedLinesAreDroppedUnparsed(t *testing.T) {
	raw, err := fs.ReadFile(content.FS, "help/lines.yaml")
	if err != nil {
		t.Fatal(err)
	}
	item := func(name, verified, more string) string {
		return "- country: \"DE\"\n  name: \"" + name + "\"\n  verified: \"" + verified + "\"" + more + "\n"
	}
	for name, test := range map[string]struct {
		file string
		want []string
	}{
		"our file, none of which is checked":    {string(raw), nil},
		"a checked one between others":          {"# lines\n\n" + item("a", "", "") + "\n" + item("b", "2026-11-01", "") + item("c", "", ""), []string{"b"}},
		"one before a line that is left out":    {item("a", "2026-11-01", "\n\n# - country: \"FR\"\n#   verified: \"\"") + item("b", "2026-11-02", ""), []string{"a", "b"}},
		"no head, and no end of the last line":  {"- {name: \"a\", verified: \"2026-11-01\"}\n- {name: \"b\"}", []string{"a", "b"}},
		"nothing but what is above the lines":   {"# lines\n", nil},
		"an empty file":                         {"", nil},
		"one that says so in words, not a date": {"\n" + item("a", "yes", ""), []string{"a"}},
	} {
		var lines []crisisLine
		if err := parseYAML(name, dropUnchecked([]byte(test.file)), &lines); err != nil {
			t.Error(err)
		}
		var got []string
		for _, l := range lines {
			got = append(got, l.Name)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
