package tabletest

import (
	"fmt"
	"strings"
	"testing"

	"example.org/mend/shared/store"
)

// Refusals holds a table to what DynamoDB refuses. What is refused changes nothing, and its error
// is no ConditionFailed. With ours, the table refuses as well what no code of ours may ask for:
// what DynamoDB would do in part, or in another way than it was meant.
func Refusals(t *testing.T, open func(t *testing.T) store.Table, ours bool) {
	t.Run("writes", func(t *testing.T) { testRefusedWrites(t, open(t), ours) })
	t.Run("size", func(t *testing.T) { testRefusedSize(t, open(t)) })
	t.Run("lists", func(t *testing.T) { testRefusedLists(t, open(t), ours) })
	t.Run("reads", func(t *testing.T) { testRefusedReads(t, open(t), ours) })
}

func testRefusedWrites(t *testing.T, table store.Table, ours bool) {
	k, there := key("P", "refused"), store.Item{"a": "1", "n": int64(1)}
	mustWrite(t, table, put(k, there))
	big := strings.Repeat("x", 400<<10)
	type refusal struct {
		name  string
		write store.Write
	}
	refusals := []refusal{
		{"an item over 400 KB", put(k, store.Item{"big": big})},
		{"an item that grows over 400 KB", set(k, store.Item{"big": big})},
		{"an empty slot", set(k, store.Item{store.AttrSlot: "", store.AttrMember: "m"})},
		{"an empty member", put(k, store.Item{store.AttrSlot: "s", store.AttrMember: ""})},
		{"an empty sort key", put(key("P", ""), nil)},
		{"an empty partition key", put(key("", "refused"), nil)},
		{"a long sort key", put(key("P", strings.Repeat("s", 1025)), nil)},
		{"an update of the key", set(k, store.Item{store.AttrSK: "other"})},
		{"adding to a string", store.Write{Op: store.Update, Key: k, Add: map[string]int64{"a": 1}}},
		{"setting and adding", store.Write{Op: store.Update, Key: k, Set: store.Item{"n": int64(1)},
			Add: map[string]int64{"n": 1}}},
		{"setting and removing", store.Write{Op: store.Update, Key: k, Set: store.Item{"n": int64(1)},
			Remove: []string{"n"}}},
		{"a check alone", store.Write{Op: store.Check, Key: k, If: store.Condition{test("n", store.Exists, nil)}}},
		{"a check of nothing", store.Write{Op: store.Check, Key: k}},
		{"an update of nothing", store.Write{Op: store.Update, Key: k}},
		{"no operation", store.Write{Key: k}},
	}
	if ours {
		refusals = append(refusals, []refusal{
			{"another type of value", put(k, store.Item{"a": 1.5})},
			{"an int", put(k, store.Item{"a": 1})},
			{"a nil", put(k, store.Item{"a": nil})},
			{"a sort key that has no next", put(key("P", strings.Repeat("s", 1024)), nil)},
			{"a string that is not UTF-8", put(k, store.Item{"a": "\xff"})},
			{"a slot that is a number", set(k, store.Item{store.AttrSlot: int64(1), store.AttrMember: "m"})},
		}...)
	}
	for _, refusal := range refusals {
		_, err := table.Write(t.Context(), refusal.write)
		wantRefused(t, refusal.name, err)
		err = table.Transact(t.Context(), []store.Write{set(key("P", "beside"), store.Item{"a": "1"}), refusal.write})
		if refusal.name != "a check alone" {
			wantRefused(t, refusal.name+" in a transaction", err)
			wantItem(t, table, key("P", "beside"), nil)
		}
		mustWrite(t, table, store.Write{Op: store.Delete, Key: key("P", "beside")})
	}
	wantItem(t, table, k, there)
}

// The largest item of all, to the byte: names and values count (pk, P, sk, large, big).
func testRefusedSize(t *testing.T, table store.Table) {
	large := key("P", "large")
	fits := store.Item{"big": strings.Repeat("x", 400<<10-2-1-2-5-3)}
	mustWrite(t, table, put(large, fits))
	wantItem(t, table, large, fits)
	_, err := table.Write(t.Context(), set(large, store.Item{"y": ""}))
	wantRefused(t, "one byte more", err)
}

func testRefusedLists(t *testing.T, table store.Table, ours bool) {
	var writes []store.Write
	var keys []store.Key
	for i := range 101 {
		writes = append(writes, set(key("many", fmt.Sprint(i)), store.Item{"i": int64(i)}))
		keys = append(keys, writes[i].Key)
	}
	each := map[string][]store.Write{
		"26 writes":   writes[:26],
		"a key twice": {writes[0], writes[1], writes[0]},
	}
	if ours {
		each["a delete"] = []store.Write{writes[0], {Op: store.Delete, Key: keys[1]}}
		each["a check"] = []store.Write{writes[0], {Op: store.Check, Key: keys[1]}}
		each["an empty key"] = []store.Write{writes[0], set(key("many", ""), store.Item{"x": "y"})}
		each["a put that replaces"] = []store.Write{writes[0], put(keys[1], nil)}
		each["an update that adds"] = []store.Write{writes[0], {Op: store.Update, Key: keys[1],
			Add: map[string]int64{"n": 1}}}
		each["a test of the key"] = []store.Write{writes[0], set(keys[1], store.Item{"x": "y"},
			test(store.AttrPK, store.Exists, nil))}
		each["a type unknown"] = []store.Write{writes[0], set(keys[1], store.Item{"a": 1})}
	}
	for name, refused := range each {
		_, err := table.WriteEach(t.Context(), refused)
		wantRefused(t, name, err)
	}
	wantRefused(t, "101 writes", table.Transact(t.Context(), writes))
	wantRefused(t, "a key twice in a transaction",
		table.Transact(t.Context(), []store.Write{writes[0], {Op: store.Check, Key: keys[0]}}))
	wantSorts(t, table, store.Query{Partition: "many"})

	_, err := table.GetEach(t.Context(), keys)
	wantRefused(t, "101 keys", err)
	_, err = table.GetEach(t.Context(), []store.Key{keys[0], keys[1], keys[0]})
	wantRefused(t, "a key twice", err)
}

func testRefusedReads(t *testing.T, table store.Table, ours bool) {
	refused := map[string]store.Query{"no partition": {}, "no partition of a slot": {Slots: true}}
	if ours {
		refused["a limit below zero"] = store.Query{Partition: "P", Limit: -1}
	}
	for name, q := range refused {
		_, err := table.Query(t.Context(), q)
		wantRefused(t, "a query with "+name, err)
	}
	_, err := table.Get(t.Context(), key("P", ""))
	wantRefused(t, "reading an empty sort key", err)
}

func wantRefused(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: got no error", what)
	} else if isConditionFailed(err) {
		t.Errorf("%s: got %v, which says that it could succeed", what, err)
	}
}
