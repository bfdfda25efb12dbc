package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/mend/shared/mend"
)

// Record writes what became of a letter, unless what stands there weighs more: accepted wins over
// everything; anything else only takes the place of an unknown outcome. It returns the outcome that
// stands.
func (s *Deliveries) Record(ctx context.Context, l mend.Letter) (mend.Outcome, error) {
	key, item := letterKey(l.Person, l.Of), recordItem(l)
	_, err := s.table.Write(ctx, Write{Op: Put, Key: key, Item: item, If: Condition{{AttrPK, Missing, nil}}})
	if !isConditionFailed(err) {
		return l.Outcome, wrap(err, "record a letter")
	}
	delete(item, "delivered") // which an event may have noted meanwhile
	condition := Condition{{"outcome", Equal, string(mend.Unknown)}}
	if l.Outcome == mend.Accepted {
		//mutant:worlds outcome crash,mail,events 0.03
		condition = Condition{{"outcome", NotEqual, string(mend.Accepted)}}
	}
	_, err = s.table.Write(ctx, Write{Op: Update, Key: key, Set: item, If: condition})
	var failed *ConditionFailed
	if errors.As(err, &failed) { // what stands there weighs more
		return mend.Outcome(failed.Old.text("outcome")), nil
	}
	return l.Outcome, wrap(err, "record a letter")
}

// recordItem is the item of a letter's record. That of a confirmation goes when a person who does
// not confirm is forgotten.
func recordItem(l mend.Letter) Item {
	item := letterFields(&l).item()
	if l.Kind == mend.Confirmation {
		forgotten(item, l.At.Add(7*24*time.Hour))
	}
	return item
}

// RecordEach writes the outcomes of up to [MostWrite] letters, as [Store.Record] does each. In
// the usual case, no record being there yet, it is one request.
func (s *Deliveries) RecordEach(ctx context.Context, letters []mend.Letter) error {
	writes := make([]Write, len(letters))
	for i, l := range letters {
		writes[i] = Write{Op: Put, Key: letterKey(l.Person, l.Of), Item: recordItem(l),
			If: Condition{{AttrPK, Missing, nil}}}
	}
	errs, err := s.table.WriteEach(ctx, writes)
	if err != nil {
		return fmt.Errorf("record %d letters: %w", len(letters), err)
	}
	for i := range errs {
		if errs[i] != nil {
			_, errs[i] = s.Record(ctx, letters[i])
		}
	}
	return errors.Join(errs...)
}

// Letter reads the record of a letter. Errors: [ErrNotFound].
func (s *Deliveries) Letter(ctx context.Context, id mend.ID, of mend.LetterKey) (mend.Letter, error) {
	it, err := s.get(ctx, letterKey(id, of), time.Time{})
	return letterFrom(it), wrap(err, "read a letter")
}

// What [Store.Note] notes of a letter.
const (
	Delivered = "delivered" // it reached its mailbox
	Bounced   = "bounced"   // the mailbox did not take it for now
)

// Note notes when something happened to a letter. A letter without a record is left without one.
func (s *Deliveries) Note(ctx context.Context, id mend.ID, of mend.LetterKey, what string, at time.Time) error {
	err := s.write(ctx, Write{
		Op: Update, Key: letterKey(id, of), Set: Item{what: millis(at)}, If: Condition{{AttrPK, Exists, nil}},
	}, "note what became of a letter")
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

const restPrefix = "REST#"

// RegisterRest notes that a person's letters rest until an instant, because their mailbox takes
// none: for the operator's figures.
func (s *Deliveries) RegisterRest(ctx context.Context, id mend.ID, until time.Time) error {
	w := Write{Op: Put, Key: Key{system, restPrefix + string(id)}, Item: Item{AttrTTL: until.Unix()}}
	return s.write(ctx, w, "register a rest")
}

// Rests counts the people whose letters rest because their mailbox takes none.
func (s *Deliveries) Rests(ctx context.Context, now time.Time) (n int, err error) {
	err = s.each(ctx, within(system, restPrefix), now, func(Item) error {
		n++
		return nil
	})
	return n, wrap(err, "count the rests")
}
