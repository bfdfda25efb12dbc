package account

import (
	"cmp"
	"slices"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// A pause covers everything that comes by itself: check-ins, the digest, reminders, what was snoozed, and the questions
// about promises. It commits in one transaction with the person's version, as a stop does, and moves each letter that
// waits for its day, so that a claim of what was read before fails.
//
// A check-in, a digest and a reminder that comes again are left out, and the next one comes. What comes only once is not lost:
//
//   - A promise whose day falls into the pause is asked about at 19:00 on the first day on which letters come again; of several
//     one each evening, in the order of their days, so that nobody comes back to a pile.
//   - A snoozed reminder, and one for a single date, comes on that first day at its own hour. Where the reminder
//     has come again meanwhile, its words have come, and what was snoozed is left out.
//
// A pause that ends early brings them back on their own day, or where that is over, as above from today on. Letters that
// somebody waits for (a sign-in link, the answer to what they wrote just now) come during a pause too.

// pauseAll pauses every letter until a date; the zero date ends a pause. The change still needs replan.
func pauseAll(w *store.Account, until mend.Date) {
	w.Person.PausedUntil = until
	for i := range w.Subscriptions {
		pauseUntil(&w.Subscriptions[i], until)
	}
}

// pauseUntil sets the day on which letters come again. A reminder that rests or was paused by itself stays so.
func pauseUntil(sub *mend.Subscription, until mend.Date) {
	if sub.PausedUntil != mend.Indefinitely {
		sub.PausedUntil = until
	}
}

// replan moves the letters that wait for their day to where a person's zone and pause, as they shall be, put them.
func (s *core) replan(w store.Account, c *store.Transaction) error {
	zone, err := cadence.Zone(w.Person.Zone)
	if err != nil {
		return err
	}
	paused := w.Person.PausedUntil.After(s.Today(zone))
	evenings := promiseEvenings{}
	waiting := slices.SortedFunc(slices.Values(w.OneOffs), func(a, b mend.OneOff) int {
		return cmp.Or(a.Date.Days()-b.Date.Days(), cmp.Compare(a.ID, b.ID))
	})
	for _, o := range waiting {
		switch {
		case o.Kind != mend.PromiseKind && o.Kind != mend.Reminder:
		case o.State == mend.OneOffClaimed && paused: // on its way, or it would be tried a second time
			c.Cancel = append(c.Cancel, o.ID)
		case o.State == mend.OneOffClaimed:
		default:
			moved, err := s.Schedule(w.Person, o, evenings)
			switch {
			case err != nil:
				return err
			case replaces(w, o) && moved.Meant.IsZero():
				c.Cancel = append(c.Cancel, o.ID) // the reminder comes by itself again
			case moved.Due != o.Due || moved.Meant != o.Meant || moved.Zone != o.Zone:
				c.Move = append(c.Move, moved)
			}
		}
	}
	return s.standIns(w, c)
}

// promiseEvenings are those on which a promise is asked about that a pause held back.
type promiseEvenings map[mend.Date]bool

// EveningsOf is those that letters take which wait.
func EveningsOf(letters ...mend.OneOff) promiseEvenings {
	taken := promiseEvenings{}
	for _, o := range letters {
		if o.Kind == mend.PromiseKind && !o.Meant.IsZero() {
			taken[change.LocalDate(o)] = true
		}
	}
	return taken
}

// Schedule is a letter that waits for its day with the hour at which it comes. A promise that is held back takes an evening.
func (s *core) Schedule(p mend.Person, o mend.OneOff, taken promiseEvenings) (mend.OneOff, error) {
	next, meant := o, o.Meant
	if o.Kind == mend.PromiseKind {
		next.Zone = p.Zone // it moves with the person
	}
	zone, err := cadence.Zone(next.Zone)
	switch {
	case err != nil:
		return o, err
	case o.Kind == mend.PromiseKind:
		meant = cadence.At(zone, o.Date, promiseHour)
	case meant.IsZero():
		meant = o.Due
	}
	at, now := meant.In(zone), s.Now()
	today := mend.DateOf(now.In(zone))
	held := mend.DateOf(at).Before(p.PausedUntil) && !p.PausedUntil.Before(today)
	if over := !held && meant.Before(now); over && o.Meant.IsZero() {
		return o, nil // it is due now, or its hour is over in another zone
	} else if over {
		held = true // the pause that held it back has ended
	}
	next.Due, next.Meant = meant, time.Time{}
	if held {
		day := mend.LatestDate(p.PausedUntil, today)
		due := func() time.Time { return cadence.At(zone, day, mend.TimeOfDay(at.Hour()*60+at.Minute())) }
		for due().Before(now) || o.Kind == mend.PromiseKind && taken[day] {
			day = day.AddDays(1)
		}
		if next.Due, next.Meant = due(), meant; o.Kind == mend.PromiseKind {
			taken[day] = true
		}
	}
	if next.Expires = next.Due.Add(change.Window); o.Kind == mend.Reminder {
		next.Date = change.LocalDate(next)
	}
	return next, nil
}

// replacements makes the letters that bring a reminder for a single date after the pause into which that falls.
func (s *core) standIns(w store.Account, c *store.Transaction) error {
	for _, sub := range inUse(w) {
		meant := change.DueAt(sub.Cadence, sub.Cadence.Anchor)
		there := func(o mend.OneOff) bool { return o.Reminder == sub.Number && replaces(w, o) }
		if sub.Kind != mend.Reminder || sub.Cadence.Kind != mend.Once || sub.PausedUntil == mend.Indefinitely || w.Person.Status != mend.Active ||
			!sub.Cadence.Anchor.Before(w.Person.PausedUntil) || meant.Before(s.Now()) || slices.ContainsFunc(w.OneOffs, there) {
			continue
		}
		o, err := s.OneOff(w.Person, mend.Reminder)
		if err != nil {
			return err
		}
		o.Reminder, o.Due, o.Zone = sub.Number, meant, sub.Cadence.Zone
		if o, err = s.Schedule(w.Person, o, nil); err != nil {
			return err
		}
		c.OneOffs = append(c.OneOffs, o)
	}
	return nil
}

// replaces reports whether a letter stands in for a reminder for a single date.
func replaces(w store.Account, o mend.OneOff) bool {
	sub := w.Subscription(o.Reminder)
	return o.Kind == mend.Reminder && sub != nil && sub.Cadence.Kind == mend.Once && change.DueAt(sub.Cadence, sub.Cadence.Anchor).Equal(o.Meant)
}

// ofReminder is the letters that wait of a reminder: what was snoozed, or stands in for it.
func ofReminder(w store.Account, number uint8) []mend.ItemID {
	var letters []mend.ItemID
	for _, o := range w.OneOffs {
		if o.Kind == mend.Reminder && o.Reminder == number {
			letters = append(letters, o.ID)
		}
	}
	return letters
}
