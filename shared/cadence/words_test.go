package cadence_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
)

func TestInWordsAndRules(t *testing.T) {
	for _, test := range []struct {
		cadence      mend.Cadence
		words, rrule string
	}{
		{mend.Cadence{Kind: mend.Daily}, "every day at 07:30", "FREQ=DAILY"},
		{mend.Cadence{Kind: mend.Weekly, Every: 1, Days: mend.OnWeekdays(time.Monday, time.Thursday)},
			"Mondays and Thursdays at 07:30", "FREQ=WEEKLY;BYDAY=MO,TH"},
		{mend.Cadence{Kind: mend.Weekly, Every: 1, Days: mend.OnWeekdays(time.Sunday, time.Tuesday, time.Friday)},
			"Tuesdays, Fridays and Sundays at 07:30", "FREQ=WEEKLY;BYDAY=TU,FR,SU"},
		{mend.Cadence{Kind: mend.Weekly, Every: 1, Days: mend.OnWeekdays(time.Saturday)},
			"Saturdays at 07:30", "FREQ=WEEKLY;BYDAY=SA"},
		{mend.Cadence{Kind: mend.Weekly, Every: 1, Days: mend.WorkingDays},
			"Mondays to Fridays at 07:30", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
		{mend.Cadence{Kind: mend.Weekly, Every: 1, Days: 127},
			"every day at 07:30", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"},
		{mend.Cadence{Kind: mend.Weekly, Every: 2, Days: mend.OnWeekdays(time.Friday)},
			"every second Friday at 07:30", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;WKST=MO"},
		{mend.Cadence{Kind: mend.Weekly, Every: 2, Days: mend.OnWeekdays(time.Monday, time.Thursday)},
			"Mondays and Thursdays of every second week at 07:30", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=MO"},
		{mend.Cadence{Kind: mend.Weekly, Every: 12, Days: mend.WorkingDays},
			"Mondays to Fridays of every 12th week at 07:30", "FREQ=WEEKLY;INTERVAL=12;BYDAY=MO,TU,WE,TH,FR;WKST=MO"},
		{mend.Cadence{Kind: mend.Weekly, Every: 21, Days: mend.OnWeekdays(time.Monday)},
			"every 21st Monday at 07:30", "FREQ=WEEKLY;INTERVAL=21;BYDAY=MO;WKST=MO"},
		{mend.Cadence{Kind: mend.Monthly, Day: 1}, "the 1st of each month at 07:30", "FREQ=MONTHLY;BYMONTHDAY=1"},
		{mend.Cadence{Kind: mend.Monthly, Day: 12}, "the 12th of each month at 07:30", "FREQ=MONTHLY;BYMONTHDAY=12"},
		{mend.Cadence{Kind: mend.Monthly, Day: 23}, "the 23rd of each month at 07:30", "FREQ=MONTHLY;BYMONTHDAY=23"},
		{mend.Cadence{Kind: mend.Monthly, Day: 28}, "the 28th of each month at 07:30", "FREQ=MONTHLY;BYMONTHDAY=28"},
		{mend.Cadence{Kind: mend.Monthly, Day: 29},
			"the 29th of each month (the last day of shorter ones) at 07:30",
			"FREQ=YEARLY;BYMONTH=1,3,4,5,6,7,8,9,10,11,12;BYMONTHDAY=29 FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"},
		{mend.Cadence{Kind: mend.Monthly, Day: 31},
			"the 31st of each month (the last day of shorter ones) at 07:30", "FREQ=MONTHLY;BYMONTHDAY=-1"},
		{mend.Cadence{Kind: mend.ByWeekday, Nth: -1, Days: mend.OnWeekdays(time.Sunday)},
			"the last Sunday of the month at 07:30", "FREQ=MONTHLY;BYDAY=-1SU"},
		{mend.Cadence{Kind: mend.ByWeekday, Nth: 2, Days: mend.OnWeekdays(time.Tuesday)},
			"the second Tuesday of the month at 07:30", "FREQ=MONTHLY;BYDAY=2TU"},
		{mend.Cadence{Kind: mend.Yearly, Month: time.March, Day: 3},
			"every year on 3 March at 07:30", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=3"},
		{mend.Cadence{Kind: mend.Yearly, Month: time.April, Day: 30},
			"every year on 30 April at 07:30", "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=30"},
		{mend.Cadence{Kind: mend.Yearly, Month: time.February, Day: 29},
			"every year on 29 February (the 28th when there is none) at 07:30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"},
		{mend.Cadence{Kind: mend.Once, Anchor: date("2027-03-03")},
			"on 3 March 2027 at 07:30", "FREQ=DAILY;COUNT=1"},
	} {
		test.cadence.Time = 450
		if got := cadence.InWords(test.cadence); got != test.words {
			t.Errorf("got %q, want %q", got, test.words)
		}
		var rules []string
		for _, r := range cadence.Rules(test.cadence) {
			rules = append(rules, r.Text)
		}
		if got := strings.Join(rules, " "); got != test.rrule {
			t.Errorf("%s: got %q, want %q", test.words, got, test.rrule)
		}
	}
}

func ExampleInWords() {
	fmt.Println(cadence.InWords(mend.Cadence{Kind: mend.Monthly, Day: 31, Time: 8 * 60}))
	// Output: the 31st of each month (the last day of shorter ones) at 08:00
}

func ExampleDue() {
	berlin, _ := cadence.Zone("Europe/Berlin")
	change := time.Date(2026, time.March, 29, 1, 0, 0, 0, time.UTC) // the clocks go from 02:00 to 03:00
	for _, due := range cadence.Due(berlin, change.Add(-time.Minute), change.Add(time.Minute)) {
		fmt.Println(due.Date, due.Time, due.At.In(berlin).Format("at 15:04 MST"))
	}
	// Output:
	// 2026-03-29 02:00 at 03:00 CEST
	// 2026-03-29 03:00 at 03:00 CEST
}
