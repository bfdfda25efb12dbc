package dynamolimits

import (
	"bytes"
	"errors"
	"fmt"
	"maps"

	"example.org/mend/shared/store"
)

// Apply is the item that a write makes of old (nil: none), which it does not change; nil after a
// delete, old after a check. It shares no bytes with the write. Errors: a *[store.ConditionFailed]
// with old, [Refused].
func Apply(w store.Write, old store.Item) (store.Item, error) {
	if !holds(w.If, old) {
		return nil, &store.ConditionFailed{Old: old}
	}
	switch w.Op {
	case store.Check:
		return old, nil
	case store.Delete:
		return nil, nil
	case store.Put:
		w.Set, old = w.Item, nil
	}
	next, err := updated(w, old)
	if err != nil {
		return nil, err
	}
	return next, ItemSize(Size(next))
}

// ApplyAll is what a transaction makes of the items that old reads, in the order of the writes.
// Errors: those of old, a *[store.ConditionFailed] with the write's index and no item, [Refused].
func ApplyAll(
	writes []store.Write, old func(store.Key) (store.Item, error),
) ([]store.Item, error) {
	next := make([]store.Item, len(writes))
	size := 0
	for i, w := range writes {
		was, err := old(w.Key)
		if err != nil {
			return nil, err
		}
		it, err := Apply(w, was)
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
	return next, TransactionSize(size)
}

// holds reports whether an item (nil: none) meets a condition.
func holds(c store.Condition, it store.Item) bool {
	for _, t := range c {
		v, there := it[t.Attr]
		met := !there // as Missing wants it
		switch t.Is {
		case store.Exists:
			met = there
		case store.Equal, store.NotEqual:
			met = there && Equal(v, t.Value) == (t.Is == store.Equal)
		}
		if !met {
			return false
		}
	}
	return true
}

// Equal compares two values of attributes; nil is none.
func Equal(a, b any) bool {
	aBytes, aIs := a.([]byte)
	bBytes, bIs := b.([]byte)
	if aIs || bIs {
		return aIs && bIs && bytes.Equal(aBytes, bBytes)
	}
	return a == b
}

// updated does an Update to an item (nil: none) and returns the new one.
func updated(w store.Write, old store.Item) (store.Item, error) {
	next := make(store.Item, len(old)+len(w.Set)+2)
	maps.Copy(next, old)
	for name, v := range w.Set {
		if b, ok := v.([]byte); ok {
			v = append([]byte{}, b...)
		}
		next[name] = v
	}
	for name, n := range w.Add {
		if had, there := next[name]; there {
			var err error
			if n, err = sum(name, had, n); err != nil {
				return nil, err
			}
		}
		next[name] = n
	}
	for _, name := range w.Remove {
		delete(next, name)
	}
	next[store.AttrPK], next[store.AttrSK] = w.Key.PK, w.Key.SK
	return next, nil
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
