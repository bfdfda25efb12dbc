// Package lettersample holds example data for letters that no one gets: previews and the letters in
// the docs.
package lettersample

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"slices"
	"strings"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
)

// Config is that of an installation at mend.example.
var Config = letter.Config{
	Site: "https://mend.example", From: mend.StoredAddress("letters@mend.example"), SenderName: "Mend",
	ReplyDomain: "reply.mend.example", ListDomain: "letters.mend.example",
}

// Head is the head of a letter on a Monday morning in Berlin.
func Head() letter.Head {
	const token = "ab3k7q2mzfx5ytnc4w6ojdlh2s7r5e3g4i6k2m4o6q2s4u6w"
	return letter.Head{
		To: mend.StoredAddress("zoe@example.org"), Name: "Zoë", Locale: "en", Privacy: mend.Quotes,
		Cover: "Monday page", Number: 14,
		At: time.Date(2026, 3, 2, 7, 30, 0, 0, time.FixedZone("CET", 3600)), ID: "example-1-20260302",
		Reply:       "r+" + token + "@reply.mend.example",
		Preferences: "https://mend.example/preferences/" + token,
		Stop:        "https://mend.example/stop/" + token,
	}
}

// Parts takes a letter apart again: its text and its HTML, with LF at the ends of lines.
func Parts(raw []byte) (text, html string, err error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", "", err
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", "", err
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for _, part := range []*string{&text, &html} {
		p, err := r.NextPart()
		if err != nil {
			return "", "", err
		}
		content, err := io.ReadAll(p)
		if err != nil {
			return "", "", err
		}
		*part = strings.ReplaceAll(string(content), "\r\n", "\n")
	}
	return text, html, nil
}

// Sample is a letter with all that it needs made up.
type Sample struct {
	Name string
	Head letter.Head
	Body letter.Body
}

// Compose composes the letter, and takes it apart again as a mail client would.
func (s Sample) Compose(c *letter.Composer) (m letter.Mail, text, html string, err error) {
	if m, err = c.Compose(s.Head, s.Body); err == nil {
		text, html, err = Parts(m.Raw)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", s.Name, err)
	}
	return m, text, html, err
}

const site = "https://mend.example/"

// OfCard is a letter of a card's week: 1 is the page. A card of an arc says which step it is there.
func OfCard(library *content.Library, k *content.Card, number int) Sample {
	h := Head()
	h.At = h.At.AddDate(0, 0, k.Number) // so that the gallery shows all subjects
	body := letter.CheckIn{Choice: curriculum.Choice{Card: k}}
	for _, role := range content.RolesOf(k.Path) {
		arc := library.Arc(k.Path, role)
		if i := slices.Index(arc.Steps(), k.Number); i >= 0 {
			body.Step, body.Of, body.Part = i+1, len(arc.Steps()), arc.PartOf(i).Name
			break
		}
	}
	if number > 1 {
		body.Form = curriculum.Short
		if number <= len(k.Questions) {
			body.Question = k.Questions[number-1]
		}
	}
	return Sample{k.ID, h, body}
}

// Letters is every kind of letter but the cards, and what privacy makes of it.
func Letters(library *content.Library) []Sample {
	card, done := library.All()[0], library.All()[:4]
	month := sampleMonth()
	page := letter.CheckIn{Choice: curriculum.Choice{Card: card}}
	replied, round, step, how := page, page, page, page
	replied.ReplyKept, replied.AttachmentsDropped = true, 2
	round.NewRound = true
	how.Form = curriculum.Short
	step.Step, step.Of, step.Part = 2, 12, "The first weeks"
	heavy, short := step, step
	heavy.Heavy = true
	short.Form, short.Question = curriculum.Short, "What was it like?"
	asking := func(name string) letter.CheckIn {
		b := page
		b.Housekeeping = letter.Housekeeping{Name: name, URL: site + name + "/token"}
		return b
	}
	back := asking("still-fits")
	back.Form, back.Card, back.Step, back.Of, back.Part = curriculum.LookBack, nil, 4, 12, "The first weeks"
	back.Done, back.Words = done, month.Quotes
	closing := back
	closing.Form, closing.Step = curriculum.Closing, 12

	head := Head()
	single := Head() // one of no series: it takes no reply
	single.Reply, single.Preferences, single.Stop = "", "", ""
	all := []Sample{
		{"confirmation", single,
			letter.Confirmation{ConfirmURL: site + "confirm/token", NotMeURL: site + "confirm/token#not-me"}},
		{"welcome", head, letter.Welcome{First: "Monday 9 March at 07:30", Rhythm: "Mondays and Thursdays at 07:30"}},
		{"signin", single, letter.SignIn{URL: site + "signin/token"}},
		{"reminder", head, letter.Reminder{Words: "Water the tomatoes & ring Ann"}},
		{"promise", head,
			letter.Promise{Words: "call my sister", Due: mend.DateOf(head.At), AnswerURL: site + "promise/token"}},
		{"digest", head, letter.Digest{Month: month}},
		{"digest-empty", head, letter.Digest{Month: digest.Month{First: month.First, Letters: 4}}},
		{"checkin-after-a-reply", head, replied},
		{"checkin-new-round", head, round},
		{"checkin-heavy", head, heavy},
		{"checkin-short", head, short},
		{"checkin-how", head, how},
		{"checkin-still-fits", head, asking("still-fits")},
		{"checkin-slower", head, asking("slower")},
		{"look-back", head, back},
		{"closing", head, closing},
	}
	for _, name := range letter.Notices {
		h := single
		if slices.Contains(letter.Answers, name) {
			h = head
		}
		all = append(all, Sample{"notice-" + name, h, letter.Notice{Name: name, URL: site + "signin",
			Until: "16 March 2026", Next: "Monday 9 March at 07:30", Rhythm: "Mondays and Thursdays at 07:30"}})
	}
	for privacy, names := range map[mend.Privacy][]string{
		mend.NoQuotes: {"digest", "look-back"}, mend.LinkOnly: {"reminder", "promise", "digest"},
	} {
		for _, name := range names {
			s := all[slices.IndexFunc(all, func(s Sample) bool { return s.Name == name })]
			s.Name, s.Head.Privacy = name+"-"+string(privacy), privacy
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b Sample) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

func sampleMonth() digest.Month {
	on := func(day int) mend.Date { return mend.Date{Year: 2026, Month: time.February, Day: day} }
	return digest.Month{
		First: on(1), Letters: 9, Days: 6,
		Moods: []digest.Mood{{Date: on(2), Value: 2}, {Date: on(5), Value: 2}, {Date: on(13), Value: 3},
			{Date: on(20), Value: 4}},
		Quotes: []digest.Quote{
			{Date: on(2), Words: "I said it to the mirror first. Then I said it again, and nothing fell down."},
			{Date: on(13), Words: "A quiet week. I noticed the stairs creak when I come in late.", Starred: true},
			{Date: on(20), Words: "Slept."},
		},
		Kept:   []digest.Promise{{Words: "call my sister", Due: on(6)}},
		Open:   []digest.Promise{{Words: "bring back the ladder", Due: on(21)}},
		Coming: []digest.Promise{{Words: "write to the landlord", Due: on(28).AddDays(9)}},
		Points: []string{"Say what you did, without a reason.", "Start with the smallest thing you can keep.",
			"Give each other half an hour without phones."},
	}
}
