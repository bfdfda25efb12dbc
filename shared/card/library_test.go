package card

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
)

// sample is a library with every kind of card in every folder: each role, contact and stage.
func sample(t *testing.T) *Library {
	t.Helper()
	files := fstest.MapFS{}
	for _, folder := range Folders() {
		stages := Stages()
		if folder == Shared {
			stages = []Stage{Keep}
		}
		n := 0
		for _, stage := range stages {
			for _, role := range Roles() {
				for _, contact := range Contacts() {
					file, text := fixture(folder, n, stage, role, contact, fmt.Sprintf("%s.card-%d", folder, n/2))
					files[file] = &fstest.MapFile{Data: []byte(text)}
					n++
				}
			}
		}
	}
	lib, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// fixture is the n-th card of a folder, from 0.
func fixture(folder string, n int, stage Stage, role Role, contact Contact, related string) (file, text string) {
	return fmt.Sprintf("%s/%02d-card-%d.md", folder, n+1, n), fmt.Sprintf(
		"---\nnumber: %d\nid: %s.card-%d\ntitle: Card %d\nstage: %s\nadvice: [%s.reflect]\nrole: %s\ncontact: %s\nminutes: 5\nrelated: [%s]\n---\n\nIdea.\n\n## Practice\n\nDo.\n\n## Questions\n\n1. A?\n2. B?\n3. C?\n",
		numberRanges[folder].first+n, folder, n, n, stage, folder, role, contact, related)
}

func TestNoContactLeavesOnlyCardsThatReachNobody(t *testing.T) {
	lib := sample(t)
	for _, path := range append(Paths(), "", "no such path") {
		for _, role := range append(Roles(), RoleUnset, "no such role") {
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

func TestApartReachesTheOtherPersonByItsOwnOneWordCardsAlone(t *testing.T) {
	for _, c := range sample(t).Eligible(Apart, Both, false) {
		if c.Contact == Mutual || c.Contact == OneWord && c.Path != Apart {
			t.Errorf("%s has contact %s", c.ID, c.Contact)
		}
	}
}

func TestACardIsForItsRoleOrForBoth(t *testing.T) {
	lib := sample(t)
	for _, c := range []struct {
		path string
		role Role
		want []Role // of the cards
	}{
		{"together", BrokeTrust, []Role{Both, BrokeTrust}},
		{"together", WasHurt, []Role{Both, WasHurt}},
		{"together", Both, []Role{Both, BrokeTrust, WasHurt}},
		{"together", RoleUnset, []Role{Both}},
		{"together", "no such role", []Role{Both}},
		{"amends", WasHurt, []Role{Both, WasHurt}},
		{"amends", RoleUnset, []Role{Both, BrokeTrust}}, // the path says it
	} {
		var got []Role
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

func TestAPathHasItsOwnCardsAndTheSharedOnes(t *testing.T) {
	lib := sample(t)
	for _, path := range append(Paths(), "no such path") {
		own, shared := 0, 0
		for _, c := range lib.Eligible(path, Both, true) {
			switch c.Path {
			case path:
				own++
			case Shared:
				shared++
			default:
				t.Errorf("%s has %s", path, c.ID)
			}
		}
		wantOwn := 12 // four stages, three roles
		if path == "no such path" {
			wantOwn = 0
		}
		if own != wantOwn || shared != 3 {
			t.Errorf("%s: got %d of its own and %d shared, want %d and 3", path, own, shared, wantOwn)
		}
	}
}

func TestAPathIsWalkedByStepThenInReadingOrder(t *testing.T) {
	cards := sample(t).Eligible("betrayal", Both, false)
	if !slices.IsSortedFunc(cards, byWalk) {
		t.Error("the cards are not in the order of the walk")
	}
	if first, last := cards[0], cards[len(cards)-1]; first.Stage != Look || last.Path != Shared {
		t.Errorf("got %s first and %s last, want a card to look, and a shared one", first.ID, last.ID)
	}
}

func TestRelatedGoesBothWays(t *testing.T) {
	lib := sample(t) // card n names card n/2
	four, _ := lib.ByNumber(1 + 4)
	two, _ := lib.ByNumber(1 + 2)
	if !four.RelatedTo(two.Number) || !two.RelatedTo(four.Number) {
		t.Error("amends.card-4 names amends.card-2: want both related to each other")
	}
	if four.RelatedTo(0) || four.RelatedTo(511) || four.RelatedTo(1+3) {
		t.Error("amends.card-4 is related to no card, one that is not there, or amends.card-3")
	}
}

func TestNumbersThatNoCardHas(t *testing.T) {
	lib := sample(t)
	for _, n := range []int{-1, 0, 60, MaxNumber, MaxNumber + 1} {
		if c, ok := lib.ByNumber(n); ok {
			t.Errorf("ByNumber(%d) = %s, want none", n, c.ID)
		}
	}
}
