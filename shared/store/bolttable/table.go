package bolttable

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/apply"
)

// The buckets of the table.
var itemsBucket, slotsBucket, expiriesBucket = []byte("items"), []byte("slots"), []byte("expiries")

// Get implements [store.Table].
func (db *DB) Get(ctx context.Context, key store.Key) (store.Item, error) {
	items, err := db.GetEach(ctx, []store.Key{key})
	if err != nil {
		return nil, err
	}
	return items[0], nil
}

// GetEach implements [store.Table].
func (db *DB) GetEach(ctx context.Context, keys []store.Key) ([]store.Item, error) {
	items := make([]store.Item, len(keys))
	err := db.View(ctx, func(tx *bolt.Tx) (err error) {
		for i, key := range keys {
			if items[i], err = stored(tx, key); err != nil {
				return err
			}
		}
		return nil
	})
	return items, err
}

// Query implements [store.Table].
func (db *DB) Query(ctx context.Context, q store.Query) (page store.QueryResult, err error) {
	name := itemsBucket
	if q.Slots {
		name = slotsBucket
	}
	err = db.View(ctx, func(tx *bolt.Tx) (damaged error) {
		cursor, partition := tx.Bucket(name).Cursor(), rowKey(q.Partition, "")
		k, v := cursor.Seek(rowKey(q.Partition, q.After))
		page = apply.Page(q, func(yield func(string, store.Item) bool) {
			for ; bytes.HasPrefix(k, partition); k, v = cursor.Next() {
				var it store.Item
				it, damaged = decode(v)
				if damaged != nil || !yield(string(k[len(partition):]), it) {
					return
				}
			}
		}, func(store.Item) int { return len(v) })
		return damaged
	})
	return page, err
}

// Write implements [store.Table].
func (db *DB) Write(ctx context.Context, w store.Write) (store.Item, error) {
	var next store.Item
	err := db.updateUnlessRefused(ctx, func(tx *bolt.Tx) (err error) {
		next, err = db.write(tx, w)
		return err
	})
	return next, err
}

// WriteEach implements [store.Table].
func (db *DB) WriteEach(ctx context.Context, writes []store.Write) ([]error, error) {
	errs := make([]error, len(writes))
	err := db.Update(ctx, func(tx *bolt.Tx) error {
		for i, w := range writes {
			if _, errs[i] = db.write(tx, apply.Each(w)); errs[i] != nil && !isRefusal(errs[i]) {
				return errs[i]
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return errs, nil
}

// Transact implements [store.Table].
func (db *DB) Transact(ctx context.Context, writes []store.Write) error {
	return db.updateUnlessRefused(ctx, func(tx *bolt.Tx) error {
		old, next, err := apply.Transaction(writes,
			func(key store.Key) (store.Item, error) { return stored(tx, key) })
		for i, w := range writes {
			if err == nil {
				err = db.keep(tx, w.Key, old[i], next[i])
			}
		}
		return err
	})
}

// updateUnlessRefused is [DB.Update] of what writes nothing where it is refused: those who share
// the transaction need not be tried again then.
func (db *DB) updateUnlessRefused(ctx context.Context, do func(*bolt.Tx) error) error {
	var refusal error
	err := db.Update(ctx, func(tx *bolt.Tx) error {
		if refusal = do(tx); isRefusal(refusal) {
			return nil
		}
		return refusal
	})
	return cmp.Or(err, refusal)
}

// isRefusal tells a write that was not done from a file that doesn't work.
func isRefusal(err error) bool {
	_, failed := errors.AsType[*store.ConditionFailed](err)
	return failed
}

// write does one write, if its condition is met, and returns the new item.
func (db *DB) write(tx *bolt.Tx, w store.Write) (store.Item, error) {
	old, err := stored(tx, w.Key)
	if err != nil {
		return nil, err
	}
	next, err := apply.Write(w, old)
	if err != nil {
		return nil, err
	}
	return next, db.keep(tx, w.Key, old, next)
}

// keep writes an item in the place of another (nil: none), and keeps the index and the expiries
// true. Where nothing has changed, it writes nothing.
func (db *DB) keep(tx *bolt.Tx, key store.Key, old, next store.Item) error {
	if maps.EqualFunc(old, next, apply.Equal) {
		return nil
	}
	changed := func(name string) bool { return !apply.Equal(old[name], next[name]) }
	for name, v := range old {
		switch v.(type) {
		case string, []byte: // it may be someone's words or address
			if changed(name) && !slices.Contains(store.Bookkeeping, name) {
				db.Forget()
			}
		}
	}
	var err error
	if slices.ContainsFunc(apply.Projected, changed) {
		err = move(tx.Bucket(slotsBucket), slotKey(old), slotKey(next), apply.Projection(next))
	}
	if changed(store.AttrTTL) {
		err = cmp.Or(err, move(tx.Bucket(expiriesBucket), expiryKey(old), expiryKey(next), nil))
	}
	at := rowKey(key.PK, key.SK)
	if next == nil {
		return cmp.Or(err, tx.Bucket(itemsBucket).Delete(at))
	}
	return cmp.Or(err, tx.Bucket(itemsBucket).Put(at, encode(next)))
}

// move puts an item under one key, and removes what stands under another; nil is no key.
func move(bucket *bolt.Bucket, from, to []byte, it store.Item) error {
	var err error
	if from != nil && !bytes.Equal(from, to) {
		err = bucket.Delete(from)
	}
	if to != nil {
		err = cmp.Or(err, bucket.Put(to, encode(it)))
	}
	return err
}

// separator is in no string of an item: UTF-8 has no such byte.
const separator = "\xff"

func rowKey(partition, sortKey string) []byte { return []byte(partition + separator + sortKey) }

func keyOf(row []byte) store.Key {
	pk, sk, _ := strings.Cut(string(row), separator)
	return store.Key{PK: pk, SK: sk}
}

// slotKey is where the index has an item; nil if it isn't in the index.
func slotKey(it store.Item) []byte {
	slot, _ := it[store.AttrSlot].(string)
	member, _ := it[store.AttrMember].(string)
	if slot == "" || member == "" {
		return nil
	}
	return rowKey(slot, member)
}

// expiryKey is where the expiries have an item; nil if it doesn't expire.
func expiryKey(it store.Item) []byte {
	seconds, expires := it[store.AttrTTL].(int64)
	if !expires {
		return nil
	}
	return append(expiryBytes(seconds), rowKey(it.Key().PK, it.Key().SK)...)
}

// expiryBytes order as the seconds do, negative ones too.
func expiryBytes(seconds int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(seconds)^(1<<63))
}

// stored is an item as the file has it; nil if there is none.
func stored(tx *bolt.Tx, key store.Key) (store.Item, error) {
	return decode(tx.Bucket(itemsBucket).Get(rowKey(key.PK, key.SK)))
}

// Purge removes at most limit of the items that expired before now. Readers must not see expired
// items before that either: DynamoDB, too, removes them late.
func (db *DB) Purge(ctx context.Context, now time.Time, limit int) error {
	err := db.Update(ctx, func(tx *bolt.Tx) error {
		var expired []store.Key
		cursor, end := tx.Bucket(expiriesBucket).Cursor(), expiryBytes(now.Unix())
		for k, _ := cursor.First(); k != nil && len(expired) < limit; k, _ = cursor.Next() {
			if bytes.Compare(k, end) >= 0 {
				break
			}
			expired = append(expired, keyOf(k[len(end):]))
		}
		for _, key := range expired {
			if _, err := db.write(tx, store.Write{Op: store.Delete, Key: key}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("purging expired items: %w", err)
	}
	return nil
}

// Partitions lists at most limit partition keys that begin with prefix, in order,
// beginning after one.
func (db *DB) Partitions(ctx context.Context, prefix, after string, limit int) (found []string, err error) {
	err = db.View(ctx, func(tx *bolt.Tx) error {
		cursor := tx.Bucket(itemsBucket).Cursor()
		from := []byte(prefix)
		if after != "" {
			from = rowKey(after, separator)
		}
		for len(found) < limit {
			k, _ := cursor.Seek(from)
			if !bytes.HasPrefix(k, []byte(prefix)) {
				break
			}
			found = append(found, keyOf(k).PK)
			from = rowKey(found[len(found)-1], separator)
		}
		return nil
	})
	return found, err
}
