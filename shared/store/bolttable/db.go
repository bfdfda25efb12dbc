package bolttable

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// format is the number of the file's format. A change that another version would misread moves it.
const format = "6"

var formatBucket, formatKey = []byte("mend"), []byte("format")

// DB is one machine's file. It is a [store.Table], and gives transactions to those who keep buckets
// of their own in it. It may be used by many goroutines.
type DB struct {
	bolt *bolt.DB
	file *os.File // the one that bolt has open and locked

	writer  sync.Mutex // of who commits
	mu      sync.Mutex // of what follows
	waiting []*change  // what the next commit takes
	later   []*change  // what it takes before these, and no one waits for

	readers *sync.WaitGroup // those who began to read since the last clearing

	// The writer's own.
	forgets bool     // what is being committed deletes or replaces something
	clean   []uint64 // free pages that hold zeros, in order
	torn    bool     // something may stand behind the last page: a commit failed, or was killed
}

// Options are the settings of [Open].
type Options struct {
	// NoSync acknowledges writes before they are on the disk. For tests.
	NoSync bool

	maxBytes int // for the test of a full disk
}

// The errors of [Open] that a caller may want to tell apart.
var (
	ErrLocked = errors.New("in use by another process, perhaps another `mend run`: " +
		"stop that one, or choose another data folder")
	ErrNotMend = errors.New("not a file of Mend's, or one whose beginning is damaged: " +
		"save what is whole with `mend rescue`, or choose another data folder")
	ErrVersion = errors.New("written by another version of Mend: run that one, or choose another data folder")
	ErrDamaged = errors.New("the data file is damaged: save what is whole into a new folder with `mend rescue`, " +
		"and if you have a backup, restore it into that folder with `mend restore`")
)

// Open opens the file at path, and makes it and its folder if there is none. Its errors say what to
// do: [ErrLocked], [ErrNotMend], [ErrVersion] and [ErrDamaged], and those of the operating system.
func Open(path string, o Options) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("the data folder cannot be made (%w): choose one that you may write to", err)
	}
	stat, err := os.Stat(path)
	if err == nil && stat.Size() > 0 && stat.Mode().IsRegular() {
		if err := checkFile(path, o); err != nil {
			return nil, err
		}
	}
	db, err := open(path, o, false)
	if err != nil {
		return nil, err
	}
	if err = db.checkFormat(); err == nil { // a file of others stays as it is
		err = db.ForgetNow(context.Background())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), db.bolt.Close())
	}
	return db, nil
}

// checkFile refuses a damaged file before bbolt reads more of it than its first two pages. The lock
// keeps the file still meanwhile.
func checkFile(path string, o Options) error {
	locked, err := open(path, o, true)
	if err != nil {
		return err
	}
	defer locked.bolt.Close()
	if err := checkPages(locked.file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func open(path string, o Options, readOnly bool) (*DB, error) {
	db := &DB{readers: new(sync.WaitGroup), torn: true}
	var err error
	db.bolt, err = bolt.Open(path, 0o600, &bolt.Options{
		Timeout: time.Second, ReadOnly: readOnly, NoSync: o.NoSync, MaxSize: o.maxBytes,
		FreelistType: bolt.FreelistMapType, NoStatistics: true,
		OpenFile: func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
			db.file, err = os.OpenFile(name, flag, mode)
			return db.file, err
		},
	})
	_, fromSystem := errors.AsType[*fs.PathError](err)
	switch {
	case err == nil:
		return db, db.stillThere(path)
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%s: %w", path, ErrLocked)
	case fromSystem:
		return nil, fmt.Errorf("the data file cannot be opened (%w): choose a data folder that you may write to", err)
	}
	return nil, fmt.Errorf("%s: %w (%w)", path, ErrNotMend, err)
}

// stillThere refuses a file that lost its name while we waited for its lock: `mend restore` has put
// another one there.
func (db *DB) stillThere(path string) error {
	mine, mineErr := db.file.Stat()
	named, namedErr := os.Stat(path)
	if mineErr == nil && namedErr == nil && os.SameFile(mine, named) {
		return nil
	}
	return errors.Join(fmt.Errorf("%s: %w", path, ErrLocked), mineErr, namedErr, db.bolt.Close())
}

// checkFormat refuses a file of another format. A new file becomes one of this format.
func (db *DB) checkFormat() error {
	err := db.Update(context.Background(), func(tx *bolt.Tx) error {
		var found []byte
		if b := tx.Bucket(formatBucket); b != nil {
			found = b.Get(formatKey)
		}
		first, _ := tx.Cursor().First()
		switch {
		case string(found) == format:
			return nil
		case found != nil:
			return fmt.Errorf("%w (format %.20q, this one knows %s)", ErrVersion, found, format)
		case first != nil:
			return ErrNotMend
		}
		if err := MakeBuckets(tx, formatBucket, itemsBucket, slotsBucket, expiriesBucket); err != nil {
			return err
		}
		return tx.Bucket(formatBucket).Put(formatKey, []byte(format))
	})
	if err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(db.bolt.Path()))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close()) // a power cut may otherwise take the file's name
}

// MakeBuckets makes those buckets that are not there.
func MakeBuckets(tx *bolt.Tx, names ...[]byte) error {
	for _, name := range names {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return nil
}

// Close commits what [DB.Later] was given, clears the free pages, waits for what is under way and
// closes the file. Afterwards every method returns an error.
func (db *DB) Close() error {
	err := errors.Join(db.ForgetNow(context.Background()), db.bolt.Close())
	if err != nil {
		return fmt.Errorf("closing the data file: %w", err)
	}
	return nil
}

// View lets do read a state of all buckets that doesn't change meanwhile. What it reads is valid
// until it returns. It must not call the DB.
func (db *DB) View(ctx context.Context, do func(*bolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if t := togetherOf(ctx); t != nil {
		return t.do(do)
	}
	db.mu.Lock()
	readers := db.readers
	readers.Add(1)
	db.mu.Unlock()
	defer readers.Done()
	return db.bolt.View(func(tx *bolt.Tx) error { return withoutFaults(func() error { return do(tx) }) })
}

// withoutFaults turns a page that the disk no longer gives into an error. Read through the memory
// map, it would end the process.
func withoutFaults(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		p := recover()
		if fault, ok := p.(interface{ Addr() uintptr }); ok && fault.Addr() != 0 {
			err = fmt.Errorf("a page cannot be read: %w", ErrDamaged)
		} else if p != nil {
			panic(p)
		}
	}()
	return do()
}
