package bolttable_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/bolttable"

	bolt "go.etcd.io/bbolt"
)

const damagedItems = 400

// wholeFile is a file with branches, leaves, pages that run over, small buckets and free pages.
func wholeFile(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mend.db")
	db, err := bolttable.Open(path, bolttable.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	for n := range damagedItems {
		item := store.Item{
			"n":      int64(n),
			"words":  strings.Repeat("words ", 20+n%50),
			"slot":   "s",
			"member": fmt.Sprint(n),
			"ttl":    int64(n),
		}
		_, err := db.Write(t.Context(), store.Write{Op: store.Put, Key: keyOf(n), Item: item})
		if err != nil {
			t.Fatal(err)
		}
	}
	err = db.Update(t.Context(), func(tx *bolt.Tx) error {
		err := bolttable.MakeBuckets(tx, []byte("blobs"), []byte("keys"))
		return errors.Join(err, tx.Bucket([]byte("blobs")).Put([]byte("large"), make([]byte, 50_000)),
			tx.Bucket([]byte("keys")).Put([]byte("a"), []byte("secret")))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

func keyOf(n int) store.Key { return store.Key{PK: fmt.Sprintf("P#%03d", n), SK: "S"} }

// use reads everything that a file holds and writes a little: what is damaged is an error. It
// counts the items that could be read.
func use(t *testing.T, path string) (items int, err error) {
	t.Helper()
	db, err := bolttable.Open(path, bolttable.Options{NoSync: true})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for n := range damagedItems {
		it, getErr := db.Get(t.Context(), keyOf(n))
		if getErr == nil && it != nil {
			items++
		}
		err = errors.Join(err, getErr)
	}
	_, slotErr := db.Query(t.Context(), store.Query{Slots: true, Partition: "s"})
	viewErr := db.View(t.Context(), func(tx *bolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error { _, _ = string(k), string(v); return nil })
		})
	})
	_, writeErr := db.Write(t.Context(),
		store.Write{Op: store.Put, Key: store.Key{PK: "new", SK: "S"}, Item: store.Item{"a": "b"}})
	purgeErr := db.Purge(t.Context(), time.Unix(10, 0), 10)
	return items, errors.Join(err, slotErr, viewErr, writeErr, purgeErr)
}

// A file that was cut short or overwritten, wherever, opens or says in a sentence that it is
// damaged: no signal and no panic. What is whole can be saved.
func TestDamagedFiles(t *testing.T) {
	whole := wholeFile(t)
	random := rand.New(rand.NewPCG(1, 2))
	const page = 4096
	type damage struct {
		name string
		do   func(b []byte) []byte
		keep int // how many items have to be saved at least
	}
	metas := func(from, to int) func([]byte) []byte {
		return func(b []byte) []byte { clear(b[from:to]); return b }
	}
	cases := []damage{
		{"nothing", slices.Clone[[]byte], damagedItems},
		{"the first meta page is zero", metas(0, page), damagedItems - 1},
		{"the second meta page is zero", metas(page, 2*page), damagedItems - 1},
		{"both meta pages are zero", metas(0, 2*page), 0},
		{"all is zero", metas(0, len(whole)), 0},
	}
	cutTo := func(size int) damage {
		return damage{fmt.Sprintf("cut to %d bytes", size), func(b []byte) []byte { return b[:size] }, 0}
	}
	for _, size := range []int{
		1, 15, 16, 79, 80, page - 1, page, page + 80, 2 * page, 2*page + 1, 3 * page, len(whole) / 2, len(whole) - page,
		len(whole) - 1,
	} {
		cases = append(cases, cutTo(size))
	}
	for range 40 {
		cases = append(cases, cutTo(random.IntN(len(whole))))
	}
	for id := 2; id < len(whole)/page; id++ {
		cases = append(cases,
			damage{fmt.Sprintf("page %d is zero", id), metas(id*page, (id+1)*page), 0},
			damage{fmt.Sprintf("page %d is garbage", id), func(b []byte) []byte {
				for i := range page {
					b[id*page+i] = byte(random.Uint32())
				}
				return b
			}, 0},
			damage{fmt.Sprintf("page %d has a garbled head", id), func(b []byte) []byte {
				for range 3 {
					b[id*page+random.IntN(80)] ^= byte(1 + random.IntN(255))
				}
				return b
			}, 0},
			damage{fmt.Sprintf("page %d leads to page 2", id), func(b []byte) []byte {
				binary.LittleEndian.PutUint64(b[id*page+24:], 2)
				return b
			}, 0},
		)
	}
	for i := range 100 {
		cases = append(cases, damage{fmt.Sprintf("bytes are flipped, %d", i), func(b []byte) []byte {
			for range 1 + i%20 {
				b[random.IntN(len(b))] ^= byte(1 + random.IntN(255))
			}
			return b
		}, 0})
	}
	dir := t.TempDir()
	said, saved := 0, 0
	if testing.Short() {
		random.Shuffle(len(cases), func(i, j int) { cases[i], cases[j] = cases[j], cases[i] })
		cases = cases[:60]
	}
	for i, c := range cases {
		path := filepath.Join(dir, fmt.Sprintf("%d.db", i))
		if err := os.WriteFile(path, c.do(slices.Clone(whole)), 0o600); err != nil {
			t.Fatal(err)
		}
		rescued := path + ".rescued"
		counts, rescueErr := bolttable.Rescue(t.Context(), path, rescued)
		if rescueErr == nil {
			if items, err := use(t, rescued); err != nil || items < c.keep || items > counts.Items {
				t.Errorf("%s: the rescued file has %d items and should have %d (%+v), error %v",
					c.name, items, c.keep, counts, err)
			}
		} else if c.keep > 0 {
			t.Errorf("%s: rescue: %v", c.name, rescueErr)
		}
		saved += counts.Items
		items, err := use(t, path)
		if err == nil && items < c.keep {
			t.Errorf("%s: %d items, and no error", c.name, items)
		}
		if err != nil {
			said++
			if strings.ContainsAny(err.Error(), "\x00\t") {
				t.Errorf("%s: %q is no sentence", c.name, err)
			}
		}
		for _, p := range []string{path, rescued} {
			if err := os.Remove(p); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d cases: %d said so, %d of %d items saved", len(cases), said, saved, len(cases)*damagedItems)
	if said < len(cases)/3 {
		t.Errorf("only %d of %d damaged files said so", said, len(cases))
	}
	if saved < len(cases)*damagedItems*7/10 {
		t.Errorf("only %d of %d items were saved", saved, len(cases)*damagedItems)
	}
}
