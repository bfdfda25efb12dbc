package web

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/mend"
)

// Read reads every page and the letters of the landing page, and says what is wrong with them.
func (h *Handler) Read() error {
	_, err := h.samples()
	for _, page := range h.pages {
		_, pageErr := page()
		err = errors.Join(err, pageErr)
	}
	return err
}

// ServeHTTP answers a request without an event, so that tests can tell the two apart.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.RemoteAddr, _, _ = net.SplitHostPort(r.RemoteAddr)
	a := h.answer(r)
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes())
}

// shown is what a page shows of an entry: what was found in brackets, questions as such.
func shown(e entry) string {
	var b strings.Builder
	for _, s := range e.Said {
		if s.Question != "" {
			b.WriteString("<" + s.Question + ">")
		}
		for _, p := range s.Words {
			if p.Found {
				p.Text = "[" + p.Text + "]"
			}
			b.WriteString(p.Text)
		}
		b.WriteString("|")
	}
	return b.String()
}

func TestQuestionsHaveTheMarksOfLetters(t *testing.T) {
	for question, want := range map[string]string{
		"What's kept you?":                        "What’s kept you?",
		`When did "fine" mean "no"?`:              "When did “fine” mean “no”?",
		`"Sorry" isn't it. What would "it" be, "`: "“Sorry” isn’t it. What would “it” be, “",
		"": "",
	} {
		if got := curly(question); got != want {
			t.Errorf("%q: got %q, want %q", question, got, want)
		}
	}
}

func TestWhatWasSoughtIsMarked(t *testing.T) {
	long := strings.Repeat("Nothing of it. ", 100)
	for _, test := range []struct{ words, query, want string }{
		{"The lamp.", "", "The lamp.|"},
		{"The lamp, the LAMPS.", "lamp", "The [lamp], the [LAMP]S.|"},
		{"aaa", "a aa", "[aa][a]|"},
		{"Straße İstanbul ẞ", "istanbul STRAß", "[Straß]e [İstanbul] ẞ|"},
		{"<b> & \u202e", "<b> &", "[<b>] [&] \u202e|"},
		{"lamp", "lamps", "lamp|"},
		{"\n\nلمبة في البيت", "لمبة", "\n\n[لمبة] في البيت|"},
		{long + "The lamp." + long, "lamp", ""},
	} {
		got := shown(entryOf(mend.Reply{Words: test.words}, 500, test.query))
		if test.want == "" {
			if len(got) > 600 || !strings.Contains(got, "The [lamp].") || !strings.HasPrefix(got, "… ") ||
				!strings.HasSuffix(got, " …|") {
				t.Errorf("a long entry shows %q, want what surrounds the lamp", got)
			}
		} else if got != test.want {
			t.Errorf("%q in %q: got %q, want %q", test.query, test.words, got, test.want)
		}
	}
}

// Every word that someone wrote between the lines of a letter is shown once.
func TestAnswersBetweenTheLinesKeepTheirQuestions(t *testing.T) {
	pairs := func(words ...string) (all []mend.Answer) {
		for i := 0; i < len(words); i += 2 {
			all = append(all, mend.Answer{Question: words[i], Words: words[i+1]})
		}
		return all
	}
	for _, test := range []struct {
		words   string
		answers []mend.Answer
		want    string
	}{
		{"One.", pairs("the whole letter", "One."), "<Q>One.|"},
		{"One.\n\nTwo.", pairs("A?", "One.", "B?", "Two."), "<A?>One.|<B?>Two.|"},
		{"Hello.\n\nOne.\n\nTwo.\n\nBye.", pairs("A?", "One.", "B?", "Two."), "<Q>\nHello.|<A?>One.|<B?>Two.|Bye.|"},
		{"One. Two.", pairs("A?", "One.", "B?", "not there"), "<Q>One. Two.|"},
		{"Two. One.", pairs("A?", "One.", "B?", "Two."), "<Q>Two. One.|"},
	} {
		r := mend.Reply{Question: "Q", Words: test.words, Answers: test.answers}
		if got := shown(entryOf(r, 1000, "")); got != test.want {
			t.Errorf("%q with %v: got %q, want %q", test.words, test.answers, got, test.want)
		}
	}
}

// A booklet has whole entries while there is room, and never more than a page may hold.
func TestABookletIsBounded(t *testing.T) {
	var year []mend.Reply
	for range 1000 {
		year = append(year, mend.Reply{Words: strings.Repeat("x", 5000)})
	}
	total, entire := 0, 0
	for _, e := range booklet(year) {
		total += len(shown(e))
		if !e.Long {
			entire++
		}
	}
	if total > 2*mostOfYear || entire < mostOfYear/5000-1 {
		t.Errorf("%d characters, %d whole entries", total, entire)
	}
}

func moodsAt(t *testing.T, dates string) []mend.Reply {
	t.Helper()
	var all []mend.Reply
	for i, text := range strings.Fields(dates) {
		d, err := mend.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, mend.Reply{Date: d, Mood: 1 + i%5})
	}
	return all
}

// The graph has each number at its date, inside its frame, and a silence of more than
// two weeks is a gap.
func TestTheGraphKeepsGaps(t *testing.T) {
	for _, test := range []struct {
		dates string
		lines int
		below string
	}{
		{"", 0, ""},
		{"2026-03-02", 0, "2 Mar"},
		{"2026-03-02 2026-03-02", 1, "2 Mar"},
		{"2026-03-03 2026-03-02", 1, "2 Mar, 3 Mar"},
		{"2026-03-16 2026-03-02", 1, "2 Mar, 9 Mar, 16 Mar"},
		{"2026-03-17 2026-03-02", 0, "2 Mar, 9 Mar, 17 Mar"},
		{"2026-03-17 2026-03-16 2026-03-01 2026-02-27 2025-12-31", 2, "31 Dec 2025, 7 Feb, 17 Mar"},
	} {
		g := moodsOf(moodsAt(t, test.dates))
		var below []string
		for _, d := range g.Dates {
			below = append(below, d.Text)
		}
		if got := strings.Join(below, ", "); len(g.Lines) != test.lines || got != test.below {
			t.Errorf("%s: %d lines over %q, want %d over %q", test.dates, len(g.Lines), got, test.lines, test.below)
		}
		for i, p := range g.Points {
			if p.X < graphLeft || p.X > graphWidth-graphRight || p.Y < graphTop || p.Y > graphHeight-graphBottom ||
				i > 0 && p.X > g.Points[i-1].X {
				t.Errorf("%s: number %d is at %d, %d", test.dates, i, p.X, p.Y)
			}
		}
	}
}

// Each of the last twelve months has its row, and each day with an entry one square.
func TestAYearOfSquares(t *testing.T) {
	for _, today := range []mend.Date{
		{Year: 2026, Month: time.March, Day: 2},
		{Year: 2024, Month: time.February, Day: 29},
		{Year: 2025, Month: time.December, Day: 31},
	} {
		first := mend.Date{Year: today.Year - 1, Month: today.Month, Day: 1}.AddDays(31).FirstOfMonth()
		days := []mend.Date{first.AddDays(-1), {Year: 2001, Month: time.May, Day: 5}} // of no row
		for d := first; !d.After(today); d = d.AddDays(1) {
			days = append(days, d, d)
		}
		y := squaresOf(days, today)
		want := today.Days() - first.Days() + 1
		if len(y.Months) != 12 || y.Days != want || strings.Count(y.Filled, "M") != want {
			t.Errorf("%s: %d months, %d days, want 12 and %d", today, len(y.Months), y.Days, want)
		}
		for _, m := range y.Months {
			length := m.First.DaysInMonth()
			if m.First.Day != 1 || m.Width != length*squareStep || m.Days != length && m.First.Month != today.Month {
				t.Errorf("%s: the month of %s has %d days and is %d wide", today, m.First, m.Days, m.Width)
			}
		}
		if got := fmt.Sprint(y.Years[len(y.Years)-1]); got != "2001" {
			t.Errorf("%s: the first year is %s", today, got)
		}
	}
}
