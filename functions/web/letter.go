package web

import (
	"cmp"
	"errors"
	"html/template"
	"net/http"
	"strconv"

	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

// The page of a check-in shows the card and nothing that the person wrote. To answer there requires
// sign-in: a link can be forwarded, and whoever holds it must not write as the person.

func (h *Handler) letterPage(w http.ResponseWriter, r *http.Request) error {
	return h.showLetter(w, r, http.StatusOK, form{})
}

func (h *Handler) showLetter(w http.ResponseWriter, r *http.Request, status int, f form) error {
	a, err := h.linkOrVisit(token.Page)(r)
	if err != nil {
		return err
	}
	body, err := h.svc.Journal.LetterPage(r.Context(), a)
	if err != nil {
		return err
	}
	text, err := letterHTML(h.svc, letter.Head{At: h.svc.Now()}, body)
	if err != nil {
		return err
	}
	h.show(w, status, "letter", page{Title: "Your page", Problems: f.Problems, SignedIn: a.SignedIn, Data: struct {
		Letter   template.HTML
		Form     form
		SignedIn bool
	}{text, f, a.SignedIn}})
	return nil
}

func (h *Handler) answerLetter(w http.ResponseWriter, r *http.Request) error {
	a, err := h.linkOrVisit(token.Page)(r)
	if err != nil {
		return err
	}
	mood, err := strconv.Atoi(cmp.Or(typed(r, "mood"), "0"))
	if err != nil {
		mood = -1 // the service says what a mood is
	}
	err = h.svc.Journal.AnswerLetter(r.Context(), a, typed(r, "words"), mood)
	if problems, ok := errors.AsType[mend.Problems](err); ok {
		return h.showLetter(w, r, http.StatusUnprocessableEntity, form{Words: typed(r, "words"), Problems: problems})
	}
	if err != nil {
		return err
	}
	toJournal(w, r, "added")
	return nil
}
