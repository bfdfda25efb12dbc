package web

import (
	"net/http"

	"example.org/mend/shared/export"
	"example.org/mend/shared/person"
)

// export reads everything for the two files. No letter tells of it: they are fetched by GET, which changes nothing.
func (h *Handler) export(r *http.Request) (export.Everything, error) {
	a, err := h.session(r)
	if err != nil {
		return export.Everything{}, err
	}
	all, err := h.svc.Export(r.Context(), a)
	return export.Of(all, h.svc.Now()), err
}

// attach makes a browser save what follows. The name says nothing of what it is about.
func (h *Handler) attach(w http.ResponseWriter, mediaType, ext string) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Disposition", `attachment; filename="letters-`+person.DateOf(h.svc.Now().UTC()).String()+ext+`"`)
}

func (h *Handler) exportJSON(w http.ResponseWriter, r *http.Request) error {
	all, err := h.export(r)
	if err != nil {
		return err
	}
	h.attach(w, "application/json", ".json")
	return all.WriteJSON(w)
}

func (h *Handler) exportMarkdown(w http.ResponseWriter, r *http.Request) error {
	all, err := h.export(r)
	if err != nil {
		return err
	}
	h.attach(w, "text/markdown; charset=utf-8", ".md")
	return all.WriteMarkdown(w)
}
