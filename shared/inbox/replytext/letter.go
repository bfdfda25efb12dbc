package replytext

import (
	"slices"
	"strings"
	"unicode/utf8"

	"example.org/mend/shared/inbox/language"
)

// letter is the text of a letter of ours as a sequence of words, so that its words are found again
// however a client wrapped them, unmarked them or rewrote their links. It may hold more than the
// letter that is answered: every line of the catalogue, say.
type letter struct {
	ids    map[string]int32
	seq    []int32            // the words in order
	runs   map[[3]int32]int32 // three words in a row → where they begin first
	next   []int32            // where the same run begins again, -1 if nowhere
	number int32              // what stands for all words that vary
	own    []bool             // which of the words are the person's own
	ours   int32              // so many are of the letter; behind them stand more of the person's own
}

// maxLetter bounds the text of a letter; ours are a tenth of it.
const maxLetter = 64 << 10

func newLetter(known KnownLetter) *letter {
	if known.Text == "" {
		return nil
	}
	l := &letter{ids: map[string]int32{}, runs: map[[3]int32]int32{}}
	ours := 0 // so many words are of the letter
	for _, text := range []string{known.Text, known.Own} {
		ours = len(l.seq)
		eachWord(language.Fold(text[:min(len(text), maxLetter)]), func(word string, _, _ int, link bool) {
			if link {
				return
			}
			word = normal(word)
			id, ok := l.ids[word]
			if !ok {
				id = int32(len(l.ids))
				l.ids[word] = id
			}
			l.seq = append(l.seq, id)
		})
	}
	l.next = slices.Repeat([]int32{-1}, len(l.seq))
	number, varies := l.ids["0"]
	if l.number = -2; varies {
		l.number = number
	}
	l.ours = int32(ours)
	l.own = make([]bool, len(l.seq))
	l.eachRun(0, ours, l.addRun)
	l.addOwn(ours)
	return l
}

// eachRun calls f with every three words in a row, the last first. Of a date there are
// none: it is nobody's.
func (l *letter) eachRun(from, to int, f func(run [3]int32, at int32)) {
	for i := to - 3; i >= from; i-- {
		run := [3]int32(l.seq[i:])
		if n := l.number; run[0] == n && (run[1] == n || run[2] == n) || run[1] == n && run[2] == n {
			continue
		}
		f(run, int32(i))
	}
}

func (l *letter) addRun(run [3]int32, at int32) {
	if before, ok := l.runs[run]; ok {
		l.next[at] = before
	}
	l.runs[run] = at
}

// addOwn adds the person's own words, which stand from one place on, and finds where the letter
// repeats them, three in a row.
func (l *letter) addOwn(from int) {
	repeated := map[[3]int32]bool{}
	mark := func(at int32) { l.own[at], l.own[at+1], l.own[at+2] = true, true, true }
	l.eachRun(from, len(l.seq), func(run [3]int32, at int32) {
		mark(at)
		if first, ok := l.runs[run]; ok && first < l.ours {
			repeated[run] = true
		} else {
			l.addRun(run, at)
		}
	})
	if len(repeated) == 0 {
		return
	}
	l.eachRun(0, from, func(run [3]int32, at int32) {
		if repeated[run] {
			mark(at)
		}
	})
}

// normal is one word for all that vary between letters: numbers, days and months.
func normal(word string) string {
	if startsWithDigit(word) && len(word) <= 4 ||
		language.Months.Number(word) > 0 || language.Weekdays.Number(word) > 0 {
		return "0"
	}
	return word
}

// eachWord calls f with every word of folded text and where it stands. A link, an address and a
// long token of letters and digits are one word each: clients rewrite and break them.
func eachWord(low string, f func(word string, start, end int, link bool)) {
	for i := 0; i < len(low); {
		r, size := utf8.DecodeRuneInString(low[i:])
		if r == ' ' {
			i += size
			continue
		}
		end := len(low)
		if space := strings.IndexByte(low[i:], ' '); space >= 0 {
			end = i + space
		}
		if token := low[i:end]; isLinkToken(token) {
			f(token, i, end, true)
			i = end
			continue
		}
		for i < end {
			if r, size = utf8.DecodeRuneInString(low[i:]); !isWordRune(r) {
				i += size
				continue
			}
			start := i
			for i < end && isWordRune(r) {
				i += size
				if language.IsUnspaced(r) || isSymbol(r) {
					break
				}
				r, size = utf8.DecodeRuneInString(low[i:])
			}
			f(low[start:i], start, i, false)
		}
	}
}

// isLinkToken reports a link, an address, or a piece of one that was wrapped.
func isLinkToken(s string) bool {
	if strings.Contains(s, "://") || strings.Contains(s, "www.") || strings.Contains(s, "mailto:") {
		return true
	}
	if at := strings.IndexByte(s, '@'); at > 0 && strings.IndexByte(s[at:], '.') > 0 {
		return true
	}
	notASCII := func(r rune) bool { return r >= utf8.RuneSelf }
	return len(s) >= 20 && !strings.ContainsFunc(s, notASCII) && countDigits(s) >= 3 && !strings.Contains(s, "-")
}
