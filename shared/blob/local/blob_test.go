package local_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"example.org/mend/shared/blob/local"
	"example.org/mend/shared/store/embedded"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func put(t *testing.T, blobs *local.Blobs, now time.Time, key string, content []byte) {
	t.Helper()
	if err := blobs.Put(t.Context(), now, key, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
}

func wantContent(t *testing.T, blobs *local.Blobs, key string, want []byte) {
	t.Helper()
	r, err := blobs.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("blob %s: got %d bytes, want %d, and the same", key, len(got), len(want))
	}
}

func wantKeys(t *testing.T, blobs *local.Blobs, prefix string, want ...string) {
	t.Helper()
	found, err := blobs.List(t.Context(), prefix)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range found {
		got = append(got, b.Key)
	}
	if !slices.Equal(got, want) {
		t.Errorf("list of %q: got %q, want %q", prefix, got, want)
	}
}

func wantNotExist(t *testing.T, blobs *local.Blobs, key string) {
	t.Helper()
	if _, err := blobs.Get(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("blob %s: got %v, want fs.ErrNotExist", key, err)
	}
}

func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// Mail of every size up to the 40 MB that SES takes, around the borders of the pieces.
func TestBlobsComeBackAsTheyWere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	db, err := embedded.Open(path, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	blobs, all := local.New(db, nil), noise(40<<20)
	sizes := []int{0, 1, 1<<20 - 1, 1 << 20, 1<<20 + 1, 3 << 20, 40 << 20}
	for _, size := range sizes {
		put(t, blobs, noon, fmt.Sprint("mail/", size), all[:size])
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = embedded.Open(path, embedded.Options{}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	blobs = local.New(db, nil)
	for _, size := range sizes {
		wantContent(t, blobs, fmt.Sprint("mail/", size), all[:size])
	}
	r, err := blobs.Get(t.Context(), "mail/3145728")
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(r, all[:3<<20]); err != nil {
		t.Error(err)
	}
}

func TestReplacedAndDeletedBlobsLeaveNothing(t *testing.T) {
	db := embedded.InMemory()
	blobs := local.New(db, nil)
	wantNotExist(t, blobs, "a")
	put(t, blobs, noon, "a", noise(5<<20))
	put(t, blobs, noon, "ab", []byte("another"))
	put(t, blobs, noon.Add(time.Hour), "a", []byte("short"))
	wantContent(t, blobs, "a", []byte("short"))
	found, err := blobs.List(t.Context(), "a")
	if want := (local.Blob{Key: "a", Size: 5, Created: noon.Add(time.Hour)}); err != nil || len(found) != 2 || found[0] != want {
		t.Errorf("got %+v, %v, want first %+v", found, err, want)
	}
	for range 2 { // the second of what is gone
		if err := blobs.Delete(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		wantNotExist(t, blobs, "a")
	}
	wantContent(t, blobs, "ab", []byte("another"))
	pieces := 0
	err = db.View(t.Context(), func(tx embedded.Tx) error {
		for range tx.Bucket("blob-pieces").Ascend(nil, nil) {
			pieces++
		}
		return nil
	})
	if err != nil || pieces != 1 {
		t.Errorf("got %d pieces left, %v, want the one of the other blob", pieces, err)
	}
}

func TestTornUploadKeepsWhatWasThere(t *testing.T) {
	blobs := local.New(embedded.InMemory(), nil)
	put(t, blobs, noon, "mail/1", []byte("whole"))
	torn := errors.New("the line went dead")
	err := blobs.Put(t.Context(), noon, "mail/1", io.MultiReader(bytes.NewReader(noise(2<<20)), iotest.ErrReader(torn)))
	if !errors.Is(err, torn) {
		t.Errorf("got %v, want %v", err, torn)
	}
	wantContent(t, blobs, "mail/1", []byte("whole"))
	for _, key := range []string{"", strings.Repeat("k", 1025)} {
		if err := blobs.Put(t.Context(), noon, key, strings.NewReader("x")); err == nil {
			t.Errorf("a key of %d bytes: got no error", len(key))
		}
	}
}

// Half of one mail followed by half of another would be worse than an error.
func TestReadingEndsWhenTheBlobChanges(t *testing.T) {
	blobs := local.New(embedded.InMemory(), nil)
	put(t, blobs, noon, "a", noise(3<<20))
	r, err := blobs.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, r, 10); err != nil {
		t.Fatal(err)
	}
	put(t, blobs, noon, "a", noise(4<<20))
	if n, err := io.Copy(io.Discard, r); err == nil || n > 1<<20 {
		t.Errorf("got %d more bytes and %v, want an error", n, err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	r, err = blobs.Get(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func TestListGoesByPrefix(t *testing.T) {
	blobs := local.New(embedded.InMemory(), nil)
	for _, key := range []string{"mail/2", "export/1", "mail/1", "mail", "mail0", "mail/\U0010ffff"} {
		put(t, blobs, noon, key, []byte(key))
	}
	wantKeys(t, blobs, "", "export/1", "mail", "mail/1", "mail/2", "mail/\U0010ffff", "mail0")
	wantKeys(t, blobs, "mail/", "mail/1", "mail/2", "mail/\U0010ffff")
	wantKeys(t, blobs, "none")
}

func TestBlobsExpireByPrefix(t *testing.T) {
	blobs := local.New(embedded.InMemory(), local.Lifecycle{"mail/": 7, "mail/quarantine/": 30, "export/": 1})
	for _, key := range []string{"mail/1", "mail/quarantine/1", "export/1", "journal/1"} {
		put(t, blobs, noon, key, []byte("x"))
	}
	put(t, blobs, noon.Add(time.Second), "mail/2", []byte("x"))
	for _, step := range []struct {
		after   time.Duration
		expired int
		left    []string
	}{
		{24*time.Hour - 1, 0, []string{"export/1", "journal/1", "mail/1", "mail/2", "mail/quarantine/1"}},
		{24 * time.Hour, 1, []string{"journal/1", "mail/1", "mail/2", "mail/quarantine/1"}},
		{7 * 24 * time.Hour, 2, []string{"journal/1", "mail/2"}}, // the shorter of the two that fit
		{365 * 24 * time.Hour, 1, []string{"journal/1"}},
	} {
		got, err := blobs.Expire(t.Context(), noon.Add(step.after))
		if err != nil || got != step.expired {
			t.Errorf("after %v: got %d expired, %v, want %d", step.after, got, err, step.expired)
		}
		wantKeys(t, blobs, "", step.left...)
	}
}

func BenchmarkPut8KB(b *testing.B) {
	db, err := embedded.Open(filepath.Join(b.TempDir(), "mend.db"), embedded.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	blobs, content := local.New(db, nil), noise(8<<10)
	for n := 0; b.Loop(); n++ {
		if err := blobs.Put(b.Context(), noon, fmt.Sprint("mail/", n), bytes.NewReader(content)); err != nil {
			b.Fatal(err)
		}
	}
}
