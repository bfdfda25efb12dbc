package main

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew; then read them")

func TestLettersInTheDocsAreWhatTheCommandPrints(t *testing.T) {
	const golden = "../../docs/letters.md"
	var got bytes.Buffer
	c := seriesCmd{Path: "betrayal", Letters: 15, Role: []string{"was-hurt", "broke-trust"}}
	if err := c.print(&got); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(got.String(), "\nSubject: "); n != 30 {
		t.Errorf("it printed %d letters, want 30", n)
	}
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Error("docs/letters.md is not what `go run ./infra/lab series betrayal` prints; look at the difference after go test ./infra/lab -update")
	}
}
