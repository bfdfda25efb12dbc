package journey

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/infra/replies"
	"example.org/mend/shared/cadence"
)

// TestRepliesOfEveryClient answers a letter that the machine sent, as each mail client lays it out, and
// reads the words in the export. The first word of each reply says which it is.
func TestRepliesOfEveryClient(t *testing.T) {
	m := start(t, t.TempDir(), Start)
	defer m.stop(t)
	zone, err := cadence.Zone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	ann := somebody{newBrowser(t, m), "ann@example.test", zone}
	ann.join(url.Values{"name": {"Ann"}, "path": {"amends"}, "cadence": {"daily"}, "time": {"07:30"}, "privacy": {"quotes"}})
	ann.confirm()
	m.AdvanceTo(t, Start.Add(2*time.Hour))
	letters := []Letter{ann.last("checkin"), ann.last("welcome")}
	var want []string
	for i, client := range replies.Clients {
		for k, write := range []func(words, quoted string) string{client.Text, client.Page} {
			words := fmt.Sprintf("Nr%dx%d: she did not answer at once.\n\nI waited by the river.", i, k)
			l := letters[(i+k)%2].read(t)
			kind, quoted := "plain", l.text
			if k == 1 {
				kind, quoted = "html", bodyOf(l.html)
			}
			text := strings.ReplaceAll(write(words, quoted), replies.ReplyTo, l.replyTo)
			raw := fmt.Sprintf("From: <%s>\nTo: <%s>\nSubject: Re: %s\nDate: %s\nMessage-ID: <%d.%d@example.test>\nMIME-Version: 1.0\n"+
				"Content-Type: text/%s; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s\n",
				ann.address, l.replyTo, l.subject, m.Now(t).Format(time.RFC1123Z), i, k, kind, text)
			m.Mail(t, ann.address, l.replyTo, strings.ReplaceAll(raw, "\n", "\r\n"))
			want = append(want, strings.Join(strings.Fields(words), " "))
		}
	}
	ann.signIn()
	var got []string
	for _, r := range exportOf(t, ann).Replies {
		got = append(got, strings.Join(strings.Fields(r.Words), " "))
	}
	for i, words := range want {
		if !slices.Contains(got, words) {
			at := slices.IndexFunc(got, func(s string) bool { return strings.Contains(s, strings.Fields(words)[0]) })
			kept := "nothing"
			if at >= 0 {
				kept = got[at]
			}
			t.Errorf("%s: kept %q, want %q", replies.Clients[i/2].Name, kept, words)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d replies kept, want %d", len(got), len(want))
	}
}

// bodyOf is what a client quotes of a letter's HTML.
func bodyOf(page string) string {
	_, rest, _ := strings.Cut(page, "<main")
	body, _, _ := strings.Cut(rest, "</main>")
	return "<div" + body + "</div>"
}
