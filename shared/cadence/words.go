package cadence

import (
	"fmt"
	"strings"

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
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
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
