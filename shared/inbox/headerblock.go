package inbox

import "strings"

// headerBlock reports how many lines from i on are a header block as Outlook and others put it
// above a quoted message, 0 if they are none:
//
//	From: Ann Example <ann@example.org>
//	Sent: Tuesday, 3 March 2026 10:15
//	To: Ben Example
//	Subject: Re: our talk
//
// Labels come in any of the languages, in any order, bold or not, with blank lines between
// them or all on one line. People write "From:" and "To:" as well, so it takes three
// different labels of which one only mail has, or two with an address and a date.
func (d *document) headerBlock(i int) int {
	first, value := d.label(d.lines[i].low)
	if first == noField {
		d.splitFlattened(i)
		return 0
	}
	divided := d.ruleAbove(i)
	if first != fieldOther && d.inlineBlock(d.lines[i].low, divided) {
		return 1
	}
	var seen [fieldOther + 1]bool
	distinct, strength := 0, 0
	mailOnly := false // something that itineraries and invitations lack
	last := i
	for j, gap := i, 0; j < len(d.lines) && gap < 4; j++ {
		l := &d.lines[j]
		if l.depth > 0 || l.rule != "" {
			break
		}
		if l.blank() {
			gap++
			continue
		}
		var f field
		if f, value = d.label(l.low); f == noField {
			gap++ // the rest of a wrapped line, if another label follows soon
			continue
		}
		if gap > 0 && j-last > 1 && !d.wraps(last+1, j) {
			break
		}
		gap, last = 0, j
		address := strings.Contains(value, "@") || strings.Contains(value, "mailto:")
		if f == fieldSubject || address && f != fieldOther && !strings.HasPrefix(value, "@") {
			mailOnly = true
		}
		if f == fieldSent && hasDate(value) {
			strength++
			mailOnly = mailOnly || !strings.HasPrefix(l.low, "dat")
		}
		if address {
			strength++
		}
		if !seen[f] {
			seen[f] = true
			if f != fieldOther {
				distinct++
			}
		}
	}
	switch {
	case distinct >= 3 && mailOnly && (seen[fieldFrom] || strength >= 2):
	case distinct == 2 && seen[fieldFrom] && mailOnly && (seen[fieldSent] && strength >= 1 || strength >= 2 || divided):
	case distinct == 2 && seen[fieldSent] && strength >= 2:
	default:
		return 0
	}
	return last - i + 1
}

// splitFlattened cuts line i where a converter ran the words, the line of underscores and the
// block below it together; the block is found on the next line.
func (d *document) splitFlattened(i int) {
	low := d.lines[i].low
	if at := strings.Index(low, "__________"); at > 0 && d.inlineBlock(low[at:min(len(low), at+1000)], true) {
		d.splitGlued(i, at)
	}
}

// wraps reports whether lines from and up to to may be the continuation of a header:
// blank, or short, or part of a list of recipients.
func (d *document) wraps(from, to int) bool {
	blank, text := 0, 0
	for _, l := range d.lines[from:to] {
		switch {
		case l.blank():
			blank++
		case len(l.low) > 200 && !strings.Contains(l.low, "@"):
			return false
		default:
			text++
		}
	}
	return text == 0 || blank == 0 || blank == 1 && text == 1
}

// ruleAbove reports a line of dashes directly above line i, blank lines apart.
func (d *document) ruleAbove(i int) bool {
	for end := i - maxGap; i > 0 && i > end; {
		i--
		if l := &d.lines[i]; !l.blank() {
			return isRuleLine(l.low, 4) || l.rule == Divider
		} else if l.mark&isRule != 0 {
			return true
		}
	}
	return false
}

// label splits "From: somebody" into its field and value.
func (d *document) label(low string) (field, string) {
	low = strings.TrimLeft(low, "*_|> ")
	window := low
	if len(window) > 48 {
		window = window[:48]
	}
	colon := strings.IndexByte(window, ':')
	if colon < 1 {
		return noField, ""
	}
	return d.table.labels[strings.Trim(low[:colon], "*_ ")], strings.TrimLeft(low[colon+1:], "*_ ")
}

// inlineBlock reports a whole block on one line, as converters of HTML leave it:
// From: Ann Sent: 3 March To: Ben Subject: our talk.
func (d *document) inlineBlock(low string, divided bool) bool {
	if len(low) < 30 || len(low) > 2000 {
		return false
	}
	var seen [fieldOther + 1]bool
	distinct := 0
	for at := 0; ; {
		colon := strings.IndexByte(low[at:], ':')
		if colon < 0 {
			break
		}
		colon += at
		before := strings.TrimRight(low[max(at, colon-40):colon], "*_ ")
		for n := 2; n > 0; n-- {
			f := d.table.labels[strings.Trim(lastWords(before, n), "*_ ")]
			if f != noField && f != fieldOther && !seen[f] {
				seen[f] = true
				distinct++
				break
			}
		}
		at = colon + 1
	}
	return distinct >= 4 || distinct == 3 && seen[fieldFrom] && seen[fieldSent] || distinct == 2 && seen[fieldFrom] && divided && strings.Contains(low, "@")
}

// lastWords returns the last n words of s.
func lastWords(s string, n int) string {
	at := len(s)
	for range n {
		if at = strings.LastIndexByte(s[:at], ' '); at < 0 {
			return s
		}
	}
	return s[at+1:]
}
