package journal

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// outcome is what became of an order.
type outcome struct {
	notice   string // what the answer to the reply says about it; "" for nothing
	keepLine bool   // its line stays among the words
}

// notFollowed is an order that nothing came of: we ask back.
var notFollowed = outcome{notice: change.NoticeUnclear, keepLine: true}

// follower follows the orders of one reply.
type follower struct {
	*Keeper
	w    *store.Account   // as it is by now
	kept *store.ReplyKept // the reply, and what is kept with it
}

// follow does what the orders of a reply ask for, and adds the letter that answers them. Settings
// change at once, to what is asked, so that following twice changes nothing more; the rest is kept
// with the reply. It leaves in w the account as it is then, and in kept what may be kept.
func (s *Keeper) follow(ctx context.Context, w *store.Account, read command.Result, kept *store.ReplyKept) error {
	f := follower{s, w, kept}
	var notices, done []string
	whole, keep := kept.Reply.Words, false
	kept.Reply.Words = read.Rest
	for _, order := range read.Orders {
		became, err := f.followOrder(ctx, order)
		if err != nil {
			return fmt.Errorf("follow %q: %w", order.Name, err)
		}
		notices = append(notices, became.notice)
		switch stays := slices.Contains(strings.Split(read.Rest, "\n"), order.Line); {
		case became.keepLine && !stays:
			keep = true
		case !became.keepLine && !stays:
			done = append(done, order.Line)
		}
	}
	if keep { // the words stay in the order in which they were written
		kept.Reply.Words = withoutLines(whole, done)
	}
	if len(read.Unknown) > 0 {
		notices = append(notices, change.NoticeUnclear)
	}
	kept.Moods = moodsWith(*w, kept.Reply)
	kept.Reply.Wrote = strings.TrimSpace(kept.Reply.Words) != "" || kept.Reply.Mood != 0 || len(kept.Promises) > 0
	s.answerOrders(w.Person, read.Stop, notices, kept)
	kept.Version, kept.Retention = w.Person.Version, w.Person.Retention
	return nil
}

// withoutLines takes each of the lines out of a text once.
func withoutLines(text string, lines []string) string {
	left := strings.Split(text, "\n")
	for _, line := range lines {
		if i := slices.Index(left, line); i >= 0 {
			left = slices.Delete(left, i, i+1)
		}
	}
	return strings.Trim(strings.Join(left, "\n"), "\n")
}

// answers are the orders that answer a promise.
var answers = map[command.Name]mend.PromiseState{
	command.Kept:   mend.Kept,
	command.NotYet: mend.NotYet,
	command.LetGo:  mend.LetGo,
}

func (f follower) followOrder(ctx context.Context, order command.Order) (outcome, error) {
	switch order.Name {
	case command.Mood:
		f.kept.Reply.Mood = order.Mood
		return outcome{}, nil
	case command.MakePromise:
		return f.makePromise(ctx, order)
	case command.Kept, command.NotYet, command.LetGo:
		return f.answerOf(ctx, order)
	case command.Snooze:
		return f.snooze(ctx, order)
	case command.NotForMe:
		return f.notForMe(ctx)
	}
	return f.setByOrder(ctx, order)
}

// moodsWith is the person's two newest moods with that of a reply.
func moodsWith(w store.Account, r mend.Reply) [2]mend.Mood {
	return mend.AddMood(w.CheckIn().Moods, mend.Mood{Value: r.Mood, At: r.At})
}

// notForMe retires the card of the check-in that a reply answers, and the cards related to it. A
// letter without a card has none to retire.
func (f follower) notForMe(ctx context.Context) (outcome, error) {
	reply := f.kept.Reply
	if reply.Of.Subscription != mend.CheckInNumber {
		return notFollowed, nil
	}
	l, err := f.Store.Letter(ctx, reply.Person, reply.Of)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return outcome{}, err
	}
	card := l.Card
	if sub := f.w.CheckIn(); err != nil && sub.LastDate == reply.Of.Date {
		card = sub.Claim.Card // it was answered before it was recorded
	}
	if _, known := f.Library.ByNumber(card); !known {
		return notFollowed, nil
	}
	changed := false
	*f.w, err = f.Change(ctx, reply.Person, func(w store.Account) (*store.Transaction, error) {
		changed = false
		checkIn := w.CheckIn()
		retired := curriculum.Retire(f.Library, checkIn.Retired, card)
		if bytes.Equal(retired, checkIn.Retired) {
			return nil, nil
		}
		checkIn.Retired, changed = retired, true
		return &store.Transaction{Person: w.Person, Subscriptions: []mend.Subscription{*checkIn}}, nil
	})
	if err == nil && changed {
		f.CountCard(ctx, card, store.CardNotForMe)
	}
	return outcome{notice: "not-for-me"}, err
}

// setByOrder changes the settings that an order names, as the buttons of the pages do.
func (f follower) setByOrder(ctx context.Context, order command.Order) (_ outcome, err error) {
	if order.Unclear {
		return notFollowed, nil
	}
	became, reply := outcome{notice: "settings-changed"}, f.kept.Reply
	*f.w, err = f.Change(ctx, reply.Person, func(w store.Account) (*store.Transaction, error) {
		if w.Person.Status != mend.Active { // no reply starts letters again
			became = outcome{keepLine: true}
			return nil, nil
		}
		checkIn := w.CheckIn()
		switch order.Name {
		case command.Pause:
			became.notice = "paused"
			until := reply.Date.AddDays(account.LongestPause)
			if !order.Until.IsZero() && order.Until.Before(until) {
				until = order.Until
			}
			return f.account.Paused(w, until), nil
		case command.Resume:
			became.notice = "resumed"
			return f.account.Paused(w, mend.Date{}), nil
		case command.Skip:
			became.notice = "skipped"
			// The first letter that is due after the reply and was not sent, paused or not: so an
			// order that is followed twice leaves out one letter.
			date, _, ok := cadence.NextAt(checkIn.Cadence, reply.At)
			if ok && !date.After(checkIn.LastDate) {
				date, ok = cadence.Next(checkIn.Cadence, checkIn.LastDate.AddDays(1))
			}
			if !ok {
				return nil, nil
			}
			return account.LeaveOut(w, date), nil
		}
		return f.account.WithRhythm(w, rhythmOf(order, checkIn.Cadence, reply.Date)), nil
	})
	return became, err
}

// rhythmOf keeps hour and zone, and where the new rhythm wants a day, that of the reply.
func rhythmOf(order command.Order, c mend.Cadence, today mend.Date) mend.Cadence {
	next := account.Rhythms[string(order.Name)]
	next.Time, next.Zone = c.Time, c.Zone
	switch {
	case next.Kind == mend.Weekly && next.Days == 0:
		next.Days = cmp.Or(mend.OnWeekdays(order.Days...), mend.OnWeekdays(today.Weekday()))
	case next.Kind == mend.Monthly:
		next.Day = cmp.Or(order.Day, today.Day)
	}
	return next
}

// longestSnooze is how many days a reminder can be put off.
const longestSnooze = 366

// snooze sends a reminder's words once more, later, in place of what was snoozed before, unless the
// reminder comes by itself before. It does nothing if the reminder is gone or the day isn't clear.
// The reminder itself is the answer.
func (f follower) snooze(ctx context.Context, order command.Order) (outcome, error) {
	w, kept := *f.w, f.kept
	full := len(w.OneOffs)+len(kept.OneOffs) >= account.MostWaiting
	if order.Unclear || order.For == 0 && order.Until.IsZero() || w.Person.Status != mend.Active || full {
		return notFollowed, nil
	}
	sub, hour, err := f.snoozed(ctx)
	if err != nil || sub == nil {
		return notFollowed, err
	}
	due := kept.Reply.At.Add(order.For)
	if order.For == 0 {
		due = cadence.At(cadence.StoredZone(w.Person.Zone), order.Until, hour)
	}
	if due.After(kept.Reply.At.AddDate(0, 0, longestSnooze)) {
		return notFollowed, nil
	}
	// The newest word stands, and an order that is sent twice brings one letter. One that is on its
	// way may be what they answer.
	kept.Cancel = append(kept.Cancel, account.Waiting(w, func(o mend.OneOff) bool {
		return o.Kind == mend.Reminder && o.Reminder == sub.Number && o.Claim.State != mend.ClaimOpen
	})...)
	if next := account.NextOf(*sub, w.Person.Status, kept.Reply.At); !next.IsZero() && !due.Before(next) {
		return outcome{}, nil
	}
	o := f.OneOff(w.Person, mend.Reminder)
	o.Due, o.Reminder = due, sub.Number
	kept.OneOffs = append(kept.OneOffs, f.account.Schedule(w.Person, o, nil))
	return outcome{}, nil
}

// snoozed finds the reminder that a letter brought, and the hour at which it came; nil if it is
// gone or on hold.
func (f follower) snoozed(ctx context.Context) (*mend.Subscription, mend.TimeOfDay, error) {
	of := f.kept.Reply.Of
	l, err := f.Letter(ctx, f.w.Person.ID, of)
	if err != nil {
		return nil, 0, err
	}
	sub := account.ReminderOf(*f.w, cmp.Or(l.Reminder, of.Subscription))
	if sub == nil || sub.Hold.Why == mend.ToReview {
		return nil, 0, nil
	}
	if of.OneOff == "" || l.At.IsZero() {
		return sub, sub.Cadence.Time, nil
	}
	at := l.At.In(cadence.StoredZone(f.w.Person.Zone))
	return sub, mend.TimeOfDay(at.Hour()*60 + at.Minute()), nil
}

// answerOrders adds the letter that answers the orders of a reply.
func (s *Keeper) answerOrders(p mend.Person, stop command.Stop, notices []string, kept *store.ReplyKept) {
	notices = slices.DeleteFunc(notices, func(name string) bool { return name == "" })
	if p.Status != mend.Active {
		return
	}
	today := s.TodayIn(p.Zone)
	if !p.Answered.Before(today) {
		notices = nil
	}
	asks := stop == command.StopAsks && p.AskedToStop.Before(today)
	if len(notices) == 0 && !asks {
		return
	}
	if len(notices) > 0 {
		kept.Answered = today
	}
	var names []string
	if asks {
		kept.AskedToStop = today
		names = append(names, change.NoticeStop)
	}
	for _, name := range slices.Concat([]string{change.NoticeWhen, change.NoticeUnclear}, notices) {
		if slices.Contains(notices, name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	kept.OneOffs = append(kept.OneOffs, s.Notice(p, strings.Join(names, change.NoticeSeparator)))
}

// saysYesToStop reports whether a reply is a yes to the letter that asks whether to stop.
func saysYesToStop(l mend.Letter, r mend.Reply) bool {
	return strings.HasPrefix(l.Notice, change.NoticeStop) && command.SaysYesToStop(r.Words)
}
