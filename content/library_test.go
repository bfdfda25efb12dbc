package content

import (
	"fmt"
	"slices"
	"testing"

	"example.org/mend/shared/mend"
)

// sample is a library with every kind of card in every folder: each role and contact, twice.
func sample() *Library {
	var cards []Card
	for f, folder := range Folders() {
		n := 0
		for range 2 {
			for _, role := range mend.Roles {
				for _, contact := range Contacts() {
					cards = append(cards, Card{
						Number: 1 + 60*f + n, ID: fmt.Sprintf("%s.card-%d", folder, n), Path: folder, Order: n + 1,
						Role: role, Contact: contact,
					})
					n++
				}
			}
		}
	}
	arc := func(role mend.Role, steps ...int) Arc { return Arc{Role: role, Parts: []Part{{Steps: steps}}} }
	return New(cards, []Path{
		{Name: mend.Amends, Arcs: []Arc{arc(mend.BrokeTrust, 4, 1), arc(mend.BothSides, 4, 2)}},
		{
			Name:    "betrayal",
			Arcs:    []Arc{arc(mend.BrokeTrust, 124, 1, 121), arc(mend.WasHurt, 127, 125), arc(mend.BothSides, 130)},
			Library: []int{138, 124, 137},
		},
	})
}

func TestNoContactLeavesOnlyCardsThatReachNoOne(t *testing.T) {
	lib := sample()
	for _, path := range append(mend.Paths, "", "no such path") {
		for _, role := range append(mend.Roles, mend.RoleUnsaid, "no such role") {
			cards := lib.Eligible(path, role, true)
			if len(cards) == 0 {
				t.Errorf("%q, %q: no cards at all", path, role)
			}
			for _, c := range cards {
				if c.Contact != None {
					t.Errorf("%q, %q: %s has contact %s", path, role, c.ID, c.Contact)
				}
			}
		}
	}
}

func TestApartReachesNoOneWhateverThePersonSaid(t *testing.T) {
	for _, c := range sample().Eligible(mend.Apart, mend.BothSides, false) {
		if c.Contact != None {
			t.Errorf("%s has contact %s", c.ID, c.Contact)
		}
	}
}

func TestACardIsForItsRoleOrForBoth(t *testing.T) {
	lib := sample()
	for _, c := range []struct {
		path string
		role mend.Role
		want []mend.Role // of the cards
	}{
		{"together", mend.BrokeTrust, []mend.Role{mend.BothSides, mend.BrokeTrust}},
		{"together", mend.WasHurt, []mend.Role{mend.BothSides, mend.WasHurt}},
		{"together", mend.BothSides, []mend.Role{mend.BothSides, mend.BrokeTrust, mend.WasHurt}},
		{"together", mend.RoleUnsaid, []mend.Role{mend.BothSides}},
		{"together", "no such role", []mend.Role{mend.BothSides}},
		{mend.Amends, mend.WasHurt, []mend.Role{mend.BothSides, mend.WasHurt}},
		{mend.Amends, mend.RoleUnsaid, []mend.Role{mend.BothSides, mend.BrokeTrust}}, // the path says it
	} {
		var got []mend.Role
		for _, card := range lib.Eligible(c.path, c.role, false) {
			if !slices.Contains(got, card.Role) {
				got = append(got, card.Role)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s, %q: got cards for %q, want %q", c.path, c.role, got, c.want)
		}
	}
}

func TestAPathHasItsOwnCardsThoseItNamesAndTheSharedOnes(t *testing.T) {
	lib := sample()
	for _, path := range append(mend.Paths, "no such path") {
		for _, c := range lib.Eligible(path, mend.BothSides, true) {
			named := path == "betrayal" && c.Number == 1
			if c.Path != path && c.Path != Shared && !named {
				t.Errorf("%s has %s", path, c.ID)
			}
		}
	}
}

// The arc comes first, then the library of the path's file, then the path's other cards by order,
// then the shared ones.
func TestAPathIsWalkedAsItsFileSays(t *testing.T) {
	var got []int
	for _, c := range sample().Eligible("betrayal", mend.BrokeTrust, false) {
		got = append(got, c.Number)
	}
	want := []int{124 /* for those who were hurt: left out */, 1, 121, 138, 137}[1:]
	if !slices.Equal(got[:4], want) {
		t.Errorf("got %v first, want %v", got[:4], want)
	}
	if !slices.IsSorted(got[4:]) || got[len(got)-1] <= 300 {
		t.Errorf("got %v, want the path's other cards by number, and then the shared ones", got[4:])
	}
	for i, n := range got {
		if slices.Contains(got[:i], n) {
			t.Errorf("got card %d twice", n)
		}
	}
}

func TestTheArcOfARole(t *testing.T) {
	lib := sample()
	for _, c := range []struct {
		path string
		role mend.Role
		want []int
	}{
		{"betrayal", mend.WasHurt, []int{127, 125}},
		{"betrayal", mend.RoleUnsaid, []int{130}},
		{"betrayal", "no such role", []int{130}},
		{mend.Amends, mend.RoleUnsaid, []int{4, 1}},
		{mend.Amends, mend.WasHurt, []int{4, 2}}, // not offered: the arc for both stands in
		{"together", mend.BothSides, nil},
		{"no such path", mend.BothSides, nil},
	} {
		if got := lib.Arc(c.path, c.role).Steps(); !slices.Equal(got, c.want) {
			t.Errorf("%s, %q: got %v, want %v", c.path, c.role, got, c.want)
		}
	}
}

func TestNumbersThatNoCardHas(t *testing.T) {
	lib := sample()
	for _, n := range []int{-1, 0, 60, MaxNumber, MaxNumber + 1} {
		if c, ok := lib.ByNumber(n); ok {
			t.Errorf("ByNumber(%d) = %s, want none", n, c.ID)
		}
	}
}
