package account

import (
	"context"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// SendNow sends today's check-in at once: the first letter without a wait, or a letter
// on a day that has none. It takes today's occurrence, so nothing else comes
// today. Errors: [*mend.Error].
func (s *Service) SendNow(ctx context.Context, a Access) error {
	w, err := s.Store.Load(ctx, a.Person, s.Now())
	if err != nil {
		return change.GoneIfNotFound(err)
	}
	checkIn, digest := w.Subscription(mend.CheckInNumber), w.Subscription(mend.DigestNumber)
	if checkIn == nil || w.Person.Status != mend.Active || checkIn.Status != mend.Active { // stopped, or being stopped
		return mend.ErrExpiredLink
	}
	today := s.TodayIn(checkIn.Cadence.Zone)
	switch {
	case checkIn.Hold.Covers(today):
		return &mend.Error{Code: mend.Invalid, Sentence: "Your letters are paused. End the pause first, then " +
			"try again."}
	case !checkIn.LastDate.Before(today):
		return &mend.Error{Code: mend.Invalid, Sentence: "Today’s letter has already gone out. " +
			"If it isn’t in your inbox, check your spam folder."}
	case dispatch.DigestCame(w, today),
		digest != nil && digest.Status == mend.Active && dispatch.FollowsSoon(checkIn.Cadence, today) &&
			dispatch.IsDue(*digest, today):
		return &mend.Error{Code: mend.Invalid, Sentence: "Today’s letter is your monthly look back, so there isn’t " +
			"another one today."}
	}
	page := store.Page{
		Slot: checkIn.Slot, Date: today, Due: s.Now().UTC().Truncate(cadence.Grid), Requested: true,
		Members: []store.DeliveryKey{{Person: a.Person, Number: mend.CheckInNumber}},
	}
	// As the dispatcher does it, so that the sweeps see to the letter where the queue does not.
	if err := s.Store.RegisterQuarter(ctx, page.Due, page.Due.Add(change.Window+time.Hour)); err != nil {
		return err
	}
	if err := s.Store.OpenPage(ctx, page); err != nil {
		return err
	}
	if err := s.Enqueue(ctx, mend.NowQueue, page); err != nil {
		s.Log.WarnContext(ctx, "a letter waits for the sweep", "person", a.Person, "error", err)
	}
	return nil
}
