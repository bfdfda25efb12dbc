package local_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/post/local"
	"example.org/mend/shared/store/embedded"

	"github.com/google/go-cmp/cmp"
)

var (
	noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

	addresses = cmp.Comparer(func(a, b mend.Address) bool { return a == b })
)

func letter(n int) local.Letter {
	return local.Letter{
		From: "bounce@mail.example.test",
		To:   mend.StoredAddress(fmt.Sprintf("user%d@example.test", n)),
		Raw:  []byte(fmt.Sprintf("Subject: %d\r\n\r\n\x00\xff%d\r\n", n, n)),
		Kind: mend.CheckIn,
		Tags: map[string]string{"occurrence": fmt.Sprint(n), "attempt": "1"},
	}
}

func TestLettersStayAsTheyWere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	var want []local.Delivered
	for n := range 12 { // reopened each time: ids go on
		db, err := embedded.Open(path, embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		mailbox, at := local.New(db), noon.Add(-time.Duration(n)*time.Minute) // order goes by arrival, not by the clock
		l := letter(n)
		id, err := mailbox.Deliver(t.Context(), at, l)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, local.Delivered{ID: id, At: at, Letter: letter(n)})
		list, err := mailbox.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != len(want) {
			t.Fatalf("got %d letters, want %d", len(list), len(want))
		}
		for i, w := range want {
			got, err := mailbox.Get(t.Context(), w.ID)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(w, got, addresses); d != "" {
				t.Errorf("letter %s (-want +got):\n%s", w.ID, d)
			}
			w.Raw = nil
			if d := cmp.Diff(w, list[i], addresses); d != "" {
				t.Errorf("listed %d (-want +got):\n%s", i, d)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range want[1:] {
		if want[i].ID >= want[i+1].ID {
			t.Errorf("id %s is followed by %s", want[i].ID, want[i+1].ID)
		}
	}
}

func TestSendersBufferIsTheSenders(t *testing.T) {
	mailbox, l := local.New(embedded.InMemory()), letter(1)
	id, err := mailbox.Deliver(t.Context(), noon, l)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		clear(l.Raw)
		got, err := mailbox.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(letter(1), got.Letter, addresses); d != "" {
			t.Errorf("letter (-want +got):\n%s", d)
		}
		l = got.Letter // nor is what was read the mailbox's
	}
}

func TestLettersThatAreNotThere(t *testing.T) {
	mailbox := local.New(embedded.InMemory())
	if list, err := mailbox.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("got %v, %v, want an empty list", list, err)
	}
	for _, id := range []string{"000000000001", "", "x", "-1", "../1"} {
		if _, err := mailbox.Get(t.Context(), id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("letter %q: got %v, want fs.ErrNotExist", id, err)
		}
	}
}

// The oldest letter goes when there are too many; the numbers go on, and pages follow them.
func TestMailboxIsBoundedAndPaged(t *testing.T) {
	db, err := embedded.Open(filepath.Join(t.TempDir(), "mend.db"), embedded.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	mailbox := local.New(db)
	var all sync.WaitGroup
	next := make(chan struct{})
	for range 64 { // who come at once share a commit
		all.Go(func() {
			for range next {
				if _, err := mailbox.Deliver(t.Context(), time.Now(), local.Letter{From: "a@b.test", Raw: []byte("Subject: x\r\n\r\n")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range local.MostLetters + 5 {
		next <- struct{}{}
	}
	close(next)
	all.Wait()
	if n, err := mailbox.Count(t.Context()); err != nil || n != local.MostLetters+5 {
		t.Errorf("got %d letters, %v, want %d", n, err, local.MostLetters+5)
	}
	before, seen := "", 0
	for {
		page, err := mailbox.Page(t.Context(), before, 3000)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		seen, before = seen+len(page), page[0].ID
	}
	if seen != local.MostLetters || before != "000000000006" {
		t.Errorf("got %d letters from %s on, want %d from 000000000006 on", seen, before, local.MostLetters)
	}
}
