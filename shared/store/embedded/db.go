package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// DB is everything that one machine keeps. It may be used by many goroutines.
type DB struct{ engine engine }

// engine keeps buckets: a file or memory.
type engine interface {
	// view runs do on one state of all buckets.
	view(do func(Tx) error) error
	// update runs do and keeps all that it wrote, or, if it returns an error,
	// nothing. It may run do several times; the last one counts.
	update(do func(Tx) error) error
	// compact leaves nothing of what was deleted, in a file as small as can be.
	compact() error
	// scrub leaves nothing of what was deleted.
	scrub() error
	// unsynced runs do, and puts on the disk what it wrote when it ends.
	unsynced(do func() error) error
	close() error
}

// Options are the settings of [Open].
type Options struct {
	// LockTimeout is how long to wait for another process to let go of the file.
	// Optional. Defaults to one second.
	LockTimeout time.Duration

	// NoSync acknowledges writes before they are on the disk. For tests.
	NoSync bool

	maxBytes int // for the test of a full disk
}

// The errors of [Open] that a caller may want to tell apart.
var (
	ErrLocked  = errors.New("in use by another process, perhaps another `mend run`: stop that one, or choose another data folder")
	ErrNotMend = errors.New("not a file of Mend's, or one whose beginning is damaged: save what is whole with `mend rescue`, or choose another data folder")
	ErrNewer   = errors.New("written by a newer Mend: run that one, or choose another data folder")
)

// Open opens the file at path, and makes it and its folder if there is none.
// Its errors say what to do: [ErrLocked], [ErrNotMend] and [ErrNewer] among
// them, and those of the operating system.
func Open(path string, o Options) (*DB, error) {
	if o.LockTimeout == 0 {
		o.LockTimeout = time.Second
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("the data folder cannot be made (%w): choose one that you may write to", err)
	}
	stat, err := os.Stat(path)
	isNew := errors.Is(err, fs.ErrNotExist)
	if err == nil && stat.Mode().IsRegular() && stat.Size() > 0 {
		if err := checkFile(path, o); err != nil {
			return nil, err
		}
	}
	file, err := openFile(path, o)
	if err != nil {
		return nil, err
	}
	if err := checkFormat(file, isNew); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := removeNew(path); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("a leftover of compacting cannot be removed: %w", err)
	}
	e := &boltEngine{path: path, o: o, file: file}
	e.wrote.Store(true)
	return &DB{engine: e}, nil
}

// checkFile refuses a damaged file before bbolt maps it into memory. The lock keeps the file still meanwhile.
func checkFile(path string, o Options) error {
	locked, err := openBolt(path, o, true)
	if err != nil {
		return err
	}
	defer locked.Close()
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the data file cannot be opened (%w): choose a data folder that you may read", err)
	}
	defer file.Close()
	if err := checkPages(file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func openFile(path string, o Options) (*bolt.DB, error) { return openBolt(path, o, false) }

func openBolt(path string, o Options, readOnly bool) (*bolt.DB, error) {
	var opened *os.File
	file, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout:      o.LockTimeout,
		ReadOnly:     readOnly,
		NoSync:       o.NoSync,
		MaxSize:      o.maxBytes,
		FreelistType: bolt.FreelistMapType,
		NoStatistics: true,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			var err error
			opened, err = os.OpenFile(name, flag, mode)
			return opened, err
		},
	})
	var fromSystem *fs.PathError
	switch {
	case err == nil:
		return stillThere(file, opened)
	case errors.Is(err, errBoltTimeout):
		return nil, fmt.Errorf("%s: %w", path, ErrLocked)
	case errors.As(err, &fromSystem):
		return nil, fmt.Errorf("the data file cannot be opened (%w): choose a data folder that you may write to", err)
	}
	return nil, fmt.Errorf("%s: %w (%w)", path, ErrNotMend, err)
}

// stillThere refuses a file that lost its name while we waited for its lock: another
// process has put a compacted one there, and has that one locked.
func stillThere(file *bolt.DB, opened *os.File) (*bolt.DB, error) {
	mine, err := opened.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	named, err := os.Stat(file.Path())
	if err != nil || !os.SameFile(mine, named) {
		return nil, errors.Join(fmt.Errorf("%s: %w", file.Path(), ErrLocked), file.Close())
	}
	return file, nil
}

// Close waits for what is under way and closes the file. Afterwards every method returns an error.
func (db *DB) Close() error {
	if err := db.engine.close(); err != nil {
		return fmt.Errorf("closing the data file: %w", err)
	}
	return nil
}

// Compact writes the file anew, without what was deleted: until then words that
// somebody erased may stand in its unused pages. It needs room for a second file,
// and everybody else waits meanwhile. (What the disk itself keeps of the old file is
// beyond us.)
func (db *DB) Compact() error {
	if err := db.engine.compact(); err != nil {
		return fmt.Errorf("compacting the data file: %w", err)
	}
	return nil
}

// Scrub overwrites with zeros what the file holds of deleted and replaced values: until then words that
// someone deleted stand in its unused pages. It does nothing where nothing was written since the last
// time. Everyone else waits meanwhile.
func (db *DB) Scrub() error {
	if err := db.engine.scrub(); err != nil {
		return fmt.Errorf("overwriting what was deleted: %w", err)
	}
	return nil
}

// Unsynced runs do, which writes very often. All writes meanwhile, of do and of others, are acknowledged before they
// are on the disk. They are on the disk when Unsynced returns.
func (db *DB) Unsynced(do func() error) error { return db.engine.unsynced(do) }

// View lets do read a state of all buckets that does not change meanwhile. What it
// reads is valid until it returns. It must not call the DB.
func (db *DB) View(ctx context.Context, do func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return db.engine.view(do)
}

// Update keeps all that do writes, on the disk, or nothing if it returns an error.
// Updates happen one after another. It may run do several times, of which the
// last one counts, so do must set what it hands out and not add to it; and do must not
// call the DB. An update that has begun is not called back by the context.
func (db *DB) Update(ctx context.Context, do func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return db.engine.update(do)
}

// Tx is what [DB.View] and [DB.Update] work on.
type Tx interface {
	// Bucket is the bucket of that name; one that nobody wrote to is empty. Names
	// begin with what they belong to: "queue:…", "blob:…".
	Bucket(name string) Bucket
}

// Bucket is a run of keys with values, in the order of the keys as bytes.
type Bucket interface {
	// Get is the value of a key, nil if there is none. It must not be changed.
	Get(key []byte) []byte

	// Put sets a value, which must not be changed afterwards. Keys are not empty and
	// have at most 32 KB.
	Put(key, value []byte) error

	// Delete removes a key, if it is there.
	Delete(key []byte) error

	// Next is a number that the bucket has not given before (unless the update
	// that asked for it came to nothing): 1, 2, 3 and so on.
	Next() (uint64, error)

	// Last is the number that Next gave last, 0 if none.
	Last() uint64

	// Ascend yields from ≤ key < to in order; a nil to is the end. Nothing may
	// be written to the bucket meanwhile.
	Ascend(from, to []byte) iter.Seq2[[]byte, []byte]
}

var errReadOnly = errors.New("a view cannot write")
