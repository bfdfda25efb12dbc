package web

import (
	"net/http"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

// needSignIn sends to the sign-in page, as the service's own error does.
var needSignIn = &mend.Error{Code: mend.NeedSignIn, Sentence: "Please sign in first."}

// cookieName is the session's cookie. The prefix makes browsers require Secure, on Path=/ and on
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
func (h *Handler) session(r *http.Request) (account.Access, error) {
	cookie, err := r.Cookie(h.cookieName())
	if err != nil {
		return account.Access{}, needSignIn
	}
	return h.svc.SignIn.Session(r.Context(), cookie.Value)
}

// renew lets a visit last from one page to the next. Only the cookie changes, so GET still changes
// nothing. An answer that may be kept by others has no cookie, and one that sets the cookie itself
// keeps its own.
func (h *Handler) renew(a *answer, r *http.Request) {
	cookie, err := r.Cookie(h.cookieName())
	if err != nil || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Set-Cookie") != "" {
		return
	}
	if value, ok := h.svc.SignIn.Renewed(cookie.Value); ok {
		h.setCookie(a, value, int(token.Visit.Lifetime().Seconds()))
	}
}

func (h *Handler) showSignIn(w http.ResponseWriter, r *http.Request, _ account.Access, o outcome) error {
	query := r.URL.Query()
	return h.page(w, "signin", o, page{Title: "Sign in", Data: struct {
		Form        form
		First, Sent bool // First: a page wanted a session
	}{formOf(r, o), query.Has("first"), query.Has("sent")}})
}

func (h *Handler) requestSignIn(_ http.ResponseWriter, r *http.Request, _ account.Access) (string, error) {
	err := h.admit(r, account.SignIns, typed(r, "email"))
	if err == nil {
		err = h.svc.SignIn.RequestSignIn(r.Context(), typed(r, "email"))
	}
	return "/signin?sent", err
}

func (h *Handler) showSignInLink(w http.ResponseWriter, _ *http.Request, _ account.Access, o outcome) error {
	return h.page(w, "signinlink", o, page{Title: "Sign in"})
}

func (h *Handler) signIn(w http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	value, err := h.svc.SignIn.SignIn(r.Context(), r.PathValue("token"))
	if err != nil {
		return "", err
	}
	if err := h.endVisit(r); err != nil { // the one that this takes the place of
		return "", err
	}
	h.setCookie(w, value, int(token.Visit.Lifetime().Seconds()))
	return "/journal", nil
}

// endVisit ends the visit of this browser, if it has one.
func (h *Handler) endVisit(r *http.Request) error {
	cookie, err := r.Cookie(h.cookieName())
	if err != nil {
		return nil
	}
	return h.svc.SignIn.SignOut(r.Context(), cookie.Value)
}

func (h *Handler) signOut(w http.ResponseWriter, r *http.Request, _ account.Access) (string, error) {
	if err := h.endVisit(r); err != nil {
		return "", err
	}
	h.forget(w)
	return "/", nil
}

// signOutEverywhere ends every visit to this person's pages, this one too.
func (h *Handler) signOutEverywhere(w http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	if err := h.svc.SignIn.SignOutEverywhere(r.Context(), a); err != nil {
		return "", err
	}
	h.forget(w)
	return "/signin", nil
}
