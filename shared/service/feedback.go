package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Event is something that the mail service says about a letter that it took.
type Event struct {
	Kind       EventKind
	Occurrence string // the tags of the letter, see [Outgoing]
	Attempt    string
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

// Feedback takes an event. A complaint and a permanent bounce end all letters to
// that person; an event about a letter that is not ours is counted and left. Events come more than once, late, or never.
func (s *Service) Feedback(ctx context.Context, e Event) error {
	id, of, err := ParseOccurrence(e.Occurrence)
	if err != nil {
		s.Log.WarnContext(ctx, "event without a letter of ours", "kind", e.Kind)
		return nil
	}
	s.Log.InfoContext(ctx, "feedback", "occurrence", e.Occurrence, "kind", e.Kind, "permanent", e.Permanent)
	switch e.Kind {
	case Delivered:
		return s.Store.Delivered(ctx, id, of, e.At)
	case Sent:
		return s.evidence(ctx, id, of, e)
	case Complained:
		return s.suppress(ctx, id, false)
	case Bounced:
		if e.Permanent {
			return s.suppress(ctx, id, true)
		}
		return s.softBounce(ctx, id, of, e.At)
	}
	return fmt.Errorf("an event of kind %q", e.Kind)
}

// evidence settles a letter whose outcome is not known, or was not recorded: the mail service took it.
func (s *Service) evidence(ctx context.Context, id mend.ID, of mend.LetterKey, e Event) error {
	l, err := s.Store.Letter(ctx, id, of)
	if errors.Is(err, store.ErrNotFound) {
		l.Person, l.Of = id, of
		l.Kind, err = s.kindOf(ctx, id, of)
	}
	if err != nil || l.Kind == "" {
		return err
	}
	l.Outcome, l.Nonce, l.MessageID, l.At = mend.Accepted, e.Attempt, e.MessageID, e.At
	_, err = s.Store.Record(ctx, l)
	return err
}

// kindOf is the kind of a letter that has no record yet; "" if it belongs to nobody whom we know.
func (s *Service) kindOf(ctx context.Context, id mend.ID, of mend.LetterKey) (mend.Kind, error) {
	w, err := s.Store.Load(ctx, id, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if sub := w.Subscription(of.Subscription); sub != nil {
		return sub.Kind, nil
	}
	for _, o := range w.OneOffs {
		if letterOf(o) == of {
			return o.Kind, nil
		}
	}
	return "", nil
}

// suppress ends all letters to a person and blocks the address.
func (s *Service) suppress(ctx context.Context, id mend.ID, bounced bool) error {
	what := journalSuppress
	if bounced {
		what = journalBounce
	}
	if err := s.journal(ctx, id, what); err != nil {
		return err
	}
	_, err := s.change(ctx, id, func(w store.Account) (*store.Transaction, error) {
		record, err := s.Store.Address(ctx, w.Person.Address)
		if err != nil || w.Person.Status == mend.Suppressed && (record.Bounced || !bounced) {
			return nil, err
		}
		record.Blocked, record.Bounced = true, record.Bounced || bounced
		c := s.stopChange(w, mend.Suppressed)
		c.Address = &record
		return c, nil
	})
	return ignoreGone(err)
}

// A mailbox that takes no letters for now may be full, or away for good without saying so. After so many letters in a row
// that came back, on several days, all of them rest. When they come again, one that comes back makes them rest again.
const (
	mostSoftBounces = 5
	onDays          = 3
	restFor         = 14  // days
	bouncesWithin   = 400 // days; a monthly letter needs five months
)

// softBounce notes a letter that came back for now, and lets all of them rest after several in a row.
func (s *Service) softBounce(ctx context.Context, id mend.ID, of mend.LetterKey, at time.Time) error {
	if err := s.Store.Bounced(ctx, id, of, at); err != nil {
		return err
	}
	var letters []mend.Letter
	err := s.Store.Letters(ctx, id, of.Date.AddDays(-bouncesWithin), mend.Date{}, func(l mend.Letter) error {
		letters = append(letters, l)
		return nil
	})
	if err != nil || !cameBack(letters) {
		return err
	}
	var until mend.Date
	_, err = s.change(ctx, id, func(w store.Account) (*store.Transaction, error) {
		zone, err := cadence.Zone(w.Person.Zone)
		if err != nil {
			return nil, err
		}
		today := s.today(zone)
		if until = today.AddDays(restFor); w.Person.Status != mend.Active || w.Person.PausedUntil.After(today) {
			until = mend.Date{}
			return nil, nil
		}
		pauseAll(&w, until)
		w.Person.RestsUntil = until
		return s.everything(w)
	})
	if err != nil || until.IsZero() {
		return ignoreGone(err)
	}
	s.Log.WarnContext(ctx, "letters rest: the mailbox takes none", "person", id, "until", until)
	return s.Store.RegisterRest(ctx, id, s.Now().Add(restFor*24*time.Hour))
}

// cameBack reports whether enough of a person's newest letters came back. One that arrived ends the row; one that nothing was heard
// of does not count.
func cameBack(letters []mend.Letter) bool {
	count, days := 0, map[mend.Date]bool{}
	for _, l := range slices.Backward(letters) {
		if l.Bounced.IsZero() {
			if !l.Delivered.IsZero() {
				break
			}
			continue
		}
		count++
		days[l.Of.Date] = true
	}
	return count >= mostSoftBounces && len(days) >= onDays
}
