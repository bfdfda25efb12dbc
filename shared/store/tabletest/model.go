package tabletest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"example.org/mend/shared/store"

	"pgregory.net/rapid"
)

// testModel does random operations on the table and on a map, and wants the same
// answers. Each sequence has partitions of its own, so that one table serves them all.
func testModel(t *testing.T, table store.Table) {
	sequence := 0
	rapid.Check(t, func(t *rapid.T) {
		sequence++
		m := &model{t: t, table: table, items: map[store.Key]store.Item{}, space: fmt.Sprintf("%d:", sequence)}
		t.Repeat(map[string]func(*rapid.T){
			"write":     m.write,
			"writeEach": m.writeEach,
			"transact":  m.transact,
			"get":       m.get,
			"getEach":   m.getEach,
			"query":     m.query,
			"":          m.slots,
		})
	})
}

// model is a table as simple as can be.
type model struct {
	t     *rapid.T
	table store.Table
	items map[store.Key]store.Item
	space string // begins every partition and slot
}

var (
	sorts  = rapid.SampledFrom([]string{"SUB#1", "SUB#2", "SUB#10", "LETTER#1", "LETTER", "PERSON"})
	attrs  = rapid.SampledFrom([]string{"a", "b", "digestDay", "rule"})
	values = rapid.OneOf(
		rapid.SampledFrom([]any{"", "x", "y", "xy", int64(0), true, false, []byte{}, []byte{0}, []byte("x")}),
		rapid.Map(rapid.Int64Range(-3, 3), func(n int64) any { return n }),
	)
	comparisons = rapid.SampledFrom([]store.Comparison{store.Missing, store.Exists, store.Equal, store.NotEqual})
)

func (m *model) key(t *rapid.T) store.Key {
	return store.Key{PK: m.space + rapid.SampledFrom([]string{"P#1", "P#2"}).Draw(t, "pk"), SK: sorts.Draw(t, "sk")}
}

func (m *model) attributes(t *rapid.T, k store.Key) store.Item {
	it := store.Item{}
	for _, name := range rapid.SliceOfNDistinct(attrs, 0, 3, rapid.ID).Draw(t, "names") {
		it[name] = values.Draw(t, name)
	}
	if rapid.Bool().Draw(t, "has slot") {
		it[store.AttrSlot] = m.space + rapid.SampledFrom([]string{"07:30", "07:45"}).Draw(t, "slot")
	}
	if rapid.Bool().Draw(t, "has member") { // unique: the key is in it
		it[store.AttrMember] = rapid.SampledFrom([]string{"a", "b"}).Draw(t, "member") +
			strings.TrimPrefix(k.PK, m.space) + k.SK
	}
	return it
}

func (m *model) condition(t *rapid.T) store.Condition {
	var c store.Condition
	for range rapid.IntRange(0, 2).Draw(t, "tests") {
		is := comparisons.Draw(t, "is")
		test := store.Test{Attr: attrs.Draw(t, "tested"), Is: is}
		if is != store.Missing && is != store.Exists {
			test.Value = values.Draw(t, "against")
		}
		c = append(c, test)
	}
	return c
}

func (m *model) drawWrite(t *rapid.T, k store.Key, ops ...store.Op) store.Write {
	w := store.Write{Key: k, Op: rapid.SampledFrom(ops).Draw(t, "op"), If: m.condition(t)}
	switch w.Op {
	case store.Put:
		w.Item = m.attributes(t, k)
	case store.Update:
		w.Set = m.attributes(t, k)
		w.Add = map[string]int64{}
		for _, name := range []string{"n", "a"} {
			if _, isSet := w.Set[name]; !isSet && rapid.Bool().Draw(t, "adds") {
				w.Add[name] = rapid.Int64Range(-2, 2).Draw(t, "add "+name)
			}
		}
		for _, name := range []string{"b", "rule", store.AttrSlot, store.AttrMember} {
			if _, isSet := w.Set[name]; !isSet && rapid.Bool().Draw(t, "removes "+name) {
				w.Remove = append(w.Remove, name)
			}
		}
		if len(w.Set)+len(w.Add)+len(w.Remove) == 0 {
			w.Remove = []string{"b"}
		}
	case store.Check:
		if len(w.If) == 0 {
			w.If = store.Condition{test("b", store.Missing, nil)}
		}
	}
	return w
}

func (m *model) keys(t *rapid.T, most int) []store.Key {
	var keys []store.Key
	for range rapid.IntRange(1, most).Draw(t, "keys") {
		if k := m.key(t); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

var errCannotAdd = errors.New("adding to what is not a number")

// apply gives the item that comes of a write, nil for none.
func (m *model) apply(w store.Write) (store.Item, error) {
	old := m.items[w.Key]
	if slices.ContainsFunc(w.If, func(t store.Test) bool { return !holds(t, old) }) {
		return nil, &store.ConditionFailed{Old: old}
	}
	switch w.Op {
	case store.Put:
		return with(w.Key, w.Item), nil
	case store.Update:
		for name := range w.Add {
			if v, there := old[name]; there {
				if _, isNumber := v.(int64); !isNumber {
					return nil, errCannotAdd
				}
			}
		}
		next := with(w.Key, old)
		maps.Copy(next, w.Set)
		for name, n := range w.Add {
			had, _ := old[name].(int64)
			next[name] = had + n
		}
		for _, name := range w.Remove {
			delete(next, name)
		}
		return next, nil
	case store.Check:
		return old, nil
	}
	return nil, nil
}

func holds(t store.Test, it store.Item) bool {
	v, there := it[t.Attr]
	switch t.Is {
	case store.Missing:
		return !there
	case store.Equal:
		return there && reflect.DeepEqual(v, t.Value)
	case store.NotEqual:
		return there && !reflect.DeepEqual(v, t.Value)
	}
	return there
}

func (m *model) keep(k store.Key, it store.Item) {
	if it == nil {
		delete(m.items, k)
	} else {
		m.items[k] = it
	}
}

func (m *model) write(t *rapid.T) {
	w := m.drawWrite(t, m.key(t), store.Put, store.Update, store.Delete)
	want, wantErr := m.apply(w)
	got, err := m.table.Write(t.Context(), w)
	sameError(t, w, wantErr, err)
	if wantErr == nil {
		if d := diff(want, got); d != "" {
			t.Fatalf("%+v: new item (-want +got):\n%s", w, d)
		}
		m.keep(w.Key, want)
	}
}

func (m *model) writeEach(t *rapid.T) {
	var writes []store.Write
	for _, k := range m.keys(t, 5) {
		w := m.drawWrite(t, k, store.Put, store.Update)
		switch w.Op {
		case store.Put:
			w.If = store.Condition{absent()}
		case store.Update:
			maps.DeleteFunc(w.Add, func(string, int64) bool { return true })
			if len(w.Set)+len(w.Remove) == 0 {
				w.Remove = []string{"b"}
			}
		}
		writes = append(writes, w)
	}
	errs, err := m.table.WriteEach(t.Context(), writes)
	if err != nil || len(errs) != len(writes) {
		t.Fatalf("writing %d: got %d errors, %v", len(writes), len(errs), err)
	}
	for i, w := range writes {
		want, wantErr := m.apply(w)
		switch {
		case w.Op == store.Update && m.items[w.Key] == nil:
			wantErr = &store.ConditionFailed{}
		case w.Op == store.Put && wantErr != nil && isConditionFailed(errs[i]): // it need not say what is there
			continue
		}
		sameError(t, w, wantErr, errs[i])
		if wantErr == nil {
			m.keep(w.Key, want)
		}
	}
}

func (m *model) transact(t *rapid.T) {
	var writes []store.Write
	var items []store.Item
	var wantErr error
	for i, k := range m.keys(t, 3) {
		w := m.drawWrite(t, k, store.Put, store.Update, store.Delete, store.Check)
		it, err := m.apply(w)
		if isConditionFailed(err) && !isConditionFailed(wantErr) { // a refusal of a lower index may come first or not
			wantErr = &store.ConditionFailed{Index: i}
		} else if err != nil && wantErr == nil {
			wantErr = err
		}
		writes, items = append(writes, w), append(items, it)
	}
	err := m.table.Transact(t.Context(), writes)
	switch {
	case wantErr == nil && err != nil, wantErr != nil && err == nil:
		t.Fatalf("transacting %+v: got %v, want %v", writes, err, wantErr)
	case wantErr == nil:
		for i, w := range writes {
			m.keep(w.Key, items[i])
		}
	case isConditionFailed(err):
		var want, got *store.ConditionFailed
		if !errors.As(wantErr, &want) || !errors.As(err, &got) || got.Index != want.Index || got.Old != nil {
			t.Fatalf("transacting %+v: got %v, want %v", writes, err, wantErr)
		}
	}
}

func sameError(t *rapid.T, w store.Write, wantErr, err error) {
	t.Helper()
	var wantFailed, failed *store.ConditionFailed
	switch {
	case wantErr == nil:
		if err != nil {
			t.Fatalf("%+v: got %v", w, err)
		}
	case errors.As(wantErr, &wantFailed):
		if !errors.As(err, &failed) {
			t.Fatalf("%+v: got %v, want a ConditionFailed", w, err)
		}
		if d := diff(wantFailed.Old, failed.Old); d != "" {
			t.Fatalf("%+v: old item (-want +got):\n%s", w, d)
		}
	default:
		if err == nil || isConditionFailed(err) {
			t.Fatalf("%+v: got %v, want it refused: %v", w, err, wantErr)
		}
	}
}

func (m *model) get(t *rapid.T) {
	k := m.key(t)
	got, err := m.table.Get(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if d := diff(m.items[k], got); d != "" {
		t.Fatalf("item %v (-want +got):\n%s", k, d)
	}
}

func (m *model) getEach(t *rapid.T) {
	keys := m.keys(t, 8)
	var want []store.Item
	for _, k := range keys {
		want = append(want, m.items[k])
	}
	eventually(t, "items", func() string {
		got, err := m.table.GetEach(t.Context(), keys)
		if err != nil {
			t.Fatal(err)
		}
		return diff(want, got)
	})
}

func (m *model) query(t *rapid.T) {
	q := store.Query{
		Partition: m.space + rapid.SampledFrom([]string{"P#1", "P#2", "P#"}).Draw(t, "partition"),
		Limit:     rapid.IntRange(0, 4).Draw(t, "limit"),
	}
	bounds := rapid.OneOf(sorts, rapid.SampledFrom([]string{"", "S", "SUB#", "LETTER", "X"}))
	q.After, q.To = bounds.Draw(t, "after"), bounds.Draw(t, "to")
	m.sameQuery(t, q, store.AttrPK, store.AttrSK, func(it store.Item) store.Item { return it })
}

// slots is checked after every operation: the index follows all of them.
func (m *model) slots(t *rapid.T) {
	for _, slot := range []string{"07:30", "07:45"} {
		q := store.Query{Slots: true, Partition: m.space + slot, Limit: rapid.IntRange(0, 2).Draw(t, "limit")}
		m.sameQuery(t, q, store.AttrSlot, store.AttrMember, func(it store.Item) store.Item {
			if _, stands := it[store.AttrMember]; !stands {
				return nil
			}
			projected := store.Item{}
			for _, name := range append([]string{store.AttrPK, store.AttrSK, store.AttrSlot, store.AttrMember},
				store.SlotProjection...) {
				if v, there := it[name]; there {
					projected[name] = v
				}
			}
			return projected
		})
	}
}

func (m *model) sameQuery(t *rapid.T, q store.Query, partition, sort string, see func(store.Item) store.Item) {
	t.Helper()
	var want []store.Item
	for _, it := range m.items {
		seen := see(it)
		if seen == nil || seen[partition] != q.Partition {
			continue
		}
		at := seen[sort].(string)
		if at > q.After && (q.To == "" || at <= q.To) {
			want = append(want, seen)
		}
	}
	slices.SortFunc(want, func(a, b store.Item) int { return cmp.Compare(a[sort].(string), b[sort].(string)) })
	wantQuery(t, m.table, q, want)
}
