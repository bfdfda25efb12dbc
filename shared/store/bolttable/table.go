package bolttable

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
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
				if items[i], err = get(tx, key); err != nil {
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
	k, v := cursor.Seek(rowKey(q.Partition, max(q.Prefix, q.From, q.After)))
	for ; bytes.HasPrefix(k, partition); k, v = cursor.Next() {
		sortKey := string(k[len(partition):])
		if sortKey == q.After {
			continue
		}
		if !strings.HasPrefix(sortKey, q.Prefix) || q.To != "" && sortKey > q.To {
			break
		}
		it, err := decode(v)
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
	results, err := db.writeEach(ctx, []store.Write{w})
	if err == nil {
		err = results[0].Err
	}
	if err != nil {
		return nil, fmt.Errorf("writing an item: %w", err)
	}
	return results[0].Item, nil
}

// WriteEach implements [store.Table].
func (db *DB) WriteEach(ctx context.Context, writes []store.Write) ([]store.Result, error) {
	for i, w := range writes {
		if w.Op != store.Put && w.Op != store.Update {
			return nil, fmt.Errorf("writing %d items: write %d is neither put nor update", len(writes), i)
		}
	}
	results, err := db.writeEach(ctx, writes)
	if err != nil {
		return nil, fmt.Errorf("writing %d items: %w", len(writes), err)
	}
	return results, nil
}

func (db *DB) writeEach(ctx context.Context, writes []store.Write) ([]store.Result, error) {
	if err := dynamolimits.Writes(writes, dynamolimits.WritesOfEach); err != nil {
		return nil, err
	}
	results := make([]store.Result, len(writes))
	err := db.Update(ctx, func(tx *bolt.Tx) error {
		for i, w := range writes {
			next, err := db.write(tx, w)
			if err != nil && !isRefusal(err) {
				return err
			}
			results[i] = store.Result{Item: next, Err: err}
		}
		return nil
	})
	return results, err
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
	old, damaged := map[store.Key]store.Item{}, error(nil)
	all, err := dynamolimits.ApplyAll(writes, func(key store.Key) store.Item {
		it, err := get(tx, key)
		old[key], damaged = it, errors.Join(damaged, err)
		return it
	})
	if err = errors.Join(damaged, err); err != nil {
		return err
	}
	for i, w := range writes {
		if w.Op == store.Check {
			continue
		}
		if err := db.replace(tx, w.Key, old[w.Key], all[i]); err != nil {
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

// write does one write, if its condition holds, and returns the new item.
func (db *DB) write(tx *bolt.Tx, w store.Write) (store.Item, error) {
	old, err := get(tx, w.Key)
	if err != nil {
		return nil, err
	}
	next, err := dynamolimits.Apply(w, old)
	if err != nil {
		return nil, err
	}
	return next, db.replace(tx, w.Key, old, next)
}

// replace puts next in the place of old, and keeps the index and the expiries true; nil is no item.
// Where they are equal it writes nothing.
func (db *DB) replace(tx *bolt.Tx, key store.Key, old, next store.Item) error {
	if (old == nil) == (next == nil) && maps.EqualFunc(old, next, same) {
		return nil
	}
	if loses(old, next) {
		db.Forget()
	}
	was, is := dynamolimits.Projection(old), dynamolimits.Projection(next)
	if !maps.EqualFunc(was, is, same) { // one that is there is not empty
		if err := move(tx.Bucket(slotsBucket), slotKey(was), slotKey(is), is); err != nil {
			return err
		}
	}
	if wasKey, isKey := expiryKey(old), expiryKey(next); !bytes.Equal(wasKey, isKey) {
		if err := move(tx.Bucket(expiriesBucket), wasKey, isKey, nil); err != nil {
			return err
		}
	}
	row := rowKey(key.PK, key.SK)
	if next == nil {
		return tx.Bucket(itemsBucket).Delete(row)
	}
	return move(tx.Bucket(itemsBucket), row, row, next)
}

// loses reports whether next lacks a text of old that may be someone's words or address.
func loses(old, next store.Item) bool {
	for name, v := range old {
		switch v.(type) {
		case string, []byte:
			if !slices.Contains(store.Bookkeeping, name) && !same(v, next[name]) {
				return true
			}
		}
	}
	return false
}

// same compares two values of attributes. It is far quicker than package reflect.
func same(a, b any) bool {
	x, isBytes := a.([]byte)
	y, areBytes := b.([]byte)
	if isBytes || areBytes {
		return isBytes && areBytes && bytes.Equal(x, y)
	}
	return a == b
}

// move puts an item under one key, and removes what stands under another; nil is no key.
func move(bucket *bolt.Bucket, from, to []byte, it store.Item) error {
	if from != nil && !bytes.Equal(from, to) {
		if err := bucket.Delete(from); err != nil {
			return err
		}
	}
	if to == nil {
		return nil
	}
	value, err := cbor.Marshal(it)
	if err != nil {
		return err
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

// slotKey is where the index has a projection; nil for none.
func slotKey(projection store.Item) []byte {
	if projection == nil {
		return nil
	}
	return rowKey(projection[store.AttrSlot].(string), projection[store.AttrMember].(string))
}

// expiryKey is where the expiries have an item; nil if it doesn't expire.
func expiryKey(it store.Item) []byte {
	seconds, expires := it[store.AttrTTL].(int64)
	if !expires {
		return nil
	}
	key := it.Key()
	return append(expiryBytes(seconds), rowKey(key.PK, key.SK)...)
}

// expiryBytes order as the seconds do, negative ones too.
func expiryBytes(seconds int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(seconds)^(1<<63))
}

func get(tx *bolt.Tx, key store.Key) (store.Item, error) {
	return decode(tx.Bucket(itemsBucket).Get(rowKey(key.PK, key.SK)))
}

var decoding = func() cbor.DecMode {
	mode, err := cbor.DecOptions{IntDec: cbor.IntDecConvertSigned, MaxMapPairs: 1 << 16}.DecMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

// decode gives an item that shares nothing with the file; nil for nil.
func decode(value []byte) (it store.Item, err error) {
	if value == nil {
		return nil, nil
	}
	if err := decoding.Unmarshal(value, &it); err != nil {
		return nil, fmt.Errorf("an item cannot be read (%w): %w", err, ErrDamaged)
	}
	return it, nil
}

// Purge removes at most limit of the items that expired before now, and returns how many it removed.
// Readers must not see expired items before that either: DynamoDB, too, removes them late.
func (db *DB) Purge(ctx context.Context, now time.Time, limit int) (int, error) {
	purged := 0
	err := db.Update(ctx, func(tx *bolt.Tx) error {
		var expired []store.Key
		cursor, end := tx.Bucket(expiriesBucket).Cursor(), expiryBytes(now.Unix())
		for k, _ := cursor.First(); k != nil && bytes.Compare(k, end) < 0 && len(expired) < limit; k, _ = cursor.Next() {
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

// Partitions lists at most limit partition keys that begin with prefix, in order, beginning after one.
func (db *DB) Partitions(ctx context.Context, prefix, after string, limit int) (found []string, err error) {
	err = db.View(ctx, func(tx *bolt.Tx) error {
		cursor := tx.Bucket(itemsBucket).Cursor()
		from := []byte(prefix)
		if after != "" {
			from = rowKey(after, separator)
		}
		for k, _ := cursor.Seek(from); len(found) < limit && bytes.HasPrefix(k, []byte(prefix)); k, _ = cursor.Seek(from) {
			found = append(found, keyOf(k).PK)
			from = rowKey(found[len(found)-1], separator)
		}
		return nil
	})
	return found, err
}
