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

// draftOneOff chooses whom a one-off goes to and what it says. It returns errNoLetter if it may not
// be sent any more, or what it is about is gone.
func (s *Service) draftOneOff(ctx context.Context, o mend.OneOff, d *draft) error {
	to, err := s.recipientOf(ctx, o)
	if err == nil {
		d.body, err = s.oneOffBody(ctx, o, to)
	}
	if err == nil && to.counted != nil {
		err = s.Store.SaveMailbox(ctx, o.Address, *to.counted, s.Now())
	}
	d.to = to
	// another letter went to that mailbox meanwhile
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) {
		return errNoLetter
	}
	return err
}

// recipientOf reads to whom a one-off goes as they are now: whether they may still get it, and how
// much of their words it may show. It returns store.ErrNotFound where they may not.
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
	//mutant:never words: none in a letter where none are kept | crash 0.1
	if o.Kind == mend.PromiseKind && p.Retention == mend.KeepNone {
		p.Privacy = mend.LinkOnly // whatever words are still there
	}
	if o.Kind == mend.Confirmation {
		p.Name = "" // it holds nothing that anybody typed
	}
	return recipient{
		address: o.Address, name: p.Name, privacy: p.Privacy, cover: p.Cover, epoch: p.Epoch, space: p.NoContact,
		zone: p.Zone, counted: counted,
	}, nil
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
		view := s.account.View(w)
		return letter.Welcome{First: mend.InWords(view.Next), Rhythm: view.Rhythm}, nil
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

// postponedReminder is a reminder that was snoozed, or held back by a pause, with the words that it
// has now. It returns store.ErrNotFound if the reminder is gone or paused, or has come again since.
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
