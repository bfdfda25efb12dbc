package simulation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/apply"
	"example.org/mend/shared/store/dynamolimits"
	"example.org/mend/shared/store/memtable"
)

// table is a [memtable.Table] whose every call can go wrong. Its strongly consistent view, for the
// checker, is that table itself.
type table struct {
	*memtable.Table
	world *world
	meter *meter // nil: nothing is counted
}

// mostLag is how far behind an eventually consistent read may be. The design allows for less than
// the five minutes between confirming and a first letter.
const mostLag = time.Minute

func newTable(w *world) *table {
	t := &table{Table: &memtable.Table{}, world: w}
	t.Now = func() int64 { return w.now }
	t.AsOf = func() int64 {
		if w.chance(w.faults.Stale * 10) {
			return w.now - w.rng.Int64N(int64(mostLag))
		}
		return w.now
	}
	return t
}

var (
	errTimeout = errors.New("the answer was lost")
	errRefused = fmt.Errorf("a busy table: %w", store.ErrThrottled)
)

func (t *table) Get(ctx context.Context, key store.Key) (store.Item, error) {
	if err := t.read("get", key); err != nil {
		return nil, err
	}
	it, err := t.Table.Get(ctx, key)
	t.meter.read(1, it)
	return it, err
}

func (t *table) GetEach(ctx context.Context, keys []store.Key) ([]store.Item, error) {
	if err := t.read("get each", keys...); err != nil {
		return nil, err
	}
	items, err := t.Table.GetEach(ctx, keys)
	for _, it := range items {
		t.meter.read(0.5, it)
	}
	return items, err
}

func (t *table) Query(ctx context.Context, q store.Query) (store.QueryResult, error) {
	if err := t.read("query", store.Key{PK: q.Partition, SK: q.After}); err != nil {
		return store.QueryResult{}, err
	}
	if t.world.chance(t.world.faults.Partial) { // a page that ends early
		short := 1 + t.world.rng.IntN(3)
		if q.Limit == 0 || q.Limit > short {
			q.Limit = short
		}
	}
	page, err := t.Table.Query(ctx, q)
	perUnit := 1.0
	if q.Slots {
		perUnit = 0.5
	}
	t.meter.read(perUnit, page.Items...)
	return page, err
}

// read is the fate of a call that changes nothing.
func (t *table) read(op string, keys ...store.Key) error {
	fate := t.world.call(op, keys...)
	if err := fate.before(t.world); err != nil {
		return err
	}
	return fate.after(t.world)
}

func (t *table) Write(ctx context.Context, w store.Write) (store.Item, error) {
	fate := t.world.call("write", w.Key)
	if err := fate.before(t.world); err != nil {
		return nil, err
	}
	item, err := t.write(ctx, w)
	if fate.again(t.world) { // the adapter did not hear the answer and asks a second time
		item, err = t.write(ctx, w)
	}
	if lost := fate.after(t.world); lost != nil {
		return nil, lost
	}
	return item, err
}

func (t *table) WriteEach(ctx context.Context, writes []store.Write) ([]error, error) {
	fate := t.world.call("write each", keysOf(writes)...)
	if err := fate.before(t.world); err != nil {
		return nil, err
	}
	if err := dynamolimits.Each(writes); err != nil {
		return nil, err
	}
	errs := make([]error, len(writes))
	cut := len(writes) // a crash can fall between two of them
	if (fate == crashAfter || fate == lost) && cut > 0 {
		cut = 1 + t.world.rng.IntN(len(writes))
	}
	for i, w := range writes[:cut] {
		w = apply.Each(w)
		if t.world.chance(t.world.faults.Partial) {
			errs[i] = errRefused
			t.world.current.troubled = true
			continue
		}
		_, errs[i] = t.write(ctx, w)
		if fate.again(t.world) {
			_, errs[i] = t.write(ctx, w)
		}
		if t.world.chance(t.world.faults.Partial) {
			errs[i] = errTimeout
			t.world.current.troubled = true
		}
	}
	if err := fate.after(t.world); err != nil {
		return nil, err
	}
	return errs, nil
}

func (t *table) Transact(ctx context.Context, writes []store.Write) error {
	fate := t.world.call("transact", keysOf(writes)...)
	if err := fate.before(t.world); err != nil {
		return err
	}
	as := make([]store.Write, len(writes))
	old := make([]store.Item, len(writes))
	for i, w := range writes {
		as[i], old[i] = t.asOtherVersion(w), t.Peek(w.Key)
	}
	err := t.Table.Transact(ctx, as)
	if err == nil {
		for i, w := range writes {
			item := t.Peek(w.Key)
			t.meter.wrote(2, old[i], item)
			if w.Op != store.Check {
				t.world.check.wrote(w.Key, old[i], item)
			}
		}
	}
	return errors.Join(fate.after(t.world), err)
}

func (t *table) write(ctx context.Context, w store.Write) (store.Item, error) {
	old := t.Peek(w.Key)
	item, err := t.Table.Write(ctx, t.asOtherVersion(w))
	t.meter.wrote(1, old, t.Peek(w.Key))
	if err == nil {
		t.world.check.wrote(w.Key, old, t.Peek(w.Key))
	}
	return item, err
}

// asOtherVersion is the write as another version of the code does it, where one is at work: with an
// attribute that this one does not know, and, in a new item, without some that are empty here and
// that the other does not know.
func (t *table) asOtherVersion(w store.Write) store.Write {
	if p := t.world.current; p == nil || !p.other {
		return w
	}
	switch w.Op {
	case store.Put:
		w.Item = withLater(w.Item)
		maps.DeleteFunc(w.Item, func(attr string, v any) bool {
			return (v == "" || v == int64(0) || v == false) && !ofTheProtocol[attr]
		})
	case store.Update:
		w.Set = withLater(w.Set)
	}
	return w
}

func withLater(it store.Item) store.Item {
	with := store.Item{"later": "known to another version"}
	maps.Copy(with, it)
	return with
}

// ofTheProtocol are the attributes that conditions compare. A version that does not know one of
// them cannot run beside this one.
var ofTheProtocol = map[string]bool{
	"version": true, "status": true, "nonce": true, "claim": true, "state": true, "outcome": true,
	"at": true, "flag": true, "words": true, "pieces": true, "blocked": true, "person": true,
}

func keysOf(writes []store.Write) []store.Key {
	keys := make([]store.Key, len(writes))
	for i, w := range writes {
		keys[i] = w.Key
	}
	return keys
}

// purge deletes what expired up to two days ago, as DynamoDB does: late.
func (t *table) purge() {
	for _, it := range t.All() {
		ttl, _ := it[store.AttrTTL].(int64)
		if ttl != 0 && ttl*int64(time.Second) < t.world.now-t.world.rng.Int64N(int64(48*time.Hour)) {
			t.Set(it.Key(), nil)
			t.world.check.wrote(it.Key(), it, nil)
		}
	}
}
