package account

import (
	"context"
	"errors"
	"time"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// A session ends two hours after the last page (the life of a [token.Visit]), and in any case
// [mend.PrivacyRules].Visit after signing in: 30 minutes, or 12 hours where the inbox is the
// person's alone. The rule is that of their privacy now, so a stricter choice holds at once.
// The record of the session ends after [mend.LongestVisit], and no page makes it last longer.

// freshFor is for how long after signing in a session may ask for what decides who can
// sign in at all.
const freshFor = 10 * time.Minute

// RequestSignIn sends a sign-in link to an address, if its owner ever confirmed. The answer is
// always the same: nil. Errors: [mend.Problems] for what was typed.
func (s *SignIn) RequestSignIn(ctx context.Context, typed string) error {
	address, err := readAddress(typed)
	if err != nil {
		return err
	}
	return change.Retry(func() error {
		k, err := s.lookUp(ctx, address)
		if err != nil {
			return err
		}
		now, p, limit := s.Now(), k.Person, signInLimit
		if p.Status != mend.Active {
			limit = signInLimitStopped
		}
		// A person who ever confirmed may read, copy and erase their own words, also after a
		// stop, a complaint or "not me", when we send no other letter. A mailbox that
		// bounces gets nothing.
		if k.record.Bounced || k.record.Muted&MuteSignIn.bit() != 0 || !p.HasConfirmed() ||
			!limit.allows(k.box.SignIns, now) {
			return s.sendDecoy(ctx)
		}
		k.box.SignIns = k.box.SignIns.With(now)
		c := store.Transaction{Person: p, Mailbox: &store.MailboxChange{Mailbox: k.box, At: now}}
		o := s.OneOff(p, mend.SignIn)
		o.Expires = o.Due.Add(token.SignIn.Lifetime())
		c.OneOffs = []mend.OneOff{o}
		return s.CommitAndSend(ctx, c)
	})
}

// SignIn uses a sign-in link, which works once and not after a move to another address, and opens a
// session. It returns the value of its cookie. Errors: [*mend.Error].
func (s *SignIn) SignIn(ctx context.Context, a Access) (cookie string, err error) {
	link, err := s.Store.OneOff(ctx, a.Person, a.Of.OneOff, s.Now())
	if err != nil {
		return "", change.GoneIfNotFound(err)
	}
	secret := s.Random(sessionBytes)
	err = s.Store.OpenSession(ctx, link, a.Epoch, secret, s.Now().Add(mend.LongestVisit))
	if errors.Is(err, store.ErrConflict) {
		return "", mend.ErrExpiredLink
	}
	if err != nil {
		return "", err
	}
	s.Log.InfoContext(ctx, "signed in", "person", a.Person)
	return s.Cookie(a.Person, secret)
}

// The cookie is the person's id, a secret, of which the table has the hash, and a token that says
// when the last page was shown.
const (
	idLength     = 16 // of a person's id, in characters
	sessionBytes = 16
)

// Cookie is the cookie of a session whose person looks at a page now.
func (s *SignIn) Cookie(id mend.ID, secret string) (string, error) {
	seen, err := s.Keys.Sign(token.Claims{
		Purpose: token.Visit, Person: id, Thing: visitOf(secret), Expires: s.Now().Add(token.Visit.Lifetime()),
	})
	return string(id) + secret + seen, err
}

// visitOf names a session in its token, so that the token is of use to no other.
func visitOf(secret string) mend.ItemID { return mend.ItemID(secret[:8]) }

// openCookie reads a cookie, and when its last page was shown. ok is false if that is more than two
// hours ago; what is no cookie of ours has no secret either.
func (s *SignIn) openCookie(cookie string) (id mend.ID, secret string, seen time.Time, ok bool) {
	secretEnds := idLength + change.IDEncoding.EncodedLen(sessionBytes)
	if len(cookie) <= secretEnds {
		return "", "", time.Time{}, false
	}
	id, secret = mend.ID(cookie[:idLength]), cookie[idLength:secretEnds]
	claims, err := s.Keys.Verify(token.Visit, cookie[secretEnds:], s.Now())
	ok = err == nil && claims.Person == id && claims.Thing == visitOf(secret)
	return id, secret, claims.Expires.Add(-token.Visit.Lifetime()), ok
}

// Session reads the cookie of a signed-in browser. Errors: [*mend.Error] with NeedSignIn.
func (s *SignIn) Session(ctx context.Context, cookie string) (Access, error) {
	id, secret, _, ok := s.openCookie(cookie)
	if !ok {
		return Access{}, mend.ErrSignIn
	}
	until, privacy, err := s.Store.Session(ctx, id, secret, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return Access{}, mend.ErrSignIn
	}
	age := mend.LongestVisit - until.Sub(s.Now())
	if err == nil && age >= privacy.Rules().Visit {
		return Access{}, mend.ErrSignIn
	}
	return Access{Person: id, SignedIn: true, Secret: secret, Stale: age > freshFor}, err
}

// Renewed is the cookie of a session that has just shown a page, where it is worth sending: the one
// that came is good, and a minute old. It writes nothing, and cannot open or lengthen a session
// that has ended: only the record in the table can say that one is open.
func (s *SignIn) Renewed(cookie string) (renewed string, ok bool) {
	id, secret, seen, ok := s.openCookie(cookie)
	if !ok || s.Now().Sub(seen) < time.Minute {
		return "", false
	}
	renewed, err := s.Cookie(id, secret)
	return renewed, err == nil
}

// SignOut ends the session of a cookie. A cookie without one is as good as signed out.
func (s *SignIn) SignOut(ctx context.Context, cookie string) error {
	id, secret, _, _ := s.openCookie(cookie)
	if secret == "" {
		return nil
	}
	return s.Store.EndSession(ctx, id, secret)
}

// SignOutEverywhere ends all sessions of a person, and all links that were sent except "stop". It
// ends a move to another address too: someone else may have asked for it, and the link that calls
// it off is dead now. Errors: [*mend.Error].
func (s *SignIn) SignOutEverywhere(ctx context.Context, a Access) error {
	if !a.SignedIn {
		return mend.ErrSignIn
	}
	s.Log.InfoContext(ctx, "signed out everywhere", "person", a.Person)
	return s.EndEpoch(ctx, a.Person)
}

// EndEpoch raises a person's epoch, and ends the move that is under way and all sessions. A link of
// the old epoch opens no session once the epoch is raised; what it opened before that is closed
// after it. Letters that the person refused by a link come again: that link was the only way back,
// and it ends with the epoch.
func (s *core) EndEpoch(ctx context.Context, id mend.ID) error {
	return s.endEpoch(ctx, id, func(*mend.Person) error { return nil })
}

// endEpoch is [core.EndEpoch] with a change of the person in the same transaction.
func (s *core) endEpoch(ctx context.Context, id mend.ID, also func(*mend.Person) error) error {
	_, err := s.Change(ctx, id, func(w store.Account) (*store.Transaction, error) {
		if err := also(&w.Person); err != nil {
			return nil, err
		}
		raiseEpoch(&w)
		if underWay(w.Person.Move) {
			w.Person.Move = mend.AddressMove{}
		}
		c := store.Transaction{Person: w.Person, Subscriptions: inUse(w), Cancel: moves(w)}
		record, err := s.Store.Address(ctx, w.Person.Address)
		if record.Muted != 0 {
			record.Muted = 0
			c.Address = &record
		}
		return &c, err
	})
	if err != nil {
		return err
	}
	return s.Store.EndSessions(ctx, id)
}

// raiseEpoch begins a new epoch. Letters that are sent from then on carry it.
func raiseEpoch(w *store.Account) {
	w.Person.Epoch++
	syncSubscriptions(w)
}
