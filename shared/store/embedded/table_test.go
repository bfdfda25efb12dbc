package embedded_test

import (
	"path/filepath"
	"testing"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/embedded"
	"example.org/mend/shared/store/tabletest"
)

func TestTable(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) store.Table { return open(t, embedded.Options{}).Table() })
}

func TestTableInMemory(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) store.Table { return embedded.InMemory().Table() })
}

func open(t testing.TB, o embedded.Options) *embedded.DB {
	t.Helper()
	db, err := embedded.Open(filepath.Join(t.TempDir(), "mend.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
