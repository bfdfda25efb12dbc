package memtable

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamolimits"
)

// Apply is the item that a write makes of old (nil: none), which it does not change; nil after a
// delete, old after a check. It shares no bytes with the write. Errors: a *[store.ConditionFailed]
// with old, [dynamolimits.Refused].
func Apply(w store.Write, old store.Item) (store.Item, error) {
	if !Holds(w.If, old) {
		return nil, &store.ConditionFailed{Old: old}
	}
	var next store.Item
	switch w.Op {
	case store.Check:
		return old, nil
	case store.Delete:
		return nil, nil
	case store.Put:
		next = updated(store.Write{Key: w.Key, Set: w.Item}, nil)
	case store.Update:
		if err := canAdd(w.Add, old); err != nil {
			return nil, dynamolimits.Refused(err.Error())
		}
		next = updated(w, old)
	}
	for name, v := range next {
		if b, ok := v.([]byte); ok {
			next[name] = append([]byte{}, b...)
		}
	}
	if err := dynamolimits.Item(next); err != nil {
		return nil, dynamolimits.Refused(err.Error())
	}
	return next, nil
}

// applyAll is what a transaction makes of the items that old reads, in the order of the writes.
// Errors: a *[store.ConditionFailed] with the write's index and no item, [dynamolimits.Refused].
func applyAll(writes []store.Write, old func(store.Key) store.Item) ([]store.Item, error) {
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
			size += dynamolimits.Size(it)
		}
	}
	if size > dynamolimits.TransactionBytes {
		return nil, dynamolimits.Refused(fmt.Sprintf("the items have %d bytes together: at most %d", size,
			dynamolimits.TransactionBytes))
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

// Holds reports whether an item (nil: none) meets a condition.
func Holds(c store.Condition, it store.Item) bool {
	for _, t := range c {
		if !holds(t, it) {
			return false
		}
	}
	return true
}

func holds(t store.Test, it store.Item) bool {
	v, there := it[t.Attr]
	switch t.Is {
	case store.Missing:
		return !there
	case store.Exists:
		return there
	}
	if !there {
		return false
	}
	switch t.Is {
	case store.Equal:
		return equal(v, t.Value)
	case store.NotEqual:
		return !equal(v, t.Value)
	}
	return false
}

func equal(a, b any) bool {
	if a, ok := a.([]byte); ok {
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	}
	if _, ok := b.([]byte); ok {
		return false
	}
	return a == b
}

// updated does an Update to an item (nil: none) and returns the new one.
func updated(w store.Write, old store.Item) store.Item {
	next := make(store.Item, len(old)+len(w.Set)+2)
	for k, v := range old {
		next[k] = v
	}
	for k, v := range w.Set {
		next[k] = v
	}
	for k, n := range w.Add {
		had, _ := next[k].(int64)
		next[k] = had + n
	}
	for _, k := range w.Remove {
		delete(next, k)
	}
	next[store.AttrPK], next[store.AttrSK] = w.Key.PK, w.Key.SK
	return next
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
	for _, attrs := range [][]string{
		{store.AttrPK, store.AttrSK, store.AttrSlot, store.AttrMember}, store.SlotProjection,
	} {
		for _, attr := range attrs {
			if v, ok := it[attr]; ok {
				p[attr] = v
			}
		}
	}
	return p
}
