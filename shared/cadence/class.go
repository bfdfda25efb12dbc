package cadence

import (
	"fmt"
	"math/bits"
	"strconv"

	"example.org/mend/shared/mend"
)

// Class sorts cadences by the dates on which they can possibly fall, so that a monthly
// person need not be read thirty times a month. It is part of a stored key: its
// spellings never change.
//
//	d             every day
//	w2a           weekly: a set of weekdays as mend.Weekdays in hexadecimal, whatever the
//	              number of weeks
//	m31           monthly on a day
//	n2:5, n-1:0   the second Friday, the last Sunday of the month
//	y02-29        yearly
//	o2026-03-01   once
type Class string

// ClassOf is the class of a cadence that [Check] accepts; "" for an unknown kind.
func ClassOf(c mend.Cadence) Class {
	switch c.Kind {
	case mend.Daily:
		return "d"
	case mend.Weekly:
		return Class(fmt.Sprintf("w%02x", uint8(c.Days)))
	case mend.Monthly:
		return Class(fmt.Sprintf("m%02d", c.Day))
	case mend.ByWeekday:
		return Class(fmt.Sprintf("n%d:%d", c.Nth, bits.TrailingZeros8(uint8(c.Days))))
	case mend.Yearly:
		return Class(fmt.Sprintf("y%02d-%02d", c.Month, c.Day))
	case mend.Once:
		return Class("o" + c.Anchor.String())
	}
	return ""
}

// MayFall is false only if no cadence of the class falls on d. A class that this
// version does not know may fall on any date: reading too much costs pennies, reading
// too little loses letters.
func (k Class) MayFall(d mend.Date) bool {
	weekday := '0' + byte(d.Weekday())
	switch {
	case len(k) == 3 && k[0] == 'w':
		days, err := strconv.ParseUint(string(k[1:]), 16, 8)
		return err != nil || mend.Weekdays(days).Has(d.Weekday())
	case len(k) == 3 && k[0] == 'm':
		return d.Day == min(two(k[1:]), d.DaysInMonth())
	case len(k) == 4 && k[0] == 'n' && k[2] == ':':
		return k[3] == weekday && isNth(d, int(k[1]-'0'))
	case len(k) == 5 && k[:3] == "n-1" && k[3] == ':':
		return k[4] == weekday && isNth(d, -1)
	case len(k) == 6 && k[0] == 'y':
		return int(d.Month) == two(k[1:]) && d.Day == min(two(k[4:]), d.DaysInMonth())
	case len(k) == 11 && k[0] == 'o':
		return d.Year == two(k[1:])*100+two(k[3:]) && int(d.Month) == two(k[6:]) && d.Day == two(k[9:])
	}
	return true
}

// two reads the first two bytes as a number.
func two(k Class) int { return int(k[0]-'0')*10 + int(k[1]-'0') }
