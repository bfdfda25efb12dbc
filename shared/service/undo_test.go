package service_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

var shortReply = incoming{
	words: "4\nPROMISE call my sister by 2026-03-06\n\nSECRETWORDS of mine.", messageID: "short@x",
}

// visiting is a person with a reply, a long reply, a reply that may be another's, and a
// promise, and two sessions.
func visiting(t *testing.T) (w *world, id mend.ID, a, other account.Access, letter sent) {
	t.Helper()
	return visitingWith(t, 60_000)
}

// visitingWith is visiting with a reply of so many lines instead of the longest.
func visitingWith(t *testing.T, long int) (w *world, id mend.ID, a, other account.Access, letter sent) {
	t.Helper()
	w, id, letter = answering(t, func(f *account.Form) { f.Privacy = "quotes" })
	w.receive(letter, shortReply)
	w.receive(letter, incoming{words: "LONGWORDS " + strings.Repeat("“and” on\n", long), messageID: "long@x"})
	w.receive(letter, incoming{words: "HELDWORDS", from: "bo@other.test", messageID: "held@x"})
	a = get(w.svc.SignIn.Session(t.Context(), w.signIn()))(w)
	w.now = w.now.Add(2 * time.Minute)
	other = get(w.svc.SignIn.Session(t.Context(), w.signIn()))(w)
	return w, id, a, other, letter
}

// entryWith is the entry whose words begin in a certain way.
func (w *world) entryWith(id mend.ID, words string) (mend.Reply, mend.Entry) {
	w.Helper()
	for _, r := range w.replies(id) {
		if strings.Contains(r.Words, words) {
			return r, mend.EntryOf(r)
		}
	}
	w.Fatalf("no entry with %s", words)
	return mend.Reply{}, ""
}

func TestADeletedEntryComesBackOnce(t *testing.T) {
	t.Parallel()
	w, id, a, other, letter := visiting(t)
	for _, words := range []string{"SECRETWORDS", "LONGWORDS", "HELDWORDS"} {
		t.Run(words, func(t *testing.T) {
			before, promises, held := w.replies(id), w.promises(id), get(w.svc.Store.Held(t.Context(), id))(w)
			_, e := w.entryWith(id, words)
			if words == "HELDWORDS" {
				w.do(w.svc.Journal.NotMine(t.Context(), a, e))
			} else {
				w.do(w.svc.Journal.StarReply(t.Context(), a, e, true))
				before = w.replies(id)
				w.do(w.svc.Journal.DeleteReply(t.Context(), a, e))
			}
			if got := len(w.replies(id)); got != 2 || strings.Contains(w.everything(), words) ||
				strings.Contains(w.everything(), "“and” on") && words == "LONGWORDS" {
				t.Fatalf("%d entries are left, and the table holds the words: %v",
					got, strings.Contains(w.everything(), words))
			}
			if j := get(w.svc.Journal.Journal(t.Context(), a, journal.PageRequest{}))(w); !j.CanUndo {
				t.Error("the journal does not offer the undo")
			}
			if j := get(w.svc.Journal.Journal(t.Context(), other, journal.PageRequest{}))(w); j.CanUndo {
				t.Error("the journal offers the undo to another session")
			}
			for name, who := range map[string]account.Access{
				"another session": other,
				"a link":          {Person: id},
				"no secret":       {Person: id, SignedIn: true},
			} {
				err := w.svc.Journal.UndoDeletion(t.Context(), who)
				if code(err) != mend.Gone && code(err) != mend.NeedSignIn {
					t.Errorf("undo with %s: %v", name, err)
				}
			}
			w.do(w.svc.Journal.UndoDeletion(t.Context(), a))
			if got := w.replies(id); !reflect.DeepEqual(got, before) {
				t.Errorf("undone: %.300s\nwant %.300s", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", before))
			}
			got := get(w.svc.Store.Held(t.Context(), id))(w)
			if !reflect.DeepEqual(got.Keys, held.Keys) || !reflect.DeepEqual(w.promises(id), promises) {
				t.Errorf("held %v, want %v; promises %+v", got.Keys, held.Keys, w.promises(id))
			}
			if err := w.svc.Journal.UndoDeletion(t.Context(), a); code(err) != mend.Gone {
				t.Errorf("undo a second time: %v", err)
			}
			w.receive(letter, shortReply)
			if got := len(w.replies(id)); got != 3 {
				t.Errorf("a second copy of the mail: %d entries", got)
			}
		})
	}
}

// What is written in the same words after the deletion stays as it is.
func TestAnUndoPutsNothingOverWhatIsThere(t *testing.T) {
	t.Parallel()
	w, id, a, _, _ := visiting(t)
	w.do(w.svc.Journal.AddEntry(t.Context(), a, "TWICE", 2))
	_, e := w.entryWith(id, "TWICE")
	w.do(w.svc.Journal.DeleteReply(t.Context(), a, e))
	w.do(w.svc.Journal.AddEntry(t.Context(), a, "TWICE", 5))
	if _, again := w.entryWith(id, "TWICE"); again != e {
		t.Fatalf("another entry: %s, want %s", again, e)
	}
	if err := w.svc.Journal.UndoDeletion(t.Context(), a); code(err) != mend.Gone {
		t.Errorf("undo: %v", err)
	}
	if r, _ := w.entryWith(id, "TWICE"); r.Mood != 5 {
		t.Errorf("the undo replaced what was written since: %+v", r)
	}
}

func TestADeletedPromiseComesBack(t *testing.T) {
	t.Parallel()
	w, id, a, _, _ := visiting(t)
	before := w.promises(id)
	w.do(w.svc.Journal.DeletePromise(t.Context(), a, before[0].ID))
	if len(w.promises(id)) != 0 || strings.Contains(w.everything(), "call my sister") {
		t.Fatalf("after deleting: %+v", w.promises(id))
	}
	w.do(w.svc.Journal.UndoDeletion(t.Context(), a))
	if got := w.promises(id); !reflect.DeepEqual(got, before) {
		t.Errorf("undone: %+v, want %+v", got, before)
	}
	if err := w.svc.Journal.UndoDeletion(t.Context(), a); code(err) != mend.Gone {
		t.Errorf("undo a second time: %v", err)
	}
	w.until("2026-03-07 08:00")
	w.wantLetters(mend.PromiseKind, 1)
}

// A promise that was deleted before someone said no waits to be looked over like the others.
func TestAPromiseThatComesBackAfterANoRests(t *testing.T) {
	t.Parallel()
	w, id, a, _, _ := visiting(t)
	w.do(w.svc.Journal.DeletePromise(t.Context(), a, w.promises(id)[0].ID))
	w.do(w.svc.Account.SaidNo(t.Context(), a))
	w.do(w.svc.Journal.UndoDeletion(t.Context(), a))
	if got := w.promises(id); len(got) != 1 || got[0].Hold.Why != mend.ToReview {
		t.Errorf("undone: %+v, want it to rest", got)
	}
	w.until("2026-03-07 08:00")
	w.wantLetters(mend.PromiseKind, 0)
}

// No letter tells of an entry that was deleted: not of its number, nor that it arrived.
func TestNoLetterTellsOfADeletedEntry(t *testing.T) {
	const told, arrived = "You wrote 1 last time", "Your last reply arrived"
	for name, tt := range map[string]struct {
		then func(w *world, a account.Access)
		told bool
	}{
		"kept":    {func(*world, account.Access) {}, true},
		"deleted": {func(w *world, a account.Access) { w.deletes(a, "DARK") }, false},
		"deleted, undone": {func(w *world, a account.Access) {
			w.deletes(a, "DARK")
			w.do(w.svc.Journal.UndoDeletion(w.Context(), a))
		}, true},
		"deleted, and an older one stays": {func(w *world, a account.Access) {
			w.deletes(a, "LATER")
		}, true},
	} {
		w, id, letter := answering(t)
		w.receive(letter, incoming{words: "1\nDARK it was."})
		if strings.Contains(name, "older") {
			w.now = w.now.Add(time.Minute)
			w.receive(letter, incoming{words: "4\nLATER it was better."})
		}
		a := get(w.svc.SignIn.Session(t.Context(), w.signIn()))(w)
		tt.then(w, a)
		w.until("2026-03-04 08:00")
		text := w.text(w.last(mend.CheckIn))
		if strings.Contains(text, told) != tt.told || strings.Contains(text, arrived) != (name == "kept") {
			t.Errorf("%s: the next letter:\n%s", name, text)
		}
		account := w.load(id)
		if moods := account.CheckIn().Moods; (moods[0].Value == 1) != tt.told || moods[1].Value != 0 {
			t.Errorf("%s: moods %v", name, moods)
		}
	}
}

// deletes deletes the entry whose words begin in a certain way.
func (w *world) deletes(a account.Access, words string) {
	w.Helper()
	_, e := w.entryWith(a.Person, words)
	w.do(w.svc.Journal.DeleteReply(w.Context(), a, e))
}

// Whatever ends what the undo stands for ends the undo, and leaves nothing sealed behind.
func TestASealedDeletionEndsWithItsSession(t *testing.T) {
	t.Parallel()
	type visit struct {
		*world
		id     mend.ID
		a      account.Access
		cookie string
	}
	for name, end := range map[string]struct {
		do   func(visit) error
		left bool // the sealed item waits for its own time
	}{
		"ten minutes":         {func(w visit) error { w.now = w.now.Add(store.UndoLife); return nil }, true},
		"sign out":            {func(w visit) error { return w.svc.SignIn.SignOut(w.Context(), w.cookie) }, false},
		"sign out everywhere": {func(w visit) error { return w.svc.SignIn.SignOutEverywhere(w.Context(), w.a) }, false},
		"a stop":              {func(w visit) error { err := w.svc.Account.Stop(w.Context(), w.a); return err }, false},
		"no words": {func(w visit) error {
			err := w.svc.Account.SetRetention(w.Context(), w.a, mend.KeepNone)
			return err
		}, false},
		"ninety days": {func(w visit) error {
			err := w.svc.Account.SetRetention(w.Context(), w.a, mend.Keep90Days)
			return err
		}, false},
		"an erasure": {func(w visit) error { return w.svc.Account.Erase(w.Context(), w.a, "delete") }, false},
	} {
		for _, words := range []string{"SECRETWORDS", "LONGWORDS", "a promise"} {
			t.Run(name+" "+words, func(t *testing.T) {
				w, id, _, _, _ := visitingWith(t, map[string]int{"LONGWORDS": 60_000}[words])
				w.now = w.now.Add(2 * time.Minute)
				cookie := w.signIn()
				v := visit{w, id, get(w.svc.SignIn.Session(t.Context(), cookie))(w), cookie}
				if words == "a promise" {
					w.do(w.svc.Journal.DeletePromise(t.Context(), v.a, w.promises(id)[0].ID))
				} else {
					_, e := w.entryWith(id, words)
					w.do(w.svc.Journal.DeleteReply(t.Context(), v.a, e))
				}
				if !strings.Contains(w.everything(), "#UNDO#") {
					t.Fatal("nothing is sealed, so this test proves nothing")
				}
				w.do(end.do(v))
				if got := strings.Contains(w.everything(), "#UNDO#"); got != end.left {
					t.Errorf("sealed after it: %v, want %v", got, end.left)
				}
				if err := w.svc.Journal.UndoDeletion(t.Context(), v.a); code(err) != mend.Gone {
					t.Errorf("undo: %v", err)
				}
				if words != "a promise" && strings.Contains(w.everything(), words) && name != "an erasure" &&
					name != "no words" {
					t.Error("the words are back")
				}
			})
		}
	}
}

// A deletion in a session that ended meanwhile seals nothing.
func TestASessionThatEndedSealsNothing(t *testing.T) {
	t.Parallel()
	w, id, _, _, _ := visiting(t)
	w.now = w.now.Add(2 * time.Minute)
	cookie := w.signIn()
	a := get(w.svc.SignIn.Session(t.Context(), cookie))(w)
	w.do(w.svc.SignIn.SignOut(t.Context(), cookie))
	_, e := w.entryWith(id, "SECRETWORDS")
	if err := w.svc.Journal.DeleteReply(t.Context(), a, e); code(err) != mend.Busy {
		t.Errorf("deleting: %v, want that they try again", err)
	}
	if strings.Contains(w.everything(), "#UNDO#") {
		t.Error("something is sealed")
	}
}
