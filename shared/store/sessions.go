package store

import (
	"context"
	"time"

	"example.org/mend/shared/person"
)

// EndSessions closes all sessions of a person but one ("" for none).
func (s *Store) EndSessions(ctx context.Context, id person.ID, but person.Thing) error {
	err := s.each(ctx, Query{Partition: personKey(id, "").PK, Prefix: "SESSION#"}, time.Time{}, func(it Item) error {
		if but != "" && afterPrefix(it, "SESSION#") == string(but) {
			return nil
		}
		_, err := s.table.Write(ctx, Write{Op: Delete, Key: it.Key()})
		return err
	})
	return wrap(err, "close the sessions")
}
