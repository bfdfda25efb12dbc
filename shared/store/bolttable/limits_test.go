package bolttable_test

import (
	"strings"
	"testing"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/bolttable"
)

// DynamoDB takes 4 MB in a transaction.
func TestTransactionOver4MBIsRefused(t *testing.T) {
	table := open(t, bolttable.Options{NoSync: true})
	writes := make([]store.Write, 12)
	for i := range writes {
		words := strings.Repeat("x", 380_000)
		writes[i] = store.Write{
			Op:   store.Put,
			Key:  store.Key{PK: "P", SK: strings.Repeat("x", i+1)},
			Item: store.Item{"words": words},
		}
	}
	if err := table.Transact(t.Context(), writes); err == nil {
		t.Error("4.6 MB: got no error")
	}
	page, err := table.Query(t.Context(), store.Query{Partition: "P"})
	if err != nil || len(page.Items) != 0 {
		t.Errorf("got %d items, %v, want none", len(page.Items), err)
	}
	if err := table.Transact(t.Context(), writes[:11]); err != nil {
		t.Errorf("4.2 MB (4 MB being 4,194,304 bytes): %v", err)
	}
}
