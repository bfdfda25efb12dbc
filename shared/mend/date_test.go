package mend

import (
	"encoding/json"
	"testing"
	"time"
)

func TestDatesCountInDays(t *testing.T) {
	for _, test := range []struct {
		date string
		days int
	}{{"1970-01-01", 0}, {"1970-01-02", 1}, {"2000-02-29", 11016}, {"2026-03-01", 20513}, {"9999-12-31", 2932896}} {
		d, err := ParseDate(test.date)
		if err != nil || d.Days() != test.days || DateFromDays(test.days) != d || d.String() != test.date {
			t.Errorf("%s: %d days, back %s, %v; want %d", test.date, d.Days(), DateFromDays(d.Days()), err, test.days)
		}
	}
	if got := (Date{1969, time.December, 31}).Days(); got != -1 {
		t.Errorf("the day before: %d, want -1", got)
	}
}

func TestEachDayFollowsTheOneBefore(t *testing.T) {
	d := Date{1999, time.December, 30}
	for range 3000 {
		next := d.AddDays(1)
		if next.Days() != d.Days()+1 || next.AddDays(-1) != d || !d.Before(next) || !next.After(d) || d.Before(d) ||
			next.Weekday() != (d.Weekday()+1)%7 || d.String() >= next.String() {
			t.Fatalf("after %s comes %s", d, next)
		}
		if next.Day == 1 && d.Day != d.DaysInMonth() || next.FirstOfMonth().Day != 1 {
			t.Fatalf("%s has %d days in its month", d, d.DaysInMonth())
		}
		d = next
	}
}

func TestParseDateRefuses(t *testing.T) {
	for _, s := range []string{"", "2026-3-1", "2026-02-29", "2026-13-01", "1969-12-31", "10000-01-01",
		"2026-03-01T00:00:00Z", " 2026-03-01"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("%q: got %s, want an error", s, d)
		}
	}
}

func TestADateInJSON(t *testing.T) {
	for _, d := range []Date{{2026, time.March, 1}, {}} {
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		back := Date{Year: 1}
		if err := json.Unmarshal(text, &back); err != nil || back != d {
			t.Errorf("%s reads back as %s, %v", text, back, err)
		}
	}
	var d Date
	if err := json.Unmarshal([]byte(`"tomorrow"`), &d); err == nil {
		t.Error("a date that is none: no error")
	}
	if !(Date{}).Before(Date{1970, time.January, 1}) {
		t.Error("no date is not before every date")
	}
}

func TestDateOfIsTheDayInItsOwnZone(t *testing.T) {
	instant := time.Date(2026, time.March, 1, 23, 30, 0, 0, time.UTC)
	if got, want := DateOf(instant.In(time.FixedZone("", 3600))), (Date{2026, time.March, 2}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTimeOfDay(t *testing.T) {
	for _, test := range []struct {
		text   string
		want   TimeOfDay
		onGrid bool
	}{{"00:00", 0, true}, {"07:30", 450, true}, {"07:31", 451, false}, {"23:45", 1425, true}, {"23:59", 1439, false}} {
		got, err := ParseTimeOfDay(test.text)
		if err != nil || got != test.want || got.String() != test.text || got.OnGrid() != test.onGrid {
			t.Errorf("%s: got %d %s %v, %v", test.text, got, got, got.OnGrid(), err)
		}
	}
	for _, s := range []string{"", "7:30", "24:00", "07:60", "07:30:00", "7.30am"} {
		if got, err := ParseTimeOfDay(s); err == nil {
			t.Errorf("%q: got %s, want an error", s, got)
		}
	}
	for _, off := range []TimeOfDay{-15, 24 * 60} {
		if off.OnGrid() {
			t.Errorf("%d is on the grid of a day", off)
		}
	}
}

func TestWeekdays(t *testing.T) {
	set := OnWeekdays(time.Sunday, time.Wednesday)
	if !set.Has(time.Sunday) || !set.Has(time.Wednesday) || set.Has(time.Monday) {
		t.Errorf("the set is %v", set.List())
	}
	if days := set.List(); len(days) != 2 || days[0] != time.Wednesday || days[1] != time.Sunday {
		t.Errorf("got %v, want the week to begin on Monday", days)
	}
	if got := len(WorkingDays.List()); got != 5 || WorkingDays.Has(time.Saturday) {
		t.Errorf("working days: %v", WorkingDays.List())
	}
}
