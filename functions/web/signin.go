package web

import (
	"errors"
	"net/http"

	"example.org/mend/shared/service"
	"example.org/mend/shared/token"
)

// needSignIn sends to the sign-in page, as the service's own error does.
var needSignIn = &service.Error{Code: service.NeedSignIn, Sentence: "Please sign in first."}

// cookieName is the session's cookie. The prefix makes browsers insist on Secure, on Path=/ and on
// this very host (RFC 6265bis section 4.1.3.2); on one machine without https they would refuse such
// a cookie.
func (h *Handler) cookieName() string {
	if h.secure {
		return "__Host-mend"
	}
	return "mend"
}

func (h *Handler) setCookie(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: h.cookieName(), Value: value, Path: "/", MaxAge: maxAge,
		Secure: h.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// forget ends the cookie and whatever else the browser kept of us (W3C, "Clear Site Data"; on https
// alone).
func (h *Handler) forget(w http.ResponseWriter) {
	h.setCookie(w, "", -1)
	if h.secure {
		w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	}
}

// session is who is signed in with this browser. Errors: NeedSignIn.
func (h *Handler) session(r *http.Request) (service.Access, error) {
	cookie, err := r.Cookie(h.cookieName())
	if err != nil {
		return service.Access{}, needSignIn
	}
	return h.svc.Session(r.Context(), cookie.Value)
}

// renew lets a visit last from one page to the next. Only the cookie changes, so GET still changes
// nothing. An answer that may be kept by others has no cookie, and one that sets the cookie itself
// keeps its own.
func (h *Handler) renew(a *answer, r *http.Request) {
	cookie, err := r.Cookie(h.cookieName())
	if err != nil || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Set-Cookie") != "" {
		return
	}
	if value, ok := h.svc.Renewed(cookie.Value); ok {
		h.setCookie(a, value, int(token.Visit.Lifetime().Seconds()))
	}
}

// asking is what the sign-in page shows.
type asking struct {
	Form  form
	First bool // a page wanted a session
	Sent  bool
}

func (h *Handler) signInForm(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	h.showSignIn(w, http.StatusOK, asking{First: query.Has("first"), Sent: query.Has("sent")})
	return nil
}

func (h *Handler) showSignIn(w http.ResponseWriter, status int, a asking) {
	h.show(w, status, "signin", page{Title: "Sign in", Problems: a.Form.Problems, Data: a})
}

func (h *Handler) requestSignIn(w http.ResponseWriter, r *http.Request) error {
	email := typed(r, "email")
	stamp, err := h.admit(r, service.SignIns, email)
	if stamp != nil {
		h.showSignIn(w, http.StatusTooManyRequests, asking{Form: form{Form: service.Form{Email: email}, Stamp: stamp}})
		return nil
	}
	if err != nil {
		return err
	}
	err = h.svc.RequestSignIn(r.Context(), email)
	if problems, ok := errors.AsType[service.Problems](err); ok {
		h.showSignIn(w, http.StatusUnprocessableEntity, asking{Form: form{Form: service.Form{Email: email},
			Problems: problems}})
		return nil
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/signin?sent", http.StatusSeeOther)
	return nil
}

func (h *Handler) signInPage(w http.ResponseWriter, r *http.Request) error {
	if _, err := h.svc.Link(r.Context(), token.SignIn, r.PathValue("token")); err != nil {
		return err
	}
	h.show(w, http.StatusOK, "signinlink", page{Title: "Sign in"})
	return nil
}

func (h *Handler) signIn(w http.ResponseWriter, r *http.Request) error {
	value, err := h.svc.SignIn(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	if before, err := r.Cookie(h.cookieName()); err == nil { // the visit that this one takes the place of
		if err := h.svc.SignOut(r.Context(), before.Value); err != nil {
			return err
		}
	}
	h.setCookie(w, value, int(token.Visit.Lifetime().Seconds()))
	http.Redirect(w, r, "/journal", http.StatusSeeOther)
	return nil
}

func (h *Handler) signOut(w http.ResponseWriter, r *http.Request) error {
	if cookie, err := r.Cookie(h.cookieName()); err == nil {
		if err := h.svc.SignOut(r.Context(), cookie.Value); err != nil {
			return err
		}
	}
	h.forget(w)
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// signOutEverywhere ends every visit to this person's pages, this one too.
func (h *Handler) signOutEverywhere(w http.ResponseWriter, r *http.Request) error {
	a, err := h.session(r)
	if err != nil {
		return err
	}
	if err := h.svc.SignOutEverywhere(r.Context(), a); err != nil {
		return err
	}
	h.forget(w)
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
	return nil
}
