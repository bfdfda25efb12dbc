package embedded

import (
	"bytes"
	"iter"
	"slices"
	"sort"
	"sync"
)

// InMemory is a DB that keeps everything in memory, for tests and simulations:
// nothing in it depends on goroutines, time or chance.
func InMemory() *DB {
	return &DB{engine: &memoryEngine{runs: make(map[string]*run)}}
}

type memoryEngine struct {
	mu   sync.RWMutex
	runs map[string]*run
}

func (e *memoryEngine) compact() error { return nil }
func (e *memoryEngine) scrub() error   { return nil }

func (e *memoryEngine) unsynced(do func() error) error { return do() }

func (e *memoryEngine) close() error { return nil }

func (e *memoryEngine) view(do func(Tx) error) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return do(&memoryTx{engine: e})
}

func (e *memoryEngine) update(do func(Tx) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	tx := &memoryTx{engine: e, writable: true}
	defer tx.undo() // after keep it does nothing
	if err := do(tx); err != nil {
		return err
	}
	tx.keep()
	return nil
}

type memoryTx struct {
	engine   *memoryEngine
	writable bool
	written  []overwritten
}

// overwritten is what stood at a key before the transaction wrote there.
type overwritten struct {
	run *run
	was entry // a nil value: nothing
}

func (t *memoryTx) keep() { t.written = nil }

func (t *memoryTx) undo() {
	for _, w := range slices.Backward(t.written) {
		if w.was.value == nil {
			w.run.remove(w.was.key)
		} else {
			w.run.set(w.was.key, w.was.value)
		}
	}
}

func (t *memoryTx) Bucket(name string) Bucket {
	r := t.engine.runs[name]
	if r == nil {
		r = new(run)
		if t.writable {
			t.engine.runs[name] = r
		}
	}
	return memoryBucket{t, r}
}

type memoryBucket struct {
	tx *memoryTx
	*run
}

func (b memoryBucket) Get(key []byte) []byte { return b.get(key) }

func (b memoryBucket) Put(key, value []byte) error {
	if !b.tx.writable {
		return errReadOnly
	}
	key = bytes.Clone(key)
	if value == nil {
		value = []byte{}
	}
	b.tx.written = append(b.tx.written, overwritten{b.run, entry{key, b.set(key, value)}})
	return nil
}

func (b memoryBucket) Delete(key []byte) error {
	if !b.tx.writable {
		return errReadOnly
	}
	if was := b.remove(key); was.value != nil {
		b.tx.written = append(b.tx.written, overwritten{b.run, was})
	}
	return nil
}

func (b memoryBucket) Next() (uint64, error) {
	if !b.tx.writable {
		return 0, errReadOnly
	}
	b.numbered++
	return b.numbered, nil
}

func (b memoryBucket) Last() uint64 { return b.numbered }

func (b memoryBucket) Ascend(from, to []byte) iter.Seq2[[]byte, []byte] { return b.ascend(from, to) }

// run is a sorted map: pieces of at most mostInPiece entries, none empty, each
// sorted and before the next. A write moves one piece, however long the run is.
type run struct {
	pieces   [][]entry
	numbered uint64 // the last number given by Next
}

type entry struct{ key, value []byte }

const mostInPiece = 256

// find is where the key is, or would be inserted: in the last piece that
// begins at or before it.
func (r *run) find(key []byte) (piece, at int, found bool) {
	piece = sort.Search(len(r.pieces), func(i int) bool { return bytes.Compare(r.pieces[i][0].key, key) > 0 }) - 1
	if piece < 0 {
		return 0, 0, false
	}
	at, found = slices.BinarySearchFunc(r.pieces[piece], key, func(e entry, key []byte) int { return bytes.Compare(e.key, key) })
	return piece, at, found
}

func (r *run) get(key []byte) []byte {
	piece, at, found := r.find(key)
	if !found {
		return nil
	}
	return r.pieces[piece][at].value
}

// set returns the value that stood there before, nil if none.
func (r *run) set(key, value []byte) (was []byte) {
	piece, at, found := r.find(key)
	if found {
		was = r.pieces[piece][at].value
		r.pieces[piece][at].value = value
		return was
	}
	if len(r.pieces) == 0 {
		r.pieces = append(r.pieces, nil)
	}
	p := slices.Insert(r.pieces[piece], at, entry{key, value})
	r.pieces[piece] = p
	if len(p) > mostInPiece {
		half := len(p) / 2
		r.pieces = slices.Insert(r.pieces, piece+1, slices.Clone(p[half:]))
		clear(p[half:])
		r.pieces[piece] = p[:half]
	}
	return nil
}

// remove returns the entry that stood there, zero if none.
func (r *run) remove(key []byte) (was entry) {
	piece, at, found := r.find(key)
	if !found {
		return entry{}
	}
	was = r.pieces[piece][at]
	if len(r.pieces[piece]) == 1 {
		r.pieces = slices.Delete(r.pieces, piece, piece+1)
	} else {
		r.pieces[piece] = slices.Delete(r.pieces[piece], at, at+1)
	}
	return was
}

func (r *run) ascend(from, to []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		piece, at, _ := r.find(from)
		for ; piece < len(r.pieces); piece, at = piece+1, 0 {
			for _, e := range r.pieces[piece][at:] {
				if !isBefore(e.key, to) || !yield(e.key, e.value) {
					return
				}
			}
		}
	}
}
