// Package feedback takes what the mail service says about letters that it took: sent, delivered,
// bounced, complained about.
package feedback

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Service takes events.
type Service struct {
	*change.Base
	account *account.Service
}

// New returns the service. It needs the table and the restore journal.
func New(b *change.Base) *Service { return &Service{b, account.New(b)} }

// Event is something that the mail service says about a letter that it took.
type Event struct {
	Kind       EventKind
	Occurrence string // the tags of the letter, see [Outgoing]
	Attempt    string
	To         string // the address that it went to; "" if that isn't said
	MessageID  string
	At         time.Time
	Permanent  bool // of a bounce: there is no such mailbox
}

// EventKind is what happened to a letter.
type EventKind string

// The kinds of event.
const (
	Sent       EventKind = "send"
	Delivered  EventKind = "delivery"
	Bounced    EventKind = "bounce"
	Complained EventKind = "complaint"
)

// Take takes an event. A complaint and a permanent bounce end all letters to that person. Some
// letters went to another address than theirs: the one that they moved from, the one that they want
// to move to, or that of a person who is gone by now. Of those, a complaint blocks the address, and
// a bounce does nothing. An event about a letter that is not ours is counted and left. Events come
// more than once, late, or never.
func (s *Service) Take(ctx context.Context, e Event) error {
	id, of, err := mend.ParseLetterName(e.Occurrence)
	if err != nil {
		s.Log.WarnContext(ctx, "event without a letter of ours", "kind", e.Kind)
		return nil
	}
	s.Log.InfoContext(ctx, "feedback", "occurrence", e.Occurrence, "kind", e.Kind, "permanent", e.Permanent)
	if e.Kind == Complained || e.Kind == Bounced {
		to, elsewhere, err := s.wentElsewhere(ctx, id, e.To)
		switch {
		case err != nil:
			return err
		case elsewhere && e.Kind == Complained:
			return s.account.RefuseAddress(ctx, to)
		case elsewhere:
			return nil
		}
	}
	switch e.Kind {
	case Delivered:
		return s.Store.Note(ctx, id, of, store.Delivered, e.At)
	case Sent:
		return s.evidence(ctx, id, of, e)
	case Complained:
		return s.account.Suppress(ctx, id, false)
	case Bounced:
		if e.Permanent {
			return s.account.Suppress(ctx, id, true)
		}
		return s.account.SoftBounce(ctx, id, of, e.At)
	}
	return fmt.Errorf("an event of kind %q", e.Kind)
}

// wentElsewhere reads the address that a letter went to, and reports whether its person's letters
// go to another one.
func (s *Service) wentElsewhere(
	ctx context.Context, id mend.ID, typed string,
) (to mend.Address, elsewhere bool, err error) {
	to, err = account.ParseAddress(typed)
	if err != nil { // nothing clear is said of it
		return to, false, nil
	}
	p, err := s.Store.Person(ctx, id, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return to, true, nil
	}
	return to, err == nil && to.Key() != p.Address.Key(), err
}

// evidence settles a letter whose outcome is not known, or was not recorded: the mail
// service took it.
func (s *Service) evidence(ctx context.Context, id mend.ID, of mend.LetterKey, e Event) error {
	l, err := s.Letter(ctx, id, of)
	if err != nil || l.Kind == "" {
		return err
	}
	l.Outcome, l.Nonce, l.MessageID, l.At = mend.Accepted, e.Attempt, e.MessageID, e.At
	_, err = s.Store.Record(ctx, l)
	return err
}
