package web_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	unsafe "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"example.org/mend/content"
	"example.org/mend/functions/web"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

type node = html.Node

// dom is a page as a browser reads it.
type dom struct{ root *html.Node }

func parseHTML(t testing.TB, body string) dom {
	t.Helper()
	return dom{must(html.Parse(strings.NewReader(body)))(t)}
}

func (d dom) all(match func(*html.Node) bool) (found []*html.Node) {
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode && match(n) {
			found = append(found, n)
		}
	}
	return found
}

func (d dom) byID(id string) *html.Node {
	for _, n := range d.all(func(n *html.Node) bool { return attr(n, "id") == id }) {
		return n
	}
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// render renders Markdown as a careless program would: raw HTML passes.
func render(t testing.TB, markdown string) string {
	t.Helper()
	var out bytes.Buffer
	if err := goldmark.New(goldmark.WithRendererOptions(unsafe.WithUnsafe())).Convert([]byte(markdown),
		&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// everyPage is the HTML of every page, those of trouble and of success among them, by what it is.
func everyPage(t *testing.T) map[string]string {
	w := newWorld(t, "2026-02-26T09:00").join()
	session := w.signIn()
	w.reply("It was easier than I thought.", 4)
	get, _ := w.links(session)
	all := map[string]string{}
	for _, path := range get {
		res := w.get(path, session)
		if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			all["GET "+path] = string(must(io.ReadAll(res.Body))(t))
		}
	}
	keep := func(name string, path string, form url.Values) {
		res := w.post(path, form, session)
		all[name] = string(must(io.ReadAll(res.Body))(t))
	}
	preferences := w.newest(mend.Welcome).link(t, "/preferences/")
	stop := w.newest(mend.Welcome).link(t, "/stop/")
	promise := w.promiseLink(t, w.ann(), "aaaaaaaa")
	keep("join, all wrong", "/join", url.Values{})
	keep("preferences, wrong", preferences, url.Values{"cadence": {"weekly"}, "days": {""}, "time": {"x"},
		"zone": {"x"}, "path": {"x"}})
	keep("reminder, wrong", preferences+"/reminders", url.Values{})
	keep("sign in, wrong", "/signin", url.Values{})
	keep("promise, wrong", promise, url.Values{"answer": {"not-yet"}, "due": {"x"}})
	keep("promise, no answer", promise, url.Values{})
	keep("promise, moved", promise, url.Values{"answer": {"not-yet"}, "due": {"2026-03-13"}})
	keep("promise, kept", promise, url.Values{"answer": {"kept"}})
	w.reply("Perhaps not me.", 0)
	w.reply("Heavier.", 1)
	all["the journal, asking"] = w.want(w.get("/journal", session), 200)
	entry := "/journal/entries/" + string(mend.EntryOf(w.entries()[0]))
	all["an entry"] = w.want(w.get(entry, session), 200)
	keep("an entry, wrong", entry, url.Values{"action": {"words"}})
	all["a promise of one's own"] = w.want(w.get("/journal/promises/aaaaaaaa", session), 200)
	keep("a promise of one's own, wrong", "/journal/promises/aaaaaaaa", url.Values{"action": {"change"}})
	keep("the journal, entry wrong", "/journal", url.Values{"mood": {"9"}})
	keep("the journal, promise wrong", "/journal/promises", url.Values{})
	keep("the journal, searched", "/journal/search", url.Values{"q": {"easier"}})
	all["how does it stand"] = w.want(w.get(preferences+"?ask=still-fits"), 200)
	all["preferences by link"] = w.want(w.get(preferences), 200)
	all["the visit has ended"] = w.want(w.post("/journal", url.Values{"words": {"x"}, "mood": {"3"}}), 403)
	keep("not saved", "/journal/entries/20260226-01-gone", url.Values{"action": {"words"}, "words": {"x"}})
	done := func(path string, form url.Values) {
		w.want(w.post(path, form, session), 303)
	}
	all["said no, once more"] = w.want(w.post(preferences, url.Values{"action": {"said-no"}}), 200)
	all["the questions before a path"] = w.want(w.post(preferences, url.Values{"path": {"betrayal"}}, session), 200)
	all["a yes to a question"] = w.want(w.post(preferences, url.Values{"path": {"betrayal"}, "gate": {"yes"}}, session),
		200)
	done(preferences, url.Values{"action": {"said-no"}, "confirm": {"yes"}})
	all["preferences, no contact"] = w.want(w.get(preferences, session), 200)
	all["the journal, resting"] = w.want(w.get("/journal", session), 200)
	done("/journal/rest", url.Values{"promise-aaaaaaaa": {"goes-on"}})
	keep("joined, wrong", "/joined", url.Values{})
	keep("address, wrong", preferences+"/address", url.Values{})
	done(preferences+"/address", url.Values{"email": {"new@example.org"}})
	all["moving"] = w.want(w.get(preferences+"/address", session), 200)
	old := w.newest(mend.Notice).link(t, "/address/keep/")
	all["move, keep"] = w.want(w.get(old), 200)
	w.advance(73 * time.Hour)
	session = w.signIn()
	ask := w.newest(mend.Confirmation)
	all["move, yes"] = w.want(w.get(ask.link(t, "/address/yes/")), 200)
	all["move, no"] = w.want(w.get(ask.link(t, "/address/no/")), 200)
	keep("move, kept", old, url.Values{})
	session = w.signIn()
	keep("stop, paused", stop, url.Values{"action": {"pause"}})
	keep("stop, monthly", stop, url.Values{"action": {"monthly"}})
	keep("stopped", stop, url.Values{"action": {"stop"}})
	keep("stop, undone", stop, url.Values{"action": {"undo"}})
	session = w.signIn() // the stop ended the visit
	for path, form := range map[string]url.Values{"/join": signUp(), "/joined": {"email": {ann}},
		"/signin": {"email": {ann}}} {
		for range 60 {
			if res := w.post(path, form); res.StatusCode == 429 {
				name := "a stamp for " + path
				if all[name] = string(must(io.ReadAll(res.Body))(t)); !strings.Contains(all[name], `id="stamp"`) {
					t.Errorf("POST %s: no stamp is wanted before the limit", path)
				}
				break
			}
		}
	}
	keep("erase, wrong", "/erase", url.Values{})
	keep("erased", "/erase", url.Values{"confirm": {"delete"}})
	all["signin, sent"] = w.want(w.get("/signin?sent"), 200)
	all["gone"] = w.want(w.get(preferences), 410)
	return all
}

// assetLink finds what a page loads: style sheets, scripts and pictures.
var assetLink = regexp.MustCompile(`(?:href|src)="(/assets/[^"]*\.(?:css|js|svg))"`)

// What holds of every page: WCAG 2.2 as far as mark-up alone shows it, the policy of its own
// headers, and the two ways out.
func TestEveryPage(t *testing.T) {
	assets := newWorld(t, "2026-02-26T09:00")
	for name, body := range everyPage(t) {
		t.Run(strings.ReplaceAll(name, "/", " "), func(t *testing.T) {
			all := len(body) // and what it loads, as it goes over the wire without compression
			for _, path := range assetLink.FindAllStringSubmatch(body, -1) {
				all += len(assets.want(assets.get(path[1]), 200))
			}
			if all > 60<<10 || all < len(body)+2<<10 {
				t.Errorf("got %d bytes with style sheet, script and icon, want at most 60 KB", all)
			}
			page := parseHTML(t, body)
			count := map[string]int{}
			ids := map[string]int{}
			labelled := map[string]bool{}
			for _, n := range page.all(func(*html.Node) bool { return true }) {
				count[n.Namespace+n.Data]++
				if id := attr(n, "id"); id != "" {
					ids[id]++
				}
				if n.Data == "label" {
					labelled[attr(n, "for")] = true
				}
				for _, a := range n.Attr {
					if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
						t.Errorf("<%s %s>: the policy forbids it", n.Data, a.Key)
					}
				}
			}
			for _, want := range []string{"h1", "main", "header", "footer", "title"} {
				if count[want] != 1 {
					t.Errorf("got %d <%s>, want one", count[want], want)
				}
			}
			if html := page.all(func(n *html.Node) bool { return n.Data == "html" })[0]; attr(html, "lang") != "en" {
				t.Error("the page does not say its language")
			}
			for id, n := range ids {
				if n > 1 {
					t.Errorf("the id %q stands there %d times", id, n)
				}
			}
			for _, n := range page.all(func(n *html.Node) bool {
				return n.Data == "style" || n.Data == "script" && attr(n, "src") == ""
			}) {
				t.Errorf("inline <%s>: the policy forbids it", n.Data)
			}
			for _, n := range page.all(func(n *html.Node) bool {
				return slices.Contains([]string{"input", "textarea", "select"}, n.Data)
			}) {
				inLabel := n.Parent.Data == "label"
				if attr(n, "type") != "hidden" && !inLabel && !labelled[attr(n, "id")] {
					t.Errorf("<%s name=%q> has no label", n.Data, attr(n, "name"))
				}
			}
			for _, n := range page.all(func(n *html.Node) bool { return true }) {
				for _, name := range []string{"aria-describedby", "aria-labelledby"} {
					for _, id := range strings.Fields(attr(n, name)) {
						if ids[id] == 0 {
							t.Errorf("<%s %s> names #%s, which is not there", n.Data, name, id)
						}
					}
				}
				if href := attr(n, "href"); n.Data == "a" && strings.HasPrefix(href, "#") && ids[href[1:]] == 0 {
					t.Errorf("a link to %s, which is not there", href)
				}
			}
			if exit := page.all(func(n *html.Node) bool { return attr(n, "class") == "exit" }); len(exit) != 1 ||
				attr(exit[0], "href") == "" {
				t.Error("the page has no quick exit that works without script")
			}
			if !strings.Contains(body, `<a href="/help">Safety</a>`) {
				t.Error("the page has no link to safety")
			}
			title := strings.ToLower(textOf(page.all(func(n *html.Node) bool { return n.Data == "title" })[0]))
			for _, word := range []string{"trust", "betray", "relation", "mend", "amends", "promise", "apart"} {
				if name != "GET /" && strings.Contains(title, word) {
					t.Errorf("the title %q is not discreet", title)
				}
			}
		})
	}
}

// A journal that has been written in for a year is as light as any page: the words themselves, and
// little around them.
func TestAFullJournalIsLight(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	words := strings.Repeat("It was easier than I thought, and the rain had stopped. ", 5)
	for range 100 {
		w.now = w.now.Add(time.Hour)
		w.reply(words, 4)
	}
	session := w.signIn()
	whole := whole(w)
	for i := range 10 {
		whole.Promises = append(whole.Promises, mend.Promise{
			Person: w.ann(), ID: mend.ItemID(fmt.Sprintf("aaaaaaa%c", 'a'+i)), Words: words[:200],
			Due: mend.DateOf(w.now).AddDays(i), State: mend.PromiseOpen, Made: w.now,
		})
	}
	if err := w.svc.Store.Commit(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	body := w.want(w.get("/journal", session), 200)
	all := len(body)
	for _, path := range assetLink.FindAllStringSubmatch(body, -1) {
		all += len(w.want(w.get(path[1]), 200))
	}
	if all > 60<<10 {
		t.Errorf("got %d bytes with style sheet, script and icon, want at most 50 KB", all)
	}
}

func whole(w *world) store.Transaction {
	w.Helper()
	return store.Transaction{Person: must(w.svc.Store.Load(w.Context(), w.ann(), w.now))(w).Person}
}

func TestGateAnswersAreSentNowhere(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	page := parseHTML(t, w.want(w.get("/join"), 200))
	gate := page.all(func(n *html.Node) bool { return attr(n, "class") == "gate" })
	if len(gate) != 1 {
		t.Fatalf("got %d gates, want one", len(gate))
	}
	boxes := 0
	for n := range gate[0].Descendants() {
		if n.Data == "input" {
			boxes++
			if attr(n, "name") != "" || attr(n, "form") != "" {
				t.Errorf("a question has a name: %v", n.Attr)
			}
		}
		if n.Data == "form" {
			t.Error("the questions stand in a form")
		}
	}
	for p := gate[0].Parent; p != nil; p = p.Parent {
		if p.Data == "form" {
			t.Error("the questions stand in a form")
		}
	}
	if boxes != 6 {
		t.Errorf("got %d questions, want six", boxes)
	}
	// Any yes leads to help, and to the paths for it, never to amends: in words, where neither
	// script nor style speaks.
	links := 0
	for n := range gate[0].Descendants() {
		if n.Data == "a" && strings.HasPrefix(attr(n, "href"), "/help#") {
			links++
		}
	}
	mind := page.all(func(n *html.Node) bool { return strings.Contains(attr(n, "class"), "mind") })
	if links != 6 || len(mind) != 1 || !strings.Contains(textOf(mind[0]), "Apart") ||
		strings.Contains(strings.ToLower(textOf(mind[0])), "amends") {
		t.Errorf("got %d links to help, and %d sentences about the paths", links, len(mind))
	}
}

func TestHelpShowsNumbersThatSomeoneChecked(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	help := func(lines ...content.CrisisLine) string {
		t.Helper()
		w.handler = must(web.New(w.svc.Base, w.svc.Sending.Library, w.svc.Sending.Letters,
			web.Options{Help: content.Help{Lines: lines}}))(t)
		return w.want(w.get("/help"), 200)
	}
	line := func(country, name, number, verified string) content.CrisisLine {
		return content.CrisisLine{
			Country: country, Name: name, For: "harmed", Number: number, Language: "de", Hours: "always",
			Source: "Owner, line.example", Verified: verified,
		}
	}
	body := help(line("DE", "Checked line", "0800 1", "2026-11-01"), line("FR", "Unchecked line", "0800 2", ""),
		line("IT", "Half checked line", "0800 3", "soon"))
	if !strings.Contains(body, "Germany: Checked line") || !strings.Contains(body, "0800 1") {
		t.Error("the line that was checked is not shown")
	}
	if strings.Contains(body, "0800 2") || strings.Contains(body, "0800 3") {
		t.Error("a line that no one checked is shown")
	}
	if !strings.Contains(body, "Unchecked line, <a href=\"https://line.example\">") ||
		!strings.Contains(body, "https://findahelpline.com") {
		t.Error("the name and website of an unchecked line, or a directory, is missing")
	}
	if !strings.Contains(help(), "emergency number") {
		t.Error("without content the page says nothing of the emergency number")
	}
}

// Pages and content are read when they are first asked for, so that nothing but this says what is
// wrong with the others.
func TestEveryPageAndAllContentCanBeRead(t *testing.T) {
	if err := newWorld(t, "2026-02-26T09:00").handler.Read(); err != nil {
		t.Error(err)
	}
}

func TestTheWholeHelpIsThere(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	page := parseHTML(t, w.want(w.get("/help"), 200))
	sections := page.all(func(n *html.Node) bool { return attr(n, "class") == "text" })
	if got, want := len(sections), len(must(filepath.Glob("../../content/help/*.md"))(t)); got != want {
		t.Errorf("got %d sections, want one for each of the %d files", got, want)
	}
	for name, body := range everyPage(t) {
		for _, link := range regexp.MustCompile(`href="/help#([^"]*)"`).FindAllStringSubmatch(body, -1) {
			if page.byID(link[1]) == nil {
				t.Errorf("%s: a link to /help#%s, which is not there", name, link[1])
			}
		}
	}
	// The numbers of those that no one checked stand nowhere, in a name either; a site
	// may be called so.
	shown := w.want(w.get("/help"), 200)
	for _, l := range content.BuiltHelp().Lines {
		link := `<a href="https://` + l.Site() + `">` + l.Site() + `</a>`
		if !strings.Contains(shown, link) {
			t.Errorf("%s: no link to %q", l.Name, l.Site())
		}
	}
	shown = regexp.MustCompile(`<a href="https://.*?</a>`).ReplaceAllString(shown, "")
	for _, l := range content.BuiltHelp().Lines {
		if l.Verified == "" && regexp.MustCompile(`\b`+l.Number+`\b`).MatchString(shown) {
			t.Errorf("%s, %s: %s is shown, and no one checked it", l.Country, l.Name, l.Number)
		}
	}
	// Every country of the file has a name to be shown by.
	checked := slices.Clone(content.BuiltHelp().Lines)
	for i := range checked {
		checked[i].Verified = "2026-11-01"
	}
	w.handler = must(web.New(w.svc.Base, w.svc.Sending.Library, w.svc.Sending.Letters,
		web.Options{Help: content.Help{Lines: checked}}))(t)
	body := w.want(w.get("/help"), 200)
	if code := regexp.MustCompile(`<strong>([A-Z]{2}):`).FindStringSubmatch(body); code != nil {
		t.Errorf("the country %s has no name in help.go", code[1])
	}
	if got, want := strings.Count(body, "<li><p><strong>"), len(checked); got != want {
		t.Errorf("got %d lines, want all %d of the file: is one for a need that the page does not know?", got, want)
	}
}

func TestAssetsAreSmallAndKeptForGood(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	page := w.want(w.get("/"), 200)
	kinds := map[string]string{"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
		"svg": "image/svg+xml", "woff2": "font/woff2"}
	names := regexp.MustCompile(`"(?:/assets/[0-9a-f]{16}/)?([a-z0-9-]+\.(css|js|svg|woff2))"`)
	style := regexp.MustCompile(`/assets/[0-9a-f]{16}/mend\.css`).FindString(page)
	beside := strings.TrimSuffix(style, "mend.css")
	sizes := map[string][]int{}
	seen := map[string]bool{}
	for _, name := range names.FindAllStringSubmatch(page+w.want(w.get(style), 200), -1) {
		if seen[name[1]] {
			continue
		}
		seen[name[1]] = true
		res := w.get(beside + name[1])
		sizes[name[2]] = append(sizes[name[2]], len(w.want(res, 200)))
		if got := res.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: got Cache-Control %q", name[1], got)
		}
		if got := res.Header.Get("Content-Type"); got != kinds[name[2]] {
			t.Errorf("%s: got Content-Type %q, want %q", name[1], got, kinds[name[2]])
		}
	}
	for kind, most := range map[string]int{"css": 20 << 10, "js": 12 << 10, "svg": 2 << 10, "woff2": 60 << 10} {
		all := 0
		for _, size := range sizes[kind] {
			all += size
		}
		if all == 0 || all > most {
			t.Errorf("%s: got %v bytes, want some and at most %d", kind, sizes[kind], most)
		}
	}
	if len(sizes["woff2"]) != 2 {
		t.Errorf("got %d files of type, want two", len(sizes["woff2"]))
	}
	for _, path := range []string{
		"/assets/0123456789abcdef/mend.css", beside + "literata-LICENSE.txt", beside + "none.css",
	} {
		w.want(w.get(path), 404)
	}
}

// WCAG 2.2, 1.4.3 (text, 4.5) and 1.4.11 (the borders of fields, 3).
func TestContrast(t *testing.T) {
	css := string(must(os.ReadFile("pages/assets/base.css"))(t))
	schemes := regexp.MustCompile(`:root \{([^}]*)\}`).FindAllStringSubmatch(css, -1)
	if len(schemes) != 2 {
		t.Fatalf("got %d palettes, want light and dark", len(schemes))
	}
	for i, scheme := range schemes {
		colour := map[string]string{}
		for _, c := range regexp.MustCompile(`--(\w+): (#[0-9a-f]{6})`).FindAllStringSubmatch(scheme[1], -1) {
			colour[c[1]] = c[2]
		}
		for _, ground := range []string{"ground", "paper"} {
			for text, least := range map[string]float64{
				"ink": 4.5, "muted": 4.5, "accent": 4.5, "wrong": 4.5, "field": 3,
				"amends": 4.5, "together": 4.5, "betrayal": 4.5, "foundations": 4.5, "apart": 4.5,
			} {
				if got := contrast(t, colour[text], colour[ground]); got < least {
					t.Errorf("palette %d: %s on %s: got %.2f, want %.1f", i, text, ground, got, least)
				}
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	var sum float64
	for i, weight := range []float64{.2126, .7152, .0722} {
		if len(colour) != 7 {
			t.Fatalf("the palette lacks a colour")
		}
		c := float64(must(strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8))(t)) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

// Pages show the colors of package mend, which are those of the letters.
func TestThePaletteIsThatOfTheLetters(t *testing.T) {
	colors := map[string]mend.Color{"ground": mend.Ground, "ink": mend.Ink, "muted": mend.Muted,
		"accent": mend.Accent, "hairline": mend.Hairline}
	for _, path := range mend.Paths {
		colors[path] = mend.PathColor(path)
	}
	light, dark, _ := strings.Cut(string(must(os.ReadFile("pages/assets/base.css"))(t)),
		"@media (prefers-color-scheme: dark)")
	for name, color := range colors {
		if want := "--" + name + ": " + color.Light + ";"; !strings.Contains(light, want) {
			t.Errorf("the pages lack %q in light", want)
		}
		if want := "--" + name + ": " + color.Dark + ";"; !strings.Contains(dark, want) {
			t.Errorf("the pages lack %q in dark", want)
		}
	}
}
