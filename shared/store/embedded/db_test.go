package embedded_test

import (
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
	"example.org/mend/shared/store/embedded"

	bolt "go.etcd.io/bbolt"
	"pgregory.net/rapid"
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
	db, err := embedded.Open(used, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	for _, test := range []struct {
		name, path string
		is         error
		says       string
	}{
		{"in use", used, embedded.ErrLocked, "mend run"},
		{"text", file("text", strings.Repeat("Dear diary, ", 5000)), embedded.ErrNotMend, "another data folder"},
		{"a short text", file("short", "Dear diary"), embedded.ErrNotMend, "another data folder"},
		{"zeros", file("zeros", strings.Repeat("\x00", 1<<16)), embedded.ErrNotMend, "another data folder"},
		{"another program's database", boltFile("other", "etcd", "a", "b"), embedded.ErrNotMend, "another data folder"},
		{"no format", boltFile("formatless", "mend", "format", "one"), embedded.ErrNotMend, "another data folder"},
		{"a newer format", boltFile("newer", "mend", "format", "2"), embedded.ErrNewer, "newer Mend"},
		{"a folder", folder, nil, "data folder that you may write to"},
		{"a folder that cannot be made", filepath.Join(file("file", ""), "folder", "mend.db"), nil, "data folder cannot be made"},
	} {
		before, _ := os.ReadFile(test.path)
		db, err := embedded.Open(test.path, embedded.Options{LockTimeout: time.Millisecond})
		if err == nil {
			t.Errorf("%s: opened", test.name)
			db.Close()
			continue
		}
		if test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.is)
		}
		if !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), filepath.Base(test.path)) && test.is != nil {
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
	db, err := embedded.Open(path, embedded.Options{})
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
		db, err := embedded.Open(path, embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			if _, err := db.Table().Write(t.Context(), store.Write{Op: store.Put, Key: item.Key(), Item: item}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := db.Table().Get(t.Context(), item.Key())
		if err != nil || !maps.EqualFunc(got, item, func(a, b any) bool { return a == b }) {
			t.Errorf("round %d: got %v, %v, want %v", round, got, err, item)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Table().Get(t.Context(), item.Key()); err == nil {
			t.Error("a closed file was read")
		}
		if _, err := db.Table().Write(t.Context(), store.Write{Op: store.Delete, Key: item.Key()}); err == nil {
			t.Error("a closed file was written")
		}
	}
}

func both(t *testing.T, test func(t *testing.T, db *embedded.DB)) {
	t.Run("file", func(t *testing.T) { test(t, open(t, embedded.Options{NoSync: true})) })
	t.Run("memory", func(t *testing.T) { test(t, embedded.InMemory()) })
}

func TestExpiredItemsStayUntilPurged(t *testing.T) {
	both(t, func(t *testing.T, db *embedded.DB) {
		table, now := db.Table(), time.Unix(1_790_000_000, 0)
		expiring := func(sk string, ttl any) {
			t.Helper()
			w := store.Write{Op: store.Put, Key: store.Key{PK: "P", SK: sk}, Item: store.Item{"ttl": ttl, "slot": "s", "member": sk}}
			if _, err := table.Write(t.Context(), w); err != nil {
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
		if _, err := table.Write(t.Context(), store.Write{Op: store.Update, Key: store.Key{PK: "P", SK: "freed"}, Remove: []string{"ttl"}}); err != nil {
			t.Fatal(err)
		}
		left := func(slots bool) []string {
			page, err := table.Query(t.Context(), store.Query{Slots: slots, Partition: map[bool]string{false: "P", true: "s"}[slots]})
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
		for _, want := range []int{3, 3, 2, 0} {
			if got, err := db.Purge(t.Context(), now, 3); err != nil || got != want {
				t.Errorf("purged %d, %v, want %d", got, err, want)
			}
		}
		want := []string{"a string", "freed", "later", "prolonged", "this second"}
		for _, slots := range []bool{false, true} {
			if got := left(slots); !slices.Equal(got, want) {
				t.Errorf("slots %v: got %v, want %v", slots, got, want)
			}
		}
	})
}

func TestUpdateKeepsAllOrNothing(t *testing.T) {
	both(t, func(t *testing.T, db *embedded.DB) {
		put := func(tx embedded.Tx, bucket, key, value string) {
			if err := tx.Bucket(bucket).Put([]byte(key), []byte(value)); err != nil {
				t.Error(err)
			}
		}
		contents := func(bucket string) (found string) {
			err := db.View(t.Context(), func(tx embedded.Tx) error {
				for k, v := range tx.Bucket(bucket).Ascend(nil, nil) {
					found += fmt.Sprintf("%s=%s ", k, v)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		err := db.Update(t.Context(), func(tx embedded.Tx) error {
			a, key := tx.Bucket("a"), []byte("1")
			if err := a.Put(key, []byte("one")); err != nil {
				t.Error(err)
			}
			if got := string(a.Get(key)); got != "one" {
				t.Errorf("just put: got %q", got)
			}
			key[0] = '9' // the key is the caller's again
			put(tx, "a", "2", "two")
			put(tx, "a", "2", "zwei")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		wrong := errors.New("wrong")
		err = db.Update(t.Context(), func(tx embedded.Tx) error {
			put(tx, "a", "1", "changed")
			put(tx, "a", "1", "twice")
			put(tx, "a", "3", "new")
			put(tx, "b", "1", "new")
			if err := tx.Bucket("a").Delete([]byte("2")); err != nil {
				t.Error(err)
			}
			put(tx, "a", "2", "again")
			if err := tx.Bucket("a").Delete([]byte("1")); err != nil {
				t.Error(err)
			}
			if got := string(tx.Bucket("a").Get([]byte("3"))); got != "new" {
				t.Errorf("within the update: got %q, want new", got)
			}
			return wrong
		})
		if !errors.Is(err, wrong) {
			t.Errorf("got %v, want %v", err, wrong)
		}
		if got, want := contents("a"), "1=one 2=zwei "; got != want {
			t.Errorf("a: got %q, want %q", got, want)
		}
		if got := contents("b"); got != "" {
			t.Errorf("b: got %q, want nothing", got)
		}
		err = db.View(t.Context(), func(tx embedded.Tx) error {
			if err := tx.Bucket("a").Put([]byte("1"), nil); err == nil {
				t.Error("a view wrote")
			}
			if err := tx.Bucket("new").Delete([]byte("1")); err == nil {
				t.Error("a view deleted")
			}
			if _, err := tx.Bucket("a").Next(); err == nil {
				t.Error("a view numbered")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// An update that fails, or panics, harms none of those that share its transaction.
func TestUpdatesThatFailHarmNoOthers(t *testing.T) {
	both(t, func(t *testing.T, db *embedded.DB) {
		const writers = 60
		wrong := errors.New("wrong")
		update := func(i int) (err error, panicked any) {
			defer func() { panicked = recover() }()
			return db.Update(t.Context(), func(tx embedded.Tx) error {
				if err := tx.Bucket("a").Put([]byte{byte(i)}, []byte("x")); err != nil {
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
		for i := range writers {
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
		err := db.View(t.Context(), func(tx embedded.Tx) error {
			for i := range writers {
				if there := tx.Bucket("a").Get([]byte{byte(i)}) != nil; there != (i%3 == 0) {
					t.Errorf("key %d: got there %v", i, there)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestContextIsHeeded(t *testing.T) {
	both(t, func(t *testing.T, db *embedded.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		never := func(embedded.Tx) error { t.Error("done although cancelled"); return nil }
		if err := db.View(ctx, never); !errors.Is(err, context.Canceled) {
			t.Errorf("view: got %v", err)
		}
		if err := db.Update(ctx, never); !errors.Is(err, context.Canceled) {
			t.Errorf("update: got %v", err)
		}
	})
}

// Words that were erased are not in the file any more, and all else is, while
// others go on writing.
func TestCompactForgetsWhatWasErased(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	db, err := embedded.Open(path, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	table := db.Table()
	put := func(sk, words string) {
		w := store.Write{Op: store.Put, Key: store.Key{PK: "P", SK: sk}, Item: store.Item{"words": words}}
		if _, err := table.Write(t.Context(), w); err != nil {
			t.Error(err)
		}
	}
	secret := strings.Repeat("what nobody else may read ", 500)
	put("secret", secret)
	put("kept", "what stays")
	if _, err := table.Write(t.Context(), store.Write{Op: store.Delete, Key: store.Key{PK: "P", SK: "secret"}}); err != nil {
		t.Fatal(err)
	}
	holds := func(words string) bool {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(content), words)
	}
	if !holds("what nobody else") {
		t.Fatal("deleting alone removed the words, so this test shows nothing")
	}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 25 {
				put(fmt.Sprintf("%d#%02d", i, n), "beside it")
			}
		})
	}
	for range 5 {
		if err := db.Compact(); err != nil {
			t.Fatal(err)
		}
	}
	all.Wait()
	if holds("what nobody else") || !holds("what stays") {
		t.Errorf("after compacting: got erased words there %v, kept ones there %v", holds("what nobody else"), holds("what stays"))
	}
	page, err := table.Query(t.Context(), store.Query{Partition: "P"})
	if err != nil || len(page.Items) != 101 {
		t.Errorf("got %d items, %v, want 101", len(page.Items), err)
	}
	if _, err := embedded.Open(path, embedded.Options{LockTimeout: time.Millisecond}); !errors.Is(err, embedded.ErrLocked) {
		t.Errorf("opening the compacted file twice: got %v, want ErrLocked", err)
	}
}

// Buckets of both sorts do what a map does, in order.
func TestBuckets(t *testing.T) {
	both(t, func(t *testing.T, db *embedded.DB) {
		sequence := 0
		rapid.Check(t, func(t *rapid.T) {
			sequence++
			name := fmt.Sprint("bucket ", sequence)
			model, numbered := map[string]string{}, uint64(0)
			key := rapid.Map(rapid.IntRange(0, 2000), func(n int) string { return fmt.Sprintf("%04d", n) })
			update := func(do func(b embedded.Bucket) error) {
				if err := db.Update(t.Context(), func(tx embedded.Tx) error { return do(tx.Bucket(name)) }); err != nil {
					t.Fatal(err)
				}
			}
			t.Repeat(map[string]func(*rapid.T){
				"put many": func(t *rapid.T) {
					from, step := rapid.IntRange(0, 2000).Draw(t, "from"), rapid.IntRange(1, 7).Draw(t, "step")
					update(func(b embedded.Bucket) error {
						for i := range 300 {
							k, v := fmt.Sprintf("%04d", (from+i*step)%2001), fmt.Sprint(i)
							model[k] = v
							if err := b.Put([]byte(k), []byte(v)); err != nil {
								return err
							}
						}
						return nil
					})
				},
				"delete many": func(t *rapid.T) {
					from, n := rapid.IntRange(0, 2000).Draw(t, "from"), rapid.IntRange(1, 900).Draw(t, "n")
					update(func(b embedded.Bucket) error {
						for i := range n {
							k := fmt.Sprintf("%04d", (from+i)%2001)
							delete(model, k)
							if err := b.Delete([]byte(k)); err != nil {
								return err
							}
						}
						return nil
					})
				},
				"next": func(t *rapid.T) {
					update(func(b embedded.Bucket) error {
						n, err := b.Next()
						if numbered++; n != numbered {
							t.Fatalf("got number %d, want %d", n, numbered)
						}
						return err
					})
				},
				"range": func(t *rapid.T) {
					from, to, most := key.Draw(t, "from"), key.Draw(t, "to"), rapid.IntRange(1, 3000).Draw(t, "most")
					var end []byte
					if rapid.Bool().Draw(t, "with an end") {
						end = []byte(to)
					}
					var want []string
					for _, k := range slices.Sorted(maps.Keys(model)) {
						if k >= from && (end == nil || k < to) {
							want = append(want, k+model[k])
						}
					}
					read := func() (got []string) {
						err := db.View(t.Context(), func(tx embedded.Tx) error {
							for k, v := range tx.Bucket(name).Ascend([]byte(from), end) {
								if got = append(got, string(k)+string(v)); len(got) == most {
									break
								}
							}
							return nil
						})
						if err != nil {
							t.Fatal(err)
						}
						return got
					}
					if got := read(); !slices.Equal(got, want[:min(most, len(want))]) {
						t.Fatalf("up: got %v, want the first %d of %v", got, most, want)
					}
				},
			})
		})
	})
}
