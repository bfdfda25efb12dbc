package account

import (
	"context"
	"errors"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// AskAgain sends the confirmation again to an address that was signed up and never said yes: within
// the limits, of which "once a day" is the one that people meet. The answer is the same for
// everybody: nil. Errors: [mend.Problems] for what was typed.
func (s *SignUp) AskAgain(ctx context.Context, typed string) error {
	p := mend.Problems{}
	address := Form{Email: typed}.address(p)
	if len(p) > 0 {
		return p
	}
	crowded, err := s.crowded(ctx, address)
	if err != nil {
		return err
	}
	return change.Retry(func() error { return s.askOnceMore(ctx, address, crowded) })
}

func (s *SignUp) askOnceMore(ctx context.Context, address mend.Address, crowded bool) error {
	record, err := s.Store.Address(ctx, address)
	if err != nil {
		return err
	}
	box, err := s.Store.Mailbox(ctx, address, s.Now())
	if err != nil {
		return err
	}
	w, err := s.loadByAddress(ctx, record)
	if err != nil {
		return err
	}
	wish, err := s.Store.SignupRequest(ctx, w.Person.ID, s.Now()) // looked for whoever it is, as everything is here; see pretend
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	p, now := w.Person, s.Now()
	if record.Blocked || p.PendingConfirmation == "" || p.Status != mend.Pending && p.Status != mend.Stopped || !mayAsk(box, now) || crowded {
		return s.pretend(ctx)
	}
	c := store.Transaction{Person: p, Mailbox: &store.MailboxChange{Mailbox: asked(box, now), At: now}}
	if p.Status == mend.Pending {
		c.Address = &record
		record.Forget = now.Add(countFor)
		c.TTL = now.Add(change.PendingFor)
		c.Subscriptions = w.Subscriptions // they are forgotten together
	} else if wish != (store.SignupRequest{}) {
		wish.Until = now.Add(change.PendingFor + change.Window)
		c.Wish = &wish
	}
	return s.CommitAndSend(ctx, c, s.Confirmation(p))
}
