package cadence

import (
	"math/bits"
	"time"

	"example.org/mend/shared/mend"
)

// Problem is what is wrong with a cadence.
type Problem struct {
	Field    string // the field of [mend.Cadence], such as "Days"
	Sentence string // for the person who chose it
}

func (p Problem) Error() string { return p.Sentence }

// LastYear is the last year for which a letter can be asked. Tokens hold dates in two bytes.
const LastYear = 2099

// Check returns the first [Problem] of a cadence, or nil for one that is whole: of a
// known kind, with what that kind needs, on the grid and in a known zone. Fields that
// the kind does not use are not looked at.
func Check(c mend.Cadence) error {
	if p := checkRule(c); p != (Problem{}) {
		return p
	}
	if !c.Time.OnGrid() {
		return Problem{"Time", "Please choose a time on the quarter hour, such as 07:30."}
	}
	if _, err := Zone(c.Zone); err != nil {
		return Problem{"Zone", "Please choose a time zone from the list, such as Europe/London."}
	}
	return nil
}

func checkRule(c mend.Cadence) Problem {
	switch c.Kind {
	case mend.Daily:
	case mend.Weekly:
		switch {
		case c.Days == 0 || c.Days > everyDay:
			return Problem{"Days", "Please choose at least one day of the week."}
		case c.Every < 1 || c.Every > 52:
			return Problem{"Every", "Please choose a number of weeks from 1 to 52."}
		case c.Every > 1 && !inReach(c.Anchor):
			return Problem{"Anchor", "Please choose a day of the first week to count from, before the year 2100."}
		}
	case mend.Monthly:
		if c.Day < 1 || c.Day > 31 {
			return Problem{"Day", "Please choose a day of the month from 1 to 31."}
		}
	case mend.ByWeekday:
		switch {
		case c.Days > everyDay || bits.OnesCount8(uint8(c.Days)) != 1:
			return Problem{"Days", "Please choose one day of the week."}
		case c.Nth != -1 && (c.Nth < 1 || c.Nth > 4):
			return Problem{"Nth", "Please choose the first, second, third, fourth or last such day of the month."}
		}
	case mend.Yearly:
		switch {
		case c.Month < time.January || c.Month > time.December:
			return Problem{"Month", "Please choose a month."}
		case c.Day < 1 || c.Day > (mend.Date{Year: 2000, Month: c.Month, Day: 1}).DaysInMonth(): // a leap year
			return Problem{"Day", "Please choose a day that " + c.Month.String() + " has."}
		}
	case mend.Once:
		if !inReach(c.Anchor) {
			return Problem{"Anchor", "Please choose a date that the calendar has, before the year 2100."}
		}
	default:
		return Problem{"Kind", "Please choose how often letters should come."}
	}
	return Problem{}
}

const everyDay mend.Weekdays = 1<<7 - 1

// inReach reports whether the calendar has the date, from 1970 to [LastYear].
func inReach(d mend.Date) bool {
	return d.Year >= 1970 && d.Year <= LastYear && d == d.AddDays(0)
}
