package store

import (
	"context"
	"errors"
	"fmt"

	"example.org/mend/shared/person"
)

// erasing is the status of a person of whom only the mark is left that their erasure has begun.
const erasing = "erasing"

// Erase removes everything of a person; keepAddress leaves the address record, which holds an HMAC and
// no address, because nothing may ever be sent there. Errors: [ErrConflict] if the
// person's version moved since it was read.
//
// A mark without an address or a word comes first, under the version, and ends what was
// decided before: no reply and no change commits after it. It goes last, so that
// an interrupted erasure is taken up again by [Store.FinishErasure].
func (s *Store) Erase(ctx context.Context, p person.Person, keepAddress bool) error {
	mark := Item{"status": erasing, "version": p.Version + 1, "addressKey": s.addressKey(p.Address).PK, "keepAddress": keepAddress}
	err := s.write(ctx, Write{
		Op: Put, Key: personKey(p.ID, "PERSON"), Item: mark, If: Condition{{"version", Equal, p.Version}},
	}, "begin to erase "+string(p.ID))
	if err != nil {
		return err
	}
	return s.FinishErasure(ctx, p.ID)
}

// FinishErasure takes up an erasure that was begun. It does nothing to a person who is not being erased.
func (s *Store) FinishErasure(ctx context.Context, id person.ID) error {
	marker := personKey(id, "PERSON")
	mark, err := s.table.Get(ctx, marker)
	if err != nil {
		return fmt.Errorf("erase %s: %w", id, err)
	}
	if mark.text("status") != erasing {
		return nil
	}
	if err := s.eraseAllBut(ctx, marker); err != nil {
		return fmt.Errorf("erase %s: %w", id, err)
	}
	if !mark.flag("keepAddress") {
		err := s.write(ctx, Write{
			Op: Delete, Key: Key{mark.text("addressKey"), "-"}, If: Condition{{"person", Equal, string(id)}, {"blocked", Equal, false}},
		}, "erase an address")
		if err != nil && !errors.Is(err, ErrConflict) { // gone already, blocked, or somebody else's by now
			return err
		}
	}
	return s.write(ctx, Write{Op: Delete, Key: marker}, "erase "+string(id))
}

// eraseAllBut deletes every item of a person, whatever it is, but for the mark.
func (s *Store) eraseAllBut(ctx context.Context, marker Key) error {
	for {
		page, err := s.table.Query(ctx, Query{Partition: marker.PK, Limit: MostRead})
		if err != nil {
			return err
		}
		var deletes []Write
		for _, it := range page.Items {
			if it.Key() != marker {
				deletes = append(deletes, Write{Op: Delete, Key: it.Key()})
			}
		}
		if len(deletes) == 0 {
			return nil
		}
		if err := s.transact(ctx, deletes); err != nil {
			return err
		}
	}
}
