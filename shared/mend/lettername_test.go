package mend

import (
	"testing"
	"time"
)

// The year is said where it is not the year that the reader is in, which is that of the letter's
// zone.
func TestAnInstantOfAnotherYearSaysSo(t *testing.T) {
	sydney := time.FixedZone("AEDT", 11*60*60)
	eve := time.Date(2026, 12, 31, 20, 0, 0, 0, time.UTC) // 1 January in Sydney
	for _, test := range []struct {
		t, now time.Time
		want   string
	}{
		{time.Date(2026, 5, 4, 7, 30, 0, 0, sydney), eve.AddDate(0, -8, 0), "Monday 4 May at 07:30"},
		{time.Date(2027, 5, 22, 7, 30, 0, 0, sydney), eve.AddDate(0, -8, 0), "Saturday 22 May 2027 at 07:30"},
		{time.Date(2027, 1, 2, 7, 30, 0, 0, sydney), eve, "Saturday 2 January at 07:30"},
		{time.Date(2027, 1, 2, 7, 30, 0, 0, time.UTC), eve, "Saturday 2 January 2027 at 07:30"},
		{time.Time{}, eve, ""},
	} {
		if got := InWords(test.t, test.now); got != test.want {
			t.Errorf("%v at %v: got %q, want %q", test.t, test.now, got, test.want)
		}
	}
}
