package bolttable

import (
	"bytes"
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
	items := make([]store.Item, len(keys))
	err := dynamolimits.Keys(keys)
	if err == nil {
		err = db.View(ctx, func(tx *bolt.Tx) (err error) {
			for i, key := range keys {
				if items[i], err = rowOf(tx, key).item(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("reading %d items: %w", len(keys), err)
	}
	return items, nil
}

// Query implements [store.Table].
func (db *DB) Query(ctx context.Context, q store.Query) (store.QueryResult, error) {
	var page store.QueryResult
	err := dynamolimits.Query(q)
	if err == nil {
		err = db.View(ctx, func(tx *bolt.Tx) (err error) {
			page, err = readPage(tx, q)
			return err
		})
	}
	if err != nil {
		return store.QueryResult{}, fmt.Errorf("querying: %w", err)
	}
	return page, nil
}

// readPage stops, as DynamoDB does, at the limit or before 1 MB, and then says where to continue
// without looking whether there is more.
func readPage(tx *bolt.Tx, q store.Query) (page store.QueryResult, err error) {
	name := itemsBucket
	if q.Slots {
		name = slotsBucket
	}
	partition := rowKey(q.Partition, "")
	cursor, size, last := tx.Bucket(name).Cursor(), 0, ""
	k, v := cursor.Seek(rowKey(q.Partition, q.After))
	for ; bytes.HasPrefix(k, partition); k, v = cursor.Next() {
		sortKey := string(k[len(partition):])
		if sortKey == q.After {
			continue
		}
		if q.To != "" && sortKey > q.To {
			break
		}
		it, err := row(v).item()
		if err != nil {
			return store.QueryResult{}, err
		}
		if size += dynamolimits.Size(it); size > dynamolimits.PageBytes {
			page.Next = last
			break
		}
		page.Items, last = append(page.Items, it), sortKey
		if len(page.Items) == q.Limit {
			page.Next = last
			break
		}
	}
	return page, nil
}

// Write implements [store.Table].
func (db *DB) Write(ctx context.Context, w store.Write) (store.Item, error) {
	if w.Op == store.Check {
		return nil, errors.New("writing an item: a check is for transactions")
	}
	rows, errs, err := db.writeEach(ctx, []store.Write{w})
	if err == nil {
		err = errs[0]
	}
	var it store.Item
	if err == nil {
		it, err = rows[0].item()
	}
	if err != nil {
		return nil, fmt.Errorf("writing an item: %w", err)
	}
	return it, nil
}

// WriteEach implements [store.Table].
func (db *DB) WriteEach(ctx context.Context, writes []store.Write) ([]error, error) {
	for i, w := range writes {
		if w.Op != store.Put && w.Op != store.Update {
			return nil, fmt.Errorf("writing %d items: write %d is neither put nor update", len(writes), i)
		}
	}
	_, errs, err := db.writeEach(ctx, writes)
	if err != nil {
		return nil, fmt.Errorf("writing %d items: %w", len(writes), err)
	}
	return errs, nil
}

// writeEach does each write by itself. It returns the new items as rows, which are valid
// until the next write.
func (db *DB) writeEach(ctx context.Context, writes []store.Write) (rows []row, errs []error, err error) {
	if err := dynamolimits.Writes(writes, dynamolimits.WritesOfEach); err != nil {
		return nil, nil, err
	}
	rows, errs = make([]row, len(writes)), make([]error, len(writes))
	err = db.Update(ctx, func(tx *bolt.Tx) error {
		for i, w := range writes {
			if rows[i], errs[i] = db.write(tx, w); errs[i] != nil && !isRefusal(errs[i]) {
				return errs[i]
			}
		}
		return nil
	})
	return rows, errs, err
}

// Transact implements [store.Table].
func (db *DB) Transact(ctx context.Context, writes []store.Write) error {
	err := dynamolimits.Writes(writes, dynamolimits.WritesOfTransact)
	var refusal error
	if err == nil {
		err = db.Update(ctx, func(tx *bolt.Tx) error {
			refusal = db.transact(tx, writes)
			if isRefusal(refusal) {
				return nil // nothing was written, and the others need not be tried again
			}
			return refusal
		})
	}
	if err == nil {
		err = refusal
	}
	if err != nil {
		return fmt.Errorf("transacting: %w", err)
	}
	return nil
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
	if size > dynamolimits.TransactionBytes {
		return dynamolimits.Refused(fmt.Sprintf("the items have %d bytes together: at most %d", size,
			dynamolimits.TransactionBytes))
	}
	for i, w := range writes {
		if err := db.keep(tx, w.Key, edits[i]); err != nil {
			return err
		}
	}
	return nil
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
	old := rowOf(tx, w.Key)
	met, err := old.meets(w.If)
	if err == nil && !met {
		var it store.Item
		if it, err = old.item(); err == nil {
			err = &store.ConditionFailed{Old: it}
		}
	}
	if err != nil {
		return edit{}, err
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
		wasKey, _, err := e.old.projection()
		if err != nil {
			return err
		}
		key, projected, err := e.row.projection()
		if err != nil {
			return err
		}
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

// rowOf is an item's row, which is valid until the transaction ends or writes; nil if
// there is none.
func rowOf(tx *bolt.Tx, key store.Key) row {
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
