package simulation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"example.org/mend/shared/store"
)

// table is the table of one world: a [store.Table] in memory whose every call can go wrong. Items are
// never changed in place, so a backup is a copy of the pointers.
type table struct {
	world *world
	parts map[string][]*record // by partition, in the order of the sort key
	meter *meter               // nil: nobody counts
	slots map[string][]*record // who stands, or stood lately, in a partition of the index, in the order of the member
}

// record is one item and what stood there before, which a stale read still sees.
type record struct {
	key     store.Key
	item    store.Item // nil: deleted
	was     store.Item
	changed int64 // when item took the place of was
}

func newTable(w *world) *table {
	return &table{world: w, parts: map[string][]*record{}, slots: map[string][]*record{}}
}

var (
	errTimeout = errors.New("the answer was lost")
	errRefused = fmt.Errorf("a busy table: %w", store.ErrThrottled)
)

func (t *table) Get(_ context.Context, key store.Key) (store.Item, error) {
	if err := t.read("get", key); err != nil {
		return nil, err
	}
	it := t.now(key)
	t.meter.read(1, it)
	return it, nil
}

func (t *table) GetEach(_ context.Context, keys []store.Key) ([]store.Item, error) {
	if err := t.read("get each", keys...); err != nil {
		return nil, err
	}
	lag := t.lag()
	items := make([]store.Item, len(keys))
	for i, key := range keys {
		if r := t.find(key); r != nil {
			items[i] = r.seen(lag)
		}
		t.meter.read(0.5, items[i])
	}
	return items, nil
}

func (t *table) Query(_ context.Context, q store.Query) (store.QueryResult, error) {
	if err := t.read("query", store.Key{PK: q.Partition, SK: q.Prefix + q.From}); err != nil {
		return store.QueryResult{}, err
	}
	if q.Limit == 0 {
		q.Limit = 1 << 20
	}
	if t.world.chance(t.world.faults.Partial) {
		q.Limit = min(q.Limit, 1+t.world.rng.IntN(3)) // a page that ends early
	}
	if q.Slots {
		page := t.querySlots(q)
		t.meter.read(0.5, page.Items...)
		return page, nil
	}
	run := t.parts[q.Partition]
	if from := max(q.From, q.Prefix); from != "" && !q.Backward {
		run = run[sort.Search(len(run), func(i int) bool { return run[i].key.SK >= from }):]
	}
	var page store.QueryResult
	at := func(i int) *record { return run[i] }
	if q.Backward {
		at = func(i int) *record { return run[len(run)-1-i] }
	}
	for i := range run {
		r := at(i)
		sk := r.key.SK
		if !q.Backward && (q.Prefix != "" && !strings.HasPrefix(sk, q.Prefix) || q.To != "" && sk > q.To) {
			break
		}
		if r.item == nil || !covers(q, sk) {
			continue
		}
		if len(page.Items) == q.Limit {
			page.Next = page.Items[len(page.Items)-1][store.AttrSK].(string)
			break
		}
		page.Items = append(page.Items, r.item)
	}
	t.meter.read(1, page.Items...)
	return page, nil
}

func covers(q store.Query, key string) bool {
	after := q.After == "" || key > q.After
	if q.Backward {
		after = q.After == "" || key < q.After
	}
	return after && strings.HasPrefix(key, q.Prefix) && key >= q.From && (q.To == "" || key <= q.To)
}

// querySlots reads the index as it stood a moment ago.
func (t *table) querySlots(q store.Query) store.QueryResult {
	lag := t.lag()
	var page store.QueryResult
	for _, r := range t.slots[q.Partition] {
		it := r.seen(lag)
		if slot, _ := it[store.AttrSlot].(string); it == nil || slot != q.Partition {
			continue
		}
		member, _ := it[store.AttrMember].(string)
		if !covers(q, member) {
			continue
		}
		if len(page.Items) == q.Limit {
			page.Next = page.Items[len(page.Items)-1][store.AttrMember].(string)
			break
		}
		page.Items = append(page.Items, projected(it))
	}
	return page
}

func projected(it store.Item) store.Item {
	p := make(store.Item, len(store.SlotProjection)+4)
	for _, attr := range []string{store.AttrPK, store.AttrSK, store.AttrSlot, store.AttrMember} {
		p[attr] = it[attr]
	}
	for _, attr := range store.SlotProjection {
		if v, there := it[attr]; there {
			p[attr] = v
		}
	}
	return p
}

func (t *table) Write(_ context.Context, w store.Write) (store.Item, error) {
	fate := t.world.call("write", w.Key)
	if err := fate.before(t.world); err != nil {
		return nil, err
	}
	item, err := t.write(w)
	if fate.again(t.world) { // the adapter did not hear the answer and asks a second time
		item, err = t.write(w)
	}
	if lost := fate.after(t.world); lost != nil {
		return nil, lost
	}
	return item, err
}

func (t *table) WriteEach(_ context.Context, writes []store.Write) ([]store.Result, error) {
	if len(writes) == 0 || len(writes) > store.MostWrite {
		return nil, fmt.Errorf("%d writes at once", len(writes))
	}
	fate := t.world.call("write each", keysOf(writes)...)
	if err := fate.before(t.world); err != nil {
		return nil, err
	}
	results := make([]store.Result, len(writes))
	cut := len(writes) // a crash can fall between two of them
	if fate == crashAfter || fate == lost {
		cut = 1 + t.world.rng.IntN(len(writes))
	}
	for i, w := range writes[:cut] {
		if t.world.chance(t.world.faults.Partial) {
			results[i].Err = errRefused
			t.world.current.troubled = true
			continue
		}
		results[i].Item, results[i].Err = t.write(w)
		if fate.again(t.world) {
			results[i].Item, results[i].Err = t.write(w)
		}
		if t.world.chance(t.world.faults.Partial) {
			results[i] = store.Result{Err: errTimeout}
			t.world.current.troubled = true
		}
	}
	if err := fate.after(t.world); err != nil {
		return nil, err
	}
	return results, nil
}

func (t *table) Transact(_ context.Context, writes []store.Write) error {
	if len(writes) == 0 || len(writes) > 100 {
		return fmt.Errorf("a transaction of %d writes", len(writes))
	}
	fate := t.world.call("transact", keysOf(writes)...)
	if err := fate.before(t.world); err != nil {
		return err
	}
	for i, w := range writes {
		if !w.If.Holds(t.now(w.Key)) {
			return errors.Join(fate.after(t.world), &store.ConditionFailed{Index: i})
		}
	}
	for _, w := range writes {
		old := t.now(w.Key)
		t.meter.wrote(2, old, t.apply(w))
	}
	return fate.after(t.world)
}

func (t *table) write(w store.Write) (store.Item, error) {
	old := t.now(w.Key)
	if !w.If.Holds(old) {
		t.meter.wrote(1, old, old)
		return nil, &store.ConditionFailed{Old: old}
	}
	item := t.apply(w)
	t.meter.wrote(1, old, item)
	return item, nil
}

func (t *table) apply(w store.Write) store.Item {
	old := t.now(w.Key)
	var item store.Item
	switch w.Op {
	case store.Put:
		item = store.Write{Set: w.Item, Key: w.Key}.Apply(nil)
	case store.Update:
		item = w.Apply(old)
	case store.Check:
		return old
	}
	if p := t.world.current; p != nil && p.other && item != nil {
		item = otherVersion(w.Op, item)
	}
	t.set(w.Key, item)
	t.world.check.wrote(w.Key, old, item)
	return item
}

// otherVersion is an item as another version of the code writes it: with an attribute that this one does not know, and, where
// it is new, without some that are empty here and that the other does not know.
func otherVersion(op store.Op, item store.Item) store.Item {
	item = maps.Clone(item)
	item["later"] = "known to another version"
	for attr, v := range item {
		switch v {
		case "", int64(0), false:
			if op == store.Put && !ofTheProtocol[attr] {
				delete(item, attr)
			}
		}
	}
	return item
}

// ofTheProtocol are the attributes that conditions compare. A version that does not know one of them cannot run beside this one.
var ofTheProtocol = map[string]bool{
	"version": true, "generation": true, "status": true, "nonce": true, "claim": true, "state": true, "outcome": true, "at": true,
	"flag": true, "words": true, "pieces": true, "blocked": true, "person": true, store.AttrPK: true, store.AttrSK: true,
}

// read is the fate of a call that changes nothing.
func (t *table) read(op string, keys ...store.Key) error {
	fate := t.world.call(op, keys...)
	if err := fate.before(t.world); err != nil {
		return err
	}
	return fate.after(t.world)
}

func (t *table) now(key store.Key) store.Item {
	if r := t.find(key); r != nil {
		return r.item
	}
	return nil
}

func (t *table) find(key store.Key) *record {
	run := t.parts[key.PK]
	if i, found := search(run, key); found {
		return run[i]
	}
	return nil
}

func search(run []*record, key store.Key) (int, bool) {
	return slices.BinarySearchFunc(run, key.SK, func(r *record, sk string) int { return strings.Compare(r.key.SK, sk) })
}

func (t *table) set(key store.Key, item store.Item) {
	run := t.parts[key.PK]
	i, found := search(run, key)
	if !found {
		run = slices.Insert(run, i, &record{key: key})
		t.parts[key.PK] = run
	}
	r := run[i]
	r.was, r.item, r.changed = r.item, item, t.world.now
	slot, _ := item[store.AttrSlot].(string)
	if was, _ := r.was[store.AttrSlot].(string); slot != "" && slot != was {
		t.enter(slot, r)
	}
}

func (t *table) enter(slot string, r *record) {
	order := func(a, b *record) int {
		if c := strings.Compare(a.key.PK, b.key.PK); c != 0 {
			return c
		}
		return strings.Compare(a.key.SK, b.key.SK)
	}
	members := t.slots[slot]
	members = slices.DeleteFunc(members, func(m *record) bool { // those who left it long ago
		now, _ := m.item[store.AttrSlot].(string)
		return now != slot && m.changed < t.world.now-int64(mostLag) && m.key != r.key
	})
	i, found := slices.BinarySearchFunc(members, r, order)
	if !found {
		members = slices.Insert(members, i, r)
	}
	t.slots[slot] = members
}

// mostLag is how far behind an eventually consistent read may be. The design allows for less than the five minutes
// between confirming and a first letter.
const mostLag = time.Minute

// lag is the instant as of which an eventually consistent read sees the table.
func (t *table) lag() int64 {
	if t.world.chance(t.world.faults.Stale * 10) {
		return t.world.now - t.world.rng.Int64N(int64(mostLag))
	}
	return t.world.now
}

func (r *record) seen(asOf int64) store.Item {
	if r.changed > asOf {
		return r.was
	}
	return r.item
}

func keysOf(writes []store.Write) []store.Key {
	keys := make([]store.Key, len(writes))
	for i, w := range writes {
		keys[i] = w.Key
	}
	return keys
}

// all visits every item, in an order that does not depend on the map.
func (t *table) all(visit func(store.Item)) {
	partitions := make([]string, 0, len(t.parts))
	for pk := range t.parts {
		partitions = append(partitions, pk)
	}
	slices.Sort(partitions)
	for _, pk := range partitions {
		for _, r := range t.parts[pk] {
			if r.item != nil {
				visit(r.item)
			}
		}
	}
}

// backup is the table as it stands.
func (t *table) backup() []store.Item {
	var items []store.Item
	t.all(func(it store.Item) { items = append(items, it) })
	return items
}

// restore puts a backup in the place of everything.
func (t *table) restore(items []store.Item) {
	t.parts, t.slots = map[string][]*record{}, map[string][]*record{}
	for _, it := range items {
		t.set(it.Key(), it)
		t.find(it.Key()).changed = 0 // long ago: a restored index is whole
	}
}

// purge deletes what expired up to two days ago, as DynamoDB does: late.
func (t *table) purge() {
	var gone []store.Key
	t.all(func(it store.Item) {
		ttl, _ := it[store.AttrTTL].(int64)
		if ttl != 0 && ttl*int64(time.Second) < t.world.now-t.world.rng.Int64N(int64(48*time.Hour)) {
			gone = append(gone, it.Key())
		}
	})
	for _, key := range gone {
		old := t.now(key)
		t.set(key, nil)
		t.world.check.wrote(key, old, nil)
	}
}

// changedAt is when an item was last written.
func (t *table) changedAt(key store.Key) int64 {
	if r := t.find(key); r != nil {
		return r.changed
	}
	return 0
}
