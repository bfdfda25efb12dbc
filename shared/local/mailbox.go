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
	ID                  string // 12 digits, increasing: SES's message id, as it were
	At                  time.Time
	To                  mend.Address
	Raw                 []byte // the MIME message
	Kind                mend.Kind
	Occurrence, Attempt string // what SES repeats in its events about the letter
}

// letter is a Letter as the file holds it, under its number. An Address masks itself.
type letter struct {
	At                  time.Time
	To                  string
	Kind                mend.Kind
	Occurrence, Attempt string
	Raw                 []byte
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
	kept := letter{m.clock.Now(), o.To.Mail(), o.Kind, o.Occurrence, o.Attempt, slices.Clone(o.Raw)}
	m.db.Later(func(tx *bolt.Tx) error {
		letters := tx.Bucket(lettersBucket)
		if number > MostLetters {
			if err := letters.Delete(numberKey(number - MostLetters)); err != nil {
				return err
			}
		}
		return put(letters, numberKey(number), kept)
	})
	return idOf(number), nil
}

// Count is how many letters came since the file was made, those that are gone included.
func (m *Mailbox) Count() uint64 { return m.last.Load() }

// Page is the last letters before one, at most limit, the newest last. An empty id stands for the end.
func (m *Mailbox) Page(ctx context.Context, before string, limit int) (page []Letter, err error) {
	end := m.last.Load() + 1
	if n, err := strconv.ParseUint(before, 10, 64); err == nil {
		end = min(end, n)
	}
	from := end - min(end, uint64(max(limit, 0))) // letters have every number, but for those lost in a kill
	err = m.db.View(ctx, func(tx *bolt.Tx) error {
		cursor := tx.Bucket(lettersBucket).Cursor()
		for k, v := cursor.Seek(numberKey(from)); k != nil; k, v = cursor.Next() {
			number, err := numberOf(k)
			if err != nil || number >= end {
				return err
			}
			l, err := letterOf(number, v)
			if err != nil {
				return err
			}
			page = append(page, l)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing the mailbox: %w", err)
	}
	return page, nil
}

// Get is one letter. Where there is none it returns an error that is [fs.ErrNotExist].
func (m *Mailbox) Get(ctx context.Context, id string) (l Letter, err error) {
	number, err := strconv.ParseUint(id, 10, 64)
	if err == nil {
		err = m.db.View(ctx, func(tx *bolt.Tx) error {
			value := tx.Bucket(lettersBucket).Get(numberKey(number))
			if value == nil {
				return fs.ErrNotExist
			}
			l, err = letterOf(number, value)
			return err
		})
	} else {
		err = fs.ErrNotExist
	}
	if err != nil {
		return Letter{}, fmt.Errorf("reading letter %q: %w", id, err)
	}
	return l, nil
}

func idOf(number uint64) string { return fmt.Sprintf("%012d", number) }

func letterOf(number uint64, value []byte) (Letter, error) {
	var l letter
	err := parse(value, &l)
	return Letter{idOf(number), l.At.UTC(), mend.StoredAddress(l.To), l.Raw, l.Kind, l.Occurrence, l.Attempt}, err
}
