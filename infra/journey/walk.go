package journey

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/cadence"
)

// Days is how many virtual days the walk takes.
const Days = 40

// Start is when the walk begins: a Sunday. Within its forty days clocks go forward in New York (8
// March) and Berlin (29 March) and back in Sydney (5 April).
var Start = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

// Walk makes the whole journey: three people in three zones, from joining to stopping and erasing.
func Walk(t *testing.T, w World) {
	zone := func(id string) *time.Location {
		z, err := cadence.Zone(id)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	ann := somebody{newBrowser(t, w), "ann@example.test", zone("Europe/Berlin")}
	bo := somebody{newBrowser(t, w), "bo@example.test", zone("America/New_York")}
	cy := somebody{newBrowser(t, w), "cy@example.test", zone("Australia/Sydney")}

	ann.get("/").want(t, "the landing page", http.StatusOK)
	ann.join(url.Values{
		"name": {"Ann O’Hara"}, "path": {"amends"}, "cadence": {"daily"}, "time": {"07:30"}, "digest": {"on"},
		"privacy": {"quotes"},
	})
	bo.join(url.Values{"path": {"together"}, "cadence": {"daily"}, "time": {"02:30"}})
	cy.join(url.Values{"path": {"apart"}, "cadence": {"daily"}, "time": {"02:30"}})
	for _, s := range []somebody{ann, bo, cy} {
		confirmation := s.last("confirmation")
		confirmation.check(t, w)
		if text := string(confirmation.Raw); strings.Contains(text, "Hara") {
			t.Error("the confirmation holds what somebody typed")
		}
		s.confirm()
		s.last("welcome").check(t, w)
	}
	// Again: the same answer, no second confirmation, no second welcome.
	ann.join(url.Values{"path": {"amends"}, "cadence": {"daily"}, "time": {"07:30"}})
	ann.post(ann.last("confirmation").link(t, w, "/confirm/"), nil).want(t, "confirm again", http.StatusOK)
	if got := len(ann.letters("confirmation", "welcome")); got != 2 {
		t.Errorf("joining and confirming twice: got %d confirmations and welcomes, want 2", got)
	}

	// The first check-in: the same morning, at 07:30 in Berlin.
	w.AdvanceTo(t, Start.Add(2*time.Hour))
	first := ann.last("checkin")
	first.check(t, w)
	wantAt(t, "the first check-in", first.At, ann.zone, "2026-03-01 07:30")
	if !strings.Contains(first.read(t).text, "Ann O’Hara") {
		t.Error("the check-in does not greet by name")
	}

	// A reply: a mood, a promise by Friday, and words.
	words := "It was the evening with the broken lamp.\n\nI said nothing, and that was the worst of it."
	ann.reply(first, "4\nPROMISE call my sister by Friday\n\n"+words)
	ann.signIn()
	journal := ann.get("/journal").want(t, "the journal", http.StatusOK).body
	for _, line := range []string{"the evening with the broken lamp", "that was the worst of it", "call my sister"} {
		if !strings.Contains(journal, line) {
			t.Errorf("the journal does not show %q", line)
		}
	}
	for _, quote := range []string{"no one here reads", "PROMISE"} {
		if strings.Contains(exportOf(t, ann).words(), quote) {
			t.Errorf("the words that were kept hold %q", quote)
		}
	}
	// The same mail twice changes nothing: Message-ID is made of the clock, which stands.
	ann.reply(first, "4\nPROMISE call my sister by Friday\n\n"+words)
	e := exportOf(t, ann)
	if len(e.Replies) != 1 || len(e.Promises) != 1 || e.Replies[0].Mood != 4 || e.Replies[0].Words != words {
		t.Errorf("the export holds %+v, want one reply with mood 4 and the words, and one promise", e)
	}

	// A reminder of her own, every Wednesday at noon.
	reminders := path.Dir(strings.TrimPrefix(first.link(t, w, "/preferences/"), w.Site())) + "/reminders"
	newBrowser(t, w).get(reminders).want(t, "reminders without a session", http.StatusSeeOther)
	ann.post(reminders, url.Values{
		"words": {"Water the basil <b>twice</b>"}, "cadence": {"weekly"}, "days": {"wed"}, "time": {"12:00"},
		"zone": {"Europe/Berlin"},
	}).want(t, "add a reminder", http.StatusSeeOther)

	// The promise comes back at 19:00 on Friday, once.
	w.AdvanceTo(t, time.Date(2026, 3, 6, 23, 0, 0, 0, ann.zone))
	asked := ann.last("promise")
	asked.check(t, w)
	wantAt(t, "the promise", asked.At, ann.zone, "2026-03-06 19:00")
	ann.reply(asked, "Kept!")
	w.AdvanceTo(t, time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC))
	reminder := ann.last("reminder")
	reminder.check(t, w)
	wantAt(t, "the reminder", reminder.At, ann.zone, "2026-03-11 12:00")
	if r := reminder.read(t); !strings.Contains(r.text, "Water the basil <b>twice</b>") ||
		strings.Contains(r.html, "<b>twice") || strings.Contains(r.subject, "basil") {
		t.Errorf("the reminder reads\n%s\nand has the subject %q", r.text, r.subject)
	}
	if got := len(ann.letters("promise")); got != 1 {
		t.Errorf("the promise was asked about %d times, want once", got)
	}
	ann.reply(ann.last("checkin"), "2\nThe second week is harder than the first.")

	// A slower rhythm and another hour, by the link in a letter.
	w.AdvanceTo(t, time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC))
	preferences := ann.last("checkin").link(t, w, "/preferences/")
	ann.get(preferences).want(t, "preferences", http.StatusOK)
	form := url.Values{
		"path": {"amends"}, "cadence": {"daily"}, "time": {"08:15"}, "zone": {"Europe/Berlin"}, "digest": {"on"},
		"privacy": {"quotes"},
	}
	ann.post(preferences, form).want(t, "change the hour", http.StatusSeeOther)
	form.Set("path", "betrayal")
	newBrowser(t, w).post(preferences, form).want(t, "another path by a link alone", http.StatusUnprocessableEntity)

	// On the 1st the digest takes the place of the check-in, with her own words.
	w.AdvanceTo(t, time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC))
	digest := ann.last("digest")
	digest.check(t, w)
	wantAt(t, "the digest", digest.At, ann.zone, "2026-04-01 08:15")
	// She wrote on the 1st and the 12th, and on the 6th that a promise was kept.
	text := digest.read(t).text
	if !strings.Contains(text, "harder than the first") || !strings.Contains(text, "wrote on 3 days") {
		t.Errorf("the digest does not show her month:\n%s", text)
	}

	// A complaint ends everything for Bo.
	w.AdvanceTo(t, time.Date(2026, 4, 3, 12, 0, 0, 0, time.UTC))
	w.Event(t, bo.last("checkin"), "complaint", "")
	// Ann presses the one-click button of her mail program.
	w.AdvanceTo(t, time.Date(2026, 4, 7, 12, 0, 0, 0, time.UTC))
	stop := strings.Trim(ann.last("checkin").read(t).header.Get("List-Unsubscribe"), "<>")
	newBrowser(t, w).post(stop, url.Values{"List-Unsubscribe": {"One-Click"}}).want(t, "one-click stop", http.StatusOK)

	w.AdvanceTo(t, Start.AddDate(0, 0, Days))
	oneADay(t, ann, "2026-03-01", "2026-04-07", map[string]string{"2026-03-21": "08:15"}, "07:30")
	oneADay(t, bo, "2026-03-01", "2026-04-03", nil, "02:30")
	oneADay(t, cy, "2026-03-02", "2026-04-10", nil, "02:30")

	// Cy erases everything, and hears of it once.
	cy.signIn()
	cy.post("/erase", url.Values{"confirm": {"delete"}}).want(t, "erase", http.StatusOK)
	cy.get("/journal").want(t, "the journal after erasing", http.StatusSeeOther)
	erased := cy.last("notice")
	erased.checkForm(t)
	if list := erased.read(t).header.Get("List-Unsubscribe"); list != "" {
		t.Errorf("after erasing, a letter leads to %s, behind which there is nothing any more", list)
	}
	before := len(cy.letters())
	w.AdvanceTo(t, w.Now(t).Add(48*time.Hour))
	if got := len(cy.letters()); got != before {
		t.Errorf("after erasing came %d letters, want none", got-before)
	}
}

func wantAt(t *testing.T, what string, got time.Time, zone *time.Location, want string) {
	t.Helper()
	if local := got.In(zone).Format("2006-01-02 15:04"); local != want {
		t.Errorf("%s came at %s, want %s", what, local, want)
	}
}

// oneADay checks that on every local date from first to last there was one check-in or digest, at
// its local hour, and on no other date. hours says from which date on another hour holds.
func oneADay(t *testing.T, s somebody, first, last string, hours map[string]string, hour string) {
	t.Helper()
	came := map[string][]string{}
	for _, l := range s.letters("checkin", "digest") {
		at := l.At.In(s.zone)
		came[at.Format(time.DateOnly)] = append(came[at.Format(time.DateOnly)], at.Format("15:04"))
	}
	day, err := time.Parse(time.DateOnly, first)
	if err != nil {
		t.Fatal(err)
	}
	for date := first; date <= last; date = day.Format(time.DateOnly) {
		if h, ok := hours[date]; ok {
			hour = h
		}
		want := hour
		if date == "2026-03-08" && s.zone.String() == "America/New_York" {
			want = "03:30" // 02:30 does not exist: the offset before the gap
		}
		if got := strings.Join(came[date], " "); got != want {
			t.Errorf("%s on %s: letters at %q, want %q", s.address, date, got, want)
		}
		delete(came, date)
		day = day.AddDate(0, 0, 1)
	}
	for date, at := range came {
		t.Errorf("%s on %s: letters at %q, want none", s.address, date, at)
	}
}

// export is the part of /export.json that the walk looks at.
type export struct {
	Replies []struct {
		Words string `json:"words"`
		Mood  int    `json:"mood"`
	} `json:"replies"`
	Promises []struct {
		Words string `json:"words"`
		State string `json:"state"`
	} `json:"promises"`
}

func (e export) words() string {
	var all []string
	for _, r := range e.Replies {
		all = append(all, r.Words)
	}
	return strings.Join(all, "\n")
}

func exportOf(t *testing.T, s somebody) export {
	t.Helper()
	var e export
	if err := json.Unmarshal([]byte(s.get("/export.json").want(t, "export", http.StatusOK).body), &e); err != nil {
		t.Fatalf("the export: %v", err)
	}
	return e
}
