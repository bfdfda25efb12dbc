package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/mend"
)

// The sentences of the sign-up form and the pages that a link opens keep to the privacy table, as
// the letters do.
func TestFormAndPagesKeepToThePrivacyTable(t *testing.T) {
	for _, privacy := range []mend.Privacy{mend.Quotes, mend.NoQuotes, mend.LinkOnly, ""} {
		rules := privacy.Rules()
		w := newWorld(t, "2026-02-26T09:00")
		page := parseHTML(t, w.want(w.get("/join"), 200))
		sentence := textOf(page.byID("privacy-" + string(rules.Privacy)))
		for words, said := range map[string]bool{
			"has the whole page in it": rules.Cards, "only says that something is ready": !rules.Cards,
			"the page’s title": rules.Titles, "a neutral name and a number": !rules.Titles,
			"Reminders show your text.": rules.Words == mend.Always, "unless you tick": rules.Words == mend.WhenTicked,
			"never show": rules.Words == mend.Never, "quotes what you wrote": rules.Own,
			"how often you wrote": rules.Figures && !rules.Own,
		} {
			if strings.Contains(sentence, words) != said {
				t.Errorf("%q: the form says %q: want %v of %q", privacy, sentence, said, words)
			}
		}
		w.join("privacy", string(privacy))
		session := w.signIn()
		w.want(w.post("/journal/promises", url.Values{"promise": {"Ring the plumber"}, "due": {"2026-03-02"}}, session),
			303)
		w.advance(5 * 24 * time.Hour)
		link := w.newest(mend.CheckIn).link(t, "/preferences/")
		if body := w.want(w.get(link), 200); strings.Contains(body, "Have they said no?") != rules.Path ||
			w.get(link+"/path").StatusCode == 200 != rules.Path || w.get(link+"/no").StatusCode == 200 != rules.Path {
			t.Errorf("%q: by a link, settings show the path and the no: want %v", privacy, rules.Path)
		}
		promise := w.newest(mend.PromiseKind)
		if body := w.want(w.get(promise.link(t, "/promise/")), 200); strings.Contains(body,
			"plumber") != rules.ShowsWords(false) ||
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

// Under link-only, no form that a link can send tells which path someone is on, which side, or
// whether they were told no: the answers are the same for people who differ in nothing else.
func TestALinkTellsNothingOfThePathUnderLinkOnly(t *testing.T) {
	sent := []url.Values{{"answer": {"quieter"}, "action": {"fit"}}}
	for _, path := range append([]string{"nowhere"}, mend.Paths...) {
		sent = append(sent, url.Values{"path": {path}}, url.Values{"path": {path}, "gate": {"no"}},
			url.Values{"action": {"leave-contact-out"}, "path": {path}})
	}
	for _, role := range []mend.Role{mend.BrokeTrust, mend.WasHurt, mend.BothSides, "", "none"} {
		sent = append(sent, url.Values{"action": {"role"}, "role": {string(role)}})
	}
	for _, action := range []string{"said-no", "take-back-no", "contact-again", "resume", "retention"} {
		sent = append(sent, url.Values{"action": {action}, "confirm": {"yes"}})
	}
	sent = append(sent, url.Values{"action": {"fit"}, "answer": {"they-said-no"}, "confirm": {"yes"}},
		url.Values{"name": {"Ann"}})
	answers := func(path string, told, said bool) (all []string) {
		w := newWorld(t, "2026-02-26T09:00")
		w.join("privacy", "link-only", "path", path)
		w.advance(5 * 24 * time.Hour)
		link := w.newest(mend.CheckIn).link(t, "/preferences/")
		session := w.signIn()
		if told {
			w.want(w.post(link, url.Values{"action": {"role"}, "role": {"was-hurt"}}, session), 303)
		}
		if said {
			w.want(w.post(link, url.Values{"action": {"said-no"}, "confirm": {"yes"}}, session), 303)
		}
		for _, form := range sent {
			for _, res := range []*http.Response{w.post(link, form), w.get(link)} {
				body := fmt.Sprint(form, ": ", res.StatusCode, res.Header.Get("Location"), w.want(res, res.StatusCode))
				all = append(all, strings.ReplaceAll(body, link, "LINK"))
			}
		}
		return all
	}
	first := answers("together", false, false)
	for _, other := range []struct {
		path       string
		told, said bool
	}{{"amends", false, false}, {"together", true, false}, {"together", false, true}, {"foundations", true, true}} {
		for i, got := range answers(other.path, other.told, other.said) {
			if got != first[i] {
				t.Errorf("%+v is told from the first by %.300s\nwhich gets %.300s", other, got, first[i])
				break
			}
		}
	}
}
