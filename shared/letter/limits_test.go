package letter

import (
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"example.org/mend/content"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/mend"
)

// The largest month there can be, in the script that takes most bytes, still fits: its
// quotations are shortened.
func TestTheLargestDigestFits(t *testing.T) {
	endless := strings.Repeat("😀 ", 100_000)
	m := digest.Month{First: day(1), Letters: 28, Days: 28}
	for d := 1; d <= 28; d++ {
		m.Moods = append(m.Moods, digest.Mood{Date: day(d), Value: 5})
	}
	for i := range digest.MostPoints {
		m.Points = append(m.Points, strings.Repeat("é", 110)+string(rune('a'+i)))
	}
	for range 40 {
		p := digest.Promise{Words: endless, Due: day(3)}
		m.Kept, m.Open, m.Coming = append(m.Kept, p), append(m.Open, p), append(m.Coming, p)
	}
	for i := range digest.MostQuotes {
		m.Quotes = append(m.Quotes, digest.Quote{Date: day(i + 1), Words: digest.Cut(endless, digest.QuoteLength)})
	}
	m.LastYear = m.Quotes[:digest.MostLastYear]
	raw := compose(t, newComposer(t), headTo("zoe@example.org", endless), Digest{m}).Raw
	if len(raw) > MostBytes {
		t.Errorf("got %d bytes, want at most %d", len(raw), MostBytes)
	}
	got := read(t, raw)
	if n := strings.Count(got.html, "<blockquote"); n != digest.MostQuotes+digest.MostLastYear {
		t.Errorf("%d quotations are left, want all %d, shortened", n, digest.MostQuotes+digest.MostLastYear)
	}
	if !strings.Contains(got.text, "There are more in your journal.") {
		t.Error("it does not say that there are more promises")
	}
}

// Records that should not be (no date, a mood of 9) make a letter all the same.
func TestOddRecords(t *testing.T) {
	c := newComposer(t)
	odd := digest.Month{
		First:  day(1),
		Days:   1,
		Moods:  []digest.Mood{{Value: 9}, {Value: -1}},
		Quotes: []digest.Quote{{}, {Words: "hm"}},
		Kept:   []digest.Promise{{}},
		Open:   []digest.Promise{{Words: "x"}},
	}
	for _, b := range []Body{Digest{odd}, Promise{Words: "x"}, Promise{}, Reminder{}, Welcome{}} {
		parsePage(t, read(t, compose(t, c, headTo("zoe@example.org", ""), b).Raw).html)
	}
}

// Every card of the library makes a letter that fits.
func TestEveryCardFits(t *testing.T) {
	library := content.Built()
	c := newComposer(t)
	for _, k := range library.All() {
		for i, form := range []curriculum.Kind{curriculum.Page, curriculum.Short, curriculum.Short} {
			mail := compose(t, c, headTo("zoe@example.org", "Zoë"), CheckIn{
				Choice: choice{
					Form: form, Card: k, Question: k.Questions[i], Before: k, NewRound: true, Heavy: true,
				},
				ReplyKept:          true,
				AttachmentsDropped: 3,
			})
			if len(mail.Raw) > MostBytes {
				t.Errorf("%s: %d bytes", k.ID, len(mail.Raw))
			}
			m := read(t, mail.Raw)
			if !strings.Contains(strings.ReplaceAll(m.text, " \n", " "), k.Questions[i]) {
				t.Errorf("%s: letter %d does not ask %q", k.ID, i+1, k.Questions[i])
			}
			if strings.Contains(m.text, "*") {
				t.Errorf("%s: the text part of letter %d shows a star:\n%s", k.ID, i+1, m.text)
			}
			parsePage(t, m.html)
		}
	}
}

// Each letter asks one question, the one that the caller records.
func TestALetterAsksOneQuestion(t *testing.T) {
	c := newComposer(t)
	const how = "How are you today, 1 to 5?"
	for _, tt := range []struct {
		body     CheckIn
		question string
	}{
		{pageOf(window), window.Questions[0]},
		{CheckIn{Choice: choice{Card: window, NewRound: true}}, window.Questions[0]},
		{CheckIn{Choice: choice{Card: window, Question: "How is the weather?"}}, "How is the weather?"},
		{asking(curriculum.Light, window.Questions[0]), window.Questions[0]},
		{asking(curriculum.Short, window.Questions[2]), window.Questions[2]},
		{CheckIn{Choice: choice{Form: curriculum.Short, Card: window}}, how},
		{CheckIn{Choice: choice{Form: curriculum.Short}}, how},
	} {
		m := read(t, compose(t, c, headTo("zoe@example.org", ""), tt.body).Raw)
		text := strings.ReplaceAll(m.text, " \n", " ")
		asked := 0
		for _, q := range append(window.Questions[:], "How is the weather?", how) {
			asked += strings.Count(text, q)
		}
		if asked != 1 || !strings.Contains(text, tt.question) {
			t.Errorf("%+v: it asks %d questions, want one: %q", tt.body, asked, tt.question)
		}
	}
}

// The line after a mood of 1 quotes no one, and does not stand where someone else may look in.
func TestTheLineAfterAHeavyMood(t *testing.T) {
	c := newComposer(t)
	for privacy, want := range map[mend.Privacy]bool{
		mend.Quotes:   true,
		mend.NoQuotes: true,
		"":            true,
		mend.LinkOnly: false,
	} {
		for _, form := range []curriculum.Kind{
			curriculum.Page, curriculum.Light, curriculum.Short, curriculum.LookBack, curriculum.Closing,
		} {
			h := headTo("zoe@example.org", "")
			h.Privacy = privacy
			m := read(t, compose(t, c, h, CheckIn{Choice: choice{Form: form, Card: window, Heavy: true}}).Raw)
			text := strings.ReplaceAll(m.text, " \n", " ")
			if got := strings.Contains(text, "You wrote 1 last time."); got != want {
				t.Errorf("%s, %q: got %t, want %t", form, privacy, got, want)
			}
		}
	}
}

// One Composer serves many senders at once; run with -race.
func TestComposeConcurrently(t *testing.T) {
	c := newComposer(t)
	want := string(compose(t, newComposer(t), headTo("zoe@example.org", "Zoë"), pageOf(window)).Raw)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				m, err := c.Compose(headTo("zoe@example.org", "Zoë"), pageOf(window))
				if err != nil || string(m.Raw) != want {
					t.Errorf("got another letter than alone (%v)", err)
					return
				}
				if _, err := c.Compose(headTo("b@example.org", ""), Digest{february()}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// The hot path allocates the message, four times for a name that is not ASCII, and next to nothing
// else.
func TestCheckInAllocatesLittle(t *testing.T) {
	c := newComposer(t)
	h := headTo("zoe@example.org", "Zoë")
	got := testing.AllocsPerRun(200, func() {
		if _, err := c.Compose(h, CheckIn{Choice: choice{Card: window}, ReplyKept: true}); err != nil {
			t.Fatal(err)
		}
	})
	if got > 10 {
		t.Errorf("got %v allocations for a check-in, want at most 10", got)
	}
}

// Whatever is typed, a letter is one whole message to one recipient.
func FuzzCompose(f *testing.F) {
	f.Add("Zoë", "call Ann", "li@example.org")
	f.Add("a\r\nBcc: x@example.org", "</p><script>", "a@example.org")
	f.Add("=?utf-8?q?=0D=0A?=", "\n.\n--=_mend--\n", "\"a b\"@example.org")
	f.Add("\u202e\U000e0001", strings.Repeat("\u0301", 400), "")
	c := newComposer(f)
	f.Fuzz(func(t *testing.T, name, words, address string) {
		for _, b := range []Body{
			Reminder{Words: words}, Promise{Words: words, Due: day(1)},
			Digest{digest.Month{First: day(1), Days: 1, Quotes: []digest.Quote{{Date: day(1), Words: words}}}},
		} {
			h := headTo("zoe@example.org", name)
			if address != "" {
				h.To = mend.StoredAddress(address)
			}
			mail, err := c.Compose(h, b)
			if err != nil {
				continue
			}
			if len(mail.Raw) > MostBytes {
				t.Errorf("%d bytes", len(mail.Raw))
			}
			m := read(t, mail.Raw)
			if len(m.header) != 15 || !utf8.ValidString(m.text) || !utf8.ValidString(m.html) {
				t.Errorf("%d header fields, want 15: %v", len(m.header), m.header)
			}
			parsePage(t, m.html)
		}
	})
}
