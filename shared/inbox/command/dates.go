package command

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"example.org/mend/shared/inbox/language"
	"example.org/mend/shared/mend"
)

// found says what became of words that may be a date.
type found int

const (
	noDate      found = iota // these words are no date
	clearDate                // one day and no other
	unclearDate              // a date that may be one of several days
)

const (
	maxDateWords  = 12 // a date has no more words
	maxDateTokens = 7  // of which so many change the day
)

// readDate reads words as one date, all of them. Where people disagree on what is meant it says
// unclear and leaves the guess to nobody: "next Friday" (this week's or the one after), "Friday"
// said on a Friday, 3/4 (a day in April or in March), "next week".
//
// A date without a year is the next such day, today included.
func readDate(said []word, today mend.Date) (mend.Date, found) {
	tokens := dateTokens(said)
	if len(tokens) == 0 || len(tokens) > maxDateTokens {
		return mend.Date{}, noDate
	}
	phrase := strings.Join(tokens, " ")
	if days, ok := daysAhead(phrase); ok {
		return today.AddDays(days), clearDate
	}
	if day, ok := feasts[phrase]; ok {
		tokens = strings.Fields(day)
	}
	if language.Vague.Has(phrase) {
		return mend.Date{}, unclearDate
	}
	if date, ok := endOf(phrase, today); ok {
		return date, clearDate
	}
	if date, ok := inSpan(tokens, today); ok {
		return date, clearDate
	}
	return dayOf(tokens, today)
}

// ReadDate reads a date as people type it into a field: "2026-03-31", "31 March", "31.3.2026",
// "tomorrow". It is false where the words are no date, or may be one of several days.
func ReadDate(typed string, today mend.Date) (mend.Date, bool) {
	if len(typed) > maxLine {
		return mend.Date{}, false
	}
	date, found := readDate(splitWords(typed), today)
	return date, found == clearDate
}

// dateTokens drops what does not change the day: articles, a time of day, "by" and "on"
// in front. It takes "in 3 days" apart where a script has no spaces. A text too long for
// a date has no tokens.
func dateTokens(said []word) []string {
	if len(said) > maxDateWords {
		return nil
	}
	var tokens []string
	for i, typed := range said {
		low := typed.low
		if i == 0 && len(said) > 1 && language.In.Has(low) {
			low = "in"
		}
		if low != "in" && (language.Filler.Has(low) || language.Until.Has(low)) || isTime(low) {
			continue
		}
		if strings.ContainsFunc(low, language.IsUnspaced) {
			number, unit := cutSpan(low)
			if low = unit; number != "" {
				tokens = append(tokens, number)
			}
		}
		if low != "" {
			tokens = append(tokens, low)
		}
	}
	return tokens
}

// isTime reports 5pm, 17:30, 5:30pm.
func isTime(s string) bool {
	digits := strings.TrimSuffix(strings.TrimSuffix(s, "am"), "pm")
	hour, minute, colon := strings.Cut(digits, ":")
	if !colon {
		return digits != s && isNumeric(digits)
	}
	return isNumeric(hour) && isNumeric(minute) && len(minute) == 2
}

// endOf reads the end of the week (Sunday), of the month, of the year, of March; the
// weekend (its Sunday).
func endOf(phrase string, today mend.Date) (mend.Date, bool) {
	phrase, end := strings.CutPrefix(phrase, "end of ")
	unit, this := strings.CutPrefix(phrase, "this ")
	month := language.Months.Number(unit)
	sunday := today.AddDays((7 - int(today.Weekday())) % 7)
	months := 0 // from this one
	switch {
	case unit == "weekend", unit == "week" && (end || this):
		return sunday, true
	case unit == "next week" && end:
		return sunday.AddDays(7), true
	case unit == "month" && (end || this):
	case unit == "next month" && end:
		months = 1
	case unit == "year" && (end || this):
		months = 12 - int(today.Month)
	case month > 0 && end:
		months = (month - int(today.Month) + 12) % 12
	default:
		return mend.Date{}, false
	}
	return addMonths(today.FirstOfMonth(), months+1).AddDays(-1), true
}

// inSpan reads "in two weeks", "within 10 days", "a month from now", "two weeks from today".
func inSpan(tokens []string, today mend.Date) (mend.Date, bool) {
	n := len(tokens)
	switch {
	case n > 1 && (tokens[0] == "in" || tokens[0] == "within"):
		return addSpan(tokens, today)
	case n > 2 && tokens[n-2] == "from" && (tokens[n-1] == "now" || tokens[n-1] == "today"):
		return addSpan(tokens[:n-2], today)
	}
	return mend.Date{}, false
}

// addSpan reads "3 days", "in two weeks", "half a year" as the date that far from today.
func addSpan(tokens []string, today mend.Date) (mend.Date, bool) {
	for len(tokens) > 1 && (tokens[0] == "in" || tokens[0] == "within" || tokens[0] == "next") {
		tokens = tokens[1:]
	}
	if slices.Equal(tokens, []string{"half", "year"}) { // dateTokens has dropped "a"
		return addMonths(today, 6), true
	}
	n, ok := 1, len(tokens) == 1
	if len(tokens) == 2 {
		n, ok = readNumber(tokens[0])
	}
	if !ok || n < 1 || n > 400 {
		return mend.Date{}, false
	}
	switch unit := tokens[len(tokens)-1]; strings.TrimSuffix(unit, "s") {
	case "fortnight":
		return today.AddDays(14 * n), true
	case "month":
		return addMonths(today, n), true
	case "year":
		return addMonths(today, 12*n), true
	default:
		days := daysOf(unit)
		return today.AddDays(n * days), days > 0
	}
}

// daysOf is how many days the word for a day or a week stands for, 0 of any other.
func daysOf(unit string) int {
	switch {
	case language.Days.Has(unit):
		return 1
	case language.Weeks.Has(unit):
		return 7
	}
	return 0
}

// addMonths keeps the day of the month, or the last day of a shorter one.
func addMonths(d mend.Date, n int) mend.Date {
	first := mend.DateOf(time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
	return mend.Date{Year: first.Year, Month: first.Month, Day: min(d.Day, first.DaysInMonth())}
}

// dayParts is what the words of a date name.
type dayParts struct {
	weekday          time.Weekday
	month            time.Month
	day, year        int
	onWeekday        bool
	next, this, week bool // words beside a day of the week: "next", "this", "Friday week"
	bare             bool // the day is a number and nothing else, which is no date
	unclear          bool // 3/4
}

// dayOf reads the name of a day: Friday, Friday week, 31.3., 2026-03-31, 3 March, Friday the 13th.
func dayOf(tokens []string, today mend.Date) (mend.Date, found) {
	var p dayParts
	for i, token := range tokens {
		if !p.add(token, i == 0) {
			return mend.Date{}, noDate
		}
	}
	alone := p.day == 0 && p.year == 0 && !p.week && !p.this
	ahead := (int(p.weekday) - int(today.Weekday()) + 7) % 7
	date := mend.Date{Year: p.year, Month: p.month, Day: p.day}
	switch {
	case p.unclear, p.next && alone && p.onWeekday != (p.month > 0), alone && !p.next && p.month > 0 && !p.onWeekday:
		return mend.Date{}, unclearDate
	case p.next || p.year > 0 && p.day == 0 || p.month > 0 && p.day == 0 || (p.week || p.this) && !p.onWeekday:
		return mend.Date{}, noDate
	case p.day > 0 && p.month > 0:
		if p.year == 0 {
			date = nextYearly(p.month, p.day, today)
		}
	case p.day > 0 && !p.bare && p.year == 0: // the 3rd
		month := today.FirstOfMonth()
		if p.day < today.Day {
			month = addMonths(month, 1)
		}
		date = mend.Date{Year: month.Year, Month: month.Month, Day: p.day}
	case p.onWeekday && p.day == 0 && ahead > 0 && !(p.week && p.this):
		if p.week {
			ahead += 7
		}
		return today.AddDays(ahead), clearDate
	case p.onWeekday && p.day == 0 && ahead == 0:
		return mend.Date{}, unclearDate // today, or in a week?
	default:
		return mend.Date{}, noDate
	}
	exists := p.day <= mend.Date{Year: date.Year, Month: date.Month, Day: 1}.DaysInMonth() // 31 April doesn't
	if !exists || date.Before(today) || p.onWeekday && date.Weekday() != p.weekday {
		return mend.Date{}, unclearDate
	}
	return date, clearDate
}

// add notes one token, and reports whether it belongs to a date.
func (p *dayParts) add(token string, first bool) bool {
	weekday, isWeekday := weekdayOf(token)
	month := time.Month(language.Months.Number(token))
	n, isNumber := readOrdinal(token)
	switch {
	case isWeekday && !p.onWeekday && (first || month == 0):
		p.weekday, p.onWeekday = weekday, true
	case month > 0 && p.month == 0:
		p.month = month
	case isNumber && p.day == 0 && n <= 31:
		p.day, p.bare = n, isNumeric(token)
	case isNumber && p.year == 0 && n >= 2000 && n < 2200:
		p.year = n
	case token == "next" && first:
		p.next = true
	case (token == "this" || token == "coming") && first:
		p.this = true
	case token == "week" && p.onWeekday:
		p.week = true
	case token == "of":
	default:
		return p.day == 0 && p.month == 0 && p.addNumeric(token)
	}
	return true
}

// addNumeric notes 2026-03-31, 31.3.2026, 31.3., 31/3, 3/31; 3/4 is unclear.
func (p *dayParts) addNumeric(token string) bool {
	if date, err := mend.ParseDate(token); err == nil {
		p.day, p.month, p.year = date.Day, date.Month, date.Year
		return true
	}
	at := strings.IndexAny(token, "/.-")
	if at < 0 {
		return false
	}
	dotted := token[at] == '.'
	var numbers []int
	for field := range strings.SplitSeq(token, token[at:at+1]) {
		n, err := strconv.Atoi(field)
		if err != nil || len(field) > 4 {
			return false
		}
		numbers = append(numbers, n)
	}
	if len(numbers) != 2 && len(numbers) != 3 {
		return false
	}
	day, month := numbers[0], numbers[1]
	if month > 12 && !dotted {
		day, month = month, day
	}
	p.unclear = !dotted && day <= 12 && day != month
	p.day, p.month = day, time.Month(month)
	if len(numbers) == 3 {
		if p.year = numbers[2]; p.year < 100 {
			p.year += 2000
		}
	}
	return 1 <= month && month <= 12 && 1 <= day && day <= 31
}

// nextYearly is the next such day, today included; in a month that is shorter, its last day.
func nextYearly(month time.Month, day int, today mend.Date) mend.Date {
	for year := today.Year; ; year++ {
		first := mend.Date{Year: year, Month: month, Day: 1}
		date := mend.Date{Year: year, Month: month, Day: min(day, first.DaysInMonth())}
		if !date.Before(today) {
			return date
		}
	}
}

// readDuration reads hours and minutes: 2h, 2 hours, an hour, 30m, 30 minutes.
func readDuration(said []word) (time.Duration, bool) {
	if len(said) == 0 || len(said) > 2 {
		return 0, false
	}
	number, unit := said[0].low, ""
	if len(said) == 2 {
		unit = said[1].low
	} else if i := strings.IndexFunc(number, unicode.IsLetter); i > 0 {
		number, unit = number[:i], number[i:]
	}
	n, ok := readNumber(number)
	if !ok || n < 1 || n > 1000 {
		return 0, false
	}
	switch unit {
	case "h", "hr", "hrs", "hour", "hours":
		return time.Duration(n) * time.Hour, true
	case "m", "min", "mins", "minute", "minutes":
		return time.Duration(n) * time.Minute, true
	}
	return 0, false
}

// readNumber reads 3, three, a, couple.
func readNumber(s string) (int, bool) {
	if n := language.Numbers.Number(s); n > 0 {
		return n, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// readOrdinal reads 3, 3rd, third.
func readOrdinal(s string) (int, bool) {
	if n := language.Ordinals.Number(s); n > 0 {
		return n, true
	}
	for _, suffix := range []string{"st", "nd", "rd", "th"} {
		s = strings.TrimSuffix(s, suffix)
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0
}

func isNumeric(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// feasts are days of the year that have a name.
var feasts = map[string]string{
	"christmas": "25 december", "christmas day": "25 december", "christmas eve": "24 december",
	"new year's eve": "31 december", "new year's day": "1 january", "new year": "1 january",
	"valentine's day": "14 february", "valentine's": "14 february", "halloween": "31 october",
}

// daysAhead reads today, tomorrow and the day after it.
func daysAhead(phrase string) (days int, ok bool) {
	topics := []*language.Topic{language.Today, language.Tomorrow, language.Overmorrow}
	days = slices.IndexFunc(topics, func(t *language.Topic) bool { return t.Has(phrase) })
	return days, days >= 0
}

func weekdayOf(word string) (time.Weekday, bool) {
	n := language.Weekdays.Number(word) // from Monday
	return time.Weekday(n % 7), n > 0
}

// isPreposition reports a word that stands between what is promised and its date.
func isPreposition(word string) bool {
	return language.Prepositions.Has(word) || language.In.Has(word) || language.Until.Has(word)
}

// particles are words for "until" and "after" of scripts without spaces, the longest first.
var particles = sync.OnceValue(func() []string {
	all := slices.DeleteFunc(slices.Clone(language.Until.Phrases()), func(phrase string) bool {
		return !strings.ContainsFunc(phrase, language.IsUnspaced)
	})
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
})

// cutSpan takes "until" off a word of a script without spaces, and the number from its unit.
func cutSpan(low string) (number, unit string) {
	for _, particle := range particles() {
		if after, ok := strings.CutPrefix(low, particle); ok && after != "" {
			low = after
		}
		if before, ok := strings.CutSuffix(low, particle); ok && before != "" {
			low = before
		}
	}
	digits := strings.IndexFunc(low, func(r rune) bool { return r < '0' || r > '9' })
	if digits > 0 {
		return low[:digits], low[digits:]
	}
	_, size := utf8.DecodeRuneInString(low)
	if daysOf(low[size:]) > 0 && language.Numbers.Number(low[:size]) > 0 {
		return low[:size], low[size:]
	}
	return "", low
}
