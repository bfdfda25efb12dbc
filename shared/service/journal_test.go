package service_test

import (
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/feedback"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/receive"
	"example.org/mend/shared/token"
)

// signIn asks for a link, follows it, and returns the cookie.
func (w *world) signIn() string {
	w.Helper()
	w.do(w.svc.SignIn.RequestSignIn(w.Context(), annMail))
	w.drain()
	return get(w.signInBy(w.link(w.last(mend.SignIn), "/signin/")))(w)
}

func TestASignInLinkWorksOnceAndForAQuarterOfAnHour(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	w.do(w.svc.SignIn.RequestSignIn(t.Context(), "ANN@example.test"))
	w.drain()
	link := w.link(w.last(mend.SignIn), "/signin/")
	get(w.svc.Account.Link(t.Context(), token.SignIn, link))(w) // looking at its page uses nothing up
	w.now = w.now.Add(15*time.Minute - time.Second)
	cookie := get(w.signInBy(link))(w)
	if a := get(w.svc.SignIn.Session(t.Context(), cookie))(w); a.Person != id || !a.SignedIn {
		t.Errorf("the session: %+v", a)
	}
	if _, err := w.signInBy(link); code(err) != mend.Gone {
		t.Errorf("the link once more: %v, want Gone", err)
	}
	w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail))
	w.drain()
	late := w.link(w.last(mend.SignIn), "/signin/")
	w.now = w.now.Add(15 * time.Minute)
	if _, err := w.signInBy(late); code(err) != mend.Gone {
		t.Errorf("a link of a quarter of an hour ago: %v, want Gone", err)
	}
}

// A visit ends two hours after the last page, and half a day after signing in, whatever is done in
// it. Where someone else may look into the inbox, it ends after thirty minutes.
func TestAVisitEnds(t *testing.T) {
	for _, test := range []struct {
		privacy mend.Privacy
		every   time.Duration // from one page to the next
		ends    time.Duration // after signing in
	}{
		{mend.Quotes, 3 * time.Hour, 2 * time.Hour},
		{mend.Quotes, time.Hour, 12 * time.Hour},
		{mend.NoQuotes, time.Hour, 30 * time.Minute},
		{mend.NoQuotes, 5 * time.Minute, 30 * time.Minute},
		{mend.LinkOnly, 5 * time.Minute, 30 * time.Minute},
	} {
		w := newWorld(t, "2026-03-02 09:00")
		w.active(func(f *account.Form) { f.Privacy = string(test.privacy) })
		cookie, began := w.signIn(), w.now
		first := cookie
		for end := began.Add(test.ends); w.now.Add(test.every).Before(end); {
			w.now = w.now.Add(test.every)
			get(w.svc.SignIn.Session(t.Context(), cookie))(w)
			if renewed, ok := w.svc.SignIn.Renewed(cookie); ok {
				cookie = renewed
			}
		}
		w.now = began.Add(test.ends - time.Second)
		get(w.svc.SignIn.Session(t.Context(), cookie))(w)
		w.now = began.Add(test.ends)
		for _, c := range []string{cookie, first} {
			if _, err := w.svc.SignIn.Session(t.Context(), c); code(err) != mend.NeedSignIn {
				t.Errorf("%s, a page every %v: %v after signing in got %v, want NeedSignIn", test.privacy,
					test.every, test.ends, err)
			}
		}
	}
}

// The cookie's token is good for its own session alone, and a session that has ended stays ended.
func TestNoCookieOpensWhatHasEnded(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.active(func(f *account.Form) { f.Privacy = string(mend.Quotes) })
	old := w.signIn()
	w.now = w.now.Add(2 * time.Hour)
	if _, ok := w.svc.SignIn.Renewed(old); ok {
		t.Error("a cookie of two hours ago is renewed")
	}
	fresh := w.signIn()
	const secretEnds = 42
	for name, cookie := range map[string]string{
		"another session's token": old[:secretEnds] + fresh[secretEnds:], "no token": fresh[:secretEnds],
		"a token that we didn't sign": fresh[:len(fresh)-1] + "a", "its end is missing": fresh[:len(fresh)-1],
	} {
		if _, err := w.svc.SignIn.Session(t.Context(), cookie); code(err) != mend.NeedSignIn {
			t.Errorf("%s: %v, want NeedSignIn", name, err)
		}
		if _, ok := w.svc.SignIn.Renewed(cookie); ok {
			t.Errorf("%s: the cookie is renewed", name)
		}
	}
	w.now = w.now.Add(time.Hour)
	renewed, ok := w.svc.SignIn.Renewed(fresh)
	if !ok {
		t.Fatal("the cookie of an open session isn't renewed")
	}
	w.do(w.svc.SignIn.SignOut(t.Context(), fresh))
	if _, err := w.svc.SignIn.Session(t.Context(), renewed); code(err) != mend.NeedSignIn {
		t.Errorf("after signing out: %v, want NeedSignIn", err)
	}
}

// A stricter privacy ends a visit that is older than it allows, at once.
func TestAStricterPrivacyShortensAVisit(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.active(func(f *account.Form) { f.Privacy = string(mend.Quotes) })
	cookie := w.signIn()
	w.now = w.now.Add(40 * time.Minute)
	a := get(w.svc.SignIn.Session(t.Context(), cookie))(w)
	f := get(w.svc.Account.Settings(t.Context(), a))(w).Form
	f.Privacy = string(mend.LinkOnly)
	w.do(w.changeSettings(a, f))
	if _, err := w.svc.SignIn.Session(t.Context(), cookie); code(err) != mend.NeedSignIn {
		t.Errorf("after 40 minutes, under link-only: %v, want NeedSignIn", err)
	}
}

// Whoever reads the table, or a copy of it, gets into nobody's journal.
func TestTheTableHoldsNoCookie(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	cookie := w.signIn()
	secret := strings.TrimPrefix(cookie, string(id))[:26] // 128 bits in base32
	if strings.Contains(w.everything(), secret) {
		t.Error("the table holds the secret of a session")
	}
}

func TestAStopEndsEveryVisit(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	cookie := w.signIn()
	w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
	if _, err := w.svc.SignIn.Session(t.Context(), cookie); code(err) != mend.NeedSignIn {
		t.Errorf("after a stop: %v, want NeedSignIn", err)
	}
}

func TestSigningOutEndsTheSession(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.active()
	cookie := w.signIn()
	for _, c := range []string{cookie, cookie, "", "no cookie of ours"} {
		w.do(w.svc.SignIn.SignOut(t.Context(), c))
	}
	for _, c := range []string{cookie, "", "no cookie of ours", w.link(w.last(mend.SignIn), "/signin/")} {
		if _, err := w.svc.SignIn.Session(t.Context(), c); code(err) != mend.NeedSignIn {
			t.Errorf("%q: %v, want NeedSignIn", c, err)
		}
	}
}

func TestSignInLinksAreAMinuteApart(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.active()
	for range 3 {
		w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail))
	}
	w.drain()
	w.wantLetters(mend.SignIn, 1)
	w.now = w.now.Add(time.Minute)
	w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail))
	w.drain()
	w.wantLetters(mend.SignIn, 2)
	if err := w.svc.SignIn.RequestSignIn(t.Context(), "not an address"); problem(err, "email") == "" {
		t.Errorf("a bad address: %v, want a sentence", err)
	}
}

func TestNobodysInboxIsFilledWithSignInLinks(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.active()
	for range 40 {
		w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail))
		w.drain()
		w.now = w.now.Add(80 * time.Second)
	}
	w.wantLetters(mend.SignIn, 6)
	w.now = at("2026-03-02 10:00")
	w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail))
	w.drain()
	w.wantLetters(mend.SignIn, 7)
}

func TestWhoStoppedCanStillReadTheirJournal(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
	a := get(w.svc.SignIn.Session(t.Context(), w.signIn()))(w)
	if j := get(w.svc.Journal.Journal(t.Context(), a, journal.PageRequest{}))(w); j.Settings.Status != mend.Stopped {
		t.Errorf("the journal's settings: %+v", j.Settings)
	}
}

func TestTheJournalShowsNewEntriesFirstAndOpenPromisesFirst(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	a := account.Access{Person: id, SignedIn: true}
	w.until("2026-03-03 08:00")
	letter := w.last(mend.CheckIn)
	w.receive(letter, incoming{words: "PROMISE mend the fence by 2026-05-20\nThe first one."})
	w.now = w.now.Add(time.Hour)
	w.receive(letter, incoming{words: "PROMISE call my sister by 2026-05-10\nThe second one."})
	w.until("2026-04-02 08:00")
	w.receive(letter, incoming{words: "PROMISE paint the door by 2026-04-30\nThe third one, late."})
	for _, p := range w.promises(id) {
		if strings.Contains(p.Words, "door") {
			w.do(w.svc.Journal.AnswerPromise(t.Context(), a, p.ID, mend.Kept, ""))
		}
	}
	j := get(w.svc.Journal.Journal(t.Context(), a, journal.PageRequest{}))(w)
	var words []string
	for _, r := range j.Entries {
		words = append(words, r.Words)
	}
	if got, want := strings.Join(words, " "), "The third one, late. The second one. The first one."; got != want {
		t.Errorf("entries: got %q, want %q", got, want)
	}
	var order []string
	for _, p := range j.Promises {
		order = append(order, p.Words)
	}
	if got, want := strings.Join(order, ", "), "call my sister, mend the fence, paint the door"; got != want {
		t.Errorf("promises: %s, want %s", got, want)
	}
	e := w.copyOf(id)
	if len(e.Letters) == 0 || len(e.Replies) != 3 || len(e.Promises) != 3 || len(e.Subscriptions) != 2 ||
		len(e.Coming) == 0 || e.Person.ID != id {
		t.Errorf("the copy: %d letters, %d replies, %d promises, %d subscriptions, %d to come",
			len(e.Letters), len(e.Replies),
			len(e.Promises), len(e.Subscriptions), len(e.Coming))
	}
}

func TestADayComesBack(t *testing.T) {
	for _, test := range []struct{ day, today, want string }{
		{"2026-03-02", "2026-03-02", ""}, {"2026-03-02", "2026-04-02", "A month ago"},
		{"2026-03-02", "2026-04-03", ""}, {"2026-03-31", "2026-04-30", ""}, {"2026-03-02", "2026-05-02", ""},
		{"2025-09-02", "2026-03-02", "Six months ago"}, {"2025-03-02", "2026-03-02", "A year ago"},
		{"2025-03-02", "2026-09-02", ""}, {"2020-03-02", "2026-03-02", "6 years ago"},
		{"2024-02-29", "2025-02-28", "A year ago"}, {"2024-02-29", "2028-02-29", "4 years ago"},
		{"2024-02-29", "2028-02-28", ""}, {"2024-02-28", "2025-02-28", "A year ago"},
		{"2024-02-29", "2025-03-01", ""}, {"2027-03-02", "2026-03-02", ""},
	} {
		if got := journal.Ago(day(test.day), day(test.today)); got != test.want {
			t.Errorf("%s on %s: got %q, want %q", test.day, test.today, got, test.want)
		}
	}
}

func TestAPromiseCanBePutOffAndIsAskedAboutOnTheNewDayAlone(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.promised("2026-03-04")
	promise := w.promises(id)[0].ID
	a := account.Access{Person: id, SignedIn: true}
	for _, due := range []string{"2026-03-01", "2027-03-04"} {
		err := w.svc.Journal.AnswerPromise(t.Context(), a, promise, mend.NotYet, due)
		if problem(err, "due") == "" {
			t.Errorf("put off to %s: %v, want a sentence", due, err)
		}
	}
	for range 2 { // twice to one day is one letter
		w.do(w.svc.Journal.AnswerPromise(t.Context(), a, promise, mend.NotYet, "2026-03-06"))
	}
	w.until("2026-03-10 12:00")
	w.wantLetters(mend.PromiseKind, 1)
	if got := of(w, w.last(mend.PromiseKind)).Date; got != day("2026-03-06") {
		t.Errorf("asked about on %s", got)
	}
}

func TestAnAnsweredPromiseIsNotAskedAbout(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.promised("2026-03-04")
	a := account.Access{Person: id, SignedIn: true}
	w.do(w.svc.Journal.AnswerPromise(t.Context(), a, w.promises(id)[0].ID, mend.LetGo, ""))
	w.until("2026-03-05 12:00")
	w.wantLetters(mend.PromiseKind, 0)
	w.nothingOpen(id)
}

func TestThePageOfAPromiseAnswersThatOneAlone(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.promised("2026-03-02")
	w.receive(w.last(mend.Welcome), incoming{words: "PROMISE mend the fence by 2026-05-20"})
	w.until("2026-03-02 19:00")
	a, promise, err := w.promiseOf(w.link(w.last(mend.PromiseKind), "/promise/"))
	w.do(err)
	if promise.Words != "call my sister" {
		t.Errorf("the page is about %q", promise.Words)
	}
	for _, p := range w.promises(id) {
		err := w.svc.Journal.AnswerPromise(t.Context(), a, p.ID, mend.Kept, "")
		if p.ID == promise.ID && err != nil || p.ID != promise.ID && code(err) != mend.NeedSignIn {
			t.Errorf("answering %q: %v", p.Words, err)
		}
	}
	err = w.svc.Journal.AnswerPromise(t.Context(), a, promise.ID, "broken", "")
	if problem(err, "answer") == "" {
		t.Errorf("an answer that there is not: %v", err)
	}
}

func TestErasureLeavesNothing(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active(func(f *account.Form) { f.Digest = true })
	a := account.Access{Person: id, SignedIn: true}
	get(w.svc.Account.SaveReminder(t.Context(), a, 0, reminder("Call my sister")))(w)
	w.until("2026-03-03 08:00")
	w.receive(w.last(mend.CheckIn),
		incoming{words: "PROMISE call my sister by 2026-03-09\nI meant it, " + strings.Repeat("all of it ", 60_000)})
	w.receive(w.last(mend.CheckIn), incoming{spam: receive.Fail, words: "Was that me? I meant it."})
	w.signIn()
	w.private = w.private[:1]
	for _, kind := range []string{"json", "md"} {
		w.do(w.blobs.Put(t.Context(), account.CopyKey(id, kind), []byte("I meant it, handed over by an operator")))
	}
	if err := w.svc.Account.Erase(t.Context(), a, "yes"); problem(err, "confirm") == "" {
		t.Errorf("without the word: %v, want a sentence", err)
	}
	w.do(w.svc.Account.Erase(t.Context(), a, " DELETE "))
	held := w.everything()
	for key, data := range w.blobs.kept {
		held += key + string(data)
	}
	for _, secret := range []string{"sister", "meant it"} {
		if strings.Contains(held, secret) {
			t.Errorf("at once: something still holds %q", secret)
		}
	}
	for _, it := range w.items("P#" + string(id)) {
		if it["address"] != nil || it["words"] != nil {
			t.Errorf("at once: %v", it)
		}
	}
	w.drain()
	if strings.Contains(w.everything(), annMail) {
		t.Error("once its notice is sent, the address is kept")
	}
	last := w.last(mend.Notice)
	if last.To.Mail() != annMail {
		t.Errorf("the notice went to %s", last.To)
	}
	for _, dead := range []string{"/preferences/", "/stop/", "List-Unsubscribe"} {
		if text := w.text(last); strings.Contains(text, dead) || strings.Contains(string(last.Raw), dead) {
			t.Errorf("the last letter has %s, behind which there is nothing any more:\n%s", dead, text)
		}
	}
	w.until("2026-03-03 08:30")
	wantNothingLeft(w, id)
	w.until("2026-03-20 12:00")
	w.wantLetters(mend.Notice, 2) // with that of the quarantined reply
	w.wantLetters(mend.CheckIn, 1)

	// Afterwards they are nobody, and may begin anew.
	if _, err := w.svc.Account.Settings(t.Context(), a); code(err) != mend.Gone {
		t.Errorf("their settings: %v, want Gone", err)
	}
	if again := w.active(); again == id {
		t.Error("the same id again")
	}
}

func TestAnErasureTakesALetterThatIsOnItsWayWithIt(t *testing.T) {
	w, id := handedOut(t)
	w.post.verdict = func(o mend.Outgoing) verdict {
		if o.Kind == mend.CheckIn {
			w.do(w.svc.Account.Erase(t.Context(), account.Access{Person: id, SignedIn: true}, "delete"))
		}
		return verdict{}
	}
	w.until("2026-03-02 08:30")
	wantNothingLeft(w, id)
}

func TestWhatMustNeverBeSentToStaysKnownAfterAnErasure(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	w.do(w.svc.Feedback.Take(t.Context(),
		feedback.Event{Kind: feedback.Complained, Occurrence: w.last(mend.Welcome).Occurrence}))
	before := len(w.letters())
	w.do(w.svc.Account.Erase(t.Context(), account.Access{Person: id, SignedIn: true}, "delete"))
	w.until("2026-03-02 10:00")
	w.join()
	if got := len(w.letters()) - before; got != 0 {
		t.Errorf("letters to somebody who complained: %d", got)
	}
	if strings.Contains(w.everything(), annMail) {
		t.Error("the address is kept")
	}
}

// A reply that only asks for something about letters leaves nothing to read. What was written in
// numbers, or about a promise, stays.
func TestOrdersAloneAreNoEntries(t *testing.T) {
	for words, entries := range map[string]int{
		"PAUSE 3 days": 0, "WEEKLY on Thursday": 0, "SKIP": 0, "NOT FOR ME": 0,
		"3": 1, "PAUSE 3 days\nBusy.": 1, "PAUSE for it": 1, "PROMISE call my sister by tomorrow": 1,
	} {
		w := newWorld(t, "2026-02-26 09:00")
		a := account.Access{Person: w.active(), SignedIn: true}
		w.until("2026-02-27 09:00")
		w.receive(w.last(mend.CheckIn), incoming{words: words})
		j := get(w.svc.Journal.Journal(t.Context(), a, journal.PageRequest{}))(w)
		if len(j.Entries) != entries || len(j.Days) != entries || j.Found != entries {
			t.Errorf("after %q: %d entries on %d days, %d found; want %d",
				words, len(j.Entries), len(j.Days), j.Found, entries)
		}
	}
}
