package bolttable_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/bolttable"

	bolt "go.etcd.io/bbolt"
)

// Every error of Open says what is wrong and what to do.
func TestOpenSaysWhatToDo(t *testing.T) {
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	boltFile := func(name, bucket, key, value string) string {
		path := filepath.Join(folder, name)
		db, err := bolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		err = db.Update(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucket([]byte(bucket))
			if err != nil {
				return err
			}
			return b.Put([]byte(key), []byte(value))
		})
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	used := filepath.Join(folder, "used.db")
	db, err := bolttable.Open(used, bolttable.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	for _, test := range []struct {
		name, path string
		is         error
		says       string
	}{
		{"in use", used, bolttable.ErrLocked, "mend run"},
		{"text", file("text", strings.Repeat("Dear diary, ", 5000)), bolttable.ErrNotMend, "another data folder"},
		{"a short text", file("short", "Dear diary"), bolttable.ErrNotMend, "another data folder"},
		{"zeros", file("zeros", strings.Repeat("\x00", 1<<16)), bolttable.ErrNotMend, "another data folder"},
		{"another program's database", boltFile("other", "etcd", "a", "b"), bolttable.ErrNotMend,
			"another data folder"},
		{"an older format", boltFile("older", "mend", "format", "1"), bolttable.ErrVersion, "another version"},
		{"no format", boltFile("formatless", "mend", "a", "b"), bolttable.ErrNotMend, "another data folder"},
		{"a newer format", boltFile("newer", "mend", "format", "7"), bolttable.ErrVersion, "another version"},
		{"a folder", folder, nil, "data folder that you may write to"},
		{"a folder that cannot be made", filepath.Join(file("file", ""), "folder", "mend.db"), nil,
			"data folder cannot be made"},
	} {
		before, _ := os.ReadFile(test.path)
		db, err := bolttable.Open(test.path, bolttable.Options{})
		if err == nil {
			t.Errorf("%s: opened", test.name)
			db.Close()
			continue
		}
		if test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.is)
		}
		if !strings.Contains(err.Error(), test.says) ||
			!strings.Contains(err.Error(), filepath.Base(test.path)) && test.is != nil {
			t.Errorf("%s: got %q, want it to name the file and %q", test.name, err, test.says)
		}
		after, _ := os.ReadFile(test.path)
		if string(before) != string(after) {
			t.Errorf("%s: the file was changed", test.name)
		}
	}
}

func TestOpenMakesTheFolderForItsOwnerAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "b")
	path := filepath.Join(folder, "mend.db")
	db, err := bolttable.Open(path, bolttable.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for path, want := range map[string]os.FileMode{folder: 0o700, path: 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %o, want %o", path, got, want)
		}
	}
}

func TestReopenedFileHoldsEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	item := store.Item{"pk": "P", "sk": "S", "a": "b"}
	for round := range 3 {
		db, err := bolttable.Open(path, bolttable.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			if _, err := db.Write(t.Context(), store.Write{Op: store.Put, Key: item.Key(), Item: item}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := db.Get(t.Context(), item.Key())
		if err != nil || !maps.EqualFunc(got, item, func(a, b any) bool { return a == b }) {
			t.Errorf("round %d: got %v, %v, want %v", round, got, err, item)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Get(t.Context(), item.Key()); err == nil {
			t.Error("a closed file was read")
		}
		if _, err := db.Write(t.Context(), store.Write{Op: store.Delete, Key: item.Key()}); err == nil {
			t.Error("a closed file was written")
		}
	}
}

func TestExpiredItemsStayUntilPurged(t *testing.T) {
	db := open(t, bolttable.Options{NoSync: true})
	now := time.Unix(1_790_000_000, 0)
	expiring := func(sk string, ttl any) {
		t.Helper()
		w := store.Write{
			Op:   store.Put,
			Key:  store.Key{PK: "P", SK: sk},
			Item: store.Item{"ttl": ttl, "slot": "s", "member": sk},
		}
		if _, err := db.Write(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 5 {
		expiring(fmt.Sprint("old ", i), now.Unix()-int64(i)-1)
	}
	expiring("ancient", int64(-1))
	expiring("first of all", int64(math.MinInt64))
	expiring("this second", now.Unix())
	expiring("later", now.Unix()+1)
	expiring("a string", "1")
	expiring("prolonged", now.Unix()-10)
	expiring("prolonged", now.Unix()+10)
	expiring("brought forward", now.Unix()+10)
	expiring("brought forward", now.Unix()-10)
	expiring("freed", now.Unix()-10)
	free := store.Write{Op: store.Update, Key: store.Key{PK: "P", SK: "freed"}, Remove: []string{"ttl"}}
	if _, err := db.Write(t.Context(), free); err != nil {
		t.Fatal(err)
	}
	left := func(slots bool) []string {
		page, err := db.Query(t.Context(),
			store.Query{Slots: slots, Partition: map[bool]string{false: "P", true: "s"}[slots]})
		if err != nil {
			t.Fatal(err)
		}
		var sks []string
		for _, it := range page.Items {
			sks = append(sks, it.Key().SK)
		}
		return sks
	}
	if got := len(left(false)); got != 13 {
		t.Errorf("before: got %d items, want 13", got)
	}
	for _, want := range []int{10, 7, 5, 5} {
		if err := db.Purge(t.Context(), now, 3); err != nil || len(left(false)) != want {
			t.Errorf("purged: %v, %d items are left, want %d", err, len(left(false)), want)
		}
	}
	want := []string{"a string", "freed", "later", "prolonged", "this second"}
	for _, slots := range []bool{false, true} {
		if got := left(slots); !slices.Equal(got, want) {
			t.Errorf("slots %v: got %v, want %v", slots, got, want)
		}
	}
}

// bucket makes a bucket of the test's own.
func bucket(t *testing.T, db *bolttable.DB) {
	t.Helper()
	err := db.Update(t.Context(), func(tx *bolt.Tx) error { return bolttable.MakeBuckets(tx, []byte("a")) })
	if err != nil {
		t.Fatal(err)
	}
}

// contents are the keys and values of that bucket.
func contents(t *testing.T, db *bolttable.DB) (found string) {
	t.Helper()
	err := db.View(t.Context(), func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("a")).ForEach(func(k, v []byte) error {
			found += fmt.Sprintf("%s=%s ", k, v)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestUpdateKeepsAllOrNothing(t *testing.T) {
	db := open(t, bolttable.Options{NoSync: true})
	bucket(t, db)
	wrong := errors.New("wrong")
	for _, c := range []struct {
		value string
		err   error
		want  string
	}{{"one", nil, "1=one 2=one "}, {"two", wrong, "1=one 2=one "}, {"three", nil, "1=three 2=three "}} {
		err := db.Update(t.Context(), func(tx *bolt.Tx) error {
			b := tx.Bucket([]byte("a"))
			return errors.Join(b.Put([]byte("1"), []byte(c.value)), b.Put([]byte("2"), []byte(c.value)), c.err)
		})
		if !errors.Is(err, c.err) {
			t.Errorf("%s: got %v, want %v", c.value, err, c.err)
		}
		if got := contents(t, db); got != c.want {
			t.Errorf("%s: got %q, want %q", c.value, got, c.want)
		}
	}
}

// An update that fails, or panics, harms none of those that share its transaction.
func TestUpdatesThatFailHarmNoOthers(t *testing.T) {
	db := open(t, bolttable.Options{NoSync: true})
	bucket(t, db)
	const writers = 60
	wrong := errors.New("wrong")
	update := func(i int) (err error, panicked any) {
		defer func() { panicked = recover() }()
		return db.Update(t.Context(), func(tx *bolt.Tx) error {
			if err := tx.Bucket([]byte("a")).Put([]byte{byte('A' + i)}, []byte("x")); err != nil {
				return err
			}
			switch i % 3 {
			case 1:
				return wrong
			case 2:
				panic(i)
			}
			return nil
		}), nil
	}
	var all sync.WaitGroup
	want := ""
	for i := range writers {
		if i%3 == 0 {
			want += fmt.Sprintf("%c=x ", 'A'+i)
		}
		all.Go(func() {
			err, panicked := update(i)
			switch i % 3 {
			case 0:
				if err != nil || panicked != nil {
					t.Errorf("update %d: got %v, panic %v", i, err, panicked)
				}
			case 1:
				if !errors.Is(err, wrong) || panicked != nil {
					t.Errorf("update %d: got %v, panic %v, want its error", i, err, panicked)
				}
			case 2:
				if panicked != i {
					t.Errorf("update %d: got %v, panic %v, want its panic", i, err, panicked)
				}
			}
		})
	}
	all.Wait()
	if got := contents(t, db); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestContextIsHeeded(t *testing.T) {
	db := open(t, bolttable.Options{NoSync: true})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never := func(*bolt.Tx) error { t.Error("done although canceled"); return nil }
	if err := db.View(ctx, never); !errors.Is(err, context.Canceled) {
		t.Errorf("view: got %v", err)
	}
	if err := db.Update(ctx, never); !errors.Is(err, context.Canceled) {
		t.Errorf("update: got %v", err)
	}
}

// What was deleted, replaced or cut off by a failed write leaves no byte in the file, while others
// go on reading and writing, and after a kill the next start sees to it. All else is still there.
func TestNothingDeletedStaysInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	db, err := bolttable.Open(path, bolttable.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	put := func(sk, words string) {
		w := store.Write{Op: store.Put, Key: store.Key{PK: "P", SK: sk}, Item: store.Item{"words": words}}
		if _, err := db.Write(t.Context(), w); err != nil {
			t.Error(err)
		}
	}
	holds := func(words string) bool {
		t.Helper()
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(content, []byte(words))
	}
	put("kept", "WHATSTAYS")
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 100 {
				put(fmt.Sprintf("%d#%02d", i, n), strings.Repeat("beside it ", n))
				if _, err := db.Query(t.Context(), store.Query{Partition: "P"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range 50 {
		secret := fmt.Sprintf("SECRET%02d ", n)
		put("secret", strings.Repeat(secret, 1+n*n))
		if !holds(secret) {
			t.Fatal("the file doesn't hold the words, so this test shows nothing")
		}
		remove := store.Write{Op: store.Delete, Key: store.Key{PK: "P", SK: "secret"}}
		if n%2 == 0 {
			put("secret", "REPLACED")
		} else if _, err := db.Write(t.Context(), remove); err != nil {
			t.Fatal(err)
		}
		if holds(secret) {
			t.Fatalf("the file still holds what was deleted in round %d", n)
		}
	}
	all.Wait()
	page, err := db.Query(t.Context(), store.Query{Partition: "P"})
	if err != nil || len(page.Items) != 401 || !holds("WHATSTAYS") {
		t.Errorf("got %d items, %v, want 401", len(page.Items), err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	// bbolt alone does what a kill between the commit and the overwriting leaves.
	raw, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range []func(b *bolt.Bucket) error{
		func(b *bolt.Bucket) error { return b.Put([]byte("z"), bytes.Repeat([]byte("LEFTOVER"), 10_000)) },
		func(b *bolt.Bucket) error { return b.Delete([]byte("z")) },
	} {
		if err := raw.Update(func(tx *bolt.Tx) error { return do(tx.Bucket([]byte("items"))) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := raw.Close(); err != nil || !holds("LEFTOVER") {
		t.Fatalf("%v, or bbolt left nothing", err)
	}
	if db, err = bolttable.Open(path, bolttable.Options{}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if holds("LEFTOVER") {
		t.Error("the file still holds what a killed process had deleted")
	}
}

func TestPartitionsAreListedInPages(t *testing.T) {
	db := open(t, bolttable.Options{NoSync: true})
	for _, pk := range []string{"A#1", "P#a", "P#b", "P#b\x00", "P#c", "Q"} {
		for _, sk := range []string{"1", "2", "\U0010ffff"} {
			if _, err := db.Write(t.Context(), store.Write{Op: store.Put, Key: store.Key{PK: pk, SK: sk}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []string{"P#a", "P#b\x00", "P#b", "P#c"}
	for limit := 1; limit < 6; limit++ {
		var got []string
		for after := ""; ; after = got[len(got)-1] {
			page, err := db.Partitions(t.Context(), "P#", after, limit)
			if err != nil || len(page) > limit {
				t.Fatalf("got %q, %v", page, err)
			}
			if got = append(got, page...); len(page) < limit {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("limit %d: got %q, want %q", limit, got, want)
		}
	}
}
