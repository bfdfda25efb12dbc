package tabletest

import (
	"fmt"
	"strings"
	"testing"

	"example.org/mend/shared/store"
)

func testQuery(t *testing.T, table store.Table) {
	for _, sk := range []string{"b", "a", "LETTER#2026-11-02#1", "LETTER#2026-11-01#1", "LETTER#2026-12-01#1", "LETTER",
		"LETTERS", "é", "PERSON"} {
		mustWrite(t, table, put(key("P#1", sk), store.Item{"x": sk}))
	}
	mustWrite(t, table, put(key("P#", "0"), nil), put(key("P#10", "0"), nil), put(key("P#2", "0"), nil),
		put(key("P", "#1"), nil))

	all := []string{"LETTER", "LETTER#2026-11-01#1", "LETTER#2026-11-02#1", "LETTER#2026-12-01#1", "LETTERS",
		"PERSON", "a", "b", "é"}
	letters := all[1:4]
	for _, q := range []struct {
		query store.Query
		want  []string
	}{
		{store.Query{}, all},
		{store.Query{After: "LETTER#", To: "LETTER#~"}, letters},
		{store.Query{To: "PERSON"}, all[:6]},
		{store.Query{To: "PERSO"}, all[:5]},
		{store.Query{To: "A"}, nil},
		{store.Query{After: "LETTER#2026-11-02", To: "LETTER#2026-12-01#1"}, letters[1:]},
		{store.Query{After: "LETTER#2026-11-01#1", To: "LETTER#2026-11-02#1"}, letters[1:2]},
		{store.Query{After: "c", To: "d"}, nil},
		{store.Query{After: "a", To: "a"}, nil},
		{store.Query{After: "b", To: "a"}, nil},
		{store.Query{After: "PERSONS"}, all[6:]},
		{store.Query{After: "LETTERS"}, all[5:]},
		{store.Query{After: "b"}, all[8:]},
		{store.Query{After: "é"}, nil},
	} {
		q.query.Partition = "P#1"
		wantSorts(t, table, q.query, q.want...)
	}
	wantSorts(t, table, store.Query{Partition: "P#2"}, "0")
	wantSorts(t, table, store.Query{Partition: "P"}, "#1")
	wantSorts(t, table, store.Query{Partition: "P#3"})

	// Items come whole.
	wantQuery(t, table, store.Query{Partition: "P#1", After: "a", To: "b"}, []store.Item{with(key("P#1", "b"),
		store.Item{"x": "b"})})
}

// Sort keys order as bytes, whatever is in them.
func testUnusualKeys(t *testing.T, table store.Table) {
	sorted := []string{
		"\x00", "\x00\x00", "\x00\x01", "\x01", " ", "0", "10", "9", "A", "Z", "a", "a\x00", "a\x00\x00", "a\x00\x01",
		"a\x00b", "a\x01", "aa", "ab", "b", "\x7f", "é", "ÿ", "李", "\uffff", "🌱", "\U0010ffff", "\U0010ffff\x00",
	}
	for _, sk := range []int{5, 17, 3, 9, 0, 22, 12, 1, 25, 7, 14, 20, 2, 10, 19, 26, 4, 15, 24, 8, 11, 13,
		23, 6, 18, 21, 16} {
		mustWrite(t, table, put(key("a\x00", sorted[sk]), store.Item{store.AttrSlot: "a\x00",
			store.AttrMember: sorted[sk]}))
		mustWrite(t, table, put(key("a", sorted[sk]), store.Item{store.AttrSlot: "a", store.AttrMember: sorted[sk]}))
	}
	for _, partition := range []string{"a", "a\x00"} {
		var want []store.Item
		for _, sk := range sorted {
			want = append(want, with(key(partition, sk), store.Item{store.AttrSlot: partition, store.AttrMember: sk}))
		}
		for _, slots := range []bool{false, true} {
			wantQuery(t, table, store.Query{Slots: slots, Partition: partition}, want)
			wantQuery(t, table, store.Query{Slots: slots, Partition: partition, Limit: 1}, want)
			wantQuery(t, table, store.Query{Slots: slots, Partition: partition, After: "\uffff"}, want[24:])
			wantQuery(t, table, store.Query{Slots: slots, Partition: partition, After: "a",
				To: "a\x00b"}, want[11:15])
			wantQuery(t, table, store.Query{Slots: slots, Partition: partition, To: "\x00\x00"}, want[:2])
			wantQuery(t, table, store.Query{Slots: slots, Partition: partition, After: "a\x00", Limit: 3}, want[12:])
		}
	}
}

func testPages(t *testing.T, table store.Table) {
	var want []store.Item
	for i := range 10 {
		k := key("P", fmt.Sprintf("R#%02d", i))
		mustWrite(t, table, put(k, store.Item{"i": int64(i)}))
		want = append(want, with(k, store.Item{"i": int64(i)}))
	}
	mustWrite(t, table, put(key("P", "Q"), nil), put(key("P", "S"), nil))
	for limit := range 13 {
		for _, q := range []store.Query{{After: "R#", To: "R#99"}, {After: "Q", To: "R#09"}} {
			q.Partition, q.Limit = "P", limit
			wantQuery(t, table, q, want)
		}
	}

	page, err := table.Query(t.Context(), store.Query{Partition: "P", After: "R#", To: "R#99", Limit: 4})
	if err != nil {
		t.Fatal(err)
	}
	if d := diff(want[:4], page.Items); d != "" {
		t.Errorf("first page (-want +got):\n%s", d)
	}
	if page.Next == "" {
		t.Error("first page: got no next")
	}
	// The next page goes by the key: what came or went meanwhile does not disturb it.
	mustWrite(t, table, store.Write{Op: store.Delete, Key: key("P", "R#03")},
		store.Write{Op: store.Delete, Key: key("P", "R#04")}, put(key("P", "R#015"), nil))
	page, err = table.Query(t.Context(), store.Query{Partition: "P", After: page.Next, To: "R#99", Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	if d := diff(want[5:7], page.Items); d != "" {
		t.Errorf("second page (-want +got):\n%s", d)
	}
}

// Without a limit a page holds 1 MB: long words take several.
func testQueryOfMuch(t *testing.T, table store.Table) {
	var want []store.Item
	for i := range 25 {
		k := key("P", fmt.Sprintf("%02d", i))
		it := store.Item{"words": strings.Repeat(string(rune('a'+i)), 110_000)}
		mustWrite(t, table, put(k, it))
		want = append(want, with(k, it))
	}
	for _, limit := range []int{0, 2, 24} {
		q := store.Query{Partition: "P", Limit: limit}
		wantQuery(t, table, q, want)
		page, err := table.Query(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		// DynamoDB may end just beyond the MB.
		if n := len(page.Items); limit != 2 && (n < 9 || n > 10) || page.Next == "" {
			t.Errorf("limit %d: the first page has %d items of 110 KB, next %q", limit, n, page.Next)
		}
	}
}

func testTenThousand(t *testing.T, table store.Table) {
	if testing.Short() {
		t.Skip("10,000 items")
	}
	var writes []store.Write
	var want []store.Item
	for i := range 10_000 {
		k := key("P#person", fmt.Sprintf("REPLY#2026-%05d#1", i))
		it := store.Item{"words": strings.Repeat("some words ", 20), "mood": int64(i % 6), "starred": i%50 == 0}
		writes, want = append(writes, put(k, it, absent())), append(want, with(k, it))
	}
	mustPutAll(t, table, writes)
	wantQuery(t, table, store.Query{Partition: "P#person", After: "REPLY#", To: "REPLY#~"}, want)
	wantQuery(t, table, store.Query{Partition: "P#person", After: "REPLY#", Limit: 1500}, want)
	wantQuery(t, table, store.Query{Partition: "P#person", After: "REPLY#2026-09990", To: "REPLY#2026-1"}, want[9990:])
}

// An item stands in the index while it has slot and member; the index holds the
// projection and nothing else.
func testSlots(t *testing.T, table store.Table) {
	k, slot := key("P#1", "SUB#1"), "Europe/Berlin|07:30|daily|0"
	projected := store.Item{store.AttrSlot: slot, store.AttrMember: "1#1"}
	whole := store.Item{store.AttrSlot: slot, store.AttrMember: "1#1", "address": "a@example.test",
		"lastDate": "2026-11-01", "n": int64(1)}
	for i, name := range store.SlotProjection {
		whole[name] = fmt.Sprint("value ", i)
		projected[name] = whole[name]
	}
	other := key("P#0", "SUB#1")
	otherProjected := store.Item{store.AttrSlot: slot, store.AttrMember: "0#1", "digestDay": int64(3)}
	mustWrite(t, table, put(k, whole), put(other, otherProjected))

	in := func(slot string, items ...store.Item) {
		t.Helper()
		wantQuery(t, table, store.Query{Slots: true, Partition: slot}, items)
	}
	in(slot, with(other, otherProjected), with(k, projected))
	in(slot[:len(slot)-1])
	in(slot + "0")
	wantQuery(t, table, store.Query{Partition: slot}, nil) // nothing of it in the table

	// What is not projected changes nothing there.
	mustWrite(t, table, set(k, store.Item{"lastDate": "2026-11-02"}))
	in(slot, with(other, otherProjected), with(k, projected))

	// What is projected does.
	mustWrite(t, table, store.Write{Op: store.Update, Key: k, Set: store.Item{"digestDay": int64(2)},
		Remove: []string{"zone"}})
	projected["digestDay"] = int64(2)
	delete(projected, "zone")
	in(slot, with(other, otherProjected), with(k, projected))

	// It moves,
	mustWrite(t, table, set(k, store.Item{store.AttrSlot: "now"}))
	projected[store.AttrSlot] = "now"
	in(slot, with(other, otherProjected))
	in("now", with(k, projected))
	mustWrite(t, table, set(k, store.Item{store.AttrMember: "2#1"}))
	projected[store.AttrMember] = "2#1"
	in("now", with(k, projected))

	// disappears with either of its attributes,
	mustWrite(t, table, store.Write{Op: store.Update, Key: k, Remove: []string{store.AttrMember}})
	in("now")
	mustWrite(t, table, store.Write{Op: store.Update, Key: k, Set: store.Item{store.AttrMember: "2#1"},
		Remove: []string{store.AttrSlot}})
	in("now")
	mustWrite(t, table, set(k, store.Item{store.AttrSlot: "now"}))
	in("now", with(k, projected))

	// with a put that leaves them out, by a write of many, by a transaction, and by a delete.
	mustWrite(t, table, put(k, store.Item{"n": int64(2)}))
	in("now")
	if _, err := table.WriteEach(t.Context(), []store.Write{set(k, store.Item{store.AttrSlot: "now",
		store.AttrMember: "3#1"})}); err != nil {
		t.Fatal(err)
	}
	in("now", with(k, store.Item{store.AttrSlot: "now", store.AttrMember: "3#1"}))
	stop := []store.Write{
		{Op: store.Update, Key: k, Remove: []string{store.AttrSlot}},
		{Op: store.Update, Key: other, Remove: []string{store.AttrSlot},
			If: store.Condition{test("digestDay", store.Equal, int64(99))}},
	}
	if err := table.Transact(t.Context(), stop); !isConditionFailed(err) {
		t.Fatalf("got %v, want a ConditionFailed", err)
	}
	in("now", with(k, store.Item{store.AttrSlot: "now", store.AttrMember: "3#1"}))
	stop[1].If = nil
	if err := table.Transact(t.Context(), stop); err != nil {
		t.Fatal(err)
	}
	in("now")
	in(slot)
	mustWrite(t, table, put(other, otherProjected))
	in(slot, with(other, otherProjected))
	mustWrite(t, table, store.Write{Op: store.Delete, Key: other})
	in(slot)
}

func testSlotPages(t *testing.T, table store.Table) {
	var writes []store.Write
	var want []store.Item
	for i := range 60 {
		k := key(fmt.Sprintf("P#%02d", 59-i), "SUB#1") // the index's order is its own
		member := fmt.Sprintf("%02d#1", i)
		writes = append(writes, put(k, store.Item{store.AttrSlot: "s", store.AttrMember: member,
			"words": "many"}, absent()))
		want = append(want, with(k, store.Item{store.AttrSlot: "s", store.AttrMember: member}))
	}
	mustPutAll(t, table, writes)
	for _, limit := range []int{0, 1, 7, 30, 60, 100} {
		wantQuery(t, table, store.Query{Slots: true, Partition: "s", Limit: limit}, want)
		wantQuery(t, table, store.Query{Slots: true, Partition: "s", Limit: limit, After: "10",
			To: "19#1"}, want[10:20])
		wantQuery(t, table, store.Query{Slots: true, Partition: "s", Limit: limit, To: "1"}, want[:10])
		wantQuery(t, table, store.Query{Slots: true, Partition: "s", Limit: limit, After: "49#1"}, want[50:])
		wantQuery(t, table, store.Query{Slots: true, Partition: "s", Limit: limit, After: "17#1",
			To: "20"}, want[18:20])
	}
}
