package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestTheYearInTheDocsIsWhatTheCommandPrints(t *testing.T) {
	const golden = "../../docs/a-year.md"
	var got bytes.Buffer
	c := yearCmd{Every: 20}
	if err := c.print(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(got.String(), "\n    Open your journal:"); n != 12 {
		t.Errorf("it printed %d letters that look back at a month, want 12", n)
	}
	if n := strings.Count(got.String(), ": Zoë writes back\n"); n != len(zoeDoes) {
		t.Errorf("she wrote %d times, want %d", n, len(zoeDoes))
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
		t.Error("docs/a-year.md is not what `go run ./infra/lab year` prints; look at the difference after go test ./infra/lab -update")
	}
}
