package receive

import (
	"context"
	"errors"
	"slices"
	"strings"

	"example.org/mend/content"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/inbox"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/monthly"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// quotedDays is from how long ago a letter may say what its person wrote, or what an
// earlier letter was about.
const quotedDays = 100

// knownLetter is the letter that a mail answers, so that it is recognised without quote marks, and
// what was typed between its lines is found. Letters are not kept: this one is composed anew from
// what its person still has, together with all that any letter may say.
func (s *Service) knownLetter(
	ctx context.Context, w store.Account, claims token.Claims,
) (none inbox.Letter, err error) {
	k := &known{Service: s, w: w}
	k.letter, err = s.Store.Letter(ctx, w.Person.ID, claims.Letter())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return none, err
	}
	for _, sub := range w.Subscriptions {
		k.own = append(k.own, sub.Words)
	}
	if claims.Thing != "" {
		promise, err := s.Store.Promise(ctx, w.Person.ID, claims.Thing, s.Now())
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return none, err
		}
		k.own = append(k.own, promise.Words)
	}
	if err := k.recall(ctx, claims.Date); err != nil {
		return none, err
	}
	if err := k.compose(ctx, claims.Date); err != nil {
		return none, err
	}
	return inbox.Letter{Text: k.text(), Own: strings.Join(k.own, "\n")}, nil
}

// known is the letter that is answered, while it is put together.
type known struct {
	*Service
	w      store.Account
	letter mend.Letter
	cards  []*content.Card // of the letters before it
	quotes []digest.Quote  // what it may quote of the person
	own    []string        // other words of the person that may stand in it
	texts  []string        // what it may say
}

// recall reads what letters before this one were about, and for a letter that looks back
// what the person wrote.
func (k *known) recall(ctx context.Context, date mend.Date) error {
	from := date.AddDays(-quotedDays)
	seen := map[int]bool{}
	began, over := from, true // the part that is looked back on; whether the one before it is over
	after, last := mend.LetterKey{Date: from}, date.AddDays(-1)
	err := k.Store.Letters(ctx, k.w.Person.ID, after, last, func(before mend.Letter) error {
		if before.Kind == mend.CheckIn && before.Card == 0 {
			over = true
		}
		card, ok := k.library.ByNumber(before.Card)
		if !ok || seen[before.Card] {
			return nil
		}
		if seen[before.Card] = true; over {
			began, over = before.Of.Date, false
		}
		k.cards = append(k.cards, card)
		return nil
	})
	if err != nil || k.letter.Card != 0 || k.letter.Kind != mend.CheckIn {
		return err
	}
	replies, err := k.RepliesTo(ctx, k.w.Person, began, date)
	// it can't have said those
	replies = slices.DeleteFunc(replies, func(r mend.Reply) bool { return r.At.After(k.letter.At) })
	k.quotes = digest.Quotes(replies)
	k.addQuotes(k.quotes)
	for _, r := range replies {
		k.own = append(k.own, r.Question)
	}
	return err
}

// compose writes the letter as it may have been.
func (k *known) compose(ctx context.Context, date mend.Date) error {
	view := k.account.View(k.w)
	k.add(ctx, letter.Welcome{First: mend.InWords(view.Next, k.Now()), Rhythm: view.Rhythm})
	switch card, ok := k.library.ByNumber(k.letter.Card); {
	case ok:
		page := curriculum.Choice{
			Form: curriculum.Page, Card: card, Question: k.letter.Question, Step: 1, Of: 1, Part: k.partOf(card.Number),
		}
		if n := len(k.cards); n > 0 {
			page.Before, page.LastWeek = k.cards[n-1], true
		}
		short := curriculum.Choice{Form: curriculum.Short, Card: card, Question: k.letter.Question}
		k.add(ctx, letter.CheckIn{Choice: page})
		k.add(ctx, letter.CheckIn{Choice: short})
	case k.letter.Kind == mend.CheckIn:
		back := letter.CheckIn{
			Choice: curriculum.Choice{Form: curriculum.LookBack, Step: 1, Of: 1, Done: k.cards}, Words: k.quotes,
		}
		if n := len(k.cards); n > 0 {
			back.Part = k.partOf(k.cards[n-1].Number)
		}
		k.add(ctx, back)
		back.Form = curriculum.Closing
		k.add(ctx, back)
	case k.letter.Kind == mend.Digest:
		month, err := monthly.Read(ctx, k.Base, k.w, date, func(number int) string {
			if card, ok := k.library.ByNumber(number); ok {
				return card.Point
			}
			return ""
		})
		if err != nil {
			return err
		}
		k.addQuotes(month.Quotes)
		k.addQuotes(month.LastYear)
		for _, p := range slices.Concat(month.Kept, month.Open, month.Coming) {
			k.own = append(k.own, p.Words)
		}
		k.add(ctx, letter.Digest{Month: month})
	}
	return nil
}

// addQuotes notes what the letter quotes: the person may well write much the same again.
func (k *known) addQuotes(quotes []digest.Quote) {
	for _, q := range quotes {
		k.own = append(k.own, q.Words)
	}
}

func (k *known) parts() []content.Part {
	checkIn := k.w.CheckIn()
	return k.library.Arc(checkIn.Path, checkIn.Role).Parts
}

// partOf is the name of the part that has a card; "" if none has.
func (k *known) partOf(card int) string {
	for _, part := range k.parts() {
		if slices.Contains(part.Steps, card) {
			return part.Name
		}
	}
	return ""
}

// add composes one letter and keeps what it says.
func (k *known) add(ctx context.Context, body letter.Body) {
	link, p := k.Site+"/letter", k.w.Person
	mail, err := k.letters.Compose(letter.Head{
		To: p.Address, Name: p.Name, Locale: "en", Privacy: p.Privacy, At: k.Now(),
		ID: mend.LetterName(p.ID, k.letter.Of), Preferences: link, Stop: link, Page: link,
	}, body)
	if err != nil { // a STOP does not wait for it
		k.Log.WarnContext(ctx, "the answered letter is not composed anew", "person", p.ID, "error", err)
		return
	}
	k.texts = append(k.texts, inbox.LetterText(mail.Raw))
}

// text is the letter, and all that any letter may say.
func (k *known) text() string {
	values := map[string][]string{} // of the parameters of what letters say
	for _, card := range k.cards {
		values["point"] = append(values["point"], card.Point) // the letter after it asks how it went
	}
	for _, part := range k.parts() {
		values["part"] = append(values["part"], part.Name)
	}
	texts := append([]string{k.letter.Question}, k.texts...)
	texts = append(texts, k.letters.Words("en", values))
	for _, card := range k.library.All() { // other letters name it too
		texts = append(texts, card.Title, card.Point)
	}
	return strings.Join(texts, "\n")
}
