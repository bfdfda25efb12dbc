package cadence_test

import (
	"slices"
	"testing"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"
)

func TestFalls(t *testing.T) {
	for _, test := range []struct {
		why      string
		cadence  mend.Cadence
		from, to string
		want     []string
	}{
		{"every day, over a leap day", mend.Cadence{Kind: mend.Daily}, "2028-02-27", "2028-03-01",
			[]string{"2028-02-27", "2028-02-28", "2028-02-29", "2028-03-01"}},
		{"weekdays", mend.Cadence{Kind: mend.Weekly, Days: mend.WorkingDays, Every: 1}, "2026-07-03", "2026-07-07",
			[]string{"2026-07-03", "2026-07-06", "2026-07-07"}},
		{"chosen weekdays", mend.Cadence{Kind: mend.Weekly, Days: mend.OnWeekdays(time.Sunday, time.Wednesday),
			Every: 1}, "2026-07-01", "2026-07-12",
			[]string{"2026-07-01", "2026-07-05", "2026-07-08", "2026-07-12"}},
		{"weeks begin on Monday: the Sunday ends the anchor's week", mend.Cadence{Kind: mend.Weekly, Every: 2,
			Days: mend.OnWeekdays(time.Sunday, time.Monday), Anchor: date("2026-07-01")}, "2026-06-20", "2026-07-31",
			[]string{"2026-06-29", "2026-07-05", "2026-07-13", "2026-07-19", "2026-07-27"}},
		{"counting goes on over the new year, also after 53 weeks", mend.Cadence{Kind: mend.Weekly, Every: 2,
			Days: mend.OnWeekdays(time.Friday), Anchor: date("2026-12-14")}, "2026-12-01", "2027-01-31",
			[]string{"2026-12-18", "2027-01-01", "2027-01-15", "2027-01-29"}},
		{"31st: the chosen day stands, short months end early", mend.Cadence{Kind: mend.Monthly, Day: 31},
			"2027-01-01", "2027-05-31",
			[]string{"2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"}},
		{"30th, leap year", mend.Cadence{Kind: mend.Monthly, Day: 30}, "2028-01-01", "2028-03-31",
			[]string{"2028-01-30", "2028-02-29", "2028-03-30"}},
		{"29th, common year", mend.Cadence{Kind: mend.Monthly, Day: 29}, "2027-02-01", "2027-03-31",
			[]string{"2027-02-28", "2027-03-29"}},
		{"1st", mend.Cadence{Kind: mend.Monthly, Day: 1}, "2027-01-02", "2027-03-31",
			[]string{"2027-02-01", "2027-03-01"}},
		{"the second Friday, when the month begins on one", mend.Cadence{Kind: mend.ByWeekday,
			Days: mend.OnWeekdays(time.Friday), Nth: 2}, "2026-05-01", "2026-06-30",
			[]string{"2026-05-08", "2026-06-12"}},
		{"the fourth is not always the last", mend.Cadence{Kind: mend.ByWeekday, Days: mend.OnWeekdays(time.Friday),
			Nth: 4}, "2026-05-01", "2026-05-31",
			[]string{"2026-05-22"}},
		{"the last Sunday", mend.Cadence{Kind: mend.ByWeekday, Days: mend.OnWeekdays(time.Sunday), Nth: -1},
			"2026-05-01", "2026-06-30",
			[]string{"2026-05-31", "2026-06-28"}},
		{"29 February is the 28th of a common year", mend.Cadence{Kind: mend.Yearly, Month: time.February, Day: 29},
			"2027-01-01", "2029-12-31",
			[]string{"2027-02-28", "2028-02-29", "2029-02-28"}},
		{"28 February stays the 28th of a leap year", mend.Cadence{Kind: mend.Yearly, Month: time.February, Day: 28},
			"2028-01-01", "2028-12-31",
			[]string{"2028-02-28"}},
		{"2100 is a common year", mend.Cadence{Kind: mend.Yearly, Month: time.February, Day: 29},
			"2100-01-01", "2100-12-31",
			[]string{"2100-02-28"}},
		{"once", mend.Cadence{Kind: mend.Once, Anchor: date("2027-03-03")}, "2026-01-01", "2029-12-31",
			[]string{"2027-03-03"}},
	} {
		var got []string
		for d := date(test.from); !d.After(date(test.to)); d = d.AddDays(1) {
			if cadence.Falls(test.cadence, d) {
				got = append(got, d.String())
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.why, got, test.want)
		}
	}
}

// rrule-go reads our rules and has the same dates.
func TestFallsAgreesWithRFC5545(t *testing.T) {
	for _, c := range rules() {
		checkRRULE(t, c, date("2027-01-01"), date("2030-12-31"))
	}
	rapid.Check(t, func(t *rapid.T) {
		c := anyCadence(rapid.IntRange(2019, 2029)).Draw(t, "cadence")
		from := anyDate(rapid.IntRange(2019, 2025)).Draw(t, "from")
		checkRRULE(t, c, from, from.AddDays(8*366))
	})
}

func checkRRULE(t rapid.TB, c mend.Cadence, from, to mend.Date) {
	var got []mend.Date
	for d := from; !d.After(to); d = d.AddDays(1) {
		if cadence.Falls(c, d) {
			got = append(got, d)
		}
	}
	if _, ok := cadence.Next(c, from); !ok {
		if len(got) > 0 {
			t.Fatalf("Next finds nothing from %v, Falls %v", from, got)
		}
		return
	}
	var want []mend.Date
	for _, r := range cadence.Rules(c) {
		first, ok := cadence.Next(c, from)
		for ok && !r.Covers(first) {
			first, ok = cadence.Next(c, first.AddDays(1))
		}
		if !ok {
			continue
		}
		option, err := rrule.StrToROption(r.Text)
		if err != nil {
			t.Fatalf("%s: %v", r.Text, err)
		}
		option.Dtstart = midnight(first)
		rule, err := rrule.NewRRule(*option)
		if err != nil {
			t.Fatalf("%s: %v", r.Text, err)
		}
		for _, at := range rule.Between(midnight(from), midnight(to), true) {
			want = append(want, mend.DateOf(at))
		}
	}
	slices.SortFunc(want, func(a, b mend.Date) int { return a.Days() - b.Days() })
	if !slices.Equal(got, want) {
		t.Fatalf("%v from %v:\n got %v\nwant %v", cadence.Rules(c), from, got, want)
	}
}

func midnight(d mend.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

func TestNextIsTheFirstDateThatFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCadence(rapid.IntRange(2020, 2040)).Draw(t, "cadence")
		from := anyDate(rapid.IntRange(2000, 2040)).Draw(t, "from")
		got, ok := cadence.Next(c, from)
		if !ok {
			if c.Kind != mend.Once || !c.Anchor.Before(from) {
				t.Fatalf("found nothing from %v", from)
			}
			return
		}
		if got.Before(from) || !cadence.Falls(c, got) {
			t.Fatalf("%v from %v is no date of the rule", got, from)
		}
		for d := from; d.Before(got); d = d.AddDays(1) {
			if cadence.Falls(c, d) {
				t.Fatalf("got %v from %v, but %v comes first", got, from, d)
			}
		}
	})
}

func TestNextWaitsAWholeLeapYear(t *testing.T) {
	c := mend.Cadence{Kind: mend.Yearly, Month: time.March, Day: 1}
	if got, ok := cadence.Next(c, date("2027-03-02")); !ok || got != date("2028-03-01") {
		t.Errorf("got %v %t, want 2028-03-01", got, ok)
	}
}

func TestNextFindsNothing(t *testing.T) {
	for why, c := range map[string]mend.Cadence{
		"over":               {Kind: mend.Once, Anchor: date("2026-06-30")},
		"no date":            {Kind: mend.Once},
		"no weekday":         {Kind: mend.Weekly, Every: 1},
		"no kind":            {},
		"no day of a month":  {Kind: mend.Monthly},
		"a fifth Friday":     {Kind: mend.ByWeekday, Days: mend.OnWeekdays(time.Friday), Nth: 99},
		"no such month":      {Kind: mend.Yearly, Month: 13, Day: 1},
		"negative intervals": {Kind: mend.Weekly, Every: -3},
	} {
		if d, ok := cadence.Next(c, date("2026-07-01")); ok {
			t.Errorf("%s: got %v", why, d)
		}
		if d, ok := cadence.Next(c, mend.Date{}); ok && d.IsZero() {
			t.Errorf("%s: found no date", why)
		}
	}
}

func TestNothingFallsOnNoDate(t *testing.T) {
	for _, c := range append(rules(), mend.Cadence{Kind: mend.Once}) {
		if cadence.Falls(c, mend.Date{}) {
			t.Errorf("%v falls on no date", cadence.Rules(c))
		}
	}
}

// A record that was damaged may hold any rule; it must not take a whole batch down.
func TestNoRulePanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := mend.Cadence{
			Kind: rapid.SampledFrom([]mend.CadenceKind{"", mend.Daily, mend.Weekly, mend.Monthly, mend.ByWeekday,
				mend.Yearly, mend.Once}).Draw(t, "kind"),
			Days:  mend.Weekdays(rapid.Uint8().Draw(t, "days")),
			Every: rapid.IntRange(-3, 3).Draw(t, "every"),
			Day:   rapid.IntRange(-100, 200).Draw(t, "day"),
			Nth:   rapid.IntRange(-10, 10).Draw(t, "nth"),
			Month: time.Month(rapid.IntRange(-1, 14).Draw(t, "month")),
			Anchor: mend.Date{Year: rapid.IntRange(-1, 10_000).Draw(t, "year"),
				Month: time.Month(rapid.IntRange(-1, 14).Draw(t, "anchor month"))},
			Time: mend.TimeOfDay(rapid.IntRange(-2000, 5000).Draw(t, "time")),
			Zone: rapid.SampledFrom([]string{"", "UTC", "Europe/Berlin", "nowhere"}).Draw(t, "zone"),
		}
		d := anyDate(rapid.IntRange(1970, 2099)).Draw(t, "date")
		cadence.Check(c)
		cadence.Falls(c, d)
		cadence.NextAt(c, midnight(d))
		cadence.ClassOf(c).MayFall(d)
		cadence.Rules(c)
		cadence.InWords(c)
	})
}

func TestNextAt(t *testing.T) {
	daily := func(zone, at string) mend.Cadence {
		return mend.Cadence{Kind: mend.Daily, Zone: zone, Time: clock(at)}
	}
	for _, test := range []struct {
		why            string
		cadence        mend.Cadence
		after          string
		wantDate, want string
	}{
		{"later today", daily("Europe/Berlin", "07:30"), "2026-07-01T05:29:59Z", "2026-07-01", "2026-07-01T05:30:00Z"},
		{"strictly after", daily("Europe/Berlin", "07:30"), "2026-07-01T05:30:00Z", "2026-07-02",
			"2026-07-02T05:30:00Z"},
		{"today there is tomorrow here", daily("Pacific/Auckland", "07:30"), "2026-07-01T18:00:00Z", "2026-07-02",
			"2026-07-01T19:30:00Z"},
		{"an unknown zone counts as UTC", daily("Nowhere/AtAll", "07:30"), "2026-07-01T00:00:00Z", "2026-07-01",
			"2026-07-01T07:30:00Z"},
		{"in the gap", daily("Europe/Berlin", "02:30"), "2026-03-29T01:00:00Z", "2026-03-29", "2026-03-29T01:30:00Z"},
		{"between the two of a fold, tomorrow", daily("Europe/Berlin", "02:30"), "2026-10-25T01:00:00Z", "2026-10-26",
			"2026-10-26T01:30:00Z"},
		{"midnight skipped: still that date's", daily("Africa/Cairo", "00:00"), "2026-04-23T21:59:00Z", "2026-04-24",
			"2026-04-23T22:00:00Z"},
		{"a date that never was comes before its twin", daily("Pacific/Apia", "07:30"), "2011-12-29T17:30:00Z",
			"2011-12-30", "2011-12-30T17:30:00Z"},
		{"also when that date has begun", daily("Pacific/Apia", "07:30"), "2011-12-30T12:00:00Z", "2011-12-30",
			"2011-12-30T17:30:00Z"},
		{"and both are over together", daily("Pacific/Apia", "07:30"), "2011-12-30T17:30:00Z", "2012-01-01",
			"2011-12-31T17:30:00Z"},
		{"a far anchor is reached at once", mend.Cadence{Kind: mend.Weekly, Every: 52,
			Days:   mend.OnWeekdays(time.Monday),
			Anchor: date("2050-01-03"), Zone: "UTC"}, "2026-07-01T00:00:00Z", "2050-01-03", "2050-01-03T00:00:00Z"},
	} {
		d, at, ok := cadence.NextAt(test.cadence, instant(test.after))
		if !ok || d != date(test.wantDate) || !at.Equal(instant(test.want)) {
			t.Errorf("%s: got %v %v %t, want %s %s", test.why, d, at, ok, test.wantDate, test.want)
		}
	}
}

func TestFirstDateIsFiveMinutesAway(t *testing.T) {
	c := mend.Cadence{Kind: mend.Daily, Zone: "Europe/Berlin", Time: clock("07:30")}
	for confirmed, want := range map[string]string{
		"2026-07-01T05:24:59Z":           "2026-07-01",
		"2026-07-01T05:25:00Z":           "2026-07-01",
		"2026-07-01T05:25:00.000000001Z": "2026-07-02",
		"2026-07-01T05:29:00Z":           "2026-07-02",
		"2026-07-01T22:30:00Z":           "2026-07-02", // already the 2nd in Berlin
	} {
		if got := cadence.FirstDate(c, instant(confirmed)); got != date(want) {
			t.Errorf("confirmed at %s: got %v, want %s", confirmed, got, want)
		}
	}
	over := mend.Cadence{Kind: mend.Once, Anchor: date("2026-06-30"), Zone: "UTC"}
	if got := cadence.FirstDate(over, instant("2026-07-01T00:00:00Z")); !got.IsZero() {
		t.Errorf("over: got %v, want no date", got)
	}
}

// The dispatcher asks these of every subscription that it reads.
func TestLoopsDoNotAllocate(t *testing.T) {
	berlin, d := zone("Europe/Berlin"), date("2028-02-29")
	for _, c := range oneOfEach {
		class := cadence.ClassOf(c)
		if n := testing.AllocsPerRun(100, func() {
			cadence.Falls(c, d)
			class.MayFall(d)
			cadence.At(berlin, d, c.Time)
		}); n > 0 {
			t.Errorf("%s: %v allocations", c.Kind, n)
		}
	}
}

var oneOfEach = []mend.Cadence{
	{Kind: mend.Daily},
	{Kind: mend.Weekly, Every: 2, Days: mend.WorkingDays, Anchor: date("2026-07-01")},
	{Kind: mend.Monthly, Day: 31},
	{Kind: mend.ByWeekday, Days: mend.OnWeekdays(time.Friday), Nth: -1},
	{Kind: mend.Yearly, Month: time.February, Day: 29},
	{Kind: mend.Once, Anchor: date("2028-02-29")},
}

func BenchmarkFalls(b *testing.B) {
	d := date("2028-02-29")
	for _, c := range oneOfEach {
		b.Run(string(c.Kind), func(b *testing.B) {
			for b.Loop() {
				cadence.Falls(c, d)
			}
		})
	}
}

func BenchmarkNextYearly(b *testing.B) {
	c, from := mend.Cadence{Kind: mend.Yearly, Month: time.February, Day: 29}, date("2026-03-01")
	for b.Loop() {
		cadence.Next(c, from)
	}
}
