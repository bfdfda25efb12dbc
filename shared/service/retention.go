package service

import (
	"context"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// SetRetention says how long words are kept from now on, and brings what is there in line: for good, for 90 days, or no
// words at all. Words that go this way do not come back. Where no words are kept, moods, days and the days of promises
// stay; a reminder keeps its words, being nothing else. It wants a session, and may be done again where it was
// interrupted. Errors: [Problems], [*Error].
func (s *Service) SetRetention(ctx context.Context, a Access, retention mend.Retention) (Settings, error) {
	if !a.SignedIn {
		return Settings{}, errSignIn
	}
	switch retention {
	case mend.KeepForGood, mend.Keep90Days, mend.KeepNone:
	default:
		return Settings{}, Problems{"retention": "Please choose how long we keep what you write."}
	}
	if retention != mend.KeepForGood { // those words stand in backups
		if err := s.journal(ctx, a.Person, journalKeep+string(retention)); err != nil {
			return Settings{}, err
		}
	}
	if err := s.keepFor(ctx, a.Person, retention); err != nil {
		return Settings{}, err
	}
	return s.Settings(ctx, a)
}

// keepFor is SetRetention without its entry in the journal.
func (s *Service) keepFor(ctx context.Context, id mend.ID, retention mend.Retention) error {
	_, err := s.change(ctx, id, func(w store.Account) (*store.Transaction, error) {
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

// keptWords is what of somebody's words is kept.
func keptWords(p mend.Person, words string) string {
	if p.Retention == mend.KeepNone {
		return ""
	}
	return words
}

// retain applies what the person chose to a reply that comes in. Their word stands even before the table has caught up.
func retain(p mend.Person, kept *store.ReplyKept) {
	kept.Retention = p.Retention
	kept.Reply.Words = keptWords(p, kept.Reply.Words)
	switch p.Retention {
	case mend.KeepNone:
		kept.Reply.Answers, kept.Reply.AttachmentNames = nil, nil
	case mend.Keep90Days:
		kept.Forget = kept.Reply.At.Add(store.WordsLife)
	}
}

// keptReply is a reply as it may be shown; false if its time is over.
func keptReply(p mend.Person, r mend.Reply, now time.Time) (mend.Reply, bool) {
	if p.Retention == mend.KeepNone {
		r.Words, r.Answers, r.AttachmentNames = "", nil, nil
	}
	return r, p.Retention != mend.Keep90Days || now.Before(r.At.Add(store.WordsLife))
}

// keptPromises is those of the promises that may be shown, even before the table has caught up.
func keptPromises(p mend.Person, promises []mend.Promise, now time.Time) []mend.Promise {
	var kept []mend.Promise
	for _, promise := range promises {
		promise.Words = keptWords(p, promise.Words)
		if p.Retention != mend.Keep90Days || now.Before(store.PromiseGoes(promise)) {
			kept = append(kept, promise)
		}
	}
	return kept
}
