package service_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
)

// hours is the instants in Berlin at which letters of a kind came.
func (w *world) hours(kind mend.Kind) string {
	var all []string
	for _, l := range w.letters(kind) {
		all = append(all, l.At.In(berlin).Format("01-02 15:04"))
	}
	return strings.Join(all, ", ")
}

// says answers the newest check-in (or the welcome, where none came yet).
func (w *world) says(words string) {
	w.Helper()
	w.receive(w.letters(mend.CheckIn, mend.Welcome)[len(w.letters(mend.CheckIn, mend.Welcome))-1],
		incoming{words: words})
}

func TestAPromiseDueInAPauseIsAskedAboutOnTheFirstEveningAfterIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   map[string]string // at an instant
		want string
	}{
		{"paused over its day", map[string]string{"2026-03-04 12:00": "PAUSE until 2026-03-20"}, "03-20 19:00"},
		{"paused until its day", map[string]string{"2026-03-04 12:00": "PAUSE until 2026-03-06"}, "03-06 19:00"},
		{"paused until the day after it", map[string]string{"2026-03-04 12:00": "PAUSE until 2026-03-07"},
			"03-07 19:00"},
		{"over before its day",
			map[string]string{"2026-03-04 12:00": "PAUSE until 2026-03-20", "2026-03-05 12:00": "RESUME"},
			"03-06 19:00"},
		{"over on its day",
			map[string]string{"2026-03-04 12:00": "PAUSE until 2026-03-20", "2026-03-06 12:00": "RESUME"},
			"03-06 19:00"},
		{"over before the evening of another day",
			map[string]string{"2026-03-04 12:00": "PAUSE until 2026-03-20", "2026-03-10 12:00": "RESUME"},
			"03-10 19:00"},
		{"over late on another day",
			map[string]string{"2026-03-04 12:00": "PAUSE until 2026-03-20", "2026-03-10 21:00": "RESUME"},
			"03-11 19:00"},
		{"longer", map[string]string{
			"2026-03-04 12:00": "PAUSE until 2026-03-10", "2026-03-09 12:00": "PAUSE until 2026-03-25",
		}, "03-25 19:00"},
		{"shorter", map[string]string{
			"2026-03-04 12:00": "PAUSE until 2026-03-25", "2026-03-09 12:00": "PAUSE until 2026-03-12",
		}, "03-12 19:00"},
		{"twice", map[string]string{
			"2026-03-04 12:00": "PAUSE until 2026-03-10", "2026-03-10 12:00": "PAUSE until 2026-03-20",
		}, "03-20 19:00"},
		{"in its very minute", map[string]string{"2026-03-06 19:00": "PAUSE until 2026-03-20"}, "03-20 19:00"},
		{"after it was asked", map[string]string{"2026-03-06 20:00": "PAUSE until 2026-03-20"}, "03-06 19:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "2026-03-02 06:00")
			w.active()
			w.says("PROMISE call my sister by 2026-03-06")
			for day := at("2026-03-02 06:00"); day.Before(at("2026-03-27 00:00")); day = day.Add(15 * time.Minute) {
				key := day.In(berlin).Format("2006-01-02 15:04")
				if words, there := tt.do[key]; there {
					w.untilInstant(day.Add(-time.Second)) // before the tick of that minute
					w.now = day
					w.says(words)
				}
			}
			w.until("2026-03-27 00:00")
			if got := w.hours(mend.PromiseKind); got != tt.want {
				t.Errorf("asked at %s, want %s", got, tt.want)
			}
			text := w.text(w.last(mend.PromiseKind))
			if !strings.Contains(text, "Friday 6 March") && !strings.HasPrefix(tt.want, "03-06") {
				t.Errorf("it does not say which day was meant:\n%s", text)
			}
		})
	}
}

func TestSeveralPromisesOfAPauseComeOneEachEvening(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active()
	a := account.Access{Person: id, SignedIn: true}
	for words, due := range map[string]string{
		"cress":  "2026-03-09",
		"apples": "2026-03-06",
		"beans":  "2026-03-08",
		"dill":   "2026-03-16",
	} {
		w.do(w.svc.Journal.AddPromise(t.Context(), a, journal.PromiseForm{Words: words, Due: due}))
	}
	w.says("PAUSE until 2026-03-15")
	w.do(w.svc.Journal.AddPromise(t.Context(), a, journal.PromiseForm{Words: "endive", Due: "2026-03-07"}))
	w.until("2026-03-30 00:00")
	var got []string
	for _, l := range w.letters(mend.PromiseKind) {
		for _, words := range []string{"apples", "beans", "cress", "dill", "endive"} {
			if strings.Contains(w.text(l), words) {
				got = append(got, l.At.In(berlin).Format("02")+" "+words)
			}
		}
	}
	slices.Sort(got)
	if want := "[15 apples 16 beans 16 dill 17 cress 18 endive]"; fmt.Sprint(got) != want { // dill has a day of its own
		t.Errorf("asked on %v, want %s", got, want)
	}
}

func TestWhatComesOnceAndFallsIntoAPauseComesAfterIt(t *testing.T) {
	t.Parallel()
	once := func(date string) account.Form {
		return aReminder(func(f *account.Form) { f.Cadence, f.Date = "once", date })
	}
	for _, tt := range []struct {
		name     string
		reminder account.Form
		snooze   string
		pause    string // at 13:00 of 2 March
		then     map[string]string
		want     string
	}{
		{"one date", once("2026-03-10"), "", "2026-03-20", nil, "03-20 12:00"},
		{"one date after it", once("2026-03-20"), "", "2026-03-20", nil, "03-20 12:00"},
		{"one date, ended before", once("2026-03-10"), "", "2026-03-20",
			map[string]string{"2026-03-05 12:00": ""}, "03-10 12:00"},
		{"one date, ended after", once("2026-03-10"), "", "2026-03-20",
			map[string]string{"2026-03-12 13:00": ""}, "03-13 12:00"},
		{"one date, shorter and longer", once("2026-03-10"), "", "2026-03-20",
			map[string]string{"2026-03-03 12:00": "2026-03-05", "2026-03-06 12:00": "2026-03-12"}, "03-12 12:00"},
		{"one date, seen already", once("2026-03-02"), "", "2026-03-20", nil, "03-02 12:00"},
		{"a snoozed date", once("2026-03-02"), "SNOOZE 2h", "2026-03-20", nil, "03-02 12:00, 03-20 14:00"},
		{"a snoozed date, ended at once", once("2026-03-02"), "SNOOZE 2h", "2026-03-20",
			map[string]string{"2026-03-02 13:15": ""}, "03-02 12:00, 03-02 14:00"},
		{"a snoozed Monday: the next one is later", aReminder(), "SNOOZE tomorrow", "2026-03-21", nil,
			"03-02 12:00, 03-21 12:00, 03-23 12:00, 03-30 12:00"},
		{"a snoozed Monday: the next one comes first", aReminder(), "SNOOZE 6h", "2026-03-23", nil,
			"03-02 12:00, 03-23 12:00, 03-30 12:00"},
		{"every Monday: what is left out is left out", aReminder(), "", "2026-03-21", nil,
			"03-02 12:00, 03-23 12:00, 03-30 12:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "2026-03-02 09:00")
			id := w.active(func(f *account.Form) { f.Cadence, f.Day = "monthly", "1" })
			get(w.svc.Account.SaveReminder(t.Context(), account.Access{Person: id, SignedIn: true}, 0, tt.reminder))(w)
			w.until("2026-03-02 12:00")
			if tt.snooze != "" {
				w.receive(w.last(mend.Reminder), incoming{words: tt.snooze})
			}
			w.until("2026-03-02 13:00")
			w.change(id, func(f *account.Form) { f.PauseUntil = tt.pause })
			for instant := w.now; instant.Before(at("2026-04-01 00:00")); instant = instant.Add(15 * time.Minute) {
				if until, there := tt.then[instant.In(berlin).Format("2006-01-02 15:04")]; there {
					w.untilInstant(instant)
					w.change(id, func(f *account.Form) { f.PauseUntil = until })
				}
			}
			w.until("2026-04-01 00:00")
			if got := w.hours(mend.Reminder); got != tt.want {
				t.Errorf("came at %s, want %s", got, tt.want)
			}
			for _, l := range w.letters(mend.Reminder) {
				if !strings.Contains(w.text(l), "basil") {
					t.Errorf("without its words:\n%s", w.text(l))
				}
			}
		})
	}
}

// A claim of what was read before the pause fails, as after a stop.
func TestNoOneOffIsClaimedAfterAPauseCommitted(t *testing.T) {
	for name, read := range map[string]func(*world, mend.OneOff) mend.OneOff{
		"due": func(_ *world, o mend.OneOff) mend.OneOff { return o },
		"unknown, before its second attempt": func(w *world, o mend.OneOff) mend.OneOff {
			w.do(w.claim(o, "first"))
			return get(w.svc.Store.OneOff(w.Context(), o.Person, o.ID, w.now))(w)
		},
	} {
		w := newWorld(t, "2026-03-02 06:00")
		id := w.active()
		w.says("PROMISE call my sister by 2026-03-06")
		o := read(w, w.load(id).OneOffs[0])
		w.says("PAUSE 2 weeks")
		if err := w.claim(o, "second"); !errors.Is(err, store.ErrClaimed) {
			t.Errorf("%s: claimed after the pause: %v", name, err)
		}
	}
}

// A claim that commits while the pause is decided on is seen by it.
func TestAPauseSeesAClaimThatCameFirst(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active()
	w.says("PROMISE call my sister by 2026-03-06")
	o := w.load(id).OneOffs[0]
	moved := o
	moved.Due = moved.Due.AddDate(0, 0, 14)
	whole := w.load(id)
	w.do(w.claim(o, "first"))
	err := w.svc.Store.Commit(t.Context(), store.Transaction{Person: whole.Person, Move: []mend.OneOff{moved}})
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("a letter on its way was moved: %v", err)
	}
	w.says("PAUSE 2 weeks")
	w.until("2026-04-01 00:00")
	w.wantLetters(mend.PromiseKind, 0)
}

func TestAPromiseIsAskedAboutAtSevenWhereverThePersonIs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ zone, due, want string }{
		{"America/New_York", "2026-03-12", "2026-03-12T23:00:00Z"}, // their clocks changed on the 8th
		{"Asia/Tokyo", "2026-03-06", "2026-03-06T10:00:00Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-29T17:00:00Z"}, // the clocks change that night
	} {
		w := newWorld(t, "2026-03-02 09:00")
		id := w.active()
		w.says("PROMISE call my sister by " + tt.due)
		w.change(id, func(f *account.Form) { f.Zone = tt.zone })
		w.until("2026-04-02 00:00")
		w.wantLetters(mend.PromiseKind, 1)
		if got := w.last(mend.PromiseKind).At.Format(time.RFC3339); got != tt.want {
			t.Errorf("%s: asked at %s, want %s", tt.zone, got, tt.want)
		}
	}
	// Where it is past seven already in the new zone, the hour stands: it is asked all the same.
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	w.says("PROMISE call my sister by 2026-03-06")
	w.until("2026-03-06 15:00")
	w.change(id, func(f *account.Form) { f.Zone = "Asia/Tokyo" })
	w.until("2026-03-10 00:00")
	if got := w.hours(mend.PromiseKind); got != "03-06 19:00" {
		t.Errorf("asked at %s", got)
	}
}

func TestAReminderThatIsDroppedOrPausedTakesWhatWasSnoozedWithIt(t *testing.T) {
	for name, end := range map[string]func(*service.Service, *world, account.Access) error{
		"dropped": func(s *service.Service, w *world, a account.Access) error {
			err := s.Account.DropReminder(w.Context(), a, mend.FirstReminder)
			return err
		},
		"paused": func(s *service.Service, w *world, a account.Access) error {
			err := s.Account.PauseReminder(w.Context(), a, mend.FirstReminder, true)
			return err
		},
	} {
		w := newWorld(t, "2026-03-02 09:00")
		a := account.Access{Person: w.active(), SignedIn: true}
		get(w.svc.Account.SaveReminder(t.Context(), a, 0, aReminder()))(w)
		w.until("2026-03-02 12:00")
		w.receive(w.last(mend.Reminder), incoming{words: "SNOOZE tomorrow"})
		w.do(end(w.svc, w, a))
		w.until("2026-03-06 00:00")
		if got := w.came(mend.Reminder); got != "03-02" {
			t.Errorf("%s: came on %s", name, got)
		}
	}
}

func TestASnoozedReminderHasTheWordsOfTheDay(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	a := account.Access{Person: w.active(), SignedIn: true}
	get(w.svc.Account.SaveReminder(t.Context(), a, 0, aReminder()))(w)
	w.until("2026-03-02 12:00")
	w.receive(w.last(mend.Reminder), incoming{words: "SNOOZE tomorrow"})
	get(w.svc.Account.SaveReminder(t.Context(), a, mend.FirstReminder, aReminder(func(f *account.Form) {
		f.Words = "Water the fern"
	})))(w)
	w.until("2026-03-04 00:00")
	text := w.text(w.last(mend.Reminder))
	if w.came(mend.Reminder) != "03-02 03-03" || !strings.Contains(text, "fern") {
		t.Errorf("came on %s:\n%s", w.came(mend.Reminder), text)
	}
}

func TestAReminderMadeInAPauseWaitsForItsEnd(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	a := account.Access{Person: id, SignedIn: true}
	w.says("PAUSE until 2026-03-15")
	get(w.svc.Account.SaveReminder(t.Context(), a, 0, aReminder()))(w)
	_, err := w.svc.Account.SaveReminder(t.Context(), a, 0, aReminder(func(f *account.Form) {
		f.Cadence, f.Date = "once", "2026-03-10"
	}))
	if got := problem(err, "date"); !strings.Contains(got, "paused until") {
		t.Errorf("a date in the pause: %v", err)
	}
	w.until("2026-03-24 00:00")
	if got := w.came(mend.Reminder); got != "03-16 03-23" {
		t.Errorf("came on %s", got)
	}
}

func TestStoppingInAPauseAndUndoingItAsksAboutPromisesAllTheSame(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	a := account.Access{Person: id, SignedIn: true}
	w.says("PROMISE call my sister by 2026-03-06")
	w.says("PAUSE until 2026-03-20")
	w.until("2026-03-12 12:00")
	w.do(w.svc.Account.Stop(t.Context(), a))
	w.do(w.svc.Account.Undo(t.Context(), a))
	w.until("2026-03-30 00:00")
	if got := w.hours(mend.PromiseKind); got != "03-20 19:00" {
		t.Errorf("asked at %q", got)
	}
	if got := w.letters(mend.CheckIn); len(got) == 0 || got[len(got)-1].At.Before(at("2026-03-20 00:00")) {
		t.Error("no check-in after the pause")
	}
}

// Four weeks off in place of a stop is a pause like any other.
// A pause of before a stop is over once letters start afresh, also for the monthly letter that is
// switched on only later.
func TestAFreshStartEndsAPauseOfWhatIsSwitchedOff(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	w.until("2026-03-03 08:00")
	w.says("PAUSE 300 days")
	w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
	w.now = w.now.Add(24 * time.Hour)
	w.active()
	w.change(id, func(f *account.Form) { f.Digest = true })
	w.until("2026-04-02 08:00")
	w.wantLetters(mend.Digest, 1)
}

func TestFourWeeksOffHoldsBackPromises(t *testing.T) {
	for name, stopped := range map[string]bool{"in place of a stop": false, "after one": true} {
		w := newWorld(t, "2026-03-02 09:00")
		a := account.Access{Person: w.active(), SignedIn: true}
		w.says("PROMISE call my sister by 2026-03-06")
		if stopped {
			w.do(w.svc.Account.Stop(t.Context(), a))
		}
		w.do(w.svc.Account.PauseFourWeeks(t.Context(), a))
		w.until("2026-04-10 00:00")
		if got := w.hours(mend.PromiseKind); got != "03-30 19:00" {
			t.Errorf("%s: asked at %s", name, got)
		}
	}
}

// A check-in that is left out stays so, however a pause begins that ends before it.
func TestAPauseBringsNoSkippedCheckIn(t *testing.T) {
	pause := func(w *world, id mend.ID) {
		w.change(id, func(f *account.Form) { f.PauseUntil = "2026-03-05" })
	}
	for name, tt := range map[string]struct {
		cadence, day, on string
		do               func(*world, mend.ID)
		want             string
	}{
		"form":  {"weekly", "", "sun", pause, "03-15 03-22"},
		"order": {"weekly", "", "sun", func(w *world, _ mend.ID) { w.says("PAUSE until 2026-03-05") }, "03-15 03-22"},
		"four weeks": {"monthly", "31", "", func(w *world, id mend.ID) {
			w.do(w.svc.Account.PauseFourWeeks(t.Context(), account.Access{Person: id}))
		}, "04-30"},
		"a rhythm afterwards": {"weekly", "", "sun", func(w *world, id mend.ID) {
			pause(w, id)
			w.change(id, func(f *account.Form) { f.Time = "09:00" })
		}, "03-15 03-22"},
		"the pause made longer": {"weekly", "", "sun", func(w *world, id mend.ID) {
			pause(w, id)
			w.change(id, func(f *account.Form) { f.PauseUntil = "2026-03-20" })
		}, "03-22"},
		"taken back": {"weekly", "", "sun", func(w *world, id mend.ID) {
			pause(w, id)
			w.do(w.svc.Account.Resume(t.Context(), account.Access{Person: id, SignedIn: true}))
		}, "03-08 03-15 03-22"},
		"taken back by a reply": {"weekly", "", "sun", func(w *world, id mend.ID) {
			pause(w, id)
			w.says("RESUME")
		}, "03-08 03-15 03-22"},
	} {
		w := newWorld(t, "2026-03-02 09:00")
		id := w.active(func(f *account.Form) { f.Cadence, f.Day, f.Days = tt.cadence, tt.day, []string{tt.on} })
		w.do(w.svc.Account.Skip(t.Context(), account.Access{Person: id}, mend.Date{}))
		tt.do(w, id)
		for w.until("2026-03-27 00:00"); tt.cadence == "monthly" && w.now.Before(at("2026-05-02 00:00")); {
			w.untilInstant(w.now.AddDate(0, 0, 7))
		}
		if got := w.came(mend.CheckIn); got != tt.want {
			t.Errorf("%s: check-ins came on %s, want %s", name, got, tt.want)
		}
	}
}

// Someone who skips the next letter gets none on its day, not even the monthly letter that would
// come in place of a daily check-in, or beside a monthly one. RESUME takes all of it back.
func TestASkipLeavesOutTheMonthlyLetterOfThatDay(t *testing.T) {
	for name, tt := range map[string]struct {
		cadence string
		do      func(*world, mend.ID)
		want    string // what comes from the last of April to the second of May
	}{
		"daily, button": {"daily", func(w *world, id mend.ID) {
			w.do(w.svc.Account.Skip(t.Context(), account.Access{Person: id}, mend.Date{}))
		}, "05-02"},
		"daily, order":   {"daily", func(w *world, _ mend.ID) { w.says("SKIP") }, "05-02"},
		"monthly, order": {"monthly", func(w *world, _ mend.ID) { w.says("SKIP") }, ""},
		"then a pause that ends before": {"daily", func(w *world, id mend.ID) {
			w.says("SKIP")
			w.change(id, func(f *account.Form) { f.PauseUntil = "2026-05-01" })
		}, "05-02"},
		"taken back": {"daily", func(w *world, id mend.ID) {
			w.says("SKIP")
			w.says("RESUME")
		}, "05-01 05-02"},
	} {
		w := newWorld(t, "2026-04-28 09:00")
		id := w.active(monthly, func(f *account.Form) { f.Cadence, f.Day = tt.cadence, "1" })
		w.until("2026-04-30 12:00")
		before := len(w.letters(mend.CheckIn, mend.Digest))
		tt.do(w, id)
		w.until("2026-05-03 00:00")
		var got []string
		for _, l := range w.letters(mend.CheckIn, mend.Digest)[before:] {
			got = append(got, l.At.In(berlin).Format("01-02"))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: letters came on %s, want %s", name, got, tt.want)
		}
	}
}

// The letter of a pause that lasted a year can be answered like any other.
func TestTheAnswerToALetterThatWasHeldBackIsKept(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	w.says("PROMISE call my sister by 2026-03-06")
	w.says("PAUSE 52 weeks")
	w.mornings("2027-03-01 08:00")
	w.until("2027-03-03 00:00")
	w.wantLetters(mend.PromiseKind, 1)
	w.now = w.now.AddDate(0, 0, 100)
	w.receive(w.last(mend.PromiseKind), incoming{words: "KEPT"})
	if got := w.promises(id)[0].State; got != mend.Kept {
		t.Errorf("the promise is %s", got)
	}
}

func TestUndoingAStopAfterAPauseAsksNothingTwice(t *testing.T) {
	for _, undone := range []string{"2026-03-20 12:00", "2026-03-20 20:00", "2026-03-22 12:00"} {
		w := newWorld(t, "2026-03-02 09:00")
		a := account.Access{Person: w.active(), SignedIn: true}
		w.says("PROMISE call my sister by 2026-03-06")
		w.says("PAUSE until 2026-03-20")
		w.until(undone)
		w.do(w.svc.Account.Stop(t.Context(), a))
		w.do(w.svc.Account.Undo(t.Context(), a))
		w.until("2026-03-30 00:00")
		if got := w.hours(mend.PromiseKind); got != "03-20 19:00" {
			t.Errorf("undone at %s: asked at %s", undone, got)
		}
	}
}

// "We'll only mention it once" is not said in the morning of what is asked about in the evening.
func TestTheDigestDoesNotNameWhatAPauseHeldBack(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	w.active(monthly)
	w.says("PROMISE call my sister by 2026-03-20")
	w.says("PROMISE water the plants by 2026-03-10")
	w.until("2026-03-15 12:00")
	w.says("PAUSE until 2026-04-01")
	w.until("2026-04-01 23:00")
	text := w.text(w.last(mend.Digest))
	if strings.Contains(text, "sister") || !strings.Contains(text, "plants") {
		t.Errorf("the digest:\n%s", text)
	}
	if got := w.hours(mend.PromiseKind); got != "03-10 19:00, 04-01 19:00" {
		t.Errorf("asked at %s", got)
	}
}

// Whatever pauses, ends of pauses and moves there are, and however they fall: each promise is asked
// about once, at seven in the evening where the person is, and never in a pause.
func TestPausesAndMovesInAnyOrder(t *testing.T) {
	t.Parallel()
	seeds := uint64(40)
	if testing.Short() {
		seeds = 8
	}
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 0))
		w := newWorld(t, "2026-03-02 06:00")
		id := w.active(func(f *account.Form) { f.Cadence, f.Day = "monthly", "1" })
		a := account.Access{Person: id, SignedIn: true}
		for n := range 4 {
			due := day("2026-03-02").AddDays(rng.IntN(25))
			w.do(w.svc.Journal.AddPromise(t.Context(), a,
				journal.PromiseForm{Words: fmt.Sprint("promise ", n), Due: due.String()}))
		}
		zone, paused := berlin, mend.Date{}
		checked := 0
		check := func() {
			for _, l := range w.letters(mend.PromiseKind)[checked:] {
				local := l.At.In(zone)
				if local.Format("15:04") != "19:00" || mend.DateOf(local).Before(paused) {
					t.Errorf("seed %d: asked at %s, paused until %s", seed, local, paused)
				}
				checked++
			}
		}
		for range 8 {
			w.untilInstant(w.now.Add(time.Duration(rng.IntN(5*24*60)) * time.Minute))
			check()
			today := mend.DateOf(w.now.In(zone))
			switch rng.IntN(4) {
			case 0, 1:
				paused = today.AddDays(1 + rng.IntN(12))
				w.change(id, func(f *account.Form) { f.PauseUntil = paused.String() })
			case 2:
				paused = mend.Date{}
				w.change(id, func(f *account.Form) { f.PauseUntil = "" })
			case 3:
				if hour := w.now.In(zone).Hour(); hour < 9 { // while it is before seven in each of them
					zone = get(
						cadence.Zone([]string{"Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"}[rng.IntN(3)]),
					)(w)
					w.change(id, func(f *account.Form) { f.Zone = zone.String() })
				}
			}
		}
		w.untilInstant(w.now.AddDate(0, 0, 45))
		check()
		for n := range 4 {
			asked := 0
			for _, l := range w.letters(mend.PromiseKind) {
				if strings.Contains(w.text(l), fmt.Sprint("promise ", n)) {
					asked++
				}
			}
			if asked != 1 {
				t.Errorf("seed %d: promise %d was asked about %d times", seed, n, asked)
			}
		}
	}
}
