package web

import (
	"net/http"

	"example.org/mend/shared/account"
)

// mutedLetters names the letters that a person can refuse although anyone can cause them.
var mutedLetters = map[account.Mute]string{
	account.MuteSignIn: "links to sign in", account.MuteSignedUp: "“You are signed up already”",
	account.MuteWarning: "“Was this you?”",
}

func (h *Handler) showMute(w http.ResponseWriter, r *http.Request, _ account.Access, o outcome) error {
	m, err := h.svc.SignIn.Muting(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return h.page(w, "mute", o, page{Title: "These letters", Data: struct {
		account.Muting
		Letters string
	}{m, mutedLetters[m.Kind]}})
}

// mute refuses the letters that a link is about, or asks for them again.
func (h *Handler) mute(_ http.ResponseWriter, r *http.Request, _ account.Access) (string, error) {
	_, err := h.svc.SignIn.SetMuted(r.Context(), r.PathValue("token"), typed(r, "action") != "again")
	return "", err
}
