package main

import (
	"strings"
	"testing"
	"time"

	"example.org/mend/content"
)

func TestDoctorListsTheCrisisLinesToVerify(t *testing.T) {
	lines := []content.CrisisLine{
		{Country: "AT", Name: "New"}, {Country: "DE", Name: "Old", Verified: "2025-01-01"},
		{Country: "IE", Name: "Fresh", Verified: "2026-05-01"},
	}
	found, err := crisisLines(lines, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), nil, true)
	if err != nil {
		t.Fatal(err)
	}
	waiting, old, _ := strings.Cut(found, "more than a year ago")
	if !strings.HasPrefix(found, "2 of 3 numbers are shown") || !strings.Contains(waiting, "AT New") ||
		!strings.Contains(old, "DE Old") || strings.Contains(found, "Fresh") {
		t.Errorf("got\n%s\nwant AT to verify, DE to look at again, and nothing of IE", found)
	}
	short, err := crisisLines(lines, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
		[]string{"Europe/Dublin", "UTC"}, false)
	if err != nil || strings.Contains(short, "\n") || !strings.Contains(short, "; not verified: 1 (call each") {
		t.Errorf("without the list: %q, %v, want one line", short, err)
	}
}

// A country that somebody lives in has a number that somebody called.
func TestTheDoctorAsksForALineWherePeopleLive(t *testing.T) {
	lines := []content.CrisisLine{{Country: "AT", Name: "New"}, {Country: "IE", Name: "Fresh", Verified: "2026-05-01"}}
	for zone, missing := range map[string]string{
		"Europe/Dublin": "", "UTC": "", "Etc/GMT+3": "", "Europe/Vienna": "AT", "Europe/Oslo": "NO",
		"America/Denver": "US",
	} {
		_, err := crisisLines(lines, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), []string{zone}, false)
		if (err != nil) != (missing != "") || err != nil && !strings.Contains(err.Error(), "live in "+missing+",") {
			t.Errorf("%s: %v, want that %q has none", zone, err, missing)
		}
	}
}
