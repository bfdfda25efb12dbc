package web

import (
	"net/http"
	"strconv"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/person"
	"example.org/mend/shared/service"
	"example.org/mend/shared/token"
)

// stopped is what the stop page shows.
type stopped struct {
	service.Settings
	Done string // what was just done: "stop", "undo", "pause", "monthly" or nothing
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
	h.showStop(w, now, "")
	return nil
}

func (h *Handler) showStop(w http.ResponseWriter, now service.Settings, done string) {
	h.show(w, http.StatusOK, "stop", page{Title: "Your letters", Data: stopped{now, done}})
}

// stop ends all letters at once, for RFC 8058's body and for the button of the page alike. It then offers something
// narrower: whoever may stop letters may also make them fewer.
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
	case "pause", "monthly":
		now, err = h.instead(r, a, action)
	default:
		return &service.Error{Code: service.Invalid, Sentence: "This page can stop your letters, pause them, or make them monthly. It does not know what you asked for."}
	}
	if err != nil {
		return err
	}
	h.showStop(w, now, action)
	return nil
}

// pauseInstead is how long the pause is that is offered in place of stopping.
const pauseInstead = 28 // days

// instead takes back a stop of within the hour, if there was one, and makes letters fewer.
func (h *Handler) instead(r *http.Request, a service.Access, action string) (service.Settings, error) {
	now, err := h.svc.Settings(r.Context(), a)
	if err != nil {
		return now, err
	}
	wasStopped := now.Status == person.Stopped
	if wasStopped {
		if now, err = h.svc.Undo(r.Context(), a); err != nil {
			return now, err
		}
	}
	f := now.Form
	switch action {
	case "pause":
		zone, err := cadence.Zone(f.Zone)
		if err != nil {
			return now, err
		}
		f.PauseUntil = person.DateOf(h.svc.Now().In(zone)).AddDays(pauseInstead).String()
	case "monthly":
		f.Cadence, f.Day = "monthly", "1"
		if !now.Next.IsZero() {
			f.Day = strconv.Itoa(now.Next.Day())
		}
	}
	now, err = h.svc.ChangeSettings(r.Context(), a, f)
	if err != nil && wasStopped { // they had said stop: that stands
		if _, err := h.svc.Stop(r.Context(), a); err != nil {
			return now, err
		}
	}
	return now, err
}
