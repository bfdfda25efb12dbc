package account

import (
	"context"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// PauseFourWeeks pauses all letters for four weeks, or for as long as they are paused already. In
// the same transaction it takes back a stop within the last hour. Errors: [*mend.Error].
func (s *Service) PauseFourWeeks(ctx context.Context, a Access) error {
	return s.withUndo(ctx, a, func(w store.Account, _ bool) (*store.Transaction, error) {
		return s.Paused(w, mend.LatestDate(w.Person.Hold.Until, s.TodayIn(w.Person.Zone).AddDays(4*7))), nil
	})
}

// OnceAMonth makes the check-in monthly, on the day of the next one, and takes back a stop as
// [Service.PauseFourWeeks] does. Errors: [*mend.Error].
func (s *Service) OnceAMonth(ctx context.Context, a Access) error {
	return s.withUndo(ctx, a, func(w store.Account, _ bool) (*store.Transaction, error) {
		checkIn := w.CheckIn()
		day, rhythm := 1, checkIn.Cadence
		if date, ok := nextDate(*checkIn, s.Now()); ok {
			day = date.Day
		}
		return s.WithRhythm(w, mend.Cadence{Kind: mend.Monthly, Day: day, Time: rhythm.Time, Zone: rhythm.Zone}), nil
	})
}

// Skip leaves out the check-in of a date (see [LeaveOut]): the next one, which the person was
// shown. Pressing twice skips once. The zero date is whichever is next. Errors: [*mend.Error].
func (s *Service) Skip(ctx context.Context, a Access, of mend.Date) error {
	return s.change(ctx, a, func(w store.Account) (*store.Transaction, error) {
		checkIn := w.CheckIn()
		if w.Person.Status != mend.Active {
			return nil, mend.ErrExpiredLink
		}
		date, ok := nextDate(*checkIn, s.Now())
		switch {
		case !ok:
			return nil, nil
		case of.IsZero() && checkIn.Hold.Covers(s.TodayIn(checkIn.Cadence.Zone)): // it is skipped
			return nil, nil
		case of.IsZero(), of == date:
			return LeaveOut(w, date), nil
		case checkIn.Hold.Covers(of):
			return nil, nil
		}
		return nil, &mend.Error{Code: mend.Invalid, Sentence: "The next letter is another one by now, so nothing was " +
			"skipped. Please open your settings again."}
	})
}

// SlowDown gives the check-in the next slower rhythm than one that the person was shown, in words.
// Where it is another by now, nothing changes, so that pressing twice slows down once. "" is
// whichever it is. A link is enough. Errors: [*mend.Error].
func (s *Service) SlowDown(ctx context.Context, a Access, than string) error {
	return s.change(ctx, a, func(w store.Account) (*store.Transaction, error) {
		checkIn := w.CheckIn()
		next := cadence.Slower(checkIn.Cadence, s.TodayIn(checkIn.Cadence.Zone))
		if next == checkIn.Cadence || than != "" && than != cadence.InWords(checkIn.Cadence) {
			return nil, nil
		}
		return s.WithRhythm(w, next), nil
	})
}

// SendNow sends today's check-in at once: the first letter without a wait, or a letter
// on a day that has none. It takes today's occurrence, so nothing else comes
// today. Errors: [*mend.Error].
func (s *Service) SendNow(ctx context.Context, a Access) error {
	w, err := s.Store.Load(ctx, a.Person, s.Now())
	if err != nil {
		return change.GoneIfNotFound(err)
	}
	checkIn, digest := w.CheckIn(), w.Digest()
	if w.Person.Status != mend.Active || checkIn.Status != mend.Active { // stopped, or being stopped
		return mend.ErrExpiredLink
	}
	today := s.TodayIn(checkIn.Cadence.Zone)
	switch {
	case w.Person.Hold.Covers(today):
		return &mend.Error{Code: mend.Invalid, Sentence: "Your letters are paused. End the pause first, then " +
			"try again."}
	case checkIn.Hold.Covers(today):
		return &mend.Error{Code: mend.Invalid, Sentence: "You’re skipping the next letter, so there isn’t one before " +
			"that. Under “Pause” in your settings you can get it after all, then try again."}
	case !checkIn.LastDate.Before(today):
		return &mend.Error{Code: mend.Invalid, Sentence: "Today’s letter has already gone out. " +
			"If it isn’t in your inbox, check your spam folder."}
	case cadence.DigestCame(checkIn, digest, today),
		digest.Status == mend.Active && cadence.FollowsSoon(checkIn.Cadence, today) &&
			cadence.IsDue(*digest, today):
		return &mend.Error{Code: mend.Invalid, Sentence: "Today’s letter is your monthly look back, so there isn’t " +
			"another one today."}
	}
	page := store.Page{
		Slot: checkIn.Slot, Date: today, Due: s.Now().UTC().Truncate(cadence.Grid), Requested: true,
		Members: []store.DeliveryKey{{Person: a.Person, Number: mend.CheckInNumber}},
	}
	// First the page, as the dispatcher does it: the sweeps see to the letter where the queue does
	// not.
	if err := s.Store.OpenPage(ctx, page); err != nil {
		return err
	}
	if err := s.Enqueue(ctx, mend.NowQueue, page); err != nil {
		s.Log.WarnContext(ctx, "a letter waits for the sweep", "person", a.Person, "error", err)
	}
	return nil
}
