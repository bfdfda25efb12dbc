package store

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/mend/shared/mend"
)

// A deleted entry or promise stands sealed beside the session that deleted it, for [UndoLife]. The
// key is made of the session's secret. The table holds only the secret's hash, so nothing but that
// browser's cookie opens the seal. Each session can undo its last deletion.

// UndoLife is how long a deletion can be undone.
const UndoLife = 10 * time.Minute

// NonceSize is the size of [Undo].Nonce, in bytes.
const NonceSize = 12

// Undo names the session that may undo a deletion.
type Undo struct {
	Secret string // of the session. Optional: without it the deletion is final
	Nonce  []byte // random, [NonceSize] bytes
}

// Deleted is what a person deleted: an entry or a promise.
type Deleted struct {
	Reply     *mend.Reply
	Forget    time.Time // when the entry would have gone by itself; zero: never
	Promise   *mend.Promise
	At        time.Time // of the deletion; so are Retention and NoContact
	Retention mend.Retention
	NoContact bool
}

const undoMark = "#UNDO#"

func undoKey(id mend.ID, secret string, piece int) Key {
	key := sessionKey(id, secret)
	key.SK += fmt.Sprintf("%s%04d", undoMark, piece)
	return key
}

func undoCipher(secret string) cipher.AEAD {
	key, keyErr := hkdf.Key(sha256.New, []byte(secret), nil, "mend: what a session deleted", 32)
	block, blockErr := aes.NewCipher(key)
	aead, err := cipher.NewGCM(block)
	if err = errors.Join(keyErr, blockErr, err); err != nil {
		panic(fmt.Errorf("make the cipher of an undo: %w", err)) // its key has the right length
	}
	return aead
}

// undoWrites keeps what is being deleted, sealed. They fail if the session has ended, or the person
// chose another retention since d was read: nothing may stand there that a sign-out or that choice
// would have removed.
func undoWrites(id mend.ID, u Undo, d Deleted) []Write {
	if u.Secret == "" {
		return nil
	}
	var plain bytes.Buffer
	z, err := flate.NewWriter(&plain, flate.BestSpeed)
	if err = errors.Join(err, json.NewEncoder(z).Encode(d), z.Close()); err != nil {
		panic(fmt.Errorf("encode what is deleted: %w", err)) // it has only texts, numbers and instants
	}
	sealed := undoCipher(u.Secret).Seal(u.Nonce, u.Nonce, plain.Bytes(), nil)
	//mutant:kept AttrPK see TestASealedDeletionEndsWithItsSession
	writes := []Write{{Op: Check, Key: sessionKey(id, u.Secret), If: Condition{{AttrPK, Exists, nil}}}}
	pieces := slices.Collect(slices.Chunk(sealed, pieceSize))
	for i, piece := range pieces {
		writes = append(writes, Write{Op: Put, Key: undoKey(id, u.Secret, i), Item: Item{
			"sealed": piece, "pieces": int64(len(pieces)), AttrTTL: d.At.Add(UndoLife).Unix(),
		}})
	}
	return writes
}

// CanUndo reports whether a session has a deletion that can be undone.
func (s *Journal) CanUndo(ctx context.Context, id mend.ID, secret string, now time.Time) (bool, error) {
	it, err := s.table.Get(ctx, undoKey(id, secret, 0))
	return it != nil && !it.expired(now), wrap(err, "look for a deletion")
}

// Deleted reads what a session deleted last. Errors: [ErrNotFound].
func (s *Journal) Deleted(ctx context.Context, id mend.ID, secret string, now time.Time) (Deleted, error) {
	var sealed []byte
	for i, pieces := 0, 1; i < pieces; i++ {
		it, err := s.get(ctx, undoKey(id, secret, i), now)
		if err != nil {
			return Deleted{}, fmt.Errorf("read what was deleted: %w", err)
		}
		pieces = int(it.number("pieces"))
		sealed = append(sealed, it.bytes("sealed")...)
	}
	nonce := min(len(sealed), NonceSize)
	plain, err := undoCipher(secret).Open(nil, sealed[:nonce], sealed[nonce:], nil)
	if err != nil { // a second deletion took its place between two pieces
		return Deleted{}, fmt.Errorf("open what was deleted: %w", ErrNotFound)
	}
	var d Deleted
	err = json.NewDecoder(flate.NewReader(bytes.NewReader(plain))).Decode(&d)
	return d, wrap(err, "open what was deleted")
}

// UndeleteReply puts a deleted entry back as it was. Errors: [ErrConflict] if it is there, if it
// was undone before or the session ended, or if the person chose another retention since.
func (s *Journal) UndeleteReply(ctx context.Context, secret string, d Deleted) error {
	r := *d.Reply
	writes := replyWrites(r, d.Forget)
	//mutant:kept AttrPK see TestADeletedEntryComesBackOnce
	writes[0].If = Condition{{AttrPK, Missing, nil}}
	//mutant:kept AttrPK the same
	undone := Write{Op: Delete, Key: undoKey(r.Person, secret, 0), If: Condition{{AttrPK, Exists, nil}}}
	writes = append(writes, undone, Write{Op: Delete, Key: goneKey(replyKey(r))}, keptAs(r.Person, d.Retention))
	said, err := s.moodWrites(ctx, r, true)
	if err != nil {
		return err
	}
	writes = append(writes, said...)
	if r.Flag != mend.NotFlagged {
		h, err := s.Held(ctx, r.Person)
		if err != nil {
			return err
		}
		h.Keys = append(h.Keys, writes[0].Key.SK)
		writes = append(writes, heldWrite(r.Person, h))
	}
	return wrap(s.transact(ctx, writes), "put back a reply")
}

// ForgetDeleted ends the undo of one session.
func (s *records) ForgetDeleted(ctx context.Context, id mend.ID, secret string) error {
	return wrap(s.deleteAll(ctx, ofPerson(id, sessionKey(id, secret).SK+undoMark), nil), "end the undo of a deletion")
}
