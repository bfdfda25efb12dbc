// Package local is what one machine has in the place of AWS: the table (package bolttable), queues,
// blobs, a mailbox, secrets and a clock, all in one file.
package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/store/bolttable"
)

// File is the file of one machine. It may be used by many goroutines.
type File struct {
	*bolttable.DB
	Path    string
	Clock   *Clock
	Queues  Queues
	Blobs   *Blobs
	Mailbox *Mailbox
	Keys    Keys
}

// Options are the settings of [Open].
type Options struct {
	// Start is where the clock begins. Optional. Defaults to the machine's own time, or to where
	// the clock stood last if that is later.
	Start time.Time

	// Standing is a clock that moves only when it is told to.
	Standing bool
}

// Open opens the file at path, and makes it if there is none. Its errors say what to do: those of
// [bolttable.Open].
func Open(ctx context.Context, path string, o Options) (*File, error) {
	db, err := bolttable.Open(path, bolttable.Options{})
	if err != nil {
		return nil, err
	}
	clock := &Clock{records: records[time.Time]{db, []byte("clock")}, standing: o.Standing}
	f := &File{
		DB: db, Path: path, Clock: clock, Queues: Queues{},
		Blobs:   &Blobs{records[blob]{db, []byte("blobs")}, clock},
		Mailbox: &Mailbox{records: records[Letter]{db, []byte("letters")}, clock: clock},
		Keys:    Keys{records[string]{db, []byte("keys")}},
	}
	for _, name := range QueueNames {
		f.Queues[name] = &Queue{records: records[Message]{db, []byte("queue " + name)}, clock: clock, name: name}
	}
	if err := f.read(ctx, o.Start); err != nil {
		return nil, errors.Join(fmt.Errorf("reading %s: %w", path, err), db.Close())
	}
	return f, nil
}

// read makes the buckets that are not there, and reads what is kept in memory.
func (f *File) read(ctx context.Context, start time.Time) error {
	buckets := [][]byte{f.Clock.bucket, f.Blobs.bucket, f.Mailbox.bucket, f.Keys.bucket}
	for _, q := range f.Queues {
		buckets = append(buckets, q.bucket)
	}
	err := f.Update(ctx, func(tx *bolt.Tx) error { return bolttable.MakeBuckets(tx, buckets...) })
	if err == nil {
		err = f.Clock.begin(ctx, start)
	}
	for _, q := range f.Queues {
		if err == nil {
			err = q.read(ctx)
		}
	}
	if err == nil {
		err = f.Mailbox.lastNumber(ctx, &f.Mailbox.last)
	}
	return err
}
