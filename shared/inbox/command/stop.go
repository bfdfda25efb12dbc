package command

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/mend/shared/inbox/language"
	"example.org/mend/shared/mend"
)

// Stop says what a mail asks about stopping.
type Stop string

// Whether to stop.
const (
	NoStop    Stop = ""
	StopAsks  Stop = "asks"  // the words may be part of a story: ask once, stop nothing
	StopPlain Stop = "plain" // everything stops at once
)

// maxLine is how many bytes of a line can be an order. A longer line is words, and nothing looks at
// it, so that a stranger's mail costs no more than its length.
const maxLine = 500

// stopLines is among how many lines a sentence that asks to stop is looked for.
// Capitals count on any.
const stopLines = 12

// FindStop looks for a request to stop among a person's own words. It is separate from [Read] and
// cheaper, because it runs before anything is known of the sender: a request to stop is honoured
// for anyone who holds the letter.
//
// It is plain where a bare word for it, in any language of the table,
//   - is all there is besides a greeting, thanks, a name and one polite reason, or
//   - fills the first line, with nothing or a blank line below it, or
//   - stands in capitals on a line of its own.
//
// Where the same words may be part of a story, or the word in capitals begins one of the first
// lines and more follows that we don't understand, the result is [StopAsks].
func FindStop(words string) Stop {
	lines, total := linesOf(words)
	if total <= stopLines && isAll(lines) || firstLineStops(lines) {
		return StopPlain
	}
	asks := false
	for i, l := range lines {
		if i < stopLines && !asks {
			asks = slices.ContainsFunc(l.sentences, func(s string) bool { return stops(s) >= stopWords }) ||
				i < orderLines && l.beginsWithStop()
		}
		if l.capitals && l.stopsInCapitals() {
			return StopPlain
		}
	}
	if asks {
		return StopAsks
	}
	return NoStop
}

// OnlyAround reports whether words are only what people write around a request to stop: a greeting,
// thanks, a name, one polite reason, or a mere sign. A number answers how someone was.
func OnlyAround(words string) bool {
	lines, total := linesOf(words)
	at := 0
	if total > 0 && len(lines[0].sentences) > 0 && isGreetingOf(lines[0].sentences[0]) {
		at = 1
	}
	lines = slices.Insert(lines, at, newSentenceLine("stop"))
	return total < stopLines && isAll(lines) && !strings.ContainsFunc(words, unicode.IsNumber)
}

// yesses are ways to say yes at the beginning of an answer, folded; the longer ones first. "OK" is
// none: the letter that asks also says that letters come as before.
var yesses = strings.Fields(`
yes,_i_do yes_i_do yes,_please_do yes_please_do please_do i_do yes yep yeah yup y sure
ja jo joo oui si sim tak da ano igen evet да так ναι نعم بله כן हाँ はい 是的 是 對 네 예 vang ya kylla
`)

// SaysYesToStop reports whether the answer to the question whether to stop is a yes: with STOP in
// its place, the words would be a plain request to stop, and the line takes nothing back.
func SaysYesToStop(words string) bool {
	lines := strings.Split(words, "\n")
	for i, line := range lines {
		if l := newSentenceLine(strings.TrimSpace(line)); l.typed == "" || onlyGreets(l) {
			continue
		}
		if len(line) > maxLine {
			return false
		}
		folded := strings.TrimSpace(language.Fold(line))
		for _, yes := range yesses {
			rest, ok := strings.CutPrefix(folded, language.Fold(strings.ReplaceAll(yes, "_", " ")))
			if next, _ := utf8.DecodeRuneInString(rest); !ok || unicode.IsLetter(next) {
				continue
			}
			lines[i] = "STOP" + rest
			return !takesBack(rest, strings.HasSuffix(yes, "_do")) &&
				FindStop(strings.Join(lines[i:], "\n")) == StopPlain
		}
		return false
	}
	return false
}

// goingOn are words by which an answer asks for more letters, canonical.
var goingOn = strings.Fields(`
go_on keep continue carry_on resume send_them weiter continuez continuer sigan siga seguir continua continuate
`)

// takesBack reports whether what follows a yes on its line asks for something else than to stop:
// "yes, please go on", "yes, no need to stop", and after "I do" another verb: "I do want them". No
// letter tells of a stop, so one by mistake would go unnoticed.
func takesBack(rest string, verb bool) bool {
	next, _ := utf8.DecodeRuneInString(strings.TrimSpace(rest))
	for i, s := range sentencesOf(rest) {
		if stops(s) != noStop || isThanks(s, 0) {
			continue
		}
		has := func(phrase string) bool {
			return strings.Contains(" "+s+" ", " "+strings.ReplaceAll(phrase, "_", " ")+" ")
		}
		stop := func(word string) bool { return stops(word) == stopBare }
		if i == 0 && verb && unicode.IsLetter(next) ||
			strings.HasSuffix(s, " don't") || strings.HasSuffix(s, " do not") ||
			slices.ContainsFunc(goingOn, has) || slices.ContainsFunc(strings.Fields(s), stop) {
			return true
		}
	}
	return false
}

// FindStopInSubject does the same for the subject of a mail that has no text of its own. Behind
// "Re:" stands our own subject, so there only capitals count.
func FindStopInSubject(subject string) Stop {
	before, after, answer := strings.Cut(subject, ":")
	if !answer || len(before) > 6 || strings.ContainsAny(strings.TrimSpace(before), " ") {
		if FindStop(subject) == StopPlain {
			return StopPlain
		}
		return NoStop
	}
	if lines, total := linesOf(after); total == 1 && lines[0].capitals && isAll(lines) {
		return StopPlain
	}
	return NoStop
}

// sentenceLine is a line with text.
type sentenceLine struct {
	typed        string
	sentences    []string // canonical; a clause counts as a sentence
	above, below string   // the lines next to it, "" if blank
	capitals     bool     // no small letter, and at least three capitals
	quoted       bool     // within quotation marks
}

func newSentenceLine(typed string) sentenceLine {
	l := sentenceLine{typed: typed}
	if len(typed) <= maxLine {
		l.capitals = isCapitals(typed)
		l.quoted = strings.ContainsAny(typed[:min(len(typed), 4)], "\"“”„«»「『")
		l.sentences = sentencesOf(typed)
	}
	return l
}

// linesOf cuts words into the lines that have text, and returns the first of them, those in
// capitals, and how many there are. Lines that are longer than an order have no sentences.
func linesOf(words string) (lines []sentenceLine, total int) {
	above, open := "", false // whether the line below the last one that was kept is still to come
	for typed := range strings.SplitSeq(words, "\n") {
		typed = strings.TrimSpace(typed)
		if open {
			lines[len(lines)-1].below, open = typed, false
		}
		if typed != "" && total < stopLines && isOtherOrder(typed) {
			typed = "" // "DAILY", "STOP": an order beside it tells no story
		}
		if typed != "" {
			total++
			if total <= stopLines || len(typed) <= maxLine && isCapitals(typed) {
				l := newSentenceLine(typed)
				l.above = above
				lines, open = append(lines, l), true
			}
		}
		above = typed
	}
	return lines, total
}

// isOtherOrder reports a line that is an order of [Read].
func isOtherOrder(typed string) bool {
	if len(typed) > maxLine {
		return false
	}
	said := splitWords(typed)
	if len(said) == 0 || isGreeting(said) {
		return false
	}
	_, kind := readOrder(typed, said, mend.Date{Year: 2000, Month: 1, Day: 1}) // which day it is changes nothing
	return kind == isOrder
}

// isCapitals reports a line without small letters that has at least three capitals.
func isCapitals(s string) bool {
	capitals := 0
	for _, r := range s {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			capitals++
		}
	}
	return capitals >= 3
}

// sentencesOf cuts a line into its clauses, in canonical form.
func sentencesOf(typed string) []string {
	var out []string
	start := 0
	cut := func(end, next int) {
		if s := canonical(typed[start:end]); s != "" {
			out = append(out, s)
		}
		start = next
	}
	for i, r := range typed {
		switch r {
		case '!', '?', '…', '。', '！', '？', '؟', '؛', '।', ';', ':', '：', ',', '，', '、', '،', '–', '—', '(', ')', '\t':
			cut(i, i+len(string(r)))
		case '.':
			if i+1 >= len(typed) || typed[i+1] == ' ' || typed[i+1] == '.' {
				cut(i, i+1)
			}
		case '-':
			if i > 0 && typed[i-1] == ' ' && i+1 < len(typed) && typed[i+1] == ' ' {
				cut(i, i+1)
			}
		}
	}
	cut(len(typed), len(typed))
	return out
}

// isAll reports that a request to stop is all that lines say, besides a greeting, thanks, a name
// and one polite reason.
func isAll(lines []sentenceLine) bool {
	var stop stopKind
	reasons, thanked, greeted := 0, false, false
	for i, l := range lines {
		if len(l.sentences) == 0 && strings.IndexFunc(l.typed, unicode.IsLetter) >= 0 {
			return false // too long
		}
		reasonHere, thankedHere := false, false
		for k, sentence := range l.sentences {
			kind := stops(sentence)
			switch {
			case kind != noStop && isVague(sentence):
				return false
			case kind != noStop:
				stop = max(stop, kind)
			case stop == noStop && isGreetingOf(sentence):
				greeted = true
			case isThanks(sentence, 7):
				thanked, thankedHere = true, true
			case greeted && stop == noStop && i == 0 && strings.Count(sentence, " ") < 2:
				// "Hello, Mend"
			case isNumber(sentence) && k == 0:
				// "1. STOP"
			case reasonHere && strings.Count(sentence, " ") <= 20, reasons == 0 && isReason(sentence):
				reasons, reasonHere = 1, true
			case i == len(lines)-1 && stop != noStop && (isName(l, thanked) ||
				thankedHere && k == len(l.sentences)-1 && strings.Count(sentence, " ") < 2):
			default:
				return false
			}
		}
	}
	return stop == stopAlone && reasons == 0 || stop > stopAlone
}

// isVague reports a request to stop something that it doesn't name: perhaps our letters.
func isVague(sentence string) bool {
	switch strings.TrimSuffix(strings.TrimPrefix(sentence, "please "), " please") {
	case "stop this", "stop these", "stop that", "stop those":
		return true
	}
	return false
}

func isNumber(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) < 0
}

// isName reports a last line of one to three words with capitals, apart from what stands above.
func isName(l sentenceLine, thanked bool) bool {
	name := strings.TrimLeft(l.typed, "-–—~ ")
	if l.above != "" && !thanked && name == l.typed || strings.ContainsAny(name, "!?.:;,") {
		return false
	}
	words := strings.Fields(name)
	for _, w := range words {
		first := []rune(w)[0]
		if !unicode.IsUpper(first) && !unicode.Is(unicode.Lo, first) {
			return false
		}
	}
	return len(words) <= 3
}

// firstLineStops reports a bare word for stopping that fills the first line below the greeting,
// with nothing or a blank line below it.
func firstLineStops(lines []sentenceLine) bool {
	for i, l := range lines {
		if i > 2 {
			return false
		}
		if i+1 < len(lines) && onlyGreets(l) {
			continue
		}
		return l.below == "" && !l.quoted && l.fills()
	}
	return false
}

func onlyGreets(l sentenceLine) bool {
	for k, sentence := range l.sentences {
		if stops(sentence) != noStop || !isGreetingOf(sentence) && (k == 0 || strings.Count(sentence, " ") > 1) {
			return false
		}
	}
	return len(l.sentences) > 0
}

// fills reports that a line is a bare request to stop, with nothing else than courtesies.
func (l sentenceLine) fills() bool {
	var rest []string
	for _, sentence := range l.sentences {
		switch stops(sentence) {
		case stopBare:
		case noStop:
			rest = append(rest, sentence)
		default:
			return false
		}
	}
	return len(rest) < len(l.sentences) && !slices.ContainsFunc(rest, func(s string) bool {
		return !isThanks(s, 0) && !isGreetingOf(s)
	})
}

// beginsWithStop reports a line whose first word is one for stopping, in capitals: "STOP he found
// them".
func (l sentenceLine) beginsWithStop() bool {
	first, _, _ := strings.Cut(l.typed, " ")
	return len(l.typed) <= maxLine && !l.quoted && isCapitals(first) && stops(canonical(first)) == stopBare
}

// stopsInCapitals reports a bare request to stop in capitals, alone on its line: not one of several
// lines in capitals, and not announced by the line above.
func (l sentenceLine) stopsInCapitals() bool {
	if l.quoted || len(l.typed) > 80 || !l.fills() {
		return false
	}
	for _, beside := range []string{l.above, l.below} {
		if len(beside) <= 80 && isCapitals(beside) {
			other := newSentenceLine(beside)
			thanks := !slices.ContainsFunc(other.sentences, func(s string) bool { return !isThanks(s, 7) })
			if !thanks && !other.fills() {
				return false
			}
		}
	}
	return !strings.HasSuffix(l.above, ":") && !strings.HasSuffix(l.above, "：")
}
