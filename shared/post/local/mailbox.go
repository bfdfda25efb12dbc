// Package local is the post office of one machine: it takes letters as Amazon SES
// would and keeps them in a mailbox, in the machine's one file, for people to look into.
//
// It stands for SES and for the mailboxes of all recipients, so nothing that
// Mend forgets is forgotten here: only local tools may read it.
package local

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store/embedded"
)

// MostLetters is how many letters are kept. The oldest goes when one more comes.
const MostLetters = 10_000

// Mailbox keeps the last letters. It may be used by many goroutines.
type Mailbox struct{ db *embedded.DB }

// New is the mailbox in the file.
func New(db *embedded.DB) *Mailbox { return &Mailbox{db} }

// Letter is what is handed over to be sent.
type Letter struct {
	From string       // the envelope's sender
	To   mend.Address // the envelope's recipient
	Raw  []byte       // the MIME message
	Kind mend.Kind
	Tags map[string]string // what SES repeats in its events about the letter
}

// Delivered is a letter in the mailbox. [Mailbox.List] leaves its raw bytes out.
type Delivered struct {
	ID string // 12 digits, increasing: SES's message id, as it were
	At time.Time
	Letter
}

// Deliver keeps a letter and gives its message id.
func (m *Mailbox) Deliver(ctx context.Context, now time.Time, l Letter) (string, error) {
	head, err := json.Marshal(envelope{l.From, l.To.Mail(), now.UTC(), l.Kind, l.Tags})
	if err != nil {
		return "", fmt.Errorf("delivering a letter: %w", err)
	}
	raw := append([]byte{}, l.Raw...)
	id := ""
	err = m.db.Update(ctx, func(tx embedded.Tx) error {
		b := bucketsOf(tx)
		number, err := b.envelopes.Next()
		if err != nil {
			return err
		}
		id = fmt.Sprintf("%012d", number)
		key := binary.BigEndian.AppendUint64(nil, number)
		if err := b.envelopes.Put(key, head); err != nil {
			return err
		}
		if err := b.raw.Put(key, raw); err != nil || number <= MostLetters {
			return err
		}
		oldest := numberKey(number - MostLetters)
		return errors.Join(b.envelopes.Delete(oldest), b.raw.Delete(oldest))
	})
	if err != nil {
		return "", fmt.Errorf("delivering a letter: %w", err)
	}
	return id, nil
}

// List is all the letters, the newest last.
func (m *Mailbox) List(ctx context.Context) ([]Delivered, error) {
	var all []Delivered
	err := m.db.View(ctx, func(tx embedded.Tx) error {
		for key, value := range bucketsOf(tx).envelopes.Ascend(nil, nil) {
			d, err := parse(key, value)
			if err != nil {
				return err
			}
			all = append(all, d)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing the mailbox: %w", err)
	}
	return all, nil
}

// Count is how many letters came since the file was made, those that are gone included.
func (m *Mailbox) Count(ctx context.Context) (count uint64, err error) {
	err = m.db.View(ctx, func(tx embedded.Tx) error {
		count = bucketsOf(tx).envelopes.Last()
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("looking into the mailbox: %w", err)
	}
	return count, nil
}

// Page is the last letters before one, at most limit, with their raw bytes and the newest last. An empty id
// stands for the end.
func (m *Mailbox) Page(ctx context.Context, before string, limit int) ([]Delivered, error) {
	var page []Delivered
	err := m.db.View(ctx, func(tx embedded.Tx) error {
		b := bucketsOf(tx)
		end := b.envelopes.Last() + 1
		if n, err := strconv.ParseUint(before, 10, 64); err == nil {
			end = min(end, n)
		}
		from := end - min(end, uint64(limit)) // letters have every number
		for key, value := range b.envelopes.Ascend(numberKey(from), numberKey(end)) {
			d, err := parse(key, value)
			if err != nil {
				return err
			}
			d.Raw = append([]byte{}, b.raw.Get(key)...)
			page = append(page, d)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing the mailbox: %w", err)
	}
	return page, nil
}

func numberKey(number uint64) []byte { return binary.BigEndian.AppendUint64(nil, number) }

// Get is one letter with its raw bytes. Where there is none it returns an error
// that is [fs.ErrNotExist].
func (m *Mailbox) Get(ctx context.Context, id string) (Delivered, error) {
	number, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return Delivered{}, fmt.Errorf("reading letter %q: %w", id, fs.ErrNotExist)
	}
	var d Delivered
	err = m.db.View(ctx, func(tx embedded.Tx) error {
		b := bucketsOf(tx)
		key := binary.BigEndian.AppendUint64(nil, number)
		value := b.envelopes.Get(key)
		if value == nil {
			return fs.ErrNotExist
		}
		var err error
		d, err = parse(key, value)
		d.Raw = append([]byte{}, b.raw.Get(key)...)
		return err
	})
	if err != nil {
		return Delivered{}, fmt.Errorf("reading letter %q: %w", id, err)
	}
	return d, nil
}

// buckets are where letters are kept by number: the raw bytes apart, so that a list need not read them.
type buckets struct{ envelopes, raw embedded.Bucket }

func bucketsOf(tx embedded.Tx) buckets {
	return buckets{tx.Bucket("mailbox"), tx.Bucket("mailbox-raw")}
}

// envelope is a Delivered as it is kept. The address is a string, because an
// Address masks itself in JSON.
type envelope struct {
	From string
	To   string
	At   time.Time
	Kind mend.Kind
	Tags map[string]string
}

func parse(key, value []byte) (Delivered, error) {
	var e envelope
	if len(key) != 8 {
		return Delivered{}, errors.New("a damaged letter")
	}
	if err := json.Unmarshal(value, &e); err != nil {
		return Delivered{}, fmt.Errorf("a damaged letter: %w", err)
	}
	return Delivered{
		ID:     fmt.Sprintf("%012d", binary.BigEndian.Uint64(key)),
		At:     e.At,
		Letter: Letter{From: e.From, To: mend.StoredAddress(e.To), Kind: e.Kind, Tags: e.Tags},
	}, nil
}
