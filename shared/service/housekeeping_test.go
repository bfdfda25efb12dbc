package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

// mornings is until with one tick a day, at 08:00: what is due before that hour comes, as it
// does after an outage.
func (w *world) mornings(to string) {
	w.Helper()
	for end := at(to); w.now.Before(end); {
		next := w.now.In(berlin)
		next = time.Date(next.Year(), next.Month(), next.Day(), 8, 0, 0, 0, berlin)
		if !next.After(w.now) {
			next = next.AddDate(0, 0, 1)
		}
		if w.now = next.UTC(); w.now.After(end) {
			w.now = end
		}
		w.tick()
	}
}

// asks is on which dates something rode along with a check-in: "still-fits" or "slower". A
// look back asks by itself.
func (w *world) asks(name string) []string {
	var days []string
	for _, l := range w.letters(mend.CheckIn) {
		if text := w.text(l); strings.Contains(text, "?ask="+name) && !strings.Contains(text, "Here's what they said") {
			days = append(days, l.At.In(berlin).Format("2006-01-02"))
		}
	}
	return days
}

func TestAtMostOneQuestionAMonthAndOneEachQuarter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-03-02 06:00")
	w.active(func(f *account.Form) { f.Path = "foundations" })
	for month := 3; month < 15; month++ { // they write every month
		w.mornings(fmt.Sprintf("%d-%02d-15 08:00", 2026+month/13, (month-1)%12+1))
		w.receive(w.last(mend.CheckIn), incoming{words: fmt.Sprint("Words of month ", month)})
	}
	asked := w.asks("still-fits")
	months := map[string]bool{}
	for _, date := range asked {
		if months[date[:7]] {
			t.Errorf("asked twice in %s: %v", date[:7], asked)
		}
		months[date[:7]] = true
	}
	for _, quarter := range []string{"2026-07-01", "2026-10-01", "2027-01-01"} {
		if !strings.Contains(fmt.Sprint(asked), quarter) {
			t.Errorf("asked on %v, want the first letter of each quarter among them, %s", asked, quarter)
		}
	}
	if strings.Contains(fmt.Sprint(asked), "2026-04") {
		t.Errorf("asked on %v: somebody who joined a month ago", asked)
	}
	if got := w.asks("slower"); got != nil {
		t.Errorf("a slower rhythm was offered to somebody who writes: %v", got)
	}
}

func TestASlowerRhythmIsOfferedOnceAfterEightLettersAndSixtyDays(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*account.Form)
		want   string
	}{
		"daily":  {func(*account.Form) {}, "[2026-05-01]"}, // sixty days after 2 March
		"weekly": {func(f *account.Form) { f.Cadence, f.Days = "weekly", []string{"mon"} }, "[2026-05-04]"},
		// The ninth letter of somebody with one every other week.
		"fortnightly": {
			func(f *account.Form) { f.Cadence, f.Days = "fortnightly", []string{"mon"} }, "[2026-06-22]",
		},
		"monthly: there is no slower": {func(f *account.Form) { f.Cadence, f.Day = "monthly", "2" }, "[]"},
	} {
		w := newWorld(t, "2026-03-02 06:00")
		w.active(tt.change)
		w.mornings("2026-12-01 00:00")
		if got := fmt.Sprint(w.asks("slower")); got != tt.want {
			t.Errorf("%s: offered on %s, want %s", name, got, tt.want)
		}
	}
}

func TestAWordStartsTheSilenceAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active()
	w.mornings("2026-04-20 12:00")
	w.receive(w.last(mend.CheckIn), incoming{words: "3"}) // a number is a word
	w.mornings("2026-06-10 12:00")
	if got := w.asks("slower"); got != nil {
		t.Errorf("offered on %v, 51 days after they wrote", got)
	}
	w.mornings("2026-07-05 12:00")
	if got := w.asks("slower"); len(got) != 1 || got[0] != "2026-06-19" && got[0] != "2026-07-01" {
		t.Errorf("offered on %v, want sixty days without a word, or the first of July if June had its question", got)
	}
	w.receive(w.last(mend.CheckIn), incoming{words: "Here again."})
	w.mornings("2026-10-25 12:00")
	if got := len(w.asks("slower")); got != 2 {
		t.Errorf("offered %d times, want once for each silence", got)
	}
	before := w.load(id)
	if c := before.Subscription(mend.CheckInNumber).Cadence; c.Kind != mend.Daily {
		t.Errorf("the rhythm changed unasked: %+v", c)
	}
}

func TestWhatRidesAlongSurvivesAReleaseOnce(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	w.active()
	w.mornings("2026-05-01 00:00")
	w.post.verdict = once(mend.CheckIn, verdict{refuse: true, err: mend.ErrNotSent})
	w.until("2026-05-01 12:00")
	w.mornings("2026-07-01 00:00")
	if got := fmt.Sprint(w.asks("slower")); got != "[2026-05-01]" {
		t.Errorf("offered on %s, want on the day whose claim was released", got)
	}
}

func TestAnswersToWhetherThePathFits(t *testing.T) {
	w, id, _ := answering(t)
	link := account.Access{Person: id}
	if view := w.after(link, nil); view.Rhythm != "every day at 07:30" || view.Slower != "Tuesdays at 07:30" {
		t.Errorf("before: %q, slower is %q", view.Rhythm, view.Slower)
	}
	for _, want := range []string{
		"Tuesdays at 07:30", "every second Tuesday at 07:30", "the 3rd of each month at 07:30",
		"the 3rd of each month at 07:30",
	} {
		if view := w.after(link, w.svc.Account.SlowDown(t.Context(), link, "")); view.Rhythm != want {
			t.Errorf("quieter: %q, want %q", view.Rhythm, want)
		}
	}
	if view := w.after(link, w.svc.Account.SaidNo(t.Context(), link)); !view.NoContact {
		t.Error("they said no: no-contact is not set")
	}
}

func TestAfterAYearOfSilenceComesOneGoodbyeAndThenNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*account.Form){
		"weekly":                        func(f *account.Form) { f.Cadence, f.Days = "weekly", []string{"mon"} },
		"digests in place of check-ins": func(f *account.Form) { f.Cadence, f.Day, f.Digest = "monthly", "1", true },
	} {
		w := newWorld(t, "2026-03-02 06:00")
		id := w.active(change)
		a := account.Access{Person: id, SignedIn: true}
		get(w.svc.Account.SaveReminder(t.Context(), a, 0, aReminder()))(w)
		w.mornings("2027-02-20 12:00")
		w.wantLetters(mend.Notice, 0)
		w.mornings("2027-04-10 12:00")
		w.wantLetters(mend.Notice, 1)
		last := w.post.taken[len(w.post.taken)-1]
		if last.Kind != mend.Notice || !strings.Contains(w.text(last), "It's been a year") ||
			!strings.Contains(w.text(last), site+"/join") {
			t.Errorf("%s: the last letter:\n%s", name, w.text(last))
		}
		if got := w.load(id).Person.Status; got != mend.Stopped {
			t.Errorf("%s: %s", name, got)
		}
		before := len(w.post.taken)
		w.mornings("2027-07-01 12:00")
		if got := len(w.post.taken) - before; got != 0 {
			t.Errorf("%s: after the goodbye came %d letters", name, got)
		}
		for _, key := range []string{last.At.In(berlin).Format("2006-01-02")} {
			if audit := get(w.svc.Dispatch.Audit(t.Context(), day(key)))(w); !audit.Whole() {
				t.Errorf("%s: the audit of the day: %+v", name, audit)
			}
		}
		if all := w.copyOf(id); len(all.Letters) == 0 {
			t.Errorf("%s: the journal is gone", name)
		}
	}
}

// Whoever answers on the page in place of writing is not silent.
func TestAnsweringOnThePageIsASignOfLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(func(f *account.Form) { f.Cadence, f.Days = "weekly", []string{"mon"} })
	a := account.Access{Person: id, SignedIn: true}
	p := w.promisedOnPage(a, "Call my sister", "2026-09-06")
	w.mornings("2026-09-08 12:00")
	w.do(w.svc.Journal.AnswerPromise(t.Context(), account.Access{Person: id, Of: mend.LetterKey{OneOff: p.ID}}, p.ID,
		mend.Kept, ""))
	w.mornings("2027-05-01 12:00")
	if w.wantLetters(mend.Notice, 0); w.load(id).Person.Status != mend.Active {
		t.Error("they were told goodbye")
	}
	for _, l := range w.letters(mend.CheckIn) {
		if strings.Contains(w.text(l), "reply arrived") {
			t.Errorf("%s says that a reply arrived", l.Occurrence)
		}
	}
}

// Who set a day in almost a year and wrote nothing since is asked on that day, and told
// goodbye after it.
func TestNoGoodbyeBeforeAPromiseIsAskedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active()
	w.says("PROMISE see the sea again by 2027-03-03")
	w.mornings("2027-03-03 12:00") // 366 days later
	w.wantLetters(mend.Notice, 0)
	w.until("2027-03-04 00:00")
	w.wantLetters(mend.PromiseKind, 1)
	w.mornings("2027-03-20 12:00")
	w.wantLetters(mend.Notice, 1)
	if got := w.load(id).Person.Status; got != mend.Stopped {
		t.Errorf("they are %s", got)
	}
}
