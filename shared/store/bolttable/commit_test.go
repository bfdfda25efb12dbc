package bolttable

import (
	"context"
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
	put := func(key string) func(*bolt.Tx) error {
		return func(tx *bolt.Tx) error { return tx.Bucket(formatBucket).Put([]byte(key), []byte("x")) }
	}
	wrong := errors.New("wrong")
	before := transactions(t, db)

	// The first holds the file until all the others wait.
	var all sync.WaitGroup
	begun, release := make(chan struct{}), make(chan struct{})
	all.Go(func() {
		err := db.Update(t.Context(), func(tx *bolt.Tx) error {
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
		err := db.Update(t.Context(), func(tx *bolt.Tx) error { return errors.Join(put("failed")(tx), wrong) })
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
		_ = db.Update(t.Context(), func(tx *bolt.Tx) error {
			_ = put("panicked")(tx)
			panic("a bug")
		})
	})
	for waiting := 0; waiting < puts+2; runtime.Gosched() {
		db.mu.Lock()
		waiting = len(db.waiting)
		db.mu.Unlock()
	}
	close(release)
	all.Wait()

	if got := transactions(t, db) - before; got != 2 {
		t.Errorf("got %d transactions, want 2: the first, and one for all that waited", got)
	}
	err = db.View(t.Context(), func(tx *bolt.Tx) error {
		n := tx.Bucket(formatBucket).Stats().KeyN - 1 // the format
		if n != puts+1 {
			t.Errorf("got %d keys, want %d", n, puts+1)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// An update that writes nothing, such as a condition that does not hold, does not wait
// for the disk.
func TestUpdateWithoutWritesCommitsNothing(t *testing.T) {
	db, err := Open(filepath.Join(t.TempDir(), "mend.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	before := transactions(t, db)
	err = db.Update(t.Context(), func(tx *bolt.Tx) error { tx.Bucket(formatBucket).Get([]byte("x")); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if got := transactions(t, db) - before; got != 0 {
		t.Errorf("got %d transactions, want none", got)
	}
}

// transactions counts those that were committed since the file was made.
func transactions(t *testing.T, db *DB) int {
	t.Helper()
	n := 0
	err := db.bolt.View(func(tx *bolt.Tx) error {
		n = tx.ID()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// What is to be done later goes with the next write, and a close does what is left of it.
func TestLaterGoesWithTheNextWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	put := func(key string) func(*bolt.Tx) error {
		return func(tx *bolt.Tx) error { return tx.Bucket(formatBucket).Put([]byte(key), []byte("x")) }
	}
	holds := func(key string) (there bool) {
		t.Helper()
		err := db.View(t.Context(), func(tx *bolt.Tx) error {
			there = tx.Bucket(formatBucket).Get([]byte(key)) != nil
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return there
	}
	before := transactions(t, db)
	db.Later(put("one"))
	db.Later(put("two"))
	if holds("one") {
		t.Error("it was done at once")
	}
	if err := db.Update(t.Context(), put("three")); err != nil {
		t.Fatal(err)
	}
	if !holds("one") || !holds("two") || !holds("three") || transactions(t, db) != before+1 {
		t.Errorf("after a write: one %v, two %v, three %v, in %d transactions, want all in one", holds("one"),
			holds("two"), holds("three"), transactions(t, db)-before)
	}
	db.Later(put("four"))
	if err := db.ForgetNow(t.Context()); err != nil || !holds("four") {
		t.Errorf("flushed: %v, there %v", err, holds("four"))
	}
	db.Later(put("five"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if !holds("five") {
		t.Error("a close did not do what was left")
	}
}

// What is done together is one transaction, of which no one else sees a part. One error
// undoes all of it.
func TestTogetherIsOneTransaction(t *testing.T) {
	db, err := Open(filepath.Join(t.TempDir(), "mend.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	put := func(key string) func(*bolt.Tx) error {
		return func(tx *bolt.Tx) error { return tx.Bucket(formatBucket).Put([]byte(key), []byte("x")) }
	}
	holds := func(ctx context.Context, key string) (there bool) {
		t.Helper()
		err := db.View(ctx, func(tx *bolt.Tx) error {
			there = tx.Bucket(formatBucket).Get([]byte(key)) != nil
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return there
	}
	before := transactions(t, db)
	var other sync.WaitGroup
	err = db.Together(t.Context(), func(ctx context.Context) error {
		err := db.Update(ctx, put("one"))
		db.Later(put("later"))
		other.Go(func() {
			if err := db.Update(t.Context(), put("other")); err != nil {
				t.Error(err)
			}
		})
		if !holds(ctx, "one") || holds(t.Context(), "one") {
			t.Error("its own context doesn't see what was written, or another does")
		}
		return errors.Join(err, db.Update(ctx, put("two")))
	})
	if err != nil {
		t.Fatal(err)
	}
	other.Wait()
	for _, key := range []string{"one", "two", "later", "other"} {
		if !holds(t.Context(), key) {
			t.Errorf("%s is not there", key)
		}
	}
	if got := transactions(t, db) - before; got != 2 {
		t.Errorf("got %d transactions, want 2: this, and that of the other", got)
	}

	wrong := errors.New("wrong")
	for name, do := range map[string]func(context.Context) error{
		"of all": func(ctx context.Context) error { return errors.Join(db.Update(ctx, put("undone")), wrong) },
		"of a write": func(ctx context.Context) error {
			_ = db.Update(ctx, func(tx *bolt.Tx) error { return errors.Join(put("undone")(tx), wrong) })
			return nil
		},
	} {
		if err := db.Together(t.Context(), do); !errors.Is(err, wrong) || holds(t.Context(), "undone") {
			t.Errorf("an error %s: got %v, kept %v", name, err, holds(t.Context(), "undone"))
		}
	}
}
