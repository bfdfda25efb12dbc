package service_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// resting is somebody with a daily reminder and a promise, who has just been told no.
func resting(t *testing.T) (*world, account.Access) {
	t.Helper()
	w, id, letter := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	f := form(func(f *account.Form) { f.Words, f.Time = "Write to her", "09:00" })
	get(w.svc.Account.SaveReminder(t.Context(), a, 0, f))(w)
	w.receive(letter, incoming{words: "PROMISE call my sister by 2026-03-06"})
	w.do(w.svc.Account.SaidNo(t.Context(), account.Access{Person: id}))
	w.drain()
	return w, a
}

func TestAfterTheySaidNoRemindersAndPromisesRestUntilLookedOver(t *testing.T) {
	w, a := resting(t)
	w.do(w.svc.Account.SaidNo(t.Context(), a))
	w.until("2026-03-10 12:00")
	w.wantLetters(mend.Reminder, 0)
	w.wantLetters(mend.PromiseKind, 0)
	w.wantLetters(mend.Notice, 1) // it tells once
	if text := w.text(w.last(mend.Notice)); !strings.Contains(text, "you've looked at them") ||
		strings.Contains(text, "sister") || strings.Contains(text, "said no") {
		t.Errorf("the notice:\n%s", text)
	}
	for _, l := range w.letters(mend.CheckIn) {
		if l.At.Before(at("2026-03-03 00:00")) {
			continue
		}
		c, _ := w.svc.Sending.Library.ByNumber(w.record(a.Person, of(w, l)).Card)
		if c.Contact != "none" {
			t.Errorf("%s: a card with contact %s", l.Occurrence, c.Contact)
		}
	}
	view := get(w.svc.Account.Settings(t.Context(), a))(w)
	if !view.NoContact || len(view.OnHold) != 1 || len(view.Reminders) != 1 || !view.Reminders[0].OnHold {
		t.Errorf("to look over: %+v and %+v", view.OnHold, view.Reminders)
	}
	view = get(w.svc.Account.Settings(t.Context(), account.Access{Person: a.Person}))(w)
	if view.OnHold != nil || view.Reminders != nil {
		t.Error("a link shows words that rest")
	}
}

func TestNothingButLookingOverWakesWhatRests(t *testing.T) {
	w, a := resting(t)
	f := get(w.svc.Account.Settings(t.Context(), a))(w).Form
	for _, change := range []func() error{
		func() error { err := w.changeSettings(a, f); return err },
		func() error { w.receive(w.last(mend.CheckIn), incoming{words: "PAUSE 1 day"}); return nil },
		func() error { w.receive(w.last(mend.CheckIn), incoming{words: "RESUME"}); return nil },
		func() error { err := w.svc.Account.PauseReminder(t.Context(), a, 3, false); return err },
		func() error { err := w.svc.Account.ContactAgain(t.Context(), a); return err },
		func() error { err := w.svc.Account.Stop(t.Context(), a); return err },
		func() error { err := w.svc.Account.Undo(t.Context(), a); return err },
	} {
		w.do(change())
	}
	w.until("2026-03-10 12:00")
	w.wantLetters(mend.Reminder, 0)
	w.wantLetters(mend.PromiseKind, 0)
}

// Who takes the no back has what they had: a reminder that they had paused by itself does not come,
// and a promise of which they had said "not yet" is not asked about.
func TestTakingTheNoBackStartsNothingThatRestedBefore(t *testing.T) {
	for _, rests := range []string{"", "reminder", "promise"} {
		w, id, letter := answering(t)
		a := account.Access{Person: id, SignedIn: true}
		f := form(func(f *account.Form) { f.Words, f.Time = "Write to her", "09:00" })
		reminder := get(w.svc.Account.SaveReminder(t.Context(), a, 0, f))(w)
		w.receive(letter, incoming{words: "PROMISE call my sister by 2026-03-06"})
		switch promise := w.promises(id)[0].ID; rests {
		case "reminder":
			w.do(w.svc.Account.PauseReminder(t.Context(), a, reminder, true))
		case "promise":
			w.do(w.svc.Journal.AnswerPromise(t.Context(), a, promise, mend.NotYet, ""))
		}
		before := w.promises(id)[0].State
		w.do(w.svc.Account.SaidNo(t.Context(), a))
		w.do(w.svc.Account.TakeBackNo(t.Context(), a))
		w.until("2026-03-06 20:00")
		if got := len(w.letters(mend.Reminder)); (got == 0) != (rests == "reminder") {
			t.Errorf("the %q rested: %d reminders came", rests, got)
		}
		if got := len(w.letters(mend.PromiseKind)); rests == "promise" && got != 0 || rests == "" && got != 1 {
			t.Errorf("the %q rested: the promise was asked about %d times", rests, got)
		}
		if got := w.promises(id)[0].State; got != before {
			t.Errorf("the %q rested: the promise was %s, and is %s", rests, before, got)
		}
	}
}

func TestLookingOverWantsASessionAndMarksEach(t *testing.T) {
	for _, goesOn := range []bool{true, false} {
		w, a := resting(t)
		promise := w.promises(a.Person)[0].ID
		marks := account.ReviewDecisions{
			Reminders: map[uint8]bool{3: goesOn},
			Promises:  map[mend.ItemID]bool{promise: goesOn},
		}
		err := w.svc.Account.ReviewHeldItems(t.Context(), account.Access{Person: a.Person}, marks)
		if code(err) != mend.NeedSignIn {
			t.Errorf("with a link alone: %v", err)
		}
		view := w.after(a, w.svc.Account.ReviewHeldItems(t.Context(), a, marks))
		if len(view.OnHold) != 0 || goesOn != (len(view.Reminders) == 1) {
			t.Errorf("going on %v: %+v", goesOn, view)
		}
		if p := w.promises(a.Person)[0]; !goesOn && (p.State != mend.LetGo || p.Closed.IsZero()) {
			t.Errorf("dropped: %+v", p)
		}
		w.until("2026-03-06 20:00")
		reminders, asked := 0, 0
		if goesOn {
			reminders, asked = 4, 1
		}
		w.wantLetters(mend.Reminder, reminders)
		w.wantLetters(mend.PromiseKind, asked)
	}
}

func TestASnoozedReminderDoesNotComeAfterTheySaidNo(t *testing.T) {
	w, id, _ := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	f := form(func(f *account.Form) { f.Words, f.Time = "Write to her", "09:00" })
	get(w.svc.Account.SaveReminder(t.Context(), a, 0, f))(w)
	w.until("2026-03-03 09:00")
	w.receive(w.last(mend.Reminder), incoming{words: "SNOOZE 2h"})
	w.do(w.svc.Account.SaidNo(t.Context(), a))
	w.until("2026-03-05 12:00")
	w.wantLetters(mend.Reminder, 1)
}

func TestContactIsTakenUpAgainWithASessionAlone(t *testing.T) {
	w, a := resting(t)
	if err := w.svc.Account.ContactAgain(t.Context(), account.Access{Person: a.Person}); code(err) != mend.NeedSignIn {
		t.Errorf("with a link alone: %v", err)
	}
	if view := w.after(a, w.svc.Account.ContactAgain(t.Context(), a)); view.NoContact || len(view.OnHold) != 1 {
		t.Errorf("got %+v, want contact, and what rests resting", view)
	}
	for _, sub := range w.load(a.Person).Subscriptions {
		if sub.Kind != mend.Reminder && sub.NoContact {
			t.Errorf("subscription %d does not know", sub.Number)
		}
	}
}

// The sign-up form says no more than that there shall be no contact; which question led
// there is sent to nobody.
func TestNoContactFromTheSignUpFormHoldsFromTheFirstLetter(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(func(f *account.Form) { f.NoContact, f.Path = true, "apart" })
	whole := w.load(id)
	if !whole.Person.NoContact || !whole.Subscription(mend.CheckInNumber).NoContact ||
		!whole.Subscription(mend.DigestNumber).NoContact {
		t.Errorf("no-contact: %+v", whole)
	}
	w.wantLetters(mend.Notice, 0)
}

func TestARoleIsSaidByALinkOnceAndChangedWithASession(t *testing.T) {
	w, id, _ := answering(t)
	link, signedIn := account.Access{Person: id}, account.Access{Person: id, SignedIn: true}
	w.do(w.svc.Account.SetRole(t.Context(), link, mend.WasHurt))
	if err := w.svc.Account.SetRole(t.Context(), link, mend.BrokeTrust); code(err) != mend.NeedSignIn {
		t.Errorf("changed by a link: %v", err)
	}
	w.do(w.svc.Account.SetRole(t.Context(), signedIn, mend.BothSides))
	whole := w.load(id)
	if whole.Person.Role != mend.BothSides || whole.Subscription(mend.CheckInNumber).Role != mend.BothSides {
		t.Errorf("role: %+v", whole.Person)
	}
	if err := w.svc.Account.SetRole(t.Context(), signedIn, "victim"); problem(err, "role") == "" {
		t.Errorf("a role that is none: %v", err)
	}
}

// A promise of before the "no" is named by no letter until it was looked over, whether
// or not its day is over.
func TestNoLetterNamesAPromiseOfBeforeTheyWereToldNo(t *testing.T) {
	t.Parallel()
	byMail := func(words string) func(*world, account.Access, sent) {
		return func(w *world, _ account.Access, asked sent) { w.receive(asked, incoming{words: words}) }
	}
	onPage := func(due string) func(*world, account.Access, sent) {
		return func(w *world, _ account.Access, asked sent) {
			a, p, err := w.promiseOf(w.link(asked, "/promise/"))
			w.do(err)
			w.do(w.svc.Journal.AnswerPromise(w.Context(), a, p.ID, mend.NotYet, due))
		}
	}
	for name, then := range map[string]func(*world, account.Access, sent){
		"left alone":           func(*world, account.Access, sent) {},
		"put off by mail":      byMail("NOT YET by 2026-03-20"),
		"put off on the page":  onPage("2026-03-20"),
		"not yet, by mail":     byMail("NOT YET"),
		"not yet, on the page": onPage(""),
		"given another day in the journal": func(w *world, a account.Access, _ sent) {
			w.do(w.svc.Journal.EditPromise(w.Context(), a, w.promises(a.Person)[0].ID,
				journal.PromiseForm{Words: "Call her", Due: "2026-03-20"}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-03-02 06:00")
			a := account.Access{Person: w.active(monthly), SignedIn: true}
			w.says("PROMISE call her by 2026-03-06")
			w.until("2026-03-06 20:00")
			asked := w.last(mend.PromiseKind)
			w.do(w.svc.Account.SaidNo(t.Context(), a))
			then(w, a, asked)
			w.until("2026-05-02 00:00")
			w.wantLetters(mend.PromiseKind, 1)
			for _, l := range w.letters(mend.Digest) {
				if strings.Contains(strings.ToLower(w.text(l)), "call her") {
					t.Errorf("a digest:\n%s", w.text(l))
				}
			}
			if view := get(w.svc.Account.Settings(t.Context(), a))(w); len(view.OnHold) != 1 {
				t.Errorf("to look over: %+v", view.OnHold)
			}
		})
	}
}

// A reply of before the "no" may count only after it: when its person says that it was theirs, or
// when a proven copy comes.
func TestAPromiseOfAReplyOfBeforeTheNoRests(t *testing.T) {
	for name, confirm := range map[string]func(w *world, a account.Access, words string){
		"it was me": func(w *world, a account.Access, words string) {
			_, e := w.entryWith(a.Person, words)
			w.do(w.svc.Journal.ConfirmMine(w.Context(), a, e))
		},
		"a copy of before the no": func(w *world, a account.Access, words string) {
			reply, _ := w.entryWith(a.Person, words)
			reply.Flag = mend.NotFlagged
			get(w.svc.Journal.Keep(w.Context(), w.load(a.Person), reply))(w)
		},
	} {
		for _, before := range []bool{true, false} {
			w, id, letter := answering(t)
			a := account.Access{Person: id, SignedIn: true}
			words := "PROMISE call her by 2026-03-09"
			no := func() { w.do(w.svc.Account.SaidNo(t.Context(), a)) }
			if !before {
				no()
				w.now = w.now.Add(time.Minute)
			}
			w.receive(letter, incoming{words: words, from: "ann@work.test"})
			w.now = w.now.Add(time.Minute)
			if before {
				no()
			}
			confirm(w, a, words)
			w.until("2026-03-10 12:00")
			asked, held := len(w.letters(mend.PromiseKind)), len(get(w.svc.Account.Settings(t.Context(), a))(w).OnHold)
			if before && (asked != 0 || held != 1) || !before && (asked != 1 || held != 0) {
				t.Errorf("%s, written before the no %v: asked about %d times, %d on hold", name, before, asked, held)
			}
		}
	}
}

// The form to sign up asks about a "no" as well. Someone who stopped may say so there, and then say
// of a reply of before that it was theirs.
func TestAPromiseOfBeforeASignUpWithoutContactRests(t *testing.T) {
	w, id, letter := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	words := "PROMISE call her by 2026-03-09"
	w.receive(letter, incoming{words: words, from: "ann@work.test"})
	w.do(w.svc.Account.Stop(t.Context(), a))
	w.now = w.now.Add(time.Hour)
	w.join(func(f *account.Form) { f.NoContact, f.Path = true, mend.Apart })
	w.do(w.confirm(w.link(w.last(mend.Confirmation), "/confirm/")))
	_, e := w.entryWith(id, words)
	w.do(w.svc.Journal.ConfirmMine(t.Context(), a, e))
	w.until("2026-03-10 12:00")
	w.wantLetters(mend.PromiseKind, 0)
	if held := get(w.svc.Account.Settings(t.Context(), a))(w).OnHold; len(held) != 1 {
		t.Errorf("%d promises are on hold, want 1", len(held))
	}
}

// What was read of a promise before the "no" is not sent after it.
func TestAPromiseThatIsDueInTheVeryMinuteOfTheNoIsNotAskedAbout(t *testing.T) {
	w, id, letter := answering(t)
	w.receive(letter, incoming{words: "PROMISE call her by 2026-03-06"})
	w.until("2026-03-06 18:59")
	o := w.load(id).OneOffs[0]
	w.do(w.svc.Account.SaidNo(t.Context(), account.Access{Person: id}))
	if err := w.claim(o, "n"); !errors.Is(err, store.ErrClaimed) {
		t.Errorf("claimed: %v", err)
	}
	a := account.Access{Person: id, SignedIn: true}
	w.do(w.svc.Account.ReviewHeldItems(t.Context(), a,
		account.ReviewDecisions{Promises: map[mend.ItemID]bool{w.promises(id)[0].ID: true}}))
	w.until("2026-03-07 00:00")
	w.wantLetters(mend.PromiseKind, 1) // they looked it over in time
}
