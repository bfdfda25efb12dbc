package sending

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/mend/shared/change"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// sendOneOff sends a letter that belongs to no subscription.
func (s *Service) sendOneOff(ctx context.Context, w change.Task) error {
	if open, err := s.breakerOpen(ctx); err != nil || open {
		return err // its quarter-hour, and the sweeps after it, hand it out again
	}
	now := s.Now()
	o, err := s.Store.OneOff(ctx, *w.OneOff, now)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch is, outcome, err := s.judgeOneOff(ctx, o); {
	case err != nil:
		return err
	case is == pending && o.State == mend.OneOffClaimed:
		return lookAgain(o)
	case is == pending || is == finished && outcome == "":
		return nil
	case is == finished:
		return s.close(ctx, o)
	case is == overdue:
		return s.endOneOff(ctx, o, outcome)
	}
	// Only a letter that goes out waits for its turn. Whom it goes to is read after that.
	if near, err := s.oneOffTurn(ctx, o, w); err != nil || !near {
		return err
	}
	to, err := s.recipientOf(ctx, o)
	var body letter.Body
	if err == nil {
		body, err = s.oneOffBody(ctx, o, to)
	}
	if err == nil && to.counted != nil {
		if err = s.Store.SaveMailbox(ctx, o.Address, *to.counted, s.Now()); errors.Is(err, store.ErrConflict) {
			err = store.ErrNotFound // another letter went there meanwhile
		}
	}
	if errors.Is(err, store.ErrNotFound) { // it may not be sent any more, or what it is about is gone
		return s.close(ctx, o)
	}
	if err != nil {
		return err
	}
	return s.deliverOneOff(ctx, o, to, body)
}

// judgeOneOff decides what is to be done about a one-off as it was read, and writes nothing. The outcome of one
// that is finished is "" where that is known and closed.
//
// What became of one that is claimed its record says, which SES's SEND event completes. There is a second attempt
// for the kinds whose loss hurts more than a double. The others are given up.
func (s *Service) judgeOneOff(ctx context.Context, o mend.OneOff) (verdict, mend.Outcome, error) {
	now := s.Now()
	switch {
	case o.State == mend.OneOffDone || o.State == mend.OneOffCancelled:
		return finished, "", nil
	case o.State != mend.OneOffClaimed && now.Before(o.Due.Add(-change.Skew)):
		return pending, "", nil // its quarter-hour comes
	case o.State != mend.OneOffClaimed && now.After(o.Expires):
		return overdue, mend.Expired, nil
	case o.State != mend.OneOffClaimed:
		return sendIt, "", nil
	}
	l, err := s.Store.Letter(ctx, o.Person, change.LetterOf(o))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, "", err
	}
	if err == nil && l.Outcome != mend.Unknown {
		return finished, l.Outcome, nil
	}
	wait, again := secondAttempt(o)
	//mutant:never second attempt: only after a while
	if now.Sub(o.Claim.At) < wait {
		return pending, "", nil
	}
	//mutant:always[2] second attempt: only one
	if again && o.Attempts < 2 && !now.After(o.Expires) {
		return sendIt, "", nil
	}
	return overdue, mend.GivenUp, nil
}

// endOneOff records a one-off that will not be sent any more, and closes it.
func (s *Service) endOneOff(ctx context.Context, o mend.OneOff, outcome mend.Outcome) error {
	if outcome == mend.Expired {
		s.Log.WarnContext(ctx, "expired", "person", o.Person, "oneoff", o.ID, "kind", o.Kind)
	} else {
		s.Log.WarnContext(ctx, "given up", "person", o.Person, "oneoff", o.ID, "kind", o.Kind)
	}
	return s.finishOneOff(ctx, o, mend.Letter{Outcome: outcome, Nonce: o.Claim.Nonce})
}

// recipientOf reads to whom a one-off goes as they are now: whether they may still get it, and how much of their
// words it may show. It returns store.ErrNotFound where they may not.
func (s *Service) recipientOf(ctx context.Context, o mend.OneOff) (recipient, error) {
	if o.Notice == change.NoticeErased {
		return recipient{address: o.Address, name: o.Name, privacy: o.Privacy, zone: o.Zone}, nil
	}
	p, err := s.Store.Person(ctx, o.Person, s.Now())
	if err != nil {
		return recipient{}, err
	}
	var counted *store.Mailbox
	may := p.Status == mend.Active
	if o.Address != p.Address && o.Notice != change.AskToMove {
		may = false // they moved since: tokens of today are not for the mailbox of yesterday
	}
	switch o.Kind {
	case mend.Confirmation:
		may = p.Status != mend.Suppressed && p.PendingConfirmation == o.ID
		if o.Notice == change.AskToMove && p.Status == mend.Active {
			if may, counted, err = s.account.MayAskToMove(ctx, o); err != nil {
				return recipient{}, err
			}
		}
	case mend.SignIn:
		may = p.Status != mend.Pending
	case mend.Notice:
		may = may || p.Status == mend.Stopped && o.Notice == change.NoticeGoodbye // which is why they stand as stopped
	}
	if !may {
		return recipient{}, store.ErrNotFound
	}
	//mutant:never words: none in a letter where none are kept | crash,race 0.03
	if o.Kind == mend.PromiseKind && p.Retention == mend.KeepNone {
		p.Privacy = mend.LinkOnly // whatever words are still there
	}
	if o.Kind == mend.Confirmation {
		p.Name = "" // it holds nothing that anybody typed
	}
	return recipient{
		address: o.Address, name: p.Name, privacy: p.Privacy, cover: p.Cover, epoch: p.Epoch, space: p.NoContact, zone: p.Zone,
		counted: counted,
	}, nil
}

// deliverOneOff claims, composes, sends and records a one-off as it was read.
func (s *Service) deliverOneOff(ctx context.Context, o mend.OneOff, to recipient, body letter.Body) error {
	nonce, err := s.Random(10)
	if err != nil {
		return err
	}
	of, claimed := change.LetterOf(o), o
	claimed.Version++
	claim := mend.Claim{Nonce: nonce, State: mend.ClaimOpen, At: s.Now()}
	release := func() error {
		return change.IgnoreConflict(change.RetryIdempotent(func() error { return s.Store.ReleaseOneOff(ctx, claimed) }))
	}
	err = change.RetryIdempotent(func() error { return s.Store.ClaimOneOff(ctx, o, claim) })
	if errors.Is(err, store.ErrClaimed) {
		return nil
	}
	if err != nil { // written or not: nothing may be sent
		return errors.Join(err, release())
	}
	// While a second attempt was decided on, word may have come that the first was taken; and over
	// the date line a promise can get a day on which it was asked about.
	//mutant:never second attempt: not after word of the first | mail,events,slow,duplicate 0.15
	if o.Attempts > 0 || o.Kind == mend.PromiseKind {
		switch l, err := s.Store.Letter(ctx, o.Person, of); {
		case err == nil && l.Outcome == mend.Accepted:
			return s.close(ctx, claimed)
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return errors.Join(err, release())
		}
	}
	record := mend.Letter{Nonce: nonce, Outcome: mend.Failed}
	out, err := s.compose(of, o.Person, to, nonce, body)
	if err != nil {
		s.Log.ErrorContext(ctx, "compose", "person", o.Person, "oneoff", o.ID, "error", err)
	} else {
		record.MessageID, record.Outcome = s.handOver(ctx, out, claim.At, o.Expires)
	}
	switch record.Outcome {
	case pendingOutcome:
		return release()
	case mend.Unknown:
		if err := s.RecordOneOff(ctx, o, record); err != nil {
			return err
		}
		return lookAgain(o)
	}
	return s.finishOneOff(ctx, claimed, record)
}

// errUnsettled has the queue deliver the message again: by then the outcome may be known.
var errUnsettled = errors.New("the outcome is not known yet")

// lookAgain returns an error for the letters that someone waits for, so that the queue brings them
// back in minutes. The sweeps see to the others.
func lookAgain(o mend.OneOff) error {
	if o.Kind == mend.Confirmation || o.Kind == mend.SignIn {
		return errUnsettled
	}
	return nil
}

// finishOneOff records what became of a one-off and closes it.
func (s *Service) finishOneOff(ctx context.Context, o mend.OneOff, l mend.Letter) error {
	if err := s.RecordOneOff(ctx, o, l); err != nil {
		return err
	}
	return s.close(ctx, o)
}

// close takes a one-off out of what is still to be sent; of the notice of an erasure nothing is left.
func (s *Service) close(ctx context.Context, o mend.OneOff) error {
	return change.IgnoreConflict(change.RetryIdempotent(func() error {
		if o.Notice == change.NoticeErased {
			return s.Store.ForgetOneOff(ctx, store.OneOffKey{Person: o.Person, ID: o.ID})
		}
		return s.Store.CloseOneOff(ctx, o)
	}))
}

// secondAttempt returns how long the outcome of a one-off may stay unknown, and whether it is tried
// again after that. Someone waits for a confirmation and for a sign-in link, which is good for a
// quarter of an hour: those are tried again sooner.
func secondAttempt(o mend.OneOff) (after time.Duration, again bool) {
	switch o.Kind {
	case mend.Confirmation, mend.SignIn:
		return 5 * time.Minute, true
	case mend.PromiseKind, mend.Reminder:
		return unknownTimeout, true
	}
	return unknownTimeout, o.Notice == change.NoticeErased
}

// oneOffBody writes what a one-off says. It returns store.ErrNotFound if what it is about is gone.
func (s *Service) oneOffBody(ctx context.Context, o mend.OneOff, to recipient) (letter.Body, error) {
	link := func(purpose token.Purpose, at string, expires time.Time) (string, error) {
		text, err := s.Sign(token.Claims{
			Purpose: purpose, Person: o.Person, Thing: o.ID, Epoch: to.epoch, Date: o.Date, Expires: expires,
		})
		return s.Site + at + text, err
	}
	switch o.Kind {
	case mend.Confirmation:
		if o.Notice == change.AskToMove {
			yes, no, err := s.moveLinks(o, to.epoch)
			return letter.Confirmation{ConfirmURL: yes, NotMeURL: no}, err
		}
		confirm, err := link(token.Confirm, "/confirm/", time.Time{})
		if err != nil {
			return nil, err
		}
		notMe, err := link(token.NotMe, "/notme/", time.Time{})
		return letter.Confirmation{ConfirmURL: confirm, NotMeURL: notMe}, err
	case mend.SignIn:
		url, err := link(token.SignIn, "/signin/", o.Expires)
		if err != nil {
			return nil, err
		}
		mute, err := s.muteURL(o, to.epoch)
		return letter.SignIn{URL: url, MuteURL: mute}, err
	case mend.Welcome:
		w, err := s.Store.Load(ctx, o.Person, s.Now())
		if err != nil {
			return nil, err
		}
		view, err := s.account.View(w)
		return letter.Welcome{First: mend.InWords(view.Next), Rhythm: view.Rhythm}, err
	case mend.PromiseKind:
		promise, err := s.Store.Promise(ctx, o.Person, o.Promise, s.Now())
		if err != nil {
			return nil, err
		}
		if !promise.IsOpen() || promise.Due != o.Date {
			return nil, store.ErrNotFound // answered, or moved to another day
		}
		text, err := s.Sign(token.Claims{
			Purpose: token.Promise, Person: o.Person, Thing: o.Promise, Epoch: to.epoch, Date: change.LocalDate(o),
		})
		return letter.Promise{
			Words: promise.Words, Ticked: promise.ShowWords, Due: promise.Due, AnswerURL: s.Site + "/promise/" + text,
			Space: to.space,
		}, err
	case mend.Reminder:
		return s.postponedReminder(ctx, o)
	case mend.Notice:
		page := "/signin"
		switch o.Notice {
		case change.NoticeMove:
			_, keep, err := s.moveLinks(o, to.epoch)
			return letter.Notice{Name: o.Notice, URL: keep}, err
		case change.NoticeGoodbye:
			page = "/join"
		}
		if isAnswer(o) {
			return s.answerBody(ctx, o, to.epoch)
		}
		mute, err := s.muteURL(o, to.epoch)
		return letter.Notice{Name: o.Notice, URL: s.Site + page, MuteURL: mute}, err
	}
	return nil, fmt.Errorf("a one-off of kind %q", o.Kind)
}

// postponedReminder is a reminder that was snoozed, or held back by a pause, with the words that it has now. It returns
// store.ErrNotFound if the reminder is gone or paused, or has come again since.
func (s *Service) postponedReminder(ctx context.Context, o mend.OneOff) (letter.Body, error) {
	w, err := s.Store.Load(ctx, o.Person, s.Now())
	if err != nil {
		return nil, err
	}
	sub := w.Subscription(o.Reminder)
	if sub == nil || sub.Kind != mend.Reminder || sub.Status == mend.Off || sub.Hold.IsOpen() ||
		!o.Meant.IsZero() && sub.Claim.At.After(o.Meant) {
		return nil, store.ErrNotFound
	}
	return letter.Reminder{Words: sub.Words, Ticked: sub.ShowWords}, nil
}
