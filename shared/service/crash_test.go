package service_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/receive"
)

// The ways in which a call to the table goes wrong. After a crash nothing works until the
// process is started again.
var failures = map[string]failing{
	"refused":      {},
	"answer lost":  {done: true},
	"crash before": {dead: true},
	"crash after":  {done: true, dead: true},
}

// eachCall runs a scenario in a world of its own for every call that it makes to the table (a third
// of them where -short is given), and fails that call.
func eachCall(t *testing.T, begin func(*testing.T) *world, scenario func(*world), check func(w *world, crash bool)) {
	step := 1
	if testing.Short() {
		step = 3
	}
	for name, how := range failures {
		t.Run(name, func(t *testing.T) {
			for k := 1; ; k += step {
				w := begin(t)
				w.table.failAt(k, how)
				scenario(w)
				if !w.table.failed {
					if k < 10 {
						t.Fatalf("the scenario made %d calls only", k-1)
					}
					return
				}
				w.table.heal()
				check(w, how.dead)
				if t.Failed() {
					t.Fatalf("with call %d of the table: %s", k, name)
				}
			}
		})
	}
}

func TestWhereverTheTableFailsNothingIsSentTwiceAndNothingStaysOpen(t *testing.T) {
	t.Parallel()
	evening := func(f *account.Form) { f.Time = "19:00" }
	begin := func(t *testing.T) *world {
		w := newWorld(t, "2026-03-02 09:00")
		w.active(evening)
		w.receive(w.last(mend.Welcome), incoming{words: "PROMISE call my sister by 2026-03-02"})
		w.active(evening, func(f *account.Form) { f.Email = "bob@example.test" })
		w.active(evening, func(f *account.Form) { f.Email = "cat@example.test" })
		w.untilInstant(at("2026-03-02 18:59").Add(30 * time.Second))
		return w
	}
	scenario := func(w *world) {
		if err := w.svc.SignIn.RequestSignIn(w.Context(), annMail); err != nil && !errors.Is(err, errTable) {
			w.Error(err)
		}
		w.drain()
		w.now = at("2026-03-02 19:00")
		w.tick()
	}
	eachCall(t, begin, scenario, func(w *world, crash bool) {
		w.do(w.svc.SignIn.RequestSignIn(w.Context(), annMail)) // they try again, and a minute is not over
		w.drain()
		w.until("2026-03-03 03:00")
		taken := map[string]int{}
		for _, l := range w.letters(mend.CheckIn, mend.PromiseKind, mend.SignIn) {
			most := 1
			if crash && l.Kind == mend.PromiseKind {
				most = 2 // out of a claim of which nothing is known
			}
			if taken[l.Occurrence]++; taken[l.Occurrence] > most {
				w.Errorf("%s was taken %d times", l.Occurrence, taken[l.Occurrence])
			}
		}
		if !crash && len(taken) != 5 {
			w.Errorf("letters: got %d, want three check-ins, a promise and a sign-in link: one failed call loses none",
				len(taken))
		}
		for _, l := range w.letters(mend.Welcome) {
			id := idOf(w, l)
			if got := w.record(id, checkIn("2026-03-02")).Outcome; got == "" || !crash && got != mend.Accepted {
				w.Errorf("the check-in of %s: %q", id, got)
			}
			w.nothingOpen(id)
		}
	})
}

func TestWhereverTheTableFailsAReplyIsKeptOnce(t *testing.T) {
	t.Parallel()
	var r receive.Receipt
	begin := func(t *testing.T) *world {
		w := newWorld(t, "2026-03-02 09:00")
		w.active()
		w.until("2026-03-03 08:00")
		r = w.arrives(w.replyTo(w.last(mend.CheckIn)), incoming{
			words: "PROMISE call my sister by 2026-03-09\nPAUSE 1 week\n4\nI wrote to her today, and meant it.",
		})
		return w
	}
	receive := func(w *world) {
		if err := w.svc.Replies.Receive(w.Context(), r); err != nil && !errors.Is(err, errTable) {
			w.Error(err)
		}
	}
	eachCall(t, begin, receive, func(w *world, _ bool) {
		for range 2 { // until it is acknowledged, and once more
			receive(w)
		}
		id := idOf(w, w.last(mend.CheckIn))
		replies, promises, whole := w.replies(id), w.promises(id), w.load(id)
		if len(replies) != 1 || replies[0].Words != "I wrote to her today, and meant it." || replies[0].Mood != 4 {
			w.Errorf("replies: %+v, want one", replies)
		}
		count := map[mend.Kind]int{}
		for _, o := range whole.OneOffs {
			count[o.Kind]++
		}
		if len(promises) != 1 || count[mend.PromiseKind] != 1 || count[mend.Notice] != 1 {
			w.Errorf("promises %v, letters to come %v: want one, its letter, and the answer to PAUSE",
				promises, whole.OneOffs)
		}
		if got := whole.Subscriptions[0].Hold.Until; got != day("2026-03-10") {
			w.Errorf("paused until %s, want 2026-03-10", got)
		}
		for key := range w.blobs.kept {
			if !strings.HasPrefix(key, "journal/") { // which tells that they paused
				w.Errorf("the raw mail is kept: %s", key)
			}
		}
	})
}

func TestWhereverTheTableFailsAnErasureIsFinished(t *testing.T) {
	var id mend.ID
	begin := func(t *testing.T) *world {
		w := newWorld(t, "2026-03-02 09:00")
		id = w.active()
		w.until("2026-03-03 08:00")
		w.receive(w.last(mend.CheckIn),
			incoming{words: "PROMISE call my sister by 2026-03-09\nI wrote to her today, and meant it."})
		return w
	}
	erase := func(w *world) {
		err := w.svc.Account.Erase(w.Context(), account.Access{Person: id, SignedIn: true}, "delete")
		if err != nil && !errors.Is(err, errTable) {
			w.Error(err)
		}
		w.drain()
	}
	eachCall(t, begin, erase, func(w *world, crash bool) {
		w.until("2026-03-03 09:00")
		// it had not begun: they were told, and ask again
		if _, err := w.svc.Store.Load(w.Context(), id, w.now); err == nil {
			erase(w)
			w.until("2026-03-03 10:00")
		}
		wantNothingLeft(w, id)
		most := 1
		if crash {
			most = 2 // one of a claim of which nothing is known
		}
		if got := len(w.letters(mend.Notice)); got < 1 || got > most {
			w.Errorf("notices of the erasure: got %d, want 1 or at most %d", got, most)
		}
		w.nothingOpen()
	})
}

// wantNothingLeft fails if anything of Ann is in the table or among the blobs, but for her id
// in the restore journal.
func wantNothingLeft(w *world, id mend.ID) {
	w.Helper()
	for _, it := range w.items("P#" + string(id)) {
		w.Errorf("still there: %v", it)
	}
	all := w.everything()
	for key, data := range w.blobs.kept {
		all += string(data)
		if !strings.HasPrefix(key, "journal/") {
			w.Errorf("still there: blob %s", key)
		}
	}
	for _, secret := range []string{annMail, "Ann", "sister", "meant it"} {
		if strings.Contains(all, secret) {
			w.Errorf("something still holds %q", secret)
		}
	}
	if n := strings.Count(all, string(id)); n > pagesNaming(w, id) {
		w.Errorf("the id stands in %d places, %d of them pages", n, pagesNaming(w, id))
	}
}

// pagesNaming counts open pages that list a person: they hold an id and go by themselves.
func pagesNaming(w *world, id mend.ID) int {
	n := 0
	for d := range 3 {
		for _, it := range w.items(fmt.Sprintf("PAGE#%s",
			mend.DateOf(w.now.Add(-time.Duration(d)*24*time.Hour).UTC()))) {
			members, _ := it["members"].(string)
			n += strings.Count(members, string(id))
		}
	}
	return n
}
