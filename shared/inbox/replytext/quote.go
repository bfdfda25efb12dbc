package replytext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/mend/shared/inbox/language"
)

// settleDepths puts right which lines are quoted: marks that the author typed are words, lines
// that a mail server wrapped belong to the quote above, and some programs quote with initials.
func (d *document) settleDepths() {
	d.keepTypedMarks()
	d.keepIntroduced()
	for i := range d.lines {
		if d.isWrappedQuote(i) {
			d.lines[i].depth = d.lines[i-1].depth
		}
	}
	d.markInitials()
}

// keepTypedMarks keeps a single line that begins with > in the middle of a paragraph, above
// whatever is really quoted: "> 100 people came", ">>> look <<<". Two such lines are quotes with
// answers between them.
func (d *document) keepTypedMarks() {
	typed := -1
	for i := range d.lines {
		if d.lines[i].depth == 0 {
			continue
		}
		if !d.looksTyped(i) {
			break
		}
		if typed >= 0 {
			return
		}
		typed = i
	}
	if typed >= 0 {
		d.lines[typed].unquote()
	}
}

// unquote makes marks words: the author typed them.
func (l *line) unquote() { l.depth, l.low = 0, language.Fold(l.text) }

// keepIntroduced keeps marked lines that the author announces: the line above them, blank lines apart,
// ends with a colon and is no attribution, and stands on its own words.
func (d *document) keepIntroduced() {
	for i := 0; i < len(d.lines); i++ {
		l := &d.lines[i]
		if l.depth == 0 || l.rule != "" || l.mark&inQuoteBox != 0 || !strings.HasPrefix(strings.TrimSpace(l.text), ">") {
			continue
		}
		end := i
		for end < len(d.lines) && d.lines[end].depth > 0 {
			end++
		}
		if above := d.lastAbove(i); above >= 0 && end-i <= 12 && d.introducesQuote(above, i) {
			for j := i; j < end; j++ {
				d.lines[j].unquote()
			}
		}
		i = end
	}
}

// lastAbove is the index of the next line above i that has text, -1 if there is none.
func (d *document) lastAbove(i int) int {
	for i--; i >= 0 && d.lines[i].blank(); i-- {
	}
	return i
}

func (d *document) introducesQuote(above, i int) bool {
	l := &d.lines[above]
	at, _ := d.verb(strings.TrimRight(l.low, ": "))
	if l.depth > 0 || l.rule != "" || !introduces(l.low) || strings.Contains(l.low, "@") || hasDate(l.low) && !tells(l.low) ||
		d.isLabelled(above) || at >= 0 && !d.pronounBefore(l.low, at) || !strings.Contains(l.low, " ") {
		return false
	}
	for k := i; k < len(d.lines) && d.lines[k].depth > 0; k++ {
		if ok, _ := d.isAttribution(d.lines[k].low, k+1); ok {
			return false
		}
	}
	return !d.attributedAbove(above, i)
}

// looksTyped reports that quoted line i stands alone between lines that are not, close to both or, if a
// number follows the mark, to the one above.
func (d *document) looksTyped(i int) bool {
	text := strings.TrimSpace(d.lines[i].text)
	digit := startsWithDigit(strings.TrimLeft(text, "> \t"))
	below := i+1 < len(d.lines) && !d.lines[i+1].blank()
	switch {
	case !strings.HasPrefix(text, ">"):
		return false
	case i == 0: // "> 100 people came", and words right below it
		return digit && below && d.lines[1].depth == 0
	case d.lines[i-1].blank() || d.lines[i-1].depth > 0 || below && d.lines[i+1].depth > 0 || !below && !digit:
		return false
	}
	return !d.attributedAbove(i-1, i)
}

// isWrappedQuote reports a line without a mark between two quoted lines that is the rest of
// the one above: the tail of a link, or of a line that was long enough to be wrapped.
func (d *document) isWrappedQuote(i int) bool {
	l := &d.lines[i]
	if i == 0 || i+1 >= len(d.lines) || l.depth > 0 || l.mark&typedInside != 0 || l.blank() {
		return false
	}
	above := &d.lines[i-1]
	if above.depth == 0 || d.lines[i+1].depth == 0 {
		return false
	}
	first, _ := utf8.DecodeRuneInString(strings.TrimSpace(l.text))
	wrapped := len(above.text) >= 66 && !endsSentence(above.low) && !strings.HasSuffix(above.low, ":")
	return wrapped && len(l.text) < 30 && unicode.IsLower(first) ||
		!strings.Contains(l.low, " ") && strings.Contains(above.text[strings.LastIndexByte(above.text, ' ')+1:]+l.low, "://")
}

// markInitials finds runs of lines quoted in the manner of "JD> text".
func (d *document) markInitials() {
	for i := 0; i < len(d.lines); {
		prefix := initials(d.lines[i].text)
		n := 1
		for prefix != "" && i+n < len(d.lines) && initials(d.lines[i+n].text) == prefix {
			n++
		}
		if prefix != "" && n > 1 {
			for j := i; j < i+n; j++ {
				d.lines[j].depth = 1
			}
		}
		i += n
	}
}

// initials returns the one to three capitals in front of a > that begin s.
func initials(s string) string {
	s = strings.TrimLeft(s, " ")
	at := strings.IndexByte(s, '>')
	if at < 1 || at > 3 {
		return ""
	}
	for _, c := range s[:at] {
		if c < 'A' || 'Z' < c {
			return ""
		}
	}
	return s[:at]
}

// barQuoted marks the lines from i on that are quoted with a bar, as Lotus
// and some list servers do, and reports whether there were at least two.
func (d *document) barQuoted(i int) bool {
	for i < len(d.lines) && d.lines[i].blank() {
		i++
	}
	n := 0
	for i+n < len(d.lines) && strings.HasPrefix(d.lines[i+n].low, "|") {
		n++
	}
	if n < 2 {
		return false
	}
	for j := i; j < i+n; j++ {
		d.lines[j].depth = 1
	}
	return true
}

// isArrowHead reports the attribution of GroupWise, which looks like a quote and quotes what follows:
//
//	>>> Ann Example <ann@example.org> 3/3/2026 10:15 AM >>>
func (d *document) isArrowHead(i int) bool {
	l := &d.lines[i]
	return l.depth >= 3 && strings.HasPrefix(l.text, ">>>") && hasTime(l.low) && countDigits(l.low) >= 6 &&
		(strings.HasSuffix(l.low, ">>>") || strings.Contains(l.low, "@")) && !strings.HasSuffix(l.low, ":") &&
		!d.quotedNext(i+1)
}

// isReplyAbove reports a line that asks for the reply above itself, quoted or not.
func (d *document) isReplyAbove(i int) bool {
	low := d.lines[i].low
	if len(low) < 12 || len(low) > 120 {
		return false
	}
	drawn := !isASCIILetter(low[0]) && strings.TrimLeft(low, "-#=*_~><—") != low
	return (drawn || strings.HasPrefix(low, "reply") || strings.HasPrefix(low, "please")) && language.ReplyAbove.In(low)
}

// isDivider reports "-----Original Message-----" and its like, in any of the languages, with or without
// something glued behind it, and whether it heads a forwarded message.
func (d *document) isDivider(i int) (forwarded, ok bool) {
	low := d.lines[i].low
	if low == "" || isASCIILetter(low[0]) && !strings.HasSuffix(low, ":") && !strings.Contains(low, "---") {
		return false, false
	}
	if at := strings.Index(low, "---"); at > 0 && at < 60 { // Notes: Ann Example---05.03.2026 19:02:11---the first words
		middle, _, found := strings.Cut(low[at+3:], "---")
		if found && len(middle) < 40 && hasDate(middle) && hasTime(middle) {
			return false, true
		}
	}
	if len(low) < 4 || len(low) > 1000 {
		return false, false
	}
	head := low
	if len(head) > 160 {
		head = head[:160]
	}
	bare := strings.TrimLeft(head, "-_=*~#<>—–─ ")
	dashes := len(head) - len(bare)
	if dashes < 2 {
		// Apple: "Begin forwarded message:", alone on its line.
		bare = strings.TrimRight(bare, ":")
		for _, phrase := range language.Forwarded.Phrases() {
			if bare == phrase && strings.HasSuffix(low, ":") && strings.Contains(phrase, " ") {
				return true, true
			}
		}
		return false, false
	}
	if bare == "" {
		return false, false
	}
	if hasDate(bare) && hasTime(bare) && strings.Contains(bare, "@") && strings.TrimRight(bare, "-_=*~#>") != bare {
		return false, true // drawn around a name, an address and a time
	}
	// What stands between the dashes, or before the first of them.
	if end := strings.IndexAny(bare, "-_=*~#"); end > 0 && strings.Trim(bare[end:min(end+2, len(bare))], "-_=*~#") == "" {
		bare = bare[:end]
	} else if dashes < 4 {
		return false, false // "-- original message" may be anybody's line
	}
	bare = strings.TrimSpace(bare)
	if _, end := d.verb(bare); end == len(bare) && dashes >= 3 && strings.Count(bare, " ") < 20 {
		return false, true // Android, Zoho: "---- Ann wrote ----"
	}
	for _, phrase := range language.Forwarded.Phrases() {
		if strings.HasPrefix(bare, phrase) {
			return true, true
		}
	}
	for _, phrase := range language.Original.Phrases() {
		if strings.HasPrefix(bare, phrase) {
			return false, true
		}
	}
	return false, false
}
