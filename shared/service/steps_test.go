package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
)

func checkInOf(w *world, id mend.ID) mend.Subscription {
	account := w.load(id)
	return *account.Subscription(mend.CheckInNumber)
}

// mondays is a person with a page a week.
func mondays(f *account.Form) { f.Path, f.Cadence, f.Days = "betrayal", "weekly", []string{"mon"} }

// A mood of 1 is answered by the next letter, once; two low ones bring a light card in
// place of the step.
func TestLowMoodsAreAnswered(t *testing.T) {
	const heavy = "You wrote 1 last time."
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(mondays)
	w.until("2026-03-02 08:00")
	first := checkInOf(w, id).LastCard
	w.receive(w.last(mend.CheckIn), incoming{words: "1\n\nA bad day."})
	w.until("2026-03-09 08:00")
	if text := unwrapped(w.text(w.last(mend.CheckIn))); !strings.Contains(text, heavy) {
		t.Errorf("the letter after a 1 lacks %q:\n%s", heavy, text)
	}
	second := checkInOf(w, id).LastCard
	w.receive(w.last(mend.CheckIn), incoming{words: "2"})
	w.until("2026-03-16 08:00")
	sub := checkInOf(w, id)
	if text := unwrapped(w.text(w.last(mend.CheckIn))); strings.Contains(text, heavy) {
		t.Error("the letter after the next says it again")
	}
	arc := w.svc.Sending.Library.Arc("betrayal", "")
	if len(arc.Parts) > 0 && (sub.WeekKind != "light" || sub.LastCard != arc.Parts[0].Light) {
		t.Errorf("after 1 and 2: got a %s, card %d, want the light card %d",
			sub.WeekKind, sub.LastCard, arc.Parts[0].Light)
	}
	w.until("2026-03-23 08:00")
	sub = checkInOf(w, id)
	if sub.WeekKind != "page" || sub.LastCard == first || sub.LastCard == second {
		t.Errorf("a week later: got a %s, card %d, want the page of the next step", sub.WeekKind, sub.LastCard)
	}
}

func TestAMoodOnThePageCountsToo(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(mondays)
	w.until("2026-03-02 08:00")
	w.do(w.svc.Journal.AddEntry(t.Context(), account.Access{Person: id, SignedIn: true}, "Heavy.", 1))
	if got := checkInOf(w, id).Moods[0].Value; got != 1 {
		t.Errorf("got a newest mood of %d, want 1", got)
	}
}

// NOT FOR ME takes the card and its related ones away for good; twice is as good as once.
func TestNotForMeRetiresTheCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active()
	w.until("2026-03-02 08:00")
	card, _ := w.svc.Sending.Library.ByNumber(checkInOf(w, id).LastCard)
	for range 2 {
		w.receive(w.last(mend.CheckIn), incoming{words: "NOT FOR ME\n\nIt is about somebody else."})
	}
	if replies := w.replies(id); len(replies) != 2 || replies[1].Words != "It is about somebody else." {
		t.Errorf("got replies %+v, want two, without the order", replies)
	}
	w.until("2026-03-03 08:00")
	text := unwrapped(w.text(w.last(mend.CheckIn)))
	if strings.Contains(text, card.Title) || !strings.Contains(text, "How are you today") {
		t.Errorf("the day after:\n%s\nwant how they are, and nothing of %q", text, card.Title)
	}
	w.mornings("2027-03-02 08:00")
	for _, l := range w.letters(mend.CheckIn)[2:] {
		if record := w.record(idOf(w, l), of(w, l)); record.Card == card.Number {
			t.Fatalf("%s came again on %s", card.ID, l.At)
		}
	}
}

// After NOT FOR ME by mail the next page is that of another step. For a year no check-in and no
// digest names the card or one of its related ones.
func TestNotForMeByMailLeadsToTheNextStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(mondays, monthly)
	var card *content.Card
	for card == nil || len(card.Related) == 0 {
		w.until(w.now.AddDate(0, 0, 7).Format("2006-01-02") + " 08:00")
		card, _ = w.svc.Sending.Library.ByNumber(checkInOf(w, id).LastCard)
	}
	unwanted := []*content.Card{card}
	for _, n := range card.Related {
		related, _ := w.svc.Sending.Library.ByNumber(n)
		unwanted = append(unwanted, related)
	}
	before := checkInOf(w, id)
	w.receive(w.last(mend.CheckIn), incoming{words: "NOT FOR ME"})
	w.wantLetters(mend.Notice, 1)
	retired := curriculum.ParseBitmap(checkInOf(w, id).Retired)
	for _, c := range unwanted {
		if !retired.Has(c.Number) {
			t.Errorf("%s is not retired with %s", c.ID, card.ID)
		}
	}
	seen := len(w.letters(mend.CheckIn))
	w.until(w.now.AddDate(0, 0, 7).Format("2006-01-02") + " 08:00")
	after := checkInOf(w, id)
	if after.LastDate == before.LastDate || after.LastCard == card.Number {
		t.Errorf("a week later: %+v, want the page of another step", after.Step)
	}
	w.mornings("2027-03-02 08:00")
	for _, kind := range []mend.Kind{mend.CheckIn, mend.Digest} {
		letters := w.letters(kind)
		if kind == mend.CheckIn {
			letters = letters[seen:]
		}
		if len(letters) < 10 {
			t.Fatalf("only %d letters of kind %s", len(letters), kind)
		}
		for _, l := range letters {
			text := unwrapped(w.text(l))
			for _, c := range unwanted {
				if strings.Contains(text, c.Point) {
					t.Errorf("the %s of %s names %s:\n%s", kind, l.At, c.ID, text)
				}
			}
		}
	}
}

// Every check-in and digest is recorded with what it asks, and the journal shows it.
func TestTheJournalShowsWhatWasAsked(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(func(f *account.Form) { f.Path = "betrayal" }, monthly)
	var asked []string
	w.mornings("2026-04-02 08:00")
	for _, kind := range []mend.Kind{mend.CheckIn, mend.Digest} {
		for _, l := range w.letters(kind) {
			question := w.record(id, of(w, l)).Question
			if question == "" || !strings.Contains(unwrapped(w.text(l)), question) {
				t.Errorf("the %s of %s is recorded with the question %q:\n%s", kind, l.At, question, w.text(l))
			}
			asked = append(asked, question)
		}
	}
	for _, want := range []string{"How are you today", "from when you began", "helped you in March"} {
		if !slices.ContainsFunc(asked, func(q string) bool { return strings.Contains(q, want) }) {
			t.Errorf("no letter asked %q: %q", want, asked)
		}
	}
	w.receive(w.last(mend.Digest), incoming{words: "Walking."})
	j := get(w.svc.Journal.Journal(t.Context(), account.Access{Person: id, SignedIn: true}, journal.PageRequest{}))(w)
	if len(j.Entries) != 1 ||
		!strings.Contains(j.Entries[0].Question, "helped you in March") {
		t.Errorf("the journal: %+v, want the answer with its question", j.Entries)
	}
}

// Content that is rolled back takes no letter away: a card that the library doesn't have gives way
// to the next step, in the week that it began and in the one after it.
func TestALetterGoesWhenItsCardIsGone(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active()
	w.until("2026-03-02 08:00")
	gone := checkInOf(w, id).LastCard
	var cards []content.Card
	for _, c := range content.Built().All() {
		if c.Number != gone {
			cards = append(cards, *c)
		}
	}
	arc := content.Built().Arc("amends", mend.BrokeTrust)
	w.svc.Sending.Library = content.New(cards, []content.Path{{Name: "amends", Arcs: []content.Arc{arc}}})
	seen := map[int]bool{gone: true}
	for day := 3; day <= 10; day++ {
		w.until(fmt.Sprintf("2026-03-%02d 08:00", day))
		if n := len(w.letters(mend.CheckIn)); n != day-1 {
			t.Fatalf("on 2026-03-%02d: got %d letters, want %d", day, n, day-1)
		}
		now := checkInOf(w, id).LastCard
		if _, known := w.svc.Sending.Library.ByNumber(now); !known {
			t.Errorf("on 2026-03-%02d: the letter is about card %d, which is gone", day, now)
		}
		seen[now] = true
	}
	if len(seen) != 3 {
		t.Errorf("got letters about %d cards, want the next step at once and another a week later", len(seen)-1)
	}
}

// What came of each card is counted, without words and names.
func TestCardsAreCounted(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	w.active()
	w.until("2026-03-02 08:00")
	w.receive(w.last(mend.CheckIn), incoming{words: "I wrote to her."})
	w.receive(w.last(mend.CheckIn), incoming{words: "NOT FOR ME"})
	id := idOf(w, w.last(mend.CheckIn))
	card := checkInOf(w, id).LastCard
	w.receive(w.last(mend.CheckIn), incoming{words: "STOP"})
	w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id})) // stopped already: counts no more
	counts := get(w.svc.Store.CardCounts(t.Context()))(w)
	if len(counts) != 1 || counts[0].Card != card || counts[0].NotForMe != 1 || counts[0].Stops != 1 ||
		counts[0].Replies < 2 {
		t.Errorf("got %+v, want two replies and more, one NOT FOR ME and one stop of card %d", counts, card)
	}
}

func TestAStopDaysAfterALetterIsNotItsCards(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(mondays)
	w.until("2026-03-04 08:00")
	w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
	if counts := get(w.svc.Store.CardCounts(t.Context()))(w); len(counts) != 0 {
		t.Errorf("got %+v, want nothing", counts)
	}
}

// unwrapped is text whose paragraphs are lines again.
func unwrapped(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), " \n", " ")
}
