package curriculum

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"example.org/mend/content"
)

// spec is a card as the tests draw it: nothing but what the choice depends on.
type spec struct {
	number, order int
	folder        string
	stage         int
	role          content.Role
	contact       content.Contact
	related       []int
}

func (s spec) id() string { return fmt.Sprintf("%s.card-%d", s.folder, s.number) }

// library loads the cards, so that the tests and the program read them the same way.
func library(t interface{ Fatal(...any) }, specs []spec) *content.Library {
	var cards []content.Card
	index := map[int]int{}
	for i, s := range specs {
		index[s.number] = i
		cards = append(cards, content.Card{
			Number: s.number, ID: s.id(), Path: s.folder, Order: s.order, Stage: s.stage, Role: s.role, Contact: s.contact,
			Questions: [3]string{"First?", "Second?", "Third?"},
		})
	}
	for i, s := range specs {
		for _, n := range s.related {
			if j, ok := index[n]; ok {
				cards[i].Related = append(cards[i].Related, n)
				cards[j].Related = append(cards[j].Related, s.number)
			}
		}
	}
	return content.New(cards, nil)
}

// firstNumber is where the numbers of a folder begin.
var firstNumber = map[string]int{"amends": 1, "together": 61, "betrayal": 121, "foundations": 181, "apart": 241, "keep": 301}

// drawSpecs draws up to 12 cards for each folder. There is always one shared card
// for both that reaches nobody, so that everybody has a card.
func drawSpecs(t *rapid.T) []spec {
	specs := []spec{{number: 360, order: 60, folder: content.Shared, stage: 4, role: content.Both, contact: content.None}}
	for _, folder := range content.Folders() {
		for i := range rapid.IntRange(0, 12).Draw(t, "cards of "+folder) {
			s := spec{
				number:  firstNumber[folder] + i,
				order:   rapid.IntRange(1, 99).Draw(t, "order"),
				folder:  folder,
				stage:   4,
				role:    rapid.SampledFrom(content.Roles()).Draw(t, "role"),
				contact: rapid.SampledFrom(content.Contacts()).Draw(t, "contact"),
			}
			if folder != content.Shared {
				s.stage = rapid.IntRange(0, 3).Draw(t, "stage")
			}
			if i > 0 && rapid.Bool().Draw(t, "has a related card") {
				s.related = []int{firstNumber[folder] + rapid.IntRange(0, i-1).Draw(t, "related")}
			}
			specs = append(specs, s)
		}
	}
	return specs
}

func drawState(t *rapid.T) State {
	s := State{
		Path:      rapid.SampledFrom(append(content.Paths(), "no such path")).Draw(t, "path"),
		Role:      rapid.SampledFrom(append(content.Roles(), content.RoleUnset)).Draw(t, "role"),
		NoContact: rapid.Bool().Draw(t, "no contact"),
		Round:     rapid.IntRange(0, 5).Draw(t, "round"),
		Last:      rapid.IntRange(0, content.MaxNumber).Draw(t, "last"),
	}
	for _, n := range rapid.SliceOf(rapid.IntRange(1, content.MaxNumber)).Draw(t, "seen") {
		s.Seen.Add(n)
	}
	return s
}

func drawSeed(t *rapid.T) string { return rapid.StringN(0, 20, -1).Draw(t, "seed") }

func next(t interface{ Fatal(...any) }, lib *content.Library, seed string, s State) Choice {
	c, ok := Next(lib, seed, s)
	if !ok {
		t.Fatal("got no card for ", s)
	}
	return c
}

func TestTheSamePersonGetsTheSameCard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		specs, seed, s := drawSpecs(t), drawSeed(t), drawState(t)
		if a, b := next(t, library(t, specs), seed, s), next(t, library(t, specs), seed, s); a.Card.Number != b.Card.Number || a.State != b.State {
			t.Errorf("got card %d, then %d", a.Card.Number, b.Card.Number)
		}
	})
}

func TestOnlyEligibleCardsAreChosen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, s := library(t, drawSpecs(t)), drawState(t)
		c := next(t, lib, drawSeed(t), s)
		if !slices.Contains(lib.Eligible(s.Path, s.Role, s.NoContact), c.Card) {
			t.Errorf("got %s, which %q, %q may not get", c.Card.ID, s.Path, s.Role)
		}
		if s.NoContact && c.Card.Contact != content.None {
			t.Errorf("got %s with contact %s although no contact is wanted", c.Card.ID, c.Card.Contact)
		}
	})
}

func TestStepsAreWalkedInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, s := library(t, drawSpecs(t)), drawState(t)
		c := next(t, lib, drawSeed(t), s)
		if c.NewRound {
			s.Seen = Bitmap{}
		}
		for _, other := range lib.Eligible(s.Path, s.Role, s.NoContact) {
			if other.Stage < c.Card.Stage && !s.Seen.Has(other.Number) {
				t.Errorf("got %s (%d) before %s (%d), which was not seen", c.Card.ID, c.Card.Stage, other.ID, other.Stage)
			}
		}
	})
}

// In a round every eligible card comes once; the next rounds do the same, announced, each with another question.
func TestNoCardComesAgainBeforeAllWereSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, seed := library(t, drawSpecs(t)), drawSeed(t)
		s := drawState(t)
		s.Seen, s.Round, s.Last = Bitmap{}, 0, 0
		eligible := lib.Eligible(s.Path, s.Role, s.NoContact)
		for round := 1; round <= 4; round++ {
			seen := map[int]bool{}
			for i := range eligible {
				c := next(t, lib, seed, s)
				if seen[c.Card.Number] {
					t.Fatalf("round %d: %s came twice", round, c.Card.ID)
				}
				seen[c.Card.Number] = true
				if want := round > 1 && i == 0; c.NewRound != want {
					t.Errorf("round %d, letter %d: NewRound is %t, want %t", round, i+1, c.NewRound, want)
				}
				if want := []string{"First?", "Second?", "Third?", "First?"}[round-1]; c.Question != want || c.Round != round {
					t.Errorf("round %d: got %q in round %d, want %q", round, c.Question, c.Round, want)
				}
				s = c.State
			}
		}
	})
}

func TestRelatedCardsDoNotFollowOneAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		specs, s := drawSpecs(t), drawState(t)
		s.Seen, s.Last = Bitmap{}, rapid.SampledFrom(specs).Draw(t, "last").number
		lib := library(t, specs)
		c := next(t, lib, drawSeed(t), s)
		if c.Card.Number != s.Last && !c.Card.RelatedTo(s.Last) {
			return
		}
		if c.NewRound {
			s.Seen = Bitmap{}
		}
		for _, other := range lib.Eligible(s.Path, s.Role, s.NoContact) {
			if other.Stage == c.Card.Stage && !s.Seen.Has(other.Number) && other.Number != s.Last && !other.RelatedTo(s.Last) {
				t.Errorf("got %s right after card %d, although there was %s", c.Card.ID, s.Last, other.ID)
			}
		}
	})
}

func TestAStepIsReadBroadlyInOrder(t *testing.T) {
	lib := library(t, look(40))
	rapid.Check(t, func(t *rapid.T) {
		order := walk(t, lib, drawSeed(t), State{Path: "amends"})
		for i, n := range order {
			for _, later := range order[i+1:] {
				if later+drift < n { // the number is the place, too
					t.Errorf("got card %d before card %d, more than %d places ahead of it", n, later, drift)
				}
			}
		}
	})
}

// look is n cards of one step, unrelated, numbered by their places.
func look(n int) []spec {
	var specs []spec
	for i := range n {
		specs = append(specs, spec{number: 1 + i, order: 1 + i, folder: "amends", stage: 0, role: content.Both, contact: content.None})
	}
	return specs
}

func TestPeopleAreMixedDifferently(t *testing.T) {
	lib := library(t, look(40))
	firsts := map[int]int{}
	for person := range 600 {
		firsts[next(t, lib, fmt.Sprint("person ", person), State{Path: "amends"}).Card.Number]++
	}
	if len(firsts) < drift-1 {
		t.Errorf("the first cards of 600 people: got %v, want about %d different ones", firsts, drift)
	}
}

// walk is the numbers of the cards of the first round.
func walk(t *rapid.T, lib *content.Library, seed string, s State) []int {
	var numbers []int
	for range lib.Eligible(s.Path, s.Role, s.NoContact) {
		c := next(t, lib, seed, s)
		numbers = append(numbers, c.Card.Number)
		s = c.State
	}
	return numbers
}

// Without related cards, which look at their neighbours, whatever is left keeps its order.
func TestCardsComeAndGoWithoutMovingTheOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		specs, seed := drawSpecs(t), drawSeed(t)
		for i := range specs {
			specs[i].related = nil
		}
		gone := map[int]bool{}
		var fewer []spec
		for _, s := range specs {
			if s.number != 360 && rapid.Bool().Draw(t, "is removed") {
				gone[s.number] = true
			} else {
				fewer = append(fewer, s)
			}
		}
		s := drawState(t)
		s.Seen, s.Last = Bitmap{}, 0
		want := slices.DeleteFunc(walk(t, library(t, specs), seed, s), func(n int) bool { return gone[n] })
		if got := walk(t, library(t, fewer), seed, s); !slices.Equal(got, want) {
			t.Errorf("without %v: got %v, want %v", slices.Sorted(maps.Keys(gone)), got, want)
		}
	})
}

// Whoever is in the middle of a round when the library changes still gets no card twice in it.
func TestARoundOutlivesAChangeOfTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after, seed := drawSpecs(t), drawSpecs(t), drawSeed(t)
		lib := library(t, before)
		s := drawState(t)
		s.Seen, s.Round, s.Last = Bitmap{}, 1, 0
		seen := map[int]bool{}
		for range rapid.IntRange(0, 20).Draw(t, "letters") {
			c := next(t, lib, seed, s)
			if c.NewRound {
				break
			}
			seen[c.Card.Number], s = true, c.State
		}
		lib = library(t, after)
		for range 80 {
			c := next(t, lib, seed, s)
			if c.NewRound {
				return
			}
			if seen[c.Card.Number] {
				t.Fatalf("%s came twice in a round", c.Card.ID)
			}
			seen[c.Card.Number], s = true, c.State
		}
		t.Error("the round does not end")
	})
}

func TestNumbersThatTheLibraryDoesNotHaveChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, seed, s := library(t, drawSpecs(t)), drawSeed(t), drawState(t)
		if _, known := lib.ByNumber(s.Last); known {
			s.Last = 0
		}
		clean := s
		clean.Last = 0
		for n := 1; n <= content.MaxNumber; n++ {
			if _, known := lib.ByNumber(n); !known {
				clean.Seen.remove(n)
			}
		}
		got, want := next(t, lib, seed, s), next(t, lib, seed, clean)
		if got.Card != want.Card || got.Round != want.Round {
			t.Errorf("got %s in round %d, want %s in round %d", got.Card.ID, got.Round, want.Card.ID, want.Round)
		}
	})
}

// Whatever a person changes on the way, a card that they saw asks another question each of the first three times,
// and none that they saw in this round comes again before those that they did not.
func TestAChangeOfPathCarriesOverWhatWasSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, seed, s := library(t, drawSpecs(t)), drawSeed(t), drawState(t)
		s.Seen, s.Round, s.Last = Bitmap{}, 0, 0
		type asked struct {
			number   int
			question string
		}
		before := map[asked]bool{}
		for range rapid.IntRange(1, 8).Draw(t, "changes") {
			other := drawState(t)
			s.Path, s.Role, s.NoContact = other.Path, other.Role, other.NoContact
			for range rapid.IntRange(1, 15).Draw(t, "letters") {
				c := next(t, lib, seed, s)
				if c.Round > 3 {
					return
				}
				if a := (asked{c.Card.Number, c.Question}); before[a] {
					t.Fatalf("round %d: %s asked %q again", c.Round, c.Card.ID, c.Question)
				} else {
					before[a] = true
				}
				if s.Seen.Has(c.Card.Number) && !c.NewRound {
					t.Fatalf("%s was seen in this round", c.Card.ID)
				}
				s = c.State
			}
		}
	})
}

func TestANewRoundKeepsWhatWasSeenElsewhere(t *testing.T) {
	lib := library(t, []spec{
		{number: 1, order: 1, folder: "amends", stage: 0, role: content.Both, contact: content.None},
		{number: 121, order: 1, folder: "betrayal", stage: 0, role: content.Both, contact: content.None},
		{number: 122, order: 2, folder: "betrayal", stage: 0, role: content.Both, contact: content.None},
	})
	s := State{Path: "betrayal"}
	first := next(t, lib, "ann", s)
	s = first.State
	s.Path = "amends"
	s = next(t, lib, "ann", s).State
	s = next(t, lib, "ann", s).State // the second round of amends
	s.Path = "betrayal"
	if got := next(t, lib, "ann", s); got.Card == first.Card || got.NewRound {
		t.Errorf("got %s again, want the card of betrayal that was never seen", got.Card.ID)
	}
}

func TestNobodyIsLeftWithoutACardUnlessThereIsNone(t *testing.T) {
	lib := library(t, []spec{{number: 61, order: 1, folder: "together", stage: 0, role: content.WasHurt, contact: content.Mutual}})
	for _, c := range []struct {
		state State
		want  bool
	}{
		{State{Path: "together", Role: content.WasHurt}, true},
		{State{Path: "together", Role: content.WasHurt, NoContact: true}, false},
		{State{Path: "together"}, false},
		{State{Path: "amends", Role: content.WasHurt}, false},
	} {
		if _, got := Next(lib, "ann", c.state); got != c.want {
			t.Errorf("%+v: got a card %t, want %t", c.state, got, c.want)
		}
	}
}

func TestTheBitmapFitsTheSubscription(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Bitmap
		numbers := rapid.SliceOf(rapid.IntRange(-5, content.MaxNumber+5)).Draw(t, "numbers")
		for _, n := range numbers {
			b.Add(n)
		}
		encoded := b.Bytes()
		if len(encoded) > 64 {
			t.Errorf("got %d bytes, want at most 64", len(encoded))
		}
		back := ParseBitmap(encoded)
		for n := -5; n <= content.MaxNumber+5; n++ {
			if want := n >= 1 && n <= content.MaxNumber && slices.Contains(numbers, n); back.Has(n) != want {
				t.Errorf("Has(%d) = %t, want %t", n, back.Has(n), want)
			}
		}
	})
}

func BenchmarkNext(b *testing.B) {
	var specs []spec
	for _, folder := range content.Folders() {
		for i := range 36 {
			stage := i / 9
			if folder == content.Shared {
				stage = 4
			}
			specs = append(specs, spec{firstNumber[folder] + i, i + 1, folder, stage, content.Both, content.None, []int{firstNumber[folder] + i/2}})
		}
	}
	lib := library(b, specs)
	s := State{Path: "betrayal", Role: content.WasHurt}
	b.ReportAllocs()
	for b.Loop() {
		c, _ := Next(lib, "01jd8x7c9q3m5v", s)
		s = c.State
	}
}
