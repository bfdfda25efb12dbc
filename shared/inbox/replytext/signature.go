package replytext

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/mend/shared/inbox/language"
)

// markSignature looks for a delimiter: "-- " (RFC 3676 section 4.3), a dash, a line of
// underscores. The first is always one; the others only if what follows does not read like
// prose, because people draw lines between their thoughts.
//
// It reports whether there was one.
func (d *document) markSignature(from, to int, ownAbove bool) bool {
	own := ownAbove
	for i := from; i < to; i++ {
		l := &d.lines[i]
		if l.rule != "" || l.blank() {
			continue
		}
		if limit := delimiter(l); limit > 0 && (own || l.mark&strictDelimiter != 0 || d.onlyDevices(i+1, to)) && d.signatureBelow(i+1, to, limit) {
			d.mark(i, d.postscript(i, to), Signature)
			return true
		}
		own = true
	}
	return false
}

// isNameAndTrade reports "Kim Example, gardener."
func isNameAndTrade(l *line) bool {
	name, trade, ok := strings.Cut(l.text, ", ")
	return ok && trade != "" && isFullName(name)
}

// postscript is where a postscript begins below a signature, to if there is none.
func (d *document) postscript(i, to int) int {
	for j := i + 1; j < to; j++ {
		if l := &d.lines[j]; d.lines[j-1].blank() && (strings.HasPrefix(l.low, "p.s.") || strings.HasPrefix(l.low, "ps:") || strings.HasPrefix(l.low, "p. s.")) {
			return j
		}
	}
	return to
}

// onlyDevices reports that nothing but device lines follow up to to, and at least one does.
func (d *document) onlyDevices(i, to int) bool {
	found := false
	for ; i < to; i++ {
		if l := &d.lines[i]; l.rule == Device {
			found = true
		} else if l.rule == "" && !l.blank() {
			return false
		}
	}
	return found
}

// delimiter returns how many lines of signature line l may head, 0 if it is no delimiter.
func delimiter(l *line) int {
	s := strings.Trim(l.low, "* ")
	if l.mark&strictDelimiter != 0 {
		return 1000
	}
	switch s {
	case "--", "-- --":
		return 25
	case "—", "–", "---", "——", "__", "___", "- -", "--—", "~~", "***", "⁣", "――", "―":
		return 10
	}
	if len(s) >= 5 && strings.Trim(s, "_") == "" {
		if len(s) >= 20 {
			return 1000 // drawn by a program: Outlook, Yahoo, mailing lists
		}
		return 12
	}
	if len(s) >= 4 && strings.Trim(s, "-") == "" {
		return 10
	}
	return 0
}

// signatureBelow reports whether the lines from i up to to can be a signature.
func (d *document) signatureBelow(i, to, limit int) bool {
	if limit >= 1000 && d.lines[i-1].mark&strictDelimiter != 0 {
		return true
	}
	if limit >= 1000 && (d.closedAbove(i-1) || to-i <= 4 && i < to && !d.lines[i].blank()) {
		return true // drawn by a program, at the end
	}
	if !d.looksSigned(i, to) {
		return false
	}
	lines, prose := 0, 0
	for end := i + 4*limit; i < to; i++ {
		l := &d.lines[i]
		if l.rule != "" || l.blank() {
			continue
		}
		if lines++; lines > limit || i > end {
			return false
		}
		if delimiter(l) > 0 && limit < 25 {
			return false // a second line like it: they draw a table, or divide chapters
		}
		if readsLikeProse(l) {
			prose++
		}
	}
	return prose == 0 || limit >= 25 && prose <= 2 && lines <= 12
}

// closedAbove reports a closing formula within the four lines above line i that have text.
func (d *document) closedAbove(i int) bool {
	for j, seen := i-1, 0; j >= 0 && seen < 4; j-- {
		if l := &d.lines[j]; !l.blank() {
			if d.isClosing(l.low) {
				return true
			}
			seen++
		}
	}
	return false
}

// looksSigned reports that the lines below a drawn line can be a signature: names, titles and contact
// details. With a blank line in between there must be a detail, because people draw lines between their
// thoughts.
func (d *document) looksSigned(i, to int) bool {
	if to-i > 4*contactLines {
		return false
	}
	blank := i < to && d.lines[i].blank()
	named, details, long, lines := false, false, false, 0
	mark := strings.Trim(d.lines[i-1].low, "* ")
	dash := strings.Trim(mark, "—–―⁣") == "" // phones draw it above a name, blank line or not
	for j := i; j < to; j++ {
		l := &d.lines[j]
		switch {
		case l.rule != "":
			details = details || l.rule == Device || l.rule == Disclaimer || l.rule == ListFooter
		case l.blank():
		case isContact(l.low) || d.isDevice(l.low) || isBold(l):
			details = true
		case isNameLine(l) && strings.Count(l.low, " ") < 6 && !strings.Contains(l.low, ":"):
			named = true
			lines++
		case mark == "--" && !blank && strings.Count(l.low, " ") < 5 && isNameAndTrade(l):
			named = true
			lines++
		case mark == "--" && !blank && strings.Count(l.low, " ") < 2 && !endsSentence(l.low) && len(l.low) < 20:
			named = true // somebody signs in small letters
			lines++
		default:
			long = true
		}
	}
	return details && !(blank && long) || named && !long && (!blank && (mark != "--" || lines <= 4) || dash && lines == 1)
}

// readsLikeProse reports a line that is a sentence, or a piece of one.
func readsLikeProse(l *line) bool {
	words := strings.Count(l.low, " ") + 1
	if hasLink(l.low) && words < 12 {
		return false
	}
	return words >= 10 || words >= 6 && endsSentence(l.low) || words >= 5 && firstPerson(l.low) || strings.HasSuffix(l.low, "?")
}

// markClosing takes away a closing formula and a name that stand alone below a quote: the
// rest of a signature that the client put below what it quoted.
func (d *document) markClosing(from, to int) {
	begin, end := d.textBounds(from, to)
	if end-begin < 1 || end-begin > 7 {
		return
	}
	first := d.lines[begin].low
	if !d.isClosing(first) {
		return
	}
	for i := begin + 1; i < end; i++ {
		if l := &d.lines[i]; !l.blank() && l.rule == "" && !isNameLine(l) && !isContact(l.low) {
			return
		}
	}
	d.mark(begin, end, Signature)
}

// textBounds leaves out the blank and the marked lines at both ends.
func (d *document) textBounds(from, to int) (begin, end int) {
	for from < to && (d.lines[from].blank() || d.lines[from].rule != "") {
		from++
	}
	for to > from && (d.lines[to-1].blank() || d.lines[to-1].rule != "") {
		to--
	}
	return from, to
}

// isClosing reports "Best regards," and "Thanks, Ann".
func (d *document) isClosing(low string) bool {
	if len(low) > 60 {
		return false
	}
	low = strings.TrimLeft(low, "-–—*_ ")
	if language.Closings.Has(strings.TrimRight(low, " ,.!*_-–—")) {
		return true
	}
	before, after, found := strings.Cut(low, ",")
	return found && language.Closings.Has(strings.TrimSpace(before)) && strings.Count(strings.TrimSpace(after), " ") <= 2
}

// isNameLine reports a short line without the look of a sentence: a name, a title, a company.
func isNameLine(l *line) bool {
	words := strings.Count(l.low, " ") + 1
	if words > 7 || len(l.low) > 90 || !firstLetterUpper(l.text) {
		return false
	}
	if strings.HasSuffix(l.low, "?") || strings.HasSuffix(l.low, "!") || strings.HasSuffix(l.low, ":") {
		return false
	}
	if last := lastWords(l.low, 1); strings.HasSuffix(last, ".") && !strings.Contains(last[:len(last)-1], ".") && (words > 3 || len(last) > 5) {
		return false // not "Ann Example, Ph.D."
	}
	return !firstPerson(l.low)
}

// contactLines is how far from the end a block of contact details may begin.
const contactLines = 40

// markContact takes away contact details at the end of a piece that have no delimiter: a
// name, then lines of which at least two are an address, a number or a link.
func (d *document) markContact(from, to int, ownAbove bool) {
	first, end := d.textBounds(from, to)
	if d.listsPeople(max(first, end-contactLines), end) {
		return
	}
	for begin := max(first, end-contactLines); begin < end; begin++ {
		l := &d.lines[begin]
		if l.rule != "" || l.blank() || begin > first && !d.lines[begin-1].blank() && !d.isClosing(d.lines[begin-1].low) && isNameLine(&d.lines[begin-1]) {
			continue // a block begins where the lines above are no names
		}
		if begin == first && !ownAbove || !isNameLine(l) && !strings.HasPrefix(l.low, "*") || d.isClosing(l.low) || introduces(d.lineAbove(begin, first)) {
			continue
		}
		if d.contactBelow(begin, end) {
			d.mark(begin, end, Contact)
			d.markNamesAbove(first, begin)
			return
		}
	}
}

// markNamesAbove takes away the name and the title that stand in paragraphs of their own above contact
// details. Below a closing formula the name stays.
func (d *document) markNamesAbove(first, begin int) {
	var names []int
	i := begin - 1
	for ; i > first && len(names) < 5; i-- {
		l := &d.lines[i]
		if l.blank() || l.rule == Wrapper {
			continue // a logo stands between them
		}
		if l.rule != "" || d.isClosing(l.low) || strings.Count(l.low, " ") > 4 || strings.HasSuffix(l.low, ".") || !isNameLine(l) && !isBold(l) {
			break
		}
		names = append(names, i)
	}
	if len(names) == 0 || i < first {
		return
	}
	top := names[len(names)-1]
	closed := false
	for j := top - 1; j >= first; j-- {
		if !d.lines[j].blank() {
			closed = j > first && d.isClosing(d.lines[j].low)
			break
		}
	}
	if closed {
		names = names[:len(names)-1] // the name is the author's
	} else if !isBold(&d.lines[top]) && !isFullName(d.lines[top].text) {
		return
	}
	for _, n := range names {
		d.lines[n].rule = Contact
	}
}

func isBold(l *line) bool {
	return len(l.low) > 2 && strings.HasPrefix(l.low, "*") && strings.HasSuffix(l.low, "*")
}

func (d *document) lineAbove(i, first int) string {
	for i--; i >= first; i-- {
		if !d.lines[i].blank() {
			return d.lines[i].low
		}
	}
	return ""
}

// contactBelow judges the lines from begin, which is a name, to the end of the piece.
func (d *document) contactBelow(begin, end int) bool {
	contacts, others, numbers := 0, 0, 0
	for i := begin; i < end; i++ {
		l := &d.lines[i]
		switch {
		case l.blank() && contacts == 0 && !isBold(&d.lines[begin]):
			return false // a name on its own above the block is the author's
		case l.blank() || l.rule != "":
		case isContact(l.low):
			for detail := range strings.SplitSeq(l.low, " | ") {
				if isContact(detail) {
					contacts++
				}
			}
			if !hasLink(l.low) || countDigits(l.low) >= 7 {
				numbers++
			}
		case isNameLine(l) && (contacts > 0 || i-begin < 4):
			others++
		case contacts >= 3 && len(l.low) > 60 && !startsPostscript(l.low) && end-i <= 8 && !firstPerson(l.low):
			// Below a whole block of details, a paragraph without an "I" is a footer too.
		case strings.HasPrefix(l.low, "*") && strings.HasSuffix(l.low, "*") && strings.Count(l.low, " ") < 8:
			others++
		default:
			return false
		}
	}
	if isBold(&d.lines[begin]) && contacts >= 1 {
		return true
	}
	if contacts == 1 {
		return numbers == 1 && end-begin <= 4 && isFullName(d.lines[begin].text) && !d.lines[end-1].blank() && (begin == 0 || d.lines[begin-1].blank())
	}
	return numbers >= 1 && others <= contacts+3
}

// listsPeople reports details of several people, whom the author lists.
func (d *document) listsPeople(from, to int) bool {
	people, names := 0, 0
	addresses := map[string]bool{}
	for i := from; i < to; i++ {
		l := &d.lines[i]
		if namesSomeone(l) {
			people++
		}
		if isFullName(l.text) {
			names++
		}
		if strings.Count(l.low, "@") == 1 && !strings.Contains(l.low, " ") {
			addresses[l.low] = true
		}
	}
	return people >= 2 || names >= 2 && len(addresses) >= 2
}

// namesSomeone reports "Anna 0170 5550101": a name and a number on one line.
func namesSomeone(l *line) bool {
	word, rest := firstWord(l.low)
	if countDigits(l.low) < 7 || language.ContactLabels.Has(strings.TrimRight(word, ":.")) || strings.ContainsAny(l.low, ",@|") || startsWithDigit(rest) && strings.HasPrefix(rest, "+") {
		return false
	}
	r, _ := utf8.DecodeRuneInString(strings.TrimSpace(l.text))
	return unicode.IsUpper(r) && countDigits(word) == 0
}

// isFullName reports two to four words with capitals and nothing else.
func isFullName(text string) bool {
	if len(text) > 80 || strings.Count(text, " ") > 8 {
		return false
	}
	words := strings.Fields(strings.Trim(text, "* _"))
	if len(words) < 2 || len(words) > 4 {
		return false
	}
	for _, w := range words {
		if !firstLetterUpper(w) || strings.ContainsAny(w, "!?;:0123456789@") {
			return false
		}
	}
	return true
}

// isContact reports a line that is a telephone number, an address or a link and little else.
func isContact(low string) bool {
	s := strings.Trim(low, "*_|•·- ")
	if s == "" || len(s) > 160 {
		return false
	}
	if fields := strings.Split(s, " | "); len(fields) > 1 {
		return slices.ContainsFunc(fields, isContact)
	}
	words := strings.Count(s, " ") + 1
	digits := countDigits(s)
	letters := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	label, _ := firstWord(s)
	labelled := language.ContactLabels.Has(strings.TrimRight(label, ":."))
	switch {
	case digits >= 7 && letters <= 12:
		return true
	case labelled && (digits >= 5 || strings.Contains(s, "@") || hasLink(s) || strings.HasSuffix(label, ":") && words <= 5 || words <= 3 && strings.Contains(s, ".")):
		return true
	case strings.Contains(s, "@") && words <= 3, hasLink(s) && words <= 3:
		return true
	case strings.Contains(s, "[image") || strings.Contains(s, "[cid:"):
		return true
	case digits >= 4 && strings.Contains(s, ",") && words <= 9 && !endsSentence(s) && !firstPerson(s):
		return true // a street, a postcode, a town
	case words == 1 && strings.Count(s, ".") >= 1 && letters > 4 && !endsSentence(s):
		return true // example.org
	}
	return false
}

// markNameLine takes away a last line such as "—Ann" or "/Ben". Below a closing formula
// it stays, as every name there does.
func (d *document) markNameLine(from, to int) {
	begin, end := d.lastParagraph(from, to)
	if end-begin != 1 || begin == d.firstOwn() {
		return
	}
	text := strings.TrimSpace(d.lines[begin].text)
	name := strings.TrimLeft(text, "-–—/~")
	marks := text[:len(text)-len(name)]
	if marks == "" || marks == "~" || len(name) > 40 || strings.ContainsAny(strings.TrimSuffix(name, "."), ".!?:;,0123456789@") {
		return
	}
	if strings.HasPrefix(name, " ") && !strings.ContainsAny(marks, "–—") {
		return // "- a list", "/ and so on"
	}
	words := strings.Fields(name)
	if len(words) < 1 || len(words) > 3 {
		return
	}
	for _, w := range words {
		if !firstLetterUpper(w) {
			return
		}
	}
	for i := from; i < begin; i++ {
		l := &d.lines[i]
		item, listed := strings.CutPrefix(strings.TrimSpace(l.text), marks)
		listed = listed && strings.HasPrefix(item, " ") == strings.HasPrefix(name, " ") // one of several lines of its kind
		if l.rule == "" && (listed || d.isClosing(l.low) && i >= begin-3) {
			return
		}
	}
	d.lines[begin].rule = Signature
}
