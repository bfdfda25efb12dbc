package letter

import (
	"strings"
	"unicode"
)

// plain makes one line of what somebody typed, to be shown as text: control characters (line ends among them) and
// white space become single spaces, bidirectional controls (Unicode's Bidi_Control) are dropped,
// because they can make a line read as what it does not say, and bytes that are not UTF-8 become U+FFFD.
func plain(typed string) string {
	if isPlainASCII(typed) {
		return typed
	}
	shown := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r) || r == '\uFEFF':
			return -1
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return ' '
		}
		return r
	}, strings.ToValidUTF8(typed, "\uFFFD"))
	return strings.Join(strings.Fields(shown), " ")
}

// isPlainASCII is the common case: printable ASCII without a space at either end or two in a row.
func isPlainASCII(s string) bool {
	last := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return s == "" || last != ' '
}

// escape is HTML's (and XML's) five characters, as text and in quoted attributes.
func escape(s string) string { return escaper.Replace(s) }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")
