// Package tabletest is the suite of tests that every [store.Table] has to pass. Each adapter runs
// it:
//
//	func TestTable(t *testing.T) {
//		tabletest.Run(t, func(t *testing.T) store.Table { … })
//	}
//
// What the contract calls eventually consistent is read again until it agrees, and at
// most [patience] times; no test sleeps. With -short the large ones are left out.
package tabletest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"example.org/mend/shared/store"

	"github.com/google/go-cmp/cmp"
)

// Run holds a table to its contract. open gives an empty table, which it also removes
// when the test is over; it is called once for each part of the suite.
func Run(t *testing.T, open func(t *testing.T) store.Table) {
	for _, part := range []struct {
		name string
		test func(t *testing.T, table store.Table)
	}{
		{"items", testItems},
		{"values", testValues},
		{"conditions", testConditions},
		{"put", testPut},
		{"update", testUpdate},
		{"delete", testDelete},
		{"get each", testGetEach},
		{"get each of much", testGetEachOfMuch},
		{"write each", testWriteEach},
		{"transact", testTransact},
		{"query", testQuery},
		{"query of unusual keys", testUnusualKeys},
		{"query in pages", testPages},
		{"query of much", testQueryOfMuch},
		{"ten thousand replies", testTenThousand},
		{"slots", testSlots},
		{"slots in pages", testSlotPages},
		{"isolation", testIsolation},
		{"one winner", testOneWinner},
		{"claim against stop", testClaimAgainstStop},
		{"erase against reply", testEraseAgainstReply},
		{"transactions do not mix", testTransactionsDoNotMix},
		{"cancelled", testCancelled},
		{"model", testModel},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, open(t)) })
	}
}

// tester is a *testing.T or *rapid.T.
type tester interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// patience is how often something eventually consistent is read.
const patience = 2000

func eventually(t tester, what string, read func() (difference string)) {
	t.Helper()
	var difference string
	for range patience {
		if difference = read(); difference == "" {
			return
		}
	}
	t.Fatalf("%s (-want +got):\n%s", what, difference)
}

// diff is empty if the two are the same.
func diff(want, got any) string {
	return cmp.Diff(want, got, cmp.Comparer(func(a, b []byte) bool { return bytes.Equal(a, b) }))
}

func key(pk, sk string) store.Key { return store.Key{PK: pk, SK: sk} }

// with is an item with its key in it.
func with(k store.Key, attrs store.Item) store.Item {
	it := store.Item{store.AttrPK: k.PK, store.AttrSK: k.SK}
	for name, v := range attrs {
		it[name] = v
	}
	return it
}

func put(k store.Key, attrs store.Item, condition ...store.Test) store.Write {
	return store.Write{Op: store.Put, Key: k, Item: attrs, If: condition}
}

func set(k store.Key, attrs store.Item, condition ...store.Test) store.Write {
	return store.Write{Op: store.Update, Key: k, Set: attrs, If: condition}
}

func absent() store.Test { return store.Test{Attr: store.AttrPK, Is: store.Missing} }

func test(attr string, is store.Comparison, value any) store.Test {
	return store.Test{Attr: attr, Is: is, Value: value}
}

func mustWrite(t tester, table store.Table, writes ...store.Write) {
	t.Helper()
	for _, w := range writes {
		if _, err := table.Write(t.Context(), w); err != nil {
			t.Fatalf("writing %v: %v", w.Key, err)
		}
	}
}

// mustPutAll puts many items, 25 at a time.
func mustPutAll(t tester, table store.Table, writes []store.Write) {
	t.Helper()
	for len(writes) > 0 {
		some := writes[:min(25, len(writes))]
		errs, err := table.WriteEach(t.Context(), some)
		if err != nil {
			t.Fatalf("writing %d items: %v", len(some), err)
		}
		for i, err := range errs {
			if err != nil {
				t.Fatalf("writing %v: %v", some[i].Key, err)
			}
		}
		writes = writes[len(some):]
	}
}

func wantItem(t tester, table store.Table, k store.Key, want store.Item) {
	t.Helper()
	got, err := table.Get(t.Context(), k)
	if err != nil {
		t.Fatalf("reading %v: %v", k, err)
	}
	if want != nil {
		want = with(k, want)
	}
	if d := diff(want, got); d != "" {
		t.Errorf("item %v (-want +got):\n%s", k, d)
	}
}

// wantConditionFailed wants the old item, nil for none.
func wantConditionFailed(t tester, err error, index int, old store.Item) {
	t.Helper()
	var failed *store.ConditionFailed
	if !errors.As(err, &failed) {
		t.Fatalf("got error %v, want a ConditionFailed", err)
	}
	if failed.Index != index {
		t.Errorf("got index %d, want %d", failed.Index, index)
	}
	if d := diff(old, failed.Old); d != "" {
		t.Errorf("old item (-want +got):\n%s", d)
	}
}

// queryAll follows the pages to the end and checks that each keeps to the limit.
func queryAll(t tester, table store.Table, q store.Query) ([]store.Item, error) {
	t.Helper()
	var all []store.Item
	for range 100_000 {
		page, err := table.Query(t.Context(), q)
		if err != nil {
			return nil, fmt.Errorf("querying %+v: %w", q, err)
		}
		if q.Limit > 0 && len(page.Items) > q.Limit {
			t.Fatalf("query %+v: got %d items in a page", q, len(page.Items))
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all, nil
		}
		q.After = page.Next
	}
	t.Fatalf("query %+v: no end to the pages", q)
	return nil, nil
}

// wantQuery wants the items of all pages; where the query is of the index, in the end.
func wantQuery(t tester, table store.Table, q store.Query, want []store.Item) {
	t.Helper()
	read := func() string {
		got, err := queryAll(t, table, q)
		if err != nil {
			t.Fatal(err)
		}
		return diff(want, got)
	}
	if q.Slots {
		eventually(t, fmt.Sprintf("query %+v", q), read)
	} else if d := read(); d != "" {
		t.Errorf("query %+v (-want +got):\n%s", q, d)
	}
}

// wantSorts wants the sort keys sk, in this order.
func wantSorts(t tester, table store.Table, q store.Query, want ...string) {
	t.Helper()
	items, err := queryAll(t, table, q)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, it := range items {
		got = append(got, it.Key().SK)
	}
	if d := diff(want, got); d != "" {
		t.Errorf("query %+v (-want +got):\n%s", q, d)
	}
}
