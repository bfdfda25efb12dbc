package account

import (
	"context"
	"slices"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// SaidNo is a person's word that somebody told them no, or asked for space. From then on only cards come that ask nothing
// of anybody else, and reminders and promises rest until they were looked over; a notice tells so, once. A link is
// enough. Errors: [*mend.Error].
func (s *Service) SaidNo(ctx context.Context, a Access) (Settings, error) {
	if err := s.maySeePath(ctx, a); err != nil {
		return Settings{}, err
	}
	if err := s.SetNoContact(ctx, a.Person, true, ""); err != nil {
		return Settings{}, err
	}
	return s.Settings(ctx, a)
}

// SetNoContact leaves contact out from now on: see [Service.SaidNo]. The path becomes the one that is named. If none is, and
// the person's own would reach someone, it becomes apart. A restore tells nobody.
func (s *core) SetNoContact(ctx context.Context, id mend.ID, tell bool, path string) error {
	_, err := s.ChangeAndSend(ctx, id, func(w store.Account) (*store.Transaction, error) {
		if w.Person.NoContact {
			return nil, nil
		}
		w.Person.NoContact, w.Person.SaidNo = true, mend.SaidNo{At: s.Now()}
		for _, sub := range w.Subscriptions {
			w.Person.SaidNo.Rested = w.Person.SaidNo.Rested || sub.Kind == mend.Reminder && sub.Status != mend.Off && sub.NoContact
		}
		checkIn := w.Subscription(mend.CheckInNumber)
		if to := path; checkIn != nil {
			if to == "" && !mend.PathFits(checkIn.Path, true) {
				to = mend.Apart
			}
			if to != "" && to != checkIn.Path {
				w.Person.SaidNo.Path, checkIn.Path = checkIn.Path, to
			}
		}
		c := store.Transaction{}
		//mutant:drop no contact: promises and reminders wait
		if err := s.rest(ctx, &w, &c); err != nil {
			return nil, err
		}
		c.Person = w.Person
		c.Subscriptions = inUse(w)
		if w.Person.Status == mend.Active && tell {
			if err := s.Notice(w.Person, "no-contact")(&c); err != nil {
				return nil, err
			}
		}
		return &c, nil
	})
	return err
}

// mostResting is how many writes of one transaction, which takes a hundred, are there for what rests.
const mostResting = 80

// rest lets every reminder rest and every promise that a letter may still name: those to come, and of the months that the next
// digests look back on. What was snoozed is taken back, and what asks about a promise within the hour; later letters are left
// where they are: they find their promise resting, and end.
func (s *core) rest(ctx context.Context, w *store.Account, c *store.Transaction) error {
	zone, err := cadence.Zone(w.Person.Zone)
	if err != nil {
		return err
	}
	for i := range w.Subscriptions {
		sub := &w.Subscriptions[i]
		sub.NoContact = true
		if sub.Kind == mend.Reminder {
			sub.PausedUntil = mend.Indefinitely
		}
	}
	for _, o := range w.OneOffs {
		if o.Kind == mend.Reminder || o.Kind == mend.PromiseKind && o.Due.Before(s.Now().Add(time.Hour)) {
			c.Cancel = append(c.Cancel, o.ID)
		}
	}
	promises, err := s.Store.Promises(ctx, w.Person.ID, s.Now())
	if err != nil {
		return err
	}
	named := s.Today(zone).FirstOfMonth().AddDays(-1).FirstOfMonth()
	slices.SortFunc(promises, func(a, b mend.Promise) int { return b.Due.Days() - a.Due.Days() }) // those to come first
	for _, p := range promises {
		w.Person.SaidNo.Rested = w.Person.SaidNo.Rested || p.State == mend.Resting
		open := p.State == mend.PromiseOpen || p.State == mend.NotYet
		toCome := !p.Due.Before(named) || len(LettersAsking(*w, p.ID)) > 0 // held back by a pause
		if open && toCome && len(c.Promises)+len(c.Cancel) < mostResting {
			p.State = mend.Resting
			c.Promises = append(c.Promises, p)
		}
	}
	return nil
}

// ReviewDecisions is what a person decided on looking over what rests: true goes on, false is dropped. What is not named rests on.
type ReviewDecisions struct {
	Reminders map[uint8]bool
	Promises  map[mend.ItemID]bool
}

// ReviewHeldItems wakes what goes on and drops the rest: a reminder with its words, a promise as let go. It wants a
// session. What is marked and does not rest is left as it is. Errors: [*mend.Error].
func (s *Service) ReviewHeldItems(ctx context.Context, a Access, m ReviewDecisions) (Settings, error) {
	if !a.SignedIn {
		return Settings{}, mend.ErrSignIn
	}
	return s.changeSettings(ctx, a, func(w store.Account) (*store.Transaction, error) {
		promises, err := s.Store.Promises(ctx, a.Person, s.Now())
		if err != nil {
			return nil, err
		}
		c := store.Transaction{Person: w.Person, Subscriptions: remindersLookedOver(w, m, s.Now())}
		if err := s.standIns(w, &c); err != nil {
			return nil, err
		}
		taken := EveningsOf(w.OneOffs...)
		for _, p := range promises {
			goesOn, named := m.Promises[p.ID]
			if !named || p.State != mend.Resting {
				continue
			}
			waiting := slices.IndexFunc(w.OneOffs, func(o mend.OneOff) bool { return o.Promise == p.ID && o.Date == p.Due })
			if p.State = mend.LetGo; goesOn {
				p.State = mend.PromiseOpen
			} else if p.Closed = s.Now(); waiting >= 0 {
				c.Cancel = append(c.Cancel, w.OneOffs[waiting].ID)
			}
			asked, err := s.WasAsked(ctx, p)
			if err != nil {
				return nil, err
			}
			if goesOn && !asked && waiting < 0 && len(w.OneOffs)+len(c.OneOffs) < MostWaiting {
				letters, err := s.AskAbout(w.Person, p, taken)
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

// remindersLookedOver makes those that are marked what they shall be.
func remindersLookedOver(w store.Account, m ReviewDecisions, now time.Time) []mend.Subscription {
	var changed []mend.Subscription
	for i := range w.Subscriptions {
		sub := &w.Subscriptions[i]
		goesOn, named := m.Reminders[sub.Number]
		if !named || sub.Kind != mend.Reminder || sub.Status == mend.Off || !sub.NoContact {
			continue
		}
		sub.NoContact = false
		if goesOn {
			sub.PausedUntil, sub.FirstDate = w.Person.PausedUntil, cadence.FirstDate(sub.Cadence, now)
		} else {
			sub.Status, sub.Words = mend.Off, ""
		}
		changed = append(changed, *sub)
	}
	return changed
}

// LeaveContactOut moves a person to a path that asks nothing of anyone else, with contact left out, after they answered the
// questions before another path. Errors: [mend.Problems], [*mend.Error].
func (s *Service) LeaveContactOut(ctx context.Context, a Access, path string) (Settings, error) {
	if !mend.PathFits(path, true) {
		return Settings{}, mend.Problems{"path": errPathReaches}
	}
	if !a.SignedIn {
		return Settings{}, mend.ErrSignIn
	}
	if err := s.SetNoContact(ctx, a.Person, true, path); err != nil {
		return Settings{}, err
	}
	return s.Settings(ctx, a)
}

// hidesPath reports whether the path, the person's side and "they said no" require a sign-in: privacy says so, and a link
// alone asks.
func hidesPath(a Access, p mend.Person) bool { return !a.SignedIn && !p.Privacy.Rules().Path }

// maySeePath refuses a link alone where [hidesPath] holds.
func (s *Service) maySeePath(ctx context.Context, a Access) error {
	if a.SignedIn {
		return nil
	}
	p, err := s.Store.Person(ctx, a.Person, s.Now())
	if err == nil && hidesPath(a, p) {
		err = mend.ErrSignIn
	}
	return change.GoneIfNotFound(err)
}

func mayTakeBack(p mend.Person, now time.Time) bool {
	return p.NoContact && !p.SaidNo.At.IsZero() && now.Sub(p.SaidNo.At) <= undoFor
}

// TakeBackNo takes "they said no" back within the hour: the path is what it was, and what rests since then goes on. Errors:
// [*mend.Error].
func (s *Service) TakeBackNo(ctx context.Context, a Access) (Settings, error) {
	if err := s.maySeePath(ctx, a); err != nil {
		return Settings{}, err
	}
	said, decided := mend.SaidNo{}, ReviewDecisions{Reminders: map[uint8]bool{}, Promises: map[mend.ItemID]bool{}}
	_, err := s.Change(ctx, a.Person, func(w store.Account) (*store.Transaction, error) {
		if !mayTakeBack(w.Person, s.Now()) {
			return nil, &mend.Error{Code: mend.Gone, Sentence: "It’s been more than an hour, so this can’t be undone here. If they came back on their own, you can say so in your settings."}
		}
		said = w.Person.SaidNo
		w.Person.NoContact, w.Person.SaidNo = false, mend.SaidNo{}
		c := store.Transaction{Person: w.Person}
		for i := range w.Subscriptions {
			sub := &w.Subscriptions[i]
			if sub.Kind == mend.Reminder {
				decided.Reminders[sub.Number] = true
				continue
			}
			switch sub.NoContact = false; {
			case sub.Number != mend.CheckInNumber:
			case said.Path != "":
				sub.Path = said.Path
			case sub.Path == mend.Apart: // where they went since
				sub.Path = "foundations"
			}
			c.Subscriptions = append(c.Subscriptions, *sub)
		}
		return &c, nil
	})
	if err != nil || said.Rested {
		return Settings{}, err
	}
	promises, err := s.Store.Promises(ctx, a.Person, s.Now())
	if err != nil {
		return Settings{}, err
	}
	for _, p := range promises {
		decided.Promises[p.ID] = true
	}
	return s.ReviewHeldItems(ctx, Access{Person: a.Person, SignedIn: true}, decided)
}

// ContactAgain takes "they said no" back: cards that reach somebody come again. It wants a session. What rests goes
// on resting until it was looked over. On the path apart there is no contact, ever, so it ends there too. Errors: [*mend.Error].
func (s *Service) ContactAgain(ctx context.Context, a Access) (Settings, error) {
	if !a.SignedIn {
		return Settings{}, mend.ErrSignIn
	}
	return s.changeBoth(ctx, a, func(w *store.Account) error {
		w.Person.NoContact = false
		if checkIn := w.Subscription(mend.CheckInNumber); checkIn != nil && checkIn.Path == mend.Apart {
			checkIn.Path = "foundations"
		}
		return nil
	})
}

// SetRole says which side of the break a person is on. A link may say it for the first time; to change it wants a
// session. Errors: [mend.Problems], [*mend.Error].
func (s *Service) SetRole(ctx context.Context, a Access, role mend.Role) (Settings, error) {
	switch role {
	case mend.RoleUnsaid, mend.BrokeTrust, mend.WasHurt, mend.BothSides:
	default:
		return Settings{}, mend.Problems{"role": "Please choose one of these, or none."}
	}
	return s.changeBoth(ctx, a, func(w *store.Account) error {
		if hidesPath(a, w.Person) {
			return mend.ErrSignIn
		}
		if !a.SignedIn && w.Person.Role != mend.RoleUnsaid && w.Person.Role != role {
			return mend.ErrSignIn
		}
		w.Person.Role = role
		return nil
	})
}

// changeBoth changes the person and what check-in and digest know of role and no-contact.
func (s *Service) changeBoth(ctx context.Context, a Access, set func(*store.Account) error) (Settings, error) {
	return s.changeSettings(ctx, a, func(w store.Account) (*store.Transaction, error) {
		before := w.Person
		if err := set(&w); err != nil || w.Person == before {
			return nil, err
		}
		c := store.Transaction{Person: w.Person}
		for _, number := range []uint8{mend.CheckInNumber, mend.DigestNumber} {
			if sub := w.Subscription(number); sub != nil {
				sub.Role, sub.NoContact = w.Person.Role, w.Person.NoContact
				c.Subscriptions = append(c.Subscriptions, *sub)
			}
		}
		return &c, nil
	})
}
