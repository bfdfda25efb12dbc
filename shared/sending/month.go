package sending

import (
	"context"
	"errors"
	"slices"

	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// month is what a digest is about.
type month struct {
	digest.Month
	quiet  bool   // they want no letter about a month that has nothing to show
	silent bool   // they were silent for a year
	path   string // of their check-ins
}

// month reads what the digest of a date is about: the calendar month before it, and the replies in
// it to letters of the month before that. It reads no others, however many there are; with their consent, those of
// the same month a year ago.
func (s *Service) month(ctx context.Context, sub mend.Subscription, date mend.Date) (month, error) {
	w, err := s.Store.Load(ctx, sub.Person, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return month{}, errNoLetter
	}
	if err != nil {
		return month{}, err
	}
	checkIn := w.Subscription(mend.CheckInNumber)
	m := month{quiet: w.Monthly.Quiet}
	if checkIn != nil {
		m.silent, m.path = silentForAYear(*checkIn, date), checkIn.Path
	}
	if m.quiet && checkIn != nil && checkIn.LastDate == date && dispatch.DigestReplaces(store.MemberOf(*checkIn), date) {
		return m, errNoLetter // the check-in has gone out in place of a digest that was empty a moment ago
	}
	zone, err := cadence.Zone(sub.Cadence.Zone)
	if err != nil {
		return m, err
	}
	last := date.FirstOfMonth().AddDays(-1)
	first := last.FirstOfMonth()
	var letters []mend.Letter
	err = s.Store.Letters(ctx, sub.Person, first, last, func(l mend.Letter) error {
		letters = append(letters, l)
		return nil
	})
	if err != nil {
		return m, err
	}
	replies, err := s.RepliesTo(ctx, w.Person, first.AddDays(-1).FirstOfMonth(), last)
	if err != nil {
		return m, err
	}
	if w.Monthly.LastYear && w.Person.Privacy.Rules().Own {
		then := lastYear(first)
		more, err := s.RepliesTo(ctx, w.Person, then, then.AddDays(then.DaysInMonth()-1))
		if err != nil {
			return m, err
		}
		replies = append(replies, more...)
	}
	promises, err := s.Store.PromisesAround(ctx, sub.Person, first, s.Now())
	if err != nil {
		return m, err
	}
	promises = slices.DeleteFunc(promises, func(p mend.Promise) bool { // a pause held it back: it is asked about soon
		return !p.Due.After(last) && len(account.LettersAsking(w, p.ID)) > 0
	})
	m.Month = digest.Of(first, zone, letters, replies, change.VisiblePromises(w.Person, promises, s.Now()), digest.Options{
		Privacy: sub.Privacy, LastYear: w.Monthly.LastYear, Point: s.pointsFor(w, sub.NoContact),
	})
	return m, nil
}

// lastYear is the same month of the year before.
func lastYear(first mend.Date) mend.Date {
	return mend.Date{Year: first.Year - 1, Month: first.Month, Day: 1}
}

// pointsFor gives the points that a person's digest may list: none of a card that they said isn't
// for them, and with no-contact none of a card whose practice reaches the other person.
func (s *Service) pointsFor(w store.Account, noContact bool) func(card int) string {
	var retired curriculum.Bitmap
	if checkIn := w.Subscription(mend.CheckInNumber); checkIn != nil {
		retired = curriculum.ParseBitmap(checkIn.Retired)
		noContact = noContact || checkIn.Path == mend.Apart
	}
	return func(card int) string {
		c, ok := s.Library.ByNumber(card)
		if !ok || retired.Has(card) || noContact && c.Contact != content.None {
			return ""
		}
		return c.Point
	}
}

// sendCheckInInstead hands out the check-in that the digest of a page would have replaced, because that digest is left out. It
// returns errNoLetter: the digest itself has come to its end. Handing it out twice is harmless, as with every page.
func (s *Service) sendCheckInInstead(ctx context.Context, digest mend.Subscription, page store.Page) error {
	w, err := s.Store.Load(ctx, digest.Person, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return errNoLetter
	}
	if err != nil {
		return err
	}
	checkIn := w.Subscription(mend.CheckInNumber)
	if checkIn == nil || checkIn.Status != mend.Active || !dispatch.DigestReplaces(store.MemberOf(*checkIn), page.Date) ||
		!dispatch.Falls(store.MemberOf(*checkIn), page.Date) {
		return errNoLetter
	}
	instead := store.Page{
		Slot: checkIn.Slot, Date: page.Date, Due: page.Due, StandsIn: true,
		Members: []store.SubscriptionKey{{Person: digest.Person, Number: mend.CheckInNumber}},
	}
	if err := s.Store.OpenPage(ctx, instead); err != nil {
		return err
	}
	if err := s.Enqueue(ctx, mend.SendQueue, change.Task{Page: &instead}); err != nil {
		s.Log.WarnContext(ctx, "a letter waits for the sweep", "person", digest.Person, "error", err)
	}
	return errNoLetter
}
