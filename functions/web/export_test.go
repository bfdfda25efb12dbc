package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.org/mend/functions/web"
	"example.org/mend/shared/export"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// lambdaTakes is the most that a function may answer, in bytes of JSON ("Lambda quotas", invocation
// payload, synchronous).
const lambdaTakes = 6_291_556

// fetch answers a GET as Lambda would, and fails where Lambda would refuse the answer.
func (w *world) fetch(path string, session *http.Cookie) (header map[string]string, body []byte) {
	w.Helper()
	e := must(w.handler.Handle(w.Context(), web.ToEvent(request("GET", path, nil, session), nil)))(w.TB)
	var payload bytes.Buffer
	to := json.NewEncoder(&payload)
	to.SetEscapeHTML(false) // as aws-lambda-go does
	if err := to.Encode(e); err != nil {
		w.Fatal(err)
	}
	if payload.Len() > lambdaTakes {
		w.Errorf("GET %.40s: an answer of %d bytes, and Lambda takes %d", path, payload.Len(), lambdaTakes)
	}
	rec := &recorded{header: http.Header{}}
	if err := web.WriteResponse(rec, e); err != nil {
		w.Fatal(err)
	}
	if rec.status != 200 {
		w.Fatalf("GET %s: status %d\n%s", path, rec.status, w.log)
	}
	return e.Headers, rec.body.Bytes()
}

type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) WriteHeader(status int)      { r.status = status }
func (r *recorded) Write(b []byte) (int, error) { return r.body.Write(b) }

// parts is all parts of the JSON, read as docs/export.md says.
func (w *world) parts(session *http.Cookie) (all export.Everything, parts int) {
	w.Helper()
	for after := ""; ; {
		path := "/export.json"
		if after != "" {
			path += "?after=" + url.QueryEscape(after)
		}
		header, body := w.fetch(path, session)
		var part export.Everything
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&part); err != nil {
			w.Fatalf("part %d: %v", parts, err)
		}
		if got := header["link"]; (got != "") != (part.Next != "") || part.Next != "" &&
			!strings.Contains(got, url.QueryEscape(part.Next)) {
			w.Errorf("part %d: got Link %q and next %q", parts, got, part.Next)
		}
		all.Head = part.Head
		all.Replies, all.Promises, all.Letters = append(all.Replies, part.Replies...),
			append(all.Promises, part.Promises...), append(all.Letters, part.Letters...)
		parts++
		if after = part.Next; after == "" {
			return all, parts
		}
	}
}

func TestACopyOfTenThousandRepliesIsWholeAndEachPartFits(t *testing.T) {
	const many = 10_000
	w := newWorld(t, "2026-02-26T09:00").join()
	words := strings.Repeat("It was easier than I thought, and \"she\" laughed.\n", 15)
	start := mend.DateOf(w.now).AddDays(-many / 4)
	for i := range many {
		r := mend.Reply{
			Person: w.ann(), Of: mend.LetterKey{Date: start.AddDays(i / 4), Subscription: 1},
			Hash: fmt.Sprintf("hash%05d", i), At: w.now.Add(time.Duration(i-many) * time.Hour),
			Date: start.AddDays(i / 4), Words: fmt.Sprint(i, " ", words), Mood: i%5 + 1,
		}
		must(w.svc.Store.AddReply(t.Context(), store.ReplyKept{Reply: r, Retention: mend.KeepForGood}))(t)
	}
	w.promise("Bring back the ladder")
	session := w.signIn()
	all, parts := w.parts(session)
	if parts < 3 || len(all.Replies) != many || len(all.Promises) != 1 || len(all.Letters) != 3 {
		t.Fatalf("got %d parts, %d replies, %d promises, %d letters", parts, len(all.Replies),
			len(all.Promises), len(all.Letters))
	}
	for i, r := range all.Replies {
		if !strings.HasPrefix(r.Words, fmt.Sprint(i, " It was")) {
			t.Fatalf("reply %d is %.20q", i, r.Words)
		}
	}
	// The page leads to each file, and the files to read hold the same.
	page := w.want(w.get("/export", session), 200)
	links := exportLink.FindAllStringSubmatch(page, -1)
	found := map[string]int{}
	for _, link := range links {
		_, body := w.fetch(strings.ReplaceAll(link[1], "&amp;", "&"), session)
		found[link[2]] += strings.Count(string(body), "It was easier than I thought") / 15
	}
	if found["md"] != many || found["json"] != many {
		t.Errorf("following the links of the page: %v replies, want %d of each", found, many)
	}
	// The journal stays readable.
	_, first := w.fetch("/journal", session)
	if got := strings.Count(string(first), `<article class="entry"`); got != journal.MostEntries {
		t.Errorf("the first page of the journal has %d entries, want %d", got, journal.MostEntries)
	}
	seen := map[string]bool{}
	for i, path := 0, "/journal"; path != ""; i++ {
		_, body := w.fetch(path, session)
		entries := regexp.MustCompile(`class="entry"[^>]*>\s*<p class="when"><a href="/journal/entries/([^"]*)"`)
		for _, name := range entries.FindAllStringSubmatch(string(body), -1) {
			seen[name[1]] = true
		}
		path = ""
		older := regexp.MustCompile(`href="(/journal\?page=\d+)">Older`)
		if next := older.FindStringSubmatch(string(body)); next != nil && i < 3 {
			path = next[1]
		}
	}
	if len(seen) != 4*journal.MostEntries {
		t.Errorf("four pages of the journal have %d entries, want %d", len(seen), 4*journal.MostEntries)
	}
	w.want(w.get("/export.json?after=nonsense", session), 404)
	w.want(w.get("/export.json?after=replies.x", session), 404)
	w.want(w.get("/export", nil...), 303)
}

// The table has the replies to one letter in the order of their hashes, and a copy in that of time.
func TestACopyIsInOrderOfTime(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	of := mend.LetterKey{Date: mend.DateOf(w.now), Subscription: 1}
	for i, words := range []string{"The first.", "The second.", "The third."} {
		r := mend.Reply{Person: w.ann(), Of: of, Hash: fmt.Sprint("hash", 9-i), Words: words, Date: of.Date,
			At: w.now.Add(time.Duration(i) * time.Minute)}
		must(w.svc.Store.AddReply(t.Context(), store.ReplyKept{Reply: r, Retention: mend.KeepForGood}))(t)
	}
	session := w.signIn()
	for _, path := range []string{"/export.md", "/export.json"} {
		_, body := w.fetch(path, session)
		if !regexp.MustCompile(`(?s)The first.*The second.*The third`).Match(body) {
			t.Errorf("%s is in another order:\n%s", path, body)
		}
	}
}

var exportLink = regexp.MustCompile(`href="(/export\.(md|json)[^"]*)"`)

// A reply has a megabyte of words at the most. Whatever they are, Lambda takes the pages and the
// files that show it.
func TestTheLongestReplyFits(t *testing.T) {
	if testing.Short() {
		t.Skip("megabytes in six shapes")
	}
	for name, words := range map[string]string{
		"quotation marks": strings.Repeat(`"`, 1<<20), "emoji": strings.Repeat("😀", 1<<18),
		"lines": strings.Repeat("\n<", 1<<19), "tabs": strings.Repeat("\t_", 1<<19),
		"numbers": strings.Repeat("1\n", 1<<19), "a list": strings.Repeat("\n-", 1<<19),
	} {
		w := newWorld(t, "2026-02-26T09:00").join()
		for range 3 {
			w.reply(words, 3)
		}
		session := w.signIn()
		all, parts := w.parts(session)
		if len(all.Replies) != 3 || all.Replies[0].Words != words {
			t.Errorf("%s: %d replies in %d parts", name, len(all.Replies), parts)
		}
		page := w.want(w.get("/export", session), 200)
		for _, link := range exportLink.FindAllStringSubmatch(page, -1) {
			w.fetch(strings.ReplaceAll(link[1], "&amp;", "&"), session)
		}
		w.fetch("/journal", session)
		w.fetch("/journal/years/2026", session)
		for _, e := range w.entries() {
			page := string(must(io.ReadAll(w.get("/journal/entries/"+string(mend.EntryOf(e)), session).Body))(t))
			if strings.Contains(page, "<textarea") {
				t.Errorf("%s: an entry that is too long to be changed can be", name)
			}
			w.fetch("/journal/entries/"+string(mend.EntryOf(e)), session)
		}
	}
}
