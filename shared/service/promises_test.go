package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"example.org/mend/shared/account"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

func TestTwoPromisesOfOneEveningHaveALetterEach(t *testing.T) {
	w, id, letter := answering(t)
	w.receive(letter, incoming{words: "PROMISE call my sister by 2026-03-06\nPROMISE water the plants by 2026-03-06"})
	w.until("2026-03-06 19:00")
	asked := w.letters(mend.PromiseKind)
	if len(asked) != 2 {
		t.Fatalf("letters: got %d, want 2", len(asked))
	}
	for _, l := range asked { // each names its own
		answer := "LET GO"
		if strings.Contains(w.text(l), "sister") {
			answer = "KEPT"
		}
		w.receive(l, incoming{words: answer})
	}
	for _, p := range w.promises(id) {
		want := map[string]mend.PromiseState{"call my sister": mend.Kept, "water the plants": mend.LetGo}[p.Words]
		if p.State != want {
			t.Errorf("%q: got %s, want %s", p.Words, p.State, want)
		}
	}
}

func TestAPromiseWithoutADayThatWeCanAskOnIsAskedBackOnce(t *testing.T) {
	for name, words := range map[string]string{
		"no date": "PROMISE call my sister soon", "one of two days": "PROMISE call my sister by 3/4",
		"past": "PROMISE call my sister by 2026-02-01", "in ten years": "PROMISE call my sister by 2036-03-06",
		"two lines": "PROMISE call my sister soon\nPROMISE water the plants someday",
	} {
		w, id, letter := answering(t)
		w.receive(letter, incoming{words: words})
		w.until("2026-03-08 12:00")
		if got := w.replies(id)[0].Words; got != words || len(w.promises(id)) != 0 {
			t.Errorf("%s: kept %q and %+v, want the line as it was written and no promise", name, got, w.promises(id))
		}
		w.wantLetters(mend.Notice, 1)
		text := w.text(w.last(mend.Notice))
		if !strings.Contains(text, "choose a day") || strings.Contains(text, "sister") {
			t.Errorf("%s: it is asked back\n%s", name, text)
		}
	}
}

func TestALongPromiseHasTheBeginningOfItsWords(t *testing.T) {
	w, id, letter := answering(t)
	long := strings.Repeat("again and again ", 28)
	w.receive(letter, incoming{words: "PROMISE " + long + "by 2026-03-06\nThat was all."})
	p := w.promises(id)
	if got := w.replies(id)[0].Words; !strings.Contains(got, long) || !strings.Contains(got, "That was all.") {
		t.Errorf("of %d characters the reply has %d", len(long), len(got))
	}
	if len(p) != 1 || utf8.RuneCountInString(p[0].Words) > journal.MostPromiseWords ||
		!strings.HasSuffix(p[0].Words, "…") {
		t.Fatalf("promises: %+v", p)
	}
	w.until("2026-03-06 19:00")
	w.wantLetters(mend.PromiseKind, 1)
}

func TestAPromiseMadeTwiceIsOne(t *testing.T) {
	w, id, letter := answering(t)
	for range 2 {
		w.receive(letter, incoming{words: "PROMISE call my sister by 2026-03-06\nPROMISE Call my sister by 2026-03-06"})
	}
	a := account.Access{Person: id, SignedIn: true}
	w.do(w.svc.Journal.AddPromise(t.Context(), a, journal.PromiseForm{Words: "call my sister", Due: "2026-03-06"}))
	if got := w.promises(id); len(got) != 1 {
		t.Errorf("promises: %+v, want one", got)
	}
	w.until("2026-03-06 20:00")
	w.wantLetters(mend.PromiseKind, 1)
}

func TestAPromiseMadeInAReplyToADigest(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(func(f *account.Form) { f.Digest = true })
	w.until("2026-04-01 08:00")
	w.receive(w.last(mend.Digest), incoming{words: "PROMISE call my sister by 2026-04-03"})
	w.until("2026-04-03 20:00")
	if got := w.promises(id); len(got) != 1 {
		t.Errorf("promises: %+v", got)
	}
	w.wantLetters(mend.PromiseKind, 1)
}

func TestALineThatIsNotFollowedStandsAmongTheWordsOnce(t *testing.T) {
	for _, words := range []string{
		"I promise to call my sister by 2036-03-06\nThat is far off.",
		"PROMISE call my sister by 2036-03-06\nThat is far off.",
		"I promise to " + strings.Repeat("call my sister and ", 30) + "come home by 2026-03-06\nThat is long.",
	} {
		w, id, letter := answering(t)
		w.receive(letter, incoming{words: words})
		if got := w.replies(id)[0].Words; got != words {
			t.Errorf("kept %q, want %q", got, words)
		}
	}
}

// asked is somebody who was asked about a promise just now.
func asked(t *testing.T) (*world, mend.ID, sent) {
	t.Helper()
	w, id, letter := answering(t)
	w.receive(letter, incoming{words: "PROMISE call my sister by 2026-03-06"})
	w.until("2026-03-06 20:00")
	return w, id, w.last(mend.PromiseKind)
}

func TestTheNewestAnswerStands(t *testing.T) {
	w, id, l := asked(t)
	late := w.arrives(w.replyTo(l), incoming{words: "LET GO"})
	w.now = w.now.Add(time.Second)
	w.receive(l, incoming{words: "KEPT\nNot yet"})
	if got := w.promises(id)[0].State; got != mend.Kept {
		t.Errorf("two words in one reply: %s, want the first", got)
	}
	w.do(w.svc.Replies.Receive(t.Context(), late)) // which was written before
	if got := w.promises(id)[0].State; got != mend.Kept {
		t.Errorf("a reply that was held up on its way: %s, want kept as it was", got)
	}
	w.receive(l, incoming{words: "LET GO"})
	if got := w.promises(id)[0].State; got != mend.LetGo {
		t.Errorf("another word: %s, want the newest", got)
	}
	a, p, err := w.promiseOf(w.link(l, "/promise/"))
	w.do(err)
	w.do(w.svc.Journal.AnswerPromise(t.Context(), a, p.ID, mend.Kept, ""))
	if got := w.promises(id)[0].State; got != mend.Kept || len(w.replies(id)) != 4 {
		t.Errorf("on the page: %s; every reply is kept: %d", got, len(w.replies(id)))
	}
}

func TestNotYetTakesANewDayOrRests(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		words string
		state mend.PromiseState
		due   string
		asked int // letters about it in all
		back  int // notices
	}{
		{"NOT YET", mend.NotYet, "2026-03-06", 1, 0},
		{"Not yet by Sunday.", mend.PromiseOpen, "2026-03-08", 2, 0},
		{"not yet, on the 9th", mend.PromiseOpen, "2026-03-09", 2, 0},
		{"not yet tomorrow", mend.PromiseOpen, "2026-03-07", 2, 0},
		{"Not yet by next week", mend.NotYet, "2026-03-06", 1, 1},
		{"Not yet by 2036-01-01", mend.NotYet, "2026-03-06", 1, 1},
		{"Not yet, I was ill.", mend.PromiseOpen, "2026-03-06", 1, 0},
	} {
		w, id, l := asked(t)
		w.receive(l, incoming{words: tt.words})
		w.until("2026-03-20 12:00")
		if p := w.promises(id)[0]; p.State != tt.state || p.Due != day(tt.due) {
			t.Errorf("%q: %s by %s, want %s by %s", tt.words, p.State, p.Due, tt.state, tt.due)
		}
		w.wantLetters(mend.PromiseKind, tt.asked)
		w.wantLetters(mend.Notice, tt.back)
	}
}

func TestAnAnswerAfterErasureFindsNothing(t *testing.T) {
	w, id, l := asked(t)
	a, p, err := w.promiseOf(w.link(l, "/promise/"))
	w.do(err)
	w.do(w.svc.Account.Erase(t.Context(), account.Access{Person: id, SignedIn: true}, "delete"))
	w.receive(l, incoming{words: "KEPT"})
	if err := w.svc.Journal.AnswerPromise(t.Context(), a, p.ID, mend.Kept, ""); code(err) != mend.Gone {
		t.Errorf("on the page: %v, want a sentence that says it is gone", err)
	}
	if _, _, err := w.promiseOf(w.link(l, "/promise/")); code(err) != mend.Gone {
		t.Errorf("the page: %v", err)
	}
	if strings.Contains(w.everything(), "sister") {
		t.Error("words are left")
	}
}

func TestAnUnansweredPromiseIsNamedOnceMoreInTheDigestAndNeverAgain(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(func(f *account.Form) {
		f.Digest, f.Privacy, f.Cadence, f.Days = true, "quotes", "weekly", []string{"mon"}
	})
	w.do(w.svc.Journal.AddPromise(t.Context(), account.Access{Person: id, SignedIn: true},
		journal.PromiseForm{Words: "Call my sister", Due: "2026-03-06"}))
	w.until("2026-06-03 12:00")
	w.wantLetters(mend.PromiseKind, 1)
	var named []string
	for _, l := range w.letters(mend.Digest) {
		if strings.Contains(w.text(l), "Call my sister") {
			named = append(named, of(w, l).Date.String())
		}
	}
	if fmt.Sprint(named) != "[2026-04-01]" {
		t.Errorf("named in the digests of %v, want April's alone", named)
	}
}

func TestLinkOnlyHidesAPromiseAndItsPrivacyIsThatOfTheDay(t *testing.T) {
	w, id, letter := answering(t)
	w.receive(letter, incoming{words: "PROMISE call my sister by 2026-03-06"})
	f := get(w.svc.Account.Settings(t.Context(), account.Access{Person: id}))(w).Form
	f.Privacy = "link-only"
	w.do(w.changeSettings(account.Access{Person: id}, f))
	w.until("2026-03-06 20:00")
	if raw := string(w.last(mend.PromiseKind).Raw); strings.Contains(raw, "sister") {
		t.Error("the letter holds the words")
	}
}

func TestPromisesOnThePage(t *testing.T) {
	w, id, _ := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	for field, f := range map[string]journal.PromiseForm{
		"promise": {Words: " ", Due: "2026-03-06"}, "due": {Words: "Call my sister", Due: "2026-03-01"},
	} {
		if err := w.svc.Journal.AddPromise(t.Context(), a, f); problem(err, field) == "" {
			t.Errorf("%+v: %v, want a word about %s", f, err, field)
		}
	}
	for _, f := range []journal.PromiseForm{
		{Words: "x", Due: "soon"}, {Words: "x", Due: ""}, {Words: "x", Due: "2036-03-06"},
		{Words: "x", Due: "2026-02-30"}, {Words: strings.Repeat("x", 5000), Due: "2026-03-06"},
		{Words: "a\x00b", Due: "2026-03-06"}, {Words: "a\u202Eb", Due: "2026-03-06"},
	} {
		if err := w.svc.Journal.AddPromise(t.Context(), a, f); err == nil {
			t.Errorf("%+v was taken", f)
		}
	}
	err := w.svc.Journal.AddPromise(t.Context(), account.Access{Person: id},
		journal.PromiseForm{Words: "x", Due: "2026-03-06"})
	if code(err) != mend.NeedSignIn {
		t.Errorf("without a session: %v", err)
	}
	p := w.promisedOnPage(a, "Call <b>her</b>", "2026-03-06")
	w.do(w.svc.Journal.EditPromise(t.Context(), a, p.ID, journal.PromiseForm{Words: "Call him", Due: "2026-03-08"}))
	gone := w.promisedOnPage(a, "Something else", "2026-03-08")
	w.do(w.svc.Journal.DeletePromise(t.Context(), a, gone.ID))
	w.do(w.svc.Journal.DeletePromise(t.Context(), a, gone.ID))
	err = w.svc.Journal.EditPromise(t.Context(), a, gone.ID, journal.PromiseForm{Words: "x", Due: "2026-03-08"})
	if code(err) != mend.Gone {
		t.Errorf("editing what is deleted: %v", err)
	}
	w.until("2026-03-06 20:00")
	w.wantLetters(mend.PromiseKind, 0)
	w.until("2026-03-09 20:00")
	w.wantLetters(mend.PromiseKind, 1)
	if text := w.text(w.last(mend.PromiseKind)); !strings.Contains(text, "Call him") {
		t.Errorf("the letter:\n%s", text)
	}
	// its day is over
	w.do(w.svc.Journal.EditPromise(t.Context(), a, p.ID, journal.PromiseForm{Words: "Call them", Due: "2026-03-08"}))
	if got := w.promises(id); len(got) != 1 || got[0].Words != "Call them" || got[0].State != mend.PromiseOpen {
		t.Errorf("promises: %+v", got)
	}
}

// A reply that was decided on before a promise was deleted does not bring it back.
func TestADeletedPromiseStaysDeleted(t *testing.T) {
	w, id, l := asked(t)
	a := account.Access{Person: id, SignedIn: true}
	w.do(w.svc.Journal.DeletePromise(t.Context(), a, w.promises(id)[0].ID))
	w.receive(l, incoming{words: "KEPT"})
	if got := w.promises(id); len(got) != 0 || w.replies(id)[1].Words != "KEPT" {
		t.Errorf("promises: %+v, replies: %+v; want none, and the word kept as words", got, w.replies(id))
	}
	if _, err := w.svc.Account.Link(t.Context(), token.Promise, w.link(l, "/promise/")); err != nil {
		t.Error(err)
	}
}

// Whatever became of somebody since a promise's letter went out, their answer to it is kept
// and nothing new is sent.
func TestAnAnswerFindsItsPromiseWhateverTheyDidMeanwhile(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(*world, account.Access){
		"stopped":      func(w *world, a account.Access) { w.do(w.svc.Account.Stop(w.Context(), a)) },
		"paused":       func(w *world, a account.Access) { w.says("PAUSE 4 weeks") },
		"were told no": func(w *world, a account.Access) { w.do(w.svc.Account.SaidNo(w.Context(), a)) },
		"another path": func(w *world, a account.Access) {
			w.change(a.Person, func(f *account.Form) { f.Path = "foundations" })
		},
		"less in letters": func(w *world, a account.Access) {
			w.change(a.Person, func(f *account.Form) { f.Privacy = "link-only" })
		},
		"keeps no words": func(w *world, a account.Access) {
			w.do(w.svc.Account.SetRetention(w.Context(), a, mend.KeepNone))
		},
		"another time zone": func(w *world, a account.Access) {
			w.change(a.Person, func(f *account.Form) { f.Zone = "Asia/Tokyo" })
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, id, l := asked(t)
			meanwhile(w, account.Access{Person: id, SignedIn: true})
			w.drain()
			before := len(w.replies(id))
			w.receive(l, incoming{words: "KEPT\nIt went well."})
			p, all := w.promises(id)[0], w.replies(id)
			if p.State != mend.Kept || len(all) != before+1 {
				t.Errorf("the promise is %s, %d replies", p.State, len(all)-before)
			}
			if got := all[len(all)-1].Words; (got == "It went well.") == (name == "keeps no words") {
				t.Errorf("the words: %q", got)
			}
			w.now = w.now.Add(time.Minute)
			w.receive(l, incoming{words: "NOT YET by 2026-03-10"})
			w.until("2026-03-15 12:00")
			want := 2
			if name == "stopped" || name == "paused" || name == "were told no" {
				want = 1
			}
			w.wantLetters(mend.PromiseKind, want)
		})
	}
}

func TestStopWinsInAnAnswerToAPromise(t *testing.T) {
	for _, words := range []string{"STOP", "KEPT\nSTOP", "stop\nNOT YET by tomorrow", "Stop, please."} {
		w, id, l := asked(t)
		w.receive(l, incoming{words: words})
		whole := w.load(id)
		if whole.Person.Status != mend.Stopped || len(whole.OneOffs) != 0 ||
			w.promises(id)[0].State != mend.PromiseOpen {
			t.Errorf("%q: %s, the promise is %s", words, whole.Person.Status, w.promises(id)[0].State)
		}
		before := len(w.post.taken)
		w.until("2026-03-20 12:00")
		if got := len(w.post.taken) - before; got != 0 {
			t.Errorf("%q: %d letters after it", words, got)
		}
	}
}

// With link-only no letter holds a word of theirs, in whatever part of it.
func TestLinkOnlyLettersHoldNoWords(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(monthly)
	a := account.Access{Person: id, SignedIn: true}
	w.change(id, func(f *account.Form) { f.Privacy = "link-only" })
	get(w.svc.Account.SaveReminder(t.Context(), a, 0, aReminder(func(f *account.Form) {
		f.Words = "Xylophone practice"
	})))(w)
	w.says("2\nPROMISE xylophone for her by 2026-03-06\nPROMISE xylophone again by 2026-04-10\nMy xylophone words.")
	w.until("2026-03-09 12:30")
	w.receive(w.last(mend.PromiseKind), incoming{words: "KEPT\nXylophone, kept."})
	w.receive(w.last(mend.Reminder), incoming{words: "SNOOZE 1h"})
	w.until("2026-04-11 00:00")
	w.wantLetters(mend.PromiseKind, 2)
	w.wantLetters(mend.Digest, 1)
	for _, l := range w.letters() {
		raw := strings.ReplaceAll(string(l.Raw), "=\r\n", "")
		if strings.Contains(strings.ToLower(raw), "xylophone") ||
			strings.Contains(strings.ToLower(w.text(l)), "xylophone") {
			t.Errorf("%s holds words:\n%s", l.Kind, raw)
		}
	}
	if !strings.Contains(w.text(w.last(mend.Digest)), "after you sign in") {
		t.Errorf("the digest:\n%s", w.text(w.last(mend.Digest)))
	}
}

// They were asked on the 2nd and flew west: their tomorrow is the 2nd once more.
func TestNotYetIsALaterDayWestOfTheDateLine(t *testing.T) {
	w := newWorld(t, "2026-02-26 09:00")
	a := account.Access{Person: w.active(func(f *account.Form) { f.Zone = "Pacific/Kiritimati" }), SignedIn: true}
	w.until("2026-02-27 12:00")
	w.receive(w.last(mend.CheckIn), incoming{words: "PROMISE water the basil by 2026-03-02"})
	w.until("2026-03-02 06:30") // half past seven in the evening there
	w.wantLetters(mend.PromiseKind, 1)
	f := get(w.svc.Account.Settings(t.Context(), a))(w).Form
	f.Zone = "Pacific/Pago_Pago"
	w.do(w.changeSettings(a, f))
	w.receive(w.last(mend.PromiseKind), incoming{words: "NOT YET by tomorrow"})
	if got := w.promises(a.Person)[0].Due; got != day("2026-03-03") {
		t.Errorf("the promise is due on %s, want the day after the letter's", got)
	}
	w.until("2026-03-04 12:00")
	w.wantLetters(mend.PromiseKind, 2)
}
