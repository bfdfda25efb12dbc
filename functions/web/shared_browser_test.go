package web_test

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.org/mend/shared/mend"
)

const ben = "ben@example.org"

// signInAs signs someone in by letter who gets letters at an address, and returns the cookie.
func (w *world) signInAs(address string) *http.Cookie {
	w.Helper()
	w.want(w.post("/signin", url.Values{"email": {address}}), 303)
	res := w.post(w.newest(mend.SignIn).link(w, "/signin/"), url.Values{})
	w.want(res, 303)
	return &http.Cookie{Name: res.Cookies()[0].Name, Value: res.Cookies()[0].Value}
}

// sentForm is a form as a browser sends it.
type sentForm struct {
	path string
	sent url.Values
}

// formsOf is the forms of a page but for signing out, as it has them, with words in every field to
// write in.
func (w *world) formsOf(page string, session *http.Cookie, words string) (all []sentForm) {
	w.Helper()
	d := parseHTML(w.TB, w.want(w.get(page, session), 200))
	for _, f := range d.all(func(n *node) bool { return n.Data == "form" && attr(n, "action") != "/signout" }) {
		form := sentForm{cmp.Or(attr(f, "action"), page), url.Values{}}
		for n := range f.Descendants() {
			switch name := attr(n, "name"); {
			case name == "" || attr(n, "type") == "radio":
			case n.Data == "textarea" || name == "confirm" || name == "q":
				form.sent.Set(name, words)
			case attr(n, "type") == "date":
				form.sent.Set(name, mend.DateOf(w.now).AddDays(3).String())
			default:
				form.sent.Set(name, attr(n, "value"))
			}
		}
		all = append(all, form)
	}
	return all
}

// Two people use one browser. Ann's pages stay open in a tab, and Ben signs in in another one. What
// Ann sends from her tab changes nothing of Ben's, and he reads none of it. Her words stay on the
// page, and are kept once she has signed in again.
func TestAFormIsForThePersonWhoWasShownIt(t *testing.T) {
	const words = "delete" // which the page that deletes everything asks for
	w, session := diary(t)
	entry := "/journal/entries/" + string(mend.EntryOf(w.entries()[0]))
	w.want(w.post(w.settingsPath(session)+"/reminders", url.Values{
		"words": {"Water the basil"}, "cadence": {"daily"}, "time": {"12:00"}, "zone": {"Europe/Berlin"},
	}, session), 303)
	w.want(w.post(w.settingsPath(session), url.Values{"action": {"said-no"}, "confirm": {"yes"}}, session), 303)
	forms := w.formsOf(entry, session, words)
	w.want(w.post(entry, url.Values{"action": {"delete"}}, session), 303)
	for _, page := range []string{
		"/journal", "/journal/unproven", "/journal/promises/aaaaaaaa", "/journal/rest", "/erase",
		w.settingsPath(session),
	} {
		forms = append(forms, w.formsOf(page, session, words)...)
	}

	w.want(w.post("/join", signUp("email", ben)), 303)
	w.want(w.post(w.newest(mend.Confirmation).link(w, "/confirm/"), url.Values{}), 200)
	bens := w.signInAs(ben)
	sent := map[string]bool{}
	for _, form := range forms {
		if strings.HasPrefix(form.path, "/preferences/") {
			continue // its link says whose settings it is about, also if someone else is signed in
		}
		sent[form.path] = true
		switch res := w.post(form.path, form.sent, bens); {
		case form.sent.Has("words"), form.sent.Has("promise"):
			w.wantText(res, 403, ">"+words+"</textarea>")
		case res.StatusCode != 303 || res.Header.Get("Location") != "/signin?first=yes":
			t.Errorf("POST %s: status %d, to %q, want the way to sign in", form.path, res.StatusCode,
				res.Header.Get("Location"))
		}
	}
	for _, path := range []string{
		"/journal", "/journal/promises", "/journal/undo", "/journal/rest", "/journal/unproven", "/erase",
		"/signout/everywhere", entry,
	} {
		if !sent[path] {
			t.Errorf("no form for %s was sent", path)
		}
	}
	if strings.Contains(w.want(w.get("/journal", bens), 200), words) {
		t.Error("Ben reads what Ann wrote")
	}

	again := w.signIn()
	for _, form := range forms {
		if form.path == "/journal" {
			w.want(w.post(form.path, form.sent, again), 303)
		}
	}
	w.wantText(w.get("/journal", again), 200, ">"+words+"</p>")
}
