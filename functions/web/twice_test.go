package web_test

import (
	"maps"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.org/mend/shared/mend"
)

// A button that is pressed twice, before the page with the answer has come, does what it says once.
func TestAButtonPressedTwiceWorksOnce(t *testing.T) {
	for button, path := range map[string]string{
		"skip": "", "now": "", "said-no": "", "still-mending": "?ask=still-fits", "quieter": "?ask=slower",
		"stop": "?ask=slower",
	} {
		t.Run(button, func(t *testing.T) {
			press := func(times int) (any, int) {
				w := newWorld(t, "2026-02-26T09:00").join("cadence", "daily")
				page := w.newest(mend.Welcome).link(t, "/preferences/")
				if button == "said-no" {
					page += "/no"
				}
				form := formWith(t, w.want(w.get(page+path), 200), button)
				for range times {
					if res := w.post(page, form); res.StatusCode != 303 && res.StatusCode != 422 {
						t.Fatalf("got status %d", res.StatusCode)
					}
				}
				w.advance(12 * 24 * time.Hour)
				return w.settings(), len(w.outbox)
			}
			once, letters := press(1)
			twice, more := press(2)
			if diff := cmp.Diff(once, twice); diff != "" || letters != more {
				t.Errorf("%d letters, pressed twice %d; once (-) and twice (+):\n%s", letters, more, diff)
			}
		})
	}
}

// A link that ends with its answer says what holds when its button is pressed twice, also while the
// first press is under way.
func TestALinkThatWasFollowedSaysWhatHolds(t *testing.T) {
	confirmation := func(w *world) *world {
		w.want(w.post("/join", signUp()), 303)
		return w
	}
	moving := func(w *world) *world {
		session := w.join().signIn()
		w.want(w.post(w.settingsPath(session)+"/address", url.Values{"email": {"ann.new@example.org"}}, session), 303)
		return w
	}
	asked := func(w *world) *world {
		moving(w).advance(73 * time.Hour)
		return w
	}
	for link, test := range map[string]struct {
		begin  func(*world) *world
		kind   mend.Kind
		form   url.Values
		says   string
		others []string // links of the same letter, which are refused afterwards
	}{
		"/notme/": {confirmation, mend.Confirmation, nil, "We won’t write again", []string{"/confirm/"}},
		"/confirm/": {confirmation, mend.Confirmation, url.Values{"action": {"not-me"}}, "We won’t write again",
			nil},
		"/address/yes/":  {asked, mend.Confirmation, nil, "Your letters come here now", []string{"/address/no/"}},
		"/address/no/":   {asked, mend.Confirmation, nil, "no matter who asks", []string{"/address/yes/"}},
		"/address/keep/": {moving, mend.Notice, nil, "Your letters stay where they are", nil},
	} {
		t.Run(link, func(t *testing.T) {
			w := test.begin(newWorld(t, "2026-02-26T09:00"))
			letter := w.newest(test.kind)
			at := letter.link(t, link)
			w.wantText(w.get(at), 200, "<button")
			atOnce := false
			w.before = func() { atOnce = true; w.wantText(w.post(at, test.form), 200, test.says) }
			w.wantText(w.post(at, test.form), 200, test.says)
			if !atOnce {
				t.Fatal("the button wasn't pressed twice at once")
			}
			all := w.db.All()
			w.wantText(w.post(at, test.form), 200, test.says)
			if diff := cmp.Diff(all, w.db.All()); diff != "" {
				t.Errorf("pressed again, it changes something:\n%s", diff)
			}
			for _, other := range test.others {
				w.want(w.post(letter.link(t, other), url.Values{}), 410)
			}
		})
	}
}

// What a link says of its own move holds no longer once another one is asked for.
func TestAKeptAddressIsKeptUntilTheNextMove(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	var links []string
	for range 2 {
		session := w.signIn()
		w.want(w.post(w.settingsPath(session)+"/address", url.Values{"email": {"ann.new@example.org"}}, session), 303)
		w.advance(time.Hour)
		links = append(links, w.newest(mend.Notice).link(t, "/address/keep/"))
		w.want(w.get(links[0]), map[bool]int{true: 200, false: 410}[len(links) == 1])
		if len(links) == 1 {
			w.want(w.post(links[0], url.Values{}), 200)
			w.advance(time.Hour)
		}
	}
	w.want(w.post(links[0], url.Values{}), 410)
	w.want(w.post(links[1], url.Values{}), 200)
	w.want(w.post(links[0], url.Values{}), 410)
}

// formWith is what the form of a page sends that has a button or a field of a value.
func formWith(t *testing.T, page, value string) url.Values {
	t.Helper()
	field := regexp.MustCompile(`<(?:input|button)[^>]* name="([^"]*)" value="([^"]*)"`)
	for _, text := range regexp.MustCompile(`(?s)<form.*?</form>`).FindAllString(page, -1) {
		if !strings.Contains(text, `value="`+value+`"`) {
			continue
		}
		form := url.Values{}
		for _, found := range field.FindAllStringSubmatch(text, -1) {
			form.Add(found[1], found[2])
		}
		return form
	}
	t.Fatalf("no form with %q in\n%s", value, page)
	return nil
}

// What was saved in one window isn't replaced unseen by another: they are told, and what they typed
// stays. Sent twice, the same is saved once.
func TestAnEditInAnotherWindowIsNotLost(t *testing.T) {
	w, session := diary(t)
	reminders := w.settingsPath(session) + "/reminders"
	w.want(w.post(reminders, url.Values{
		"words": {"Water the basil"}, "cadence": {"daily"}, "time": {"12:00"}, "zone": {"Europe/Berlin"},
	}, session), 303)
	made := url.Values{"promise": {"Ring the plumber"}, "due": {"2026-03-31"}}
	w.want(w.post("/journal/promises", made, session), 303)
	promise := regexp.MustCompile(`/journal/promises/[a-z2-7]{8}`).FindString(w.want(w.get("/journal", session), 200))
	for path, form := range map[string]url.Values{
		"/journal/entries/" + string(mend.EntryOf(w.entries()[0])): {"action": {"words"}},
		promise:          {"action": {"change"}, "due": {"2026-03-31"}},
		reminders + "/3": {"cadence": {"daily"}, "time": {"12:00"}, "zone": {"Europe/Berlin"}},
	} {
		fill := func(page, typed string) url.Values {
			was := regexp.MustCompile(`name="was" value="([^"]+)"`).FindStringSubmatch(page)
			filled := maps.Clone(form)
			filled["was"], filled["words"], filled["promise"] = was[1:], []string{typed}, []string{typed}
			return filled
		}
		early := fill(w.want(w.get(path, session), 200), "What I wrote first.")
		late := fill(w.want(w.get(path, session), 200), "What I wrote then.")
		for range 2 {
			w.want(w.post(path, early, session), 303)
		}
		page := w.wantText(w.post(path, late, session), 422, "in another window", "What I wrote first.",
			"What I wrote then.")
		w.want(w.post(path, fill(page, "What I wrote then."), session), 303)
		w.wantText(w.get(path, session), 200, "What I wrote then.")
	}
}

// What a page offers to skip is the letter that it shows, and no other.
func TestAnOldPageSkipsNoOtherLetter(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join("cadence", "daily")
	page := w.newest(mend.Welcome).link(t, "/preferences/")
	form := formWith(t, w.want(w.get(page), 200), "skip")
	w.advance(24 * time.Hour)
	w.wantText(w.post(page, form), 422, "another one by now")
	if got := mend.InWords(w.settings().Next, w.now); got != "Saturday 28 February at 07:30" {
		t.Errorf("the next letter is %q, want tomorrow's", got)
	}
	for range 2 { // without a date too, the same letter is skipped once
		w.want(w.post(page, url.Values{"action": {"skip"}}), 303)
	}
	if got := mend.InWords(w.settings().Next, w.now); got != "Sunday 1 March at 07:30" {
		t.Errorf("the next letter is %q, want that of the day after", got)
	}
}

// Whichever of two forms is written first, both hold: each changes only what it has fields for. A
// stricter privacy that was saved isn't taken back by a form that asks for another hour.
func TestTwoSettingsSavedAtOnceBothHold(t *testing.T) {
	forms := map[string]url.Values{
		"rhythm":  {"cadence": {"weekdays"}, "time": {"21:15"}, "zone": {"Asia/Tokyo"}},
		"pause":   {"pause_until": {"2026-03-31"}},
		"monthly": {"digest": {""}, "digest_day": {"14"}, "quiet_month": {"", "on"}, "last_year": {""}},
		"path":    {"path": {"foundations"}},
		"privacy": {"privacy": {"link-only"}},
		"subject": {"cover": {"Reading"}},
		"name":    {"name": {"Zoë"}},
	}
	for first, early := range forms {
		for second, late := range forms {
			if first == second {
				continue
			}
			t.Run(first+" and "+second, func(t *testing.T) {
				save := func(atOnce bool) any {
					w := newWorld(t, "2026-02-26T09:00").join("privacy", "quotes")
					session := w.signIn()
					save := func(name string, form url.Values) {
						w.want(w.post(w.settingsPath(session)+"/"+name, form, session), 303)
					}
					if atOnce { // the second is saved while the first is being saved
						path := w.settingsPath(session) + "/" + first
						w.before = func() { save(second, late) }
						w.want(w.post(path, early, session), 303)
					} else {
						save(second, late)
						save(first, early)
					}
					return w.settings().Form
				}
				if diff := cmp.Diff(save(false), save(true)); diff != "" {
					t.Errorf("one after the other (-) and at once (+):\n%s", diff)
				}
			})
		}
	}
}
