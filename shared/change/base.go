package change

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

func (s *Base) Today(zone *time.Location) mend.Date { return mend.DateOf(s.Now().In(zone)) }

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

var IDEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func (s *Base) Random(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.Rand, b); err != nil {
		return "", fmt.Errorf("draw randomness: %w", err)
	}
	return IDEncoding.EncodeToString(b), nil
}

func (s *Base) NewID() (mend.ID, error) {
	id, err := s.Random(10)
	return mend.ID(id), err
}

func (s *Base) NewItemID() (mend.ItemID, error) {
	id, err := s.Random(5)
	return mend.ItemID(id), err
}

// Tries is how often a change that lost a race is decided anew. A person rarely races anybody but themselves.
const Tries = 5

// Change reads a person, lets decide make the change, and commits it; a lost race starts over. A nil change
// means that there is nothing to do.
func (s *Base) Change(ctx context.Context, id mend.ID, decide func(store.Account) (*store.Transaction, error)) (store.Account, error) {
	for range Tries {
		w, err := s.Store.Load(ctx, id, s.Now())
		if errors.Is(err, store.ErrNotFound) {
			return store.Account{}, mend.ErrExpiredLink
		}
		if err != nil {
			return store.Account{}, err
		}
		before, subs := w.Person, slices.Clone(w.Subscriptions)
		c, err := decide(w)
		if err != nil || c == nil {
			return w, err
		}
		if before.Status == mend.Pending && c.Person.Status != mend.Active {
			c.TTL = s.Now().Add(PendingFor) // who never confirmed is forgotten, whatever else changes, and all of it together
			for _, sub := range subs {
				if !slices.ContainsFunc(c.Subscriptions, func(other mend.Subscription) bool { return other.Number == sub.Number }) {
					c.Subscriptions = append(c.Subscriptions, sub)
				}
			}
		}
		if len(c.Subscriptions) > 0 {
			c.Person.Changed = s.Now()
		}
		for _, what := range restrictions(before, c.Person) {
			if err := s.WriteJournal(ctx, id, what); err != nil {
				return store.Account{}, err
			}
		}
		_, err = s.Store.Commit(ctx, *c)
		if err == nil {
			return s.Store.Load(ctx, id, s.Now())
		}
		if !errors.Is(err, store.ErrConflict) {
			return store.Account{}, err
		}
	}
	return store.Account{}, mend.ErrConcurrentChange
}

// NearlyOver reports whether an invocation has too little time left to begin anything more.
func (s *Base) NearlyOver(ctx context.Context) bool {
	end, ends := ctx.Deadline()
	return ends && end.Sub(s.Now()) < Margin
}
