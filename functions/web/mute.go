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

func (h *Handler) showMute(w http.ResponseWriter, r *http.Request, _ service.Access, o outcome) error {
	m, err := h.svc.Muting(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return h.page(w, "mute", o, page{Title: "These letters", Data: struct {
		service.Muting
		Letters string
	}{m, mutedLetters[m.Kind]}})
}

// mute refuses the letters that a link is about, or asks for them again.
func (h *Handler) mute(_ http.ResponseWriter, r *http.Request, _ service.Access) (string, error) {
	_, err := h.svc.SetMuted(r.Context(), r.PathValue("token"), typed(r, "action") != "again")
	return "", err
}
