// Package curriculum chooses the next check-in for a person: which card, and which of its
// questions. It is pure: the same library, state and date always give the same choice.
//
// The laws, which the tests state one by one:
//   - a step is one card and lasts a calendar week (Monday to Sunday), or one letter for people who
//     get fewer than one a week. The first letter of the week is the page; the others are short
//     check-ins about it;
//   - the first twelve steps of a path and role are its arc, in the order that its author wrote.
//     After each part of it a week looks back, and after the last part a closing letter ends it.
//     The rest of the library follows;
//   - two people who start in the same week with the same path and role have the same step each
//     week, whatever their rhythm, unless one of them had a week without a letter, or a step that
//     waited;
//   - a card comes after the cards that it waits for, as far as the person may get these;
//   - no card comes again before all were seen that the person may get; then a new round begins and
//     says so;
//   - only cards of [content.Library.Eligible] are chosen, and none that the person retired;
//   - after two low moods in a row the step waits, and the light card of its part comes;
//   - cards that are added, moved or removed leave the order of the others as it is, and numbers
//     that the library does not know are passed over: the letter still goes.
package curriculum

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

// Kind is what a check-in is.
type Kind string

// The kinds of check-in.
const (
	Page     Kind = "page"      // a card whole, with its first question
	Light    Kind = "light"     // the same for a light card: the step waits
	Short    Kind = "short"     // a few lines about this week's card
	LookBack Kind = "look-back" // after a part of the arc
	Closing  Kind = "closing"   // after the last part
)

// LooksBack reports the kinds that have no card and ask how to go on.
func (k Kind) LooksBack() bool { return k == LookBack || k == Closing }

// LowMood is the highest mood that makes a step wait after two of them in a row. Lowest is the mood
// that the next letter answers with a fixed line.
const (
	LowMood = 2
	Lowest  = 1
)

// Choice is a check-in.
type Choice struct {
	Form     Kind
	Card     *content.Card // nil for LookBack and Closing, and for a Short whose card is not asked about
	Question string        // the one of the card to ask; "" for a Short that asks how the person is

	Step, Of int    // of the arc: "3 of 12"; of LookBack and Closing the steps that are done. Step is 0 after the arc
	Part     string // the name of the part

	Before   *content.Card   // of a Page: the last card, for a line about it; nil where there is none
	LastWeek bool            // Before came in the week before
	Done     []*content.Card // of LookBack: the cards of the part; of Closing: of the whole arc
	Heavy    bool            // their newest mood is 1, and no letter has answered it yet
	NewRound bool            // this page begins a second or later round
	Next     mend.Step       // the person's step after this letter
}

// Next chooses the next check-in of a subscription, which is due on a date. It is false only where
// the person may get no card at all, which a library that passed lint.Lint rules out.
//
// Of the subscription it reads the path, the settings and the step. One with a Path alone is that
// of someone who had no letter yet.
func Next(lib *content.Library, sub mend.Subscription, date mend.Date) (Choice, bool) {
	p := newPerson(lib, sub)
	if len(p.eligible) == 0 {
		return Choice{}, false
	}
	c := p.next(date)
	newest := sub.Moods[0]
	if newest.Value == Lowest && newest.At.After(sub.MoodAnswered) {
		c.Heavy = true
		c.Next.MoodAnswered = newest.At
	}
	return c, true
}

// person is where a person stands on their path, as it is worked on.
type person struct {
	mend.Subscription
	lib      *content.Library
	retired  Bitmap          // cards that they do not want
	eligible []*content.Card // in the order of the path
	may      Bitmap          // those of them that were not retired
	arc      content.Arc
	steps    []int // of the arc; none once it is closed
	seen     Bitmap
}

func newPerson(lib *content.Library, sub mend.Subscription) *person {
	p := &person{Subscription: sub, lib: lib, retired: ParseBitmap(sub.Retired), seen: ParseBitmap(sub.Seen)}
	p.eligible = lib.Eligible(sub.Path, sub.Role, sub.NoContact)
	for _, c := range p.eligible {
		if !p.retired.Has(c.Number) {
			p.may.Add(c.Number)
		}
	}
	if p.may == (Bitmap{}) { // they retired everything: better any card than no letter
		for _, c := range p.eligible {
			p.may.Add(c.Number)
		}
	}
	p.arc = lib.Arc(sub.Path, sub.Role)
	if !p.closed() {
		p.steps = p.arc.Steps()
	}
	p.Round = max(p.Round, 1)
	return p
}

func (p *person) next(date mend.Date) Choice {
	card := p.card(p.LastCard)
	sameWeek := !p.Began.IsZero() && p.Began.Monday() == date.Monday()
	wait := p.lowMoods()
	switch {
	case wait && p.light() != nil:
		return p.page(Light, p.light(), date)
	case sameWeek && (!p.aboutCard() || p.retired.Has(p.LastCard)):
		// a week that looks back, or whose card they retired
		return p.short(nil)
	case sameWeek && card != nil:
		return p.short(card)
	}
	if done := p.done(); p.boundary(done) && p.aboutCard() && p.LookedBack != done {
		c := p.backAt(done)
		c.Next = p.begin(c.Form, date)
		c.Next.LookedBack = done
		if c.Form == Closing {
			c.Next.Closed |= closedBit(p.Path)
		}
		return c
	}
	return p.step(date)
}

// aboutCard reports that the last week was that of a card.
func (p *person) aboutCard() bool { return p.WeekKind == string(Page) || p.WeekKind == string(Light) }

// card finds a card; nil where the person may not get it.
func (p *person) card(number int) *content.Card {
	if !p.may.Has(number) {
		return nil
	}
	card, _ := p.lib.ByNumber(number)
	return card
}

// lowMoods reports two low moods in a row that no light card has answered yet.
func (p *person) lowMoods() bool {
	return !slices.ContainsFunc(p.Moods[:], func(m mend.Mood) bool {
		return m.Value == 0 || m.Value > LowMood || !m.At.After(p.LightAfter)
	})
}

// light is the light card of the part that the person is in, or of another part if that was seen.
// It is nil where they may get none of them.
func (p *person) light() *content.Card {
	parts, step := p.arc.Parts, p.done()
	own := slices.IndexFunc(parts, func(part content.Part) bool {
		step -= len(part.Steps)
		return step < 0
	})
	if own < 0 || p.closed() { // after the arc: the last part
		own = max(0, len(parts)-1)
	}
	var fallback *content.Card
	for _, part := range slices.Concat(parts[own:], parts[:own]) {
		c := p.card(part.Light)
		if c != nil && !p.seen.Has(c.Number) {
			return c
		}
		fallback = cmp.Or(fallback, c)
	}
	return fallback
}

// done counts the steps of the arc that are over. Once the arc is closed it is 0.
func (p *person) done() int {
	n := 0
	for _, number := range p.steps {
		if p.seen.Has(number) {
			n++
		}
	}
	return n
}

// boundary reports that a part of the arc ends after so many steps.
func (p *person) boundary(done int) bool {
	end := 0
	for _, part := range p.arc.Parts {
		if end += len(part.Steps); end == done && done > 0 && !p.closed() {
			return true
		}
	}
	return false
}

// closed reports that the person had the closing letter of their path.
func (p *person) closed() bool { return p.Closed&closedBit(p.Path) != 0 }

// closedBit is the bit of a path among the arcs that are closed; 0 for a path that we do not know.
func closedBit(path string) uint8 {
	if i := slices.Index(mend.Paths, path); i >= 0 {
		return 1 << i
	}
	return 0
}

// short is a check-in about this week's card; about none it asks how the person is. The first two
// ask the card's second and third question.
func (p *person) short(card *content.Card) Choice {
	c := Choice{Form: Short, Card: card, Next: p.Step}
	c.Next.Asked++
	if card != nil && c.Next.Asked < len(card.Questions) {
		c.Question = card.Questions[c.Next.Asked]
	}
	if card != nil && !p.closed() && p.WeekKind == string(Page) && len(p.steps) > 0 {
		done := p.done()
		c.Step, c.Of, c.Part = done, len(p.steps), p.arc.PartOf(done-1).Name
	}
	return c
}

// backAt looks back at the part of the arc that ended after so many steps, or at the whole of it.
func (p *person) backAt(done int) Choice {
	part, all := p.arc.PartOf(done-1), p.arc.Steps()
	c := Choice{Form: LookBack, Step: done, Of: len(all), Part: part.Name}
	numbers := part.Steps
	if done == len(all) {
		c.Form, numbers = Closing, all
	}
	for _, n := range numbers {
		if card := p.card(n); card != nil {
			c.Done = append(c.Done, card)
		}
	}
	return c
}

// Done is how many steps of the arc are behind a person.
func Done(lib *content.Library, sub mend.Subscription) int {
	p := newPerson(lib, sub)
	if p.closed() {
		return len(p.arc.Steps())
	}
	return p.done()
}

// LastLookBack is the newest letter that looked back; false where the person's week is
// not one of those.
func LastLookBack(lib *content.Library, sub mend.Subscription) (Choice, bool) {
	p := newPerson(lib, sub)
	if p.aboutCard() || sub.LookedBack == 0 || sub.LookedBack > len(p.arc.Steps()) {
		return Choice{}, false
	}
	return p.backAt(sub.LookedBack), true
}

// begin is the state at the beginning of a week's letters.
func (p *person) begin(kind Kind, date mend.Date) mend.Step {
	next := p.Step
	next.Round, next.Seen = p.Round, p.seen.Bytes()
	next.Began, next.WeekKind, next.Asked = date, string(kind), 0
	return next
}

func (p *person) step(date mend.Date) Choice {
	for place := p.nextPlace(); place != 0; place = p.nextPlace() {
		card := p.card(place)
		p.seen.Add(place)
		if card == nil { // they may not get it, or retired it: another card stands in, and the count stays
			if card = p.fromLibrary(); card == nil {
				continue
			}
		}
		done := p.done()
		c := p.page(Page, card, date)
		c.Step, c.Of, c.Part = done, len(p.steps), p.arc.PartOf(done-1).Name
		if done == 1 || p.boundary(done-1) || c.Next.PartBegan.IsZero() {
			c.Next.PartBegan = date
		}
		return c
	}
	card := p.fromLibrary()
	again := card == nil
	if again {
		for _, c := range p.eligible { // what only another path has stays seen
			p.seen.remove(c.Number)
		}
		p.Round++
		card = p.fromLibrary()
	}
	c := p.page(Page, card, date)
	c.NewRound = again
	return c
}

// nextPlace is the next card of the arc: the first that is not seen and waits for nothing, or else
// the first that is not seen. It is 0 where there is none.
func (p *person) nextPlace() int {
	first := 0
	for _, n := range p.steps {
		if p.seen.Has(n) {
			continue
		}
		if card := p.card(n); card == nil || p.ready(card) {
			return n
		}
		first = cmp.Or(first, n)
	}
	return first
}

// ready reports that a card waits for nothing that the person may still get.
func (p *person) ready(c *content.Card) bool {
	return !slices.ContainsFunc(c.After, func(n int) bool { return p.card(n) != nil && !p.seen.Has(n) })
}

// fromLibrary is the first card outside the arc that is not seen; if it can be, one that is ready
// and not related to the last.
func (p *person) fromLibrary() *content.Card {
	var inArc Bitmap
	for _, n := range p.steps {
		inArc.Add(n)
	}
	var best *content.Card
	rank := -1
	for _, c := range p.eligible {
		if !p.may.Has(c.Number) || p.seen.Has(c.Number) || inArc.Has(c.Number) {
			continue
		}
		r := 0
		if p.ready(c) {
			r = 2
		}
		if c.Number != p.LastCard && !slices.Contains(c.Related, p.LastCard) {
			r++
		}
		if r > rank {
			best, rank = c, r
		}
	}
	return best
}

// page gives a card as the page of a week.
func (p *person) page(kind Kind, card *content.Card, date mend.Date) Choice {
	c := Choice{Form: kind, Card: card, Question: card.Questions[0]}
	last := p.card(p.LastCard)
	if last != nil && last != card && !p.retired.Has(last.Number) && kind == Page {
		c.Before = last
		c.LastWeek = p.aboutCard() && p.Began.Monday().AddDays(7) == date.Monday()
	}
	p.seen.Add(card.Number)
	c.Next = p.begin(kind, date)
	c.Next.LastCard = card.Number
	if kind == Page {
		c.Next.LookedBack = 0
	} else {
		c.Next.LightAfter = slices.MaxFunc([]time.Time{p.Moods[0].At, p.Moods[1].At}, time.Time.Compare)
	}
	return c
}

// FormOf is what a letter about a card was that asked a question: the page asks the card's first.
func FormOf(card *content.Card, question string) Kind {
	if question == card.Questions[0] {
		return Page
	}
	return Short
}

// Retire adds a card that a person does not want, and those related to it, to the cards
// that they retired.
func Retire(lib *content.Library, retired []byte, number int) []byte {
	set := ParseBitmap(retired)
	if card, ok := lib.ByNumber(number); ok {
		set.Add(number)
		for _, n := range card.Related {
			set.Add(n)
		}
	}
	return set.Bytes()
}

// Bitmap is a set of card numbers, 1 to [content.MaxNumber]. The zero value is empty.
type Bitmap [(content.MaxNumber + 1) / 8]byte

// ParseBitmap reads what [Bitmap.Bytes] wrote. Bytes beyond the 64th, which no number
// reaches, are passed over.
func ParseBitmap(b []byte) Bitmap {
	var set Bitmap
	copy(set[:], b)
	return set
}

// Bytes encodes the set, number n being bit n%8 of byte n/8, without the zero bytes at the
// end: at most 64 bytes.
func (b *Bitmap) Bytes() []byte { return bytes.TrimRight(b[:], "\x00") }

// Has reports whether n is in the set.
func (b *Bitmap) Has(n int) bool { return inRange(n) && b[n/8]&(1<<(n%8)) != 0 }

// Add puts n into the set; a number out of range changes nothing.
func (b *Bitmap) Add(n int) {
	if inRange(n) {
		b[n/8] |= 1 << (n % 8)
	}
}

// Numbers lists the set in order.
func (b Bitmap) Numbers() []int {
	var all []int
	for n := 1; n <= content.MaxNumber; n++ {
		if b.Has(n) {
			all = append(all, n)
		}
	}
	return all
}

func (b *Bitmap) remove(n int) { b[n/8] &^= 1 << (n % 8) }

func inRange(n int) bool { return n >= 1 && n <= content.MaxNumber }
