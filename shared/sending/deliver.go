package sending

import (
	"context"
	"errors"
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
	claimGoodFor  = 20 * time.Second // a call ends within this of its claim; one that could not is not begun
	callTakesUpTo = 5 * time.Second
)

// deliverAll claims up to [dispatch.CallsAtOnce] letters and sends what it could claim, side by
// side. Each letter then has its outcome, and a record if it was sent or may have been.
func (s *Service) deliverAll(ctx context.Context, letters []*delivery, turns *dispatch.Turns) {
	var wg sync.WaitGroup
	for i, err := range s.claim(ctx, letters) {
		d := letters[i]
		if err != nil {
			continue
		}
		if d.oneOff != nil {
			d.oneOff.Version++
		}
		if err := s.wait(ctx, turns); err != nil {
			s.release(ctx, d)
			continue
		}
		if s.dispatch.OneAtATime {
			s.deliver(ctx, d)
			continue
		}
		wg.Go(func() { s.deliver(ctx, d) })
	}
	wg.Wait()
}

// claim claims each letter that it can, with a fresh nonce; an error stands where we may not send.
// Claims whose answer was lost are asked for again with their nonces. One that stays unclear is
// released, or it would pass for a letter that may have been sent.
func (s *Service) claim(ctx context.Context, letters []*delivery) []error {
	claims, errs := make([]store.Claim, len(letters)), make([]error, len(letters))
	for i, d := range letters {
		claim := mend.Claim{Nonce: s.Random(10), State: mend.ClaimOpen, At: s.Now(), Card: d.card}
		if d.oneOff != nil {
			d.claim = store.ClaimOneOff(*d.oneOff, claim)
		} else {
			d.progress.LastDate, d.progress.Claim = d.of.Date, claim
			d.claim = store.ClaimOccurrence(d.sub, d.progress, d.asking)
		}
		claims[i] = d.claim
	}
	unclear := func(err error) bool { return err != nil && !errors.Is(err, store.ErrClaimed) }
	_ = change.RetryIdempotent(func() error {
		answers, err := s.Store.Claim(ctx, claims)
		for i := range errs {
			if errs[i] = err; err == nil {
				errs[i] = answers[i]
			}
		}
		if i := slices.IndexFunc(errs, unclear); i >= 0 {
			return errs[i]
		}
		return nil
	})
	for i, d := range letters {
		if d.unclear = unclear(errs[i]); d.unclear {
			s.Log.WarnContext(ctx, "claim", "occurrence", d.name(), "error", errs[i])
			s.release(ctx, d)
		}
	}
	return errs
}

// release gives a claim back whose letter was surely not sent. Where that does not succeed, the
// letter is given up in time.
func (s *Service) release(ctx context.Context, d *delivery) {
	err := change.RetryIdempotent(func() error { return s.Store.Release(ctx, d.claim) })
	if store.IgnoreConflict(err) != nil {
		s.Log.WarnContext(ctx, "release", "occurrence", d.name(), "error", err)
	}
}

// deliver composes and sends one claimed letter, or releases the claim.
func (s *Service) deliver(ctx context.Context, d *delivery) {
	if taken, err := s.firstWasTaken(ctx, d); err != nil {
		s.Log.WarnContext(ctx, "second attempt", "occurrence", d.name(), "error", err)
		d.unclear = true
		s.release(ctx, d)
		return
	} else if taken {
		d.outcome = mend.Accepted
		return
	}
	l := d.newRecord(mend.Failed, d.claim.Nonce)
	l.Card, l.Question = d.card, d.question
	out, err := s.compose(d)
	if err != nil {
		s.Log.ErrorContext(ctx, "compose", "occurrence", d.name(), "error", err)
	} else {
		l.MessageID, l.Outcome = s.handOver(ctx, d, out)
	}
	if l.Outcome == pendingOutcome {
		s.release(ctx, d)
		return
	}
	l.At = s.Now()
	d.outcome, d.record = l.Outcome, &l
}

// firstWasTaken reports whether a one-off was sent before: while a second attempt was decided on,
// word may have come that the first was taken; and over the date line a promise can get a day on
// which it was asked about.
func (s *Service) firstWasTaken(ctx context.Context, d *delivery) (bool, error) {
	//mutant:always second attempt: not after word of the first | mail,events,slow,duplicate 0.15
	if d.oneOff == nil || d.oneOff.Attempts == 0 && d.kind != mend.PromiseKind {
		return false, nil
	}
	l, err := s.Store.Letter(ctx, d.person, d.of)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return l.Outcome == mend.Accepted, err
}

// handOver hands a letter to the mail service, once. The outcome is pendingOutcome if it was surely
// not taken. The log line of an accepted letter says what it was about as well.
func (s *Service) handOver(
	ctx context.Context, d *delivery, out mend.Outgoing,
) (messageID string, outcome mend.Outcome) {
	now := s.Now()
	//mutant:never[1] the last call within 20 s of its claim | lost,slow 0.2
	//mutant:never[2] expiry: before the call | delay,slow 0.3
	if now.Sub(d.claim.At) > claimGoodFor-callTakesUpTo || now.After(d.expires) {
		return "", pendingOutcome
	}
	calling, cancel := context.WithTimeout(ctx, callTakesUpTo)
	defer cancel()
	messageID, err := s.Mailer.Send(calling, out)
	if err == nil {
		s.Log.InfoContext(ctx, "sent", "occurrence", out.Occurrence, "kind", out.Kind, d.logged)
		return messageID, mend.Accepted
	}
	reason := err.Error() // mail services like to repeat the address in it
	reason = strings.ReplaceAll(strings.ReplaceAll(reason, out.To.Mail(), "(address)"), out.To.Key(), "(address)")
	switch {
	case errors.Is(err, mend.ErrClosed):
		s.Log.ErrorContext(ctx, "breaker opened", "occurrence", out.Occurrence, "error", reason)
		//mutant:drop breaker: opened | mail 0.1 60
		if err := change.RetryIdempotent(func() error {
			return s.Store.OpenBreaker(ctx, s.Now().Add(breakerFor))
		}); err != nil {
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
