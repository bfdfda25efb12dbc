package replytext

import (
	"iter"
	"strings"
	"sync"

	"example.org/mend/shared/inbox/language"
)

// field is a line of a header block.
type field uint8

const (
	noField field = iota
	fieldFrom
	fieldSent
	fieldTo
	fieldCc
	fieldSubject
	fieldOther
)

// labelTopics are the topics of the fields, in their order.
var labelTopics = []*language.Topic{
	language.From, language.Sent, language.To, language.Cc, language.Subject, language.Other,
}

// labels are the fields by their labels, folded. The same word is From in one language and To in
// another. The first field wins, so that the outcome does not depend on the order of the languages.
var labels = sync.OnceValue(func() map[string]field {
	all := map[string]field{}
	for i, topic := range labelTopics {
		for _, label := range topic.Phrases() {
			if _, ok := all[label]; !ok {
				all[label] = field(i + 1)
			}
		}
	}
	return all
})

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
	first, _ := labelOf(d.lines[i].low)
	if first == noField {
		d.splitFlattened(i)
		return 0
	}
	divided := len(d.rulesAbove(i)) > 0
	if first != fieldOther && inlineBlock(d.lines[i].low, divided) {
		return 1
	}
	block := evidence{last: i}
	above := block // what there was before the last blank line
	for j, wrapped, blanks := i, 0, 0; j < len(d.lines) && wrapped < 4 && blanks < 4; j++ {
		l := &d.lines[j]
		if l.depth > 0 || l.rule != "" {
			break
		}
		if l.blank() {
			blanks++
			continue
		}
		f, value := labelOf(l.low)
		if f == noField {
			// The rest of a wrapped line, if another label follows soon; text of its own is none.
			if wrapped++; blanks > 0 || len(l.low) > 200 && !strings.Contains(l.low, "@") {
				break
			}
			continue
		}
		if blanks > 0 {
			above = block
		}
		if block.seen[f] && f < fieldOther && f != fieldCc {
			switch { // the author's "Subject: trust", then a block?
			case above.distinct > 0:
				block = above
			case first != fieldFrom && first != fieldSent:
				return 0
			}
			break
		}
		block.add(f, value, strings.HasPrefix(l.low, "dat"))
		wrapped, blanks, block.last = 0, 0, j
	}
	if !block.enough(divided) {
		return 0
	}
	return block.last - i + 1
}

// evidence is what speaks for a header block.
type evidence struct {
	seen     [fieldOther + 1]bool
	distinct int  // labels of different kinds
	strength int  // values that are addresses or dates
	mailOnly bool // something that itineraries and invitations lack
	last     int  // the last line with a label
}

func (e *evidence) add(f field, value string, onlyDate bool) {
	address := f != fieldOther && strings.Contains(value, "@") && !strings.HasPrefix(value, "@") ||
		// it was taken out
		strings.HasPrefix(value, "[") && strings.HasSuffix(value, "]") && strings.Contains(value, " ")
	date := f == fieldSent && hasDate(value)
	if address || date {
		e.strength++
	}
	e.mailOnly = e.mailOnly || address || f == fieldSubject || date && !onlyDate
	if !e.seen[f] && f != fieldOther {
		e.distinct++
	}
	e.seen[f] = true
}

// enough weighs it. A line of dashes above counts for one label.
func (e *evidence) enough(divided bool) bool {
	from, sent := e.seen[fieldFrom], e.seen[fieldSent]
	switch {
	case e.distinct >= 3:
		return e.mailOnly && (from || e.strength >= 2) && (e.strength >= 1 || divided || sent && e.distinct >= 4)
	case e.distinct == 2 && from:
		return e.mailOnly && (sent && e.strength >= 1 || e.strength >= 2 || divided)
	case e.distinct == 2:
		return sent && e.strength >= 2
	}
	return false
}

// splitFlattened cuts line i where a converter ran the words and the block below them together,
// with a line of underscores between them or without; the block is found on the next line.
func (d *document) splitFlattened(i int) {
	low := d.lines[i].low
	at := strings.Index(low, "__________")
	if at < 0 && strings.Contains(low, "@") {
		if at = firstLabel(low); at > 0 && (!strings.Contains(low[at:], "@") || !hasDate(low[at:])) {
			return
		}
	}
	if at > 0 && inlineBlock(low[at:min(len(low), at+1000)], low[at] == '_') {
		d.splitGlued(i, at)
	}
}

// firstLabel is where the first label of a sender or a date stands in a line, -1 if nowhere.
func firstLabel(low string) int {
	if len(low) <= 2000 {
		for at, f := range inlineLabels(low) {
			if f == fieldFrom || f == fieldSent {
				return at
			}
		}
	}
	return -1
}

// inlineLabels yields the labels in a line, one or two words before a colon, and where they stand.
func inlineLabels(low string) iter.Seq2[int, field] {
	return func(yield func(int, field) bool) {
		for from, colon := 0, 0; ; from = colon + 1 {
			next := strings.IndexByte(low[from:], ':')
			if next < 0 {
				return
			}
			colon = from + next
			from = max(from, colon-40)
			before := strings.TrimRight(low[from:colon], "*_ ")
			for n := 2; n > 0; n-- {
				label := lastWords(before, n)
				if f := labels()[strings.Trim(label, "*_ ")]; f != noField && f != fieldOther {
					if !yield(from+len(before)-len(label), f) {
						return
					}
					break
				}
			}
		}
	}
}

// label splits "From: somebody" into its field and value.
func labelOf(low string) (field, string) {
	low = strings.TrimLeft(low, "*_|> ")
	colon := strings.IndexByte(low[:min(len(low), 48)], ':')
	if colon < 1 {
		return noField, ""
	}
	return labels()[strings.Trim(low[:colon], "*_ ")], strings.TrimLeft(low[colon+1:], "*_ ")
}

// inlineBlock reports a whole block on one line, as converters of HTML leave it:
// From: Ann Sent: 3 March To: Ben Subject: our talk.
func inlineBlock(low string, divided bool) bool {
	if len(low) < 30 || len(low) > 2000 {
		return false
	}
	var block evidence
	for _, f := range inlineLabels(low) {
		block.add(f, "", false)
	}
	from := block.seen[fieldFrom]
	return block.distinct >= 4 || block.distinct == 3 && from && block.seen[fieldSent] ||
		block.distinct == 2 && from && divided && strings.Contains(low, "@")
}
