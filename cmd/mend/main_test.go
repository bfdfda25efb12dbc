package main

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// said runs the command with its output in files, as a shell does.
func said(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	dir := t.TempDir()
	stdout, stderr := os.Stdout, os.Stderr
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	open := func(name string) *os.File {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	os.Stdout, os.Stderr = open("out"), open("err")
	code = execute(args)
	read := func(f *os.File) string {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	return code, read(os.Stdout), read(os.Stderr)
}

func TestTheVersionNamesTheCommit(t *testing.T) {
	recorded := []debug.BuildSetting{
		{Key: "-trimpath", Value: "true"},
		{Key: "vcs", Value: "git"},
		{Key: "vcs.revision", Value: "1a8eec8dfeb98dcb1e17f3a2ac0e1c4d6d2d1a55"},
		{Key: "vcs.time", Value: "2026-11-29T17:12:43Z"},
	}
	modified := append(slices.Clone(recorded), debug.BuildSetting{Key: "vcs.modified", Value: "true"})
	for _, c := range []struct {
		settings []debug.BuildSetting
		want     string
	}{
		{recorded, "1a8eec8dfeb9 of 29 November 2026"},
		{modified, "1a8eec8dfeb9 of 29 November 2026, changed since"},
		{recorded[:3], "1a8eec8dfeb9"},
		{recorded[:2], "of a commit that was not recorded (go build -buildvcs=true in a clone records it)"},
	} {
		if got := commitOf(c.settings); got != c.want {
			t.Errorf("built with %v: %q, want %q", c.settings, got, c.want)
		}
	}
}

func TestExitCodesAndWhereItSpeaks(t *testing.T) {
	for _, c := range []struct {
		args     []string
		code     int
		out, err string // what each holds
	}{
		{[]string{"--help"}, 0, "mend run", ""},
		{[]string{"run", "--help"}, 0, "--ready-file", ""},
		{[]string{"version"}, 0, ", time zones 202", ""},
		{[]string{"content", "list", "--path=apart", "--dir=../../content"}, 0, "apart", ""},
		{[]string{"--version"}, 0, ", time zones 202", ""},
		{[]string{"help"}, 0, "mend run", ""},
		{[]string{"help", "run"}, 0, "--ready-file", ""},
		{[]string{"help", "keys", "rotate"}, 0, "--data", ""},
		{[]string{"help", "walk"}, usage, "", "walk"},
		{[]string{"stats", "--dats", "x"}, usage, "", "mend help stats shows what there is"},
		{[]string{"content", "list", "--role", "x"}, usage, "", "mend help content list shows what there is"},
		{[]string{"redrive", "nothing"}, usage, "", ". mend help redrive shows what there is"},
		{nil, usage, "mend run", ""},
		{[]string{"walk"}, usage, "", "walk"},
		{[]string{"run", "--clock", "tomorrow"}, usage, "", "--clock"},
		{[]string{"run", "--addr", "nowhere", "--data", t.TempDir()}, failed, "", "--addr"},
		{[]string{"preview", "no.such-card"}, failed, "", "no.such-card"},
		{[]string{"preview", "digest", "--letter", "2"}, failed, "", "--letter is about a card"},
		{[]string{"plan", "--quota", "200"}, failed, "", "--quota is about a number of people"},
		{[]string{"plan"}, 0, "An idle month costs", ""},
		{[]string{"plan", "--json"}, 0, `"per_million"`, ""},
		{[]string{"plan", "1000", "--json"}, 0, `"letters_a_day"`, ""},
		{[]string{"content", "lint", "--json", "--dir=../../content"}, 0, "[]", ""},
		{[]string{"plan", "0"}, failed, "", "at least one person"},
		{[]string{"plan", "9223372036854775807"}, failed, "", "at most ten billion people"},
		{[]string{"plan", "10", "--quota", "1e-300"}, failed, "", "the quota is 0.01 to"},
		{[]string{"preview", "digets"}, failed, "", `did you mean "digest"?`},
		{[]string{"parse", filepath.Join(t.TempDir(), "none.eml")}, failed, "", "none.eml"},
	} {
		code, out, errs := said(t, c.args...)
		if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(errs, c.err) {
			t.Errorf("mend %s: got exit code %d\n%s\n%s\nwant %d, %q and %q",
				strings.Join(c.args, " "), code, out, errs, c.code, c.out, c.err)
		}
	}
}

// A typo is answered with what was meant, or where to look.
func TestATypoIsAnsweredWithWhatWasMeant(t *testing.T) {
	for typed, want := range map[string]string{
		"walk":               `unexpected argument walk. mend help shows what there is.`,
		"rn":                 `unexpected argument rn: did you mean run? mend help shows what there is.`,
		"run --dmo":          `unknown flag --dmo: did you mean --demo? mend help run shows what there is.`,
		"content lint --x":   `unknown flag --x. mend help content lint shows what there is.`,
		"content new amends": `expected "<slug>". mend help content new shows what there is.`,
		"run --clock tomorrow": `--clock: "tomorrow" is no instant, such as 2026-03-01T07:00:00Z. ` +
			`mend help run shows what there is.`,
	} {
		if _, _, errs := said(t, strings.Fields(typed)...); errs != "mend: "+want+"\n" {
			t.Errorf("mend %s: got\n%swant\nmend: %s", typed, errs, want)
		}
	}
}

// A typo is answered with a line or two, and not with all that there is.
func TestATypoIsAnsweredInASentence(t *testing.T) {
	for _, args := range [][]string{
		{"walk"}, {"stats", "--dats"}, {"keys", "turn"}, {"redrive", "nothing"}, {"run", "--clock", "soon"},
		{"run", "--clock", "9999-12-31T00:00:00Z"}, {"run", "--clock", "1969-01-01T00:00:00Z"},
		{"run", "--contact", "foo"}, {"run", "--contact", "a@b@c"}, {"run", "--data", ""}, {"doctor", "--data="}, {""},
	} {
		if code, out, errs := said(t, args...); code != usage || out != "" || strings.Count(errs, "\n") != 1 {
			t.Errorf("mend %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, errs)
		}
	}
}

func TestEachSectionOfTheHelpIsItsCommands(t *testing.T) {
	sections := strings.Split(helpFile, "\n# ")[1:]
	for _, section := range sections {
		command, text, _ := strings.Cut(section, "\n")
		_, out, _ := said(t, append(strings.Fields(command), "--help")...)
		if begins := strings.Join(strings.Fields(text)[:4], " "); !strings.Contains(out, begins) {
			t.Errorf("mend %s --help does not say %q:\n%s", command, begins, out)
		}
	}
	if len(sections) < 20 {
		t.Errorf("help.txt has %d sections", len(sections))
	}
}
