package letter

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"example.org/mend/shared/mend"
)

// Every kind of letter, under every setting and tick box, shows what the privacy table says and
// nothing else. What isn't in the table is in no letter's subject, preheader or title: words and
// names that someone typed.
func TestLettersKeepToThePrivacyTable(t *testing.T) {
	c := newComposer(t)
	const secret, name = "XYZZY", "Ambrosius"
	month := february()
	month.Quotes[0].Words = secret
	month.Kept[0].Words = secret
	month.Open[0].Words = secret
	month.Coming[0].Words = secret
	month.LastYear[0].Words = secret
	for _, privacy := range []mend.Privacy{mend.Quotes, mend.NoQuotes, mend.LinkOnly, "", "unheard of"} {
		rules := privacy.Rules()
		for _, tt := range []struct {
			body   Body
			words  bool   // the letter shows what the person wrote
			card   bool   // it shows a card
			month  bool   // it shows figures
			titled string // the subject where titles may be shown; "" for one of the catalogue
		}{
			{
				body: CheckIn{
					Choice:       choice{Card: window},
					ReplyKept:    true,
					Housekeeping: Housekeeping{"still-fits", "https://mend.example/f"},
				},
				card:   rules.Cards,
				titled: window.Title,
			},
			{body: Reminder{Words: secret}, words: rules.ShowsWords(false)},
			{body: Reminder{Words: secret, Ticked: true}, words: rules.ShowsWords(true)},
			{
				body:  Promise{Words: secret, Due: day(1), Space: true, AnswerURL: "https://mend.example/p"},
				words: rules.ShowsWords(false),
			},
			{
				body:  Promise{Words: secret, Due: day(1), Ticked: true, AnswerURL: "https://mend.example/p"},
				words: rules.ShowsWords(true),
			},
			{body: Digest{month}, words: rules.Own, month: rules.Figures},
			{body: Confirmation{"https://mend.example/c", "https://mend.example/n"}},
			{body: Welcome{"Monday", "Mondays"}},
			{body: SignIn{URL: "https://mend.example/s"}},
		} {
			t.Run(fmt.Sprintf("%T %s %v", tt.body, privacy, tt.words), func(t *testing.T) {
				h := headTo("zoe@example.org", name)
				h.Privacy = privacy
				m := read(t, compose(t, c, h, tt.body).Raw)
				p := parsePage(t, m.html)
				for _, part := range []string{m.text, p.visible} {
					part = strings.ReplaceAll(part, " \n", " ")
					if got := strings.Contains(part, secret); got != tt.words {
						t.Errorf("shows the person's words: got %v, want %v", got, tt.words)
					}
					got := strings.Contains(part, window.Practice[0][:30]) ||
						strings.Contains(part, window.Title) && tt.card
					if got != tt.card {
						t.Errorf("shows the card: got %v, want %v", got, tt.card)
					}
					if got := strings.Contains(part, "You wrote on 6 days"); got != tt.month {
						t.Errorf("shows the month: got %v, want %v", got, tt.month)
					}
					if _, ok := tt.body.(Digest); ok {
						for _, said := range []string{month.Points[1], c.Question("en", mend.Quotes, tt.body)} {
							if strings.Contains(part, said) != rules.Figures {
								t.Errorf("shows %q: want %v:\n%s", said, rules.Figures, part)
							}
						}
					}
					_, checkIn := tt.body.(CheckIn)
					if checkIn && !rules.Cards && !strings.Contains(part, "Your page is ready") {
						t.Errorf("does not say that a page is ready:\n%s", part)
					}
					if strings.Contains(part, "asked for space") && !rules.Path {
						t.Error("shows that someone asked for space")
					}
				}
				if strings.Contains(m.subject+p.preheader+p.title, secret) ||
					strings.Contains(m.subject+p.preheader+p.title, name) {
					t.Errorf("subject %q or preheader %q holds what was typed", m.subject, p.preheader)
				}
				if _, confirmation := tt.body.(Confirmation); confirmation && strings.Contains(fmt.Sprint(m), name) {
					t.Error("a confirmation holds a name")
				}
				covered := h.Cover + " " + strconv.Itoa(h.Number)
				switch {
				case isCovered(tt.body.Kind()) && (m.subject == covered) == rules.Titles:
					t.Errorf("subject %q; titles may be shown: %v", m.subject, rules.Titles)
				case rules.Titles && tt.titled != "" && m.subject != tt.titled:
					t.Errorf("subject %q, want the title %q", m.subject, tt.titled)
				}
			})
		}
	}
}

// No notice repeats what someone told us, whatever the setting.
func TestNoticesDoNotSayWhatTheyToldUs(t *testing.T) {
	c := newComposer(t)
	for _, name := range Notices {
		m := read(t,
			compose(t, c, headTo("zoe@example.org", ""), Notice{Name: name, URL: "https://mend.example/journal"}).Raw)
		text := strings.ToLower(m.subject + "\n" + strings.ReplaceAll(m.text, " \n", " "))
		for _, told := range []string{
			"you told", "said no", "space", "contact", "promise", "apart", "hurt", "not wanted",
		} {
			if strings.Contains(text, told) {
				t.Errorf("the notice %q says %q:\n%s", name, told, text)
			}
		}
	}
}
