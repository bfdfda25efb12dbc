package service_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

func monthly(f *account.Form) { f.Digest, f.Privacy = true, "quotes" }

// change changes the settings of somebody with a session.
func (w *world) change(id mend.ID, change func(*account.Form)) {
	w.Helper()
	a := account.Access{Person: id, SignedIn: true}
	f := get(w.svc.Account.Settings(w.Context(), a))(w).Form
	paused := f.PauseUntil
	if change(&f); f.PauseUntil == "" && paused != "" {
		w.do(w.svc.Account.Resume(w.Context(), a))
	}
	w.do(w.changeSettings(a, f))
}

func TestTheDigestComesOnTheDayThatTheyChoseInPlaceOfTheCheckIn(t *testing.T) {
	for chosen, want := range map[string]string{"": "04-01 05-01", "15": "04-15 05-15", "31": "04-30 05-31"} {
		w := newWorld(t, "2026-03-02 06:00")
		id := w.active(monthly, func(f *account.Form) { f.DigestDay = chosen })
		w.mornings("2026-06-01 00:00")
		if got := w.came(mend.Digest); got != want {
			t.Errorf("day %q: came on %s, want %s", chosen, got, want)
		}
		both := w.came(mend.CheckIn)
		for _, date := range strings.Fields(want) {
			if strings.Contains(both, date) {
				t.Errorf("day %q: a check-in beside the digest of %s", chosen, date)
			}
		}
		if first := w.letters(mend.Digest)[0]; !strings.Contains(w.text(first), "Your March") {
			t.Errorf("day %q: it is not about the month before:\n%s", chosen, w.text(first))
		}
		_ = id
	}
}

// Someone who chose one check-in a month gets it, also on the day of their digest.
func TestADigestLeavesTheOnlyCheckInOfAWeek(t *testing.T) {
	for name, test := range map[string]struct {
		rhythm            func(*account.Form)
		checkIns, digests string
	}{
		"monthly on the day of the digest": {
			func(f *account.Form) { f.Cadence, f.Day = "monthly", "1" }, "03-01 04-01 05-01", "03-01 04-01 05-01",
		},
		"monthly on the last day": {
			func(f *account.Form) { f.Cadence, f.Day, f.DigestDay = "monthly", "31", "31" },
			"02-28 03-31 04-30", "03-31 04-30",
		},
		"fortnightly": {func(f *account.Form) {
			f.Cadence, f.Days, f.DigestDay = "fortnightly", []string{"wed"}, "11"
		}, "02-25 03-11 03-25 04-08 04-22 05-06", "03-11 04-11"},
		"weekly": {func(f *account.Form) {
			f.Cadence, f.Days, f.DigestDay = "weekly", []string{"wed"}, "1"
		}, "02-25 03-04 03-11 03-18 03-25 04-01 04-08 04-15 04-22 04-29 05-06", "03-01 04-01 05-01"},
	} {
		w := newWorld(t, "2026-02-24 06:00")
		w.active(monthly, test.rhythm)
		w.mornings("2026-05-07 00:00")
		if got := w.came(mend.CheckIn); got != test.checkIns {
			t.Errorf("%s: check-ins came on %s, want %s", name, got, test.checkIns)
		}
		if got := w.came(mend.Digest); got != test.digests {
			t.Errorf("%s: digests came on %s, want %s", name, got, test.digests)
		}
	}
}

// A digest that is left out replaces nothing: the check-in of its day comes.
func TestADigestThatIsLeftOutReplacesNoCheckIn(t *testing.T) {
	for name, rhythm := range map[string]func(*account.Form){
		"daily":   func(*account.Form) {},
		"monthly": func(f *account.Form) { f.Cadence, f.Day = "monthly", "1" },
		"weekly":  func(f *account.Form) { f.Cadence, f.Days = "weekly", []string{"wed"} },
	} {
		w := newWorld(t, "2026-03-02 06:00")
		id := w.active(monthly, rhythm)
		w.change(id, func(f *account.Form) { f.QuietMonth = true })
		w.until("2026-04-01 05:00")
		before := len(w.letters(mend.CheckIn))
		w.until("2026-04-01 05:30")      // 07:30 in Berlin, a Wednesday
		for _, page := range w.pages() { // each comes a second time
			if err := w.svc.Sending.Process(w.Context(), page); err != nil {
				t.Fatal(err)
			}
		}
		w.until("2026-04-01 18:00")
		if got := len(w.letters(mend.CheckIn)) - before; got != 1 {
			t.Errorf("%s: %d check-ins on the day of the digest, want 1", name, got)
		}
		w.wantLetters(mend.Digest, 0)
		if a := get(w.svc.Dispatch.Audit(t.Context(), day("2026-04-01")))(w); !a.Whole() {
			t.Errorf("%s: the audit of that day: %+v", name, a)
		}
	}
}

func TestEachMonthHasOneDigestWhenTheDayMoves(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(monthly)
	w.until("2026-04-10 12:00") // that of March has come
	w.change(id, func(f *account.Form) { f.DigestDay = "15" })
	w.until("2026-05-10 12:00")
	w.change(id, func(f *account.Form) { f.DigestDay = "12" })
	w.until("2026-05-20 12:00")
	w.change(id, func(f *account.Form) { f.DigestDay = "25" })
	w.mornings("2026-07-01 00:00")
	if got, want := w.came(mend.Digest), "04-01 05-12 06-25"; got != want {
		t.Errorf("came on %s, want %s", got, want)
	}
	f := get(w.svc.Account.Settings(t.Context(), account.Access{Person: id}))(w).Form
	f.DigestDay = "0"
	err := w.changeSettings(account.Access{Person: id}, f)
	if problem(err, "digest_day") == "" {
		t.Errorf("day 0: %v", err)
	}
}

func TestAnEmptyMonthHasAShortLetterOrNone(t *testing.T) {
	for quiet, want := range map[bool]string{false: "04-01 05-01", true: "05-01"} {
		w := newWorld(t, "2026-03-02 06:00")
		id := w.active(monthly)
		w.change(id, func(f *account.Form) { f.QuietMonth = quiet })
		w.until("2026-04-05 12:00")
		w.receive(w.last(mend.CheckIn), incoming{words: "Words of April."})
		w.mornings("2026-05-03 12:00")
		if got := w.came(mend.Digest); got != want {
			t.Errorf("quiet %v: came on %s, want %s", quiet, got, want)
		}
		if a := get(w.svc.Dispatch.Audit(t.Context(), day("2026-04-01")))(w); !a.Whole() {
			t.Errorf("quiet %v: the audit of that day: %+v", quiet, a)
		}
		first := w.letters(mend.Digest)[0]
		if !quiet && !strings.Contains(w.text(first), "there's nothing to look back on") {
			t.Errorf("the letter of an empty month:\n%s", w.text(first))
		}
	}
}

func TestLateArrivalsCountForTheMonthInWhichTheyCame(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	w.active(monthly)
	w.until("2026-03-28 08:00")
	of := w.last(mend.CheckIn)
	w.until("2026-04-04 08:00")
	w.receive(of, incoming{words: "A late word."})
	w.until("2026-05-01 08:00")
	for i, want := range []string{
		"You didn't write in March, so there's nothing to look back on", "You wrote on one day",
	} {
		text := strings.Join(strings.Fields(w.text(w.letters(mend.Digest)[i])), " ")
		if !strings.Contains(text, want) || strings.Contains(text, "A late word.") != (i == 1) {
			t.Errorf("digest %d: want %q, and the late word in the second alone:\n%s", i, want, text)
		}
	}
}

func TestLastYearIsShownToWhoAskedForItAlone(t *testing.T) {
	t.Parallel()
	for asked, want := range map[bool]bool{true: true, false: false} {
		w := newWorld(t, "2026-03-02 06:00")
		id := w.active(monthly, func(f *account.Form) { f.Cadence, f.Days = "weekly", []string{"mon"} })
		w.until("2026-03-09 08:00")
		w.receive(w.last(mend.CheckIn), incoming{words: "Words of a year ago."})
		for _, until := range []string{"2026-08-31 08:00", "2027-03-08 08:00"} { // so that there is no goodbye
			w.mornings(until)
			w.receive(w.last(mend.CheckIn), incoming{words: "Words of " + until})
		}
		f := get(w.svc.Account.Settings(t.Context(), account.Access{Person: id}))(w).Form
		if f.LastYear = asked; asked {
			err := w.changeSettings(account.Access{Person: id}, f)
			if problem(err, "last_year") == "" {
				t.Errorf("by a link: %v", err)
			}
		}
		w.change(id, func(f *account.Form) { f.LastYear = asked })
		w.mornings("2027-04-01 08:00")
		text := w.text(w.last(mend.Digest))
		got := strings.Contains(text, "Words of a year ago.")
		if got != want || !strings.Contains(text, "Words of 2027-03-08") {
			t.Errorf("asked for %v, shown %v:\n%s", asked, got, text)
		}
	}
}

// readings counts the items of people that are read, by what they are: REPLY, PROMISE, LETTER …
type readings struct {
	store.Table
	of map[string]int
}

func (r *readings) count(items ...store.Item) {
	for _, it := range items {
		if it != nil && strings.HasPrefix(it.Key().PK, "P#") {
			what, _, _ := strings.Cut(it.Key().SK, "#")
			r.of[what]++
		}
	}
}

func (r *readings) Get(ctx context.Context, key store.Key) (store.Item, error) {
	it, err := r.Table.Get(ctx, key)
	r.count(it)
	return it, err
}

func (r *readings) GetEach(ctx context.Context, keys []store.Key) ([]store.Item, error) {
	items, err := r.Table.GetEach(ctx, keys)
	r.count(items...)
	return items, err
}

func (r *readings) Query(ctx context.Context, q store.Query) (store.QueryResult, error) {
	page, err := r.Table.Query(ctx, q)
	if !q.Slots {
		r.count(page.Items...)
	}
	return page, err
}

func TestTheDigestOfThreeYearsAndAThousandRepliesReadsItsMonth(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(monthly)
	w.until("2026-03-31 23:00")
	replies, letters := 0, 0 // those that are read
	for n := range 1000 {
		date := day("2026-03-31").AddDays(-n)
		month := date.String()[:7]
		if month == "2026-02" || month == "2026-03" {
			replies++
		}
		r := mend.Reply{
			Person: id, Of: mend.LetterKey{Date: date, Subscription: mend.CheckInNumber}, Hash: fmt.Sprint("hash", n),
			Date: date, At: at(date.String() + " 20:00"), Words: "Some words.",
		}
		_, err := w.svc.Store.AddReply(t.Context(), store.ReplyKept{Reply: r, Retention: mend.KeepForGood})
		if err != nil {
			t.Fatal(err)
		}
		if n >= 31 { // March's own went out
			get(w.svc.Store.Record(t.Context(),
				mend.Letter{Person: id, Of: r.Of, Kind: mend.CheckIn, Outcome: mend.Accepted}))(w)
		}
		if n%2 != 0 {
			continue
		}
		p := mend.Promise{
			Person: id,
			ID:     mend.ItemID(fmt.Sprintf("%08d", n)),
			Words:  "A promise.",
			Due:    date.AddDays(30),
			State:  mend.PromiseOpen,
		}
		if n%4 == 0 {
			p.State, p.Closed = mend.Kept, at(p.Due.String()+" 20:00")
		}
		w.do(w.svc.Store.Commit(t.Context(),
			store.Transaction{Person: w.load(id).Person, Promises: []mend.Promise{p}}))
	}
	for _, l := range w.letters(mend.CheckIn) {
		if l.At.After(at("2026-03-01 00:00")) {
			letters++
		}
	}
	counting := &readings{Table: w.table.Table, of: map[string]int{}}
	w.table.Table = counting
	w.until("2026-04-01 08:00")
	w.wantLetters(mend.Digest, 1)
	if r := counting.of; r["REPLY"] != replies || r["PROMISE"] > 500 || r["LETTER"] > letters+2 {
		t.Errorf("read: %v, want %d replies and %d letters, those of the month and around it, and each promise once",
			r, replies, letters)
	}
	text := w.text(w.last(mend.Digest))
	for _, want := range []string{"You wrote on 31 days", "We sent you 30 letters", "Done", "Still open", "Coming up"} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("the digest has no %q:\n%s", want, text)
		}
	}
}
