package service_test

import (
	"fmt"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/receive"
)

// sentWithin is the most letters of a kind that went out within a time.
func sentWithin(letters []sent, within time.Duration) int {
	most := 0
	for i := range letters {
		n := 0
		for _, l := range letters[i:] {
			if l.At.Sub(letters[i].At) < within {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// A stranger who types an address all day, every day, causes a few letters and no more.
func TestLettersThatAStrangerCausesHaveATotal(t *testing.T) {
	t.Parallel()
	const hour, day = time.Hour, 24 * time.Hour
	for name, test := range map[string]struct {
		kind  mend.Kind
		setUp func(w *world, id mend.ID)
		ask   func(w *world, id mend.ID) error
		times int // a day, seven minutes apart
		most  map[time.Duration]int
	}{
		"links to sign in": {mend.SignIn, nil, func(w *world, _ mend.ID) error {
			return w.svc.SignIn.RequestSignIn(w.Context(), annMail)
		}, 12, map[time.Duration]int{hour: 6, day: 10}},
		"links to sign in, to someone who stopped": {mend.SignIn, func(w *world, id mend.ID) {
			w.do(w.svc.Account.Stop(w.Context(), account.Access{Person: id}))
		}, func(w *world, _ mend.ID) error {
			return w.svc.SignIn.RequestSignIn(w.Context(), annMail)
		}, 4, map[time.Duration]int{day: 3, 30 * day: 10}},
		"signed up already": {mend.Notice, nil, func(w *world, _ mend.ID) error {
			return signUp(w.Context(), w.svc.SignUp, form())
		}, 2, map[time.Duration]int{day: 1, 30 * day: 10}},
		"confirmations": {mend.Confirmation, func(w *world, id mend.ID) {
			w.do(w.svc.Account.Stop(w.Context(), account.Access{Person: id}))
			w.now = w.now.Add(2 * day)
		}, func(w *world, _ mend.ID) error {
			return signUp(w.Context(), w.svc.SignUp, form())
		}, 2, map[time.Duration]int{day: 1, 40 * day: 3}},
		"was this you": {mend.Notice, nil, func(w *world, id mend.ID) error {
			return w.svc.Replies.Receive(w.Context(),
				w.arrives(w.replyTo(w.last(mend.CheckIn)), incoming{words: "Hello.", spam: receive.Fail}))
		}, 2, map[time.Duration]int{day: 1, 30 * day: 10}},
	} {
		t.Run(name, func(t *testing.T) {
			w, id, _ := answering(t)
			if test.setUp != nil {
				test.setUp(w, id)
			}
			began := w.now
			for w.now.Before(began.Add(40 * day)) {
				for range test.times {
					w.do(test.ask(w, id))
					w.drain()
					w.now = w.now.Add(7 * time.Minute)
				}
				w.now = w.now.Add(22 * hour)
			}
			var letters []sent
			for _, l := range w.letters(test.kind) {
				if l.At.After(began.Add(-time.Second)) {
					letters = append(letters, l)
				}
			}
			if len(letters) == 0 {
				t.Fatal("not one came")
			}
			reached := false
			for within, most := range test.most {
				got := sentWithin(letters, within)
				if reached = reached || got == most; got > most {
					t.Errorf("%d came within %s, want at most %d", got, within, most)
				}
			}
			if !reached {
				t.Error("no limit was reached, so this proves nothing")
			}
		})
	}
}

// What was sent before the clock was set back is no reason to send nothing until it has caught up.
// The limits hold for what is sent from then on, and for a clock that is a little ahead.
func TestLimitsDontCountWhatLiesAhead(t *testing.T) {
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		kind  mend.Kind
		begin func(*world)
		ask   func(*world) error
	}{
		"sign-in links": {mend.SignIn, func(w *world) { w.active() }, func(w *world) error {
			return w.svc.SignIn.RequestSignIn(w.Context(), annMail)
		}},
		"confirmations": {mend.Confirmation, func(*world) {}, func(w *world) error {
			return signUp(w.Context(), w.svc.SignUp, form())
		}},
		"notices": {mend.Notice, func(w *world) { w.active() }, func(w *world) error {
			return signUp(w.Context(), w.svc.SignUp, form())
		}},
	} {
		w := newWorld(t, "2026-03-02 06:00")
		test.begin(w)
		w.now = w.now.Add(2 * day)
		asked := func(back time.Duration) int {
			w.now = w.now.Add(-back)
			before := len(w.letters(test.kind))
			w.do(test.ask(w))
			w.drain()
			return len(w.letters(test.kind)) - before
		}
		for i, step := range []struct {
			back time.Duration
			want int
		}{{0, 1}, {0, 0}, {30 * time.Second, 0}, {25 * time.Hour, 1}, {0, 0}} {
			if got := asked(step.back); got != step.want {
				t.Errorf("%s, step %d, the clock set back by %s: %d came, want %d", name, i, step.back, got, step.want)
			}
		}
	}
}

// However an address is spelled, its mailbox is one, and whoever owns a domain gets its
// share and no more.
func TestLimitsCountMailboxes(t *testing.T) {
	for name, test := range map[string]struct {
		address func(n int) string
		want    int // confirmations, of sixty sign-ups on one day
	}{
		"tags": {func(n int) string { return fmt.Sprintf("ann+%d@example.test", n) }, 1},
		"tags and capitals": {
			func(n int) string { return fmt.Sprintf("%s+%d@Example.test", []string{"Ann", "ANN", "ann"}[n%3], n) }, 1,
		},
		"dots at Google": {
			func(n int) string { return "annabel"[:1+n%6] + "." + "annabel"[1+n%6:] + "@gmail.com" }, 1,
		},
		"Google's names": {
			func(n int) string { return fmt.Sprintf("ann.x+%d@%s", n, []string{"gmail.com", "googlemail.com"}[n%2]) },
			1,
		},
		"Proton's names": {
			func(n int) string { return []string{"a-nn@proton.me", "a.nn@pm.me", "a_nn@protonmail.com"}[n%3] }, 1,
		},
		"a catch-all":        {func(n int) string { return fmt.Sprintf("x%d@evil.example", n) }, 40},
		"its subdomains":     {func(n int) string { return fmt.Sprintf("x@n%d.evil.example", n) }, 40},
		"dots elsewhere":     {func(n int) string { return []string{"a.nn@example.test", "ann@example.test"}[n%2] }, 2},
		"a large provider's": {func(n int) string { return fmt.Sprintf("x%d@gmail.com", n) }, 60},
		"domains":            {func(n int) string { return fmt.Sprintf("x@n%d.test", n) }, 60},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-03-02 06:00")
			for n := range 60 {
				w.do(signUp(t.Context(), w.svc.SignUp, form(func(f *account.Form) { f.Email = test.address(n) })))
				w.drain()
				w.now = w.now.Add(time.Minute)
			}
			w.wantLetters(mend.Confirmation, test.want)
		})
	}
}

// The link that refuses letters is the way back. Where it ends with its epoch, what it refused
// comes again, so that no one is locked out of their own words.
func TestAnEpochThatEndsRefusesNothing(t *testing.T) {
	w, id, _ := answering(t)
	cookie := w.signIn()
	link := w.link(w.last(mend.SignIn), "/mute/")
	w.do(w.setMuted(link, true))
	w.do(w.svc.SignIn.SignOutEverywhere(t.Context(), get(w.svc.SignIn.Session(t.Context(), cookie))(w)))
	if err := w.setMuted(link, false); code(err) != mend.Gone {
		t.Fatalf("the way back: %v", err)
	}
	w.now = w.now.Add(time.Hour)
	if a := get(w.svc.SignIn.Session(t.Context(), w.signIn()))(w); a.Person != id {
		t.Errorf("signed in as %s, want %s", a.Person, id)
	}
}

// The owner of an inbox can refuse what strangers cause, and take that back.
func TestLettersThatStrangersCauseCanBeRefused(t *testing.T) {
	w, id, _ := answering(t)
	causes := []func(){
		func() { w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail)) },
		func() { w.do(signUp(t.Context(), w.svc.SignUp, form())) },
		func() {
			w.do(w.svc.Replies.Receive(t.Context(),
				w.arrives(w.replyTo(w.last(mend.CheckIn)), incoming{words: "Hello.", spam: receive.Fail})))
		},
	}
	count := func(cause func()) int {
		before := len(w.letters())
		w.now = w.now.Add(48 * time.Hour)
		cause()
		w.drain()
		return len(w.letters()) - before
	}
	for i, cause := range causes {
		if got := count(cause); got != 1 {
			t.Fatalf("cause %d: %d letters, want 1", i, got)
		}
		link := w.link(w.letters()[len(w.letters())-1], "/mute/")
		before := w.everything()
		if m := get(w.muting(link))(w); m.Muted || w.everything() != before {
			t.Errorf("cause %d: looking at the page changes something", i)
		}
		for range 2 {
			w.do(w.setMuted(link, true))
		}
		if got := count(cause); got != 0 {
			t.Errorf("cause %d: %d letters after they were refused, want none", i, got)
		}
		for j, other := range causes {
			if got := count(other); j != i && got != 1 {
				t.Errorf("cause %d: refusing it refused cause %d too", i, j)
			}
		}
		w.do(w.setMuted(link, false))
		if got := count(cause); got != 1 {
			t.Errorf("cause %d: %d letters after the owner asked for them again, want 1", i, got)
		}
	}
	if p := w.load(id).Person; p.Status != mend.Active {
		t.Errorf("the person is %s", p.Status)
	}
}
