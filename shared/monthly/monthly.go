// Package monthly reads what a digest is about: the sender to write it, and the journal to
// know it again in a reply.
package monthly

import (
	"context"
	"slices"

	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Read reads what the digest of a date is about: the calendar month before it, and the replies in
// it to letters of the month before that. It reads no others, however many there are; with their
// consent, those of the same month a year ago. point gives the point of a card, "" for one that the
// digest may not list.
func Read(
	ctx context.Context, b *change.Base, w store.Account, date mend.Date, point func(card int) string,
) (digest.Month, error) {
	id, last := w.Person.ID, date.FirstOfMonth().AddDays(-1)
	first := last.FirstOfMonth()
	var letters []mend.Letter
	err := b.Store.Letters(ctx, id, mend.LetterKey{Date: first}, last, func(l mend.Letter) error {
		letters = append(letters, l)
		return nil
	})
	if err != nil {
		return digest.Month{}, err
	}
	replies, err := b.RepliesTo(ctx, w.Person, first.AddDays(-1).FirstOfMonth(), last)
	if err != nil {
		return digest.Month{}, err
	}
	lastYear := w.Digest().LastYear
	if lastYear && w.Person.Privacy.Rules().Own {
		then := mend.Date{Year: first.Year - 1, Month: first.Month, Day: 1}
		more, err := b.RepliesTo(ctx, w.Person, then, then.AddDays(then.DaysInMonth()-1))
		if err != nil {
			return digest.Month{}, err
		}
		replies = append(replies, more...)
	}
	promises, err := b.Store.Promises(ctx, id, b.Now())
	if err != nil {
		return digest.Month{}, err
	}
	promises = slices.DeleteFunc(promises, func(p mend.Promise) bool { // a pause held it back: it is asked about soon
		return !p.Due.After(last) && len(account.LettersAsking(w, p.ID)) > 0
	})
	promises = store.VisiblePromises(w.Person, promises, b.Now())
	return digest.Of(first, cadence.StoredZone(w.Person.Zone), letters, replies, promises, digest.Options{
		Privacy: w.Person.Privacy, LastYear: lastYear, Point: point,
	}), nil
}
