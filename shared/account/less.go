package account

import (
	"context"
	"fmt"
	"time"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Reduction is what a person may choose instead of stopping, or within the hour after it.
type Reduction string

// The narrower choices.
const (
	FourWeeksOff Reduction = "pause"   // nothing for four weeks
	OnceAMonth   Reduction = "monthly" // one letter a month, on the day of the next one
)

const fourWeeks = 28 // days

// Reduce makes letters fewer, and takes back a stop of within the hour if there was one: both or
// neither. Errors: [*mend.Error].
func (s *Service) Reduce(ctx context.Context, a Access, less Reduction) error {
	return s.withUndo(ctx, a, func(w store.Account, _ bool) (*store.Transaction, error) {
		checkIn := w.Subscription(mend.CheckInNumber)
		if checkIn == nil {
			return nil, fmt.Errorf("person %s has no check-in", a.Person)
		}
		rhythm := checkIn.Cadence
		switch less {
		case FourWeeksOff:
			return s.Paused(w, mend.LatestDate(w.Person.Hold.Until, s.TodayIn(rhythm.Zone).AddDays(fourWeeks)))
		case OnceAMonth:
			day := 1
			if date, ok := nextDate(*checkIn, s.Now()); ok {
				day = date.Day
			}
			return s.WithRhythm(w, mend.Cadence{Kind: mend.Monthly, Day: day, Time: rhythm.Time, Zone: rhythm.Zone})
		}
		return nil, &mend.Error{Code: mend.Invalid, Sentence: "This page can stop your letters, pause them or make them monthly. Please use one of its buttons."}
	})
}

// Undo takes back a stop within the hour: pauses and promises stand as they stood. Errors: [*mend.Error].
func (s *Service) Undo(ctx context.Context, a Access) error {
	return s.withUndo(ctx, a, func(w store.Account, undone bool) (*store.Transaction, error) {
		if !undone {
			return nil, nil
		}
		return s.everything(w)
	})
}

// withUndo makes a change of someone who gets letters, or who stopped within the hour: then it makes them
// active again first.
func (s *Service) withUndo(
	ctx context.Context, a Access, decide func(w store.Account, undone bool) (*store.Transaction, error),
) error {
	if a.Past {
		return mend.ErrExpiredLink
	}
	undone := false
	_, err := s.Change(ctx, a.Person, func(w store.Account) (*store.Transaction, error) {
		if undone = w.Person.Status != mend.Active; undone {
			if !mayUndo(w.Person, s.Now()) {
				return nil, errNoUndo
			}
			w.Person.Status, w.Person.StoppedAt = mend.Active, time.Time{}
			s.start(&w)
		}
		c, err := decide(w, undone)
		if err == nil && undone {
			err = s.askAgain(ctx, c.Person, c)
		}
		return c, err
	})
	if err == nil && undone { // else a stop that is under way would be taken back by a restore
		err = s.WriteJournal(ctx, a.Person, change.JournalUndo)
	}
	return err
}

var errNoUndo = &mend.Error{Code: mend.Gone, Sentence: "It’s been more than an hour, so this can’t be undone. You can sign up again any time, and what you wrote is still here."}

const undoFor = time.Hour // after that only a fresh confirmation starts letters again

func mayUndo(p mend.Person, now time.Time) bool {
	return p.Status == mend.Stopped && now.Sub(p.StoppedAt) <= undoFor
}

// Skip leaves out the next check-in, and nothing else. Errors: [*mend.Error].
func (s *Service) Skip(ctx context.Context, a Access) error {
	return s.change(ctx, a, func(w store.Account) (*store.Transaction, error) {
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
}
