package cadence

import (
	"time"

	"example.org/mend/shared/mend"
)

// Notice is the least time between confirming and a first letter.
const Notice = 5 * time.Minute

// longestWait is the most days from one date of a rule to its next: a leap year.
const longestWait = 366

// Falls reports whether the rule falls on the local date. For a rule that [Check]
// refuses, the answer is false or that of the nearest rule that makes sense; it never
// panics.
//
// Weeks begin on Monday; every Every weeks counts from the week of Anchor, and nothing
// falls before that week.
func Falls(c mend.Cadence, d mend.Date) bool {
	if d.IsZero() {
		return false
	}
	switch c.Kind {
	case mend.Daily:
		return true
	case mend.Weekly:
		if !c.Days.Has(d.Weekday()) {
			return false
		}
		if c.Every <= 1 {
			return true
		}
		weeks := week(d) - week(c.Anchor)
		return weeks >= 0 && weeks%c.Every == 0
	case mend.Monthly:
		return d.Day == min(c.Day, d.DaysInMonth())
	case mend.ByWeekday:
		return c.Days.Has(d.Weekday()) && isNth(d, c.Nth)
	case mend.Yearly:
		return d.Month == c.Month && d.Day == min(c.Day, d.DaysInMonth())
	case mend.Once:
		return d == c.Anchor
	}
	return false
}

// IsDue reports whether a letter of a subscription comes on a local date: it is scheduled for it,
// and no digest replaces it.
func IsDue(sub mend.Subscription, date mend.Date) bool {
	return IsScheduled(sub, date) && !DigestReplaces(sub, date)
}

// IsScheduled reports whether a subscription's rule falls on a local date that is neither before
// its first nor in a hold.
func IsScheduled(sub mend.Subscription, date mend.Date) bool {
	return Falls(sub.Cadence, date) && !sub.FirstDate.After(date) && !sub.Hold.Covers(date)
}

// DigestReplaces reports whether a digest replaces the check-in of a date: it is the digest's day,
// and another check-in follows soon. Otherwise both are sent, so that someone who chose one
// check-in a month gets it.
func DigestReplaces(sub mend.Subscription, date mend.Date) bool {
	return sub.DigestDay > 0 && !sub.DigestFrom.After(date) &&
		Falls(mend.Cadence{Kind: mend.Monthly, Day: sub.DigestDay}, date) && FollowsSoon(sub.Cadence, date)
}

// DigestCame reports whether a digest has gone out in the place of a person's check-in of a date,
// whatever their settings say of digests by now.
func DigestCame(checkIn, digest *mend.Subscription, date mend.Date) bool {
	return digest.LastDate == date && FollowsSoon(checkIn.Cadence, date)
}

// FollowsSoon reports whether the rule falls on one of the next six dates.
func FollowsSoon(c mend.Cadence, date mend.Date) bool {
	for n := 1; n <= 6; n++ {
		if Falls(c, date.AddDays(n)) {
			return true
		}
	}
	return false
}

// Next is the first date, from the given one on, on which the rule falls. There is
// none after a Once is over, and for rules that [Check] refuses.
func Next(c mend.Cadence, from mend.Date) (mend.Date, bool) {
	switch {
	case c.Kind == mend.Once:
		return c.Anchor, !c.Anchor.IsZero() && !c.Anchor.Before(from)
	case c.Kind == mend.Weekly && c.Every > 1 && week(from) < week(c.Anchor):
		from = c.Anchor.Monday()
	}
	for n := range longestWait {
		if d := from.AddDays(n); Falls(c, d) {
			return d, true
		}
	}
	return mend.Date{}, false
}

// NextAt is the first occurrence strictly after the instant: its local date and when
// it is due, in UTC. There is none when [Next] finds none.
func NextAt(c mend.Cadence, after time.Time) (mend.Date, time.Time, bool) {
	zone := StoredZone(c.Zone)
	// From yesterday, for a gap may move it past midnight: by up to a day, where a
	// zone skipped one.
	d := mend.DateOf(after.In(zone)).AddDays(-1)
	for {
		next, ok := Next(c, d)
		if !ok {
			return mend.Date{}, time.Time{}, false
		}
		if at := At(zone, next, c.Time); at.After(after) {
			return next, at, true
		}
		d = next.AddDays(1)
	}
}

// FirstDate is the first local date that is due at least [Notice] after confirming; no
// date if the rule has none left.
func FirstDate(c mend.Cadence, confirmed time.Time) mend.Date {
	d, _, _ := NextAt(c, confirmed.Add(Notice-1)) // strictly after, so a nanosecond less
	return d
}

// Slower is the next slower rhythm, at the same hour; the day of today where it wants one. A
// monthly one is the slowest.
func Slower(c mend.Cadence, today mend.Date) mend.Cadence {
	next := mend.Cadence{Kind: mend.Weekly, Every: 1, Time: c.Time, Zone: c.Zone}
	days := c.Days.List()
	switch {
	case c.Kind == mend.Daily:
		next.Days = mend.OnWeekdays(today.Weekday())
	case c.Kind == mend.Weekly && c.Every == 1 && len(days) > 1:
		next.Days = mend.OnWeekdays(days[0])
	case c.Kind == mend.Weekly && c.Every == 1:
		next.Days, next.Every = c.Days, 2
		next.Anchor, _ = Next(c, today.AddDays(7))
	case c.Kind == mend.Weekly:
		next = mend.Cadence{Kind: mend.Monthly, Day: today.Day, Time: c.Time, Zone: c.Zone}
	default:
		return c
	}
	return next
}

// week numbers the weeks, Monday to Sunday, from 1970 on. Day 0, 1 January 1970, was a Thursday.
func week(d mend.Date) int { return (d.Days() + 3) / 7 }

// isNth reports whether d is the n-th day of its weekday in its month, or for -1 the last.
func isNth(d mend.Date, n int) bool {
	if n == -1 {
		return d.Day+7 > d.DaysInMonth()
	}
	return (d.Day-1)/7 == n-1
}
