package local_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
)

func outgoing(n int) mend.Outgoing {
	return mend.Outgoing{
		To:         mend.StoredAddress(fmt.Sprintf("user%d@example.test", n)),
		Raw:        fmt.Appendf(nil, "Subject: %d\r\n\r\n\x00\xff%d\r\n", n, n),
		Kind:       mend.CheckIn,
		Occurrence: fmt.Sprint(n),
		Attempt:    "1",
	}
}

func TestLettersStayAsTheyWere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	var want []local.Letter
	for n := range 12 { // reopened each time: ids go on
		f, at := openAt(t, path), noon.Add(-time.Duration(n)*time.Minute)
		f.Clock.Jump(at) // order goes by arrival, not by the clock
		o := outgoing(n)
		id, err := f.Mailbox.Send(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		clear(o.Raw) // the sender's buffer is the sender's
		if err := f.ForgetNow(t.Context()); err != nil {
			t.Fatal(err)
		}
		o = outgoing(n)
		want = append(want, local.Letter{
			ID: id, At: at, To: o.To.Mail(), Raw: o.Raw, Kind: o.Kind, Occurrence: o.Occurrence, Attempt: "1",
		})
		page, err := f.Mailbox.Page(t.Context(), "", 100)
		if d := cmp.Diff(want, page); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
		for _, w := range want {
			got, err := f.Mailbox.Get(t.Context(), w.ID)
			if d := cmp.Diff(w, got); d != "" || err != nil {
				t.Errorf("letter %s: %v (-want +got):\n%s", w.ID, err, d)
			}
			clear(got.Raw) // nor is what was read the mailbox's
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range want[1:] {
		if want[i].ID >= want[i+1].ID {
			t.Errorf("id %s is followed by %s", want[i].ID, want[i+1].ID)
		}
	}
}

func TestLettersThatAreNotThere(t *testing.T) {
	mailbox := open(t).Mailbox
	if page, err := mailbox.Page(t.Context(), "", 10); err != nil || len(page) != 0 {
		t.Errorf("got %v, %v, want an empty list", page, err)
	}
	for _, id := range []string{"000000000001", "", "x", "-1", "../1"} {
		if _, err := mailbox.Get(t.Context(), id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("letter %q: got %v, want fs.ErrNotExist", id, err)
		}
	}
}

// The oldest letter goes when there are too many; the numbers go on, and pages follow them.
func TestMailboxIsBoundedAndPaged(t *testing.T) {
	f := open(t)
	for range local.MostLetters + 5 {
		if _, err := f.Mailbox.Send(t.Context(), mend.Outgoing{Raw: []byte("Subject: x\r\n\r\n")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.ForgetNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := f.Mailbox.Count(); n != local.MostLetters+5 {
		t.Errorf("got %d letters, want %d", n, local.MostLetters+5)
	}
	before, seen := "", 0
	for {
		page, err := f.Mailbox.Page(t.Context(), before, 3000)
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
