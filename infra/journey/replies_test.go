package journey

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/infra/replies"
	"example.org/mend/shared/cadence"
)

// TestRepliesOfEveryClient answers letters that the machine sent, as each mail client lays the
// answer out, and reads the words in the export. The letters are of half a year: each says
// something that others don't. Some answers are like those that a letter quotes, and some repeat a
// sentence of the letter.
func TestRepliesOfEveryClient(t *testing.T) {
	m := start(t, t.TempDir(), Start)
	defer m.stop(t)
	zone, err := cadence.Zone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	ann := somebody{newBrowser(t, m), "ann@example.test", zone}
	ann.join(url.Values{
		"name": {"Ann"}, "path": {"amends"}, "cadence": {"custom"}, "days": {"mon", "fri"}, "time": {"07:30"},
		"digest": {"on"}, "privacy": {"quotes"},
	})
	ann.confirm()
	want := map[string]string{} // the words of each reply, by the first of them
	shapes := map[string]Letter{"the welcome": ann.last("welcome")}
	for week := range 18 {
		m.AdvanceTo(t, Start.AddDate(0, 0, 7*week+6))
		words := fmt.Sprintf("Week%d: it rained, and I stayed in.", week)
		promise := map[bool]string{true: "\nPROMISE sweep the yard in 3 days"}[week == 6]
		ann.reply(ann.last("checkin"), fmt.Sprintf("%d\n%s", 2+week%3, words)+promise)
		want[fmt.Sprintf("Week%d:", week)] = words
	}
	for _, l := range ann.letters("checkin", "digest", "promise") {
		text := l.read(t).text
		for _, shape := range []string{
			"Last week: ", "Last time: ", "Looking back: ", "where they've brought you", " of 12 · ",
			"Your last reply arrived",
		} {
			if strings.Contains(text, shape) {
				shapes[shape] = l
			}
		}
		shapes[l.Kind] = l
	}
	if len(shapes) < 9 {
		t.Errorf("letters of %d shapes, want 9 at least: %v", len(shapes), slices.Sorted(maps.Keys(shapes)))
	}
	n, about := 0, map[string]string{}
	for _, shape := range slices.Sorted(maps.Keys(shapes)) {
		for c, client := range replies.Clients {
			for k := range 6 { // both layouts with each answer
				if testing.Short() && k != c%6 {
					continue
				}
				n++
				first := fmt.Sprintf("Nr%d:", n)
				l := shapes[shape].read(t)
				words := []string{
					first + " she did not answer at once.\n\nI waited by the river.",
					first + " it rained, and I stayed in.",
					first + "\n" + sentenceOf(t, l.text),
				}[k/2]
				write := client.Text
				if k%2 == 1 {
					write = client.Page
				}
				kind, quoted := "plain", l.text
				if k%2 == 1 {
					kind, quoted = "html", bodyOf(l.html)
				}
				text := strings.ReplaceAll(write(words, quoted), replies.ReplyTo, l.replyTo)
				raw := fmt.Sprintf("From: <%s>\nTo: <%s>\nSubject: Re: %s\nDate: %s\nMessage-ID: <%d@example.test>\n"+
					"MIME-Version: 1.0\nContent-Type: text/%s; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s\n",
					ann.address, l.replyTo, l.subject, m.Now(t).Format(time.RFC1123Z), n, kind, text)
				m.Mail(t, ann.address, l.replyTo, strings.ReplaceAll(raw, "\n", "\r\n"))
				want[first] = strings.Join(strings.Fields(words), " ")
				about[first] = fmt.Sprintf("%s, %s, answering %q", client.Name, kind, shape)
			}
		}
	}
	ann.signIn()
	got := map[string]string{}
	for _, r := range exportOf(t, ann).Replies {
		words := strings.Fields(r.Words)
		if len(words) > 0 {
			got[words[0]] = strings.Join(words, " ")
		}
	}
	for _, first := range slices.Sorted(maps.Keys(want)) {
		if got[first] != want[first] {
			t.Errorf("%s %s: kept %q, want %q", first, about[first], got[first], want[first])
		}
	}
}

// sentenceOf is the longest of the short sentences that stand on a line of their own in a letter.
func sentenceOf(t *testing.T, text string) (longest string) {
	t.Helper()
	page, _, _ := strings.Cut(text, "\n-- \n")
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		n := len(strings.Fields(line))
		if n > len(strings.Fields(longest)) && n <= 14 && !strings.ContainsAny(line, ":\"") &&
			strings.ContainsAny(line[len(line)-1:], ".?") {
			longest = line
		}
	}
	if longest == "" {
		t.Fatalf("no such sentence in\n%s", page)
	}
	return longest
}

// bodyOf is what a client quotes of a letter's HTML.
func bodyOf(page string) string {
	_, rest, _ := strings.Cut(page, "<main")
	body, _, _ := strings.Cut(rest, "</main>")
	return "<div" + body + "</div>"
}
