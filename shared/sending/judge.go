package sending

import (
	"context"
	"errors"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// delivery is one letter of a page on its way: an occurrence of a subscription, or a
// one-off, as it was read.
type delivery struct {
	person  mend.ID
	of      mend.LetterKey
	kind    mend.Kind
	due     time.Time
	expires time.Time
	read    mend.Claim // that stood there
	sub     mend.Subscription
	oneOff  *mend.OneOff // nil: an occurrence of sub. Without an ID: one that is not there

	draft
	claim   store.Claim  // ours
	unclear bool         // whether the claim was written
	outcome mend.Outcome // pendingOutcome: it was not sent, and is handed out again
	record  *mend.Letter
}

func (d *delivery) name() string { return mend.LetterName(d.person, d.of) }

// newRecord is the record of what became of a letter in one attempt.
func (d *delivery) newRecord(o mend.Outcome, nonce string) mend.Letter {
	l := mend.Letter{Person: d.person, Of: d.of, Kind: d.kind}
	if d.oneOff != nil {
		l = change.RecordOf(*d.oneOff)
	}
	l.Outcome, l.Nonce = o, nonce
	return l
}

// isErasureNotice reports the last letter to a person who was erased.
func (d *delivery) isErasureNotice() bool {
	return d.oneOff != nil && d.oneOff.Notice == change.NoticeErased
}

// isAwaited reports whether someone waits for a letter, so that the queue brings it back within
// minutes. The sweeps see to the others.
func (d *delivery) isAwaited() bool { return d.kind == mend.Confirmation || d.kind == mend.SignIn }

// isOf reports whether a one-off is still to be handed out by a page: it is there, and
// was not moved.
func (d *delivery) isOf(page store.Page) bool { return d.oneOff.ID != "" && d.due.Equal(page.Due) }

// isClaimed reports whether a letter was claimed and not released: perhaps it was sent.
func (d *delivery) isClaimed() bool {
	if d.oneOff != nil {
		return d.read.State == mend.ClaimOpen || d.read.State == mend.ClaimEnded
	}
	return d.sub.LastDate == d.of.Date && d.read.State != mend.ClaimReleased
}

// verdict is how a letter stands before anything is done about it.
type verdict uint8

const (
	sendIt   verdict = iota + 1
	pending          // claimed, and its outcome not known yet; or not due yet
	overdue          // its time is over and it has no outcome: the one returned with this is to be recorded
	finished         // sent, given up, or not due any more
)

const (
	pendingOutcome = mend.Outcome("") // not ended: the page stays open
	// what the audit calls a letter that was not due any more when its turn came
	released = mend.Outcome("released")

	unknownTimeout = 15 * time.Minute // an open claim without a record after this is given up
	awaitedTimeout = 5 * time.Minute  // the same of the letters that someone waits for
	commitTakes    = time.Minute      // and more: from the page of a one-off to the one-off itself
)

// judge decides from what was read what is to be done about a letter, and writes nothing. That is
// safe because the claim fails if anything has changed since.
func (s *Service) judge(ctx context.Context, d *delivery, page store.Page) (verdict, mend.Outcome, error) {
	now := s.Now()
	due, err := s.isDue(ctx, d, page)
	switch {
	case err != nil:
		return 0, "", err
	//mutant:never unknown: given up, not sent again
	case d.isClaimed() && (d.oneOff == nil || d.isOf(page)):
		return s.lookUpOutcome(ctx, d, d.read.At)
	case d.oneOff == nil && d.sub.LastDate.After(page.Date) && due:
		// overtaken: by a restore, or after an outage of a day
		return s.lookUpOutcome(ctx, d, page.Due)
	//mutant:never consent: read again before the claim
	case d.oneOff == nil && d.sub.Status != mend.Active:
		return finished, released, nil
	case !due && d.oneOff != nil && now.Before(page.Due.Add(commitTakes)):
		return pending, "", nil // what makes or moves it may not have committed yet
	case !due: // it was cancelled or moved, a later letter has come, or the rule changed: another page has it
		return finished, released, nil
	case now.Before(d.due.Add(-change.Skew)):
		return pending, "", nil
	//mutant:never expiry: before the claim
	case now.After(d.expires):
		return overdue, mend.Expired, nil
	}
	return sendIt, "", nil
}

// isDue reports whether a page's letter is due by the settings as they were read.
func (s *Service) isDue(ctx context.Context, d *delivery, page store.Page) (bool, error) {
	if d.oneOff != nil {
		return d.isOf(page), nil
	}
	due := cadence.IsScheduled(d.sub, page.Date) && cadence.DueAt(d.sub.Cadence, page.Date).Equal(page.Due)
	if page.Requested { // whatever the rule says
		w, err := s.Store.Load(ctx, d.person, s.Now())
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return false, err
		}
		due = !d.sub.Hold.Covers(page.Date) && !cadence.DigestCame(w.CheckIn(), w.Digest(), page.Date)
	}
	// they may have chosen a digest since
	return due && (page.StandsIn || !cadence.DigestReplaces(d.sub, page.Date)), nil
}

// lookUpOutcome finds out what became of an open claim from its record, which SES's SEND event
// completes. If there is none after a while, kinds whose loss hurts more than a double have a
// second attempt. The others are given up: perhaps the letter was taken.
func (s *Service) lookUpOutcome(ctx context.Context, d *delivery, since time.Time) (verdict, mend.Outcome, error) {
	l, err := s.Store.Letter(ctx, d.person, d.of)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, "", err
	}
	if err == nil && l.Outcome != mend.Unknown {
		return finished, l.Outcome, nil
	}
	if d.read.State == mend.ClaimEnded {
		return finished, released, nil
	}
	wait, again := d.secondAttempt()
	//mutant:never second attempt: only after a while
	if s.Now().Sub(since) < wait {
		return pending, "", nil
	}
	//mutant:always[2] second attempt: only one
	if again && d.oneOff.Attempts < 2 && !s.Now().After(d.expires) {
		return sendIt, "", nil
	}
	return overdue, mend.GivenUp, nil
}

// secondAttempt returns how long the outcome of a letter may stay unknown, and whether it is tried
// again after that. Someone waits for a confirmation and for a sign-in link, which is good for a
// quarter of an hour: those are tried again sooner.
func (d *delivery) secondAttempt() (after time.Duration, again bool) {
	switch {
	case d.oneOff == nil:
		return unknownTimeout, false
	case d.isAwaited():
		return awaitedTimeout, true
	}
	return unknownTimeout, d.kind == mend.PromiseKind || d.kind == mend.Reminder || d.isErasureNotice()
}
