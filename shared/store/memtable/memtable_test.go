package memtable_test

import (
	"testing"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/memtable"
	"example.org/mend/shared/store/tabletest"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	open := func(*testing.T) store.Table { return &memtable.Table{} }
	tabletest.Run(t, open)
	tabletest.Refusals(t, open, true)
}

// A table whose reads may lag keeps to the same contract while they do not.
func TestTableThatCanLag(t *testing.T) {
	tabletest.Run(t, func(*testing.T) store.Table {
		now := int64(0)
		return &memtable.Table{
			Now:  func() int64 { now++; return now },
			AsOf: func() int64 { return now },
		}
	})
}

// An eventually consistent read sees an item as it was before its last write; a strong one does
// not.
func TestReadsAsOf(t *testing.T) {
	now, asOf := int64(0), int64(0)
	table := &memtable.Table{Now: func() int64 { return now }, AsOf: func() int64 { return asOf }}
	key := store.Key{PK: "P", SK: "S"}
	in := func(slot, name, word string) store.Item {
		return store.Item{"pk": "P", "sk": "S", "slot": slot, "member": name, "kind": word}
	}
	put := func(it store.Item) {
		now++
		if _, err := table.Write(t.Context(), store.Write{Op: store.Put, Key: key, Item: it}); err != nil {
			t.Fatal(err)
		}
	}
	each := func() store.Item {
		items, err := table.GetEach(t.Context(), []store.Key{key})
		if err != nil {
			t.Fatal(err)
		}
		return items[0]
	}
	slot := func(name string) []store.Item {
		page, err := table.Query(t.Context(), store.Query{Slots: true, Partition: name})
		if err != nil {
			t.Fatal(err)
		}
		return page.Items
	}
	want := func(what string, want, got any) {
		t.Helper()
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", what, d)
		}
	}

	put(in("a", "m", "first"))
	want("before the first write", store.Item(nil), each())
	asOf = 1
	put(in("b", "m", "second"))
	want("the item before its last write", in("a", "m", "first"), each())
	want("the slot it left", []store.Item{in("a", "m", "first")}, slot("a"))
	want("the slot it will enter", []store.Item(nil), slot("b"))
	if it, err := table.Get(t.Context(), key); err != nil || it["kind"] != "second" {
		t.Errorf("a strong read: got %v, %v, want the second", it, err)
	}
	asOf = 2
	want("the slot it left, later", []store.Item(nil), slot("a"))
	want("the slot it entered", []store.Item{in("b", "m", "second")}, slot("b"))

	now++
	if _, err := table.Write(t.Context(), store.Write{Op: store.Delete, Key: key}); err != nil {
		t.Fatal(err)
	}
	want("a deleted item that still shows", []store.Item{in("b", "m", "second")}, slot("b"))
	asOf = 3
	want("a deleted item", []store.Item(nil), slot("b"))
	want("a deleted item by key", store.Item(nil), each())
}

// A backup that is restored is the table as it was, index and all.
func TestRestore(t *testing.T) {
	table := &memtable.Table{}
	put := func(sk, slot string) {
		key := store.Key{PK: "P", SK: sk}
		_, err := table.Write(t.Context(), store.Write{Op: store.Put, Key: key,
			Item: store.Item{"slot": slot, "member": sk}})
		if err != nil {
			t.Fatal(err)
		}
	}
	put("1", "a")
	backup := table.All()
	put("1", "b")
	put("2", "a")
	table.Restore(backup)
	if d := cmp.Diff(backup, table.All()); d != "" {
		t.Errorf("restored (-want +got):\n%s", d)
	}
	page, err := table.Query(t.Context(), store.Query{Slots: true, Partition: "a"})
	if err != nil || len(page.Items) != 1 {
		t.Errorf("got %v, %v, want the one member of the backup", page.Items, err)
	}
}
