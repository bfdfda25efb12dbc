package replytext

import (
	"hash/maphash"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/mend/shared/inbox/language"
)

// letter is the text of a letter of ours, laid out so that a line of it is known again
// however a mail client wrapped it: as the set of all runs of three words.
type letter struct {
	runs map[uint64]bool
}

// letterRun is how many words in a row make a run.
const letterRun = 3

// letterWords is how many words must match in a row of lines before they are taken for
// the letter's: people do write "I am sorry" of their own accord.
const letterWords = 9

// maxLetter bounds the text of a letter; ours are a tenth of it.
const maxLetter = 64 << 10

var letterSeed = maphash.MakeSeed()

func newLetter(text string) *letter {
	if text == "" {
		return nil
	}
	if len(text) > maxLetter {
		text = text[:maxLetter]
	}
	l := &letter{runs: map[uint64]bool{}}
	l.eachRun(language.Fold(text), func(hash uint64) { l.runs[hash] = true })
	return l
}

// eachRun calls f with the hash of every run of words in folded text, and returns the number of words.
func (l *letter) eachRun(low string, f func(hash uint64)) int {
	var starts [letterRun]int // of the last words
	var joined []byte
	words := 0
	for i := 0; i < len(low); {
		r, size := utf8.DecodeRuneInString(low[i:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			i += size
			continue
		}
		if words >= letterRun {
			joined = append(joined[:0], joined[starts[1]:]...)
			for k := 1; k < letterRun; k++ {
				starts[k-1] = starts[k] - starts[1]
			}
		}
		starts[min(words, letterRun-1)] = len(joined)
		for unicode.IsLetter(r) || unicode.IsDigit(r) {
			joined = append(joined, low[i:i+size]...)
			i += size
			if language.IsUnspaced(r) || i >= len(low) {
				break
			}
			r, size = utf8.DecodeRuneInString(low[i:])
		}
		joined = append(joined, ' ')
		if words++; words >= letterRun {
			f(maphash.Bytes(letterSeed, joined))
		}
	}
	return words
}

// matches returns how many words a folded line has, and whether the letter has nearly all of their runs.
func (l *letter) matches(low string) (words int, ok bool) {
	hits, total := 0, 0
	words = l.eachRun(low, func(hash uint64) {
		total++
		if l.runs[hash] {
			hits++
		}
	})
	return words, total > 0 && hits*5 >= total*4
}

// markLetter marks the lines of our own letter where they stand without any mark of
// quotation. Marked ones are left to the rules for quotes.
func (d *document) markLetter() {
	if d.letter == nil {
		return
	}
	for i := 0; i < len(d.lines); {
		if d.lines[i].blank() {
			i++
			continue
		}
		end, words := d.letterLines(i)
		if words >= letterWords {
			d.ownLetter = true
			for j := i; j < end; j++ {
				d.lines[j].mark |= inLetter
				if d.lines[j].depth == 0 && !d.lines[j].blank() {
					d.lines[j].rule = Letter
				}
			}
		}
		i = max(end, i+1)
	}
}

// letterLines returns the end of the run of the letter's lines that begins at i, and how many
// words it has. A line too short to tell belongs to the run if the next longer one does.
func (d *document) letterLines(i int) (end, words int) {
	end = i
	for j := i; j < len(d.lines) && j-end < maxGap; j++ {
		if d.lines[j].blank() {
			continue
		}
		n, ok := d.letter.matches(d.lines[j].low)
		if !ok && (n >= letterRun || words == 0 || j-end > 2) {
			return end, words
		}
		if ok {
			words += n
			end = j + 1
		}
	}
	return end, words
}

// answersLetter reports whether a line below the first of the letter's, where the quote has no
// marks, is an answer.
func (d *document) answersLetter(l *line) bool {
	if l.blank() {
		return true
	}
	return l.mark&inLetter == 0 && l.depth == 0 && !hasLink(l.low) && strings.Contains(l.low, " ") && d.table.labels[strings.TrimRight(l.low, ": ")] == noField
}
