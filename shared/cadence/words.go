package cadence

import (
	"fmt"
	"strings"
	"time"

	"example.org/mend/shared/mend"
)

// InWords says the rule in English, to stand within a sentence: "Mondays and Thursdays
// at 07:30", "the last Sunday of the month at 09:15", "on 3 March 2027 at 10:00".
func InWords(c mend.Cadence) string { return dayInWords(c) + " at " + c.Time.String() }

func dayInWords(c mend.Cadence) string {
	switch c.Kind {
	case mend.Daily:
		return "every day"
	case mend.Weekly:
		return weekdaysInWords(c.Days, c.Every)
	case mend.Monthly:
		words := "the " + withSuffix(c.Day) + " of each month"
		if c.Day > 28 {
			words += " (the last day of shorter ones)"
		}
		return words
	case mend.ByWeekday:
		nth := "last"
		if c.Nth > 0 {
			nth = ordinal(c.Nth)
		}
		return "the " + nth + " " + listed(c.Days, "") + " of the month"
	case mend.Yearly:
		words := fmt.Sprintf("every year on %d %s", c.Day, c.Month)
		common := mend.Date{Year: 2001, Month: c.Month, Day: 1}
		if last := common.DaysInMonth(); c.Day > last {
			words += fmt.Sprintf(" (the %s when there is none)", withSuffix(last))
		}
		return words
	case mend.Once:
		return fmt.Sprintf("on %d %s %d", c.Anchor.Day, c.Anchor.Month, c.Anchor.Year)
	}
	return "never"
}

func weekdaysInWords(days mend.Weekdays, every int) string {
	list := days.List()
	if every > 1 && len(list) == 1 {
		return "every " + ordinal(every) + " " + list[0].String()
	}
	var words string
	switch days {
	case everyDay:
		words = "every day"
	case mend.WorkingDays:
		words = "Mondays to Fridays"
	default:
		words = listed(days, "s")
	}
	if every > 1 {
		words += " of every " + ordinal(every) + " week"
	}
	return words
}

// listed joins the names of the days: "Mondays, Tuesdays and Fridays".
func listed(days mend.Weekdays, suffix string) string {
	var names []string
	for _, d := range days.List() {
		names = append(names, d.String()+suffix)
	}
	return mend.Listed(names)
}

// ordinal is "first", "second", … and from eleven on "11th".
func ordinal(n int) string {
	words := [...]string{1: "first", "second", "third", "fourth", "fifth", "sixth", "seventh",
		"eighth", "ninth", "tenth"}
	if n >= 1 && n < len(words) {
		return words[n]
	}
	return withSuffix(n)
}

// withSuffix is "1st", "2nd", "3rd", "11th", "22nd".
func withSuffix(n int) string {
	suffix := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}

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
