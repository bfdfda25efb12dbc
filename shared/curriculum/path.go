// Package curriculum chooses the next card for a person. It is pure: the same
// library, person and state always give the same card.
//
// The laws, which the tests state one by one:
//   - a path is walked step by step (look, repair, rebuild, keep, and then the cards that all paths share): nobody gets a
//     card while an earlier step holds one that they could get and have not seen in this round;
//   - within a step the cards come broadly in reading order, mixed a little for each person;
//   - no card comes again before all were seen that the person may get; then a new round begins, is
//     announced, and asks another question of each card;
//   - related cards do not follow one another while the step holds another;
//   - only cards of [content.Library.Eligible] are chosen, whatever the state says;
//   - cards that are added, moved or removed leave the order of all others as it is, and numbers that the
//     library does not know (content rolled back) are passed over;
//   - what was seen on one path counts on every other.
package curriculum

import "example.org/mend/content"

// State is where a person stands, as their subscription keeps it. The zero
// value with a Path is that of somebody who had no card yet.
type State struct {
	Path      string
	Role      content.Role
	NoContact bool   // they said no, or asked for space: only cards that ask nothing of them
	Seen      Bitmap // the cards of this round
	Round     int    // from 1; 0 is 1
	Last      int    // number of the card of the last letter; 0 for none
}

// Choice is the card of the next letter.
type Choice struct {
	Card     *content.Card
	Question string // the one of the card's three that belongs to the round
	Round    int    // from 1; question 1 is asked in rounds 1, 4, 7 …
	NewRound bool   // this letter begins a second or later round, and says so
	State    State  // after the letter
}

// Next chooses a person's next card. The seed is whatever names the person for good, such as their
// id. It is false only where the person may get no card at all, which a library that passed lint.Lint rules out.
func Next(lib *content.Library, personSeed string, s State) (Choice, bool) {
	eligible := lib.Eligible(s.Path, s.Role, s.NoContact)
	if len(eligible) == 0 {
		return Choice{}, false
	}
	s.Round = max(s.Round, 1)
	seed := hash(personSeed)
	newRound := false
	next := choose(eligible, seed, s)
	if next == nil {
		// Only what can be had now is forgotten: cards of another path, seen
		// in an earlier round, still come after those never seen there.
		for _, c := range eligible {
			s.Seen.remove(c.Number)
		}
		s.Round++
		newRound = true
		next = choose(eligible, seed, s)
	}
	s.Seen.Add(next.Number)
	s.Last = next.Number
	return Choice{
		Card:     next,
		Question: next.Questions[(s.Round-1)%len(next.Questions)],
		Round:    s.Round,
		NewRound: newRound,
		State:    s,
	}, true
}

// choose finds the unseen card of the earliest step with the least rank; one that may not follow
// the last letter's only if there is no other in that step. It is nil if all were seen.
func choose(eligible []*content.Card, seed uint64, s State) *content.Card {
	var best, second *content.Card // second: related to the last
	var bestRank, secondRank uint64
	step := -1
	for _, c := range eligible {
		if s.Seen.Has(c.Number) {
			continue
		}
		if step < 0 {
			step = c.Stage
		} else if c.Stage != step {
			break
		}
		r := rank(c, seed)
		if c.Number == s.Last || c.RelatedTo(s.Last) {
			if second == nil || r < secondRank {
				second, secondRank = c, r
			}
		} else if best == nil || r < bestRank {
			best, bestRank = c, r
		}
	}
	if best == nil {
		return second
	}
	return best
}

// drift is how many places in the reading order a card may be overtaken.
const drift = 6

// rank orders the cards of a step for one person: reading order, each card pushed back by up to drift
// places. It depends on nothing but the card and the person, so other cards may come and go.
func rank(c *content.Card, seed uint64) uint64 {
	fraction := mix(seed^uint64(c.Number)) >> 32 // of a place, in units of 2^-32
	return uint64(c.Order)<<32 + fraction*drift
}

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix is the finaliser of splitmix64: each bit of x moves about half of the result's.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
