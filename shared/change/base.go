// Package change makes changes of accounts: it loads a person's records, lets a function decide,
// and commits the decision on the condition that nothing has changed meanwhile. With a change go
// its entry in the restore journal and the letters that it causes.
//
// Every use case is built on it. It never reads the machine's clock and never draws randomness of
// its own: Now and Rand are fields. AWS is not among its imports, so the same code runs in a
// function, on one machine and in a simulation.
package change

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// Base is what all use cases share. Its fields are set before first use. A field that no use case
// of a function needs stays zero there.
type Base struct {
	Store *store.Store
	Queue mend.Queue // of letters and pages to be sent
	Blobs mend.Blobs // hold the restore journal, and the raw mail

	Keys      token.Keys // of links
	ReplyKeys token.Keys // of reply addresses

	Site        string // origin of the pages, such as https://mend.example, without a trailing slash
	ReplyDomain string // the domain of reply addresses

	Now  func() time.Time
	Rand io.Reader // cryptographic outside a simulation; never fails
	Log  *slog.Logger

	quietly bool // changes write nothing into the restore journal
}

// TodayIn is the date in a zone that was stored.
func (s *Base) TodayIn(zone string) mend.Date {
	return mend.DateOf(s.Now().In(cadence.StoredZone(zone)))
}

// Margin is the time that one letter needs, its wait aside. An invocation with less than that left
// begins nothing more.
const Margin = 12 * time.Second

// Verify reads a token and turns what is wrong with it into an error that a person can be shown.
func (s *Base) Verify(purpose token.Purpose, text string) (token.Claims, error) {
	claims, err := s.Keys.Verify(purpose, text, s.Now())
	switch {
	case errors.Is(err, token.ErrExpired):
		return claims, mend.ErrExpiredLink
	case err != nil:
		return claims, mend.ErrUnknownLink
	}
	return claims, nil
}

// Sign makes a token. The claims are our own, so an error is a fault of ours.
func (s *Base) Sign(c token.Claims) (string, error) {
	if c.Expires.IsZero() && c.Purpose.Lifetime() > 0 {
		c.Expires = s.Now().Add(c.Purpose.Lifetime()).Truncate(time.Second)
	}
	return s.Keys.Sign(c)
}

// IDEncoding writes random ids: 26 letters and 2 to 7, five bits each.
var IDEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Hash tells texts apart without holding them: replies, and what a form showed.
func Hash(text string) string {
	hash := sha256.Sum256([]byte(text))
	return IDEncoding.EncodeToString(hash[:10])
}

// RandomBytes draws n bytes. It panics where Rand fails, as package crypto/rand does.
func (s *Base) RandomBytes(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.Rand, b); err != nil {
		panic(fmt.Errorf("draw randomness: %w", err))
	}
	return b
}

// Random is n random bytes, as ids are written.
func (s *Base) Random(n int) string { return IDEncoding.EncodeToString(s.RandomBytes(n)) }

// NewID is the id of a new person: 80 random bits.
func (s *Base) NewID() mend.ID { return mend.ID(s.Random(10)) }

// NewItemID is the id of a new promise or one-off of a person's: 40 random bits.
func (s *Base) NewItemID() mend.ItemID { return mend.ItemID(s.Random(5)) }

// Decision is a change of an account; nil leaves it as it is.
type Decision = func(store.Account) (*store.Transaction, error)

// Change loads a person's account, lets decide make the change and commits it, and returns the
// account as it is then. It starts over where it lost a race. What asks for less than before is
// written into the restore journal first, and the letters of the change that are due go to the
// queue at once. Errors: those of decide, and [*mend.Error].
func (s *Base) Change(ctx context.Context, id mend.ID, decide Decision) (store.Account, error) {
	return s.change(ctx, id, decide, s.CommitAndSend)
}

// ChangeWithoutQueue is [Base.Change] for a function that has no queue: letters that are due wait
// for their quarter-hour.
func (s *Base) ChangeWithoutQueue(ctx context.Context, id mend.ID, decide Decision) (store.Account, error) {
	return s.change(ctx, id, decide, s.Store.Commit)
}

func (s *Base) change(
	ctx context.Context, id mend.ID, decide Decision, commit func(context.Context, store.Transaction) error,
) (store.Account, error) {
	var w store.Account
	err := Retry(func() (err error) {
		if w, err = s.Store.Load(ctx, id, s.Now()); err != nil {
			return err
		}
		before, subs := w.Person, slices.Clone(w.Subscriptions)
		c, err := decide(w)
		if err != nil || c == nil {
			return err
		}
		// All that is theirs is forgotten together.
		if before.Status != mend.Active && !before.HasConfirmed() && c.Person.Status != mend.Active {
			c.TTL = s.Now().Add(PendingFor)
			for _, sub := range subs {
				same := func(other mend.Subscription) bool { return other.Number == sub.Number }
				if !slices.ContainsFunc(c.Subscriptions, same) {
					c.Subscriptions = append(c.Subscriptions, sub)
				}
			}
		}
		if len(c.Subscriptions) > 0 {
			c.Person.Changed = s.Now()
		}
		for _, what := range restrictions(before, c.Person) {
			if err := s.WriteJournal(ctx, id, what); err != nil {
				return err
			}
		}
		if err := commit(ctx, *c); err != nil {
			return err
		}
		w, err = s.Store.Load(ctx, id, s.Now())
		return err
	})
	return w, GoneIfNotFound(err)
}

// NearlyOver reports whether an invocation has too little time left to begin anything more.
func (s *Base) NearlyOver(ctx context.Context) bool {
	end, ends := ctx.Deadline()
	return ends && end.Sub(s.Now()) < Margin
}

// mostRaces is how often a change is tried. A race is lost to a change that was made, so as many
// changes as this at once are all made, without a wait between them.
const mostRaces = 20

// Retry calls f again while f loses races.
func Retry(f func() error) error {
	for range mostRaces {
		if err := f(); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return mend.ErrConcurrentChange
}

// GoneIfNotFound turns what is not there any more into a sentence for people.
func GoneIfNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return mend.ErrExpiredLink
	}
	return err
}

// IgnoreGone forgives what was asked for someone whose account is gone.
func IgnoreGone(err error) error {
	if gone, ok := errors.AsType[*mend.Error](err); ok && gone.Code == mend.Gone {
		return nil
	}
	return err
}

// RetryIdempotent calls f up to three times. A lost answer to a claim or to a record costs a
// letter, and f is safe to repeat. It stops on what the table has decided.
func RetryIdempotent(f func() error) error {
	var err error
	for range 3 {
		err = f()
		if err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrClaimed) ||
			errors.Is(err, context.Canceled) {
			break
		}
	}
	return err
}
