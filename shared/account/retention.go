package account

import (
	"context"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// SetRetention says how long words are kept, those that are there too: for good, for 90 days, or
// not at all. Without words, moods, days and the days of promises stay; a reminder keeps its words.
// It requires a session, and may be done again after an interruption. Errors: [mend.Problems],
// [*mend.Error].
func (s *Service) SetRetention(ctx context.Context, a Access, retention mend.Retention) error {
	if !a.SignedIn {
		return mend.ErrSignIn
	}
	switch retention {
	case mend.KeepForGood, mend.Keep90Days, mend.KeepNone:
	default:
		return mend.Problems{"retention": "Please choose how long we keep what you write."}
	}
	if retention != mend.KeepForGood { // those words stand in backups
		if err := s.WriteJournal(ctx, a.Person, change.JournalKeep+string(retention)); err != nil {
			return err
		}
	}
	return s.KeepFor(ctx, a.Person, retention)
}

// KeepFor is SetRetention without its entry in the journal.
func (s *Service) KeepFor(ctx context.Context, id mend.ID, retention mend.Retention) error {
	_, err := s.Change(ctx, id, func(w store.Account) (*store.Transaction, error) {
		if w.Person.Retention == retention {
			return nil, nil
		}
		w.Person.Retention = retention
		return &store.Transaction{Person: w.Person}, nil
	})
	if err != nil {
		return err
	}
	return s.Store.ApplyRetention(ctx, id, retention, s.Now())
}
