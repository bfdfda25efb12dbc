package cadence

import (
	"iter"
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
