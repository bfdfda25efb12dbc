package bolttable

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamolimits"
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
	if err := dynamolimits.Keys(keys); err != nil {
		return nil, err
	}
	items := make([]store.Item, len(keys))
	err := db.View(ctx, func(tx *bolt.Tx) error {
		for i, key := range keys {
			var err error
			if items[i], err = readItem(stored(tx, key)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return items, nil
}

// Query implements [store.Table].
func (db *DB) Query(ctx context.Context, q store.Query) (page store.QueryResult, err error) {
	if err := dynamolimits.Query(q); err != nil {
		return page, err
	}
	name := itemsBucket
	if q.Slots {
		name = slotsBucket
	}
	err = db.View(ctx, func(tx *bolt.Tx) (damaged error) {
		cursor, partition := tx.Bucket(name).Cursor(), rowKey(q.Partition, "")
		page = dynamolimits.Page(q, func(yield func(string, store.Item) bool) {
			k, v := cursor.Seek(rowKey(q.Partition, q.After))
			for ; bytes.HasPrefix(k, partition); k, v = cursor.Next() {
				var it store.Item
				it, damaged = readItem(v)
				if damaged != nil || !yield(string(k[len(partition):]), it) {
					return
				}
			}
		})
		return damaged
	})
	return page, err
}

// Write implements [store.Table].
func (db *DB) Write(ctx context.Context, w store.Write) (store.Item, error) {
	if err := dynamolimits.Write(w); err != nil {
		return nil, err
	}
	var next row
	err := db.updateUnlessRefused(ctx, func(tx *bolt.Tx) (err error) {
		next, err = db.write(tx, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	return readItem(next)
}

// WriteEach implements [store.Table].
func (db *DB) WriteEach(ctx context.Context, writes []store.Write) ([]error, error) {
	if err := dynamolimits.Each(writes); err != nil {
		return nil, err
	}
	errs := make([]error, len(writes))
	err := db.Update(ctx, func(tx *bolt.Tx) error {
		for i, w := range writes {
			if _, errs[i] = db.write(tx, w); errs[i] != nil && !isRefusal(errs[i]) {
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
	if err := dynamolimits.Transaction(writes); err != nil {
		return err
	}
	return db.updateUnlessRefused(ctx, func(tx *bolt.Tx) error { return db.transact(tx, writes) })
}

func (db *DB) transact(tx *bolt.Tx, writes []store.Write) error {
	edits, size := make([]edit, len(writes)), 0
	for i, w := range writes {
		e, err := apply(tx, w)
		var failed *store.ConditionFailed
		if errors.As(err, &failed) {
			return &store.ConditionFailed{Index: i}
		}
		if err != nil {
			return fmt.Errorf("write %d: %w", i, err)
		}
		edits[i], size = e, size+e.size
	}
	if err := dynamolimits.TransactionSize(size); err != nil {
		return err
	}
	for i, w := range writes {
		if err := db.keep(tx, w.Key, edits[i]); err != nil {
			return err
		}
	}
	return nil
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
	var condition *store.ConditionFailed
	var limit dynamolimits.Refused
	return errors.As(err, &condition) || errors.As(err, &limit)
}

// write does one write, if its condition is met, and returns the new row.
func (db *DB) write(tx *bolt.Tx, w store.Write) (row, error) {
	e, err := apply(tx, w)
	if err == nil {
		err = db.keep(tx, w.Key, e)
	}
	return e.row, err
}

// apply returns what a write makes of an item, and writes nothing. Errors: [store.ConditionFailed],
// [dynamolimits.Refused].
func apply(tx *bolt.Tx, w store.Write) (edit, error) {
	old, err := readRow(stored(tx, w.Key))
	if err != nil {
		return edit{}, err
	}
	if !old.meets(w.If) {
		it, _ := readItem(old)
		return edit{}, &store.ConditionFailed{Old: it}
	}
	return edited(old, w)
}

// keep writes a row that was edited, and keeps the index and the expiries true. Where it is as it
// was, it writes nothing.
func (db *DB) keep(tx *bolt.Tx, key store.Key, e edit) error {
	if (e.old == nil) == (e.row == nil) && bytes.Equal(e.old, e.row) {
		return nil
	}
	if e.loses {
		db.Forget()
	}
	if e.index {
		wasKey, _ := e.old.projection()
		key, projected := e.row.projection()
		if err := move(tx.Bucket(slotsBucket), wasKey, key, projected); err != nil {
			return err
		}
	}
	if e.expiry {
		if err := move(tx.Bucket(expiriesBucket), e.old.expiryKey(key), e.row.expiryKey(key), nil); err != nil {
			return err
		}
	}
	if e.row == nil {
		return tx.Bucket(itemsBucket).Delete(rowKey(key.PK, key.SK))
	}
	return tx.Bucket(itemsBucket).Put(rowKey(key.PK, key.SK), e.row)
}

// move puts a value under one key, and removes what stands under another; nil is no key.
func move(bucket *bolt.Bucket, from, to []byte, value row) error {
	if from != nil && !bytes.Equal(from, to) {
		if err := bucket.Delete(from); err != nil {
			return err
		}
	}
	if to == nil {
		return nil
	}
	return bucket.Put(to, value)
}

// separator is in no string of an item: UTF-8 has no such byte.
const separator = "\xff"

func rowKey(partition, sortKey string) []byte { return []byte(partition + separator + sortKey) }

func keyOf(row []byte) store.Key {
	pk, sk, _ := strings.Cut(string(row), separator)
	return store.Key{PK: pk, SK: sk}
}

// expiryBytes order as the seconds do, negative ones too.
func expiryBytes(seconds int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(seconds)^(1<<63))
}

// stored is an item's row, which is valid until the transaction ends or writes; nil if
// there is none.
func stored(tx *bolt.Tx, key store.Key) []byte {
	return tx.Bucket(itemsBucket).Get(rowKey(key.PK, key.SK))
}

// Purge removes at most limit of the items that expired before now, and returns how many it
// removed. Readers must not see expired items before that either: DynamoDB, too, removes them late.
func (db *DB) Purge(ctx context.Context, now time.Time, limit int) (int, error) {
	purged := 0
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
		purged = len(expired)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("purging expired items: %w", err)
	}
	return purged, nil
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
