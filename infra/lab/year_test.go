package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheYearInTheDocsIsWhatTheCommandPrints(t *testing.T) {
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
	sameAsDocs(t, "a-year.md", "year", got.Bytes())
}
