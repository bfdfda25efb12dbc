package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"example.org/mend/shared/person"
)

// A session is known by the hash of its secret: who reads the table opens none.

const sessionPrefix = "SESSION#"

func sessionKey(id person.ID, secret string) Key {
	sum := sha256.Sum256([]byte(secret))
	return personKey(id, sessionPrefix+hex.EncodeToString(sum[:]))
}

// AddSession opens a session. Its secret has 128 random bits or more.
func (s *Store) AddSession(ctx context.Context, id person.ID, secret string, until time.Time) error {
	return s.write(ctx, Write{Op: Put, Key: sessionKey(id, secret), Item: Item{AttrTTL: until.Unix()}}, "open a session")
}

// Session looks a session up that is open, and until when. Errors: [ErrNotFound].
func (s *Store) Session(ctx context.Context, id person.ID, secret string, now time.Time) (until time.Time, err error) {
	it, err := s.get(ctx, sessionKey(id, secret), now)
	return it.forget(), wrap(err, "look up a session")
}

// EndSession closes a session.
func (s *Store) EndSession(ctx context.Context, id person.ID, secret string) error {
	return s.write(ctx, Write{Op: Delete, Key: sessionKey(id, secret)}, "close a session")
}

// EndSessions closes all sessions of a person.
func (s *Store) EndSessions(ctx context.Context, id person.ID) error {
	err := s.each(ctx, Query{Partition: personKey(id, "").PK, Prefix: sessionPrefix}, time.Time{}, func(it Item) error {
		_, err := s.table.Write(ctx, Write{Op: Delete, Key: it.Key()})
		return err
	})
	return wrap(err, "close the sessions")
}
