package digest

import (
	"slices"
	"strings"
	"unicode"

	"example.org/mend/shared/mend"
)

// Quotes chooses at most [MostQuotes] of replies: starred ones first, then days that lie far apart.
// Flagged and muted replies are passed over.
func Quotes(replies []mend.Reply) []Quote {
	mine := slices.DeleteFunc(slices.Clone(replies), func(r mend.Reply) bool { return r.Flag != mend.NotFlagged })
	slices.SortStableFunc(mine, func(a, b mend.Reply) int { return a.At.Compare(b.At) })
	return quotes(mine, MostQuotes)
}

// quotes chooses at most so many of the replies, which are in order: starred ones first, then such
// that the days lie as far apart as they can.
func quotes(mine []mend.Reply, most int) []Quote {
	var starred, plain []Quote
	for _, r := range mine {
		// The order that a promise begins with stays in the words if we couldn't tell its date.
		words := Cut(strings.ReplaceAll("\n"+r.Words, "\nPROMISE ", "\n"), QuoteLength)
		switch {
		case words == "" || r.Muted:
		case r.Starred:
			starred = append(starred, Quote{r.Date, words, true})
		default:
			plain = append(plain, Quote{r.Date, words, false})
		}
	}
	chosen := spread(nil, starred, most)
	chosen = spread(chosen, plain, most)
	slices.SortStableFunc(chosen, func(a, b Quote) int { return a.Date.Days() - b.Date.Days() })
	return chosen
}

// spread adds candidates to the chosen until there are so many: each time the one whose nearest
// chosen day is farthest away (Gonzalez's farthest-first traversal), the earliest among equals. It
// needs no random number, and a new reply moves as few of the others as can be.
func spread(chosen, candidates []Quote, most int) []Quote {
	distance := make([]int, len(candidates))
	for i := range distance {
		distance[i] = 1 << 20 // days: farther than any two dates of a month
	}
	closer := func(to Quote) {
		for i, c := range candidates {
			days := c.Date.Days() - to.Date.Days()
			distance[i] = min(distance[i], max(days, -days))
		}
	}
	for _, q := range chosen {
		closer(q)
	}
	taken := make([]bool, len(candidates))
	for len(chosen) < most {
		best := -1
		for i := range candidates {
			if !taken[i] && (best < 0 || distance[i] > distance[best]) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		taken[best] = true
		chosen = append(chosen, candidates[best])
		closer(candidates[best])
	}
	return chosen
}

// Cut makes one line of words, in which " / " stands for the end of a short line without
// punctuation, and shortens it to at most so many characters (code points, the "…" that marks the
// cut among them). It cuts between words where there is a space in the second half, else between
// characters that a reader sees as two: never before a combining mark, a joiner or what follows
// one, a variation selector, a skin tone or the second half of a flag. (That is Unicode's UAX #29
// for what people write by mail, not all of it: no conjuncts of Indic scripts.)
func Cut(words string, most int) string {
	runes := paragraph(words, most+1)
	if len(runes) <= most {
		return string(runes)
	}
	end := most - 1
	for i := end; i > end/2; i-- {
		if runes[i] == ' ' {
			return strings.TrimRight(string(runes[:i]), " /,;:–-") + "…"
		}
	}
	for i := end; i > end/2; i-- {
		if splits(runes, i) {
			return string(runes[:i]) + "…"
		}
	}
	return string(runes[:end]) + "…" // one endless cluster: someone is testing us
}

// wrapped is how long a line may be that its author ended; mail programs wrap longer ones.
const wrapped = 60

// paragraph is the first characters of words, with white space and line ends as single spaces, but
// for those that their author meant. It reads no further than it must: replies may have a megabyte.
func paragraph(words string, most int) []rune {
	runes := make([]rune, 0, min(most, len(words)))
	between, began := "", 0 // what stands before the next word, and where its line began
	for _, r := range words {
		if unicode.IsSpace(r) {
			if n := len(runes); n > 0 && between != " / " {
				if between = " "; r == '\n' && n-began < wrapped && (unicode.IsLetter(runes[n-1]) ||
					unicode.IsDigit(runes[n-1])) {
					between = " / "
				}
			}
			if r == '\n' {
				began = len(runes)
			}
			continue
		}
		runes, between = append(runes, []rune(between)...), ""
		if runes = append(runes, r); len(runes) >= most {
			break
		}
	}
	return runes[:min(most, len(runes))]
}

const joiner = '\u200D'

// splits reports whether a reader sees runes[i-1] and runes[i] as two characters.
func splits(runes []rune, i int) bool {
	before, after := runes[i-1], runes[i]
	switch {
	case unicode.Is(unicode.M, after), after == joiner, before == joiner,
		after >= 0x1F3FB && after <= 0x1F3FF, // skin tones
		after >= 0xE0020 && after <= 0xE007F: // tags of regional flags
		return false
	case isFlagHalf(after) && isFlagHalf(before):
		n := 0
		for j := i - 1; j >= 0 && isFlagHalf(runes[j]); j-- {
			n++
		}
		return n%2 == 0
	}
	return true
}

// isFlagHalf reports a regional indicator; two of them make a flag.
func isFlagHalf(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }
