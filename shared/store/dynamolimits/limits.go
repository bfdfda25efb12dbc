// Package dynamolimits refuses what DynamoDB refuses, so that tests on another table find a broken
// limit before a deployment does.
//
// The limits are those of "Quotas in Amazon DynamoDB" and "DynamoDB item sizes
// and formats" in the developer guide, with two of our own: a number is an
// int64, and strings are UTF-8 (the SDK would replace the rest silently).
package dynamolimits

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"example.org/mend/shared/store"
)

// The limits, in bytes and in numbers of items.
const (
	ItemBytes        = 400 << 10
	PageBytes        = 1 << 20
	TransactionBytes = 4 << 20
	PartitionBytes   = 2048 // a partition key, of the table or of the index
	// a sort key, of the table or of the index: one less than DynamoDB's, so that each has a next
	// key
	SortBytes = 1023

	KeysOfGetEach    = 100
	WritesOfEach     = 25
	WritesOfTransact = 100
)

// Size is what DynamoDB counts as the size of an item in bytes, which is what
// limits and prices go by: the names, and the values, of which a number takes
// a byte for two digits and one or two more.
func Size(it store.Item) int {
	n := 0
	for name, v := range it {
		n += len(name)
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		case bool:
			n++
		case int64:
			n += numberSize(v)
		}
	}
	return n
}

func numberSize(v int64) int {
	size := 1
	if v < 0 {
		size++
	}
	for v != 0 && v%10 == 0 { // trailing zeros are not kept
		v /= 10
	}
	digits := 0
	for ; v != 0; v /= 10 {
		digits++
	}
	return size + (digits+1)/2
}

// Key checks a primary key: neither part may be empty.
func Key(k store.Key) error {
	if err := keyPart(store.AttrPK, k.PK, PartitionBytes); err != nil {
		return err
	}
	return keyPart(store.AttrSK, k.SK, SortBytes)
}

// Keys checks the keys of a GetEach: how many they are, and that none comes twice.
func Keys(keys []store.Key) error {
	if len(keys) > KeysOfGetEach {
		return fmt.Errorf("%d keys at once: at most %d", len(keys), KeysOfGetEach)
	}
	for i, k := range keys {
		if err := Key(k); err != nil {
			return fmt.Errorf("key %d: %w", i, err)
		}
	}
	return distinct(len(keys), func(i int) store.Key { return keys[i] })
}

// Writes checks the writes of a WriteEach or Transact (most: how many it takes),
// and that no key comes twice.
func Writes(writes []store.Write, most int) error {
	if len(writes) > most {
		return fmt.Errorf("%d writes at once: at most %d", len(writes), most)
	}
	for i, w := range writes {
		if err := Write(w); err != nil {
			return fmt.Errorf("write %d: %w", i, err)
		}
	}
	return distinct(len(writes), func(i int) store.Key { return writes[i].Key })
}

func distinct(n int, key func(int) store.Key) error {
	if n < 2 {
		return nil
	}
	seen := make(map[store.Key]int, n)
	for i := range n {
		if first, twice := seen[key(i)]; twice {
			return fmt.Errorf("%d and %d have the same key", first, i)
		}
		seen[key(i)] = i
	}
	return nil
}

// Write checks one write, but for the item that comes of it: see [Item].
func Write(w store.Write) error {
	if err := Key(w.Key); err != nil {
		return err
	}
	for _, t := range w.If {
		if err := test(t); err != nil {
			return err
		}
	}
	if w.Op != store.Put && w.Item != nil {
		return errors.New("only a put has an item")
	}
	if w.Op != store.Update && (w.Set != nil || w.Add != nil || w.Remove != nil) {
		return errors.New("only an update sets, adds or removes")
	}
	switch w.Op {
	case store.Put:
		return values(w.Item)
	case store.Update:
		return update(w)
	case store.Delete, store.Check:
		return nil
	}
	return fmt.Errorf("unknown operation %d", w.Op)
}

func update(w store.Write) error {
	named := make(map[string]bool, len(w.Set)+len(w.Add)+len(w.Remove)+2)
	named[store.AttrPK], named[store.AttrSK] = true, true // an update cannot change a key
	once := func(name string) error {
		if named[name] {
			return fmt.Errorf("attribute %q is the key or is named twice in an update", name)
		}
		named[name] = true
		return nil
	}
	for name := range w.Set {
		if err := once(name); err != nil {
			return err
		}
	}
	for name := range w.Add {
		if err := once(name); err != nil {
			return err
		}
		if name == "" {
			return errNameless
		}
	}
	for _, name := range w.Remove {
		if err := once(name); err != nil {
			return err
		}
	}
	return values(w.Set)
}

func test(t store.Test) error {
	if t.Attr == "" {
		return errNameless
	}
	switch t.Is {
	case store.Missing, store.Exists:
		return nil
	case store.Equal, store.NotEqual:
		return value(t.Attr, t.Value)
	}
	return fmt.Errorf("attribute %q: unknown comparison %d", t.Attr, t.Is)
}

// Refused is a write that no table would do, whatever it holds.
type Refused struct{ error }

// Apply is the item that a write makes of old (nil: none); nil after a delete, old after a check.
// It shares no bytes with the write. Errors: a *[store.ConditionFailed] with old, [Refused].
func Apply(w store.Write, old store.Item) (store.Item, error) {
	if !w.If.Holds(old) {
		return nil, &store.ConditionFailed{Old: old}
	}
	var next store.Item
	switch w.Op {
	case store.Check:
		return old, nil
	case store.Delete:
		return nil, nil
	case store.Put:
		next = store.Write{Key: w.Key, Set: w.Item}.Apply(nil)
	case store.Update:
		if err := canAdd(w.Add, old); err != nil {
			return nil, Refused{err}
		}
		next = w.Apply(old)
	}
	for name, v := range next {
		if b, ok := v.([]byte); ok {
			next[name] = append([]byte{}, b...)
		}
	}
	if err := Item(next); err != nil {
		return nil, Refused{err}
	}
	return next, nil
}

// ApplyAll is what a transaction makes of the items that old reads, in the order of the writes.
// Errors: a *[store.ConditionFailed] with the write's index and no item, [Refused].
func ApplyAll(writes []store.Write, old func(store.Key) store.Item) ([]store.Item, error) {
	next := make([]store.Item, len(writes))
	size := 0
	for i, w := range writes {
		it, err := Apply(w, old(w.Key))
		var failed *store.ConditionFailed
		if errors.As(err, &failed) {
			return nil, &store.ConditionFailed{Index: i}
		}
		if err != nil {
			return nil, fmt.Errorf("write %d: %w", i, err)
		}
		next[i] = it
		if w.Op != store.Check {
			size += Size(it)
		}
	}
	if size > TransactionBytes {
		return nil, Refused{fmt.Errorf("the items have %d bytes together: at most %d", size, TransactionBytes)}
	}
	return next, nil
}

// canAdd refuses a sum that is no int64.
func canAdd(add map[string]int64, old store.Item) error {
	for name, n := range add {
		v, ok := old[name]
		if !ok {
			continue
		}
		had, isNumber := v.(int64)
		if !isNumber {
			return fmt.Errorf("attribute %q is of type %T: nothing can be added to it", name, v)
		}
		if n > 0 && had > math.MaxInt64-n || n < 0 && had < math.MinInt64-n {
			return fmt.Errorf("attribute %q: the sum is too large", name)
		}
	}
	return nil
}

// Item checks a whole item as it would stand in the table: its values, its size,
// and that its index keys, if it has them, can be keys.
func Item(it store.Item) error {
	if err := values(it); err != nil {
		return err
	}
	if err := indexKey(it, store.AttrSlot, PartitionBytes); err != nil {
		return err
	}
	if err := indexKey(it, store.AttrMember, SortBytes); err != nil {
		return err
	}
	if n := Size(it); n > ItemBytes {
		return fmt.Errorf("the item has %d bytes: at most %d", n, ItemBytes)
	}
	return nil
}

func indexKey(it store.Item, name string, most int) error {
	v, there := it[name]
	if !there {
		return nil
	}
	s, isString := v.(string)
	if !isString {
		return fmt.Errorf("attribute %q is a key of the index and must be a string, not %T", name, v)
	}
	return keyPart(name, s, most)
}

func keyPart(name, s string, most int) error {
	if s == "" {
		return fmt.Errorf("key attribute %q is empty", name)
	}
	if len(s) > most {
		return fmt.Errorf("key attribute %q has %d bytes: at most %d", name, len(s), most)
	}
	return value(name, s)
}

// Query checks what a query asks for.
func Query(q store.Query) error {
	if err := keyPart("partition", q.Partition, PartitionBytes); err != nil {
		return err
	}
	if q.Prefix != "" && (q.From != "" || q.To != "") {
		return errors.New("a query by prefix takes no from or to")
	}
	if q.From != "" && q.To != "" && q.From > q.To {
		return errors.New("a query from a key that is after its to")
	}
	if q.Limit < 0 {
		return fmt.Errorf("a query with limit %d", q.Limit)
	}
	return nil
}

var errNameless = errors.New("an attribute without a name")

func values(it store.Item) error {
	for name, v := range it {
		if name == "" {
			return errNameless
		}
		if err := value(name, v); err != nil {
			return err
		}
	}
	return nil
}

func value(name string, v any) error {
	switch v := v.(type) {
	case string:
		if !utf8.ValidString(v) {
			return fmt.Errorf("attribute %q is a string that is not UTF-8", name)
		}
		return nil
	case int64, bool, []byte:
		return nil
	}
	return fmt.Errorf("attribute %q is of type %T: only string, int64, bool and []byte are stored", name, v)
}

// Projection is what the index "slots" holds of an item: its keys and [store.SlotProjection]. It is
// nil for an item that is not in the index.
func Projection(it store.Item) store.Item {
	slot, _ := it[store.AttrSlot].(string)
	member, _ := it[store.AttrMember].(string)
	if slot == "" || member == "" {
		return nil
	}
	p := make(store.Item, len(store.SlotProjection)+4)
	for _, attrs := range [][]string{{store.AttrPK, store.AttrSK, store.AttrSlot, store.AttrMember}, store.SlotProjection} {
		for _, attr := range attrs {
			if v, ok := it[attr]; ok {
				p[attr] = v
			}
		}
	}
	return p
}
