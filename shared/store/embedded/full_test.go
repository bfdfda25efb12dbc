package embedded

import (
	"path/filepath"
	"strings"
	"testing"

	"example.org/mend/shared/store"
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
		_, err := db.Table().Write(t.Context(), store.Write{Op: store.Put, Key: store.Key{PK: "P", SK: strings.Repeat("x", n+1)}, Item: store.Item{"words": words}})
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
		page, err := db.Table().Query(t.Context(), store.Query{Partition: "P"})
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
