package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Letters move to another address in three steps. A signed-in person asks for it, and the old
// address gets a notice at once. 72 hours later, unless the old address said no, the new one is
// asked. Its yes moves everything. So one look into a mailbox is not enough to take the letters
// away unseen, and no address gets letters without its yes.
//
// The person has the id of the letter to the new address, and that one-off has the address. What
// takes the id away (a stop, another move, the person's own word) ends the move, even after the new
// address was asked.
const (
	moveWaits  = 72 * time.Hour
	MoveAnswer = 48 * time.Hour // how long the new address has to answer
)

// The answers by which a link ends a move, as [mend.AddressMove] has them.
const (
	yesAnswer  = "yes"
	noAnswer   = "no"
	keepAnswer = "keep"
)

// Move is a move to another address that is under way.
type Move struct {
	To    mend.Address
	At    time.Time // when the new address is asked, in the person's zone
	Asked bool      // that instant is over
}

// underWay reports a move as its person sees it. They don't learn that the new address said no.
func underWay(m mend.AddressMove) bool { return m.IsOpen() || m.Answer == noAnswer }

// moveOf reads the move that is under way; nil if there is none. The letter to the new address
// stays in the table for as long as that address may answer.
func (s *core) moveOf(ctx context.Context, p mend.Person) (*Move, error) {
	if !underWay(p.Move) {
		return nil, nil
	}
	o, err := s.Store.OneOff(ctx, p.ID, p.Move.ID, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &Move{o.Address, o.Due.In(cadence.StoredZone(p.Zone)), !o.Due.After(s.Now())}, err
}

// MoveAddress asks for letters to go to another address. What comes of it is the same to look at
// for every address, be it new, known or blocked. It requires a session of the last ten minutes.
// Errors: [mend.Problems], [*mend.Error].
func (s *SignIn) MoveAddress(ctx context.Context, a Access, typed string) error {
	if !a.SignedIn {
		return mend.ErrSignIn
	}
	to, err := readAddress(typed)
	if a.Stale {
		err = mend.Problems{"email": "You signed in more than ten minutes ago. Please sign in again first."}
	}
	if err != nil {
		return err
	}
	return s.change(ctx, a, func(w store.Account) (*store.Transaction, error) {
		if w.Person.Status != mend.Active {
			return nil, &mend.Error{Code: mend.Invalid, Sentence: "You aren’t getting any letters right now, so " +
				"there’s nothing to move. To start again, sign up with the new address."}
		}
		if to.Key() == w.Person.Address.Key() {
			return nil, mend.Problems{"email": "Your letters already go to this address."}
		}
		under, err := s.moveOf(ctx, w.Person)
		if err != nil || under != nil && !under.Asked && under.To.Key() == to.Key() { // the form was sent twice
			return nil, err
		}
		ask := s.OneOff(w.Person, mend.Confirmation)
		w.Person.Move = mend.AddressMove{ID: ask.ID}
		c := store.Transaction{Person: w.Person, Cancel: moves(w)}
		ask.Notice, ask.Name, ask.Address = change.AskToMove, "", to
		ask.Due = ask.Due.Add(moveWaits)
		ask.Expires = ask.Due.Add(mend.SendWindow)
		notice := s.Notice(w.Person, change.NoticeMove)
		notice.Promise = ask.ID
		c.OneOffs = []mend.OneOff{ask, notice}
		return &c, nil
	})
}

// moves is the letters that move someone who answers them.
func moves(w store.Account) []mend.ItemID {
	return Waiting(w, func(o mend.OneOff) bool { return o.Notice == change.AskToMove })
}

// MayAskToMove decides, when its hour has come, whether the new address may be asked: within the
// limits on confirmations, and if no one gets letters there. counted is its mailbox with this
// question counted, to be saved before the letter goes; nil if an earlier attempt counted it.
func (s *core) MayAskToMove(ctx context.Context, o mend.OneOff) (may bool, counted *store.Mailbox, err error) {
	k, err := s.lookUp(ctx, o.Address)
	switch {
	case err != nil || k.record.IsClosed() || k.Person.ID != "":
		return false, nil, err
	case !k.box.LastAsked.Before(o.Due):
		return true, nil, nil
	case !mayConfirm(k.box, s.Now()):
		return false, nil, nil
	}
	box := countConfirmation(k.box, s.Now())
	return true, &box, nil
}

// CheckMoveLink reads the link by which the new address says yes. The link ends when the move does.
// Errors: [*mend.Error].
func (s *SignIn) CheckMoveLink(ctx context.Context, a Access) error {
	o, err := s.move(ctx, a)
	if err != nil {
		return err
	}
	p, err := s.Store.Person(ctx, a.Person, s.Now())
	if err == nil && !isOpen(p, o) {
		err = mend.ErrExpiredLink
	}
	return change.GoneIfNotFound(err)
}

// CheckRefuseLink reads the link by which the new address says no, now or in future. It still works
// after the move was called off. Errors: [*mend.Error].
func (s *SignIn) CheckRefuseLink(ctx context.Context, a Access) error {
	_, err := s.move(ctx, a)
	return err
}

// isOpen reports whether a letter to a new address asks about the move that is under way.
func isOpen(p mend.Person, o mend.OneOff) bool { return p.Move == mend.AddressMove{ID: o.ID} }

// CheckKeepLink reads the link that the old address got. It works until a move is done, also if the
// one that it is about was called off: the same person may have asked for another since.
// Errors: [*mend.Error].
func (s *SignIn) CheckKeepLink(ctx context.Context, a Access) error {
	p, err := s.Store.Person(ctx, a.Person, s.Now())
	if err == nil && (p.Status != mend.Active || a.Done != "") {
		err = mend.ErrExpiredLink
	}
	return change.GoneIfNotFound(err)
}

// move reads what the link is about that the new address got, until it is answered. The one-off of
// a move stands in the table for longer than the link is good.
func (s *SignIn) move(ctx context.Context, a Access) (mend.OneOff, error) {
	o, err := s.Store.OneOff(ctx, a.Person, a.Of.OneOff, s.Now())
	if err == nil && (o.Notice != change.AskToMove || a.Done != "") {
		err = mend.ErrExpiredLink
	}
	return o, change.GoneIfNotFound(err)
}

// ConfirmMove is the new address's yes: from then on everything goes there, and every
// link and reply address from before has ended, except "stop". A second yes changes nothing.
// Errors: [*mend.Error].
func (s *SignIn) ConfirmMove(ctx context.Context, a Access) error {
	if a.Done == yesAnswer {
		return nil
	}
	o, err := s.move(ctx, a)
	if err != nil {
		return err
	}
	_, err = s.Change(ctx, a.Person, func(w store.Account) (*store.Transaction, error) {
		if w.Person.Status != mend.Active || w.Person.Epoch != a.Epoch || !isOpen(w.Person, o) {
			return nil, mend.ErrExpiredLink
		}
		k, err := s.lookUp(ctx, o.Address)
		if err != nil {
			return nil, err
		}
		if k.record.IsClosed() || k.Person.ID != "" {
			return nil, mend.ErrExpiredLink
		}
		left, err := s.Store.Address(ctx, w.Person.Address)
		if err != nil {
			return nil, err
		}
		left.Person, left.Forget = "", s.Now().Add(countFor)
		c := store.Transaction{Left: &store.AddressLeft{Address: w.Person.Address, Record: left}}
		w.Person.Address, w.Person.Move = o.Address, mend.AddressMove{ID: o.ID, Answer: yesAnswer}
		raiseEpoch(&w)
		k.record.Person, k.record.Forget, k.record.Muted = w.Person.ID, time.Time{}, 0
		k.box.Confirmations, k.box.LastAsked, k.box.SilentUntil = 0, time.Time{}, time.Time{}
		c.Address, c.Mailbox = &k.record, &store.MailboxChange{Mailbox: k.box, At: s.Now()}
		// Letters that wait go to the new address too, except the notice to the old one. A link to
		// sign in is cancelled: a reader of the old mailbox may have asked for it.
		var waiting []mend.OneOff
		for _, letter := range w.OneOffs {
			switch {
			case letter.Kind == mend.SignIn, letter.Kind == mend.Confirmation:
				c.Cancel = append(c.Cancel, letter.ID)
			case letter.Notice != change.NoticeMove:
				letter.Address = o.Address
				waiting = append(waiting, letter)
			}
		}
		w.OneOffs = waiting
		if w.Person.Hold.Why == mend.Bouncing { // the mailbox that took no letters is left
			pauseAll(&w, mend.Hold{})
			s.reschedule(w, &c)
		}
		c.Subscriptions = inUse(w)
		for _, letter := range waiting {
			same := func(other mend.OneOff) bool { return other.ID == letter.ID }
			if !slices.Contains(c.Cancel, letter.ID) && !slices.ContainsFunc(c.Move, same) {
				c.Move = append(c.Move, letter)
			}
		}
		c.Person, c.OneOffs = w.Person, []mend.OneOff{s.Notice(w.Person, change.NoticeMoved)}
		return &c, nil
	})
	if err != nil {
		return err
	}
	s.Log.InfoContext(ctx, "moved", "person", a.Person)
	return s.Store.EndSessions(ctx, a.Person)
}

// RefuseMove is the new address's "it was not me": it is never asked again. Errors: [*mend.Error].
func (s *SignIn) RefuseMove(ctx context.Context, a Access) error {
	if a.Done == noAnswer {
		return nil
	}
	o, err := s.move(ctx, a)
	if err != nil {
		return err
	}
	if err := s.RefuseAddress(ctx, o.Address); err != nil {
		return err
	}
	_, err = s.Change(ctx, o.Person, func(w store.Account) (*store.Transaction, error) {
		if !isOpen(w.Person, o) { // another one is under way, or none
			return nil, nil
		}
		w.Person.Move = mend.AddressMove{ID: o.ID, Answer: noAnswer}
		return &store.Transaction{Person: w.Person, Cancel: moves(w)}, nil
	})
	return err
}

// RefuseAddress blocks an address that no one's letters go to: its owner wants none. Its record may
// still name someone who never confirmed and is forgotten.
func (s *core) RefuseAddress(ctx context.Context, a mend.Address) error {
	return change.Retry(func() error {
		k, err := s.lookUp(ctx, a)
		if err != nil || k.Person.ID != "" || k.record.Blocked {
			return err
		}
		box, err := s.silencedBox(ctx, a)
		if err != nil {
			return err
		}
		if err := s.Store.SaveMailbox(ctx, a, box.Mailbox, box.At); err != nil {
			return err
		}
		k.record.Blocked = true // not in the restore journal, which names people
		return s.Store.SaveAddress(ctx, a, k.record)
	})
}

// KeepAddress is the old address's no to any move that is under way. Its epoch ends: the one who
// asked for the move was signed in, and the new address may have its link already. Errors:
// [*mend.Error].
func (s *SignIn) KeepAddress(ctx context.Context, a Access) error {
	if a.Done == keepAnswer {
		return nil
	}
	if err := s.CheckKeepLink(ctx, a); err != nil {
		return err
	}
	return s.endEpoch(ctx, a.Person, func(p *mend.Person) error {
		if p.Status != mend.Active || p.Epoch != a.Epoch { // the new address was faster
			return mend.ErrExpiredLink
		}
		p.Move = mend.AddressMove{ID: a.Of.OneOff, Answer: keepAnswer}
		return nil
	})
}

// DropMove ends the move that is under way, for a session. Errors: [*mend.Error].
func (s *SignIn) DropMove(ctx context.Context, a Access) error {
	return s.changeOwn(ctx, a, dropMove)
}

// EndMove is [SignIn.DropMove] by a person's id, for a restore. Errors: [*mend.Error].
func (s *SignIn) EndMove(ctx context.Context, id mend.ID) error {
	_, err := s.Change(ctx, id, dropMove)
	return err
}

func dropMove(w store.Account) (*store.Transaction, error) {
	if !underWay(w.Person.Move) {
		return nil, nil
	}
	w.Person.Move = mend.AddressMove{}
	return &store.Transaction{Person: w.Person, Cancel: moves(w)}, nil
}
