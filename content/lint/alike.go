package lint

import (
	"fmt"
	"strings"
)

// alike finds titles, openings and sentences that two cards share.
func (l *linter) alike() {
	titles, openings := map[string]*Draft{}, map[string]*Draft{}
	for _, d := range l.drafts {
		title := strings.Join(wordsOf(plain(d.Title)), " ")
		if first := titles[title]; first != nil {
			l.report(d, d.at["title"], "%s has this title already: find another", first.File)
		} else {
			titles[title] = d
		}
		words := wordsOf(plain(d.idea[0].text))
		opening := d.Path + ": " + strings.Join(words[:min(openingWords, len(words))], " ")
		if first := openings[opening]; first != nil {
			l.report(d, d.idea[0].at(0), "%s begins with the same %d words: begin another way", first.File, openingWords)
		} else {
			openings[opening] = d
		}
	}
	l.sentences()
}

// Two sentences are nearly the same when they are long enough to be somebody's own and the pairs of
// neighbouring words that they share are at least this part of those that either has (Jaccard's index).
const (
	sameFrom  = 6 // words
	sameShare = 0.6
)

// sentence is one of a card, as the pairs of its neighbouring words.
type sentence struct {
	d     *Draft
	at    place
	pairs map[string]bool
}

func (l *linter) sentences() {
	var all []sentence
	having := map[string][]int{} // the sentences that have a pair
	for _, d := range l.drafts {
		for _, p := range d.prose() {
			from := 0
			for _, text := range sentencesOf(p.text) {
				from += strings.Index(p.text[from:], text)
				s := sentence{d, p.at(from), pairsOf(text)}
				from += len(text)
				if len(s.pairs) < sameFrom-1 {
					continue
				}
				if twin, ok := nearest(s, all, having); ok {
					l.report(d, s.at, "nearly the same sentence stands in %s: say it another way", where(twin))
				}
				for pair := range s.pairs {
					having[pair] = append(having[pair], len(all))
				}
				all = append(all, s)
			}
		}
	}
}

func where(s sentence) string { return fmt.Sprintf("%s:%d", s.d.File, s.at.line) }

func pairsOf(text string) map[string]bool {
	words := wordsOf(plain(text))
	pairs := map[string]bool{}
	for i := 1; i < len(words); i++ {
		pairs[words[i-1]+" "+words[i]] = true
	}
	return pairs
}

// nearest is the first of the earlier sentences that s is nearly the same as.
func nearest(s sentence, earlier []sentence, having map[string][]int) (sentence, bool) {
	shared := map[int]int{}
	for pair := range s.pairs {
		for _, i := range having[pair] {
			shared[i]++
		}
	}
	first := -1
	for i, n := range shared {
		either := len(s.pairs) + len(earlier[i].pairs) - n
		if float64(n) >= sameShare*float64(either) && (first < 0 || i < first) {
			first = i
		}
	}
	if first < 0 {
		return sentence{}, false
	}
	return earlier[first], true
}
