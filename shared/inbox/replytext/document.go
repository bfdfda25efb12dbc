package replytext

import (
	"slices"
	"strings"
)

// document is the text of a message while the rules go over it. The rules run from those that
// rest on a mark to those that rest on a guess, and each sees what the ones before it took.
type document struct {
	lines
	letter *letter

	splits    int  // how many lines have been split
	forwarded bool // a forwarded message was taken away
	ownLetter bool // our letter was recognised
}

func (d *document) decide() {
	d.markWrappers()
	d.markBanners()
	d.markLetter()
	d.keepBlockquotes()
	d.markQuotes()
	d.keepTypedInBox()
	d.markFooters()
}

// keepBlockquotes keeps a plain <blockquote> of the author's editor. It is a client's
// where the client has no containers of its own, and an attribution or a label stands
// above it or at its beginning.
func (ls lines) keepBlockquotes() {
	contained := slices.ContainsFunc(ls, func(l line) bool {
		return l.mark&plainQuote == 0 && (l.depth > 0 || l.mark&(inQuoteBox|inHead) != 0)
	})
	for i := 0; i < len(ls); i++ {
		end := i
		for end < len(ls) && ls[end].mark&plainQuote != 0 {
			end++
		}
		if end == i {
			continue
		}
		above := ls.beside(i, -1)
		own := ls[i].mark&inQuoteBox == 0 && above >= 0 && !ls.attributedAbove(above, i) &&
			(contained || introduces(ls[above].low))
		for k := above; own && k >= 0 && k > above-attributionLines && !ls[k].blank(); k-- {
			own = !ls.isLabelled(k) && ls[k].depth == 0
		}
		for k := i; k < min(end, i+6) && own && !contained; k++ {
			ok, _ := ls.isAttribution(ls[k].low, k+1)
			own = !ok && !ls.isLabelled(k) && ls[k].depth == 1
		}
		for k := i; k < end && own; k++ {
			ls[k].depth = max(0, ls[k].depth-1)
		}
		i = end - 1
	}
}

// attributedAbove reports that the lines that end on line end are the attribution of
// what stands on line next.
func (ls lines) attributedAbove(end, next int) bool {
	joined := ""
	for k := end; k >= 0 && k > end-attributionLines && !ls[k].blank(); k-- {
		joined = joinWords(ls[k].low, joined)
		if ok, _ := ls.isAttribution(joined, next); ok {
			return true
		}
	}
	return false
}

// isLabelled reports a line that begins with a label of a header block.
func (ls lines) isLabelled(i int) bool {
	f, _ := labelOf(ls[i].low)
	return f != noField
}

// keepTypedInBox keeps what was typed inside the client's quote where nothing else is the author's:
// in place of the letter, or above the head.
func (ls lines) keepTypedInBox() {
	head := -1
	others := []Rule{Letter, Attribution, HeaderBlock, Divider, ForwardedMail, BelowQuote}
	for i := range ls {
		switch l := &ls[i]; {
		case l.rule == Quoted:
			ok, at := ls.isAttribution(l.low, i+1)
			if ok = ok && at == 0; l.mark&inQuoteBox != 0 && (ok || ls.isLabelled(i)) {
				return
			}
			if ok && head < 0 {
				head = i
			}
		case l.left(), slices.Contains(others, l.rule):
			return
		}
	}
	for i := range ls {
		l := &ls[i]
		if l.rule == Quoted && !l.blank() &&
			(head < 0 && l.mark&inQuoteBox != 0 && l.depth == 0 || head > 0 && i < head) {
			*l = unmarked(*l)
			l.rule = ""
		}
	}
}

// markQuotes goes down the lines once and takes away what others wrote: marked
// quotes, and whatever follows an attribution line, a header block or a divider.
func (d *document) markQuotes() {
	d.settleDepths()
	above := false // whether anything stands above, banners apart
	own := false   // whether words of the author do
	for i, n := 0, 0; i < len(d.lines); i += n {
		l := &d.lines[i]
		if n = 1; l.rule == Banner || l.blank() && l.depth == 0 {
			continue
		}
		switch {
		case l.rule != "":
		case isReplyAbove(l.low):
			if l.rule = ReplyAbove; own || d.keepAbove(i) {
				d.cut(i, ReplyAbove)
				d.markBareHead(i)
				return
			}
			continue
		case d.isArrowHead(i):
			n = d.head(i, 1, Attribution, above)
		case l.depth > 0 || l.mark&inQuoteBox != 0 && l.mark&typedInside == 0:
			l.rule = Quoted
		default:
			n = d.markHead(i, above)
			own = own || n > 0 && d.lines[i].rule == ""
		}
		if above = true; n < 0 {
			return
		}
	}
}

// markHead looks for what heads a quote at line i: a divider, a header block, an attribution line.
// It returns how many lines it has dealt with, or -1 if the rest is gone.
func (d *document) markHead(i int, above bool) int {
	if n := d.bareLabels(i); n > 0 {
		d.markDetails(i)
		return d.head(i, n, HeaderBlock, above)
	}
	if forwarded, ok := isDivider(d.lines[i].low); ok {
		rule := BelowQuote
		if forwarded {
			d.forwarded, rule = true, ForwardedMail
		}
		d.lines[i].rule = Divider
		d.markRulesAbove(i)
		if d.quotedNext(i+1) || !above && !forwarded {
			return 1
		}
		d.cut(i+1, rule)
		return -1
	}
	if n := d.headContainer(i); n > 0 {
		return d.head(i, n, Attribution, above)
	}
	if n := d.headerBlock(i); n > 0 {
		if i > 0 { // an attribution without a colon right above it
			l := &d.lines[i-1]
			if _, end := lastVerb(l.low); l.rule == "" && end == len(l.low) && hasDate(l.low) && hasTime(l.low) {
				l.rule = Attribution
			}
		}
		return d.head(i, n, HeaderBlock, above)
	}
	if n := d.attribution(i); n > 0 {
		return d.head(i, n, Attribution, above)
	}
	return 1
}

// head marks a head of n lines at line i and deals with what follows it: marked quotes are left to
// their marks; anything else goes with the head, unless nothing at all stands above it, for then it
// may be an answer below the quote. It returns n, or -1 if the rest is gone.
func (d *document) head(i, n int, rule Rule, above bool) int {
	d.mark(i, i+n, rule)
	divided := d.markRulesAbove(i) && above
	if d.barQuoted(i+n) || d.quotedNext(i+n) || !above && !divided {
		return n
	}
	d.cut(i+n, BelowQuote)
	return -1
}

// markBareHead takes away "Ann wrote:" above a line that asks for the reply above itself.
func (ls lines) markBareHead(i int) {
	if i = ls.beside(i, -1); i < 0 || ls[i].rule != "" {
		return
	}
	low, colon := strings.CutSuffix(ls[i].low, ":")
	low = strings.TrimRight(low, ": ")
	if at, end := lastVerb(low); colon && end == len(low) && strings.Count(low, " ") < 6 && !pronounBefore(low, at) {
		ls[i].rule = Attribution
	}
}

// keepAbove keeps what was typed inside a quote, above a marked line that asks for the reply above
// itself, where nothing else is the author's.
func (ls lines) keepAbove(i int) bool {
	depth := ls[i].depth
	if depth == 0 {
		return false
	}
	kept := false
	for j := i - 1; j >= 0 && (ls[j].depth == depth && ls[j].rule == Quoted || ls[j].blank()); j-- {
		if l := &ls[j]; !l.blank() {
			*l = unmarked(*l)
			l.rule, kept = "", true
		}
	}
	return kept
}

// bareLabels returns how many lines from i on are a head of labels without colons, as Notes writes
// it: from, date and one more, one of them with a time or an address.
func (ls lines) bareLabels(i int) int {
	var block evidence
	n := 0
	for ; i+n < len(ls) && n < 6; n++ {
		l := &ls[i+n]
		word, value := firstWord(l.low)
		f := labels()[word]
		if f == noField || value == "" || l.depth > 0 || l.rule != "" || block.seen[f] ||
			strings.Contains(word+value[:1], ":") {
			break
		}
		block.add(f, value, false)
	}
	if block.strength == 0 || !block.seen[fieldFrom] || block.distinct < 2 ||
		block.distinct < 3 && !strings.Contains(ls[i].low, "<") {
		return 0
	}
	return n
}

// markDetails takes away what Notes shows above its labels: "Hide Details" and the
// paragraph above it.
func (ls lines) markDetails(i int) {
	j := ls.beside(i, -1)
	if j < 0 || !strings.HasSuffix(ls[j].low, "details") && !strings.HasPrefix(ls[j].low, "details ") {
		return
	}
	ls[j].rule = HeaderBlock
	for j = ls.beside(j, -1); j >= 0 && ls[j].left(); j-- {
		ls[j].rule = HeaderBlock
	}
}

// headContainer returns how many lines from i on stand in a container for a head.
func (ls lines) headContainer(i int) int {
	n := 0
	for i+n < len(ls) && ls[i+n].mark&inHead != 0 {
		n++
	}
	return n
}

func (ls lines) mark(from, to int, rule Rule) {
	for i := from; i < to; i++ {
		if ls[i].rule == "" {
			ls[i].rule = rule
		}
	}
}

// cut takes away line i and all below it. Where our letter stands there, recognised by its
// words, whole paragraphs between its lines that are not in it are answers, and stay.
func (d *document) cut(i int, rule Rule) {
	for ; i < len(d.lines); i++ {
		if l := &d.lines[i]; l.rule == "" && (!d.ownLetter || l.mark&typedInside == 0) {
			l.rule = rule
		}
	}
}

// maxGap is over how many blank lines a rule looks for the line that it wants to see.
const maxGap = 30

// beside is the next line with text above line i or below it, in steps of -1 or 1; -1 if none is
// near.
func (ls lines) beside(i, step int) int {
	for n := 0; n < maxGap && i+step >= 0 && i+step < len(ls); n++ {
		if i += step; !ls[i].blank() {
			return i
		}
	}
	return -1
}

// quotedNext reports whether the next line from i on that has text is marked as a quote.
func (ls lines) quotedNext(i int) bool {
	i = ls.beside(i-1, 1)
	return i >= 0 && (ls.marked(i) || ls[i].rule == Letter)
}

// rulesAbove are the drawn lines directly above line i, blank lines apart.
func (ls lines) rulesAbove(i int) (rules []int) {
	for end := i - maxGap; i > 0 && i > end; {
		i--
		l := &ls[i]
		switch {
		case l.rule == Divider, l.rule == "" && l.depth == 0 && isRuleLine(l.low, 4):
			rules = append(rules, i)
		case !l.blank():
			return rules
		}
	}
	return rules
}

// markRulesAbove takes them away, and reports whether there were any.
func (ls lines) markRulesAbove(i int) bool {
	rules := ls.rulesAbove(i)
	for _, k := range rules {
		ls[k].rule = Divider
	}
	return len(rules) > 0
}

// words joins what is left, blank lines at most one in a row.
func (ls lines) words() string {
	size := 0
	for i := range ls {
		if ls[i].rule == "" {
			size += len(ls[i].text) + 1
		}
	}
	var b strings.Builder
	b.Grow(size)
	blank := false
	for i := range ls {
		switch l := &ls[i]; {
		case l.blank():
			blank = true
		case l.rule != "":
			blank = blank || l.depth == 0
		default:
			if b.Len() > 0 {
				b.WriteByte('\n')
				if blank {
					b.WriteByte('\n')
				}
			}
			blank = false
			b.WriteString(l.text)
		}
	}
	return strings.TrimSpace(b.String())
}

// answers pairs quoted lines with the words below them. One block of words above the
// quote is no answer.
func (ls lines) answers() []Answer {
	var out []Answer
	var question, words strings.Builder
	flush := func() {
		if q, w := strings.TrimSpace(question.String()), strings.TrimSpace(words.String()); q != "" && w != "" {
			out = append(out, Answer{q, w})
		}
		question.Reset()
		words.Reset()
	}
	for i := range ls {
		l := &ls[i]
		switch {
		case l.rule == Quoted || l.rule == Letter:
			if words.Len() > 0 {
				flush()
			}
			question.WriteString(strings.TrimSpace(l.bare()) + "\n")
		case question.Len() > 0 && (l.blank() || l.rule == "") && (words.Len() > 0 || !l.blank()):
			words.WriteString(l.text + "\n")
		case l.blank():
			question.WriteString("\n")
		}
	}
	flush()
	return out
}
