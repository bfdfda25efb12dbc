package content

import (
	"cmp"
	"slices"
	"sync"

	"example.org/mend/shared/mend"
)

// Library is all cards and paths. It does not change and is safe for concurrent use.
type Library struct {
	shelves  func() *shelves
	eligible sync.Map // reader → []*Card
}

// shelves is the cards and paths as they are looked up.
type shelves struct {
	cards    []*Card // by number
	byNumber [MaxNumber + 1]*Card
	paths    map[string]Path
}

// reader is all that decides which cards a person may get.
type reader struct {
	path      string
	role      mend.Role
	noContact bool
}

var built = New(generatedCards, generatedPaths)

// Built is the library that this program was built with.
func Built() *Library { return built }

// New makes a library. The numbers of the cards differ from each other and are at most [MaxNumber].
// It looks at the cards when it is first asked for one: a function that was woken for something
// else does not pay for it.
func New(cards []Card, paths []Path) *Library {
	return &Library{shelves: sync.OnceValue(func() *shelves {
		l := &shelves{cards: make([]*Card, len(cards)), paths: make(map[string]Path, len(paths))}
		for i := range cards {
			c := &cards[i]
			l.cards[i], l.byNumber[c.Number] = c, c
		}
		slices.SortFunc(l.cards, func(a, b *Card) int { return a.Number - b.Number })
		for _, p := range paths {
			l.paths[p.Name] = p
		}
		return l
	})}
}

// walk lists the cards of a path in their order: the arc, the library that the path's file names,
// the path's other cards, the shared ones. Each is there once.
func (l *Library) walk(path string, role mend.Role) []*Card {
	shelves := l.shelves()
	var walk []*Card
	listed := [MaxNumber + 1]bool{}
	add := func(numbers ...int) {
		for _, n := range numbers {
			if c := shelves.byNumber[n]; c != nil && !listed[n] {
				listed[n] = true
				walk = append(walk, c)
			}
		}
	}
	add(l.Arc(path, role).Steps()...)
	add(shelves.paths[path].Library...)
	rest := slices.SortedFunc(slices.Values(shelves.cards), func(a, b *Card) int {
		return cmp.Or(a.Order-b.Order, a.Number-b.Number)
	})
	for _, folder := range []string{path, Shared} {
		for _, c := range rest {
			if c.Path == folder {
				add(c.Number)
			}
		}
	}
	return walk
}

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

// Arc is the arc of a path and role. Someone who did not say their role gets the arc for
// [mend.BrokeTrust] on the path amends, whose name says it, and else the one for [mend.BothSides].
// It has no parts where the path has no such arc.
func (l *Library) Arc(path string, role mend.Role) Arc {
	role = reader{path: path, role: role}.side()
	for _, want := range []mend.Role{role, mend.BothSides} {
		for _, a := range l.shelves().paths[path].Arcs {
			if a.Role == want {
				return a
			}
		}
	}
	return Arc{}
}

// side is the role of the arc and of the cards that the reader may get; it is RoleUnset for
// one that we do not know.
func (r reader) side() mend.Role {
	switch {
	case slices.Contains(mend.Roles, r.role):
		return r.role
	case r.path == mend.Amends:
		return mend.BrokeTrust
	}
	return mend.RoleUnsaid
}

// Eligible lists the cards that a person may get, in the order of the path: the steps of its arc,
// then its library. The slice is the library's own: do not change it.
//
// They are the path's own cards, the cards of other paths that its file names, and the
// shared ones, of which
//   - no-contact leaves only those that ask nothing of the other person, and so does the path
//     [mend.Apart],
//   - a role leaves the cards for it and those for both; someone who is both gets all,
//   - without a role only cards for both remain: no one is told what they did, or what was done to
//     them, before they said so. The path amends says so by its name, and stands for
//     [mend.BrokeTrust].
//
// A path that we do not know has the shared cards alone, a role that we do not know is none.
func (l *Library) Eligible(path string, role mend.Role, noContact bool) []*Card {
	if !slices.Contains(mend.Roles, role) {
		role = mend.RoleUnsaid
	}
	if !slices.Contains(mend.Paths, path) {
		path = ""
	}
	r := reader{path, role, noContact}
	if known, ok := l.eligible.Load(r); ok {
		return known.([]*Card)
	}
	alone, side := noContact || path == mend.Apart, r.side()
	cards := slices.DeleteFunc(l.walk(path, role), func(c *Card) bool {
		fits := c.Role == mend.BothSides || side == mend.BothSides || c.Role == side
		return !fits || alone && c.Contact != None
	})
	known, _ := l.eligible.LoadOrStore(r, cards)
	return known.([]*Card)
}
