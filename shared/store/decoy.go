package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/mend/shared/mend"
)

// decoyID stands for the person where there is none, so that as much is read.
const decoyID mend.ID = "aaaaaaaaaaaaaaaa"

// LoadOrDecoy is [Store.Load] of a person who may not be there, or "": the account is then
// empty. It makes the same calls of the table for everybody, so that how long it takes does
// not tell who is there.
func (s *Accounts) LoadOrDecoy(ctx context.Context, id mend.ID, now time.Time) (Account, error) {
	if id == "" {
		id = decoyID
	}
	p, err := s.Person(ctx, id, now)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Account{}, err
	}
	w, errLoad := s.load(ctx, id, p, now)
	if err != nil {
		w = Account{}
	}
	return w, errLoad
}

// WriteDecoy makes the calls of a [Store.Commit] that makes a letter, and makes none: its items say
// nothing and are gone within the hour. It returns the page of a one-off that is not there.
func (s *Accounts) WriteDecoy(ctx context.Context, thing mend.ItemID, due time.Time) (Page, error) {
	const pages, others = 2, 4 // a quarter-hour and a page; a confirmation to a stopped person
	writes := make([]Write, pages+others)
	for i := range writes {
		writes[i] = Write{
			//mutant:kept AttrPK these writes only look like those for a person we know
			Op: Put, Key: Key{"NOTHING#" + string(thing), fmt.Sprint(i)}, If: Condition{{AttrPK, Missing, nil}},
			Item: Item{AttrTTL: due.Add(time.Hour).Unix()},
		}
	}
	page := PageOf(mend.OneOff{Person: decoyID, ID: thing, Due: due})
	for _, w := range writes[:pages] {
		if err := s.write(ctx, w, "write nothing"); err != nil {
			return page, err
		}
	}
	return page, wrap(s.transact(ctx, writes[pages:]), "write nothing")
}
