package embedded

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"example.org/mend/shared/store"
)

// Rescued counts what [Rescue] saved, and the damaged places that it left out.
type Rescued struct{ Items, Others, Damaged int }

// Rescue writes what is whole of a damaged file into a new one. It changes nothing in the damaged file,
// which no process may have open. What was deleted does not come back, but for pages that the damage
// has cut off: where it is not known whether those are in use, their records are taken.
func Rescue(ctx context.Context, damaged, into string) (Rescued, error) {
	if _, err := os.Stat(into); !errors.Is(err, os.ErrNotExist) {
		return Rescued{}, fmt.Errorf("%s is there already: choose another name", into)
	}
	if err := checkFile(damaged, Options{LockTimeout: time.Second}); errors.Is(err, ErrLocked) {
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
	r := &rescuer{fresh: fresh}
	err = r.all(ctx, file)
	return r.count, errors.Join(err, fresh.Close())
}

// rescuer copies records in chunks.
type rescuer struct {
	fresh *DB
	count Rescued
	chunk []found
	bytes int
}

type found struct {
	bucket     string
	key, value []byte
}

func (r *rescuer) all(ctx context.Context, file *os.File) error {
	p, err := openPages(file)
	if err != nil {
		if p, err = pagesWithoutMeta(file); err != nil {
			return err
		}
		r.count.Damaged++
	}
	var failed error
	p.damaged = func(error) error { r.count.Damaged++; return failed }
	p.visit = func(bucket string, key, value []byte) {
		if failed == nil {
			failed = r.take(ctx, found{bucket, key, value})
		}
	}
	if err := p.bucket("", p.meta.root, 0); err != nil {
		return err
	}
	if r.count.Damaged > 0 && failed == nil {
		p.orphans()
	}
	return errors.Join(failed, r.flush(ctx))
}

// pagesWithoutMeta is for a file whose meta pages are gone: it looks for the page that names the buckets.
func pagesWithoutMeta(file *os.File) (*pages, error) {
	stat, err := file.Stat()
	if err != nil {
		return nil, err
	}
	p := &pages{file: file, size: uint64(os.Getpagesize()), used: map[uint64]bool{}, meta: meta{freelist: noFreelist}}
	p.meta.end = uint64(stat.Size()) / p.size
	most := 0
	for id := uint64(2); id < p.meta.end; id++ {
		p.used = map[uint64]bool{}
		got, err := p.read(id)
		if err != nil || got.kind != leafPage {
			continue
		}
		ours := false
		p.visit = func(bucket string, key, _ []byte) {
			ours = ours || bucket == formatBucket && string(key) == formatKey
		}
		p.damaged = func(error) error { return nil }
		if _ = p.leaf("", got, keySpan{}, mostDepth-1); ours && got.count >= most {
			most, p.meta.root = got.count, id
		}
	}
	if p.used = map[uint64]bool{}; most == 0 {
		return nil, ErrNotMend
	}
	return p, nil
}

// orphans visits the records of leaves that nothing leads to: the damage has cut them off.
func (p *pages) orphans() {
	if free, err := p.free(); err == nil {
		for _, id := range free {
			p.used[id] = true
		}
	}
	visit := p.visit
	p.visit = func(bucket string, key, value []byte) {
		var k store.Key
		if bucket == "" && cutStrings(key, &k.PK, &k.SK) == nil && k.PK != "" && k.SK != "" {
			visit(tableBucket, key, value)
		}
	}
	for id := uint64(2); id < p.meta.end; id++ {
		if p.used[id] {
			continue
		}
		head := make([]byte, pageHead)
		if _, err := p.file.ReadAt(head, int64(id*p.size)); err != nil || binary.LittleEndian.Uint16(head[8:]) != leafPage {
			continue
		}
		if got, err := p.read(id); err == nil {
			_ = p.leaf("", got, keySpan{}, mostDepth) // no bucket below is taken: it has no name
		}
	}
}

// take keeps a record for the next chunk. The index and the expiries come back with the items.
func (r *rescuer) take(ctx context.Context, f found) error {
	switch f.bucket {
	case slotsBucket, ttlBucket, formatBucket, "":
		return nil
	}
	f.key, f.value = append([]byte{}, f.key...), append([]byte{}, f.value...)
	r.chunk = append(r.chunk, f)
	if r.bytes += len(f.key) + len(f.value); r.bytes < 4<<20 {
		return nil
	}
	return r.flush(ctx)
}

func (r *rescuer) flush(ctx context.Context) error {
	chunk := r.chunk
	r.chunk, r.bytes = nil, 0
	var done Rescued
	err := r.fresh.Update(ctx, func(tx Tx) error {
		done = Rescued{}
		for _, f := range chunk {
			if f.bucket != tableBucket {
				done.Others++
				if err := tx.Bucket(f.bucket).Put(f.key, f.value); err != nil {
					return err
				}
				continue
			}
			item, err := itemOfTable(f.key, f.value)
			if err != nil {
				done.Damaged++
				continue
			}
			p, err := plan(tx, store.Write{Op: store.Put, Key: item.Key(), Item: item})
			if err != nil {
				done.Damaged++
				continue
			}
			if p.old != nil { // what the tree led to is younger than a page that was cut off
				continue
			}
			done.Items++
			if err := p.do(tx); err != nil {
				return err
			}
		}
		return nil
	})
	r.count.Items, r.count.Others, r.count.Damaged = r.count.Items+done.Items, r.count.Others+done.Others, r.count.Damaged+done.Damaged
	return err
}
