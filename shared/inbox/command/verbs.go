// Package command finds orders among a person's own words.
package command

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"example.org/mend/shared/mend"
)

// Verb is one thing that a reply asks for.
type Verb struct {
	Name VerbName
	Line string // as it was typed, so that a verb that cannot be followed goes back among the words

	Until   mend.Date     // Pause, Snooze: the first date on which letters come again; NotYet: the new day; zero if it is open or For is set
	For     time.Duration // Snooze: for so long, from the time at which the mail came
	Unclear bool          // Pause, Snooze, NotYet: there is a date that could mean several days, or none; ask once
	Mood    int           // Mood: 1 (heavy) to 5 (light)
	Promise *Promise      // MakePromise
}

// Promise is what somebody says they will do.
type Promise struct {
	Words   string
	Due     mend.Date // zero if Unclear
	Unclear bool      // no date, or one that could mean several days: ask back once, never guess
}

// VerbName names a verb, in lower case.
type VerbName string

// The verbs.
const (
	Stop        VerbName = "stop"
	Pause       VerbName = "pause"
	Resume      VerbName = "resume"
	Skip        VerbName = "skip"
	Snooze      VerbName = "snooze"
	Daily       VerbName = "daily"
	Weekdays    VerbName = "weekdays"
	Weekly      VerbName = "weekly"
	Monthly     VerbName = "monthly"
	MakePromise VerbName = "promise"
	Kept        VerbName = "kept"
	NotYet      VerbName = "not yet"
	LetGo       VerbName = "let go"
	Mood        VerbName = "mood"
)

// What makes sense in answer to which letter, for the last argument of [Verbs].
// "Not yet." below a check-in's question is an answer to it, not a verb.
var (
	ToCheckIn  = []VerbName{Stop, Pause, Resume, Skip, Daily, Weekdays, Weekly, Monthly, MakePromise, Mood}
	ToReminder = append([]VerbName{Snooze}, ToCheckIn...)
	ToPromise  = append([]VerbName{Kept, NotYet, LetGo}, ToCheckIn...)
)

// verbLines is among how many lines a verb is looked for; blank lines and greetings do not count.
const verbLines = 3

// Verbs finds the verbs among a person's own words and returns what remains.
//
// A verb fills one of the first three lines, in any case and with any
// punctuation, a greeting before it and thanks after it. Lines that are not verbs are words,
// wherever they stand, and so is a sentence that begins "I promise": it makes a promise if
// its date is clear, and stays. A number from 1 to 5 is a mood only alone on its line.
//
// today is the person's own date. only, if it is given, names the verbs
// that answer the letter; the words of all others are left alone.
//
// STOP wins: where it is found it is the only verb returned, and the lines of the
// others go back among the words. Some people write it in the subject of an empty
// mail; pass that as words.
func Verbs(words string, today mend.Date, only ...VerbName) (verbs []Verb, rest string) {
	lines := strings.Split(words, "\n")
	var kept []string
	tried := 0
	for i, line := range lines {
		if tried == verbLines {
			kept = append(kept, lines[i:]...)
			break
		}
		said := splitWords(line)
		if len(said) == 0 || isGreeting(said) {
			kept = append(kept, line)
			continue
		}
		tried++
		verb, ok := readVerb(line, said, today)
		switch {
		case !ok || len(only) > 0 && !slices.Contains(only, verb.Name):
			kept = append(kept, line)
		case verb.Name == Stop:
			return []Verb{verb}, strings.Trim(strings.Join(slices.Delete(lines, i, i+1), "\n"), "\n")
		case slices.ContainsFunc(verbs, func(v Verb) bool { return v.Name == verb.Name && v.Name != MakePromise }):
			kept = append(kept, line) // said twice: the first one stands
		default:
			verbs = append(verbs, verb)
			if verb.Name == MakePromise && said[0].low != "promise" {
				kept = append(kept, line)
			}
		}
	}
	if len(verbs) > 0 && onlyGreets(kept) {
		kept = nil
	}
	return verbs, strings.Trim(strings.Join(kept, "\n"), "\n")
}

// A word as it was typed and as it is compared: lower case, no punctuation around it.
type word struct {
	low        string
	start, end int // of the typed word in its line, punctuation excluded
}

// splitWords cuts a line at white space and takes the punctuation off each
// word, except what stands within it, as in 3/4, 2026-03-01 or don't.
func splitWords(line string) []word {
	var out []word
	for start := 0; start < len(line); {
		rest := line[start:]
		if i := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsSpace(r) }); i < 0 {
			break
		} else {
			start += i
		}
		end := strings.IndexFunc(line[start:], unicode.IsSpace)
		if end < 0 {
			end = len(line)
		} else {
			end += start
		}
		typed := line[start:end]
		bare := strings.TrimFunc(typed, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if bare != "" {
			at := start + strings.Index(typed, bare)
			low := strings.ReplaceAll(strings.ToLower(bare), "’", "'")
			out = append(out, word{low, at, at + len(bare)})
		}
		start = end
	}
	return out
}

// isGreeting reports whether a line is nothing but "Hi", "Good morning Mend," and the like.
func isGreeting(said []word) bool {
	n := greetingLength(said)
	return n > 0 && n == len(said)
}

func onlyGreets(lines []string) bool {
	for _, line := range lines {
		if said := splitWords(line); len(said) > 0 && !isGreeting(said) {
			return false
		}
	}
	return true
}

// greetingLength counts the words of the greeting that a line begins with: one of the
// phrases, and a name if the line ends there.
func greetingLength(said []word) int {
	for _, phrase := range greetings {
		if n := phraseAt(said, phrase); n > 0 {
			if left := len(said) - n; left == 1 || left == 2 {
				if _, isVerb := readCommand(said[n:], mend.Date{}); !isVerb {
					return len(said)
				}
			}
			return n
		}
	}
	return 0
}

// phraseAt returns the number of words of phrase if said begins with it, else 0.
func phraseAt(said []word, phrase string) int {
	n := 0
	for w := range strings.FieldsSeq(phrase) {
		if n >= len(said) || said[n].low != w {
			return 0
		}
		n++
	}
	return n
}

// readVerb reads one line as a verb. said are its words, at least one.
func readVerb(line string, said []word, today mend.Date) (Verb, bool) {
	if mood, ok := readMood(line); ok {
		return Verb{Name: Mood, Line: line, Mood: mood}, true
	}
	said = said[greetingLength(said):]
	for trimmed := true; trimmed && len(said) > 0; {
		trimmed = false
		for _, phrase := range courtesies {
			if n := phraseAt(said, phrase); n > 0 && n < len(said) {
				said, trimmed = said[n:], true
			}
			if n := len(strings.Fields(phrase)); n < len(said) && phraseAt(said[len(said)-n:], phrase) > 0 {
				said, trimmed = said[:len(said)-n], true
			}
		}
	}
	if len(said) == 0 {
		return Verb{}, false
	}
	if promise, ok := readPromise(line, said, today); ok {
		return Verb{Name: MakePromise, Line: line, Promise: &promise}, true
	}
	verb, ok := readCommand(said, today)
	verb.Line = line
	return verb, ok
}

// readMood reads "4", "4.", "*4*" or "4/5", and nothing longer.
func readMood(line string) (int, bool) {
	bare := strings.TrimSuffix(strings.Trim(line, " \t\u00a0.,!*_()\"'"), "/5")
	if len(bare) == 1 && '1' <= bare[0] && bare[0] <= '5' {
		return int(bare[0] - '0'), true
	}
	return 0, false
}

// readCommand reads words that begin with a verb of the table and are filled by it.
func readCommand(said []word, today mend.Date) (Verb, bool) {
	for _, row := range commands {
		for _, phrase := range row.phrases {
			n := phraseAt(said, phrase)
			if n == 0 {
				continue
			}
			verb := Verb{Name: row.name}
			if n == len(said) {
				return verb, true
			}
			if row.rest != nil && row.rest(&verb, said[n:], today) {
				return verb, true
			}
		}
	}
	return Verb{}, false
}

// pauseRest reads "3 days", "for two weeks", "until Friday".
func pauseRest(verb *Verb, said []word, today mend.Date) bool {
	until := phraseAt(said, "until") + phraseAt(said, "till") + phraseAt(said, "til")
	said = said[until+phraseAt(said, "for"):]
	if date, ok := readSpan(said, today); ok && until == 0 {
		verb.Until = date
		return true
	}
	switch date, found := readDate(said, today); {
	case found == clearDate && date.After(today):
		verb.Until = date
	case found == clearDate || found == unclearDate || until > 0 && len(said) <= 4:
		verb.Unclear = true
	default:
		return false // "Pause for thought" is not a verb
	}
	return true
}

// snoozeRest reads "2h", "30 minutes", and all that [pauseRest] does.
func snoozeRest(verb *Verb, said []word, today mend.Date) bool {
	if d, ok := readDuration(said[phraseAt(said, "for"):]); ok {
		verb.For = d
		return true
	}
	return pauseRest(verb, said, today)
}

// notYetRest reads "by Sunday", "on the 3rd", "tomorrow".
func notYetRest(verb *Verb, said []word, today mend.Date) bool {
	date, found := readDate(said, today)
	if found == noDate && len(said) > 1 && datePrepositions[said[0].low] {
		date, found = readDate(said[1:], today)
	}
	switch {
	case found == clearDate && !date.Before(today):
		verb.Until = date
	case found == noDate:
		return false // "Not yet, I was ill"
	default:
		verb.Unclear = true
	}
	return true
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

// readPromise reads "PROMISE call my sister by Friday" and "I promise to call my
// sister by Friday". Without the keyword in front only a clear date makes it a promise:
// "I promise that I never meant to" is not one.
func readPromise(line string, said []word, today mend.Date) (Promise, bool) {
	keyword := said[0].low == "promise"
	n := 1
	if !keyword {
		if n = max(phraseAt(said, "i promise"), phraseAt(said, "we promise")); n == 0 {
			return Promise{}, false
		}
	}
	if n == len(said) {
		return Promise{}, false
	}
	said = said[n:]
	if phraseAt(said, "to") > 0 && len(said) > 1 {
		said = said[1:]
	}
	whole := line[said[0].start:]
	for i := 1; i < len(said); i++ { // the longest date wins: "by the end of the month"
		if !datePrepositions[said[i].low] {
			continue
		}
		skip := 1
		if said[i].low == "in" || said[i].low == "within" {
			skip = 0
		}
		if date, found := readDate(said[i+skip:], today); found == clearDate && !date.Before(today) {
			return Promise{Words: strings.TrimRight(line[said[0].start:said[i].start], " \t,;:-–—"), Due: date}, true
		} else if found == unclearDate {
			return Promise{Words: strings.TrimSpace(whole), Unclear: true}, keyword
		}
	}
	// "… tomorrow", "… next to nothing today", without a preposition.
	for i := max(1, len(said)-3); i < len(said); i++ {
		if date, found := readDate(said[i:], today); found == clearDate && !date.Before(today) && !isNumeric(said[i].low) {
			return Promise{Words: strings.TrimRight(line[said[0].start:said[i].start], " \t,;:-–—"), Due: date}, true
		}
	}
	return Promise{Words: strings.TrimSpace(whole), Unclear: true}, keyword
}

func isNumeric(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// commands is the verb table of design section 7. Phrases are tried in order, the longer ones first.
var commands = []struct {
	name    VerbName
	phrases []string
	rest    func(verb *Verb, said []word, today mend.Date) bool // reads what follows the phrase; nil: nothing may
}{
	{name: Stop, phrases: []string{
		"stop it", "stop all", "stop now", "stop this", "stop these", "stop everything", "stop mail", "stop mails", "stop email", "stop emails", "stop e-mails",
		"stop letters", "stop the letters", "stop the emails", "stop these letters", "stop these emails", "stop all letters", "stop all emails",
		"stop sending", "stop sending me letters", "stop sending me emails", "stop sending letters", "stop sending emails", "stop sending these", "stop sending me these", "stop sending me these emails", "stop sending me these letters",
		"stop mailing me", "stop emailing me", "stop writing", "stop writing to me", "stop contacting me",
		"unsubscribe me", "unsubscribe", "opt out", "opt-out", "optout", "remove me", "stop",
		"stopp", "stopper", "arrêter", "abbestellen", "abmelden",
	}},
	{name: Pause, phrases: []string{"pause it", "pause", "rest"}, rest: pauseRest},
	{name: Resume, phrases: []string{"resume", "unpause", "start again", "restart", "continue"}},
	{name: Skip, phrases: []string{"skip this one", "skip it", "skip today", "skip this", "skip"}},
	{name: Snooze, phrases: []string{"snooze it", "snooze", "remind me", "remind me in"}, rest: snoozeRest},
	{name: Daily, phrases: []string{"daily", "every day"}},
	{name: Weekdays, phrases: []string{"weekdays", "on weekdays", "every weekday"}},
	{name: Weekly, phrases: []string{"weekly", "every week", "once a week"}},
	{name: Monthly, phrases: []string{"monthly", "every month", "once a month"}},
	{name: Kept, phrases: []string{"kept it", "i kept it", "kept"}},
	{name: NotYet, phrases: []string{"not yet"}, rest: notYetRest},
	{name: LetGo, phrases: []string{"let it go", "let go"}},
}

// greetings stand before a verb; courtesies around it.
var (
	greetings  = []string{"good morning", "good afternoon", "good evening", "good day", "hi there", "hello there", "hi", "hello", "hey", "hiya", "dear", "hallo", "bonjour", "hola", "ciao", "moin", "morning"}
	courtesies = []string{"thank you very much", "thank you", "many thanks", "thanks", "thx", "cheers", "please", "pls", "plz", "kindly", "could you", "can you", "can we", "ok", "okay", "yes", "now please"}
)
