package replytext

import (
	"iter"
	"slices"
	"strings"

	"example.org/mend/shared/inbox/language"
)

// place is a word of the message and where the letter has it.
type place struct {
	line, start, end int // of the folded line
	id               int32
	link             bool
	at               int32 // in the letter; -1 if it is not the letter's
}

// align finds the words of lines in the letter. It walks them once: a word goes on where the last
// one was found, or a run of three words begins anew. Then it walks back, so that the few words
// before what the author typed are found as well.
func (l *letter) align(lines []line) []place {
	var places []place
	for i := range lines {
		if lines[i].rule != "" {
			continue
		}
		eachWord(lines[i].low, func(word string, start, end int, link bool) {
			p := place{line: i, start: start, end: end, id: -1, link: link, at: -1}
			if id, ok := l.ids[normal(word)]; ok && !link {
				p.id = id
			}
			places = append(places, p)
		})
	}
	words := make([]int, 0, len(places)) // the places that are no links
	for i := range places {
		if !places[i].link {
			words = append(words, i)
		}
	}
	at := int32(-1) // where the letter goes on
	for k := 0; k < len(words); k++ {
		p := &places[words[k]]
		if at >= 0 && int(at) < len(l.seq) && p.id >= 0 && l.seq[at] == p.id {
			p.at = at
			at++
			continue
		}
		if k+2 < len(words) && p.id >= 0 {
			run := [3]int32{p.id, places[words[k+1]].id, places[words[k+2]].id}
			if found, ok := l.runs[run]; ok {
				for tries := 0; found < at-3 && tries < 8 && l.next[found] >= 0; tries++ {
					found = l.next[found]
				}
				p.at, at = found, found+1
				continue
			}
		}
	}
	l.settle(places, words)
	at = -1
	for k := len(words) - 1; k >= 0; k-- {
		switch p := &places[words[k]]; {
		case p.at >= 0:
			at = p.at - 1
		case at >= 0 && p.id >= 0 && l.seq[at] == p.id:
			p.at = at
			at--
		}
	}
	return places
}

// settle takes words back that two runs claim: of "The walk" above "the one that sticks", the first
// "the" is not the letter's. A run of one or two words yields to a longer one, and the end of a run
// to the beginning of the next.
func (l *letter) settle(places []place, words []int) {
	var all [][]int
	claimed := make([]bool, len(l.seq))
	for from, to := range runs(len(words), func(k int) bool {
		before := places[words[k-1]].at
		return before >= 0 && places[words[k]].at == before+1
	}) {
		if run := words[from:to]; places[run[0]].at >= 0 {
			all = append(all, run)
			for _, k := range run {
				claimed[places[k].at] = claimed[places[k].at] || len(run) > 2
			}
		}
	}
	for i, run := range all {
		if len(run) <= 2 && slices.ContainsFunc(run, func(k int) bool { return claimed[places[k].at] }) {
			for _, k := range run {
				places[k].at = -1
			}
			continue
		}
		if i+1 == len(all) || len(all[i+1]) < 3 {
			continue
		}
		next := places[all[i+1][0]].at
		for n := len(run); n > len(run)-2 && n > 1; n-- {
			if last := &places[run[n-1]]; last.at >= next && last.at < next+2 {
				last.at = -1
			}
		}
	}
}

// letterWords is how many words in a row of lines must match before the lines are taken for the
// letter's: people do write "I am sorry" of their own accord. A message that has surelyWords of
// them quotes the letter.
const (
	letterWords = 9
	surelyWords = 25
)

// lineMatch is how much of a line is the letter's.
type lineMatch struct {
	words, matched int
	varying        int // matched words that are numbers, days or months
	links          bool
	first, last    int32 // where the letter has its first and last matched word; -1
	places         []place
	letter         bool
	own            bool // unmarked, and all that matches is the person's own: they may have written it anew
}

// strong reports a line that is the letter's by itself.
func (m *lineMatch) strong() bool {
	if m.own {
		return false
	}
	return m.matched-m.varying >= 3 && m.matched == m.words || m.matched-m.varying >= 5 && m.matched*5 >= m.words*4
}

// markLetter takes away the lines of our own letter, marked or not, and keeps what was typed
// between its words: whole lines, and pieces of lines.
func (d *document) markLetter() {
	if d.letter == nil {
		return
	}
	a := alignment{
		lines:   d.lines,
		letter:  d.letter,
		matches: slices.Repeat([]lineMatch{{first: -1, last: -1}}, len(d.lines)),
	}
	a.matchLines()
	a.keepAboveHead()
	a.growLetter()
	if first := slices.IndexFunc(a.matches, func(m lineMatch) bool { return m.letter }); first >= 0 {
		d.lines, d.ownLetter = a.apart(first), true
	}
}

// alignment is the lines of a message beside those of the letter.
type alignment struct {
	lines
	letter  *letter
	matches []lineMatch // of each line
	above   int         // so many lines stand above the head of the letter
}

// apart is the lines, those of the letter marked, and cut where the author typed into them. first
// is the first line of the letter.
func (a *alignment) apart(first int) []line {
	depth := a.lines[first].depth
	for first > 0 && (a.lines[first-1].depth == depth || a.lines[first-1].blank()) && depth > 0 {
		first--
	}
	lines := make([]line, 0, len(a.lines)+8)
	for i := range a.lines {
		l, m := a.lines[i], &a.matches[i]
		switch {
		case l.rule != "":
		case m.letter && m.matched == m.words:
			l.rule = Letter
		case m.letter || i >= first && m.matched > 0 && a.holdsLetter(i):
			a.dropChance(i)
			lines = append(lines, pieces(l, m)...)
			continue
		case l.depth > 0 && l.depth == depth && i >= first && typedInQuote(&l, m):
			l = unmarked(l)
		case l.depth == 0 && l.mark&inQuoteBox != 0 && i >= first && m.words > 0 && typedInQuote(&l, m):
			l.mark &^= inQuoteBox
			l.mark |= typedInside
		case i > first && l.depth == 0:
			l.mark |= typedInside
		}
		lines = append(lines, l)
	}
	return lines
}

// matchLines aligns the message with the letter and decides which lines are the letter's by
// themselves.
func (a *alignment) matchLines() {
	places := a.letter.align(a.lines)
	for from, to := range runs(len(places), func(k int) bool { return places[k].line == places[k-1].line }) {
		l := &a.lines[places[from].line]
		a.matches[places[from].line] = a.letter.match(places[from:to], l.depth > 0 || l.mark&inQuoteBox != 0)
	}
	// A quote that is marked says nothing of the lines without a mark: an author may well write a
	// phrase of ours above it, such as the example of a promise.
	total := map[bool]int{}
	for i := range a.matches {
		if a.matches[i].strong() {
			total[a.marked(i)] += a.matches[i].matched
		}
	}
	for i := 0; i < len(a.matches); {
		end, words := i, 0
		for j, gap, last := i, 0, int32(-1); j < len(a.matches) && gap < 3; j++ {
			m := &a.matches[j]
			if m.strong() && (a.marked(j) != a.marked(i) || !a.marked(j) && last >= 0 && !goesOn(last, m.first)) {
				break
			}
			switch {
			case m.strong():
				words += m.matched
				end, gap, last = j+1, 0, m.last
			case a.lines[j].blank() || m.matched == m.words:
			default:
				gap++
			}
			if end == i {
				break
			}
		}
		for j := i; j < end; j++ {
			m := &a.matches[j]
			if m.strong() && (words >= letterWords || total[a.marked(j)] >= surelyWords && m.matched >= 4) {
				m.letter = true
			}
		}
		i = max(end, i+1)
	}
}

// keepAboveHead keeps what stands above the head of the letter that comes back: the author may well
// answer with a sentence of the letter.
func (a *alignment) keepAboveHead() {
	head := 0
	for ; head < len(a.lines) && !a.isHead(head); head++ {
	}
	if head == len(a.lines) {
		return
	}
	a.above = head
	for i := range head {
		a.matches[i].letter = false
	}
}

// isHead reports where a quote may begin: at a marked line, an attribution, a label or a greeting.
func (a *alignment) isHead(i int) bool {
	l := &a.lines[i]
	if l.rule != "" || l.blank() {
		return false
	}
	if a.marked(i) || l.mark&inHead != 0 || a.isGreeting(i) {
		return true
	}
	attribution, _ := a.isAttribution(l.low, i+1)
	return !a.matches[i].letter && (attribution || a.isLabelled(i))
}

// isGreeting reports a line that greets as the letter does.
func (a *alignment) isGreeting(i int) bool {
	low := a.lines[i].low
	if !strings.HasSuffix(low, ",") || strings.Count(low, " ") > 2 {
		return false
	}
	word, _ := firstWord(low)
	word = strings.Trim(word, ",")
	_, known := a.letter.ids[word]
	return known && language.Greetings.Has(word)
}

// match counts the words of one line that the letter has.
func (l *letter) match(places []place, marked bool) lineMatch {
	m := lineMatch{places: places, first: -1, last: -1, own: !marked}
	for _, p := range places {
		switch {
		case p.link:
			m.links = true
			continue
		case p.at >= 0:
			if m.last = p.at; m.first < 0 {
				m.first = p.at
			}
			if m.matched++; p.id == l.number {
				m.varying++
			}
			m.own = m.own && l.own[p.at]
		}
		m.words++
	}
	m.own = m.own && m.matched > 0
	return m
}

// runs yields the bounds of what stands together among n elements: joined reports that element k
// goes on from the one before it.
func runs(n int, joined func(k int) bool) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for from := 0; from < n; {
			to := from + 1
			for to < n && joined(to) {
				to++
			}
			if !yield(from, to) {
				return
			}
			from = to
		}
	}
}

// goesOn reports that the letter goes on, within a few lines of it, from one of its words to
// another. Lines of an author that each hold words of ours come from anywhere in it.
func goesOn(from, to int32) bool { return to > from && to-from <= 60 }

// marked reports a line that the client marked as quoted.
func (ls lines) marked(i int) bool { return ls[i].depth > 0 || ls[i].mark&inQuoteBox != 0 }

// growLetter adds the short lines, the links and the drawn lines beside lines of the letter.
func (a *alignment) growLetter() {
	grow := func(i, step int) {
		own := 0 // lines of the author in between
		for j := i + step; j >= a.above && j < len(a.matches) && own < 12; j += step {
			m, l := &a.matches[j], &a.lines[j]
			if m.letter || l.rule != "" {
				return
			}
			beside := &a.matches[i]
			gap := m.first - beside.last // how far the letter goes from one to the other
			if step < 0 {
				gap = beside.first - m.last
			}
			near := beside.first < 0 || m.words >= 2 || gap > 0 && gap <= 12
			switch {
			case l.blank():
			case m.matched > 0 && m.matched == m.words &&
				(m.first < a.letter.ours && beside.first >= 0 && gap == 1 ||
					!m.own && own == 0 && a.marked(i) == a.marked(j) && near):
				m.letter = true
				i = j
			case own == 0 && m.words == 0 &&
				(m.links && (l.depth > 0 || step > 0 && hasLink(l.low)) ||
					isRuleLine(l.low, 1) || strings.Trim(l.low, "*-_=|>< ") == ""):
				m.letter = true
			default:
				own++
			}
		}
	}
	for i := range a.matches {
		if a.matches[i].letter {
			grow(i, 1)
			grow(i, -1)
		}
	}
	a.growGreeting()
	a.growOwn()
}

// growOwn adds the person's own words where the letter repeats them: lines of them between two
// lines of the letter, in the place where it has them, if we know one.
func (a *alignment) growOwn() {
	above := -1       // the line of the letter above
	var between []int // the lines of own words since
	for i := range a.matches {
		switch m := &a.matches[i]; {
		case a.lines[i].blank():
		case m.letter:
			for _, j := range between {
				own := &a.matches[j]
				own.letter = own.first >= a.letter.ours || a.matches[above].last < own.first && own.last < m.first
			}
			above, between = i, nil
		case above >= 0 && m.own && m.matched == m.words:
			between = append(between, i)
		default:
			above, between = -1, nil
		}
	}
}

// growGreeting adds the greeting of our letter where the author typed below it, or where the letter
// that we know has another line below it.
func (a *alignment) growGreeting() {
	first := slices.IndexFunc(a.matches, func(m lineMatch) bool { return m.letter })
	for i, lines := first-1, 0; i >= 0 && lines < 6; i-- {
		l := &a.lines[i]
		if !l.left() {
			continue
		}
		lines++
		if !a.isGreeting(i) {
			continue
		}
		if lines == 1 || a.marked(i) {
			a.matches[i].letter, a.matches[i].matched = true, a.matches[i].words
		}
		return
	}
}

// holdsLetter reports a line of which a part is the letter's, at the place where the
// letter goes on.
func (a *alignment) holdsLetter(i int) bool {
	m := &a.matches[i]
	if m.own {
		return false
	}
	above := a.letterBeside(i, -1)
	if m.matched >= 4 && (m.matched*2 >= m.words || a.lines[i].depth > 0) {
		return above >= 0 || a.letterBeside(i, 1) >= 0
	}
	return above >= 0 && m.places[0].at >= 0 && (m.matched >= 2 || a.lines[i].depth > 0) &&
		m.first == a.matches[above].last+1
}

// letterBeside is the next line above line i or below it, if it is the letter's; -1 if not.
func (a *alignment) letterBeside(i, step int) int {
	if j := a.beside(i, step); j >= 0 && a.matches[j].letter {
		return j
	}
	return -1
}

// dropChance takes back one or two words of the letter in a line that the author wrote:
// they stand there by chance, unless the letter goes on with them from the line above, or
// goes on from them below.
func (a *alignment) dropChance(i int) {
	m := &a.matches[i]
	if m.matched == m.words {
		return
	}
	above, below := a.letterBeside(i, -1), a.letterBeside(i, 1)
	alike := func(k int) bool { return (m.places[k].at >= 0) == (m.places[k-1].at >= 0) }
	for from, to := range runs(len(m.places), alike) {
		run := m.places[from:to]
		if run[0].at < 0 || len(run) > 2 ||
			from == 0 && above >= 0 && a.matches[above].last+1 == run[0].at ||
			to == len(m.places) && below >= 0 && a.matches[below].first == run[len(run)-1].at+1 {
			continue
		}
		for k := range run {
			run[k].at = -1
		}
	}
}

// pieces cuts a line where words of the author stand beside those of the letter.
func pieces(l line, m *lineMatch) []line {
	var out []line
	mine := func(k int) bool { return m.places[k].at < 0 && !m.places[k].link }
	for k, end := range runs(len(m.places), func(k int) bool { return mine(k) == mine(k-1) }) {
		from, to := 0, len(l.low)
		if k > 0 {
			from = boundary(l.low, m.places[k-1], m.places[k])
		}
		if end < len(m.places) {
			to = boundary(l.low, m.places[end-1], m.places[end])
		}
		piece := l
		piece.low = strings.Trim(l.low[from:to], " ")
		text := textAt(l, from, to)
		if mine(k) {
			piece = unmarked(piece)
			piece.mark |= typedInside
			piece.text = strings.TrimLeft(text, " \t>")
			piece.low = language.Fold(piece.text)
		} else {
			piece.text, piece.rule = text, Letter
		}
		if piece.text != "" {
			out = append(out, piece)
		}
	}
	return out
}

// boundary is where a line is cut between two words of which one is the letter's. What is glued to
// a word of the letter goes with it; all else between them is the author's.
func boundary(low string, before, after place) int {
	at := after.start
	if before.at >= 0 || before.link {
		if space := strings.IndexByte(low[before.end:after.start], ' '); space >= 0 {
			return before.end + space
		}
		return at
	}
	for at > before.end && low[at-1] != ' ' {
		at--
	}
	return at
}

// textAt is the text that corresponds to a piece of the folded line.
func textAt(l line, from, to int) string {
	text := l.bare()
	if to < len(l.low) {
		if end := unfold(text, to); end >= 0 {
			text = text[:end]
		}
	}
	if from > 0 {
		if start := unfold(text, from); start >= 0 {
			text = text[start:]
		}
	}
	return strings.TrimSpace(text)
}

// unmarked is a line that the author typed inside a quote, without the client's marks.
func unmarked(l line) line {
	l.text, l.depth = strings.TrimSpace(l.bare()), 0
	l.mark = l.mark&^inQuoteBox | typedInside
	return l
}

// typedInQuote reports a line in the client's quote of the letter that is neither the letter's nor
// a head.
func typedInQuote(l *line, m *lineMatch) bool {
	if m.words == 0 {
		return false
	}
	if f, value := labelOf(l.low); f != noField && (f != fieldOther || value == "") {
		return false
	}
	if m.links && (m.words <= 8 || m.words == m.matched) {
		return false // an attribution, or a rewritten link
	}
	_, end := lastVerb(strings.TrimRight(l.low, ": "))
	return !(strings.HasSuffix(l.low, ":") && (end > 0 || hasDate(l.low)))
}
