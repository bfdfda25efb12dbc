package replytext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/mend/shared/inbox/language"
)

// settleDepths puts right which lines are quoted: marks that the author typed are words, lines
// that a mail server wrapped belong to the quote above, and some programs quote with initials.
func (ls lines) settleDepths() {
	ls.keepTypedMarks()
	ls.keepIntroduced()
	for i := range ls {
		if ls.isWrappedQuote(i) {
			ls[i].depth = ls[i-1].depth
		}
	}
	ls.markInitials()
}

// keepTypedMarks keeps a single line that begins with > in the middle of a paragraph, above
// whatever is really quoted: "> 100 people came", ">>> look <<<". Two such lines are quotes with
// answers between them.
func (ls lines) keepTypedMarks() {
	typed := -1
	for i := range ls {
		if ls[i].depth == 0 {
			continue
		}
		if !ls.looksTyped(i) {
			break
		}
		if typed >= 0 {
			return
		}
		typed = i
	}
	if typed >= 0 {
		ls[typed].unquote()
	}
}

// unquote makes marks words: the author typed them.
func (l *line) unquote() { l.depth, l.low = 0, language.Fold(l.text) }

// keepIntroduced keeps marked lines that the author announces: the line above them, blank lines
// apart, ends with a colon and is no attribution, and stands on its own words.
func (ls lines) keepIntroduced() {
	for i := 0; i < len(ls); i++ {
		l := &ls[i]
		if l.depth == 0 || l.rule != "" || l.mark&inQuoteBox != 0 ||
			!strings.HasPrefix(strings.TrimSpace(l.text), ">") {
			continue
		}
		end := i
		for end < len(ls) && ls[end].depth > 0 {
			end++
		}
		if above := ls.beside(i, -1); above >= 0 && end-i <= 12 && ls.introducesQuote(above, i) {
			for j := i; j < end; j++ {
				ls[j].unquote()
			}
		}
		i = end
	}
}

func (ls lines) introducesQuote(above, i int) bool {
	l := &ls[above]
	at, _ := lastVerb(strings.TrimRight(l.low, ": "))
	if l.depth > 0 || l.rule != "" || !introduces(l.low) || strings.Contains(l.low, "@") ||
		hasDate(l.low) && !tells(l.low) || ls.isLabelled(above) ||
		at >= 0 && !pronounBefore(l.low, at) || !strings.Contains(l.low, " ") {
		return false
	}
	for k := i; k < len(ls) && ls[k].depth > 0; k++ {
		if ok, _ := ls.isAttribution(ls[k].low, k+1); ok {
			return false
		}
	}
	return !ls.attributedAbove(above, i)
}

// looksTyped reports that quoted line i stands alone between lines that are not, close to both or,
// if a number follows the mark, to the one above.
func (ls lines) looksTyped(i int) bool {
	text := strings.TrimSpace(ls[i].text)
	digit := startsWithDigit(strings.TrimLeft(text, "> \t"))
	below := i+1 < len(ls) && !ls[i+1].blank()
	switch {
	case !strings.HasPrefix(text, ">"):
		return false
	case i == 0: // "> 100 people came", and words right below it
		return digit && below && ls[1].depth == 0
	case ls[i-1].blank() || ls[i-1].depth > 0 || below && ls[i+1].depth > 0 || !below && !digit:
		return false
	}
	return !ls.attributedAbove(i-1, i)
}

// isWrappedQuote reports a line without a mark between two quoted lines that is the rest of
// the one above: the tail of a link, or of a line that was long enough to be wrapped.
func (ls lines) isWrappedQuote(i int) bool {
	l := &ls[i]
	if i == 0 || i+1 >= len(ls) || l.depth > 0 || l.mark&typedInside != 0 || l.blank() {
		return false
	}
	above := &ls[i-1]
	if above.depth == 0 || ls[i+1].depth == 0 {
		return false
	}
	first, _ := utf8.DecodeRuneInString(strings.TrimSpace(l.text))
	wrapped := len(above.text) >= 66 && !endsSentence(above.low) && !strings.HasSuffix(above.low, ":")
	return wrapped && len(l.text) < 30 && unicode.IsLower(first) ||
		!strings.Contains(l.low, " ") &&
			strings.Contains(above.text[strings.LastIndexByte(above.text, ' ')+1:]+l.low, "://")
}

// markInitials finds runs of lines quoted in the manner of "JD> text".
func (ls lines) markInitials() {
	for i := 0; i < len(ls); {
		prefix := initials(ls[i].text)
		n := 1
		for prefix != "" && i+n < len(ls) && initials(ls[i+n].text) == prefix {
			n++
		}
		if prefix != "" && n > 1 {
			for j := i; j < i+n; j++ {
				ls[j].depth = 1
			}
		}
		i += n
	}
}

// initials returns the one to three capitals in front of a > that begin s.
func initials(s string) string {
	capitals, _, marked := strings.Cut(strings.TrimLeft(s, " "), ">")
	if !marked || len(capitals) > 3 || strings.Trim(capitals, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return capitals
}

// barQuoted marks the lines from i on that are quoted with a bar, as Lotus
// and some list servers do, and reports whether there were at least two.
func (ls lines) barQuoted(i int) bool {
	if i = ls.beside(i-1, 1); i < 0 {
		return false
	}
	n := 0
	for i+n < len(ls) && strings.HasPrefix(ls[i+n].low, "|") {
		n++
	}
	if n < 2 {
		return false
	}
	for j := i; j < i+n; j++ {
		ls[j].depth = 1
	}
	return true
}

// isArrowHead reports the attribution of GroupWise, which looks like a quote and quotes
// what follows:
//
//	>>> Ann Example <ann@example.org> 3/3/2026 10:15 AM >>>
func (ls lines) isArrowHead(i int) bool {
	l := &ls[i]
	return l.depth >= 3 && strings.HasPrefix(l.text, ">>>") && hasTime(l.low) && countDigits(l.low) >= 6 &&
		(strings.HasSuffix(l.low, ">>>") || strings.Contains(l.low, "@")) && !strings.HasSuffix(l.low, ":") &&
		!ls.quotedNext(i+1)
}

// isReplyAbove reports a line that asks for the reply above itself.
func isReplyAbove(low string) bool {
	if len(low) < 12 || len(low) > 120 {
		return false
	}
	drawn := !isASCIILetter(low[0]) && strings.TrimLeft(low, "-#=*_~><—") != low
	return (drawn || strings.HasPrefix(low, "reply") || strings.HasPrefix(low, "please")) && language.ReplyAbove.In(low)
}

// isDivider reports "-----Original Message-----" and its like, in any of the languages, with or
// without something glued behind it, and whether it heads a forwarded message.
func isDivider(low string) (forwarded, ok bool) {
	before, after, _ := strings.Cut(low, "---")
	if before != "" && len(before) < 60 { // Notes: Ann Example---05.03.2026 19:02:11---the first words
		middle, _, found := strings.Cut(after, "---")
		if found && len(middle) < 40 && hasDate(middle) && hasTime(middle) {
			return false, true
		}
	}
	head := low[:min(len(low), 160)]
	bare := strings.TrimLeft(head, "-_=*~#<>—–─ ")
	dashes := len(head) - len(bare)
	// Apple: "Begin forwarded message:", alone on its line
	if phrase, colon := strings.CutSuffix(bare, ":"); dashes < 2 {
		forwarded = colon && strings.Contains(phrase, " ") && language.Forwarded.Has(phrase)
		return forwarded, forwarded
	}
	if hasDate(bare) && hasTime(bare) && strings.Contains(bare, "@") && strings.TrimRight(bare, "-_=*~#>") != bare {
		return false, true // drawn around a name, an address and a time
	}
	// What stands between the dashes, or before the first of them.
	end := strings.IndexAny(bare, "-_=*~#")
	if end > 0 && strings.Trim(bare[end:min(end+2, len(bare))], "-_=*~#") == "" {
		bare = bare[:end]
	} else if dashes < 4 {
		return false, false // "-- original message" may be anybody's line
	}
	bare = strings.TrimSpace(bare)
	if _, end := lastVerb(bare); end > 0 && end == len(bare) && dashes >= 3 && strings.Count(bare, " ") < 20 {
		return false, true // Android, Zoho: "---- Ann wrote ----"
	}
	forwarded = language.Forwarded.Begins(bare)
	return forwarded, forwarded || language.Original.Begins(bare)
}
