package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/receive"
	"example.org/mend/shared/store"
)

// answering is a world in which Ann has her first check-in, of 3 March, and half an
// hour has passed.
func answering(t *testing.T, changes ...func(*account.Form)) (*world, mend.ID, sent) {
	t.Helper()
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active(changes...)
	w.until("2026-03-03 08:00")
	return w, id, w.last(mend.CheckIn)
}

func TestAReplyIsKeptWithTheQuestionThatItAnswers(t *testing.T) {
	w, id, letter := answering(t)
	w.receive(letter, incoming{words: "4\nI wrote to her today.\n\nAnd slept well.\n\n> What did you do?\n"})
	replies := w.replies(id)
	if len(replies) != 1 {
		t.Fatalf("replies: got %d, want 1", len(replies))
	}
	r := replies[0]
	if r.Words != "I wrote to her today.\n\nAnd slept well." || r.Mood != 4 || r.Flag != mend.NotFlagged ||
		r.Date != day("2026-03-03") || r.Of != checkIn("2026-03-03") || r.Question == "" ||
		r.Question != w.record(id, r.Of).Question {
		t.Errorf("reply: %+v", r)
	}
	if len(w.blobs.kept) != 0 {
		t.Errorf("the raw mail is kept after it was read: %v", w.blobs.kept)
	}
	w.until("2026-03-04 08:00")
	if text := w.text(w.last(mend.CheckIn)); !strings.Contains(text, "Your last reply arrived") {
		t.Errorf("the next letter does not say that the reply was kept:\n%s", text)
	}
	w.until("2026-03-05 08:00")
	if text := w.text(w.last(mend.CheckIn)); strings.Contains(text, "Your last reply arrived") {
		t.Error("the letter after it says so again")
	}
}

func TestOurOwnLetterComingBackUnmarkedIsNotTheirWords(t *testing.T) {
	w, id, letter := answering(t)
	w.receive(letter, incoming{words: "I wrote to her today.\n\n" + w.text(letter)})
	question := w.record(id, checkIn("2026-03-03")).Question
	got := w.replies(id)[0].Words
	if !strings.HasPrefix(got, "I wrote to her today.") || strings.Contains(got, question) {
		t.Errorf("words: %q", got)
	}
}

func TestARedeliveredReplyChangesNothing(t *testing.T) {
	for name, messageID := range map[string]string{"with a Message-ID": "1@mail.example.test", "with none": " "} {
		t.Run(name, func(t *testing.T) {
			w, id, letter := answering(t)
			r := w.arrives(w.replyTo(letter),
				incoming{messageID: messageID, words: "PROMISE call my sister by Friday\nSKIP\nHere I am."})
			raw := w.blobs.kept[r.RawKey]
			w.do(w.svc.Replies.Receive(t.Context(), r))
			before := w.load(id)
			w.do(w.svc.Replies.Receive(t.Context(), r)) // the same message once more
			w.until("2026-03-03 20:00")
			r.RawKey, r.At = "raw/copy", w.now // and the same mail, taken twice
			w.blobs.kept[r.RawKey] = raw
			w.do(w.svc.Replies.Receive(t.Context(), r))
			after := w.load(id)
			if len(w.replies(id)) != 1 || len(w.promises(id)) != 1 || after.Person.Version != before.Person.Version {
				t.Errorf("replies %d, promises %d, version %d→%d: something changed",
					len(w.replies(id)), len(w.promises(id)), before.Person.Version, after.Person.Version)
			}
			if len(w.blobs.kept) != 0 {
				t.Errorf("raw mail is kept: %v", w.blobs.kept)
			}
		})
	}
}

// Some programs give one Message-ID to all that they send, or to a mail that was changed and sent
// again. No reply is lost to that, whether it is proven or not.
func TestTwoRepliesWithOneMessageIDAreBothKept(t *testing.T) {
	for _, from := range []string{annMail, "ann@elsewhere.test"} {
		w, id, letter := answering(t)
		for _, in := range []incoming{
			{words: "It went well."}, {words: "It went badly, and I said so."}, {words: "It went well."},
			{words: "> What did you do?", subject: "I rang her"},
			{words: "> What did you do?", subject: "She rang back"},
		} {
			in.from, in.messageID = from, "none"
			w.receive(letter, in)
		}
		var words []string
		for _, r := range w.replies(id) {
			words = append(words, r.Words)
		}
		slices.Sort(words)
		want := []string{"I rang her", "It went badly, and I said so.", "It went well.", "She rang back"}
		if !slices.Equal(words, want) {
			t.Errorf("from %s: kept %q, want %q", from, words, want)
		}
	}
}

func TestOnlyTheOwnerOfTheTokenGetsTheReply(t *testing.T) {
	w, ann, letter := answering(t)
	bob := w.active(func(f *account.Form) { f.Email = "bob@example.test" })
	receipt := w.arrives(w.replyTo(letter), incoming{
		headers: "To: <" + w.replyTo(w.last(mend.Welcome)) + ">\r\nDelivered-To: bob@example.test\r\n",
		words:   "For my own journal.",
	})
	w.do(w.svc.Replies.Receive(t.Context(), receipt))
	if len(w.replies(ann)) != 1 || len(w.replies(bob)) != 0 {
		t.Errorf("replies of Ann %d and of Bob %d: the envelope names Ann's letter",
			len(w.replies(ann)), len(w.replies(bob)))
	}
}

func TestMailWithoutAValidTokenIsRefusedAndForgotten(t *testing.T) {
	w, ann, letter := answering(t)
	good := w.replyTo(letter)
	altered := strings.Replace(good, good[10:12], map[bool]string{true: "bb", false: "aa"}[good[10:12] == "aa"], 1)
	before := len(w.letters())
	for _, recipient := range []string{
		altered, "r+@" + replyDomain, "postmaster@" + replyDomain, strings.Replace(good, replyDomain, "other.test", 1),
	} {
		w.do(w.svc.Replies.Receive(t.Context(), w.arrives(recipient, incoming{words: "STOP"})))
	}
	w.now = w.now.Add(402 * 24 * time.Hour)
	w.do(w.svc.Replies.Receive(t.Context(), w.arrives(good, incoming{words: "STOP"}))) // too old
	w.drain()
	if got := len(w.replies(ann)); got != 0 {
		t.Errorf("replies: got %d, want none", got)
	}
	if got := w.load(ann).Person.Status; got != mend.Active {
		t.Errorf("status: %s", got)
	}
	if len(w.blobs.kept) != 0 || len(w.letters()) != before {
		t.Errorf("raw mail kept: %v; letters caused: %d", w.blobs.kept, len(w.letters())-before)
	}
}

func TestLongWordsComeBackWhole(t *testing.T) {
	w, id, letter := answering(t)
	var long strings.Builder
	for n := 0; long.Len() < 1_000_000; n++ {
		fmt.Fprintf(&long, "Line %d: señor 李 wrote something that is not like any other line.\n", n)
	}
	want := strings.TrimSpace(long.String())
	w.receive(letter, incoming{words: want})
	replies := w.replies(id)
	if len(replies) != 1 || replies[0].Words != want {
		t.Fatalf("replies: %d; of %d bytes %d came back", len(replies), len(want), len(replies[0].Words))
	}
	w.private = w.private[:1] // a search of the log for a megabyte takes long
}

func TestLongAnswersBetweenTheLinesAreKeptAsWords(t *testing.T) {
	w, id, letter := answering(t)
	var long strings.Builder
	for n := range 3000 {
		fmt.Fprintf(&long, "> The question with the number %d, which somebody quoted?\n"+
			"An answer with the number %d, and a few more words to it.\n\n", n, n)
	}
	w.receive(letter, incoming{words: long.String()})
	replies := w.replies(id)
	if len(replies) != 1 || !strings.Contains(replies[0].Words, "An answer with the number 2999") {
		t.Fatalf("replies: %d", len(replies))
	}
	w.private = w.private[:1]
}

func TestWhatAReplyIsWorth(t *testing.T) {
	for name, test := range map[string]struct {
		in   incoming
		want mend.ReplyFlag
	}{
		"her own":              {incoming{}, mend.NotFlagged},
		"her own, in capitals": {incoming{from: "ANN@Example.TEST"}, mend.NotFlagged},
		"another address":      {incoming{from: "eve@example.test"}, mend.Unproven},
		"no DMARC":             {incoming{dmarc: "GRAY"}, mend.Unproven},
		"DMARC failed":         {incoming{dmarc: receive.Fail}, mend.Quarantined},
		"spam":                 {incoming{spam: receive.Fail}, mend.Quarantined},
		"two From":             {incoming{headers: "From: <eve@example.test>\r\n"}, mend.Unproven},
	} {
		t.Run(name, func(t *testing.T) {
			w, id, letter := answering(t)
			before := w.load(id)
			test.in.words = "5\nPROMISE call my sister by Friday\nMONTHLY\nSomething that I wrote."
			w.receive(letter, test.in)
			replies, after := w.replies(id), w.load(id)
			if len(replies) != 1 || replies[0].Flag != test.want {
				t.Fatalf("replies: %+v, want one with flag %q", replies, test.want)
			}
			followed := replies[0].Mood == 5 && len(w.promises(id)) == 1 &&
				after.Subscriptions[0].Cadence.Kind == mend.Monthly
			untouched := replies[0].Mood == 0 && len(w.promises(id)) == 0 &&
				after.Person.Version-before.Person.Version <= 1 &&
				after.Subscriptions[0].Cadence == before.Subscriptions[0].Cadence &&
				strings.HasPrefix(replies[0].Words, "5\n")
			if test.want == mend.NotFlagged && !followed || test.want != mend.NotFlagged && !untouched {
				t.Errorf("followed %v, untouched %v: %+v", followed, untouched, replies[0])
			}
			w.until("2026-03-04 08:00")
			told := strings.Contains(w.text(w.last(mend.CheckIn)), "Your last reply arrived")
			if told && test.want != mend.NotFlagged {
				t.Error("the next letter says that a reply was kept which is perhaps somebody else's")
			}
		})
	}
}

// Someone may write from another of their addresses, or by a provider that proves nothing. They
// have to learn that their words wait, and that what they asked for wasn't done.
func TestAReplyThatWaitsIsToldOfOnceADayAndWithoutContent(t *testing.T) {
	for name, in := range map[string]incoming{
		"spam": {spam: receive.Fail}, "DMARC failed": {dmarc: receive.Fail}, "no DMARC": {dmarc: receive.Gray},
		"another address": {from: "ann@work.test"},
	} {
		w, _, letter := answering(t)
		for n := range 3 {
			in.words = fmt.Sprintf("PAUSE 1 week\nAbout the product number %d.", n)
			w.receive(letter, in)
		}
		if got := len(w.letters(mend.Notice)); got != 1 {
			t.Errorf("%s: %d notices, want one", name, got)
			continue
		}
		if text := w.text(w.last(mend.Notice)); strings.Contains(text, "product") ||
			!strings.Contains(text, "We've set it aside") {
			t.Errorf("%s: the notice:\n%s", name, text)
		}
		w.now = w.now.Add(24 * time.Hour)
		in.words = "Another one, a day later."
		w.receive(letter, in)
		w.wantLetters(mend.Notice, 2)
	}
}

func TestStopWorksFromAnybodyWhoHoldsTheLetterWhateverTheVerdicts(t *testing.T) {
	for name, in := range map[string]incoming{
		"her own":         {words: "STOP"},
		"in lower case":   {words: "stop.\n\nThank you."},
		"another address": {from: "eve@example.test", words: "Stop"},
		"spam":            {spam: receive.Fail, words: "STOP"},
		"DMARC failed":    {dmarc: receive.Fail, words: "Unsubscribe"},
		"in the subject":  {subject: "STOP", words: ""},
		"beside others":   {words: "DAILY\nSTOP\nPROMISE call by Friday"},
	} {
		t.Run(name, func(t *testing.T) {
			w, id, letter := answering(t)
			w.receive(letter, in)
			if got := w.load(id).Person.Status; got != mend.Stopped {
				t.Errorf("status: %s, want stopped", got)
			}
			before := len(w.letters())
			w.until("2026-03-10 12:00")
			if got := len(w.letters()) - before; got != 0 {
				t.Errorf("letters after it: %d", got)
			}
			if got := len(w.promises(id)); got != 0 {
				t.Errorf("promises: %d; STOP wins over everything", got)
			}
		})
	}
}

func TestAVirusIsDropped(t *testing.T) {
	w, id, letter := answering(t)
	w.receive(letter, incoming{virus: receive.Fail, words: "Look at this attachment, please."})
	if len(w.replies(id)) != 0 || len(w.blobs.kept) != 0 {
		t.Errorf("replies %d, raw mail %v: want nothing", len(w.replies(id)), w.blobs.kept)
	}
}

func TestAutomaticMailCausesNothing(t *testing.T) {
	for name, in := range map[string]incoming{
		"RFC 3834":    {headers: "Auto-Submitted: auto-replied\r\n"},
		"precedence":  {headers: "Precedence: auto_reply\r\n"},
		"null return": {headers: "Return-Path: <>\r\n"},
		"by subject":  {subject: "Out of office: Re: A few minutes"},
	} {
		t.Run(name, func(t *testing.T) {
			w, id, letter := answering(t)
			before, version := len(w.letters()), w.load(id).Person.Version
			for _, spam := range []receive.Verdict{receive.Pass, receive.Fail} {
				in.spam, in.words = spam, "MONTHLY\nI am away until Monday.\nPROMISE to answer by Friday"
				w.receive(letter, in)
			}
			if len(w.replies(id)) != 0 || len(w.letters()) != before || w.load(id).Person.Version != version {
				t.Errorf("replies %d, letters %d, version %d→%d: want nothing",
					len(w.replies(id)), len(w.letters())-before, version, w.load(id).Person.Version)
			}
		})
	}
}

func TestAReplyToSomebodyErasedIsForgotten(t *testing.T) {
	w, id, letter := answering(t)
	w.do(w.svc.Account.Erase(t.Context(), account.Access{Person: id, SignedIn: true}, "delete"))
	w.receive(letter, incoming{words: "I changed my mind about all of it."})
	w.until("2026-03-03 09:00")
	wantNothingLeft(w, id)
}

func TestVerbsSetWhatTheySay(t *testing.T) {
	for words, check := range map[string]func(mend.Subscription) bool{
		"PAUSE 2 weeks": func(s mend.Subscription) bool { return s.Hold.Until == day("2026-03-17") },
		"pause":         func(s mend.Subscription) bool { return s.Hold.Until == day("2026-03-03").AddDays(366) },
		"PAUSE 60 weeks": func(s mend.Subscription) bool {
			return s.Hold.Until == day("2026-03-03").AddDays(366)
		},
		"SKIP":     func(s mend.Subscription) bool { return s.Hold.Until == day("2026-03-05") },
		"DAILY":    func(s mend.Subscription) bool { return s.Cadence.Kind == mend.Daily },
		"weekdays": func(s mend.Subscription) bool { return s.Cadence.Days == mend.WorkingDays },
		"Weekly!":  func(s mend.Subscription) bool { return s.Cadence.Days == mend.OnWeekdays(time.Tuesday) },
		"MONTHLY":  func(s mend.Subscription) bool { return s.Cadence.Kind == mend.Monthly && s.Cadence.Day == 3 },
	} {
		t.Run(words, func(t *testing.T) {
			w, id, letter := answering(t)
			before := w.load(id).Subscriptions[0].Cadence
			w.receive(letter, incoming{words: words + "\nAnd a line of my own."})
			sub := w.load(id).Subscriptions[0]
			if !check(sub) {
				t.Errorf("settings: %+v", sub)
			}
			if sub.Cadence.Time != before.Time || sub.Cadence.Zone != before.Zone {
				t.Errorf("the hour moved: %v", sub.Cadence)
			}
			if got := w.replies(id)[0].Words; got != "And a line of my own." {
				t.Errorf("words: %q", got)
			}
		})
	}
}

func TestAPauseHoldsBackEverythingAndResumeBringsItBack(t *testing.T) {
	w, _, letter := answering(t)
	w.receive(letter, incoming{words: "PAUSE 3 days"})
	w.until("2026-03-05 08:00")
	w.wantLetters(mend.CheckIn, 1)
	w.until("2026-03-06 08:00")
	w.wantLetters(mend.CheckIn, 2)
	w.receive(letter, incoming{words: "PAUSE 3 weeks"})
	w.receive(letter, incoming{words: "RESUME"})
	w.until("2026-03-07 08:00")
	w.wantLetters(mend.CheckIn, 3)
}

func TestSkipLeavesOneLetterOut(t *testing.T) {
	// In the evening, before today's letter has gone out, it is today's.
	w := newWorld(t, "2026-03-02 09:00")
	w.active(func(f *account.Form) { f.Time = "19:00" })
	w.until("2026-03-03 08:00")
	w.receive(w.last(mend.CheckIn), incoming{words: "SKIP"})
	w.until("2026-03-05 20:00")
	var got []string
	for _, l := range w.letters(mend.CheckIn) {
		got = append(got, of(w, l).Date.String()[8:])
	}
	if strings.Join(got, " ") != "02 04 05" {
		t.Errorf("letters on %v, want all but the 3rd", got)
	}
	w.receive(w.last(mend.CheckIn), incoming{words: "PAUSE 2 weeks"})
	w.receive(w.last(mend.CheckIn), incoming{words: "skip"})
	if got := w.load(idOf(w, w.last(mend.CheckIn))).Subscriptions[0].Hold.Until; got != day("2026-03-19") {
		t.Errorf("SKIP in a pause: paused until %s, want the pause as it was", got)
	}
}

func TestAPromiseIsAskedAboutOnceOnTheEveningOfItsDay(t *testing.T) {
	w, id, letter := answering(t)
	w.receive(letter, incoming{words: "PROMISE call my sister by 2026-03-06"})
	w.until("2026-03-06 18:45")
	w.wantLetters(mend.PromiseKind, 0)
	w.until("2026-03-20 12:00")
	w.wantLetters(mend.PromiseKind, 1)
	asked := w.last(mend.PromiseKind)
	if !asked.At.Equal(at("2026-03-06 19:00")) {
		t.Errorf("asked at %s", asked.At)
	}
	w.receive(asked, incoming{words: "KEPT\nShe was glad."})
	p := w.promises(id)[0]
	if p.State != mend.Kept || !p.Closed.Equal(w.now) || w.replies(id)[1].Words != "She was glad." {
		t.Errorf("promise: %+v", p)
	}
}

func TestAnswersToAPromise(t *testing.T) {
	for words, want := range map[string]mend.PromiseState{
		"Kept.":   mend.Kept,
		"not yet": mend.NotYet,
		"LET GO":  mend.LetGo,
		"maybe":   mend.PromiseOpen,
	} {
		w, id, letter := answering(t)
		w.receive(letter, incoming{words: "PROMISE call my sister by 2026-03-03"})
		w.until("2026-03-03 20:00")
		w.receive(w.last(mend.PromiseKind), incoming{words: words})
		p := w.promises(id)[0]
		if p.State != want || p.Closed.IsZero() != (want == mend.NotYet || want == mend.PromiseOpen) {
			t.Errorf("%q: %+v, want %s", words, p, want)
		}
		w.receive(letter, incoming{words: words}) // below a check-in it is an answer to its question
		if got := w.promises(id)[0].State; got != want {
			t.Errorf("%q to a check-in: %s", words, got)
		}
	}
}

func TestAPromiseWithoutAClearDayStaysAmongTheWords(t *testing.T) {
	w, id, letter := answering(t)
	w.receive(letter, incoming{words: "PROMISE call my sister soon\nI mean it."})
	if got := w.replies(id)[0].Words; got != "PROMISE call my sister soon\nI mean it." {
		t.Errorf("words: %q", got)
	}
	if got := w.promises(id); len(got) != 0 {
		t.Errorf("promises: %+v", got)
	}
}

func TestSoManyPromisesWaitAsAStopCanCancelAtOnce(t *testing.T) {
	t.Parallel()
	w, id, letter := answering(t)
	for n := range 80 {
		w.now = w.now.Add(time.Second)
		w.receive(letter, incoming{words: fmt.Sprintf(
			"PROMISE thing number %d by 2026-05-%02d\nPROMISE another one %d by 2026-06-01", n, n%28+1, n,
		)})
	}
	if got := len(w.load(id).OneOffs); got != 60 {
		t.Errorf("letters that wait: got %d, want 60", got)
	}
	want := "PROMISE thing number 79 by 2026-05-24\nPROMISE another one 79 by 2026-06-01"
	if got := w.replies(id)[79].Words; got != want {
		t.Errorf("the words of promises for which there was no room: %q, want %q", got, want)
	}
	access := account.Access{Person: id}
	w.do(w.svc.Account.Stop(t.Context(), access))
	if got := len(w.load(id).OneOffs); got != 0 {
		t.Errorf("after a stop %d letters wait still", got)
	}
	w.do(w.svc.Account.Undo(t.Context(), access))
	if got := len(w.load(id).OneOffs); got != 60 {
		t.Errorf("after taking it back: got %d, want 60", got)
	}
}

func TestAPromiseMadeWhileAStopCommitsSendsNothing(t *testing.T) {
	w, id, letter := answering(t)
	whole := w.load(id)
	w.do(w.svc.Account.Stop(t.Context(), account.Access{Person: id}))
	o := mend.OneOff{
		Person: id, ID: "aaaaaaaa", Kind: mend.PromiseKind, Due: w.now, Expires: w.now.Add(time.Hour), Zone: "UTC",
	}
	_, err := w.svc.Store.AddReply(t.Context(), store.ReplyKept{
		Reply:   mend.Reply{Person: id, Of: of(w, letter), Hash: "h", At: w.now, Date: day("2026-03-03")},
		OneOffs: []mend.OneOff{o}, Version: whole.Person.Version,
	})
	if err == nil || len(w.replies(id)) != 0 {
		t.Errorf("a reply decided on before the stop: %v, want ErrConflict and nothing kept", err)
	}
}

func TestSnoozingAReminder(t *testing.T) {
	w, id, _ := answering(t)
	access := account.Access{Person: id, SignedIn: true}
	f := form(func(f *account.Form) { f.Words, f.Time = "Water the plants", "09:00" })
	get(w.svc.Account.SaveReminder(t.Context(), access, 0, f))(w)
	w.private = append(w.private, f.Words)
	w.until("2026-03-03 09:00")
	w.wantLetters(mend.Reminder, 1)
	w.receive(w.last(mend.Reminder), incoming{words: "SNOOZE 2h"})
	w.until("2026-03-03 23:00")
	w.wantLetters(mend.Reminder, 2)
	l := w.last(mend.Reminder)
	if !l.At.Equal(at("2026-03-03 11:00")) || !strings.Contains(w.text(l), "Water the plants") {
		t.Errorf("the snoozed one at %s:\n%s", l.At, w.text(l))
	}
	w.until("2026-03-04 09:00") // and the next occurrence is not touched
	w.wantLetters(mend.Reminder, 3)
	w.receive(w.last(mend.Reminder), incoming{words: "snooze tomorrow\nA busy day."}) // when the next one comes anyway
	if got := w.load(id).OneOffs; len(got) != 0 || w.replies(id)[1].Words != "A busy day." {
		t.Errorf("a snooze up to the next occurrence: %+v and %q, want no letter beside that one",
			got, w.replies(id)[1].Words)
	}
	w.until("2026-03-05 09:00")
	w.wantLetters(mend.Reminder, 4)
}

func TestRetention(t *testing.T) {
	for retention, left := range map[mend.Retention][2]int{ // replies and bytes of words after 91 days
		mend.KeepForGood: {1, len("My own words, of that day.")}, mend.Keep90Days: {0, 0}, mend.KeepNone: {1, 0},
	} {
		t.Run(string(retention), func(t *testing.T) {
			w, id, letter := answering(t)
			whole := w.load(id)
			whole.Person.Retention = retention
			w.do(w.svc.Store.Commit(t.Context(), store.Transaction{Person: whole.Person}))
			w.receive(letter, incoming{words: "4\nMy own words, of that day."})
			now := w.replies(id)
			if keeps := retention != mend.KeepNone; len(now) != 1 || (now[0].Words != "") != keeps || now[0].Mood != 4 {
				t.Errorf("at once: %+v", now)
			}
			if held := strings.Contains(w.everything(), "My own words"); held != (retention != mend.KeepNone) {
				t.Errorf("the table holds the words: %v", held)
			}
			w.now = w.now.Add(91 * 24 * time.Hour)
			later, bytes := w.replies(id), 0
			for _, r := range later {
				bytes += len(r.Words)
			}
			if got := [2]int{len(later), bytes}; got != left {
				t.Errorf("after 91 days: %v, want %v", got, left)
			}
		})
	}
}

// Some write their answer into the subject and send the mail empty.
func TestWordsInTheSubjectOfAnEmptyMailAreKept(t *testing.T) {
	for subject, want := range map[string]string{
		"I called him today": "I called him today", "Today: a good one": "Today: a good one",
		"4":                          "", // a number is a mood
		"Re: Something small to try": "", "AW: Something small to try": "", "RE[2]: Something small to try": "",
		"回复：Something small to try": "",
	} {
		w, id, letter := answering(t)
		w.receive(letter, incoming{subject: subject})
		got := w.replies(id)
		if len(got) != 1 || got[0].Words != want || subject == "4" && got[0].Mood != 4 {
			t.Errorf("%q: kept %+v, want %q", subject, got, want)
		}
		w2, id2, letter2 := answering(t)
		w2.receive(letter2, incoming{subject: subject, words: "In the body."})
		if got := w2.replies(id2); got[0].Words != "In the body." {
			t.Errorf("%q beside a body: kept %q", subject, got[0].Words)
		}
	}
}

// A letter that looks back is known again however much its person wrote, quoted with
// marks and without.
func TestALookBackIsKnownAmongManyReplies(t *testing.T) {
	t.Parallel()
	places := strings.Fields("river hill barn bridge school tower market garden lake " +
		"station library harbor forest kitchen attic cellar bakery church")
	w := newWorld(t, "2026-03-02 09:00")
	id := w.active()
	found := 0
	for day := range 66 {
		w.until(time.Date(2026, 3, 3+day, 8, 0, 0, 0, time.UTC).Format("2006-01-02 15:04"))
		letter := w.last(mend.CheckIn)
		text := w.text(letter)
		if strings.Contains(text, "Looking back:") {
			found++
			for _, mark := range []string{"> ", ""} {
				words := fmt.Sprintf("Go on, part %d with %q.", found, mark)
				w.receive(letter, incoming{words: words + "\n\n" + mark +
					strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+mark)})
				if !slices.ContainsFunc(w.replies(id), func(r mend.Reply) bool { return r.Words == words }) {
					t.Errorf("on day %d, marked %q: %q is not kept as it is", day, mark, words)
				}
			}
		}
		for n := range 4 {
			where, what := places[(day*4+n)%len(places)], places[(day*4+n)/len(places)]
			w.receive(letter,
				incoming{words: strings.Repeat("I walked to the "+where+" and told her of the "+what+". ", 8)})
		}
	}
	if found < 2 {
		t.Errorf("%d letters looked back, want 2", found)
	}
}
