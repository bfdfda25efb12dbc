package journal

import (
	"context"
	"errors"

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
	err = change.Retry(func() error { return s.Store.UndeleteReply(ctx, a.Secret, d) })
	if errors.Is(err, mend.ErrConcurrentChange) { // it was undone before, or must not be: not a race that ends
		return errNoUndo
	}
	return err
}

// undeletePromise makes a deleted promise again. If someone said no since, it waits to be looked
// at.
func (s *Service) undeletePromise(ctx context.Context, a account.Access, d store.Deleted) error {
	err := s.changePromise(ctx, a, func(w store.Account) (*store.Transaction, error) {
		promise := *d.Promise
		if w.Person.Retention != d.Retention {
			return nil, errNoUndo
		}
		if _, err := s.Store.Promise(ctx, a.Person, promise.ID, s.Now()); !errors.Is(err, store.ErrNotFound) {
			return nil, err // it is there already, or can't be looked for
		}
		if len(w.OneOffs) >= account.MostWaiting {
			return nil, &mend.Error{Code: mend.Invalid, Sentence: errNoRoom["due"]}
		}
		if promise.IsOpen() && w.Person.NoContact && !d.NoContact {
			promise.Hold = mend.Hold{Why: mend.ToReview}
		}
		letters, err := s.account.AskOnce(ctx, w.Person, promise, account.EveningsOf(w.OneOffs...))
		return &store.Transaction{Person: w.Person, Promises: []mend.Promise{promise}, OneOffs: letters}, err
	})
	if err != nil {
		return err
	}
	return s.Store.ForgetDeleted(ctx, a.Person, a.Secret)
}
