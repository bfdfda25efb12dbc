package service

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// follow does what the orders of a reply ask for. What belongs to the reply is kept with it, in one
// transaction. Settings are set to what is asked, so that following twice is as good as once. The
// lines of orders that cannot be followed go back among the words. w is the person as they were read,
// and after it as they are.
func (s *Service) follow(ctx context.Context, w *store.Account, orders []command.Order, kept *store.ReplyKept) error {
	var words []string
	for _, order := range orders {
		followed := true
		var err error
		switch order.Name {
		case command.Mood:
			kept.Reply.Mood = order.Mood
		case command.MakePromise:
			followed, err = s.makePromise(ctx, *w, order, kept)
		case command.Kept:
			followed, err = s.answerOf(ctx, *w, order, kept, mend.Kept)
		case command.NotYet:
			followed, err = s.answerOf(ctx, *w, order, kept, mend.NotYet)
		case command.LetGo:
			followed, err = s.answerOf(ctx, *w, order, kept, mend.LetGo)
		case command.Snooze:
			followed, err = s.snooze(ctx, *w, order, kept)
		case command.NotForMe:
			followed, err = s.notForMe(ctx, w, kept.Reply)
		default:
			if followed = !order.Unclear; followed {
				*w, err = s.setByOrder(ctx, w.Person.ID, order, kept.Reply)
			}
		}
		if err != nil {
			return fmt.Errorf("follow %q: %w", order.Name, err)
		}
		if !followed && !strings.Contains("\n"+kept.Reply.Words+"\n", "\n"+order.Line+"\n") {
			words = append(words, order.Line)
		}
	}
	if kept.Reply.Words != "" {
		words = append(words, kept.Reply.Words)
	}
	kept.Reply.Words = strings.Join(words, "\n")
	kept.Moods = moodsWith(*w, kept.Reply)
	kept.Reply.Wrote = strings.TrimSpace(kept.Reply.Words) != "" || kept.Reply.Mood != 0 || len(kept.Promises) > 0
	return nil
}

// moodsWith is the person's two newest moods with that of a reply.
func moodsWith(w store.Account, r mend.Reply) [2]mend.Mood {
	checkIn := w.Subscription(mend.CheckInNumber)
	if checkIn == nil {
		return [2]mend.Mood{}
	}
	return mend.AddMood(checkIn.Moods, mend.Mood{Value: r.Mood, At: r.At})
}

// notForMe retires the card of the check-in that a reply answers, and the cards related to it. It is false where the
// letter has no card.
func (s *Service) notForMe(ctx context.Context, w *store.Account, reply mend.Reply) (bool, error) {
	if reply.Of.Subscription != mend.CheckInNumber {
		return false, nil
	}
	l, err := s.Store.Letter(ctx, reply.Person, reply.Of)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	card := l.Card
	if sub := w.Subscription(mend.CheckInNumber); err != nil && sub != nil && sub.LastDate == reply.Of.Date {
		card = sub.Claim.Card // it was answered before it was recorded
	}
	if _, known := s.Library.ByNumber(card); !known {
		return false, nil
	}
	changed := false
	*w, err = s.change(ctx, reply.Person, func(w store.Account) (*store.Transaction, error) {
		changed = false
		checkIn := w.Subscription(mend.CheckInNumber)
		if checkIn == nil {
			return nil, nil
		}
		retired := curriculum.ParseBitmap(checkIn.Retired)
		next := curriculum.Retire(s.Library, retired, card)
		if next == retired {
			return nil, nil
		}
		checkIn.Retired, changed = next.Bytes(), true
		return &store.Transaction{Person: w.Person, Subscriptions: []mend.Subscription{*checkIn}}, nil
	})
	if err == nil && changed {
		s.countCard(ctx, card, store.CardNotForMe)
	}
	return true, err
}

// countCard counts an event of a card for `mend stats`. A count that is lost is no one's loss.
func (s *Service) countCard(ctx context.Context, card int, event store.CardEvent) {
	if card == 0 {
		return
	}
	if err := s.Store.CountCard(ctx, card, event); err != nil {
		s.Log.WarnContext(ctx, "count an event of a card", "card", card, "error", err)
	}
}

// setByOrder changes the settings that an order names, and returns the person as they are then.
func (s *Service) setByOrder(ctx context.Context, id mend.ID, order command.Order, reply mend.Reply) (store.Account, error) {
	return s.change(ctx, id, func(w store.Account) (*store.Transaction, error) {
		checkIn := w.Subscription(mend.CheckInNumber)
		if checkIn == nil {
			return nil, nil
		}
		switch order.Name {
		case command.Pause:
			until := reply.Date.AddDays(longestPause)
			if !order.Until.IsZero() && order.Until.Before(until) {
				until = order.Until
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
			checkIn.Cadence = rhythmOf(order, checkIn.Cadence, reply.Date)
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
func rhythmOf(order command.Order, c mend.Cadence, today mend.Date) mend.Cadence {
	next := mend.Cadence{Time: c.Time, Zone: c.Zone}
	switch order.Name {
	case command.Daily:
		next.Kind = mend.Daily
	case command.Weekdays:
		next.Kind, next.Days, next.Every = mend.Weekly, mend.WorkingDays, 1
	case command.Weekly, command.Fortnightly:
		days := order.Days
		if len(days) == 0 {
			days = []time.Weekday{today.Weekday()}
		}
		next.Kind, next.Days, next.Every = mend.Weekly, mend.OnWeekdays(days...), 1
		if order.Name == command.Fortnightly {
			next.Every, next.Anchor = 2, today
		}
	case command.Monthly:
		next.Kind, next.Day = mend.Monthly, today.Day
		if order.Day > 0 {
			next.Day = order.Day
		}
	default:
		return c
	}
	return next
}
