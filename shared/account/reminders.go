package account

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// ReminderFormOf fills the form with a reminder as it is.
func ReminderFormOf(r Reminder) Form {
	f := Form{Words: r.Words, ShowWords: r.ShowWords}
	f.setRhythm(r.Cadence)
	if r.Cadence.Kind == mend.Weekly { // of every so many weeks, which have no other name here
		f.Cadence, f.Every = "weekly", strconv.Itoa(max(r.Cadence.Every, 1))
	}
	return f
}

// reminders are the person's own words, for a session alone.
func reminders(w store.Account, now time.Time) []Reminder {
	var all []Reminder
	for _, sub := range w.Subscriptions {
		if sub.Kind != mend.Reminder || sub.Status == mend.Off {
			continue
		}
		r := Reminder{
			Subscription: sub, Rhythm: cadence.InWords(sub.Cadence),
			Paused: sub.Hold.Why == mend.PausedAlone, OnHold: sub.Hold.Why == mend.ToReview, Shown: shown(sub),
		}
		expected := afterPause(w, sub)
		if next := NextOf(expected, w.Person.Status, now); !next.IsZero() {
			r.Next, r.Upcoming = next, upcoming(expected, now)
		}
		all = append(all, r)
	}
	return all
}

// shown is a hash of what the form of a reminder shows of it.
func shown(sub mend.Subscription) string {
	return change.Hash(fmt.Sprint(sub.Words, sub.ShowWords, sub.Cadence))
}

// ChangedElsewhere is said of a form that was filled in before another window changed the same. The
// page then shows it with what there is now, so that the next time it is saved.
func ChangedElsewhere(words, when string) string {
	return fmt.Sprintf("This was changed in another window. It’s now “%s”, %s. What you typed is here, and saving "+
		"again replaces it.", words, when)
}

// ReminderOf finds a reminder by its number; nil if it is none, or was dropped.
func ReminderOf(w store.Account, number uint8) *mend.Subscription {
	if sub := w.Subscription(number); sub != nil && sub.Kind == mend.Reminder && sub.Status != mend.Off {
		return sub
	}
	return nil
}

// NextOf is the instant of the next reminder, in its zone; zero if none comes.
func NextOf(sub mend.Subscription, status mend.Status, now time.Time) time.Time {
	if status != mend.Active || sub.Hold.IsOpen() {
		return time.Time{}
	}
	return nextLetter(sub, now)
}

// SaveReminder adds a reminder (number 0) or changes one, and returns its number: 0 if the same one
// was there, because the form was sent twice. It requires a session. Errors: [mend.Problems],
// [*mend.Error].
func (s *Service) SaveReminder(ctx context.Context, a Access, number uint8, f Form) (saved uint8, err error) {
	if !a.SignedIn {
		return 0, mend.ErrSignIn
	}
	p := mend.Problems{}
	words := ReadWords(p, "words", f.Words, 200, "What should we remind you of?",
		"Please make it shorter: at most 200 characters.")
	rhythm := f.reminderRhythm(p, s.Now())
	if len(p) > 0 {
		return 0, p
	}
	err = s.change(ctx, a, func(w store.Account) (*store.Transaction, error) {
		sub := ReminderOf(w, number)
		if number == 0 {
			if slices.ContainsFunc(w.Subscriptions, func(r mend.Subscription) bool {
				again := rhythm
				if again.Kind == mend.Weekly {
					again.Anchor = r.Cadence.Anchor
				}
				return r.Kind == mend.Reminder && r.Status != mend.Off && r.Words == words &&
					r.ShowWords == f.ShowWords && r.Cadence == again
			}) {
				saved = 0
				return nil, nil
			}
			var err error
			if sub, err = freeReminder(&w, s.Now()); err != nil {
				return nil, err
			}
		} else if sub == nil {
			return nil, mend.ErrUnknownLink
		}
		next := countedFor(*sub, rhythm, s.Now())
		same := sub.Words == words && sub.ShowWords == f.ShowWords && sub.Cadence == next
		if number != 0 && !same && f.Was != "" && f.Was != shown(*sub) {
			return nil, mend.Problems{"words": ChangedElsewhere(sub.Words, cadence.InWords(sub.Cadence))}
		}
		if until := w.Person.Hold.Until; rhythm.Kind == mend.Once && rhythm.Anchor.Before(until) {
			return nil, mend.Problems{"date": "Your letters are paused until " + until.String() +
				". Please choose a day from then on, or end the pause first."}
		}
		// It stood in for a date that may be another one now.
		replaced := Waiting(w, func(o mend.OneOff) bool { return o.Reminder == sub.Number && replaces(w, o) })
		sub.Words, sub.ShowWords = words, f.ShowWords
		sub.Cadence, sub.Status = next, w.Person.Status
		sub.FirstDate = cadence.FirstDate(sub.Cadence, s.Now())
		saved = sub.Number
		return &store.Transaction{Person: w.Person, Subscriptions: []mend.Subscription{*sub}, Cancel: replaced}, nil
	})
	return saved, err
}

// freeReminder finds the number of a new reminder. One that was dropped is used again only
// days after its last letter: a number and a date name one letter.
func freeReminder(w *store.Account, now time.Time) (*mend.Subscription, error) {
	used, next := 0, mend.FirstReminder
	var free *mend.Subscription
	for i := range w.Subscriptions {
		sub := &w.Subscriptions[i]
		if sub.Kind != mend.Reminder {
			continue
		}
		next = max(next, sub.Number+1)
		if sub.Status != mend.Off {
			used++
		} else if sub.LastDate.Before(mend.DateOf(now.UTC()).AddDays(-3)) {
			free = sub
		}
	}
	if used >= mend.MostReminders {
		return nil, mend.Problems{"words": "You already have ten reminders, and that’s the limit. Delete one first."}
	}
	if free == nil {
		if next > lastReminder {
			return nil, mend.Problems{"words": "You’ve changed your reminders very often lately. " +
				"Please come back in a few days."}
		}
		w.Subscriptions = append(w.Subscriptions, mend.Subscription{Number: next, Kind: mend.Reminder})
		free = &w.Subscriptions[len(w.Subscriptions)-1]
	}
	syncSubscriptions(w)
	free.Cadence, free.Hold = mend.Cadence{}, w.Person.Hold
	return free, nil
}

// lastReminder is the highest number of a reminder: keys and tags give it two digits.
const lastReminder = 99

// DropReminder removes a reminder, its words and what was snoozed of it. It requires a session.
// Errors: [*mend.Error].
func (s *Service) DropReminder(ctx context.Context, a Access, number uint8) error {
	return s.changeReminder(ctx, a, number, func(w store.Account, sub *mend.Subscription) (*store.Transaction, error) {
		sub.Status, sub.Words = mend.Off, ""
		return &store.Transaction{
			Person: w.Person, Subscriptions: []mend.Subscription{*sub}, Cancel: ofReminder(w, number),
		}, nil
	})
}

// PauseReminder pauses one reminder, or starts it again. What was snoozed of it is cancelled. It
// stays paused when a pause of all letters ends. One that waits to be looked at goes on by
// [Service.ReviewHeldItems] alone. It requires a session. Errors: [*mend.Error].
func (s *Service) PauseReminder(ctx context.Context, a Access, number uint8, paused bool) error {
	return s.changeReminder(ctx, a, number, func(w store.Account, sub *mend.Subscription) (*store.Transaction, error) {
		if sub.Hold.Why == mend.ToReview || paused == (sub.Hold.Why == mend.PausedAlone) {
			return nil, nil
		}
		c := store.Transaction{Person: w.Person}
		if sub.Hold = (mend.Hold{Why: mend.PausedAlone}); paused {
			c.Cancel = ofReminder(w, number)
		} else {
			sub.Hold, sub.FirstDate = w.Person.Hold, cadence.FirstDate(sub.Cadence, s.Now())
		}
		c.Subscriptions = []mend.Subscription{*sub}
		s.addReplacements(w, &c)
		return &c, nil
	})
}

func (s *Service) changeReminder(
	ctx context.Context, a Access, number uint8,
	decide func(store.Account, *mend.Subscription) (*store.Transaction, error),
) error {
	return s.changeOwn(ctx, a, func(w store.Account) (*store.Transaction, error) {
		sub := ReminderOf(w, number)
		if sub == nil {
			return nil, mend.ErrUnknownLink
		}
		return decide(w, sub)
	})
}
