package web

import (
	"errors"
	"net/http"

	"example.org/mend/shared/person"
	"example.org/mend/shared/service"
)

// journal is what the journal page shows.
type journal struct {
	service.Journal
	Form form // of the promises: its problems alone
}

func (h *Handler) journal(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	return h.showJournal(w, r, http.StatusOK, a, nil)
}

func (h *Handler) showJournal(w http.ResponseWriter, r *http.Request, status int, a service.Access, problems service.Problems) error {
	j, err := h.svc.Journal(r.Context(), a)
	if err != nil {
		return err
	}
	h.show(w, status, "journal", page{Title: "Your journal", Problems: problems, SignedIn: true, Data: journal{j, form{Problems: problems}}})
	return nil
}

func (h *Handler) answerPromiseInJournal(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	err = h.takeAnswer(r, a, person.Thing(r.PathValue("promise")))
	if problems, ok := errors.AsType[service.Problems](err); ok {
		return h.showJournal(w, r, http.StatusUnprocessableEntity, a, problems)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/journal", http.StatusSeeOther)
	return nil
}

// erasing is what the page shows that erases everything.
type erasing struct {
	Form  form
	Typed string
	Word  string // the word to type
	Done  bool
}

func (h *Handler) erasePage(w http.ResponseWriter, r *http.Request) error {
	if _, err := h.session(r); err != nil {
		return err
	}
	h.show(w, http.StatusOK, "erase", page{Title: "Erase everything", SignedIn: true, Data: erasing{Word: service.EraseWord}})
	return nil
}

func (h *Handler) erase(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	confirm := typed(r, "confirm")
	err = h.svc.Erase(r.Context(), a, confirm)
	if problems, ok := errors.AsType[service.Problems](err); ok {
		h.show(w, http.StatusUnprocessableEntity, "erase", page{
			Title: "Erase everything", Problems: problems, SignedIn: true,
			Data: erasing{Form: form{Problems: problems}, Typed: confirm, Word: service.EraseWord},
		})
		return nil
	}
	if err != nil {
		return err
	}
	h.setCookie(w, "", -1)
	h.show(w, http.StatusOK, "erase", page{Title: "All is erased", Data: erasing{Done: true}})
	return nil
}
