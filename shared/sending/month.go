package sending

import (
	"context"

	"example.org/mend/content"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/monthly"
	"example.org/mend/shared/store"
)

// month is what a digest is about.
type month struct {
	digest.Month
	quiet  bool   // they want no letter about a month that has nothing to show
	silent bool   // they were silent for a year
	path   string // of their check-ins
}

// month reads what the digest of a date is about.
func (s *Service) month(ctx context.Context, sub mend.Subscription, date mend.Date) (month, error) {
	w, err := s.Store.Load(ctx, sub.Person, s.Now())
	if err != nil {
		return month{}, err
	}
	checkIn := w.Subscription(mend.CheckInNumber)
	m := month{quiet: w.Monthly.Quiet}
	if checkIn != nil {
		m.silent, m.path = silentForAYear(*checkIn, date), checkIn.Path
	}
	if m.quiet && checkIn != nil && checkIn.LastDate == date &&
		dispatch.DigestReplaces(store.MemberOf(*checkIn), date) {
		return m, errNoLetter // the check-in has gone out in place of a digest that was empty a moment ago
	}
	promises, err := s.Store.PromisesAround(ctx, sub.Person, date.FirstOfMonth().AddDays(-1), s.Now())
	if err != nil {
		return m, err
	}
	m.Month, err = monthly.Before(ctx, s.Base, w, date, promises, s.pointsFor(w, sub.NoContact))
	return m, err
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

// sendCheckInInstead hands out the check-in that the digest of a page would have replaced, because
// that digest is left out. It returns errNoLetter: the digest itself has come to its end. Handing
// it out twice is harmless, as with every page.
func (s *Service) sendCheckInInstead(ctx context.Context, digest mend.Subscription, page store.Page) error {
	w, err := s.Store.Load(ctx, digest.Person, s.Now())
	if err != nil {
		return err
	}
	checkIn := w.Subscription(mend.CheckInNumber)
	if checkIn == nil || checkIn.Status != mend.Active ||
		!dispatch.DigestReplaces(store.MemberOf(*checkIn), page.Date) ||
		!dispatch.Falls(store.MemberOf(*checkIn), page.Date) {
		return errNoLetter
	}
	instead := store.Page{
		Slot: checkIn.Slot, Date: page.Date, Due: page.Due, StandsIn: true,
		Members: []store.DeliveryKey{{Person: digest.Person, Number: mend.CheckInNumber}},
	}
	if err := s.Store.OpenPage(ctx, instead); err != nil {
		return err
	}
	if err := s.Enqueue(ctx, mend.SendQueue, instead); err != nil {
		s.Log.WarnContext(ctx, "a letter waits for the sweep", "person", digest.Person, "error", err)
	}
	return errNoLetter
}
