// Package command finds orders in a person's own words: those that stop the letters ([FindStop]),
// and those that pause, change or answer them ([Read]).
//
// All cost is linear in the words and bounded for each line: a line longer than 500 bytes is no order
// and is not looked at, whatever it says.
package command

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"example.org/mend/shared/inbox/language"
	"example.org/mend/shared/mend"
)

// Result is what a person's words ask for.
type Result struct {
	Stop   Stop
	Orders []Order // none beside a plain stop

	// Unknown lists the lines that look like an order and were not understood: ask back once. They are
	// in Rest as well.
	Unknown []string

	Rest string // the words without the orders
}

// Order is one thing that a reply asks for.
type Order struct {
	Name Name
	Line string // as it was typed, so that an order that cannot be followed goes back among the words

	Until   mend.Date      // Pause, Snooze: the first date on which letters come again; NotYet: the new day
	For     time.Duration  // Snooze: for so long, from the time at which the mail came
	Unclear bool           // Pause, Snooze, NotYet: a date that could mean several days, or none: ask back once
	Days    []time.Weekday // Weekly, Fortnightly: "on Monday and Thursday"
	Day     int            // Monthly: "on the 3rd"
	Mood    int            // Mood: 1 (heavy) to 5 (light)
	Promise *Promise       // MakePromise
}

// Promise is what a person says they will do.
type Promise struct {
	Words   string
	Due     mend.Date // zero if Unclear
	Unclear bool      // no date, or one that could mean several days: ask back once, never guess
}

// Name names an order, in lower case.
type Name string

// The orders.
const (
	Pause       Name = "pause"
	Resume      Name = "resume"
	Skip        Name = "skip"
	Snooze      Name = "snooze"
	Daily       Name = "daily"
	Weekdays    Name = "weekdays"
	Weekly      Name = "weekly"
	Fortnightly Name = "fortnightly"
	Monthly     Name = "monthly"
	NotForMe    Name = "not for me"
	MakePromise Name = "promise"
	Kept        Name = "kept"
	NotYet      Name = "not yet"
	LetGo       Name = "let go"
	Mood        Name = "mood"
)

// What makes sense in answer to which letter, for the last argument of [Read]. "Not yet." below a
// check-in's question is an answer to it, not an order.
var (
	ToCheckIn  = []Name{Pause, Resume, Skip, Daily, Weekdays, Weekly, Fortnightly, Monthly, NotForMe, MakePromise, Mood}
	ToReminder = append([]Name{Snooze}, ToCheckIn...)
	ToPromise  = append([]Name{Kept, NotYet, LetGo}, ToCheckIn...)
)

const (
	orderLines  = 3   // among how many lines an order is looked for; blank lines and greetings do not count
	mostOrders  = 20  // of one mail
	orderWords  = 100 // a line with more words is no order
	unknownMost = 6   // words of a line that only looks like an order
)

// Read finds the orders among a person's own words.
//
// An order fills one of the first three lines, in any case and with any punctuation, a greeting before
// it and thanks after it. PROMISE in capitals counts on any line. Lines that are no orders are words,
// wherever they stand, and so is a sentence that begins "I promise": it makes a promise if its date is
// clear, and stays. A number from 1 to 5 is a mood only alone on its line.
//
// today is the person's own date. only, if it is given, names the orders that answer the letter; the
// words of all others are left alone. STOP wins: beside a plain stop no other order counts.
func Read(words string, today mend.Date, only ...Name) Result {
	r := Result{Stop: FindStop(words)}
	if r.Stop == StopPlain {
		r.Rest = withoutStop(words)
		return r
	}
	kept := make([]string, 0, strings.Count(words, "\n")+1)
	tried := 0
	for line := range strings.SplitSeq(words, "\n") {
		order, kind := Order{}, notOrder
		if len(line) <= maxLine && len(r.Orders) < mostOrders {
			switch said := splitWords(line); {
			case len(said) == 0 || tried < orderLines && isGreeting(said):
			case tried < orderLines:
				tried++
				order, kind = readOrder(line, said, today)
			case strings.HasPrefix(strings.TrimLeft(line, " *_-•\t"), "PROMISE"):
				order, kind = readOrder(line, said, today)
			}
		}
		allowed := len(only) == 0 || slices.Contains(only, order.Name)
		twice := slices.ContainsFunc(r.Orders, func(o Order) bool { return o.Name == order.Name && o.Name != MakePromise })
		if kind == isOrder && allowed && !twice {
			r.Orders = append(r.Orders, order)
			if order.Promise == nil || strings.EqualFold(firstOf(line), "promise") {
				continue
			}
		} else if kind == looksLikeOrder && (allowed || order.Name == "") {
			r.Unknown = append(r.Unknown, line)
		}
		kept = append(kept, line)
	}
	if len(r.Orders) > 0 && !slices.ContainsFunc(kept, func(line string) bool {
		said := splitWords(line)
		return len(said) > 0 && !isGreeting(said)
	}) {
		kept = nil
	}
	r.Rest = strings.Trim(strings.Join(kept, "\n"), "\n")
	return r
}

// withoutStop returns words without the line that asks to stop, for words that are kept.
func withoutStop(words string) string {
	lines := strings.Split(words, "\n")
	for i, line := range lines {
		if len(line) > maxLine {
			continue
		}
		if newSentenceLine(strings.TrimSpace(line)).fills() {
			return strings.Trim(strings.Join(slices.Delete(lines, i, i+1), "\n"), "\n")
		}
	}
	return words
}

// firstOf is the first word of a line, without the marks around it.
func firstOf(line string) string {
	word, _, _ := strings.Cut(strings.TrimLeft(line, " *_-•\t\"'“„"), " ")
	return strings.Trim(word, "*_:,.\"'”")
}

// word is a word as it was typed and as it is compared: folded, without the punctuation around it.
type word struct {
	low        string
	start, end int // of the typed word in its line, punctuation excluded
}

// splitWords cuts a line at white space and takes the punctuation off each word, except what stands
// within it, as in 3/4, 2026-03-01 or don't. A line with too many words has none.
func splitWords(line string) []word {
	var out []word
	for start := 0; start < len(line); {
		i := strings.IndexFunc(line[start:], func(r rune) bool { return !unicode.IsSpace(r) })
		if i < 0 {
			break
		}
		start += i
		end := len(line)
		if i := strings.IndexFunc(line[start:], unicode.IsSpace); i >= 0 {
			end = start + i
		}
		typed := line[start:end]
		bare := strings.TrimFunc(typed, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
		if bare != "" {
			at := start + strings.Index(typed, bare)
			out = append(out, word{language.Fold(bare), at, at + len(bare)})
		}
		start = end
	}
	if len(out) > orderWords {
		return []word{{low: "…"}}
	}
	return out
}

// isGreeting reports whether a line is nothing but "Hi", "Good morning Mend," and the like.
func isGreeting(said []word) bool {
	n := greetingLength(said)
	return n > 0 && n == len(said)
}

// greetingLength counts the words of the greeting that a line begins with: one of the phrases, and a
// name if the line ends there.
func greetingLength(said []word) int {
	n := longest(said, tables().greetings)
	if n == 0 {
		return 0
	}
	if left := len(said) - n; left == 1 || left == 2 {
		if _, kind := readCommand(said[n:], mend.Date{}); kind == notOrder {
			return len(said)
		}
	}
	return n
}

// longest counts the words of the longest phrase with which said begins, 0 if there is none.
func longest(said []word, phrases map[string]bool) int {
	for n := min(4, len(said)); n > 0; n-- {
		if phrases[join(said[:n])] {
			return n
		}
	}
	return 0
}

// longestAtEnd does the same for the end of said.
func longestAtEnd(said []word, phrases map[string]bool) int {
	for n := min(4, len(said)); n > 0; n-- {
		if phrases[join(said[len(said)-n:])] {
			return n
		}
	}
	return 0
}

func join(said []word) string {
	if len(said) == 1 {
		return said[0].low
	}
	var b strings.Builder
	for i, w := range said {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.low)
	}
	return b.String()
}

// orderKind is what a line turned out to be.
type orderKind uint8

const (
	notOrder orderKind = iota
	looksLikeOrder
	isOrder
)

// readOrder reads one line. said are its words, at least one.
func readOrder(line string, said []word, today mend.Date) (Order, orderKind) {
	if mood, ok := readMood(line); ok {
		return Order{Name: Mood, Line: line, Mood: mood}, isOrder
	}
	said = said[greetingLength(said):]
	for trimmed := true; trimmed; {
		trimmed = false
		if n := longest(said, tables().courtesies); n > 0 && n < len(said) {
			said, trimmed = said[n:], true
		}
		n := longestAtEnd(said, tables().courtesies)
		end := join(said[len(said)-n:])
		_, day := dates().relative[end] // "by today"
		if n > 0 && n < len(said) && !day && tables().orders[end].name == "" {
			said, trimmed = said[:len(said)-n], true
		}
	}
	if len(said) == 0 {
		return Order{}, notOrder
	}
	if promise, kind := readPromise(line, said, today); kind != notOrder {
		return Order{Name: MakePromise, Line: line, Promise: promise}, kind
	}
	order, kind := readCommand(said, today)
	if kind == looksLikeOrder && !isCapitals(line[said[0].start:said[0].end]) && !isNumeric(said[len(said)-1].low) {
		kind = notOrder // "Pause for thought"
	}
	order.Line = line
	return order, kind
}

// readMood reads "4", "4.", "*4*", "4 :)" or "4/5", and nothing longer.
func readMood(line string) (int, bool) {
	bare := strings.TrimSuffix(strings.TrimSpace(line), "/5")
	mood := 0
	for _, r := range bare {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r) && (mood != 0 || r < '1' || r > '5'):
			return 0, false
		case unicode.IsDigit(r):
			mood = int(r - '0')
		}
	}
	return mood, mood != 0 && len(bare) <= 24
}

// readCommand reads words that begin with an order of the table and are filled by it.
func readCommand(said []word, today mend.Date) (Order, orderKind) {
	said = pauseFirst(said)
	for n := min(4, len(said)); n > 0; n-- {
		row, ok := tables().orders[join(said[:n])]
		if !ok {
			continue
		}
		order := Order{Name: row.name}
		switch {
		case n == len(said) && row.name != stopFor:
			return order, isOrder
		case n < len(said) && row.rest != nil && row.rest(&order, said[n:], today):
			return order, isOrder
		case n < len(said) && len(said) <= unknownMost && row.name != Kept && row.name != LetGo && row.name != NotYet:
			if row.name == stopFor {
				order.Name = Pause
			}
			return order, looksLikeOrder
		}
	}
	return Order{}, notOrder
}

// pauseFirst puts the word for a pause before its span, and cuts it off where a script has no spaces: "2
// hafta ara", "暂停一周".
func pauseFirst(said []word) []word {
	last := said[len(said)-1]
	if n := len(said); n > 1 && n < 4 && tables().orders[last.low].name == Pause && tables().orders[said[0].low].name == "" {
		return append([]word{last}, said[:n-1]...)
	}
	for _, phrase := range tables().unspaced {
		rest, ok := strings.CutPrefix(said[0].low, phrase)
		if !ok {
			rest, ok = strings.CutSuffix(said[0].low, phrase)
		}
		if ok && rest != "" {
			order, span := said[0], said[0]
			order.low, span.low = phrase, rest
			return append([]word{order, span}, said[1:]...)
		}
	}
	return said
}

// pauseRest reads "3 days", "for two weeks", "until Friday".
func pauseRest(order *Order, said []word, today mend.Date) bool {
	until := len(said) > 0 && dates().until[said[0].low]
	if n := longest(said, map[string]bool{"for": true, "for the next": true, "for the": true}); n > 0 {
		said = said[n:]
	}
	date, ok := readSpan(said, today)
	if !ok && len(said) > 2 {
		date, ok = readSpan(said[1:], today) // "Pausa de una semana"
	}
	if ok {
		order.Until = date
		return true
	}
	switch date, found := readDate(said, today); {
	case found == clearDate && date.After(today):
		order.Until = date
	case found == clearDate || found == unclearDate || until && len(said) <= 4:
		order.Unclear = true
	default:
		return false // "Pause for thought" is no order
	}
	return true
}

// stopRest reads "STOP for a week": a pause, because it asks for less than a stop.
func stopRest(order *Order, said []word, today mend.Date) bool {
	if !pauseRest(order, said, today) || order.Unclear {
		return false
	}
	order.Name = Pause
	return true
}

// snoozeRest reads "2h", "30 minutes", and all that [pauseRest] does.
func snoozeRest(order *Order, said []word, today mend.Date) bool {
	if d, ok := readDuration(said[longest(said, map[string]bool{"for": true, "in": true}):]); ok {
		order.For = d
		return true
	}
	return pauseRest(order, said, today)
}

// notYetRest reads "by Sunday", "but on the 3rd", "tomorrow".
func notYetRest(order *Order, said []word, today mend.Date) bool {
	if said[0].low == "but" {
		said = said[1:]
	}
	date, found := readDate(said, today)
	switch {
	case len(said) == 0 || found == noDate:
		return false // "Not yet, I was ill"
	case found == clearDate && !date.Before(today):
		order.Until = date
	default:
		order.Unclear = true
	}
	return true
}

// daysRest reads "on Monday and Thursday".
func daysRest(order *Order, said []word, _ mend.Date) bool {
	for _, w := range said {
		low := strings.TrimSuffix(w.low, "s")
		day, ok := dates().weekdays[w.low]
		if !ok {
			day, ok = dates().weekdays[low]
		}
		if ok && !slices.Contains(order.Days, day) {
			order.Days = append(order.Days, day)
		} else if !ok && w.low != "on" && w.low != "and" && w.low != "every" {
			return false
		}
	}
	return len(order.Days) > 0
}

// dayRest reads "on the 3rd".
func dayRest(order *Order, said []word, _ mend.Date) bool {
	for _, w := range said {
		n, ok := readOrdinal(w.low)
		switch {
		case ok && order.Day == 0 && n <= 31:
			order.Day = n
		case w.low != "on" && w.low != "the":
			return false
		}
	}
	return order.Day > 0
}

// readPromise reads "PROMISE call my sister by Friday" and "I promise to call my sister by Friday".
// Without the keyword in front only a clear date makes it a promise: "I promise that I never meant to"
// is none. The keyword without words, or without a date that is clear, is asked back.
func readPromise(line string, said []word, today mend.Date) (*Promise, orderKind) {
	keyword := said[0].low == "promise"
	n := 1
	if !keyword {
		if n = longest(said[:min(2, len(said))], map[string]bool{"i promise": true, "we promise": true}); n == 0 {
			return nil, notOrder
		}
	}
	said = said[n:]
	if len(said) > 1 && said[0].low == "to" {
		said = said[1:]
	}
	if len(said) == 0 {
		if keyword {
			return nil, looksLikeOrder
		}
		return nil, notOrder
	}
	if _, found := readDate(said, today); found != noDate { // a date, and nothing promised
		if keyword {
			return nil, looksLikeOrder
		}
		return nil, notOrder
	}
	asked := &Promise{Words: strings.TrimSpace(line[said[0].start:]), Unclear: true}
	words := func(end int) string { return strings.TrimRight(line[said[0].start:said[end].start], " \t,;:-–—") }
	for i := 1; i < len(said); i++ { // the longest date wins: "by the end of the month"
		if !dates().prepositions[said[i].low] || len(said)-i > maxDateWords {
			continue
		}
		skip := 1
		if dates().in[said[i].low] {
			skip = 0
		}
		date, found := readDate(said[i+skip:], today)
		if found == noDate && skip == 0 {
			date, found = readDate(said[i+1:], today)
		}
		if found == clearDate && !date.Before(today) {
			return &Promise{Words: words(i), Due: date}, isOrder
		} else if found == unclearDate && keyword {
			return asked, isOrder
		} else if found == unclearDate {
			return nil, notOrder
		}
	}
	// "… tomorrow", "… next to nothing today", without a preposition.
	for i := max(1, len(said)-3); i < len(said); i++ {
		date, found := readDate(said[i:], today)
		if found == clearDate && !date.Before(today) && !isNumeric(said[i].low) {
			return &Promise{Words: words(i), Due: date}, isOrder
		} else if found == unclearDate {
			break // "next Friday" is not "Friday"
		}
	}
	if keyword {
		return asked, isOrder
	}
	return nil, notOrder
}
