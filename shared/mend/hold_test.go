package mend

import (
	"testing"
	"time"
)

func TestAHoldCoversTheDatesBeforeItsEnd(t *testing.T) {
	first := Date{2026, time.May, 1}
	for _, test := range []struct {
		hold         Hold
		text         string
		before, from bool // does it cover the day before, and the day itself?
	}{
		{Hold{}, "", false, false},
		{PauseUntil(Date{}), "", false, false},
		{PauseUntil(first), "2026-05-01 paused", true, false},
		{Hold{first, Bouncing}, "2026-05-01 bouncing", true, false},
		{Hold{Why: ToReview}, "open review", true, true},
		{Hold{Why: PausedAlone}, "open alone", true, true},
	} {
		if got := test.hold.String(); got != test.text || ParseHold(got) != test.hold {
			t.Errorf("%+v is written %q and read %+v, want %q and the same", test.hold, got, ParseHold(got), test.text)
		}
		before, from := test.hold.Covers(first.AddDays(-1)), test.hold.Covers(first)
		if before != test.before || from != test.from {
			t.Errorf("%q covers the day before: %v, and 1 May: %v; want %v and %v",
				test.text, before, from, test.before, test.from)
		}
	}
	for _, bad := range []string{"2026-05-01", "tomorrow paused", "open", " paused"} {
		if got := ParseHold(bad); got != (Hold{}) {
			t.Errorf("%q is read as %+v, want no hold", bad, got)
		}
	}
}
