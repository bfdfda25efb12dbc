package mutants

import (
	"go/format"
	"strings"
	"testing"
)

// The mutants of the code are found, and each leaves a file that parses.
func TestTheCodesMutants(t *testing.T) {
	t.Chdir("../..")
	mutants, err := find(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(mutants) < 45 {
		t.Errorf("got %d mutants, want at least 45: where have the conditions gone?", len(mutants))
	}
	for _, m := range mutants {
		text, err := m.changed()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := format.Source([]byte(text)); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}

const example = `package store

func claim(a, b bool) Write {
	//mutant:worlds nonce race 0.1
	//mutant:kept kind a remark in the code
	w := Write{If: Condition{{"nonce", Equal, 1}, {"rev", Equal, 2}, {"kind", Exists, nil}}}
	//mutant:never stopped
	if a && b {
		return w
	}
	switch {
	//mutant:never[2] late | slow 0.2
	case a || b:
		return w
	}
	send() //mutant:drop sent | mail 0.1 60
	//mutant:always[1] again
	if a && b {
		return w
	}
	return w
}
`

func TestFindIn(t *testing.T) {
	mutants, err := findIn("shared/store/claim.go", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	want := []struct{ name, was, text, worlds string }{
		{"store.claim: nonce", `{"nonce", Equal, 1}`, `{"mutant", Missing, nil}`, "race 0.1"},
		{"store.claim: rev", `{"rev", Equal, 2}`, `{"mutant", Missing, nil}`, ""},
		{"stopped", "a && b", "(false && (a && b))", ""},
		{"late", "b", "(false && (b))", "slow 0.2"},
		{"sent", "send()", "if false {\nsend()\n}", "mail 0.1 60"},
		{"again", "a", "(true || (a))", ""},
	}
	if len(mutants) != len(want) {
		t.Fatalf("got %d mutants, want %d: %+v", len(mutants), len(want), mutants)
	}
	for i, w := range want {
		m := mutants[i]
		was := example[m.start:m.end]
		if m.name != w.name || was != w.was || m.text != w.text || strings.Join(m.worlds, " ") != w.worlds {
			t.Errorf("got %q: %q becomes %q in worlds %q, want %+v", m.name, was, m.text, m.worlds, w)
		}
	}
}

func TestADirectiveThatMarksNothing(t *testing.T) {
	for _, line := range []string{
		"//mutant:never nothing to decide", "//mutant:kept rev no condition is near", "//mutant:never[3] third",
		"//mutant:remove x",
	} {
		source := "package store\n\nfunc f() {\n\t" + line + "\n\tg()\n}\n"
		if _, err := findIn("shared/store/f.go", []byte(source)); err == nil {
			t.Errorf("%s: got no error", line)
		}
	}
}
