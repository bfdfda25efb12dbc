package cadence_test

import (
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"pgregory.net/rapid"
)

// anyCadence draws a cadence that Check accepts. Years are those of the rule's anchor,
// if it has one.
func anyCadence(years *rapid.Generator[int]) *rapid.Generator[mend.Cadence] {
	return rapid.Custom(func(t *rapid.T) mend.Cadence {
		c := mend.Cadence{
			Kind: rapid.SampledFrom([]mend.CadenceKind{
				mend.Daily, mend.Weekly, mend.Monthly, mend.ByWeekday, mend.Yearly, mend.Once,
			}).Draw(t, "kind"),
			Time: mend.TimeOfDay(15 * rapid.IntRange(0, 95).Draw(t, "quarter")),
			Zone: rapid.SampledFrom(cadence.Zones()).Draw(t, "zone"),
		}
		switch c.Kind {
		case mend.Weekly:
			c.Days = mend.Weekdays(rapid.IntRange(1, 127).Draw(t, "days"))
			c.Every = rapid.IntRange(1, 52).Draw(t, "every")
			if c.Every > 1 {
				c.Anchor = anyDate(years).Draw(t, "anchor")
			}
		case mend.Monthly:
			c.Day = rapid.IntRange(1, 31).Draw(t, "day")
		case mend.ByWeekday:
			c.Days = mend.OnWeekdays(time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")))
			c.Nth = rapid.SampledFrom([]int{1, 2, 3, 4, -1}).Draw(t, "nth")
		case mend.Yearly:
			c.Month = time.Month(rapid.IntRange(1, 12).Draw(t, "month"))
			c.Day = rapid.IntRange(1, mend.Date{Year: 2000, Month: c.Month, Day: 1}.DaysInMonth()).Draw(t, "day")
		case mend.Once:
			c.Anchor = anyDate(years).Draw(t, "anchor")
		}
		return c
	})
}

// rules are all the rules there are, but for every N weeks and once.
func rules() []mend.Cadence {
	all := []mend.Cadence{{Kind: mend.Daily}}
	for days := 1; days < 128; days++ {
		all = append(all, mend.Cadence{Kind: mend.Weekly, Every: 1, Days: mend.Weekdays(days)})
	}
	for day := 1; day <= 31; day++ {
		all = append(all, mend.Cadence{Kind: mend.Monthly, Day: day})
	}
	for weekday := range 7 {
		for _, nth := range []int{1, 2, 3, 4, -1} {
			all = append(all, mend.Cadence{Kind: mend.ByWeekday, Nth: nth,
				Days: mend.OnWeekdays(time.Weekday(weekday))})
		}
	}
	for d := date("2000-01-01"); d.Year == 2000; d = d.AddDays(1) {
		all = append(all, mend.Cadence{Kind: mend.Yearly, Month: d.Month, Day: d.Day})
	}
	return all
}

func anyDate(years *rapid.Generator[int]) *rapid.Generator[mend.Date] {
	return rapid.Custom(func(t *rapid.T) mend.Date {
		first := mend.Date{Year: years.Draw(t, "year"), Month: time.January, Day: 1}
		return first.AddDays(rapid.IntRange(0, 364).Draw(t, "day of year"))
	})
}

func date(text string) mend.Date {
	d, err := mend.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func clock(text string) mend.TimeOfDay {
	t, err := mend.ParseTimeOfDay(text)
	if err != nil {
		panic(err)
	}
	return t
}

func instant(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t
}

func zone(id string) *time.Location {
	z, err := cadence.Zone(id)
	if err != nil {
		panic(err)
	}
	return z
}
