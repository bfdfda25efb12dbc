package journal

import (
	"context"
	"errors"
	"slices"

	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// undoBy is what lets a session undo a deletion. Without a session's secret the deletion is final.
func (s *Service) undoBy(a account.Access) store.Undo {
	return store.Undo{Secret: a.Secret, Nonce: s.RandomBytes(store.NonceSize)}
}

var errNoUndo = &mend.Error{
	Code:     mend.Gone,
	Sentence: "This can’t be undone anymore. You can undo a deletion for ten minutes, while you’re still signed in.",
}

// UndoDeletion puts back what the session deleted last, within [store.UndoLife]: an entry with its
// words and mood, or a promise and the letter that asks about it. It requires a session. Errors:
// [*mend.Error], with Gone where there is nothing to put back.
func (s *Service) UndoDeletion(ctx context.Context, a account.Access) error {
	if !a.SignedIn {
		return mend.ErrSignIn
	}
	d, err := s.Store.Deleted(ctx, a.Person, a.Secret, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return errNoUndo
	}
	if err != nil {
		return err
	}
	if d.Promise != nil {
		return s.undeletePromise(ctx, a, d)
	}
	err = change.Retry(func() error {
		err := s.Store.UndeleteReply(ctx, a.Secret, d)
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
		p, err := s.Store.Person(ctx, a.Person, s.Now())
		if err != nil {
			return change.GoneIfNotFound(err)
		}
		can, err := s.Store.CanUndo(ctx, a.Person, a.Secret, s.Now())
		if err != nil || !can || p.Retention != d.Retention {
			return errors.Join(err, errNoUndo)
		}
		return store.ErrConflict
	})
	if errors.Is(err, mend.ErrConcurrentChange) { // something else is in its place
		return errNoUndo
	}
	return err
}

// undeletePromise makes a deleted promise again. If someone said no since, it waits to be looked
// at.
func (s *Service) undeletePromise(ctx context.Context, a account.Access, d store.Deleted) error {
	err := s.changePromises(ctx, a, func(w store.Account, promises []mend.Promise) (*store.Transaction, error) {
		promise := *d.Promise
		if w.Person.Retention != d.Retention {
			return nil, errNoUndo
		}
		if slices.ContainsFunc(promises, func(p mend.Promise) bool { return p.ID == promise.ID }) {
			return nil, nil
		}
		if len(w.OneOffs) >= account.MostWaiting {
			return nil, &mend.Error{Code: mend.Invalid, Sentence: errNoRoom["due"]}
		}
		if promise.IsOpen() && w.Person.NoContact && !d.NoContact {
			promise.Hold = mend.Hold{Why: mend.ToReview}
		}
		c := store.Transaction{Person: w.Person, Promises: []mend.Promise{promise}}
		asked, err := s.account.WasAsked(ctx, promise)
		if err != nil || asked || !promise.IsOpen() {
			return &c, err
		}
		c.OneOffs = s.account.AskAbout(w.Person, promise, account.EveningsOf(w.OneOffs...))
		return &c, nil
	})
	if err != nil {
		return err
	}
	return s.Store.ForgetDeleted(ctx, a.Person, a.Secret)
}
