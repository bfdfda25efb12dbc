package cadence

import (
	"fmt"
	"strings"
	"time"

	"example.org/mend/shared/mend"
)

// RRULE is the rule as the value of an RFC 5545 RRULE property (section 3.3.10), such
// as "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;WKST=MO".
//
// The time and the zone belong to DTSTART, which is to be the first occurrence (see
// [NextAt]) in local time with a TZID: the RFC counts intervals and COUNT from there.
// Days that a month may lack are written as the last of the days that it has:
// BYMONTHDAY=28,29,30;BYSETPOS=-1 is the 30th.
func RRULE(c mend.Cadence) string {
	switch c.Kind {
	case mend.Daily:
		return "FREQ=DAILY"
	case mend.Weekly:
		if c.Every > 1 {
			return fmt.Sprintf("FREQ=WEEKLY;INTERVAL=%d;BYDAY=%s;WKST=MO", c.Every, byDay(c.Days))
		}
		return "FREQ=WEEKLY;BYDAY=" + byDay(c.Days)
	case mend.Monthly:
		return "FREQ=MONTHLY;" + byMonthDay(c.Day, 28)
	case mend.ByWeekday:
		return fmt.Sprintf("FREQ=MONTHLY;BYDAY=%d%s", c.Nth, byDay(c.Days))
	case mend.Yearly:
		return fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;%s", c.Month, byMonthDay(c.Day, shortest(c.Month)))
	case mend.Once:
		return "FREQ=DAILY;COUNT=1"
	}
	return ""
}

func byDay(days mend.Weekdays) string {
	var codes []string
	for _, d := range days.List() {
		codes = append(codes, [...]string{time.Sunday: "SU", "MO", "TU", "WE", "TH", "FR", "SA"}[d])
	}
	return strings.Join(codes, ",")
}

// byMonthDay is the day or, in the months that lack it, the last one. The shortest
// month that the rule meets says which days there are to take the last of.
func byMonthDay(day, shortest int) string {
	if day <= shortest {
		return fmt.Sprintf("BYMONTHDAY=%d", day)
	}
	days := fmt.Sprint(shortest)
	for d := shortest + 1; d <= day; d++ {
		days += fmt.Sprintf(",%d", d)
	}
	return "BYMONTHDAY=" + days + ";BYSETPOS=-1"
}

// shortest is the number of days of the month in a common year.
func shortest(m time.Month) int { return mend.Date{Year: 2001, Month: m, Day: 1}.DaysInMonth() }
