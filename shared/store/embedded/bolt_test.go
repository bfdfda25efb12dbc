package embedded

import (
	"errors"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// Updates that come while another is being committed share the next
// transaction; those among them that fail or panic do so alone.
func TestWaitingUpdatesShareATransaction(t *testing.T) {
	db, err := Open(filepath.Join(t.TempDir(), "mend.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	engine := db.engine.(*boltEngine)
	put := func(key string) func(Tx) error {
		return func(tx Tx) error { return tx.Bucket("a").Put([]byte(key), []byte("x")) }
	}
	wrong := errors.New("wrong")
	before := transactions(t, engine)

	// The first holds the file until all the others wait.
	var all sync.WaitGroup
	begun, release := make(chan struct{}), make(chan struct{})
	all.Go(func() {
		err := db.Update(t.Context(), func(tx Tx) error {
			close(begun)
			<-release
			return put("first")(tx)
		})
		if err != nil {
			t.Errorf("first: %v", err)
		}
	})
	<-begun
	const puts = 20
	for i := range puts {
		all.Go(func() {
			if err := db.Update(t.Context(), put(string(rune('a'+i)))); err != nil {
				t.Errorf("put %d: %v", i, err)
			}
		})
	}
	all.Go(func() {
		err := db.Update(t.Context(), func(tx Tx) error { return errors.Join(put("failed")(tx), wrong) })
		if !errors.Is(err, wrong) {
			t.Errorf("failing: got %v, want %v", err, wrong)
		}
	})
	all.Go(func() {
		defer func() {
			if got := recover(); got != "a bug" {
				t.Errorf("panicking: got %v, want its own panic", got)
			}
		}()
		_ = db.Update(t.Context(), func(tx Tx) error {
			_ = put("panicked")(tx)
			panic("a bug")
		})
	})
	for waiting := 0; waiting < puts+2; runtime.Gosched() {
		engine.mu.Lock()
		waiting = len(engine.waiting)
		engine.mu.Unlock()
	}
	close(release)
	all.Wait()

	if got := transactions(t, engine) - before; got != 2 {
		t.Errorf("got %d transactions, want 2: the first, and one for all that waited", got)
	}
	err = db.View(t.Context(), func(tx Tx) error {
		n := 0
		for range tx.Bucket("a").Ascend(nil, nil) {
			n++
		}
		if n != puts+1 {
			t.Errorf("got %d keys, want %d", n, puts+1)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// An update that writes nothing, such as a condition that does not hold, does not wait for the disk.
func TestUpdateWithoutWritesCommitsNothing(t *testing.T) {
	db, err := Open(filepath.Join(t.TempDir(), "mend.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	engine := db.engine.(*boltEngine)
	before := transactions(t, engine)
	if err := db.Update(t.Context(), func(tx Tx) error { tx.Bucket("a").Get([]byte("x")); return nil }); err != nil {
		t.Fatal(err)
	}
	if got := transactions(t, engine) - before; got != 0 {
		t.Errorf("got %d transactions, want none", got)
	}
}

// transactions counts those that were committed since the file was made.
func transactions(t *testing.T, e *boltEngine) int {
	t.Helper()
	n := 0
	err := e.file.View(func(tx *bolt.Tx) error {
		n = tx.ID()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
