package service_test

import (
	"testing"
	"time"

	"example.org/mend/shared/mend"
)

func TestTheConfirmationIsSentAgainWithinTheLimits(t *testing.T) {
	w := newWorld(t, "2026-02-26 09:00")
	w.join()
	for _, hours := range []int{0, 23} {
		w.now = at("2026-02-26 09:00").Add(time.Duration(hours) * time.Hour)
		w.do(w.svc.SignUp.AskAgain(t.Context(), annMail))
		w.drain()
		w.wantLetters(mend.Confirmation, 1)
	}
	for want := 2; want < 6; want++ { // a day apart, three in all
		w.now = w.now.Add(25 * time.Hour)
		w.do(w.svc.SignUp.AskAgain(t.Context(), annMail))
		w.drain()
		w.wantLetters(mend.Confirmation, min(want, 3))
	}
	w.do(w.confirm(w.link(w.last(mend.Confirmation), "/confirm/")))
	w.drain()
	w.now = w.now.Add(25 * time.Hour)
	w.do(w.svc.SignUp.AskAgain(t.Context(), annMail)) // active: nothing to ask
	w.do(w.svc.SignUp.AskAgain(t.Context(), "nobody@example.test"))
	w.drain()
	w.wantLetters(mend.Confirmation, 3)
	if got := problem(w.svc.SignUp.AskAgain(t.Context(), "nobody"), "email"); got == "" {
		t.Error("what is no address is taken for one")
	}
}

func TestTheCountOfAnAddressThatNobodyConfirmedIsForgotten(t *testing.T) {
	w := newWorld(t, "2026-02-26 09:00")
	w.join()
	address := mend.StoredAddress(annMail)
	got := get(w.svc.Store.Address(t.Context(), address))(w).Forget
	if got.Sub(w.now) < 365*24*time.Hour || got.Sub(w.now) > 400*24*time.Hour {
		t.Errorf("it goes at %v, want after thirteen months", got)
	}
	w.do(w.confirm(w.link(w.last(mend.Confirmation), "/confirm/")))
	if got := get(w.svc.Store.Address(t.Context(), address))(w).Forget; !got.IsZero() {
		t.Errorf("confirmed, and it goes at %v, want never", got)
	}
}

func TestSigningOutEverywhereEndsEverySession(t *testing.T) {
	w := newWorld(t, "2026-02-26 09:00")
	w.active()
	var cookies []string
	for range 2 {
		w.now = w.now.Add(2 * time.Minute)
		w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail))
		w.drain()
		cookies = append(cookies, get(w.signInBy(w.link(w.last(mend.SignIn), "/signin/")))(w))
	}
	a := get(w.svc.SignIn.Session(t.Context(), cookies[0]))(w)
	w.do(w.svc.SignIn.SignOutEverywhere(t.Context(), a))
	for _, cookie := range cookies {
		if _, err := w.svc.SignIn.Session(t.Context(), cookie); code(err) != mend.NeedSignIn {
			t.Errorf("a session is still open: %v", err)
		}
	}
}
