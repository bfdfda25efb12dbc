package bolttable

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/mend/shared/store"

	bolt "go.etcd.io/bbolt"
)

// A full disk is an error to whoever writes, and costs nothing that was kept.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	db, err := Open(path, Options{NoSync: true, maxBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	kept, full := 0, false
	put := func(n int) error {
		words := strings.Repeat("x", 10_000)
		_, err := db.Write(t.Context(), store.Write{
			Op:   store.Put,
			Key:  store.Key{PK: "P", SK: strings.Repeat("x", n+1)},
			Item: store.Item{"words": words},
		})
		return err
	}
	for n := range 200 {
		if err := put(n); err != nil {
			full = true
			break
		}
		kept++
	}
	if !full || kept == 0 {
		t.Fatalf("got full %v after %d writes", full, kept)
	}
	count := func(db *DB) int {
		page, err := db.Query(t.Context(), store.Query{Partition: "P"})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Items)
	}
	if got := count(db); got != kept {
		t.Errorf("got %d items, want %d", got, kept)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(path, Options{NoSync: true}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got := count(db); got != kept {
		t.Errorf("opened again: got %d items, want %d", got, kept)
	}
	if err := put(kept); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// A process that waited for the lock of a file which `mend restore` has put aside meanwhile has the
// lock of the wrong file: what it wrote there would be lost.
func TestFileThatLostItsNameIsNotOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	db, err := open(path, Options{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.stillThere(path); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
}

// Killing a process cannot show it: only an fsync outlives a power cut.
func TestWritesAreSyncedUnlessAskedOtherwise(t *testing.T) {
	db, err := Open(filepath.Join(t.TempDir(), "mend.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if file := db.bolt; file.NoSync || file.NoGrowSync {
		t.Errorf("got NoSync %v, NoGrowSync %v, want neither", file.NoSync, file.NoGrowSync)
	}
}

// What is written unsynced is there afterwards, and from then on each write waits for
// the disk again.
func TestUnsyncedWritesEndOnTheDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	put := func(key string) error {
		return db.Update(t.Context(), func(tx *bolt.Tx) error {
			return tx.Bucket(formatBucket).Put([]byte(key), []byte("v"))
		})
	}
	broken := errors.New("broken")
	err = db.Unsynced(func() error {
		if !db.bolt.NoSync {
			t.Error("each write waits for the disk")
		}
		return errors.Join(put("one"), put("two"), broken)
	})
	if !errors.Is(err, broken) || db.bolt.NoSync {
		t.Errorf("afterwards: %v, and writes don't wait for the disk", err)
	}
	if err := errors.Join(put("three"), db.Close()); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(t.Context(), func(tx *bolt.Tx) error {
		for _, key := range []string{"one", "two", "three"} {
			if tx.Bucket(formatBucket).Get([]byte(key)) == nil {
				t.Errorf("%s is gone", key)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
