package machine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"example.org/mend/shared/keyring"
	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store/bolttable"
)

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

// OpenFile opens the file in a data folder, which must be there. `mend run` serves it; while it
// doesn't run, an operator's command may open it. Its errors say what to do, [bolttable.ErrLocked]
// among them.
func OpenFile(ctx context.Context, folder string) (*local.File, error) {
	path := filepath.Join(folder, fileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s: `mend run --data %s` makes one", path, folder)
	}
	return OpenCopy(ctx, path)
}

// OpenCopy opens a copy of a data file, wherever it is.
func OpenCopy(ctx context.Context, path string) (*local.File, error) {
	return openFile(ctx, path, time.Time{}, false)
}

func openFile(ctx context.Context, path string, start time.Time, standing bool) (*local.File, error) {
	return local.Open(ctx, path, local.Options{
		Start: start, Standing: standing, Queues: QueueNames, MaxReceive: maxReceive,
	})
}

// TakeOver takes from a newer file of the same machine what a backup must not undo: keys that were
// made since, the restore journal, and where the clock stands.
func TakeOver(ctx context.Context, f, newer *local.File) error {
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

// Rescue saves what is whole of a damaged file into a new one in another folder.
func Rescue(ctx context.Context, folder, into string) (bolttable.Rescued, error) {
	return bolttable.Rescue(ctx, filepath.Join(folder, fileName), filepath.Join(into, fileName))
}
