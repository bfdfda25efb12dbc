package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamolimits"
)

// The buckets of the table.
const (
	tableBucket = "table"
	slotsBucket = "slots"
	ttlBucket   = "ttl"
)

// Table is the table that the DB keeps.
func (db *DB) Table() store.Table { return table{db} }

// Purge removes at most limit of the items that expired before now, and says how many
// it removed. Whoever reads must not see expired items before that either: DynamoDB, too, removes
// them late.
func (db *DB) Purge(ctx context.Context, now time.Time, limit int) (int, error) {
	var expired []store.Key
	err := db.View(ctx, func(tx Tx) (err error) {
		expired, err = expiredBefore(tx, now, limit)
		return err
	})
	if err == nil && len(expired) > 0 { // else nothing is written
		err = db.Update(ctx, func(tx Tx) (err error) {
			if expired, err = expiredBefore(tx, now, limit); err != nil {
				return err
			}
			for _, key := range expired {
				p, err := plan(tx, store.Write{Op: store.Delete, Key: key})
				if err != nil {
					return err
				}
				if err := p.do(tx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return 0, fmt.Errorf("purging expired items: %w", err)
	}
	return len(expired), nil
}

// expiredBefore lists at most limit of the items that expired before now.
func expiredBefore(tx Tx, now time.Time, limit int) ([]store.Key, error) {
	var expired []store.Key
	for k := range tx.Bucket(ttlBucket).Ascend(nil, expiryBytes(now.Unix())) {
		if len(expired) == limit {
			break
		}
		var key store.Key
		if len(k) < 8 {
			return nil, errBadKey
		}
		if err := cutStrings(k[8:], &key.PK, &key.SK); err != nil {
			return nil, err
		}
		expired = append(expired, key)
	}
	return expired, nil
}

// table is a [store.Table]; the methods are documented there.
type table struct{ db *DB }

func (t table) Get(ctx context.Context, key store.Key) (store.Item, error) {
	items, err := t.getEach(ctx, []store.Key{key})
	if err != nil {
		return nil, fmt.Errorf("reading an item: %w", err)
	}
	return items[0], nil
}

func (t table) GetEach(ctx context.Context, keys []store.Key) ([]store.Item, error) {
	items, err := t.getEach(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("reading %d items: %w", len(keys), err)
	}
	return items, nil
}

func (t table) getEach(ctx context.Context, keys []store.Key) ([]store.Item, error) {
	if err := dynamolimits.Keys(keys); err != nil {
		return nil, err
	}
	items := make([]store.Item, len(keys))
	err := t.db.View(ctx, func(tx Tx) error {
		bucket := tx.Bucket(tableBucket)
		for i, key := range keys {
			it, err := itemAt(bucket, key)
			if err != nil {
				return err
			}
			items[i] = it
		}
		return nil
	})
	return items, err
}

func (t table) Query(ctx context.Context, q store.Query) (store.QueryResult, error) {
	if err := dynamolimits.Query(q); err != nil {
		return store.QueryResult{}, fmt.Errorf("querying: %w", err)
	}
	var page store.QueryResult
	err := t.db.View(ctx, func(tx Tx) error {
		var err error
		page, err = readPage(tx, q)
		return err
	})
	if err != nil {
		return store.QueryResult{}, fmt.Errorf("querying: %w", err)
	}
	return page, nil
}

func (t table) Write(ctx context.Context, w store.Write) (store.Item, error) {
	if w.Op == store.Check {
		return nil, errors.New("writing an item: a check is for transactions")
	}
	results, err := t.writeEach(ctx, []store.Write{w})
	if err == nil {
		err = results[0].Err
	}
	if err != nil {
		return nil, fmt.Errorf("writing an item: %w", err)
	}
	return results[0].Item, nil
}

func (t table) WriteEach(ctx context.Context, writes []store.Write) ([]store.Result, error) {
	for i, w := range writes {
		if w.Op != store.Put && w.Op != store.Update {
			return nil, fmt.Errorf("writing %d items: write %d is neither put nor update", len(writes), i)
		}
	}
	results, err := t.writeEach(ctx, writes)
	if err != nil {
		return nil, fmt.Errorf("writing %d items: %w", len(writes), err)
	}
	return results, nil
}

func (t table) writeEach(ctx context.Context, writes []store.Write) ([]store.Result, error) {
	if err := dynamolimits.Writes(writes, dynamolimits.WritesOfEach); err != nil {
		return nil, err
	}
	results := make([]store.Result, len(writes))
	err := t.db.Update(ctx, func(tx Tx) error {
		for i, w := range writes {
			p, err := plan(tx, w)
			if isRefusal(err) {
				results[i] = store.Result{Err: err}
				continue
			}
			if err != nil {
				return err
			}
			if err := p.do(tx); err != nil {
				return err
			}
			results[i] = store.Result{Item: p.next}
		}
		return nil
	})
	return results, err
}

func (t table) Transact(ctx context.Context, writes []store.Write) error {
	if err := dynamolimits.Writes(writes, dynamolimits.WritesOfTransact); err != nil {
		return fmt.Errorf("transacting: %w", err)
	}
	var refusal error
	err := t.db.Update(ctx, func(tx Tx) error {
		var all []planned // none of them if one is refused
		all, refusal = planAll(tx, writes)
		for _, p := range all {
			if err := p.do(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return fmt.Errorf("transacting: %w", err)
	}
	return nil
}

func planAll(tx Tx, writes []store.Write) ([]planned, error) {
	all := make([]planned, len(writes))
	size := 0
	for i, w := range writes {
		p, err := plan(tx, w)
		var failed *store.ConditionFailed
		if errors.As(err, &failed) {
			return nil, &store.ConditionFailed{Index: i}
		}
		if err != nil {
			return nil, fmt.Errorf("write %d: %w", i, err)
		}
		all[i] = p
		size += dynamolimits.Size(p.next)
	}
	if size > dynamolimits.TransactionBytes {
		return nil, fmt.Errorf("the items have %d bytes together: at most %d", size, dynamolimits.TransactionBytes)
	}
	return all, nil
}

// planned is a write whose condition holds.
type planned struct {
	key       []byte
	old, next store.Item // nil: none
	encoded   []byte     // next
	nothing   bool       // a check
}

// isRefusal tells a write that was not done from a store that does not work.
func isRefusal(err error) bool {
	var condition *store.ConditionFailed
	var limit dynamolimits.Refused
	return errors.As(err, &condition) || errors.As(err, &limit)
}

// plan finds out what a write would do.
func plan(tx Tx, w store.Write) (planned, error) {
	p := planned{key: tableKey(w.Key), nothing: w.Op == store.Check}
	old, err := itemAt(tx.Bucket(tableBucket), w.Key)
	if err != nil {
		return planned{}, err
	}
	p.old = old
	if p.next, err = dynamolimits.Apply(w, old); err != nil || p.next == nil || p.nothing {
		return p, err
	}
	p.encoded, err = encode(p.next, store.AttrPK, store.AttrSK)
	return p, err
}

// do carries the write out, in the table and in what is derived from it.
func (p planned) do(tx Tx) error {
	if p.nothing {
		return nil
	}
	if !same(p.old[store.AttrTTL], p.next[store.AttrTTL]) {
		if err := move(tx.Bucket(ttlBucket), expiryOf(p.key, p.old), expiryOf(p.key, p.next)); err != nil {
			return err
		}
	}
	if !sameProjection(p.old, p.next) {
		was, err := projectionOf(p.old)
		if err != nil {
			return err
		}
		is, err := projectionOf(p.next)
		if err != nil {
			return err
		}
		if err := move(tx.Bucket(slotsBucket), was, is); err != nil {
			return err
		}
	}
	if p.next == nil {
		return tx.Bucket(tableBucket).Delete(p.key)
	}
	return tx.Bucket(tableBucket).Put(p.key, p.encoded)
}

// derived is what an item has in another bucket; no key: nothing.
type derived struct{ key, value []byte }

// move replaces one by the other.
func move(bucket Bucket, was, is derived) error {
	if was.key != nil && !bytes.Equal(was.key, is.key) {
		if err := bucket.Delete(was.key); err != nil {
			return err
		}
	}
	if is.key == nil {
		return nil
	}
	return bucket.Put(is.key, is.value)
}

// sameProjection reports whether the index holds the same of both: so it is
// with all that a send writes.
func sameProjection(a, b store.Item) bool {
	if (a == nil) != (b == nil) {
		return false
	}
	for _, name := range []string{store.AttrSlot, store.AttrMember} {
		if !same(a[name], b[name]) {
			return false
		}
	}
	for _, name := range store.SlotProjection {
		if !same(a[name], b[name]) {
			return false
		}
	}
	return true
}

func same(a, b any) bool {
	if a, ok := a.([]byte); ok {
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	}
	if _, ok := b.([]byte); ok {
		return false
	}
	return a == b
}

// projectionOf is what the index holds of an item.
func projectionOf(it store.Item) (derived, error) {
	slot, _ := it[store.AttrSlot].(string)
	member, _ := it[store.AttrMember].(string)
	if slot == "" || member == "" {
		return derived{}, nil
	}
	projected := make(store.Item, len(store.SlotProjection))
	for _, name := range store.SlotProjection {
		if v, there := it[name]; there {
			projected[name] = v
		}
	}
	value, err := encode(projected)
	return derived{slotKey(slot, member, it.Key()), value}, err
}

func expiryOf(key []byte, it store.Item) derived {
	seconds, expires := it[store.AttrTTL].(int64)
	if !expires {
		return derived{}
	}
	return derived{append(expiryBytes(seconds), key...), []byte{}}
}

// expiryBytes order as the seconds do, negative ones too.
func expiryBytes(seconds int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(seconds)^(1<<63))
}

func itemAt(bucket Bucket, key store.Key) (store.Item, error) {
	b := bucket.Get(tableKey(key))
	if b == nil {
		return nil, nil
	}
	it, err := decode(b, 2)
	if err != nil {
		return nil, err
	}
	it[store.AttrPK], it[store.AttrSK] = key.PK, key.SK
	return it, nil
}

// readPage stops, as DynamoDB does, at the limit or before 1 MB, and then says
// where to continue without looking whether there is more.
func readPage(tx Tx, q store.Query) (store.QueryResult, error) {
	name, sortKey, itemOf := tableBucket, store.AttrSK, itemOfTable
	if q.Slots {
		name, sortKey, itemOf = slotsBucket, store.AttrMember, itemOfSlots
	}
	from, to := span(q)
	keys := tx.Bucket(name).Ascend(from, to)
	var page store.QueryResult
	last, size := "", 0
	for k, v := range keys {
		it, err := itemOf(k, v)
		if err != nil {
			return store.QueryResult{}, err
		}
		if size += dynamolimits.Size(it); size > dynamolimits.PageBytes {
			page.Next = last
			break
		}
		page.Items = append(page.Items, it)
		last = it[sortKey].(string)
		if len(page.Items) == q.Limit {
			page.Next = last
			break
		}
	}
	return page, nil
}

func itemOfTable(key, value []byte) (store.Item, error) {
	var k store.Key
	if err := cutStrings(key, &k.PK, &k.SK); err != nil {
		return nil, err
	}
	it, err := decode(value, 2)
	if err != nil {
		return nil, err
	}
	it[store.AttrPK], it[store.AttrSK] = k.PK, k.SK
	return it, nil
}

func itemOfSlots(key, value []byte) (store.Item, error) {
	var slot, member string
	var k store.Key
	if err := cutStrings(key, &slot, &member, &k.PK, &k.SK); err != nil {
		return nil, err
	}
	it, err := decode(value, 4)
	if err != nil {
		return nil, err
	}
	it[store.AttrSlot], it[store.AttrMember] = slot, member
	it[store.AttrPK], it[store.AttrSK] = k.PK, k.SK
	return it, nil
}
