// Package command finds orders in a person's own words: those that stop the letters ([FindStop]),
// and those that pause, change or answer them ([Read]).
//
// All cost is linear in the words and bounded for each line: a line longer than 500 bytes is no
// order and is not looked at, whatever it says.
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

	// Unknown lists the lines that look like an order and were not understood: ask back once.
	// They are in Rest as well.
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
// An order fills one of the first three lines, in any case and with any punctuation, a greeting
// before it and thanks after it. PROMISE in capitals counts on any line. Lines that are no orders
// are words, wherever they stand, and so is a sentence that begins "I promise": it makes a promise
// if its date is clear, and stays. A number from 1 to 5 is a mood only alone on its line.
//
// today is the person's own date. only, if it is given, names the orders that answer the letter;
// the words of all others are left alone. STOP wins: beside a plain stop no other order counts.
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
		twice := slices.ContainsFunc(r.Orders, func(o Order) bool {
			return o.Name == order.Name && o.Name != MakePromise
		})
		if kind == isOrder && allowed && !twice {
			r.Orders = append(r.Orders, order)
			if order.Promise == nil || strings.EqualFold(firstOf(line), "promise") {
				continue
			}
		} else if kind == looksLikeOrder && (allowed || order.Name == "") ||
			// only a reminder snoozes
			kind == isOrder && order.Name == Snooze && !allowed && isCapitals(firstOf(line)) {
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
// within it, as in 3/4, 2026-03-01 or don't. A line with too many words is one word
// that no table has.
func splitWords(line string) []word {
	var out []word
	at := 0
	for typed := range strings.FieldsSeq(line) {
		at += strings.Index(line[at:], typed)
		bare := strings.TrimFunc(typed, func(r rune) bool {
			return !unicode.In(r, unicode.Letter, unicode.Number, unicode.Mark) // "½" is one
		})
		if bare != "" {
			start := at + strings.Index(typed, bare)
			out = append(out, word{language.Fold(bare), start, start + len(bare)})
		}
		at += len(typed)
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

// greetingLength counts the words of the greeting that a line begins with: one of the phrases, and
// a name if the line ends there.
func greetingLength(said []word) int {
	n := longest(said, false, language.Greetings.Has)
	if left := len(said) - n; n > 0 && (left == 1 || left == 2) {
		if _, kind := readCommand(said[n:], mend.Date{}); kind == notOrder {
			return len(said)
		}
	}
	return n
}

// longest counts the words of the longest phrase with which said begins, or ends; 0 if
// there is none.
func longest(said []word, atEnd bool, has func(string) bool) int {
	for n := min(4, len(said)); n > 0; n-- {
		if atEnd && has(join(said[len(said)-n:])) || !atEnd && has(join(said[:n])) {
			return n
		}
	}
	return 0
}

func join(said []word) string {
	if len(said) == 1 {
		return said[0].low
	}
	lows := make([]string, len(said))
	for i, w := range said {
		lows[i] = w.low
	}
	return strings.Join(lows, " ")
}
