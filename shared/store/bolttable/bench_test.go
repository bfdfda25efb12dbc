package bolttable_test

import (
	"fmt"
	"testing"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/bolttable"
)

// Writes to a file wait for the disk; "16 callers" shows how they share it.
func BenchmarkTable(b *testing.B) {
	for _, operation := range []struct {
		name    string
		callers int // for each processor; 0: one alone
		do      func(table store.Table, n int) error
	}{
		{"get", 0, get},
		{"get of 25", 0, getEach},
		{"query of 20", 0, query},
		{"slots of 100", 0, querySlots},
		{"claim", 0, claim},
		{"claim, 16 callers", 8, claim},
		{"claim of 25", 0, claimEach},
		{"claim of 25, 16 callers", 8, claimEach},
		{"transact 3", 0, transact},
	} {
		b.Run(operation.name, func(b *testing.B) {
			table := open(b, bolttable.Options{})
			fill(b, table)
			b.ReportAllocs()
			b.ResetTimer()
			if operation.callers == 0 {
				for n := range b.N {
					if err := operation.do(table, n); err != nil {
						b.Fatal(err)
					}
				}
				return
			}
			b.SetParallelism(operation.callers)
			b.RunParallel(func(run *testing.PB) {
				for n := 0; run.Next(); n++ {
					if err := operation.do(table, n); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

const benchPeople = 5000

func benchKey(n int) store.Key {
	return store.Key{PK: fmt.Sprintf("P#%016d", n*7919%benchPeople), SK: "SUB#1"}
}

// fill makes subscriptions of the size that they have.
func fill(b *testing.B, table store.Table) {
	b.Helper()
	var writes []store.Write
	for n := range benchPeople {
		k := benchKey(n)
		writes = append(writes, store.Write{Op: store.Put, Key: k, Item: store.Item{
			"slot": fmt.Sprint("Europe/Berlin|07:30|daily|", n%10), "member": k.PK + "#1",
			"kind": "checkin", "rule": "FREQ=DAILY", "zone": "Europe/Berlin", "version": int64(3),
			"firstDate": "2026-11-01", "address": "somebody@example.test", "name": "Somebody", "path": "foundations",
			"status": "active", "privacy": "no-quotes", "lastDate": "2026-11-01", "nonce": "0123456789abcdef",
			"state": "open", "at": int64(1_790_000_000), "card": int64(12), "seen": []byte{1, 2, 3, 4},
		}})
		if len(writes) == 25 {
			if _, err := table.WriteEach(ctx, writes); err != nil {
				b.Fatal(err)
			}
			writes = nil
		}
	}
}

func get(table store.Table, n int) error {
	_, err := table.Get(ctx, benchKey(n))
	return err
}

func getEach(table store.Table, n int) error {
	var keys []store.Key
	for i := range 25 {
		keys = append(keys, benchKey(25*n+i))
	}
	_, err := table.GetEach(ctx, keys)
	return err
}

func query(table store.Table, n int) error {
	_, err := table.Query(ctx, store.Query{Slots: true, Partition: "Europe/Berlin|07:30|daily|1", Limit: 20})
	return err
}

func querySlots(table store.Table, n int) error {
	_, err := table.Query(ctx,
		store.Query{Slots: true, Partition: fmt.Sprint("Europe/Berlin|07:30|daily|", n%10), Limit: 100})
	return err
}

func claimOf(n int) store.Write {
	return store.Write{
		Op: store.Update, Key: benchKey(n),
		If: store.Condition{
			{Attr: "status", Is: store.Equal, Value: "active"},
			{Attr: "version", Is: store.Equal, Value: int64(3)},
			{Attr: "lastDate", Is: store.NotEqual, Value: "2026-11-03"},
		},
		Set: store.Item{
			"lastDate": "2026-11-02", "nonce": "fedcba9876543210", "state": "open", "at": int64(1_790_000_060),
			"card": int64(13), "seen": []byte{1, 2, 3, 5},
		},
	}
}

func claim(table store.Table, n int) error {
	_, err := table.Write(ctx, claimOf(n))
	return err
}

func claimEach(table store.Table, n int) error {
	var writes []store.Write
	for i := range 25 {
		writes = append(writes, claimOf(25*n+i))
	}
	_, err := table.WriteEach(ctx, writes)
	return err
}

func transact(table store.Table, n int) error {
	return table.Transact(ctx, []store.Write{claimOf(n), claimOf(n + 1), claimOf(n + 2)})
}
