package cadence_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/person"
	"pgregory.net/rapid"
)

func TestCheckAcceptsWhatIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCadence(rapid.IntRange(1970, cadence.LastYear)).Draw(t, "cadence")
		if err := cadence.Check(c); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
	})
}

func TestCheckNamesTheFieldThatIsWrong(t *testing.T) {
	friday := person.OnWeekdays(time.Friday)
	whole := func(c person.Cadence) person.Cadence {
		c.Zone, c.Time = "Europe/Berlin", 450
		return c
	}
	for _, test := range []struct {
		cadence person.Cadence
		field   string
	}{
		{whole(person.Cadence{}), "Kind"},
		{whole(person.Cadence{Kind: "hourly"}), "Kind"},
		{whole(person.Cadence{Kind: person.Weekly, Every: 1}), "Days"},
		{whole(person.Cadence{Kind: person.Weekly, Every: 1, Days: 1 << 7}), "Days"},
		{whole(person.Cadence{Kind: person.Weekly, Days: friday}), "Every"},
		{whole(person.Cadence{Kind: person.Weekly, Days: friday, Every: 53}), "Every"},
		{whole(person.Cadence{Kind: person.Weekly, Days: friday, Every: -1}), "Every"},
		{whole(person.Cadence{Kind: person.Weekly, Days: friday, Every: 2}), "Anchor"},
		{whole(person.Cadence{Kind: person.Weekly, Days: friday, Every: 2, Anchor: person.Date{Year: 2026, Month: 2, Day: 30}}), "Anchor"},
		{whole(person.Cadence{Kind: person.Monthly}), "Day"},
		{whole(person.Cadence{Kind: person.Monthly, Day: 32}), "Day"},
		{whole(person.Cadence{Kind: person.ByWeekday, Nth: 1}), "Days"},
		{whole(person.Cadence{Kind: person.ByWeekday, Nth: 1, Days: person.WorkingDays}), "Days"},
		{whole(person.Cadence{Kind: person.ByWeekday, Nth: 1, Days: 1 << 7}), "Days"},
		{whole(person.Cadence{Kind: person.ByWeekday, Days: friday}), "Nth"},
		{whole(person.Cadence{Kind: person.ByWeekday, Days: friday, Nth: 5}), "Nth"}, // four months in twelve have a fifth
		{whole(person.Cadence{Kind: person.ByWeekday, Days: friday, Nth: -2}), "Nth"},
		{whole(person.Cadence{Kind: person.Yearly, Day: 1}), "Month"},
		{whole(person.Cadence{Kind: person.Yearly, Day: 1, Month: 13}), "Month"},
		{whole(person.Cadence{Kind: person.Yearly, Month: time.February, Day: 30}), "Day"},
		{whole(person.Cadence{Kind: person.Yearly, Month: time.April, Day: 31}), "Day"},
		{whole(person.Cadence{Kind: person.Yearly, Month: time.April}), "Day"},
		{whole(person.Cadence{Kind: person.Once}), "Anchor"},
		{whole(person.Cadence{Kind: person.Once, Anchor: date("2100-01-01")}), "Anchor"},
		{whole(person.Cadence{Kind: person.Once, Anchor: person.Date{Year: 1969, Month: 12, Day: 31}}), "Anchor"},
		{whole(person.Cadence{Kind: person.Once, Anchor: person.Date{Year: 2027, Month: 2, Day: 29}}), "Anchor"},
		{person.Cadence{Kind: person.Daily, Zone: "Europe/Berlin", Time: 451}, "Time"},
		{person.Cadence{Kind: person.Daily, Zone: "Europe/Berlin", Time: 24 * 60}, "Time"},
		{person.Cadence{Kind: person.Daily, Zone: "Europe/Berlin", Time: -15}, "Time"},
		{person.Cadence{Kind: person.Daily, Time: 450}, "Zone"},
		{person.Cadence{Kind: person.Daily, Time: 450, Zone: "Local"}, "Zone"},
	} {
		var problem cadence.Problem
		err := cadence.Check(test.cadence)
		if !errors.As(err, &problem) || problem.Field != test.field {
			t.Errorf("%+v: got %#v, want a problem with %s", test.cadence, err, test.field)
			continue
		}
		if s := problem.Sentence; !strings.HasSuffix(s, ".") || s != err.Error() {
			t.Errorf("%+v: %q is not a sentence for people", test.cadence, s)
		}
	}
}
