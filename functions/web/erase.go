package web

import (
	"errors"
	"net/http"

	"example.org/mend/shared/service"
)

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
	h.show(w, http.StatusOK, "erase", page{Title: "Erase everything", SignedIn: true,
		Data: erasing{Word: service.EraseWord}})
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
	h.forget(w)
	h.show(w, http.StatusOK, "erase", page{Title: "Everything has been deleted", Data: erasing{Done: true}})
	return nil
}
