package web

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/letter"
)

// showLetter shows a check-in: the card, and nothing that the person wrote.
func showLetter(v *visit) error {
	body, err := v.svc.Journal.LetterPage(v.ctx(), v.Access)
	if err != nil {
		return err
	}
	text, err := letterHTML(v.svc, body)
	if err != nil {
		return err
	}
	p := page{Title: "Your page", Data: data{"Letter": text, "Form": v.form(), "SignedIn": v.SignedIn}}
	if body.Card != nil {
		p.Path = body.Card.Path
	}
	return v.page("letter", p)
}

// answerLetter requires a sign-in: a link can be forwarded, and its holder must not write as the
// person. They may stop letters, as the holder of the letter may. That ends the visit as well, so
// the page says what has become of it.
func answerLetter(v *visit) (string, error) {
	words := v.typed("words")
	stops := command.FindStop(words) == command.StopPlain
	if stops && !v.SignedIn {
		if err := v.svc.Account.Stop(v.ctx(), v.Access); err != nil {
			return "", err
		}
	} else if err := v.svc.Journal.AnswerLetter(v.ctx(), v.Access, words, v.mood()); err != nil {
		return "", err
	}
	if stops {
		v.SignedIn = false
		return "", instead{"stop", page{Title: "Your letters",
			Data: data{"Past": true, "Done": "stop", "Settings": account.Settings{}}}}
	}
	return toJournal("added"), nil
}

// letterHTML is a letter as part of a page.
func letterHTML(svc services, body letter.CheckIn) (template.HTML, error) {
	text, err := svc.letters.PageHTML("en", body)
	return template.HTML(text), err // our own composer escaped it
}

// sampleCards are the cards of the letters that the landing page shows. The page's reply answers
// the first one's question.
var sampleCards = []string{"amends.the-whole-sentence", "foundations.the-word-fine", "apart.the-changed-hour"}

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
