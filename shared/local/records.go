package local

import (
	"bytes"
	"context"
	"fmt"

	"github.com/fxamacker/cbor/v2"
	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/store/bolttable"
)

// records are the values of one kind, each under a key of its own, as CBOR in a bucket of the file.
type records[T any] struct {
	db     *bolttable.DB
	bucket []byte
}

// recordsOf makes the bucket if there is none.
func recordsOf[T any](ctx context.Context, db *bolttable.DB, bucket string) (records[T], error) {
	r := records[T]{db, []byte(bucket)}
	return r, db.Update(ctx, func(tx *bolt.Tx) error { return bolttable.MakeBuckets(tx, r.bucket) })
}

var encoding = func() cbor.EncMode {
	mode, err := cbor.EncOptions{Time: cbor.TimeRFC3339Nano}.EncMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

func (r records[T]) put(tx *bolt.Tx, key string, v T) error {
	value, err := encoding.Marshal(v)
	if err != nil {
		return err
	}
	return tx.Bucket(r.bucket).Put([]byte(key), bolttable.Named(r.bucket, value))
}

func (r records[T]) delete(tx *bolt.Tx, key string) error {
	return tx.Bucket(r.bucket).Delete([]byte(key))
}

func (r records[T]) has(tx *bolt.Tx, key string) bool {
	return tx.Bucket(r.bucket).Get([]byte(key)) != nil
}

// get is the value under a key, false if there is none.
func (r records[T]) get(ctx context.Context, key string) (v T, found bool, err error) {
	err = r.each(ctx, key, func(k string, value T) bool {
		if k == key {
			v, found = value, true
		}
		return false
	})
	return v, found, err
}

// each visits the values from a key on, in the order of their keys, until visit returns false.
func (r records[T]) each(ctx context.Context, from string, visit func(key string, v T) bool) error {
	return r.db.View(ctx, func(tx *bolt.Tx) error {
		cursor := tx.Bucket(r.bucket).Cursor()
		name := bolttable.Named(r.bucket, nil)
		for key, value := cursor.Seek([]byte(from)); key != nil; key, value = cursor.Next() {
			var v T
			if err := cbor.Unmarshal(bytes.TrimPrefix(value, name), &v); err != nil {
				return fmt.Errorf("a value of %s cannot be read (%w): %w", r.bucket, err, bolttable.ErrDamaged)
			}
			if !visit(string(key), v) {
				return nil
			}
		}
		return nil
	})
}

// last is the last key, or "".
func (r records[T]) last(ctx context.Context) (last string, err error) {
	err = r.db.View(ctx, func(tx *bolt.Tx) error {
		key, _ := tx.Bucket(r.bucket).Cursor().Last()
		last = string(key)
		return nil
	})
	return last, err
}
