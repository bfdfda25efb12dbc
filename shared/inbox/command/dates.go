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

// readDate reads words as one date, all of them. Where people disagree on what is
// meant it says unclear and leaves the guess to nobody: "next Friday" (this week's or
// the one after), "Friday" said on a Friday, 3/4 (a day in April or in March), "next week".
//
// A date without a year is the next such day, today included.
func readDate(said []word, today mend.Date) (mend.Date, found) {
	tokens := dateTokens(said)
	if len(tokens) == 0 || len(tokens) > 7 {
		return mend.Date{}, noDate
	}
	for _, shape := range dateShapes {
		if date, got := shape(tokens, today); got != noDate {
			return date, got
		}
	}
	return mend.Date{}, noDate
}

// maxDateWords is how many words a date has at most.
const maxDateWords = 12

// dateTokens drops what does not change the day: articles, a time of day, "by" and "on" in front. It
// takes "in 3 days" apart where a script has no spaces. A text too long for a date has no tokens.
func dateTokens(said []word) []string {
	if len(said) > maxDateWords {
		return nil
	}
	w := dates()
	var tokens []string
	for i, typed := range said {
		low := typed.low
		if i == 0 && len(said) > 1 && w.in[low] {
			low = "in"
		}
		if low != "in" && (w.filler[low] || w.until[low]) || isTime(low) {
			continue
		}
		if strings.IndexFunc(low, language.IsUnspaced) >= 0 {
			low = w.withoutParticles(low)
			if digits := strings.IndexFunc(low, func(r rune) bool { return r < '0' || r > '9' }); digits > 0 {
				tokens = append(tokens, low[:digits])
				low = low[digits:]
			} else if n, size := utf8.DecodeRuneInString(low); len(low) > size && w.numbers[string(n)] > 0 && w.days[low[size:]]+w.weeks[low[size:]] > 0 {
				tokens = append(tokens, string(n))
				low = low[size:]
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

// dateShapes are tried in order; the first that takes all tokens decides.
var dateShapes = []func(tokens []string, today mend.Date) (mend.Date, found){
	namedDay, inSpan, endOf, weekdayAlone, numericDate, monthAndDay, dayOfMonth, vague,
}

// namedDay: today, tomorrow, the day after tomorrow, Christmas Eve.
func namedDay(tokens []string, today mend.Date) (mend.Date, found) {
	phrase := strings.Join(tokens, " ")
	if days, ok := dates().relative[phrase]; ok {
		return today.AddDays(days), clearDate
	}
	if day, ok := dates().feasts[phrase]; ok {
		return nextYearly(day.month, day.day, today), clearDate
	}
	return mend.Date{}, noDate
}

// inSpan: in two weeks, within 10 days, a month from now, two weeks from today.
func inSpan(tokens []string, today mend.Date) (mend.Date, found) {
	n := len(tokens)
	switch {
	case n > 1 && (tokens[0] == "in" || tokens[0] == "within"):
		tokens = tokens[1:]
	case n > 2 && tokens[n-2] == "from" && (tokens[n-1] == "now" || tokens[n-1] == "today"):
		tokens = tokens[:n-2]
	default:
		return mend.Date{}, noDate
	}
	if date, ok := addSpan(tokens, today); ok {
		return date, clearDate
	}
	return mend.Date{}, noDate
}

// endOf: the end of the week (Sunday), of the month, of the year; the weekend (its Sunday).
func endOf(tokens []string, today mend.Date) (mend.Date, found) {
	sunday := today.AddDays((7 - int(today.Weekday())) % 7)
	switch strings.Join(tokens, " ") {
	case "end of week", "end of this week", "weekend", "this weekend", "this week":
		return sunday, clearDate
	case "end of next week":
		return sunday.AddDays(7), clearDate
	case "end of month", "end of this month", "this month":
		return mend.Date{Year: today.Year, Month: today.Month, Day: today.DaysInMonth()}, clearDate
	case "end of next month":
		next := addMonths(today.FirstOfMonth(), 1)
		return mend.Date{Year: next.Year, Month: next.Month, Day: next.DaysInMonth()}, clearDate
	case "end of year", "end of this year", "this year":
		return mend.Date{Year: today.Year, Month: time.December, Day: 31}, clearDate
	}
	if len(tokens) == 3 && tokens[0] == "end" && tokens[1] == "of" {
		if month, ok := dates().months[tokens[2]]; ok {
			first := nextYearly(month, 1, today)
			if month == today.Month {
				first = today.FirstOfMonth()
			}
			return mend.Date{Year: first.Year, Month: month, Day: first.DaysInMonth()}, clearDate
		}
	}
	return mend.Date{}, noDate
}

// weekdayAlone: Friday, this Friday, Friday week.
func weekdayAlone(tokens []string, today mend.Date) (mend.Date, found) {
	this := tokens[0] == "this" || tokens[0] == "coming"
	if this {
		tokens = tokens[1:]
	}
	if len(tokens) == 0 || len(tokens) > 2 {
		return mend.Date{}, noDate
	}
	day, ok := dates().weekdays[tokens[0]]
	if !ok {
		return mend.Date{}, noDate
	}
	ahead := (int(day) - int(today.Weekday()) + 7) % 7
	switch {
	case ahead == 0:
		return mend.Date{}, unclearDate // today, or in a week?
	case len(tokens) == 1:
		return today.AddDays(ahead), clearDate
	case tokens[1] == "week" && !this:
		return today.AddDays(ahead + 7), clearDate
	}
	return mend.Date{}, noDate
}

// numericDate: 2026-03-31, 31.3.2026, 31.3., 31/3, 3/31; 3/4 is unclear.
func numericDate(tokens []string, today mend.Date) (mend.Date, found) {
	if len(tokens) > 1 {
		if _, ok := dates().weekdays[tokens[0]]; !ok {
			return mend.Date{}, noDate
		}
		date, got := numericDate(tokens[1:], today)
		return agree(date, got, tokens[0])
	}
	if date, err := mend.ParseDate(tokens[0]); err == nil {
		return notPast(date, today)
	}
	separator := "/"
	if strings.Contains(tokens[0], ".") {
		separator = "."
	} else if strings.Contains(tokens[0], "-") {
		separator = "-"
	}
	var numbers []int
	for field := range strings.SplitSeq(tokens[0], separator) {
		n, err := strconv.Atoi(field)
		if err != nil || len(field) > 4 {
			return mend.Date{}, noDate
		}
		numbers = append(numbers, n)
	}
	if len(numbers) != 2 && len(numbers) != 3 {
		return mend.Date{}, noDate
	}
	day, month := numbers[0], numbers[1]
	switch {
	case separator != "." && day > 12 && month <= 12, separator == "." && month <= 12:
	case month > 12 && day <= 12 && separator != ".":
		day, month = month, day
	case day == month && day <= 12:
	case day <= 12 && month <= 12:
		return mend.Date{}, unclearDate
	default:
		return mend.Date{}, noDate
	}
	if len(numbers) == 2 {
		return onDay(time.Month(month), day, today)
	}
	year := numbers[2]
	if year < 100 {
		year += 2000
	}
	return inYear(year, time.Month(month), day, today)
}

// monthAndDay: 3 March, March 3rd, 3rd of March 2027, Friday 3 March.
func monthAndDay(tokens []string, today mend.Date) (mend.Date, found) {
	weekday := ""
	if _, ok := dates().weekdays[tokens[0]]; ok {
		weekday, tokens = tokens[0], tokens[1:]
	}
	var day, year int
	var month time.Month
	for _, token := range tokens {
		m, isMonth := dates().months[token]
		n, isDay := readOrdinal(token)
		switch {
		case isMonth && month == 0:
			month = m
		case isDay && day == 0 && n <= 31:
			day = n
		case isDay && year == 0 && n >= 2000 && n < 2200:
			year = n
		case token == "of":
		default:
			return mend.Date{}, noDate
		}
	}
	if month == 0 || day == 0 {
		return mend.Date{}, noDate
	}
	if year != 0 {
		date, got := inYear(year, month, day, today)
		return agree(date, got, weekday)
	}
	date, got := onDay(month, day, today)
	return agree(date, got, weekday)
}

// dayOfMonth: the 3rd, Friday the 13th.
func dayOfMonth(tokens []string, today mend.Date) (mend.Date, found) {
	weekday := ""
	if _, ok := dates().weekdays[tokens[0]]; ok {
		weekday, tokens = tokens[0], tokens[1:]
	}
	if len(tokens) != 1 || isNumeric(tokens[0]) {
		return mend.Date{}, noDate // a bare number is no date
	}
	day, ok := readOrdinal(tokens[0])
	if !ok || day < 1 || day > 31 {
		return mend.Date{}, noDate
	}
	month := today.FirstOfMonth()
	if day < today.Day {
		month = addMonths(month, 1)
	}
	if day > month.DaysInMonth() {
		return mend.Date{}, unclearDate
	}
	return agree(mend.Date{Year: month.Year, Month: month.Month, Day: day}, clearDate, weekday)
}

// vague: words that speak of time and name no day.
func vague(tokens []string, _ mend.Date) (mend.Date, found) {
	if dates().vague[strings.Join(tokens, " ")] {
		return mend.Date{}, unclearDate
	}
	if _, isMonth := dates().months[tokens[0]]; isMonth && len(tokens) == 1 {
		return mend.Date{}, unclearDate
	}
	if tokens[0] == "next" && len(tokens) == 2 {
		if _, ok := dates().weekdays[tokens[1]]; ok {
			return mend.Date{}, unclearDate
		}
		if _, ok := dates().months[tokens[1]]; ok {
			return mend.Date{}, unclearDate
		}
	}
	return mend.Date{}, noDate
}

// readDuration reads hours and minutes: 2h, 2 hours, an hour, 30m, 30 minutes.
func readDuration(said []word) (time.Duration, bool) {
	if len(said) == 0 || len(said) > 2 {
		return 0, false
	}
	number, unit := said[0].low, ""
	if len(said) == 2 {
		unit = said[1].low
	} else {
		i := strings.IndexFunc(number, unicode.IsLetter)
		if i <= 0 {
			return 0, false
		}
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
	n := 1
	switch len(tokens) {
	case 1: // dateTokens has dropped "a"
	case 2:
		var ok bool
		if n, ok = readNumber(tokens[0]); !ok || n < 1 || n > 400 {
			return mend.Date{}, false
		}
	default:
		return mend.Date{}, false
	}
	unit := tokens[len(tokens)-1]
	switch {
	case dates().days[unit] > 0:
		return today.AddDays(n), true
	case dates().weeks[unit] > 0:
		return today.AddDays(7 * n), true
	case unit == "fortnight" || unit == "fortnights":
		return today.AddDays(14 * n), true
	case unit == "month" || unit == "months":
		return addMonths(today, n), true
	case unit == "year" || unit == "years":
		return addMonths(today, 12*n), true
	}
	return mend.Date{}, false
}

// addMonths keeps the day of the month, or the last day of a shorter one.
func addMonths(d mend.Date, n int) mend.Date {
	months := d.Year*12 + int(d.Month) - 1 + n
	first := mend.Date{Year: months / 12, Month: time.Month(months%12 + 1), Day: 1}
	return mend.Date{Year: first.Year, Month: first.Month, Day: min(d.Day, first.DaysInMonth())}
}

// onDay is the next such day, today included.
func onDay(month time.Month, day int, today mend.Date) (mend.Date, found) {
	if month < time.January || month > time.December || day < 1 || day > 31 {
		return mend.Date{}, noDate
	}
	date := nextYearly(month, day, today)
	if day > date.DaysInMonth() || date.Day != day {
		return mend.Date{}, unclearDate // 31 April
	}
	return date, clearDate
}

// nextYearly is the next such day; on 29 February the 28th of a common year.
func nextYearly(month time.Month, day int, today mend.Date) mend.Date {
	for year := today.Year; ; year++ {
		first := mend.Date{Year: year, Month: month, Day: 1}
		date := mend.Date{Year: year, Month: month, Day: min(day, first.DaysInMonth())}
		if !date.Before(today) {
			return date
		}
	}
}

func inYear(year int, month time.Month, day int, today mend.Date) (mend.Date, found) {
	first := mend.Date{Year: year, Month: month, Day: 1}
	if month < time.January || month > time.December || day < 1 || day > first.DaysInMonth() {
		return mend.Date{}, unclearDate
	}
	return notPast(mend.Date{Year: year, Month: month, Day: day}, today)
}

func notPast(date, today mend.Date) (mend.Date, found) {
	if date.Before(today) {
		return mend.Date{}, unclearDate
	}
	return date, clearDate
}

// agree checks a date against the day of the week named beside it.
func agree(date mend.Date, got found, weekday string) (mend.Date, found) {
	if got == clearDate && weekday != "" && dates().weekdays[weekday] != date.Weekday() {
		return mend.Date{}, unclearDate
	}
	return date, got
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
	days, weeks  map[string]int // 1 for each word
	feasts       map[string]monthDay
	in           map[string]bool
	until        map[string]bool // stand before a date
	prepositions map[string]bool // stand between what is promised and its date
	filler       map[string]bool // does not change the day
	vague        map[string]bool
	particles    []string // of scripts without spaces: "until", "after"
}

type monthDay struct {
	month time.Month
	day   int
}

// dates is built when the first date is looked for.
var dates = sync.OnceValue(newDateWords)

// newDateWords merges the languages. English comes first in the data, so its words win.
func newDateWords() *dateWords {
	w := &dateWords{
		months: map[string]time.Month{}, weekdays: map[string]time.Weekday{}, numbers: map[string]int{}, relative: map[string]int{},
		days: map[string]int{}, weeks: map[string]int{}, in: map[string]bool{}, until: setOf(language.Phrases(language.Until)),
		ordinals: map[string]int{},
		feasts: map[string]monthDay{
			"christmas": {12, 25}, "christmas day": {12, 25}, "christmas eve": {12, 24}, "new year's eve": {12, 31}, "new year's day": {1, 1},
			"new year": {1, 1}, "valentine's day": {2, 14}, "valentine's": {2, 14}, "halloween": {10, 31},
		},
		filler: setOf(strings.Fields("the a an by on at latest before noon midnight morning afternoon evening night o'clock am pm and around about")),
		vague: setOf(strings.Split("soon|later|someday|some day|next week|next month|next year|next weekend|weeks|days|few days|few weeks|in few days|"+
			"in few weeks|couple of days|in couple of days|spring|summer|autumn|fall|winter|my birthday|his birthday|her birthday|easter|holidays|sometime", "|")),
		prepositions: setOf(strings.Fields("by before on until till in within this at from the")),
	}
	for i, ordinal := range strings.Fields("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth") {
		w.ordinals[ordinal] = i + 1
	}
	w.ordinals["twentieth"], w.ordinals["thirtieth"] = 20, 30
	for _, l := range language.All() {
		addForms(w.weekdays, l.Phrases(language.Weekdays), func(i int) time.Weekday { return time.Weekday((i + 1) % 7) })
		addForms(w.months, l.Phrases(language.Months), func(i int) time.Month { return time.Month(i + 1) })
		addForms(w.numbers, l.Phrases(language.Numbers), func(i int) int { return i + 1 })
		addForms(w.relative, l.Phrases(language.Today), func(int) int { return 0 })
		addForms(w.relative, l.Phrases(language.Tomorrow), func(int) int { return 1 })
		addForms(w.days, l.Phrases(language.Days), func(int) int { return 1 })
		addForms(w.weeks, l.Phrases(language.Weeks), func(int) int { return 1 })
	}
	for word, n := range map[string]int{"fourteen": 14, "twenty": 20, "thirty": 30} {
		w.numbers[word] = n
	}
	w.relative["day after tomorrow"], w.relative["overmorrow"] = 2, 2
	for _, phrase := range language.Phrases(language.In) {
		w.in[phrase], w.prepositions[phrase] = true, true
	}
	for phrase := range w.until {
		w.prepositions[phrase] = true
		if strings.IndexFunc(phrase, language.IsUnspaced) >= 0 {
			w.particles = append(w.particles, phrase)
		}
	}
	slices.SortFunc(w.particles, func(a, b string) int { return len(b) - len(a) })
	return w
}

// addForms adds each form of each phrase, unless an earlier language has it.
func addForms[T any](to map[string]T, phrases []string, value func(i int) T) {
	for i, forms := range phrases {
		for form := range strings.SplitSeq(forms, "/") {
			if form = language.Fold(form); form != "" {
				if _, ok := to[form]; !ok {
					to[form] = value(i)
				}
			}
		}
	}
}

// withoutParticles takes "until" off a word of a script without spaces.
func (w *dateWords) withoutParticles(low string) string {
	for _, particle := range w.particles {
		if after, ok := strings.CutPrefix(low, particle); ok && after != "" {
			low = after
		}
		if before, ok := strings.CutSuffix(low, particle); ok && before != "" {
			low = before
		}
	}
	return low
}
