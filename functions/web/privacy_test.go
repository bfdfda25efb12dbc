package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/mend"
)

// The sentences of the sign-up form and the pages that a link opens keep to the privacy table, as the letters do.
func TestFormAndPagesKeepToThePrivacyTable(t *testing.T) {
	for _, privacy := range []mend.Privacy{mend.Quotes, mend.NoQuotes, mend.LinkOnly, ""} {
		rules := privacy.Rules()
		w := newWorld(t, "2026-02-26T09:00")
		page := parseHTML(t, w.want(w.get("/join"), 200))
		sentence := textOf(page.byID("privacy-" + string(rules.Privacy)))
		for words, said := range map[string]bool{
			"holds its page in full": rules.Cards, "only says that something is ready": !rules.Cards,
			"the page's title": rules.Titles, "a neutral name and a number": !rules.Titles,
			"Reminders show their words.": rules.Words == mend.Always, "unless you tick": rules.Words == mend.WhenTicked, "never show": rules.Words == mend.Never,
			"quotes what you wrote": rules.Own, "how often you wrote": rules.Figures && !rules.Own,
		} {
			if strings.Contains(sentence, words) != said {
				t.Errorf("%q: the form says %q: want %v of %q", privacy, sentence, said, words)
			}
		}
		w.join("privacy", string(privacy))
		session := w.signIn()
		w.want(w.post("/journal/promises", url.Values{"promise": {"Ring the plumber"}, "due": {"2026-03-02"}}, session), 303)
		w.advance(5 * 24 * time.Hour)
		link := w.newest(mend.CheckIn).link(t, "/preferences/")
		if body := w.want(w.get(link), 200); strings.Contains(body, "Have they said no?") != rules.Path || strings.Contains(body, `name="path"`) != rules.Path {
			t.Errorf("%q: by a link, settings show the path and the no: want %v", privacy, rules.Path)
		}
		promise := w.newest(mend.PromiseKind)
		if body := w.want(w.get(promise.link(t, "/promise/")), 200); strings.Contains(body, "plumber") != rules.ShowsWords(false) ||
			strings.Contains(promise.text, "plumber") != rules.ShowsWords(false) {
			t.Errorf("%q: the promise and its page show words: want %v", privacy, rules.ShowsWords(false))
		}
		if !rules.Cards {
			letter := w.newest(mend.CheckIn).link(t, "/letter/")
			w.want(w.get(letter), 303)
			w.wantText(w.get(letter, w.signIn()), 200, "Your answer")
		}
	}
}
