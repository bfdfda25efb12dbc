package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.org/mend/shared/change"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/local"
	"example.org/mend/shared/store/bolttable"
)

const (
	fileName = "mend.db"

	// KeyPath is where the keys of a machine are: a path in its own file.
	KeyPath = "keys"

	rawDays = 3 // for which raw mail is kept
)

// OpenFile opens the file in a data folder, which must be there. `mend run` serves it; while it
// doesn't run, an operator's command may open it. Its errors say what to do, [bolttable.ErrLocked]
// among them.
func OpenFile(ctx context.Context, folder string) (*local.File, error) {
	path := filepath.Join(folder, fileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s: `mend run --data %s` makes one", path, folder)
	}
	return local.Open(ctx, path, local.Options{})
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
	if err := newer.Blobs.CopyTo(ctx, change.JournalPrefix, f.Blobs); err != nil {
		return fmt.Errorf("the restore journal of the file in use: %w", err)
	}
	f.Clock.Jump(newer.Clock.Now())
	return f.Clock.Remember(ctx)
}

// Rescue saves what is whole of a damaged file into a new one in another folder.
func Rescue(ctx context.Context, folder, into string) (bolttable.Rescued, error) {
	return bolttable.Rescue(ctx, filepath.Join(folder, fileName), filepath.Join(into, fileName))
}
