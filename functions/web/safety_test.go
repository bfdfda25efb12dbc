package web_test

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/mend/content"
	"example.org/mend/functions/web"
	"example.org/mend/shared/mend"
)

// The page that a stranger's sign-up leads to has both answers, and neither is taken by looking.
func TestTheConfirmationPageHasTheOtherAnswerToo(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	w.want(w.post("/join", signUp()), 303)
	confirm := w.newest(mend.Confirmation).link(t, "/confirm/")
	w.wantText(w.get(confirm), 200, "It wasn’t me", `value="not-me"`)
	w.wantText(w.post(confirm, url.Values{"action": {"not-me"}}), 200, "We won’t write again")
	w.want(w.post(confirm, url.Values{}), 410)
	w.now = w.now.Add(48 * time.Hour)
	sent := len(w.outbox)
	w.want(w.post("/join", signUp()), 303)
	if w.work(); len(w.outbox) != sent {
		t.Error("a blocked address got another letter")
	}
}

// Whoever filled in the form need not be who reads the inbox: what it lets letters show is said
// before the yes.
func TestTheConfirmationPageSaysWhatLettersMayShow(t *testing.T) {
	for privacy, said := range map[string]bool{"quotes": true, "no-quotes": false, "link-only": false} {
		w := newWorld(t, "2026-02-26T09:00")
		w.want(w.post("/join", signUp("privacy", privacy, "name", "Somebody")), 303)
		body := w.want(w.get(w.newest(mend.Confirmation).link(t, "/confirm/")), 200)
		if got := strings.Contains(body, "may quote what you wrote"); got != said {
			t.Errorf("%s: the page says so: %v", privacy, got)
		}
		if strings.Contains(body, "Somebody") {
			t.Errorf("%s: the page shows what was typed", privacy)
		}
	}
}

func TestProgramsThatFillInEverythingGetNoLetter(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	page := parseHTML(t, w.want(w.get("/join"), 200))
	trap := page.byID("website")
	if trap == nil || attr(trap, "tabindex") != "-1" || attr(trap.Parent, "aria-hidden") != "true" {
		t.Fatal("people can get into the field that is a trap")
	}
	res := w.post("/join", signUp("website", "https://spam.example"))
	w.want(res, 303)
	if res.Header.Get("Location") != "/joined" || w.writes != 0 {
		t.Errorf("got Location %q and %d writes, want the usual answer and nothing done",
			res.Header.Get("Location"), w.writes)
	}
	ago := func(d time.Duration) string { return strconv.FormatInt(time.Now().Add(-d).Unix(), 10) }
	w.wantText(w.post("/join", signUp("shown", ago(time.Second))), 422, "very quick", ann)
	if w.writes != 0 {
		t.Error("a form that came back at once was written down")
	}
	for _, shown := range []string{ago(10 * time.Second), ago(24 * time.Hour), "", "x"} {
		w.want(w.post("/join", signUp("shown", shown, "email", "someone"+strconv.Itoa(len(shown))+"@example.org")), 303)
	}
	quick := request("POST", "/join", signUp("shown", ago(0), "email", "local@example.org"))
	quick.RemoteAddr = "127.0.0.1:4711"
	w.want(w.do(quick), 303) // one machine
}

func TestAFloodOfSignUpsMeetsALimit(t *testing.T) {
	for path, form := range map[string]func(i int) url.Values{
		"/join":   func(i int) url.Values { return signUp("email", strconv.Itoa(i)+"@example.org") },
		"/joined": func(i int) url.Values { return url.Values{"email": {strconv.Itoa(i) + "@example.org"}} },
		"/signin": func(i int) url.Values { return url.Values{"email": {strconv.Itoa(i) + "@example.org"}} },
	} {
		w := newWorld(t, "2026-02-26T09:00")
		refused, stamps := 0, 0
		for i := range 60 {
			res := w.post(path, form(i))
			body := string(must(io.ReadAll(res.Body))(t))
			if res.StatusCode == 429 {
				page := parseHTML(t, body)
				if stamp := page.byID("stamp"); stamp != nil { // the form as it was typed, and what it costs
					stamps++
					paid := form(i)
					paid.Set("stamp", attr(page.named("stamp"), "value"))
					paid.Set("answer", work(paid.Get("stamp"), attr(stamp, "data-bits")))
					if got := attr(page.byID("email"), "value"); got != paid.Get("email") {
						t.Errorf("POST %s: the page has the address %q, want what was typed", path, got)
					}
					res = w.post(path, paid)
					body = string(must(io.ReadAll(res.Body))(t))
				}
			}
			if res.StatusCode == 429 {
				refused = i
				if !strings.Contains(body, "try again in an hour") || !strings.Contains(body, `href="/help"`) {
					t.Errorf("POST %s: a page without a way on:\n%s", path, body)
				}
				break
			}
		}
		if stamps == 0 {
			t.Errorf("POST %s: no stamp is wanted before the limit", path)
		}
		if refused == 0 {
			t.Errorf("POST %s: sixty in an hour from one network, and none is refused", path)
		}
		other := request("POST", path, form(1000))
		other.RemoteAddr = "198.51.100.1:1"
		if res := w.do(other); res.StatusCode != 303 {
			t.Errorf("POST %s from another network: got status %d", path, res.StatusCode)
		}
		w.want(w.post(path, url.Values{"email": {"nobody"}}), 422) // what asks for nothing is not counted
	}
}

// named is the first field of a name.
func (d dom) named(name string) *node {
	for _, n := range d.all(func(n *node) bool { return attr(n, "name") == name }) {
		return n
	}
	return nil
}

// work answers a stamp as the script of the page does.
func work(stamp, bits string) string {
	n, _ := strconv.Atoi(bits)
	for i := 0; ; i++ {
		sum := sha256.Sum256([]byte(stamp + "." + strconv.Itoa(i)))
		if binary.BigEndian.Uint32(sum[:])>>(32-n) == 0 {
			return strconv.Itoa(i)
		}
	}
}

func TestTheConfirmationCanBeAskedForAgain(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	w.want(w.post("/join", signUp()), 303)
	w.newest(mend.Confirmation)
	w.now = w.now.Add(25 * time.Hour)
	page := parseHTML(t, w.want(w.get("/joined"), 200))
	if page.byID("email") == nil {
		t.Fatal("the page has no form for it")
	}
	sent := len(w.outbox)
	res := w.post("/joined", url.Values{"email": {ann}})
	w.want(res, 303)
	w.wantText(w.get(res.Header.Get("Location")), 200, "once a day at most")
	if w.work(); len(w.outbox) != sent+1 {
		t.Errorf("got %d letters, want one more", len(w.outbox)-sent)
	}
	w.wantText(w.post("/joined", url.Values{"email": {"nobody"}}), 422, `id="email-wrong"`, `value="nobody"`)
}

func TestWhoRunsThisCanBeReachedOrNot(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	for contact, want := range map[string]string{
		"":                        "how to reach them",
		"post@mend.example":       "post@mend.example",
		"the_*post*_@e.example":   "the_*post*_@e.example",
		"<script>x</script>@e.ex": "&lt;script&gt;x",
	} {
		w.handler = must(web.New(w.svc.Base, w.svc.Sending.Library, w.svc.Sending.Letters,
			web.Options{Help: content.BuiltHelp(), Contact: contact}))(t)
		for _, path := range []string{"/help", "/privacy"} {
			body := w.wantText(w.get(path), 200)
			if !strings.Contains(body, want) && contact != "<script>x</script>@e.ex" {
				t.Errorf("%s with contact %q does not say %q", path, contact, want)
			}
			if path == "/help" && strings.Contains(body, "Say what happened and roughly when") != (contact != "") {
				t.Errorf("with contact %q, it does not go with how to report", contact)
			}
			if strings.Contains(body, ".Contact}}") || strings.Contains(body, "<script>x") {
				t.Errorf("%s with contact %q shows it raw", path, contact)
			}
		}
	}
	w.handler = must(web.New(w.svc.Base, w.svc.Sending.Library, w.svc.Sending.Letters, web.Options{}))(t)
	w.want(w.get("/help"), 200)
}

func TestTodaysLetterAtOnceAndSkippingTheNext(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	w.want(w.post("/join", signUp()), 303)
	confirm := w.newest(mend.Confirmation).link(t, "/confirm/")
	w.want(w.post(confirm, url.Values{"action": {"now"}}), 400) // before the yes
	w.wantText(w.post(confirm, url.Values{}), 200, "Send me the first letter now")
	w.wantText(w.post(confirm, url.Values{"action": {"now"}}), 200, "on its way")
	at := w.newest(mend.CheckIn).link(t, "/preferences/")
	w.wantText(w.post(confirm, url.Values{"action": {"now"}}), 422, "already gone out")
	w.wantText(w.get(at), 200, "Monday 2 March at 07:30")
	res := w.post(at, url.Values{"action": {"skip"}})
	w.want(res, 303)
	w.wantText(w.get(res.Header.Get("Location")), 200, "skipped", "Monday 9 March at 07:30")
}

func TestTheLettersMoveByThePages(t *testing.T) {
	const moved = "ann.new@example.org"
	w := newWorld(t, "2026-02-26T09:00").join()
	preferences := w.newest(mend.Welcome).link(t, "/preferences/")
	address := preferences + "/address"
	w.want(w.get(address), 303)
	w.want(w.post(address, url.Values{"email": {moved}}), 303)
	session := w.signIn()
	w.wantText(w.get(preferences, session), 200, `href="`+address+`"`)
	w.wantText(w.get(address, session), 200, ann, "Change my address")
	w.wantText(w.post(address, url.Values{"email": {ann}}, session), 422, `id="email-wrong"`)
	w.now = w.now.Add(11 * time.Minute) // the browser may have been left open
	w.wantText(w.post(address, url.Values{"email": {moved}}, session), 422, `id="email-wrong"`, "sign in again", moved)
	session = w.signIn()
	res := w.post(address, url.Values{"email": {moved}}, session)
	w.want(res, 303)
	w.wantText(w.get(res.Header.Get("Location"), session), 200, "Keep this address")
	res = w.post(address, url.Values{"action": {"drop"}}, session)
	w.want(res, 303)
	w.wantText(w.get(res.Header.Get("Location"), session), 200, "Nothing moves", "Change my address")
	w.want(w.post(address, url.Values{"email": {moved}}, session), 303)
	notice := w.newest(mend.Notice)
	keep := notice.link(t, "/address/keep/")
	w.wantText(w.get(keep), 200, "Keep this address?")
	w.advance(73 * time.Hour)
	ask := w.newest(mend.Confirmation)
	yes, no := ask.link(t, "/address/yes/"), ask.link(t, "/address/no/")
	w.wantText(w.get(no), 200, "<button")
	w.wantText(w.get(yes), 200, "Yes, move my letters here")
	w.wantText(w.post(yes, url.Values{}), 200, "Your letters come here now")
	w.want(w.post(no, url.Values{}), 410)
	w.want(w.post(keep, url.Values{}), 410)
	if got := must(w.svc.Store.Person(t.Context(), w.whose(moved), w.now))(t).Address.Mail(); got != moved {
		t.Errorf("letters go to %q", got)
	}
}

func TestTheCalendarIsAFeed(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	session := w.signIn()
	preferences := w.newest(mend.Welcome).link(t, "/preferences/")
	if body := w.want(w.get(preferences), 200); strings.Contains(body, "/calendar/") {
		t.Error("a letter's link leads to the calendar")
	}
	body := w.want(w.get(preferences, session), 200)
	_, after, ok := strings.Cut(body, `href="/calendar/`)
	if !ok {
		t.Fatal("the settings have no link to the calendar")
	}
	file, _, _ := strings.Cut(after, `"`)
	res := w.get("/calendar/" + file)
	if got := res.Header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
		t.Errorf("got Content-Type %q", got)
	}
	feed := string(must(io.ReadAll(res.Body))(t))
	if !strings.HasPrefix(feed, "BEGIN:VCALENDAR\r\n") || !strings.Contains(feed, "RRULE:FREQ=WEEKLY;BYDAY=MO\r\n") {
		t.Errorf("got\n%s", feed)
	}
	w.now = w.now.Add(time.Hour)
	again := w.get("/calendar/" + file)
	if tag := again.Header.Get("ETag"); tag == "" || tag != res.Header.Get("ETag") ||
		again.Header.Get("Last-Modified") == "" {
		t.Errorf("an hour later, the feed has the tag %q and changed at %q; it had %q", tag,
			again.Header.Get("Last-Modified"), res.Header.Get("ETag"))
	}
	for name, value := range map[string]string{"If-None-Match": res.Header.Get("ETag"),
		"If-Modified-Since": res.Header.Get("Last-Modified")} {
		conditional := request("GET", "/calendar/"+file, nil)
		conditional.Header.Set(name, value)
		if res := w.do(conditional); res.StatusCode != 304 {
			t.Errorf("%s: got %d, want 304", name, res.StatusCode)
		}
	}
	w.want(w.get("/calendar/"+strings.ToUpper(file)), 200)
	w.want(w.get("/calendar/"+strings.TrimSuffix(file, ".ics")), 404)
	w.want(w.get("/calendar/"+strings.Repeat("a", 42)+".ics"), 404)
}

func TestSigningOutEverywhere(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	one := w.signIn()
	w.now = w.now.Add(time.Minute)
	other := w.signIn()
	w.want(w.post("/signout/everywhere", url.Values{}), 303)
	w.want(w.get("/journal", one), 200)
	w.want(w.post("/signout/everywhere", url.Values{}, other), 303)
	w.want(w.get("/journal", one), 303)
	w.want(w.get("/journal", other), 303)
}

// One sentence says who can read replies: on every page and in every letter, in the same words.
func TestOneSentenceSaysWhoReadsReplies(t *testing.T) {
	claim := regexp.MustCompile(
		`(?i)no ?(one|body)( here)? reads|only you (can )?(see|read)|(saved|kept) for you alone|run this service could`,
	)
	said := everyPage(t)
	for _, language := range content.Languages() {
		for _, message := range language.Messages {
			if message.Key != "reply.none" { // of letters whose replies go nowhere
				said[message.Key] = strings.Join(message.Variants, " ")
			}
		}
	}
	for name, text := range said {
		if strings.HasPrefix(text, "<") {
			text = textOf(parseHTML(t, text).root)
		}
		if found := claim.FindString(strings.ReplaceAll(text, mend.WhoReads, "")); found != "" {
			t.Errorf("%s says %q, want %q", name, found, mend.WhoReads)
		}
	}
	for _, name := range []string{"GET /", "GET /privacy", "reply.private", "welcome.reply"} {
		if !strings.Contains(said[name], mend.WhoReads) {
			t.Errorf("%s does not say who reads replies", name)
		}
	}
}

// One letter that is skipped is no pause: the settings say so, and so does what can't be done
// meanwhile. It comes after all if someone who is signed in asks for it, as a pause ends.
func TestASkippedLetterIsNoPause(t *testing.T) {
	for skipped, says := range map[bool]struct{ summary, page, refused, button string }{
		true: {"one letter is skipped", "skipping one letter", "skipping the next letter",
			"Send me that letter after all"},
		false: {"Until Friday 20 March", "letters are paused", "letters are paused", "Start again now"},
	} {
		w := newWorld(t, "2026-02-26T09:00").join("cadence", "daily")
		link := w.newest(mend.Welcome).link(t, "/preferences/")
		form := url.Values{"pause_until": {"2026-03-20"}}
		if skipped {
			form = url.Values{"action": {"skip"}}
		}
		w.want(w.post(link, form), 303)
		w.wantText(w.get(link), 200, says.summary)
		if page := w.wantText(w.get(link+"/pause"), 200, says.page, "sign in"); strings.Contains(page, says.button) {
			t.Errorf("a link offers %q", says.button)
		}
		w.wantText(w.post(link, url.Values{"action": {"now"}}), 422, says.refused)
		session := w.signIn()
		w.wantText(w.get(link+"/pause", session), 200, says.button)
		w.want(w.post(link, url.Values{"action": {"resume"}}, session), 303)
		w.wantText(w.get(link), 200, "Not paused<", "The next letter comes on", "27 February")
	}
}
