// Package sending sends letters: it reads what a page or a one-off names, decides, claims,
// composes, hands the letter to the mail service and records what came of it.
// docs/protocol.md describes the steps.
package sending

import (
	"context"
	"errors"
	"slices"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Service sends letters.
type Service struct {
	*change.Base

	Mailer  mend.Mailer
	Library *content.Library
	Letters *letter.Composer

	// Sleep waits, or until the context ends, whose error it then returns. Optional.
	// Defaults to a timer.
	Sleep func(context.Context, time.Duration) error

	dispatch *dispatch.Dispatcher
	account  *account.Service
}

// New returns the service. What is left of a long slot goes on through the dispatcher, at its rate.
func New(
	b *change.Base, d *dispatch.Dispatcher, m mend.Mailer, library *content.Library, letters *letter.Composer,
) *Service {
	return &Service{Base: b, Mailer: m, Library: library, Letters: letters, dispatch: d, account: account.New(b)}
}

const (
	breakerFor  = 5 * time.Minute // how long nothing is sent after the mail service took no one's letters
	lookGoodFor = 4 * time.Second // of one look at the breaker, while all goes well
)

// walk is a page that is being sent.
type walk struct {
	store.Page
	tally     store.Tally   // of the letters that have come to their end
	ended     []mend.OneOff // the page's one-off, if it has
	unsettled bool          // someone waits for a letter whose outcome is not known
}

// errUnsettled has the queue deliver the message again: by then the outcome may be known.
var errUnsettled = errors.New("the outcome is not known yet")

// Process sends the letters of a page: read, claim, compose, send, record. It may be done any
// number of times. An error means that the message should be delivered again.
func (s *Service) Process(ctx context.Context, page store.Page) error {
	if err := page.Check(); err != nil {
		return err
	}
	// The sweeps hand out again what waits its turn for minutes, and a look at the page costs a
	// hundredth of walking it. A person may ask again for a page after a release, and a one-off
	// says by itself whether it has ended.
	if !page.Requested && page.Slot != "" {
		if closed, err := s.Store.PageClosed(ctx, page); err != nil || closed {
			return err
		}
	}
	w := walk{Page: page}
	if len(page.Members) == 0 {
		if _, err := s.dispatch.EnqueueSlot(ctx, page, dispatch.PagesAtOnce); err != nil {
			return err
		}
	} else if done, err := s.sendMembers(ctx, &w); err != nil || !done {
		if err == nil && w.unsettled {
			err = errUnsettled
		}
		return err
	}
	return change.RetryIdempotent(func() error { return s.Store.ClosePage(ctx, w.Page, w.tally, w.ended...) })
}

// sendMembers sends what of a page is to be sent, as long as the breaker and the time allow, and
// reports whether all of it has come to its end.
func (s *Service) sendMembers(ctx context.Context, w *walk) (done bool, err error) {
	letters, err := s.read(ctx, w.Page)
	if err != nil {
		return false, err
	}
	turns, near, err := s.turnsFor(ctx, &w.Page, letters)
	if err != nil || !near {
		return false, err
	}
	if w.Slot == "" { // whom it goes to is read when its turn has come
		if err := s.wait(ctx, &turns); err != nil {
			return false, err
		}
		turns.Interval = 0
	}
	var looked time.Time // at the breaker
	gone := 0            // through so many
	for some := range slices.Chunk(letters, turns.AtOnce()) {
		// With a small quota few letters are claimed at once, and a look before each few would cost
		// more than the rest of the reads. A letter that did not end may have opened the breaker.
		if now := s.Now(); w.tally.Sum() < gone || now.Sub(looked) >= lookGoodFor {
			//mutant:drop breaker: looked at first
			if until, err := s.Store.Breaker(ctx); err != nil || s.Now().Before(until) {
				return false, err // the sweeps hand it out again
			}
			looked = now
		}
		gone += len(some)
		if s.NearlyOver(ctx) {
			w.Turn = turns.Next
			return false, s.Enqueue(ctx, w.Queue(), w.Page)
		}
		if err := s.sendBatch(ctx, w, some, &turns); err != nil {
			return false, err
		}
	}
	return w.tally.Sum() == len(w.Members), nil
}

// read reads the letters of a page: many occurrences eventually consistent, a one-off strongly,
// because it may have been made a moment ago.
func (s *Service) read(ctx context.Context, page store.Page) ([]delivery, error) {
	if page.Slot == "" {
		k := page.Members[0]
		o, err := s.Store.OneOff(ctx, k.Person, k.OneOff, s.Now())
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		d := delivery{person: k.Person, kind: o.Kind, due: o.Due, expires: o.Expires, read: o.Claim, oneOff: &o}
		if err == nil {
			d.of = change.LetterOf(o)
		}
		return []delivery{d}, nil
	}
	subs, err := s.Store.Subscriptions(ctx, page.Members)
	letters := make([]delivery, len(subs))
	for i, sub := range subs {
		letters[i] = delivery{
			person: sub.Person, of: mend.LetterKey{Date: page.Date, Subscription: sub.Number}, kind: sub.Kind,
			due: page.Due, expires: page.Due.Add(mend.SendWindow), read: sub.Claim, sub: sub,
		}
	}
	return letters, err
}

// sendBatch sends up to 25 letters and counts those that have come to their end.
func (s *Service) sendBatch(ctx context.Context, w *walk, letters []delivery, turns *dispatch.Turns) error {
	var ready []*delivery
	for i := range letters {
		d := &letters[i]
		is, outcome, err := s.judge(ctx, d, w.Page)
		if is == overdue {
			is = finished
			outcome, err = s.recordOutcome(ctx, d, outcome)
		}
		if err != nil {
			return err
		}
		if is == sendIt {
			err = s.draft(ctx, d, w.Page)
			if errors.Is(err, errNoLetter) || errors.Is(err, store.ErrNotFound) { // what it is about is gone
				is, outcome = finished, released
			}
		}
		switch {
		case is == finished:
			if err := s.finish(ctx, w, d, outcome); err != nil {
				return err
			}
		case is == pending:
			w.unsettled = w.unsettled || d.isClaimed() && d.isAwaited()
		case err != nil: // one person's trouble holds up no one else; the sweep tries again
			s.Log.ErrorContext(ctx, "draft", "occurrence", d.name(), "error", err)
			w.unsettled = w.unsettled || d.isAwaited()
		default:
			ready = append(ready, d)
		}
	}
	if len(ready) == 0 {
		return nil
	}
	s.deliverAll(ctx, ready, turns)
	var records []mend.Letter
	for _, d := range ready {
		if d.record != nil && !d.isErasureNotice() {
			records = append(records, *d.record)
		}
	}
	if len(records) > 0 {
		if err := change.RetryIdempotent(func() error { return s.Store.RecordEach(ctx, records) }); err != nil {
			return err
		}
	}
	for _, d := range ready {
		switch d.outcome {
		case pendingOutcome:
			w.unsettled = w.unsettled || d.unclear && d.isAwaited()
		case mend.Unknown:
			w.unsettled = w.unsettled || d.isAwaited()
		default:
			if err := s.finish(ctx, w, d, d.outcome); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish counts a letter that has come to its end. A one-off is closed with its page; of the notice
// of an erasure nothing is left.
func (s *Service) finish(ctx context.Context, w *walk, d *delivery, outcome mend.Outcome) error {
	w.tally.Add(outcome)
	switch {
	case d.oneOff == nil || d.oneOff.ID == "":
		return nil
	case d.isErasureNotice():
		return change.RetryIdempotent(func() error { return s.Store.ForgetOneOff(ctx, *d.oneOff) })
	case d.isOf(w.Page) && d.oneOff.Claim.State != mend.ClaimEnded:
		w.ended = append(w.ended, *d.oneOff)
	}
	return nil
}

// recordOutcome records a letter that will not be sent, and returns the outcome that stands.
func (s *Service) recordOutcome(ctx context.Context, d *delivery, o mend.Outcome) (mend.Outcome, error) {
	if o == mend.Expired {
		s.Log.WarnContext(ctx, "expired", "occurrence", d.name(), "subscription", d.of.Subscription, "kind", d.kind)
	} else {
		s.Log.WarnContext(ctx, "given up", "occurrence", d.name(), "subscription", d.of.Subscription, "kind", d.kind)
	}
	if d.isErasureNotice() {
		return o, nil
	}
	l := d.newRecord(o, d.read.Nonce)
	l.At = s.Now()
	return s.Store.Record(ctx, l)
}
