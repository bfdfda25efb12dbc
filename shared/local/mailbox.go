package local

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store/bolttable"
)

// MostLetters is how many letters are kept. The oldest goes when one more comes.
const MostLetters = 10_000

// Mailbox takes letters as Amazon SES would, and keeps the last ones for people to look at. It
// implements [mend.Mailer].
//
// It stands for SES and for the mailboxes of all recipients, so what Mend forgets is not forgotten
// here: only local tools may read it.
type Mailbox struct {
	db    *bolttable.DB
	clock *Clock
	last  atomic.Uint64
}

// Letter is a letter in the mailbox.
type Letter struct {
	ID                  string `cbor:"-"` // 12 digits, increasing: SES's message id, as it were
	At                  time.Time
	To                  string // whole: a [mend.Address] masks itself
	Raw                 []byte // the MIME message
	Kind                mend.Kind
	Occurrence, Attempt string // what SES repeats in its events about the letter
}

func openMailbox(ctx context.Context, db *bolttable.DB, clock *Clock) (*Mailbox, error) {
	m := &Mailbox{db: db, clock: clock}
	err := db.View(ctx, func(tx *bolt.Tx) error {
		key, _ := tx.Bucket(lettersBucket).Cursor().Last()
		if key == nil {
			return nil
		}
		last, err := numberOf(key)
		m.last.Store(last)
		return err
	})
	return m, err
}

// Send implements [mend.Mailer]. The letter is on the disk with the next write, which is that of its
// record: many letters and their records go into one transaction.
func (m *Mailbox) Send(_ context.Context, o mend.Outgoing) (string, error) {
	number := m.last.Add(1)
	id := fmt.Sprintf("%012d", number)
	kept := Letter{id, m.clock.Now(), o.To.Mail(), slices.Clone(o.Raw), o.Kind, o.Occurrence, o.Attempt}
	m.db.Later(func(tx *bolt.Tx) error {
		letters := tx.Bucket(lettersBucket)
		if number > MostLetters {
			if err := letters.Delete(numberKey(number - MostLetters)); err != nil {
				return err
			}
		}
		return put(letters, numberKey(number), kept)
	})
	return id, nil
}

// Count is how many letters came since the file was made, those that are gone included.
func (m *Mailbox) Count() uint64 { return m.last.Load() }

// Page is the last letters before one, at most limit, the newest last. An empty id stands for the end.
func (m *Mailbox) Page(ctx context.Context, before string, limit int) ([]Letter, error) {
	end := m.last.Load() + 1
	if n, err := strconv.ParseUint(before, 10, 64); err == nil {
		end = min(end, n)
	}
	return m.between(ctx, end-min(end, uint64(max(limit, 0))), end)
}

// Get is one letter. Where there is none it returns an error that is [fs.ErrNotExist].
func (m *Mailbox) Get(ctx context.Context, id string) (Letter, error) {
	number, err := strconv.ParseUint(id, 10, 63)
	if err != nil {
		return Letter{}, fmt.Errorf("reading letter %q: %w", id, fs.ErrNotExist)
	}
	found, err := m.between(ctx, number, number+1)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("reading letter %q: %w", id, fs.ErrNotExist)
	}
	return append(found, Letter{})[0], err
}

// between is the letters with numbers from one up to before another. A kill can leave gaps.
func (m *Mailbox) between(ctx context.Context, from, end uint64) (letters []Letter, err error) {
	err = m.db.View(ctx, func(tx *bolt.Tx) error {
		letters = nil
		cursor := tx.Bucket(lettersBucket).Cursor()
		for k, v := cursor.Seek(numberKey(from)); k != nil; k, v = cursor.Next() {
			number, err := numberOf(k)
			if err != nil || number >= end {
				return err
			}
			l := Letter{ID: fmt.Sprintf("%012d", number)}
			if err := parse(v, &l); err != nil {
				return err
			}
			l.At = l.At.UTC()
			letters = append(letters, l)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the mailbox: %w", err)
	}
	return letters, nil
}
