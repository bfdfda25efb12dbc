package web

import (
	"net/http"

	"example.org/mend/shared/account"
)

// stopped is what the stop page shows.
type stopped struct {
	account.Settings
	Done string // what was just done: "stop", "undo", "pause", "monthly" or nothing
	Past bool   // the link was sent before a move: the page says "stopped", and nothing of the person
}

func (h *Handler) showStop(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	s := stopped{Past: a.Past}
	if o.Sent {
		s.Done = stopAction(r)
	}
	if !a.Past {
		var err error
		if s.Settings, err = h.svc.Account.Settings(r.Context(), a); err != nil {
			return err
		}
	}
	return h.page(w, "stop", o, page{Title: "Your letters", Data: s})
}

// stopAction is what a form of the page asks for. RFC 8058's body and a form without a word stop.
func stopAction(r *http.Request) string {
	if action := typed(r, "action"); action != "" && !oneClick(r) {
		return action
	}
	return "stop"
}

// stop ends all letters at once, for RFC 8058's body and for the button of the page alike. The page
// then offers something narrower: whoever may stop letters may also make them fewer.
func (h *Handler) stop(_ http.ResponseWriter, r *http.Request, a account.Access) (_ string, err error) {
	switch action := stopAction(r); action {
	case "stop":
		_, err = h.svc.Account.Stop(r.Context(), a)
	case "undo":
		_, err = h.svc.Account.Undo(r.Context(), a)
	default:
		_, err = h.svc.Account.Reduce(r.Context(), a, account.Reduction(action))
	}
	return "", err
}
