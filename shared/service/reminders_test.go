package service_test

import (
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
)

var berlin = func() *time.Location {
	zone, err := cadence.Zone("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

// aReminder is the form of one at noon in Berlin, every Monday unless told otherwise.
func aReminder(changes ...func(*account.Form)) account.Form {
	f := account.Form{
		Words:   "Water the basil",
		Cadence: "weekly",
		Days:    []string{"mon"},
		Time:    "12:00",
		Zone:    "Europe/Berlin",
	}
	for _, change := range changes {
		change(&f)
	}
	return f
}

// came is the dates in Berlin on which letters of a kind came.
func (w *world) came(kind mend.Kind) string {
	var days []string
	for _, l := range w.letters(kind) {
		days = append(days, l.At.In(berlin).Format("01-02"))
	}
	return strings.Join(days, " ")
}

func TestRhythmsOfReminders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*account.Form)
		rhythm string
		until  string
		want   string
	}{
		{"every third week", func(f *account.Form) { f.Every = "3" }, "every third Monday at 12:00", "2026-05-05 00:00",
			"03-02 03-23 04-13 05-04"},
		{"every week", func(f *account.Form) { f.Every = "1" }, "Mondays at 12:00", "2026-03-17 00:00",
			"03-02 03-09 03-16"},
		{"the second Tuesday", func(f *account.Form) { f.Cadence, f.Nth, f.Days = "by-weekday", "2", []string{"tue"} },
			"the second Tuesday of the month at 12:00", "2026-05-31 00:00", "03-10 04-14 05-12"},
		{"the last Sunday",
			func(f *account.Form) { f.Cadence, f.Nth, f.Days = "by-weekday", "last", []string{"sun"} },
			"the last Sunday of the month at 12:00", "2026-05-01 00:00", "03-29 04-26"},
		{"monthly by day", func(f *account.Form) { f.Cadence, f.Day = "monthly", "31" },
			"the 31st of each month (the last day of shorter ones) at 12:00", "2026-05-01 00:00", "03-31 04-30"},
		{"29 February", func(f *account.Form) { f.Cadence, f.Day, f.Month = "yearly", "29", "2" },
			"every year on 29 February (the 28th when there is none) at 12:00", "2027-03-01 00:00", "02-28"},
		{"one date", func(f *account.Form) { f.Cadence, f.Date = "once", "2026-03-29" }, "on 29 March 2026 at 12:00",
			"2026-05-01 00:00", "03-29"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "2026-03-02 09:00")
			id := w.active(func(f *account.Form) { f.Cadence, f.Day = "monthly", "1" })
			a := account.Access{Person: id, SignedIn: true}
			view := w.saved(a)(w.svc.Account.SaveReminder(t.Context(), a, 0, aReminder(tt.change)))
			if len(view.Reminders) != 1 || view.Reminders[0].Rhythm != tt.rhythm {
				t.Fatalf("reminders: %+v, want %q", view.Reminders, tt.rhythm)
			}
			again := account.ReminderFormOf(view.Reminders[0])
			view = w.saved(a)(w.svc.Account.SaveReminder(t.Context(), a, view.Reminders[0].Number, again))
			if view.Reminders[0].Rhythm != tt.rhythm {
				t.Errorf("the form filled with it makes %q", view.Reminders[0].Rhythm)
			}
			w.until(tt.until)
			if got := w.came(mend.Reminder); got != tt.want {
				t.Errorf("came on %s, want %s", got, tt.want)
			}
		})
	}
}

func TestAReminderThatCannotBeSetIsToldWhy(t *testing.T) {
	w, id, _ := answering(t)
	for field, changes := range map[string][]func(*account.Form){
		"words": {
			func(f *account.Form) { f.Words = "  " }, func(f *account.Form) { f.Words = strings.Repeat("x", 201) },
			func(f *account.Form) { f.Words = "a\u202Eb" },
		},
		"every": {
			func(f *account.Form) { f.Every = "0" },
			func(f *account.Form) { f.Every = "53" },
			func(f *account.Form) { f.Every = "two" },
		},
		"nth": {
			func(f *account.Form) { f.Cadence, f.Nth = "by-weekday", "5" },
			func(f *account.Form) { f.Cadence, f.Nth = "by-weekday", "" },
		},
		"days": {
			func(f *account.Form) { f.Days = nil },
			func(f *account.Form) { f.Cadence, f.Nth, f.Days = "by-weekday", "1", []string{"mon", "tue"} },
		},
		"month": {func(f *account.Form) { f.Cadence, f.Day, f.Month = "yearly", "1", "13" }},
		"day":   {func(f *account.Form) { f.Cadence, f.Day, f.Month = "yearly", "30", "2" }},
		"date": {
			func(f *account.Form) { f.Cadence, f.Date = "once", "2026-03-02" },
			func(f *account.Form) { f.Cadence, f.Date = "once", "soon" },
			func(f *account.Form) { f.Cadence, f.Date = "once", "2150-01-01" },
		},
		"time":    {func(f *account.Form) { f.Time = "12:70" }},
		"zone":    {func(f *account.Form) { f.Cadence, f.Date, f.Zone = "once", "2026-04-01", "Etc/Unknown" }},
		"cadence": {func(f *account.Form) { f.Cadence = "hourly" }},
	} {
		for i, change := range changes {
			_, err := w.svc.Account.SaveReminder(t.Context(), account.Access{Person: id, SignedIn: true},
				0, aReminder(change))
			if problem(err, field) == "" {
				t.Errorf("%s %d: got %v", field, i, err)
			}
		}
	}
}

func TestAReminderIsPausedByItself(t *testing.T) {
	w, id, letter := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	daily := func(f *account.Form) { f.Cadence = "daily" }
	get(w.svc.Account.SaveReminder(t.Context(), a, 0, aReminder(daily)))(w)
	get(w.svc.Account.SaveReminder(t.Context(), a, 0,
		aReminder(daily, func(f *account.Form) { f.Words = "Eat it" })))(w)
	view := w.after(a, w.svc.Account.PauseReminder(t.Context(), a, 3, true))
	if !view.Reminders[0].Paused || !view.Reminders[0].Next.IsZero() || view.Reminders[1].Paused {
		t.Errorf("reminders: %+v", view.Reminders)
	}
	w.until("2026-03-03 12:00")
	w.receive(letter, incoming{words: "PAUSE 1 day"})
	w.receive(letter, incoming{words: "RESUME"})
	w.until("2026-03-04 13:00")
	w.wantLetters(mend.Reminder, 2) // of the other
	if strings.Contains(w.text(w.last(mend.Reminder)), "basil") {
		t.Error("the paused one came")
	}
	w.do(w.svc.Account.PauseReminder(t.Context(), a, 3, false))
	w.until("2026-03-05 13:00")
	w.wantLetters(mend.Reminder, 4)
	err := w.svc.Account.PauseReminder(t.Context(), account.Access{Person: id}, 3, true)
	if code(err) != mend.NeedSignIn {
		t.Errorf("by a link: %v", err)
	}
}

func TestSnoozes(t *testing.T) {
	// when the words come again; the next occurrence is on Monday the 9th at 12:00
	for words, want := range map[string]string{
		"SNOOZE 2h":               "03-02 03-02 03-09",
		"snooze tomorrow":         "03-02 03-03 03-09",
		"snooze until 2026-03-09": "03-02 03-09", // is that occurrence
		"snooze until 2026-03-20": "03-02 03-09", // past it: the next occurrence serves
		"snooze until 2036-03-20": "03-02 03-09",
		"snooze until someday":    "03-02 03-09",
		"snooze":                  "03-02 03-09",
	} {
		w := newWorld(t, "2026-03-02 09:00")
		id := w.active(func(f *account.Form) { f.Cadence, f.Day = "monthly", "1" })
		get(w.svc.Account.SaveReminder(t.Context(), account.Access{Person: id, SignedIn: true}, 0, aReminder()))(w)
		w.until("2026-03-02 12:00")
		w.receive(w.last(mend.Reminder), incoming{words: words})
		w.until("2026-03-15 12:00")
		if got := w.came(mend.Reminder); got != want {
			t.Errorf("%q: came on %s, want %s", words, got, want)
		}
	}
}

// An order that is sent twice brings one letter, and the newest word stands.
func TestTheNewestSnoozeStands(t *testing.T) {
	for name, test := range map[string]struct {
		mails []string
		want  string
	}{
		"the same twice":     {[]string{"SNOOZE 2h", "SNOOZE 2h"}, "03-02 12:00, 03-02 14:00"},
		"twice in one mail":  {[]string{"SNOOZE 2h\nSNOOZE 3h"}, "03-02 12:00, 03-02 14:00"},
		"later":              {[]string{"SNOOZE 2h", "SNOOZE tomorrow", "SNOOZE 3h"}, "03-02 12:00, 03-02 15:00"},
		"up to the next one": {[]string{"SNOOZE 2h", "SNOOZE until 2026-03-09"}, "03-02 12:00"},
		"no clear day":       {[]string{"SNOOZE 2h", "SNOOZE until someday"}, "03-02 12:00, 03-02 14:00"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-03-02 09:00")
			a := account.Access{Person: w.active(), SignedIn: true}
			get(w.svc.Account.SaveReminder(t.Context(), a, 0, aReminder()))(w)
			w.until("2026-03-02 12:00")
			letter := w.last(mend.Reminder)
			for _, words := range test.mails {
				w.receive(letter, incoming{words: words})
			}
			w.until("2026-03-08 12:00")
			if got := w.hours(mend.Reminder); got != test.want {
				t.Errorf("came at %s, want %s", got, test.want)
			}
		})
	}
}

func TestASnoozedReminderCanBeSnoozedAgain(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	get(w.svc.Account.SaveReminder(t.Context(), account.Access{Person: id, SignedIn: true}, 0, aReminder()))(w)
	w.until("2026-03-02 12:00")
	w.receive(w.last(mend.Reminder), incoming{words: "SNOOZE 2h"})
	w.until("2026-03-02 14:00")
	w.receive(w.last(mend.Reminder), incoming{words: "SNOOZE 1h"})
	w.until("2026-03-02 23:00")
	w.wantLetters(mend.Reminder, 3)
	l := w.last(mend.Reminder)
	if !l.At.Equal(at("2026-03-02 15:00")) || !strings.Contains(w.text(l), "basil") {
		t.Errorf("at %s:\n%s", l.At, w.text(l))
	}
	w.until("2026-04-15 10:00") // and long after
	before := len(w.letters(mend.Reminder))
	w.receive(l, incoming{words: "SNOOZE tomorrow"})
	w.until("2026-04-16 16:00")
	if got := w.letters(mend.Reminder)[before:]; len(got) != 1 || !got[0].At.Equal(at("2026-04-16 15:00")) {
		t.Errorf("answered weeks later, it came %d times, want once at the hour of the letter", len(got))
	}
}

func TestTheWordsOfAReminderAreText(t *testing.T) {
	w, id, _ := answering(t)
	f := aReminder(func(f *account.Form) {
		f.Cadence, f.Words = "daily", `<script>alert(1)</script> & "O'Brien" 李`
	})
	get(w.svc.Account.SaveReminder(t.Context(), account.Access{Person: id, SignedIn: true}, 0, f))(w)
	w.until("2026-03-03 13:00")
	l := w.last(mend.Reminder)
	raw := string(l.Raw)
	if !strings.Contains(w.text(l), f.Words) || strings.Contains(raw[strings.Index(raw, "text/html"):], "<script") {
		t.Errorf("the letter:\n%s", w.text(l))
	}
}

// A form that is sent twice, by an impatient finger or a lost answer, makes one reminder.
func TestAReminderThatIsSentTwiceIsOne(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	a := account.Access{Person: w.active(), SignedIn: true}
	for _, cadence := range []string{"daily", "weekly", "monthly"} {
		f := aReminder(func(f *account.Form) { f.Cadence, f.Days, f.Every, f.Day = cadence, []string{"mon"}, "3", "5" })
		if cadence != "weekly" {
			f.Every = ""
		}
		before := len(get(w.svc.Account.Settings(t.Context(), a))(w).Reminders)
		for range 3 {
			get(w.svc.Account.SaveReminder(t.Context(), a, 0, f))(w)
		}
		if got := len(get(w.svc.Account.Settings(t.Context(), a))(w).Reminders) - before; got != 1 {
			t.Errorf("%s: sent three times, it makes %d reminders", cadence, got)
		}
	}
}
