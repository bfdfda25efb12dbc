package inbox_test

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/replies.md anew")

// writeTable holds a table of docs/replies.md to what the tests have measured, or writes it.
func writeTable(t *testing.T, name, table string) {
	t.Helper()
	const file = "../../docs/replies.md"
	begin, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->\n"
	doc, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(doc), begin)
	old, after, closed := strings.Cut(rest, end)
	switch {
	case !found || !closed:
		t.Fatalf("%s has no table %q", file, name)
	case old == table:
	case *update:
		if err := os.WriteFile(file, []byte(before+begin+table+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the table %q of %s is not what the tests measure now: run them with -update", name, file)
	}
}
