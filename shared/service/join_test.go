package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.org/mend/shared/account"
	"example.org/mend/shared/feedback"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

func TestJoiningAsksOnceADayAndThreeTimesThenKeepsSilentForAYear(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	join := func() { w.join() }
	for range 3 {
		join()
	}
	w.wantLetters(mend.Confirmation, 1)
	for asked := 2; asked <= 3; asked++ {
		w.now = w.now.Add(24*time.Hour - time.Second)
		join()
		w.wantLetters(mend.Confirmation, asked-1)
		w.now = w.now.Add(time.Second)
		join()
		w.wantLetters(mend.Confirmation, asked)
	}
	third := w.now
	for w.now.Before(third.Add(365*24*time.Hour - time.Second)) {
		w.now = w.now.Add(25 * 24 * time.Hour)
		if !w.now.Before(third.Add(365 * 24 * time.Hour)) {
			w.now = third.Add(365*24*time.Hour - time.Second)
		}
		join()
	}
	w.wantLetters(mend.Confirmation, 3)
	w.now = w.now.Add(time.Second)
	join()
	w.wantLetters(mend.Confirmation, 4)
	w.now = w.now.Add(24 * time.Hour)
	join()
	w.wantLetters(mend.Confirmation, 5) // a new count of three
}

func TestNothingIsKeptOfASignUpThatMayNotBeAskedAbout(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	for range 3 {
		w.join()
		w.now = w.now.Add(24 * time.Hour)
	}
	w.now = w.now.Add(8 * 24 * time.Hour) // the pending person is forgotten
	w.db.Purge(w.now)
	if strings.Contains(w.everything(), annMail) {
		t.Fatal("the address outlives the pending person")
	}
	w.join()
	if strings.Contains(w.everything(), annMail) {
		t.Error("a sign-up in the time of silence keeps the address")
	}
}

func TestTheAnswerIsTheSameForNewKnownAndSuppressedAddresses(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.active()
	w.active(func(f *account.Form) { f.Email = "blocked@example.test" })
	w.do(w.svc.Feedback.Take(t.Context(),
		feedback.Event{Kind: feedback.Bounced, Permanent: true, Occurrence: w.last(mend.Welcome).Occurrence}))
	for _, email := range []string{"new@example.test", annMail, "ANN@example.test", "blocked@example.test"} {
		before := len(w.letters())
		if err := signUp(t.Context(), w.svc.SignUp, form(func(f *account.Form) { f.Email = email })); err != nil {
			t.Errorf("joining as %s: %v, want no error", email, err)
		}
		if err := w.svc.SignIn.RequestSignIn(t.Context(), email); err != nil {
			t.Errorf("signing in as %s: %v, want no error", email, err)
		}
		w.drain()
		if got := len(w.letters()) - before; email == "blocked@example.test" && got != 0 {
			t.Errorf("letters to a suppressed address: got %d, want none", got)
		}
	}
	notice := w.last(mend.Notice)
	if notice.To.Mail() != annMail {
		t.Errorf("an active person is told by a notice: it went to %s", notice.To)
	}
}

func TestASignUpForAnActivePersonChangesNothing(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	before := w.load(id)
	w.join(func(f *account.Form) { f.Name, f.Path, f.Privacy = "Somebody", "betrayal", "quotes" })
	after := w.load(id)
	if after.Person.Name != "Ann" || after.Person.Privacy != before.Person.Privacy ||
		after.Subscriptions[0].Path != "amends" {
		t.Errorf("a stranger's form changed an active person: %+v", after.Person)
	}
	w.wantLetters(mend.Notice, 1)
	w.join()
	w.wantLetters(mend.Notice, 1) // once a day at most
}

// Whoever fills in the form need not be who it is about: until the yes, nothing of somebody who was
// here before changes, and what Undo brings back is what they had.
func TestASignUpForAStoppedPersonChangesNothingUntilTheyConfirm(t *testing.T) {
	strangers := func(f *account.Form) {
		f.Name = "Somebody"
		f.Path = "foundations"
		f.Privacy = "quotes"
		f.Cadence = "monthly"
		f.Zone = "Asia/Tokyo"
		f.Digest = true
		f.NoContact = true
		f.Day = "13"
	}
	stopped := func(w *world) (mend.ID, store.Account) {
		id := w.active(func(f *account.Form) { f.Privacy = "no-quotes" })
		w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
		return id, w.load(id)
	}
	same := func(t *testing.T, before, after store.Account) {
		t.Helper()
		before.Person.Version, before.Person.PendingConfirmation, before.OneOffs = 0, "", nil
		after.Person.Version, after.Person.PendingConfirmation, after.OneOffs = 0, "", nil
		if diff := cmp.Diff(before, after, cmp.AllowUnexported(mend.Address{})); diff != "" {
			t.Errorf("a form that anybody can fill in changed somebody who stopped (-before +after):\n%s", diff)
		}
	}
	t.Run("nothing is said", func(t *testing.T) {
		w := newWorld(t, "2026-03-02 09:00")
		id, before := stopped(w)
		w.join(strangers)
		w.wantLetters(mend.Confirmation, 2)
		same(t, before, w.load(id))
		w.now = w.now.Add(25 * time.Hour)
		w.do(w.svc.SignUp.AskAgain(t.Context(), annMail))
		same(t, before, w.load(id))
	})
	t.Run("the stop is taken back", func(t *testing.T) {
		w := newWorld(t, "2026-03-02 09:00")
		id, before := stopped(w)
		w.join(strangers)
		w.do(w.svc.Account.Undo(t.Context(), account.Access{Person: id}))
		after := w.load(id)
		if after.Person.Name != "Ann" || after.Person.NoContact ||
			after.Subscriptions[0].Cadence != before.Subscriptions[0].Cadence ||
			after.Subscriptions[0].Path != "amends" {
			t.Errorf("Undo brings back what a stranger chose: %+v", after)
		}
	})
	t.Run("they confirm", func(t *testing.T) {
		w := newWorld(t, "2026-03-02 09:00")
		id, _ := stopped(w)
		w.join(strangers)
		w.now = w.now.Add(25 * time.Hour)
		w.do(w.svc.SignUp.AskAgain(t.Context(), annMail)) // a second letter starts the same
		w.drain()
		link := w.link(w.last(mend.Confirmation), "/confirm/")
		w.now = w.now.Add(6 * 24 * time.Hour)
		got := get(w.confirmationView(link))(w).Rhythm
		if got != "the 13th of each month at 07:30" {
			t.Errorf("the page asks about %q", got)
		}
		w.do(w.confirm(link))
		after := w.load(id)
		switch checkIn := after.Subscriptions[0]; {
		case after.Person.Name != "Somebody", after.Person.Zone != "Asia/Tokyo", !after.Person.NoContact,
			after.Person.Status != mend.Active:
			t.Errorf("confirmed: %+v", after.Person)
		case checkIn.Path != "foundations", checkIn.Cadence.Day != 13, checkIn.Name != "Somebody",
			checkIn.Status != mend.Active, after.Subscriptions[1].Status != mend.Active:
			t.Errorf("confirmed: %+v", after.Subscriptions)
		case after.Person.Privacy != mend.NoQuotes, checkIn.Privacy != mend.NoQuotes:
			t.Errorf("letters show more of their words than they allowed: %s, %s",
				after.Person.Privacy, checkIn.Privacy)
		}
		items := w.items("P#" + string(id))
		if slices.ContainsFunc(items, func(it store.Item) bool { return it["sk"] == "WISH" }) {
			t.Error("what was asked for is kept after the yes")
		}
	})
}

// A form on the same day as another gets no letter, and so has no say in what the letter of
// the first one starts.
func TestAFormThatIsNotAskedAboutChangesNothing(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.join()
	id := idOf(w, w.last(mend.Confirmation))
	before := w.load(id)
	w.now = w.now.Add(time.Hour)
	w.join(func(f *account.Form) { f.Name, f.Path, f.Privacy = "Somebody", "betrayal", "quotes" })
	if after := w.load(id); after.Person.Version != before.Person.Version {
		t.Errorf("got %+v", after.Person)
	}
	w.now = w.now.Add(24 * time.Hour)
	w.join(func(f *account.Form) { f.Path = "betrayal" })
	if after := w.load(id); after.Subscriptions[0].Path != "betrayal" {
		t.Errorf("a form that is asked about: %+v", after.Subscriptions)
	}
}

func TestAConfirmationStartsLettersOnce(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.join()
	link := w.link(w.last(mend.Confirmation), "/confirm/")
	if c := get(w.confirmationView(link))(w); c.Status == mend.Active {
		t.Error("looking at the page confirms")
	}
	for range 2 {
		w.do(w.confirm(link))
		if c := get(w.confirmationView(link))(w); c.Status != mend.Active {
			t.Error("confirming: not confirmed")
		}
		w.drain()
	}
	w.wantLetters(mend.Welcome, 1)
	w.until("2026-03-03 08:00")
	w.wantLetters(mend.CheckIn, 1)
}

func TestAnOldConfirmationAfterAStopStartsNothing(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	old := w.link(w.last(mend.Confirmation), "/confirm/")
	w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
	if err := w.confirm(old); code(err) != mend.Gone {
		t.Errorf("the old link: got %v, want Gone", err)
	}
	if _, err := w.confirmationView(old); code(err) != mend.Gone {
		t.Errorf("the page of the old link: got %v, want Gone", err)
	}
	w.join()
	if err := w.confirm(old); code(err) != mend.Gone {
		t.Errorf("the old link beside a new one: got %v, want Gone", err)
	}
	w.do(w.confirm(w.link(w.last(mend.Confirmation), "/confirm/")))
	if got := w.load(id).Person.Status; got != mend.Active {
		t.Errorf("after a fresh confirmation: %s, want active", got)
	}
}

func TestTheNewestConfirmationIsTheOnlyOneThatCounts(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.join()
	first := w.link(w.last(mend.Confirmation), "/confirm/")
	w.now = w.now.Add(24 * time.Hour)
	w.join()
	if err := w.confirm(first); code(err) != mend.Gone {
		t.Errorf("the first link: got %v, want Gone", err)
	}
}

func TestNothingButTheConfirmationGoesToAPendingPerson(t *testing.T) {
	w := newWorld(t, "2026-03-02 07:00")
	w.join(func(f *account.Form) { f.Digest = true })
	w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail))
	w.until("2026-03-04 12:00")
	if got := len(w.letters()); got != 1 {
		t.Errorf("letters to a pending person: got %d, want the confirmation alone", got)
	}
}

// closed is what SES says of the last confirmation.
func (w *world) closed(kinds ...feedback.EventKind) {
	for _, kind := range kinds {
		w.do(w.svc.Feedback.Take(w.Context(), feedback.Event{
			Kind: kind, Permanent: true, Occurrence: w.last(mend.Confirmation).Occurrence,
		}))
	}
}

// linked changes settings by a link.
func (w *world) linked(id mend.ID) { w.do(w.changeSettings(account.Access{Person: id}, form())) }

func (w *world) reopened() { w.do(w.svc.Account.Reopen(w.Context(), mend.StoredAddress(annMail))) }

func TestAPendingPersonIsForgottenAfterSevenDaysWhateverChanges(t *testing.T) {
	for name, change := range map[string]func(*world, mend.ID){
		"nothing": func(*world, mend.ID) {},
		"stopped": func(w *world, id mend.ID) {
			w.do(w.svc.Account.Stop(w.Context(), account.Access{Person: id}))
		},
		"changed by link":          func(w *world, id mend.ID) { w.linked(id) },
		"bounced":                  func(w *world, _ mend.ID) { w.closed(feedback.Bounced) },
		"bounced, then complained": func(w *world, _ mend.ID) { w.closed(feedback.Bounced, feedback.Complained) },
		"complained, then bounced": func(w *world, _ mend.ID) { w.closed(feedback.Complained, feedback.Bounced) },
		"complained, then changed by link": func(w *world, id mend.ID) {
			w.closed(feedback.Complained)
			w.linked(id)
		},
		"bounced, then opened": func(w *world, _ mend.ID) {
			w.closed(feedback.Bounced)
			w.reopened()
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-03-02 09:00")
			w.join()
			change(w, idOf(w, w.last(mend.Confirmation)))
			w.now = w.now.Add(7*24*time.Hour + time.Second)
			w.db.Purge(w.now)
			if strings.Contains(w.everything(), annMail) {
				t.Error("the table still holds the address")
			}
			if items := w.items("P#" + string(idOf(w, w.last(mend.Confirmation)))); len(items) != 0 {
				t.Errorf("the table still holds %v", items)
			}
		})
	}
}

func TestNotMeBlocksTheAddressForGood(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.join()
	confirmation := w.last(mend.Confirmation)
	confirm, notMe := w.link(confirmation, "/confirm/"), w.link(confirmation, "/notme/")
	w.do(w.notMe(notMe))
	if strings.Contains(w.everything(), annMail) {
		t.Error("the table still holds the address")
	}
	if err := w.confirm(confirm); code(err) != mend.Gone {
		t.Errorf("confirming after it: got %v, want Gone", err)
	}
	w.now = w.now.Add(800 * 24 * time.Hour)
	w.join()
	w.wantLetters(mend.Confirmation, 1)
}

func TestNotMeVoidsTheConfirmationOfSomebodyWhoStopped(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
	w.join()
	confirmation := w.last(mend.Confirmation)
	w.do(w.notMe(w.link(confirmation, "/notme/")))
	if err := w.confirm(w.link(confirmation, "/confirm/")); code(err) != mend.Gone {
		t.Errorf("confirming after it: got %v, want Gone", err)
	}
	// who holds an old letter can't undo the stop either, within its hour
	if err := w.svc.Account.Undo(t.Context(), account.Access{Person: id}); code(err) != mend.Gone {
		t.Errorf("undoing the stop after it: got %v, want Gone", err)
	}
	if view := get(w.svc.Account.Settings(t.Context(), account.Access{Person: id}))(w); view.MayUndo {
		t.Error("the page offers to undo the stop")
	}
	if got := len(w.load(id).Subscriptions); got == 0 {
		t.Error("their records are gone, and they did not ask for that")
	}
}

func TestNotMeOfAnActivePersonDoesNothing(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	err := w.notMe(w.link(w.last(mend.Confirmation), "/notme/"))
	if code(err) != mend.Gone {
		t.Errorf("got %v, want Gone", err)
	}
	if got := w.load(id).Person.Status; got != mend.Active {
		t.Errorf("status: %s, want active", got)
	}
}

func TestTheFirstLetterIsTheFirstDueAtLeastFiveMinutesAfterConfirming(t *testing.T) {
	for _, test := range []struct{ confirmed, first string }{
		{"2026-03-02 07:25", "2026-03-02 07:30"},
		{"2026-03-02 07:26", "2026-03-03 07:30"},
		{"2026-03-02 07:30", "2026-03-03 07:30"},
	} {
		w := newWorld(t, test.confirmed)
		w.active()
		w.until("2026-03-03 08:00")
		if got := w.letters(mend.CheckIn); len(got) == 0 || !got[0].At.Equal(at(test.first)) {
			t.Errorf("confirmed at %s: letters %v, want the first at %s", test.confirmed, got, test.first)
		}
	}
}

func TestTheFirstDigestWaitsForAMonthToLookBackOn(t *testing.T) {
	w := newWorld(t, "2026-03-01 06:00")
	w.active(func(f *account.Form) { f.Digest = true })
	w.until("2026-03-01 08:00")
	w.wantLetters(mend.Digest, 0)
	w.wantLetters(mend.CheckIn, 1) // and the check-in does not give way to a digest that does not come
	w.until("2026-04-01 08:00")
	w.wantLetters(mend.Digest, 1)
	w.wantLetters(mend.CheckIn, 31)
}

func TestTheFirstChosenDayOpensTheFirstFortnight(t *testing.T) {
	w := newWorld(t, "2026-03-06 09:00") // a Friday
	w.active(func(f *account.Form) { f.Cadence, f.Days = "fortnightly", []string{"mon"} })
	w.until("2026-04-01 09:00")
	var got []string
	for _, l := range w.letters(mend.CheckIn) {
		got = append(got, l.At.Format("01-02"))
	}
	if strings.Join(got, " ") != "03-09 03-23" {
		t.Errorf("letters on %v, want 9 and 23 March", got)
	}
}

func TestAConfirmationHoldsNothingThatAnybodyTyped(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.join(func(f *account.Form) { f.Name = "Zanzibar" })
	if raw := string(w.last(mend.Confirmation).Raw); strings.Contains(raw, "Zanzibar") {
		t.Error("the confirmation greets by the name in the form")
	}
}

func TestAFormIsToldWhatIsWrong(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	for _, test := range []struct {
		field  string
		change func(*account.Form)
	}{
		{"email", func(f *account.Form) { f.Email = "" }},
		{"email", func(f *account.Form) { f.Email = `"ann b"@example.test` }},
		{"email", func(f *account.Form) { f.Email = "añn@example.test" }},
		{"email", func(f *account.Form) { f.Email = "ann@example.test\r\nBcc: bob@example.test" }},
		{"name", func(f *account.Form) { f.Name = "Ann\r\nBcc: bob@example.test" }},
		{"name", func(f *account.Form) { f.Name = "Ann\u202e" }},
		{"name", func(f *account.Form) { f.Name = "Ann\xff" }},
		{"name", func(f *account.Form) { f.Name = "see https://evil.example" }},
		{"name", func(f *account.Form) { f.Name = "WWW.evil.example" }},
		{"name", func(f *account.Form) { f.Name = "<b>Ann</b>" }},
		{"name", func(f *account.Form) { f.Name = strings.Repeat("a", 61) }},
		{"path", func(f *account.Form) { f.Path = "keep" }},
		{"path", func(f *account.Form) { f.Path = "" }},
		{"privacy", func(f *account.Form) { f.Privacy = "all" }},
		{"cadence", func(f *account.Form) { f.Cadence = "hourly" }},
		{"days", func(f *account.Form) { f.Cadence = "weekly" }},
		{"days", func(f *account.Form) { f.Cadence, f.Days = "custom", []string{"mon", "day"} }},
		{"day", func(f *account.Form) { f.Cadence = "monthly" }},
		{"day", func(f *account.Form) { f.Cadence, f.Day = "monthly", "32" }},
		{"time", func(f *account.Form) { f.Time = "soon" }},
		{"time", func(f *account.Form) { f.Time = "24:30" }},
		{"time", func(f *account.Form) { f.Time = "07:60" }},
		{"zone", func(f *account.Form) { f.Zone = "Europe/Nowhere" }},
		{"zone", func(f *account.Form) { f.Zone = "Local" }},
		{"consent", func(f *account.Form) { f.Consent = false }},
		{"adult", func(f *account.Form) { f.Adult = false }},
	} {
		err := signUp(t.Context(), w.svc.SignUp, form(test.change))
		if problem(err, test.field) == "" {
			t.Errorf("%+v: got %v, want a sentence beside %s", form(test.change), err, test.field)
		}
	}
	w.drain()
	if got := len(w.letters()); got != 0 {
		t.Errorf("%d letters after forms that cannot stand", got)
	}
}

func TestAnInternationalDomainBecomesPunycode(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.join(func(f *account.Form) { f.Email = "ann@bücher.example" })
	if got, want := w.last(mend.Confirmation).To.Mail(), "ann@xn--bcher-kva.example"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAFormMadeFromSettingsMakesTheSameSettings(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	for _, change := range []func(*account.Form){
		func(*account.Form) {},
		func(f *account.Form) { f.Cadence = "weekdays" },
		func(f *account.Form) { f.Cadence, f.Days = "weekly", []string{"sun"} },
		func(f *account.Form) { f.Cadence, f.Days = "custom", []string{"tue", "sat"} },
		func(f *account.Form) { f.Cadence, f.Days = "fortnightly", []string{"wed"} },
		func(f *account.Form) { f.Cadence, f.Day, f.Digest = "monthly", "31", true },
	} {
		id := w.active(change, func(f *account.Form) {
			f.Email = strings.ToLower(f.Cadence+f.Day) + strings.Join(f.Days, "") + "@example.test"
		})
		before := w.load(id)
		w.do(w.changeSettings(account.Access{Person: id}, account.FormOf(before)))
		after := w.load(id)
		for i := range after.Subscriptions {
			got, want := after.Subscriptions[i], before.Subscriptions[i]
			if got.Cadence != want.Cadence || got.Status != want.Status || got.Path != want.Path ||
				got.DigestDay != want.DigestDay {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	}
}
