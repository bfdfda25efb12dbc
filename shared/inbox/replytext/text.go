package replytext

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/mend/shared/inbox/language"
)

// hasAddress reports an e-mail address in s, and whether it is the client that put it
// there: in angle brackets, or as a mailto link.
func hasAddress(s string) (ok, bracketed bool) {
	for i := 1; i+1 < min(len(s), 400); i++ {
		if s[i] != '@' || s[i+1] == ' ' {
			continue
		}
		open := strings.LastIndexAny(s[:i], "<[(")
		if open >= 0 && !strings.ContainsAny(s[open:i], ">])") {
			return true, true
		}
		ok = ok || s[i-1] != ' '
	}
	bracketed = strings.Contains(s, "<mailto:") || strings.Contains(s, "< mailto:")
	return ok || bracketed, bracketed
}

// hasDate reports a year, a time, or numbers written as a date.
func hasDate(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			continue
		}
		j := i
		for j < len(s) && isDigit(s[j]) {
			j++
		}
		switch n := j - i; {
		case n == 4 && slices.Contains([]string{"13", "14", "19", "20", "25"}, s[i:i+2]): // in three calendars
			return true
		case n <= 2 && j+1 < len(s) && strings.IndexByte(":/.-h", s[j]) >= 0 && isDigit(s[j+1]):
			return true
		}
		i = j
	}
	return false
}

// hasTime reports a time of day, 10:15.
func hasTime(s string) bool {
	for i := 1; i+2 < len(s); i++ {
		if (s[i] == ':' || s[i] == '.' || s[i] == 'h') && isDigit(s[i-1]) && isDigit(s[i+1]) && isDigit(s[i+2]) {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isASCIILetter(c byte) bool { return 'a' <= c && c <= 'z' }

func countDigits(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}

func startsWithDigit(s string) bool { return s != "" && isDigit(s[0]) }

// digitWithin reports a digit in the first n words of s, with no sentence ending before it.
func digitWithin(s string, n int) bool {
	start := 0
	for i := 0; i < len(s); i++ {
		if isDigit(s[i]) {
			return true
		}
		if s[i] == ' ' {
			if n--; n == 0 || i-start > 5 && endsSentence(s[start:i]) {
				return false
			}
			start = i + 1
		}
	}
	return false
}

func endsSentence(s string) bool {
	return strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?")
}

func firstWord(s string) (word, rest string) {
	word, rest, _ = strings.Cut(s, " ")
	return word, rest
}

func joinWords(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
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

func hasLink(s string) bool {
	return strings.Contains(s, "://") || strings.Contains(s, "www.")
}

// firstPerson reports that somebody speaks of themselves, which legal text does not.
func firstPerson(s string) bool {
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		if language.FirstPerson.Has(word) {
			return true
		}
	}
	return false
}

// firstLetterUpper reports a first letter that is a capital, or of a script that has none.
func firstLetterUpper(s string) bool {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r) || unicode.IsLetter(r) && !unicode.IsLower(r)
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

// isSymbol reports an emoji: a whole answer may be one.
func isSymbol(r rune) bool { return r >= 0x2600 && r < 0x27c0 || r >= 0x1f000 && r < 0x20000 }

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || isSymbol(r) }

func startsPostscript(low string) bool {
	return strings.HasPrefix(low, "ps") || strings.HasPrefix(low, "p.s") || strings.HasPrefix(low, "p. s")
}

// introduces reports a line that announces what follows: "My new address:".
func introduces(low string) bool {
	return strings.HasSuffix(low, ":") && !strings.HasPrefix(low, ":") // ":+1:" is a thumb
}
