package web

import (
	"net/http"

	"example.org/mend/shared/account"
	"example.org/mend/shared/token"
)

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

// renew lets a session last from one page to the next. Only the cookie changes. An answer that
// others may keep gets none, and one that sets the cookie keeps its own.
func (h *Handler) renew(a *answer, r *http.Request) {
	cookie, err := r.Cookie(h.cookieName())
	if err != nil || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Set-Cookie") != "" {
		return
	}
	if value, ok := h.svc.SignIn.Renewed(cookie.Value); ok {
		h.setCookie(a, value, int(token.Visit.Lifetime().Seconds()))
	}
}

func showSignIn(v *visit) error {
	return v.page("signin", page{Title: "Sign in",
		Data: data{"Form": v.form(), "First": v.asks("first"), "Sent": v.asks("sent")}})
}

func requestSignIn(v *visit) (string, error) {
	return "/signin?sent", v.ask(account.SignIns, v.svc.SignIn.RequestSignIn)
}

func showSignInLink(v *visit) error { return v.page("signinlink", page{Title: "Sign in"}) }

func signIn(v *visit) (string, error) {
	value, err := v.svc.SignIn.SignIn(v.ctx(), v.Access)
	if err == nil {
		err = v.endSession() // the one that this takes the place of
	}
	if err == nil {
		v.setCookie(v.w, value, int(token.Visit.Lifetime().Seconds()))
	}
	return "/journal", err
}

// endSession ends the session of this browser, if it has one.
func (v *visit) endSession() error {
	cookie, err := v.r.Cookie(v.cookieName())
	if err != nil {
		return nil
	}
	return v.svc.SignIn.SignOut(v.ctx(), cookie.Value)
}

func signOut(v *visit) (string, error) {
	err := v.endSession()
	if err == nil {
		v.forget(v.w)
	}
	return "/", err
}

// signOutEverywhere ends every session of this person, this one too.
func signOutEverywhere(v *visit) (string, error) {
	err := v.svc.SignIn.SignOutEverywhere(v.ctx(), v.Access)
	if err == nil {
		v.forget(v.w)
	}
	return "/signin", err
}
