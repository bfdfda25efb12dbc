package digest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"example.org/mend/shared/mend"
)

var february = mend.Date{Year: 2026, Month: 2, Day: 1}

func day(d int) mend.Date { return mend.Date{Year: 2026, Month: 2, Day: d} }

// at is noon of a day in UTC.
func at(d mend.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }

func wrote(d mend.Date, words string) mend.Reply {
	return mend.Reply{Of: mend.LetterKey{Date: d, Subscription: mend.CheckInNumber}, Hash: d.String() + words,
		At: at(d), Date: d, Words: words}
}

func sent(d mend.Date, card int, question string) mend.Letter {
	return mend.Letter{Of: mend.LetterKey{Date: d, Subscription: mend.CheckInNumber}, Kind: mend.CheckIn,
		Outcome: mend.Accepted, Card: card, Question: question, At: at(d)}
}

// pointOf knows cards 1 to 3.
func pointOf(card int) string {
	if card < 1 || card > 3 {
		return ""
	}
	return fmt.Sprint("point ", card)
}

func dates(quotes []Quote) []int {
	var days []int
	for _, q := range quotes {
		days = append(days, q.Date.Day)
	}
	return days
}

func TestQuotesAreSpreadOverTheMonth(t *testing.T) {
	var replies []mend.Reply
	for d := 1; d <= 28; d++ {
		replies = append(replies, wrote(day(d), fmt.Sprint("day ", d)))
	}
	of := func(change func([]mend.Reply)) Month {
		mine := slices.Clone(replies)
		change(mine)
		return Of(february, time.UTC, nil, mine, nil, Options{Privacy: mend.Quotes})
	}
	for _, tt := range []struct {
		name   string
		change func([]mend.Reply)
		want   []int
	}{
		{"nothing starred", func([]mend.Reply) {}, []int{1, 7, 14, 21, 28}},
		{"a starred one comes first, the others keep away from it", func(r []mend.Reply) { r[19].Starred = true },
			[]int{1, 10, 15, 20, 28}},
		{"six starred", func(r []mend.Reply) {
			for i := range 6 {
				r[i].Starred = true
			}
		}, []int{1, 2, 3, 4, 6}},
		{"muted, flagged and empty ones are never quoted", func(r []mend.Reply) {
			r[0].Muted, r[27].Flag, r[13].Words = true, mend.Quarantined, " \n"
			r[1].Flag, r[1].Starred = mend.Unproven, true
		}, []int{3, 9, 15, 21, 27}},
	} {
		if got := dates(of(tt.change).Quotes); !slices.Equal(got, tt.want) {
			t.Errorf("%s: quoted days %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestCut(t *testing.T) {
	family := "👩‍👩‍👧"
	for _, tt := range []struct {
		words string
		most  int
		want  string
	}{
		{"short", 10, "short"},
		{"two  lines\n\nof words", 40, "two lines / of words"},
		{"I promise to ring by Saturday\r\nThat was the old quarrel.\nYes.", 80,
			"I promise to ring by Saturday / That was the old quarrel. Yes."},
		{"A line that a mail program wrapped because it has so many words in\nit goes on.", 90,
			"A line that a mail program wrapped because it has so many words in it goes on."},
		{"one line\ntwo lines", 10, "one line…"},
		{"exactly ten", 11, "exactly ten"},
		{"one two three four", 10, "one two…"},
		{"one two, three four", 10, "one two…"},
		{"abcdefghijklmnop", 10, "abcdefghi…"},
		{"a bcdefghijklmnop", 10, "a bcdefgh…"}, // a space in the first half is not worth so many words
		{strings.Repeat("e\u0301", 10), 10, strings.Repeat("e\u0301", 4) + "…"},
		{strings.Repeat(family, 4), 12, strings.Repeat(family, 2) + "…"},
		{strings.Repeat("🇮🇪", 10), 10, strings.Repeat("🇮🇪", 4) + "…"},
		{strings.Repeat("👍🏽", 10), 10, strings.Repeat("👍🏽", 4) + "…"},
		{"x" + strings.Repeat("\u0301", 30), 10, "x" + strings.Repeat("\u0301", 8) + "…"}, // one endless character
		{"bad \xff byte", 20, "bad \uFFFD byte"},
		{"", 10, ""},
	} {
		if got := Cut(tt.words, tt.most); got != tt.want {
			t.Errorf("Cut(%q, %d): got %q, want %q", tt.words, tt.most, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		words, most := rapid.String().Draw(t, "words"), rapid.IntRange(4, 60).Draw(t, "most")
		got := Cut(words, most)
		if utf8.RuneCountInString(got) > most || !utf8.ValidString(got) ||
			got != strings.Join(strings.Fields(got), " ") {
			t.Fatalf("got %q", got)
		}
	})
}

func TestPromises(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	march := mend.Date{Year: 2026, Month: 3, Day: 1}
	promises := []mend.Promise{
		{ID: "a", Words: "kept in time", Due: day(6), State: mend.Kept, Closed: at(day(6))},
		{ID: "b", Words: "kept in the last hour here, in March there", Due: day(28), State: mend.Kept,
			Closed: time.Date(2026, 2, 28, 23, 30, 0, 0, time.UTC)},
		{ID: "c", Words: "kept in January there, in February here", Due: day(1), State: mend.Kept,
			Closed: time.Date(2026, 1, 31, 23, 30, 0, 0, time.UTC)},
		{ID: "d", Words: "not answered", Due: day(9), State: mend.PromiseOpen},
		{ID: "e", Words: "not yet", Due: day(8), State: mend.NotYet},
		{ID: "f", Words: "let go", Due: day(7), State: mend.LetGo, Closed: at(day(7))},
		{ID: "g", Words: "of January", Due: february.AddDays(-1), State: mend.PromiseOpen},
		{ID: "h", Words: "of March", Due: march.AddDays(4), State: mend.PromiseOpen},
		{ID: "i", Words: "in ten years", Due: mend.Date{Year: 2036, Month: 2, Day: 9}, State: mend.PromiseOpen},
	}
	words := func(promises []Promise) (all []string) {
		for _, p := range promises {
			all = append(all, p.Words)
		}
		return all
	}
	m := Of(day(17), berlin, nil, nil, promises, Options{Privacy: mend.Quotes})
	for _, tt := range []struct {
		name string
		got  []Promise
		want []string
	}{
		{"kept", m.Kept, []string{"kept in January there, in February here", "kept in time"}},
		{"open: due in the month, so that each is named in one digest only", m.Open,
			[]string{"not yet", "not answered"}},
		{"coming", m.Coming, []string{"of March"}},
	} {
		if got := words(tt.got); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	m = Of(february, berlin, nil, nil, promises, Options{Privacy: mend.NoQuotes})
	if len(m.Kept) != 2 || m.Kept[0].Words != "" || m.Open[0].Words != "" {
		t.Errorf("without quotes: got %+v, want the same number and no words", m)
	}
	for i := range promises {
		promises[i].State, promises[i].Hold = mend.PromiseOpen, mend.Hold{Why: mend.ToReview}
	}
	if m = Of(february, berlin, nil, nil, promises, Options{Privacy: mend.Quotes}); !m.Empty() {
		t.Errorf("promises that rest are named: got %+v", m)
	}
}

func TestPoints(t *testing.T) {
	letters := []mend.Letter{
		sent(day(16), 2, "third?"), sent(day(2), 3, "first?"), sent(day(3), 3, "second?"), sent(day(9), 99, "gone?"),
		sent(day(10), 0, "How are you?"), sent(day(1).AddDays(-1), 1, "first?"),
	}
	failed := sent(day(20), 1, "first?")
	failed.Outcome = mend.Failed
	got := Of(february, time.UTC, append(letters, failed), nil, nil, Options{Point: pointOf}).Points
	if want := []string{"point 3", "point 2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want those of the month's pages that arrived, each once: %q", got, want)
	}
	var many []mend.Letter
	for d := 1; d <= 28; d++ {
		many = append(many, sent(day(d), d, "?"))
	}
	anyPoint := func(card int) string { return fmt.Sprint(card) }
	if got := Of(february, time.UTC, many, nil, nil, Options{Point: anyPoint}).Points; len(got) != MostPoints {
		t.Errorf("got %d points, want %d at most", len(got), MostPoints)
	}
}

func TestLastYearWantsBothSettings(t *testing.T) {
	replies := []mend.Reply{wrote(mend.Date{Year: 2025, Month: 2, Day: 3}, "then"), wrote(day(3), "now")}
	for _, tt := range []struct {
		opts Options
		want int
	}{
		{Options{Privacy: mend.Quotes, LastYear: true}, 1},
		{Options{Privacy: mend.Quotes}, 0},
		{Options{Privacy: mend.NoQuotes, LastYear: true}, 0},
		{Options{Privacy: mend.LinkOnly, LastYear: true}, 0},
	} {
		m := Of(february, time.UTC, nil, replies, nil, tt.opts)
		if len(m.LastYear) != tt.want || m.Days != 1 {
			t.Errorf("%+v: got %v", tt.opts, m)
		}
	}
}

func TestAnEmptyMonth(t *testing.T) {
	m := Of(february, time.UTC, []mend.Letter{sent(day(2), 1, "card 1 first?")}, nil, nil,
		Options{Privacy: mend.Quotes, Point: pointOf})
	if !m.Empty() || m.Letters != 1 || m.Days != 0 || m.Quotes != nil {
		t.Errorf("got %+v, want an empty month with one letter", m)
	}
}

// The figures, computed again in another way from records that were drawn at random, some of other
// months; and the order in which records come changes nothing.
func TestFiguresAgainstAnIndependentSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anyDay := rapid.Custom(func(t *rapid.T) mend.Date {
			return february.AddDays(rapid.IntRange(-40, 60).Draw(t, "day") - rapid.SampledFrom([]int{0, 0,
				365}).Draw(t, "ago"))
		})
		letters := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) mend.Letter {
			l := sent(anyDay.Draw(t, "sent"), rapid.IntRange(0, 4).Draw(t, "card"), "?")
			l.Kind = rapid.SampledFrom([]mend.Kind{mend.CheckIn, mend.CheckIn, mend.Reminder,
				mend.Digest}).Draw(t, "kind")
			l.Outcome = rapid.SampledFrom([]mend.Outcome{mend.Accepted, mend.Accepted, mend.Failed,
				mend.Unknown}).Draw(t, "outcome")
			return l
		}), 0, 30, func(l mend.Letter) mend.Date { return l.Of.Date }).Draw(t, "letters") // one occurrence a day
		replies := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) mend.Reply {
			r := wrote(anyDay.Draw(t, "date"), rapid.SampledFrom([]string{"", " ", "a word", "two\nlines",
				strings.Repeat("long ", 90)}).Draw(t, "words"))
			r.Of.Date = r.Date.AddDays(-rapid.IntRange(0, 30).Draw(t, "delay"))
			r.Hash = rapid.StringMatching(`[a-z]{12}`).Draw(t, "hash")
			r.Mood = rapid.IntRange(-1, 6).Draw(t, "mood")
			r.Flag = rapid.SampledFrom([]mend.ReplyFlag{"", "", mend.Unproven}).Draw(t, "flag")
			r.Wrote = rapid.Bool().Draw(t, "wrote")
			r.Muted, r.Starred = rapid.Bool().Draw(t, "muted"), rapid.Bool().Draw(t, "starred")
			r.At = r.At.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "minute")) * time.Minute)
			return r
		}), 0, 40).Draw(t, "replies")
		promises := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) mend.Promise {
			return mend.Promise{
				ID:    mend.ItemID(rapid.StringMatching(`[a-z]{8}`).Draw(t, "id")),
				Words: rapid.StringMatching(`[a-z]{3} [a-z]{3}`).Draw(t, "promise"), Due: anyDay.Draw(t, "due"),
				State: rapid.SampledFrom([]mend.PromiseState{mend.PromiseOpen, mend.NotYet, mend.Kept, mend.Kept,
					mend.LetGo}).Draw(t, "state"),
				Hold: rapid.SampledFrom([]mend.Hold{{}, {}, {}, {Why: mend.ToReview}}).Draw(t, "hold"),
				Closed: at(anyDay.Draw(t, "closed")).Add(time.Duration(rapid.IntRange(-720, 719).Draw(t,
					"minute")) * time.Minute),
			}
		}), 0, 12, func(p mend.Promise) mend.ItemID { return p.ID }).Draw(t, "promises")
		zone := time.FixedZone("", rapid.IntRange(-11, 13).Draw(t, "zone")*3600)
		opts := Options{Privacy: rapid.SampledFrom([]mend.Privacy{mend.Quotes, mend.Quotes, mend.NoQuotes}).Draw(t,
			"privacy"), Point: pointOf}
		opts.LastYear = rapid.Bool().Draw(t, "last year")
		m := Of(day(15), zone, letters, replies, promises, opts)
		checkPromises(t, m, promises, zone, opts.Privacy == mend.Quotes)
		checkLastYear(t, m, replies, opts)

		within := func(d mend.Date) bool { s := d.String(); return s >= "2026-02-01" && s <= "2026-02-28" }
		wantLetters := 0
		for _, l := range letters {
			if l.Kind == mend.CheckIn && l.Outcome == mend.Accepted && within(l.Of.Date) {
				wantLetters++
			}
		}
		days, quotable := map[string]bool{}, 0
		lastMood := map[string]mend.Reply{}
		for _, r := range replies {
			if r.Flag != "" || !within(r.Date) {
				continue
			}
			if r.Wrote || len(strings.Fields(r.Words)) > 0 {
				days[r.Date.String()] = true
			}
			if len(strings.Fields(r.Words)) > 0 && !r.Muted && opts.Privacy == mend.Quotes {
				quotable++
			}
			last, said := lastMood[r.Date.String()]
			later := r.At.After(last.At) || r.At.Equal(last.At) && r.Hash > last.Hash
			if r.Mood >= 1 && r.Mood <= 5 && (!said || later) {
				lastMood[r.Date.String()] = r
			}
		}
		if m.Letters != wantLetters || m.Days != len(days) {
			t.Fatalf("letters %d, days %d; want %d, %d", m.Letters, m.Days, wantLetters, len(days))
		}
		if len(m.Moods) != len(lastMood) || !slices.IsSortedFunc(m.Moods,
			func(a, b Mood) int { return a.Date.Days() - b.Date.Days() }) {
			t.Fatalf("moods %v, want those of %d days in order", m.Moods, len(lastMood))
		}
		for _, mood := range m.Moods {
			if want := lastMood[mood.Date.String()].Mood; mood.Value != want {
				t.Fatalf("mood of %s is %d, want the last one said, %d", mood.Date, mood.Value, want)
			}
		}
		if len(m.Quotes) != min(MostQuotes, quotable) {
			t.Fatalf("%d quotes of %d that can be, want %d at most", len(m.Quotes), quotable, MostQuotes)
		}
		unstarred, leftOut := 0, 0
		for _, q := range m.Quotes {
			if utf8.RuneCountInString(q.Words) > QuoteLength {
				t.Fatalf("a quote of %d characters", utf8.RuneCountInString(q.Words))
			}
			if !q.Starred {
				unstarred++
			}
		}
		for _, r := range replies {
			if r.Flag == "" && within(r.Date) && !r.Muted && r.Starred && strings.TrimSpace(r.Words) != "" {
				leftOut++
			}
		}
		leftOut -= len(m.Quotes) - unstarred
		if unstarred > 0 && leftOut > 0 && opts.Privacy == mend.Quotes {
			t.Fatalf("%d plain ones are quoted while %d starred ones are not", unstarred, leftOut)
		}

		shuffled := Of(day(1), zone, rapid.Permutation(letters).Draw(t, "shuffled"),
			rapid.Permutation(replies).Draw(t, "shuffled"),
			rapid.Permutation(promises).Draw(t, "shuffled"), opts)
		if fmt.Sprint(shuffled) != fmt.Sprint(m) {
			t.Fatalf("in another order: got %v, want %v", shuffled, m)
		}
	})
}

// checkPromises counts the promises again, from their dates as text.
func checkPromises(t *rapid.T, m Month, promises []mend.Promise, zone *time.Location, words bool) {
	var kept, open, coming []string
	name := func(due, promise string) string {
		if !words {
			promise = ""
		}
		return due + " " + promise
	}
	for _, p := range promises {
		switch due, named := p.Due.String(), name(p.Due.String(), p.Words); {
		case p.State == mend.Kept && p.Closed.In(zone).Format("2006-01") == "2026-02":
			kept = append(kept, named)
		case p.State != mend.PromiseOpen && p.State != mend.NotYet || p.Hold != mend.Hold{}:
		case due[:7] == "2026-02":
			open = append(open, named)
		case due[:7] == "2026-03":
			coming = append(coming, named)
		}
	}
	for what, of := range map[string]struct {
		got  []Promise
		want []string
	}{"kept": {m.Kept, kept}, "open": {m.Open, open}, "coming": {m.Coming, coming}} {
		var got []string
		for _, p := range of.got {
			got = append(got, p.Due.String()+" "+p.Words)
		}
		if what != "kept" && !slices.IsSortedFunc(of.got,
			func(a, b Promise) int { return a.Due.Days() - b.Due.Days() }) {
			t.Fatalf("%s: not by their days: %v", what, got)
		}
		slices.Sort(got)
		slices.Sort(of.want)
		if !slices.Equal(got, of.want) {
			t.Fatalf("%s: got %q, want %q", what, got, of.want)
		}
	}
}

// checkLastYear looks for each quote of a year ago among the replies, and counts them.
func checkLastYear(t *rapid.T, m Month, replies []mend.Reply, opts Options) {
	there := map[string]bool{}
	quotable := 0
	for _, r := range replies {
		if r.Date.String()[:7] == "2025-02" && r.Flag == "" && !r.Muted && strings.TrimSpace(r.Words) != "" {
			quotable++
			there[r.Date.String()] = true
		}
	}
	want := 0
	if opts.LastYear && opts.Privacy == mend.Quotes {
		want = min(MostLastYear, quotable)
	}
	if len(m.LastYear) != want {
		t.Fatalf("%d quotes of a year ago, want %d", len(m.LastYear), want)
	}
	for _, q := range m.LastYear {
		if !there[q.Date.String()] {
			t.Fatalf("a quote of %s, on which nothing was written that may be quoted", q.Date)
		}
	}
}

// The work is that of the month's own records; a thousand of them are a person who never stops
// writing.
func BenchmarkOf(b *testing.B) {
	var replies []mend.Reply
	for i := range 1000 {
		replies = append(replies, wrote(day(1+i%28), fmt.Sprint(i, strings.Repeat(" word", 60))))
	}
	for b.Loop() {
		Of(february, time.UTC, nil, replies, nil, Options{Privacy: mend.Quotes})
	}
}

// A promise whose day we couldn't tell is quoted without its order.
func TestAQuoteHasNoOrder(t *testing.T) {
	for words, want := range map[string]string{
		"PROMISE call the notary soon\nThe house again.": "call the notary soon / The house again.",
		"A long day.\nPROMISE sleep":                     "A long day. sleep",
		"She made me PROMISE that.":                      "She made me PROMISE that.",
	} {
		got := Quotes([]mend.Reply{{Words: words}})
		if len(got) != 1 || got[0].Words != want {
			t.Errorf("%q: got %+v, want %q", words, got, want)
		}
	}
}
