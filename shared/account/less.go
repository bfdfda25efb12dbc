package account

import (
	"context"
	"fmt"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Reduction is what somebody may choose in place of stopping, or within the hour after it.
type Reduction string

// The narrower choices.
const (
	FourWeeksOff Reduction = "pause"   // nothing for four weeks
	OnceAMonth   Reduction = "monthly" // one letter a month, on the day of the next one
)

const fourWeeks = 28 // days

// Reduce makes letters fewer, and takes back a stop of within the hour if there was one: both or
// neither, since who said stop and got half of something less would rather stay stopped. Errors:
// [*mend.Error].
func (s *Service) Reduce(ctx context.Context, a Access, less Reduction) error {
	if a.Past {
		return mend.ErrExpiredLink
	}
	undone := false
	_, err := s.Change(ctx, a.Person, func(w store.Account) (*store.Transaction, error) {
		checkIn := w.Subscription(mend.CheckInNumber)
		if checkIn == nil {
			return nil, fmt.Errorf("person %s has no check-in", a.Person)
		}
		if undone = w.Person.Status == mend.Stopped; undone {
			if err := s.undo(&w); err != nil {
				return nil, err
			}
		}
		if w.Person.Status != mend.Active {
			return nil, mend.ErrExpiredLink
		}
		zone, err := cadence.Zone(checkIn.Cadence.Zone)
		if err != nil {
			return nil, err
		}
		var c *store.Transaction
		switch less {
		case FourWeeksOff:
			c, err = s.Paused(w, mend.LatestDate(w.Person.Hold.Until, s.Today(zone).AddDays(fourWeeks)))
		case OnceAMonth:
			day := 1
			if next := nextLetter(*checkIn, s.Now()); !next.IsZero() {
				day = next.In(zone).Day()
			}
			c, err = s.WithRhythm(w, mend.Cadence{Kind: mend.Monthly, Day: day, Time: checkIn.Cadence.Time, Zone: checkIn.Cadence.Zone})
		default:
			return nil, &mend.Error{Code: mend.Invalid, Sentence: "This page can stop your letters, pause them or make them monthly. Please use one of its buttons."}
		}
		if err == nil && undone {
			err = s.askAgain(ctx, c.Person, c)
		}
		return c, err
	})
	if err == nil && undone {
		err = s.WriteJournal(ctx, a.Person, change.JournalUndo)
	}
	return err
}

// undo makes a person active again who stopped within the hour.
func (s *core) undo(w *store.Account) error {
	if w.Person.Status != mend.Stopped || s.Now().Sub(w.Person.StoppedAt) > undoFor {
		return &mend.Error{Code: mend.Gone, Sentence: "It’s been more than an hour, so this can’t be undone. You can sign up again any time, and what you wrote is still here."}
	}
	w.Person.Status, w.Person.StoppedAt = mend.Active, time.Time{}
	s.start(w)
	return nil
}

// Skip leaves out the next check-in, and nothing else. Errors: [*mend.Error].
func (s *Service) Skip(ctx context.Context, a Access) error {
	_, err := s.Change(ctx, a.Person, func(w store.Account) (*store.Transaction, error) {
		checkIn := w.Subscription(mend.CheckInNumber)
		if checkIn == nil || w.Person.Status != mend.Active {
			return nil, mend.ErrExpiredLink
		}
		date, ok := nextDate(*checkIn, s.Now())
		if !ok {
			return nil, nil
		}
		return LeaveOut(w, date), nil
	})
	return err
}
