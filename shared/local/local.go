// Package local is what one machine has in the place of AWS: the table (package bolttable), queues,
// blobs, a mailbox, secrets and a clock, all in one file.
package local

import (
	"context"
	"errors"
	"fmt"
	"time"

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

	// Queues are the names of the queues.
	Queues []string

	// MaxReceive is how often a message is handed out before it goes to the dead letters.
	// Optional. Defaults to no limit.
	MaxReceive int

	// NoSync acknowledges writes before they are on the disk. For tests.
	NoSync bool
}

// Open opens the file at path, and makes it if there is none. Its errors say what to do: those of
// [bolttable.Open].
func Open(ctx context.Context, path string, o Options) (*File, error) {
	db, err := bolttable.Open(path, bolttable.Options{NoSync: o.NoSync})
	if err != nil {
		return nil, err
	}
	f := &File{DB: db, Path: path, Queues: Queues{}}
	if err := f.open(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("reading %s: %w", path, err), db.Close())
	}
	return f, nil
}

func (f *File) open(ctx context.Context, o Options) (err error) {
	if f.Clock, err = openClock(ctx, f.DB, o.Start, o.Standing); err != nil {
		return err
	}
	for _, name := range o.Queues {
		if f.Queues[name], err = openQueue(ctx, f.DB, f.Clock, name, o.MaxReceive); err != nil {
			return err
		}
	}
	f.Blobs = &Blobs{clock: f.Clock}
	if f.Blobs.records, err = recordsOf[blob](ctx, f.DB, "blobs"); err != nil {
		return err
	}
	if f.Keys.records, err = recordsOf[string](ctx, f.DB, "keys"); err != nil {
		return err
	}
	f.Mailbox, err = openMailbox(ctx, f.DB, f.Clock)
	return err
}
