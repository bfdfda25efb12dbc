package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/feedback"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/receive"
)

var (
	linkPattern  = regexp.MustCompile(`https://mend\.example(/[a-z/]+/([a-z2-7]{40,60})(?:\.ics)?)`)
	tokenPattern = regexp.MustCompile(`/([a-z2-7]{40,60})\b`)
)

// everyLetter is a world in which Ann has had every kind of letter that goes to a mailbox, and has
// asked to move. links are the links of those letters and the one to her calendar.
func everyLetter(t *testing.T) (w *world, links []string) {
	t.Helper()
	w = newWorld(t, "2026-02-26T09:00").join()
	session := w.signIn()
	w.want(w.post(w.settingsPath(session)+"/reminders", url.Values{
		"words": {"Water the basil"}, "show_words": {"on"}, "cadence": {"daily"}, "time": {"12:00"},
		"zone": {"Europe/Berlin"},
	}, session), 303)
	w.want(w.post("/journal/promises", url.Values{"promise": {"Ring the plumber"}, "due": {"2026-03-05"}}, session),
		303)
	calendar := regexp.MustCompile(`/calendar/[a-z2-7]+\.ics`).FindString(w.want(w.get(w.settingsPath(session),
		session), 200))
	w.advance(6 * 24 * time.Hour)
	checkIn := w.newest(mend.CheckIn)
	w.mail(checkIn, ann, "PROMISE call my sister by one of these days", "PASS") // "on which day?"
	w.mail(checkIn, "eve@example.org", "It was me.", "FAIL")                    // "was this you?"
	w.advance(29 * 24 * time.Hour)                                              // past the 1st of April
	session = w.signIn()
	w.want(w.post(w.settingsPath(session), url.Values{"action": {"said-no"}, "confirm": {"yes"}}, session), 303)
	w.want(w.post(w.settingsPath(session)+"/address", url.Values{"email": {"ann.new@example.org"}}, session), 303)
	w.work()
	links = []string{calendar}
	kinds := map[mend.Kind]bool{}
	for _, sent := range w.outbox {
		kinds[sent.Kind] = true
		for _, found := range linkPattern.FindAllStringSubmatch(read(t, sent.Raw).text, -1) {
			links = append(links, found[1])
		}
	}
	for _, kind := range []mend.Kind{
		mend.Confirmation, mend.Welcome, mend.SignIn, mend.CheckIn, mend.Reminder, mend.PromiseKind,
		mend.Digest, mend.Notice,
	} {
		if !kinds[kind] {
			t.Fatalf("no letter of kind %s", kind)
		}
	}
	return w, links
}

// settingsPath is the path of the settings page that a signed-in person gets to from the journal.
func (w *world) settingsPath(session *http.Cookie) string {
	w.Helper()
	return regexp.MustCompile(`/preferences/[a-z2-7]+`).FindString(w.want(w.get("/journal", session), 200))
}

// mail is a mail in answer to a letter, as the mail exchanger hands it over.
func (w *world) mail(l letterSeen, from, words, dmarc string) {
	w.Helper()
	to := strings.Trim(l.header.Get("Reply-To"), "<>")
	key := fmt.Sprintf("raw/%d", w.writes)
	raw := "From: <" + from + ">\r\nTo: <" + to + ">\r\nSubject: Re: x\r\nMessage-ID: <" + key +
		"@example.org>\r\n\r\n" + words + "\r\n"
	if err := w.svc.Blobs.Put(w.Context(), key, []byte(raw)); err != nil {
		w.Fatal(err)
	}
	err := w.svc.Replies.Receive(w.Context(), receive.Receipt{
		Recipients: []string{to}, RawKey: key, At: w.now, Spam: receive.Pass, Virus: receive.Pass,
		DMARC: receive.Verdict(dmarc),
	})
	if err != nil {
		w.Fatal(err)
	}
	w.work()
}

// Whatever ends an epoch ends every link and every reply address that was sent before it. Only
// "stop" goes on, and its page says nothing but that.
func TestNothingOfAnEarlierEpochWorksButStop(t *testing.T) {
	for name, end := range map[string]func(*world){
		"a move": func(w *world) {
			w.advance(73 * time.Hour)
			w.want(w.post(w.newest(mend.Confirmation).link(t, "/address/yes/"), url.Values{}), 200)
		},
		"the address kept": func(w *world) {
			w.want(w.post(w.newest(mend.Notice).link(t, "/address/keep/"), url.Values{}), 200)
		},
		"signed out everywhere": func(w *world) {
			w.want(w.post("/signout/everywhere", url.Values{}, w.signIn()), 303)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, links := everyLetter(t)
			end(w)
			id := w.whose(ann)
			if name == "a move" {
				id = w.whose("ann.new@example.org")
			}
			zone := "Europe/Berlin"
			for _, link := range links {
				if strings.HasPrefix(link, "/stop/") {
					continue
				}
				for _, res := range []*http.Response{
					w.get(link), w.post(link, url.Values{}), w.post(link, url.Values{"action": {"undo"}}),
					w.post(link, url.Values{"answer": {"kept"}, "words": {"hello"}}),
				} {
					if name == "the address kept" && strings.HasPrefix(link, "/address/keep/") {
						w.wantText(res, 200, "Your letters stay where they are") // which it did
						continue
					}
					if res.StatusCode != 404 && res.StatusCode != 405 && res.StatusCode != 410 {
						t.Errorf("%s: got status %d, want it dead", link, res.StatusCode)
					}
				}
			}
			before := len(w.flags(id))
			replies := 0
			for _, sent := range slices.Clone(w.outbox) {
				l := read(t, sent.Raw)
				if sent.To.Mail() != ann || l.header.Get("Reply-To") == "" {
					continue
				}
				replies++
				w.mail(l, must(w.svc.Store.Person(t.Context(), id, w.now))(t).Address.Mail(),
					fmt.Sprint("PROMISE be kind by tomorrow ", replies), "PASS")
			}
			flags := w.flags(id)
			if len(flags)-before == 0 {
				t.Error("no reply to an old address is kept")
			}
			for _, flag := range flags[before:] {
				if flag == mend.NotFlagged {
					t.Error("a reply to an old address counts as proven")
				}
			}
			stop := links[slices.IndexFunc(links, func(l string) bool { return strings.HasPrefix(l, "/stop/") })]
			for _, form := range []url.Values{nil, {"action": {"pause"}}, {"action": {"stop"}}, {"action": {"undo"}},
				{"action": {"monthly"}}, nil} {
				res := w.get(stop)
				if form != nil {
					res = w.post(stop, form)
				}
				body := w.want(res, map[bool]int{true: 200, false: 410}[form == nil || form.Get("action") == "stop"])
				for _, told := range []string{zone, "next", "hour", "sign up again", "Pause", ann} {
					main, _, _ := strings.Cut(body[strings.Index(body, "<main"):], "</main>")
					if res.StatusCode == 200 && strings.Contains(main, told) {
						t.Errorf("the stop page of an old letter says %q after %v:\n%s", told, form, main)
					}
				}
			}
			if got := must(w.svc.Store.Person(t.Context(), id, w.now))(t).Status; got != mend.Stopped {
				t.Errorf("after a stop by an old letter: %s", got)
			}
		})
	}
}

// flags are the flags of a person's replies, oldest first.
func (w *world) flags(id mend.ID) []mend.ReplyFlag {
	w.Helper()
	var all []mend.Reply
	err := w.svc.Store.Replies(w.Context(), mend.Reply{Person: id}, mend.Date{}, w.now, func(r mend.Reply) error {
		all = append(all, r)
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	slices.SortFunc(all, func(a, b mend.Reply) int { return a.At.Compare(b.At) })
	var flags []mend.ReplyFlag
	for _, r := range all {
		flags = append(flags, r.Flag)
	}
	return flags
}

// A page that a link opened, and every page that its forms lead to, holds no other link: so nothing
// is stronger or lasts longer than what opened it.
func TestNoPageHandsOutAnotherLink(t *testing.T) {
	_, links := everyLetter(t)
	purposes := map[string]bool{}
	for _, link := range slices.Compact(links) {
		purpose := link[:strings.LastIndex(link, "/")]
		if strings.HasPrefix(link, "/calendar/") || purposes[purpose] {
			continue
		}
		purposes[purpose] = true
		t.Run(purpose, func(t *testing.T) {
			w, links := everyLetter(t)
			for _, l := range links { // the newest letter's
				if strings.HasPrefix(l, purpose+"/") {
					link = l
				}
			}
			own := link[strings.LastIndex(link, "/")+1:]
			look := func(did string, res *http.Response) string {
				body := w.want(res, res.StatusCode)
				for _, found := range tokenPattern.FindAllStringSubmatch(body+" "+res.Header.Get("Location"), -1) {
					if found[1] != own {
						t.Errorf("%s hands out %s", did, found[0])
					}
				}
				return body
			}
			for _, ask := range []string{"", "?ask=still-fits", "?ask=slower", "?done=saved"} {
				page := parseHTML(t, look("GET "+link+ask, w.get(link+ask)))
				for _, form := range page.all(func(n *node) bool { return n.Data == "form" }) {
					fields := url.Values{}
					for _, n := range (dom{form}).all(func(n *node) bool { return attr(n, "name") != "" }) {
						fields.Set(attr(n, "name"), attr(n, "value"))
					}
					at := attr(form, "action")
					if at == "" {
						at = link
					}
					res := w.post(at, fields)
					look(fmt.Sprint("POST ", at, fields), res)
					if to := res.Header.Get("Location"); to != "" {
						look("GET "+to, w.get(to))
					}
				}
			}
		})
	}
	if len(purposes) < 7 {
		t.Errorf("only these were tried: %v", purposes)
	}
}

// Every end of a way has a way on: each link of its page leads to a page that is there, and one of
// them is open to anyone.
func TestEveryEndHasAWayOn(t *testing.T) {
	ends := map[string]string{}
	for name, body := range everyPage(t) {
		switch name {
		case "promise, moved", "promise, kept", "stop, paused", "stop, monthly", "stopped",
			"stop, undone", "move, kept",
			"erased", "gone", "signin, sent", "the visit has ended", "moving":
			ends[name] = body
		}
	}
	if len(ends) != 12 {
		t.Errorf("got %d ends among all pages, want 12", len(ends))
	}
	w := newWorld(t, "2026-02-26T09:00")
	ends["joined"] = w.want(w.get("/joined"), 200)
	ends["nowhere"] = w.want(w.get("/nowhere"), 404)
	ends["another site"] = w.want(w.do(func() *http.Request {
		r := request("POST", "/join", signUp())
		r.Header.Set("Origin", "https://evil.example")
		return r
	}()), 403)
	w.want(w.post("/join", signUp("email", "not-me@example.org")), 303)
	ends["not me"] = w.want(w.post(w.newest(mend.Confirmation).link(t, "/notme/"), url.Values{}), 200)
	ends["a confirmation that was refused"] = w.want(w.get(w.newest(mend.Confirmation).link(t, "/confirm/")), 410)
	w.join()
	confirm := w.newest(mend.Confirmation).link(t, "/confirm/")
	ends["confirmed"] = w.want(w.get(confirm), 200)
	welcome := w.newest(mend.Welcome)
	preferences, stop := welcome.link(t, "/preferences/"), welcome.link(t, "/stop/")
	w.want(w.post("/signin", url.Values{"email": {ann}}), 303)
	signIn := w.newest(mend.SignIn)
	ends["muted"] = w.want(w.post(signIn.link(t, "/mute/"), url.Values{}), 200)
	ends["settings, sign-in refused"] = w.want(w.get(preferences), 200)
	w.now = w.now.Add(20 * time.Minute)
	ends["an old sign-in link"] = w.want(w.get(signIn.link(t, "/signin/")), 410)
	promise := w.promiseLink(t, w.ann(), w.promise("Water the basil"))
	ends["promise, let go"] = w.want(w.post(promise, url.Values{"answer": {"let-go"}}), 200)
	w.want(w.post(stop, url.Values{}), 200)
	ends["settings, stopped"] = w.want(w.get(preferences), 200)
	w.want(w.post(stop, url.Values{"action": {"undo"}}), 200)
	w.feedback(feedback.Bounced)
	ends["settings, bounced"] = w.want(w.get(preferences), 200)
	ends["stop, bounced"] = w.want(w.get(stop), 200)

	there := newWorld(t, "2026-02-26T09:00")
	for name, body := range ends {
		open := 0
		main := parseHTML(t, body).all(func(n *node) bool { return n.Data == "main" })[0]
		for n := range main.Descendants() {
			href := attr(n, "href")
			if n.Data != "a" || !strings.HasPrefix(href, "/") {
				continue
			}
			if strings.HasPrefix(href, "/preferences/") { // of the person's own visit
				open++
				continue
			}
			page, part, _ := strings.Cut(href, "#")
			res := there.get(page)
			for res.StatusCode == 303 {
				res = there.get(res.Header.Get("Location"))
			}
			if res.StatusCode != 200 {
				t.Errorf("%s: the link to %s leads to status %d", name, href, res.StatusCode)
			} else {
				open++
				if body := there.want(res, 200); part != "" && page == "/help" && parseHTML(t, body).byID(part) == nil {
					t.Errorf("%s: the help has no part %s", name, part)
				}
			}
		}
		if open == 0 {
			t.Errorf("%s has no way on", name)
		}
	}
}

// Someone who reads the mail of another may refuse sign-in links in their name. The owner has a way
// back from the foot of any letter, and the page hides nothing from them.
func TestRefusedSignInLinksCanComeAgain(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	preferences := w.newest(mend.Welcome).link(t, "/preferences/")
	if body := w.want(w.get(preferences), 200); strings.Contains(body, "sign-in-again") {
		t.Error("the page offers links that were never refused")
	}
	asked := func() (n int) {
		w.now, w.outbox = w.now.Add(25*time.Hour), nil
		w.want(w.post("/signin", url.Values{"email": {ann}}), 303)
		w.work()
		for _, o := range w.outbox {
			if o.Kind == mend.SignIn {
				n++
			}
		}
		return n
	}
	if asked() != 1 {
		t.Fatal("no link to sign in")
	}
	w.want(w.post(w.newest(mend.SignIn).link(t, "/mute/"), url.Values{"action": {"mute"}}), 200)
	if asked() != 0 {
		t.Fatal("a link came although they were refused")
	}
	w.wantText(w.get(preferences), 200, "sign-in-again", "asked us not to send sign-in links")
	res := w.post(preferences, url.Values{"action": {"sign-in-again"}})
	w.want(res, 303)
	body := w.wantText(w.get(res.Header.Get("Location")), 200, "Sign-in links come to this address again.")
	if strings.Contains(body, `value="sign-in-again"`) {
		t.Error("the page still offers them")
	}
	if asked() != 1 {
		t.Error("no link came after they were asked for again")
	}
}

// What someone is told who marked a letter as spam is true: the page leads to a sign-in link, which
// comes and opens the journal.
func TestWhoComplainedCanStillSignIn(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	w.feedback(feedback.Complained)
	w.wantText(w.get(w.newest(mend.Welcome).link(t, "/preferences/")), 200, "Sign in</a> to read it", `href="/signin"`)
	w.want(w.get("/export.json", w.signIn()), 200)
}
