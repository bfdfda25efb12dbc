package sending

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/mend/shared/change"
	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

const (
	claimGoodFor   = 20 * time.Second // a call ends within this of its claim; one that could not is not begun
	callTakesUpTo  = 5 * time.Second
	unknownTimeout = 15 * time.Minute // an open claim without a record after this is given up
	breakerFor     = 5 * time.Minute  // how long nothing is sent after the mail service took nobody's letters
	lookGoodFor    = 4 * time.Second  // of one look at the breaker, while all goes well
	pendingOutcome = mend.Outcome("") // not ended: the page stays open
)

// Process does a message's work. It may be done any number of times; an error means
// that the message should be delivered again.
func (s *Service) Process(ctx context.Context, w change.Task) error {
	switch {
	case w.Page != nil && w.OneOff == nil:
		return s.sendPage(ctx, *w.Page)
	case w.OneOff != nil && w.Page == nil:
		return s.sendOneOff(ctx, w)
	}
	return errors.New("work that is neither a page nor a one-off")
}

// sendPage sends the letters of a page: read, claim, compose, send, record.
func (s *Service) sendPage(ctx context.Context, page store.Page) error {
	if page.Slot == "" || page.Date.IsZero() || page.Due.IsZero() {
		return errors.New("a page without its slot, its date or its due instant")
	}
	if len(page.Members) > store.MostRead {
		return fmt.Errorf("a page of %d occurrences; it has at most %d", len(page.Members), store.MostRead)
	}
	if closed, err := s.alreadyClosed(ctx, page); err != nil || closed {
		return err
	}
	var tally store.Tally
	if len(page.Members) == 0 {
		if page.After == "" {
			return errors.New("a page without members, and not the rest of a slot")
		}
		if _, err := s.dispatch.EnqueueSlot(ctx, page, s.Now(), dispatch.PagesAtOnce); err != nil {
			return err
		}
	} else if done, err := s.sendMembers(ctx, page, &tally); err != nil || !done {
		return err
	}
	err := change.RetryIdempotent(func() error { return s.Store.ClosePage(ctx, page, tally) })
	if errors.Is(err, store.ErrConflict) {
		return nil // a page that expired long ago
	}
	return err
}

// alreadyClosed reports whether all of a page came to its end before. What waits its turn for
// minutes is handed out by the sweeps as well, and so comes several times; one look at the page is
// a hundredth of what walking it again costs. A page that was asked for may have ended as released,
// and be asked for anew.
func (s *Service) alreadyClosed(ctx context.Context, page store.Page) (bool, error) {
	if page.Requested {
		return false, nil
	}
	return s.Store.PageClosed(ctx, page)
}

// sendMembers sends what of a page is to be sent and reports whether all of it has come to its end.
func (s *Service) sendMembers(ctx context.Context, page store.Page, tally *store.Tally) (done bool, err error) {
	subs, err := s.Store.Subscriptions(ctx, page.Members)
	if err != nil {
		return false, err
	}
	turns, near, err := s.turnsFor(ctx, &page, toCome(subs, page))
	if err != nil || !near {
		return false, err
	}
	var looked time.Time // at the breaker
	gone := 0            // through so many
	for some := range slices.Chunk(subs, turns.AtOnce()) {
		// While a quota of a few letters a second lets few be claimed at once, to look before each
		// few would cost more than all else that is read for them. A letter that did not come to
		// its end may be the one that opened the breaker.
		if now := s.Now(); tally.Sum() < gone || now.Sub(looked) >= lookGoodFor {
			//mutant:drop breaker: looked at first
			if open, err := s.breakerOpen(ctx); err != nil || open {
				return false, err // the sweeps hand it out again
			}
			looked = now
		}
		gone += len(some)
		if s.NearlyOver(ctx) {
			page.Turn = turns.Next
			return false, s.Enqueue(ctx, lane(page), change.Task{Page: &page})
		}
		if err := s.sendBatch(ctx, page, some, &turns, tally); err != nil {
			return false, err
		}
	}
	return tally.Sum() == len(page.Members), nil
}

// toCome is how many of a page's letters may still have to be sent.
func toCome(subs []mend.Subscription, page store.Page) int {
	n := 0
	for _, sub := range subs {
		if sub.Status == mend.Active && (sub.LastDate.Before(page.Date) || sub.Claim.State == mend.ClaimReleased) {
			n++
		}
	}
	return n
}

// sendBatch sends up to 16 letters and counts those that have come to their end.
func (s *Service) sendBatch(ctx context.Context, page store.Page, subs []mend.Subscription, turns *dispatch.Turns, tally *store.Tally) error {
	var claims []store.Claim
	var drafts []draft
	for _, sub := range subs {
		is, outcome, err := s.judge(ctx, sub, page)
		if is == overdue && err == nil {
			is, outcome, err = s.recordOutcome(ctx, sub, page.Date, outcome)
		}
		switch {
		case err != nil:
			return err
		case is == pending:
			continue
		case is == finished:
			tally.Add(outcome)
			continue
		}
		d, err := s.draft(ctx, sub, page.Date)
		if d.silent {
			if ended, failed := s.sayGoodbye(ctx, sub.Person, page.Date); ended || failed != nil {
				err = cmp.Or(failed, errNoLetter)
			}
		}
		if errors.Is(err, errQuietMonth) {
			err = s.sendCheckInInstead(ctx, sub, page)
		}
		if errors.Is(err, errNoLetter) {
			tally.Add(released)
			continue
		}
		if err != nil { // one person's trouble holds up nobody else; the sweep tries again
			s.Log.ErrorContext(ctx, "draft", "person", sub.Person, "subscription", sub.Number, "error", err)
			continue
		}
		nonce, err := s.Random(10)
		if err != nil {
			return err
		}
		d.progress.LastDate = page.Date
		d.progress.Claim = mend.Claim{Nonce: nonce, State: mend.ClaimOpen, At: s.Now(), Card: d.card}
		claims = append(claims, store.Claim{Read: sub, Date: page.Date, Next: d.progress, Asking: d.asking})
		drafts = append(drafts, d)
	}
	if len(claims) == 0 {
		return nil
	}
	records := s.deliverAll(ctx, page, claims, drafts, turns)
	if len(records) == 0 {
		return nil
	}
	for _, l := range records {
		if l.Outcome != mend.Unknown {
			tally.Add(l.Outcome)
		}
	}
	return change.RetryIdempotent(func() error { return s.Store.RecordEach(ctx, records) })
}

// deliverAll claims what it can, sends it, many at a time, and returns the records of what was sent or may have
// been. Of what has none, the claim was somebody else's or is released.
func (s *Service) deliverAll(ctx context.Context, page store.Page, claims []store.Claim, drafts []draft, turns *dispatch.Turns) []mend.Letter {
	records := make([]*mend.Letter, len(claims))
	deliver := func(i int) { records[i] = s.deliver(ctx, claims[i], drafts[i], page.Due.Add(change.Window)) }
	var wg sync.WaitGroup
	slots := make(chan struct{}, dispatch.CallsAtOnce)
	for i, err := range s.claim(ctx, claims) {
		if err != nil {
			continue
		}
		if err := s.wait(ctx, turns); err != nil {
			s.release(ctx, claims[i])
			continue
		}
		if s.dispatch.OneAtATime {
			deliver(i)
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			deliver(i)
		})
	}
	wg.Wait()
	var letters []mend.Letter
	for _, l := range records {
		if l != nil {
			letters = append(letters, *l)
		}
	}
	return letters
}

// claim claims each occurrence that it can; an error stands where we may not send. A claim whose answer
// was lost is asked for again with its nonce; one that stays unclear is released, lest it passes for a letter that
// may have been sent.
func (s *Service) claim(ctx context.Context, claims []store.Claim) []error {
	errs := make([]error, len(claims))
	unclear := make([]int, len(claims))
	for i := range claims {
		unclear[i] = i
	}
	_ = change.RetryIdempotent(func() error {
		some := make([]store.Claim, len(unclear))
		for i, at := range unclear {
			some[i] = claims[at]
		}
		answers, err := s.Store.Claim(ctx, some)
		for i, at := range unclear {
			errs[at] = err
			if err == nil {
				errs[at] = answers[i]
			}
		}
		unclear = slices.DeleteFunc(unclear, func(at int) bool { return errs[at] == nil || errors.Is(errs[at], store.ErrClaimed) })
		if len(unclear) > 0 {
			return errs[unclear[0]]
		}
		return nil
	})
	for _, at := range unclear {
		s.Log.WarnContext(ctx, "claim", "person", claims[at].Read.Person, "error", errs[at])
		s.release(ctx, claims[at])
	}
	return errs
}

// release gives a claim back whose letter was surely not sent. Where that does not succeed, the
// letter is given up in time.
func (s *Service) release(ctx context.Context, c store.Claim) {
	err := change.RetryIdempotent(func() error { return s.Store.Release(ctx, c) })
	if change.IgnoreConflict(err) != nil {
		s.Log.WarnContext(ctx, "release", "person", c.Read.Person, "error", err)
	}
}

// verdict is how an occurrence stands before anything is done about it.
type verdict uint8

const (
	sendIt   verdict = iota + 1
	pending          // claimed, and its outcome not known yet; or not due yet
	overdue          // its time is over and it has no outcome: the one returned with this is to be recorded
	finished         // sent, given up, or not due any more
)

// released is what the audit calls an occurrence that was not due any more when its turn came.
const released = mend.Outcome("released")

// judge decides from an eventually consistent read what is to be done about an occurrence, and writes nothing.
// That is safe because the claim fails if anything has changed since.
func (s *Service) judge(ctx context.Context, sub mend.Subscription, page store.Page) (verdict, mend.Outcome, error) {
	now := s.Now()
	member := store.MemberOf(sub)
	due := dispatch.Falls(member, page.Date) && change.DueAt(sub.Cadence, page.Date).Equal(page.Due)
	if page.Requested { // whatever the rule says
		w, err := s.Store.Load(ctx, sub.Person, s.Now())
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return 0, "", err
		}
		due = !sub.Hold.Covers(page.Date) && !dispatch.DigestCame(w, page.Date)
	}
	due = due && (page.StandsIn || !dispatch.DigestReplaces(member, page.Date)) // they may have chosen a digest since
	switch {
	//mutant:never unknown: given up, not sent again
	case sub.LastDate == page.Date && sub.Claim.State != mend.ClaimReleased:
		return s.lookUpOutcome(ctx, sub, page.Date, sub.Claim.At)
	case sub.LastDate.After(page.Date) && due: // overtaken: by a restore, or after an outage of a day
		return s.lookUpOutcome(ctx, sub, page.Date, page.Due)
	//mutant:never[1] consent: read again before the claim
	case sub.Status != mend.Active || sub.LastDate.After(page.Date):
		return finished, released, nil
	case !due:
		return finished, released, nil // the rule was changed: another slot has it
	case now.Before(page.Due.Add(-change.Skew)):
		return pending, "", nil
	//mutant:never expiry: before the claim
	case now.After(page.Due.Add(change.Window)):
		return overdue, mend.Expired, nil
	}
	return sendIt, "", nil
}

// recordOutcome records an occurrence that will not be sent, and returns the outcome that stands.
func (s *Service) recordOutcome(ctx context.Context, sub mend.Subscription, date mend.Date, o mend.Outcome) (verdict, mend.Outcome, error) {
	if o == mend.Expired {
		s.Log.WarnContext(ctx, "expired", "person", sub.Person, "subscription", sub.Number, "date", date)
	} else {
		s.Log.WarnContext(ctx, "given up", "person", sub.Person, "subscription", sub.Number, "date", date)
	}
	outcome, err := s.Store.Record(ctx, mend.Letter{
		Person: sub.Person, Of: mend.LetterKey{Date: date, Subscription: sub.Number}, Kind: sub.Kind,
		Outcome: o, Nonce: sub.Claim.Nonce, At: s.Now(),
	})
	return finished, outcome, err
}

// lookUpOutcome finds out what became of an open claim. Its record says so, or it is given up when there is none
// after fifteen minutes. Check-ins are never simply sent again: perhaps the letter was taken.
func (s *Service) lookUpOutcome(ctx context.Context, sub mend.Subscription, date mend.Date, since time.Time) (verdict, mend.Outcome, error) {
	l, err := s.Store.Letter(ctx, sub.Person, mend.LetterKey{Date: date, Subscription: sub.Number})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, "", err
	}
	if err == nil && l.Outcome != mend.Unknown {
		return finished, l.Outcome, nil
	}
	if s.Now().Sub(since) < unknownTimeout {
		return pending, "", nil
	}
	return overdue, mend.GivenUp, nil
}

// deliver composes and sends one claimed letter and returns its record; nil if the claim was released.
func (s *Service) deliver(ctx context.Context, c store.Claim, d draft, expires time.Time) *mend.Letter {
	sub, nonce := c.Read, c.Next.Claim.Nonce
	of := mend.LetterKey{Date: c.Date, Subscription: sub.Number}
	record := &mend.Letter{
		Person: sub.Person, Of: of, Kind: sub.Kind, Nonce: nonce, Card: d.card, Question: d.question, At: s.Now(),
	}
	out, err := s.compose(of, sub.Person, recipient{
		address: sub.Address, name: sub.Name, privacy: sub.Privacy, path: d.path, cover: sub.Cover,
		number: c.Next.Letters, epoch: sub.Epoch, space: sub.NoContact, zone: sub.Cadence.Zone,
	}, nonce, d.body)
	if err != nil {
		s.Log.ErrorContext(ctx, "compose", "person", sub.Person, "subscription", sub.Number, "error", err)
		record.Outcome = mend.Failed
		return record
	}
	record.MessageID, record.Outcome = s.handOver(ctx, out, c.Next.Claim.At, expires, d.logged...)
	if record.Outcome == pendingOutcome {
		s.release(ctx, c)
		return nil
	}
	record.At = s.Now()
	return record
}

// handOver hands a letter to the mail service, once. The outcome is pendingOutcome if it was surely not taken.
// The log line of an accepted letter has these attributes as well.
func (s *Service) handOver(ctx context.Context, out mend.Outgoing, claimed, expires time.Time, attrs ...any) (
	messageID string, outcome mend.Outcome) {
	now := s.Now()
	//mutant:never[1] the last call within 20 s of its claim | lost,slow 0.2
	//mutant:never[2] expiry: before the call | delay,slow 0.3
	if now.Sub(claimed) > claimGoodFor-callTakesUpTo || now.After(expires) {
		return "", pendingOutcome
	}
	calling, cancel := context.WithTimeout(ctx, callTakesUpTo)
	defer cancel()
	messageID, err := s.Mailer.Send(calling, out)
	reason := withoutAddress(err, out.To)
	switch {
	case err == nil:
		s.Log.With(attrs...).InfoContext(ctx, "sent", "occurrence", out.Occurrence, "kind", out.Kind)
		return messageID, mend.Accepted
	case errors.Is(err, mend.ErrClosed):
		s.Log.ErrorContext(ctx, "breaker opened", "occurrence", out.Occurrence, "error", reason)
		//mutant:drop breaker: opened | mail 0.1 60
		if err := change.RetryIdempotent(func() error { return s.Store.OpenBreaker(ctx, s.Now().Add(breakerFor)) }); err != nil {
			s.Log.ErrorContext(ctx, "open the breaker", "error", err)
		}
		return "", pendingOutcome
	case errors.Is(err, mend.ErrNotSent):
		s.Log.WarnContext(ctx, "released", "occurrence", out.Occurrence, "error", reason)
		return "", pendingOutcome
	case errors.Is(err, mend.ErrRefused):
		s.Log.ErrorContext(ctx, "failed", "occurrence", out.Occurrence, "error", reason)
		return "", mend.Failed
	}
	s.Log.ErrorContext(ctx, "unknown", "occurrence", out.Occurrence, "error", reason)
	return "", mend.Unknown
}

// withoutAddress is the text of an error without the address that mail services like to repeat in it.
func withoutAddress(err error, to mend.Address) string {
	if err == nil {
		return ""
	}
	text := strings.ReplaceAll(err.Error(), to.Mail(), "(address)")
	return strings.ReplaceAll(text, to.Key(), "(address)")
}
