package tabletest

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"testing"

	"example.org/mend/shared/store"
)

// Of many claims on the same occurrence one is kept, whichever way they come.
func testOneWinner(t *testing.T, table store.Table) {
	const claimants = 16
	ways := []struct {
		name  string
		claim func(store.Write) error
	}{
		{"write", func(w store.Write) error { _, err := table.Write(t.Context(), w); return err }},
		{"write each", func(w store.Write) error {
			errs, err := table.WriteEach(t.Context(), []store.Write{w})
			return cmp.Or(err, errors.Join(errs...))
		}},
		{"transact", func(w store.Write) error { return table.Transact(t.Context(), []store.Write{w}) }},
	}
	for _, way := range ways {
		k := key("P", way.name)
		mustWrite(t, table, put(k, store.Item{"lastDate": "2026-11-01"}))
		for round := range 5 {
			before, date := fmt.Sprintf("2026-11-%02d", round+1), fmt.Sprintf("2026-11-%02d", round+2)
			errs := together(claimants, func(i int) error {
				return way.claim(store.Write{
					Op: store.Update, Key: k,
					If:  store.Condition{test("lastDate", store.Equal, before)},
					Set: store.Item{"lastDate": date, "nonce": fmt.Sprint(i)},
				})
			})
			winner := -1
			for i, err := range errs {
				switch {
				case err == nil && winner >= 0:
					t.Fatalf("%s: both %d and %d won", way.name, winner, i)
				case err == nil:
					winner = i
				case !isConditionFailed(err):
					t.Fatalf("%s: claimant %d: %v", way.name, i, err)
				}
			}
			if winner < 0 {
				t.Fatalf("%s: nobody won", way.name)
			}
			wantItem(t, table, k, store.Item{"lastDate": date, "nonce": fmt.Sprint(winner)})
		}
	}
}

// After a stop has committed no claim commits, and no claim is half done.
func testClaimAgainstStop(t *testing.T, table store.Table) {
	for round := range 10 {
		person, sub := key(fmt.Sprint("P#", round), "PERSON"), key(fmt.Sprint("P#", round), "SUB#1")
		mustWrite(t, table, put(person, store.Item{"version": int64(1)}),
			put(sub, store.Item{"status": "active", store.AttrSlot: "slot", store.AttrMember: fmt.Sprint(round)}))
		claim := store.Write{
			Op: store.Update, Key: sub,
			If:  store.Condition{test("status", store.Equal, "active")},
			Set: store.Item{"nonce": "mine"},
		}
		claimed := 0
		errs := together(2, func(i int) error {
			if i == 0 {
				return table.Transact(t.Context(), []store.Write{
					{Op: store.Update, Key: person, If: store.Condition{test("version", store.Equal, int64(1))},
						Add: map[string]int64{"version": 1}},
					{Op: store.Update, Key: sub, Set: store.Item{"status": "stopped"},
						Remove: []string{store.AttrSlot}},
				})
			}
			for range manyTimes {
				claim.Set["claims"] = int64(claimed + 1)
				errs, err := table.WriteEach(t.Context(), []store.Write{claim})
				if err := cmp.Or(err, errors.Join(errs...)); err != nil {
					return err
				}
				claimed++
			}
			return errNotStopped
		})
		if errs[0] != nil {
			t.Fatalf("stop: %v", errs[0])
		}
		if !isConditionFailed(errs[1]) {
			t.Fatalf("claim: %v", errs[1])
		}
		want := store.Item{"status": "stopped", store.AttrMember: fmt.Sprint(round)}
		if claimed > 0 {
			want["nonce"], want["claims"] = "mine", int64(claimed)
		}
		wantItem(t, table, sub, want)
		_, err := table.Write(t.Context(), claim)
		wantConditionFailed(t, err, 0, with(sub, want))
		wantItem(t, table, person, store.Item{"version": int64(2)})
	}
	wantQuery(t, table, store.Query{Slots: true, Partition: "slot"}, nil)
}

// A reply that is stored on condition that the person is there never outlives an erasure
// that removes the person and then all that it finds.
func testEraseAgainstReply(t *testing.T, table store.Table) {
	for round := range 10 {
		pk := fmt.Sprint("P#", round)
		person := key(pk, "PERSON")
		mustWrite(t, table, put(person, store.Item{"status": "active"}))
		errs := together(4, func(i int) error {
			if i == 0 {
				if _, err := table.Write(t.Context(), store.Write{Op: store.Delete, Key: person}); err != nil {
					return err
				}
				items, err := queryAll(t, table, store.Query{Partition: pk})
				if err != nil {
					return err
				}
				for _, it := range items {
					if _, err := table.Write(t.Context(), store.Write{Op: store.Delete, Key: it.Key()}); err != nil {
						return err
					}
				}
				return nil
			}
			for n := range manyTimes {
				err := table.Transact(t.Context(), []store.Write{
					{Op: store.Check, Key: person, If: store.Condition{test("status", store.Equal, "active")}},
					put(key(pk, fmt.Sprintf("REPLY#%d#%d", i, n)), store.Item{"words": "mine"}, absent()),
				})
				if err != nil {
					return err
				}
			}
			return errNotStopped
		})
		if errs[0] != nil {
			t.Fatalf("erasing: %v", errs[0])
		}
		for _, err := range errs[1:] {
			if !isConditionFailed(err) {
				t.Fatalf("replying: %v", err)
			}
		}
		wantSorts(t, table, store.Query{Partition: pk})
	}
}

// Transfers between accounts, some of them by single writes beside, keep the sum.
func testTransactionsDoNotMix(t *testing.T, table store.Table) {
	const accounts, workers, transfers = 4, 4, 20
	account := func(i int) store.Key { return key(fmt.Sprint("A", i%accounts), "-") }
	for i := range accounts {
		mustWrite(t, table, put(account(i), store.Item{"sum": int64(100), "moves": int64(0)}))
	}
	errs := together(workers, func(i int) error {
		for n := range transfers {
			from, to := account(i+n), account(i+n+1+n%2)
			err := table.Transact(t.Context(), []store.Write{
				{Op: store.Update, Key: from, Add: map[string]int64{"sum": -1, "moves": 1},
					If: store.Condition{test("sum", store.Exists, nil)}},
				{Op: store.Update, Key: to, Add: map[string]int64{"sum": 1, "moves": 1}},
			})
			if err != nil {
				return err
			}
			if _, err := table.Write(t.Context(), store.Write{Op: store.Update, Key: account(n),
				Add: map[string]int64{"moves": 1}}); err != nil {
				return err
			}
		}
		return nil
	})
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	var sum, moves int64
	for i := range accounts {
		it, err := table.Get(t.Context(), account(i))
		if err != nil {
			t.Fatal(err)
		}
		sum += it["sum"].(int64)
		moves += it["moves"].(int64)
	}
	if sum != 100*accounts || moves != 3*workers*transfers {
		t.Errorf("got sum %d and %d moves, want %d and %d", sum, moves, 100*accounts, 3*workers*transfers)
	}
}

// manyTimes is more than a race can last.
const manyTimes = 100_000

var errNotStopped = errors.New("never stopped")

// together runs n of them at once.
func together(n int, do func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	all.Wait()
	return errs
}
