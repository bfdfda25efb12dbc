// Package service holds the use cases of Mend: joining and confirming, settings
// and stopping, the tick and the send protocol, replies, promises, the journal. It
// decides; the rooms around it store, send and show.
//
// It never reads the machine's clock and never draws randomness of its own:
// Now and Rand are fields. Of the world it knows the small interfaces below. AWS is not
// among its imports, so the same code runs in a function, on one machine and in a simulation.
package service

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// Service is the use cases over one set of adapters. Its fields are set once, before first use; none is optional
// but where it says so.
type Service struct {
	Store   *store.Store
	Mailer  Mailer // only the send function has one
	Queue   Queue
	Blobs   Blobs
	Keys    token.Keys // of links
	Library *content.Library
	Letters *letter.Composer

	ReplyKeys token.Keys // of reply addresses

	Site        string // origin of the pages, such as https://mend.example, without a trailing slash
	ReplyDomain string // the domain of reply addresses

	Now  func() time.Time
	Rand io.Reader // cryptographic outside a simulation
	Log  *slog.Logger

	// SendRate is how many letters a second the account may send (SES's MaxSendRate). Optional:
	// without it nothing is paced.
	SendRate float64

	// Sleep waits, or until the context ends, whose error it then returns. Optional. Defaults to a timer.
	Sleep func(context.Context, time.Duration) error

	quietly bool // it writes nothing into the restore journal

	// OneAtATime sends letters one after the other. Optional; for simulations and tests that want one order.
	OneAtATime bool
}

// Mailer hands letters to a mail service.
type Mailer interface {
	// Send hands over one letter, in one attempt, and returns the id under which
	// the mail service knows it. It returns
	//   - ErrNotSent if the letter was surely not taken and may be tried again;
	//   - ErrRefused if the mail service will not take this letter, now or later;
	//   - ErrClosed if it takes nobody's letter at present (sending paused, quota, credentials).
	// After any other error the letter may have been taken or not. Errors are logged, the recipient's address taken out.
	Send(ctx context.Context, o Outgoing) (messageID string, err error)
}

// The errors of [Mailer.Send].
var (
	ErrNotSent = errors.New("not sent")
	ErrRefused = errors.New("the mail service refuses this letter")
	ErrClosed  = errors.New("the mail service takes no letters at present")
)

// Outgoing is one letter on its way.
type Outgoing struct {
	To   mend.Address
	Raw  []byte // the whole message, RFC 5322
	Kind mend.Kind
	// Occurrence and Attempt come back in the mail service's events as tags:
	// which letter, and which claim of it. Letters, digits, _ and - only.
	Occurrence, Attempt string
}

// Queue hands messages to the functions that work through them. A message arrives at least once, in no order.
type Queue interface {
	Send(ctx context.Context, to QueueName, messages ...Message) error
}

// Message is a message for a queue. It arrives after a delay of whole seconds, at most [MaxDelay].
type Message struct {
	Body  []byte
	Delay time.Duration
}

// MaxDelay is SQS's limit (SQS developer guide, "Message quotas").
const MaxDelay = 15 * time.Minute

// QueueName is one of the queues that the service writes to.
type QueueName string

// The queues.
const (
	SendQueue QueueName = "send" // pages of occurrences
	NowQueue  QueueName = "now"  // one-offs that somebody waits for
)

// Blobs keeps what is too large or too early for the table: raw mail for some days, the restore journal.
type Blobs interface {
	// Put keeps data under a key, in place of what was there.
	Put(ctx context.Context, key string, data []byte) error
	// Open reads what is under a key. It returns ErrNoBlob if there is nothing.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// Delete removes what is under a key, or does nothing.
	Delete(ctx context.Context, key string) error
}

// ErrNoBlob is a key with nothing under it.
var ErrNoBlob = errors.New("nothing under this key")

// Error is an error that a person can be shown: a code for the machine and a sentence for them.
type Error struct {
	Code     Code
	Sentence string
}

func (e *Error) Error() string { return e.Sentence }

// Code is what kind of error a person met.
type Code string

// The codes, and the HTTP status that each becomes.
const (
	NotFound   Code = "not found"   // 404: no such page, or a link that is not ours
	Gone       Code = "gone"        // 410: a link that was good once
	NeedSignIn Code = "need-signin" // 303 to /signin
	Busy       Code = "busy"        // 409: changed meanwhile; try again
	Invalid    Code = "invalid"     // 422 with a sentence; see Problems for fields
)

// The errors that several use cases return.
var (
	errUnknownLink      = &Error{NotFound, "We don’t know this link. Maybe part of it got lost on the way."}
	errExpiredLink      = &Error{Gone, "This link has expired. Your newest letter has a fresh one, or you can get a sign-in link."}
	errSignIn           = &Error{NeedSignIn, "Please sign in first. We’ll email you a link; there’s no password."}
	errConcurrentChange = &Error{Busy, "Something else changed your settings at the same moment. Nothing was lost. Please try again."}
)

// Problems are the fields of a form that cannot stand as they are: a sentence for each, by the field's name.
type Problems map[string]string

func (p Problems) Error() string { return fmt.Sprintf("%d fields need another look", len(p)) }

// verify reads a token and turns what is wrong with it into an error that a person can be shown.
func (s *Service) verify(purpose token.Purpose, text string) (token.Claims, error) {
	claims, err := s.Keys.Verify(purpose, text, s.Now())
	switch {
	case errors.Is(err, token.ErrExpired):
		return claims, errExpiredLink
	case err != nil:
		return claims, errUnknownLink
	}
	return claims, nil
}

// sign makes a token. The claims are our own, so an error is a fault of ours.
func (s *Service) sign(c token.Claims) (string, error) {
	if c.Expires.IsZero() && c.Purpose.Lifetime() > 0 {
		c.Expires = s.Now().Add(c.Purpose.Lifetime()).Truncate(time.Second)
	}
	return s.Keys.Sign(c)
}

var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func (s *Service) random(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.Rand, b); err != nil {
		return "", fmt.Errorf("draw randomness: %w", err)
	}
	return idEncoding.EncodeToString(b), nil
}

func (s *Service) newID() (mend.ID, error) {
	id, err := s.random(10)
	return mend.ID(id), err
}

func (s *Service) newThing() (mend.ItemID, error) {
	id, err := s.random(5)
	return mend.ItemID(id), err
}

// tries is how often a change that lost a race is decided anew. A person rarely races anybody but themselves.
const tries = 5

// change reads a person, lets decide make the change, and commits it; a lost race starts over. A nil change
// means that there is nothing to do.
func (s *Service) change(ctx context.Context, id mend.ID, decide func(store.Account) (*store.Transaction, error)) (store.Account, error) {
	for range tries {
		w, err := s.Store.Load(ctx, id, s.Now())
		if errors.Is(err, store.ErrNotFound) {
			return store.Account{}, errExpiredLink
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
			c.TTL = s.Now().Add(pendingFor) // who never confirmed is forgotten, whatever else changes, and all of it together
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
			if err := s.journal(ctx, id, what); err != nil {
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
	return store.Account{}, errConcurrentChange
}
