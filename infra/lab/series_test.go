package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew; then read them")

func TestLettersInTheDocsAreWhatTheCommandPrints(t *testing.T) {
	var got bytes.Buffer
	c := seriesCmd{Path: "betrayal", Letters: 15, Role: []string{"was-hurt", "broke-trust"}}
	if err := c.print(&got); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(got.String(), "\nSubject: "); n != 30 {
		t.Errorf("it printed %d letters, want 30", n)
	}
	sameAsDocs(t, "letters.md", "series betrayal", got.Bytes())
}

// sameAsDocs compares what a command prints with its copy in the docs, or with -update
// writes that copy.
func sameAsDocs(t *testing.T, name, command string, got []byte) {
	t.Helper()
	path := filepath.Join("../../docs", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("docs/%s is not what `go run ./infra/lab %s` prints; "+
			"look at the difference after go test ./infra/lab -update", name, command)
	}
}
