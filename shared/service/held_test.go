package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/export"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/receive"
)

// Anyone with one letter can send replies that prove nothing. They are kept up to a limit and
// counted beyond it, and what the person wrote themselves stays in sight.
func TestAFloodOfUnprovenRepliesIsCountedAndNotKept(t *testing.T) {
	t.Parallel()
	w, id, letter := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	w.receive(letter, incoming{words: "My own words."})
	hate, n := strings.Repeat("é", 200_000), 0
	flood := func(times int) {
		for range times {
			n++
			verdict := []receive.Verdict{receive.Gray, receive.Fail}[n%2]
			w.receive(letter, incoming{words: fmt.Sprint(n, hate), dmarc: verdict, from: "e@evil.example"})
		}
	}
	opened := func() journal.Journal {
		return get(w.svc.Journal.Journal(t.Context(), a, journal.PageRequest{}))(w)
	}
	check := func(waiting, refused int) {
		t.Helper()
		j := opened()
		if len(j.Waiting) != waiting || j.Refused != refused {
			t.Errorf("%d wait and %d were counted, want %d and %d", len(j.Waiting), j.Refused, waiting, refused)
		}
		for _, r := range j.Waiting {
			if len(r.Words) > journal.MostHeldWords || strings.ContainsRune(r.Words, '\ufffd') {
				t.Errorf("one has %d bytes of words, want at most %d and whole characters",
					len(r.Words), journal.MostHeldWords)
			}
		}
		if j.Found != 1 || len(j.Entries) != 1 || j.Entries[0].Words != "My own words." {
			t.Errorf("the journal shows %d entries, want her own", j.Found)
		}
	}
	flood(12)
	check(5, 7)
	for day := range 6 {
		w.untilInstant(w.now.Add(24 * time.Hour))
		flood(6)
		check(min(5*(day+2), journal.MostHeld), n-min(5*(day+2), journal.MostHeld))
	}
	w.wantLetters(mend.Notice, 4) // one a day, for what was kept

	all := w.copyOf(id)
	if len(all.Replies) != 1+journal.MostHeld || all.RepliesNotKept != n-journal.MostHeld ||
		!slices.ContainsFunc(all.Replies, func(r export.Reply) bool { return r.Words == "My own words." }) {
		t.Errorf("the copy has %d replies, and tells of %d that were not kept", len(all.Replies), all.RepliesNotKept)
	}

	// Room for another comes from what she decides about.
	waiting := opened().Waiting
	w.do(w.svc.Journal.NotMine(t.Context(), a, mend.EntryOf(waiting[0])))
	w.do(w.svc.Journal.ConfirmMine(t.Context(), a, mend.EntryOf(waiting[1])))
	w.untilInstant(w.now.Add(24 * time.Hour))
	refused := opened().Refused
	flood(4)
	if j := opened(); len(j.Waiting) != journal.MostHeld || j.Refused != refused+2 || j.Found != 2 {
		t.Errorf("%d wait, %d more were counted, %d are hers; want %d, 2 and 2",
			len(j.Waiting), j.Refused-refused, j.Found, journal.MostHeld)
	}

	var shown []mend.Entry
	for _, r := range opened().Waiting {
		shown = append(shown, mend.EntryOf(r))
	}
	w.do(w.svc.Journal.DeleteHeld(t.Context(), a, shown))
	if j := opened(); len(j.Waiting) != 0 || j.Refused != 0 || j.Found != 2 {
		t.Errorf("after deleting all: %d wait, %d counted, %d are hers; want 0, 0 and 2",
			len(j.Waiting), j.Refused, j.Found)
	}
	if left := strings.Count(w.everything(), hate[:10_000]); left != 1 {
		t.Errorf("the table has the words of %d replies, want those of the one that was hers", left)
	}
}

// A redelivered mail takes no place and is not counted.
func TestTheSameUnprovenReplyTakesOnePlace(t *testing.T) {
	w, id, letter := answering(t)
	for range 10 {
		w.receive(letter, incoming{words: "Once.", messageID: "same@example.test", dmarc: receive.Gray})
	}
	held := get(w.svc.Store.Held(t.Context(), id))(w)
	if len(held.Keys) != 1 || held.Refused != 0 {
		t.Errorf("%d are kept and %d counted, want one and none", len(held.Keys), held.Refused)
	}
}

// A mail may come twice: first when its proof can't be checked, then with it. The proven copy says
// whose both are. Its orders are followed once, and no further copy changes anything.
func TestAProvenCopyConfirmsAnUnprovenReply(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("It went well, and we talked for a long time. ", 20_000)
	for _, words := range []string{"It went well.", long} {
		w, id, letter := answering(t)
		copyWith := func(dmarc receive.Verdict) {
			w.receive(letter, incoming{
				words:     "PAUSE 2 weeks\nPROMISE water the basil by Friday\n" + words,
				messageID: "same@example.test", dmarc: dmarc,
			})
		}
		copyWith(receive.Gray)
		before := w.load(id)
		if before.Person.Hold != (mend.Hold{}) || w.replies(id)[0].Flag == mend.NotFlagged {
			t.Fatal("an unproven reply counts")
		}
		copyWith(receive.Pass)
		replies, held := w.replies(id), get(w.svc.Store.Held(t.Context(), id))(w)
		if len(replies) != 1 || replies[0].Flag != mend.NotFlagged || len(held.Keys) != 0 {
			t.Fatalf("%d replies, the first flagged %q, and %d wait", len(replies), replies[0].Flag, len(held.Keys))
		}
		if got := strings.TrimSpace(replies[0].Words); !strings.HasSuffix(got, strings.TrimSpace(words)) {
			t.Errorf("it has %d bytes of words, want all %d", len(got), len(words))
		}
		after := w.load(id)
		promises := get(w.svc.Store.Promises(t.Context(), id, w.now))(w)
		if !after.Person.Hold.Covers(day("2026-03-09")) || len(promises) != 1 {
			t.Errorf("the hold is %q and there are %d promises, want a pause and one", after.Person.Hold, len(promises))
		}
		a, notices := account.Access{Person: id, SignedIn: true}, len(w.letters(mend.Notice))
		w.do(w.svc.Account.Resume(t.Context(), a))
		for _, verdict := range []receive.Verdict{receive.Pass, receive.Gray, receive.Fail} {
			copyWith(verdict)
		}
		if got := w.load(id).Person.Hold; got.Covers(day("2026-03-09")) || len(w.replies(id)) != 1 ||
			len(w.letters(mend.Notice)) != notices {
			t.Errorf("another copy changes something: the hold is %q", got)
		}
		// What they said isn't theirs, or deleted, no copy brings back.
		w.do(w.svc.Journal.DeleteReply(t.Context(), a, mend.EntryOf(w.replies(id)[0])))
		if copyWith(receive.Pass); len(w.replies(id)) != 0 {
			t.Error("a deleted reply comes back")
		}
	}
}

// Ninety days after it came, a held reply has gone by itself and makes room.
func TestHeldRepliesThatWentMakeRoom(t *testing.T) {
	w, id, letter := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	w.do(w.svc.Account.SetRetention(t.Context(), a, mend.Keep90Days))
	for day := range 5 {
		for n := range 5 {
			w.receive(letter, incoming{words: fmt.Sprint(day, n), dmarc: receive.Gray})
		}
		w.now = w.now.Add(24 * time.Hour)
	}
	w.now = w.now.Add(95 * 24 * time.Hour)
	w.receive(letter, incoming{words: "A new one.", dmarc: receive.Gray})
	held := get(w.svc.Store.Held(t.Context(), id))(w)
	if len(held.Keys) != 1 || held.Refused != 5 {
		t.Errorf("%d are kept and %d counted, want one and five", len(held.Keys), held.Refused)
	}
}
