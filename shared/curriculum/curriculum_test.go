package curriculum

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

// library draws up to 20 cards for each folder and, for some paths, arcs of three parts. There is
// always one shared card for both that reaches no one, so that everyone has a card.
func library(t *rapid.T) *content.Library {
	cards := []content.Card{{
		Number: 360, Path: content.Shared, Order: 60, Role: mend.BothSides, Contact: content.None, Questions: questions,
	}}
	numbers := map[string][]int{}
	for f, folder := range content.Folders() {
		for i := range rapid.IntRange(0, 20).Draw(t, "cards of "+folder) {
			c := content.Card{
				Number: 1 + 60*f + i, ID: fmt.Sprintf("%s.card-%d", folder, i), Path: folder,
				Order:   rapid.IntRange(1, 99).Draw(t, "order"),
				Role:    rapid.SampledFrom(mend.Roles).Draw(t, "role"),
				Contact: rapid.SampledFrom(content.Contacts()).Draw(t, "contact"), Questions: questions,
			}
			if others := numbers[folder]; len(others) > 0 { // earlier ones alone, so that there is no circle
				after := rapid.SliceOfNDistinct(rapid.SampledFrom(others), 0, min(2, len(others)), rapid.ID[int])
				c.After = after.Draw(t, "after")
				c.Related = rapid.SliceOfNDistinct(rapid.SampledFrom(others), 0, 1, rapid.ID[int]).Draw(t, "related")
			}
			numbers[folder] = append(numbers[folder], c.Number)
			cards = append(cards, c)
		}
	}
	var paths []content.Path
	for _, path := range mend.Paths {
		if own := numbers[path]; len(own) >= 6 && rapid.Bool().Draw(t, "has an arc") {
			p := content.Path{Name: path}
			for _, role := range content.RolesOf(path) {
				steps := rapid.Permutation(own).Draw(t, "steps")[:6]
				p.Arcs = append(p.Arcs, content.Arc{Role: role, Parts: []content.Part{
					{Name: "First", Light: 360, Steps: steps[:2]}, {Name: "Second", Light: 360, Steps: steps[2:4]},
					{Name: "Third", Light: 360, Steps: steps[4:]},
				}})
			}
			paths = append(paths, p)
		}
	}
	return content.New(cards, paths)
}

var questions = [3]string{"First?", "Second?", "Third?"}

func state(t *rapid.T) mend.Subscription {
	return mend.Subscription{
		Path:      rapid.SampledFrom(append(mend.Paths, "no such path")).Draw(t, "path"),
		Role:      rapid.SampledFrom(append(mend.Roles, mend.RoleUnsaid)).Draw(t, "role"),
		NoContact: rapid.Bool().Draw(t, "no contact"),
	}
}

// anyState is a state as a subscription may hold it after any history, of another library too.
func anyState(t *rapid.T) mend.Subscription {
	s := state(t)
	bitmap := func(name string) (b Bitmap) {
		for _, n := range rapid.SliceOf(rapid.IntRange(1, content.MaxNumber)).Draw(t, name) {
			b.Add(n)
		}
		return b
	}
	seen := bitmap("seen")
	retired := bitmap("retired")
	s.Retired = retired.Bytes()
	s.Step = mend.Step{
		Seen:       seen.Bytes(),
		Round:      rapid.IntRange(0, 5).Draw(t, "round"),
		LastCard:   rapid.IntRange(0, content.MaxNumber).Draw(t, "last"),
		Closed:     rapid.Byte().Draw(t, "closed"),
		Began:      start.AddDays(rapid.IntRange(-40, 40).Draw(t, "began")),
		WeekKind:   rapid.SampledFrom([]string{"", "page", "light", "look-back", "closing", "other"}).Draw(t, "kind"),
		Asked:      rapid.IntRange(0, 9).Draw(t, "asked"),
		LookedBack: rapid.IntRange(0, 12).Draw(t, "looked back"),
	}
	for i := range s.Moods {
		s.Moods[i] = mend.Mood{Value: rapid.IntRange(0, 5).Draw(t, "mood"), At: morning(start.AddDays(-i))}
	}
	return s
}

var start = mend.Date{Year: 2026, Month: 3, Day: 2} // a Monday

func morning(d mend.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 8, 0, 0, 0, time.UTC) }

func next(t interface{ Fatal(...any) }, lib *content.Library, s mend.Subscription, date mend.Date) Choice {
	c, ok := Next(lib, s, date)
	if !ok {
		t.Fatal("got no check-in for ", s)
	}
	return c
}

// weekly walks so many letters, one a week, and returns them.
func weekly(t interface{ Fatal(...any) }, lib *content.Library, s mend.Subscription, letters int) []Choice {
	var all []Choice
	for i := range letters {
		c := next(t, lib, s, start.AddDays(7*i))
		s.Step = c.Next
		all = append(all, c)
	}
	return all
}

func TestTheSameStateGivesTheSameCheckIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, s := library(t), anyState(t)
		a, b := next(t, lib, s, start), next(t, lib, s, start)
		if a.Card != b.Card || a.Form != b.Form || fmt.Sprint(a.Next) != fmt.Sprint(b.Next) {
			t.Errorf("got %+v, then %+v", a, b)
		}
	})
}

// Whatever the state says, a letter goes, and it asks nothing of someone who wants to
// be left in peace.
func TestOnlyEligibleCardsAreChosen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, s := library(t), anyState(t)
		eligible := lib.Eligible(s.Path, s.Role, s.NoContact)
		for i := range 8 {
			c := next(t, lib, s, start.AddDays(i*rapid.IntRange(0, 9).Draw(t, "days")))
			if c.Card != nil && !slices.Contains(eligible, c.Card) {
				t.Fatalf("got %s, which %q, %q may not get", c.Card.ID, s.Path, s.Role)
			}
			if c.Card != nil && (s.NoContact || s.Path == mend.Apart) && c.Card.Contact != content.None {
				t.Fatalf("got %s with contact %s although no contact is wanted", c.Card.ID, c.Card.Contact)
			}
			if (c.Form == Page || c.Form == Light) && c.Card == nil {
				t.Fatalf("got a %s without a card", c.Form)
			}
			s.Step = c.Next
		}
	})
}

func TestRetiredCardsDoNotComeWhileThereAreOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, s := library(t), anyState(t)
		retired := ParseBitmap(s.Retired)
		others := slices.ContainsFunc(lib.Eligible(s.Path, s.Role, s.NoContact), func(c *content.Card) bool {
			return !retired.Has(c.Number)
		})
		if c := next(t, lib, s, start); others && c.Card != nil && retired.Has(c.Card.Number) {
			t.Errorf("got %s, which they retired", c.Card.ID)
		}
	})
}

// Retiring a card takes the related ones with it, and the week asks no more about it.
func TestNotForMe(t *testing.T) {
	lib := content.New([]content.Card{
		{
			Number: 1, Path: "amends", Role: mend.BothSides, Contact: content.None, Questions: questions,
			Related: []int{2},
		},
		{
			Number: 2, Path: "amends", Role: mend.BothSides, Contact: content.None, Questions: questions,
			Related: []int{1},
		},
		{Number: 3, Path: "amends", Role: mend.BothSides, Contact: content.None, Questions: questions},
	}, nil)
	s := mend.Subscription{Path: "amends"}
	s.Step = next(t, lib, s, start).Next
	s.Retired = Retire(lib, s.Retired, 1)
	c := next(t, lib, s, start.AddDays(1))
	if c.Form != Short || c.Card != nil || c.Question != "" {
		t.Errorf("the day after: got %+v, want how they are and no card", c)
	}
	s.Step = c.Next
	if c := next(t, lib, s, start.AddDays(7)); c.Form != Page || c.Card.Number != 3 || c.Before != nil {
		t.Errorf("the week after: got %+v, want card 3 and no word of card 1", c)
	}
	if got := Retire(lib, s.Retired, 77); !bytes.Equal(got, s.Retired) {
		t.Error("a card that is not there changed something")
	}
}

// Two people who start in the same week have the same steps, one with a letter on any days that
// include one each week, whatever they are.
func TestTheSameStepWhateverTheRhythm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, s := library(t), state(t)
		steps := func(who string) (pages []int) {
			s := s
			for week := range 30 {
				days := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 7, rapid.ID[int]).Draw(t, who)
				slices.Sort(days)
				for i, day := range days {
					c := next(t, lib, s, start.AddDays(7*week+day))
					s.Step = c.Next
					if i > 0 && c.Form != Short {
						t.Fatalf("week %d, letter %d: got a %s, want a short check-in", week, i+1, c.Form)
					}
					if i == 0 {
						number := 0
						if c.Card != nil {
							number = c.Card.Number
						}
						pages = append(pages, number*100+c.Step)
					}
				}
			}
			return pages
		}
		if a, b := steps("one's days"), steps("another's days"); !slices.Equal(a, b) {
			t.Errorf("got\n%v and\n%v", a, b)
		}
	})
}

// The weeks of an arc: pages counted from 1, a look back after each part, and a closing
// letter after the last one.
func TestAnArc(t *testing.T) {
	lib := twelve()
	all := weekly(t, lib, mend.Subscription{Path: "betrayal", Role: mend.WasHurt}, 17)
	var got []string
	for _, c := range all {
		got = append(got, fmt.Sprintf("%s %d/%d %s", c.Form, c.Step, c.Of, c.Part))
	}
	want := []string{
		"page 1/12 First", "page 2/12 First", "page 3/12 First", "page 4/12 First", "look-back 4/12 First",
		"page 5/12 Second", "page 6/12 Second", "page 7/12 Second", "page 8/12 Second", "look-back 8/12 Second",
		"page 9/12 Third", "page 10/12 Third", "page 11/12 Third", "page 12/12 Third", "closing 12/12 Third",
		"page 0/0 ", "page 0/0 ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if n := len(all[4].Done); n != 4 {
		t.Errorf("the first look back is at %d cards, want 4", n)
	}
	if n := len(all[14].Done); n != 12 {
		t.Errorf("the closing letter is about %d cards, want 12", n)
	}
	if all[1].Before != all[0].Card || !all[1].LastWeek || all[5].Before != all[3].Card || all[5].LastWeek {
		t.Error("a page names the card of the page before it, and whether it came last week")
	}
}

// twelve is a path with an arc of cards 121 to 132 backwards, two light cards and a library of 40.
func twelve() *content.Library {
	var cards []content.Card
	card := func(number int, path string) {
		cards = append(cards, content.Card{
			Number: number, ID: fmt.Sprintf("%s.card-%d", path, number), Path: path, Order: number,
			Role: mend.BothSides, Contact: content.None, Questions: questions,
		})
	}
	var steps []int
	for n := 132; n >= 121; n-- {
		card(n, "betrayal")
		steps = append(steps, n)
	}
	for n := 133; n <= 152; n++ {
		card(n, "betrayal")
	}
	for n := 301; n <= 320; n++ {
		card(n, content.Shared)
	}
	part := func(name string, light, i int) content.Part {
		return content.Part{Name: name, Light: light, Steps: steps[i : i+4]}
	}
	arc := []content.Part{part("First", 301, 0), part("Second", 302, 4), part("Third", 301, 8)}
	return content.New(cards, []content.Path{{Name: "betrayal", Library: []int{140}, Arcs: []content.Arc{
		{Role: mend.BrokeTrust, Parts: arc}, {Role: mend.WasHurt, Parts: arc}, {Role: mend.BothSides, Parts: arc},
	}}})
}

// The letters of a daily reader's week.
func TestAWeekOfShortCheckIns(t *testing.T) {
	lib, s := twelve(), mend.Subscription{Path: "betrayal", Role: mend.BothSides}
	var got []string
	for day := range 8 {
		c := next(t, lib, s, start.AddDays(day))
		s.Step = c.Next
		got = append(got, fmt.Sprintf("%s %d %s", c.Form, c.Step, c.Question))
	}
	want := []string{
		"page 1 First?", "short 1 Second?", "short 1 Third?", "short 1 ", "short 1 ", "short 1 ",
		"short 1 ", "page 2 First?",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Someone who gets fewer than one letter a week has one step a letter.
func TestAStepLastsOneLetterForMonthlyReaders(t *testing.T) {
	lib, s := twelve(), mend.Subscription{Path: "betrayal"}
	for i := range 4 {
		c := next(t, lib, s, start.AddDays(30*i))
		s.Step = c.Next
		if c.Form != Page || c.Step != i+1 {
			t.Errorf("letter %d: got %s %d", i+1, c.Form, c.Step)
		}
	}
}

// A card is not seen again until every other was: 52 weeks and more for a library of the
// size that lint wants.
func TestNoCardComesAgainBeforeAllWereSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, s := library(t), state(t)
		eligible := lib.Eligible(s.Path, s.Role, s.NoContact)
		seen := map[int]bool{}
		for i := range 3*len(eligible) + 9 {
			c := next(t, lib, s, start.AddDays(7*i))
			s.Step = c.Next
			if c.Form != Page {
				continue
			}
			if c.NewRound != (len(seen) == len(eligible)) {
				t.Fatalf("page %d of %d: NewRound is %t", len(seen)+1, len(eligible), c.NewRound)
			}
			if c.NewRound {
				clear(seen)
			}
			if seen[c.Card.Number] {
				t.Fatalf("%s came twice in a round", c.Card.ID)
			}
			seen[c.Card.Number] = true
		}
	})
}

func TestACardComesAfterThoseItWaitsFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, s := library(t), state(t)
		eligible := lib.Eligible(s.Path, s.Role, s.NoContact)
		if len(lib.Arc(s.Path, s.Role).Parts) > 0 {
			return // its author orders the arc, and lint holds them to this law
		}
		seen := map[int]bool{}
		for i := range len(eligible) {
			c := next(t, lib, s, start.AddDays(7*i))
			for _, n := range c.Card.After {
				if other, _ := lib.ByNumber(n); slices.Contains(eligible, other) && !seen[n] {
					t.Fatalf("got %s before card %d", c.Card.ID, n)
				}
			}
			s.Step, seen[c.Card.Number] = c.Next, true
		}
	})
}

// In the arc a card that the author put before one that it waits for steps back as well.
func TestAnArcOutOfOrderIsPutRight(t *testing.T) {
	cards := []content.Card{
		{Number: 1, Path: "amends", Role: mend.BothSides, Contact: content.None, Questions: questions, After: []int{2}},
		{Number: 2, Path: "amends", Role: mend.BothSides, Contact: content.None, Questions: questions},
	}
	lib := content.New(cards, []content.Path{
		{Name: "amends", Arcs: []content.Arc{{Role: mend.BothSides, Parts: []content.Part{{Steps: []int{1, 2}}}}}},
	})
	all := weekly(t, lib, mend.Subscription{Path: "amends", Role: mend.BothSides}, 2)
	if all[0].Card.Number != 2 || all[1].Card.Number != 1 {
		t.Errorf("got cards %d and %d, want 2 and 1", all[0].Card.Number, all[1].Card.Number)
	}
}

// The places of an arc whose card someone may not get are filled from the library, so that the
// count is the same for all.
func TestACardStandsInForOneThatTheyMayNotGet(t *testing.T) {
	lib, s := twelve(), mend.Subscription{Path: "betrayal"}
	var retired Bitmap
	retired.Add(131) // the second step
	s.Retired = retired.Bytes()
	all := weekly(t, lib, s, 15)
	if c := all[1]; c.Step != 2 || c.Card.Number != 140 {
		t.Errorf("got card %d as step %d, want the library's first, 140, as step 2", c.Card.Number, c.Step)
	}
	if all[2].Card.Number != 130 || all[14].Form != Closing {
		t.Errorf("then got card %d, and a %s in week 15", all[2].Card.Number, all[14].Form)
	}
}

// What the library has not changed keeps its order when cards come and go.
func TestCardsComeAndGoWithoutMovingTheOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, s := library(t), state(t)
		gone := map[int]bool{}
		var fewer []content.Card
		for _, c := range lib.All() {
			if c.Number != 360 && rapid.Bool().Draw(t, "is gone") {
				gone[c.Number] = true
				continue
			}
			k := *c
			k.After, k.Related = nil, nil // which look at their neighbours
			fewer = append(fewer, k)
		}
		var all []content.Card
		for _, c := range lib.All() {
			k := *c
			k.After, k.Related = nil, nil
			all = append(all, k)
		}
		order := func(cards []content.Card) (numbers []int) {
			lib := content.New(cards, nil)
			for _, c := range weekly(t, lib, s, len(lib.Eligible(s.Path, s.Role, s.NoContact))) {
				if !gone[c.Card.Number] {
					numbers = append(numbers, c.Card.Number)
				}
			}
			return numbers
		}
		if got, want := order(fewer), order(all); !slices.Equal(got, want) {
			t.Errorf("without %v: got %v, want %v", gone, got, want)
		}
	})
}

// A week whose card the library does not have any more goes on with the next step.
func TestAnUnknownCardGivesWayToTheNextStep(t *testing.T) {
	lib, s := twelve(), mend.Subscription{Path: "betrayal", Role: mend.BothSides}
	s.Step = next(t, lib, s, start).Next
	s.LastCard = 444
	if c := next(t, lib, s, start.AddDays(1)); c.Form != Page || c.Step != 2 || c.Before != nil {
		t.Errorf("got %+v, want the page of step 2", c)
	}
}

// Someone who moves to another path gets its page at once.
func TestAnotherPathBeginsWithItsPage(t *testing.T) {
	lib, s := twelve(), mend.Subscription{Path: "foundations", Role: mend.BothSides}
	s.Step = mend.Step{Began: start, WeekKind: string(Page), LastCard: 200}
	s.Path = "betrayal"
	if c := next(t, lib, s, start.AddDays(1)); c.Form != Page || c.Step != 1 {
		t.Errorf("got %+v, want the first page", c)
	}
}

func TestMoods(t *testing.T) {
	lib := twelve()
	mood := func(value, day int) mend.Mood { return mend.Mood{Value: value, At: morning(start.AddDays(day))} }
	s := mend.Subscription{Path: "betrayal", Role: mend.BothSides}
	var got []string
	letter := func(day int, moods ...mend.Mood) {
		for _, m := range moods {
			s.Moods = mend.AddMood(s.Moods, m)
		}
		c := next(t, lib, s, start.AddDays(day))
		s.Step = c.Next
		lowest := ""
		if c.Heavy {
			lowest = " heavy"
		}
		number := 0
		if c.Card != nil {
			number = c.Card.Number
		}
		got = append(got, fmt.Sprintf("%s %d %d%s", c.Form, c.Step, number, lowest))
	}
	letter(0)
	letter(7, mood(1, 0))                // the fixed line, once
	letter(14, mood(3, 8))               //
	letter(21, mood(2, 15))              // one low mood alone changes nothing
	letter(28, mood(2, 22))              // two: the step waits, and the light card of its part comes
	letter(29)                           // and the week is about the light card
	letter(35)                           // the moods are answered: the look back comes
	letter(42, mood(2, 36))              // one more low mood is not two
	letter(43, mood(1, 42), mood(2, 42)) // two more: another light card, since that of this part was seen; at once
	letter(49, mood(5, 44))              // nothing harder for a better mood
	want := []string{
		"page 1 132", "page 2 131 heavy", "page 3 130", "page 4 129", "light 0 302", "short 0 302", "look-back 4 0",
		"page 5 128", "light 0 301", "page 6 127",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestAHigherMoodChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, s := library(t), anyState(t)
		for i := range s.Moods {
			s.Moods[i].Value = rapid.IntRange(3, 5).Draw(t, "mood")
		}
		without := s
		without.Moods = [2]mend.Mood{}
		a, b := next(t, lib, s, start), next(t, lib, without, start)
		if a.Card != b.Card || a.Form != b.Form || a.Heavy {
			t.Errorf("got %+v with moods of 3 to 5, and %+v without", a, b)
		}
	})
}

func TestAddMoodKeepsTheTwoNewest(t *testing.T) {
	at := func(value, day int) mend.Mood { return mend.Mood{Value: value, At: morning(start.AddDays(day))} }
	var moods [2]mend.Mood
	for _, m := range []mend.Mood{at(3, 5), at(1, 7), at(4, 2), at(0, 9), at(2, 6)} { // in no order, as mail comes
		moods = mend.AddMood(moods, m)
	}
	if want := [2]mend.Mood{at(1, 7), at(2, 6)}; moods != want {
		t.Errorf("got %v, want %v", moods, want)
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
	lib := content.Built()
	s := mend.Subscription{Path: "betrayal", Role: mend.WasHurt}
	date := start
	b.ReportAllocs()
	for b.Loop() {
		c, _ := Next(lib, s, date)
		s.Step, date = c.Next, date.AddDays(7)
	}
}
