package web

import (
	"html/template"

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
// person.
func answerLetter(v *visit) (string, error) {
	return toJournal("added"), v.svc.Journal.AnswerLetter(v.ctx(), v.Access, v.typed("words"), v.mood())
}

// letterHTML is a letter as part of a page.
func letterHTML(svc services, body letter.CheckIn) (template.HTML, error) {
	text, err := svc.letters.PageHTML("en", body)
	return template.HTML(text), err // our own composer escaped it
}
