package dynamolimits

import (
	"bytes"
	"errors"
	"fmt"
	"maps"

	"example.org/mend/shared/store"
)

// Apply does a write to an item (nil: none), which it may change in place. It returns the new item,
// nil after a delete, and what each attribute was that the write may have changed: nil where there
// was none. The new item shares no bytes with the write. Errors: a *[store.ConditionFailed] with
// the item, [Refused].
func Apply(w store.Write, it store.Item) (next, was store.Item, err error) {
	if !holds(w.If, it) {
		return nil, nil, &store.ConditionFailed{Old: it}
	}
	switch w.Op {
	case store.Check:
		return it, nil, nil
	case store.Delete:
		return nil, it, nil
	case store.Put:
		was, w.Set = maps.Clone(it), w.Item
	case store.Update:
		next = it
	}
	if next == nil {
		next = make(store.Item, len(w.Set)+len(w.Add)+2)
	}
	if was == nil {
		was = make(store.Item, len(w.Set)+len(w.Add)+len(w.Remove)+2)
	}
	set := func(name string, v any) {
		was[name] = it[name]
		next[name] = v
	}
	if it == nil || w.Op == store.Put {
		set(store.AttrPK, w.Key.PK)
		set(store.AttrSK, w.Key.SK)
	}
	for name, v := range w.Set {
		if b, ok := v.([]byte); ok {
			v = append([]byte{}, b...)
		}
		if name != store.AttrPK && name != store.AttrSK {
			set(name, v)
		}
	}
	for name, n := range w.Add {
		if had, there := next[name]; there {
			if n, err = sum(name, had, n); err != nil {
				return nil, nil, err
			}
		}
		set(name, n)
	}
	for _, name := range w.Remove {
		was[name] = it[name]
		delete(next, name)
	}
	return next, was, ItemSize(Size(next))
}

// ApplyAll does the writes of a transaction, each as [Apply] does, to the items that old reads.
// Errors: those of old, a *[store.ConditionFailed] with the write's index and no item, [Refused].
func ApplyAll(
	writes []store.Write, old func(store.Key) (store.Item, error),
) (next, was []store.Item, err error) {
	next, was = make([]store.Item, len(writes)), make([]store.Item, len(writes))
	size := 0
	for i, w := range writes {
		it, err := old(w.Key)
		if err != nil {
			return nil, nil, err
		}
		next[i], was[i], err = Apply(w, it)
		var failed *store.ConditionFailed
		if errors.As(err, &failed) {
			return nil, nil, &store.ConditionFailed{Index: i}
		}
		if err != nil {
			return nil, nil, fmt.Errorf("write %d: %w", i, err)
		}
		if w.Op != store.Check {
			size += Size(next[i])
		}
	}
	return next, was, TransactionSize(size)
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
