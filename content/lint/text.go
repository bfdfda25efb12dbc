package lint

import (
	"iter"
	"regexp"
	"strings"
	"unicode"
)

// sentenceEnd is a mark that ends a sentence, with the quotation marks and stars that
// close after it.
var sentenceEnd = regexp.MustCompile(`[.!?…]["'”’)*]*(?:\s+|$)|\n`)

// sentencesOf splits a paragraph at its sentence ends, and a list at its items.
func sentencesOf(paragraph string) []string {
	var all []string
	for paragraph != "" {
		end := len(paragraph)
		if at := sentenceEnd.FindStringIndex(paragraph); at != nil {
			end = at[1]
		}
		if s := strings.TrimSpace(paragraph[:end]); len(wordsOf(s)) > 0 {
			all = append(all, s)
		}
		paragraph = paragraph[end:]
	}
	return all
}

// wordsOf lists the words without the marks around them. A hyphen or an apostrophe inside stays.
func wordsOf(text string) []string {
	var words []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("—–/", r)
	}) {
		w = strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if w != "" {
			words = append(words, w)
		}
	}
	return words
}

// grade is the Flesch–Kincaid grade level of a text of some sentences (Kincaid, Fishburne, Rogers
// and Chissom 1975): 0.39 × words per sentence + 11.8 × syllables per word − 15.59.
func grade(sentences []string) float64 {
	words, syllables := 0, 0
	for _, s := range sentences {
		for _, w := range wordsOf(s) {
			words++
			syllables += syllablesOf(w)
		}
	}
	if words == 0 {
		return 0
	}
	return 0.39*float64(words)/float64(len(sentences)) + 11.8*float64(syllables)/float64(words) - 15.59
}

var (
	vowels  = regexp.MustCompile(`[aeiouy]+|n't$|\d`)
	silentE = regexp.MustCompile(`[^aeiouyl]e$|[^aeiouylscxzg]es$|[^aeiouytd]ed$`)
)

// syllablesOf estimates the syllables of an English word by its spelling: groups of
// vowels, without a silent e.
func syllablesOf(word string) int {
	word = plain(word)
	n := len(vowels.FindAllString(word, -1))
	if silentE.MatchString(word) {
		n--
	}
	return max(n, 1)
}

// runLength is how many words in a row two texts may not share.
const runLength = 8

// runsOf yields each run of words in a row of a paragraph, in small letters, and where in
// the paragraph it begins.
func runsOf(text string) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		words, offsets, from := []string{}, []int{}, 0
		for _, w := range wordsOf(text) {
			from += strings.Index(text[from:], w)
			words, offsets = append(words, plain(w)), append(offsets, from)
			from += len(w)
		}
		for i := range len(words) - runLength + 1 {
			if !yield(strings.Join(words[i:i+runLength], " "), offsets[i]) {
				return
			}
		}
	}
}
