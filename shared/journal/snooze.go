package journal

import (
	"context"
	"errors"

	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// longestSnooze is how many days a reminder can be put off.
const longestSnooze = 366

// snooze sends a reminder's words once more, later, in place of what was snoozed before, unless the
// reminder comes by itself before. It does nothing if the reminder is gone or the day isn't clear.
// The reminder itself is the answer.
func (s *Keeper) snooze(
	ctx context.Context, w store.Account, order command.Order, kept *store.ReplyKept,
) (outcome, error) {
	if order.Unclear || order.For == 0 && order.Until.IsZero() || w.Person.Status != mend.Active || full(w, kept) {
		return notFollowed, nil
	}
	sub, hour, err := s.snoozed(ctx, w, kept.Reply)
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
	kept.Cancel = append(kept.Cancel, snoozedBefore(w, sub.Number)...)
	if next := account.NextOf(*sub, w.Person.Status, kept.Reply.At); !next.IsZero() && !due.Before(next) {
		return outcome{}, nil
	}
	o := s.OneOff(w.Person, mend.Reminder)
	o.Due, o.Reminder = due, sub.Number
	kept.OneOffs = append(kept.OneOffs, s.account.Schedule(w.Person, o, nil))
	return outcome{}, nil
}

// snoozedBefore is what was snoozed of a reminder and still waits. The newest word stands, and an
// order that is sent twice brings one letter.
func snoozedBefore(w store.Account, reminder uint8) (letters []mend.ItemID) {
	for _, o := range w.OneOffs {
		onItsWay := o.Claim.State == mend.ClaimOpen // or it is what they answer
		if o.Kind == mend.Reminder && o.Reminder == reminder && !onItsWay {
			letters = append(letters, o.ID)
		}
	}
	return letters
}

// snoozed finds the reminder that a letter brought, and the hour at which it came; nil if it is
// gone or on hold.
func (s *Keeper) snoozed(
	ctx context.Context, w store.Account, r mend.Reply,
) (*mend.Subscription, mend.TimeOfDay, error) {
	number, hour := r.Of.Subscription, mend.TimeOfDay(-1)
	if r.Of.OneOff != "" {
		o, err := s.Store.OneOff(ctx, r.Person, r.Of.OneOff, s.Now())
		if errors.Is(err, store.ErrNotFound) {
			return nil, 0, nil
		}
		if err != nil {
			return nil, 0, err
		}
		at := o.Due.In(cadence.StoredZone(w.Person.Zone))
		number, hour = o.Reminder, mend.TimeOfDay(at.Hour()*60+at.Minute())
	}
	sub := account.ReminderOf(w, number)
	if sub == nil || sub.Hold.Why == mend.ToReview {
		return nil, 0, nil
	}
	if hour < 0 {
		hour = sub.Cadence.Time
	}
	return sub, hour, nil
}
