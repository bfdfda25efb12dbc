package web

import (
	"net/http"
	"slices"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
)

// gate is what the page shows that stands before a change of path. Its questions are answered in
// the page; what comes back is one button of two, which says whether any answer was yes, and never
// which. Neither is kept.
type gate struct {
	Gate  []content.GateQuestion
	Path  string // the one that was chosen
	Label string
	Yes   bool // at least one: help, and the paths that fit
	Here  string
}

// gated shows the questions before a change to a path that reaches another person. It is true while
// the change has to wait for the answer "no to all of them".
func (h *Handler) gated(w http.ResponseWriter, r *http.Request, a service.Access, now service.Settings) (bool, error) {
	path, answer := typed(r, "path"), typed(r, "gate")
	i := slices.IndexFunc(paths, func(c choice) bool { return c.Value == path })
	if !a.SignedIn || i < 0 || path == now.Path || mend.PathFits(path, true) ||
		!mend.PathFits(path, now.NoContact) || answer == "no" {
		return false, nil
	}
	h.show(w, http.StatusOK, "gate", page{Title: "Before you change", SignedIn: true, Data: gate{
		Gate: h.help.Gate, Path: path, Label: paths[i].Label, Yes: answer == "yes", Here: r.URL.Path,
	}})
	return true, nil
}
