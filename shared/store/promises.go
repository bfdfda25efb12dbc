package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
	if month := monthOf(p); !month.IsZero() {
		item[AttrSlot], item[AttrMember] = promiseSlot(p.Person, month), memberOf(key)
	}
	return keepUnknown(Write{Op: Put, Key: key, Item: item})
}

// monthOf is the month whose digest may name a promise: that of its day, or in which it was kept
// (in UTC). Zero: none.
func monthOf(p mend.Promise) mend.Date {
	switch {
	case p.MayBeNamed():
		return p.Due.FirstOfMonth()
	case p.State == mend.Kept:
		return mend.DateOf(p.Closed.UTC()).FirstOfMonth()
	}
	return mend.Date{}
}

// PromisesAround lists those of a person's promises that a digest of a month may name, and more:
// what is due in it, in the month before or in the one after, or was kept in them. However many
// others there are, it reads none of them. It is eventually consistent.
func (s *Journal) PromisesAround(ctx context.Context, id mend.ID, month mend.Date,
	now time.Time) ([]mend.Promise, error) {
	first := month.FirstOfMonth()
	var keys []Key
	for _, m := range []mend.Date{first.AddDays(-1).FirstOfMonth(), first, first.AddDays(first.DaysInMonth())} {
		found, err := list(ctx, s.records, Query{Slots: true, Partition: promiseSlot(id, m)}, time.Time{}, Item.Key)
		if err != nil {
			return nil, fmt.Errorf("find the promises of a month: %w", err)
		}
		keys = append(keys, found...)
	}
	slices.SortFunc(keys, func(a, b Key) int { return strings.Compare(a.SK, b.SK) })
	keys = slices.Compact(keys) // one that moved between the queries
	var promises []mend.Promise
	for some := range slices.Chunk(keys, MostRead) {
		items, err := s.table.GetEach(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("read the promises of a month: %w", err)
		}
		for _, it := range items {
			if it != nil && !it.expired(now) {
				promises = append(promises, promiseFrom(it))
			}
		}
	}
	return promises, nil
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
