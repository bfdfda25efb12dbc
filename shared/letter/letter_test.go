package letter

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/mend"
)

var update = flag.Bool("update", false, "write the golden files anew; then read them")

func newComposer(t testing.TB) *Composer {
	t.Helper()
	c, err := New(content.Languages(), Config{
		Site:        "https://mend.example",
		From:        mend.StoredAddress("letters@mend.example"),
		SenderName:  "Mend",
		ReplyDomain: "reply.mend.example",
		ListDomain:  "letters.mend.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var window = &content.Card{
	Number: 500, ID: "keep.the-open-window", Title: "The open window", Minutes: 10, Writes: true,
	Point:  `Air out one thing that you've kept "shut" for a year.`,
	NotFor: "Skip this one if you're afraid of them. *More help*, below, is for you.",
	Idea: []string{
		`A room that was shut for years does not smell of anything at first. You notice it only when somebody opens a window, and says "so that was it". *Most of us* have such a room, and most of us have been told that it isn't there.`,
		"You need not clear it out today. One window is enough, and you are the one who decides how wide.",
		"- the one that sticks\n- the one to the street, which lets in more than the air that you wanted, " +
			"and is best left for another day\n- the small one",
	},
	Practice: []string{"Write down one thing that you have not said aloud for a year. Two lines will do. " +
		"Then put the paper where only you will find it, or tear it up. Nobody needs to see it."},
	Questions: [3]string{
		"What came in when you opened it a little?", "Which window did you leave shut, and what for?",
		"What does the room look like by now?",
	},
}

var monday = time.Date(2026, 3, 2, 7, 30, 0, 0, time.FixedZone("CET", 3600))

func headTo(mail, name string) Head {
	return Head{
		To: mend.StoredAddress(mail), Name: name, Locale: "en", Privacy: mend.Quotes, Cover: "Monday page", Number: 14,
		At: monday, ID: "k7q2-1-20260302",
		Reply:       "r+ab3k7q2mzfx5ytnc4w6ojdlh2s7r5e3g4i6k2m4o6q2s4u6w@reply.mend.example",
		Preferences: "https://mend.example/preferences/p1ab3k7q2mzfx5ytnc4w6ojdlh2s7r5e3g4i6k2m4o6q2s4u6w",
		Stop:        "https://mend.example/stop/u1ab3k7q2mzfx5ytnc4w6ojdlh2s7r5e3g4i6k2m4o6q2s4u6w",
		Page:        "https://mend.example/letter/l1ab3k7q2mzfx5ytnc4w6ojdlh2s7r5e3g4i6k2m4o6q2s4u6w",
	}
}

// transactional is a head of a letter without a reply address and a list.
func transactional(h Head) Head {
	h.Reply, h.Preferences, h.Stop = "", "", ""
	return h
}

func day(d int) mend.Date { return mend.Date{Year: 2026, Month: 2, Day: d} }

// february is a month with some of everything.
func february() digest.Month {
	return digest.Month{
		First: day(1), Letters: 9, Days: 6,
		Moods: []digest.Mood{
			{Date: day(2), Value: 2}, {Date: day(5), Value: 2}, {Date: day(13), Value: 3}, {Date: day(20), Value: 4},
		},
		Quotes: []digest.Quote{
			{Date: day(2), Words: `I said it to the mirror first. Then I said "I was wrong" and nothing fell down.`},
			{Date: day(13), Words: "Quiet week. <b>Not bold</b> & not *starred* either.", Starred: true},
			{Date: day(20), Words: "كان يوما طويلا، لكنني مشيت."},
		},
		LastYear: []digest.Quote{
			{Date: mend.Date{Year: 2025, Month: 2, Day: 11}, Words: "Could not sleep. Wrote this instead."},
		},
		Kept:   []digest.Promise{{Words: "call my sister", Due: day(6)}},
		Open:   []digest.Promise{{Words: "bring back the ladder", Due: day(21)}},
		Coming: []digest.Promise{{Words: "write to the landlord", Due: mend.Date{Year: 2026, Month: 3, Day: 9}}},
		Points: []string{
			"Say when you'll be late.", "Keep your reasons out of your apology.", "Ask *before* you explain.",
		},
	}
}

type sample struct {
	name string
	head Head
	body Body
}

var stair = &content.Card{
	Number:  501,
	ID:      "keep.the-stair",
	Title:   "The stair",
	Point:   "Say when you'll be late.",
	Minutes: 5,
}

// step is a letter of the third step of an arc.
// A choice is most of a check-in.
type choice = curriculum.Choice

func pageOf(card *content.Card) CheckIn { return CheckIn{Choice: choice{Card: card}} }

func asking(form curriculum.Kind, question string) CheckIn {
	return CheckIn{Choice: choice{Form: form, Card: window, Question: question}}
}

func step(b CheckIn) CheckIn {
	b.Step, b.Of, b.Part = 3, 12, "The first weeks"
	return b
}

func lookBack(form curriculum.Kind) CheckIn {
	b := step(CheckIn{
		Choice:       choice{Form: form, Done: []*content.Card{stair, window}},
		Words:        february().Quotes,
		Housekeeping: Housekeeping{"still-fits", "https://mend.example/fits/t1"},
	})
	b.Step = 4
	return b
}

func samples() []sample {
	zoe := headTo("zoe@example.org", "Zoë")
	with := func(privacy mend.Privacy) Head {
		h := zoe
		h.Privacy = privacy
		return h
	}
	all := []sample{
		{"checkin", zoe, pageOf(window)},
		{"checkin-after-a-reply", headTo("pat@example.org", "O'Brien"),
			CheckIn{Choice: choice{Card: window}, ReplyKept: true, AttachmentsDropped: 2}},
		{"checkin-in-the-arc", zoe, step(CheckIn{Choice: choice{Card: window, Before: stair, LastWeek: true}})},
		{"checkin-heavy", headTo("iman@example.org", "إيمان"),
			step(CheckIn{Choice: choice{Card: window, Before: stair, Heavy: true}, ReplyKept: true})},
		{"checkin-new-round", headTo("li@example.org", "李"), CheckIn{
			Choice:       choice{Card: window, NewRound: true},
			Housekeeping: Housekeeping{"still-fits", "https://mend.example/fits/t1"},
		}},
		{"checkin-link-only", with(mend.LinkOnly), CheckIn{Choice: choice{Card: window}, ReplyKept: true}},
		{"checkin-slower", headTo("a@example.org", ""),
			CheckIn{
				Choice: choice{Card: window}, Housekeeping: Housekeeping{"slower", "https://mend.example/slower/t1"},
			}},
		{"short", zoe, step(asking(curriculum.Short, window.Questions[1]))},
		{"short-how", zoe, step(CheckIn{Choice: choice{Form: curriculum.Short, Card: window}})},
		{"short-no-card", zoe, CheckIn{Choice: choice{Form: curriculum.Short}}},
		{"look-back", zoe, lookBack(curriculum.LookBack)},
		{"look-back-no-quotes", with(mend.NoQuotes), lookBack(curriculum.LookBack)},
		{"closing", zoe, lookBack(curriculum.Closing)},
		{"reminder", zoe, Reminder{Words: "Water the <i>tomatoes</i> & ring Ann"}},
		{"reminder-link-only", with(mend.LinkOnly), Reminder{Words: "Water the tomatoes"}},
		{"promise", zoe,
			Promise{Words: "call my sister", Due: mend.DateOf(monday), AnswerURL: "https://mend.example/promise/t1"}},
		{"promise-no-quotes", with(mend.NoQuotes), Promise{
			Words:     "call my sister",
			Due:       mend.DateOf(monday),
			Space:     true,
			AnswerURL: "https://mend.example/promise/t1",
		}},
		{"promise-past", zoe,
			Promise{Words: "call my sister", Due: day(27), AnswerURL: "https://mend.example/promise/t1"}},
		{"promise-link-only", with(mend.LinkOnly),
			Promise{Words: "call my sister", Due: mend.DateOf(monday), AnswerURL: "https://mend.example/promise/t1"}},
		{"digest-quotes", zoe, Digest{february()}},
		{"digest-no-quotes", with(mend.NoQuotes), Digest{february()}},
		{"digest-link-only", with(mend.LinkOnly), Digest{february()}},
		{"digest-empty", zoe, Digest{digest.Month{First: day(1), Letters: 4}}},
		{"confirmation", transactional(zoe),
			Confirmation{"https://mend.example/confirm/c1", "https://mend.example/confirm/c1#notme"}},
		{"welcome", zoe, Welcome{"Monday 9 March at 07:30", "Mondays and Thursdays at 07:30"}},
		{"signin", transactional(zoe), SignIn{URL: "https://mend.example/signin/s1"}},
	}
	for _, name := range Notices {
		n := Notice{Name: name, URL: "https://mend.example/journal"}
		if !slices.Contains(Answers, name) {
			all = append(all, sample{"notice-" + name, transactional(zoe), n})
			continue
		}
		n.Until, n.Next, n.Rhythm = "16 March 2026", "Monday 9 March at 07:30", "Mondays and Thursdays at 07:30"
		all = append(all, sample{"notice-" + name, zoe, n})
	}
	all = append(all, sample{"notice-two-orders", zoe, Notice{
		Name: "paused", Also: []string{"settings-changed"}, URL: "https://mend.example/journal",
		Until: "16 March 2026", Next: "Monday 16 March at 07:30", Rhythm: "Mondays at 07:30",
	}})
	return all
}

// Of each kind both parts are kept (the browser's tests open the HTML), and of one the
// whole message.
func TestEveryKindReadsAsItDid(t *testing.T) {
	c := newComposer(t)
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			mail, err := c.Compose(s.head, s.body)
			if err != nil {
				t.Fatal(err)
			}
			m := read(t, mail.Raw)
			golden(t, s.name+".txt", []byte(m.text))
			golden(t, s.name+".html", []byte(m.html))
			if s.name == "checkin" {
				golden(t, s.name+".eml", mail.Raw)
			}
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run the test with -update, then read what it wrote", err)
	}
	if !bytes.Equal(got, want) {
		g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
		for i := range max(len(g), len(w)) {
			if i >= len(g) || i >= len(w) || g[i] != w[i] {
				t.Fatalf("%s differs from line %d on:\ngot  %q\nwant %q", name, i+1, at(g, i), at(w, i))
			}
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(the end)"
}
