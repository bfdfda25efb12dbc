package replytext

import (
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
	if len(first) > 4000 || !couldBegin(first) {
		return 0
	}
	if end := d.gluedQuote(first); end > 0 { // the quote is glued to it
		if ok, at := d.isAttribution(first[:end], i+1); ok && at == 0 {
			return 1
		} else if ok && at > 0 {
			return d.splitGlued(i, at)
		}
	}
	joined := ""
	for end := i; end < i+attributionLines && end < len(d.lines); end++ {
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
		if f, _ := d.label(l.low); end > i && f != noField && f != fieldOther || endsLongSentence(joined) {
			return 0 // a header block, or the author's sentence above the attribution
		}
		joined = joinWords(joined, l.low)
		if !d.couldEnd(end) {
			continue
		}
		ok, at := d.isAttribution(joined, end+1)
		switch {
		case !ok:
			continue
		case at >= len(d.lines[i].low) || d.beginsAt(i, end) > i:
			return 0
		case at > 0: // the author's last line runs into it
			return d.splitGlued(i, at)
		}
		return end - i + 1
	}
	return 0
}

// gluedQuote returns the end of an attribution that the quote follows on the same line, 0 if there is
// none: behind the address and the colon.
func (d *document) gluedQuote(low string) int {
	if colon := strings.Index(low, ":>"); colon > 0 {
		return colon + 1
	}
	at := strings.IndexByte(low, '@')
	if at < 0 || !hasDate(low) {
		return 0
	}
	close := strings.IndexByte(low[at:], '>')
	if close < 0 {
		return 0
	}
	close += at
	colon := strings.IndexByte(low[close:min(len(low), close+40)], ':')
	if colon < 0 || close+colon+2 >= len(low) {
		return 0
	}
	return close + colon + 1
}

// beginsAt returns on which of the lines from i to end an attribution begins that ends on line end: the
// nearest that opens with "On" and a date; else the nearest from which on it is whole and
// with which it can begin, so that no line of the author's is taken for its beginning.
func (d *document) beginsAt(i, end int) int {
	best := i
	joined := ""
	found, dated := false, false
	for k := end; k >= i; k-- {
		l := &d.lines[k]
		if l.blank() {
			continue
		}
		joined = joinWords(l.low, joined)
		opens := d.opensHere(l.low)
		dates := found && !dated && hasDate(l.low) && d.begins(l.low, -1) == 0 // the date wrapped off
		if !opens && (found && !dates || k > i && d.breaksOff(k)) {
			continue
		}
		if ok, at := d.isAttribution(joined, end+1); ok && at < len(l.low) {
			if opens {
				for k > i && strings.HasSuffix(d.lines[k-1].low, ",") && d.opensHere(d.lines[k-1].low) && len(d.lines[k-1].low) < 40 {
					k-- // a date that was wrapped behind its comma
				}
				return k
			}
			best, found, dated = k, true, hasDate(joined)
		}
	}
	return best
}

// breaksOff reports that line k goes on from the line above: that one holds the address, or this one
// begins with it.
func (d *document) breaksOff(k int) bool {
	above := d.lines[k-1].low
	if strings.HasSuffix(above, ":") {
		return false
	}
	return strings.Contains(above, "@") || opensAddress(above) || strings.HasPrefix(d.lines[k].low, "<") || strings.HasPrefix(d.lines[k].low, ">") || strings.HasPrefix(d.lines[k].low, "mailto:")
}

// opensHere reports an opener of two letters or more with a digit close behind it.
func (d *document) opensHere(low string) bool {
	word, rest := firstWord(strings.TrimLeft(low, "-–—*_ "))
	return len(word) > 1 && language.Openers.Has(strings.Trim(word, ",.:;")) && digitWithin(rest, 4)
}

// couldEnd is the other quick look: at the end of an attribution stands a colon, or marks follow.
func (d *document) couldEnd(i int) bool {
	whole := d.lines[i].low
	low := strings.TrimRight(whole, "*_|>\"”' ")
	if strings.HasSuffix(whole, ">") && strings.Contains(whole, "@") && hasTime(whole) {
		return true
	}
	if len(d.table.wrote[lastWords(low, 1)]) > 0 && strings.Contains(low, "@") {
		return true
	}
	return strings.HasSuffix(low, ":") || d.quotedNext(i+1) || d.startsBars(i+1)
}

// couldBegin is a quick look: an attribution has a date or an address on its first line or the
// next, so a first line without a digit, an @ or a < is not tried.
func couldBegin(low string) bool {
	return strings.ContainsAny(low, "0123456789@<") || len(low) < 100 && (strings.HasSuffix(low, ",") || !strings.HasSuffix(low, "."))
}

// continuesAfterBlank allows one blank line inside an attribution where an address follows:
// some converters of HTML set each link apart.
func (d *document) continuesAfterBlank(i int, joined string) bool {
	if i+1 >= len(d.lines) || !hasDate(joined) || endsSentence(joined) {
		return false
	}
	next := d.lines[i+1].low
	_, end := d.verb(strings.TrimRight(next, ": "))
	return strings.HasPrefix(next, "<") || strings.Contains(joined, "@") && len(next) < 40 && strings.HasSuffix(next, ":") && end > 0
}

// isAttribution judges a line, or several joined. next is the line below. at is where it begins, if
// words of the author stand before it.
func (d *document) isAttribution(s string, next int) (ok bool, at int) {
	s = strings.TrimRight(s, "*_|\"”' ")
	if strings.HasSuffix(s, ":>") {
		s = s[:len(s)-1]
	}
	colon := strings.HasSuffix(s, ":")
	body := strings.TrimRight(s, ": ")
	if len(body) < 6 || len(body) > 4000 {
		return false, 0
	}
	verbAt, verbEnd := d.verb(body)
	if !colon && d.isBareHead(body, next) {
		return true, 0
	}
	if !colon && verbEnd != len(body) && !strings.HasSuffix(body, ">") && !strings.HasSuffix(body, ")") {
		return false, 0
	}
	begin := d.begins(body, verbAt)
	if begin > 0 && (strings.Contains(body[:begin], "@") || verbAt >= 0 && verbAt < begin) {
		begin = -1 // "Ann <ann@example.org> wrote on 3 March:"
	}
	if begin > 0 {
		at = begin
		body = body[begin:]
		verbAt, verbEnd = verbAt-begin, verbEnd-begin
	}
	if len(body) > 600 {
		return false, 0
	}
	proper := begin >= 0
	address, bracketed := hasAddress(body)
	date := hasDate(body)
	quoted := d.quotedNext(next) || d.startsBars(next)
	verb := verbAt >= 0
	switch {
	case colon && address && verb && !quoted && (d.pronounBefore(body, verbAt) || !date && d.tells(body)):
		// "My father (ben@example.org) wrote:" or "On 3 March I wrote to Ann <ann@example.org>:" is somebody telling.
	case colon && address && verb:
		ok = verbEnd == len(body) || bracketed && date || quoted || date && hasTime(body) && countDigits(body) >= 7
	case colon && bracketed && date && (proper || hasTime(body) && countDigits(body) >= 6),
		colon && address && strings.Contains(lastWords(body, 1), "@") && hasTime(body) && countDigits(body) >= 8 && !firstPerson(body):
		ok = strings.Count(body, " ") < 30 // no verb: Gmail in many languages, Yandex
	case colon && verb && date && proper:
		// No address: the date must have a time, or marks must follow; and "my mother wrote:" is prose.
		ok = quoted || !d.pronounBefore(body, verbAt) && (hasTime(body) || countDigits(body) >= 5) && strings.Count(body, " ") < 25
	case colon && proper && quoted && at == 0 && (date && bracketed || d.opens(body) && countDigits(body) >= 5):
		ok = strings.Count(body, " ") < 25 // a language that the table lacks
	case colon && verb && date && at == 0 && strings.Count(body[:verbAt], " ") <= 4 && !d.pronounBefore(body, verbAt):
		ok = quoted || hasTime(body) && countDigits(body) >= 8 // "Ann Example wrote on 3/3/2026 at 10:15:"
	case colon && quoted && verb && verbEnd == len(body) && !proper:
		ok = strings.Count(body, " ") < 6 && !d.pronounBefore(body, verbAt) && at == 0 // "Ann Example wrote:"
	case colon && address && d.quoting(body):
		ok = true
	case !colon && verb && bracketed && date && hasTime(body) && proper && !d.pronounBefore(body, verbAt):
		ok = strings.Count(body, " ") < 20
	case !colon && bracketed && date && hasTime(body) && startsWithDigit(body) && strings.HasSuffix(body, ">"):
		ok = strings.Count(body, " ") < 9
	case !colon && verb && date && proper && quoted:
		ok = verbEnd == len(body) || bracketed
	case !colon && bracketed && date && proper && quoted && strings.HasSuffix(body, ">"):
		ok = startsWithDigit(body) && strings.Count(body, " ") < 9 // old Gmail: 2011/4/7 Ann <ann@example.org>
	}
	if ok && at > 0 && !date {
		return false, 0
	}
	return ok, at
}

// isBareHead reports a name, an address and a time right above a quote, without a verb: "Mend r@mend.test – March
// 5, 2026 7:02 AM".
func (d *document) isBareHead(s string, next int) bool {
	address, _ := hasAddress(s)
	return address && hasTime(s) && countDigits(s) >= 7 && strings.Count(s, " ") <= 12 && !endsSentence(s) &&
		!firstPerson(s) && d.quotedNext(next)
}

// verb finds the last "wrote" of any language in s; at is -1 if there is none.
func (d *document) verb(s string) (at, end int) {
	at = -1
	for start := 0; start < len(s); {
		stop := start + strings.IndexByte(s[start:], ' ')
		if stop < start {
			stop = len(s)
		}
		last := strings.TrimRight(s[start:stop], ",.:;)\"")
		for _, phrase := range d.table.wrote[last] {
			i := start + len(last) - len(phrase)
			if i >= 0 && s[i:start+len(last)] == phrase && !language.LetterBefore(s, i) && (start+len(last) > end || i < at) {
				at, end = i, start+len(last)
			}
		}
		start = stop + 1
	}
	if !isASCII(s) {
		for _, phrase := range d.table.wroteUnspaced {
			if i := strings.LastIndex(s, phrase); i >= 0 && i+len(phrase) > end {
				at, end = i, i+len(phrase)
			}
		}
	}
	// "napisał(a)", "-la)" and "/la" belong to the verb in Slavic languages.
	if at >= 0 && end < len(s) && len(s)-end < 12 && (s[end] == '(' || s[end] == '/' || s[end] == ')' || strings.HasPrefix(s[end:], " (")) {
		end = len(s)
	}
	return at, end
}

// begins returns 0 if s begins as an attribution does, with a date or an opener and a date; where that
// begins later in s, the offset; -1 if nowhere.
func (d *document) begins(s string, verbAt int) int {
	s0 := strings.TrimLeft(s, "-–—*_•·>| ")
	word, _ := firstWord(s0)
	bare := strings.Trim(word, ",.:;")
	lone := d.beginsHere(s0, true) || language.Openers.Has(twoWords(s0)) && digitWithin(s0, 6)
	if lone && (startsWithDigit(word) || language.Openers.Has(bare) || language.Openers.Has(twoWords(s0)) || d.isWeekday(word) || strings.IndexFunc(word, language.IsUnspaced) >= 0 && startsWithDigit(word)) {
		return 0
	}
	if _, rest := firstWord(s0); lone && len([]rune(bare)) <= 5 && (bare != word || d.table.shortDays[bare]) && startsWithDigit(rest) {
		return 0 // a weekday, cut short
	}
	window := 0
	if len(s) > 500 {
		window = len(s) - 500 // an attribution is no longer
	}
	// The last opener with a date directly behind it wins.
	found := -1
	stop := len(s)
	if at := strings.IndexByte(s, '@'); at > 0 {
		stop = at
	}
	if verbAt >= 0 {
		stop = min(stop, verbAt)
	}
	for i := window + 1; i < stop; i++ {
		glued := strings.IndexByte("-.!?)", s[i-1]) >= 0 && s[i] != ' ' && s[i] != s[i-1] && !startsWithDigit(s[i:])
		if s[i-1] != ' ' && !glued {
			continue
		}
		if d.beginsHere(s[i:], false) || !glued && d.beginsDated(s[i:]) {
			found = i
			break
		}
	}
	if found < 0 && lone {
		return 0
	}
	return found
}

// beginsDated reports a weekday and a date, or a whole date and a time, as attributions have them that
// open with no word: "czw., 5 mar 2026 o 19:02 …", "2026-03-05 19:02 …".
func (d *document) beginsDated(s string) bool {
	word, rest := firstWord(s)
	if d.isWeekday(word) {
		next, _ := firstWord(rest)
		return !language.Openers.Has(strings.Trim(next, ",.:;")) && digitWithin(rest, 2) && hasTime(rest[:min(len(rest), 40)])
	}
	return startsWithDigit(word) && countDigits(word) >= 6 && len(word) <= 20 && !hasTime(word) && hasTime(rest[:min(len(rest), 12)])
}

// isWeekday reports the name of a day, whole or cut short before a full stop or a comma.
func (d *document) isWeekday(word string) bool {
	bare := strings.TrimRight(word, ".,")
	return d.table.weekdays[bare] || len(bare) >= 2 && bare != word && d.table.shortDays[bare]
}

// beginsHere reports a date within the first words of s, behind an opener if there must be one. lone
// allows a bare date and openers of one letter.
func (d *document) beginsHere(s string, lone bool) bool {
	word, rest := firstWord(s)
	bare := strings.Trim(word, ",.:;")
	if lone && startsWithDigit(word) {
		return true
	}
	opener := language.Openers.Has(bare)
	if !opener && strings.IndexFunc(bare, language.IsUnspaced) >= 0 {
		opener = unspacedOpener(bare)
	}
	if opener && len(bare) > 1 || opener && lone {
		return startsWithDigit(word) || digitWithin(rest, 4)
	}
	return lone && digitWithin(s, 3)
}

// unspacedOpener reports a Chinese or Thai word that begins with "on" and goes on with a date.
func unspacedOpener(word string) bool {
	return startsWithDigit(word) || language.OpenersGlued.Begins(word)
}

// opens reports that s begins with an opener.
func (d *document) opens(s string) bool {
	word, _ := firstWord(strings.TrimLeft(s, "-–—*_ "))
	return language.Openers.Has(strings.Trim(word, ",.:;")) || strings.IndexFunc(word, language.IsUnspaced) >= 0
}

// quoting reports the attributions of Horde and its like, which have no verb and no date.
func (d *document) quoting(s string) bool {
	return language.Quoting.Begins(s)
}

// pronounBefore reports a pronoun or a possessive in the few words in front of the verb, or right
// behind it: then somebody tells what was written rather than a mail program.
func (d *document) pronounBefore(s string, verbAt int) bool {
	isPronoun := func(w string) bool {
		w = strings.Trim(w, ",.:;")
		// "je" is French for I, and "is" in half of the Slavic languages.
		return language.Pronouns.Has(w) || w == "je" && !strings.Contains(s[verbAt:], "napisa")
	}
	before := strings.Fields(s[strings.LastIndexByte(s[:verbAt], '@')+1 : verbAt]) // a name in front of its address is a name
	if len(before) > 4 {
		before = before[len(before)-4:]
	}
	for _, w := range before {
		if isPronoun(w) {
			return true
		}
	}
	after := strings.Fields(s[verbAt:])
	for i, w := range after {
		if i > 0 && i < 4 && isPronoun(w) {
			return true
		}
	}
	return false
}

// tells reports that a sentence begins with a pronoun or a possessive.
func (d *document) tells(s string) bool {
	word, _ := firstWord(s)
	return language.Pronouns.Has(word)
}

// maxSplits bounds how many lines are split: each split moves all lines below it.
const maxSplits = 10

// splitGlued cuts line i at offset at of its folded form, so that the words of the
// author stand on a line of their own. It returns 0: the attribution is found
// again on the next line.
func (d *document) splitGlued(i, at int) int {
	l := d.lines[i]
	cut := unfold(l.text, at)
	if cut <= 0 || cut >= len(l.text) || d.splits >= maxSplits {
		return 0
	}
	d.splits++
	head, tail := l, l
	head.text = strings.TrimRightFunc(l.text[:cut], unicode.IsSpace)
	if dashes := strings.TrimRight(head.text, "-–—_"); len(head.text)-len(dashes) >= 2 {
		head.text = strings.TrimRightFunc(dashes, unicode.IsSpace) // drawn before the attribution
	}
	head.low = language.Fold(head.text)
	tail.text = l.text[cut:]
	tail.low = l.low[at:]
	lines := make([]line, 0, len(d.lines)+1)
	lines = append(lines, d.lines[:i]...)
	lines = append(lines, head, tail)
	d.lines = append(lines, d.lines[i+1:]...)
	return 0
}

// unfold finds the offset in text that corresponds to offset at of its folded form.
func unfold(text string, at int) int {
	var buffer []byte
	start := 0
	for i, r := range text {
		if len(buffer) >= at && !unicode.IsSpace(r) && foldIsVisible(r) {
			return start + i
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		buffer = appendFoldedRune(buffer, text[i:i+size])
	}
	return -1
}

func foldIsVisible(r rune) bool { return r < utf8.RuneSelf || language.FoldRune(r) != -1 }

// appendFoldedRune folds one rune behind what has been folded, white space collapsed.
func appendFoldedRune(buffer []byte, s string) []byte {
	folded := language.AppendFold(nil, s)
	if len(folded) > 0 {
		return append(buffer, folded...)
	}
	r, _ := utf8.DecodeRuneInString(s)
	if (unicode.IsSpace(r) || r == '\u00a0') && len(buffer) > 0 && buffer[len(buffer)-1] != ' ' {
		return append(buffer, ' ')
	}
	return buffer
}

// startsBars reports that the next line that says anything begins with a bar.
func (d *document) startsBars(i int) bool {
	for ; i < len(d.lines); i++ {
		if !d.lines[i].blank() {
			return strings.HasPrefix(d.lines[i].low, "|")
		}
	}
	return false
}
