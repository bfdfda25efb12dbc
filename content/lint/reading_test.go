package lint

import (
	"math"
	"testing"
)

// Counted by hand, from a dictionary's division of the words.
var counted = map[int]string{
	1: `the he me be she we eye hour our once one friend walked asked stopped used lived loved called filled need bed red eyes times likes
		makes comes gone done said says played stayed cried tried whole rule thought through night trust true word heart don't can't won't aren't weren't
		real tongue queue half ice cheese piece tea break bread ear their there where here were are`,
	2: `safety notebook oneself people being doing going saying trying playing seeing table little able handle settled handled wanted needed ended started houses
		voices bridges watches boxes faces pages minutes something someone sometimes somewhere maybe before evening careful hopeful safely lonely hopeless
		lovely useless homework statement movement kindness quiet lion poem cruel fuel ruin really apart unkind sorry any every many marriage
		didn't isn't wasn't couldn't wouldn't shouldn't doesn't mustn't hundred naked yourselves themselves beyond player buyer value argue
		patience ocean special ancient region question nation science moment comment kitchen cup-tea
		promise promised answer answers drawer silence window`,
	3: `easier heavier earliest whoever audience idea area somebody anything everything everyone anyone period curious serious previous various obvious radio gradual
		usual manual family forgiveness quietly together carefully telephone photograph favourite opposite tomorrow remember however nobody
		another understand understood violence patiently theatre recipe museum diary gentleness embarrassed emotion opinion companion`,
	4: `apology apologise apologies apologised relationship usually everybody anybody material reality understanding consistency emotional`,
	5: `responsible-day opportunity university`,
}

func TestSyllablesAgreeWithACountByHand(t *testing.T) {
	for want, list := range counted {
		for _, word := range wordsOf(list) {
			if got := syllables(word); got != want {
				t.Errorf("syllables(%q) = %d, want %d", word, got, want)
			}
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
