package letter

import (
	"slices"
	"strings"
	"testing"

	"example.org/mend/content"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/mend"
)

// New refuses what would break a header.
func TestNewRefuses(t *testing.T) {
	good := newComposer(t).cfg
	for name, change := range map[string]func(*Config){
		"no site":         func(c *Config) { c.Site = "" },
		"a relative site": func(c *Config) { c.Site = "mend.example" },
		"no sender":       func(c *Config) { c.From = Config{}.From },
		"reply domain":    func(c *Config) { c.ReplyDomain = "reply.mend.example\r\n" },
		"list domain":     func(c *Config) { c.ListDomain = "" },
	} {
		cfg := good
		change(&cfg)
		if _, err := New(content.Languages(), cfg); err == nil {
			t.Errorf("%s: New took it", name)
		}
	}
}

// Whichever the rhythm, two letters in a row have different preheaders.
func TestLettersInARowDiffer(t *testing.T) {
	c := newComposer(t)
	for _, step := range []int{1, 2, 3, 7, 14, 21, 28, 30, 31} {
		h := headTo("zoe@example.org", "")
		last := ""
		for range 60 {
			preheader := parsePage(t, read(t, compose(t, c, h, pageOf(window)).Raw).html).preheader
			if preheader == last {
				t.Errorf("every %d days: %q follows itself", step, preheader)
			}
			last, h.At = preheader, h.At.AddDate(0, 0, step)
		}
	}
}

// Every message of the catalogue is in some letter: what no letter uses goes, so that
// no one translates it.
func TestEveryMessageIsInALetter(t *testing.T) {
	english := content.Languages()[0]
	marked := content.Language{Tag: english.Tag}
	var want []string
	for _, m := range english.Messages {
		// rules, and what the months are in
		if !slices.Contains([]string{"dir", "quotes", "indiscreet", "date"}, m.Key) {
			want = append(want, m.Key)
			variants := make([]string, len(m.Variants))
			for i := range variants {
				variants[i] = "[" + m.Key + "]"
			}
			m.Variants = variants
		}
		marked.Messages = append(marked.Messages, m)
	}
	c, err := New([]content.Language{marked}, newComposer(t).cfg)
	if err != nil {
		t.Fatal(err)
	}
	const link = "https://mend.example/promise/t1"
	all := samples()
	one := digest.Month{
		First: day(1), Letters: 1, Days: 1, Kept: february().Kept[:1], Open: february().Open[:1],
		Coming: february().Coming[:1],
	}
	head := headTo("zoe@example.org", "Zoë")
	quiet, nameless := head, head
	quiet.Privacy, nameless.Name = mend.NoQuotes, ""
	nameless.Reply = ""
	many := one
	many.Kept = slices.Repeat(one.Kept, 6)
	many.Open, many.Coming, many.Days = slices.Repeat(one.Open, 2), slices.Repeat(one.Coming, 2), 2
	none := one
	none.Days, none.Letters = 0, 2
	all = append(all, sample{"", quiet, Digest{one}}, sample{"", quiet, Digest{many}}, sample{"", head, Digest{many}},
		sample{"", quiet, Digest{none}}, sample{"", nameless, CheckIn{Choice: choice{Card: &content.Card{Minutes: 1}}}},
		sample{"", head, CheckIn{Choice: choice{Card: window}, ReplyKept: true, AttachmentsDropped: 1}},
		sample{"", head, SignIn{URL: "https://mend.example/signin/s1", MuteURL: "https://mend.example/mute/m1"}},
		sample{"", head, Promise{Words: "x", Due: mend.DateOf(monday), Space: true, AnswerURL: link}},
		sample{"", quiet, Promise{Words: "x", Due: day(27), AnswerURL: link}},
		sample{"", head, Digest{digest.Month{First: day(1), Letters: 1, Days: 3, LastYear: february().Quotes}}},
		sample{"", head, step(CheckIn{Choice: choice{Card: window, Before: stair}})},
		sample{"", quiet, step(pageOf(window))})
	var said strings.Builder
	for _, s := range all {
		m := read(t, compose(t, c, s.head, s.body).Raw)
		said.WriteString(m.subject + m.text + m.html)
	}
	for _, key := range want {
		if !strings.Contains(strings.ReplaceAll(said.String(), " \n", " "), "["+key+"]") {
			t.Errorf("no letter says %s: take it out, or add a letter that does to this test", key)
		}
	}
}
