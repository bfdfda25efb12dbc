package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/functions/web"
	"example.org/mend/shared/account"
	"example.org/mend/shared/export"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// The journey of one person through the pages, following only links that pages and letters gave.
func TestJourney(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	w.wantText(w.get("/"), 200, "Choose your letters", `href="/join"`)
	w.wantText(w.get("/join"), 200, `action="/join"`)
	res := w.post("/join", signUp())
	w.want(res, 303)
	if got := res.Header.Get("Location"); got != "/joined" {
		t.Errorf("got Location %q, want /joined", got)
	}
	w.wantText(w.get("/joined"), 200, "Check your inbox")

	confirm := w.newest(mend.Confirmation).link(t, "/confirm/")
	w.wantText(w.get(confirm), 200, "Mondays at 07:30", "Yes, send me letters")
	w.wantText(w.post(confirm, url.Values{}), 200, "Your first letter comes on Monday 2 March at 07:30")
	w.wantText(w.get(confirm), 200, "You’re all set")

	w.advance(5 * 24 * time.Hour)
	letter := w.newest(mend.CheckIn)
	preferences := letter.link(t, "/preferences/")
	w.wantText(w.get(preferences), 200, "The next letter comes on Monday 9 March at 07:30")
	res = w.post(preferences, url.Values{"pause_until": {"2026-03-20"}})
	w.want(res, 303)
	w.wantText(w.get(res.Header.Get("Location")), 200, "Saved: Until Friday 20 March", "paused",
		"Monday 23 March at 07:30")

	session := w.signIn()
	w.wantText(w.get("/journal", session), 200, "There’s nothing here yet")

	stop := letter.link(t, "/stop/")
	w.wantText(w.get(stop), 200, "Stop all letters?")
	w.wantText(w.post(stop, url.Values{"action": {"stop"}}), 200, "Your letters have stopped", "Undo")
	w.wantText(w.get(preferences), 200, "You aren’t getting any letters right now")
}

func TestJoinSaysWhatIsWrongBesideTheField(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	tests := []struct {
		what, field, typed string
	}{
		{"no address", "email", ""},
		{"no @", "email", "ann at example.org"},
		{"a quoted local part (RFC 5321 section 4.1.2)", "email", `"ann b"@example.org`},
		{"a local part that is not ASCII (RFC 6531)", "email", "änn@example.org"},
		{"CR and LF in an address", "email", "ann@example.org\r\nBcc: bob@example.org"},
		{"CR and LF in a name", "name", "Ann\r\nBcc: bob@example.org"},
		{"a name that turns what follows", "name", "Ann\u202e"},
		{"5,000 emoji", "name", strings.Repeat("🙂", 5_000)},
		{"a path that is none", "path", "revenge"},
		{"no path", "path", ""},
		{"a rhythm that is none", "cadence", "hourly"},
		{"weekly without a day", "days", ""},
		{"a day that is none", "days", "caturday"},
		{"no time", "time", "soon"},
		{"a time that is none", "time", "25:00"},
		{"a zone that is none", "zone", "Mars/Olympus"},
		{"a zone that says nothing", "zone", "Etc/Unknown"},
		{"privacy that is none", "privacy", "loud"},
		{"no consent", "consent", ""},
		{"not 18", "adult", ""},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			w.TB = t
			before := w.writes
			body := w.wantText(w.post("/join", signUp(test.field, test.typed)), 422,
				`<a href="#`+test.field+`">`, `id="`+test.field+`-wrong"`, "Please check: ")
			page := parseHTML(t, body)
			if got := attr(page.byID("email"), "value"); test.field != "email" && got != ann {
				t.Errorf("got the address %q, want what was typed", got)
			}
			if page.byID(test.field) == nil {
				t.Errorf("the summary links to #%s, which is not there", test.field)
			}
			if w.writes != before {
				t.Errorf("a form that was refused was written down")
			}
			if input := page.byID(test.field); input != nil && input.Data == "input" &&
				attr(input, "type") != "checkbox" {
				if got, want := attr(input, "value"), strings.NewReplacer("\r\n",
					"\n").Replace(test.typed); got != want {
					t.Errorf("got value %.80q, want what was typed, %.80q", got, want)
				}
				if !strings.Contains(attr(input, "aria-describedby"), test.field+"-wrong") {
					t.Errorf("the field does not name the sentence that describes it: %q",
						attr(input, "aria-describedby"))
				}
			}
		})
	}
	w.TB = t
	for _, day := range []string{"", "0", "32", "first"} {
		w.wantText(w.post("/join", signUp("cadence", "monthly", "day", day)), 422, `id="day-wrong"`)
	}
}

func TestJoinAcceptsWhatIsRight(t *testing.T) {
	for _, changes := range [][]string{
		{"cadence", "daily"}, {"cadence", "weekdays"}, {"cadence", "fortnightly"}, {"cadence", "custom"},
		{"cadence", "monthly", "day", "31"},
		{"email", "ann@bücher.example"}, {"email", "O'Brien@example.org"}, {"name", "李 إيمان O'Brien"},
		{"privacy", "link-only"}, {"digest", ""},
	} {
		w := newWorld(t, "2026-02-26T09:00")
		w.want(w.post("/join", signUp(changes...)), 303)
		if got := len(w.queued); got != 1 {
			t.Errorf("%v: got %d letters, want the confirmation", changes, got)
		}
	}
}

// Design, invariant 8: nobody learns from an answer who gets letters.
func TestAnswersAreTheSameForEverybody(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	w.want(w.post("/join", signUp("email", "suppressed@example.org")), 303)
	w.want(w.post(w.newest(mend.Confirmation).link(t, "/notme/"), url.Values{}), 200)
	for _, ask := range []func(email string) *http.Response{
		func(email string) *http.Response { return w.post("/join", signUp("email", email)) },
		func(email string) *http.Response { return w.post("/signin", url.Values{"email": {email}}) },
	} {
		var answers []string
		for _, email := range []string{ann, "suppressed@example.org", "new@example.org", "NEW@example.org"} {
			res := ask(email)
			body := must(io.ReadAll(res.Body))(t)
			answers = append(answers, fmt.Sprint(res.StatusCode, res.Header, string(body)))
		}
		for i, answer := range answers {
			if answer != answers[0] {
				t.Errorf("answer %d differs: got\n%s\nwant\n%s", i, answer, answers[0])
			}
		}
	}
}

// links are the paths of every page, for somebody who is active and has a reminder and a promise.
func (w *world) links(session *http.Cookie) (get, post []string) {
	w.Helper()
	welcome := w.newest(mend.Welcome)
	confirmation := w.newest(mend.Confirmation)
	preferences := welcome.link(w, "/preferences/")
	w.want(w.post(preferences+"/reminders", url.Values{
		"words": {"Ring Mum"}, "cadence": {"monthly"}, "day": {"28"}, "time": {"10:00"}}, session), 303)
	promise := w.promise("Bring back the ladder")
	w.now = w.now.Add(time.Minute)
	w.want(w.post("/signin", url.Values{"email": {ann}}), 303)
	both := []string{
		"/join", confirmation.link(w, "/confirm/"), confirmation.link(w, "/notme/"), preferences,
		preferences + "/reminders", preferences + "/reminders/3", welcome.link(w, "/stop/"), "/signin",
		w.newest(mend.SignIn).link(w, "/signin/"), w.promiseLink(w, w.ann(), promise), "/erase", "/joined",
		preferences + "/address",
	}
	get = append([]string{"/", "/help", "/privacy", "/robots.txt", "/journal", "/journal/unproven", "/journal/rest",
		"/journal/years/2026", "/export", "/export.json", "/export.md",
		"/nowhere"}, both...)
	return get, append([]string{"/signout", "/signout/everywhere", "/journal", "/journal/search", "/journal/rest",
		"/journal/promises", "/journal/promises/" + string(promise)}, both...)
}

// RFC 9110 section 9.2.1; design, invariant 8.
func TestGetAndHeadChangeNothing(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	session := w.signIn()
	get, _ := w.links(session)
	w.work()
	before := w.writes
	for _, path := range get {
		for _, cookies := range [][]*http.Cookie{nil, {session}} {
			res := w.do(request("GET", path, nil, cookies...))
			body := must(io.ReadAll(res.Body))(t)
			if res.StatusCode >= 500 {
				t.Errorf("GET %s: got status %d\n%s", path, res.StatusCode, w.log)
			}
			head := must(w.handler.Handle(t.Context(), web.ToEvent(request("HEAD", path, nil, cookies...), nil)))(t)
			if head.StatusCode != res.StatusCode || head.Body != "" {
				t.Errorf("HEAD %s: got status %d with %d bytes, want %d as for GET and no body", path, head.StatusCode,
					len(head.Body), res.StatusCode)
			}
			if len(body) == 0 && res.StatusCode == 200 {
				t.Errorf("GET %s: an empty page", path)
			}
		}
	}
	if w.writes != before || len(w.queued) > 0 {
		t.Errorf("got %d writes and %d letters after looking at every page, want none", w.writes-before, len(w.queued))
	}
}

func TestPostsFromOtherSitesAreRefused(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	session := w.signIn()
	_, posts := w.links(session)
	before := w.writes
	for _, path := range posts {
		for name, headers := range map[string]map[string]string{
			"Origin alone":        {"Origin": "https://evil.example"},
			"cross-site":          {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
			"a sister site":       {"Sec-Fetch-Site": "same-site", "Origin": "https://other.mend.example"},
			"the site over http":  {"Origin": "http://evil.example:443"},
			"cross-site, no more": {"Sec-Fetch-Site": "cross-site"},
			"a sandboxed frame":   {"Origin": "null"},
		} {
			r := request("POST", path, url.Values{"action": {"stop"}, "confirm": {"delete"}}, session)
			for k, v := range headers {
				r.Header.Set(k, v)
			}
			if res := w.do(r); res.StatusCode != 403 {
				t.Errorf("POST %s with %s: got status %d, want 403", path, name, res.StatusCode)
			}
		}
	}
	if w.writes != before {
		t.Errorf("got %d writes by forms of other sites, want none", w.writes-before)
	}
	for name, headers := range map[string]map[string]string{
		"no headers":                          {},
		"our own page":                        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
		"our own page, told by Origin":        {"Origin": site},
		"a bookmarklet, or typed by a person": {"Sec-Fetch-Site": "none"},
	} {
		r := request("POST", "/join", signUp("email", "new@example.org"))
		for k, v := range headers {
			r.Header.Set(k, v)
		}
		if res := w.do(r); res.StatusCode != 303 {
			t.Errorf("POST /join with %s: got status %d, want 303", name, res.StatusCode)
		}
	}
}

// A copy of everything is more than another site may have a browser fetch.
func TestCopiesAreNotForOtherSites(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	session := w.signIn()
	for _, path := range []string{"/export", "/export.json", "/export.md", "/export.json?after=promises."} {
		for name, test := range map[string]struct {
			headers map[string]string
			want    int
		}{
			"cross-site":        {map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
			"a sister site":     {map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
			"Origin alone":      {map[string]string{"Origin": "https://evil.example"}, 403},
			"a sandboxed frame": {map[string]string{"Origin": "null"}, 403},
			"our own page":      {map[string]string{"Sec-Fetch-Site": "same-origin"}, 200},
			"typed by a person": {map[string]string{"Sec-Fetch-Site": "none"}, 200},
			"an old browser":    {nil, 200},
		} {
			r := request("GET", path, nil, session)
			for k, v := range test.headers {
				r.Header.Set(k, v)
			}
			if res := w.do(r); res.StatusCode != test.want {
				t.Errorf("GET %s, %s: got status %d, want %d", path, name, res.StatusCode, test.want)
			}
		}
	}
}

// RFC 8058 section 3.1: a POST without cookies, of either media type, and no redirect.
func TestOneClickStopsAtOnce(t *testing.T) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("List-Unsubscribe", "One-Click"); err != nil {
		t.Fatal(err)
	}
	form.Close()
	for kind, body := range map[string]string{
		"application/x-www-form-urlencoded": "List-Unsubscribe=One-Click",
		form.FormDataContentType():          body.String(),
	} {
		w := newWorld(t, "2026-02-26T09:00").join()
		stop := w.newest(mend.Welcome).link(t, "/stop/")
		for range 2 {
			r := request("POST", stop, nil)
			r.Body = io.NopCloser(strings.NewReader(body))
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Origin", "https://webmail.example")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			w.want(w.do(r), 200)
		}
		if got := w.settings().Status; got != mend.Stopped {
			t.Errorf("%s: got status %q, want stopped", kind, got)
		}
		sent := len(w.outbox)
		w.advance(8 * 24 * time.Hour)
		if got := len(w.outbox) - sent; got != 0 {
			t.Errorf("%s: got %d letters after stopping, want none", kind, got)
		}
	}
}

// A mail program that sends something else than RFC 8058 asks for means the same.
func TestAStopWorksWhateverItsBodyIs(t *testing.T) {
	const plain, parts = "application/x-www-form-urlencoded", "multipart/form-data"
	for _, sent := range []struct{ kind, body string }{
		{plain, ""},
		{plain, "List-Unsubscribe=One-Click;"},
		{plain, "List-Unsubscribe=One-Click&user=100%"},
		{plain, "action=undo&user=100%"},
		{plain, "List-Unsubscribe=One-Click&padding=" + strings.Repeat("x", web.MaxBody)},
		{parts, "List-Unsubscribe=One-Click"},
		{parts + "; boundary=x", "List-Unsubscribe=One-Click"},
		{parts + "; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click"},
		{";;", "List-Unsubscribe=One-Click"},
		{"", "List-Unsubscribe=One-Click"},
		{"application/json", `{"List-Unsubscribe": "One-Click"}`},
	} {
		w := newWorld(t, "2026-02-26T09:00").join()
		stop := w.newest(mend.Welcome).link(t, "/stop/")
		send := func(origin string) *http.Response {
			r := request("POST", stop, nil)
			r.Body = io.NopCloser(strings.NewReader(sent.body))
			r.Header.Set("Content-Type", sent.kind)
			if origin != "" {
				r.Header.Set("Origin", origin)
			}
			return w.do(r)
		}
		if strings.HasPrefix(sent.body, "action") { // another site's page
			w.want(send("https://evil.example"), 403)
		}
		w.want(send(""), 200)
		if got := w.settings().Status; got != mend.Stopped {
			t.Errorf("%s %.60q: got status %q, want stopped", sent.kind, sent.body, got)
		}
	}
}

func TestStopOffersLessAndAnHourToThink(t *testing.T) {
	tests := []struct {
		action, says string
		rhythm       string
		next         string
	}{
		{"undo", "Your letters are back", "Mondays at 07:30", "Monday 2 March at 07:30"},
		{"pause", "Your letters are paused", "Mondays at 07:30", "Monday 30 March at 07:30"},
		{"monthly", "Once a month, then", "the 2nd of each month at 07:30", "Monday 2 March at 07:30"},
	}
	for _, test := range tests {
		for _, after := range []time.Duration{-1, 59 * time.Minute, 61 * time.Minute} { // -1: without having stopped
			w := newWorld(t, "2026-02-26T09:00").join()
			stop := w.newest(mend.Welcome).link(t, "/stop/")
			if after >= 0 {
				w.want(w.post(stop, url.Values{"action": {"stop"}}), 200)
				w.now = w.now.Add(after)
			}
			w.wantText(w.post(stop, url.Values{"action": {"dance"}}), 422, "one of the buttons")
			res := w.post(stop, url.Values{"action": {test.action}})
			if after > time.Hour {
				w.wantText(res, 410, "It’s been more than an hour, so this can’t be undone")
				continue
			}
			w.wantText(res, 200, test.says)
			now := w.settings()
			if now.Status != mend.Active || now.Rhythm != test.rhythm || mend.InWords(now.Next, w.now) != test.next {
				t.Errorf("%s after %v: got %s, %s, %s; want active, %s, %s",
					test.action, after, now.Status, now.Rhythm, mend.InWords(now.Next, w.now), test.rhythm, test.next)
			}
		}
	}
	// Who said stop and then something less, and got it only by half, stays stopped.
	w := newWorld(t, "2026-02-26T09:00").join()
	stop := w.newest(mend.Welcome).link(t, "/stop/")
	w.want(w.post(stop, url.Values{"action": {"stop"}}), 200)
	w.breaks = 1
	w.want(w.post(stop, url.Values{"action": {"pause"}}), 500)
	if got := w.settings().Status; got != mend.Stopped {
		t.Errorf("after a pause that failed: got status %q, want stopped", got)
	}

	w = newWorld(t, "2026-02-26T09:00").join()
	w.want(w.post(w.newest(mend.Welcome).link(t, "/stop/"), url.Values{"action": {"dance"}}), 422)
	if got := w.settings().Status; got != mend.Active {
		t.Errorf("an action that we do not know: got status %q, want active", got)
	}
}

func TestPartOfTheSettingsLeavesTheRest(t *testing.T) {
	tests := []struct {
		what string
		form url.Values
		want func(*account.Form)
	}{
		{"nothing at all", url.Values{}, func(*account.Form) {}},
		{"a pause", url.Values{"pause_until": {"2026-03-31"}}, func(f *account.Form) { f.PauseUntil = "2026-03-31" }},
		{"the time alone", url.Values{"time": {"21:15"}}, func(f *account.Form) { f.Time = "21:15" }},
		{"the zone alone", url.Values{"zone": {"Asia/Tokyo"}}, func(f *account.Form) { f.Zone = "Asia/Tokyo" }},
		{"the path apart", url.Values{"path": {"apart"}}, func(f *account.Form) { f.Path = "apart" }},
		{"less shown", url.Values{"privacy": {"link-only"}}, func(f *account.Form) { f.Privacy = "link-only" }},
		{"a rhythm", url.Values{"cadence": {"daily"}}, func(f *account.Form) { f.Cadence, f.Days = "daily", nil }},
		{"a rhythm with its days", url.Values{"cadence": {"weekly"}, "days": {"", "tue", "fri"}},
			func(f *account.Form) { f.Cadence, f.Days = "custom", []string{"tue", "fri"} }},
		{"no monthly letter", url.Values{"digest": {""}}, func(f *account.Form) { f.Digest = false }},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			w := newWorld(t, "2026-02-26T09:00").join("privacy", "quotes", "name", "Zoë")
			want := w.settings().Form
			test.want(&want)
			w.want(w.post(w.newest(mend.Welcome).link(t, "/preferences/"), test.form), 303)
			if got := w.settings().Form; fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// Design, section 6: what a letter's link may do, and what wants a sign-in.
func TestALinkMayOnlyDoSoMuch(t *testing.T) {
	for field, value := range map[string]string{"path": "betrayal", "privacy": "quotes", "digest": "on"} {
		w := newWorld(t, "2026-02-26T09:00").join("digest", "")
		preferences := w.newest(mend.Welcome).link(t, "/preferences/")
		w.wantText(w.post(preferences, url.Values{field: {value}}), 422, "Please sign in for that", `id="`+field+`"`)
		w.want(w.post(preferences, url.Values{field: {value}, "gate": {"no"}}, w.signIn()), 303)
	}
	w := newWorld(t, "2026-02-26T09:00").join("name", "Zoë")
	preferences := w.newest(mend.Welcome).link(t, "/preferences/")
	if body := w.want(w.get(preferences), 200); strings.Contains(body, "Zoë") || strings.Contains(body, ann) {
		t.Error("the page that a letter links to shows a name or an address")
	}
	w.wantText(w.get(preferences, w.signIn()), 200, "Zoë")
}

// A form may stay open until its visit has ended. One that only a session may send is not passed
// over then: the person would think that it was saved.
func TestAFormIsNotPassedOverWhenItsVisitHasEnded(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	settings := w.settingsPath(w.signIn())
	for name, form := range map[string]url.Values{
		"name": {"name": {"Zoë"}}, "subject": {"cover": {"Reading"}},
		"retention": {"action": {"retention"}, "retention": {"none"}}, "address": {"email": {"ann@example.net"}},
	} {
		for _, path := range []string{settings, settings + "/" + name} {
			if name == "address" {
				path = settings + "/" + name
			}
			res := w.post(path, form)
			w.want(res, 303)
			if got := res.Header.Get("Location"); got != "/signin?first=yes" {
				t.Errorf("POST %s %v leads to %q, want the way to sign in", path, form, got)
			}
		}
	}
}

func TestRemindersWantASession(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	reminders := w.newest(mend.Welcome).link(t, "/preferences/") + "/reminders"
	form := url.Values{"words": {"Ring <b>Mum</b>"}, "cadence": {"weekly"}, "days": {"sun"}, "time": {"10:00"}}
	del := url.Values{"action": {"delete"}}
	for _, res := range []*http.Response{w.get(reminders), w.post(reminders, del), w.get(reminders + "/3"),
		w.post(reminders+"/3", del)} {
		w.want(res, 303)
		if got := res.Header.Get("Location"); !strings.HasPrefix(got, "/signin") {
			t.Errorf("got Location %q, want /signin", got)
		}
	}
	w.wantText(w.get("/signin?first=yes"), 200, "please sign in first")

	session := w.signIn()
	w.want(w.post(reminders, form, session), 303)
	w.wantText(w.get(reminders, session), 200, "Ring &lt;b&gt;Mum&lt;/b&gt;", "Sundays at 10:00", reminders+"/3")
	form.Set("words", "Ring Dad")
	w.want(w.post(reminders+"/3", form, session), 303)
	w.wantText(w.get(reminders+"/3", session), 200, "Ring Dad")
	w.wantText(w.post(reminders, url.Values{"words": {strings.Repeat("x", 201)}, "cadence": {"daily"},
		"time": {"10:61"}}, session), 422,
		`id="words-wrong"`, `id="time-wrong"`, strings.Repeat("x", 201))
	w.want(w.post(reminders+"/3", url.Values{"action": {"delete"}}, session), 303)
	if body := w.want(w.get(reminders, session), 200); strings.Contains(body, "Ring Dad") {
		t.Error("a reminder that was deleted is still there")
	}
	for _, number := range []string{"/1", "/2", "/3", "/999", "/x"} { // a check-in, a digest, nothing
		w.want(w.get(reminders+number, session), 404)
		w.want(w.post(reminders+number, form, session), 404)
	}
}

// A session of one person opens nothing of another's, whose letter the browser may hold.
func TestASessionIsForItsOwnPerson(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join("email", "bob@example.org")
	bobs := w.newest(mend.Welcome).link(t, "/preferences/")
	w.join()
	w.want(w.get(bobs+"/reminders", w.signIn()), 303)
	w.wantText(w.post(bobs, url.Values{"path": {"amends"}}, w.signIn()), 422, "Please sign in for that")
}

func TestSessions(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	w.now = w.now.Add(time.Minute)
	w.want(w.post("/signin", url.Values{"email": {ann}}), 303)
	link := w.newest(mend.SignIn).link(t, "/signin/")
	w.wantText(w.get(link), 200, "<button")
	w.wantText(w.get(link), 200, "<button")
	res := w.post(link, url.Values{})
	w.want(res, 303)
	if got := res.Header.Get("Location"); got != "/journal" {
		t.Errorf("got Location %q, want /journal", got)
	}
	cookie := res.Cookies()[0]
	if cookie.Name != "__Host-mend" || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode ||
		cookie.Path != "/" || cookie.Domain != "" || cookie.MaxAge != 2*60*60 {
		t.Errorf("got cookie %s", res.Header.Get("Set-Cookie"))
	}
	w.wantText(w.post(link, url.Values{}), 410, "Get a sign-in link")

	session := &http.Cookie{Name: cookie.Name, Value: cookie.Value}
	w.want(w.get("/journal", session), 200)
	w.want(w.get("/journal"), 303)
	w.want(w.get("/journal", &http.Cookie{Name: cookie.Name, Value: cookie.Value[1:]}), 303)
	res = w.post("/signout", url.Values{}, session)
	w.want(res, 303)
	if got := res.Header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
		t.Errorf("got Clear-Site-Data %q", got)
	}
	w.want(w.get("/journal", session), 303) // on the server too

	session = w.signIn()
	w.now = w.now.Add(time.Minute)
	w.want(w.post("/signin", url.Values{"email": {ann}}), 303)
	w.want(w.post(w.newest(mend.SignIn).link(t, "/signin/"), url.Values{}, session), 303)
	w.want(w.get("/journal", session), 303) // a new one takes its place

	w.now = w.now.Add(time.Minute)
	w.want(w.post("/signin", url.Values{"email": {ann}}), 303)
	link = w.newest(mend.SignIn).link(t, "/signin/")
	w.now = w.now.Add(16 * time.Minute)
	w.want(w.get(link), 410)
	w.want(w.post(link, url.Values{}), 410)
	w.wantText(w.post("/signin", url.Values{"email": {"nobody"}}), 422, `id="email-wrong"`, `value="nobody"`)

	onOneMachine := newWorldOn(t, "2026-02-26T09:00", "http://127.0.0.1:8080").join()
	if c := onOneMachine.signIn(); c.Name != "mend" {
		t.Errorf("without https: got cookie %q, want mend", c.Name)
	}
}

// A page that only its reader may have lets the visit last, by the cookie alone. Nothing is
// written, and a page that others may keep sets no cookie.
func TestAVisitLastsFromPageToPage(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join("privacy", "quotes")
	session, began := w.signIn(), w.now
	paths := []string{"/journal", "/export", "/export.md", "/erase", w.settingsPath(session)}
	for i := 0; w.now.Add(time.Hour).Before(began.Add(12 * time.Hour)); i++ {
		w.now = w.now.Add(time.Hour)
		before := w.writes
		for _, public := range []string{"/", "/help", "/privacy", "/join", "/robots.txt"} {
			res := w.get(public, session)
			if kept := strings.Contains(res.Header.Get("Cache-Control"), "public"); kept && len(res.Cookies()) > 0 {
				t.Errorf("%s sets a cookie", public)
			}
		}
		res := w.get(paths[i%len(paths)], session)
		w.want(res, 200)
		cookies := res.Cookies()
		if len(cookies) != 1 || cookies[0].Value == session.Value || cookies[0].MaxAge != 2*60*60 ||
			!cookies[0].HttpOnly || !cookies[0].Secure {
			t.Fatalf("%s: got cookies %v", paths[i%len(paths)], cookies)
		}
		session = &http.Cookie{Name: cookies[0].Name, Value: cookies[0].Value}
		if w.writes != before {
			t.Error("looking at a page writes")
		}
	}
	w.now = began.Add(12 * time.Hour)
	w.want(w.get("/journal", session), 303)
	w.want(w.post("/journal", url.Values{"mood": {"3"}}, session), 303)
	session = w.signIn()
	if res := w.post("/signout", url.Values{}, session); len(res.Cookies()) != 1 || res.Cookies()[0].MaxAge >= 0 {
		t.Error("signing out keeps a cookie")
	}
}

func TestTokensSurviveWhatMailDoesToThem(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	w.want(w.post("/join", signUp()), 303)
	confirmation := w.newest(mend.Confirmation)
	confirm, notMe := confirmation.link(t, "/confirm/"), confirmation.link(t, "/notme/")
	text := strings.TrimPrefix(confirm, "/confirm/")
	for path, want := range map[string]int{
		confirm:                                  200,
		"/confirm/" + strings.ToUpper(text):      200,
		"/confirm/%3C" + text + "%3E":            200,
		confirm + ".":                            200,
		"/confirm/" + text[:20]:                  404,
		"/confirm/" + text[:len(text)-1] + "?":   404,
		"/confirm/" + flip(text):                 404,
		"/notme/" + text:                         404, // of another purpose
		"/confirm/" + notMe[len("/notme/"):]:     404,
		"/preferences/" + text:                   404,
		"/stop/" + text:                          404,
		"/signin/" + text:                        404,
		"/promise/" + text:                       404,
		"/confirm/" + strings.Repeat("a", 4000):  404,
		"/confirm/%ff%00%0d%0a":                  404,
		"/confirm/" + url.PathEscape("<script>"): 404,
	} {
		res := w.get(path)
		body := w.wantText(res, want, "/help")
		if want != 200 && !strings.Contains(body, "/signin") {
			t.Errorf("GET %.60s: the page shows no way forward", path)
		}
		if strings.Contains(body, "<script>") {
			t.Errorf("GET %.60s: the page repeats the path as markup", path)
		}
	}
	w.now = w.now.Add(7*24*time.Hour + time.Second)
	w.want(w.get(confirm), 410)
	w.want(w.post(confirm, url.Values{}), 410)
}

// flip changes one character in the middle of a token.
func flip(text string) string {
	other := "a"
	if text[25] == 'a' {
		other = "b"
	}
	return text[:25] + other + text[26:]
}

func TestNotMeBlocksTheAddress(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	w.want(w.post("/join", signUp()), 303)
	letter := w.newest(mend.Confirmation)
	w.wantText(w.get(letter.link(t, "/notme/")), 200, "<button")
	w.wantText(w.post(letter.link(t, "/notme/"), url.Values{}), 200, "We won’t write again")
	w.want(w.post(letter.link(t, "/confirm/"), url.Values{}), 410)
	w.now = w.now.Add(48 * time.Hour)
	sent := len(w.outbox)
	w.want(w.post("/join", signUp()), 303)
	if w.work(); len(w.outbox) != sent {
		t.Error("a blocked address got another letter")
	}
}

func TestAPromiseIsAnsweredByAPost(t *testing.T) {
	tests := []struct {
		form  url.Values
		code  int
		says  string
		state mend.PromiseState
	}{
		{url.Values{"answer": {"kept"}}, 200, "Good to hear", mend.Kept},
		{url.Values{"answer": {"let-go"}}, 200, "That’s an answer too", mend.LetGo},
		{url.Values{"answer": {"not-yet"}}, 200, "We won’t ask again", mend.NotYet},
		{url.Values{"answer": {"not-yet"}, "due": {"2026-03-13"}}, 200, "Friday 13 March 2026", mend.PromiseOpen},
		{url.Values{"answer": {"not-yet"}, "due": {"Friday"}}, 200, "Friday 27 February 2026", mend.PromiseOpen},
		{url.Values{"answer": {"not-yet"}, "due": {"one day"}}, 422, `id="due-wrong"`, mend.PromiseOpen},
		{url.Values{"answer": {"not-yet"}, "due": {"2025-01-01"}}, 422, `id="due-wrong"`, mend.PromiseOpen},
		{url.Values{"answer": {"not-yet"}, "due": {"2036-01-01"}}, 422, `id="due-wrong"`, mend.PromiseOpen},
		{url.Values{"answer": {"maybe"}}, 422, "one of the three", mend.PromiseOpen},
		{url.Values{}, 422, "one of the three", mend.PromiseOpen},
	}
	for _, test := range tests {
		w := newWorld(t, "2026-02-26T09:00").join("privacy", "quotes")
		promise := w.promise("Bring back the ladder")
		link := w.promiseLink(t, w.ann(), promise)
		w.wantText(w.get(link), 200, "Bring back the ladder", "Friday 6 March 2026")
		w.wantText(w.post(link, test.form), test.code, test.says)
		if got := must(w.svc.Store.Promise(t.Context(), w.ann(), promise, w.now))(t).State; got != test.state {
			t.Errorf("%v: got state %q, want %q", test.form, got, test.state)
		}
	}
	// One that waits to be looked at since someone said no is asked about all the same. The page
	// doesn't say that it waits: under link-only that would tell of the no.
	for _, privacy := range []string{"quotes", "link-only"} {
		w := newWorld(t, "2026-02-26T09:00").join("privacy", privacy)
		promise := w.promise("Bring back the ladder")
		link := w.promiseLink(t, w.ann(), promise)
		before := w.want(w.get(link), 200)
		if err := w.svc.Account.SaidNo(t.Context(), account.Access{Person: w.ann(), SignedIn: true}); err != nil {
			t.Fatal(err)
		}
		after := w.wantText(w.get(link), 200, "Did it happen?", `value="kept"`)
		if privacy == "link-only" && after != before {
			t.Errorf("the page tells that they were told no:\n%s", after)
		}
		answer := w.wantText(w.post(link, url.Values{"answer": {"not-yet"}, "due": {"2026-03-13"}}), 200,
			"Its new day is Friday 13 March 2026")
		if strings.Contains(answer, "ask once more") {
			t.Error("the page says that we ask again")
		}
		w.wantText(w.post(link, url.Values{"answer": {"let-go"}}), 200, "That’s an answer too")
	}
	w := newWorld(t, "2026-02-26T09:00").join("privacy", "link-only")
	promise := w.promise("Bring back the ladder")
	if body := w.want(w.get(w.promiseLink(t, w.ann(), promise)), 200); strings.Contains(body, "ladder") {
		t.Error("privacy is link-only, and the page that a letter links to shows the words")
	}
	session := w.signIn()
	w.wantText(w.get("/journal", session), 200, "Bring back the ladder")
	w.want(w.post("/journal/promises/"+string(promise), url.Values{"answer": {"kept"}}), 303)
	if got := must(w.svc.Store.Promise(t.Context(), w.ann(), promise, w.now))(t).State; got != mend.PromiseOpen {
		t.Errorf("without a session: got state %q, want open", got)
	}
	w.want(w.post("/journal/promises/"+string(promise), url.Values{"answer": {"kept"}}, session), 303)
	if got := must(w.svc.Store.Promise(t.Context(), w.ann(), promise, w.now))(t).State; got != mend.Kept {
		t.Errorf("got state %q, want kept", got)
	}
}

const hostile = "<script>alert(1)</script> \u202e](javascript:alert(1)) \"'> `x` *y*\n# not a heading\n- not a " +
	"list\n<div onclick='alert(1)'\n\n    not code\n1. not a list either\n&lt;b&gt; [x]: y\n---\n===\n~~~"

func TestJournalAndExportsHoldEverything(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join("name", "Zoë O'Brien")
	session := w.signIn()
	w.want(w.post(w.newest(mend.Welcome).link(t, "/preferences/")+"/reminders", url.Values{
		"words": {"Ring Mum"}, "cadence": {"weekly"}, "days": {"sun"}, "time": {"10:00"}}, session), 303)
	w.promise("Bring back the ladder")
	w.reply("It was easier than I thought.", 4)
	w.reply(hostile, 0)

	body := w.wantText(w.get("/journal", session), 200, "It was easier than I thought.", "What came in?",
		"February 2026", "Bring back the ladder",
		"Was this you?")
	body += w.wantText(w.get("/journal/unproven", session), 200, "&lt;script&gt;")
	if strings.Contains(body, "<script>alert") {
		t.Error("the journal holds a reply as markup")
	}

	res := w.get("/export.json", session)
	if got := res.Header.Get("Content-Disposition"); got != `attachment; filename="letters-2026-02-26.json"` {
		t.Errorf("got Content-Disposition %q", got)
	}
	var all export.Everything
	decoder := json.NewDecoder(res.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&all); err != nil {
		t.Fatal(err)
	}
	switch {
	case all.Schema != export.Schema, all.Person.Address != ann, all.Person.Name != "Zoë O'Brien":
		t.Errorf("got %+v", all.Person)
	case len(all.Subscriptions) != 3 || all.Subscriptions[2].Words != "Ring Mum":
		t.Errorf("got subscriptions %+v", all.Subscriptions)
	case len(all.Replies) != 2 || all.Replies[0].Mood != 4 || all.Replies[1].Words != hostile ||
		all.Replies[1].Flag != mend.Unproven:
		t.Errorf("got replies %+v", all.Replies)
	case len(all.Promises) != 1 || all.Promises[0].Words != "Bring back the ladder":
		t.Errorf("got promises %+v", all.Promises)
	case len(all.Letters) != 3: // confirmation, welcome, sign-in
		t.Errorf("got letters %+v", all.Letters)
	}

	res = w.get("/export.md", session)
	if got := res.Header.Get("Content-Type"); got != "text/markdown; charset=utf-8" {
		t.Errorf("got Content-Type %q", got)
	}
	md := w.wantText(res, 200, ann, "It was easier than I thought.", "> Bring back the ladder", "> Ring Mum", "mood 4")
	rendered := render(t, md)
	for _, tag := range []string{"<script", "href=", "<code>", "<em>y", "not a heading</h1>", "<li>not a list", "<div",
		"<pre>", "<hr", "<b>"} {
		if strings.Contains(rendered, tag) {
			t.Errorf("the Markdown of somebody's words renders as %s:\n%s", tag, rendered)
		}
	}
	for _, want := range []string{"&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;div onclick=",
		"&amp;lt;b&amp;gt; [x]: y", "1. not a list either", "- not a list<"} {
		if !strings.Contains(rendered, want) {
			t.Errorf("the Markdown does not show what was written: want %s in\n%s", want, rendered)
		}
	}
	for _, path := range []string{"/export.json", "/export.md"} {
		w.want(w.get(path), 303)
	}
}

func TestEraseWantsTheWordTyped(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	session := w.signIn()
	id := w.ann()
	w.want(w.post("/erase", url.Values{"confirm": {"delete"}}), 303) // nobody is signed in
	w.wantText(w.post("/erase", url.Values{"confirm": {"yes"}}, session), 422, `id="confirm-wrong"`, `value="yes"`)
	w.want(w.get("/journal", session), 200)
	res := w.post("/erase", url.Values{"confirm": {" Delete "}}, session)
	if c := res.Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("got cookies %v, want the session's to end", c)
	}
	w.wantText(res, 200, "Everything has been deleted")
	if _, err := w.svc.Store.Person(t.Context(), id, w.now); err == nil {
		t.Error("the person is still there")
	}
	w.want(w.get("/export.json", session), 303)
	if got := w.newest(mend.Notice).header.Get("Subject"); got != "Everything has been deleted" {
		t.Errorf("got notice %q, want that all is deleted", got)
	}
}

func TestTroubleHasAWayForward(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	big := request("POST", "/join", signUp("name", strings.Repeat("x", 2<<20)))
	torn := request("POST", "/join", url.Values{})
	torn.Body = io.NopCloser(strings.NewReader("email=%zz&name"))
	tornParts := request("POST", "/join", nil)
	tornParts.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	tornParts.Body = io.NopCloser(strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nann"))
	for _, test := range []struct {
		what  string
		r     *http.Request
		want  int
		allow string
	}{
		{"an unknown page", request("GET", "/nowhere", nil), 404, ""},
		{"an unknown asset", request("GET", "/assets/mend.css", nil), 404, ""},
		{"no page, by way of one", request("GET", "/nowhere/..%2fnor%2f%2fhere", nil), 404, ""},
		{"a file of ours by another way", request("GET", "/pages/assets/mend.css", nil), 404, ""},
		{"a form for a page without one", request("POST", "/help", url.Values{}), 405, "GET, HEAD"},
		{"a page for a form alone", request("GET", "/signout", nil), 405, "POST"},
		{"a method that no page has", request("DELETE", "/join", nil), 405, "GET, HEAD, POST"},
		{"2 MB of form", big, 413, ""},
		{"a torn form", torn, 400, ""},
		{"a torn form in parts", tornParts, 400, ""},
	} {
		before := w.writes
		res := w.do(test.r)
		w.wantText(res, test.want, `href="/help"`, `href="/signin"`, "<h1>")
		if got := res.Header.Get("Allow"); got != test.allow {
			t.Errorf("%s: got Allow %q, want %q", test.what, got, test.allow)
		}
		if w.writes != before {
			t.Errorf("%s was written down", test.what)
		}
	}
	w.svc.Store = nil // every use case breaks now
	w.wantText(w.post("/join", signUp()), 500, "Something went wrong on our side", `href="/help"`)
	if !strings.Contains(w.log.String(), `"route":"POST /join","status":500`) {
		t.Errorf("the log does not say what broke:\n%s", w.log)
	}
}

func TestHeadersOfEveryPage(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	session := w.signIn()
	get, _ := w.links(session)
	open := []string{"/", "/help", "/privacy", "/robots.txt"}
	for _, path := range get {
		h := w.get(path, session).Header
		for name, want := range map[string]string{
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "same-origin",
			"Strict-Transport-Security":    "max-age=31536000; includeSubDomains",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: got %s %q, want %q", path, name, got, want)
			}
		}
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'",
			"base-uri 'none'", "object-src 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: got policy %q, want %s", path, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: got policy %q", path, csp)
		}
		if personal := !slices.Contains(open, path); personal && h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got Cache-Control %q, want no-store", path, h.Get("Cache-Control"))
		}
		if strings.Count(path, "/") > 1 && h.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("%s: got X-Robots-Tag %q, want noindex", path, h.Get("X-Robots-Tag"))
		}
	}
	plain := newWorldOn(t, "2026-02-26T09:00", "http://127.0.0.1:8080")
	if got := plain.get("/").Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("without https: got Strict-Transport-Security %q", got)
	}
}

func TestTheLogHoldsNoTokenNoAddressAndNoWords(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join("name", "Zoë")
	session := w.signIn()
	w.reply("It was easier than I thought.", 4)
	get, post := w.links(session)
	for _, path := range get {
		w.get(path, session)
	}
	for _, path := range post {
		w.post(path, signUp("name", "Zoë"), session)
	}
	log := w.log.String()
	if !strings.Contains(log, `"method":"GET","route":"GET /confirm/{token}","status":`) {
		t.Errorf("the log has no line of a request:\n%s", log)
	}
	for _, secret := range append([]string{ann, "ann@", "Zoë", "easier", "ladder", "Ring Mum", session.Value},
		tokensOf(get)...) {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func tokensOf(paths []string) (tokens []string) {
	for _, path := range paths {
		if parts := strings.Split(path, "/"); len(parts) > 2 && len(parts[2]) > 30 {
			tokens = append(tokens, parts[2])
		}
	}
	return tokens
}

// ann is the id of whoever joined with her address.
func (w *world) ann() mend.ID { return w.whose(ann) }

// whose is the id of whoever an address belongs to.
func (w *world) whose(address string) mend.ID {
	w.Helper()
	return must(w.svc.Store.Address(w.Context(), must(account.ParseAddress(address))(w)))(w).Person
}

func (w *world) settings() account.Settings {
	w.Helper()
	return must(w.svc.Account.Settings(w.Context(), account.Access{Person: w.ann(), SignedIn: true}))(w)
}

// reply keeps a reply of Ann's to a letter of that day; one without a mood is not surely hers.
func (w *world) reply(words string, mood int) {
	w.Helper()
	r := mend.Reply{
		Person: w.ann(), Of: mend.LetterKey{Date: mend.DateOf(w.now), Subscription: 1},
		Hash: fmt.Sprintf("hash%d", w.writes), At: w.now, Date: mend.DateOf(w.now), Words: words,
		Question: "What came in?", Mood: mood,
	}
	if mood == 0 {
		r.Flag = mend.Unproven
		held := must(w.svc.Store.Held(w.Context(), r.Person))(w)
		must(w.svc.Store.HoldReply(w.Context(), store.ReplyKept{Reply: r, Retention: mend.KeepForGood}, held))(w)
		return
	}
	must(w.svc.Store.AddReply(w.Context(), store.ReplyKept{Reply: r, Retention: mend.KeepForGood}))(w)
}

// promise keeps an open promise of Ann's for 6 March.
func (w *world) promise(words string) mend.ItemID {
	w.Helper()
	p := mend.Promise{
		Person: w.ann(), ID: "aaaaaaaa", Words: words, Due: mend.Date{Year: 2026, Month: time.March, Day: 6},
		State: mend.PromiseOpen, Made: w.now,
	}
	whole := must(w.svc.Store.Load(w.Context(), w.ann(), w.now))(w)
	err := w.svc.Store.Commit(w.Context(), store.Transaction{Person: whole.Person, Promises: []mend.Promise{p}})
	if err != nil {
		w.Fatal(err)
	}
	return p.ID
}

// promiseLink is the path of the page of a promise, as its letter would have it.
func (w *world) promiseLink(t testing.TB, id mend.ID, promise mend.ItemID) string {
	return "/promise/" + must(w.svc.Keys.Sign(token.Claims{
		Purpose: token.Promise, Person: id, Thing: promise, Date: mend.DateOf(w.now),
	}))(t)
}

// What browsers and phones put into a field is read, and the page says what it understood.
func TestFieldsAreReadAsTheyAreWritten(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	preferences := w.newest(mend.Welcome).link(t, "/preferences/")
	rhythm := func(change ...string) url.Values {
		f := url.Values{"cadence": {"monthly"}, "day": {"31"}, "time": {"07:30"}, "zone": {"Europe/Berlin"}}
		for i := 0; i < len(change); i += 2 {
			f.Set(change[i], change[i+1])
		}
		return f
	}
	for _, test := range []struct {
		change   []string
		to, says string
	}{
		{[]string{"zone", "Munich "}, "?done=rhythm", ", Berlin time"},
		{[]string{"zone", "new york"}, "?done=rhythm", ", New York time"},
		{[]string{"day", "30th "}, "?done=rhythm", "30th of each month"},
		{[]string{"time", "7.30 pm"}, "?done=rhythm", "at 19:30"},
		{[]string{"time", "07:31"}, "?done=rhythm&rounded", "at 07:30"},
	} {
		res := w.post(preferences, rhythm(test.change...))
		w.want(res, 303)
		if got := res.Header.Get("Location"); !strings.HasSuffix(got, test.to) {
			t.Errorf("%q: got Location %q, want %s", test.change, got, test.to)
		}
		w.wantText(w.get(res.Header.Get("Location")), 200, "Saved: The 3", test.says, "It’s ", " there now", "Next on ")
	}
	w.wantText(w.post(preferences, rhythm("zone", "Munich", "time", "soon")), 422,
		"We read this as Europe/Berlin. It’s 09:00 there now.", `id="time-wrong"`)
}

// A day is read as people type it where the browser has no calendar of its own, and the page says
// which it was.
func TestDaysAreReadAsTheyAreWritten(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	session := w.signIn()
	here := w.settingsPath(session)
	for typed, day := range map[string]string{
		"2026-03-20": "Friday 20 March 2026", "20 March": "Friday 20 March 2026", " 20.3.2026": "Friday 20 March 2026",
		"March 20th": "Friday 20 March 2026", "tomorrow": "Friday 27 February 2026",
		"in 2 weeks": "Thursday 12 March 2026",
	} {
		res := w.post(here+"/pause", url.Values{"pause_until": {typed}}, session)
		w.want(res, 303)
		w.wantText(w.get(res.Header.Get("Location"), session), 200, "Saved: Until "+day)
	}
	for _, typed := range []string{"3/4", "soon", "yesterday", strings.Repeat("tomorrow ", 90)} {
		w.wantText(w.post(here+"/pause", url.Values{"pause_until": {typed}}, session), 422, `id="pause_until-wrong"`)
	}
	w.want(w.post(here+"/reminders", url.Values{"words": {"Ring Mum"}, "cadence": {"once"}, "date": {"20 March"},
		"time": {"10"}}, session), 303)
	w.wantText(w.get(here+"/reminders", session), 200, "on 20 March 2026 at 10:00")
	w.want(w.post("/journal/promises", url.Values{"promise": {"Ring the plumber"}, "due": {"6 March"}}, session), 303)
	w.wantText(w.get("/journal", session), 200, "Ring the plumber", "6 March")
}

// Pauses of a set length count from the person's own today.
func TestPausesHavePresets(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	here := w.newest(mend.Welcome).link(t, "/preferences/")
	for _, test := range []struct{ days, says string }{
		{"7", "Saved: Until Thursday 5 March 2026. Next on Monday 9 March at 07:30."},
		{"28", "Saved: Until Thursday 26 March 2026. Next on Monday 30 March at 07:30."},
	} {
		res := w.post(here+"/pause", url.Values{"pause_for": {test.days}})
		w.want(res, 303)
		w.wantText(w.get(res.Header.Get("Location")), 200, test.says)
	}
	w.wantText(w.post(here+"/pause", url.Values{"pause_for": {"7"}}), 422, "end the pause sooner")
	for _, none := range []string{"9999", "99999999999999999999", "NaN"} {
		w.wantText(w.post(here+"/pause", url.Values{"pause_for": {none}}), 422, "Please enter a date")
	}
	w.wantText(w.post(here+"/pause", url.Values{"action": {"pose"}}), 422, "one of the buttons")
	if got := w.settings().Form.PauseUntil; got != "2026-03-26" {
		t.Errorf("after a pause that is none: until %s", got)
	}
}

// The link that refuses letters opens a page. The page's button refuses them, and another brings
// them back.
func TestLettersAreRefusedByAButton(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	w.want(w.post("/signin", url.Values{"email": {ann}}), 303)
	link := w.newest(mend.SignIn).link(t, "/mute/")
	ask := func() int {
		w.now, w.outbox = w.now.Add(25*time.Hour), nil
		w.want(w.post("/signin", url.Values{"email": {ann}}), 303)
		w.advance(time.Minute)
		n := 0
		for _, o := range w.outbox {
			if o.Kind == mend.SignIn {
				n++
			}
		}
		return n
	}
	for range 3 {
		w.want(w.get(link), 200)
	}
	if got := ask(); got != 1 {
		t.Fatalf("%d letters after the page was looked at, want 1", got)
	}
	if page := w.want(w.post(link, url.Values{"action": {"mute"}}), 200); !strings.Contains(page,
		"You won’t get these anymore") {
		t.Error("the page does not say that they are refused")
	}
	if got := ask(); got != 0 {
		t.Errorf("%d letters after they were refused, want none", got)
	}
	w.want(w.post(link, url.Values{"action": {"again"}}), 200)
	if got := ask(); got != 1 {
		t.Errorf("%d letters after the owner asked for them again, want 1", got)
	}
	w.want(w.get("/mute/"+strings.Repeat("a", 45)), 404)
}

// Mail programs and people leave signs at the end of a link.
func TestLinksWorkWithWhatStandsBehindThem(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	preferences := w.newest(mend.Welcome).link(t, "/preferences/")
	for _, behind := range []string{
		",", ")", "/", ".", ").", "%2C", "%29", ";", "%22", "%3E", "%20", "%C2%A0", "&amp;", "&", "_", "%E2%80%9D",
		"%E3%80%82", "%E2%80%8B", "%3Cbr%3E", "%3C/a%3E", "=0A", "%7C", "%60", "%5C", "%E6%98%AF", "%20and",
	} {
		w.want(w.get(preferences+behind), 200)
	}
	for _, behind := range []string{",", ").", "/", "%20", "%C2%A0", "%E2%80%9D", "%E3%80%82", "%E2%80%8B", "%7C"} {
		w.want(w.get("/help"+behind), 200)
	}
	w.want(w.get("/"), 200)
	w.want(w.get("/nowhere/"), 404)
}
