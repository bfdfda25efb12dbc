package embedded_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/embedded"
	"example.org/mend/shared/store/tabletest"
)

func TestTableInMemoryLogged(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) store.Table { return openLog(t, filepath.Join(t.TempDir(), "mend.log")).Table() })
}

// Whatever part of the last frame reached the file, what was acknowledged before it is there, and it is not.
func TestTornLogIsCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.log")
	put := func(db *embedded.DB, sk string) {
		t.Helper()
		if _, err := db.Table().Write(t.Context(), store.Write{Op: store.Put, Key: store.Key{PK: "P", SK: sk}}); err != nil {
			t.Fatal(err)
		}
	}
	db := openLog(t, path)
	put(db, "first")
	one := read(t, path)
	put(db, "second")
	two := read(t, path)
	for size := len(one); size < len(two); size++ {
		torn := two[:size]
		if size%2 == 0 { // of the right length, and never written
			torn = append(bytes.Clone(torn), make([]byte, len(two)-size)...)
		}
		if bytes.Equal(torn, two) {
			continue
		}
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		db := openLog(t, path)
		if got := keysOf(t, db); got != "first " {
			t.Fatalf("cut at %d of %d to %d: got %q, want the first alone", size, len(one), len(two), got)
		}
		put(db, "third") // goes on where the whole part ends
		if got := keysOf(t, openLog(t, path)); got != "first third " {
			t.Fatalf("cut at %d: got %q after another write", size, got)
		}
	}
}

func openLog(t *testing.T, path string) *embedded.DB {
	t.Helper()
	db, err := embedded.InMemoryLogged(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func keysOf(t *testing.T, db *embedded.DB) (keys string) {
	t.Helper()
	for _, it := range everything(t, db.Table(), store.Query{Partition: "P"}) {
		keys += it["sk"].(string) + " "
	}
	return keys
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
