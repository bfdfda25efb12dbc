package service

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// follow does what the verbs of a reply ask for. What belongs to the reply is kept with
// it, in one transaction; settings are set to what is asked, so that following twice is as good as once. The lines of verbs that
// cannot be followed go back among the words, where some stand already. w is the person as they were read, and after it as they are.
func (s *Service) follow(ctx context.Context, w *store.Account, verbs []command.Verb, kept *store.ReplyKept) error {
	var words []string
	for _, verb := range verbs {
		followed := true
		var err error
		switch verb.Name {
		case command.Stop: // was honoured before anything else
		case command.Mood:
			kept.Reply.Mood = verb.Mood
		case command.MakePromise:
			followed, err = s.makePromise(ctx, *w, verb, kept)
		case command.Kept:
			followed, err = s.answerOf(ctx, *w, verb, kept, mend.Kept)
		case command.NotYet:
			followed, err = s.answerOf(ctx, *w, verb, kept, mend.NotYet)
		case command.LetGo:
			followed, err = s.answerOf(ctx, *w, verb, kept, mend.LetGo)
		case command.Snooze:
			followed, err = s.snooze(ctx, *w, verb, kept)
		default:
			if followed = !verb.Unclear; followed {
				*w, err = s.setByVerb(ctx, w.Person.ID, verb, kept.Reply)
			}
		}
		if err != nil {
			return fmt.Errorf("follow %q: %w", verb.Name, err)
		}
		if !followed && !strings.Contains("\n"+kept.Reply.Words+"\n", "\n"+verb.Line+"\n") {
			words = append(words, verb.Line)
		}
	}
	if kept.Reply.Words != "" {
		words = append(words, kept.Reply.Words)
	}
	kept.Reply.Words = strings.Join(words, "\n")
	kept.Reply.Wrote = strings.TrimSpace(kept.Reply.Words) != "" || kept.Reply.Mood != 0 || len(kept.Promises) > 0
	return nil
}

// setByVerb changes the settings that a verb names, and returns the person as they are then.
func (s *Service) setByVerb(ctx context.Context, id mend.ID, verb command.Verb, reply mend.Reply) (store.Account, error) {
	return s.change(ctx, id, func(w store.Account) (*store.Transaction, error) {
		checkIn := w.Subscription(mend.CheckInNumber)
		if checkIn == nil {
			return nil, nil
		}
		switch verb.Name {
		case command.Pause:
			until := reply.Date.AddDays(longestPause)
			if !verb.Until.IsZero() && verb.Until.Before(until) {
				until = verb.Until
			}
			pauseAll(&w, until)
			return s.everything(w)
		case command.Resume:
			pauseAll(&w, mend.Date{})
			return s.everything(w)
		case command.Skip:
			skipped, ok := nextAfter(*checkIn, reply.At)
			if !ok {
				return nil, nil
			}
			checkIn.PausedUntil = latest(checkIn.PausedUntil, skipped.AddDays(1))
		default:
			checkIn.Cadence = rhythmOf(verb.Name, checkIn.Cadence, reply.Date)
		}
		return &store.Transaction{Person: w.Person, Subscriptions: []mend.Subscription{*checkIn}}, nil
	})
}

// changeAll is the change of somebody whose zone or pause is another one.
func (s *Service) everything(w store.Account) (*store.Transaction, error) {
	c := store.Transaction{Person: w.Person, Subscriptions: inUse(w)}
	return &c, s.replan(w, &c)
}

// nextAfter is the date of the first letter that is due after an instant and was not sent, whether or not it is paused.
func nextAfter(sub mend.Subscription, at time.Time) (mend.Date, bool) {
	date, _, ok := cadence.NextAt(sub.Cadence, at)
	if ok && !date.After(sub.LastDate) {
		return cadence.Next(sub.Cadence, sub.LastDate.AddDays(1))
	}
	return date, ok
}

// rhythmOf keeps hour and zone, and where the new rhythm wants a day, that of the reply.
func rhythmOf(verb command.VerbName, c mend.Cadence, today mend.Date) mend.Cadence {
	next := mend.Cadence{Time: c.Time, Zone: c.Zone}
	switch verb {
	case command.Daily:
		next.Kind = mend.Daily
	case command.Weekdays:
		next.Kind, next.Days, next.Every = mend.Weekly, mend.WorkingDays, 1
	case command.Weekly:
		next.Kind, next.Days, next.Every = mend.Weekly, mend.OnWeekdays(today.Weekday()), 1
	case command.Monthly:
		next.Kind, next.Day = mend.Monthly, today.Day
	default:
		return c
	}
	return next
}
