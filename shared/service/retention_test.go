package service_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/receive"
	"example.org/mend/shared/store"
)

// meanwhile does something once, just before a reply is written.
type meanwhile struct {
	store.Table
	do func()
}

func (m *meanwhile) Transact(ctx context.Context, writes []store.Write) error {
	for _, w := range writes {
		if do := m.do; do != nil && strings.HasPrefix(w.Key.SK, "REPLY#") {
			m.do = nil
			do()
		}
	}
	return m.Table.Transact(ctx, writes)
}

// Whoever chooses a stricter setting at the very moment at which their words come in
// finds none of them kept.
func TestAStricterRetentionHoldsForWordsThatAreOnTheirWay(t *testing.T) {
	for name, write := range map[string]func(*world, account.Access, sent) error{
		"a reply": func(w *world, _ account.Access, letter sent) error {
			return w.svc.Replies.Receive(w.Context(),
				w.arrives(w.replyTo(letter), incoming{words: "4\nWhat I wrote then."}))
		},
		"an entry": func(w *world, a account.Access, _ sent) error {
			err := w.svc.Journal.AddEntry(w.Context(), a, "What I wrote then.", 4)
			if problem(err, "words") != "" {
				return nil // "you chose that we keep no words" is an answer, too
			}
			return err
		},
		"an entry with other words": func(w *world, a account.Access, letter sent) error {
			w.receive(letter, incoming{words: "Yes."})
			edited := w.table.Table.(*meanwhile)
			edited.do = func() { w.do(w.svc.Account.SetRetention(w.Context(), a, mend.KeepNone)) }
			first := mend.EntryOf(w.replies(a.Person)[0])
			err := w.svc.Journal.EditReply(w.Context(), a, first, "", "What I wrote then.")
			if problem(err, "words") != "" {
				return nil // the same
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, id, letter := answering(t)
			a := account.Access{Person: id, SignedIn: true}
			hook := &meanwhile{Table: w.table.Table}
			w.table.Table = hook
			if name != "an entry with other words" {
				hook.do = func() { w.do(w.svc.Account.SetRetention(t.Context(), a, mend.KeepNone)) }
			}
			w.do(write(w, a, letter))
			if hook.do != nil {
				t.Fatal("nothing was written")
			}
			if strings.Contains(w.everything(), "I wrote then") {
				t.Error("the table holds the words")
			}
			if r := w.replies(id); name == "a reply" && (len(r) != 1 || r[0].Mood != 4) {
				t.Errorf("replies: %+v, want its mood", r)
			}
		})
	}
}

// Ninety days are counted from the day on which it was written; what is older goes when they choose
// it, not when the table comes to it.
func TestNinetyDaysTakeEffectAtOnce(t *testing.T) {
	w, id, letter := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	w.receive(letter,
		incoming{words: "PROMISE find the old key by 2026-03-06\n" + strings.Repeat("My older words. ", 30_000)})
	w.do(w.svc.Journal.AddPromise(t.Context(), a, journal.PromiseForm{Words: "Find the new key", Due: "2026-06-30"}))
	w.now = w.now.Add(100 * 24 * time.Hour)
	w.do(w.svc.Journal.AddEntry(t.Context(), a, "My newer words.", 0))
	w.do(w.svc.Account.SetRetention(t.Context(), a, mend.Keep90Days))
	for words, want := range map[string]bool{
		"older words": false,
		"newer words": true,
		"old key":     false,
		"new key":     true,
	} {
		if got := strings.Contains(w.everything(), words); got != want {
			t.Errorf("the table holds %q: %v, want %v", words, got, want)
		}
	}
}

// A table may remove what expired days later. Nobody sees it meanwhile, on whatever page.
func TestWhatIsOlderThanNinetyDaysIsNowhereToBeSeen(t *testing.T) {
	w, id, letter := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	w.do(w.svc.Account.SetRetention(t.Context(), a, mend.Keep90Days))
	w.receive(letter, incoming{words: "PROMISE find the key by 2026-03-06\nMy own words."})
	w.until("2026-03-06 20:00")
	page := w.link(w.last(mend.PromiseKind), "/promise/")
	promise := w.promises(id)[0].ID
	w.do(w.svc.Account.SaidNo(t.Context(), a))
	w.now = at("2026-06-10 12:00")
	if !strings.Contains(w.everything(), "find the key") {
		t.Fatal("the table removed it: there is nothing to test")
	}
	if _, _, err := w.promiseOf(page); code(err) != mend.Gone {
		t.Errorf("the page of its letter: %v", err)
	}
	if err := w.svc.Journal.AnswerPromise(t.Context(), a, promise, mend.Kept, ""); code(err) != mend.Gone {
		t.Errorf("an answer: %v", err)
	}
	err := w.svc.Journal.EditPromise(t.Context(), a, promise, journal.PromiseForm{Words: "x", Due: "2026-06-12"})
	if code(err) != mend.Gone {
		t.Errorf("an edit: %v", err)
	}
	j := get(w.svc.Journal.Journal(t.Context(), a, journal.PageRequest{}))(w)
	if len(j.Promises)+len(j.Entries)+len(j.Settings.OnHold) != 0 {
		t.Errorf("the journal: %+v", j)
	}
}

func TestNamesOfAttachmentsAreWordsToo(t *testing.T) {
	w, id, letter := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	attach := func() {
		raw := "From: <" + annMail + ">\r\nTo: <" + w.replyTo(letter) + ">\r\n" +
			"Message-ID: <" + w.now.Format("150405") + "@x>\r\nMIME-Version: 1.0\r\n" +
			"Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
			"--b\r\nContent-Type: text/plain\r\n\r\nHello you.\r\n" +
			"--b\r\nContent-Type: image/png\r\n" +
			"Content-Disposition: attachment; filename=\"her-diary.png\"\r\n\r\nx\r\n--b--\r\n"
		w.blobs.kept["raw/a"] = []byte(raw)
		w.do(w.svc.Replies.Receive(t.Context(), receive.Receipt{
			Recipients: []string{w.replyTo(letter)}, RawKey: "raw/a", At: w.now, Spam: receive.Pass,
			Virus: receive.Pass, DMARC: receive.Pass,
		}))
	}
	attach()
	if got := w.replies(id); len(got) != 1 || len(got[0].AttachmentNames) != 1 {
		t.Fatalf("replies: %+v", got)
	}
	w.do(w.svc.Account.SetRetention(t.Context(), a, mend.KeepNone))
	w.now = w.now.Add(time.Minute)
	attach()
	if got := w.replies(id); len(got) != 2 || got[1].Attachments != 1 || strings.Contains(w.everything(), "her-diary") {
		t.Errorf("the table holds the name: %+v", got)
	}
}

// Promises of which no words are kept are counted, not listed.
func TestTheDigestOfWhoKeepsNoWordsHasFigures(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(monthly)
	a := account.Access{Person: id, SignedIn: true}
	w.do(w.svc.Account.SetRetention(t.Context(), a, mend.KeepNone))
	w.says("4\nPROMISE call my sister by 2026-03-06\nMy own words.")
	w.until("2026-03-06 20:00")
	w.receive(w.last(mend.PromiseKind), incoming{words: "KEPT"})
	w.do(w.svc.Journal.AddPromise(t.Context(), a, journal.PromiseForm{Words: "Call my brother", Due: "2026-03-08"}))
	w.until("2026-04-01 08:00")
	text := strings.Join(strings.Fields(w.text(w.last(mend.Digest))), " ")
	for _, want := range []string{
		"One thing you said you'd do is done. One is still open.", "a day without a number. · 4 · ·",
		"You wrote on 2 days.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, not := range []string{"(by", "sister", "brother", "own words"} {
		if strings.Contains(text, not) {
			t.Errorf("%q in\n%s", not, text)
		}
	}
}
