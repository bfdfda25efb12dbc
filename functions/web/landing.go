package web

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"example.org/mend/shared/card"
)

// sample is the letter that the landing page shows: a card of the library, laid out as letters are. A test holds it
// against the letter that would be sent.
type sample struct {
	Title    string
	Minutes  int
	Idea     template.HTML
	Practice template.HTML
	Question string
}

// samplePath is the path whose first card the landing page shows: the one that suits whoever looks in.
const samplePath = "foundations"

func sampleOf(library *card.Library) (sample, error) {
	cards := library.Eligible(samplePath, card.RoleUnset, true)
	if len(cards) == 0 {
		return sample{}, fmt.Errorf("the library has no card on the path %s for the landing page", samplePath)
	}
	c := cards[0]
	s := sample{Title: c.Title, Minutes: c.Minutes, Question: c.Questions[0]}
	var err error
	if s.Idea, err = markdown(strings.Join(c.Idea, "\n\n"), 0); err != nil {
		return s, err
	}
	s.Practice, err = markdown(strings.Join(c.Practice, "\n\n"), 0)
	return s, err
}

func (h *Handler) landing(w http.ResponseWriter, _ *http.Request) error {
	openPage(w)
	h.show(w, http.StatusOK, "landing", page{Title: "Mend: short letters for mending trust", Data: h.sample})
	return nil
}
