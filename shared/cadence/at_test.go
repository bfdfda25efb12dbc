package cadence_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
)

func TestAt(t *testing.T) {
	for _, test := range []struct{ why, zone, date, time, want string }{
		{"an ordinary summer day", "Europe/Berlin", "2026-07-01", "07:30", "2026-07-01T05:30:00Z"},
		{"an ordinary winter day", "Europe/Berlin", "2026-12-01", "07:30", "2026-12-01T06:30:00Z"},

		// RFC 5545 section 3.3.5, its own examples.
		{"RFC 5545: skipped, read with the offset before the gap", "America/New_York", "2007-03-11", "02:30",
			"2007-03-11T07:30:00Z"},
		{"RFC 5545: twice, the first", "America/New_York", "2007-11-04", "01:30", "2007-11-04T05:30:00Z"},

		{"the last minute before a gap", "Europe/Berlin", "2026-03-29", "01:45", "2026-03-29T00:45:00Z"},
		{"the first minute of a gap", "Europe/Berlin", "2026-03-29", "02:00", "2026-03-29T01:00:00Z"},
		{"02:30 is read at 03:30", "Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30:00Z"},
		{"the first minute after a gap", "Europe/Berlin", "2026-03-29", "03:00", "2026-03-29T01:00:00Z"},
		{"the first minute of a fold", "Europe/Berlin", "2026-10-25", "02:00", "2026-10-25T00:00:00Z"},
		{"the last minute of a fold", "Europe/Berlin", "2026-10-25", "02:45", "2026-10-25T00:45:00Z"},
		{"the first minute after a fold", "Europe/Berlin", "2026-10-25", "03:00", "2026-10-25T02:00:00Z"},

		{"half an hour of daylight saving, gap", "Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45:00Z"},
		{"half an hour of daylight saving, fold", "Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45:00Z"},
		{"an offset of :45", "Asia/Kathmandu", "2026-05-01", "07:30", "2026-05-01T01:45:00Z"},
		{"an offset of :45 with a gap at 02:45", "Pacific/Chatham", "2026-09-27", "03:00", "2026-09-26T14:15:00Z"},
		{"winter is the time that is set aside (negative daylight saving)", "Europe/Dublin", "2026-10-25", "01:30",
			"2026-10-25T00:30:00Z"},
		{"midnight does not exist", "Africa/Cairo", "2026-04-24", "00:00", "2026-04-23T22:00:00Z"},
		{"midnight happens twice", "America/Havana", "2026-11-01", "00:30", "2026-11-01T04:30:00Z"},
		{"a gap of two hours", "Antarctica/Troll", "2026-03-29", "02:30", "2026-03-29T02:30:00Z"},

		// Samoa went from -10 to +14 and had no 30 December; the atoll had no 21 August.
		{"the day before a date that never was", "Pacific/Apia", "2011-12-29", "07:30", "2011-12-29T17:30:00Z"},
		{"a date that never was", "Pacific/Apia", "2011-12-30", "07:30", "2011-12-30T17:30:00Z"},
		{"the day after it, at the same instant", "Pacific/Apia", "2011-12-31", "07:30", "2011-12-30T17:30:00Z"},
		{"a date that never was", "Pacific/Kwajalein", "1993-08-21", "12:00", "1993-08-22T00:00:00Z"},
		{"the day after it, at the same instant", "Pacific/Kwajalein", "1993-08-22", "12:00", "1993-08-22T00:00:00Z"},

		{"an offset in seconds", "Africa/Monrovia", "1971-06-01", "12:00", "1971-06-01T12:44:30Z"},
		{"a gap of 44 minutes and 30 seconds", "Africa/Monrovia", "1972-01-07", "00:30", "1972-01-07T01:14:30Z"},
		{"no zone at all", "UTC", "2026-03-29", "02:30", "2026-03-29T02:30:00Z"},
	} {
		got := cadence.At(zone(test.zone), date(test.date), clock(test.time))
		if want := instant(test.want); !got.Equal(want) {
			t.Errorf("%s: %s %s %s = %v, want %v", test.why, test.zone, test.date, test.time, got, want)
		}
		if got.Location() != time.UTC {
			t.Errorf("%s: in %v, want UTC", test.why, got.Location())
		}
	}
}

// Around every change of clocks of every zone, At agrees with a watcher who looks at
// the clock on the wall every quarter of an hour and notes when it shows what for the
// first time.
func TestAtAgreesWithAClockOnTheWall(t *testing.T) {
	const around = 26 * time.Hour
	for change := range changes(t) {
		from, to := change.at.Add(-2*around), change.at.Add(2*around)
		shown := map[time.Time]time.Time{} // what the clock showed, as UTC → when
		var before time.Duration
		for now := from; now.Before(to); now = now.Add(cadence.Grid) {
			if now.Before(change.at) {
				before = offset(now.In(change.zone))
			}
			face := now.Add(offset(now.In(change.zone)))
			if _, seen := shown[face]; !seen {
				shown[face] = now
			}
		}
		last := change.at.Add(around + before)
		for face := change.at.Add(-around + before); face.Before(last); face = face.Add(cadence.Grid) {
			want, exists := shown[face]
			if !exists {
				want = face.Add(-before)
			}
			got := cadence.At(change.zone, mend.DateOf(face), mend.TimeOfDay(face.Hour()*60+face.Minute()))
			if !got.Equal(want) {
				t.Fatalf("%v around %v: %v is at %v, want %v (on the clock: %t)",
					change.zone, change.at, face.Format("2006-01-02 15:04"), got, want, exists)
			}
		}
	}
}

type change struct {
	zone *time.Location
	at   time.Time
}

// changes are the changes of offset from 2020 to 2035 in all zones (with -short, from 2025 to
// 2028), and the last days of the leap years; of zones that have the same ones, in one.
//
// It looks at our database, at the one that comes with Go, and at zones that
// have nothing but the rule that ends an entry of the latter: how much of the future a
// database lists and where the rule takes over is up to who compiled it.
func changes(t *testing.T) func(yield func(change) bool) {
	first, last := 2020, 2035
	if testing.Short() {
		first, last = 2025, 2028
	}
	return func(yield func(change) bool) {
		listed, ruled := map[string]bool{}, map[string]bool{}
		for _, source := range []struct {
			zones []*time.Location
			seen  map[string]bool
		}{{ourZones(), listed}, {goZones(t), listed}, {ruledZones(t), ruled}} {
			for _, z := range source.zones {
				times := changesOf(z, first, last)
				key := fmt.Sprint(times, offset(instant("2020-01-01T00:00:00Z").In(z)))
				if source.seen[key] {
					continue
				}
				source.seen[key] = true
				for year := (first + 3) / 4 * 4; year <= last; year += 4 {
					times = append(times, time.Date(year, time.December, 31, 12, 0, 0, 0, time.UTC))
				}
				for _, at := range times {
					if !yield(change{z, at}) {
						return
					}
				}
			}
		}
		if len(listed) < 50 || len(ruled) < 50 {
			t.Errorf("only %d and %d kinds of zone: the test did not look at the database", len(listed), len(ruled))
		}
	}
}

func ourZones() []*time.Location {
	var zones []*time.Location
	for _, id := range cadence.Zones() {
		zones = append(zones, zone(id))
	}
	return zones
}

func goZones(t *testing.T) []*time.Location {
	var zones []*time.Location
	data := goDatabase(t)
	for _, id := range slices.Sorted(maps.Keys(data)) {
		zones = append(zones, fromTZif(t, id, data[id]))
	}
	return zones
}

func ruledZones(t *testing.T) []*time.Location {
	var zones []*time.Location
	data := goDatabase(t)
	for _, id := range slices.Sorted(maps.Keys(data)) {
		entry := bytes.TrimSuffix(data[id], []byte("\n"))
		rule := entry[bytes.LastIndexByte(entry, '\n')+1:]
		zones = append(zones, fromTZif(t, id+" (rule)", tzif(rule)))
	}
	return zones
}

func fromTZif(t *testing.T, id string, data []byte) *time.Location {
	t.Helper()
	z, err := time.LoadLocationFromTZData(id, data)
	if err != nil {
		t.Fatal(id, err)
	}
	return z
}

// tzif is a zone of one rule in the format of RFC 8536: two headers with a block of
// one type, no transitions, and the rule as the footer.
func tzif(rule []byte) []byte {
	block := "TZif2" + strings.Repeat("\x00", 15) + // section 3.1: magic, version, reserved
		strings.Repeat("\x00", 16) + "\x00\x00\x00\x01" + "\x00\x00\x00\x04" + // counts: one type, four characters
		"\x00\x00\x00\x00" + "\x00" + "\x00" + "LMT\x00" // section 3.2: UTC, no daylight saving, its name
	return []byte(block + block + "\n" + string(rule) + "\n")
}

// changesOf finds the changes by looking at the offset day by day and halving the days
// on which it changed. It does without ZoneBounds, on which the code rests.
func changesOf(z *time.Location, first, last int) []time.Time {
	var times []time.Time
	a := time.Date(first, time.January, 1, 0, 0, 0, 0, time.UTC)
	for ; a.Year() <= last; a = a.AddDate(0, 0, 1) {
		old, early, late := offset(a.In(z)), a, a.AddDate(0, 0, 1)
		if offset(late.In(z)) == old {
			continue
		}
		for late.Sub(early) > time.Second {
			middle := early.Add(late.Sub(early) / 2).Truncate(time.Second)
			if offset(middle.In(z)) == old {
				early = middle
			} else {
				late = middle
			}
		}
		times = append(times, late)
	}
	return times
}

// Changes lists what a look at each day finds, and ends, whatever database a zone comes from. Once
// it went round for ever at the last day of a leap year (golang/go#81583).
func TestChangesAreThoseOfTheDays(t *testing.T) {
	from, to := time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2100, time.January, 1, 0, 0, 0, 0, time.UTC)
	for _, zones := range [][]*time.Location{ourZones(), goZones(t), ruledZones(t)} {
		seen := map[string]bool{}
		for _, z := range zones {
			var got []time.Time
			for c := range cadence.Changes(z, from, to) {
				if len(got) > 0 && !c.At.After(got[len(got)-1]) {
					t.Fatalf("%v: the changes do not advance: %v after %v", z, c.At, got[len(got)-1])
				}
				if c.Before == c.After || offset(c.At) != c.After || offset(c.At.Add(-time.Second)) != c.Before {
					t.Errorf("%v: %+v is no change", z, c)
				}
				got = append(got, c.At.UTC())
			}
			key := fmt.Sprint(got)
			if seen[key] {
				continue
			}
			seen[key] = true
			if want := changesOf(z, 2025, 2099); !slices.EqualFunc(got, want, time.Time.Equal) {
				t.Errorf("%v: %d changes, want %d", z, len(got), len(want))
			}
		}
	}
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

func BenchmarkAt(b *testing.B) {
	z := zone("Europe/Berlin")
	for name, d := range map[string]mend.Date{"ordinary": date("2026-07-01"), "gap": date("2026-03-29")} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				cadence.At(z, d, 150)
			}
		})
	}
}
