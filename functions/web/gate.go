package web

import (
	"net/http"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

// gate asks the questions before a change to a path that reaches another person, until the answer is
// "no to all of them". They are answered in the page; what comes back is one button of two, which
// says whether any answer was yes, and never which. Neither is kept.
func (h *Handler) gate(r *http.Request, a account.Access, now account.Settings) error {
	chosen, answer := typed(r, "path"), typed(r, "gate")
	if !a.SignedIn || labelOf(paths, chosen) == "" || chosen == now.Path || mend.PathFits(chosen, true) ||
		!mend.PathFits(chosen, now.NoContact) || answer == "no" {
		return nil
	}
	return question{"gate", page{Title: "Before you change", SignedIn: true, Data: gate{
		form: form{Gate: h.help.Gate}, Path: chosen, Label: labelOf(paths, chosen), Yes: answer == "yes",
		Here: "/preferences/" + r.PathValue("token"),
	}}}
}

// gate is what the page of the questions shows.
type gate struct {
	form
	Path  string // the one that was chosen
	Label string
	Yes   bool // at least one: help, and the paths that fit
	Here  string
}
