package letter

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain makes one line of what someone typed, to be shown as text: control characters (line ends
// among them) and white space become single spaces, bidirectional controls (Unicode's
// Bidi_Control) are dropped, because they can make a line read as what it does not say, and bytes
// that are not UTF-8 become U+FFFD.
func plain(typed string) string {
	if isPlain(typed) {
		return typed
	}
	shown := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r) || r == byteOrderMark:
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(typed, "\uFFFD"))
	return strings.Join(strings.Fields(shown), " ")
}

const byteOrderMark = '\uFEFF'

// isPlain reports what plain would leave as it is: nearly everything.
func isPlain(s string) bool {
	last := ' '
	for _, r := range s {
		if r < ' ' || r == ' ' && last == ' ' || r == utf8.RuneError {
			return false
		}
		if r > '~' &&
			(unicode.IsControl(r) || unicode.IsSpace(r) || r == byteOrderMark || unicode.Is(unicode.Bidi_Control, r)) {
			return false
		}
		last = r
	}
	return s == "" || last != ' '
}

// escape writes HTML's (and XML's) five characters as references, for text and quoted attributes,
// and the "=" (see [appendHTML]).
func escape(s string) string { return escaper.Replace(s) }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;", "=", "&#61;")
