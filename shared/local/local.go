// Package local is what one machine has in the place of AWS: the table (package bolttable), queues,
// blobs, a mailbox, secrets and a clock, all in one file.
package local

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/store/bolttable"
)

// File is the file of one machine. It may be used by many goroutines.
type File struct {
	*bolttable.DB
	Clock   *Clock
	Queues  Queues
	Blobs   *Blobs
	Mailbox *Mailbox
	Keys    Keys
}

// Options are the settings of [Open].
type Options struct {
	// Start is where the clock begins. Optional. Defaults to the machine's own time, or to where the
	// clock stood last if that is later.
	Start time.Time

	// Standing is a clock that moves only when it is told to.
	Standing bool

	// Queues are the names of the queues.
	Queues []string

	// MaxReceive is how often a message is handed out before it goes to the dead letters.
	// Optional. Defaults to no limit.
	MaxReceive int

	// Days says after how many days blobs go, by the prefix of their keys. Where several prefixes
	// fit, the shortest time counts; where none does, a blob stays.
	Days map[string]int

	// NoSync acknowledges writes before they are on the disk. For tests.
	NoSync bool
}

// The buckets of the file beside those of the table.
var (
	queuesBucket  = []byte("queues")  // a bucket for each queue, messages by number
	blobsBucket   = []byte("blobs")   // data by key, after the time at which it was kept
	lettersBucket = []byte("letters") // letters by number
	keysBucket    = []byte("keys")    // secrets by name
	clockBucket   = []byte("clock")
)

// Open opens the file at path, and makes it if there is none. Its errors say what to do: those of
// [bolttable.Open].
func Open(ctx context.Context, path string, o Options) (*File, error) {
	db, err := bolttable.Open(path, bolttable.Options{NoSync: o.NoSync})
	if err != nil {
		return nil, err
	}
	f := &File{DB: db, Keys: Keys{db}, Queues: Queues{}}
	if err := f.open(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("reading %s: %w", path, err), db.Close())
	}
	return f, nil
}

func (f *File) open(ctx context.Context, o Options) error {
	if err := f.makeBuckets(ctx, o.Queues); err != nil {
		return err
	}
	var err error
	if f.Clock, err = openClock(ctx, f.DB, o.Start, o.Standing); err != nil {
		return err
	}
	for _, name := range o.Queues {
		if f.Queues[name], err = openQueue(ctx, f.DB, f.Clock, name, o.MaxReceive); err != nil {
			return err
		}
	}
	f.Blobs = &Blobs{f.DB, f.Clock, o.Days}
	f.Mailbox, err = openMailbox(ctx, f.DB, f.Clock)
	return err
}

// makeBuckets makes the buckets that are missing. It writes only if one is.
func (f *File) makeBuckets(ctx context.Context, queues []string) error {
	return f.Update(ctx, func(tx *bolt.Tx) error {
		err := bolttable.MakeBuckets(tx, queuesBucket, blobsBucket, lettersBucket, keysBucket, clockBucket)
		for _, name := range queues {
			if err == nil {
				_, err = tx.Bucket(queuesBucket).CreateBucketIfNotExists([]byte(name))
			}
		}
		return err
	})
}

// numberKey orders as the numbers do.
func numberKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func numberOf(key []byte) (uint64, error) {
	if len(key) != 8 {
		return 0, bolttable.ErrDamaged
	}
	return binary.BigEndian.Uint64(key), nil
}

var encoding = func() cbor.EncMode {
	mode, err := cbor.EncOptions{Time: cbor.TimeRFC3339Nano}.EncMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

// put keeps a value as CBOR.
func put(b *bolt.Bucket, key []byte, v any) error {
	value, err := encoding.Marshal(v)
	if err != nil {
		return err
	}
	return b.Put(key, value)
}

// parse reads what put has kept.
func parse(value []byte, v any) error {
	if err := cbor.Unmarshal(value, v); err != nil {
		return fmt.Errorf("a value cannot be read (%w): %w", err, bolttable.ErrDamaged)
	}
	return nil
}
