package replytext

import (
	"slices"
	"strings"
	"unicode"

	"example.org/mend/shared/inbox/language"
)

// markSignature looks for a delimiter: "-- " (RFC 3676 section 4.3), a dash, a line of underscores.
// The first is always one; the others only if what follows does not read like prose, because people
// draw lines between their thoughts. It reports whether there was one.
func (p *piece) markSignature() bool {
	own := p.ownAbove
	for i := range p.lines {
		l := &p.lines[i]
		if !l.left() {
			continue
		}
		if limit := delimiter(l); limit > 0 && (own || l.mark&strictDelimiter != 0 || p.lines[i+1:].onlyDevices()) &&
			p.signatureBelow(i+1, limit) {
			p.mark(i, p.postscript(i), Signature)
			return true
		}
		own = true
	}
	return false
}

// postscript is where a postscript begins below a signature, or where the lines end.
func (p *piece) postscript(i int) int {
	for i++; i < len(p.lines) && !(p.lines[i-1].blank() && startsPostscript(p.lines[i].low)); i++ {
	}
	return i
}

// onlyDevices reports device lines, at least one, and no others.
func (ls lines) onlyDevices() bool {
	return slices.ContainsFunc(ls, func(l line) bool { return l.rule == Device }) &&
		!slices.ContainsFunc(ls, func(l line) bool { return l.left() })
}

// drawn is a delimiter that a program drew: of how many lines it may head a signature.
const drawn = 1000

// dashes are delimiters that people and phones draw.
var dashes = []string{"—", "–", "---", "——", "__", "___", "- -", "--—", "~~", "***", "\u2063", "――", "―"}

// delimiter returns how many lines of signature line l may head, 0 if it is no delimiter.
func delimiter(l *line) int {
	s := strings.Trim(l.low, "* ")
	underscores := strings.Trim(s, "_") == ""
	switch {
	case l.mark&strictDelimiter != 0, len(s) >= 20 && underscores: // Outlook, Yahoo, mailing lists
		return drawn
	case s == "--", s == "-- --":
		return 25
	case len(s) >= 5 && underscores:
		return 12
	case len(s) >= 4 && strings.Trim(s, "-") == "", s != "" && slices.Contains(dashes, s):
		return 10
	}
	return 0
}

// signatureBelow reports whether the lines from i on can be a signature.
func (p *piece) signatureBelow(i, limit int) bool {
	if p.lines[i-1].mark&strictDelimiter != 0 ||
		limit == drawn && (p.closedAbove(i-1) || len(p.lines)-i <= 4 && i < len(p.lines) && !p.lines[i].blank() &&
			!slices.ContainsFunc(p.lines[i:], ownWords) && !slices.ContainsFunc(p.lines[:i-1], isDelimiter)) {
		return true
	}
	if !p.looksSigned(i) {
		return false
	}
	lines, prose := 0, 0
	for end := i + 4*limit; i < len(p.lines); i++ {
		l := &p.lines[i]
		if !l.left() {
			continue
		}
		// A second line like it: they draw a table, or divide chapters.
		if lines++; lines > limit || i > end || delimiter(l) > 0 && limit < 25 {
			return false
		}
		if readsLikeProse(l) {
			prose++
		}
	}
	return prose == 0 || limit >= 25 && prose <= 2 && lines <= 12
}

// ownWords reports a line below a drawn one that is no part of a signature: a sentence, an item of
// a list, or another drawn line.
func ownWords(l line) bool {
	sentence := strings.Count(l.low, " ") >= 4 && endsSentence(l.low)
	return l.left() && (readsLikeProse(&l) || sentence || isDelimiter(l) || strings.HasPrefix(l.low, "- "))
}

func isDelimiter(l line) bool { return l.left() && delimiter(&l) > 0 }

// closedAbove reports a closing formula within the four lines above line i that have text.
func (p *piece) closedAbove(i int) bool {
	for range 4 {
		if i = p.beside(i, -1); i >= 0 && isClosing(p.lines[i].low) {
			return true
		}
	}
	return false
}

// looksSigned reports that the lines below a drawn line can be a signature: names, titles and
// contact details. With a blank line in between there must be a detail, because people draw lines
// between their thoughts.
func (p *piece) looksSigned(i int) bool {
	if len(p.lines)-i > 4*contactLines {
		return false
	}
	mark := strings.Trim(p.lines[i-1].low, "* ")
	hyphens := mark == "--"
	dash := strings.Trim(mark, "—–―\u2063") == "" // phones draw it above a name, blank line or not
	blank := i < len(p.lines) && p.lines[i].blank()
	details, long, names := false, false, 0
	for j := i; j < len(p.lines); j++ {
		l := &p.lines[j]
		spaces := strings.Count(l.low, " ")
		switch {
		case l.rule != "":
			details = details || l.rule == Device || l.rule == Disclaimer || l.rule == ListFooter
		case l.blank():
		case isContact(l.low) || isDevice(l.low) || isBold(l):
			details = true
		case isNameLine(l) && spaces < 6 && !strings.Contains(l.low, ":"),
			hyphens && !blank && spaces < 5 && isNameAndTrade(l),
			hyphens && !blank && spaces < 2 && !endsSentence(l.low) && len(l.low) < 20:
			// somebody signs in small letters
			names++
		default:
			long = true
		}
	}
	return details && !(blank && long) ||
		names > 0 && !long && (!blank && (!hyphens || names <= 4) || dash && names == 1)
}

// isNameAndTrade reports "Kim Example, gardener."
func isNameAndTrade(l *line) bool {
	name, trade, ok := strings.Cut(l.text, ", ")
	return ok && trade != "" && isFullName(name)
}

// readsLikeProse reports a line that is a sentence, or a piece of one.
func readsLikeProse(l *line) bool {
	words := strings.Count(l.low, " ") + 1
	if hasLink(l.low) && words < 12 {
		return false
	}
	return words >= 10 || words >= 6 && endsSentence(l.low) || words >= 5 && firstPerson(l.low) ||
		strings.HasSuffix(l.low, "?")
}

// markClosing takes away a closing formula and a name that stand alone below a quote: the
// rest of a signature that the client put below what it quoted.
func (p *piece) markClosing() {
	begin, end := p.textBounds()
	if end-begin < 1 || end-begin > 7 || !isClosing(p.lines[begin].low) {
		return
	}
	other := func(l line) bool { return l.left() && !isNameLine(&l) && !isContact(l.low) }
	if !slices.ContainsFunc(p.lines[begin+1:end], other) {
		p.mark(begin, end, Signature)
	}
}

// textBounds leaves out the blank and the marked lines at both ends.
func (ls lines) textBounds() (begin, end int) {
	for end = len(ls); end > 0 && !ls[end-1].left(); end-- {
	}
	for begin < end && !ls[begin].left() {
		begin++
	}
	return begin, end
}

// isClosing reports "Best regards," and "Thanks, Ann".
func isClosing(low string) bool {
	if len(low) > 60 {
		return false
	}
	low = strings.TrimLeft(low, "-–—*_ ")
	before, after, found := strings.Cut(low, ",")
	return language.Closings.Has(strings.TrimRight(low, " ,.!*_-–—")) ||
		found && language.Closings.Has(strings.TrimSpace(before)) && strings.Count(strings.TrimSpace(after), " ") <= 2
}

// isNameLine reports a short line without the look of a sentence: a name, a title, a company.
func isNameLine(l *line) bool {
	words := strings.Count(l.low, " ") + 1
	if words > 7 || len(l.low) > 90 || !firstLetterUpper(l.text) || strings.TrimRight(l.low, "?!:") != l.low {
		return false
	}
	last, stopped := strings.CutSuffix(lastWords(l.low, 1), ".")
	if stopped && !strings.Contains(last, ".") && (words > 3 || len(last) > 4) {
		return false // not "Ann Example, Ph.D."
	}
	return !firstPerson(l.low)
}

// contactLines is how far from the end a block of contact details may begin.
const contactLines = 40

// markContact takes away contact details at the end of a piece that have no delimiter: a name,
// then lines of which at least two are an address, a number or a link. It begins where the
// lines above are no names.
func (p *piece) markContact() {
	first, end := p.textBounds()
	if p.lines[max(first, end-contactLines):end].listsPeople() {
		return
	}
	for begin := max(first, end-contactLines); begin < end; begin++ {
		l := &p.lines[begin]
		if !l.left() || begin == first && !p.ownAbove || !isNameLine(l) && !strings.HasPrefix(l.low, "*") ||
			isClosing(l.low) {
			continue
		}
		if begin > first {
			above := &p.lines[begin-1]
			next := p.beside(begin, -1)
			if !above.blank() && !isClosing(above.low) && isNameLine(above) ||
				next >= first && introduces(p.lines[next].low) {
				continue
			}
		}
		if p.contactBelow(begin, end) {
			p.mark(begin, end, Contact)
			p.markNamesAbove(first, begin)
			return
		}
	}
}

// markNamesAbove takes away the name and the title that stand in paragraphs of their own above
// contact details, with a logo between them or not. Below a closing formula the name stays.
func (p *piece) markNamesAbove(first, begin int) {
	var names []int
	for i := begin - 1; i > first && len(names) < 5; i-- {
		l := &p.lines[i]
		if l.blank() || l.rule == Wrapper {
			continue
		}
		if l.rule != "" || isClosing(l.low) || strings.Count(l.low, " ") > 4 || strings.HasSuffix(l.low, ".") ||
			!isNameLine(l) && !isBold(l) {
			break
		}
		names = append(names, i)
	}
	if len(names) == 0 {
		return
	}
	top := names[len(names)-1]
	if above := p.beside(top, -1); above > first && isClosing(p.lines[above].low) {
		names = names[:len(names)-1] // the name is the author's
	} else if !isBold(&p.lines[top]) && !isFullName(p.lines[top].text) {
		return
	}
	for _, n := range names {
		p.lines[n].rule = Contact
	}
}

func isBold(l *line) bool {
	return len(l.low) > 2 && strings.HasPrefix(l.low, "*") && strings.HasSuffix(l.low, "*")
}

// contactBelow judges the lines from begin, which is a name, to the end of the piece.
func (p *piece) contactBelow(begin, end int) bool {
	contacts, others, numbers := 0, 0, 0
	name := &p.lines[begin]
	for i := begin; i < end; i++ {
		l := &p.lines[i]
		switch {
		case l.blank() && contacts == 0 && !isBold(name):
			return false // a name on its own above the block is the author's
		case !l.left():
		case isContact(l.low):
			for detail := range strings.SplitSeq(l.low, " | ") {
				if isContact(detail) {
					contacts++
				}
			}
			if !hasLink(l.low) || countDigits(l.low) >= 7 {
				numbers++
			}
		case isNameLine(l) && (contacts > 0 || i-begin < 4), isBold(l) && strings.Count(l.low, " ") < 8:
			others++
		case contacts < 3 || len(l.low) <= 60 || startsPostscript(l.low) || end-i > 8 || firstPerson(l.low):
			return false // below a whole block of details, a paragraph without an "I" is a footer too
		}
	}
	switch {
	case isBold(name) && contacts >= 1:
		return true
	case contacts == 1:
		return numbers == 1 && end-begin <= 4 && isFullName(name.text) && (begin == 0 || p.lines[begin-1].blank())
	}
	return numbers >= 1 && others <= contacts+3
}

// listsPeople reports details of several people, whom the author lists.
func (ls lines) listsPeople() bool {
	people, names := 0, 0
	addresses := map[string]bool{}
	for i := range ls {
		l := &ls[i]
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
	word, _ := firstWord(l.low)
	return countDigits(l.low) >= 7 && countDigits(word) == 0 && !strings.ContainsAny(l.low, ",@|") &&
		!language.ContactLabels.Has(strings.TrimRight(word, ":.")) &&
		strings.IndexFunc(strings.TrimSpace(l.text), unicode.IsUpper) == 0
}

// isFullName reports two to four words with capitals and nothing else.
func isFullName(text string) bool {
	if len(text) > 80 || strings.Count(text, " ") > 8 || strings.ContainsAny(text, "!?;:0123456789@") {
		return false
	}
	words := strings.Fields(strings.Trim(text, "* _"))
	return len(words) >= 2 && len(words) <= 4 && areCapitalised(words)
}

func areCapitalised(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !firstLetterUpper(w) })
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
	words, digits, letters := strings.Count(s, " ")+1, countDigits(s), 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	label, _ := firstWord(s)
	labelled := language.ContactLabels.Has(strings.TrimRight(label, ":."))
	linked := strings.Contains(s, "@") || hasLink(s)
	switch {
	case digits >= 7 && letters <= 12, linked && words <= 3,
		strings.Contains(s, "[image") || strings.Contains(s, "[cid:"):
		return true
	case labelled && (digits >= 5 || linked || words <= 5 && strings.HasSuffix(label, ":") ||
		words <= 3 && strings.Contains(s, ".")):
		return true
	case digits >= 4 && strings.Contains(s, ",") && words <= 9 && !firstPerson(s), // a street, a postcode, a town
		words == 1 && strings.Contains(s, ".") && letters > 4: // example.org
		return !endsSentence(s)
	}
	return false
}

// markNameLine takes away a last line such as "—Ann" or "/Ben". Below a closing formula it stays,
// as every name there does, and so does one of several lines of its kind.
func (p *piece) markNameLine() {
	begin, end := p.lastParagraph()
	if end-begin != 1 || p.isFirst(begin) {
		return
	}
	text := strings.TrimSpace(p.lines[begin].text)
	name := strings.TrimLeft(text, "-–—/~")
	marks := text[:len(text)-len(name)]
	spaced := strings.HasPrefix(name, " ") // "- a list", "/ and so on"
	words := strings.Fields(name)
	if marks == "" || marks == "~" || len(name) > 40 || len(words) < 1 || len(words) > 3 || !areCapitalised(words) ||
		strings.ContainsAny(strings.TrimSuffix(name, "."), ".!?:;,0123456789@") ||
		spaced && !strings.ContainsAny(marks, "–—") {
		return
	}
	for i := range begin {
		l := &p.lines[i]
		item, listed := strings.CutPrefix(strings.TrimSpace(l.text), marks)
		if l.rule == "" && (listed && strings.HasPrefix(item, " ") == spaced || i >= begin-3 && isClosing(l.low)) {
			return
		}
	}
	p.lines[begin].rule = Signature
}
