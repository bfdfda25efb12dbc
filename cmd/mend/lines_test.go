package main

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestDoctorListsTheCrisisLinesToVerify(t *testing.T) {
	content := fstest.MapFS{"help/lines.yaml": {Data: []byte(`
- {country: AT, name: New, verified: ""}
- {country: DE, name: Old, verified: 2025-01-01}
- {country: IE, name: Fresh, verified: 2026-05-01}
`)}}
	found, err := crisisLines(content, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), true)
	if err != nil {
		t.Fatal(err)
	}
	waiting, old, _ := strings.Cut(found, "more than a year ago")
	if !strings.HasPrefix(found, "2 shown, of 3") || !strings.Contains(waiting, "AT New") || !strings.Contains(old, "DE Old") || strings.Contains(found, "Fresh") {
		t.Errorf("got\n%s\nwant AT to verify, DE to look at again, and nothing of IE", found)
	}
	short, err := crisisLines(content, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), false)
	if err != nil || strings.Contains(short, "\n") || !strings.Contains(short, "; 1: call each") {
		t.Errorf("without the list: %q, %v, want one line", short, err)
	}
}
