package local_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
)

func put(t *testing.T, blobs *local.Blobs, key string, content []byte) {
	t.Helper()
	if err := blobs.Put(t.Context(), key, content); err != nil {
		t.Fatal(err)
	}
}

func wantContent(t *testing.T, blobs *local.Blobs, key string, want []byte) {
	t.Helper()
	r, err := blobs.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
		t.Errorf("blob %s: got %d bytes, %v, want %d, and the same", key, len(got), err, len(want))
	}
}

func wantKeys(t *testing.T, blobs *local.Blobs, prefix, from string, want ...string) {
	t.Helper()
	if got, err := blobs.List(t.Context(), prefix, from); err != nil || !slices.Equal(got, want) {
		t.Errorf("list of %q from %q: got %q, %v, want %q", prefix, from, got, err, want)
	}
}

// Mail of every size up to the 40 MB that SES takes.
func TestBlobsComeBackAsTheyWere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	f, all := openAt(t, path), make([]byte, 40<<20)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(all)
	sizes := []int{0, 1, 4095, 4096, 3 << 20, 40 << 20}
	for _, size := range sizes {
		put(t, f.Blobs, fmt.Sprint("mail/", size), all[:size])
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f = openAt(t, path)
	for _, size := range sizes {
		wantContent(t, f.Blobs, fmt.Sprint("mail/", size), all[:size])
	}
}

func TestReplacedAndDeletedBlobsLeaveNothing(t *testing.T) {
	blobs := open(t).Blobs
	wantNotThere := func(key string) {
		t.Helper()
		if _, err := blobs.Open(t.Context(), key); !errors.Is(err, mend.ErrNoBlob) {
			t.Errorf("blob %s: got %v, want ErrNoBlob", key, err)
		}
	}
	wantNotThere("a")
	put(t, blobs, "a", make([]byte, 5<<20))
	put(t, blobs, "ab", []byte("another"))
	r, err := blobs.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	put(t, blobs, "a", []byte("short"))
	wantContent(t, blobs, "a", []byte("short"))
	if rest, err := io.ReadAll(r); err != nil || len(rest) != 5<<20 {
		t.Errorf("who read the older one got %d bytes, %v, want all of it", len(rest), err)
	}
	for range 2 { // the second of what is gone
		if err := blobs.Delete(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		wantNotThere("a")
	}
	wantContent(t, blobs, "ab", []byte("another"))
	wantKeys(t, blobs, "", "", "ab")
	for _, key := range []string{"", strings.Repeat("k", 1025)} {
		if err := blobs.Put(t.Context(), key, []byte("x")); err == nil {
			t.Errorf("a key of %d bytes: got no error", len(key))
		}
	}
}

func TestListGoesByPrefix(t *testing.T) {
	blobs := open(t).Blobs
	for _, key := range []string{"mail/2", "export/1", "mail/1", "mail", "mail0", "mail/\U0010ffff"} {
		put(t, blobs, key, []byte(key))
	}
	wantKeys(t, blobs, "", "", "export/1", "mail", "mail/1", "mail/2", "mail/\U0010ffff", "mail0")
	wantKeys(t, blobs, "mail/", "", "mail/1", "mail/2", "mail/\U0010ffff")
	wantKeys(t, blobs, "mail/", "mail/2", "mail/2", "mail/\U0010ffff")
	wantKeys(t, blobs, "none", "")
}

func TestBlobsExpireByPrefix(t *testing.T) {
	f := open(t)
	for _, key := range []string{"mail/1", "journal/1"} {
		put(t, f.Blobs, key, []byte("x"))
	}
	f.Clock.Jump(noon.Add(time.Second))
	put(t, f.Blobs, "mail/2", []byte("x"))
	for _, step := range []struct {
		before time.Time
		left   []string
	}{
		{noon, []string{"journal/1", "mail/1", "mail/2"}},
		{noon.Add(time.Second), []string{"journal/1", "mail/2"}},
		{noon.Add(time.Hour), []string{"journal/1"}},
	} {
		if err := f.Blobs.Expire(t.Context(), "mail/", step.before); err != nil {
			t.Errorf("before %v: %v", step.before, err)
		}
		wantKeys(t, f.Blobs, "", "", step.left...)
	}
}

func TestBlobsAreCopiedByPrefix(t *testing.T) {
	from, to := open(t).Blobs, open(t).Blobs
	for _, key := range []string{"journal/1", "journal/2", "raw/1"} {
		put(t, from, key, []byte("of "+key))
	}
	put(t, to, "journal/1", []byte("older"))
	if err := from.CopyTo(t.Context(), "journal/", to); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, to, "", "", "journal/1", "journal/2")
	wantContent(t, to, "journal/1", []byte("of journal/1"))
}
