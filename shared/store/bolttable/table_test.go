package bolttable_test

import (
	"path/filepath"
	"testing"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/bolttable"
	"example.org/mend/shared/store/tabletest"
)

func TestTable(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) store.Table { return open(t, bolttable.Options{}) })
}

func open(t testing.TB, o bolttable.Options) *bolttable.DB {
	t.Helper()
	db, err := bolttable.Open(filepath.Join(t.TempDir(), "mend.db"), o)
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
