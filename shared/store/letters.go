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
	w := recordWrite(l)
	_, err := s.table.Write(ctx, w)
	if !isConditionFailed(err) {
		return l.Outcome, wrap(err, "record a letter")
	}
	delete(w.Item, "delivered") // which an event may have noted meanwhile
	condition := Condition{{"outcome", Equal, string(mend.Unknown)}}
	if l.Outcome == mend.Accepted {
		//mutant:worlds outcome crash,mail,events 0.03
		condition = Condition{{"outcome", NotEqual, string(mend.Accepted)}}
	}
	_, err = s.table.Write(ctx, Write{Op: Update, Key: w.Key, Set: w.Item, If: condition})
	if failed, ok := errors.AsType[*ConditionFailed](err); ok { // what stands there weighs more
		return mend.Outcome(failed.Old.text("outcome")), nil
	}
	return l.Outcome, wrap(err, "record a letter")
}

// recordWrite makes the record of a letter. That of a confirmation goes when a person who does not
// confirm is forgotten.
func recordWrite(l mend.Letter) Write {
	item := letterFields(&l).item()
	if l.Kind == mend.Confirmation {
		expire(item, l.At.Add(7*24*time.Hour))
	}
	return Write{Op: Put, Key: letterKey(l.Person, l.Of), Item: item, If: Condition{{AttrPK, Missing, nil}}}
}

// RecordEach writes the outcomes of up to [MostWrite] letters, as [Store.Record] does each. In
// the usual case, no record being there yet, it is one request.
func (s *Deliveries) RecordEach(ctx context.Context, letters []mend.Letter) error {
	errs, err := s.table.WriteEach(ctx, mapped(letters, recordWrite))
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

// Letters visits the records of letters that come after one, oldest first, up to those of a local
// date (zero: no bound). A key of a date alone stands before the letters of that date, and a zero
// one before all.
func (s *Deliveries) Letters(ctx context.Context, id mend.ID, after mend.LetterKey, last mend.Date,
	visit func(mend.Letter) error) error {
	q := ofPerson(id, "LETTER#"+last.String())
	q.After = letterKey(id, after).SK
	return wrap(s.each(ctx, q, time.Time{}, func(it Item) error { return visit(letterFrom(it)) }), "read letters")
}

// What [Store.Note] notes of a letter.
const (
	Delivered = "delivered" // it reached its mailbox
	Bounced   = "bounced"   // the mailbox did not take it for now
)

// Note notes when something happened to a letter. A letter without a record is left without one.
func (s *Deliveries) Note(ctx context.Context, id mend.ID, of mend.LetterKey, what string, at time.Time) error {
	return IgnoreConflict(s.write(ctx, Write{
		Op: Update, Key: letterKey(id, of), Set: Item{what: millis(at)}, If: Condition{{AttrPK, Exists, nil}},
	}, "note what became of a letter"))
}

const restPrefix = "REST#"

// RegisterRest notes that a person's letters rest until an instant, because their mailbox takes
// none: for the operator's figures.
func (s *Deliveries) RegisterRest(ctx context.Context, id mend.ID, until time.Time) error {
	w := Write{Op: Put, Key: Key{system, restPrefix + string(id)}, Item: Item{AttrTTL: until.Unix()}}
	return s.write(ctx, w, "register a rest")
}

// Rests counts the people whose letters rest because their mailbox takes none.
func (s *Deliveries) Rests(ctx context.Context, now time.Time) (int, error) {
	rests, err := list(ctx, s.records, within(system, restPrefix), now, Item.Key)
	return len(rests), wrap(err, "count the rests")
}
