package replytext

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/mend/shared/inbox/language"
)

// An attribution line says who wrote what is quoted below it:
//
//	On Tue, 3 Mar 2026 at 10:15, Ann Example <ann@example.org> wrote:
//
// Clients write it in every language and order and wrap it over several lines. So it is known by
// its parts, not by its order: a date, an address, the verb, the colon at the end. One of the
// first two and one of the last two are the least; prose that happens to have them is told
// apart by where they stand and by pronouns ("On Monday he wrote: …").

// attributionLines is over how many lines a client wraps an attribution.
const attributionLines = 5

// attribution reports how many lines from i on are an attribution line, 0 if they are none. Where
// one is glued to the end of the author's words, the line is split, and it is found on the next.
func (d *document) attribution(i int) int {
	first := d.lines[i].low
	dated := strings.ContainsAny(first, "0123456789@<") // else a date or an address is wrapped off
	if len(first) > 4000 || !dated && (len(first) >= 100 || strings.HasSuffix(first, ".")) {
		return 0
	}
	if end := gluedQuote(first); end > 0 {
		if ok, at := d.isAttribution(first[:end], i+1); ok && at == 0 {
			return 1
		} else if ok {
			return d.splitGlued(i, at)
		}
	}
	joined := ""
	for end := i; end < min(i+attributionLines, len(d.lines)); end++ {
		l := &d.lines[end]
		if end > i && (l.depth > 0 || l.rule != "" || len(l.low) > 200) || len(joined) > 600 {
			return 0
		}
		if l.blank() {
			if !d.continuesAfterBlank(end, joined) {
				return 0
			}
			continue
		}
		if f, _ := labelOf(l.low); end > i && f != noField && f != fieldOther {
			return 0 // a header block
		}
		joined = joinWords(joined, l.low)
		ok, at := d.isAttribution(joined, end+1)
		switch {
		case !ok:
			continue
		case at >= len(first) || d.beginsAt(i, end) > i:
			return 0
		case at > 0: // the author's last line runs into it
			return d.splitGlued(i, at)
		}
		return end - i + 1
	}
	return 0
}

// gluedQuote returns the end of an attribution that the quote follows on the same line, 0 if there
// is none: before the mark, or behind the address and the colon.
func gluedQuote(low string) int {
	if colon := strings.Index(low, ":>"); colon > 0 {
		return colon + 1
	}
	at := strings.IndexByte(low, '@')
	if at < 0 || !hasDate(low) {
		return 0
	}
	end := at + max(0, strings.IndexByte(low[at:], '>'))
	colon := strings.IndexByte(low[end:min(len(low), end+40)], ':')
	if end == at || colon < 0 || end+colon+2 >= len(low) {
		return 0
	}
	return end + colon + 1
}

// beginsAt returns on which of the lines from i to end an attribution begins that ends on line end:
// the nearest that opens with "On" and a date; else the nearest from which on it is whole and with
// which it can begin, so that no line of the author's is taken for its beginning.
func (ls lines) beginsAt(i, end int) int {
	best, joined, found, dated := i, "", false, false
	for k := end; k >= i; k-- {
		l := &ls[k]
		if l.blank() {
			continue
		}
		joined = joinWords(l.low, joined)
		opens := opensHere(l.low)
		dates := found && !dated && hasDate(l.low) && begins(l.low, -1) == 0 // the date wrapped off
		if !opens && (found && !dates || k > i && ls.breaksOff(k)) {
			continue
		}
		if ok, at := ls.isAttribution(joined, end+1); !ok || at >= len(l.low) {
			continue
		}
		if best, found, dated = k, true, hasDate(joined); !opens {
			continue
		}
		for above := k - 1; above >= i && len(ls[above].low) < 40 && strings.HasSuffix(ls[above].low, ",") &&
			opensHere(ls[above].low); above-- {
			best = above // a date that was wrapped behind its comma
		}
		return best
	}
	return best
}

// breaksOff reports that line k goes on from the line above: that one holds the address, or
// this one begins with it.
func (ls lines) breaksOff(k int) bool {
	above, low := ls[k-1].low, ls[k].low
	return !strings.HasSuffix(above, ":") && (strings.Contains(above, "@") || opensAddress(above) ||
		strings.HasPrefix(low, "<") || strings.HasPrefix(low, ">") || strings.HasPrefix(low, "mailto:"))
}

// opensHere reports an opener of two letters or more with a digit close behind it.
func opensHere(low string) bool {
	word, rest := firstWord(strings.TrimLeft(low, "-–—*_ "))
	return len(word) > 1 && isOpener(word) && digitWithin(rest, 4)
}

func isOpener(word string) bool { return language.Openers.Has(strings.Trim(word, ",.:;")) }

// continuesAfterBlank allows one blank line inside an attribution where an address follows:
// some converters of HTML set each link apart.
func (ls lines) continuesAfterBlank(i int, joined string) bool {
	if i+1 >= len(ls) || !hasDate(joined) || endsSentence(joined) {
		return false
	}
	next := ls[i+1].low
	_, end := lastVerb(strings.TrimRight(next, ": "))
	return strings.HasPrefix(next, "<") ||
		strings.Contains(joined, "@") && len(next) < 40 && strings.HasSuffix(next, ":") && end > 0
}

// isAttribution judges a line, or several joined. next is the line below. at is where it begins, if
// words of the author stand before it.
func (ls lines) isAttribution(s string, next int) (ok bool, at int) {
	s = strings.TrimRight(s, "*_|\"”' ")
	colon := strings.HasSuffix(s, ":")
	body := strings.TrimRight(s, ": ")
	below := ls.beside(next-1, 1)
	quoted := ls.quotedNext(next) || below >= 0 && strings.HasPrefix(ls[below].low, "|")
	if len(body) < 6 || len(body) > 4000 || !colon && !quoted && !strings.Contains(body, "@") {
		return false, 0
	}
	verbAt, verbEnd := lastVerb(body)
	if end := sentenceBefore(body, verbAt); end > 0 {
		ok, at = ls.isAttribution(s[end:], next)
		return ok && (hasDate(s[end:]) || strings.Contains(s[end:], "@")), end + at
	}
	if !colon && quoted && isBareHead(body) {
		return true, 0
	}
	closed := strings.HasSuffix(body, ">")
	if !colon && verbEnd != len(body) && !closed && !strings.HasSuffix(body, ")") {
		return false, 0
	}
	begin := begins(body, verbAt)
	if begin > 0 && (strings.Contains(body[:begin], "@") || verbAt >= 0 && verbAt < begin ||
		language.Quoting.Begins(body)) {
		begin = -1 // "Ann <ann@example.org> wrote on 3 March:", "In a message dated 3 March …"
	}
	if begin > 0 {
		at, body = begin, body[begin:]
		verbAt, verbEnd = verbAt-begin, verbEnd-begin
	}
	if len(body) > 600 {
		return false, 0
	}
	proper, verb, verbLast := begin >= 0, verbAt >= 0, verbEnd == len(body)
	address, bracketed := hasAddress(body)
	date, timed, digits, spaces := hasDate(body), hasTime(body), countDigits(body), strings.Count(body, " ")
	told := verb && pronounBefore(body, verbAt)
	switch {
	case colon && address && verb && !quoted && (told || !date && tells(body)):
		// Somebody tells: "My father (ben@example.org) wrote:", "On 3 March I wrote to
		// Ann <ann@example.org>:".
	case colon && address && verb:
		ok = verbLast || bracketed && date || quoted || date && timed && digits >= 7
	case colon && bracketed && date && (proper || timed && digits >= 6),
		colon && address && strings.Contains(lastWords(body, 1), "@") && timed && digits >= 8 && !firstPerson(body):
		ok = spaces < 30 // no verb: Gmail in many languages, Yandex
	case colon && verb && date && proper:
		// No address: the date must have a time, or marks must follow; and "my mother
		// wrote:" is prose.
		ok = quoted || !told && (timed || digits >= 5) && spaces < 25
	case colon && proper && quoted && at == 0 && (date && bracketed || hasOpener(body) && digits >= 5):
		ok = spaces < 25 // a language that the table lacks
	case colon && verb && date && at == 0 && strings.Count(body[:verbAt], " ") <= 4 && !told:
		ok = quoted || timed && digits >= 8 // "Ann Example wrote on 3/3/2026 at 10:15:"
	case colon && quoted && verb && verbLast && !proper:
		ok = spaces < 6 && !told && at == 0 // "Ann Example wrote:"
	case colon && address && language.Quoting.Begins(body): // Horde and its like
		ok = true
	case !colon && verb && bracketed && timed && date && proper && !told:
		ok = spaces < 20
	case !colon && verb && date && proper && quoted:
		ok = verbLast || bracketed
	case !colon && bracketed && date && startsWithDigit(body) && closed && (timed || proper && quoted):
		ok = spaces < 9 // old Gmail: 2011/4/7 Ann <ann@example.org>
	}
	if ok && at > 0 && !date {
		return false, 0
	}
	return ok, at
}

// sentenceBefore returns where an attribution begins behind a sentence of the author's on the same
// line, 0 if it begins the line: behind the last full stop before its verb and its address.
func sentenceBefore(s string, verbAt int) int {
	stop := len(s)
	if verbAt >= 0 {
		stop = verbAt
	}
	if at := strings.IndexAny(s[:stop], "@<"); at >= 0 {
		stop = at
	}
	if stop == len(s) {
		return 0
	}
	for space := strings.LastIndexByte(s[:stop], ' '); space > 0; space = strings.LastIndexByte(s[:space], ' ') {
		before := s[:space]
		if !endsSentence(before) {
			continue
		}
		start := strings.LastIndexByte(before, ' ') + 1
		if word, stopped := strings.CutSuffix(before[start:], "."); stopped && (isAbbreviation(word) ||
			start == 0 && (len(word) < 5 || startsWithDigit(s[space+1:]))) {
			continue // "Prof. Ann Example wrote:", "Aug. 3, …"
		}
		if countDigits(before) > 0 {
			return 0 // the date
		}
		return space + 1
	}
	return 0
}

// isAbbreviation reports a word that a full stop may follow within a sentence.
func isAbbreviation(word string) bool {
	return utf8.RuneCountInString(word) < 2 || strings.Contains(word, ".") || language.Titles.Has(word) ||
		isWeekday(word+".") || language.Months.Number(word) > 0 || strings.ContainsFunc(word, language.IsUnspaced)
}

// isBareHead reports a name, an address and a time without a verb, as some write above a quote:
// "Mend r@mend.test – March 5, 2026 7:02 AM".
func isBareHead(s string) bool {
	address, _ := hasAddress(s)
	return address && hasTime(s) && countDigits(s) >= 7 && strings.Count(s, " ") <= 12 && !endsSentence(s) &&
		!firstPerson(s)
}

// verb finds the last "wrote" of any language in s; at is -1 if there is none.
func lastVerb(s string) (at, end int) {
	at = -1
	for i, phrase := range language.Wrote.All(s) {
		stop := i + len(phrase)
		behind, _ := firstWord(s[stop:])
		whole := strings.Trim(behind, ",.:;)\"") == "" && !language.LetterBefore(s, i)
		if stop > end && (whole || strings.ContainsFunc(phrase, language.IsUnspaced)) {
			at, end = i, stop
		}
	}
	// "napisał(a)", "-la)" and "/la" belong to the verb in Slavic languages.
	if rest := strings.TrimLeft(s[end:], " "); at >= 0 && rest != "" && len(s)-end < 12 &&
		(strings.HasPrefix(rest, "(") || strings.ContainsAny(s[end:end+1], "/)")) {
		end = len(s)
	}
	return at, end
}

// begins returns 0 if s begins as an attribution does, with a date or an opener and a date; where
// that begins later in s, the offset; -1 if nowhere.
func begins(s string, verbAt int) int {
	s0 := strings.TrimLeft(s, "-–—*_•·>| ")
	word, rest := firstWord(s0)
	bare := strings.Trim(word, ",.:;")
	second, _ := firstWord(rest)
	two := language.Openers.Has(word + " " + second)
	lone := beginsHere(s0, true) || two && digitWithin(s0, 6)
	short := startsWithDigit(rest) && len([]rune(bare)) <= 5 && (bare != word || isWeekday(bare+".")) // a weekday
	if lone && (startsWithDigit(word) || two || isOpener(word) || isWeekday(word) || short) {
		return 0
	}
	stop := len(s)
	if at := strings.IndexByte(s, '@'); at > 0 {
		stop = at
	}
	if verbAt >= 0 {
		stop = min(stop, verbAt)
	}
	for i := max(1, len(s)-499); i < stop; i++ { // an attribution is no longer
		glued := strings.IndexByte("-.!?)", s[i-1]) >= 0 && s[i] != ' ' && s[i] != s[i-1] && !startsWithDigit(s[i:])
		if (glued || s[i-1] == ' ') && (beginsHere(s[i:], false) || !glued && beginsDated(s[i:])) {
			return i
		}
	}
	if lone {
		return 0
	}
	return -1
}

// beginsDated reports a weekday and a date, or a whole date and a time, as attributions have them
// that open with no word: "czw., 5 mar 2026 o 19:02 …", "2026-03-05 19:02 …".
func beginsDated(s string) bool {
	word, rest := firstWord(s)
	if startsWithDigit(word) {
		return countDigits(word) >= 6 && len(word) <= 20 && !hasTime(word) && hasTime(rest[:min(len(rest), 12)])
	}
	next, _ := firstWord(rest)
	return digitWithin(rest, 2) && hasTime(rest[:min(len(rest), 40)]) && isWeekday(word) && !isOpener(next)
}

// isWeekday reports the name of a day, whole or cut short before a full stop or a comma.
func isWeekday(word string) bool {
	bare := strings.TrimRight(word, ".,")
	return language.Weekdays.Number(bare) > 0 || bare != word && len(bare) > 1 &&
		slices.ContainsFunc(language.Weekdays.Phrases(), func(forms string) bool {
			return strings.HasPrefix(forms, bare) || strings.Contains(forms, "/"+bare)
		})
}

// beginsHere reports an opener with a date close behind it, or within it in scripts without spaces.
// lone allows a bare date and openers of one letter.
func beginsHere(s string, lone bool) bool {
	word, rest := firstWord(s)
	bare := strings.Trim(word, ",.:;")
	digit := startsWithDigit(word)
	opener := isOpener(word) || strings.ContainsFunc(bare, language.IsUnspaced) &&
		(startsWithDigit(bare) || language.OpenersGlued.Begins(bare))
	if lone && digit {
		return true
	}
	if opener && (lone || len(bare) > 1) {
		return digit || digitWithin(rest, 4)
	}
	return lone && digitWithin(s, 3)
}

// hasOpener reports that s begins with an opener.
func hasOpener(s string) bool {
	word, _ := firstWord(strings.TrimLeft(s, "-–—*_ "))
	return isOpener(word) || strings.ContainsFunc(word, language.IsUnspaced)
}

// pronounBefore reports a pronoun or a possessive in the few words in front of the verb, or right
// behind it: then somebody tells what was written rather than a mail program.
func pronounBefore(s string, verbAt int) bool {
	// not the name in front of an address
	before := strings.Fields(s[strings.LastIndexByte(s[:verbAt], '@')+1 : verbAt])
	after := strings.Fields(s[verbAt:])
	near := slices.Concat(before[max(0, len(before)-4):], after[min(1, len(after)):min(4, len(after))])
	return slices.ContainsFunc(near, func(w string) bool {
		w = strings.Trim(w, ",.:;")
		// "je" is French for I, and "is" in half of the Slavic languages.
		return language.Pronouns.Has(w) || w == "je" && !strings.Contains(s[verbAt:], "napisa")
	})
}

// tells reports that a sentence begins with a pronoun or a possessive.
func tells(s string) bool {
	word, _ := firstWord(s)
	return language.Pronouns.Has(word)
}

// maxSplits bounds how many lines are split: each split moves all lines below it.
const maxSplits = 10

// splitGlued cuts line i at offset at of its folded form, so that the words of the
// author stand on a line of their own. It returns 0: the attribution is found
// again on the next line.
func (d *document) splitGlued(i, at int) int {
	head, tail := d.lines[i], d.lines[i]
	cut := unfold(head.text, at)
	if cut <= 0 || d.splits >= maxSplits {
		return 0
	}
	d.splits++
	tail.text, tail.low = head.text[cut:], head.low[at:]
	head.text = strings.TrimRightFunc(head.text[:cut], unicode.IsSpace)
	if dashes := strings.TrimRight(head.text, "-–—_"); len(head.text)-len(dashes) >= 2 {
		head.text = strings.TrimRightFunc(dashes, unicode.IsSpace) // drawn before the attribution
	}
	head.low = language.Fold(head.text)
	d.lines = slices.Replace(d.lines, i, i+1, head, tail)
	return 0
}

// unfold finds the offset in text that corresponds to offset at of its folded form, -1
// if none does.
func unfold(text string, at int) int {
	n, space := 0, true // how long the folded form is so far, and whether it has a space at its end
	for i, r := range text {
		switch folded := language.Fold(string(r)); {
		case folded != "" && n >= at:
			return i
		case folded != "":
			n, space = n+len(folded), false
		case unicode.IsSpace(r) && !space:
			n, space = n+1, true
		}
	}
	return -1
}
