package main

import (
	"bytes"
	"context"
	"errors"
	"testing"
)

func TestExamineHasALineForEachCheck(t *testing.T) {
	var out bytes.Buffer
	wrong := examine(t.Context(), &out, []check{
		{"identity", func(context.Context) (string, error) { return "mend.example is verified", nil }},
		{"dmarc", func(context.Context) (string, error) { return "", errors.New("add the record Dmarc") }},
	})
	want := "ok   identity       mend.example is verified\nnot  dmarc          add the record Dmarc\n"
	if out.String() != want || wrong != 1 {
		t.Errorf("got %d wrong and\n%s\nwant 1 and\n%s", wrong, out.String(), want)
	}
}

// RFC 7489 section 6.6.3: records of other uses are left, and several policies are none.
func TestDMARCPolicy(t *testing.T) {
	const policy = "v=DMARC1; p=reject"
	for _, test := range []struct {
		records []string
		want    string
	}{
		{nil, ""}, {[]string{policy}, policy}, {[]string{"other", policy}, policy}, {[]string{policy, policy}, ""}, {[]string{"p=reject"}, ""},
	} {
		if got := dmarcPolicy(test.records); got != test.want {
			t.Errorf("%q: got %q, want %q", test.records, got, test.want)
		}
	}
}
