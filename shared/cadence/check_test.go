package cadence_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
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
	friday := mend.OnWeekdays(time.Friday)
	whole := func(c mend.Cadence) mend.Cadence {
		c.Zone, c.Time = "Europe/Berlin", 450
		return c
	}
	for _, test := range []struct {
		cadence mend.Cadence
		field   string
	}{
		{whole(mend.Cadence{}), "Kind"},
		{whole(mend.Cadence{Kind: "hourly"}), "Kind"},
		{whole(mend.Cadence{Kind: mend.Weekly, Every: 1}), "Days"},
		{whole(mend.Cadence{Kind: mend.Weekly, Every: 1, Days: 1 << 7}), "Days"},
		{whole(mend.Cadence{Kind: mend.Weekly, Days: friday}), "Every"},
		{whole(mend.Cadence{Kind: mend.Weekly, Days: friday, Every: 53}), "Every"},
		{whole(mend.Cadence{Kind: mend.Weekly, Days: friday, Every: -1}), "Every"},
		{whole(mend.Cadence{Kind: mend.Weekly, Days: friday, Every: 2}), "Anchor"},
		{whole(mend.Cadence{Kind: mend.Weekly, Days: friday, Every: 2,
			Anchor: mend.Date{Year: 2026, Month: 2, Day: 30}}), "Anchor"},
		{whole(mend.Cadence{Kind: mend.Monthly}), "Day"},
		{whole(mend.Cadence{Kind: mend.Monthly, Day: 32}), "Day"},
		{whole(mend.Cadence{Kind: mend.ByWeekday, Nth: 1}), "Days"},
		{whole(mend.Cadence{Kind: mend.ByWeekday, Nth: 1, Days: mend.WorkingDays}), "Days"},
		{whole(mend.Cadence{Kind: mend.ByWeekday, Nth: 1, Days: 1 << 7}), "Days"},
		{whole(mend.Cadence{Kind: mend.ByWeekday, Days: friday}), "Nth"},
		{whole(mend.Cadence{Kind: mend.ByWeekday, Days: friday, Nth: 5}), "Nth"}, // four months in twelve have a fifth
		{whole(mend.Cadence{Kind: mend.ByWeekday, Days: friday, Nth: -2}), "Nth"},
		{whole(mend.Cadence{Kind: mend.Yearly, Day: 1}), "Month"},
		{whole(mend.Cadence{Kind: mend.Yearly, Day: 1, Month: 13}), "Month"},
		{whole(mend.Cadence{Kind: mend.Yearly, Month: time.February, Day: 30}), "Day"},
		{whole(mend.Cadence{Kind: mend.Yearly, Month: time.April, Day: 31}), "Day"},
		{whole(mend.Cadence{Kind: mend.Yearly, Month: time.April}), "Day"},
		{whole(mend.Cadence{Kind: mend.Once}), "Anchor"},
		{whole(mend.Cadence{Kind: mend.Once, Anchor: date("2100-01-01")}), "Anchor"},
		{whole(mend.Cadence{Kind: mend.Once, Anchor: mend.Date{Year: 1969, Month: 12, Day: 31}}), "Anchor"},
		{whole(mend.Cadence{Kind: mend.Once, Anchor: mend.Date{Year: 2027, Month: 2, Day: 29}}), "Anchor"},
		{mend.Cadence{Kind: mend.Daily, Zone: "Europe/Berlin", Time: 451}, "Time"},
		{mend.Cadence{Kind: mend.Daily, Zone: "Europe/Berlin", Time: 24 * 60}, "Time"},
		{mend.Cadence{Kind: mend.Daily, Zone: "Europe/Berlin", Time: -15}, "Time"},
		{mend.Cadence{Kind: mend.Daily, Time: 450}, "Zone"},
		{mend.Cadence{Kind: mend.Daily, Time: 450, Zone: "Local"}, "Zone"},
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
