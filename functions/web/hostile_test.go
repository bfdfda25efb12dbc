package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	unsafe "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/receive"
)

// hostileTexts are what somebody may type to get out of the place that is meant for their words.
// Each has a word of its own by which it is found.
var hostileTexts = map[string]string{
	"a script":            `quokka <script>alert("quokka")</script>`,
	"an attribute":        `quokka"><img src=https://evil.example/x onerror=alert(1)>`,
	"the end of a script": `quokka </textarea></title></style></script><svg onload=alert(1)>`,
	"a template":          `quokka {{.Site}} {name} ${7*7} %[1]v %!s(MISSING)`,
	"what turns the text": "quokka \u202egnp.exe\u2066 \u200f",
	"a header":            "quokka\r\nBcc: victim@evil.example\r\nContent-Type: text/html\r\n\r\n<b>quokka</b>",
	"Markdown": "quokka [click](javascript:alert(1)) ![x](https://evil.example/x.png) " +
		"<https://evil.example> https://evil.example www.evil.example\n# quokka\n```\n| a |\n|---|",
	"a calendar":    "quokka\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:quokka\\;,",
	"controls":      "quokka\x00\x1b[2J\x07\x7f\u2028\u0085",
	"JSON":          `quokka", "flag": "", "x": "\u0000`,
	"100,000 emoji": strings.Repeat("😀", 100_000),
	"no UTF-8":      "quokka \xff\xfe\x80",
}

// What people type is shown as text or refused, and never executed: in pages, letters, copies, the
// calendar and the log.
func TestHostileTextIsTextEverywhere(t *testing.T) {
	for name, text := range hostileTexts {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-02-26T09:00")
			refusable := func(what string, res *http.Response, ok int) bool {
				t.Helper()
				body := string(must(io.ReadAll(res.Body))(t))
				if res.StatusCode == 422 || res.StatusCode == 413 {
					w.harmless(what+", refused", body)
					return false
				}
				if res.StatusCode != ok {
					t.Fatalf("%s: got status %d", what, res.StatusCode)
				}
				return true
			}
			for _, field := range []string{"email", "path", "zone", "time", "cadence", "privacy"} {
				if refusable(field, w.post("/join", signUp(field, text)), 303) {
					t.Errorf("the %s was taken", field)
				}
			}
			if !refusable("the name at signing up", w.post("/join", signUp("name", text)), 303) {
				w.want(w.post("/join", signUp()), 303)
			}
			w.want(w.post(w.newest(mend.Confirmation).link(t, "/confirm/"), url.Values{}), 200)
			session := w.signIn()
			preferences := w.newest(mend.Welcome).link(t, "/preferences/")
			w.want(w.post(preferences, url.Values{"privacy": {"quotes"}, "retention": {"for-good"}}, session), 303)

			refusable("the name", w.post(preferences, url.Values{"name": {text}}, session), 303)
			reminder := url.Values{"words": {text}, "cadence": {"daily"}, "time": {"10:00"}, "zone": {"Europe/Berlin"}}
			refusable("a reminder", w.post(preferences+"/reminders", reminder, session), 303)
			wrote := refusable("an entry", w.post("/journal", url.Values{"words": {text}, "mood": {"3"}}, session), 303)
			ended := w.post("/journal", url.Values{"words": {text}, text: {text}})
			w.harmless("an entry after the visit", string(must(io.ReadAll(ended.Body))(t)))
			refusable("a promise", w.post("/journal/promises", url.Values{"promise": {text},
				"due": {"2026-02-28"}}, session), 303)
			refusable("a search", w.post("/journal/search", url.Values{"q": {text}}, session), 200)
			w.promise("PROMISED " + strings.ToValidUTF8(text[:min(len(text), 280)], ""))

			// Replies come by mail, where nobody can be told: they are kept as they are.
			w.advance(4 * 24 * time.Hour)
			letter := w.newest(mend.CheckIn)
			for _, from := range []string{ann, "eve@evil.example"} {
				w.mailed(letter.header.Get("Reply-To"), from, text)
			}
			w.advance(31 * 24 * time.Hour) // reminders, the promise's question, the monthly letter
			session = w.signIn()

			journal := w.want(w.get("/journal", session), 200)
			if shown := textOf(parseHTML(t, journal).root); wrote && strings.Contains(text, "quokka") &&
				!strings.Contains(shown, "quokka") {
				t.Error("the journal does not show what was written")
			}
			for _, page := range w.reachable("/journal", session) {
				w.harmless(page, string(must(io.ReadAll(w.get(page, session).Body))(t)))
			}
			for _, o := range w.outbox {
				l := read(t, o.Raw)
				w.harmless("a letter, "+string(o.Kind), l.html)
				head, _, _ := bytes.Cut(o.Raw, []byte("\r\n\r\n"))
				if l.header.Get("Bcc") != "" || bytes.Contains(head, []byte("evil.example")) {
					t.Errorf("what was typed got into the header of a letter of kind %s:\n%s", o.Kind, head)
				}
				for _, part := range []string{l.text, l.html} {
					if strings.ContainsFunc(part, func(r rune) bool {
						return unicode.Is(unicode.Bidi_Control, r) || r < ' ' && !strings.ContainsRune("\r\n\t", r)
					}) {
						t.Errorf("a control character got into a letter of kind %s", o.Kind)
					}
				}
			}
			w.copiesAreHarmless(session)

			calendar := w.want(w.get("/calendar/"+w.settings().Calendar+".ics"), 200)
			if strings.Contains(calendar, "quokka") || strings.Contains(calendar, "😀") ||
				strings.Count(calendar, "BEGIN:VEVENT") > 3 {
				t.Errorf("what was typed got into the calendar:\n%s", calendar)
			}
			for line := range strings.Lines(w.log.String()) {
				if !json.Valid([]byte(line)) {
					t.Errorf("a line of the log is no JSON: %q", line)
				}
			}
			if strings.Contains(w.log.String(), "quokka") || strings.Contains(w.log.String(), "😀") {
				t.Error("what was typed got into the log")
			}
		})
	}
}

// mailed lets a reply come in whose words and attachment's name are hostile.
func (w *world) mailed(to, from, text string) {
	w.Helper()
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text[:min(len(text), 60)], ""))
	raw := "From: <" + from + ">\r\nTo: <" + to + ">\r\nMessage-ID: <" + from + fmt.Sprint(w.writes) +
		">\r\nSubject: Re\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; " +
		"charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n4\r\n" +
		text + "\r\n--b\r\nContent-Type: image/png; name=\"" + name +
		".png\"\r\nContent-Disposition: attachment; filename=\"" + name + ".png\"\r\n\r\nx\r\n--b--\r\n"
	if err := w.svc.Blobs.Put(w.Context(), "raw/1", []byte(raw)); err != nil {
		w.Fatal(err)
	}
	verdict := receive.Pass
	if from != ann {
		verdict = receive.Fail
	}
	err := w.svc.Replies.Receive(w.Context(), receive.Receipt{
		Recipients: []string{strings.Trim(to, "<>")}, RawKey: "raw/1", At: w.now, Spam: receive.Pass,
		Virus: receive.Pass, DMARC: verdict,
	})
	if err != nil {
		w.Fatal(err)
	}
	w.work()
}

// reachable is every page that links lead to from one.
func (w *world) reachable(from string, session *http.Cookie) []string {
	w.Helper()
	all := []string{from}
	for i := 0; i < len(all); i++ {
		body := string(must(io.ReadAll(w.get(all[i], session).Body))(w))
		for _, a := range parseHTML(w.TB, body).all(func(n *node) bool { return n.Data == "a" }) {
			path, _, _ := strings.Cut(attr(a, "href"), "#")
			path, _, _ = strings.Cut(path, "?")
			if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "/export.") &&
				!strings.HasPrefix(path, "/calendar/") && !slices.Contains(all, path) &&
				strings.Count(strings.Join(all, " "), "/preferences/") < 12 { // each page has a fresh token
				all = append(all, path)
			}
		}
	}
	if len(all) < 10 {
		w.Fatalf("only %v", all)
	}
	return all
}

// harmless fails where mark-up does what ours never does.
func (w *world) harmless(what, body string) {
	w.Helper()
	page := parseHTML(w.TB, body)
	for n := range page.root.Descendants() {
		if n.Type == html.TextNode && strings.ContainsFunc(n.Data, turns) && !isolated(n) {
			w.Errorf("%s: characters that turn the text turn more than what was typed: %.80q", what, n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "img" || n.Data == "iframe" || n.Data == "script" &&
			(n.FirstChild != nil || !strings.HasPrefix(attr(n, "src"), "/assets/")) {
			w.Errorf("%s: what was typed became <%s>", what, n.Data)
		}
		for _, a := range n.Attr {
			link := slices.Contains([]string{"href", "src", "action", "formaction"}, a.Key)
			if strings.HasPrefix(a.Key, "on") || link && (strings.Contains(a.Val, "evil.example") ||
				strings.HasPrefix(a.Val, "javascript:")) {
				w.Errorf("%s: what was typed became <%s %s=%q>", what, n.Data, a.Key, a.Val)
			}
		}
	}
}

// turns is true of characters that turn the direction of all that follows them, to the end of the
// paragraph (UAX #9).
func turns(r rune) bool { return '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069' }

// isolated reports whether the direction of a text ends where its element does (HTML, "the dir
// attribute").
func isolated(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "bdi" || p.Data == "textarea" || attr(p, "dir") == "auto" {
			return true
		}
	}
	return false
}

// copiesAreHarmless reads both files as programs would that are careless with them.
func (w *world) copiesAreHarmless(session *http.Cookie) {
	w.Helper()
	w.parts(session)
	_, md := w.fetch("/export.md", session)
	var out bytes.Buffer
	careless := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(unsafe.WithUnsafe()))
	if err := careless.Convert(md, &out); err != nil {
		w.Fatal(err)
	}
	page := parseHTML(w.TB, out.String())
	w.harmless("the copy to read", out.String())
	for _, n := range page.all(func(n *node) bool {
		return slices.Contains([]string{"script", "svg", "img", "table", "pre", "code", "textarea"}, n.Data) ||
			n.Data == "a" && !strings.HasPrefix(attr(n, "href"), "mailto:"+ann)
	}) {
		w.Errorf("what was typed became <%s> in the copy to read", n.Data)
	}
	if strings.Contains(string(md), "\x00") || strings.Contains(string(md), "\x1b") {
		w.Error("a control character got into the copy to read")
	}
}
