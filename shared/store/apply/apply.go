// Package apply does writes to items as DynamoDB does them, and cuts queries into pages, for the
// tables that do so by themselves: the file of one machine, and the memory of tests.
package apply

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"example.org/mend/shared/store"
)

// Write does a write to an item (nil: none), which it leaves as it is. It returns the new item, nil
// after a delete, which shares no bytes with the write. Errors: a *[store.ConditionFailed] with the
// item.
func Write(w store.Write, it store.Item) (store.Item, error) {
	if !holds(w.If, it) {
		return nil, &store.ConditionFailed{Old: it}
	}
	var next store.Item
	set := w.Set
	switch w.Op {
	case store.Check:
		return it, nil
	case store.Delete:
		return nil, nil
	case store.Put:
		set = w.Item
	case store.Update:
		next = maps.Clone(it)
	}
	if next == nil {
		next = make(store.Item, len(set)+len(w.Add)+2)
	}
	for name, v := range set {
		if b, ok := v.([]byte); ok {
			v = append([]byte{}, b...)
		}
		next[name] = v
	}
	for name, n := range w.Add {
		had, there := next[name]
		old, isNumber := had.(int64)
		if there && !isNumber {
			return nil, fmt.Errorf("attribute %q is of type %T: nothing can be added to it", name, had)
		}
		next[name] = old + n
	}
	for _, name := range w.Remove {
		delete(next, name)
	}
	next[store.AttrPK], next[store.AttrSK] = w.Key.PK, w.Key.SK
	return next, nil
}

// Each is one of the writes of a WriteEach, with the condition that it has there: an update makes
// no item.
func Each(w store.Write) store.Write {
	if w.Op == store.Update {
		w.If = append(slices.Clip(w.If), store.Test{Attr: store.AttrPK, Is: store.Exists})
	}
	return w
}

// Transaction does the writes of a transaction, each as [Write] does, to the items that read reads.
// It returns these too. Errors: those of read, and a *[store.ConditionFailed] with the write's
// index and no item.
func Transaction(
	writes []store.Write, read func(store.Key) (store.Item, error),
) (old, next []store.Item, err error) {
	old, next = make([]store.Item, len(writes)), make([]store.Item, len(writes))
	for i, w := range writes {
		if old[i], err = read(w.Key); err != nil {
			return nil, nil, err
		}
		next[i], err = Write(w, old[i])
		if _, failed := errors.AsType[*store.ConditionFailed](err); failed {
			return nil, nil, &store.ConditionFailed{Index: i}
		}
		if err != nil {
			return nil, nil, fmt.Errorf("write %d: %w", i, err)
		}
	}
	return old, next, nil
}

// pageBytes is how much one page of a query holds, so that no reader has all that a person ever
// wrote in memory ("Quotas in Amazon DynamoDB").
const pageBytes = 1 << 20

// Page is one page of a query. The rows come with their sort keys, the first of them at q.After or
// later; size is how many bytes a row takes. A page stops at the limit or before 1 MB, and then
// says where to continue without looking whether there is more. A larger row is a page of its own.
func Page(q store.Query, rows iter.Seq2[string, store.Item], size func(store.Item) int) store.QueryResult {
	var page store.QueryResult
	held, last := 0, ""
	for sortKey, it := range rows {
		if sortKey == q.After {
			continue
		}
		if q.To != "" && sortKey > q.To {
			break
		}
		if held += size(it); held > pageBytes && len(page.Items) > 0 {
			page.Next = last
			break
		}
		page.Items, last = append(page.Items, it), sortKey
		if len(page.Items) == q.Limit {
			page.Next = last
			break
		}
	}
	return page
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

// Projected names what the index "slots" holds of an item.
var Projected = append([]string{store.AttrPK, store.AttrSK, store.AttrSlot, store.AttrMember},
	store.SlotProjection...)

// Projection is what the index holds of an item; nil if the item is not in it.
func Projection(it store.Item) store.Item {
	slot, _ := it[store.AttrSlot].(string)
	member, _ := it[store.AttrMember].(string)
	if slot == "" || member == "" {
		return nil
	}
	p := make(store.Item, len(Projected))
	for _, attr := range Projected {
		if v, ok := it[attr]; ok {
			p[attr] = v
		}
	}
	return p
}
