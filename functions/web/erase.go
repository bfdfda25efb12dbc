package web

import (
	"net/http"

	"example.org/mend/shared/account"
)

func (h *Handler) showErase(w http.ResponseWriter, r *http.Request, _ account.Access, o outcome) error {
	p := page{Title: "Erase everything", SignedIn: !o.done()}
	if o.done() {
		p.Title = "Everything has been deleted"
	}
	p.Data = struct {
		Form        form
		Typed, Word string // Word is the one to type
		Done        bool
	}{formOf(r, o), typed(r, "confirm"), account.EraseWord, o.done()}
	return h.page(w, "erase", o, p)
}

func (h *Handler) erase(w http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	err := h.svc.Account.Erase(r.Context(), a, typed(r, "confirm"))
	if err == nil {
		h.forget(w)
	}
	return "", err
}
