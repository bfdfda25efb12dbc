package cadence

import (
	"cmp"
	"slices"
	"time"

	"example.org/mend/shared/mend"
)

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
