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
)

// MostLetters is how many letters are kept. The oldest goes when one more comes.
const MostLetters = 10_000

// Mailbox takes letters as Amazon SES would, and keeps the last ones for people to look at. It
// implements [mend.Mailer].
//
// It stands for SES and for the mailboxes of all recipients, so what Mend forgets is not forgotten
// here: only local tools may read it.
type Mailbox struct {
	records[Letter]
	clock *Clock
	last  atomic.Uint64
}

// Letter is a letter in the mailbox.
type Letter struct {
	ID                  string // 12 digits, increasing: SES's message id, as it were
	At                  time.Time
	To                  string // whole: a [mend.Address] masks itself
	Raw                 []byte // the MIME message
	Kind                mend.Kind
	Occurrence, Attempt string // what SES repeats in its events about the letter
}

// Send implements [mend.Mailer]. The letter is on the disk with the next write, which is that of
// its record: many letters and their records go into one transaction.
func (m *Mailbox) Send(_ context.Context, o mend.Outgoing) (string, error) {
	number := m.last.Add(1)
	l := Letter{numbered(number), m.clock.Now(), o.To.Mail(), slices.Clone(o.Raw), o.Kind, o.Occurrence, o.Attempt}
	m.db.Later(func(tx *bolt.Tx) error {
		if number > MostLetters {
			if err := m.delete(tx, numbered(number-MostLetters)); err != nil {
				return err
			}
		}
		return m.put(tx, l.ID, l)
	})
	return l.ID, nil
}

// Count is how many letters came since the file was made, those that are gone included.
func (m *Mailbox) Count() uint64 { return m.last.Load() }

// Page is the last letters before one, at most limit, the newest last. An empty id stands for the
// end.
func (m *Mailbox) Page(ctx context.Context, before string, limit int) (page []Letter, err error) {
	end := m.last.Load() + 1
	if n, err := strconv.ParseUint(before, 10, 64); err == nil {
		end = min(end, n)
	}
	from := end - min(end, uint64(max(limit, 0))) // a kill can leave gaps
	err = m.each(ctx, "", numbered(from), func(id string, l Letter) bool {
		if id < numbered(end) {
			page = append(page, l)
		}
		return id < numbered(end)
	})
	return page, err
}

// Get is one letter. Where there is none it returns an error that is [fs.ErrNotExist].
func (m *Mailbox) Get(ctx context.Context, id string) (Letter, error) {
	l, err := m.get(ctx, id, fs.ErrNotExist)
	if err != nil {
		return Letter{}, fmt.Errorf("reading letter %q: %w", id, err)
	}
	return l, nil
}
