package local_test

import (
	"errors"
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"example.org/mend/shared/keyring"
	"example.org/mend/shared/local"
	"example.org/mend/shared/store/bolttable"
)

// A clock that was moved ahead stays ahead over a restart, and one that fell behind catches up.
func TestClockGoesOnWhereItStood(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	ahead := time.Now().AddDate(1, 0, 0)
	for _, step := range []struct {
		jump time.Time
		want time.Time
	}{{ahead, ahead}, {noon, time.Now()}} {
		for _, jump := range []bool{true, false} {
			f, err := local.Open(t.Context(), path, local.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if jump {
				f.Clock.Jump(step.jump)
				if err := f.Clock.Remember(t.Context()); err != nil {
					t.Fatal(err)
				}
			} else if got := f.Clock.Now().Sub(step.want); got < 0 || got > time.Minute {
				t.Errorf("started again: the clock is %v after %v", got, step.want)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestKeysAreBelowTheirPath(t *testing.T) {
	keys := open(t).Keys
	for _, name := range []string{"keys/links/1", "keys/links/2", "keys/replies/1", "keys/links"} {
		if err := keys.Make(t.Context(), name, "secret of "+name); err != nil {
			t.Fatal(err)
		}
	}
	if err := keys.Make(t.Context(), "keys/links/1", "another"); err == nil {
		t.Error("a secret was replaced")
	}
	got, err := keys.Below(t.Context(), "keys/links")
	want := []keyring.Parameter{
		{Name: "keys/links/1", Value: "secret of keys/links/1"},
		{Name: "keys/links/2", Value: "secret of keys/links/2"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

// A damaged file's blobs, keys and queues are saved with its items.
func TestRescueSavesWhatIsNoItem(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mend.db")
	f, err := local.Open(t.Context(), path, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(f.Blobs.Put(t.Context(), "raw/1", []byte("a mail")), f.Keys.Make(t.Context(), "keys/1", "secret"),
		f.Close())
	if err != nil {
		t.Fatal(err)
	}
	into := filepath.Join(dir, "rescued.db")
	if _, err := bolttable.Rescue(t.Context(), path, into); err != nil {
		t.Fatal(err)
	}
	if f, err = local.Open(t.Context(), into, local.Options{}); err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	blob, err := f.Blobs.Open(t.Context(), "raw/1")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(blob); err != nil || string(text) != "a mail" {
		t.Errorf("got %q, %v", text, err)
	}
	keys, err := f.Keys.Below(t.Context(), "keys")
	if err != nil || len(keys) != 1 || keys[0].Value != "secret" {
		t.Errorf("got %v, %v", keys, err)
	}
}
