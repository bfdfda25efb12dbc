package service

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/inbox"
	"example.org/mend/shared/person"
	"example.org/mend/shared/store"
)

// follow does what the verbs of a reply ask for. What belongs to the reply is kept with
// it, in one transaction; settings are set to what is asked, so that following twice is as good as once. The lines of verbs that
// cannot be followed go back among the words. w is the person as they were read, and after it as they are.
func (s *Service) follow(ctx context.Context, w *store.Whole, verbs []inbox.Verb, kept *store.ReplyKept) error {
	var words []string
	for _, verb := range verbs {
		followed := true
		var err error
		switch verb.Name {
		case inbox.Stop: // was honoured before anything else
		case inbox.Mood:
			kept.Reply.Mood = verb.Mood
		case inbox.MakePromise:
			followed, err = s.makePromise(*w, verb, kept)
		case inbox.Kept:
			followed, err = s.answer(ctx, kept, person.Kept)
		case inbox.NotYet:
			followed, err = s.answer(ctx, kept, person.NotYet)
		case inbox.LetGo:
			followed, err = s.answer(ctx, kept, person.LetGo)
		case inbox.Snooze:
			followed, err = s.snooze(*w, verb, kept)
		default:
			if followed = !verb.Unclear; followed {
				*w, err = s.setByVerb(ctx, w.Person.ID, verb, kept.Reply)
			}
		}
		if err != nil {
			return fmt.Errorf("follow %q: %w", verb.Name, err)
		}
		if !followed {
			words = append(words, verb.Line)
		}
	}
	if kept.Reply.Words != "" {
		words = append(words, kept.Reply.Words)
	}
	kept.Reply.Words = strings.Join(words, "\n")
	return nil
}

// makePromise keeps a promise and the letter that asks about it. It is false without a clear date, which we do not
// guess, and without room for another.
func (s *Service) makePromise(w store.Whole, verb inbox.Verb, kept *store.ReplyKept) (bool, error) {
	if verb.Promise.Unclear || verb.Promise.Due.Before(kept.Reply.Date) || full(w, kept) {
		return false, nil
	}
	thing, err := s.newThing()
	if err != nil {
		return false, err
	}
	promise := person.Promise{
		Person: w.Person.ID, ID: thing, Words: verb.Promise.Words, Due: verb.Promise.Due, State: person.PromiseOpen, Made: kept.Reply.At,
	}
	letters, err := s.askAbout(w.Person, promise)
	if err != nil {
		return false, err
	}
	kept.Promises = append(kept.Promises, promise)
	kept.OneOffs = append(kept.OneOffs, letters...)
	return true, nil
}

// full reports whether no more letters may wait for their day.
func full(w store.Whole, kept *store.ReplyKept) bool {
	return len(w.OneOffs)+len(kept.OneOffs) >= mostWaiting
}

// answer is the person's word about the promise that the letter named. It is false if that promise is gone.
func (s *Service) answer(ctx context.Context, kept *store.ReplyKept, state person.PromiseState) (bool, error) {
	promise, err := s.Store.Promise(ctx, kept.Reply.Person, kept.Reply.Of.OneOff)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	promise.State, promise.Closed = state, kept.Reply.At
	if state == person.NotYet {
		promise.Closed = time.Time{}
	}
	kept.Promises = append(kept.Promises, promise)
	return true, nil
}

// snooze sends a reminder's words once more, later. The next occurrence is not touched.
func (s *Service) snooze(w store.Whole, verb inbox.Verb, kept *store.ReplyKept) (bool, error) {
	sub := w.Subscription(kept.Reply.Of.Subscription)
	if sub == nil || sub.Kind != person.Reminder || verb.Unclear || w.Person.Status != person.Active || full(w, kept) {
		return false, nil
	}
	due := kept.Reply.At.Add(verb.For)
	if verb.For == 0 {
		zone, err := cadence.Zone(sub.Cadence.Zone)
		if err != nil {
			return false, err
		}
		due = cadence.At(zone, verb.Until, sub.Cadence.Time)
	}
	o, err := s.oneOff(w.Person, person.Reminder)
	if err != nil {
		return false, err
	}
	o.Due, o.Expires, o.Words = due, due.Add(window), sub.Words
	kept.OneOffs = append(kept.OneOffs, o)
	return true, nil
}

// setByVerb changes the settings that a verb names, and returns the person as they are then.
func (s *Service) setByVerb(ctx context.Context, id person.ID, verb inbox.Verb, reply person.Reply) (store.Whole, error) {
	return s.change(ctx, id, func(w store.Whole) (*store.Change, error) {
		checkIn := w.Subscription(person.CheckInNumber)
		if checkIn == nil {
			return nil, nil
		}
		switch verb.Name {
		case inbox.Pause:
			until := reply.Date.AddDays(longestPause)
			if !verb.Until.IsZero() && verb.Until.Before(until) {
				until = verb.Until
			}
			return pauseAll(w, until), nil
		case inbox.Resume:
			return pauseAll(w, person.Date{}), nil
		case inbox.Skip:
			skipped, ok := nextAfter(*checkIn, reply.At)
			if !ok {
				return nil, nil
			}
			checkIn.PausedUntil = latest(checkIn.PausedUntil, skipped.AddDays(1))
		default:
			checkIn.Cadence = rhythmOf(verb.Name, checkIn.Cadence, reply.Date)
		}
		return &store.Change{Person: w.Person, Subscriptions: []person.Subscription{*checkIn}}, nil
	})
}

// pauseAll pauses every letter until a date; the zero date ends a pause.
func pauseAll(w store.Whole, until person.Date) *store.Change {
	subs := inUse(w)
	for i := range subs {
		subs[i].PausedUntil = until
	}
	return &store.Change{Person: w.Person, Subscriptions: subs}
}

// nextAfter is the date of the first letter that is due after an instant and was not sent, whether or not it is paused.
func nextAfter(sub person.Subscription, at time.Time) (person.Date, bool) {
	date, _, ok := cadence.NextAt(sub.Cadence, at)
	if ok && !date.After(sub.LastDate) {
		return cadence.Next(sub.Cadence, sub.LastDate.AddDays(1))
	}
	return date, ok
}

// rhythmOf keeps hour and zone, and where the new rhythm wants a day, that of the reply.
func rhythmOf(verb inbox.VerbName, c person.Cadence, today person.Date) person.Cadence {
	next := person.Cadence{Time: c.Time, Zone: c.Zone}
	switch verb {
	case inbox.Daily:
		next.Kind = person.Daily
	case inbox.Weekdays:
		next.Kind, next.Days, next.Every = person.Weekly, person.WorkingDays, 1
	case inbox.Weekly:
		next.Kind, next.Days, next.Every = person.Weekly, person.OnWeekdays(today.Weekday()), 1
	case inbox.Monthly:
		next.Kind, next.Day = person.Monthly, today.Day
	default:
		return c
	}
	return next
}
