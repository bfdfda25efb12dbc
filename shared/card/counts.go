package card

import "fmt"

// counts finds what the library as a whole has too little or too much of.
func (l *linter) counts() {
	if len(l.drafts) < leastCards {
		l.lacks("there are %d cards, at least %d: write %d more", len(l.drafts), leastCards, leastCards-len(l.drafts))
	}
	cards := make([]*Card, 0, len(l.drafts))
	taken := map[int]bool{}
	for _, d := range l.drafts {
		if !taken[d.Number] { // else clashes has said so
			taken[d.Number] = true
			cards = append(cards, &d.Card)
		}
	}
	s := newShelves(cards)
	lib := &Library{func() *shelves { return s }}
	for _, path := range Paths() {
		for _, role := range append(Roles(), RoleUnset) {
			for _, noContact := range []bool{false, true} {
				if n := len(lib.Eligible(path, role, noContact)); n < leastEligible {
					l.lacks("%s has %d cards for %s, at least %d: write %d more for them in %s or %s", path, n, whom(role, noContact), leastEligible, leastEligible-n, path, Shared)
				}
			}
		}
	}
	for _, a := range l.advice {
		l.coverage(a.ID)
	}
	oneWord := 0
	for _, c := range cards {
		if c.Path == Apart && c.Contact == OneWord {
			oneWord++
		}
	}
	if oneWord > mostOneWordApart {
		l.lacks("%s has %d cards with contact one-word, at most %d: turn %d into practices that reach nobody", Apart, oneWord, mostOneWordApart, oneWord-mostOneWordApart)
	}
}

func whom(role Role, noContact bool) string {
	who := map[Role]string{BrokeTrust: "those who broke trust", WasHurt: "those who were hurt", Both: "those who did both", RoleUnset: "those who did not say their role"}[role]
	if noContact {
		who += " and have no contact"
	}
	return who
}

// coverage wants an advice from different sides: of the cards that draw on it, two
// differ in whom they speak to, in the stage at which they come, or in their folder.
func (l *linter) coverage(id string) {
	type side struct {
		role   Role
		stage  Stage
		folder string
	}
	sides, n := map[side]bool{}, 0
	for _, d := range l.drafts {
		for _, a := range d.Advice {
			if a == id {
				n++
				sides[side{d.Role, d.Stage, d.Path}] = true
			}
		}
	}
	switch {
	case n < leastPerAdvice:
		l.lacks("%s is the advice of %d cards, at least %d: write one that draws on it", id, n, leastPerAdvice)
	case len(sides) < 2:
		l.lacks("%s is seen from one side only: write a card on it for another role, for another stage or in another folder", id)
	}
}

func (l *linter) lacks(format string, args ...any) {
	l.findings = append(l.findings, Finding{Message: fmt.Sprintf(format, args...)})
}
