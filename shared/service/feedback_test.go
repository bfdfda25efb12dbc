package service_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/feedback"
	"example.org/mend/shared/mend"
)

func TestComplaintsAndPermanentBouncesEndAllLetters(t *testing.T) {
	for name, test := range map[string]struct {
		event feedback.Event
		want  mend.Status
	}{
		"a complaint":        {feedback.Event{Kind: feedback.Complained}, mend.Suppressed},
		"a permanent bounce": {feedback.Event{Kind: feedback.Bounced, Permanent: true}, mend.Suppressed},
		"a transient bounce": {feedback.Event{Kind: feedback.Bounced}, mend.Active},
		"a delivery":         {feedback.Event{Kind: feedback.Delivered}, mend.Active},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-03-02 09:00")
			id := w.active()
			w.until("2026-03-03 08:00")
			test.event.Occurrence, test.event.At = w.last(mend.CheckIn).Occurrence, w.now
			for range 2 { // events come more than once
				w.do(w.svc.Feedback.Take(t.Context(), test.event))
			}
			if got := w.load(id).Person.Status; got != test.want {
				t.Errorf("status: %s, want %s", got, test.want)
			}
			delivered := w.record(id, checkIn("2026-03-03")).Delivered
			if delivered.IsZero() != (test.event.Kind != feedback.Delivered) {
				t.Errorf("delivered: %s", delivered)
			}
			before := len(w.letters())
			w.until("2026-03-04 08:00")
			if got := len(w.letters()) - before; (got == 0) != (test.want == mend.Suppressed) {
				t.Errorf("letters on the next day: %d", got)
			}
			w.join()
			w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail))
			w.drain()
			want := 0 // and a link to sign in, where there is a mailbox
			if test.event.Kind == feedback.Complained {
				want = 1
			}
			if got := len(w.letters()) - before; test.want == mend.Suppressed && got != want {
				t.Errorf("letters after joining again: %d, want %d", got, want)
			}
		})
	}
}

// A mailbox that bounced for good works again, and its owner tells the operator. They may sign in,
// and only their own yes brings letters back. After a complaint, they get only the link to sign in.
func TestAMailboxThatWorksAgainCanBeOpened(t *testing.T) {
	for name, test := range map[string]struct {
		kinds     []feedback.EventKind
		confirmed bool
		links     int // to sign in
		asked     int // whether they want letters
	}{
		"bounced":                  {[]feedback.EventKind{feedback.Bounced}, true, 1, 1},
		"complained, then bounced": {[]feedback.EventKind{feedback.Complained, feedback.Bounced}, true, 1, 0},
		"bounced, then complained": {[]feedback.EventKind{feedback.Bounced, feedback.Complained}, true, 1, 0},
		"never confirmed":          {[]feedback.EventKind{feedback.Bounced}, false, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-03-02 09:00")
			if !test.confirmed {
				w.join()
			} else {
				w.active()
				w.until("2026-03-03 08:00")
			}
			told := w.letters(mend.CheckIn, mend.Confirmation)
			for _, kind := range test.kinds {
				w.do(w.svc.Feedback.Take(t.Context(), feedback.Event{
					Kind: kind, Permanent: true, Occurrence: told[len(told)-1].Occurrence, At: w.now,
				}))
			}
			w.now = w.now.Add(25 * time.Hour)
			before := len(w.letters())
			ask := func() {
				w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail))
				w.join()
				w.drain()
			}
			if ask(); len(w.letters()) != before {
				t.Fatalf("letters before: %v", w.letters()[before:])
			}
			w.do(w.svc.Account.Reopen(t.Context(), mend.StoredAddress(annMail)))
			ask()
			links, asked := 0, 0
			for _, l := range w.letters()[before:] {
				links += map[mend.Kind]int{mend.SignIn: 1}[l.Kind]
				asked += map[mend.Kind]int{mend.Confirmation: 1}[l.Kind]
			}
			if links != test.links || asked != test.asked || len(w.letters())-before != links+asked {
				t.Errorf("%d links to sign in and %d confirmations, want %d and %d", links, asked, test.links,
					test.asked)
			}
			err := w.svc.Account.Reopen(t.Context(), mend.StoredAddress(annMail))
			if !errors.Is(err, account.ErrNotBounced) {
				t.Errorf("once more: %v, want ErrNotBounced", err)
			}
			w.until("2026-03-05 09:15")
			if n := len(w.letters(mend.CheckIn)); test.confirmed && n != 1 || !test.confirmed && n != 0 {
				t.Errorf("%d check-ins came without a new yes", n)
			}
			if test.asked == 0 {
				return
			}
			w.do(w.confirm(w.link(w.last(mend.Confirmation), "/confirm/")))
			w.until("2026-03-06 09:15")
			if w.now.Sub(w.last(mend.CheckIn).At) > 24*time.Hour {
				t.Error("no check-in came after their yes")
			}
			w.now = w.now.AddDate(0, 0, 10)
			w.db.Purge(w.now)
			if _, err := w.svc.Store.Person(t.Context(), idOf(w, w.last(mend.CheckIn)), w.now); err != nil {
				t.Errorf("who said yes is forgotten: %v", err)
			}
		})
	}
}

// A new address that was mistyped bounces, or its owner complains. And the mailbox that someone
// left tells late that it is gone. Neither ends the letters to where they go, or the way in.
func TestWhatAnotherAddressSaysEndsNoLetters(t *testing.T) {
	for _, kind := range []feedback.EventKind{feedback.Bounced, feedback.Complained} {
		for _, moved := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, moved %v", kind, moved), func(t *testing.T) {
				w, a := moving(t)
				w.until("2026-03-02 09:15")
				told, home := w.last(mend.Confirmation), annMail
				if moved {
					told, home = w.last(mend.CheckIn), newMail
					w.do(w.confirmMove(w.link(w.last(mend.Confirmation), "/address/yes/")))
				}
				for range 2 {
					w.do(w.svc.Feedback.Take(t.Context(), feedback.Event{
						Kind: kind, Permanent: true, Occurrence: told.Occurrence, To: told.To.Mail(), At: w.now,
					}))
				}
				before := len(w.letters(mend.CheckIn))
				w.until("2026-03-03 09:15")
				w.do(w.svc.SignIn.RequestSignIn(t.Context(), home))
				w.drain()
				came := len(w.letters(mend.CheckIn)) - before
				if got := w.load(a.Person).Person.Status; got != mend.Active || came != 1 ||
					w.last(mend.CheckIn).To.Mail() != home || w.to(mend.SignIn) != home {
					t.Errorf("they are %s, with %d letters on the next day, and links to sign in to %q", got, came,
						w.to(mend.SignIn))
				}
				if moved {
					return
				}
				// Who complained isn't asked again; a mailbox that was not there may be there now.
				asked := len(w.letters(mend.Confirmation))
				w.do(w.svc.SignIn.MoveAddress(t.Context(), a, newMail))
				w.until("2026-03-07 09:15")
				if got := len(w.letters(mend.Confirmation)) - asked; (got == 0) != (kind == feedback.Complained) {
					t.Errorf("the address was asked %d more times", got)
				}
			})
		}
	}
}

// Someone who complained about the confirmation gets nothing more, whatever anyone asks for.
func TestAComplaintAboutAConfirmationIsTheEnd(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.join()
	w.drain()
	w.do(w.svc.Feedback.Take(t.Context(), feedback.Event{
		Kind: feedback.Complained, Occurrence: w.last(mend.Confirmation).Occurrence, To: annMail, At: w.now,
	}))
	before := len(w.letters())
	for range 3 {
		w.now = w.now.Add(25 * time.Hour)
		w.join()
		w.do(w.svc.SignUp.AskAgain(t.Context(), annMail))
		w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail))
		w.drain()
	}
	if got := len(w.letters()) - before; got != 0 {
		t.Errorf("%d letters after it, the first of kind %s", got, w.letters()[before].Kind)
	}
}

// One mailbox has many spellings. Someone who wants no letters there is not asked again by another
// spelling.
func TestNoOtherSpellingOfARefusedMailboxIsAsked(t *testing.T) {
	const spelled = "ann.b@gmail.com"
	for name, refuse := range map[string]func(w *world){
		"not me": func(w *world) { w.do(w.notMe(w.link(w.last(mend.Confirmation), "/notme/"))) },
		"not me, after a stop": func(w *world) {
			w.do(w.confirm(w.link(w.last(mend.Confirmation), "/confirm/")))
			w.do(w.svc.Account.Stop(w.Context(), account.Access{Person: idOf(w, w.last(mend.Confirmation))}))
			w.now = w.now.Add(25 * time.Hour)
			w.join(func(f *account.Form) { f.Email = spelled })
			w.drain()
			w.do(w.notMe(w.link(w.last(mend.Confirmation), "/notme/")))
		},
		"a complaint": func(w *world) {
			w.do(w.svc.Feedback.Take(w.Context(), feedback.Event{
				Kind: feedback.Complained, Occurrence: w.last(mend.Confirmation).Occurrence, To: spelled, At: w.now,
			}))
		},
		"a late complaint": func(w *world) {
			w.now = w.now.Add(8 * 24 * time.Hour)
			w.do(w.svc.Feedback.Take(w.Context(), feedback.Event{
				Kind: feedback.Complained, Occurrence: w.last(mend.Confirmation).Occurrence, To: spelled, At: w.now,
			}))
		},
	} {
		w := newWorld(t, "2026-03-02 09:00")
		w.private = append(w.private, "gmail.com", "googlemail.com")
		w.join(func(f *account.Form) { f.Email = spelled })
		w.drain()
		refuse(w)
		before := len(w.letters(mend.Confirmation))
		for _, other := range []string{"annb@gmail.com", "Ann.B+1@gmail.com", "annb@googlemail.com"} {
			w.now = w.now.Add(100 * 24 * time.Hour)
			w.join(func(f *account.Form) { f.Email = other })
			w.drain()
		}
		if got := len(w.letters(mend.Confirmation)) - before; got != 0 {
			t.Errorf("%s: other spellings are asked %d times", name, got)
		}
	}
}

// Someone else typed their address, they never confirmed and were forgotten. Or they erased
// everything. What they say then counts as well: nothing more is sent there, no matter who asks.
func TestWhoIsGoneCanStillRefuseLetters(t *testing.T) {
	complain := func(w *world, l sent) {
		w.do(w.svc.Feedback.Take(w.Context(), feedback.Event{
			Kind: feedback.Complained, Occurrence: l.Occurrence, To: l.To.Mail(), At: w.now,
		}))
	}
	forgotten := func(w *world) {
		w.join()
		w.drain()
		w.now = w.now.Add(8 * 24 * time.Hour)
	}
	for name, refuse := range map[string]func(w *world){
		"a late complaint about a confirmation": func(w *world) {
			forgotten(w)
			complain(w, w.last(mend.Confirmation))
		},
		"a complaint about the last letter": func(w *world) {
			w.do(w.svc.Account.Erase(w.Context(), account.Access{Person: w.active(), SignedIn: true}, "delete"))
			w.drain()
			complain(w, w.last(mend.Notice))
		},
		"a no to a move": func(w *world) {
			forgotten(w)
			bob := account.Access{Person: w.active(func(f *account.Form) { f.Email = newMail }), SignedIn: true}
			w.private = append(w.private, newMail)
			w.do(w.svc.SignIn.MoveAddress(w.Context(), bob, annMail))
			w.untilInstant(w.now.Add(73 * time.Hour))
			w.do(w.refuseMove(w.link(w.last(mend.Confirmation), "/address/no/")))
		},
	} {
		w := newWorld(t, "2026-03-02 09:00")
		refuse(w)
		w.now = w.now.Add(30 * 24 * time.Hour)
		before := len(w.letters(mend.Confirmation))
		w.join()
		w.drain()
		if got := len(w.letters(mend.Confirmation)) - before; got != 0 {
			t.Errorf("%s: the address is asked again", name)
		}
	}
}

func TestAnEventAboutALetterThatIsNotOursIsLeft(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	for _, occurrence := range []string{
		"", "a-b", "aaaaaaaaaaaaaaaa-20260302-1x", "aaaaaaaaaaaaaaaa-20260302-00", "aaaaaaaaaaaaaaaa-20261302-01",
		"aaaaaaaaaaaaaaaa-20260302-01", "aaaaaaaaaaaaaaaa-20260302-bbbbbbbb",
	} {
		for _, kind := range []feedback.EventKind{
			feedback.Sent, feedback.Delivered, feedback.Bounced, feedback.Complained,
		} {
			err := w.svc.Feedback.Take(t.Context(),
				feedback.Event{Kind: kind, Occurrence: occurrence, Permanent: true, At: w.now})
			if err != nil {
				t.Errorf("%s of %q: %v", kind, occurrence, err)
			}
		}
	}
	if items := w.items("P#aaaaaaaaaaaaaaaa"); len(items) != 0 {
		t.Errorf("an event made %v", items)
	}
	err := w.svc.Feedback.Take(t.Context(), feedback.Event{Kind: "opened", Occurrence: "aaaaaaaaaaaaaaaa-20260302-01"})
	if err == nil {
		t.Error("an event of a kind that there is not: no error")
	}
}

func TestTheNameOfALetterReadsBack(t *testing.T) {
	for _, of := range []mend.LetterKey{
		checkIn("2026-03-02"), {Date: day("2026-12-31"), Subscription: 99},
		{Date: day("2026-03-02"), OneOff: "abcdefg2"},
	} {
		name := mend.LetterName("aaaaaaaaaaaaaaaa", of)
		id, got, err := mend.ParseLetterName(name)
		if err != nil || id != "aaaaaaaaaaaaaaaa" || got != of {
			t.Errorf("%q: got %s %+v %v, want %+v", name, id, got, err, of)
		}
	}
}

// A mailbox that takes no letters for now is left in peace after five in a row on several days, and
// the person sees why.
func TestLettersRestAfterSoftBounces(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active()
	bounce := func(l sent, kind feedback.EventKind) {
		w.do(w.svc.Feedback.Take(t.Context(), feedback.Event{Kind: kind, Occurrence: l.Occurrence, At: w.now}))
	}
	for day := 2; day <= 6; day++ { // the third arrives
		w.until(fmt.Sprintf("2026-03-%02d 09:00", day))
		if day == 4 {
			bounce(w.last(mend.CheckIn), feedback.Delivered)
			continue
		}
		bounce(w.last(mend.CheckIn), feedback.Bounced)
	}
	if view := get(w.svc.Account.Settings(t.Context(), account.Access{Person: id}))(w); view.Rests {
		t.Error("letters rest, and one arrived two days ago")
	}
	for day := 7; day <= 31; day++ {
		w.until(fmt.Sprintf("2026-03-%02d 09:00", day))
		bounce(w.last(mend.CheckIn), feedback.Bounced)
		bounce(w.last(mend.CheckIn), feedback.Bounced) // events come twice
	}
	if got, want := w.came(mend.CheckIn), "03-02 03-03 03-04 03-05 03-06 03-07 03-08 03-09 03-23"; got != want {
		t.Errorf("letters came on %s, want %s", got, want)
	}
	view := get(w.svc.Account.Settings(t.Context(), account.Access{Person: id}))(w)
	if n := get(w.svc.Store.Rests(t.Context(), w.now))(w); !view.Rests || !view.Paused || n != 1 {
		t.Errorf("rests %t, paused %t, counted %d", view.Rests, view.Paused, n)
	}
	w.change(id, func(f *account.Form) { f.PauseUntil = "" }) // they may begin again at once
	if view := get(w.svc.Account.Settings(t.Context(), account.Access{Person: id}))(w); view.Rests || view.Paused {
		t.Error("the rest cannot be ended")
	}
}

// A mail server may take a letter, and send it back once it sees that the mailbox is full. The
// events come in any order, and twice.
func TestLettersRestThatWereDeliveredAndCameBack(t *testing.T) {
	for name, kinds := range map[string][]feedback.EventKind{
		"in order":            {feedback.Delivered, feedback.Bounced},
		"out of order":        {feedback.Bounced, feedback.Delivered},
		"in order, twice":     {feedback.Delivered, feedback.Bounced, feedback.Delivered, feedback.Bounced},
		"out of order, twice": {feedback.Bounced, feedback.Bounced, feedback.Delivered, feedback.Delivered},
	} {
		w := newWorld(t, "2026-03-02 06:00")
		id := w.active()
		for day := 2; day <= 12; day++ {
			w.until(fmt.Sprintf("2026-03-%02d 09:00", day))
			for _, kind := range kinds {
				w.do(w.svc.Feedback.Take(t.Context(),
					feedback.Event{Kind: kind, Occurrence: w.last(mend.CheckIn).Occurrence, At: w.now}))
			}
		}
		view := get(w.svc.Account.Settings(t.Context(), account.Access{Person: id}))(w)
		if n := len(w.letters(mend.CheckIn)); !view.Rests || n != 5 {
			t.Errorf("%s: letters rest: %v; %d came, want a rest after 5", name, view.Rests, n)
		}
	}
}

// SES reports no check-in that arrived. Five that come back in half a year, and not one after the
// other, are no full mailbox; one after the other they are, however far apart.
func TestLettersRestAfterARowOfThem(t *testing.T) {
	for name, test := range map[string]struct {
		days     []string
		every    int // of how many letters one comes back
		wantRest bool
	}{
		"one in thirty":         {nil, 30, false},
		"one in eight":          {nil, 8, false},
		"each":                  {nil, 1, true},
		"each, once a week":     {[]string{"mon"}, 1, true},
		"one in two, of a week": {[]string{"mon"}, 2, false},
	} {
		w := newWorld(t, "2026-03-02 06:00")
		id := w.active(func(f *account.Form) {
			if test.days != nil {
				f.Cadence, f.Days = "weekly", test.days
			}
		})
		rested, seen := false, 0
		for ; w.now.Before(at("2026-08-20 00:00")); w.untilInstant(w.now.Add(12 * time.Hour)) {
			for _, l := range w.letters(mend.CheckIn)[seen:] {
				if seen++; seen%test.every == 0 {
					w.do(w.svc.Feedback.Take(t.Context(),
						feedback.Event{Kind: feedback.Bounced, Occurrence: l.Occurrence, At: l.At}))
				}
			}
			rested = rested || get(w.svc.Account.Settings(t.Context(), account.Access{Person: id}))(w).Rests
		}
		if rested != test.wantRest {
			t.Errorf("%s: after %d letters they rested: %t", name, seen, rested)
		}
	}
}

// Many letters of one day that come back say little about a mailbox.
func TestOneBadDayIsNoReasonToRest(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	a := account.Access{Person: w.active(), SignedIn: true}
	for i := range 8 {
		get(w.svc.Account.SaveReminder(t.Context(), a, 0, aReminder(func(f *account.Form) {
			f.Words, f.Cadence, f.Time = fmt.Sprint("Water ", i), "daily", "08:00"
		})))(w)
	}
	w.until("2026-03-02 09:00")
	for _, l := range w.letters(mend.Reminder) {
		w.do(w.svc.Feedback.Take(t.Context(),
			feedback.Event{Kind: feedback.Bounced, Occurrence: l.Occurrence, At: w.now}))
	}
	if view := get(w.svc.Account.Settings(t.Context(), a))(w); view.Rests || len(w.letters(mend.Reminder)) != 8 {
		t.Errorf("rests after %d letters of one day", len(w.letters(mend.Reminder)))
	}
}
