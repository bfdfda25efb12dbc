package service

import (
	"context"
	"errors"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// SessionLife is how long a session lasts, from signing in, whatever happens in it.
const SessionLife = 30 * time.Minute

// freshFor is for how long after signing in a session may ask for what decides who can sign in at all.
const freshFor = 10 * time.Minute

// RequestSignIn sends a sign-in link to an address, if it is somebody's who ever confirmed. The answer is the same
// for everybody: nil. Errors: [Problems] for what was typed.
func (s *Service) RequestSignIn(ctx context.Context, typed string) error {
	p := Problems{}
	address := Form{Email: typed}.address(p)
	if len(p) > 0 {
		return p
	}
	for range tries {
		err := s.requestSignIn(ctx, address)
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return errConcurrentChange
}

func (s *Service) requestSignIn(ctx context.Context, address mend.Address) error {
	now := s.Now()
	record, err := s.Store.Address(ctx, address)
	if err != nil {
		return err
	}
	box, err := s.Store.Mailbox(ctx, address, now)
	if err != nil {
		return err
	}
	w, err := s.loadByAddress(ctx, record)
	if err != nil {
		return err
	}
	limit := signInLimit
	if w.Person.Status != mend.Active {
		limit = signInLimitStopped
	}
	// Whoever ever confirmed may read, copy and erase their own words, also where we never write otherwise: after a stop, a
	// complaint or "not me". A mailbox that bounces gets nothing.
	switch p := w.Person; {
	case record.Bounced, record.Muted&MuteSignIn.bit() != 0, p.ID == "", p.Status == mend.Pending, !limit.allows(box.SignIns, now):
		return s.pretend(ctx)
	}
	box.SignIns = box.SignIns.With(now)
	c := store.Transaction{Person: w.Person, Mailbox: &store.MailboxChange{Mailbox: box, At: now}}
	return s.commitAndSend(ctx, c, func(c *store.Transaction) error {
		o, err := s.oneOff(w.Person, mend.SignIn)
		o.Expires = o.Due.Add(token.SignIn.Lifetime())
		c.OneOffs = append(c.OneOffs, o)
		return err
	})
}

// SignIn uses a sign-in link, which works once and only while the mailbox that it went to is theirs, and opens a session. It returns the
// value of its cookie. Errors: [*Error].
func (s *Service) SignIn(ctx context.Context, text string) (cookie string, err error) {
	claims, _, err := s.open(ctx, token.SignIn, text)
	if err != nil {
		return "", err
	}
	link, err := s.Store.OneOff(ctx, store.OneOffKey{Person: claims.Person, ID: claims.Thing}, s.Now())
	if err != nil {
		return "", gone(err)
	}
	secret, err := s.random(sessionBytes)
	if err != nil {
		return "", err
	}
	err = s.Store.OpenSession(ctx, link, claims.Epoch, secret, s.Now().Add(SessionLife))
	if errors.Is(err, store.ErrConflict) {
		return "", errExpiredLink
	}
	if err != nil {
		return "", err
	}
	s.Log.InfoContext(ctx, "signed in", "person", claims.Person)
	return string(claims.Person) + secret, nil
}

// The cookie is the person's id and a secret, of which the table has the hash.
const (
	idLength     = 16 // of a person's id, in characters
	sessionBytes = 16
)

func cutCookie(cookie string) (mend.ID, string, bool) {
	if len(cookie) != idLength+idEncoding.EncodedLen(sessionBytes) {
		return "", "", false
	}
	return mend.ID(cookie[:idLength]), cookie[idLength:], true
}

// Session reads the cookie of a signed-in browser. Errors: [*Error] with NeedSignIn.
func (s *Service) Session(ctx context.Context, cookie string) (Access, error) {
	id, secret, ok := cutCookie(cookie)
	if !ok {
		return Access{}, errSignIn
	}
	until, err := s.Store.Session(ctx, id, secret, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return Access{}, errSignIn
	}
	return Access{Person: id, SignedIn: true, secret: secret, Stale: until.Sub(s.Now()) < SessionLife-freshFor}, err
}

// SignOut ends the session of a cookie. A cookie without one is as good as signed out.
func (s *Service) SignOut(ctx context.Context, cookie string) error {
	id, secret, ok := cutCookie(cookie)
	if !ok {
		return nil
	}
	return s.Store.EndSession(ctx, id, secret)
}

// SignOutEverywhere ends all sessions of a person, and all links that were sent but "stop". Errors: [*Error].
func (s *Service) SignOutEverywhere(ctx context.Context, a Access) error {
	if !a.SignedIn {
		return errSignIn
	}
	s.Log.InfoContext(ctx, "signed out everywhere", "person", a.Person)
	return s.endEpoch(ctx, a.Person)
}

// endEpoch raises a person's epoch, cancels letters that wait, and ends all sessions. A link of the old epoch opens no
// session once the epoch is raised; what it opened before that is closed after it.
func (s *Service) endEpoch(ctx context.Context, id mend.ID, cancel ...mend.ItemID) error {
	if _, err := s.change(ctx, id, s.raisedEpoch(ctx, cancel...)); err != nil {
		return err
	}
	return s.Store.EndSessions(ctx, id)
}

// raisedEpoch is the change that begins a new epoch. Letters that the person refused by a link come again: that link was the
// only way back, and it ends with the epoch.
func (s *Service) raisedEpoch(ctx context.Context, cancel ...mend.ItemID) func(store.Account) (*store.Transaction, error) {
	return func(w store.Account) (*store.Transaction, error) {
		raiseEpoch(&w)
		c := store.Transaction{Person: w.Person, Subscriptions: inUse(w), Cancel: cancel}
		record, err := s.Store.Address(ctx, w.Person.Address)
		if record.Muted != 0 {
			record.Muted = 0
			c.Address = &record
		}
		return &c, err
	}
}

// raiseEpoch begins a new epoch. Letters that are sent from then on carry it.
func raiseEpoch(w *store.Account) {
	w.Person.Epoch++
	for i := range w.Subscriptions {
		w.Subscriptions[i].Epoch = w.Person.Epoch
	}
}
