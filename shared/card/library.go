package card

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// Library is all cards. It does not change and is safe for concurrent use.
type Library struct {
	shelves func() *shelves
}

// shelves is what a library found, and in which orders.
type shelves struct {
	cards    []*Card // by number
	byNumber [MaxNumber + 1]*Card
	eligible map[reader][]*Card
}

// reader is all that decides which cards a person may get.
type reader struct {
	path      string
	role      Role
	noContact bool
}

// Load reads every card of the folders in fsys. A broken card, or two cards
// with one number or id, is an error that joins a [Finding] for each fault.
func Load(fsys fs.FS) (*Library, error) {
	s, err := load(fsys)
	if err != nil {
		return nil, err
	}
	return &Library{func() *shelves { return s }}, nil
}

// Open is Load when the first card is asked for: a function that was woken for something else does not pay for
// it. It is for cards that a test has loaded, since it panics where Load fails.
func Open(fsys fs.FS) *Library {
	return &Library{sync.OnceValue(func() *shelves {
		s, err := load(fsys)
		if err != nil {
			panic(err)
		}
		return s
	})}
}

func load(fsys fs.FS) (*shelves, error) {
	drafts, err := readAll(fsys)
	if err != nil {
		return nil, err
	}
	whole, findings := sound(drafts)
	if len(findings) > 0 {
		errs := make([]error, len(findings))
		for i, f := range findings {
			errs[i] = f
		}
		return nil, fmt.Errorf("reading the cards: %w", errors.Join(errs...))
	}
	if len(whole) == 0 {
		return nil, fmt.Errorf("reading the cards: there is none in the folders %s", strings.Join(Folders(), ", "))
	}
	cards := make([]*Card, len(whole))
	for i, d := range whole {
		cards[i] = &d.Card
	}
	return newShelves(cards), nil
}

// newShelves takes cards whose numbers and ids are unique.
func newShelves(cards []*Card) *shelves {
	l := &shelves{cards: cards, eligible: map[reader][]*Card{}}
	slices.SortFunc(l.cards, func(a, b *Card) int { return a.Number - b.Number })
	byID := make(map[string]*Card, len(cards))
	for _, c := range cards {
		c.step = slices.Index(Stages(), c.Stage)
		if c.Path == Shared {
			c.step = len(Stages())
		}
		l.byNumber[c.Number] = c
		byID[c.ID] = c
	}
	for _, c := range cards {
		for _, id := range c.Related {
			if other := byID[id]; other != nil {
				c.related = append(c.related, other.Number)
				other.related = append(other.related, c.Number)
			}
		}
	}
	walk := slices.SortedFunc(slices.Values(cards), byWalk)
	for _, path := range append(Paths(), "") {
		for _, role := range append(Roles(), RoleUnset) {
			for _, noContact := range []bool{false, true} {
				r := reader{path, role, noContact}
				cards := make([]*Card, 0, len(walk)/2)
				for _, c := range walk {
					if r.mayGet(c) {
						cards = append(cards, c)
					}
				}
				l.eligible[r] = cards
			}
		}
	}
	return l
}

// byWalk orders cards as a path is walked: stage by stage, in the last stage a path's own
// cards before the shared ones, and in reading order.
func byWalk(a, b *Card) int {
	return cmp.Or(
		a.Step()-b.Step(),
		a.Order-b.Order,
		a.Number-b.Number,
	)
}

// Step counts the part of a path that a card of a library belongs to: a step is its stage, except that
// the shared cards are a step of their own after a path's own cards to keep.
func (c *Card) Step() int { return c.step }

// All lists every card by number. The slice is the library's own: do not change it.
func (l *Library) All() []*Card { return l.shelves().cards }

// ByNumber finds a card; false where the library has none of that number.
func (l *Library) ByNumber(n int) (*Card, bool) {
	if n < 1 || n > MaxNumber {
		return nil, false
	}
	c := l.shelves().byNumber[n]
	return c, c != nil
}

// Eligible lists the cards that a person may get, as the path is walked: by [Card.Step], then in reading
// order. The slice is the library's own: do not change it.
//
// They are the path's own cards and the shared ones, of which
//   - no-contact set leaves only those that ask nothing of the other person,
//   - on apart the same holds whatever the person set, except for the path's own few one-word cards,
//   - a role leaves the cards for it and those for both; whoever is both gets all,
//   - without a role only cards for both remain: nobody is told what they did, or what was done to them,
//     before they said so. The path amends says so by its name, and stands for [BrokeTrust].
//
// A path that we do not know has the shared cards alone, a role that we do not know is none.
func (l *Library) Eligible(path string, role Role, noContact bool) []*Card {
	if !slices.Contains(Roles(), role) {
		role = RoleUnset
	}
	if !slices.Contains(Paths(), path) {
		path = ""
	}
	return l.shelves().eligible[reader{path, role, noContact}]
}

func (r reader) mayGet(c *Card) bool {
	if c.Path != r.path && c.Path != Shared {
		return false
	}
	if c.Contact != None && r.noContact {
		return false
	}
	if c.Contact != None && r.path == Apart && !(c.Path == Apart && c.Contact == OneWord) {
		return false
	}
	role := r.role
	if role == RoleUnset && r.path == "amends" {
		role = BrokeTrust
	}
	return c.Role == Both || role == Both || c.Role == role
}
