package web

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/token"
)

// suggestion is what the sign-up form shows at first.
var suggestion = service.Form{Cadence: "weekly", Days: []string{"mon"}, Day: "1", Time: "07:30", Digest: true,
	Privacy: "no-quotes"}

func (h *Handler) joinForm(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Del("X-Robots-Tag")
	h.showJoin(w, http.StatusOK, suggestion, nil, nil)
	return nil
}

func (h *Handler) showJoin(w http.ResponseWriter, status int, f service.Form, problems service.Problems,
	stamp *service.ProofRequired) {
	f.Privacy, f.Cover = cmp.Or(f.Privacy, suggestion.Privacy), mend.CoverOf(f.Cover)
	h.show(w, status, "join", page{Title: "Choose your letters", Problems: problems, Data: form{
		Form: f, Problems: problems, Gate: h.help.Gate, Paths: pathsThatFit(f.NoContact), Privacies: privacies(),
		Stamp: stamp, Shown: time.Now().Unix(), Clock: h.clock(f.Zone),
	}})
}

func (h *Handler) join(w http.ResponseWriter, r *http.Request) error {
	f := overlay(service.Form{}, r)
	if trapped(r) {
		http.Redirect(w, r, "/joined", http.StatusSeeOther)
		return nil
	}
	err := h.svc.CheckJoin(f)
	if err == nil && hasty(r) {
		err = service.Problems{"consent": "That was very quick. Please check the form and send it again."}
	}
	if problems, ok := errors.AsType[service.Problems](err); ok {
		h.showJoin(w, http.StatusUnprocessableEntity, f, problems, nil)
		return nil
	}
	stamp, err := h.admit(r, service.SignUps, f.Email)
	if stamp != nil {
		h.showJoin(w, http.StatusTooManyRequests, f, nil, stamp)
		return nil
	}
	if err != nil {
		return err
	}
	if err := h.svc.Join(r.Context(), f); err != nil {
		return err
	}
	to := "/joined"
	if rounded(f.Time) {
		to += "?rounded"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// asked is what the page after signing up shows.
type asked struct {
	Form    form
	Again   bool // the letter was asked for once more
	Rounded bool // letters come at another time than was typed
}

func (h *Handler) joined(w http.ResponseWriter, r *http.Request) error {
	h.show(w, http.StatusOK, "joined", page{Title: "Look in your inbox", Data: asked{
		Again: r.URL.Query().Has("again"), Rounded: r.URL.Query().Has("rounded"),
	}})
	return nil
}

// askAgain sends the confirmation once more, if it may be.
func (h *Handler) askAgain(w http.ResponseWriter, r *http.Request) error {
	email := typed(r, "email")
	stamp, err := h.admit(r, service.SignUps, email)
	if stamp != nil {
		h.show(w, http.StatusTooManyRequests, "joined", page{
			Title: "Look in your inbox", Data: asked{Form: form{Form: service.Form{Email: email}, Stamp: stamp}},
		})
		return nil
	}
	if err != nil {
		return err
	}
	err = h.svc.AskAgain(r.Context(), email)
	if problems, ok := errors.AsType[service.Problems](err); ok {
		h.show(w, http.StatusUnprocessableEntity, "joined", page{
			Title: "Look in your inbox", Problems: problems, Data: asked{Form: form{Form: service.Form{Email: email},
				Problems: problems}},
		})
		return nil
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/joined?again", http.StatusSeeOther)
	return nil
}

func (h *Handler) confirmPage(w http.ResponseWriter, r *http.Request) error {
	confirming, err := h.svc.ConfirmationView(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	h.showConfirm(w, confirming, "")
	return nil
}

func (h *Handler) confirm(w http.ResponseWriter, r *http.Request) error {
	switch typed(r, "action") {
	case "not-me":
		return h.refuseConfirmation(w, r, token.Confirm)
	case "now", "role":
		return h.afterConfirming(w, r)
	}
	confirming, err := h.svc.Confirm(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	h.showConfirm(w, confirming, "")
	return nil
}

// afterConfirming does what the page offers to somebody who said yes. Its forms go on with the link
// that opened it.
func (h *Handler) afterConfirming(w http.ResponseWriter, r *http.Request) error {
	confirming, err := h.svc.ConfirmationView(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	if !confirming.Confirmed {
		return errMalformed
	}
	a, err := h.svc.Link(r.Context(), token.Confirm, r.PathValue("token"))
	if err != nil {
		return err
	}
	if _, err := h.atOnce(r, a); err != nil {
		return err
	}
	if confirming, err = h.svc.ConfirmationView(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	h.showConfirm(w, confirming, done[typed(r, "action")])
	return nil
}

func (h *Handler) showConfirm(w http.ResponseWriter, c service.Confirming, did string) {
	title := "One question"
	if c.Confirmed {
		title = "You are set up"
	}
	h.show(w, http.StatusOK, "confirm", page{Title: title, Done: did, Data: struct {
		service.Confirming
		Ask settings // the role
	}{c, settings{Settings: c.Settings}}})
}

func (h *Handler) notMePage(w http.ResponseWriter, r *http.Request) error {
	if _, err := h.svc.Link(r.Context(), token.NotMe, r.PathValue("token")); err != nil {
		return err
	}
	h.show(w, http.StatusOK, "notme", page{Title: "Not you?", Data: false})
	return nil
}

func (h *Handler) notMe(w http.ResponseWriter, r *http.Request) error {
	return h.refuseConfirmation(w, r, token.NotMe)
}

func (h *Handler) refuseConfirmation(w http.ResponseWriter, r *http.Request, purpose token.Purpose) error {
	if err := h.svc.NotMe(r.Context(), purpose, r.PathValue("token")); err != nil {
		return err
	}
	h.show(w, http.StatusOK, "notme", page{Title: "Not you?", Data: true})
	return nil
}
