package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// format is the number of the file's format. A change that older programs
// would misread moves it.
const format = 1

const formatBucket, formatKey = "mend", "format"

var errBoltTimeout = bolterrors.ErrTimeout

// checkFormat says whether the file is ours, and makes an empty one ours.
func checkFormat(file *bolt.DB, isNew bool) error {
	var found []byte
	empty := true
	err := file.View(func(tx *bolt.Tx) error {
		if b := tx.Bucket([]byte(formatBucket)); b != nil {
			found = bytes.Clone(b.Get([]byte(formatKey)))
		}
		first, _ := tx.Cursor().First()
		empty = first == nil
		return nil
	})
	if err != nil {
		return err
	}
	if empty {
		return makeOurs(file, isNew)
	}
	n, err := strconv.Atoi(string(found))
	switch {
	case err != nil:
		return ErrNotMend
	case n > format:
		return fmt.Errorf("%w (format %d, this one knows %d)", ErrNewer, n, format)
	}
	return nil
}

func makeOurs(file *bolt.DB, isNew bool) error {
	err := file.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucket([]byte(formatBucket))
		if err != nil {
			return err
		}
		return b.Put([]byte(formatKey), []byte(strconv.Itoa(format)))
	})
	if err != nil || !isNew {
		return err
	}
	return syncFolder(file.Path())
}

// syncFolder puts a file's name on the disk: without, a power cut could take a
// new file away.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// boltEngine keeps buckets in a file. Updates that come while one is being
// committed wait, and then share one transaction, committed by the first of
// them: under load many writes share an fsync, and a lone one waits for nobody.
type boltEngine struct {
	path string
	o    Options

	swap sync.RWMutex // held for writing while the file is replaced or scrubbed
	file *bolt.DB

	wrote      atomic.Bool // since the last scrub, or by another process before this one
	restIsZero atomic.Bool // what is behind the last page

	mu         sync.Mutex
	waiting    []*change
	committing bool // somebody is, and will wake the next
}

// change is one update on its way to the disk.
type change struct {
	do       func(Tx) error
	err      error
	panicked any       // what do panicked with, for its owner to panic with again
	turn     chan turn // receives once, unless its owner commits at once
}

type turn uint8

const (
	settled  turn = iota + 1 // err says how it went
	toCommit                 // commit all that wait, yourself among them
)

var (
	errPanicked  = errors.New("the write panicked")
	errAbandoned = errors.New("the write was abandoned") // whoever committed it panicked
)

func (e *boltEngine) close() error {
	e.swap.Lock()
	defer e.swap.Unlock()
	return e.file.Close()
}

func (e *boltEngine) view(do func(Tx) error) error {
	e.swap.RLock()
	defer e.swap.RUnlock()
	return e.file.View(func(tx *bolt.Tx) error { return withoutFaults(func() error { return do(&boltTx{tx: tx}) }) })
}

// withoutFaults makes an error of a page that the disk no longer gives: the memory map would end the process.
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

func (e *boltEngine) update(do func(Tx) error) error {
	c := &change{do: do, err: errAbandoned, turn: make(chan turn, 1)}
	if wait := e.enqueue(c); !wait || <-c.turn == toCommit {
		e.commitWaiting(c)
	}
	if c.panicked != nil {
		panic(c.panicked)
	}
	return c.err
}

func (e *boltEngine) commitWaiting(own *change) {
	batch := e.takeAll()
	defer e.handOver(own, batch)
	e.commit(batch)
}

// enqueue reports whether somebody else is committing, and will wake us.
func (e *boltEngine) enqueue(c *change) (wait bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.waiting = append(e.waiting, c)
	wait = e.committing
	e.committing = true
	return wait
}

func (e *boltEngine) takeAll() []*change {
	e.mu.Lock()
	defer e.mu.Unlock()
	batch := e.waiting
	e.waiting = nil
	return batch
}

// handOver wakes those whose changes own committed, and makes the first who waits the next committer.
func (e *boltEngine) handOver(own *change, batch []*change) {
	for _, c := range batch {
		if c != own {
			c.turn <- settled
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.waiting) > 0 {
		e.waiting[0].turn <- toCommit
	} else {
		e.committing = false
	}
}

// commit settles every change. One that returns an error is taken out, and the
// others are tried again without it.
func (e *boltEngine) commit(batch []*change) {
	batch = append([]*change(nil), batch...)
	for len(batch) > 0 {
		failed, err := e.attempt(batch)
		if failed < 0 {
			for _, c := range batch {
				c.err = err
			}
			return
		}
		batch[failed].err = err
		batch = append(batch[:failed], batch[failed+1:]...)
	}
}

// attempt does all the changes in one transaction; failed is the first that
// returned an error, or -1 where err is about them all.
func (e *boltEngine) attempt(batch []*change) (failed int, err error) {
	e.swap.RLock()
	defer e.swap.RUnlock()
	tx, err := e.file.Begin(true)
	if err != nil {
		return -1, err
	}
	defer tx.Rollback() // after a commit it does nothing
	t := &boltTx{tx: tx}
	for i, c := range batch {
		if err := c.run(t); err != nil {
			return i, err
		}
	}
	if !t.wrote {
		return -1, nil
	}
	if err := withoutFaults(tx.Commit); err != nil {
		e.wrote.Store(true)
		e.restIsZero.Store(false)
		return -1, fmt.Errorf("committing to %s: %w", e.path, err)
	}
	e.wrote.Store(true)
	return -1, nil
}

// run keeps a panic from those who share the transaction.
func (c *change) run(tx Tx) (err error) {
	defer func() {
		if c.panicked = recover(); c.panicked != nil {
			err = errPanicked
		}
	}()
	return withoutFaults(func() error { return c.do(tx) })
}

// compact copies all that is there into a new file and puts that in the old
// one's place. The new one is locked before it has the name.
func (e *boltEngine) compact() error {
	e.swap.Lock()
	defer e.swap.Unlock()
	if err := removeNew(e.path); err != nil {
		return err
	}
	fresh, err := openFile(newPath(e.path), e.o)
	if err != nil {
		return err
	}
	if err := e.copyTo(fresh); err != nil {
		return errors.Join(err, fresh.Close(), removeNew(e.path))
	}
	old := e.file
	e.file = fresh
	e.restIsZero.Store(false)
	return errors.Join(syncFolder(e.path), old.Close())
}

func (e *boltEngine) copyTo(fresh *bolt.DB) error {
	const transaction = 16 << 20 // bytes
	if err := bolt.Compact(fresh, e.file, transaction); err != nil {
		return err
	}
	return os.Rename(newPath(e.path), e.path)
}

// newPath is where compact makes the new file.
func newPath(path string) string { return path + ".new" }

// removeNew removes what a compact that was cut short has left.
func removeNew(path string) error {
	err := os.Remove(newPath(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

type boltTx struct {
	tx    *bolt.Tx
	wrote bool
}

func (t *boltTx) Bucket(name string) Bucket {
	return &boltBucket{t, []byte(name), t.tx.Bucket([]byte(name))}
}

type boltBucket struct {
	tx   *boltTx
	name []byte
	b    *bolt.Bucket // nil: nobody has written to it
}

func (b *boltBucket) Get(key []byte) []byte {
	if b.b == nil {
		return nil
	}
	return b.b.Get(key)
}

func (b *boltBucket) Put(key, value []byte) error {
	made, err := b.forWriting()
	if err != nil {
		return err
	}
	return made.Put(key, value)
}

func (b *boltBucket) Delete(key []byte) error {
	made, err := b.forWriting()
	if err != nil {
		return err
	}
	return made.Delete(key)
}

func (b *boltBucket) Next() (uint64, error) {
	made, err := b.forWriting()
	if err != nil {
		return 0, err
	}
	return made.NextSequence()
}

func (b *boltBucket) Last() uint64 {
	if b.b == nil {
		return 0
	}
	return b.b.Sequence()
}

// forWriting makes the bucket if it is not there.
func (b *boltBucket) forWriting() (*bolt.Bucket, error) {
	if !b.tx.tx.Writable() {
		return nil, errReadOnly
	}
	b.tx.wrote = true
	if b.b != nil {
		return b.b, nil
	}
	made, err := b.tx.tx.CreateBucketIfNotExists(b.name)
	if err != nil {
		return nil, err
	}
	b.b = made
	return made, nil
}

func (b *boltBucket) Ascend(from, to []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		if b.b == nil {
			return
		}
		cursor := b.b.Cursor()
		for k, v := cursor.Seek(from); k != nil && isBefore(k, to); k, v = cursor.Next() {
			if !yield(k, v) {
				return
			}
		}
	}
}

// isBefore reports whether k comes before the exclusive end to, of which nil is none.
func isBefore(k, to []byte) bool { return to == nil || bytes.Compare(k, to) < 0 }
