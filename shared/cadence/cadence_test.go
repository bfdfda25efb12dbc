package cadence_test

import (
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/person"
	"pgregory.net/rapid"
)

// anyCadence draws a cadence that Check accepts. Years are those of the rule's anchor,
// if it has one.
func anyCadence(years *rapid.Generator[int]) *rapid.Generator[person.Cadence] {
	return rapid.Custom(func(t *rapid.T) person.Cadence {
		c := person.Cadence{
			Kind: rapid.SampledFrom([]person.CadenceKind{
				person.Daily, person.Weekly, person.Monthly, person.ByWeekday, person.Yearly, person.Once,
			}).Draw(t, "kind"),
			Time: person.TimeOfDay(15 * rapid.IntRange(0, 95).Draw(t, "quarter")),
			Zone: rapid.SampledFrom(cadence.Zones()).Draw(t, "zone"),
		}
		switch c.Kind {
		case person.Weekly:
			c.Days = person.Weekdays(rapid.IntRange(1, 127).Draw(t, "days"))
			c.Every = rapid.IntRange(1, 52).Draw(t, "every")
			if c.Every > 1 {
				c.Anchor = anyDate(years).Draw(t, "anchor")
			}
		case person.Monthly:
			c.Day = rapid.IntRange(1, 31).Draw(t, "day")
		case person.ByWeekday:
			c.Days = person.OnWeekdays(time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")))
			c.Nth = rapid.SampledFrom([]int{1, 2, 3, 4, -1}).Draw(t, "nth")
		case person.Yearly:
			c.Month = time.Month(rapid.IntRange(1, 12).Draw(t, "month"))
			c.Day = rapid.IntRange(1, person.Date{Year: 2000, Month: c.Month, Day: 1}.DaysInMonth()).Draw(t, "day")
		case person.Once:
			c.Anchor = anyDate(years).Draw(t, "anchor")
		}
		return c
	})
}

// rules are all the rules there are, but for every N weeks and once.
func rules() []person.Cadence {
	all := []person.Cadence{{Kind: person.Daily}}
	for days := 1; days < 128; days++ {
		all = append(all, person.Cadence{Kind: person.Weekly, Every: 1, Days: person.Weekdays(days)})
	}
	for day := 1; day <= 31; day++ {
		all = append(all, person.Cadence{Kind: person.Monthly, Day: day})
	}
	for weekday := range 7 {
		for _, nth := range []int{1, 2, 3, 4, -1} {
			all = append(all, person.Cadence{Kind: person.ByWeekday, Nth: nth, Days: person.OnWeekdays(time.Weekday(weekday))})
		}
	}
	for d := date("2000-01-01"); d.Year == 2000; d = d.AddDays(1) {
		all = append(all, person.Cadence{Kind: person.Yearly, Month: d.Month, Day: d.Day})
	}
	return all
}

func anyDate(years *rapid.Generator[int]) *rapid.Generator[person.Date] {
	return rapid.Custom(func(t *rapid.T) person.Date {
		first := person.Date{Year: years.Draw(t, "year"), Month: time.January, Day: 1}
		return first.AddDays(rapid.IntRange(0, 364).Draw(t, "day of year"))
	})
}

func date(text string) person.Date {
	d, err := person.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func clock(text string) person.TimeOfDay {
	t, err := person.ParseTimeOfDay(text)
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
