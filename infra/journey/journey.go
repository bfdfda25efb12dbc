// Package journey tests all of Mend from outside, as people and their mail programs use it: over
// HTTP and SMTP, reading the letters that arrive. The same walk is made on one machine and on a
// deployed stack, which differ only in their [World].
package journey

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// World is a running Mend.
type World interface {
	// Site is the origin of its pages.
	Site() string
	// Now is the instant at which its clock stands.
	Now(t *testing.T) time.Time
	// AdvanceTo lets time pass up to an instant, with all that happens on the way.
	AdvanceTo(t *testing.T, at time.Time)
	// Letters is every letter sent so far, oldest first.
	Letters(t *testing.T) []Letter
	// Mail hands a raw message to the mail exchanger of the reply domain, and fails the
	// test if it is not taken.
	Mail(t *testing.T, from, to, raw string)
	// Event has the mail service report something about a letter: bounce, complaint or delivery.
	Event(t *testing.T, l Letter, event, detail string)
}

// Letter is a letter as it arrived.
type Letter struct {
	ID   string
	To   string
	Kind string
	At   time.Time
	Raw  []byte
}

// browser is somebody with a browser: cookies, and no redirect followed unseen.
type browser struct {
	t    *testing.T
	w    World
	http *http.Client
}

func newBrowser(t *testing.T, w World) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, w, &http.Client{
		Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

type page struct {
	status   int
	location string
	body     string
}

// get opens a path of the site, or one of its own absolute URLs.
func (b *browser) get(path string) page {
	b.t.Helper()
	answer, err := b.http.Get(b.at(path))
	return b.read(answer, err)
}

// post sends a form.
func (b *browser) post(path string, form url.Values) page {
	b.t.Helper()
	answer, err := b.http.PostForm(b.at(path), form)
	return b.read(answer, err)
}

func (b *browser) at(path string) string {
	if strings.HasPrefix(path, "/") {
		return b.w.Site() + path
	}
	return path
}

func (b *browser) read(answer *http.Response, err error) page {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return page{answer.StatusCode, answer.Header.Get("Location"), string(body)}
}

func (p page) want(t *testing.T, what string, status int) page {
	t.Helper()
	if p.status != status {
		t.Fatalf("%s: got status %d, want %d\n%s", what, p.status, status, p.body)
	}
	return p
}

// somebody is one of the people on the walk.
type somebody struct {
	*browser
	address string
	zone    *time.Location
}

func (s somebody) join(form url.Values) {
	s.t.Helper()
	full := url.Values{"email": {s.address}, "consent": {"on"}, "adult": {"on"}, "zone": {s.zone.String()}}
	for k, v := range form {
		full[k] = v
	}
	if p := s.post("/join", full).want(s.t, "join", http.StatusSeeOther); p.location != "/joined" {
		s.t.Fatalf("join leads to %q, want /joined", p.location)
	}
}

// letters are those that came to this person, of the kinds given, or all.
func (s somebody) letters(kinds ...string) []Letter {
	s.t.Helper()
	var mine []Letter
	for _, l := range s.w.Letters(s.t) {
		if l.To == s.address && (len(kinds) == 0 || slices.Contains(kinds, l.Kind)) {
			mine = append(mine, l)
		}
	}
	return mine
}

// last is the newest letter of a kind.
func (s somebody) last(kind string) Letter {
	s.t.Helper()
	mine := s.letters(kind)
	if len(mine) == 0 {
		s.t.Fatalf("no %s has come", kind)
	}
	return mine[len(mine)-1]
}

// confirm presses the button that the confirmation links to.
func (s somebody) confirm() {
	s.t.Helper()
	link := s.last("confirmation").link(s.t, s.w, "/confirm/")
	before := len(s.letters())
	s.get(link).want(s.t, "look at the confirmation page", http.StatusOK)
	if got := len(s.letters()); got != before {
		s.t.Fatalf("looking at the confirmation page sent %d letters, want none", got-before)
	}
	s.post(link, nil).want(s.t, "confirm", http.StatusOK)
}

// signIn asks for a link, follows it and presses its button.
func (s somebody) signIn() {
	s.t.Helper()
	s.post("/signin", url.Values{"email": {s.address}}).want(s.t, "ask for a sign-in link", http.StatusSeeOther)
	link := s.last("signin").link(s.t, s.w, "/signin/")
	s.get(link).want(s.t, "look at the sign-in page", http.StatusOK)
	if p := s.post(link, nil).want(s.t, "sign in", http.StatusSeeOther); p.location != "/journal" {
		s.t.Fatalf("sign-in leads to %q, want /journal", p.location)
	}
}

// reply writes back to a letter, as a mail client does: the words above, the letter quoted below.
func (s somebody) reply(l Letter, words string) {
	s.t.Helper()
	m := l.read(s.t)
	var quoted strings.Builder
	for line := range strings.Lines(m.text) {
		quoted.WriteString("> " + line)
	}
	now := s.w.Now(s.t)
	raw := fmt.Sprintf("From: Somebody <%s>\nTo: <%s>\nSubject: Re: %s\nDate: %s\n"+
		"Message-ID: <%d@example.test>\nIn-Reply-To: %s\n"+
		"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"+
		"%s\n\nOn %s, Mend <%s> wrote:\n\n%s",
		s.address, m.replyTo, m.subject, now.Format(time.RFC1123Z),
		now.UnixNano(), m.header.Get("Message-Id"),
		words, l.At.In(s.zone).Format("Mon, 2 Jan 2006 at 15:04"), m.from, quoted.String())
	s.w.Mail(s.t, s.address, m.replyTo, strings.ReplaceAll(raw, "\n", "\r\n"))
}

var urls = regexp.MustCompile(`https?://[^\s"<>]+`)

// link is the first link in the text of a letter whose path begins so.
func (l Letter) link(t *testing.T, w World, path string) string {
	t.Helper()
	for _, u := range urls.FindAllString(l.read(t).text, -1) {
		if strings.HasPrefix(u, w.Site()+path) {
			return u
		}
	}
	t.Fatalf("the %s has no link to %s:\n%s", l.Kind, path, l.read(t).text)
	return ""
}
