package account

import (
	"context"
	"slices"
	"time"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// SaidNo takes a person's word that someone told them no, or asked for space. From then on only
// cards come that ask nothing of another person, and reminders and promises are on hold until the
// person has looked at them. One notice says so. A link is enough. Errors: [*mend.Error].
func (s *Service) SaidNo(ctx context.Context, a Access) error {
	if err := s.maySeePath(ctx, a); err != nil {
		return err
	}
	return s.SetNoContact(ctx, a.Person, true, "")
}

// SetNoContact leaves contact out from now on: see [Service.SaidNo]. The path becomes the one that
// is named. If none is, and the person's own would reach someone, it becomes apart. A restore sends
// no notice.
func (s *core) SetNoContact(ctx context.Context, id mend.ID, tell bool, path string) error {
	_, err := s.Change(ctx, id, func(w store.Account) (*store.Transaction, error) {
		if w.Person.NoContact {
			return nil, nil
		}
		w.Person.NoContact, w.Person.SaidNo = true, mend.SaidNo{At: s.Now()}
		for _, sub := range w.Subscriptions {
			// one that was paused by itself, too: what takes the no back must not start it
			waits := sub.Kind == mend.Reminder && sub.Status != mend.Off && sub.Hold.IsOpen()
			w.Person.SaidNo.Rested = w.Person.SaidNo.Rested || waits
		}
		checkIn, to := w.CheckIn(), path
		if to == "" && !mend.PathFits(checkIn.Path, true) {
			to = mend.Apart
		}
		if to != "" && to != checkIn.Path {
			w.Person.SaidNo.Path, checkIn.Path = checkIn.Path, to
		}
		c := store.Transaction{}
		//mutant:drop no contact: promises and reminders wait
		if err := s.holdForReview(ctx, &w, &c); err != nil {
			return nil, err
		}
		c.Person = w.Person
		c.Subscriptions = inUse(w)
		if w.Person.Status == mend.Active && tell {
			c.OneOffs = append(c.OneOffs, s.Notice(w.Person, "no-contact"))
		}
		return &c, nil
	})
	return err
}

// LeaveContactOut moves a person to a path that asks nothing of anyone else, with contact left out,
// after they answered the questions before another path. Errors: [mend.Problems], [*mend.Error].
func (s *Service) LeaveContactOut(ctx context.Context, a Access, path string) error {
	if !mend.PathFits(path, true) {
		return mend.Problems{"path": errPathReaches}
	}
	if !a.SignedIn {
		return mend.ErrSignIn
	}
	return s.SetNoContact(ctx, a.Person, true, path)
}

// hidesPath reports whether the path, the person's side and "they said no" require a sign-in:
// privacy says so, and a link alone asks.
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

// TakeBackNo takes "they said no" back within the hour: the path is what it was, and what is on
// hold since then goes on. Errors: [*mend.Error].
func (s *Service) TakeBackNo(ctx context.Context, a Access) error {
	if err := s.maySeePath(ctx, a); err != nil {
		return err
	}
	said, decided := mend.SaidNo{}, ReviewDecisions{Reminders: map[uint8]bool{}, Promises: map[mend.ItemID]bool{}}
	_, err := s.Change(ctx, a.Person, func(w store.Account) (*store.Transaction, error) {
		if !mayTakeBack(w.Person, s.Now()) {
			return nil, &mend.Error{Code: mend.Gone, Sentence: "It’s been more than an hour, so this can’t be " +
				"undone here. If they came back on their own, you can say so in your settings."}
		}
		said = w.Person.SaidNo
		w.Person.NoContact, w.Person.SaidNo = false, mend.SaidNo{}
		switch checkIn := w.CheckIn(); {
		case said.Path != "":
			checkIn.Path = said.Path
		case checkIn.Path == mend.Apart: // where they went since
			checkIn.Path = "foundations"
		}
		for _, sub := range w.Subscriptions {
			decided.Reminders[sub.Number] = true
		}
		syncSubscriptions(&w)
		return &store.Transaction{Person: w.Person, Subscriptions: inUse(w)}, nil
	})
	if err != nil || said.Rested {
		return err
	}
	promises, err := s.Store.Promises(ctx, a.Person, s.Now())
	if err != nil {
		return err
	}
	for _, p := range promises {
		decided.Promises[p.ID] = true
	}
	return s.ReviewHeldItems(ctx, Access{Person: a.Person, SignedIn: true}, decided)
}

// ContactAgain takes "they said no" back: cards that reach another person come again. What is on
// hold stays on hold until the person has looked at it. The path apart never has contact, so it
// ends. It requires a session. Errors: [*mend.Error].
func (s *Service) ContactAgain(ctx context.Context, a Access) error {
	if !a.SignedIn {
		return mend.ErrSignIn
	}
	return s.changePerson(ctx, a, func(w *store.Account) error {
		w.Person.NoContact = false
		if checkIn := w.CheckIn(); checkIn.Path == mend.Apart {
			checkIn.Path = "foundations"
		}
		return nil
	})
}

// SetRole says which side of the break a person is on. A link may say it for the first time; to
// change it requires a session. Errors: [mend.Problems], [*mend.Error].
func (s *Service) SetRole(ctx context.Context, a Access, role mend.Role) error {
	if role != mend.RoleUnsaid && !slices.Contains(mend.Roles, role) {
		return mend.Problems{"role": "Please choose one of these, or none."}
	}
	return s.changePerson(ctx, a, func(w *store.Account) error {
		said := w.Person.Role
		if hidesPath(a, w.Person) || !a.SignedIn && said != mend.RoleUnsaid && said != role {
			return mend.ErrSignIn
		}
		w.Person.Role = role
		return nil
	})
}

// changePerson changes the person, and what their subscriptions know of them.
func (s *Service) changePerson(ctx context.Context, a Access, set func(*store.Account) error) error {
	return s.change(ctx, a, func(w store.Account) (*store.Transaction, error) {
		before := w.Person
		if err := set(&w); err != nil || w.Person == before {
			return nil, err
		}
		syncSubscriptions(&w)
		return &store.Transaction{Person: w.Person, Subscriptions: inUse(w)}, nil
	})
}
