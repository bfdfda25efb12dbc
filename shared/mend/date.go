package mend

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Date is a day on the calendar, in no zone. The zero Date is "no date".
// Dates compare with == and order with [Date.Before].
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the calendar day of t in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads YYYY-MM-DD (RFC 3339 full-date), years 1970 to 9999.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1970 {
		return Date{}, fmt.Errorf("%q is not a date like 2026-03-31", s)
	}
	return DateOf(t), nil
}

// String is YYYY-MM-DD, so that dates order as their strings do; "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText is [Date.String].
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is [ParseDate]; the empty text is no date.
func (d *Date) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = ParseDate(string(text))
	return err
}

// IsZero reports whether d is "no date".
func (d Date) IsZero() bool { return d == Date{} }

// Days counts days from 1 January 1970, negative before it.
func (d Date) Days() int {
	return int(d.utc().Unix() / 86400)
}

// DateFromDays undoes [Date.Days].
func DateFromDays(n int) Date { return DateOf(time.Unix(int64(n)*86400, 0).UTC()) }

// AddDays moves by n days, over months and years.
func (d Date) AddDays(n int) Date { return DateFromDays(d.Days() + n) }

// Before reports whether d is an earlier day than e. No date is before every date.
func (d Date) Before(e Date) bool {
	return cmp.Or(d.Year-e.Year, int(d.Month-e.Month), d.Day-e.Day) < 0
}

// After reports whether d is a later day than e.
func (d Date) After(e Date) bool { return e.Before(d) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Monday is the first day of d's week.
func (d Date) Monday() Date { return d.AddDays(-(int(d.Weekday()) + 6) % 7) }

// DaysInMonth is 28 to 31.
func (d Date) DaysInMonth() int {
	return time.Date(d.Year, d.Month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// FirstOfMonth is the 1st of d's month.
func (d Date) FirstOfMonth() Date { return Date{d.Year, d.Month, 1} }

// utc is midnight of the day in UTC, the frame in which calendar sums are done:
// UTC has no gaps, so a day is always 86,400 s there.
func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// TimeOfDay is a local time of day in minutes after midnight, 0 to 1439.
// Letters go out on the quarter-hour grid; see [TimeOfDay.OnGrid].
type TimeOfDay int

// ParseTimeOfDay reads HH:MM, 00:00 to 23:59.
func ParseTimeOfDay(s string) (TimeOfDay, error) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != 5 {
		return 0, fmt.Errorf("%q is not a time like 07:30", s)
	}
	return TimeOfDay(t.Hour()*60 + t.Minute()), nil
}

// String is HH:MM.
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", t/60, t%60) }

// OnGrid reports whether t is a quarter of an hour: 00, 15, 30 or 45.
func (t TimeOfDay) OnGrid() bool { return t >= 0 && t < 24*60 && t%15 == 0 }

// LatestDate is the last of some dates.
func LatestDate(dates ...Date) Date {
	return slices.MaxFunc(dates, func(a, b Date) int { return a.Days() - b.Days() })
}
