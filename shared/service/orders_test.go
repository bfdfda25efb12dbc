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
	"example.org/mend/shared/token"
)

func TestAnOrderThatIsFollowedIsAnswered(t *testing.T) {
	for words, want := range map[string]string{ // what the letter says: what holds now, and how to undo it
		"PAUSE 3 days":    "Your letters are paused until 6 March 2026|Just reply RESUME",
		"STOP for a week": "Your letters are paused until 10 March 2026|Just reply RESUME",
		"RESUME": "You'll get letters again: every day at 07:30. The next one comes on Wednesday 4 March " +
			"at 07:30|PAUSE",
		"Skip":               "We'll skip your next letter. The one after it comes on Thursday 5 March at 07:30|RESUME",
		"FORTNIGHTLY":        "every second Tuesday at 07:30. The next one comes on Tuesday 10 March at 07:30|DAILY",
		"WEEKLY on Thursday": "Thursdays at 07:30. The next one comes on Thursday 5 March at 07:30|DAILY",
		"weekdays":           "Mondays to Fridays at 07:30. The next one comes on Wednesday 4 March at 07:30|DAILY",
		"NOT FOR ME":         "won't come again",
		"PAUSE 3 days\nWEEKLY on Thursday\nSome words.": "Your letters are paused until 6 March 2026|" +
			"Thursdays at 07:30. The next one comes on Thursday 12 March",
	} {
		t.Run(words, func(t *testing.T) {
			w, _, letter := answering(t)
			w.receive(letter, incoming{words: words})
			w.wantLetters(mend.Notice, 1)
			text := unwrapped(w.text(w.last(mend.Notice)))
			for part := range strings.SplitSeq(want, "|") {
				if !strings.Contains(text, part) {
					t.Errorf("the answer does not say %q:\n%s", part, text)
				}
			}
		})
	}
}

func TestAnswersAreNotAnswered(t *testing.T) {
	w, _, letter := answering(t)
	w.receive(letter,
		incoming{words: "4\nPROMISE call my sister by today\nShe'll be glad. Pause for thought. I skip lunch now."})
	w.until("2026-03-03 20:00")
	w.receive(w.last(mend.PromiseKind), incoming{words: "KEPT?\nShe was."})
	w.wantLetters(mend.Notice, 0)
}

func TestWhatLooksLikeAnOrderIsAskedBackOnce(t *testing.T) {
	for words, subject := range map[string]string{
		"PAUSE 3":                          "One line we couldn't follow",
		"SKIP 2\nIt was a long day.":       "One line we couldn't follow",
		"PAUSE until next Friday":          "One line we couldn't follow",
		"PROMISE":                          "One line we couldn't follow",
		"PROMISE by Friday":                "One line we couldn't follow",
		"PROMISE call my sister soon":      "One more detail",
		"PAUSE 3\nPROMISE to write soon.":  "One more detail",
		"WEEKLY on Thursday\nPAUSE for it": "One line we couldn't follow",
	} {
		t.Run(words, func(t *testing.T) {
			w, id, letter := answering(t)
			w.receive(letter, incoming{words: words})
			w.wantLetters(mend.Notice, 1)
			if l := w.last(mend.Notice); !strings.Contains(string(l.Raw), "Subject: "+subject) {
				t.Errorf("the letter is not %q:\n%s", subject, w.text(l))
			}
			if strings.HasPrefix(words, "WEEKLY") { // what was followed beside it is said too
				text := unwrapped(w.text(w.last(mend.Notice)))
				if !strings.Contains(text, "It's now: Thursdays at 07:30") {
					t.Errorf("it does not say what holds now:\n%s", text)
				}
				return
			}
			if got := w.replies(id)[0].Words; got != words {
				t.Errorf("words: %q, want %q", got, words)
			}
			if got := w.load(id).Subscriptions[0]; !got.Hold.Until.IsZero() || len(w.promises(id)) != 0 {
				t.Errorf("something was guessed: %+v", got)
			}
		})
	}
}

func TestOneAnswerADay(t *testing.T) {
	w, id, letter := answering(t)
	for _, words := range []string{"PAUSE 2 weeks", "RESUME", "PAUSE 3", "PROMISE call my sister soon", "MONTHLY"} {
		w.now = w.now.Add(time.Minute)
		w.receive(letter, incoming{words: words})
	}
	w.wantLetters(mend.Notice, 1)
	if got := w.load(id).Subscriptions[0]; got.Cadence.Kind != mend.Monthly || !got.Hold.Until.IsZero() {
		t.Errorf("orders are followed whether or not they are answered: %+v", got)
	}
	w.until("2026-03-04 00:15") // the next day
	w.receive(letter, incoming{words: "DAILY"})
	w.wantLetters(mend.Notice, 2)
}

func TestMailThatIsNotProvenIsNotAnswered(t *testing.T) {
	for name, test := range map[string]struct {
		in   incoming
		told int // that a reply waits
	}{
		"another address": {incoming{from: "eve@example.test"}, 1},
		"automatic":       {incoming{headers: "Auto-Submitted: auto-replied\r\n"}, 0},
		"null sender":     {incoming{null: true}, 0},
		"no policy":       {incoming{dmarc: receive.Gray}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			for _, words := range []string{"PAUSE 2 weeks", "PAUSE 3", "PROMISE", "She said:\nstop it\nand I did."} {
				w, id, letter := answering(t)
				before := w.load(id).Subscriptions[0]
				test.in.words = words
				w.receive(letter, test.in)
				w.wantLetters(mend.Notice, test.told)
				if test.told > 0 && !strings.Contains(w.text(w.last(mend.Notice)), "We've set it aside") {
					t.Errorf("%q is answered:\n%s", words, w.text(w.last(mend.Notice)))
				}
				if got := w.load(id).Subscriptions[0]; got.Hold.Until != before.Hold.Until ||
					got.Cadence != before.Cadence || w.load(id).Person.Status != mend.Active {
					t.Errorf("%q: something changed: %+v", words, got)
				}
			}
		})
	}
}

// Who has stopped gets no letter that says what became of an order, so nothing comes of it, and it
// stays among their words.
func TestAnOrderAfterAStopStaysAmongTheWords(t *testing.T) {
	for _, words := range []string{"RESUME", "WEEKLY", "PAUSE 2 weeks\nI was too quick.", "SKIP", "START"} {
		w, id, letter := answering(t)
		w.receive(letter, incoming{words: "STOP"})
		stopped := w.load(id)
		w.receive(letter, incoming{words: words})
		if got := w.replies(id); len(got) != 2 || !slices.ContainsFunc(got, func(r mend.Reply) bool {
			return r.Words == words && r.Wrote
		}) {
			t.Errorf("%q: kept %+v", words, got)
		}
		w.wantLetters(mend.Notice, 0)
		if got := w.load(id); got.Person.Status != mend.Stopped || got.Person.Hold != stopped.Person.Hold ||
			got.Subscriptions[0].Cadence != stopped.Subscriptions[0].Cadence {
			t.Errorf("%q: something changed: %+v", words, got.Person)
		}
	}
}

// maybeStop may ask to stop, and may be part of a story.
const maybeStop = "Stop.\nMy brother came on Sunday, and we talked until late."

func TestAStopThatMayBeAStoryIsAskedAboutOnce(t *testing.T) {
	w, id, letter := answering(t)
	w.receive(letter, incoming{words: maybeStop})
	w.receive(letter, incoming{words: maybeStop + "\nAgain."})
	w.wantLetters(mend.Notice, 1)
	if got := w.load(id).Person.Status; got != mend.Active {
		t.Fatalf("status: %s", got)
	}
	got := w.replies(id)
	if len(got) != 2 || !slices.ContainsFunc(got, func(r mend.Reply) bool { return r.Words == maybeStop }) {
		t.Errorf("replies: %+v, want the words whole", got)
	}
	asked := w.last(mend.Notice)
	if text := w.text(asked); !strings.Contains(text, "Do you want us to stop?") {
		t.Errorf("the letter does not ask:\n%s", text)
	}
	a, err := w.svc.Account.Link(t.Context(), token.Unsubscribe, w.link(asked, "/stop/")) // what the page shows
	if w.do(err); w.load(id).Person.Status != mend.Active {
		t.Error("looking at the page stopped letters")
	}
	w.do(w.svc.Account.Stop(t.Context(), a)) // and what its button does
	if got := w.load(id).Person.Status; got != mend.Stopped {
		t.Errorf("after the button: %s", got)
	}
}

func TestTheQuestionWhetherToStopCanBeAnswered(t *testing.T) {
	for words, want := range map[string]mend.Status{
		"Yes.": mend.Stopped, "yes please": mend.Stopped, "STOP": mend.Stopped, "No, go on!": mend.Active,
		"Yes, that is what she said.": mend.Active,
	} {
		for _, until := range []string{"2026-03-02 10:00", "2026-03-30 10:00"} {
			w, id, letter := answering(t)
			w.receive(letter, incoming{words: maybeStop})
			asked := w.last(mend.Notice)
			w.until(until) // a letter may be answered for as long as its reply address is good
			w.receive(asked, incoming{words: words})
			if got := w.load(id).Person.Status; got != want {
				t.Errorf("%q on %s: %s, want %s", words, until, got, want)
			}
			if len(w.replies(id)) != 2 {
				t.Errorf("%q on %s: replies %+v", words, until, w.replies(id))
			}
		}
	}
	w, id, letter := answering(t)
	w.receive(letter, incoming{words: maybeStop})
	w.receive(w.last(mend.Notice), incoming{words: "Yes", from: "eve@example.test"})
	if got := w.load(id).Person.Status; got != mend.Active {
		t.Errorf("a yes that is not proven: %s", got)
	}
}

func TestAStopQuestionIsNotUsedUpByAnAnswer(t *testing.T) {
	w, _, letter := answering(t)
	w.receive(letter, incoming{words: "PAUSE 3 days"})
	w.receive(letter, incoming{words: maybeStop})
	w.wantLetters(mend.Notice, 2)
	if text := w.text(w.last(mend.Notice)); !strings.Contains(text, "Do you want us to stop?") {
		t.Errorf("it does not ask:\n%s", text)
	}
}

// Buttons and orders lead to the same settings.
func TestAnOrderDoesWhatTheButtonDoes(t *testing.T) {
	signedIn := func(id mend.ID) account.Access { return account.Access{Person: id, SignedIn: true} }
	change := func(do func(*account.Form)) func(*world, mend.ID) {
		return func(w *world, id mend.ID) {
			f := get(w.svc.Account.Settings(w.Context(), signedIn(id)))(w).Form
			do(&f)
			w.do(w.changeSettings(signedIn(id), f))
		}
	}
	for order, press := range map[string]func(*world, mend.ID){
		"SKIP": func(w *world, id mend.ID) { w.do(w.svc.Account.Skip(w.Context(), signedIn(id), mend.Date{})) },
		"PAUSE 4 weeks": func(w *world, id mend.ID) {
			w.do(w.svc.Account.PauseFourWeeks(w.Context(), signedIn(id)))
		},
		"PAUSE until 9 March": change(func(f *account.Form) { f.PauseUntil = "2026-03-09" }),
		"MONTHLY on the 4th": func(w *world, id mend.ID) {
			w.do(w.svc.Account.OnceAMonth(w.Context(), signedIn(id)))
		},
		"FORTNIGHTLY":      change(func(f *account.Form) { f.Cadence, f.Days = "fortnightly", []string{"tue"} }),
		"WEEKLY on Sunday": change(func(f *account.Form) { f.Cadence, f.Days = "weekly", []string{"sun"} }),
		"RESUME":           func(w *world, id mend.ID) { w.do(w.svc.Account.Resume(w.Context(), signedIn(id))) },
	} {
		t.Run(order, func(t *testing.T) {
			var got [2]string
			for i := range got {
				w, id, letter := answering(t)
				if order == "RESUME" {
					w.do(w.svc.Account.PauseFourWeeks(w.Context(), signedIn(id)))
				}
				if i == 0 {
					press(w, id)
				} else {
					w.receive(letter, incoming{words: order})
				}
				after := w.load(id)
				got[i] = fmt.Sprint(after.Person.Hold.Until)
				for _, sub := range after.Subscriptions {
					if sub.Status != mend.Active {
						continue
					}
					got[i] += fmt.Sprint("; ", sub.Number, sub.Status, sub.Cadence, sub.Hold.Until,
						sub.FirstDate, sub.DigestDay)
				}
			}
			if got[0] != got[1] {
				t.Errorf("by the page  %s\nby the order %s", got[0], got[1])
			}
		})
	}
}

func TestAnAnswerByMailDoesWhatTheButtonDoes(t *testing.T) {
	for words, press := range map[string]struct {
		state mend.PromiseState
		due   string
	}{
		"done": {mend.Kept, ""}, "Not yet.": {mend.NotYet, ""}, "not yet but by Friday": {mend.NotYet, "2026-03-06"},
		"let go": {mend.LetGo, ""},
	} {
		var got [2]string
		for i := range got {
			w, id, letter := answering(t)
			w.receive(letter, incoming{words: "PROMISE call my sister by 2026-03-03"})
			w.until("2026-03-03 20:00")
			asked := w.last(mend.PromiseKind)
			p := w.promises(id)[0]
			if i == 0 {
				a := account.Access{Person: id, Of: mend.LetterKey{OneOff: p.ID}}
				w.do(w.svc.Journal.AnswerPromise(t.Context(), a, p.ID, press.state, press.due))
			} else {
				w.receive(asked, incoming{words: words})
			}
			var waiting []string
			for _, o := range w.load(id).OneOffs {
				waiting = append(waiting, fmt.Sprint(o.Kind, o.Due, o.Date))
			}
			slices.Sort(waiting)
			p = w.promises(id)[0]
			got[i] = fmt.Sprint(p.State, p.Due, p.Closed, waiting)
		}
		if got[0] != got[1] {
			t.Errorf("%q: by the page %s, by mail %s", words, got[0], got[1])
		}
	}
}

// Every phrase stands alone, above the letter as clients quote it, and above the letter as it is.
func TestStopsAndStoriesAboveTheQuotedLetter(t *testing.T) {
	t.Parallel()
	for phrase, want := range map[string]mend.Status{
		"Stop":                           mend.Stopped,
		"please stop":                    mend.Stopped,
		"Stop it, please.":               mend.Stopped,
		"Hi,\nplease stop.\nThanks, Ann": mend.Stopped,
		"Unsubscribe me please":          mend.Stopped,
		"I'd like to stop getting these e-mails.": mend.Stopped,
		"Stop. I don't need it any more.":         mend.Stopped,
		"Abmelden":                                mend.Stopped,
		"Bitte keine Mails mehr":                  mend.Stopped,
		"ARRÊT":                                   mend.Stopped,
		"хватит":                                  mend.Stopped,
		"停止":                                      mend.Stopped,
		"توقف":                                    mend.Stopped,
		"中止してください":                                mend.Stopped,
		"We walked a while.\nIt was fine.\n\nSTOP": mend.Stopped,
		"She shouted: stop it!":                    mend.Active,
		"Stop this.":                               mend.Active,
		"I had to stop.":                           mend.Active,
		"Stop.\nLook.\nListen.":                    mend.Active,
		"We said we'd stop.":                       mend.Active,
		"Ich konnte nicht aufhören.":               mend.Active,
		"The end.":                                 mend.Active,
	} {
		for _, layout := range []func(letter string) string{
			func(string) string { return "" },
			func(letter string) string {
				return "\n\nOn Tue, 3 Mar 2026 at 07:30, Mend <letters@mend.test> wrote:\n> " +
					strings.ReplaceAll(strings.TrimSpace(letter), "\n", "\n> ")
			},
			func(letter string) string { return "\n\n" + letter },
		} {
			w, id, letter := answering(t)
			w.receive(letter, incoming{words: phrase + layout(w.text(letter))})
			if got := w.load(id).Person.Status; got != want {
				t.Errorf("%q above %.40q: %s, want %s", phrase, layout(w.text(letter)), got, want)
			}
			if want == mend.Stopped {
				w.wantLetters(mend.Notice, 0)
			}
		}
	}
}

func TestAStopDoesNotWaitForALetterThatCannotBeComposed(t *testing.T) {
	w, id, letter := answering(t)
	to := w.replyTo(letter)
	w.svc.Site = ""
	w.do(w.svc.Replies.Receive(t.Context(), w.arrives(to, incoming{words: "Stop"})))
	if got := w.load(id).Person.Status; got != mend.Stopped {
		t.Errorf("status: %s", got)
	}
}
