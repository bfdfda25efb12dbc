package sending

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// draftOneOff chooses whom a one-off goes to and what it says. Errors: those of draft.
func (s *Service) draftOneOff(ctx context.Context, o mend.OneOff, d *draft) error {
	to, err := s.recipientOf(ctx, o)
	if err == nil {
		links := links{Service: s, claims: token.Claims{Person: o.Person, Epoch: to.epoch, Date: o.Date}}
		d.body, err = s.oneOffBody(ctx, o, to.space, &links)
		err = cmp.Or(err, links.err)
	}
	if err == nil && to.counted != nil {
		err = s.Store.SaveMailbox(ctx, o.Address, *to.counted, s.Now())
	}
	d.to = to
	if errors.Is(err, store.ErrConflict) { // another letter went to that mailbox meanwhile
		return errNoLetter
	}
	return err
}

// recipientOf reads to whom a one-off goes as they are now: whether they may still get it, and how
// much of their words it may show. It returns store.ErrNotFound where they may not.
func (s *Service) recipientOf(ctx context.Context, o mend.OneOff) (recipient, error) {
	if o.Notice == change.NoticeErased {
		return recipient{Head: letter.Head{To: o.Address, Name: o.Name, Privacy: o.Privacy}, zone: o.Zone}, nil
	}
	p, err := s.Store.Person(ctx, o.Person, s.Now())
	if err != nil {
		return recipient{}, err
	}
	if o.Address != p.Address && o.Notice != change.AskToMove {
		return recipient{}, store.ErrNotFound // they moved: links of today are not for the mailbox of yesterday
	}
	var counted *store.Mailbox
	may := p.Status == mend.Active
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
	return recipient{
		Head: letter.Head{To: o.Address, Name: p.Name, Privacy: p.Privacy, Cover: p.Cover},
		zone: p.Zone, epoch: p.Epoch, space: p.NoContact, counted: counted,
	}, nil
}

// oneOffBody writes what a one-off says. It returns store.ErrNotFound if what it is about is gone.
func (s *Service) oneOffBody(ctx context.Context, o mend.OneOff, space bool, links *links) (letter.Body, error) {
	switch o.Kind {
	case mend.Confirmation:
		if o.Notice == change.AskToMove {
			links.claims.Expires = s.Now().Add(account.MoveAnswer).Truncate(time.Second)
			return letter.Confirmation{
				ConfirmURL: links.to("/address/yes/", token.AddressChange, o.ID),
				NotMeURL:   links.to("/address/no/", token.AddressChange, o.ID),
			}, nil
		}
		return letter.Confirmation{
			ConfirmURL: links.to("/confirm/", token.Confirm, o.ID), NotMeURL: links.to("/notme/", token.NotMe, o.ID),
		}, nil
	case mend.SignIn:
		links.claims.Expires = o.Expires
		return letter.SignIn{URL: links.to("/signin/", token.SignIn, o.ID), MuteURL: links.mute(o)}, nil
	case mend.Welcome:
		w, err := s.Store.Load(ctx, o.Person, s.Now())
		if err != nil {
			return nil, err
		}
		view := s.account.View(w)
		return letter.Welcome{First: mend.InWords(view.Next, s.Now()), Rhythm: view.Rhythm}, nil
	case mend.PromiseKind:
		promise, err := s.Store.Promise(ctx, o.Person, o.Promise, s.Now())
		if err != nil {
			return nil, err
		}
		if !promise.IsOpen() || promise.Due != o.Date {
			return nil, store.ErrNotFound // answered, or moved to another day
		}
		links.claims.Date = change.LocalDate(o)
		return letter.Promise{
			Words: promise.Words, Ticked: promise.ShowWords, Due: promise.Due, Space: space,
			AnswerURL: links.to("/promise/", token.Promise, o.Promise),
		}, nil
	case mend.Reminder:
		return s.postponedReminder(ctx, o)
	case mend.Notice:
		if name, _, _ := strings.Cut(o.Notice, change.NoticeSeparator); slices.Contains(letter.Answers, name) {
			return s.answerBody(ctx, o, links)
		}
		n := letter.Notice{Name: o.Notice, URL: s.Site + "/signin", MuteURL: links.mute(o)}
		switch o.Notice {
		case change.NoticeMove:
			n.URL = links.to("/address/keep/", token.AddressCancel, o.Promise)
		case change.NoticeGoodbye:
			n.URL = s.Site + "/join"
		}
		return n, nil
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
	sub := account.ReminderOf(w, o.Reminder)
	if sub == nil || sub.Hold.IsOpen() || !o.Meant.IsZero() && sub.Claim.At.After(o.Meant) {
		return nil, store.ErrNotFound
	}
	return letter.Reminder{Words: sub.Words, Ticked: sub.ShowWords}, nil
}

// answerBody writes the letter that answers a reply, with the settings as they are now. It returns
// store.ErrNotFound if it would say what doesn't hold any more.
func (s *Service) answerBody(ctx context.Context, o mend.OneOff, links *links) (letter.Body, error) {
	w, err := s.Store.Load(ctx, o.Person, s.Now())
	if err != nil {
		return nil, err
	}
	view := s.account.View(w)
	names := strings.Split(o.Notice, change.NoticeSeparator)
	n := letter.Notice{
		Name:   names[0],
		Also:   names[1:],
		URL:    s.Site + "/signin",
		Next:   mend.InWords(view.Next, s.Now()),
		Rhythm: view.Rhythm,
	}
	if until := w.Person.Hold.Until; !until.IsZero() {
		n.Until = fmt.Sprintf("%d %s %d", until.Day, until.Month, until.Year)
	} else if slices.Contains(names, "paused") {
		return nil, store.ErrNotFound
	}
	switch n.Name {
	case change.NoticeWhen:
	case change.NoticeStop:
		n.URL = links.stop()
	default:
		n.URL = links.preferences()
	}
	return n, nil
}
