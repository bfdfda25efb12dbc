package service

import (
	"context"
	"fmt"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/inbox"
	"example.org/mend/shared/person"
	"example.org/mend/shared/store"
)

// follow does what the verbs of a reply ask for. What belongs to the reply is kept with
// it, in one transaction; settings are set to what is asked, so that following twice is as good as once. A verb that
// cannot be followed goes back among the words.
func (s *Service) follow(ctx context.Context, w store.Whole, verbs []inbox.Verb, kept *store.ReplyKept) error {
	reply := &kept.Reply
	for _, verb := range verbs {
		var err error
		switch verb.Name {
		case inbox.Stop: // was honoured before anything else
		case inbox.Mood:
			reply.Mood = verb.Mood
		case inbox.MakePromise:
			err = s.makePromise(w.Person, verb, kept)
		case inbox.Kept:
			err = s.answer(ctx, kept, person.Kept)
		case inbox.NotYet:
			err = s.answer(ctx, kept, person.NotYet)
		case inbox.LetGo:
			err = s.answer(ctx, kept, person.LetGo)
		case inbox.Snooze:
			err = s.snooze(w, verb, kept)
		default:
			err = s.setByVerb(ctx, w.Person.ID, verb, reply)
		}
		if err != nil {
			return fmt.Errorf("follow %q: %w", verb.Name, err)
		}
	}
	return nil
}

// backToWords keeps a verb's line as words.
func backToWords(reply *person.Reply, verb inbox.Verb) {
	if reply.Words == "" {
		reply.Words = verb.Line
		return
	}
	reply.Words = verb.Line + "\n" + reply.Words
}

// makePromise keeps a promise and the letter that asks about it. Without a clear date the line stays among the words:
// we do not guess.
func (s *Service) makePromise(p person.Person, verb inbox.Verb, kept *store.ReplyKept) error {
	if verb.Promise.Unclear || verb.Promise.Due.Before(kept.Reply.Date) {
		backToWords(&kept.Reply, verb)
		return nil
	}
	thing, err := s.newThing()
	if err != nil {
		return err
	}
	promise := person.Promise{
		Person: p.ID, ID: thing, Words: verb.Promise.Words, Due: verb.Promise.Due, State: person.PromiseOpen, Made: kept.Reply.At,
	}
	letters, err := s.askAbout(p, promise)
	if err != nil {
		return err
	}
	kept.Promises = append(kept.Promises, promise)
	kept.OneOffs = append(kept.OneOffs, letters...)
	return nil
}

// answer is the person's word about the promise that the letter named.
func (s *Service) answer(ctx context.Context, kept *store.ReplyKept, state person.PromiseState) error {
	promise, err := s.Store.Promise(ctx, kept.Reply.Person, kept.Reply.Of.OneOff)
	if err != nil {
		return err
	}
	promise.State, promise.Closed = state, kept.Reply.At
	kept.Promises = append(kept.Promises, promise)
	return nil
}

// snooze sends a reminder's words once more, later. The next occurrence is not touched.
func (s *Service) snooze(w store.Whole, verb inbox.Verb, kept *store.ReplyKept) error {
	sub := w.Subscription(kept.Reply.Of.Subscription)
	if sub == nil || sub.Kind != person.Reminder || verb.Unclear || w.Person.Status != person.Active {
		backToWords(&kept.Reply, verb)
		return nil
	}
	due := kept.Reply.At.Add(verb.For)
	if verb.For == 0 {
		zone, err := cadence.Zone(sub.Cadence.Zone)
		if err != nil {
			return err
		}
		due = cadence.At(zone, verb.Until, sub.Cadence.Time)
	}
	o, err := s.oneOff(w.Person, person.Reminder)
	if err != nil {
		return err
	}
	o.Due, o.Expires, o.Words = due, due.Add(window), sub.Words
	kept.OneOffs = append(kept.OneOffs, o)
	return nil
}

// setByVerb changes the settings that a verb names.
func (s *Service) setByVerb(ctx context.Context, id person.ID, verb inbox.Verb, reply *person.Reply) error {
	_, err := s.change(ctx, id, func(w store.Whole) (*store.Change, error) {
		checkIn := w.Subscription(person.CheckInNumber)
		if checkIn == nil || verb.Unclear {
			backToWords(reply, verb)
			return nil, nil
		}
		c := &store.Change{Person: w.Person, Subscriptions: w.Subscriptions}
		pause := func(until person.Date) {
			for i := range w.Subscriptions {
				w.Subscriptions[i].PausedUntil = until
			}
		}
		switch verb.Name {
		case inbox.Pause:
			until := verb.Until
			if until.IsZero() { // until they say: a year is the longest
				until = reply.Date.AddDays(366)
			}
			pause(until)
		case inbox.Resume:
			pause(person.Date{})
		case inbox.Skip:
			next, ok := cadence.Next(checkIn.Cadence, latest(checkIn.LastDate, reply.Date).AddDays(1))
			if !ok {
				return nil, nil
			}
			checkIn.PausedUntil = next.AddDays(1)
			c.Subscriptions = []person.Subscription{*checkIn}
		default:
			checkIn.Cadence = rhythmOf(verb.Name, checkIn.Cadence, reply.Date)
			c.Subscriptions = []person.Subscription{*checkIn}
		}
		return c, nil
	})
	return err
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
