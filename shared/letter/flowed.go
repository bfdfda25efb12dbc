package letter

import (
	"strings"
	"unicode/utf8"
)

// flow lays out one paragraph as format=flowed (RFC 3676): lines of at most 72 characters,
// each but the last ending in a space, by which a mail client knows that it may join them
// again. The result ends in "\n".
//
// A word longer than a line, such as a URL, stays whole (section 4.2 forbids nothing
// longer than 998).
func flow(paragraph string) string {
	const most = 72
	var out strings.Builder
	out.Grow(len(paragraph) + len(paragraph)/32 + 2)
	width := 0
	for word := range strings.FieldsSeq(paragraph) {
		n := utf8.RuneCountInString(word)
		switch {
		case width == 0:
		case width+1+n >= most: // the trailing space counts too
			out.WriteString(" \n")
			width = 0
		default:
			out.WriteByte(' ')
			width++
		}
		if width == 0 && mustStuff(word) {
			out.WriteByte(' ')
			width++
		}
		out.WriteString(word)
		width += n
	}
	out.WriteByte('\n')
	return out.String()
}

// mustStuff follows section 4.4: a line that begins with ">" would be taken for a quote, one
// that begins with "From" is altered by some mail stores. A signature's "--" alone is stuffed as
// well, so that no one's words end a letter early.
func mustStuff(firstWord string) bool {
	return firstWord[0] == '>' || firstWord == "From" || firstWord == "--"
}
