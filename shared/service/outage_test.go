package service_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/receive"
	"example.org/mend/shared/store"
)

// What was due while nothing ran for a week is accounted for: the audit counts it, and no page
// stays open.
func TestAWeekWithoutATickLeavesNothingOpen(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.promised("2026-03-06")
	w.until("2026-03-05 12:00")
	w.now = at("2026-03-12 12:00")
	w.tick() // which also removes what has expired by then
	w.until("2026-03-13 14:00")
	w.wantLetters(mend.PromiseKind, 0) // its evening is long past
	w.nothingOpen(id)
	of := mend.LetterKey{Date: day("2026-03-06"), OneOff: w.promises(id)[0].ID}
	if got := w.record(id, of).Outcome; got != mend.Expired {
		t.Errorf("the record of the promise's letter says %q, want that it expired", got)
	}
	if a := get(w.svc.Dispatch.Audit(t.Context(), day("2026-03-06")))(w); a.Expired == 0 || a.Released != 0 {
		t.Errorf("the account of its day: %+v", a)
	}
}

// The same if the page is lost on its way when the dispatcher runs again.
func TestAPageLostAfterAnOutageComesAgain(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.promised("2026-03-06")
	w.until("2026-03-05 12:00")
	w.now = at("2026-03-12 12:00")
	w.db.Purge(w.now)
	w.do(w.svc.Dispatch.Tick(t.Context()))
	w.queue.messages = nil
	w.until("2026-03-13 14:00")
	w.nothingOpen(id)
}

// A backup has pages that were open when it was made, however long the restore takes.
func TestARestoreLeavesNothingOpen(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.promised("2026-03-06")
	w.until("2026-03-05 12:00")
	backup, taken := w.db.All(), w.now
	w.until("2026-03-12 12:00")
	w.db.Restore(backup)
	w.db.Purge(w.now)
	w.do(w.svc.Operate.Restore(t.Context(), w.blobs, taken))
	w.until("2026-03-13 14:00")
	w.wantLetters(mend.PromiseKind, 1) // from before the restore
	w.nothingOpen(id)
}

// What was sent since the backup is not sent again, though its hour is not over yet.
func TestARestoreAsksNoPromiseTwice(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.promised("2026-03-06")
	w.until("2026-03-05 12:00")
	restore := w.backUp()
	w.until("2026-03-06 20:00")
	w.wantLetters(mend.PromiseKind, 1)
	restore()
	w.until("2026-03-07 12:00")
	w.wantLetters(mend.PromiseKind, 1)
	w.nothingOpen(id)
}

// An erasure that was interrupted before the backup is finished after it.
func TestARestoreFinishesAnErasure(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.promised("2026-03-06")
	for k := 1; w.load(id).Person.ID != ""; k++ {
		w.table.failAt(k, failing{dead: true})
		_ = w.svc.Account.Erase(t.Context(), account.Access{Person: id, SignedIn: true}, "delete")
		w.table.heal()
		if _, err := w.svc.Store.Person(t.Context(), id, w.now); errors.Is(err, store.ErrNotFound) {
			break // the mark stands, and little else has gone
		}
	}
	backup, taken := w.db.All(), w.now
	w.now = at("2026-03-14 12:00")
	w.db.Restore(backup)
	w.do(w.svc.Operate.Restore(t.Context(), &blobs{map[string][]byte{}}, taken))
	w.until("2026-03-15 14:00")
	if left := w.items("P#" + string(id)); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// A reply waits in the queue while its person erases everything. Whether it is read before a backup
// from earlier is brought back, before that is made fit to send from, or last, nothing of theirs
// comes back and nothing is sent to them.
func TestAReplyThatWaitsBringsBackNothingOfTheErased(t *testing.T) {
	for _, read := range []string{"before the restore", "during it", "after it"} {
		w, id, letter := answering(t)
		w.receive(letter, incoming{words: "An early walk by the river."})
		w.receive(letter, incoming{words: "Someone else at the river.", dmarc: receive.Fail, from: "e@evil.example"})
		late := w.arrives(w.replyTo(letter), incoming{words: "PROMISE walk by the river by Friday\nA late walk."})
		backup, taken := w.db.All(), w.now
		w.now = w.now.Add(time.Hour)
		w.do(w.svc.Account.Erase(t.Context(), account.Access{Person: id, SignedIn: true}, account.EraseWord))
		w.drain()
		if read == "before the restore" {
			w.do(w.svc.Replies.Receive(t.Context(), late))
		}
		sent := len(w.letters())
		w.db.Restore(backup)
		if read == "during it" {
			w.do(w.svc.Replies.Receive(t.Context(), late))
		}
		w.do(w.svc.Operate.Restore(t.Context(), w.blobs, taken))
		w.do(w.svc.Replies.Receive(t.Context(), late))
		w.untilInstant(w.now.Add(72 * time.Hour))
		w.db.Purge(w.now)
		if all := w.everything(); strings.Contains(all, "river") || strings.Contains(all, annMail) {
			t.Errorf("read %s: words or an address of theirs are left", read)
		}
		if items := w.items("P#" + string(id)); len(items) != 0 {
			t.Errorf("read %s: the table still holds %v", read, items)
		}
		if got := len(w.letters()) - sent; got != 0 {
			t.Errorf("read %s: %d letters came after the erasure", read, got)
		}
		for _, raw := range w.blobs.kept {
			if strings.Contains(string(raw), "river") {
				t.Errorf("read %s: a raw mail of theirs is left", read)
			}
		}
	}
}

// A zone that only a newer program knows, as after a deployment that was rolled back, counts as
// UTC. It keeps nobody else's letters waiting, for however long it stays.
func TestAnUnknownZoneHoldsNobodyUp(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	ann := w.active()
	items := w.db.All()
	for _, item := range items {
		for name, value := range item {
			if text, ok := value.(string); ok {
				item[name] = strings.ReplaceAll(text, "Europe/Berlin", "Asia/Newtown")
			}
		}
	}
	w.db.Restore(items)
	ben := w.active(func(f *account.Form) { f.Email = "ben@example.net" })
	w.until("2026-03-17 06:00")
	for _, id := range []mend.ID{ann, ben} {
		came := 0
		for _, l := range w.letters(mend.CheckIn) {
			if idOf(w, l) == id {
				came++
			}
		}
		if came != 15 {
			t.Errorf("%d check-ins came to %s in two weeks", came, w.load(id).Person.Zone)
		}
	}
}

// deaf is a table that does not answer for one partition.
type deaf struct {
	store.Table
	partition string
}

func (d deaf) Query(ctx context.Context, q store.Query) (store.QueryResult, error) {
	if q.Partition == d.partition {
		return store.QueryResult{}, errTable
	}
	return d.Table.Query(ctx, q)
}

// An erasure that can't be finished keeps nobody else's letters waiting. Ticks go on to fail, which
// an alarm tells.
func TestAnErasureThatFailsHoldsNobodyUp(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	ann := w.active()
	w.active(func(f *account.Form) { f.Email = "ben@example.net" })
	account, table := w.load(ann), w.table.Table
	w.table.Table = deaf{table, "P#" + string(ann)}
	if err := w.svc.Store.Erase(t.Context(), account, false, w.now); !errors.Is(err, errTable) {
		t.Fatalf("an erasure ended with %v", err)
	}
	w.until("2026-03-09 12:00")
	w.wantLetters(mend.CheckIn, 8) // to Ben
	w.table.Table = table
	w.until("2026-03-09 13:00")
	w.nothingOpen()
}
