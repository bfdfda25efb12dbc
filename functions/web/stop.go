package web

import (
	"net/http"

	"example.org/mend/shared/service"
	"example.org/mend/shared/token"
)

// stopped is what the stop page shows.
type stopped struct {
	service.Settings
	Done string // what was just done: "stop", "undo", "pause", "monthly" or nothing
	Past bool   // the link was sent before a move: the page says "stopped", and nothing of the person
}

func (h *Handler) stopPage(w http.ResponseWriter, r *http.Request) error {
	a, err := h.svc.Link(r.Context(), token.Unsubscribe, r.PathValue("token"))
	if err != nil {
		return err
	}
	now, err := h.svc.Settings(r.Context(), a)
	if err != nil {
		return err
	}
	h.showStop(w, a, now, "")
	return nil
}

func (h *Handler) showStop(w http.ResponseWriter, a service.Access, now service.Settings, done string) {
	if a.Past {
		now = service.Settings{}
	}
	h.show(w, http.StatusOK, "stop", page{Title: "Your letters", Data: stopped{now, done, a.Past}})
}

// stop ends all letters at once, for RFC 8058's body and for the button of the page alike. It then
// offers something narrower: whoever may stop letters may also make them fewer.
func (h *Handler) stop(w http.ResponseWriter, r *http.Request) error {
	a, err := h.svc.Link(r.Context(), token.Unsubscribe, r.PathValue("token"))
	if err != nil {
		return err
	}
	action := typed(r, "action")
	if oneClick(r) || action == "" {
		action = "stop"
	}
	var now service.Settings
	switch action {
	case "stop":
		now, err = h.svc.Stop(r.Context(), a)
	case "undo":
		now, err = h.svc.Undo(r.Context(), a)
	default:
		now, err = h.svc.Reduce(r.Context(), a, service.Reduction(action))
	}
	if err != nil {
		return err
	}
	h.showStop(w, a, now, action)
	return nil
}
