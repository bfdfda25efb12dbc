package account

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// A hold (see [mend.Hold]) is a pause of all letters, a pause of one reminder, a check-in that is
// left out, or the wait until the person has looked at what is on hold since someone said no.
//
// A pause covers everything that comes by itself: check-ins, the digest, reminders, what was
// snoozed, and the questions about promises. One transaction with the person's version writes it
// and moves each letter that waits for its day, so that a claim of what was read before fails.
//
// A check-in, a digest and a repeated reminder are left out, and the next one comes. What comes
// only once comes later:
//
//   - A promise is asked about at 19:00 on the first day after the pause. If there are several,
//     one comes each evening, in the order of their days.
//   - A snoozed reminder, and one for a single date, comes on that first day at its own hour; a
//     snoozed one not if the reminder has come by itself meanwhile.
//
// If a pause ends early, they come on their own day, or as above from today on. Letters that a
// person waits for (a sign-in link, the answer to a reply) come during a pause too.

// Paused is the change that pauses all letters until a day. The zero date ends a pause, and takes
// back that a check-in is left out.
func (s *core) Paused(w store.Account, until mend.Date) *store.Transaction {
	pauseAll(&w, mend.PauseUntil(until))
	if until.IsZero() {
		for i := range w.Subscriptions {
			holdUnlessOpen(&w.Subscriptions[i], mend.Hold{})
		}
	}
	return s.changeAll(w)
}

// LeaveOut is the change that leaves out the check-in of a date, and none of those after it. Where
// the monthly letter would come on that date, in its place or beside it, that is left out too: the
// person was told that no letter comes.
func LeaveOut(w store.Account, date mend.Date) *store.Transaction {
	c := store.Transaction{Person: w.Person}
	for _, sub := range []*mend.Subscription{w.CheckIn(), w.Digest()} {
		if sub.Status == mend.Active && (sub.Kind == mend.CheckIn || cadence.Falls(sub.Cadence, date)) {
			if !sub.Hold.Covers(date) {
				sub.Hold = mend.PauseUntil(date.AddDays(1))
			}
			c.Subscriptions = append(c.Subscriptions, *sub)
		}
	}
	return &c
}

// changeAll is the change of all subscriptions and of the letters that wait for their day.
func (s *core) changeAll(w store.Account) *store.Transaction {
	c := store.Transaction{Person: w.Person, Subscriptions: inUse(w)}
	s.reschedule(w, &c)
	return &c
}

// pauseAll puts every letter on hold; the zero hold ends a pause. What is left out after the pause
// stays left out. The change still needs reschedule.
func pauseAll(w *store.Account, hold mend.Hold) {
	before := w.Person.Hold
	w.Person.Hold = hold
	for i := range w.Subscriptions {
		sub := &w.Subscriptions[i]
		if sub.Hold == before || !sub.Hold.Until.After(hold.Until) {
			holdUnlessOpen(sub, hold)
		}
	}
}

// holdUnlessOpen puts a subscription on hold. A reminder that waits for the person stays as it is.
func holdUnlessOpen(sub *mend.Subscription, hold mend.Hold) {
	if !sub.Hold.IsOpen() {
		sub.Hold = hold
	}
}

// reschedule moves the letters that wait for their day to where the person's new zone
// and pause put them.
func (s *core) reschedule(w store.Account, c *store.Transaction) {
	paused := w.Person.Hold.Covers(s.TodayIn(w.Person.Zone))
	evenings := promiseEvenings{}
	byDate := slices.SortedFunc(slices.Values(w.OneOffs), func(a, b mend.OneOff) int {
		return cmp.Or(a.Date.Days()-b.Date.Days(), cmp.Compare(a.ID, b.ID))
	})
	for _, o := range byDate {
		switch {
		case o.Kind != mend.PromiseKind && o.Kind != mend.Reminder:
		case o.Claim.State == mend.ClaimOpen && paused: // on its way, or it would be tried a second time
			c.Cancel = append(c.Cancel, o.ID)
		case o.Claim.State == mend.ClaimOpen:
		default:
			moved := s.Schedule(w.Person, o, evenings)
			switch {
			case replaces(w, o) && moved.Meant.IsZero():
				c.Cancel = append(c.Cancel, o.ID) // the reminder comes by itself again
			case moved.Due != o.Due || moved.Meant != o.Meant || moved.Zone != o.Zone:
				c.Move = append(c.Move, moved)
			}
		}
	}
	s.addReplacements(w, c)
}

// promiseEvenings are the evenings taken by promises that a pause held back.
type promiseEvenings map[mend.Date]bool

// EveningsOf is the evenings that waiting letters take.
func EveningsOf(letters ...mend.OneOff) promiseEvenings {
	taken := promiseEvenings{}
	for _, o := range letters {
		if o.Kind == mend.PromiseKind && !o.Meant.IsZero() {
			taken[change.LocalDate(o)] = true
		}
	}
	return taken
}

// Schedule gives a letter that waits for its day the instant at which it comes, after a pause if
// its day lies in one. A promise that is held back takes an evening.
func (s *core) Schedule(p mend.Person, o mend.OneOff, taken promiseEvenings) mend.OneOff {
	next, meant := o, o.Meant
	if o.Kind == mend.PromiseKind {
		next.Zone = p.Zone // it moves with the person
	}
	zone := cadence.StoredZone(next.Zone)
	switch {
	case o.Kind == mend.PromiseKind:
		meant = cadence.At(zone, o.Date, promiseHour)
	case meant.IsZero():
		meant = o.Due
	}
	at, now := meant.In(zone), s.Now()
	today := mend.DateOf(now.In(zone))
	held := p.Hold.Covers(mend.DateOf(at)) && !p.Hold.Until.Before(today)
	if over := !held && meant.Before(now); over && o.Meant.IsZero() {
		return o // it is due now, or its hour is over in another zone
	} else if over {
		held = true // the pause that held it back has ended
	}
	next.Due, next.Meant = meant, time.Time{}
	if held {
		day := mend.LatestDate(p.Hold.Until, today)
		due := func() time.Time { return cadence.At(zone, day, mend.TimeOfDay(at.Hour()*60+at.Minute())) }
		for due().Before(now) || o.Kind == mend.PromiseKind && taken[day] {
			day = day.AddDays(1)
		}
		if next.Due, next.Meant = due(), meant; o.Kind == mend.PromiseKind {
			taken[day] = true
		}
	}
	if next.Expires = next.Due.Add(mend.SendWindow); o.Kind == mend.Reminder {
		next.Date = change.LocalDate(next)
	}
	return next
}

// addReplacements adds the letters that bring reminders for a single date after the pause in which
// that date lies.
func (s *core) addReplacements(w store.Account, c *store.Transaction) {
	for _, sub := range inUse(w) {
		meant := cadence.DueAt(sub.Cadence, sub.Cadence.Anchor)
		there := func(o mend.OneOff) bool { return o.Reminder == sub.Number && replaces(w, o) }
		if sub.Kind != mend.Reminder || sub.Cadence.Kind != mend.Once || sub.Hold.IsOpen() ||
			w.Person.Status != mend.Active || !w.Person.Hold.Covers(sub.Cadence.Anchor) ||
			meant.Before(s.Now()) || slices.ContainsFunc(w.OneOffs, there) {
			continue
		}
		o := s.OneOff(w.Person, mend.Reminder)
		o.Reminder, o.Due, o.Zone = sub.Number, meant, sub.Cadence.Zone
		c.OneOffs = append(c.OneOffs, s.Schedule(w.Person, o, nil))
	}
}

// replaces reports whether a letter comes in place of a reminder for a single date.
func replaces(w store.Account, o mend.OneOff) bool {
	sub := w.Subscription(o.Reminder)
	return o.Kind == mend.Reminder && sub != nil && sub.Cadence.Kind == mend.Once &&
		cadence.DueAt(sub.Cadence, sub.Cadence.Anchor).Equal(o.Meant)
}

// afterPause is a subscription as it comes: a reminder whose single date lies in a pause comes on
// the day of the letter in its place.
func afterPause(w store.Account, sub mend.Subscription) mend.Subscription {
	for _, o := range w.OneOffs {
		if o.Reminder == sub.Number && replaces(w, o) {
			sub.Cadence.Anchor = change.LocalDate(o)
		}
	}
	return sub
}

// ofReminder is the waiting letters of a reminder: snoozed ones, and one that replaces it.
func ofReminder(w store.Account, number uint8) []mend.ItemID {
	return Waiting(w, func(o mend.OneOff) bool { return o.Kind == mend.Reminder && o.Reminder == number })
}

// mostHeldItems is how many of the hundred writes of one transaction put something on hold.
const mostHeldItems = 80

// holdForReview puts on hold every reminder, and every promise that a letter may still name: those
// to come, and those of the months that the next digests look back on. It cancels what was snoozed
// and what asks about a promise within the hour. Later letters find their promise on hold, and end.
func (s *core) holdForReview(ctx context.Context, w *store.Account, c *store.Transaction) error {
	for i := range w.Subscriptions {
		sub := &w.Subscriptions[i]
		if sub.Kind == mend.Reminder {
			sub.Hold = mend.Hold{Why: mend.ToReview}
		}
	}
	syncSubscriptions(w)
	c.Cancel = Waiting(*w, func(o mend.OneOff) bool {
		return o.Kind == mend.Reminder || o.Kind == mend.PromiseKind && o.Due.Before(s.Now().Add(time.Hour))
	})
	promises, err := s.Store.Promises(ctx, w.Person.ID, s.Now())
	if err != nil {
		return err
	}
	named := s.TodayIn(w.Person.Zone).FirstOfMonth().AddDays(-1).FirstOfMonth()
	slices.SortFunc(promises, func(a, b mend.Promise) int { return b.Due.Days() - a.Due.Days() }) // those to come first
	for _, p := range promises {
		w.Person.SaidNo.Rested = w.Person.SaidNo.Rested || p.Hold != mend.Hold{}
		toCome := !p.Due.Before(named) || len(LettersAsking(*w, p.ID)) > 0 // held back by a pause
		if p.MayBeNamed() && toCome && len(c.Promises)+len(c.Cancel) < mostHeldItems {
			p.Hold = mend.Hold{Why: mend.ToReview}
			c.Promises = append(c.Promises, p)
		}
	}
	return nil
}

// ReviewDecisions is what a person decided about what is on hold: true goes on, false is dropped.
// What is not named stays on hold.
type ReviewDecisions struct {
	Reminders map[uint8]bool
	Promises  map[mend.ItemID]bool
}

// ReviewHeldItems takes the person's decisions. A dropped reminder loses its words, and a
// dropped promise is let go. What is not on hold stays as it is. It requires a session.
// Errors: [*mend.Error].
func (s *Service) ReviewHeldItems(ctx context.Context, a Access, m ReviewDecisions) error {
	return s.changeOwn(ctx, a, func(w store.Account) (*store.Transaction, error) {
		promises, err := s.Store.Promises(ctx, a.Person, s.Now())
		if err != nil {
			return nil, err
		}
		c := store.Transaction{Person: w.Person, Subscriptions: reviewedReminders(w, m, s.Now())}
		s.addReplacements(w, &c)
		taken := EveningsOf(w.OneOffs...)
		for _, p := range promises {
			goesOn, named := m.Promises[p.ID]
			if !named || p.Hold == (mend.Hold{}) {
				continue
			}
			asking := Waiting(w, func(o mend.OneOff) bool { return o.Promise == p.ID && o.Date == p.Due })
			if p.Hold = (mend.Hold{}); !goesOn { // else it is as it was: open, or not yet
				p.State, p.Closed, c.Cancel = mend.LetGo, s.Now(), append(c.Cancel, asking...)
			}
			if len(asking) == 0 && len(w.OneOffs)+len(c.OneOffs) < MostWaiting {
				letters, err := s.AskOnce(ctx, w.Person, p, taken)
				if err != nil {
					return nil, err
				}
				c.OneOffs = append(c.OneOffs, letters...)
			}
			c.Promises = append(c.Promises, p)
		}
		if len(c.Subscriptions)+len(c.Promises) == 0 {
			return nil, nil
		}
		return &c, nil
	})
}

// reviewedReminders changes the reminders that are marked.
func reviewedReminders(w store.Account, m ReviewDecisions, now time.Time) []mend.Subscription {
	var changed []mend.Subscription
	for _, number := range slices.Sorted(maps.Keys(m.Reminders)) {
		sub := ReminderOf(w, number)
		if sub == nil || sub.Hold.Why != mend.ToReview {
			continue
		}
		if m.Reminders[number] {
			sub.Hold, sub.FirstDate = w.Person.Hold, cadence.FirstDate(sub.Cadence, now)
		} else {
			sub.Status, sub.Words = mend.Off, ""
		}
		changed = append(changed, *sub)
	}
	return changed
}

// MostWaiting is how many letters of promises and reminders may wait for their day: a stop cancels
// them all in one transaction, which takes a hundred writes.
const MostWaiting = 60

const promiseHour = mend.TimeOfDay(19 * 60) // when a promise is asked about, on its day

// LettersAsking is the letters that wait to ask about a promise.
func LettersAsking(w store.Account, promise mend.ItemID) []mend.ItemID {
	return Waiting(w, func(o mend.OneOff) bool { return o.Kind == mend.PromiseKind && o.Promise == promise })
}

// Waiting is those of the letters that wait for their day.
func Waiting(w store.Account, are func(mend.OneOff) bool) (letters []mend.ItemID) {
	for _, o := range w.OneOffs {
		if are(o) {
			letters = append(letters, o.ID)
		}
	}
	return letters
}

// askAboutPromises adds letters about the open promises that no letter has asked about: a stop
// cancelled those that waited.
func (s *core) askAboutPromises(ctx context.Context, p mend.Person, c *store.Transaction) error {
	promises, err := s.Store.Promises(ctx, p.ID, s.Now())
	if err != nil {
		return err
	}
	slices.SortFunc(promises, func(a, b mend.Promise) int { return a.Due.Days() - b.Due.Days() })
	var letters []mend.OneOff
	taken := promiseEvenings{}
	for _, promise := range promises {
		if len(letters) == MostWaiting {
			break
		}
		asking, err := s.AskOnce(ctx, p, promise, taken)
		if err != nil {
			return err
		}
		letters = append(letters, asking...)
	}
	c.OneOffs = append(c.OneOffs, letters...)
	return nil
}

// AskOnce is [core.AskAbout] of a promise that is open, and that no letter has asked about since
// its day came: in an earlier time zone, or before a pause. A pause lasts a year at most, so no
// letter waits for longer.
func (s *core) AskOnce(
	ctx context.Context, p mend.Person, promise mend.Promise, taken promiseEvenings,
) ([]mend.OneOff, error) {
	if !promise.IsOpen() {
		return nil, nil
	}
	asked, first := false, mend.LatestDate(promise.Due, mend.DateOf(s.Now().UTC()).AddDays(-LongestPause-1))
	err := s.Store.Letters(ctx, p.ID, mend.LetterKey{Date: first}, mend.Date{}, func(l mend.Letter) error {
		asked = asked || l.Of.OneOff == promise.ID && l.Outcome != mend.Expired
		return nil
	})
	if err != nil {
		return nil, err
	}
	//mutant:never promise: asked about once
	if asked {
		return nil, nil
	}
	return s.AskAbout(p, promise, taken), nil
}

// AskAbout makes the letter that asks about a promise once, on its day or after a pause; none if
// that is past or the person gets no letters.
func (s *core) AskAbout(p mend.Person, promise mend.Promise, taken promiseEvenings) []mend.OneOff {
	if p.Status != mend.Active {
		return nil
	}
	o := s.OneOff(p, mend.PromiseKind)
	o.Due, o.Date, o.Promise = time.Time{}, promise.Due, promise.ID
	if o = s.Schedule(p, o, taken); o.Due.IsZero() {
		return nil
	}
	return []mend.OneOff{o}
}
