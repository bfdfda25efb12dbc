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
	w, phrase := dates(), strings.Join(tokens, " ")
	if days, ok := w.relative[phrase]; ok {
		return today.AddDays(days), clearDate
	}
	if feast, ok := w.feasts[phrase]; ok {
		return nextYearly(feast.month, feast.day, today), clearDate
	}
	if w.vague[phrase] {
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
	w := dates()
	var tokens []string
	for i, typed := range said {
		low := typed.low
		if i == 0 && len(said) > 1 && language.In.Has(low) {
			low = "in"
		}
		if low != "in" && (w.filler[low] || language.Until.Has(low)) || isTime(low) {
			continue
		}
		if strings.ContainsFunc(low, language.IsUnspaced) {
			number, unit := w.cutSpan(low)
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
	month, isMonth := dates().months[unit]
	sunday := today.AddDays((7 - int(today.Weekday())) % 7)
	lastDay := func(months int) mend.Date {
		date := addMonths(today.FirstOfMonth(), months)
		date.Day = date.DaysInMonth()
		return date
	}
	switch {
	case unit == "weekend", unit == "week" && (end || this):
		return sunday, true
	case unit == "next week" && end:
		return sunday.AddDays(7), true
	case unit == "month" && (end || this):
		return lastDay(0), true
	case unit == "next month" && end:
		return lastDay(1), true
	case unit == "year" && (end || this):
		return lastDay(12 - int(today.Month)), true
	case isMonth && end:
		return lastDay((int(month) - int(today.Month) + 12) % 12), true
	}
	return mend.Date{}, false
}

// inSpan reads "in two weeks", "within 10 days", "a month from now", "two weeks from today".
func inSpan(tokens []string, today mend.Date) (mend.Date, bool) {
	n := len(tokens)
	switch {
	case n > 1 && (tokens[0] == "in" || tokens[0] == "within"):
		return addSpan(tokens[1:], today)
	case n > 2 && tokens[n-2] == "from" && (tokens[n-1] == "now" || tokens[n-1] == "today"):
		return addSpan(tokens[:n-2], today)
	}
	return mend.Date{}, false
}

// readSpan reads "3 days", "two weeks", "a month" as the date that far from today.
func readSpan(said []word, today mend.Date) (mend.Date, bool) {
	tokens := dateTokens(said)
	if len(tokens) > 1 && tokens[0] == "in" {
		tokens = tokens[1:]
	}
	return addSpan(tokens, today)
}

func addSpan(tokens []string, today mend.Date) (mend.Date, bool) {
	if len(tokens) > 1 && tokens[0] == "next" {
		tokens = tokens[1:]
	}
	n, ok := 1, len(tokens) == 1 // dateTokens has dropped "a"
	if len(tokens) == 2 {
		n, ok = readNumber(tokens[0])
	}
	if !ok || n < 1 || n > 400 {
		return mend.Date{}, false
	}
	unit, ok := dates().units[tokens[len(tokens)-1]]
	return addMonths(today, n*unit.months).AddDays(n * unit.days), ok
}

// addMonths keeps the day of the month, or the last day of a shorter one.
func addMonths(d mend.Date, n int) mend.Date {
	months := d.Year*12 + int(d.Month) - 1 + n
	first := mend.Date{Year: months / 12, Month: time.Month(months%12 + 1), Day: 1}
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
	weekday, isWeekday := dates().weekdays[token]
	month, isMonth := dates().months[token]
	n, isNumber := readOrdinal(token)
	switch {
	case isWeekday && !p.onWeekday && (first || !isMonth):
		p.weekday, p.onWeekday = weekday, true
	case isMonth && p.month == 0:
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
	if n, ok := dates().numbers[s]; ok {
		return n, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// readOrdinal reads 3, 3rd, third.
func readOrdinal(s string) (int, bool) {
	if n, ok := dates().ordinals[s]; ok {
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

// dateWords is what languages say about days, as one table: the languages agree where they share a
// word.
type dateWords struct {
	months       map[string]time.Month
	weekdays     map[string]time.Weekday
	numbers      map[string]int
	ordinals     map[string]int
	relative     map[string]int // days from today
	units        map[string]unit
	feasts       map[string]monthDay
	prepositions map[string]bool // stand between what is promised and its date
	filler       map[string]bool // does not change the day
	vague        map[string]bool
	particles    []string // of scripts without spaces: "until", "after"
}

type monthDay struct {
	month time.Month
	day   int
}

// unit is what "day", "week" or "month" comes to.
type unit struct{ days, months int }

// dates is built when the first date is looked for. It merges the languages. English comes first in
// the data, so its words win.
var dates = sync.OnceValue(func() *dateWords {
	w := &dateWords{
		months: map[string]time.Month{}, weekdays: map[string]time.Weekday{}, numbers: map[string]int{},
		ordinals: map[string]int{"twentieth": 20, "thirtieth": 30}, relative: map[string]int{},
		units: map[string]unit{
			"fortnight": {days: 14}, "fortnights": {days: 14}, "month": {months: 1}, "months": {months: 1},
			"year": {months: 12}, "years": {months: 12},
		},
		feasts: map[string]monthDay{
			"christmas": {12, 25}, "christmas day": {12, 25}, "christmas eve": {12, 24}, "new year's eve": {12, 31},
			"new year's day": {1, 1}, "new year": {1, 1}, "valentine's day": {2, 14}, "valentine's": {2, 14},
			"halloween": {10, 31},
		},
		filler: setOf(strings.Fields(`the a an by on at latest before noon midnight morning afternoon evening night
			o'clock am pm and around about`)),
		vague: setOf(strings.Split("soon|later|someday|some day|next week|next month|next year|next weekend|weeks|"+
			"days|few days|few weeks|in few days|in few weeks|couple of days|in couple of days|spring|summer|autumn|"+
			"fall|winter|my birthday|his birthday|her birthday|easter|holidays|sometime", "|")),
		prepositions: setOf(strings.Fields("by before on until till in within this at from the")),
	}
	for i, ordinal := range strings.Fields(`first second third fourth fifth sixth seventh eighth ninth tenth eleventh
		twelfth thirteenth fourteenth fifteenth`) {
		w.ordinals[ordinal] = i + 1
	}
	for _, l := range language.All() {
		addForms(w.weekdays, l.Phrases(language.Weekdays), func(i int) time.Weekday {
			return time.Weekday((i + 1) % 7)
		})
		addForms(w.months, l.Phrases(language.Months), func(i int) time.Month { return time.Month(i + 1) })
		addForms(w.numbers, l.Phrases(language.Numbers), func(i int) int { return i + 1 })
		addForms(w.relative, l.Phrases(language.Today), func(int) int { return 0 })
		addForms(w.relative, l.Phrases(language.Tomorrow), func(int) int { return 1 })
		addForms(w.units, l.Phrases(language.Days), func(int) unit { return unit{days: 1} })
		addForms(w.units, l.Phrases(language.Weeks), func(int) unit { return unit{days: 7} })
	}
	for word, n := range map[string]int{"fourteen": 14, "twenty": 20, "thirty": 30} {
		w.numbers[word] = n
	}
	w.relative["day after tomorrow"], w.relative["overmorrow"] = 2, 2
	for _, phrase := range slices.Concat(language.In.Phrases(), language.Until.Phrases()) {
		w.prepositions[phrase] = true
	}
	for _, phrase := range language.Until.Phrases() {
		if strings.ContainsFunc(phrase, language.IsUnspaced) {
			w.particles = append(w.particles, phrase)
		}
	}
	slices.SortFunc(w.particles, func(a, b string) int { return len(b) - len(a) })
	return w
})

// addForms adds each form of each phrase, unless an earlier language has it.
func addForms[T any](to map[string]T, phrases []string, value func(i int) T) {
	for i, forms := range phrases {
		for form := range strings.SplitSeq(forms, "/") {
			form = language.Fold(form)
			if _, ok := to[form]; !ok && form != "" {
				to[form] = value(i)
			}
		}
	}
}

// cutSpan takes "until" off a word of a script without spaces, and the number from its unit.
func (w *dateWords) cutSpan(low string) (number, unit string) {
	for _, particle := range w.particles {
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
	n, size := utf8.DecodeRuneInString(low)
	if _, ok := w.units[low[size:]]; ok && w.numbers[string(n)] > 0 {
		return string(n), low[size:]
	}
	return "", low
}
