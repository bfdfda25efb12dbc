package tabletest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.org/mend/shared/store"
)

func isConditionFailed(err error) bool {
	var failed *store.ConditionFailed
	return errors.As(err, &failed)
}

func asConditionFailed(err error, failed **store.ConditionFailed) bool {
	return errors.As(err, failed)
}

func testGetEach(t *testing.T, table store.Table) {
	var writes []store.Write
	var keys []store.Key
	var want []store.Item
	for i := range 100 { // the most at once; every third is missing
		k := key(fmt.Sprint("P", i%7), fmt.Sprint(i*37%100))
		keys = append(keys, k)
		if i%3 == 0 {
			want = append(want, nil)
			continue
		}
		writes = append(writes, put(k, store.Item{"i": int64(i)}, absent()))
		want = append(want, with(k, store.Item{"i": int64(i)}))
	}
	mustPutAll(t, table, writes)
	wantEach(t, table, keys, want)
	wantEach(t, table, keys[:1], want[:1])
	wantEach(t, table, nil, []store.Item{})
}

func wantEach(t *testing.T, table store.Table, keys []store.Key, want []store.Item) {
	t.Helper()
	eventually(t, "items", func() string {
		got, err := table.GetEach(t.Context(), keys)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(keys) {
			t.Fatalf("got %d items for %d keys", len(got), len(keys))
		}
		if len(keys) == 0 {
			return ""
		}
		return diff(want, got)
	})
}

// DynamoDB answers with at most 16 MB and leaves the rest unprocessed: an adapter asks again.
func testGetEachOfMuch(t *testing.T, table store.Table) {
	if testing.Short() {
		t.Skip("20 MB")
	}
	var keys []store.Key
	var want []store.Item
	for i := range 60 {
		k := key("P", fmt.Sprint(i))
		it := store.Item{"words": strings.Repeat(string(rune('a'+i%26)), 350_000)}
		mustWrite(t, table, put(k, it))
		keys, want = append(keys, k), append(want, with(k, it))
	}
	wantEach(t, table, keys, want)
}

func testWriteEach(t *testing.T, table store.Table) {
	there, other, missing := key("P", "there"), key("P", "other"), key("P", "missing")
	mustWrite(t, table, put(there, store.Item{"n": int64(1), "b": []byte{7}}), put(other, store.Item{"n": int64(1)}))

	// Each on its own: those that hold happen, those that do not say why.
	writes := []store.Write{
		{Op: store.Update, Key: other, Set: store.Item{"x": "y"}, If: store.Condition{test("n",
			store.Equal, int64(2))}},
		{Op: store.Update, Key: there, Set: store.Item{"s": "t"}, Remove: []string{"b"},
			If: store.Condition{test("n", store.Equal, int64(1))}},
		set(missing, store.Item{"x": "y"}, test("n", store.Equal, int64(2))),
		put(key("P", "new"), store.Item{"x": "y"}, absent()),
		set(key("P", "made"), store.Item{"x": "y"}),
		set(key("P", "made too"), store.Item{"x": ""}, test("n", store.Missing, nil)),
	}
	errs, err := table.WriteEach(t.Context(), writes)
	if err != nil {
		t.Fatal(err)
	}
	if len(errs) != len(writes) {
		t.Fatalf("got %d errors of %d writes", len(errs), len(writes))
	}
	wantConditionFailed(t, errs[0], 0, with(other, store.Item{"n": int64(1)}))
	for _, i := range []int{1, 3} {
		if errs[i] != nil {
			t.Errorf("write %d: %v", i, errs[i])
		}
	}
	for _, i := range []int{2, 4, 5} { // no update makes an item
		wantConditionFailed(t, errs[i], 0, nil)
		wantItem(t, table, writes[i].Key, nil)
	}
	wantItem(t, table, other, store.Item{"n": int64(1)})
	wantItem(t, table, there, store.Item{"n": int64(1), "s": "t"})
	wantItem(t, table, writes[3].Key, store.Item{"x": "y"})

	errs, err = table.WriteEach(t.Context(), []store.Write{writes[3]})
	if err != nil {
		t.Fatal(err)
	}
	if !isConditionFailed(errs[0]) {
		t.Errorf("a put where an item is: got %v, want a ConditionFailed", errs[0])
	}

	if errs, err := table.WriteEach(t.Context(), nil); err != nil || len(errs) != 0 {
		t.Errorf("no writes: got %v, %v", errs, err)
	}

	var many []store.Write
	for i := range 25 {
		many = append(many, put(key("many", fmt.Sprint(i)), store.Item{"i": int64(i)}, absent()))
	}
	mustPutAll(t, table, many)
	for _, w := range many {
		wantItem(t, table, w.Key, w.Item)
	}
}

func testTransact(t *testing.T, table store.Table) {
	a, b, c, d := key("A", "1"), key("B", "1"), key("C", "1"), key("D", "1")
	mustWrite(t, table, put(a, store.Item{"n": int64(1)}), put(b, store.Item{"n": int64(1)}),
		put(c, store.Item{"n": int64(1)}))

	// All of them: an update, a put, a delete, and a check that writes nothing.
	one := test("n", store.Equal, int64(1))
	err := table.Transact(t.Context(), []store.Write{
		{Op: store.Update, Key: a, Add: map[string]int64{"n": 1}, If: store.Condition{one}},
		{Op: store.Delete, Key: b, If: store.Condition{one}},
		{Op: store.Check, Key: c, If: store.Condition{one}},
		put(d, store.Item{"n": int64(4)}, absent()),
	})
	if err != nil {
		t.Fatal(err)
	}
	after := func() {
		t.Helper()
		wantItem(t, table, a, store.Item{"n": int64(2)})
		wantItem(t, table, b, nil)
		wantItem(t, table, c, store.Item{"n": int64(1)})
		wantItem(t, table, d, store.Item{"n": int64(4)})
	}
	after()

	// Or none: whichever condition does not hold.
	two, anything := test("n", store.Equal, int64(2)), store.Item{"x": "y"}
	for failing, writes := range [][]store.Write{
		{set(c, anything, two), put(a, nil), {Op: store.Delete, Key: d}},
		{put(a, nil), set(c, anything, two), {Op: store.Delete, Key: d}},
		{put(a, nil), {Op: store.Delete, Key: d}, {Op: store.Check, Key: c, If: store.Condition{two}}},
		{put(a, nil), set(key("E", "1"), anything), set(c, anything), put(d, nil, absent())},
		{put(a, nil), set(c, anything), set(d, anything), put(b, nil),
			{Op: store.Delete, Key: key("E", "1"), If: store.Condition{test("n", store.Exists, nil)}}},
	} {
		err := table.Transact(t.Context(), writes)
		wantConditionFailed(t, err, failing, nil)
		after()
	}
	err = table.Transact(t.Context(), []store.Write{put(a, nil), set(c, anything, two), set(d, anything, two)})
	wantConditionFailed(t, err, 1, nil) // the first of two
	after()

	if err := table.Transact(t.Context(), []store.Write{{Op: store.Check, Key: c,
		If: store.Condition{one}}}); err != nil {
		t.Errorf("a check alone: %v", err)
	}
	if err := table.Transact(t.Context(), nil); err != nil {
		t.Errorf("no writes: %v", err)
	}

	var many []store.Write
	for i := range 100 {
		many = append(many, put(key("many", fmt.Sprint(i)), store.Item{"i": int64(i)}))
	}
	if err := table.Transact(t.Context(), many); err != nil {
		t.Errorf("100 writes: %v", err)
	}
	for _, w := range many {
		wantItem(t, table, w.Key, w.Item)
	}
}

func testCancelled(t *testing.T, table store.Table) {
	k := key("P", "cancelled")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, get := table.Get(ctx, k)
	_, getEach := table.GetEach(ctx, []store.Key{k})
	_, query := table.Query(ctx, store.Query{Partition: "P"})
	_, write := table.Write(ctx, put(k, nil))
	_, writeEach := table.WriteEach(ctx, []store.Write{put(k, nil, absent())})
	transact := table.Transact(ctx, []store.Write{put(k, nil)})
	for name, err := range map[string]error{
		"get": get, "get each": getEach, "query": query, "write": write, "write each": writeEach, "transact": transact,
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want context.Canceled", name, err)
		}
	}
	wantItem(t, table, k, nil)
}
