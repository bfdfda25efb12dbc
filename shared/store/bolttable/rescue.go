package bolttable

import (
	"bytes"
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
// file, which no process may have open.
//
// It reads the pages one after another, whatever leads to them: an item names its own key, and a
// value of others its bucket (see [Named]).
func Rescue(ctx context.Context, damaged, into string) (r Rescued, err error) {
	if _, err := os.Stat(into); err == nil {
		return r, fmt.Errorf("%s is there already: choose another name", into)
	}
	if err := checkFile(damaged, Options{}); errors.Is(err, ErrLocked) {
		return r, err
	}
	file, err := os.Open(damaged)
	if err != nil {
		return r, fmt.Errorf("reading the damaged file: %w", err)
	}
	defer file.Close()
	fresh, err := Open(into, Options{})
	if err != nil {
		return r, err
	}
	err = fresh.Unsynced(func() error { return r.all(ctx, file, fresh) })
	if err = errors.Join(err, fresh.Close()); err != nil {
		err = errors.Join(err, os.Remove(into))
	}
	return r, err
}

// Named is a value as the file has it in a bucket of the table's callers: after the bucket's name,
// between bytes 0. No item begins with one.
func Named(bucket, value []byte) []byte {
	return slices.Concat([]byte{0}, bucket, []byte{0}, value)
}

// all copies the entries of each page that is in use.
func (r *Rescued) all(ctx context.Context, file *os.File, fresh *DB) error {
	p, err := openPages(file)
	noMeta := err != nil
	if noMeta {
		stat, err := file.Stat()
		if err != nil {
			return err
		}
		p = &pages{file: file, size: uint64(os.Getpagesize()), used: map[uint64]bool{}}
		p.meta.End, p.meta.Freelist = uint64(stat.Size())/p.size, noFreelist
		r.Damaged++
	}
	free, err := p.free()
	if err != nil {
		r.Damaged++
	}
	for _, id := range free {
		p.used[id] = true
	}
	for id := uint64(2); id < p.meta.End; id++ {
		if p.used[id] {
			continue
		}
		got, err := p.read(id)
		if err != nil {
			r.Damaged++
			continue
		}
		var found Rescued
		err = fresh.Update(ctx, func(tx *bolt.Tx) error {
			found = Rescued{}
			return found.page(fresh, tx, got)
		})
		if err != nil {
			return err
		}
		r.Items, r.Others, r.Damaged = r.Items+found.Items, r.Others+found.Others, r.Damaged+found.Damaged
	}
	if noMeta && r.Items+r.Others == 0 {
		return fmt.Errorf("there is nothing of Mend's to save in %s", file.Name())
	}
	return nil
}

func (r *Rescued) page(fresh *DB, tx *bolt.Tx, in page) error {
	for i := 0; i < in.count && in.kind == leafPage; i++ {
		e := in.element(i)
		if len(e.key) == 0 {
			r.Damaged++
			break
		}
		var err error
		if small, ok := e.inline(); ok && e.flags == isBucket {
			err = r.page(fresh, tx, small)
		} else if e.flags != isBucket && len(e.value) > 0 && string(e.key) != string(formatKey) {
			err = r.entry(fresh, tx, e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// entry copies one entry. Those of the index and of the expiries come back with the items.
func (r *Rescued) entry(fresh *DB, tx *bolt.Tx, e element) error {
	if bucket, value, ok := bytes.Cut(e.value[1:], []byte{0}); ok && e.value[0] == 0 && len(bucket) > 0 {
		b, err := tx.CreateBucketIfNotExists(bucket)
		if err != nil {
			return err
		}
		r.Others++
		return b.Put(e.key, Named(bucket, value))
	}
	it, err := decode(e.value)
	if err != nil {
		r.Damaged++
		return nil
	}
	if it.Key().SK == "" || it.Key() != keyOf(e.key) {
		return nil
	}
	absent := store.Condition{{Attr: store.AttrPK, Is: store.Missing}}
	_, err = fresh.write(tx, store.Write{Op: store.Put, Key: it.Key(), Item: it, If: absent})
	if err == nil {
		r.Items++
	} else if isRefusal(err) {
		r.Damaged++
		return nil
	}
	return err
}
