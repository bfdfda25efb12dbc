package main

import (
	"strings"
	"testing"
)

func TestBenchParsePrintsTheSpread(t *testing.T) {
	var out strings.Builder
	in := `{"id":"a","kind":"eml","input":"Subject: x\r\n\r\nYes."}`
	if err := (&benchParseCmd{N: 3}).measure(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "messages 1, readings 3, µs each: p50 ") {
		t.Errorf("got %q", got)
	}
	for _, in := range []string{"", "{", "[]"} {
		if err := (&benchParseCmd{N: 3}).measure(strings.NewReader(in), &out); err == nil {
			t.Errorf("%q: got no error", in)
		}
	}
}
