package web

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"example.org/mend/shared/service"
	"example.org/mend/shared/token"
)

// moving is what the pages of a move to another address show.
type moving struct {
	service.Settings
	Form form
	Here string
	Sent bool // it was asked for
}

// ownSettings reads the settings of a preferences link's person, who has to be signed in.
func (h *Handler) ownSettings(r *http.Request) (service.Access, service.Settings, error) {
	a, err := h.access(r, token.Preferences)
	if err != nil {
		return a, service.Settings{}, err
	}
	if !a.SignedIn {
		return a, service.Settings{}, needSignIn
	}
	now, err := h.svc.Settings(r.Context(), a)
	return a, now, err
}

func (h *Handler) addressPage(w http.ResponseWriter, r *http.Request) error {
	_, now, err := h.ownSettings(r)
	if err != nil {
		return err
	}
	h.showAddress(w, r, http.StatusOK, now, form{})
	return nil
}

func (h *Handler) showAddress(w http.ResponseWriter, r *http.Request, status int, now service.Settings, f form) {
	h.show(w, status, "address", page{Title: "Your address", Problems: f.Problems, SignedIn: true, Data: moving{
		Settings: now, Form: f, Here: r.URL.Path, Sent: r.URL.Query().Has("asked"),
	}})
}

// moveAddress asks for a move, or calls one off.
func (h *Handler) moveAddress(w http.ResponseWriter, r *http.Request) error {
	a, now, err := h.ownSettings(r)
	if err != nil {
		return err
	}
	back := r.URL.Path
	if typed(r, "action") == "drop" {
		err = h.svc.DropMove(r.Context(), a)
	} else {
		err = h.svc.MoveAddress(r.Context(), a, typed(r, "email"))
		back += "?asked"
	}
	if problems, ok := errors.AsType[service.Problems](err); ok {
		h.showAddress(w, r, http.StatusUnprocessableEntity, now, form{Form: service.Form{Email: typed(r, "email")},
			Problems: problems})
		return nil
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// The three links of the letters about a move. What each page asks or says follows from its name
// and whether it is done.

func (h *Handler) showMove(w http.ResponseWriter, which string, done bool) {
	h.show(w, http.StatusOK, "move", page{Title: "Your address", Data: struct {
		Which string // yes, no or keep
		Done  bool
	}{which, done}})
}

func (h *Handler) movingPage(w http.ResponseWriter, r *http.Request) error {
	if err := h.svc.CheckMoveLink(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	h.showMove(w, "yes", false)
	return nil
}

func (h *Handler) confirmMove(w http.ResponseWriter, r *http.Request) error {
	if err := h.svc.ConfirmMove(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	h.showMove(w, "yes", true)
	return nil
}

func (h *Handler) refusePage(w http.ResponseWriter, r *http.Request) error {
	if err := h.svc.CheckMoveLink(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	h.showMove(w, "no", false)
	return nil
}

func (h *Handler) refuseMove(w http.ResponseWriter, r *http.Request) error {
	if err := h.svc.RefuseMove(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	h.showMove(w, "no", true)
	return nil
}

func (h *Handler) keepPage(w http.ResponseWriter, r *http.Request) error {
	if err := h.svc.CheckKeepLink(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	h.showMove(w, "keep", false)
	return nil
}

func (h *Handler) keepAddress(w http.ResponseWriter, r *http.Request) error {
	if err := h.svc.KeepAddress(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	h.showMove(w, "keep", true)
	return nil
}

// calendar is the feed of when letters come. Calendar programs want the name to end in .ics; some
// of them send no cookie and follow no redirect, and none has a person at it, so an error is a
// status and nothing else to do.
func (h *Handler) calendar(w http.ResponseWriter, r *http.Request) error {
	text, ext, _ := strings.Cut(r.PathValue("file"), ".")
	if !strings.EqualFold(ext, "ics") {
		h.apology(w, http.StatusNotFound)
		return nil
	}
	feed, changed, err := h.svc.Calendar(r.Context(), text)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(feed)
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, hash[:16]))
	// it may be kept, and is asked for again with the tag of what is kept
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `inline; filename="letters.ics"`)
	http.ServeContent(w, r, "", changed, bytes.NewReader(feed))
	return nil
}
