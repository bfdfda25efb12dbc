package bolttable

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/store"
)

// Rescued counts what [Rescue] saved, and the damaged places that it left out.
type Rescued struct{ Items, Others, Damaged int }

// Rescue writes what is whole of a damaged file into a new one. It changes nothing in the damaged
// file, which no process may have open. Items on pages that the damage has cut off from
// the rest are saved too.
func Rescue(ctx context.Context, damaged, into string) (Rescued, error) {
	if _, err := os.Stat(into); !errors.Is(err, os.ErrNotExist) {
		return Rescued{}, fmt.Errorf("%s is there already: choose another name", into)
	}
	if err := checkFile(damaged, Options{}); errors.Is(err, ErrLocked) {
		return Rescued{}, err
	}
	file, err := os.Open(damaged)
	if err != nil {
		return Rescued{}, fmt.Errorf("reading the damaged file: %w", err)
	}
	defer file.Close()
	fresh, err := Open(into, Options{})
	if err != nil {
		return Rescued{}, err
	}
	r := &rescuer{ctx: ctx, fresh: fresh}
	err = errors.Join(r.all(file), r.flush())
	return r.count, errors.Join(err, fresh.Close())
}

// rescuer copies entries in chunks.
type rescuer struct {
	ctx   context.Context
	fresh *DB
	count Rescued
	chunk []found
	bytes int
	err   error // ends the walk
}

type found struct {
	buckets    []string
	key, value []byte
}

func (r *rescuer) all(file *os.File) error {
	p, err := openPages(file)
	if err != nil {
		if p, err = pagesWithoutMeta(file); err != nil {
			return err
		}
		r.count.Damaged++
	}
	p.damaged = func(error) error { r.count.Damaged++; return r.err }
	p.visit = r.take
	if err := errors.Join(p.walk(nil, p.meta.Root, keySpan{}, 0), r.err); err != nil || r.count.Damaged == 0 {
		return err
	}
	// Pages that nothing leads to and that are not free: the damage has cut them off. Which bucket
	// they belong to shows in the entries alone, so it must be an item that names its own key.
	if free, err := p.free(); err == nil {
		for _, id := range free {
			p.used[id] = true
		}
	}
	p.visit = func(_ []string, key, value []byte) {
		if it, err := decode(value); err == nil && it.Key() == keyOf(key) && it.Key().SK != "" {
			r.take([]string{string(itemsBucket)}, key, value)
		}
	}
	for id := uint64(2); id < p.meta.End && r.err == nil; id++ {
		if got, err := p.read(id); err == nil && got.kind == leafPage {
			_ = p.entries(nil, got, keySpan{}, mostDepth) // no bucket below is taken: it has no name
		}
	}
	return r.err
}

// pagesWithoutMeta is for a file whose meta pages are gone: it looks for the page that names the
// buckets.
func pagesWithoutMeta(file *os.File) (*pages, error) {
	stat, err := file.Stat()
	if err != nil {
		return nil, err
	}
	p := &pages{file: file, size: uint64(os.Getpagesize()), used: map[uint64]bool{}}
	p.meta.End, p.meta.Freelist = uint64(stat.Size())/p.size, noFreelist
	p.visit = func([]string, []byte, []byte) {}
	root, least := uint64(0), 0
	for id := uint64(2); id < p.meta.End; id++ {
		if p.used = map[uint64]bool{}; !p.namesBuckets(id) {
			continue
		}
		damaged := 0 // an older copy of the page leads to pages that have changed since
		p.used, p.damaged = map[uint64]bool{}, func(error) error { damaged++; return nil }
		_ = p.walk(nil, id, keySpan{}, 0)
		if root == 0 || damaged < least {
			root, least = id, damaged
		}
	}
	if p.meta.Root, p.used = root, map[uint64]bool{}; root == 0 {
		return nil, ErrNotMend
	}
	return p, nil
}

func (p *pages) namesBuckets(id uint64) bool {
	got, err := p.read(id)
	for i := 0; err == nil && got.kind == leafPage && i < got.count; i++ {
		if e := got.element(i); e.flags == isBucket && string(e.key) == string(formatBucket) {
			return true
		}
	}
	return false
}

// take keeps an entry for the next chunk. The index and the expiries come back with the items.
func (r *rescuer) take(buckets []string, key, value []byte) {
	if r.err != nil || len(buckets) == 0 {
		return
	}
	switch buckets[0] {
	case string(slotsBucket), string(expiriesBucket), string(formatBucket):
		return
	}
	r.chunk = append(r.chunk, found{buckets, slices.Clone(key), append([]byte{}, value...)})
	if r.bytes += len(key) + len(value); r.bytes >= 4<<20 {
		r.err = r.flush()
	}
}

func (r *rescuer) flush() error {
	chunk := r.chunk
	r.chunk, r.bytes = nil, 0
	var done Rescued
	err := r.fresh.Update(r.ctx, func(tx *bolt.Tx) error {
		done = Rescued{}
		for _, f := range chunk {
			if err := f.put(r.fresh, tx, &done); err != nil {
				return err
			}
		}
		return nil
	})
	r.count.Items += done.Items
	r.count.Others += done.Others
	r.count.Damaged += done.Damaged
	return err
}

func (f found) put(db *DB, tx *bolt.Tx, done *Rescued) error {
	if f.buckets[0] != string(itemsBucket) {
		bucket, err := tx.CreateBucketIfNotExists([]byte(f.buckets[0]))
		for _, name := range f.buckets[1:] {
			if err == nil {
				bucket, err = bucket.CreateBucketIfNotExists([]byte(name))
			}
		}
		if err != nil {
			return err
		}
		done.Others++
		return bucket.Put(f.key, f.value)
	}
	it, err := decode(f.value)
	if err != nil || it.Key() != keyOf(f.key) {
		done.Damaged++
		return nil
	}
	// What the tree led to came first, and is younger than a page that was cut off.
	absent := store.Condition{{Attr: store.AttrPK, Is: store.Missing}}
	_, err = db.write(tx, store.Write{Op: store.Put, Key: it.Key(), Item: it, If: absent})
	var there *store.ConditionFailed
	switch {
	case err == nil:
		done.Items++
	case isRefusal(err) && !errors.As(err, &there):
		done.Damaged++
	case !isRefusal(err):
		return err
	}
	return nil
}
