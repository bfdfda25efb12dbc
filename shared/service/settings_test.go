package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/export"
	"example.org/mend/shared/feedback"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

func TestWhatALinkMayNotDo(t *testing.T) {
	for name, test := range map[string]struct {
		field  string // the one that is told so; "" where a link may
		change func(*account.Form)
	}{
		"another rhythm":     {"", func(f *account.Form) { f.Cadence, f.Days = "weekly", []string{"sun"} }},
		"another time":       {"", func(f *account.Form) { f.Time, f.Zone = "22:00", "Asia/Tokyo" }},
		"a pause":            {"", func(f *account.Form) { f.PauseUntil = "2026-03-20" }},
		"tighter privacy":    {"", func(f *account.Form) { f.Privacy = "link-only" }},
		"apart":              {"", func(f *account.Form) { f.Path = "apart" }},
		"no digest":          {"", func(f *account.Form) { f.Digest = false }},
		"looser privacy":     {"privacy", func(f *account.Form) { f.Privacy = "quotes" }},
		"another path":       {"path", func(f *account.Form) { f.Path = "together" }},
		"a pause for years":  {"pause_until", func(f *account.Form) { f.PauseUntil = "2029-03-20" }},
		"a pause until what": {"pause_until", func(f *account.Form) { f.PauseUntil = "20 March" }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-03-02 09:00")
			id := w.active(func(f *account.Form) { f.Digest, f.Privacy = true, "no-quotes" })
			want := form(func(f *account.Form) { f.Digest, f.Privacy = true, "no-quotes" }, test.change)
			before := w.load(id)
			err := w.changeSettings(account.Access{Person: id}, want)
			if (test.field == "") != (err == nil) || test.field != "" && problem(err, test.field) == "" {
				t.Fatalf("by link: %v, want a sentence beside %q", err, test.field)
			}
			after := w.load(id)
			if err != nil && after.Person.Version != before.Person.Version {
				t.Error("something changed all the same")
			}
			if err == nil {
				got := account.FormOf(after)
				got.Email, got.Consent, got.Adult = want.Email, true, true
				if strings.Join(got.Days, " ") != strings.Join(want.Days, " ") || got.Path != want.Path ||
					got.Privacy != want.Privacy || got.Time != want.Time || got.Zone != want.Zone ||
					got.PauseUntil != want.PauseUntil || got.Digest != want.Digest {
					t.Errorf("got %+v, want %+v", got, want)
				}
			}
			if test.field == "path" || test.field == "privacy" {
				err := w.changeSettings(account.Access{Person: id, SignedIn: true}, want)
				if err != nil {
					t.Errorf("signed in: %v", err)
				}
			}
		})
	}
}

func TestALinkDoesNotStartTheDigestAndDoesNotChangeTheName(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	link := account.Access{Person: id}
	err := w.changeSettings(link, form(func(f *account.Form) { f.Digest = true }))
	if problem(err, "digest") == "" {
		t.Errorf("starting the digest: %v, want a sentence", err)
	}
	w.do(w.changeSettings(link, form(func(f *account.Form) { f.Name = "Fool" })))
	if got := w.load(id).Person.Name; got != "Ann" {
		t.Errorf("name: %q", got)
	}
}

func TestALinkShowsNoWords(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	session := account.Access{Person: id, SignedIn: true}
	shown := w.saved(session)(w.svc.Account.SaveReminder(t.Context(), session, 0, reminder("Water the plants")))
	if len(shown.Reminders) != 1 || shown.Reminders[0].Words != "Water the plants" {
		t.Errorf("to a session: %+v", shown.Reminders)
	}
	link := account.Access{Person: id}
	for name, change := range map[string]func() error{
		"settings": func() error { return nil },
		"a change": func() error { return w.changeSettings(link, form()) },
		"a stop":   func() error { return w.svc.Account.Stop(t.Context(), link) },
		"an undo":  func() error { return w.svc.Account.Undo(t.Context(), link) },
	} {
		if shown := w.after(link, change()); len(shown.Reminders) != 0 {
			t.Errorf("%s by link shows %v", name, shown.Reminders)
		}
	}
	_, err := export.Read(t.Context(), w.svc.Base, link, export.Part{})
	if code(err) != mend.NeedSignIn {
		t.Errorf("export by link: %v", err)
	}
	if _, err := w.svc.Journal.Journal(t.Context(), link, journal.PageRequest{}); code(err) != mend.NeedSignIn {
		t.Errorf("journal by link: %v", err)
	}
	if err := w.svc.Account.Erase(t.Context(), link, "delete"); code(err) != mend.NeedSignIn {
		t.Errorf("erase by link: %v", err)
	}
}

// reminder is a form for a reminder every day at 10:00.
func reminder(words string) account.Form {
	return form(func(f *account.Form) { f.Words, f.Time = words, "10:00" })
}

func TestAStopEndsEverythingAtOnceAndTwiceIsAsGoodAsOnce(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.promised("2026-03-04")
	get(w.svc.Account.SaveReminder(t.Context(), account.Access{Person: id, SignedIn: true}, 0,
		reminder("Water the plants")))(w)
	for range 2 {
		w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
	}
	before := len(w.letters())
	w.until("2026-04-02 12:00")
	if got := len(w.letters()) - before; got != 0 {
		t.Errorf("letters after a stop: %d", got)
	}
	journalled := 0
	for key := range w.blobs.kept {
		if strings.HasSuffix(key, string(id)+"-stop") {
			journalled++
		}
	}
	if journalled == 0 {
		t.Error("a restore would not know of the stop")
	}
}

func TestAStopIsTakenBackWithinAnHourAndStandsAsItStood(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.promised("2026-03-04")
	link := account.Access{Person: id}
	paused := form(func(f *account.Form) { f.PauseUntil = "2026-03-04" })
	w.do(w.changeSettings(link, paused))
	w.do(w.svc.Account.Stop(t.Context(), link))
	w.now = w.now.Add(time.Hour)
	if shown := w.after(link, w.svc.Account.Undo(t.Context(), link)); shown.Status != mend.Active || !shown.Paused {
		t.Errorf("after taking it back: %+v", shown)
	}
	w.until("2026-03-04 20:00")
	w.wantLetters(mend.CheckIn, 1)
	w.wantLetters(mend.PromiseKind, 1)
}

func TestAfterAnHourAStopStands(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	link := account.Access{Person: id}
	if shown := w.after(link, w.svc.Account.Stop(t.Context(), link)); !shown.MayUndo {
		t.Error("the page does not offer to take it back")
	}
	w.now = w.now.Add(time.Hour + time.Millisecond)
	if shown := get(w.svc.Account.Settings(t.Context(), link))(w); shown.MayUndo {
		t.Error("the page offers what is not to be had")
	}
	if err := w.svc.Account.Undo(t.Context(), link); code(err) != mend.Gone {
		t.Errorf("got %v, want Gone", err)
	}
	if got := w.load(id).Person.Status; got != mend.Stopped {
		t.Errorf("status: %s", got)
	}
}

func TestWhoeverWasSuppressedCannotTakeThatBack(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	w.do(w.svc.Feedback.Take(t.Context(),
		feedback.Event{Kind: feedback.Complained, Occurrence: w.last(mend.Welcome).Occurrence}))
	w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
	if err := w.svc.Account.Undo(t.Context(), account.Access{Person: id}); code(err) != mend.Gone {
		t.Errorf("got %v, want Gone", err)
	}
	if got := w.load(id).Person.Status; got != mend.Suppressed {
		t.Errorf("status: %s", got)
	}
}

func TestAFortnightStaysTheSameFortnight(t *testing.T) {
	w := newWorld(t, "2026-03-01 09:00")
	id := w.active(func(f *account.Form) { f.Cadence, f.Days = "fortnightly", []string{"mon"} })
	w.until("2026-03-10 12:00") // in the week between
	w.do(w.changeSettings(account.Access{Person: id}, form(func(f *account.Form) {
		f.Cadence, f.Days, f.Time = "fortnightly", []string{"mon"}, "08:00"
	})))
	w.until("2026-03-17 12:00")
	w.wantLetters(mend.CheckIn, 2) // 2 and 16 March
	if got := of(w, w.last(mend.CheckIn)).Date; got != day("2026-03-16") {
		t.Errorf("the second letter on %s", got)
	}
}

func TestTenRemindersAreTheMost(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	session := account.Access{Person: id, SignedIn: true}
	_, err := w.svc.Account.SaveReminder(t.Context(), account.Access{Person: id}, 0, reminder("By link"))
	if code(err) != mend.NeedSignIn {
		t.Errorf("without a session: %v", err)
	}
	for i := range mend.MostReminders {
		get(w.svc.Account.SaveReminder(t.Context(), session, 0, reminder(fmt.Sprint("Water plant ", i))))(w)
	}
	_, err = w.svc.Account.SaveReminder(t.Context(), session, 0, reminder("One more"))
	if problem(err, "words") == "" {
		t.Errorf("the eleventh: %v, want a sentence", err)
	}
	shown := w.after(session, w.svc.Account.DropReminder(t.Context(), session, 5))
	if len(shown.Reminders) != 9 {
		t.Errorf("after dropping one: %d", len(shown.Reminders))
	}
	if strings.Contains(dump(w, "P#"+string(id), "SUB#05"), "Water") {
		t.Error("the words of a dropped reminder are kept")
	}
	_, err = w.svc.Account.SaveReminder(t.Context(), session, 5, reminder("Back again"))
	if code(err) != mend.NotFound {
		t.Errorf("changing a dropped one: %v", err)
	}
	_, err = w.svc.Account.SaveReminder(t.Context(), session, 1, reminder("The check-in"))
	if code(err) != mend.NotFound {
		t.Errorf("changing the check-in as if it were a reminder: %v", err)
	}
	if err := w.svc.Account.DropReminder(t.Context(), session, 1); code(err) != mend.NotFound {
		t.Errorf("dropping the check-in as if it were a reminder: %v", err)
	}
}

// dump is one item as text.
func dump(w *world, pk, sk string) string {
	var all []string
	for _, it := range w.items(pk) {
		if it.Key().SK == sk {
			for _, v := range it {
				if s, ok := v.(string); ok {
					all = append(all, s)
				}
			}
		}
	}
	return strings.Join(all, "\n")
}

func TestANumberAndADateNameOneReminder(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	session := account.Access{Person: id, SignedIn: true}
	save := func(words string) account.Reminder {
		view := w.saved(session)(w.svc.Account.SaveReminder(t.Context(), session, 0, reminder(words)))
		return view.Reminders[0]
	}
	first := save("Water the plants").Number
	w.until("2026-03-02 10:00")
	w.wantLetters(mend.Reminder, 1)
	w.do(w.svc.Account.DropReminder(t.Context(), session, first))
	second := save("Call the bank").Number
	if second == first {
		t.Error("the number is used again on the day of its letter")
	}
	w.do(w.svc.Account.DropReminder(t.Context(), session, second))
	w.until("2026-03-07 12:00")
	third := save("Write to Ben")
	if third.Number > second || third.Words != "Write to Ben" {
		t.Errorf("days later: %+v, want a number used again", third)
	}
	w.until("2026-03-08 12:00")
	w.wantLetters(mend.Reminder, 2)
}

func TestAReminderWithWordsThatCannotStand(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	session := account.Access{Person: w.active(), SignedIn: true}
	for _, words := range []string{
		"", "  \n ", strings.Repeat("a", 201), strings.Repeat("\U0001f600", 201), "a\x00b", "a\u202eb", "a\xff",
	} {
		if _, err := w.svc.Account.SaveReminder(t.Context(), session, 0, reminder(words)); problem(err, "words") == "" {
			t.Errorf("%q: %v, want a sentence", words, err)
		}
	}
	for _, words := range []string{
		"Two\r\nlines", "Two\u2028lines", strings.Repeat("李", 200), "<b>tags are words</b>",
		"לקנות \u200f3 ספרים\u200e",
	} {
		if _, err := w.svc.Account.SaveReminder(t.Context(), session, 0, reminder(words)); err != nil {
			t.Errorf("%q: %v", words, err)
		}
	}
}

func TestSettingsTellTheNextLetter(t *testing.T) {
	w := newWorld(t, "2026-03-27 09:00")
	id := w.active(func(f *account.Form) { f.Cadence, f.Days = "weekly", []string{"sun"} })
	shown := get(w.svc.Account.Settings(t.Context(), account.Access{Person: id}))(w)
	if want := "Sunday 29 March at 07:30"; mend.InWords(shown.Next, w.now) != want || shown.Rhythm == "" {
		t.Errorf("next %q, rhythm %q, want %q", mend.InWords(shown.Next, w.now), shown.Rhythm, want)
	}
	w.do(w.changeSettings(account.Access{Person: id}, form(func(f *account.Form) {
		f.Cadence, f.Days, f.PauseUntil = "weekly", []string{"sun"}, "2026-04-07"
	})))
	shown = get(w.svc.Account.Settings(t.Context(), account.Access{Person: id}))(w)
	if want := "Sunday 12 April at 07:30"; mend.InWords(shown.Next, w.now) != want || !shown.Paused {
		t.Errorf("in a pause: next %q, paused %v, want %q", mend.InWords(shown.Next, w.now), shown.Paused, want)
	}
	if shown.Preferences != "" || shown.Calendar != "" {
		t.Errorf("a link hands out other links: %+v", shown)
	}
	shown = get(w.svc.Account.Settings(t.Context(), account.Access{Person: id, SignedIn: true}))(w)
	for purpose, text := range map[token.Purpose]string{
		token.Preferences: shown.Preferences,
		token.Calendar:    shown.Calendar,
	} {
		if a := get(w.svc.Account.Link(t.Context(), purpose, text))(w); a.Person != id || a.SignedIn {
			t.Errorf("the link for %s: %+v", purpose, a)
		}
	}
	w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
	if shown = get(w.svc.Account.Settings(t.Context(), account.Access{Person: id}))(w); !shown.Next.IsZero() {
		t.Errorf("stopped, and yet a letter at %s", shown.Next)
	}
}

func TestALinkIsGoodForItsOwnPurposeAndItsOwnTime(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.active()
	l := w.last(mend.Welcome)
	preferences, stop := w.link(l, "/preferences/"), w.link(l, "/stop/")
	for _, bad := range []string{"", "a", preferences[1:], preferences + "a", stop} {
		if _, err := w.svc.Account.Link(t.Context(), token.Preferences, bad); code(err) != mend.NotFound {
			t.Errorf("%q: %v, want NotFound", bad, err)
		}
	}
	w.now = w.now.Add(32 * 24 * time.Hour)
	if _, err := w.svc.Account.Link(t.Context(), token.Preferences, preferences); code(err) != mend.Gone {
		t.Errorf("after a month: %v, want Gone", err)
	}
	w.now = w.now.Add(10 * 365 * 24 * time.Hour)
	if _, err := w.svc.Account.Link(t.Context(), token.Unsubscribe, stop); err != nil {
		t.Errorf("stopping after ten years: %v", err)
	}
}

// Every few weeks, chosen on its own weekday after its hour, begins with the next week: never that
// many weeks later. It is the same for who signs up, who changes their settings and who sets a
// reminder.
func TestEveryFewWeeksBeginsWithTheNextPossibleDate(t *testing.T) {
	for name, test := range map[string]struct{ now, want string }{
		"before the hour":         {"2026-03-02 06:00", "2026-03-02"}, // a Monday, in Berlin
		"within five minutes":     {"2026-03-02 07:27", "2026-03-09"},
		"after the hour":          {"2026-03-02 09:00", "2026-03-09"},
		"on another day":          {"2026-03-04 09:00", "2026-03-09"},
		"as the clocks go ahead":  {"2026-03-29 21:00", "2026-03-30"},
		"the last hour of Monday": {"2026-03-02 22:55", "2026-03-09"},
	} {
		mondays := func(f *account.Form) { f.Cadence, f.Days = "fortnightly", []string{"mon"} }
		next := func(w *world, id mend.ID, number uint8) string {
			account := w.load(id)
			sub := account.Subscription(number)
			first, _ := cadence.Next(sub.Cadence,
				latestOf(sub.FirstDate, mend.DateOf(w.now.In(berlin)), sub.LastDate.AddDays(1)))
			return first.String()
		}
		w := newWorld(t, test.now)
		if got := next(w, w.active(mondays), mend.CheckInNumber); got != test.want {
			t.Errorf("%s: signed up, the first is on %s, want %s", name, got, test.want)
		}
		w = newWorld(t, test.now)
		a := account.Access{Person: w.active(), SignedIn: true}
		w.change(a.Person, mondays)
		if got := next(w, a.Person, mend.CheckInNumber); got != test.want {
			t.Errorf("%s: settings changed, the next is on %s, want %s", name, got, test.want)
		}
		for _, every := range []string{"2", "4", "52"} {
			f := aReminder(func(f *account.Form) {
				f.Cadence, f.Days, f.Every, f.Time = "weekly", []string{"mon"}, every, "07:30"
			})
			get(w.svc.Account.SaveReminder(t.Context(), a, 0, f))(w)
		}
		for number := mend.FirstReminder; number < mend.FirstReminder+3; number++ {
			if got := next(w, a.Person, number); got != test.want {
				t.Errorf("%s: reminder %d set, the first is on %s, want %s", name, number, got, test.want)
			}
		}
	}
}

// A date that has had its letter, or lies in a pause, is no first week.
func TestEveryFewWeeksCountsFromADateThatIsFree(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*account.Form)
		want   string
	}{
		"today's letter has come": {func(f *account.Form) { f.Time = "21:00" }, "2026-03-09"},
		"a pause":                 {func(f *account.Form) { f.PauseUntil = "2026-03-20" }, "2026-03-23"},
	} {
		w := newWorld(t, "2026-02-27 09:00")
		a := account.Access{Person: w.active(), SignedIn: true}
		w.until("2026-03-02 09:00")
		w.change(a.Person, func(f *account.Form) { f.PauseUntil = "" })
		if name == "a pause" {
			w.change(a.Person, test.change)
		}
		w.change(a.Person, func(f *account.Form) {
			f.Cadence, f.Days = "fortnightly", []string{"mon"}
			test.change(f)
		})
		if got := get(w.svc.Account.Settings(t.Context(), a))(w).Next.Format("2006-01-02"); got != test.want {
			t.Errorf("%s: the next is on %s, want %s", name, got, test.want)
		}
	}
}

func latestOf(dates ...mend.Date) mend.Date {
	return slices.MaxFunc(dates, func(a, b mend.Date) int { return a.Days() - b.Days() })
}

// What phones, browsers and people write into the fields of a rhythm is read, and kept
// in one spelling.
func TestTheRhythmIsReadAsItIsWritten(t *testing.T) {
	for _, test := range []struct {
		write func(*account.Form)
		want  string
	}{
		{func(f *account.Form) { f.Zone, f.Time = "Munich ", "7.30 pm" }, "every day at 19:30, Europe/Berlin"},
		{func(f *account.Form) { f.Zone, f.Time = "new york", "07:31" }, "every day at 07:30, America/New_York"},
		{func(f *account.Form) { f.Zone, f.Time = "+05:30", "7" }, "every day at 07:00, Asia/Kolkata"},
		{func(f *account.Form) { f.Cadence, f.Day = "monthly", "31 " },
			"the 31st of each month (the last day of shorter ones) at 07:30, Europe/Berlin"},
		{func(f *account.Form) { f.Cadence, f.Days = "weekly", []string{"Monday"} }, "Mondays at 07:30, Europe/Berlin"},
	} {
		w := newWorld(t, "2026-03-02 09:00")
		view := get(w.svc.Account.Settings(t.Context(), account.Access{Person: w.active(test.write)}))(w)
		if got := view.Rhythm + ", " + view.Form.Zone; got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}
