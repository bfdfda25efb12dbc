package web

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"example.org/mend/content"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/letter"
)

// sampleCards are the cards of the letters that the landing page shows. The page's reply answers
// the first one's question.
var sampleCards = []string{"amends.the-whole-sentence", "foundations.the-word-fine", "apart.the-changed-hour"}

// sampleLetter is a letter of the landing page.
type sampleLetter struct {
	Title, Path string
	Letter      template.HTML
}

// headings are one level lower among those of a page that has a heading of its own.
var headings = strings.NewReplacer("<h1>", "<h2 class=\"title\">", "</h1>", "</h2>", "<h2>", "<h3>", "</h2>", "</h3>")

func sampleLetters(svc services) ([]sampleLetter, error) {
	cards := svc.library.All()
	var all []sampleLetter
	for _, id := range sampleCards {
		i := slices.IndexFunc(cards, func(c *content.Card) bool { return c.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("the library has no card %s", id)
		}
		c := cards[i]
		text, err := letterHTML(svc, letter.CheckIn{Choice: curriculum.Choice{Card: c}})
		if err != nil {
			return nil, err
		}
		text = template.HTML(headings.Replace(string(text)))
		all = append(all, sampleLetter{c.Title, c.Path, text})
	}
	return all, nil
}

func showLanding(v *visit) error {
	samples, err := v.samples()
	if err != nil {
		return fmt.Errorf("make the letters of the landing page: %w", err)
	}
	openPage(v.w)
	return v.page("landing", page{
		Title: "Mend: short letters for mending trust",
		Description: "Short emails that help you rebuild trust with someone you care about: " +
			"an idea, one small thing to try, one question.",
		Data: samples,
	})
}
