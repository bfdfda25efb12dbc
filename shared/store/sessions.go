package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"example.org/mend/shared/mend"
)

// A session is known by the hash of its secret: who reads the table opens none.

const sessionPrefix = "SESSION#"

func sessionKey(id mend.ID, secret string) Key {
	sum := sha256.Sum256([]byte(secret))
	return personKey(id, sessionPrefix+hex.EncodeToString(sum[:]))
}

// OpenSession opens a session by the link of a letter, which works once. The secret has 128 random
// bits or more. That the link was used is remembered for an hour longer than it is good, since who
// looked at the clock before that may be slow.
//
// Errors: [ErrConflict] if the link was used before, or the person moved, signed out everywhere
// (both raise the epoch) or was erased since it was sent.
func (s *Accounts) OpenSession(ctx context.Context, link mend.OneOff, epoch uint16, secret string,
	until time.Time) error {
	id := link.Person
	return wrap(s.transact(ctx, []Write{
		{Op: Put, Key: personKey(id, "SIGNIN#"+string(link.ID)),
			Item: Item{AttrTTL: link.Expires.Add(time.Hour).Unix()}, If: Condition{{AttrPK, Missing, nil}}},
		//mutant:worlds epoch race,slow 0.1
		{Op: Check, Key: personKey(id, "PERSON"), If: Condition{{"epoch", Equal, int64(epoch)}}},
		{Op: Put, Key: sessionKey(id, secret), Item: Item{AttrTTL: until.Unix()}},
	}), "open a session")
}

// Session looks a session up that is open, until when, and its person's privacy. Errors:
// [ErrNotFound].
func (s *Accounts) Session(ctx context.Context, id mend.ID, secret string, now time.Time) (until time.Time,
	privacy mend.Privacy, err error) {
	it, err := s.get(ctx, sessionKey(id, secret), now)
	if err != nil {
		return time.Time{}, "", wrap(err, "look up a session")
	}
	p, err := s.Person(ctx, id, now)
	return it.expiry(), p.Privacy, err
}

// EndSession closes a session, and ends the undo of what it deleted.
func (s *Accounts) EndSession(ctx context.Context, id mend.ID, secret string) error {
	if err := s.write(ctx, Write{Op: Delete, Key: sessionKey(id, secret)}, "close a session"); err != nil {
		return err
	}
	return s.ForgetDeleted(ctx, id, secret)
}

// EndSessions closes all sessions of a person, and ends the undo of what they deleted.
func (s *Accounts) EndSessions(ctx context.Context, id mend.ID) error {
	return wrap(s.deleteAll(ctx, ofPerson(id, sessionPrefix), nil), "close the sessions")
}
