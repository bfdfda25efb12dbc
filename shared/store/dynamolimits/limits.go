// Package dynamolimits refuses what DynamoDB refuses, so that tests on the table in memory find a
// broken limit before a deployment does. No function links it, nor does one machine.
//
// The limits are those of "Quotas in Amazon DynamoDB" and "DynamoDB item sizes and formats" in the
// developer guide, with two of our own: a number is an int64, and strings are UTF-8 (the SDK would
// replace the rest silently).
package dynamolimits

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"example.org/mend/shared/store"
)

// The limits, in bytes and in numbers of items.
const (
	itemBytes        = 400 << 10
	transactionBytes = 4 << 20
	partitionBytes   = 2048 // a partition key, of the table or of the index
	sortBytes        = 1023 // a sort key of either: one less than DynamoDB's, so that each has a next key

	keysOfGetEach    = 100
	writesOfEach     = 25
	writesOfTransact = 100
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

// numberSize is what DynamoDB counts as the size of a number.
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
	return cmp.Or(keyPart(store.AttrPK, k.PK, partitionBytes), keyPart(store.AttrSK, k.SK, sortBytes))
}

// Keys checks the keys of a GetEach.
func Keys(keys []store.Key) error {
	return several("key", keys, keysOfGetEach, func(k store.Key) (store.Key, error) { return k, Key(k) })
}

// Write checks a write that stands alone, but for the item that comes of it: see [Item].
func Write(w store.Write) error {
	if w.Op == store.Check {
		return errors.New("a check is for transactions")
	}
	return write(w)
}

// Each checks the writes of a WriteEach.
func Each(writes []store.Write) error {
	return several("write", writes, writesOfEach, func(w store.Write) (store.Key, error) {
		if !isPartiQL(w) {
			return w.Key, errors.New("it is neither a put where nothing is nor an update of what is there")
		}
		return w.Key, write(w)
	})
}

// isPartiQL reports whether a statement of PartiQL does the same as a write.
func isPartiQL(w store.Write) bool {
	if w.Op == store.Put {
		return len(w.If) == 1 && w.If[0].Attr == store.AttrPK && w.If[0].Is == store.Missing
	}
	return w.Op == store.Update && len(w.Add) == 0 &&
		!slices.ContainsFunc(w.If, func(t store.Test) bool { return isKey(t.Attr) })
}

// Transaction checks the writes of a Transact.
func Transaction(writes []store.Write) error {
	return several("write", writes, writesOfTransact, func(w store.Write) (store.Key, error) {
		return w.Key, write(w)
	})
}

// several checks keys or writes of one request: how many they are, each of them, and that no key
// comes twice.
func several[T any](what string, all []T, most int, check func(T) (store.Key, error)) error {
	if len(all) > most {
		return fmt.Errorf("%d %ss at once: at most %d", len(all), what, most)
	}
	seen := make(map[store.Key]int, len(all))
	for i, one := range all {
		key, err := check(one)
		if err != nil {
			return fmt.Errorf("%s %d: %w", what, i, err)
		}
		if first, twice := seen[key]; twice {
			return fmt.Errorf("%d and %d have the same key", first, i)
		}
		seen[key] = i
	}
	return nil
}

func write(w store.Write) error {
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
	case store.Check:
		if len(w.If) == 0 {
			return errors.New("a check of nothing")
		}
		return nil
	case store.Delete:
		return nil
	}
	return fmt.Errorf("unknown operation %d", w.Op)
}

func update(w store.Write) error {
	if len(w.Set)+len(w.Add)+len(w.Remove) == 0 {
		return errors.New("an update that changes nothing")
	}
	for name := range w.Add {
		_, set := w.Set[name]
		if set || name == "" || isKey(name) || name == store.AttrSlot || name == store.AttrMember {
			return fmt.Errorf("attribute %q cannot be added to: it is a key, has no name, or is set as well", name)
		}
	}
	for i, name := range w.Remove {
		_, set := w.Set[name]
		if _, added := w.Add[name]; set || added || isKey(name) || slices.Contains(w.Remove[:i], name) {
			return fmt.Errorf("attribute %q cannot be removed: it is the key, or is named twice", name)
		}
	}
	if w.Set[store.AttrPK] != nil || w.Set[store.AttrSK] != nil {
		return errors.New("an update cannot change the key")
	}
	return values(w.Set)
}

func isKey(name string) bool { return name == store.AttrPK || name == store.AttrSK }

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

// Item checks how large an item is that a write would leave in the table.
func Item(it store.Item) error { return fits("the item has", Size(it), itemBytes) }

// Items checks the items that a transaction would leave in the table, each and together.
func Items(writes []store.Write, items []store.Item) error {
	size := 0
	for i, w := range writes {
		if w.Op == store.Check {
			continue
		}
		if err := Item(items[i]); err != nil {
			return fmt.Errorf("write %d: %w", i, err)
		}
		size += Size(items[i])
	}
	return fits("the items together have", size, transactionBytes)
}

func fits(what string, bytes, most int) error {
	if bytes > most {
		return fmt.Errorf("%s %d bytes: at most %d", what, bytes, most)
	}
	return nil
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
	if err := keyPart("partition", q.Partition, partitionBytes); err != nil {
		return err
	}
	if q.Limit < 0 {
		return fmt.Errorf("a query with limit %d", q.Limit)
	}
	return nil
}

var errNameless = errors.New("an attribute without a name")

func values(it store.Item) error {
	for name, v := range it {
		if err := value(name, v); err != nil {
			return err
		}
	}
	return cmp.Or(indexKey(it, store.AttrSlot, partitionBytes), indexKey(it, store.AttrMember, sortBytes))
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

func value(name string, v any) error {
	if name == "" {
		return errNameless
	}
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
