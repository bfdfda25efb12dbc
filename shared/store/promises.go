package store

import (
	"context"
	"time"

	"example.org/mend/shared/mend"
)

// promiseWrite makes a promise or replaces it; where words are kept for 90 days it goes again, and
// where none are kept it has none, though they were there when it was read.
func promiseWrite(p mend.Promise, retention mend.Retention) Write {
	item, key := promiseFields(&p).item(), promiseKey(p.Person, p.ID)
	switch retention {
	case mend.Keep90Days:
		expire(item, promiseGoes(p))
	case mend.KeepNone:
		item["words"] = ""
	}
	return keepUnknown(Write{Op: Put, Key: key, Item: item})
}

// promiseGoes is when a promise goes where words are kept for 90 days.
func promiseGoes(p mend.Promise) time.Time {
	return time.Date(p.Due.Year, p.Due.Month, p.Due.Day, 0, 0, 0, 0, time.UTC).Add(wordsLife)
}

// Promises lists a person's promises, in no order that means anything.
func (s *Journal) Promises(ctx context.Context, id mend.ID, now time.Time) ([]mend.Promise, error) {
	promises, err := list(ctx, s.records, ofPerson(id, "PROMISE#"), now, promiseFrom)
	return promises, wrap(err, "read promises")
}

// Promise reads one promise. Errors: [ErrNotFound].
func (s *Journal) Promise(ctx context.Context, id mend.ID, thing mend.ItemID, now time.Time) (mend.Promise, error) {
	it, err := s.get(ctx, promiseKey(id, thing), now)
	return promiseFrom(it), wrap(err, "read a promise")
}
