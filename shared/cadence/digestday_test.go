package cadence

import (
	"testing"
	"time"

	"example.org/mend/shared/mend"
)

// Design, section 6: whatever someone chose, a check-in comes at least every five weeks, unless
// they chose fewer. A digest never makes the time between two of them longer than that, on
// whichever day of the month it comes.
func TestACheckInComesAtLeastEveryFiveWeeks(t *testing.T) {
	const fiveWeeks = 35
	first := mend.Date{Year: 2027, Month: time.January, Day: 1}
	const days = 3 * 365
	for _, c := range everyCadence(first) {
		chosen := longestBetween(first, days, func(d mend.Date) bool { return Falls(c, d) })
		chosen = max(chosen, 7*c.Every) // of several days in one week out of some, the digest may replace the first
		for digestDay := 1; digestDay <= 31; digestDay++ {
			m := mend.Subscription{Number: mend.CheckInNumber, Cadence: c, DigestDay: digestDay}
			digest := mend.Cadence{Kind: mend.Monthly, Day: digestDay}
			got := longestBetween(first, days, func(d mend.Date) bool { return IsDue(m, d) })
			if got > max(fiveWeeks, chosen) {
				t.Errorf("%+v with a digest on day %d: %d days without a check-in; they chose %d",
					c, digestDay, got, chosen)
			}
			for n := range days {
				if d := first.AddDays(n); Falls(c, d) && !IsDue(m, d) && !Falls(digest, d) {
					t.Fatalf("%+v with a digest on day %d: no check-in on %s, which is not its day", c, digestDay, d)
				}
			}
		}
	}
}

// longestBetween is the most days from one due date to the next.
func longestBetween(first mend.Date, days int, due func(mend.Date) bool) int {
	longest, last := 0, -1
	for n := range days {
		if due(first.AddDays(n)) {
			longest, last = max(longest, n-last), n
		}
	}
	return max(longest, days-1-last)
}

func everyCadence(anchor mend.Date) []mend.Cadence {
	all := []mend.Cadence{{Kind: mend.Daily}}
	for days := mend.Weekdays(1); days < 128; days++ {
		for _, every := range []int{1, 2, 3, 5, 6, 52} {
			if every == 1 || len(days.List()) <= 2 {
				all = append(all, mend.Cadence{Kind: mend.Weekly, Days: days, Every: every, Anchor: anchor})
			}
		}
	}
	for day := 1; day <= 31; day++ {
		all = append(all, mend.Cadence{Kind: mend.Monthly, Day: day})
	}
	for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
		for _, nth := range []int{1, 2, 3, 4, -1} {
			all = append(all, mend.Cadence{Kind: mend.ByWeekday, Nth: nth, Days: mend.OnWeekdays(weekday)})
		}
	}
	return all
}
