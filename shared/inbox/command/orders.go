package command

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"example.org/mend/shared/inbox/language"
	"example.org/mend/shared/mend"
)

// orderRow is a row of the table of orders.
type orderRow struct {
	name Name
	rest func(order *Order, said []word, today mend.Date) bool // reads what follows; nil: nothing may
}

const (
	stopFor     Name = "stop for"   // the row of "STOP for a week"
	otherRhythm Name = "every time" // the row of rhythms that we don't have: "EVERY THREE WEEKS"
)

// orderTable is the table of orders of design section 7: phrases, the name, and what may follow.
var orderTable = []struct {
	phrases string
	orderRow
}{
	{"stop | stop it | stop letters | stop the letters | stop everything", orderRow{stopFor, stopRest}},
	{"pause | pause it | pause letters | pause the letters | pause my letters | pause the emails | pause my emails | " +
		"pause everything", orderRow{Pause, pauseRest}},
	{"resume | unpause | start again | restart | continue | unpause letters | resume letters | resume my letters",
		orderRow{Resume, nil}},
	{"skip | skip this one | skip it | skip today | skip this | skip one | skip next | skip the next | " +
		"skip the next one | skip next one | skip the letter | skip this letter | skip the next letter",
		orderRow{Skip, nil}},
	{"snooze | snooze it | remind me | remind me in | remind me again", orderRow{Snooze, snoozeRest}},
	{"daily | every day", orderRow{Daily, nil}},
	{"weekdays | on weekdays | every weekday", orderRow{Weekdays, nil}},
	{"weekly | every week | once a week", orderRow{Weekly, daysRest}},
	{"fortnightly | every fortnight | every two weeks | every other week | every 2 weeks | biweekly",
		orderRow{Fortnightly, daysRest}},
	{"monthly | every month | once a month", orderRow{Monthly, dayRest}},
	{"every | twice a week | twice a month | three times a week | quarterly | yearly | change time | change the time",
		orderRow{otherRhythm, nil}},
	{"not for me | this is not for me | this isn't for me", orderRow{NotForMe, nil}},
	{"kept | kept it | i kept it | kept my promise | i kept my promise | kept yes | done | it's done | all done | " +
		"did it | i did it | i did | yes | yes please | yes i did", orderRow{Kept, nil}},
	{"not yet | no not yet | still not yet | not done yet | not yet done", orderRow{NotYet, notYetRest}},
	{"let go | let it go | i let it go | let this go | i let go", orderRow{LetGo, nil}},
}

// orders is the table by phrase. It is built when the first order is looked for.
var orders = sync.OnceValue(func() map[string]orderRow {
	all := map[string]orderRow{}
	for _, phrase := range language.Pause.Phrases() {
		all[phrase] = orderRow{Pause, pauseRest}
	}
	for _, row := range orderTable {
		for phrase := range strings.SplitSeq(row.phrases, " | ") {
			all[phrase] = row.orderRow
		}
	}
	return all
})

// oneOf is a set of a few phrases, for [longest].
func oneOf(phrases ...string) func(string) bool {
	return func(s string) bool { return slices.Contains(phrases, s) }
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
		if n := longest(said, false, language.Courtesies.Has); n > 0 && n < len(said) {
			said, trimmed = said[n:], true
		}
		n := longest(said, true, language.Courtesies.Has)
		end := join(said[len(said)-n:])
		_, day := daysAhead(end) // "by today"
		if n > 0 && n < len(said) && !day && orders()[end].name == "" {
			said, trimmed = said[:len(said)-n], true
		}
	}
	if len(said) > 1 && isNumeric(said[0].low) && strings.ContainsAny(line[said[0].end:said[1].start], ".)") {
		said = said[1:] // "1. PAUSE"
	}
	if len(said) == 0 {
		return Order{}, notOrder
	}
	if promise, kind := readPromise(line, said, today); kind != notOrder {
		return Order{Name: MakePromise, Line: line, Promise: promise}, kind
	}
	order, kind := readCommand(said, today)
	if kind == looksLikeOrder && !isCapitals(line[said[0].start:said[0].end]) && !isNumeric(said[len(said)-1].low) &&
		!endsInTime(order.Name, said, today) {
		kind = notOrder // "Pause for thought"
	}
	if kind == isOrder && slices.ContainsFunc(said[1:], func(w word) bool {
		before := line[:w.start]
		return isNumeric(w.low[:1]) && (strings.HasSuffix(before, " -") || strings.HasSuffix(before, " −"))
	}) {
		kind = looksLikeOrder // "SNOOZE -2h"
	}
	order.Line = line
	return order, kind
}

// endsInTime reports a pause, or one letter less, for a time that we couldn't read: "Pause half a
// month", "skip this week". "Every day this week" is an answer.
func endsInTime(name Name, said []word, today mend.Date) bool {
	if name != Pause && name != Skip {
		return false
	}
	last := said[len(said)-1:]
	_, span := addSpan(dateTokens(last), today)
	_, found := readDate(last, today)
	return span || found != noDate
}

// ofFive is how people say that a mood is one of five.
var ofFive = strings.NewReplacer(" / 5", "", "/5", "", " out of 5", "", " of 5", "")

// readMood reads "4", "4.", "*4*", "4 :)", "4/5" or "4 out of 5", and nothing longer.
func readMood(line string) (int, bool) {
	bare := ofFive.Replace(strings.TrimSpace(language.Fold(line)))
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
		row, ok := orders()[join(said[:n])]
		if !ok {
			continue
		}
		order := Order{Name: row.name}
		switch {
		case n == len(said) && row.name != stopFor && row.name != otherRhythm:
			return order, isOrder
		case n < len(said) && row.rest != nil && row.rest(&order, said[n:], today):
			return order, isOrder
		case row.name == otherRhythm && len(said) <= unknownMost:
			order.Name = Weekly
			return order, looksLikeOrder
		case n < len(said) && len(said) <= unknownMost && row.name != Kept && row.name != LetGo && row.name != NotYet:
			if row.name == stopFor {
				order.Name = Pause
			}
			return order, looksLikeOrder
		}
	}
	return Order{}, notOrder
}

// pauseFirst puts the word for a pause before its span, and cuts it off where a script has no
// spaces: "2 hafta ara", "暂停一周".
func pauseFirst(said []word) []word {
	last := said[len(said)-1]
	if n := len(said); n > 1 && n < 4 && orders()[last.low].name == Pause && orders()[said[0].low].name == "" {
		return append([]word{last}, said[:n-1]...)
	}
	for _, phrase := range language.Pause.Phrases() {
		if !strings.ContainsFunc(phrase, language.IsUnspaced) {
			continue
		}
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

// beforeSpan is what may stand before a span of days and changes nothing of it. "Half a month" is
// another one than a month.
var beforeSpan = oneOf("about", "of", "circa", "ca", "around", "de", "du", "di", "da", "do", "durante", "pendant",
	"environ", "por", "pour", "per", "um", "ungefähr", "ungefahr", "etwa", "für", "fur", "von", "van", "voor",
	"ongeveer", "i", "av", "af", "på", "pa", "na", "o", "на")

// pauseRest reads "3 days", "for two weeks", "until Friday".
func pauseRest(order *Order, said []word, today mend.Date) bool {
	until := len(said) > 0 && language.Until.Has(said[0].low)
	said = said[longest(said, false, oneOf("for", "for the next", "for the")):]
	date, ok := addSpan(dateTokens(said), today)
	if !ok && len(said) > 2 && beforeSpan(said[0].low) {
		date, ok = addSpan(dateTokens(said[1:]), today) // "Pausa de una semana"
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
	if !pauseRest(order, said, today) || order.Unclear && !oneOf("until", "till")(said[0].low) {
		return false
	}
	order.Name = Pause
	return true
}

// snoozeRest reads "2h", "30 minutes", and all that [pauseRest] does.
func snoozeRest(order *Order, said []word, today mend.Date) bool {
	if d, ok := readDuration(said[longest(said, false, oneOf("for", "in")):]); ok {
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
		day, ok := weekdayOf(w.low)
		if !ok {
			day, ok = weekdayOf(strings.TrimSuffix(w.low, "s"))
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
// Without the keyword in front only a clear date makes it a promise: "I promise that I never meant
// to" is none. The keyword without words, or without a date that is clear, is asked back.
func readPromise(line string, said []word, today mend.Date) (*Promise, orderKind) {
	keyword := said[0].low == "promise"
	n := longest(said, false, oneOf("promise", "i promise", "we promise"))
	if n == 0 {
		return nil, notOrder
	}
	otherwise := notOrder
	if keyword {
		otherwise = looksLikeOrder
	}
	if said = said[n:]; len(said) > 1 && said[0].low == "to" {
		said = said[1:]
	}
	if _, found := readDate(said, today); len(said) == 0 || found != noDate { // nothing is promised
		return nil, otherwise
	}
	words := func(end int) string { return strings.TrimRight(line[said[0].start:said[end].start], " \t,;:-–—") }
	unclear := false
	for i := 1; i < len(said) && !unclear; i++ { // the longest date wins: "by the end of the month"
		before := isPreposition(said[i].low)
		if !before && i < len(said)-3 || len(said)-i > maxDateWords {
			continue
		}
		date, found := readDate(said[i:], today) // "in two weeks"; "… tomorrow", without a preposition
		if before && (found == noDate || !language.In.Has(said[i].low)) {
			date, found = readDate(said[i+1:], today)
		} else if !before && isNumeric(said[i].low) {
			continue
		}
		if found == clearDate && !date.Before(today) {
			return &Promise{Words: words(i), Due: date}, isOrder
		}
		unclear = found == unclearDate // "next Friday" is not "Friday"
	}
	if !keyword {
		return nil, notOrder
	}
	return &Promise{Words: strings.TrimSpace(line[said[0].start:]), Unclear: true}, isOrder
}
