package service_test

import (
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

// Whoever said stop and then something less gets both or neither: at every call to the
// table that fails.
func TestSomethingLessThanAStopIsOneChange(t *testing.T) {
	for failAt := 1; ; failAt++ {
		w := newWorld(t, "2026-02-26 09:00")
		a := account.Access{Person: w.active()}
		w.do(w.svc.Account.Stop(t.Context(), a))
		w.table.failAt(failAt, failing{})
		err := w.svc.Account.PauseFourWeeks(t.Context(), a)
		w.table.heal()
		now := w.load(a.Person)
		paused := now.Subscription(mend.CheckInNumber).Hold.Until
		switch {
		case err == nil:
			if now.Person.Status != mend.Active || paused != day("2026-03-26") {
				t.Errorf("got %s, paused until %s, want active until 2026-03-26", now.Person.Status, paused)
			}
			if failAt < 3 {
				t.Fatal("nothing was made to fail")
			}
			return
		case now.Person.Status == mend.Active && paused.IsZero():
			t.Errorf("call %d fails: the stop is taken back, and nothing is paused", failAt)
		}
	}
}

func TestSomethingLessTakesAStopBackForAnHourOnly(t *testing.T) {
	w := newWorld(t, "2026-02-26 09:00")
	a := account.Access{Person: w.active()}
	w.do(w.svc.Account.Stop(t.Context(), a))
	w.now = w.now.Add(61 * time.Minute)
	if err := w.svc.Account.OnceAMonth(t.Context(), a); code(err) != mend.Gone {
		t.Errorf("got %v, want that the hour is over", err)
	}
}

func TestSkippingLeavesOutOneLetterAndNothingElse(t *testing.T) {
	w := newWorld(t, "2026-02-26 09:00")
	a := account.Access{Person: w.active(), SignedIn: true}
	get(w.svc.Account.SaveReminder(t.Context(), a, 0,
		account.Form{Words: "Basil", Cadence: "daily", Time: "12:00", Zone: "Europe/Berlin"}))(w)
	s := w.after(a, w.svc.Account.Skip(t.Context(), a, mend.Date{}))
	if got := mend.InWords(s.Next, w.now); got != "Saturday 28 February at 07:30" {
		t.Errorf("after skipping Friday's the next letter is %q", got)
	}
	f := s.Form
	f.Time = "08:00" // another setting, saved from the page that shows the rest
	w.do(w.changeSettings(a, f))
	w.until("2026-02-28 09:00")
	w.wantLetters(mend.CheckIn, 1)
	w.wantLetters(mend.Reminder, 2) // Thursday's and Friday's
}
