package web

import (
	"net/http"

	"example.org/mend/shared/service"
)

// mutedLetters names the letters that a person can refuse although anyone can cause them.
var mutedLetters = map[service.Mute]string{
	service.MuteSignIn: "links to sign in", service.MuteSignedUp: "“You are signed up already”",
	service.MuteWarning: "“Was this you?”",
}

// muting is what the page shows that refuses letters.
type muting struct {
	service.Muting
	Letters string
}

func (h *Handler) mutePage(w http.ResponseWriter, r *http.Request) error {
	m, err := h.svc.Muting(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	h.showMuting(w, m)
	return nil
}

func (h *Handler) showMuting(w http.ResponseWriter, m service.Muting) {
	h.show(w, http.StatusOK, "mute", page{Title: "These letters", Data: muting{m, mutedLetters[m.Kind]}})
}

// mute refuses the letters that a link is about, or asks for them again.
func (h *Handler) mute(w http.ResponseWriter, r *http.Request) error {
	m, err := h.svc.SetMuted(r.Context(), r.PathValue("token"), typed(r, "action") != "again")
	if err != nil {
		return err
	}
	h.showMuting(w, m)
	return nil
}
