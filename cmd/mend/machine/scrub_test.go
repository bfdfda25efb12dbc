package machine

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What was deleted leaves no byte in the data file, however often its page was copied meanwhile.
func TestWhatIsDeletedLeavesTheFileAtOnce(t *testing.T) {
	m := open(t)
	to := joined(t, m)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	post := func(path string, form url.Values) string {
		t.Helper()
		answer, err := browser.PostForm(m.SiteURL()+path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode >= 400 {
			t.Fatalf("POST %s: %s, %v\n%s", path, answer.Status, err, body)
		}
		return string(body)
	}
	lastLink := func(path string) string {
		t.Helper()
		all := letters(t, m)
		v, err := read(all[len(all)-1].raw)
		if err != nil {
			t.Fatal(err)
		}
		return regexp.MustCompile(path + `[a-z2-7]+`).FindString(v.Text)
	}
	mail := func(from, words string) {
		t.Helper()
		raw := "From: <" + from + ">\r\nMessage-ID: <" + words[:6] + "@x>\r\n" +
			"Subject: RAWSUBJECT\r\n\r\n" + words + "\r\n"
		query := url.Values{
			"from":  {from},
			"rcpt":  {to},
			"dmarc": {map[bool]string{true: "PASS", false: "GRAY"}[from == "ann@example.test"]},
		}.Encode()
		answer, err := http.Post(m.SiteURL()+"/local/inbound?"+query, "message/rfc822", strings.NewReader(raw))
		if err != nil || answer.StatusCode != http.StatusAccepted {
			t.Fatalf("a mail: %v, %v", answer, err)
		}
	}
	holds := func(words string) bool {
		t.Helper()
		file, err := os.ReadFile(m.Path)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(file, []byte(words))
	}
	entry := func(journal, words string) string {
		t.Helper()
		before, _, ok := strings.Cut(journal, words)
		links := regexp.MustCompile(`/journal/entries/[a-z0-9-]+`).FindAllString(before, -1)
		if !ok || len(links) == 0 {
			t.Fatalf("%s is not in the journal", words)
		}
		return links[len(links)-1] // an entry's link is its date, above its words
	}
	heldEntry := func() string {
		t.Helper()
		answer, err := browser.Get(m.SiteURL() + "/journal/unproven")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`name="shown" value="([a-z0-9-]+)"`).FindSubmatch(body)
		if found == nil {
			t.Fatal("nothing is held")
		}
		return string(found[1])
	}
	post("/signin", url.Values{"email": {"ann@example.test"}})
	post(lastLink("/signin/"), nil)

	long := strings.Repeat("and on and on ", 60_000)
	mail("ann@example.test", "REPLYWORDS "+long)
	if holds("RAWSUBJECT") {
		t.Error("the file still has raw mail that was read")
	}
	mail("e@evil.example", "UNPROVENWORDS are here.")
	post("/journal", url.Values{"words": {"ENTRYWORDS of mine."}})
	post("/journal", url.Values{"words": {"OTHERWORDS of mine."}})
	journal := post("/journal/search", url.Values{"q": {""}})
	for _, words := range []string{"REPLYWORDS", "UNPROVENWORDS", "ENTRYWORDS", "OTHERWORDS"} {
		if !holds(words) {
			t.Fatalf("the file does not hold %s, so this test proves nothing", words)
		}
	}
	post(entry(journal, "ENTRYWORDS"), url.Values{"action": {"words"}, "words": {"CHANGEDWORDS of mine."}})
	if holds("ENTRYWORDS") {
		t.Error("the file still has words that were replaced")
	}
	post(entry(journal, "ENTRYWORDS"), url.Values{"action": {"delete"}})
	post(entry(journal, "REPLYWORDS"), url.Values{"action": {"delete"}})
	for _, words := range []string{"CHANGEDWORDS", "REPLYWORDS", "and on and on and on"} {
		if holds(words) {
			t.Errorf("the file still has %q after the entry was deleted", words)
		}
	}
	if journal = post("/journal/undo", nil); !strings.Contains(journal, "REPLYWORDS") || !holds("REPLYWORDS") {
		t.Error("the undo did not bring the entry back")
	}
	post(entry(journal, "REPLYWORDS"), url.Values{"action": {"delete"}})
	if holds("REPLYWORDS") || holds("and on and on and on") {
		t.Error("the file still has the words after the second deletion")
	}
	post("/journal/unproven", url.Values{"shown": {heldEntry()}})
	if holds("UNPROVENWORDS") {
		t.Error("the file still has a reply that was not theirs")
	}
	post(regexp.MustCompile(`/preferences/[a-z2-7]+`).FindString(journal),
		url.Values{"action": {"retention"}, "retention": {"none"}})
	if holds("OTHERWORDS") {
		t.Error("the file still has words after the person chose that none are kept")
	}
}

// An operator's command that asks for a copy and then hangs keeps no one from writing, nor words
// from leaving the file.
func TestAHangingReaderHoldsUpNothing(t *testing.T) {
	m := open(t)
	joined(t, m)
	conn, err := net.Dial("unix", filepath.Join(filepath.Dir(m.Path), socketName))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	done := make(chan error, 1)
	go func() { done <- m.ForgetNow(context.WithoutCancel(t.Context())) }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("what is deleted waits for who reads a copy")
	}
	submit(t, m, "/join", joinForm("bob@example.test"))
}
