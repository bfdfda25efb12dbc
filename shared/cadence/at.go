package cadence

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"example.org/mend/shared/mend"
)

// widest is more than any zone was ever from UTC, or will have moved its clocks at once.
const widest = 48 * time.Hour

// At is the instant, in UTC, of a local time on a local date. A time that the zone
// skips happens at the instant given by the offset before the gap; one that it has
// twice happens the first time. For one time of day, a later date is never an earlier
// instant.
func At(zone *time.Location, d mend.Date, t mend.TimeOfDay) time.Time {
	local := time.Date(d.Year, d.Month, d.Day, 0, int(t), 0, 0, time.UTC)
	return fromLocal(zone, local)
}

// DueAt is the instant at which a rule falls due on a date.
func DueAt(c mend.Cadence, date mend.Date) time.Time {
	return At(StoredZone(c.Zone), date, c.Time)
}

// fromLocal is the instant at which a clock on the wall of the zone shows what local
// shows in UTC. It walks the zone's periods of constant offset from well before, so
// that the first match is the first of two, and no match leaves the offset before the
// gap in hand.
//
// time.Date does not do: it promises neither for gaps nor for folds.
func fromLocal(zone *time.Location, local time.Time) time.Time {
	probe := local.Add(-widest).In(zone)
	var beforeGap time.Time
	for {
		start, end := bounds(probe)
		at := local.Add(-offset(probe))
		if end.IsZero() || at.Before(end) {
			if at.Before(start) {
				//mutant:drop daylight saving: the offset before the gap
				return beforeGap
			}
			return at
		}
		beforeGap, probe = at, end
	}
}

// offset is how far the clock of t's zone is ahead of UTC at t.
func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// bounds returns the first instant of t's period of constant offset and the first one after it,
// each zero where there is none. A period may be cut at the turn of a year. The end, if there is
// one, always lies after t, so a loop that goes from end to end ends.
//
// This is the only caller of ZoneBounds. Where a rule says when the clocks change, and no longer a
// list, ZoneBounds ends every year after 365 days: the last day of a leap year lies after the end
// of its own period (golang/go#81583).
func bounds(t time.Time) (start, end time.Time) {
	start, end = t.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		end = t.Truncate(24 * time.Hour).Add(24 * time.Hour) // the midnight, in UTC, that ends the year
	}
	return start, end
}

// Change is an instant at which the clocks of a zone change.
type Change struct {
	At            time.Time     // in the zone, the first instant of the new offset
	Before, After time.Duration // how far the zone is ahead of UTC
}

// Changes yields the changes of the zone's offset after one instant and up to another, the second
// included.
func Changes(zone *time.Location, after, upTo time.Time) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for probe := after.In(zone); ; {
			_, end := bounds(probe)
			if end.IsZero() || end.After(upTo) {
				return
			}
			end = end.In(zone)
			before, now := offset(probe), offset(end)
			if before != now && !yield(Change{end, before, now}) {
				return
			}
			probe = end
		}
	}
}

// DueTime is a time of day on a local date, and the instant at which it comes due.
type DueTime struct {
	Date mend.Date
	Time mend.TimeOfDay
	At   time.Time // UTC
}

// Grid is the distance between two times of day at which letters go out.
const Grid = 15 * time.Minute

// Due lists every time of day on the grid that comes due in the zone after one instant
// and up to another, the second included, by instant and then by date and time. It is
// the inverse of [At]: times within a gap come due at the shifted instant, beside the
// ones that exist there; times of a fold only once.
func Due(zone *time.Location, after, upTo time.Time) []DueTime {
	var due []DueTime
	// At subtracts an offset that is in force at the instant or was up to a gap
	// shortly before. So under each such offset, each time on the grid that could come
	// due within the window is tried, and At has the last word; as it has one word,
	// nothing is listed twice.
	from := after.Add(-widest)
	offsets := []time.Duration{offset(from.In(zone))}
	for c := range Changes(zone, from, upTo) {
		if !slices.Contains(offsets, c.After) {
			offsets = append(offsets, c.After)
		}
	}
	for _, offset := range offsets {
		first := after.Add(offset).UTC().Truncate(Grid).Add(Grid)
		last := upTo.Add(offset).UTC()
		for local := first; !local.After(last); local = local.Add(Grid) {
			if at := fromLocal(zone, local); at.Equal(local.Add(-offset)) {
				due = append(due, DueTime{mend.DateOf(local), timeOfDay(local), at})
			}
		}
	}
	slices.SortFunc(due, func(a, b DueTime) int {
		return cmp.Or(a.At.Compare(b.At), a.Date.Days()-b.Date.Days(), int(a.Time-b.Time))
	})
	return due
}

func timeOfDay(t time.Time) mend.TimeOfDay { return mend.TimeOfDay(t.Hour()*60 + t.Minute()) }
