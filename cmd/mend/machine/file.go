package machine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"example.org/mend/shared/keyring"
	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/bolttable"
)

// File is what one machine keeps. `mend run` serves it; while it doesn't run, an operator's command may open it.
type File struct {
	*local.File
	path   string
	remove func() error // of a copy, when it is closed
}

// The queues of a machine, which are those of a stack on AWS.
const (
	sendQueue     = string(mend.SendQueue)
	nowQueue      = string(mend.NowQueue)
	receiptQueue  = "receipt"  // mail that came in
	feedbackQueue = "feedback" // the mail service's events
)

// QueueNames are the names of the queues of a machine.
var QueueNames = []string{sendQueue, nowQueue, receiptQueue, feedbackQueue}

const (
	fileName = "mend.db"

	// KeyPath is where the keys of a machine are: a path in its own file.
	KeyPath = "keys"

	maxReceive = 5 // as template.yaml sets for the queues of AWS
	rawDays    = 3 // for which raw mail is kept
)

// OpenFile opens the file in a data folder, which must be there. Its errors say what to do,
// [bolttable.ErrLocked] among them.
func OpenFile(ctx context.Context, folder string) (*File, error) {
	path := filepath.Join(folder, fileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s: `mend run --data %s` makes one", path, folder)
	}
	return OpenCopy(ctx, path)
}

// OpenCopy opens a copy of a data file, wherever it is.
func OpenCopy(ctx context.Context, path string) (*File, error) {
	return openFile(ctx, path, time.Time{}, false)
}

func openFile(ctx context.Context, path string, start time.Time, standing bool) (*File, error) {
	f, err := local.Open(ctx, path, local.Options{
		Start: start, Standing: standing, Queues: QueueNames, MaxReceive: maxReceive, Days: map[string]int{"raw/": rawDays},
	})
	if err != nil {
		return nil, err
	}
	return &File{File: f, path: path}, nil
}

// TakeOver takes from a newer file of the same machine what a backup must not undo: keys that were made since, the
// restore journal, and where the clock stands.
func (f *File) TakeOver(ctx context.Context, newer *File) error {
	secrets, err := keyring.Export(ctx, newer.Keys, KeyPath)
	if err != nil {
		return err
	}
	if _, err := keyring.Import(ctx, f.Keys, KeyPath, secrets); err != nil {
		return fmt.Errorf("the keys of the file in use: %w", err)
	}
	entries, err := newer.Blobs.List(ctx, "journal/", "")
	if err != nil {
		return err
	}
	for _, key := range entries {
		entry, err := newer.Blobs.Open(ctx, key)
		if err != nil {
			return err
		}
		data, err := io.ReadAll(entry)
		if err != nil {
			return err
		}
		if err := f.Blobs.Put(ctx, key, data); err != nil {
			return err
		}
	}
	f.Clock.Jump(newer.Clock.Now())
	return f.Clock.Remember(ctx)
}

// Path is where everything is kept.
func (f *File) Path() string { return f.path }

// ports are those that the file has. The machine's keys are made at the first start.
func (f *File) ports(ctx context.Context, log *slog.Logger) (service.Config, error) {
	if _, err := keyring.Init(ctx, f.Keys, KeyPath); err != nil {
		return service.Config{}, err
	}
	ring, err := keyring.Read(ctx, f.Keys, KeyPath, time.Now(), keyring.Parts...)
	if err != nil {
		return service.Config{}, err
	}
	return service.Config{
		Store: store.New(f.DB, ring.Address), Queue: f.Queues, Blobs: f.Blobs,
		Keys: ring.Links, ReplyKeys: ring.Replies, Now: f.Clock.Now, Rand: rand.Reader, Log: log,
	}, nil
}

// Rescue saves what is whole of a damaged file into a new one in another folder.
func Rescue(ctx context.Context, folder, into string) (bolttable.Rescued, error) {
	return bolttable.Rescue(ctx, filepath.Join(folder, fileName), filepath.Join(into, fileName))
}
