// Package memtable is a [store.Table] in memory: the one that tests and the simulator use. It
// passes the contract in store/tabletest, refuses what DynamoDB refuses (package dynamolimits), and
// does nothing that depends on goroutines, the clock or chance.
package memtable

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/apply"
	"example.org/mend/shared/store/dynamolimits"
)

// Table is a table in memory. The zero value is an empty one.
type Table struct {
	// Now stamps each write, for AsOf to compare with. Optional. Defaults to 0 for every write.
	Now func() int64

	// AsOf is the instant whose state the next eventually consistent read sees: an item that was
	// written later shows as it was before its last write. Optional. Defaults to the present.
	AsOf func() int64

	mu         sync.Mutex
	partitions map[string][]*record // in the order of the sort key
	slots      map[string][]member  // in the order of the member, then of the item's key
}

// record is one item, and what stood there before its last write. Items are never changed in place.
type record struct {
	key     store.Key
	item    store.Item // nil: deleted
	before  store.Item
	changed int64
}

// member is one entry of the index "slots". An entry stays while its record's item, or the item
// before it, is in the slot under this name.
type member struct {
	name   string
	record *record
}

// Get implements [store.Table].
func (t *Table) Get(ctx context.Context, key store.Key) (store.Item, error) {
	if err := cmp.Or(ctx.Err(), dynamolimits.Key(key)); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return clone(t.item(key)), nil
}

// GetEach implements [store.Table].
func (t *Table) GetEach(ctx context.Context, keys []store.Key) ([]store.Item, error) {
	if err := cmp.Or(ctx.Err(), dynamolimits.Keys(keys)); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	seen := t.view()
	items := make([]store.Item, len(keys))
	for i, key := range keys {
		if r := t.find(key); r != nil {
			items[i] = clone(seen(r))
		}
	}
	return items, nil
}

// Query implements [store.Table].
func (t *Table) Query(ctx context.Context, q store.Query) (store.QueryResult, error) {
	if err := cmp.Or(ctx.Err(), dynamolimits.Query(q)); err != nil {
		return store.QueryResult{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	items := t.partition
	if q.Slots {
		items = t.slot
	}
	page := apply.Page(q, items(q.Partition, q.After), dynamolimits.Size)
	for i, it := range page.Items {
		page.Items[i] = clone(it)
	}
	return page, nil
}

// partition yields a partition's items and their sort keys, in order, beginning at from.
func (t *Table) partition(pk, from string) iter.Seq2[string, store.Item] {
	return func(yield func(string, store.Item) bool) {
		run := t.partitions[pk]
		for _, r := range run[sort.Search(len(run), func(i int) bool { return run[i].key.SK >= from }):] {
			if r.item != nil && !yield(r.key.SK, r.item) {
				return
			}
		}
	}
}

// slot yields what the index projects of a slot's members, in order, beginning at from.
func (t *Table) slot(slot, from string) iter.Seq2[string, store.Item] {
	return func(yield func(string, store.Item) bool) {
		seen := t.view()
		run := t.slots[slot]
		for _, m := range run[sort.Search(len(run), func(i int) bool { return run[i].name >= from }):] {
			it := seen(m.record)
			if in, name := place(it); in == slot && name == m.name && !yield(name, apply.Projection(it)) {
				return
			}
		}
	}
}

// Write implements [store.Table].
func (t *Table) Write(ctx context.Context, w store.Write) (store.Item, error) {
	if err := cmp.Or(ctx.Err(), dynamolimits.Write(w)); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.write(w)
}

// WriteEach implements [store.Table].
func (t *Table) WriteEach(ctx context.Context, writes []store.Write) ([]error, error) {
	if err := cmp.Or(ctx.Err(), dynamolimits.Each(writes)); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	errs := make([]error, len(writes))
	for i, w := range writes {
		_, errs[i] = t.write(apply.Each(w))
	}
	return errs, nil
}

// write does one write and returns a copy of the new item.
func (t *Table) write(w store.Write) (store.Item, error) {
	next, err := apply.Write(w, clone(t.item(w.Key)))
	if err = cmp.Or(err, dynamolimits.Item(next)); err != nil {
		return nil, err
	}
	if w.Op != store.Check {
		t.set(w.Key, next)
	}
	return clone(next), nil
}

// Transact implements [store.Table].
func (t *Table) Transact(ctx context.Context, writes []store.Write) error {
	if err := cmp.Or(ctx.Err(), dynamolimits.Transaction(writes)); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	_, next, err := apply.Transaction(writes,
		func(k store.Key) (store.Item, error) { return clone(t.item(k)), nil })
	if err == nil {
		err = dynamolimits.Items(writes, next)
	}
	if err != nil {
		return err
	}
	for i, w := range writes {
		if w.Op != store.Check {
			t.set(w.Key, next[i])
		}
	}
	return nil
}

// Peek is the item under a key, nil if there is none. It is the table's own: do not change it.
func (t *Table) Peek(key store.Key) store.Item {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.item(key)
}

// ChangedAt is when the item under a key was last written, by Now; 0 if never.
func (t *Table) ChangedAt(key store.Key) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.find(key); r != nil {
		return r.changed
	}
	return 0
}

// Items lists the items of a partition in order. They are the table's own: do not change them.
func (t *Table) Items(pk string) []store.Item {
	t.mu.Lock()
	defer t.mu.Unlock()
	var items []store.Item
	for _, it := range t.partition(pk, "") {
		items = append(items, it)
	}
	return items
}

// All lists every item, in the order of the keys. They are the table's own: do not change them.
func (t *Table) All() []store.Item {
	t.mu.Lock()
	defer t.mu.Unlock()
	var items []store.Item
	for _, pk := range slices.Sorted(maps.Keys(t.partitions)) {
		for _, it := range t.partition(pk, "") {
			items = append(items, it)
		}
	}
	return items
}

// Set puts an item under a key, whatever stands there; nil deletes. The item becomes the table's
// own.
func (t *Table) Set(key store.Key, it store.Item) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.set(key, it)
}

// Purge removes what has expired, as DynamoDB does within some days.
func (t *Table) Purge(now time.Time) {
	for _, it := range t.All() {
		if ttl, expires := it[store.AttrTTL].(int64); expires && ttl < now.Unix() {
			t.Set(it.Key(), nil)
		}
	}
}

// Restore puts items, as [Table.All] gave them, in the place of everything. They count as written
// long ago.
func (t *Table) Restore(items []store.Item) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.partitions, t.slots = nil, nil
	for _, it := range items {
		t.set(it.Key(), it)
		t.find(it.Key()).changed = 0
	}
}

func (t *Table) item(key store.Key) store.Item {
	if r := t.find(key); r != nil {
		return r.item
	}
	return nil
}

func (t *Table) find(key store.Key) *record {
	run := t.partitions[key.PK]
	if i, ok := search(run, key.SK); ok {
		return run[i]
	}
	return nil
}

func search(run []*record, sk string) (int, bool) {
	return slices.BinarySearchFunc(run, sk, func(r *record, sk string) int { return strings.Compare(r.key.SK, sk) })
}

// view chooses which state an eventually consistent read sees.
func (t *Table) view() func(*record) store.Item {
	if t.AsOf == nil {
		return func(r *record) store.Item { return r.item }
	}
	asOf := t.AsOf()
	return func(r *record) store.Item {
		if r.changed > asOf {
			return r.before
		}
		return r.item
	}
}

func (t *Table) set(key store.Key, it store.Item) {
	if t.partitions == nil {
		t.partitions, t.slots = map[string][]*record{}, map[string][]member{}
	}
	run := t.partitions[key.PK]
	i, ok := search(run, key.SK)
	if !ok {
		if it == nil {
			return
		}
		run = slices.Insert(run, i, &record{key: key})
		t.partitions[key.PK] = run
	}
	r := run[i]
	t.reindex(r, it)
	r.before, r.item = r.item, it
	if t.Now != nil {
		r.changed = t.Now()
	}
	if it == nil && t.AsOf == nil { // no read can see what it was
		t.partitions[key.PK] = slices.Delete(run, i, i+1)
		t.leave(r, r.before)
	}
}

// reindex keeps the index entries of a record true when next takes the place of its item.
func (t *Table) reindex(r *record, next store.Item) {
	for _, stale := range []store.Item{r.before, r.item} {
		if samePlace(stale, next) || t.AsOf != nil && samePlace(stale, r.item) {
			continue // the entry is still needed
		}
		t.leave(r, stale)
	}
	slot, name := place(next)
	if slot == "" || name == "" {
		return
	}
	if i, ok := t.entry(slot, name, r); !ok {
		t.slots[slot] = slices.Insert(t.slots[slot], i, member{name, r})
	}
}

func (t *Table) leave(r *record, it store.Item) {
	slot, name := place(it)
	if i, ok := t.entry(slot, name, r); ok {
		t.slots[slot] = slices.Delete(t.slots[slot], i, i+1)
	}
}

func (t *Table) entry(slot, name string, r *record) (int, bool) {
	return slices.BinarySearchFunc(t.slots[slot], member{name, r}, func(a, b member) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.record.key.PK, b.record.key.PK),
			strings.Compare(a.record.key.SK, b.record.key.SK))
	})
}

// place is where an item stands in the index; empty if it does not.
func place(it store.Item) (slot, name string) {
	slot, _ = it[store.AttrSlot].(string)
	name, _ = it[store.AttrMember].(string)
	return slot, name
}

func samePlace(a, b store.Item) bool {
	slotA, nameA := place(a)
	slotB, nameB := place(b)
	return slotA == slotB && nameA == nameB
}

// clone is a copy that the caller may change; nil for nil.
func clone(it store.Item) store.Item {
	it = maps.Clone(it)
	for name, v := range it {
		if b, ok := v.([]byte); ok {
			it[name] = append([]byte{}, b...)
		}
	}
	return it
}
