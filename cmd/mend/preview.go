package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/letter/lettersample"
	"example.org/mend/shared/mend"
)

// previewCmd is `mend preview`: letters as a person gets them, with example names, dates and links.
type previewCmd struct {
	contentDir
	What   string `arg:"" optional:"" name:"card-or-letter" help:"The id of a card, such as amends.name-the-harm, or a letter, such as digest."`
	Format string `help:"What to print: ${enum}. eml is the whole message." enum:"text,html,eml" default:"text"`
	Letter int    `help:"Which letter of the card's week, 1 to 4. The first is the page." default:"1"`
	All    string `help:"Write a page for every card and letter to DIR, with an index." placeholder:"DIR" type:"path"`
}

// Help is shown by --help.
func (previewCmd) Help() string {
	return `Shows what an email will look like, with the cards and words of the folder where you run it.

  mend preview keep.the-good-half-hour
  mend preview digest --format html > digest.html
  mend preview --all gallery

The letters: ` + strings.Join(letterNames(), ", ") + ".\nThe cards: mend content list."
}

// Run prints one letter or writes the gallery.
func (c *previewCmd) Run() error { return c.print(os.Stdout) }

func (c *previewCmd) print(out io.Writer) error {
	switch {
	case c.What == "" && c.All == "":
		return errors.New("name a card or a letter to show, or use --all DIR for all of them; mend preview --help lists the letters")
	case c.Letter < 1 || c.Letter > 4:
		return errors.New("--letter is 1, 2, 3 or 4")
	}
	library, composer, err := c.letters()
	if err != nil {
		return err
	}
	if c.All != "" {
		return writeGallery(out, c.All, composer, library)
	}
	e, err := c.example(library)
	if err != nil {
		return err
	}
	p, err := e.compose(composer)
	if err != nil {
		return err
	}
	switch c.Format {
	case "eml":
		_, err = out.Write(p.Raw)
	case "html":
		_, err = fmt.Fprint(out, p.HTML)
	default:
		_, err = fmt.Fprintf(out, "Subject: %s\n\n%s", p.Subject, p.Text)
	}
	return err
}

// example finds the card or letter that was asked for.
func (c *previewCmd) example(library *content.Library) (example, error) {
	for _, k := range library.All() {
		if k.ID == c.What {
			return ofCard(library, k, c.Letter), nil
		}
	}
	for _, e := range exampleLetters(library) {
		if e.Name == c.What {
			return e, nil
		}
	}
	return example{}, fmt.Errorf("there is no card or letter %q; \"mend content list\" lists the cards, and the letters are %s", c.What, strings.Join(letterNames(), ", "))
}

// example is a letter with all that it needs made up.
type example struct {
	Name  string
	About string
	head  letter.Head
	body  letter.Body
}

// ofCard is a letter of a card's week: 1 is the page. A card of an arc says which step it is there.
func ofCard(library *content.Library, k *content.Card, number int) example {
	h := lettersample.Head()
	h.At = h.At.AddDate(0, 0, k.Number) // so that the gallery shows all subjects
	body := letter.CheckIn{Card: k}
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
	return example{k.ID, k.Title, h, body}
}

func letterNames() []string {
	var names []string
	for _, e := range exampleLetters(nil) {
		names = append(names, e.Name)
	}
	return names
}

// exampleLetters is every kind of letter but the cards, and what privacy makes of it.
func exampleLetters(library *content.Library) []example {
	head := lettersample.Head()
	with := func(privacy mend.Privacy) letter.Head {
		h := lettersample.Head()
		h.Privacy = privacy
		return h
	}
	single := lettersample.Head() // one of no series: it takes no reply
	single.Reply, single.Preferences, single.Stop, single.OneClick = "", "", "", ""

	today := mend.DateOf(head.At)
	month := exampleMonth()
	promise := letter.Promise{Words: "call my sister", Due: today, AnswerURL: "https://mend.example/promise/token"}
	all := []example{
		{"confirmation", "Asks whether the address is theirs", single, letter.Confirmation{ConfirmURL: "https://mend.example/confirm/token", NotMeURL: "https://mend.example/confirm/token#not-me"}},
		{"welcome", "After confirming", head, letter.Welcome{First: "Monday 9 March at 07:30", Rhythm: "Mondays and Thursdays at 07:30"}},
		{"signin", "The link that opens the journal", single, letter.SignIn{URL: "https://mend.example/signin/token"}},
		{"reminder", "A reminder of one's own", head, letter.Reminder{Words: "Water the tomatoes & ring Ann"}},
		{"reminder-link-only", "The same, where letters show no words", with(mend.LinkOnly), letter.Reminder{Words: "Water the tomatoes & ring Ann"}},
		{"promise", "Asks about a promise on its day", head, promise},
		{"promise-link-only", "The same, where letters show no words", with(mend.LinkOnly), promise},
		{"digest", "The month, with the person's words", head, letter.Digest{Month: month}},
		{"digest-no-quotes", "The month in figures", with(mend.NoQuotes), letter.Digest{Month: month}},
		{"digest-link-only", "The month behind a link", with(mend.LinkOnly), letter.Digest{Month: month}},
		{"digest-empty", "A month without a word", head, letter.Digest{Month: digest.Month{First: month.First, Letters: 4}}},
	}
	for _, name := range letter.Notices {
		h := single
		if slices.Contains(letter.Answers, name) {
			h = head
		}
		all = append(all, example{"notice-" + name, "Notice", h, letter.Notice{
			Name: name, URL: "https://mend.example/signin",
			Until: "16 March 2026", Next: "Monday 9 March at 07:30", Rhythm: "Mondays and Thursdays at 07:30",
		}})
	}
	var k *content.Card
	var done []*content.Card
	if library != nil {
		k, done = library.All()[0], library.All()[:4]
	}
	back := letter.CheckIn{
		Form: curriculum.LookBack, Step: 4, Of: 12, Part: "The first weeks", Done: done, Words: month.Quotes,
		Housekeeping: letter.Housekeeping{Name: "still-fits", URL: "https://mend.example/fits/token"},
	}
	closing := back
	closing.Form, closing.Step = curriculum.Closing, 12
	return append(all,
		example{"checkin-after-a-reply", "A check-in that says what became of the last reply", head, letter.CheckIn{Card: k, ReplyKept: true, AttachmentsDropped: 2, WordsLong: true}},
		example{"checkin-new-round", "A check-in after all cards were seen", head, letter.CheckIn{Card: k, NewRound: true}},
		example{"checkin-heavy", "A check-in after a mood of 1", head, letter.CheckIn{Card: k, Heavy: true, Step: 2, Of: 12, Part: "The first weeks"}},
		example{"checkin-short", "A short check-in", head, letter.CheckIn{Form: curriculum.Short, Card: k, Step: 2, Of: 12, Part: "The first weeks", Question: "What was it like?"}},
		example{"checkin-how", "A short check-in that asks how they are", head, letter.CheckIn{Form: curriculum.Short, Card: k}},
		example{"look-back", "After four steps", head, back},
		example{"look-back-no-quotes", "The same, where letters show no words", with(mend.NoQuotes), back},
		example{"closing", "After twelve steps", head, closing},
		example{"checkin-still-fits", "A check-in that asks whether the path fits", head, letter.CheckIn{Card: k, Housekeeping: letter.Housekeeping{Name: "still-fits", URL: "https://mend.example/fits/token"}}},
		example{"checkin-slower", "A check-in that offers a slower rhythm", head, letter.CheckIn{Card: k, Housekeeping: letter.Housekeeping{Name: "slower", URL: "https://mend.example/slower/token"}}},
	)
}

func exampleMonth() digest.Month {
	on := func(day int) mend.Date { return mend.Date{Year: 2026, Month: time.February, Day: day} }
	return digest.Month{
		First: on(1), Letters: 9, Days: 6,
		Moods: []digest.Mood{{Date: on(2), Value: 2}, {Date: on(5), Value: 2}, {Date: on(13), Value: 3}, {Date: on(20), Value: 4}},
		Quotes: []digest.Quote{
			{Date: on(2), Words: "I said it to the mirror first. Then I said it again, and nothing fell down."},
			{Date: on(13), Words: "A quiet week. I noticed the stairs creak when I come in late.", Starred: true},
			{Date: on(20), Words: "Slept."},
		},
		Kept:   []digest.Promise{{Words: "call my sister", Due: on(6)}},
		Open:   []digest.Promise{{Words: "bring back the ladder", Due: on(21)}},
		Coming: []digest.Promise{{Words: "write to the landlord", Due: on(28).AddDays(9)}},
		Points: []string{"Say what you did, without a reason.", "Start with the smallest thing you can keep.", "Give each other half an hour without phones."},
	}
}

// preview is a composed letter, taken apart again as a mail client would.
type preview struct {
	example
	letter.Mail
	Text, HTML string
}

func (e example) compose(c *letter.Composer) (preview, error) {
	m, err := c.Compose(e.head, e.body)
	if err != nil {
		return preview{}, fmt.Errorf("%s: %w", e.Name, err)
	}
	p := preview{example: e, Mail: m}
	if p.Text, p.HTML, err = lettersample.Parts(m.Raw); err != nil {
		return preview{}, fmt.Errorf("%s: reading the letter back: %w", e.Name, err)
	}
	return p, nil
}

// section is a part of the gallery's index.
type section struct {
	Title   string
	Letters []preview
}

// writeGallery writes, for each letter NAME, the page NAME.html with the text beside the HTML, the HTML alone
// (NAME.letter.html) and the message (NAME.eml), and index.html.
func writeGallery(out io.Writer, dir string, composer *letter.Composer, library *content.Library) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the gallery's folder: %w", err)
	}
	sections := []section{{Title: "Letters"}}
	add := func(to *section, e example) error {
		p, err := e.compose(composer)
		if err != nil {
			return err
		}
		to.Letters = append(to.Letters, p)
		return nil
	}
	for _, e := range exampleLetters(library) {
		if err := add(&sections[0], e); err != nil {
			return err
		}
	}
	for _, folder := range content.Folders() {
		s := section{Title: "Cards: " + folder}
		cards := slices.DeleteFunc(slices.Clone(library.All()), func(k *content.Card) bool { return k.Path != folder })
		slices.SortFunc(cards, func(a, b *content.Card) int { return cmp.Or(a.Order-b.Order, a.Number-b.Number) })
		for _, k := range cards {
			if err := add(&s, ofCard(library, k, 1)); err != nil {
				return err
			}
		}
		sections = append(sections, s)
	}
	count := 0
	for _, s := range sections {
		for _, p := range s.Letters {
			var page bytes.Buffer
			if err := galleryPage.Execute(&page, p); err != nil {
				return err
			}
			for name, content := range map[string][]byte{".html": page.Bytes(), ".letter.html": []byte(p.HTML), ".eml": p.Raw} {
				if err := os.WriteFile(filepath.Join(dir, p.Name+name), content, 0o644); err != nil {
					return fmt.Errorf("writing the gallery: %w", err)
				}
			}
			count++
		}
	}
	var index bytes.Buffer
	if err := galleryIndex.Execute(&index, sections); err != nil {
		return err
	}
	file := filepath.Join(dir, "index.html")
	if err := os.WriteFile(file, index.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing the gallery: %w", err)
	}
	_, err := fmt.Fprintf(out, "%d letters; begin at %s\n", count, file)
	return err
}

const galleryStyle = `<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>
:root{color-scheme:light dark}
body{margin:2rem auto;max-width:80rem;padding:0 1.25rem;font:1rem/1.5 system-ui,sans-serif}
.beside{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,36rem),1fr));gap:2rem}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font:.8rem/1.5 ui-monospace,monospace}
iframe{width:100%;height:72rem;border:1px solid #8886;border-radius:.4rem}
td,th{text-align:left;padding:.15rem 1.5rem .15rem 0;vertical-align:top}
</style>
`

var (
	galleryPage = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<head>
` + galleryStyle + `<title>{{.Name}}</title>
</head>
<body>
<main>
<p><a href="index.html">All letters</a> · <a href="{{.Name}}.letter.html">the HTML alone</a> · <a href="{{.Name}}.eml">the message</a> · {{len .Raw}} bytes</p>
<h1>{{.Name}}</h1>
<p>{{.About}}<br>Subject: {{.Subject}}</p>
<div class="beside">
<pre>{{.Text}}</pre>
<iframe src="{{.Name}}.letter.html" title="The letter as HTML"></iframe>
</div>
</main>
</body>
</html>
`))
	galleryIndex = template.Must(template.New("index").Parse(`<!doctype html>
<html lang="en">
<head>
` + galleryStyle + `<title>Letters</title>
</head>
<body>
<main>
<h1>Letters</h1>
{{range .}}<h2>{{.Title}}</h2>
<table>
<tr><th scope="col">Name</th><th scope="col">What</th><th scope="col">Subject</th><th scope="col">Bytes</th></tr>
{{range .Letters}}<tr><td><a href="{{.Name}}.html">{{.Name}}</a></td><td>{{.About}}</td><td>{{.Subject}}</td><td>{{len .Raw}}</td></tr>
{{end}}</table>
{{end}}</main>
</body>
</html>
`))
)
