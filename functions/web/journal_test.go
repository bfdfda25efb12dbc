package web_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
)

// diary is Ann, signed in, with one entry of her own, one that is not surely hers, and a promise.
func diary(t *testing.T) (*world, *http.Cookie) {
	w := newWorld(t, "2026-02-26T09:00").join("name", "Zoë")
	session := w.signIn()
	w.reply("It was easier than I thought.", 4)
	w.reply("Perhaps not me at all.", 0)
	w.promise("Bring back the ladder")
	return w, session
}

// entries is Ann's replies as the table has them.
func (w *world) entries() []mend.Reply {
	w.Helper()
	var replies []mend.Reply
	all := mend.Reply{Person: w.ann()}
	if err := w.svc.Store.Replies(w.Context(), all, mend.Date{}, w.now, func(r mend.Reply) error {
		replies = append(replies, r)
		return nil
	}); err != nil {
		w.Fatal(err)
	}
	slices.SortStableFunc(replies, func(a, b mend.Reply) int { return a.At.Compare(b.At) })
	return replies
}

// button presses a button of a page whose form stands beside some words.
func (w *world) button(page, under, name, value string, session *http.Cookie) {
	w.Helper()
	d := parseHTML(w.TB, w.want(w.get(page, session), 200))
	for _, f := range d.all(func(n *node) bool {
		return n.Data == "form" && strings.Contains(textOf(n.Parent), under)
	}) {
		for n := range f.Descendants() {
			if n.Data == "button" && attr(n, "name") == name && attr(n, "value") == value {
				w.want(w.post(cmp.Or(attr(f, "action"), page), url.Values{name: {value}}, session), 303)
				return
			}
		}
	}
	w.Fatalf("%s has no button %s=%s under %q", page, name, value, under)
}

func TestWasThisYou(t *testing.T) {
	for action, want := range map[string]string{"mine": "", "not-mine": "gone"} {
		w, session := diary(t)
		w.button("/journal/unproven", "Perhaps not me", "action", action, session)
		got := "gone"
		for _, e := range w.entries() {
			if strings.HasPrefix(e.Words, "Perhaps") {
				got = string(e.Flag)
			}
		}
		if got != want {
			t.Errorf("%s: the reply is %q, want %q", action, got, want)
		}
		if body := w.want(w.get("/journal", session), 200); strings.Contains(body, "Was this you?") {
			t.Errorf("%s: the page still asks", action)
		}
	}
}

func TestAnEntryIsStarredMutedChangedAndDeleted(t *testing.T) {
	w, session := diary(t)
	press := func(action string) mend.Reply {
		t.Helper()
		w.button("/journal/entries/"+string(mend.EntryOf(w.entries()[0])), "easier", "action", action, session)
		return w.entries()[0]
	}
	for _, step := range []struct {
		action         string
		starred, muted bool
	}{{"star", true, false}, {"mute", true, true}, {"unstar", false, true}, {"unmute", false, false}} {
		if got := press(step.action); got.Starred != step.starred || got.Muted != step.muted {
			t.Errorf("after %s: starred %v, muted %v", step.action, got.Starred, got.Muted)
		}
	}
	path := "/journal/entries/" + string(mend.EntryOf(w.entries()[0]))
	w.wantText(w.get(path, session), 200, "It was easier than I thought.")
	w.want(w.get(path), 303)
	w.want(w.post(path, url.Values{"action": {"delete"}}), 303) // nobody is signed in
	w.wantText(w.post(path, url.Values{"action": {"words"}, "words": {" "}}, session), 422, `id="words-wrong"`)
	w.wantText(w.post(path, url.Values{"action": {"dance"}}, session), 422, "Please use one of the buttons")
	w.want(w.post(path, url.Values{"action": {"words"}, "words": {"It was <b>hard</b>."}}, session), 303)
	w.wantText(w.get("/journal", session), 200, "It was &lt;b&gt;hard&lt;/b&gt;.")
	w.want(w.post(path, url.Values{"action": {"delete"}}, session), 303)
	w.want(w.get(path, session), 410)
	if got := len(w.entries()); got != 1 {
		t.Errorf("after deleting: %d entries, want the other one", got)
	}
	w.want(w.post("/journal/undo", nil), 303) // nobody is signed in
	wantUndo := func(offered bool) {
		t.Helper()
		if got := strings.Contains(w.want(w.get("/journal?done=deleted", session), 200),
			`action="/journal/undo"`); got != offered {
			t.Errorf("the page offers to undo the deletion: %v, want %v", got, offered)
		}
	}
	wantUndo(true)
	w.want(w.post("/journal/undo", nil, session), 303)
	w.wantText(w.get("/journal?done=undeleted", session), 200, "It was &lt;b&gt;hard&lt;/b&gt;.", "It’s back.")
	wantUndo(false)
	w.want(w.post(path, url.Values{"action": {"delete"}}, session), 303)
	w.advance(10 * time.Minute)
	wantUndo(false)
	w.want(w.post("/journal/undo", nil, session), 410)
	w.want(w.get("/journal/entries/20260226-01-nothere", session), 410)
	w.want(w.post("/journal/entries/x", url.Values{"action": {"star"}}, session), 404)
}

func TestNumbersAreALineFromTwoDaysOn(t *testing.T) {
	w, session := diary(t)
	if body := w.wantText(w.get("/journal", session), 200, "<td>4</td>"); strings.Contains(body, "<polyline") {
		t.Error("the number of one day is drawn as a line")
	}
	w.advance(24 * time.Hour)
	w.reply("Rain again.", 2)
	w.wantText(w.get("/journal", w.signIn()), 200, "<td>4</td>", "<td>2</td>", "<polyline")
}

func TestWritingOnThePage(t *testing.T) {
	w, session := diary(t)
	w.want(w.post("/journal", url.Values{"words": {" "}}), 303) // nobody is signed in
	w.want(w.post("/journal", url.Values{"words": {"A quiet evening.\r\nRain."}, "mood": {"5"}}, session), 303)
	w.wantText(w.get("/journal?done=added", session), 200, "A quiet evening.\nRain.", "Saved.")
	for field, form := range map[string]url.Values{
		"words": {"words": {""}}, "mood": {"words": {"kept as typed"}, "mood": {"9"}},
	} {
		w.wantText(w.post("/journal", form, session), 422, `id="`+field+`-wrong"`, form.Get("words"))
	}
	w.wantText(w.post("/journal", url.Values{"words": {"kept as typed"}, "mood": {"six"}}, session), 422,
		`id="mood-wrong"`)
	w.want(w.post("/journal/promises", url.Values{"promise": {"Ring the plumber"}, "show_words": {"on"},
		"due": {"2026-03-03"}}, session), 303)
	w.wantText(w.get("/journal", session), 200, "Ring the plumber", "Tuesday 3 March 2026")
	w.wantText(w.post("/journal/promises", url.Values{"promise": {""}, "due": {"2020-01-01"}}, session), 422,
		`id="promise-wrong"`, `id="due-wrong"`, "2020-01-01")
	path := "/journal/promises/aaaaaaaa"
	w.wantText(w.get(path, session), 200, "Bring back the ladder", "2026-03-06")
	w.wantText(w.post(path, url.Values{"action": {"change"}, "promise": {""}, "due": {"2026-03-06"}}, session), 422,
		`id="promise-wrong"`)
	w.want(w.post(path, url.Values{"action": {"change"}, "promise": {"Bring back both ladders"},
		"due": {"2026-03-07"}}, session), 303)
	w.wantText(w.get("/journal", session), 200, "both ladders", "Saturday 7 March 2026")
	w.want(w.post(path, url.Values{"action": {"delete"}}, session), 303)
	w.want(w.get(path, session), 410)
	w.advance(6 * 24 * time.Hour)
	if got := w.newest(mend.PromiseKind).text; !strings.Contains(got, "plumber") {
		t.Errorf("the promise of the page is asked about as\n%s", got)
	}
}

func TestSearchFindsWordsAndKeepsThemOutOfTheAddress(t *testing.T) {
	w, session := diary(t)
	w.reply("The ladder again, in the rain.", 2)
	if got := w.post("/journal/search", url.Values{"q": {" "}}, session); got.StatusCode != 303 ||
		got.Header.Get("Location") != "/journal" {
		t.Errorf("a search for nothing: status %d to %q, want the journal", got.StatusCode, got.Header.Get("Location"))
	}
	for query, want := range map[string]int{"LADDER": 1, "rain ladder": 1, "thought": 1, "What came in": 2,
		"snow": 0, "<b>": 0} {
		body := w.want(w.post("/journal/search", url.Values{"q": {query}}, session), 200)
		if got := strings.Count(body, `<article class="entry"`); got != want {
			t.Errorf("%q: found %d, want %d", query, got, want)
		}
		if query != "" && want > 0 && !strings.Contains(body, fmt.Sprintf("Found in %d entr", want)) ||
			want == 0 && !strings.Contains(body, "Nothing has all of these words") {
			t.Errorf("%q: the page does not say how many", query)
		}
		if alone := !strings.Contains(body, "Write something"); alone != (query != "") {
			t.Errorf("%q: the results stand alone: %v", query, alone)
		}
	}
	page := parseHTML(t, w.want(w.post("/journal/search", url.Values{"q": {" in  the"}}, session), 200))
	var marked []string
	for _, n := range page.all(func(n *node) bool { return n.Data == "mark" }) {
		marked = append(marked, textOf(n))
	}
	if got := strings.Join(marked, " "); got != "The in in the in" {
		t.Errorf("marked are %q", got)
	}
	w.want(w.post("/journal/search", url.Values{"q": {"ladder"}}), 303)
}

func TestTheMoodLineHasATableBehindIt(t *testing.T) {
	w, session := diary(t)
	w.now = w.now.Add(10 * time.Minute)
	w.reply("Heavier.", 1)
	page := parseHTML(t, w.want(w.get("/journal", session), 200))
	for _, n := range page.all(func(n *node) bool { return n.Data == "svg" }) {
		if attr(n, "aria-hidden") != "true" {
			t.Error("a screen reader reads a drawing, and not the table behind it")
		}
	}
	var days []string
	for _, row := range page.all(func(n *node) bool { return n.Data == "tr" }) {
		days = append(days, textOf(row))
	}
	if got := strings.Join(days, "|"); !strings.HasSuffix(got,
		"Thursday 26 February 20261|Thursday 26 February 20264") {
		t.Errorf("the table reads %q", got)
	}
	dots := page.all(func(n *node) bool { return n.Data == "circle" })
	if len(dots) != 2 || attr(dots[0].Parent, "href") != "/journal/entries/"+string(mend.EntryOf(w.entries()[2])) {
		t.Errorf("%d dots, want 2 that lead to their entries", len(dots))
	}
}

// Design, section 8: said in plain words, by a letter's link; what rests is looked over in the
// journal.
func TestTheySaidNo(t *testing.T) {
	for _, words := range []string{"They said no", "or asked for space"} {
		w, session := diary(t)
		preferences := w.newest(mend.Welcome).link(t, "/preferences/")
		w.want(w.post(preferences+"/reminders", url.Values{"words": {"Ring her"}, "cadence": {"daily"},
			"time": {"10:00"}}, session), 303)
		body := w.wantText(w.get(preferences+"/no"), 200, words)
		if strings.Contains(body, "Ring her") {
			t.Error("a letter's link shows words")
		}
		w.wantText(w.post(preferences, url.Values{"action": {"said-no"}}), 200, "You can undo it for an hour")
		if w.settings().NoContact {
			t.Fatal("no-contact is set before it was asked once more")
		}
		res := w.post(preferences, url.Values{"action": {"said-no"}, "confirm": {"yes"}})
		w.want(res, 303)
		w.wantText(w.get(res.Header.Get("Location")), 200, "no letter asks anything of another person")
		if !w.settings().NoContact {
			t.Fatal("no-contact is not set")
		}
		w.want(w.post(preferences, url.Values{"action": {"contact-again"}}), 303) // to the sign-in
		if !w.settings().NoContact {
			t.Error("a letter's link takes it back")
		}
		w.wantText(w.get("/journal", session), 200, "On hold", "2 things to look at")
		w.wantText(w.get("/journal/rest", session), 200, "Ring her", "Bring back the ladder", `name="promise-aaaaaaaa"`,
			`name="reminder-3"`)
		marks := url.Values{"promise-aaaaaaaa": {"drop"}, "reminder-3": {"goes-on"}, "promise-x": {"later"}}
		w.want(w.post("/journal/rest", marks), 303)
		delete(marks, "promise-x")
		w.want(w.post("/journal/rest", marks, session), 303)
		if body := w.want(w.get("/journal", session), 200); strings.Contains(body, "On hold") {
			t.Error("the page still asks what was decided")
		}
		if now := w.settings(); now.Reminders[0].OnHold || len(now.OnHold) > 0 {
			t.Errorf("after looking over: %+v", now.Reminders)
		}
		w.want(w.post(preferences, url.Values{"action": {"contact-again"}}, session), 303)
		if w.settings().NoContact {
			t.Error("it is not taken back")
		}
	}
}

func TestRoleRetentionAndTheMonthlyLetter(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	w.want(w.post("/join", signUp()), 303)
	w.wantText(w.post(w.newest(mend.Confirmation).link(t, "/confirm/"), url.Values{}), 200, "Which fits you best?")
	preferences := w.newest(mend.Welcome).link(t, "/preferences/")
	w.want(w.post(preferences, url.Values{"action": {"role"}, "role": {"was-hurt"}}), 303)
	if got := w.settings().Role; got != mend.WasHurt {
		t.Errorf("got role %q", got)
	}
	w.want(w.post(preferences, url.Values{"action": {"role"}, "role": {"both"}}), 303)
	if got := w.settings().Role; got != mend.WasHurt {
		t.Errorf("a letter's link changed the role to %q", got)
	}
	w.want(w.post(preferences, url.Values{"action": {"retention"}, "retention": {"none"}}), 303)
	if got := w.settings().Retention; got != mend.KeepForGood {
		t.Errorf("a letter's link changed how long words are kept to %q", got)
	}
	session := w.signIn()
	w.reply("It was easier than I thought.", 4)
	w.want(w.post(preferences, url.Values{"action": {"role"}, "role": {"both"}}, session), 303)
	w.wantText(w.post(preferences, url.Values{"action": {"role"}, "role": {"king"}}, session), 422,
		"choose one of these")
	w.want(w.post(preferences, url.Values{"action": {"retention"}, "retention": {"none"}}, session), 303)
	if got := w.entries()[0].Words; got != "" {
		t.Errorf("no words are to be kept, and there is %q", got)
	}
	rhythm := url.Values{
		"cadence": {"daily"}, "time": {"07:30"}, "zone": {"Europe/Berlin"}, "digest": {"on"}, "digest_day": {"15"},
		"quiet_month": {"", "on"}, "last_year": {"", "on"},
	}
	w.wantText(w.post(preferences, rhythm), 422, `id="last_year-wrong"`)
	w.want(w.post(preferences, rhythm, session), 303)
	if f := w.settings().Form; f.DigestDay != "15" || !f.QuietMonth || !f.LastYear || !f.Digest {
		t.Errorf("got %+v", f)
	}
	w.want(w.post(preferences, url.Values{"time": {"08:00"}}), 303) // what is not named stays
	if f := w.settings().Form; f.DigestDay != "15" || !f.QuietMonth || !f.LastYear || !f.Digest {
		t.Errorf("after another change: %+v", f)
	}
	rhythm.Set("digest_day", "32")
	w.wantText(w.post(preferences, rhythm, session), 422, `id="digest_day-wrong"`)
	w.wantText(w.get(preferences+"?ask=slower"), 200, "Is this still right for you?")
	w.want(w.post(preferences, url.Values{"action": {"fit"}, "answer": {"quieter"}}), 303)
	if got := w.settings().Rhythm; !strings.HasPrefix(got, "Thursdays at 08:00") {
		t.Errorf("a quieter rhythm is %q", got)
	}
	w.wantText(w.post(preferences, url.Values{"action": {"fit"}, "answer": {"dance"}}), 422, "one of the answers")
}

func TestRemindersOfEveryRhythm(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	session := w.signIn()
	reminders := w.newest(mend.Welcome).link(t, "/preferences/") + "/reminders"
	// As the page sends it: each box that stands on it, whatever the rhythm.
	page := func(changes ...string) url.Values {
		f := url.Values{"words": {"Basil"}, "every": {"1"}, "nth": {"1"}, "days": {""}, "month": {"1"}, "day": {"1"},
			"date": {""}, "time": {"10:00"}, "zone": {"Europe/Berlin"}}
		for i := 0; i < len(changes); i += 2 {
			f[changes[i]] = strings.Split(changes[i+1], ",")
		}
		return f
	}
	for i, test := range []struct {
		form url.Values
		want string
	}{
		{page("cadence", "daily"), "every day at 10:00"},
		{page("cadence", "weekly", "days", ",sun"), "Sundays at 10:00"},
		{page("cadence", "weekly", "days", ",sun", "every", "3"), "every third Sunday at 10:00"},
		{page("cadence", "monthly", "day", "31"), "the 31st of each month"},
		{page("cadence", "by-weekday", "nth", "last", "days", ",fri"), "the last Friday of the month at 10:00"},
		{page("cadence", "yearly", "month", "2", "day", "29"), "29 February"},
		{page("cadence", "once", "date", "2026-03-03"), "on 3 March 2026 at 10:00"},
	} {
		w.want(w.post(reminders, test.form, session), 303)
		number := fmt.Sprint("/", i+3)
		if got := w.settings().Reminders[i].Rhythm; !strings.Contains(strings.ToLower(got),
			strings.ToLower(test.want)) {
			t.Errorf("%v: got %q, want %q", test.form, got, test.want)
		}
		// Shown and sent back it is the same.
		d := parseHTML(t, w.want(w.get(reminders+number, session), 200))
		before := w.settings().Reminders[i].Cadence
		w.want(w.post(reminders+number, sentBack(d), session), 303)
		if got := w.settings().Reminders[i].Cadence; got != before {
			t.Errorf("sent back unchanged: got %+v, want %+v", got, before)
		}
	}
	for field, form := range map[string]url.Values{
		"every": page("cadence", "weekly", "days", ",sun", "every", "99"),
		"date":  page("cadence", "once", "date", "2020-01-01"), "days": page("cadence", "by-weekday"),
		"month": page("cadence", "yearly", "month", "13"), "words": page("cadence", "daily", "words", ""),
	} {
		w.wantText(w.post(reminders, form, session), 422, `id="`+field+`-wrong"`)
	}
	w.want(w.post(reminders+"/3", url.Values{"action": {"pause"}}, session), 303)
	w.wantText(w.get(reminders, session), 200, "paused")
	w.want(w.post(reminders+"/3", url.Values{"action": {"start"}}, session), 303)
	if w.settings().Reminders[0].Paused {
		t.Error("it was started again, and is paused")
	}
}

// sentBack is what a browser sends of the first form of a page.
func sentBack(d dom) url.Values {
	f := url.Values{}
	for n := range d.all(func(n *node) bool { return n.Data == "form" && attr(n, "action") != "" })[0].Descendants() {
		_, checked := has(n, "checked")
		name := attr(n, "name")
		switch {
		case n.Data == "input" && (attr(n, "type") == "radio" || attr(n, "type") == "checkbox"):
			if checked {
				f.Add(name, attr(n, "value"))
			}
		case n.Data == "input":
			f.Add(name, attr(n, "value"))
		case n.Data == "textarea":
			f.Add(name, textOf(n))
		case n.Data == "option":
			if _, selected := has(n, "selected"); selected {
				f.Add(attr(n.Parent, "name"), attr(n, "value"))
			}
		}
	}
	return f
}

func has(n *node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// Somebody may write for longer than a visit lasts. What they wrote is not lost on the way to the
// sign-in.
func TestWordsOutliveTheVisit(t *testing.T) {
	const words = "A long evening.\n<b>Rain</b>, and \"nothing\" else."
	for path, form := range map[string]url.Values{
		"/journal": {"words": {words}, "mood": {"4"}}, "/journal/promises": {"promise": {words}, "due": {"2026-03-03"}},
		"/reminders": {"words": {words}, "cadence": {"daily"}, "time": {"12:00"}},
	} {
		w, session := diary(t)
		shown := "/journal"
		if path == "/reminders" {
			path = w.settingsPath(session) + path
			shown = path
		}
		w.now = w.now.Add(121 * time.Minute)
		before := w.writes
		page := parseHTML(t, w.wantText(w.post(path, form, session), 403, "it’s still on this page", `href="/signin"`))
		if w.writes != before {
			t.Errorf("POST %s: something was kept of somebody who is not signed in", path)
		}
		f := page.all(func(n *node) bool { return n.Data == "form" && attr(n, "action") == path })
		if len(f) != 1 {
			t.Fatalf("POST %s: the page has no form to send it once more", path)
		}
		again := url.Values{}
		for n := range f[0].Descendants() {
			switch n.Data {
			case "input":
				again.Set(attr(n, "name"), attr(n, "value"))
			case "textarea":
				again.Set(attr(n, "name"), n.FirstChild.Data)
			}
		}
		if got, want := again.Encode(), form.Encode(); got != want {
			t.Errorf("POST %s: got %s, want %s", path, got, want)
		}
		w.want(w.post(path, again, w.signIn()), 303)
		w.wantText(w.get(shown, w.signIn()), 200, "A long evening.")
	}
}

// What someone wrote is not lost with a fault of ours, nor where what it belongs to is gone.
// Browsers keep nothing of our pages to go back to.
func TestWordsOutliveAFault(t *testing.T) {
	const words = "A long evening.\n<b>Rain</b>."
	for path, form := range map[string]url.Values{
		"/journal":          {"words": {words}, "mood": {"4"}},
		"/journal/promises": {"promise": {words}, "due": {"2026-03-03"}},
		"/reminders":        {"words": {words}, "cadence": {"daily"}, "time": {"12:00"}},
	} {
		w, session := diary(t)
		if path == "/reminders" {
			path = w.settingsPath(session) + path
		}
		for _, f := range []struct {
			what   string
			status int
			goes   func()
		}{
			{"the table fails", 500, func() { w.breaks = 1 }},
			{"something panics", 500, func() { w.before = func() { panic("a fault of ours") } }},
		} {
			f.goes()
			page := parseHTML(t, w.wantText(w.post(path, form, session), f.status, "went wrong on our side"))
			kept := page.all(func(n *node) bool { return n.Data == "textarea" })
			if len(kept) != 1 || kept[0].FirstChild.Data != words {
				t.Errorf("POST %s when %s: the words are not on the page", path, f.what)
			}
		}
		w.want(w.post(path, form, session), 303)
	}
	w, session := diary(t)
	entry := "/journal/entries/" + string(mend.EntryOf(w.entries()[0]))
	w.want(w.post(entry, url.Values{"action": {"delete"}}, session), 303) // in another window
	w.wantText(w.post(entry, url.Values{"action": {"words"}, "words": {words}}, session), 410, "This entry is gone",
		"A long evening.")
}

// A page that the journal does not have is a 404, whatever the number.
func TestAJournalPageThatIsNotThere(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	session := w.signIn()
	for range journal.MostEntries + 1 {
		w.want(w.post("/journal", url.Values{"words": {strconv.Itoa(w.writes)}}, session), 303)
	}
	for page, want := range map[string]int{
		"1": 200, "2": 200, "02": 200, "3": 404, "0": 404, "-1": 404, "": 404, "one": 404, "1.5": 404,
		"1e3": 404, "1001": 404, "9223372036854775807": 404, "9223372036854775808": 404, "461168601842738791": 404,
		"922337203685477581": 404,
	} {
		if got := w.get("/journal?page="+page, session).StatusCode; got != want {
			t.Errorf("page %q: got status %d, want %d", page, got, want)
		}
	}
}

// An entry may be as long in any script, and what is too long comes back to be shortened.
func TestLongWordsAreTakenInAnyScript(t *testing.T) {
	w, session := diary(t)
	entry := "/journal/entries/" + string(mend.EntryOf(w.entries()[0]))
	for _, letterOf := range []string{"a", "ж", "字", "🙏", "\n"} {
		long := "x" + strings.Repeat(letterOf, journal.MostEntryWords-2) + "x"
		for path, action := range map[string]string{"/journal": "", entry: "words"} {
			w.want(w.post(path, url.Values{"action": {action}, "words": {long}}, session), 303)
			tooLong := url.Values{"action": {action}, "words": {long + long}}
			if !strings.Contains(w.want(w.post(path, tooLong, session), 422), long) {
				t.Errorf("%s: what is too long in %q was lost", path, letterOf)
			}
		}
	}
}

// What no name of ours can be never reaches the table, which would refuse it as a key.
func TestANameThatIsNoneIsNotFound(t *testing.T) {
	w, session := diary(t)
	day := strings.ReplaceAll(mend.DateOf(w.now).String(), "-", "")
	for _, name := range []string{"%ff", "a%00aaaaaa", "%ff%ff%ff%ff%ff%ff%ff%ff", "AAAAAAAA", "aaaa%23aaa",
		strings.Repeat("a", 3000)} {
		for _, path := range []string{
			"/journal/promises/" + name, "/journal/entries/" + name, "/journal/entries/" + day + "-01-" + name,
			"/journal/entries/" + day + "-" + name + "-hash",
		} {
			w.want(w.get(path, session), 404)
			w.want(w.post(path, url.Values{"action": {"delete"}, "answer": {"kept"}}, session), 404)
		}
	}
}

// One button deletes all that someone else may have sent, and nothing else.
func TestAllUnprovenRepliesGoAtOnce(t *testing.T) {
	w, session := diary(t)
	if page := w.want(w.get("/journal", session), 200); strings.Contains(page, "Perhaps not me at all.") ||
		!strings.Contains(page, "1 reply that someone else may have sent") {
		t.Error("the journal doesn't keep the reply that someone else may have sent apart")
	}
	shown := w.wantText(w.get("/journal/unproven", session), 200, "Perhaps not me at all.")
	form := url.Values{"shown": {regexp.MustCompile(`name="shown" value="(.*?)"`).FindStringSubmatch(shown)[1],
		string(mend.EntryOf(w.entries()[0])), "nothing", ""}}
	w.want(w.post("/journal/unproven", form), 303) // no session: to the sign-in page
	w.reply("This came while the page was open.", 0)
	w.want(w.post("/journal/unproven", form, session), 303)
	left := w.wantText(w.get("/journal/unproven", session), 200, "This came while the page was open.")
	if strings.Contains(left, "Perhaps not me at all.") {
		t.Error("what was shown is still there")
	}
	w.button("/journal/unproven", "This came", "action", "not-mine", session)
	w.wantText(w.get("/journal/unproven", session), 200, "nothing to decide")
	page := w.want(w.get("/journal", session), 200)
	if strings.Contains(page, "someone else may have sent") ||
		!strings.Contains(page, "It was easier than I thought.") {
		t.Error("want that reply gone and the others there")
	}
}
