package service_test

import (
	"testing"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

// Design, invariant 5: the first letter at once is today's occurrence.
func TestALetterAtOnceIsTodays(t *testing.T) {
	w := newWorld(t, "2026-02-26 06:05") // before today's would come
	a := account.Access{Person: w.active()}
	w.do(w.svc.Account.SendNow(t.Context(), a))
	w.drain()
	w.wantLetters(mend.CheckIn, 1)
	if got := w.record(a.Person, checkIn("2026-02-26")).Outcome; got != mend.Accepted {
		t.Errorf("today's letter is recorded as %q, want accepted", got)
	}
	if err := w.svc.Account.SendNow(t.Context(), a); code(err) != mend.Invalid {
		t.Errorf("a second one today: got %v, want a refusal", err)
	}
	w.until("2026-02-26 23:00")
	w.wantLetters(mend.CheckIn, 1)
	w.until("2026-02-27 09:00")
	w.wantLetters(mend.CheckIn, 2)
	audit := get(w.svc.Dispatch.Audit(t.Context(), day("2026-02-26")))(w)
	if !audit.Whole() { // it was handed out twice, and sent once
		t.Errorf("the account of the day: %+v, want it whole", audit)
	}
}

func TestALetterAtOnceOnADayThatHasNone(t *testing.T) {
	w := newWorld(t, "2026-02-26 09:05") // a Thursday
	a := account.Access{Person: w.active(func(f *account.Form) { f.Cadence, f.Days = "weekly", []string{"mon"} })}
	w.queue.down = true // the sweep sees to it
	w.do(w.svc.Account.SendNow(t.Context(), a))
	w.queue.down = false
	w.until("2026-02-26 10:15")
	w.wantLetters(mend.CheckIn, 1)
	w.until("2026-03-02 09:00")
	w.wantLetters(mend.CheckIn, 2)
}

func TestNoLetterAtOnce(t *testing.T) {
	w := newWorld(t, "2026-03-01 09:05")
	a := account.Access{Person: w.active(func(f *account.Form) { f.Digest = true })}
	w.do(w.svc.Account.SendNow(t.Context(), a)) // the first digest is a month away
	w.drain()
	w.until("2026-04-01 06:00")
	if err := w.svc.Account.SendNow(t.Context(), a); code(err) != mend.Invalid {
		t.Errorf("on the digest's day: got %v, want a refusal", err)
	}
	w.until("2026-04-01 09:00")
	w.wantLetters(mend.Digest, 1)
	off := get(w.svc.Account.Settings(t.Context(), a))(w).Form
	off.Digest = false
	w.do(w.changeSettings(a, off))
	if err := w.svc.Account.SendNow(t.Context(), a); code(err) != mend.Invalid {
		t.Errorf("after the digest, which they then left out: got %v, want a refusal", err)
	}
	w.until("2026-04-02 06:00")
	f := get(w.svc.Account.Settings(t.Context(), a))(w).Form
	f.PauseUntil = "2026-05-01"
	w.do(w.changeSettings(a, f))
	if err := w.svc.Account.SendNow(t.Context(), a); code(err) != mend.Invalid {
		t.Errorf("while paused: got %v, want a refusal", err)
	}
	w.do(w.svc.Account.Stop(t.Context(), a))
	if err := w.svc.Account.SendNow(t.Context(), a); code(err) != mend.Gone {
		t.Errorf("after a stop: got %v, want a refusal", err)
	}
}

// The page of the first asking came to its end without a letter; the second asking is
// the same page.
func TestALetterAtOnceAskedForAgainAfterAPause(t *testing.T) {
	w := newWorld(t, "2026-02-26 09:05")
	a := account.Access{Person: w.active()}
	f := get(w.svc.Account.Settings(t.Context(), a))(w).Form
	pauseUntil := func(date string) {
		f.PauseUntil = date
		w.do(w.changeSettings(a, f))
	}
	w.do(w.svc.Account.SendNow(t.Context(), a))
	pauseUntil("2026-05-01")
	w.drain()
	w.wantLetters(mend.CheckIn, 0)
	w.do(w.svc.Account.Resume(t.Context(), account.Access{Person: a.Person, SignedIn: true}))
	w.do(w.svc.Account.SendNow(t.Context(), a))
	w.drain()
	w.wantLetters(mend.CheckIn, 1)
}

// Design, invariant 5: a digest takes the place of that day's check-in, of one that was
// asked for too.
func TestALetterAtOnceYieldsToADigestThatWasChosenMeanwhile(t *testing.T) {
	w := newWorld(t, "2026-02-20 09:05")
	a := account.Access{Person: w.active(func(f *account.Form) { f.Digest, f.DigestDay = true, "15" }), SignedIn: true}
	w.until("2026-04-01 05:00")
	had := len(w.letters(mend.CheckIn))
	w.do(w.svc.Account.SendNow(t.Context(), a))
	f := get(w.svc.Account.Settings(t.Context(), a))(w).Form
	f.DigestDay = "1"
	w.do(w.changeSettings(a, f))
	w.until("2026-04-01 12:00")
	w.wantLetters(mend.CheckIn, had)
	w.wantLetters(mend.Digest, 2)
}

// Design, invariant 3: asked for, and then stopped or paused before it went.
func TestALetterAtOnceGoesNotAfterAStop(t *testing.T) {
	for name, end := range map[string]func(w *world, a account.Access){
		"stop": func(w *world, a account.Access) { w.do(w.svc.Account.Stop(w.Context(), a)) },
		"pause": func(w *world, a account.Access) {
			f := get(w.svc.Account.Settings(w.Context(), a))(w).Form
			f.PauseUntil = "2026-05-01"
			w.do(w.changeSettings(a, f))
		},
	} {
		w := newWorld(t, "2026-02-26 09:05")
		a := account.Access{Person: w.active()}
		w.do(w.svc.Account.SendNow(t.Context(), a))
		end(w, a)
		w.until("2026-02-27 12:00")
		if got := len(w.letters(mend.CheckIn)); got != 0 {
			t.Errorf("%s: got %d letters, want none", name, got)
		}
	}
}
