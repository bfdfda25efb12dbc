package language

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// AppendFold appends s to dst in the form in which phrases are compared: lower case, Latin, Greek
// and Cyrillic letters without their accents, digits of every script as ASCII digits, white space
// as single spaces with none at the ends, and without the invisible marks (of direction, of zero
// width) that mail clients strew over right-to-left text. Tables go through it as well.
func AppendFold(dst []byte, s string) []byte {
	start := len(dst)
	space := false
	table := folded()
	for _, r := range s {
		if r < foldedRunes {
			r = table[r]
		} else {
			r = FoldRune(r)
		}
		switch r {
		case -1:
			continue
		case ' ':
			space = true
			continue
		}
		if space && len(dst) > start {
			dst = append(dst, ' ')
		}
		space = false
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// Fold is AppendFold for tables and for lines that are looked at once.
func Fold(s string) string { return string(AppendFold(nil, s)) }

// FoldRune folds one rune; -1 means that it does not count.
func FoldRune(r rune) rune {
	if r < foldedRunes {
		return folded()[r]
	}
	for _, zero := range []rune{0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50} { // digits of other scripts
		if zero <= r && r < zero+10 {
			return r - zero + '0'
		}
	}
	switch {
	case 0x1e00 <= r && r < 0x2000: // Vietnamese, polytonic Greek
		return unicode.ToLower(baseLetter(r))
	case 0x2000 <= r && r <= 0x200a, r == 0x202f, r == 0x205f, r == 0x3000:
		return ' '
	case 0x200b <= r && r <= 0x200f, 0x2028 <= r && r <= 0x202e, 0x2060 <= r && r <= 0x206f, r == 0xfeff,
		0xfe00 <= r && r <= 0xfe0f:
		return -1
	case r == '\u2019' || r == '\u2018':
		return '\''
	case r == '\u2010' || r == '\u2011':
		return '-'
	case 0xff01 <= r && r <= 0xff5e: // full-width ASCII
		return unicode.ToLower(r - 0xff01 + '!')
	case r == 0x060c || r == 0x3001 || r == 0xff0c:
		return ','
	case 0x064b <= r && r <= 0x0652 || r == 0x0640: // Arabic vowel marks, kashida
		return -1
	case r == 'أ' || r == 'إ' || r == 'آ' || r == 'ٱ':
		return 'ا'
	case r == 'ى' || r == 'ی':
		return 'ي'
	case r == 'ة':
		return 'ه'
	case r == 'ک':
		return 'ك'
	}
	return unicode.ToLower(r)
}

// foldedRunes is where the table of [folded] ends: behind Cyrillic.
const foldedRunes = 0x530

// folded maps Latin, Greek and Cyrillic letters to their base letter in lower case.
var folded = sync.OnceValue(func() *[foldedRunes]rune {
	var table [foldedRunes]rune
	for r := range rune(foldedRunes) {
		table[r] = unicode.ToLower(baseLetter(r))
	}
	for r := rune(0x300); r < 0x370; r++ { // combining accents
		table[r] = -1
	}
	for r := range rune(' ') { // control characters
		table[r] = -1
	}
	for _, r := range "\t\r\n\u00a0" {
		table[r] = ' '
	}
	table[0x7f] = -1
	table['\u00ad'] = -1 // soft hyphen
	table['ı'] = 'i'
	table['ł'], table['Ł'] = 'l', 'l'
	table['ø'], table['Ø'] = 'o', 'o'
	table['đ'], table['Đ'] = 'd', 'd'
	table['ς'] = 'σ'
	return &table
})

// baseLetter takes the accent off a letter.
func baseLetter(r rune) rune {
	if !unicode.IsLetter(r) {
		return r
	}
	decomposed := norm.NFD.String(string(r))
	base, size := utf8.DecodeRuneInString(decomposed)
	if size < len(decomposed) {
		return base
	}
	return r
}

// LetterBefore reports that a letter stands before offset i and belongs to the same word.
func LetterBefore(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	here, _ := utf8.DecodeRuneInString(s[i:])
	return isSpacedLetter(r) && isSpacedLetter(here)
}

// LetterAfter reports that a letter stands at offset end and belongs to the same word.
func LetterAfter(s string, end int) bool {
	r, _ := utf8.DecodeRuneInString(s[end:])
	here, _ := utf8.DecodeLastRuneInString(s[:end])
	return isSpacedLetter(r) && isSpacedLetter(here)
}

// isSpacedLetter reports a letter of a script that puts spaces between words.
func isSpacedLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	return unicode.IsLetter(r) && !IsUnspaced(r)
}

// IsUnspaced reports a letter of a script that does not put spaces between words.
func IsUnspaced(r rune) bool {
	return 0x0e00 <= r && r < 0x0f00 || 0x1100 <= r && r < 0x1200 || 0x2e80 <= r && r < 0xa4d0 ||
		0xac00 <= r && r < 0xd7b0 || 0xf900 <= r && r < 0xfb00 || 0x20000 <= r
}
