package machine

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"example.org/mend/shared/store/bolttable"
)

func TestAnOperatorLooksWhileTheMachineRuns(t *testing.T) {
	cfg := config(t)
	m := run(t, cfg)
	joined(t, m)
	if _, err := OpenFile(t.Context(), cfg.Data); !errors.Is(err, bolttable.ErrLocked) {
		t.Errorf("to write: got %v, want ErrLocked", err)
	}
	f, err := OpenToRead(t.Context(), cfg.Data)
	if err != nil {
		t.Fatal(err)
	}
	found, err := f.Partitions(t.Context(), personPartition, "", 10)
	if err != nil || len(found) != 1 {
		t.Errorf("got %v, %v, want the one person", found, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(cfg.Data, copyPattern)); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestALeftOverCopyGoesAtTheNextStart(t *testing.T) {
	cfg := config(t)
	left := filepath.Join(cfg.Data, "copy-1.db")
	for _, name := range []string{left, filepath.Join(cfg.Data, socketName)} {
		if err := os.WriteFile(name, []byte("of a command that was killed"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := run(t, cfg)
	submit(t, m, "/local/clock", url.Values{"advance": {"1h"}}) // it runs now
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want it gone", err)
	}
	f, err := OpenToRead(t.Context(), cfg.Data)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
