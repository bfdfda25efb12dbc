package tabletest

import (
	"math"
	"testing"

	"example.org/mend/shared/store"
)

func testItems(t *testing.T, table store.Table) {
	a, b := key("P#a", "1"), key("P#a", "2")
	wantItem(t, table, a, nil)
	mustWrite(t, table, put(a, store.Item{"n": int64(1)}), put(b, store.Item{"n": int64(2)}))
	wantItem(t, table, a, store.Item{"n": int64(1)})
	wantItem(t, table, b, store.Item{"n": int64(2)})
	wantItem(t, table, key("P#", "a1"), nil)
	wantItem(t, table, key("P#a1", "1"), nil)
}

func testValues(t *testing.T, table store.Table) {
	items := map[string]store.Item{
		"strings": {"plain": "words", "empty": "", "nul": "a\x00b", "wide": "mañana 🌱 李", "line": "a\r\n\tb"},
		"numbers": {"zero": int64(0), "one": int64(1), "minus": int64(-1), "most": int64(math.MaxInt64),
			"least": int64(math.MinInt64)},
		"booleans": {"yes": true, "no": false},
		"bytes":    {"empty": []byte{}, "all": []byte{0, 1, 127, 128, 255}},
		// "status" is a reserved word of DynamoDB
		"names": {"a b": "1", "a.b": "2", "#a": "3", ":a": "4", "é": "5", "status": "6", "a\"b'c": "7"},
	}
	for name, it := range items {
		mustWrite(t, table, put(key("P", name), it))
		wantItem(t, table, key("P", name), it)
		mustWrite(t, table, set(key("U", name), it))
		wantItem(t, table, key("U", name), it)
	}
	mustWrite(t, table, put(key("P", "nothing"), nil))
	wantItem(t, table, key("P", "nothing"), store.Item{})
}

// Every comparison on values below, equal, above, of another type, and absent.
func testConditions(t *testing.T, table store.Table) {
	item := store.Item{"s": "m", "n": int64(10), "yes": true, "no": false, "b": []byte{1, 2}, "empty": ""}
	k := key("P", "conditions")
	for _, c := range []struct {
		test store.Test
		want bool
	}{
		{test("s", store.Exists, nil), true},
		{test("s", store.Missing, nil), false},
		{test("x", store.Exists, nil), false},
		{test("x", store.Missing, nil), true},
		{test("empty", store.Exists, nil), true},
		{test("empty", store.Equal, ""), true},
		{test("no", store.Exists, nil), true},

		{test("s", store.Equal, "m"), true},
		{test("s", store.Equal, "M"), false},
		{test("s", store.NotEqual, "m"), false},
		{test("s", store.NotEqual, "n"), true},

		{test("n", store.Equal, int64(10)), true},
		{test("n", store.Equal, int64(9)), false},
		{test("n", store.NotEqual, int64(10)), false},
		{test("n", store.NotEqual, int64(9)), true},

		{test("yes", store.Equal, true), true},
		{test("yes", store.Equal, false), false},
		{test("yes", store.NotEqual, false), true},
		{test("no", store.NotEqual, false), false},

		{test("b", store.Equal, []byte{1, 2}), true},
		{test("b", store.Equal, []byte{1}), false},
		{test("b", store.NotEqual, []byte{1}), true},

		// An absent attribute passes Missing alone, though DynamoDB's <> holds for it.
		{test("x", store.Equal, "m"), false},
		{test("x", store.NotEqual, "m"), false},

		// Another type is not equal.
		{test("n", store.Equal, "10"), false},
		{test("n", store.NotEqual, "10"), true},
		{test("s", store.Equal, []byte("m")), false},
		{test("yes", store.Equal, "true"), false},

		{test(store.AttrPK, store.Exists, nil), true},
		{test(store.AttrPK, store.Equal, "P"), true},
	} {
		mustWrite(t, table, put(k, item))
		got, err := table.Write(t.Context(), set(k, store.Item{"done": true}, c.test))
		if c.want {
			if err != nil {
				t.Errorf("%+v: got %v, want it to hold", c.test, err)
			} else if got["done"] != true {
				t.Errorf("%+v: got %v, want the new item", c.test, got)
			}
			continue
		}
		if err == nil {
			t.Errorf("%+v: held", c.test)
			continue
		}
		wantConditionFailed(t, err, 0, with(k, item))
		wantItem(t, table, k, item)
	}

	t.Run("all of several", func(t *testing.T) {
		mustWrite(t, table, put(k, item))
		holds, fails := test("n", store.Equal, int64(10)), test("s", store.Equal, "x")
		mustWrite(t, table, set(k, store.Item{"s": "m"}, holds, test("x", store.Missing, nil)))
		for _, condition := range []store.Condition{{holds, fails}, {fails, holds}, {fails, fails}} {
			_, err := table.Write(t.Context(), set(k, store.Item{"done": true}, condition...))
			wantConditionFailed(t, err, 0, with(k, item))
		}
	})

	t.Run("of no item", func(t *testing.T) {
		none := key("P", "none")
		for _, c := range []store.Test{
			test("x", store.Exists, nil), test("x", store.Equal, "m"), test("x", store.NotEqual, "m"),
			test("x", store.NotEqual, "m"), test(store.AttrPK, store.Exists, nil),
		} {
			_, err := table.Write(t.Context(), set(none, store.Item{"done": true}, c))
			wantConditionFailed(t, err, 0, nil)
			_, err = table.Write(t.Context(), store.Write{Op: store.Delete, Key: none, If: store.Condition{c}})
			wantConditionFailed(t, err, 0, nil)
		}
		wantItem(t, table, none, nil)
		mustWrite(t, table, set(none, store.Item{"done": true}, test("x", store.Missing, nil)))
	})
}

func testPut(t *testing.T, table store.Table) {
	k := key("P", "put")
	got, err := table.Write(t.Context(), put(k, store.Item{"a": "1", "b": "2"}, absent()))
	if err != nil {
		t.Fatal(err)
	}
	if d := diff(with(k, store.Item{"a": "1", "b": "2"}), got); d != "" {
		t.Errorf("new item (-want +got):\n%s", d)
	}

	_, err = table.Write(t.Context(), put(k, store.Item{"a": "3"}, absent()))
	wantConditionFailed(t, err, 0, with(k, store.Item{"a": "1", "b": "2"}))

	// It replaces the item whole.
	got, err = table.Write(t.Context(), put(k, store.Item{"c": "3"}, test("a", store.Equal, "1")))
	if err != nil {
		t.Fatal(err)
	}
	if d := diff(with(k, store.Item{"c": "3"}), got); d != "" {
		t.Errorf("new item (-want +got):\n%s", d)
	}
	wantItem(t, table, k, store.Item{"c": "3"})

	// An item that was read may be put back as it is.
	mustWrite(t, table, put(k, got))
	wantItem(t, table, k, store.Item{"c": "3"})

	mustWrite(t, table, put(k, nil))
	wantItem(t, table, k, store.Item{})
}

func testUpdate(t *testing.T, table store.Table) {
	k := key("P", "update")
	for _, step := range []struct {
		name  string
		write store.Write
		want  store.Item
	}{
		{"makes the item", store.Write{Set: store.Item{"a": "1", "b": true}}, store.Item{"a": "1", "b": true}},
		{"leaves the rest", store.Write{Set: store.Item{"a": "2"}}, store.Item{"a": "2", "b": true}},
		{"changes the type", store.Write{Set: store.Item{"b": []byte{1}}}, store.Item{"a": "2", "b": []byte{1}}},
		{"adds to nothing", store.Write{Add: map[string]int64{"n": 5}},
			store.Item{"a": "2", "b": []byte{1}, "n": int64(5)}},
		{"adds", store.Write{Add: map[string]int64{"n": -7}}, store.Item{"a": "2", "b": []byte{1}, "n": int64(-2)}},
		{"removes", store.Write{Remove: []string{"b", "absent"}}, store.Item{"a": "2", "n": int64(-2)}},
		{"does it all at once", store.Write{Set: store.Item{"c": "x"}, Add: map[string]int64{"n": 2, "m": 1},
			Remove: []string{"a"}},
			store.Item{"c": "x", "n": int64(0), "m": int64(1)}},
		{"removes the last", store.Write{Remove: []string{"c", "n", "m"}}, store.Item{}},
	} {
		step.write.Op, step.write.Key = store.Update, k
		got, err := table.Write(t.Context(), step.write)
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if d := diff(with(k, step.want), got); d != "" {
			t.Errorf("%s: new item (-want +got):\n%s", step.name, d)
		}
		wantItem(t, table, k, step.want)
	}

	none := key("P", "made of nothing")
	mustWrite(t, table, store.Write{Op: store.Update, Key: none, Add: map[string]int64{"n": 3}, Remove: []string{"a"}})
	wantItem(t, table, none, store.Item{"n": int64(3)})
}

func testDelete(t *testing.T, table store.Table) {
	k := key("P", "delete")
	mustWrite(t, table, put(k, store.Item{"a": "1"}), put(key("P", "other"), nil))

	_, err := table.Write(t.Context(), store.Write{Op: store.Delete, Key: k,
		If: store.Condition{test("a", store.Equal, "2")}})
	wantConditionFailed(t, err, 0, with(k, store.Item{"a": "1"}))
	wantItem(t, table, k, store.Item{"a": "1"})

	got, err := table.Write(t.Context(), store.Write{Op: store.Delete, Key: k,
		If: store.Condition{test("a", store.Equal, "1")}})
	if err != nil || got != nil {
		t.Errorf("got %v, %v, want no item and no error", got, err)
	}
	wantItem(t, table, k, nil)
	wantItem(t, table, key("P", "other"), store.Item{})
	mustWrite(t, table, store.Write{Op: store.Delete, Key: k}) // of nothing
}

// What a table hands out, and what it was handed, is the caller's to change.
func testIsolation(t *testing.T, table store.Table) {
	k := key("P", "isolation")
	want := func() store.Item {
		return store.Item{"s": "1", "b": []byte{1}, store.AttrSlot: "slot", store.AttrMember: "m", "rule": []byte{2}}
	}
	spoil := func(it store.Item) {
		for name, v := range it {
			if b, ok := v.([]byte); ok && len(b) > 0 {
				b[0] = 99
			}
			it[name] = "spoilt"
		}
	}
	check := func() {
		t.Helper()
		wantItem(t, table, k, want())
		wantQuery(t, table, store.Query{Partition: "P"}, []store.Item{with(k, want())})
		projected := with(k, store.Item{store.AttrSlot: "slot", store.AttrMember: "m", "rule": []byte{2}})
		wantQuery(t, table, store.Query{Slots: true, Partition: "slot"}, []store.Item{projected})
	}

	given := want()
	got, err := table.Write(t.Context(), put(k, given))
	if err != nil {
		t.Fatal(err)
	}
	spoil(given)
	check()
	if d := diff(with(k, want()), got); d != "" {
		t.Errorf("the new item after what was given changed (-want +got):\n%s", d)
	}
	spoil(got)
	check()

	given = want()
	errs, err := table.WriteEach(t.Context(), []store.Write{set(k, given)})
	if err != nil || errs[0] != nil {
		t.Fatal(err, errs)
	}
	spoil(given)
	check()

	_, err = table.Write(t.Context(), put(k, nil, absent()))
	var failed *store.ConditionFailed
	if !asConditionFailed(err, &failed) {
		t.Fatalf("got %v, want a ConditionFailed", err)
	}
	spoil(failed.Old)
	check()

	for _, read := range []func() []store.Item{
		func() []store.Item { it, _ := table.Get(t.Context(), k); return []store.Item{it} },
		func() []store.Item { its, _ := table.GetEach(t.Context(), []store.Key{k}); return its },
		func() []store.Item { p, _ := table.Query(t.Context(), store.Query{Partition: "P"}); return p.Items },
		func() []store.Item {
			p, _ := table.Query(t.Context(), store.Query{Slots: true, Partition: "slot"})
			return p.Items
		},
	} {
		items := read()
		if len(items) != 1 || items[0] == nil {
			t.Fatalf("got %v, want one item", items)
		}
		spoil(items[0])
		check()
	}
}
