package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"

	"example.org/mend/shared/account"
)

// moving is what the page of a move to another address shows.
type moving struct {
	account.Settings
	Form form
	Sent bool // it was asked for
}

func (h *Handler) showAddress(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	now, err := h.svc.Account.Settings(r.Context(), a)
	if err != nil {
		return err
	}
	return h.page(w, "address", o, page{Title: "Your address", SignedIn: true, Path: now.Path,
		Data: moving{now, formOf(r, o), r.URL.Query().Has("asked")}})
}

// moveAddress asks for a move, or calls one off.
func (h *Handler) moveAddress(_ http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	if typed(r, "action") == "drop" {
		return r.URL.Path, h.svc.SignIn.DropMove(r.Context(), a)
	}
	return r.URL.Path + "?asked", h.svc.SignIn.MoveAddress(r.Context(), a, typed(r, "email"))
}

// moveLink is one of the three links in the letters about a move: yes, no or keep. What its page
// asks or says follows from its name and whether it is done.
type moveLink struct {
	name      string
	check, do func(ctx context.Context, token string) error
}

func (h *Handler) moveLinks() []moveLink {
	return []moveLink{
		{"yes", h.svc.SignIn.CheckMoveLink, h.svc.SignIn.ConfirmMove},
		{"no", h.svc.SignIn.CheckMoveLink, h.svc.SignIn.RefuseMove},
		{"keep", h.svc.SignIn.CheckKeepLink, h.svc.SignIn.KeepAddress},
	}
}

func (h *Handler) showMove(link moveLink) shower {
	return func(w http.ResponseWriter, r *http.Request, _ account.Access, o outcome) error {
		if !o.Sent {
			if err := link.check(r.Context(), r.PathValue("token")); err != nil {
				return err
			}
		}
		return h.page(w, "move", o, page{Title: "Your address", Data: struct {
			Which string
			Done  bool
		}{link.name, o.Sent}})
	}
}

func (h *Handler) move(link moveLink) doer {
	return func(_ http.ResponseWriter, r *http.Request, _ account.Access) (string, error) {
		return "", link.do(r.Context(), r.PathValue("token"))
	}
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
	feed, changed, err := h.svc.Account.Calendar(r.Context(), text)
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
