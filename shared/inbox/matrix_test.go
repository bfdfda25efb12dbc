package inbox_test

import (
	"fmt"
	"html"
	"os"
	"strings"
	"testing"

	"example.org/mend/infra/replies"
	"example.org/mend/shared/inbox"
)

// sentLetters are letters as people get them, of several kinds, and what production knows of them.
type sentLetter struct{ kind, text, html string }

func sentLetters(t testing.TB) []sentLetter {
	t.Helper()
	var all []sentLetter
	for _, kind := range []string{
		"checkin", "checkin-after-a-reply", "checkin-slower", "welcome", "reminder", "promise", "digest-quotes",
	} {
		text, err := os.ReadFile("../letter/testdata/" + kind + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile("../letter/testdata/" + kind + ".html")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sentLetter{kind, string(text), string(page)})
	}
	return all
}

// known is what production knows of the letter: its text, and the words that only its HTML has.
func (l sentLetter) known() inbox.Letter {
	return inbox.Letter{Text: l.text + "\n" +
		"Change · Pause · Stop all letters · More help · Stop · Help Change or pause: Your words: Keep or answer\n" +
		plainOf(l.body())}
}

// plainOf is the text of HTML without its tags.
func plainOf(page string) string {
	var b strings.Builder
	for piece := range strings.SplitSeq(page, "<") {
		if _, text, ok := strings.Cut(piece, ">"); ok {
			b.WriteString(html.UnescapeString(text) + " ")
		}
	}
	return b.String()
}

// body is what a client quotes of the HTML.
func (l sentLetter) body() string {
	_, rest, _ := strings.Cut(l.html, "<main")
	body, _, _ := strings.Cut(rest, "</main>")
	return "<div" + body + "</div>"
}

// unflowed is the text with one line for each paragraph, as clients show it and quote it.
func (l sentLetter) unflowed() string {
	return strings.ReplaceAll(strings.ReplaceAll(l.text, " \n", " "), "-- ", "--")
}

// ownReplies are what people write: at least two hundred, long and short, in many languages.
func ownReplies(t testing.TB) []string {
	all := append([]string{}, shortAnswers...)
	all = append(all, prose...)
	for _, l := range readTongues(t) {
		for i := range l.prose {
			all = append(all, l.prose[i]+"\n\n"+l.prose[(i+1)%len(l.prose)])
		}
		if len(l.closings) > 0 {
			all = append(all, l.prose[0]+"\n\n"+l.closings[0]+"\nAnna")
		}
	}
	return all
}

// shortAnswers stand alone, or between the lines of the letter.
var shortAnswers = []string{
	"yes", "no", "5", "3", "STOP", "me", "Nobody, really.", "nothing yet", "👍", "I don't know", "My sister.", "both",
	"The walk", "PAUSE 2 weeks", "KEPT", "a cup of tea and the long way home", "- the lamp\n- the chair",
	"1. called her\n2. waited", "That I was wrong.", "ja", "nein, noch nicht", "oui", "sí, un poco", "да", "はい", "예",
	"نعم", "כן", "She said no. I said all right.", "I wrote it down twice, and then I tore it up, as you said.",
	"Not today.", "With him? Never.", "ok :)", "I am sorry that I did not write sooner; the week was long.",
}

func TestRepliesInEveryLayout(t *testing.T) {
	own, letters := ownReplies(t), sentLetters(t)
	if len(own) < 200 || len(replies.Clients) < 17 {
		t.Fatalf("%d replies in %d layouts", len(own), len(replies.Clients))
	}
	s := newScores()
	for c, client := range replies.Clients {
		for i, words := range own {
			if testing.Short() && (i+c)%4 != 0 {
				continue
			}
			l := letters[(i+c)%len(letters)]
			for _, known := range []bool{true, false} {
				if !known && client.Unmarked {
					continue
				}
				var letter inbox.Letter
				group := "letter not known"
				if known {
					letter, group = l.known(), "letter known"
				}
				s.add(group, client.Name+", text", words, inbox.ReadText(client.Text(words, l.unflowed()), letter))
				s.add(group, client.Name+", HTML", words, inbox.ReadHTML(client.Page(words, l.body()), letter))
			}
		}
	}
	s.want(t, "letter known", 98, 0.5, 0.5)
	s.want(t, "letter not known", 98, 0.5, 0.5)
	s.answersInTheLetter(t)
	if !testing.Short() {
		writeTable(t, "clients", s.table())
	}
}

// answersInTheLetter types answers between the lines of the letter, below it, and inside its lines.
func (s *scores) answersInTheLetter(t *testing.T) {
	letters := sentLetters(t)
	for c, client := range replies.Clients {
		for i, words := range shortAnswers {
			l := letters[(i+c)%3]
			known := l.known()
			flat := strings.ReplaceAll(strings.ReplaceAll(words, "\n- ", " and "), "\n2. ", " and ")
			// Between two paragraphs: the client leaves the answer unmarked.
			paragraphs := strings.Split(strings.TrimSpace(l.unflowed()), "\n\n")
			at := 2 + i%(len(paragraphs)-4)
			above, below := strings.Join(paragraphs[:at], "\n\n"), strings.Join(paragraphs[at:], "\n\n")
			typed := func(quoted string) string { // the client leaves the marks off what is typed
				var lines []string
				for line := range strings.SplitSeq(client.Text("", quoted), "\n") {
					if strings.Contains(line, "\x01") {
						line = words
					}
					lines = append(lines, line)
				}
				return strings.Join(lines, "\n")
			}
			s.add("between", client.Name+", text", words, inbox.ReadText(typed(above+"\n\n\x01\n\n"+below), known))
			s.add("below", client.Name+", text", words, inbox.ReadText(typed(l.unflowed()+"\n\n\x01\n"), known))
			// Inside: at the end of a quoted line, and as an element of the quoted HTML.
			inside := strings.Replace(l.unflowed(), paragraphs[at], paragraphs[at]+" "+flat, 1)
			s.add("inside", client.Name+", text", flat, inbox.ReadText(client.Text("", inside), known))
			page := strings.Replace(l.body(), "</p>\n<p", "</p>\n<div>"+html.EscapeString(flat)+"</div><p", 1)
			s.add("inside", client.Name+", HTML", flat, inbox.ReadHTML(client.Page("", page), known))
		}
	}
	for _, group := range []string{"between", "below", "inside"} {
		s.want(t, group, 92, 2, 100)
	}
}

// scores count how replies were read.
type scores struct {
	groups map[string]map[string]*score
	shown  map[string]int
	fails  strings.Builder
}

type score struct{ n, exact, lost, leaked int }

func newScores() *scores {
	return &scores{map[string]map[string]*score{}, map[string]int{}, strings.Builder{}}
}

func (s *scores) add(group, layout, want string, m inbox.Message) {
	if s.groups[group] == nil {
		s.groups[group] = map[string]*score{}
	}
	c := s.groups[group][layout]
	if c == nil {
		c = &score{}
		s.groups[group][layout] = c
	}
	c.n++
	if sparse(m.Words) == sparse(want) {
		c.exact++
		return
	}
	lost, leaked := difference(want, m.Words), difference(m.Words, want)
	if lost {
		c.lost++
	}
	if leaked {
		c.leaked++
	}
	if s.shown[group+layout]++; s.shown[group+layout] <= 2 {
		fmt.Fprintf(&s.fails, "%s, %s: lost %v, leaked %v\ngot  %q\nwant %q\n%s\n",
			group, layout, lost, leaked, m.Words, want, removed(m))
	}
}

// difference reports whether a has words that b has not.
func difference(a, b string) bool {
	count := map[string]int{}
	for _, w := range strings.Fields(b) {
		count[w]++
	}
	for _, w := range strings.Fields(a) {
		if count[w]--; count[w] < 0 {
			return true
		}
	}
	return false
}

// want prints the scores of a group, and fails the test where they are worse than they
// may be, in percent.
func (s *scores) want(t *testing.T, group string, exact, lost, leaked float64) {
	t.Helper()
	var all score
	var b strings.Builder
	for layout, c := range s.groups[group] {
		all.n, all.exact, all.lost, all.leaked = all.n+c.n, all.exact+c.exact, all.lost+c.lost, all.leaked+c.leaked
		if c.exact < c.n {
			fmt.Fprintf(&b, "  %-26s %4d  exact %d, lost %d, leaked %d\n", layout, c.n, c.exact, c.lost, c.leaked)
		}
	}
	percent := func(n int) float64 { return 100 * float64(n) / float64(all.n) }
	t.Logf("%s: %d read, exact %.1f %%, lost %.2f %%, leaked %.2f %%\n%s",
		group, all.n, percent(all.exact), percent(all.lost), percent(all.leaked), b.String())
	if percent(all.exact) < exact || percent(all.lost) > lost || percent(all.leaked) > leaked {
		t.Errorf("%s: exact must be %.1f %%, lost at most %.1f %%, leaked at most %.1f %%", group, exact, lost, leaked)
	}
	if os.Getenv("SHOW") != "" {
		t.Log(s.fails.String())
	}
}

// table is the share of replies of each client that are read to the letter, for the docs.
func (s *scores) table() string {
	var b strings.Builder
	b.WriteString("| client | as | letter known | not known | answers between | below | inside |\n" +
		"|---|---|---|---|---|---|---|\n")
	for _, client := range replies.Clients {
		for _, as := range []string{"text", "HTML"} {
			fmt.Fprintf(&b, "| %s | %s |", client.Name, as)
			for _, group := range []string{"letter known", "letter not known", "between", "below", "inside"} {
				if c := s.groups[group][client.Name+", "+as]; c != nil {
					fmt.Fprintf(&b, " %d %% |", 100*c.exact/c.n)
				} else {
					b.WriteString(" |")
				}
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
