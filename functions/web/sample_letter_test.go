package web_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"example.org/mend/content"
	"example.org/mend/functions/web"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
)

// The letters of the landing page are real: they say what the cards say, down to the question, and
// the reply below the first answers it. They are leafed through without script.
func TestTheLandingPageShowsThreeLetters(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	page := parseHTML(t, w.want(w.get("/"), 200))
	letters := page.all(func(n *node) bool { return n.Data == "article" })
	leaves := page.all(func(n *node) bool { return attr(n, "name") == "leaf" })
	if len(letters) != 3 || len(leaves) != 3 {
		t.Fatalf("%d letters behind %d radio buttons, want 3 and 3", len(letters), len(leaves))
	}
	var paths []string
	for i, n := range letters {
		j := slices.IndexFunc(content.Built().All(), func(c *content.Card) bool {
			return c.Title == attr(n, "aria-label")
		})
		if j < 0 {
			t.Fatalf("no card is called %q", attr(n, "aria-label"))
		}
		card, text := content.Built().All()[j], textOf(n)
		paths = append(paths, card.Path)
		shown := func(words string) string {
			return strings.NewReplacer("*", "", `"`, "", "'", "", "’", "", "‘", "", "“", "", "”", "").Replace(words)
		}
		parts := slices.Concat([]string{card.Title, card.Point}, card.Idea, card.Practice)
		for _, part := range append(parts, card.Questions[0]) {
			if !strings.Contains(shown(text), shown(part)) {
				t.Errorf("letter %d lacks %q", i+1, part)
			}
		}
		for inner := range n.Descendants() {
			if inner.Type == html.ElementNode && slices.Contains([]string{"a", "h1", "main"}, inner.Data) {
				t.Errorf("letter %d holds a <%s> of its own", i+1, inner.Data)
			}
		}
		if !strings.HasSuffix(shown(text), shown(card.Questions[0])) {
			t.Errorf("letter %d doesn't end with its question: %q", i+1, text)
		}
	}
	if slices.Sort(paths); len(slices.Compact(paths)) != 3 {
		t.Errorf("the letters are of the paths %v, want three", paths)
	}
	if !strings.Contains(textOf(letters[0]), "worst apology") {
		t.Error("the reply, about someone's worst apology, no longer answers the first letter")
	}
}

// A letter's page shows the letter from its title on, as the page's heading, and takes no more from
// a link than the link may do.
func TestALetterIsAPageToAnswer(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join("privacy", "link-only")
	w.advance(5 * 24 * time.Hour)
	link := w.newest(mend.CheckIn).link(t, "/letter/")
	w.want(w.get(link), 303) // under link-only, to the sign-in
	w.want(w.post(w.newest(mend.CheckIn).link(t, "/preferences/"), map[string][]string{"privacy": {"no-quotes"}},
		w.signIn()), 303)
	looked := w.writes
	body := w.want(w.get(link), 200)
	if w.writes != looked {
		t.Error("looking at a letter writes")
	}
	for _, found := range tokenPattern.FindAllStringSubmatch(body, -1) {
		if !strings.HasSuffix(link, found[1]) {
			t.Errorf("the page hands out %s", found[0])
		}
	}
	page := parseHTML(t, body)
	title := page.all(func(n *node) bool { return n.Data == "h1" })
	if len(title) != 1 || textOf(title[0]) == "" {
		t.Fatal("the letter has no heading")
	}
	letter := textOf(page.all(func(n *node) bool { return n.Data == "article" })[0])
	for _, inbox := range []string{"Hello", "Stop", "reply to this email", "Ann"} {
		if strings.Contains(letter, inbox) {
			t.Errorf("the page says what only an e-mail needs: %q", inbox)
		}
	}
	before := w.writes
	w.wantText(w.post(link, map[string][]string{"words": {"My answer."}}), 403, "My answer.")
	if w.writes != before {
		t.Error("without sign-in, the page keeps something")
	}
	session := w.signIn()
	w.wantText(w.post(link, map[string][]string{"words": {""}}, session), 422, `id="words-wrong"`)
	w.want(w.post(link, map[string][]string{"words": {"My answer."}, "mood": {"2"}}, session), 303)
	w.wantText(w.get("/journal", session), 200, "My answer.", "How you were: 2 of 5")

	// A number is enough, as some letters say.
	w.want(w.post(link, map[string][]string{"words": {" "}, "mood": {"5"}}, session), 303)
	w.wantText(w.get("/journal", session), 200, "My answer.", "How you were: 5 of 5")
	w.want(w.post(link, map[string][]string{"words": {""}, "mood": {"6"}}, session), 422)
}

// A plain STOP in the box stops letters at once, signed in or not, and the page says so.
func TestAStopInTheBoxOfALetterStops(t *testing.T) {
	for _, signedIn := range []bool{false, true} {
		w := newWorld(t, "2026-02-26T09:00").join("privacy", "link-only")
		w.advance(5 * 24 * time.Hour)
		link := w.newest(mend.CheckIn).link(t, "/letter/")
		var cookies []*http.Cookie
		if signedIn {
			cookies = append(cookies, w.signIn())
		}
		w.want(w.post(link, map[string][]string{"words": {"She shouted: stop it!"}}, cookies...),
			map[bool]int{true: 303, false: 403}[signedIn])
		if got := w.settings().Status; got != mend.Active {
			t.Fatalf("signed in %v: a story made them %s", signedIn, got)
		}
		w.wantText(w.post(link, map[string][]string{"words": {"Stop.\nThank you"}}, cookies...), 200,
			"You won’t get any more letters.", `href="/signin"`)
		if got := w.settings().Status; got != mend.Stopped {
			t.Errorf("signed in %v: they are %s, want stopped", signedIn, got)
		}
	}
}

// A page that is the same for everyone is made without keys and without the table.
func TestOpenPagesNeedNoKeys(t *testing.T) {
	bare := newWorld(t, "2026-02-26T09:00")
	asset := regexp.MustCompile(`/assets/\w+/mend\.css`).FindString(bare.want(bare.get("/"), 200))
	base := &change.Base{Site: site, Log: bare.svc.Log} // neither
	h := must(web.New(base, library(t), bare.svc.Sending.Letters, web.Options{Help: content.BuiltHelp()}))(t)
	for _, path := range []string{"/", "/help", "/three-minutes", "/privacy", "/robots.txt", asset} {
		e := web.ToEvent(request("GET", path, nil), nil)
		answer := must(h.Handle(t.Context(), e))(t)
		if !web.IsOpen(e) || answer.StatusCode != 200 || !strings.HasPrefix(answer.Headers["cache-control"], "public") {
			t.Errorf("%s: open %v, status %d, %q",
				path, web.IsOpen(e), answer.StatusCode, answer.Headers["cache-control"])
		}
	}
	for _, path := range []string{
		"/join", "/joined", "/signin", "/journal", "/stop/abc", "/preferences/abc", "/export.json", "/nowhere",
	} {
		if web.IsOpen(web.ToEvent(request("GET", path, nil), nil)) {
			t.Errorf("%s counts as a page that is the same for everyone", path)
		}
	}
}
