package web

import (
	"net/http"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

// suggestion is what the sign-up form shows at first. Whether the inbox is theirs alone is for the
// person to say.
var suggestion = account.Form{Cadence: "weekly", Days: []string{"mon"}, Day: "1", Time: "07:30", Digest: true}

func (h *Handler) showJoin(w http.ResponseWriter, r *http.Request, _ account.Access, o outcome) error {
	f := formOf(r, o)
	if !o.Sent {
		findable(w)
		f.Form = suggestion
	}
	f.Cover, f.Shown, f.Clock = mend.CoverOf(f.Cover), time.Now().Unix(), h.clock(f.Zone)
	f.Gate, f.Paths = h.help.Gate, pathsThatFit(f.NoContact)
	return h.page(w, "join", o, page{Title: "Choose your letters", Data: f})
}

func (h *Handler) join(_ http.ResponseWriter, r *http.Request, _ account.Access) (string, error) {
	if trapped(r) {
		return "/joined", nil
	}
	f := overlay(account.Form{}, r)
	err := h.svc.SignUp.CheckJoin(f)
	if err == nil && hasty(r) {
		err = mend.Problems{"consent": "That was very quick. Please check the form and send it again."}
	}
	if err == nil {
		err = h.admit(r, account.SignUps, f.Email)
	}
	if err == nil {
		err = h.svc.SignUp.Join(r.Context(), f)
	}
	if rounded(f.Time) {
		return "/joined?rounded", err
	}
	return "/joined", err
}

func (h *Handler) joined(w http.ResponseWriter, r *http.Request, _ account.Access, o outcome) error {
	query := r.URL.Query()
	return h.page(w, "joined", o, page{Title: "Look in your inbox", Data: struct {
		Form    form
		Again   bool // the letter was asked for once more
		Rounded bool // letters come at another time than was typed
	}{formOf(r, o), query.Has("again"), query.Has("rounded")}})
}

// askAgain sends the confirmation once more, if it may be.
func (h *Handler) askAgain(_ http.ResponseWriter, r *http.Request, _ account.Access) (string, error) {
	err := h.admit(r, account.SignUps, typed(r, "email"))
	if err == nil {
		err = h.svc.SignUp.AskAgain(r.Context(), typed(r, "email"))
	}
	return "/joined?again", err
}

func (h *Handler) showConfirm(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	action := typed(r, "action")
	if o.done() && action == "not-me" {
		return h.showNotMe(w, r, a, o)
	}
	c, err := h.svc.SignUp.ConfirmationView(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	p := page{Title: "One question", Path: c.Settings.Path}
	now := settings{Settings: c.Settings}
	if c.Confirmed {
		p.Title = "You are set up"
	}
	if !now.ShowsPath() {
		p.Path = ""
	}
	if o.done() && action == "role" {
		p.Done = done["saved"]
	} else if o.done() {
		p.Done = done[action]
	}
	p.Data = struct {
		account.Confirming
		Ask settings // the role
	}{c, now}
	return h.page(w, "confirm", o, p)
}

// confirm says yes, or does what the page offers after that. Its forms go on with the link that
// opened it.
func (h *Handler) confirm(w http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	switch typed(r, "action") {
	case "not-me":
		return "", h.svc.SignUp.NotMe(r.Context(), token.Confirm, r.PathValue("token"))
	case "now", "role":
		c, err := h.svc.SignUp.ConfirmationView(r.Context(), r.PathValue("token"))
		if err == nil && !c.Confirmed {
			err = errMalformed
		}
		if err == nil {
			a, err = h.link(token.Confirm)(r)
		}
		if err == nil {
			_, err = h.atOnce(r, a)
		}
		return "", err
	}
	_, err := h.svc.SignUp.Confirm(r.Context(), r.PathValue("token"))
	return "", err
}

func (h *Handler) showNotMe(w http.ResponseWriter, _ *http.Request, _ account.Access, o outcome) error {
	return h.page(w, "notme", o, page{Title: "Not you?", Data: o.Sent})
}

func (h *Handler) notMe(_ http.ResponseWriter, r *http.Request, _ account.Access) (string, error) {
	return "", h.svc.SignUp.NotMe(r.Context(), token.NotMe, r.PathValue("token"))
}
