package cadence

import (
	"fmt"
	"strings"
	"time"

	"example.org/mend/shared/mend"
)

// Rule is a rule of a calendar: the value of an RFC 5545 RRULE property (section 3.3.10), such as
// "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;WKST=MO".
type Rule struct {
	Text      string
	only, not time.Month // the month that the rule is for, and the one that it leaves out; 0 for none
}

// Covers reports whether a date of the cadence belongs to this rule of it.
func (r Rule) Covers(d mend.Date) bool { return (r.only == 0 || d.Month == r.only) && d.Month != r.not }

// Rules lists the rules whose dates together are those of a cadence. It is one rule, but for the
// 29th and the 30th of each month: those fall on the last day of February, which is a rule of its
// own. BYSETPOS could say it in one, and the programs that people use read that in several ways
// (kewisch/ical.js#960).
//
// The time and the zone belong to DTSTART, which is to be the first date that the rule covers: the
// RFC counts intervals and COUNT from there.
func Rules(c mend.Cadence) []Rule {
	switch c.Kind {
	case mend.Daily:
		return []Rule{{Text: "FREQ=DAILY"}}
	case mend.Weekly:
		if c.Every > 1 {
			return []Rule{{Text: fmt.Sprintf("FREQ=WEEKLY;INTERVAL=%d;BYDAY=%s;WKST=MO", c.Every, byDay(c.Days))}}
		}
		return []Rule{{Text: "FREQ=WEEKLY;BYDAY=" + byDay(c.Days)}}
	case mend.Monthly:
		switch {
		case c.Day >= 31:
			return []Rule{{Text: "FREQ=MONTHLY;BYMONTHDAY=-1"}}
		case c.Day <= 28:
			return []Rule{{Text: fmt.Sprintf("FREQ=MONTHLY;BYMONTHDAY=%d", c.Day)}}
		}
		const others = "FREQ=YEARLY;BYMONTH=1,3,4,5,6,7,8,9,10,11,12;BYMONTHDAY=%d"
		return []Rule{
			{Text: fmt.Sprintf(others, c.Day), not: time.February}, {Text: lastOfFebruary, only: time.February},
		}
	case mend.ByWeekday:
		return []Rule{{Text: fmt.Sprintf("FREQ=MONTHLY;BYDAY=%d%s", c.Nth, byDay(c.Days))}}
	case mend.Yearly:
		if c.Month == time.February && c.Day == 29 {
			return []Rule{{Text: lastOfFebruary}}
		}
		return []Rule{{Text: fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYMONTHDAY=%d", c.Month, c.Day)}}
	case mend.Once:
		return []Rule{{Text: "FREQ=DAILY;COUNT=1"}}
	}
	return nil
}

const lastOfFebruary = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"

func byDay(days mend.Weekdays) string {
	var codes []string
	for _, d := range days.List() {
		codes = append(codes, [...]string{time.Sunday: "SU", "MO", "TU", "WE", "TH", "FR", "SA"}[d])
	}
	return strings.Join(codes, ",")
}
