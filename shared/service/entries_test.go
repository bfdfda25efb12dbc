package service_test

import (
	"strings"
	"testing"

	"example.org/mend/shared/account"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
)

func TestEntriesOnThePage(t *testing.T) {
	w, id, letter := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	w.receive(letter, incoming{words: "3\nThe first words."})
	for range 2 { // sent twice
		w.do(w.svc.Journal.AddEntry(t.Context(), a, "Written on the page.\r\n\r\n<b>With</b> marks.", 4))
	}
	all := w.replies(id)
	if len(all) != 2 || all[1].Words != "Written on the page.\n\n<b>With</b> marks." || all[1].Mood != 4 ||
		all[1].Date != day("2026-03-03") {
		t.Fatalf("entries: %+v", all)
	}
	first := mend.EntryOf(all[0])
	w.do(w.svc.Journal.StarReply(t.Context(), a, first, true))
	w.do(w.svc.Journal.MuteReply(t.Context(), a, first, true))
	w.do(w.svc.Journal.EditReply(t.Context(), a, first, "", "Other words."))
	if r := w.replies(id)[0]; !r.Starred || !r.Muted || r.Words != "Other words." || r.Mood != 3 || r.Answers != nil {
		t.Errorf("marked and edited: %+v", r)
	}
	w.do(w.svc.Journal.StarReply(t.Context(), a, first, false))
	if r := w.replies(id)[0]; r.Starred || !r.Muted {
		t.Errorf("the star taken off: %+v", r)
	}
	for range 2 {
		w.do(w.svc.Journal.DeleteReply(t.Context(), a, first))
	}
	if got := w.replies(id); len(got) != 1 || strings.Contains(w.everything(), "Other words.") {
		t.Errorf("after deleting: %+v", got)
	}
	if err := w.svc.Journal.StarReply(t.Context(), a, first, true); code(err) != mend.Gone {
		t.Errorf("a star for what is gone: %v", err)
	}
	w.until("2026-03-04 08:00")
	if text := w.text(w.last(mend.CheckIn)); strings.Contains(text, "reply arrived") {
		t.Errorf("the letter speaks of a reply where words were written on the page:\n%s", text)
	}
}

func TestEntriesAreRefusedKindly(t *testing.T) {
	w, id, _ := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	for _, words := range []string{" \n", "\u200b", "a\x00b", "a\u202Eb", "\xff", strings.Repeat("😀", 100_000)} {
		if err := w.svc.Journal.AddEntry(t.Context(), a, words, 0); problem(err, "words") == "" {
			t.Errorf("%.10q: %v", words, err)
		}
	}
	if err := w.svc.Journal.AddEntry(t.Context(), a, "Words.", 6); problem(err, "mood") == "" {
		t.Errorf("mood 6: %v", err)
	}
	w.do(w.svc.Journal.AddEntry(t.Context(), a, "Words.", 0))
	_, e := w.entryWith(a.Person, "Words.")
	for name, try := range map[string]func(account.Access, mend.Entry) error{
		"star": func(a account.Access, e mend.Entry) error {
			return w.svc.Journal.StarReply(t.Context(), a, e, true)
		},
		"mute": func(a account.Access, e mend.Entry) error {
			return w.svc.Journal.MuteReply(t.Context(), a, e, true)
		},
		"edit": func(a account.Access, e mend.Entry) error {
			return w.svc.Journal.EditReply(t.Context(), a, e, "", "x")
		},
		"delete":   func(a account.Access, e mend.Entry) error { return w.svc.Journal.DeleteReply(t.Context(), a, e) },
		"mine":     func(a account.Access, e mend.Entry) error { return w.svc.Journal.ConfirmMine(t.Context(), a, e) },
		"not mine": func(a account.Access, e mend.Entry) error { return w.svc.Journal.NotMine(t.Context(), a, e) },
	} {
		if err := try(account.Access{Person: id}, e); code(err) != mend.NeedSignIn {
			t.Errorf("%s without a session: %v", name, err)
		}
		for _, bad := range []mend.Entry{"", "x", "20260303", "20260303-01", "2026030x-01-abc"} {
			if err := try(a, bad); code(err) != mend.NotFound && code(err) != mend.Gone && err != nil {
				t.Errorf("%s of %q: %v", name, bad, err)
			}
		}
	}
}

func TestLongWordsAreEditedAndDeletedWhole(t *testing.T) {
	t.Parallel()
	w, id, letter := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	long := strings.Repeat("a long line of words \n", 40_000)
	for _, mail := range []string{"one@example.test", "two@example.test"} {
		w.receive(letter, incoming{words: long, messageID: mail})
		e := mend.EntryOf(w.replies(id)[0])
		w.do(w.svc.Journal.EditReply(t.Context(), a, e, "", "Short."))
		if got := w.replies(id)[0].Words; got != "Short." || strings.Contains(w.everything(), "a long line") {
			t.Errorf("edited: %.20q, and pieces are left: %v", got, strings.Contains(w.everything(), "a long line"))
		}
		w.do(w.svc.Journal.DeleteReply(t.Context(), a, e))
	}
	w.receive(letter, incoming{words: long, messageID: "one@example.test"}) // a second copy of the mail, late
	if got := w.replies(id); len(got) > 0 {
		t.Errorf("a copy brought %d deleted replies back", len(got))
	}
}

func TestAFlaggedReplyCountsOnceThePersonSaysThatItIsTheirs(t *testing.T) {
	w := newWorld(t, "2026-03-02 06:00")
	id := w.active(func(f *account.Form) { f.Digest, f.Privacy = true, "quotes" })
	a := account.Access{Person: id, SignedIn: true}
	w.until("2026-03-03 08:00")
	letter := w.last(mend.CheckIn)
	w.receive(letter,
		incoming{words: "4\nPROMISE call my sister by 2026-03-06\nWEEKLY\nWords of mine.", from: "ann@other.test"})
	w.receive(letter, incoming{words: "Words of another's.", from: "bo@other.test"})
	all := w.replies(id)
	if len(all) != 2 || all[0].Flag != mend.Unproven || all[0].Mood != 0 || len(w.promises(id)) != 0 {
		t.Fatalf("flagged: %+v", all)
	}
	for range 2 {
		w.do(w.svc.Journal.ConfirmMine(t.Context(), a, mend.EntryOf(all[0])))
	}
	w.do(w.svc.Journal.NotMine(t.Context(), a, mend.EntryOf(all[1])))
	if err := w.svc.Journal.NotMine(t.Context(), a, mend.EntryOf(all[0])); code(err) != mend.Invalid {
		t.Errorf("not mine, after all: %v", err)
	}
	all = w.replies(id)
	if len(all) != 1 || all[0].Flag != "" || all[0].Mood != 4 || all[0].Words != "WEEKLY\nWords of mine." ||
		len(w.promises(id)) != 1 {
		t.Errorf("confirmed: %+v and %+v", all, w.promises(id))
	}
	whole := w.load(id)
	if c := whole.Subscription(mend.CheckInNumber).Cadence; c.Kind != mend.Daily {
		t.Errorf("the rhythm of that day was set: %+v", c)
	}
	w.until("2026-04-01 08:00")
	w.wantLetters(mend.PromiseKind, 1)
	text := w.text(w.last(mend.Digest))
	if !strings.Contains(text, "Words of mine.") || strings.Contains(text, "another's") {
		t.Errorf("the digest:\n%s", text)
	}
}

func TestChangingRetentionAppliesToWhatIsThere(t *testing.T) {
	for _, tt := range []struct {
		to         mend.Retention
		now, after bool // whether words are there at once, and 91 days later
		replies    int  // 91 days later
	}{{mend.KeepForGood, true, true, 2}, {mend.Keep90Days, true, false, 0}, {mend.KeepNone, false, false, 2}} {
		w, id, letter := answering(t)
		a := account.Access{Person: id, SignedIn: true}
		w.receive(letter,
			incoming{words: "4\nPROMISE call my sister by 2026-03-06\n" + strings.Repeat("My own words. ", 30_000)})
		w.do(w.svc.Journal.AddEntry(t.Context(), a, "My own words on the page.", 0))
		w.do(w.svc.Account.SetRetention(t.Context(), a, mend.Keep90Days))
		w.do(w.svc.Account.SetRetention(t.Context(), a, tt.to))
		holds := func(words string) bool {
			shown := ""
			all := w.copyOf(id)
			for _, r := range all.Replies {
				shown += r.Words
			}
			for _, p := range all.Promises {
				shown += p.Words
			}
			return strings.Contains(shown, words)
		}
		for _, words := range []string{"My own words", "call my sister"} {
			if got := holds(words); got != tt.now {
				t.Errorf("%s: %q there %v, want %v", tt.to, words, got, tt.now)
			}
		}
		if got := strings.Contains(w.everything(), "My own words"); got != tt.now {
			t.Errorf("%s: the table holds the words: %v", tt.to, got)
		}
		w.now = at("2026-06-06 12:00")
		for _, words := range []string{"My own words", "call my sister"} {
			if got := holds(words); got != tt.after {
				t.Errorf("%s: %q there after 91 days %v, want %v", tt.to, words, got, tt.after)
			}
		}
		if got := w.replies(id); len(got) != tt.replies || tt.replies > 0 && got[0].Mood != 4 {
			t.Errorf("%s: replies after 91 days %d, want %d with their mood", tt.to, len(got), tt.replies)
		}
	}
}

func TestWhereNoWordsAreKeptAPromiseHasADayAlone(t *testing.T) {
	w, id, letter := answering(t)
	a := account.Access{Person: id, SignedIn: true}
	w.do(w.svc.Account.SetRetention(t.Context(), a, mend.KeepNone))
	w.receive(letter, incoming{words: "PROMISE call my sister by 2026-03-06\nMy own words."})
	w.do(w.svc.Journal.AddPromise(t.Context(), a, journal.PromiseForm{Words: "Call my brother", Due: "2026-03-06"}))
	if err := w.svc.Journal.AddEntry(t.Context(), a, "Words.", 0); problem(err, "words") == "" {
		t.Errorf("an entry: %v", err)
	}
	w.until("2026-03-06 20:00")
	w.wantLetters(mend.PromiseKind, 2)
	for _, words := range []string{"sister", "brother", "own words"} {
		if strings.Contains(w.everything(), words) {
			t.Errorf("the table holds %q", words)
		}
	}
	err := w.svc.Account.SetRetention(t.Context(), account.Access{Person: id}, mend.KeepForGood)
	if code(err) != mend.NeedSignIn {
		t.Errorf("by a link: %v", err)
	}
}
