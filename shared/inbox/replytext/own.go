package replytext

import "strings"

// document is the text of a message while the rules go over it. The rules run from those that
// rest on a mark to those that rest on a guess, and each sees what the ones before it took.
type document struct {
	lines  []line
	table  *table
	letter *letter

	first     int  // no line above it is the author's any more; see firstOwn
	splits    int  // how many lines have been split
	forwarded bool // a forwarded message was taken away
	ownLetter bool // our letter was recognised
}

func (d *document) decide() {
	d.markWrappers()
	d.markBanners()
	d.markLetter()
	d.markQuotes()
	d.markFooters()
}

// markQuotes goes down the lines once and takes away what others wrote: marked
// quotes, and whatever follows an attribution line, a header block or a divider.
func (d *document) markQuotes() {
	d.settleDepths()
	above := false // whether anything stands above, banners apart
	for i := 0; i < len(d.lines); {
		l := &d.lines[i]
		n := 1
		switch {
		case l.rule == Banner || l.blank() && l.depth == 0:
		case l.rule != "":
			above = true
		case d.isReplyAbove(i):
			if d.cut(i, ReplyAbove, above); above {
				return
			}
		case d.isArrowHead(i):
			l.rule = Attribution
			if n = d.belowHead(i, 1, above); n < 0 {
				return
			}
			above = true
		case l.depth > 0 || l.mark&inQuoteBox != 0 && l.mark&typedInside == 0:
			l.rule = Quoted
			above = true
		default:
			if n = d.markHead(i, above); n < 0 {
				return
			}
			above = true
		}
		i += n
	}
}

// markHead looks for what heads a quote at line i: a divider, a header block, an attribution line. It
// returns how many lines it has dealt with, or -1 if the rest is gone.
func (d *document) markHead(i int, above bool) int {
	if forwarded, ok := d.isDivider(i); ok {
		rule := BelowQuote
		if forwarded {
			d.forwarded, rule = true, ForwardedMail
		}
		d.lines[i].rule = Divider
		d.markRulesAbove(i)
		if d.quotedNext(i + 1) {
			return 1
		}
		d.cut(i+1, rule, true)
		return -1
	}
	if n := d.headContainer(i); n > 0 {
		d.mark(i, i+n, Attribution)
		return d.belowHead(i, n, above)
	}
	if n := d.headerBlock(i); n > 0 {
		d.mark(i, i+n, HeaderBlock)
		return d.belowHead(i, n, above)
	}
	if n := d.attribution(i); n > 0 {
		d.mark(i, i+n, Attribution)
		return d.belowHead(i, n, above)
	}
	return 1
}

// belowHead deals with what follows a head of n lines at line i: marked quotes are left to their marks;
// anything else goes with the head, unless nothing at all stands above it, for then it may be an
// answer below the quote.
func (d *document) belowHead(i, n int, above bool) int {
	divided := d.markRulesAbove(i)
	if d.barQuoted(i+n) || d.quotedNext(i+n) || !above && !divided {
		return n
	}
	d.cut(i+n, BelowQuote, true)
	return -1
}

// headContainer returns how many lines from i on stand in a container for a head.
func (d *document) headContainer(i int) int {
	n := 0
	for i+n < len(d.lines) && d.lines[i+n].mark&inHead != 0 {
		n++
	}
	return n
}

func (d *document) mark(from, to int, rule Rule) {
	for i := from; i < to; i++ {
		if d.lines[i].rule == "" {
			d.lines[i].rule = rule
		}
	}
}

// cut takes away line i and all below it. Where our letter stands there, recognised by its
// words, whole paragraphs between its lines that are not in it are answers, and stay.
func (d *document) cut(i int, rule Rule, all bool) {
	if !all {
		d.lines[i].rule = rule
		return
	}
	if !d.ownLetter {
		d.mark(i, len(d.lines), rule)
		return
	}
	for j := i; j < len(d.lines); j++ {
		if l := &d.lines[j]; l.mark&typedInside == 0 && l.rule == "" {
			l.rule = rule
		}
	}
}

// maxGap is over how many blank lines a rule looks for the line that it wants to see.
const maxGap = 30

// quotedNext reports whether the next line that says anything is marked as a quote.
func (d *document) quotedNext(i int) bool {
	for end := min(i+maxGap, len(d.lines)); i < end; i++ {
		if d.lines[i].depth > 0 || d.lines[i].mark&inQuoteBox != 0 || d.lines[i].rule == Letter {
			return true
		}
		if !d.lines[i].blank() {
			return false
		}
	}
	return false
}

// markRulesAbove takes away the lines of dashes that stand directly above line i,
// and reports whether there were any.
func (d *document) markRulesAbove(i int) bool {
	found := false
	for end := i - maxGap; i > 0 && i > end; {
		i--
		l := &d.lines[i]
		switch {
		case l.rule == "" && l.depth == 0 && (isRuleLine(l.low, 4) || l.mark&isRule != 0):
			l.rule = Divider
			found = true
		case l.blank():
		default:
			return found
		}
	}
	return found
}

// isRuleLine reports a line of at least n dashes, underscores and the like, and nothing else.
func isRuleLine(low string, n int) bool {
	if low == "" || 'a' <= low[0] && low[0] <= 'z' || isDigit(low[0]) {
		return false
	}
	count := 0
	for _, r := range low {
		if !strings.ContainsRune("-_=*~#—–─━·.", r) && r != ' ' {
			return false
		}
		if r != ' ' {
			count++
		}
	}
	return count >= n
}

// words joins what is left, blank lines at most one in a row.
func (d *document) words() string {
	var b strings.Builder
	blank := false
	for i := range d.lines {
		l := &d.lines[i]
		switch {
		case l.rule != "":
			blank = blank || b.Len() > 0
		case l.blank():
			blank = b.Len() > 0
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

// answers pairs quoted lines with the words below them, if words stand between
// quotes or below one that they follow on. One block of words above the quote is no answer.
func (d *document) answers() []Answer {
	var out []Answer
	var question, words []string
	flush := func() {
		if q, w := trimLines(question), trimLines(words); q != "" && w != "" {
			out = append(out, Answer{q, w})
		}
		question, words = nil, nil
	}
	for i := range d.lines {
		l := &d.lines[i]
		switch {
		case l.rule == Quoted || l.rule == Letter:
			if len(words) > 0 {
				flush()
			}
			question = append(question, unquoted(l))
		case l.rule == "" && !l.blank() && len(question) > 0:
			words = append(words, l.text)
		case l.blank() && len(words) > 0:
			words = append(words, "")
		case l.blank() && len(question) > 0:
			question = append(question, "")
		}
	}
	flush()
	return out
}

// unquoted is the text of a quoted line without its marks.
func unquoted(l *line) string {
	if _, end := quoteDepth(l.text, false); end > 0 && l.depth > 0 {
		return strings.TrimSpace(l.text[end:])
	}
	return strings.TrimSpace(l.text)
}

func trimLines(lines []string) string {
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
