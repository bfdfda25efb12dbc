package dynamolimits_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamolimits"
)

// The examples follow "DynamoDB item sizes and formats": numbers take
// (digits+1)/2 + 1 bytes, one more when negative, without trailing zeros.
func TestSizeIsWhatDynamoDBCounts(t *testing.T) {
	for _, test := range []struct {
		item store.Item
		want int
	}{
		{store.Item{}, 0},
		{store.Item{"pk": "P#a", "sk": "S"}, 2 + 3 + 2 + 1},
		{store.Item{"é": "é"}, 2 + 2},
		{store.Item{"b": []byte{1, 2, 3}}, 1 + 3},
		{store.Item{"yes": true}, 3 + 1},
		{store.Item{"n": int64(0)}, 1 + 1},
		{store.Item{"n": int64(7)}, 1 + 2},
		{store.Item{"n": int64(27)}, 1 + 2},
		{store.Item{"n": int64(-27)}, 1 + 3},
		{store.Item{"n": int64(273)}, 1 + 3},
		{store.Item{"n": int64(27_000_000)}, 1 + 2},
		{store.Item{"n": int64(1_790_000_001)}, 1 + 6},
		{store.Item{"n": int64(-1 << 63)}, 1 + 2 + 10},
	} {
		if got := dynamolimits.Size(test.item); got != test.want {
			t.Errorf("size of %v: got %d, want %d", test.item, got, test.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	key := store.Key{PK: "p", SK: "s"}
	for _, test := range []struct {
		name string
		err  error
	}{
		{"no partition key", dynamolimits.Key(store.Key{SK: "s"})},
		{"no sort key", dynamolimits.Key(store.Key{PK: "p"})},
		{"a long partition key", dynamolimits.Key(store.Key{PK: strings.Repeat("p", 2049), SK: "s"})},
		{"a long sort key", dynamolimits.Key(store.Key{PK: "p", SK: strings.Repeat("s", 1024)})},
		{"a key that is not UTF-8", dynamolimits.Key(store.Key{PK: "p", SK: "\xff"})},
		{"a key twice", dynamolimits.Keys([]store.Key{key, key})},
		{"101 keys", dynamolimits.Keys(make([]store.Key, 101))},
		{"no operation", dynamolimits.Write(store.Write{Key: key})},
		{"an update of nothing", dynamolimits.Write(store.Write{Op: store.Update, Key: key})},
		{"a check of nothing", dynamolimits.Transaction([]store.Write{{Op: store.Check, Key: key}})},
		{"a check alone", dynamolimits.Write(store.Write{Op: store.Check, Key: key,
			If: store.Condition{{Attr: "a", Is: store.Missing}}})},
		{"a delete of many", dynamolimits.Each([]store.Write{{Op: store.Delete, Key: key}})},
		{"a put that replaces", dynamolimits.Each([]store.Write{{Op: store.Put, Key: key}})},
		{"26 writes", dynamolimits.Each(distinct(26))},
		{"101 writes", dynamolimits.Transaction(distinct(101))},
		{"a key written twice", dynamolimits.Transaction(append(distinct(2), distinct(1)...))},
		{"an item on an update", dynamolimits.Write(store.Write{Op: store.Update, Key: key,
			Item: store.Item{"a": "b"}})},
		{"a set on a put", dynamolimits.Write(store.Write{Op: store.Put, Key: key, Set: store.Item{"a": "b"}})},
		{"a float", dynamolimits.Write(store.Write{Op: store.Put, Key: key, Item: store.Item{"a": 1.5}})},
		{"an int", dynamolimits.Write(store.Write{Op: store.Put, Key: key, Item: store.Item{"a": 1}})},
		{"a nil", dynamolimits.Write(store.Write{Op: store.Put, Key: key, Item: store.Item{"a": nil}})},
		{"a string that is not UTF-8", dynamolimits.Write(store.Write{Op: store.Put, Key: key,
			Item: store.Item{"a": "\xff"}})},
		{"a name that is empty", dynamolimits.Write(store.Write{Op: store.Put, Key: key, Item: store.Item{"": "a"}})},
		{"setting the key", dynamolimits.Write(store.Write{Op: store.Update, Key: key, Set: store.Item{"pk": "q"}})},
		{"removing the key", dynamolimits.Write(store.Write{Op: store.Update, Key: key, Remove: []string{"sk"}})},
		{"set and add", dynamolimits.Write(store.Write{Op: store.Update, Key: key, Set: store.Item{"a": int64(1)},
			Add: map[string]int64{"a": 1}})},
		{"set and remove", dynamolimits.Write(store.Write{Op: store.Update, Key: key, Set: store.Item{"a": int64(1)},
			Remove: []string{"a"}})},
		{"no comparison", dynamolimits.Write(store.Write{Op: store.Delete, Key: key,
			If: store.Condition{{Attr: "a"}}})},
		{"a test of nothing", dynamolimits.Write(store.Write{Op: store.Delete, Key: key,
			If: store.Condition{{Is: store.Exists}}})},
		{"an empty slot", dynamolimits.Write(store.Write{Op: store.Update, Key: key, Set: store.Item{"slot": ""}})},
		{"a number as member", dynamolimits.Write(store.Write{Op: store.Put, Key: key,
			Item: store.Item{"member": int64(3)}})},
		{"adding to a slot", dynamolimits.Write(store.Write{Op: store.Update, Key: key,
			Add: map[string]int64{"slot": 1}})},
		{"a long member", dynamolimits.Write(store.Write{Op: store.Put, Key: key,
			Item: store.Item{"member": strings.Repeat("m", 1024)}})},
		{"removing twice", dynamolimits.Write(store.Write{Op: store.Update, Key: key, Remove: []string{"a", "a"}})},
		{"a big item", dynamolimits.Item(store.Item{"a": strings.Repeat("a", 400<<10)})},
		{"a query of nothing", dynamolimits.Query(store.Query{})},
		{"a negative limit", dynamolimits.Query(store.Query{Partition: "p", Limit: -1})},
	} {
		if test.err == nil {
			t.Errorf("%s: got no error", test.name)
		}
	}
}

func TestTheLargestThingsPass(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
	}{
		{"key", dynamolimits.Key(store.Key{PK: strings.Repeat("p", 2048), SK: strings.Repeat("s", 1023)})},
		{"item", dynamolimits.Item(store.Item{"a": strings.Repeat("a", 400<<10-1)})},
		{"25 writes", dynamolimits.Each(distinct(25))},
		{"100 writes", dynamolimits.Transaction(distinct(100))},
		{"query", dynamolimits.Query(store.Query{Partition: "p", After: "a", To: "a"})},
	} {
		if test.err != nil {
			t.Errorf("%s: got %v", test.name, test.err)
		}
	}
}

// distinct is so many writes of different keys.
func distinct(n int) (writes []store.Write) {
	for i := range n {
		writes = append(writes, store.Write{Op: store.Put, Key: store.Key{PK: "p", SK: fmt.Sprint(i)},
			If: store.Condition{{Attr: store.AttrPK, Is: store.Missing}}})
	}
	return writes
}
