package web

import (
	"html/template"
	"net/http"

	"example.org/mend/shared/account"
)

// The page of a check-in shows the card and nothing that the person wrote. To answer there requires
// sign-in: a link can be forwarded, and whoever holds it must not write as the person.

func (h *Handler) showLetter(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	body, err := h.svc.Journal.LetterPage(r.Context(), a)
	if err != nil {
		return err
	}
	text, err := letterHTML(h.svc, body)
	if err != nil {
		return err
	}
	p := page{Title: "Your page", SignedIn: a.SignedIn}
	if body.Card != nil {
		p.Path = body.Card.Path
	}
	p.Data = struct {
		Letter   template.HTML
		Form     form
		SignedIn bool
	}{text, formOf(r, o), a.SignedIn}
	return h.page(w, "letter", o, p)
}

func (h *Handler) answerLetter(_ http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	return toJournal("added"), h.svc.Journal.AnswerLetter(r.Context(), a, typed(r, "words"), moodOf(r))
}
