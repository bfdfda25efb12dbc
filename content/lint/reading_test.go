package lint

import (
	"math"
	"testing"
)

// The estimate is right for most words, and near for the rest.
func TestSyllables(t *testing.T) {
	for word, want := range map[string]int{
		"the": 1, "walked": 1, "loved": 1, "houses": 2, "table": 2, "little": 2, "wanted": 2, "people": 2, "apology": 4,
		"didn't": 2, "relationship": 4, "responsible": 4, "2026": 4, "hm": 1,
	} {
		if got := syllablesOf(word); got != want {
			t.Errorf("syllablesOf(%q) = %d, want %d", word, got, want)
		}
	}
}

func TestGradeIsFleschKincaid(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64 // 0.39 × words per sentence + 11.8 × syllables per word − 15.59, by hand
	}{
		{"The cat sat on the mat.", 0.39*6 + 11.8*6/6 - 15.59},
		{"The cat sat. Nobody was *responsible* for it… so far.", 0.39*10/3 + 11.8*15/10 - 15.59},
		{"- One thing\n- and “another.” Then?", 0.39*5/3 + 11.8*7/5 - 15.59},
	} {
		if got := grade(sentencesOf(c.text)); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("grade(%q) = %.3f, want %.3f", c.text, got, c.want)
		}
	}
}
