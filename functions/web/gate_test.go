package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.org/mend/shared/feedback"
	"example.org/mend/shared/mend"
)

// Without contact only two paths are open, whichever way someone asks for another; and apart is
// always without contact.
func TestTheServerHoldsTheGatesRule(t *testing.T) {
	for _, path := range mend.Paths {
		fits := path == "apart" || path == "foundations"
		w := newWorld(t, "2026-02-26T09:00")
		res := w.post("/join", signUp("path", path, "no_contact", "on"))
		if (res.StatusCode == 303) != fits {
			t.Errorf("joining %s without contact: got status %d", path, res.StatusCode)
		}
		if !fits { // what the gate led to stays, and so does the rest of the form
			page := parseHTML(t, w.wantText(res, 422, `id="path-wrong"`, ann,
				`aria-describedby="no_contact-hint" checked`))
			for _, n := range page.all(func(n *node) bool { return attr(n, "name") == "path" }) {
				if !mend.PathFits(attr(n, "value"), true) {
					t.Errorf("after the error, the page offers %s", attr(n, "value"))
				}
			}
			continue
		}
		if w.want(w.post(w.newest(mend.Confirmation).link(t, "/confirm/"), url.Values{}),
			200); !w.settings().NoContact {
			t.Errorf("%s: contact is not left out", path)
		}
		session := w.signIn()
		for _, other := range []string{"amends", "together", "betrayal"} {
			for _, gate := range []string{"", "no"} {
				w.wantText(w.post(w.settingsPath(session), url.Values{"path": {other}, "gate": {gate}}, session), 422,
					`id="path-wrong"`)
			}
		}
		if got := w.settings().Path; got != path {
			t.Errorf("got path %s, want %s", got, path)
		}
	}
	w := newWorld(t, "2026-02-26T09:00").join("path", "apart")
	if !w.settings().NoContact {
		t.Error("apart was joined with contact")
	}
	session := w.signIn()
	w.want(w.post(w.settingsPath(session), url.Values{"action": {"contact-again"}}, session), 303)
	if now := w.settings(); now.NoContact || now.Path != "foundations" {
		t.Errorf("contact again: path %s, no-contact %v", now.Path, now.NoContact)
	}
	w = newWorld(t, "2026-02-26T09:00").join() // together
	w.want(w.post(w.newest(mend.Welcome).link(t, "/preferences/"), url.Values{"path": {"apart"}}), 303)
	if now := w.settings(); now.Path != "apart" || !now.NoContact {
		t.Errorf("a link led to %s with no-contact %v", now.Path, now.NoContact)
	}
}

// Before a change to a path that reaches another person the questions come again. Any yes leads to
// help and the paths that fit; nothing of an answer is kept, logged or put into an address.
func TestAChangeOfPathAsksTheQuestionsAgain(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join("path", "foundations")
	session := w.signIn()
	here := w.settingsPath(session)
	for _, path := range []string{"amends", "together", "betrayal"} {
		writes := w.writes
		page := parseHTML(t, w.wantText(w.post(here, url.Values{"path": {path}}, session), 200, "No to all of them",
			"Is there a court order"))
		for _, n := range page.all(func(n *node) bool { return attr(n, "type") == "checkbox" }) {
			if attr(n, "name") != "" {
				t.Errorf("an answer would be sent as %s", attr(n, "name"))
			}
		}
		w.wantText(w.post(here, url.Values{"path": {path}, "gate": {"yes"}}, session), 200, "More help", "Apart",
			"How trust works")
		if w.settings().Path != "foundations" || w.writes != writes {
			t.Errorf("%s: something was written before the questions were answered with no", path)
		}
	}
	w.want(w.post(here, url.Values{"path": {"together"}, "gate": {"no"}}, session), 303)
	if got := w.settings().Path; got != "together" {
		t.Errorf("after a no to all: path %s", got)
	}
	if log := w.log.String(); strings.Contains(log, "gate") {
		t.Errorf("the log speaks of answers:\n%s", log)
	}
	w.want(w.post(here, url.Values{"action": {"leave-contact-out"}, "path": {"foundations"}}, session), 303)
	if now := w.settings(); now.Path != "foundations" || !now.NoContact {
		t.Errorf("after a yes: path %s, no-contact %v", now.Path, now.NoContact)
	}
}

// The addresses of pages stay in the browser's history, where someone else may read them.
func TestNoAddressTellsThatTheySaidNo(t *testing.T) {
	w, session := diary(t)
	here := w.settingsPath(session)
	telling := regexp.MustCompile(`said|no\b|contact|apart`)
	for _, form := range []url.Values{
		{"action": {"said-no"}, "confirm": {"yes"}},
		{"action": {"take-back-no"}},
		{"action": {"leave-contact-out"}, "path": {"apart"}},
		{"action": {"contact-again"}},
		{"action": {"fit"}, "answer": {"they-said-no"}, "confirm": {"yes"}},
	} {
		res := w.post(here, form, session)
		w.want(res, 303)
		_, to, _ := strings.Cut(res.Header.Get("Location"), "?")
		if telling.MatchString(to) {
			t.Errorf("%s leads to ?%s", form.Get("action"), to)
		}
		if body := w.want(w.get(here+"?"+to, session), 200); !strings.Contains(body, `class="done"`) {
			t.Errorf("after %s the page doesn't say what was done", form.Get("action"))
		}
	}
}

// "They said no" can be taken back for an hour: path, reminders and promises are what they were.
func TestTheySaidNoCanBeTakenBackForAnHour(t *testing.T) {
	for after, works := range map[time.Duration]bool{59 * time.Minute: true, 61 * time.Minute: false} {
		w, session := diary(t)
		here := w.settingsPath(session)
		w.want(w.post(here+"/reminders", url.Values{"words": {"Ring her"}, "cadence": {"daily"},
			"time": {"10:00"}}, session), 303)
		path := w.settings().Path
		link := w.newest(mend.Welcome).link(t, "/preferences/")
		w.want(w.post(link, url.Values{"action": {"said-no"}, "confirm": {"yes"}}), 303)
		if now := w.settings(); now.Path != "apart" || !now.Reminders[0].OnHold || len(now.OnHold) == 0 {
			t.Fatalf("after the no: path %s, %+v", now.Path, now.Reminders)
		}
		w.now = w.now.Add(after)
		body := w.want(w.get(link), 200)
		res := w.post(link, url.Values{"action": {"take-back-no"}})
		if strings.Contains(body, "take-back-no") != works || (res.StatusCode == 303) != works {
			t.Errorf("after %s: got status %d", after, res.StatusCode)
		}
		now := w.settings()
		if now.NoContact == works || (now.Path == path) != works || now.Reminders[0].OnHold == works ||
			(len(now.OnHold) == 0) != works {
			t.Errorf("after %s: no-contact %v, path %s, %+v, %+v", after, now.NoContact, now.Path,
				now.Reminders, now.OnHold)
		}
	}
}

// A link may pause letters and lengthen a pause, and never end or shorten one.
func TestALinkMayPauseAndNotEndAPause(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	welcome := w.newest(mend.Welcome)
	link, stop := welcome.link(t, "/preferences/"), welcome.link(t, "/stop/")
	for day, said := range map[string]string{
		"": "Please choose the day", "2026-02-26": "after today", "2026-02-25": "after today",
		"2020-01-01": "after today", "soon": "a date like",
	} {
		for _, session := range [][]string{nil, {"signed in"}} {
			res := w.post(link, url.Values{"pause_until": {day}})
			if session != nil {
				res = w.post(link, url.Values{"pause_until": {day}}, w.signIn())
			}
			w.wantText(res, 422, `id="pause_until-wrong"`, said)
		}
	}
	w.want(w.post(link, url.Values{"pause_until": {"2026-05-01"}}), 303)
	w.wantText(w.get(link+"/pause"), 200, "A later day makes the pause longer")
	for name, form := range map[string]url.Values{
		"an empty day": {"pause_until": {""}}, "a sooner day": {"pause_until": {"2026-04-01"}},
		"a past day": {"pause_until": {"2026-01-01"}}, "the button": {"action": {"resume"}},
		"the letter of today": {"action": {"now"}}, "skipping": {"action": {"skip"}},
		"another rhythm": {"cadence": {"daily"}, "time": {"09:00"}, "zone": {"Pacific/Kiritimati"}},
	} {
		if w.post(link, form); w.settings().Form.PauseUntil < "2026-05-01" {
			t.Errorf("%s: a link changed the pause to %q", name, w.settings().Form.PauseUntil)
		}
	}
	for _, action := range []string{"pause", "monthly", "stop", "undo", "pause"} {
		if w.post(stop, url.Values{"action": {action}}); w.settings().Form.PauseUntil < "2026-05-01" {
			t.Errorf("%s by the stop link: the pause is %q", action, w.settings().Form.PauseUntil)
		}
	}
	w.want(w.post(link, url.Values{"pause_until": {"2026-06-01"}}), 303)
	session := w.signIn()
	w.wantText(w.get(link+"/pause", session), 200, "it counts from today")
	w.want(w.post(link, url.Values{"action": {"resume"}}, session), 303)
	if got := w.settings().Form.PauseUntil; got != "" {
		t.Errorf("resumed while signed in, and paused until %q", got)
	}
}

// "Never write to me" isn't "may not read": whoever ever confirmed can sign in to copy and erase,
// except by a mailbox that bounces.
func TestWhoeverConfirmedCanStillSignIn(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(*world)
		link bool
	}{
		"stopped": {func(w *world) {
			w.want(w.post(w.newest(mend.Welcome).link(t, "/stop/"), url.Values{"action": {"stop"}}), 200)
		}, true},
		"blocked": {func(w *world) {
			w.want(w.post(w.newest(mend.Welcome).link(t, "/stop/"), url.Values{"action": {"stop"}}), 200)
			w.now = w.now.Add(25 * time.Hour)
			w.want(w.post("/join", signUp()), 303)
			notMe := w.newest(mend.Confirmation).link(t, "/notme/")
			w.want(w.post(notMe, url.Values{}), 200)
			w.wantText(w.post(notMe, url.Values{}), 200, "We won’t write again")
		}, true},
		"complained": {func(w *world) { w.feedback(feedback.Complained) }, true},
		"bounced":    {func(w *world) { w.feedback(feedback.Bounced) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-02-26T09:00").join()
			early := w.newest(mend.Confirmation).link(t, "/notme/")
			id := w.ann()
			w.want(w.post("/journal", url.Values{"words": {"Kept for me."}}, w.signIn()), 303)
			test.end(w)
			// That one was answered with yes, so it changes nothing.
			before := w.settings()
			w.want(w.post(early, url.Values{}), map[bool]int{true: 200, false: 410}[name == "blocked"])
			if diff := cmp.Diff(before, w.settings()); diff != "" {
				t.Errorf("an answered confirmation changes something: %s", diff)
			}
			w.now = w.now.Add(time.Hour)
			sent := len(w.outbox)
			w.want(w.post("/signin", url.Values{"email": {ann}}), 303)
			if w.work(); (len(w.outbox) > sent) != test.link {
				t.Fatalf("got %d letters", len(w.outbox)-sent)
			}
			sent = len(w.outbox)
			w.now = w.now.Add(25 * time.Hour)
			if w.advance(48 * time.Hour); len(w.outbox) != sent {
				t.Errorf("other letters go out: %s", w.outbox[len(w.outbox)-1].Kind)
			}
			if !test.link {
				return
			}
			session := w.signIn()
			w.wantText(w.get("/journal", session), 200, "Kept for me.")
			w.wantText(w.get("/export.json", session), 200, "Kept for me.")
			w.want(w.post("/erase", url.Values{"confirm": {"delete"}}, session), 200)
			if _, err := w.svc.Store.Person(t.Context(), id, w.now); err == nil {
				t.Error("nothing was erased")
			}
		})
	}
}

// feedback is an event about the newest letter.
func (w *world) feedback(kind feedback.EventKind) {
	w.Helper()
	o := w.outbox[len(w.outbox)-1]
	err := w.svc.Feedback.Take(w.Context(), feedback.Event{Kind: kind, Occurrence: o.Occurrence, Attempt: o.Attempt,
		At: w.now, Permanent: true})
	if err != nil {
		w.Fatal(err)
	}
}
