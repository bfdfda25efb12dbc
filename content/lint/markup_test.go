package lint

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestMarkup(t *testing.T) {
	for source, want := range map[string]string{
		"One *two* three\nand [four](/x).": "<p>One <em>two</em> three\nand <a href=\"/x\">four</a>.</p>\n",
		"## It's \"here\"\n\n- one\n- *two*": "<h3>It&rsquo;s &ldquo;here&rdquo;</h3>\n<ul>\n<li>one</li>\n" +
			"<li><em>two</em></li>\n</ul>\n",
		"Write to {{.Contact}}. 2 < 3 & so on.": "<p>Write to {{.Contact}}. 2 &lt; 3 &amp; so on.</p>\n",
	} {
		if got, err := markup(source); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", source, got, err, want)
		}
	}
}

func TestMarkupRefusesWhatThePageHasNoStyleFor(t *testing.T) {
	for _, source := range []string{
		"# One", "### Three", "1. one", "> said", "    code", "a `b`", "a <b>c</b>", "<p>x</p>", "**b**", "---",
		"[no](https://elsewhere.example)", "[no](//elsewhere.example)", "[no](javascript:x)", "![no](/x)",
		"<https://elsewhere.example>",
	} {
		if got, err := markup(source); err == nil {
			t.Errorf("%q: got %q, want an error", source, got)
		}
	}
}

// How to report something goes with whom to report it to; what comes after the next
// heading does not.
func TestWhatIsSaidWithoutAContact(t *testing.T) {
	const page = "Before.\n\n## Report\n\nFirst.\n\nWrite to {{.Contact}}.\n\n- Say when.\n\nThen we read it.\n"
	for in, want := range map[string]string{
		"No such paragraph.\n":         "No such paragraph.\n",
		page:                           "Before.\n\n## Report\n\nFirst.\n\n" + unreachable + "\n",
		page + "\n## After\n\nLast.\n": "Before.\n\n## Report\n\nFirst.\n\n" + unreachable + "\n\n## After\n\nLast.\n",
		page + "\n## Or\n\n{{.Contact}}\n\nSoon.\n": "Before.\n\n## Report\n\nFirst.\n\n" + unreachable +
			"\n\n## Or\n\n" + unreachable + "\n",
	} {
		if got := withoutContact(in); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A broken file of help is an error that names it, and a finding.
func TestABrokenHelpPage(t *testing.T) {
	for name, broken := range map[string]string{
		"help/a.md": "no front matter", "help/b.md": "---\ntitle: x\n---\n",
		"help/c.md": "---\ntitle: x\nslug: y\nsulg: z\n---\n\nText.\n",
		"help/d.md": "---\ntitle: x\nslug: y\n---\n\n# Loud\n", "help/gate.yaml": "a: b",
		"help/lines.yaml": "- {country: DE, nmae: x}",
	} {
		files := clean()
		for _, empty := range []string{"help/gate.yaml", "help/lines.yaml", name} {
			files[empty] = mapFile(map[bool]string{true: broken, false: "[]"}[empty == name])
		}
		if _, err := Help(files); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s broken: got error %v, want one that names it", name, err)
		}
		leave(files, "help/*")
		if !slices.ContainsFunc(found(files), func(f Finding) bool { return f.File == name }) {
			t.Errorf("%s broken: no finding names it", name)
		}
	}
}

// Each fault of the help is found, and where it stands.
func TestEveryFaultOfTheHelpIsFound(t *testing.T) {
	files := fstest.MapFS{
		"help/a.md": mapFile("---\ntitle: x\nslug: y\nslug: z\n---\n\nText.\n"),
		"help/b.md": mapFile("no front matter"), "help/lines.yaml": mapFile("- country: DE\n  nmae: x\n"),
	}
	_, err := Help(files)
	for _, want := range []string{
		`help/a.md:4:1: mapping key "slug" already defined at [3:1]`, "help/b.md:1:1: the front matter",
		"help/gate.yaml: open help/gate.yaml: file does not exist", "help/lines.yaml:2:3: unknown field",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

func mapFile(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
