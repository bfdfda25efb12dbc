package letter

import (
	"strings"
	"unicode"
)

// plain makes one line of what someone typed, to be shown as text: control characters (line ends
// among them) and white space become single spaces, bidirectional controls (Unicode's
// Bidi_Control) are dropped, because they can make a line read as what it does not say, and bytes
// that are not UTF-8 become U+FFFD.
func plain(typed string) string {
	before := ' '
	shown := strings.Map(func(r rune) rune {
		switch {
		case r > ' ' && r <= '~':
		case unicode.Is(unicode.Bidi_Control, r) || r == byteOrderMark:
			return -1
		case unicode.IsControl(r) || unicode.IsSpace(r):
			if before == ' ' {
				return -1
			}
			r = ' '
		}
		before = r
		return r
	}, strings.ToValidUTF8(typed, "\uFFFD"))
	return strings.TrimSuffix(shown, " ")
}

const byteOrderMark = '\uFEFF'

// escape writes HTML's (and XML's) five characters as references, for text and quoted attributes,
// and the "=" (see [appendHTML]).
func escape(s string) string { return escaper.Replace(s) }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;", "=", "&#61;")
