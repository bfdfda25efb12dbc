package local

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"strconv"
	"sync/atomic"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/store/bolttable"
)

// records are the values of one kind, each under a key of its own in a bucket of the file.
// encoding/gob encodes them.
type records[T any] struct {
	db     *bolttable.DB
	bucket []byte
}

func (r records[T]) put(tx *bolt.Tx, key string, v T) error {
	value := bytes.NewBuffer(bolttable.Named(r.bucket, nil))
	if err := gob.NewEncoder(value).Encode(v); err != nil {
		return err
	}
	return tx.Bucket(r.bucket).Put([]byte(key), value.Bytes())
}

func (r records[T]) delete(tx *bolt.Tx, key string) error {
	return tx.Bucket(r.bucket).Delete([]byte(key))
}

func (r records[T]) has(tx *bolt.Tx, key string) bool {
	return tx.Bucket(r.bucket).Get([]byte(key)) != nil
}

// get is the value under a key. Where there is none, it returns the error none.
func (r records[T]) get(ctx context.Context, key string, none error) (v T, err error) {
	err = r.db.View(ctx, func(tx *bolt.Tx) (err error) {
		value := tx.Bucket(r.bucket).Get([]byte(key))
		if value == nil {
			return none
		}
		v, err = r.decode(value)
		return err
	})
	return v, err
}

// each visits the values whose keys have a prefix, from a key on and in their order, until visit
// returns false.
func (r records[T]) each(ctx context.Context, prefix, from string, visit func(key string, v T) bool) error {
	return r.db.View(ctx, func(tx *bolt.Tx) error {
		cursor := tx.Bucket(r.bucket).Cursor()
		key, value := cursor.Seek([]byte(max(prefix, from)))
		for ; key != nil && bytes.HasPrefix(key, []byte(prefix)); key, value = cursor.Next() {
			v, err := r.decode(value)
			if err != nil || !visit(string(key), v) {
				return err
			}
		}
		return nil
	})
}

func (r records[T]) decode(value []byte) (v T, err error) {
	value = bytes.TrimPrefix(value, bolttable.Named(r.bucket, nil))
	err = gob.NewDecoder(bytes.NewReader(value)).Decode(&v)
	if err != nil {
		err = fmt.Errorf("a value of %s cannot be read (%w): %w", r.bucket, err, bolttable.ErrDamaged)
	}
	return v, err
}

// numbered is a key that orders as numbers do.
func numbered(n uint64) string { return fmt.Sprintf("%012d", n) }

// lastNumber reads the number of the last key into number, if there is one.
func (r records[T]) lastNumber(ctx context.Context, number *atomic.Uint64) error {
	return r.db.View(ctx, func(tx *bolt.Tx) error {
		key, _ := tx.Bucket(r.bucket).Cursor().Last()
		if key == nil {
			return nil
		}
		last, err := strconv.ParseUint(string(key), 10, 64)
		if err != nil {
			return bolttable.ErrDamaged
		}
		number.Store(last)
		return nil
	})
}
