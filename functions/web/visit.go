package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

// visit is one request on its way to an answer: who asks, and what became of the form
// that they sent.
type visit struct {
	*Handler
	w http.ResponseWriter
	r *http.Request
	account.Access

	sent     bool                   // a form
	problems mend.Problems          // with what was typed
	proof    *account.ProofRequired // the work that the service asks for before it takes the form
}

// run answers a visit by its route. What a form does returns the path to go on with; "" is the
// form's own page, as it is now. [mend.Problems] and [*account.ProofRequired] show the form once
// more, [instead] shows its page, and other errors are as in [Handler.fail].
func (v *visit) run(to route) (err error) {
	if v.Access, err = to.who(v); err != nil {
		return err
	}
	if !v.sent {
		return to.show(v)
	}
	next, err := to.do(v)
	other, ok := errors.AsType[instead](err)
	switch {
	case ok:
		return v.page(other.name, other.page)
	case to.show != nil && (errors.As(err, &v.problems) || errors.As(err, &v.proof)):
		return to.show(v)
	case err != nil:
		return err
	case next == "":
		return to.show(v)
	}
	http.Redirect(v.w, v.r, next, http.StatusSeeOther)
	return nil
}

// instead is a page that answers a form in place of what the form would do.
type instead struct {
	name string
	page page
}

func (instead) Error() string { return "the form asks a question first" }

// done reports that a form was sent and nothing was wrong with it.
func (v *visit) done() bool { return v.sent && v.problems == nil && v.proof == nil }

// page answers with a page that shows what became of the form.
func (v *visit) page(name string, p page) error {
	status := http.StatusOK
	switch {
	case v.proof != nil:
		status = http.StatusTooManyRequests
	case v.problems != nil:
		status = http.StatusUnprocessableEntity
	}
	p.Problems, p.SignedIn = v.problems, v.SignedIn
	v.show(v.w, status, name, p)
	return nil
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// typed is what a field of the form holds, as text.
func (v *visit) typed(field string) string { return typed(v.r, field) }

func typed(r *http.Request, field string) string {
	return strings.ToValidUTF8(r.PostForm.Get(field), "\uFFFD")
}

// ticked reports whether a checkbox was. A hidden field of its name may say that it was there.
func (v *visit) ticked(field string) bool { return slices.Contains(v.r.PostForm[field], "on") }

// asks reports whether the page's address has a parameter.
func (v *visit) asks(name string) bool { return v.r.URL.Query().Has(name) }

// who finds the person behind a request, and how they showed who they are. Errors: [*mend.Error].
type who func(*visit) (account.Access, error)

// anyone is for pages that are the same for everyone, or whose link the service reads by itself.
func anyone(*visit) (account.Access, error) { return account.Access{}, nil }

// oldLink is for a link that is not looked at.
func oldLink(*visit) (account.Access, error) { return account.Access{Past: true}, nil }

// session is who is signed in with this browser. Errors: NeedSignIn.
func session(v *visit) (account.Access, error) {
	cookie, err := v.r.Cookie(v.cookieName())
	if err != nil {
		return account.Access{}, mend.ErrSignIn
	}
	return v.svc.SignIn.Session(v.ctx(), cookie.Value)
}

// link is the person of a link of the given purpose, in the path's {token}.
func link(purpose token.Purpose) who {
	return func(v *visit) (account.Access, error) {
		return v.svc.Account.Link(v.ctx(), purpose, v.r.PathValue("token"))
	}
}

// linkOrSession is the person of a link, signed in if this browser is.
func linkOrSession(purpose token.Purpose) who {
	return func(v *visit) (account.Access, error) {
		a, err := link(purpose)(v)
		if err != nil {
			return a, err
		}
		signedIn, err := session(v)
		if told, ok := errors.AsType[*mend.Error](err); ok && told.Code == mend.NeedSignIn {
			return a, nil
		}
		a.SignedIn, a.Stale = signedIn.SignedIn && signedIn.Person == a.Person, signedIn.Stale
		return a, err
	}
}

// owner is the person of a preferences link, who has to be signed in.
func owner(v *visit) (account.Access, error) {
	a, err := linkOrSession(token.Preferences)(v)
	if err == nil && !a.SignedIn {
		err = mend.ErrSignIn
	}
	return a, err
}
