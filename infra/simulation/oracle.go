package simulation

import (
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
)

// atLocal is the instant of a local time on a date, found by looking at a clock on the wall every
// quarter of an hour. It shares nothing with package cadence, which it judges: design, section 5.
func atLocal(zone *time.Location, d mend.Date, t mend.TimeOfDay) time.Time {
	wanted := time.Date(d.Year, d.Month, d.Day, 0, int(t), 0, 0, time.UTC)
	first := wanted.Add(-26 * time.Hour) // the wall is nowhere more than 14 hours off
	var before time.Time                 // the last instant at which the wall showed less, at first sight
	for at := first; at.Before(first.Add(52 * time.Hour)); at = at.Add(15 * time.Minute) {
		wall := onTheWall(zone, at)
		switch {
		case wall.Equal(wanted):
			return at
		case wall.After(wanted): // it was skipped: the offset before the gap counts
			return wanted.Add(before.Sub(onTheWall(zone, before)))
		}
		before = at
	}
	return time.Time{}
}

func onTheWall(zone *time.Location, at time.Time) time.Time {
	y, m, d := at.In(zone).Date()
	h, min, s := at.In(zone).Clock()
	return time.Date(y, m, d, h, min, s, 0, time.UTC)
}

// instants remembers what atLocal found.
type instants map[localTime]time.Time

type localTime struct {
	zone string
	date mend.Date
	time mend.TimeOfDay
}

func (known instants) at(zone string, d mend.Date, t mend.TimeOfDay) time.Time {
	key := localTime{zone, d, t}
	if at, found := known[key]; found {
		return at
	}
	location, err := cadence.Zone(zone) // which holds the zone database and no arithmetic
	if err != nil {
		panic(err)
	}
	at := atLocal(location, d, t)
	known[key] = at
	return at
}
