package cadence_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"pgregory.net/rapid"
)

func TestDue(t *testing.T) {
	for _, test := range []struct {
		why, zone, after, upTo string
		want                   []string // date, time, instant
	}{
		{"the end of the window counts", "Europe/Berlin", "2026-07-01T05:29:59Z", "2026-07-01T05:30:00Z",
			[]string{"2026-07-01 07:30 05:30"}},
		{"its beginning does not", "Europe/Berlin", "2026-07-01T05:30:00Z", "2026-07-01T05:44:59.999999999Z", nil},
		{"to the nanosecond", "Europe/Berlin", "2026-07-01T05:29:59.999999999Z", "2026-07-01T05:30:00.000000001Z",
			[]string{"2026-07-01 07:30 05:30"}},
		{"no time has passed", "Europe/Berlin", "2026-07-01T05:30:00Z", "2026-07-01T05:30:00Z", nil},
		{"time ran backwards", "Europe/Berlin", "2026-07-01T06:30:00Z", "2026-07-01T05:30:00Z", nil},
		{"the skipped hour comes due beside the one after it", "Europe/Berlin", "2026-03-29T00:59:00Z",
			"2026-03-29T01:15:00Z",
			[]string{"2026-03-29 02:00 01:00", "2026-03-29 03:00 01:00", "2026-03-29 02:15 01:15",
				"2026-03-29 03:15 01:15"}},
		{"after the gap, as ever", "Europe/Berlin", "2026-03-29T01:59:00Z", "2026-03-29T02:00:00Z",
			[]string{"2026-03-29 04:00 02:00"}},
		{"the first time of a fold", "Europe/Berlin", "2026-10-25T00:29:00Z", "2026-10-25T00:30:00Z",
			[]string{"2026-10-25 02:30 00:30"}},
		{"not the second", "Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25T01:59:00Z", nil},
		{"half an hour of daylight saving", "Australia/Lord_Howe", "2026-10-03T15:29:00Z", "2026-10-03T16:00:00Z",
			[]string{"2026-10-04 02:00 15:30", "2026-10-04 02:30 15:30", "2026-10-04 02:15 15:45",
				"2026-10-04 02:45 15:45", "2026-10-04 03:00 16:00"}},
		{"an offset of :45", "Asia/Kathmandu", "2026-05-01T01:44:00Z", "2026-05-01T01:45:00Z",
			[]string{"2026-05-01 07:30 01:45"}},
		{"a date that never was comes due beside the next", "Pacific/Apia", "2011-12-30T17:29:00Z",
			"2011-12-30T17:30:00Z",
			[]string{"2011-12-30 07:30 17:30", "2011-12-31 07:30 17:30"}},
	} {
		var got []string
		for _, due := range cadence.Due(zone(test.zone), instant(test.after), instant(test.upTo)) {
			got = append(got, fmt.Sprint(due.Date, " ", due.Time, " ", due.At.Format("15:04")))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %s (%s, %s]\n got %q\nwant %q", test.why, test.zone, test.after, test.upTo, got, test.want)
		}
	}
}

// Around every change of clocks of every zone, windows that follow one another yield
// every date and time of day exactly once, in order, at the instant that At gives,
// wherever they are cut.
func TestDueIsTheInverseOfAt(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for change := range changes(t) {
		checkInverse(t, change, random)
	}
}

// The strangest changes since 1970: dates left out, offsets in seconds, a day had twice.
func TestDueIsTheInverseOfAtInHistory(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, test := range []struct {
		zone string
		year int
	}{
		{"Pacific/Apia", 2011}, {"Pacific/Fakaofo", 2011}, {"Pacific/Kwajalein", 1993}, {"Pacific/Kiritimati", 1994},
		{"Africa/Monrovia", 1972}, {"America/Juneau", 1983}, {"Asia/Pyongyang", 2018}, {"America/Caracas", 2016},
		{"Antarctica/Casey", 2023}, {"Europe/Lisbon", 1992}, {"Asia/Kathmandu", 1985},
	} {
		times := changesOf(zone(test.zone), test.year, test.year)
		if len(times) == 0 {
			t.Errorf("%s: no change of clocks in %d; the case is wrong", test.zone, test.year)
		}
		for _, at := range times {
			for range 20 {
				checkInverse(t, change{zone(test.zone), at}, random)
			}
		}
	}
}

func checkInverse(t *testing.T, change change, random *rand.Rand) {
	t.Helper()
	from, to := change.at.Add(-30*time.Hour), change.at.Add(30*time.Hour)

	// What has to come: the instants of all times of all dates that could matter.
	var want []cadence.DueTime
	last := mend.DateOf(to.In(change.zone)).AddDays(2)
	for d := mend.DateOf(from.In(change.zone)).AddDays(-2); !d.After(last); d = d.AddDays(1) {
		for quarter := range 96 {
			tod := mend.TimeOfDay(quarter * 15)
			if at := cadence.At(change.zone, d, tod); at.After(from) && !at.After(to) {
				want = append(want, cadence.DueTime{Date: d, Time: tod, At: at})
			}
		}
	}
	slices.SortStableFunc(want, func(a, b cadence.DueTime) int { return a.At.Compare(b.At) })

	// Cuts anywhere, on the quarter, on the change and just beside them.
	cuts := []time.Time{from, to, change.at, change.at.Add(-1), change.at.Add(time.Hour)}
	for range random.IntN(12) {
		cut := from.Add(time.Duration(random.Int64N(int64(to.Sub(from)))))
		cuts = append(cuts, cut, cut.Truncate(cadence.Grid))
	}
	slices.SortFunc(cuts, time.Time.Compare)
	var got []cadence.DueTime
	for i := 1; i < len(cuts); i++ {
		if cuts[i-1].Before(from) {
			continue
		}
		got = append(got, cadence.Due(change.zone, cuts[i-1], cuts[i])...)
	}
	if !slices.Equal(got, want) {
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				t.Fatalf("%v around %v, cut at %v:\nentry %d: got %v, want %v", change.zone, change.at, cuts,
					i, got[i], want[i])
			}
		}
		t.Fatalf("%v around %v, cut at %v: got %d entries, want %d", change.zone, change.at, cuts, len(got), len(want))
	}
}

// A tick finds a person's letter exactly once: what NextAt foretells is what Due yields.
func TestDueYieldsWhatNextAtForetells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCadence(rapid.IntRange(2024, 2030)).Draw(t, "cadence")
		after := time.Unix(rapid.Int64Range(1704067200, 1893456000).Draw(t, "after"),
			rapid.Int64Range(0, 1e9-1).Draw(t, "nanoseconds")).UTC()
		d, at, ok := cadence.NextAt(c, after)
		if !ok {
			return
		}
		var found []cadence.DueTime
		for _, due := range cadence.Due(zone(c.Zone), later(after, at.Add(-25*time.Hour)), at) {
			if due.Time == c.Time && cadence.Falls(c, due.Date) {
				found = append(found, due)
			}
		}
		if want := (cadence.DueTime{Date: d, Time: c.Time, At: at}); len(found) == 0 || found[0] != want {
			t.Fatalf("found %v, want %v first", found, want)
		}
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// One tick asks this of every zone in use.
func BenchmarkDue(b *testing.B) {
	z := zone("Europe/Berlin")
	for _, bench := range []struct{ name, after, upTo string }{
		{"minute", "2026-07-01T05:20:30Z", "2026-07-01T05:21:30Z"},
		{"minute with a quarter", "2026-07-01T05:29:30Z", "2026-07-01T05:30:30Z"},
		{"six hours over a gap", "2026-03-28T22:00:00Z", "2026-03-29T04:00:00Z"},
	} {
		after, upTo := instant(bench.after), instant(bench.upTo)
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				cadence.Due(z, after, upTo)
			}
		})
	}
}
