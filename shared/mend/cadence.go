package mend

import "time"

// Cadence is the rule of a subscription: on which local dates, at which local
// time, in which zone. Package cadence does the arithmetic and checks that a rule is whole.
type Cadence struct {
	Kind  CadenceKind
	Days  Weekdays   // Weekly: on which days; ByWeekday: the one day
	Every int        // Weekly: every so many weeks, 1 to 52, counted from Anchor
	Day   int        // Monthly and Yearly: the day of the month, 1 to 31
	Nth   int        // ByWeekday: 1 to 4, or -1 for the last of the month
	Month time.Month // Yearly
	// Weekly with Every > 1: any day of the first counted week (weeks begin on Monday); Once: the
	// date
	Anchor Date
	Time   TimeOfDay // on the quarter-hour grid
	Zone   string    // IANA id, such as Europe/Berlin
}

// CadenceKind is the shape of a cadence.
type CadenceKind string

// The kinds of cadence.
const (
	Daily     CadenceKind = "daily"
	Weekly    CadenceKind = "weekly"     // chosen weekdays, every Every weeks (weekdays and fortnightly are this)
	Monthly   CadenceKind = "monthly"    // on Day; on the last day of a month that is shorter
	ByWeekday CadenceKind = "by-weekday" // monthly on the Nth of a weekday
	Yearly    CadenceKind = "yearly"     // on Day of Month; 29 February falls on the 28th of a common year
	Once      CadenceKind = "once"       // on Anchor alone
)

// Weekdays is a set of days of the week; bit n is time.Weekday(n), Sunday being 0.
type Weekdays uint8

// WorkingDays is Monday to Friday.
const WorkingDays Weekdays = 1<<time.Monday | 1<<time.Tuesday | 1<<time.Wednesday | 1<<time.Thursday | 1<<time.Friday

// OnWeekdays is the set of the given days.
func OnWeekdays(days ...time.Weekday) Weekdays {
	var set Weekdays
	for _, d := range days {
		set |= 1 << d
	}
	return set
}

// Has reports whether the day is in the set.
func (w Weekdays) Has(d time.Weekday) bool { return w&(1<<d) != 0 }

// List is the days of the set from Monday to Sunday.
func (w Weekdays) List() []time.Weekday {
	var days []time.Weekday
	for i := range 7 {
		if d := time.Weekday((i + 1) % 7); w.Has(d) {
			days = append(days, d)
		}
	}
	return days
}
