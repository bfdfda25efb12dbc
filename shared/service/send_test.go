package service_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/feedback"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

func TestALetterADayAtTheChosenHour(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00") // a Monday
	w.active()
	w.until("2026-03-08 09:00")
	letters := w.letters(mend.CheckIn)
	if len(letters) != 7 {
		t.Fatalf("letters in a week: got %d, want 7", len(letters))
	}
	cards, asked := map[int]bool{}, map[string]bool{}
	for i, l := range letters {
		if want := at("2026-03-02 07:30").Add(time.Duration(i) * 24 * time.Hour); !l.At.Equal(want) {
			t.Errorf("letter %d at %s, want %s", i, l.At, want)
		}
		record := w.record(idOf(w, l), of(w, l))
		if record.Outcome != mend.Accepted || record.MessageID != l.ID || record.Card == 0 ||
			strings.Contains(record.Question, "How are you") != (i >= 3) {
			t.Errorf("record of letter %d: %+v, want accepted, its message and card, three questions, "+
				"then how they are", i, record)
		}
		cards[record.Card], asked[record.Question] = true, true
	}
	said := 0
	for line := range strings.Lines(w.log.String()) {
		if strings.Contains(line, `"msg":"sent"`) && strings.Contains(line, `"path":"amends","step":1`) {
			said++
		}
	}
	if said != 7 {
		t.Errorf("the log says %d times that a letter was sent, of which path and step, want 7: the dashboard reads it",
			said)
	}
	if len(cards) != 1 || len(asked) != 4 {
		t.Errorf("got %d cards and %d questions in a week, want one card, its three questions and how they are",
			len(cards), len(asked))
	}
}

func TestAtMostOneLetterALocalDateWhateverChangesOfTimeAndZone(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active()
	link := account.Access{Person: id}
	change := func(clock, zone string) {
		t.Helper()
		w.do(w.changeSettings(link, form(func(f *account.Form) {
			f.Time, f.Zone = clock, zone
		})))
	}
	w.until("2026-03-02 08:00")
	for hour := 9; hour < 22; hour++ { // chase the hour all day long
		change(fmt.Sprintf("%02d:00", hour), "Europe/Berlin")
		w.until(fmt.Sprintf("2026-03-02 %02d:30", hour))
	}
	for n := range 40 { // and then the date line, to and fro
		zone := []string{"Pacific/Auckland", "Pacific/Pago_Pago", "Pacific/Kiritimati", "America/Los_Angeles"}[n%4]
		change([]string{"00:00", "23:45", "12:00"}[n%3], zone)
		w.untilInstant(w.now.Add(7 * time.Hour))
	}
	dates := map[mend.Date]int{}
	for _, l := range w.letters(mend.CheckIn) {
		dates[of(w, l).Date]++
	}
	if len(dates) < 3 { // a change every seven hours leaves few hours to come
		t.Errorf("letters on %d dates: the test shows nothing", len(dates))
	}
	for date, n := range dates {
		if n > 1 {
			t.Errorf("%d letters of %s", n, date)
		}
	}
}

func TestADigestReplacesThatDaysCheckIn(t *testing.T) {
	w := newWorld(t, "2026-02-25 09:00")
	id := w.active(func(f *account.Form) { f.Digest = true })
	w.until("2026-03-02 09:00")
	w.wantLetters(mend.Digest, 1)
	if got := w.record(id, checkIn("2026-03-01")); got.Outcome != "" {
		t.Errorf("a check-in on the 1st too: %+v", got)
	}
	if got := w.record(id, checkIn("2026-03-02")).Outcome; got != mend.Accepted {
		t.Errorf("the check-in of the 2nd: %q, want accepted", got)
	}
}

func TestSwitchingTheDigestMakesNoSecondLetterThatDay(t *testing.T) {
	for name, first := range map[string]bool{"on, after the check-in": false, "off, after the digest": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-01-25 09:00")
			id := w.active(func(f *account.Form) { f.Digest = first })
			w.until("2026-03-01 08:00")
			before := len(w.letters(mend.CheckIn, mend.Digest))
			w.do(w.changeSettings(account.Access{Person: id, SignedIn: true},
				form(func(f *account.Form) {
					f.Digest, f.Time = !first, "10:00"
				})))
			w.until("2026-03-01 23:00")
			if got := len(w.letters(mend.CheckIn, mend.Digest)) - before; got != 0 {
				t.Errorf("%d more letters on the same day", got)
			}
			w.until("2026-03-02 11:00")
			if got := len(w.letters(mend.CheckIn, mend.Digest)) - before; got != 1 {
				t.Errorf("letters on the next day: got %d, want 1", got)
			}
		})
	}
}

// handedOut is a world in which one letter was handed out and not yet sent, and its person.
func handedOut(t *testing.T) (*world, mend.ID) {
	t.Helper()
	w := newWorld(t, "2026-03-02 07:00")
	id := w.active()
	w.now = at("2026-03-02 07:30")
	w.do(w.svc.Dispatch.Tick(t.Context()))
	if len(w.pages()) != 1 {
		t.Fatalf("pages: got %d, want 1", len(w.pages()))
	}
	return w, id
}

func TestAStopBetweenPageAndClaimStopsTheLetter(t *testing.T) {
	w, id := handedOut(t)
	w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
	w.drain()
	w.until("2026-03-03 08:00")
	w.wantLetters(mend.CheckIn, 0)
	w.nothingOpen(id)
}

func TestAStopAfterTheReadFailsTheClaim(t *testing.T) {
	w, id := handedOut(t)
	read := get(w.svc.Store.Subscriptions(t.Context(), w.pages()[0].Members))(w)
	w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
	next := read[0].Progress
	next.LastDate, next.Claim = day("2026-03-02"), mend.Claim{Nonce: "n", State: mend.ClaimOpen, At: w.now}
	errs := get(w.svc.Store.Claim(t.Context(), []store.Claim{store.ClaimOccurrence(read[0], next, nil)}))(w)
	if errs[0] != store.ErrClaimed {
		t.Errorf("claiming after the stop: got %v, want ErrClaimed", errs[0])
	}
}

func TestAChangeOfTheRuleBetweenPageAndClaimMovesTheLetter(t *testing.T) {
	w, id := handedOut(t)
	w.do(w.changeSettings(account.Access{Person: id}, form(func(f *account.Form) {
		f.Time = "19:00"
	})))
	w.until("2026-03-02 19:30")
	letters := w.letters(mend.CheckIn)
	if len(letters) != 1 || !letters[0].At.Equal(at("2026-03-02 19:00")) {
		t.Errorf("letters: %v, want one at 19:00", letters)
	}
}

func TestAPauseBetweenPageAndClaimHoldsTheLetterBack(t *testing.T) {
	w, id := handedOut(t)
	w.do(w.changeSettings(account.Access{Person: id}, form(func(f *account.Form) {
		f.PauseUntil = "2026-03-05"
	})))
	w.until("2026-03-05 08:00")
	letters := w.letters(mend.CheckIn)
	if len(letters) != 1 || of(w, letters[0]).Date != day("2026-03-05") {
		t.Errorf("letters: %v, want one, on the day on which the pause is over", letters)
	}
	w.nothingOpen(id)
}

func TestACallEndsWithinTwentySecondsOfItsClaimOrTheClaimIsReleased(t *testing.T) {
	for _, test := range []struct {
		late time.Duration
		want int
	}{{15 * time.Second, 1}, {15*time.Second + 1, 0}} /* a call takes up to five */ {
		w, _ := handedOut(t)
		w.svc.Now = laterAfter(w, test.late)
		w.drain()
		w.svc.Now = func() time.Time { return w.now }
		w.wantLetters(mend.CheckIn, test.want)
		w.until("2026-03-02 07:45")
		w.wantLetters(mend.CheckIn, 1) // the sweep sends what was released
	}
}

// laterAfter is a clock that jumps once the claim is in the table.
func laterAfter(w *world, jump time.Duration) func() time.Time {
	start := w.now
	return func() time.Time {
		w.Helper()
		subs, err := w.svc.Store.Subscriptions(w.Context(), w.pagesOf("2026-03-02"))
		if err == nil && len(subs) > 0 && subs[0].Claim.State == mend.ClaimOpen {
			return start.Add(jump)
		}
		return start
	}
}

// pagesOf is who was handed out on a UTC day.
func (w *world) pagesOf(date string) []store.DeliveryKey {
	for _, quarter := range get(w.svc.Store.Quarters(w.Context(), w.now))(w) {
		for _, page := range get(w.svc.Store.OpenPages(w.Context(), quarter, false, w.now))(w) {
			if mend.DateOf(page.Due.UTC()) == day(date) {
				return page.Members
			}
		}
	}
	return nil
}

func TestAnUnknownCheckInIsNeverSentAgainAndGivenUpAfterAQuarterOfAnHour(t *testing.T) {
	w, id := handedOut(t)
	w.post.verdict = once(mend.CheckIn, verdict{err: errTimeout}) // taken, and the answer lost
	page := w.pages()[0]
	w.drain()
	if got := w.record(id, checkIn("2026-03-02")).Outcome; got != mend.Unknown {
		t.Fatalf("outcome: %q, want unknown", got)
	}
	w.now = w.now.Add(15*time.Minute - time.Second)
	w.do(w.svc.Sending.Process(t.Context(), page))
	if got := w.record(id, checkIn("2026-03-02")).Outcome; got != mend.Unknown {
		t.Errorf("outcome before fifteen minutes: %q, want unknown still", got)
	}
	w.now = w.now.Add(time.Second)
	w.do(w.svc.Sending.Process(t.Context(), page))
	if got := w.record(id, checkIn("2026-03-02")).Outcome; got != mend.GivenUp {
		t.Errorf("outcome after fifteen minutes: %q, want given up", got)
	}
	w.until("2026-03-02 23:00")
	if w.post.calls != 3 { // with confirmation and welcome
		t.Errorf("calls: got %d, want one for the check-in", w.post.calls-2)
	}
	w.nothingOpen(id)
	w.do(w.svc.Feedback.Take(t.Context(), feedback.Event{
		Kind:       feedback.Sent,
		Occurrence: w.last(mend.CheckIn).Occurrence,
		Attempt:    w.last(mend.CheckIn).Attempt,
		MessageID:  "late",
		At:         w.now,
	}))
	if got := w.record(id, checkIn("2026-03-02")); got.Outcome != mend.Accepted || got.MessageID != "late" {
		t.Errorf("after SES's late word: %+v, want accepted", got)
	}
}

func TestARefusedLetterHasFailedAndIsNotTriedAgain(t *testing.T) {
	w, id := handedOut(t)
	w.post.verdict = always(verdict{refuse: true, err: fmt.Errorf("%w: address %s is not verified",
		mend.ErrRefused, annMail)})
	w.until("2026-03-02 13:00")
	if got := w.record(id, checkIn("2026-03-02")).Outcome; got != mend.Failed {
		t.Errorf("outcome: %q, want failed", got)
	}
	if w.post.calls != 3 {
		t.Errorf("calls: got %d, want one for the check-in", w.post.calls-2)
	}
	w.nothingOpen(id)
}

func TestAReleasedClaimIsSentByTheSweepWithinSixHoursAndExpiresAfter(t *testing.T) {
	for _, test := range []struct {
		opens string
		want  mend.Outcome
	}{{"2026-03-02 13:29", mend.Accepted}, {"2026-03-02 13:31", mend.Expired}} {
		w, id := handedOut(t)
		for _, err := range []error{mend.ErrNotSent, mend.ErrClosed} {
			w.post.verdict = always(verdict{refuse: true, err: err})
			w.until("2026-03-02 10:00")
		}
		w.until(test.opens)
		w.post.verdict = nil
		w.until("2026-03-03 00:00")
		if got := w.record(id, checkIn("2026-03-02")).Outcome; got != test.want {
			t.Errorf("closed until %s: %q, want %q", test.opens, got, test.want)
		}
		w.nothingOpen(id)
		w.until("2026-03-03 08:00")
		if got := w.record(id, checkIn("2026-03-03")).Outcome; got != mend.Accepted {
			t.Errorf("the next day's: %q, want accepted", got)
		}
	}
}

func TestTwoWorkersOnOnePageSendOnce(t *testing.T) {
	w := newWorld(t, "2026-03-02 07:00")
	for n := range 40 {
		w.active(func(f *account.Form) { f.Email = fmt.Sprintf("p%d@example.test", n) })
	}
	w.now = at("2026-03-02 07:30")
	w.do(w.svc.Dispatch.Tick(t.Context()))
	w.svc.Dispatch.OneAtATime = false
	w.svc.Rand = &lockedReader{r: w.svc.Rand}
	page := w.pages()[0]
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			if err := w.svc.Sending.Process(t.Context(), page); err != nil {
				t.Error(err)
			}
		})
	}
	workers.Wait()
	w.wantLetters(mend.CheckIn, 40)
	w.until("2026-03-02 08:00")
	w.wantLetters(mend.CheckIn, 40)
}

type lockedReader struct {
	mu sync.Mutex
	r  interface{ Read([]byte) (int, error) }
}

func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}

func TestAWorkerWhoseClockIsSecondsBehindDropsNothing(t *testing.T) {
	w, _ := handedOut(t)
	w.now = w.now.Add(-2 * time.Second)
	w.drain()
	w.wantLetters(mend.CheckIn, 1)

	w, _ = handedOut(t)
	w.now = w.now.Add(-time.Minute) // that much is no skew: it is not due
	w.drain()
	w.wantLetters(mend.CheckIn, 0)
	w.until("2026-03-02 07:45")
	w.wantLetters(mend.CheckIn, 1)
}

func TestADispatcherAsleepForHoursSendsWhatIsWithinSixHours(t *testing.T) {
	for _, test := range []struct {
		wakes string
		want  int
	}{{"2026-03-02 13:30", 1}, {"2026-03-02 13:45", 0}} {
		w := newWorld(t, "2026-03-02 07:00")
		w.active()
		w.tick()
		w.now = at(test.wakes)
		w.tick()
		w.wantLetters(mend.CheckIn, test.want)
	}
}

func TestOnePersonsTroubleHoldsUpNobodyElse(t *testing.T) {
	w := newWorld(t, "2026-03-02 07:00")
	bad := w.active()
	w.active(func(f *account.Form) { f.Email = "bob@example.test" })
	whole := w.load(bad)
	whole.Subscriptions[0].Kind = "postcard" // of a version to come
	w.do(w.svc.Store.Commit(t.Context(),
		store.Transaction{Person: whole.Person, Subscriptions: whole.Subscriptions[:1]}))
	w.until("2026-03-02 07:30")
	if letters := w.letters(mend.CheckIn); len(letters) != 1 || letters[0].To.Mail() != "bob@example.test" {
		t.Errorf("letters: %d, want Bob's", len(letters))
	}
	w.until("2026-03-02 14:45")
	w.nothingOpen(bad)
}

func TestAMessageThatIsNoWorkIsAnError(t *testing.T) {
	w := newWorld(t, "2026-03-02 07:00")
	due := at("2026-03-02 07:30")
	members := []store.DeliveryKey{{Person: "aaaaaaaaaaaaaaaa", Number: 1}}
	for name, page := range map[string]store.Page{
		"nothing":        {},
		"nobody":         {Slot: "s", Date: day("2026-03-02"), Due: due},
		"too many":       {Slot: "s", Date: day("2026-03-02"), Due: due, Members: make([]store.DeliveryKey, 101)},
		"no slot":        {Date: day("2026-03-02"), Due: due, Members: members},
		"no date":        {Slot: "s", Due: due, Members: members},
		"no due instant": {Slot: "s", Date: day("2026-03-02"), Members: members},
	} {
		if err := w.svc.Sending.Process(t.Context(), page); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Someone waits for these, so they are tried again within minutes. A sign-in link is
// good for fifteen.
func TestAConfirmationOrSignInLinkOfUnknownFateIsTriedOnceMore(t *testing.T) {
	for kind, ask := range map[mend.Kind]func(*world){
		mend.Confirmation: func(w *world) { w.join() },
		mend.SignIn: func(w *world) {
			w.active()
			w.do(w.svc.SignIn.RequestSignIn(t.Context(), annMail))
		},
	} {
		w := newWorld(t, "2026-03-02 09:00")
		w.post.verdict = func(o mend.Outgoing) verdict {
			if o.Kind == kind {
				return verdict{err: errTimeout}
			}
			return verdict{}
		}
		ask(w)
		w.drain()
		w.wantLetters(kind, 1)
		w.now = w.now.Add(4 * time.Minute)
		w.drain()
		w.wantLetters(kind, 1)
		w.now = w.now.Add(2 * time.Minute)
		w.drain()
		w.wantLetters(kind, 2)
		w.until("2026-03-02 20:00")
		w.wantLetters(kind, 2)
		id := idOf(w, w.last(kind))
		if got := w.record(id, of(w, w.last(kind))).Outcome; got != mend.GivenUp {
			t.Errorf("%s: outcome %q, want given up", kind, got)
		}
		w.nothingOpen(id)
	}
}

func TestSESsWordSavesASecondConfirmation(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.post.verdict = once(mend.Confirmation, verdict{err: errTimeout})
	w.join()
	w.drain()
	l := w.last(mend.Confirmation)
	w.do(w.svc.Feedback.Take(t.Context(),
		feedback.Event{Kind: feedback.Sent, Occurrence: l.Occurrence, Attempt: l.Attempt, MessageID: l.ID, At: w.now}))
	w.now = w.now.Add(6 * time.Minute)
	w.drain()
	w.until("2026-03-02 20:00")
	w.wantLetters(mend.Confirmation, 1)
	w.nothingOpen(idOf(w, l))
}

// A letter that somebody waits for goes at once where nothing else does. The next waits for its
// turn, in the queue if that is long, and one that has gone out waits for nothing.
func TestTheNowQueueWaitsForTurnsOnly(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.svc.Dispatch.SendRate = 1 // a new account: one letter in 6.25 s is the now queue's
	slept := time.Duration(0)
	w.svc.Sending.Sleep = func(_ context.Context, d time.Duration) error {
		slept += d
		w.now = w.now.Add(d)
		return nil
	}
	w.do(signUp(t.Context(), w.svc.SignUp, form()))
	work := slices.Clone(w.queue.messages)
	w.drain()
	w.wantLetters(mend.Confirmation, 1)
	if slept != 0 {
		t.Errorf("the first letter waited %s, want none", slept)
	}
	w.queue.messages = work // delivered again
	w.drain()
	if slept != 0 {
		t.Errorf("a letter that has gone out waited %s, want none", slept)
	}
	began := w.now
	w.do(signUp(t.Context(), w.svc.SignUp, form(func(f *account.Form) { f.Email = "ben@example.test" })))
	deliveries := 0
	for ; len(w.queue.messages) > 0 && deliveries < 5; deliveries++ {
		body := w.queue.messages[0]
		w.queue.messages, w.queue.delay = w.queue.messages[1:], 0
		var page store.Page
		w.do(json.Unmarshal(body, &page))
		w.do(w.svc.Sending.Process(t.Context(), page))
		w.now = w.now.Add(w.queue.delay)
	}
	w.wantLetters(mend.Confirmation, 2)
	if waited := w.now.Sub(began); deliveries != 2 || slept > 2*time.Second || waited < 6250*time.Millisecond {
		t.Errorf("the second letter took %d deliveries, %s in all and %s asleep; want 2, at least 6.25s, "+
			"and little sleep", deliveries, waited, slept)
	}
}

func TestAPromiseOfUnknownFateIsTriedOnceMore(t *testing.T) {
	for name, test := range map[string]struct {
		second func(mend.Outgoing) verdict
		taken  int
		want   mend.Outcome
	}{
		"and taken":              {nil, 2, mend.Accepted},
		"and refused":            {always(verdict{refuse: true, err: mend.ErrRefused}), 1, mend.Failed},
		"and unknown again":      {always(verdict{err: errTimeout}), 2, mend.GivenUp},
		"and closed for an hour": {nil, 2, mend.Accepted},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-03-02 09:00")
			id := w.promised("2026-03-02")
			w.post.verdict = always(verdict{err: errTimeout})
			w.until("2026-03-02 19:00")
			w.wantLetters(mend.PromiseKind, 1)
			w.post.verdict = test.second
			if name == "and closed for an hour" {
				w.post.verdict = always(verdict{refuse: true, err: mend.ErrClosed})
				w.until("2026-03-02 20:00")
				w.wantLetters(mend.PromiseKind, 1)
				w.post.verdict = nil
			}
			w.until("2026-03-02 23:59")
			w.wantLetters(mend.PromiseKind, test.taken)
			if got := w.record(id, of(w, w.last(mend.PromiseKind))).Outcome; got != test.want {
				t.Errorf("outcome: %q, want %q", got, test.want)
			}
			w.until("2026-03-03 23:59")
			w.wantLetters(mend.PromiseKind, test.taken)
			w.nothingOpen(id)
		})
	}
}

func TestSESsWordComesBeforeASecondAttempt(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.promised("2026-03-02")
	w.post.verdict = once(mend.PromiseKind, verdict{err: errTimeout})
	w.until("2026-03-02 19:00")
	l := w.last(mend.PromiseKind)
	// Even where the crash left no record at all.
	w.do(w.db.Transact(t.Context(), []store.Write{
		{Op: store.Delete, Key: store.Key{PK: "P#" + string(id), SK: "LETTER#2026-03-02#" + string(of(w, l).OneOff)}},
	}))
	w.do(w.svc.Feedback.Take(t.Context(),
		feedback.Event{Kind: feedback.Sent, Occurrence: l.Occurrence, Attempt: l.Attempt, MessageID: l.ID, At: w.now}))
	if got := w.record(id, of(w, l)); got.Outcome != mend.Accepted || got.Kind != mend.PromiseKind {
		t.Errorf("record: %+v, want an accepted promise letter", got)
	}
	w.until("2026-03-02 23:59")
	w.wantLetters(mend.PromiseKind, 1)
	w.nothingOpen(id)
}

func TestAStopWhileAPromiseIsOnItsWayIsNotUndoneByARelease(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.promised("2026-03-02")
	var again []byte
	w.post.verdict = func(o mend.Outgoing) verdict {
		w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
		return verdict{refuse: true, err: mend.ErrNotSent}
	}
	w.untilInstant(at("2026-03-02 19:00").Add(-time.Second))
	w.now = at("2026-03-02 19:00")
	w.do(w.svc.Dispatch.Tick(t.Context()))
	again = w.queue.messages[0]
	w.drain()
	w.post.verdict = nil
	w.queue.messages = append(w.queue.messages, again) // a redelivery
	w.until("2026-03-02 23:59")
	w.wantLetters(mend.PromiseKind, 0)
}

// Nothing of this version leaves one behind; the check is for what another one may.
func TestWhatWaitsForSomebodyWhoMayNotGetItIsNotSent(t *testing.T) {
	for kind, statuses := range map[mend.Kind][]mend.Status{
		mend.PromiseKind:  {mend.Stopped, mend.Suppressed, mend.Pending},
		mend.Notice:       {mend.Stopped, mend.Suppressed, mend.Pending},
		mend.Reminder:     {mend.Stopped, mend.Suppressed, mend.Pending},
		mend.SignIn:       {mend.Pending},
		mend.Confirmation: {mend.Active, mend.Stopped, mend.Suppressed, mend.Pending}, // one that is not the newest
	} {
		for _, status := range statuses {
			w := newWorld(t, "2026-03-02 09:00")
			id := w.active()
			get(w.svc.Account.SaveReminder(t.Context(), account.Access{Person: id, SignedIn: true}, 0, aReminder()))(w)
			whole := w.load(id)
			whole.Person.Status = status
			o := mend.OneOff{
				Person: id, ID: "bbbbbbbb", Kind: kind, Address: whole.Person.Address, Notice: "paused",
				Reminder: mend.FirstReminder, Zone: "Europe/Berlin", Date: day("2026-03-02"), Due: w.now,
				Expires: w.now.Add(time.Hour),
			}
			promise := mend.Promise{Person: id, ID: "cccccccc", State: mend.PromiseOpen, Due: o.Date}
			if kind == mend.PromiseKind {
				o.Promise = promise.ID
			}
			w.do(w.svc.Store.Commit(t.Context(), store.Transaction{
				Person:   whole.Person,
				OneOffs:  []mend.OneOff{o},
				Promises: []mend.Promise{promise},
			}))
			before := len(w.letters())
			w.do(w.svc.Sending.Process(t.Context(), store.PageOf(o)))
			if got := len(w.letters()) - before; got != 0 {
				t.Errorf("%s to somebody %s: sent", kind, status)
			}
			w.nothingOpen(id)
		}
	}
}

func TestAPromiseLetterFollowsThePrivacyOfTheDay(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	id := w.promised("2026-03-02")
	w.do(w.changeSettings(account.Access{Person: id}, form(func(f *account.Form) {
		f.Privacy = "link-only"
	})))
	w.until("2026-03-02 19:00")
	if text := w.text(w.last(mend.PromiseKind)); strings.Contains(text, "sister") {
		t.Errorf("the letter shows what link-only hides:\n%s", text)
	}
}

func TestAPromiseLetterIsDatedInThePersonsZone(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	w.active(func(f *account.Form) { f.Zone = "America/Los_Angeles" })
	w.receive(w.last(mend.Welcome), incoming{words: "PROMISE call my sister by 2026-03-05"})
	w.until("2026-03-06 12:00")
	text := w.text(w.last(mend.PromiseKind))
	if l := w.last(mend.PromiseKind); !l.At.Equal(time.Date(2026, 3, 6, 3, 0, 0, 0, time.UTC)) {
		t.Errorf("sent at %s, want 19:00 in Los Angeles", l.At)
	}
	if strings.Contains(text, "5 March") {
		t.Errorf("on the evening itself the letter speaks of a day that is past:\n%s", text)
	}
}

// promised is somebody with a promise that is asked about on a date.
func (w *world) promised(due string) mend.ID {
	w.Helper()
	id := w.active()
	w.receive(w.last(mend.Welcome), incoming{words: "PROMISE call my sister by " + due})
	if got := w.promises(id); len(got) != 1 || got[0].Due != day(due) {
		w.Fatalf("promises: %+v, want one due on %s", got, due)
	}
	return id
}

// nothingOpen fails if something of a person is still under way that should have come to its end.
func (w *world) nothingOpen(ids ...mend.ID) {
	w.Helper()
	for d := -8; d <= 0; d++ {
		date := mend.DateOf(w.now.UTC()).AddDays(d)
		if audit := get(w.svc.Dispatch.Audit(w.Context(), date))(w); !audit.Whole() {
			w.Errorf("the audit of %s is not whole: %+v", date, audit)
		}
	}
	for _, id := range get(w.svc.Store.Erasing(w.Context()))(w) {
		w.Errorf("the erasure of %s is not finished", id)
	}
	for _, id := range ids {
		for _, o := range w.load(id).OneOffs {
			if !o.Due.After(w.now) {
				w.Errorf("a one-off is open still: %s %s", o.Kind, o.Claim.State)
			}
		}
		var none mend.Date
		w.do(w.svc.Store.Letters(w.Context(), id, mend.LetterKey{}, none, func(l mend.Letter) error {
			if l.Outcome == mend.Unknown {
				w.Errorf("the fate of a letter stays unknown: %+v", l)
			}
			return nil
		}))
		for _, sub := range w.load(id).Subscriptions {
			if sub.Claim.State == mend.ClaimOpen &&
				w.record(id, mend.LetterKey{Date: sub.LastDate, Subscription: sub.Number}).Outcome == "" {
				w.Errorf("a claim has no outcome: %+v", sub.Claim)
			}
		}
	}
}

// slowly is a crowd of a hundred who are all due, at a quota that lets nine letters out in
// a second: their page takes eleven. sent is when each letter is called for, and what
// comes of it is up to send.
func slowly(t *testing.T, send func(n int) error) (c *crowd, page store.Page, sent *[]time.Time) {
	t.Helper()
	c = newCrowd(t, 100, 100)
	now := c.due.Add(time.Minute)
	c.svc.Now = func() time.Time { return now }
	c.svc.Sending.Sleep = func(_ context.Context, d time.Duration) error {
		now = now.Add(d)
		return nil
	}
	c.svc.Dispatch.OneAtATime, c.svc.Dispatch.SendRate = true, 14
	sent = new([]time.Time)
	c.svc.Sending.Mailer = mailerFunc(func(mend.Outgoing) (string, error) {
		*sent = append(*sent, now)
		return "1", send(len(*sent))
	})
	if err := c.svc.Dispatch.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	body, err := c.queue.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &page); err != nil {
		t.Fatal(err)
	}
	c.table = counted{Table: c.table.Table}
	return c, page, sent
}

type mailerFunc func(mend.Outgoing) (string, error)

func (f mailerFunc) Send(_ context.Context, o mend.Outgoing) (string, error) { return f(o) }

// Design, section 4: nothing is sent while the breaker is open. One look is good for four seconds,
// and none after a letter that was not taken.
func TestTheBreakerIsLookedAtWhileAPageIsSent(t *testing.T) {
	t.Run("somebody else opens it", func(t *testing.T) {
		var c *crowd
		c, page, sent := slowly(t, func(n int) error {
			if n != 10 {
				return nil
			}
			return c.svc.Store.OpenBreaker(t.Context(), c.svc.Now().Add(time.Hour))
		})
		if err := c.svc.Sending.Process(t.Context(), page); err != nil {
			t.Fatal(err)
		}
		if n := len(*sent); n < 10 || n == 100 {
			t.Fatalf("%d letters were sent, want some", n)
		}
		if late := (*sent)[len(*sent)-1].Sub((*sent)[9]); late > 6*time.Second { // the look, and what was claimed ahead
			t.Errorf("the last letter went %s after the breaker was opened", late)
		}
	})
	t.Run("a letter of this page opens it", func(t *testing.T) {
		c, page, sent := slowly(t, func(n int) error {
			if n < 10 {
				return nil
			}
			return mend.ErrClosed
		})
		if err := c.svc.Sending.Process(t.Context(), page); err != nil {
			t.Fatal(err)
		}
		if late := (*sent)[len(*sent)-1].Sub((*sent)[9]); late > 2*time.Second { // what was claimed ahead
			t.Errorf("the last letter went %s after the first that opened the breaker", late)
		}
	})
}

func TestAPageThatCameToItsEndIsNotWalkedAgain(t *testing.T) {
	c, page, sent := slowly(t, func(int) error { return nil })
	for range 2 {
		c.table = counted{Table: c.table.Table}
		if err := c.svc.Sending.Process(t.Context(), page); err != nil {
			t.Fatal(err)
		}
	}
	if len(*sent) != 100 || c.table.requests != 1 || c.table.items != 1 {
		t.Errorf("after the page came again: %d letters, and %d reads of %d items for it; want 100, "+
			"and one look at the page", len(*sent), c.table.requests, c.table.items)
	}
}

// The alarm hears of what no sweep brings to an end, and of nothing that ends within the hour.
func TestLettersThatComeToNoEndAreOverdue(t *testing.T) {
	for name, test := range map[string]struct {
		broken bool
		want   bool
	}{"one of unknown outcome": {false, false}, "one that nobody takes": {true, true}} {
		w := newWorld(t, "2026-03-01 09:00")
		var log bytes.Buffer
		w.svc.Log = slog.New(slog.NewTextHandler(&log, nil))
		w.active()
		w.post.verdict = once(mend.CheckIn, verdict{err: errTimeout})
		if test.broken {
			w.post.verdict = func(o mend.Outgoing) verdict {
				if o.Kind == mend.CheckIn {
					return verdict{refuse: true, err: mend.ErrNotSent}
				}
				return verdict{}
			}
		}
		w.until("2026-03-02 09:30")
		if got := strings.Contains(log.String(), "msg=overdue letters=1"); got != test.want {
			t.Errorf("%s: overdue %v, want %v", name, got, test.want)
		}
	}
}
