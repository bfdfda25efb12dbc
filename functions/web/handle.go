package web

import (
	"errors"
	"net/http"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

// Most routes are one of two kinds: a GET shows a page to those who may see it, and a POST does what
// the page's form asks for. [Handler.view] and [Handler.form] hold what all of them share, so that a
// page says only who may see it, what it shows and what its form does.

// who finds the person behind a request, and how they showed who they are. Errors: [*service.Error].
type who func(*http.Request) (account.Access, error)

// outcome is what became of a form. It is zero on a GET.
type outcome struct {
	Sent     bool
	Problems mend.Problems          // with what was typed
	Stamp    *account.ProofRequired // the work that the service asks for before it takes the form
}

// status is the HTTP status of a page that shows the outcome.
func (o outcome) status() int {
	switch {
	case o.Stamp != nil:
		return http.StatusTooManyRequests
	case o.Problems != nil:
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// done reports that a form was sent and nothing was wrong with it.
func (o outcome) done() bool { return o.Sent && o.status() == http.StatusOK }

// shower answers with a page.
type shower func(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error

// doer does what a form asks for, and returns the path to go on with. "" is the form's own page, as
// it is now. Errors: [service.Problems] and [*service.ProofRequired] show the form once more,
// [question] shows its page, the rest as in [Handler.fail].
type doer func(w http.ResponseWriter, r *http.Request, a account.Access) (next string, err error)

// question is an error of a [doer]: a page that asks something before anything is done.
type question struct {
	name string
	page page
}

func (question) Error() string { return "the form asks a question first" }

// view shows a page to those who may see it.
func (h *Handler) view(who who, show shower) action {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, err := who(r)
		if err != nil {
			return err
		}
		return show(w, r, a, outcome{})
	}
}

// form takes what a page sends. Where something is wrong with it, again shows the page with what was
// typed; nil is for a form that has no field.
func (h *Handler) form(who who, do doer, again shower) action {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, err := who(r)
		if err != nil {
			return err
		}
		next, err := do(w, r, a)
		o := outcome{Sent: true}
		var ask question
		switch {
		case errors.As(err, &ask):
			h.show(w, http.StatusOK, ask.name, ask.page)
			return nil
		case again != nil && (errors.As(err, &o.Problems) || errors.As(err, &o.Stamp)):
			return again(w, r, a, o)
		case err != nil:
			return err
		case next == "":
			return again(w, r, a, o)
		}
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
}

// page answers with a page that shows an outcome.
func (h *Handler) page(w http.ResponseWriter, name string, o outcome, p page) error {
	p.Problems = o.Problems
	h.show(w, o.status(), name, p)
	return nil
}

// anyone is for pages that are the same for everyone, or whose link the service reads by itself.
func anyone(*http.Request) (account.Access, error) { return account.Access{}, nil }

// link is the person of a link of the given purpose, in the path's {token}.
func (h *Handler) link(purpose token.Purpose) who {
	return func(r *http.Request) (account.Access, error) {
		return h.svc.Account.Link(r.Context(), purpose, r.PathValue("token"))
	}
}

// linkOrVisit is the person of a link, signed in if this browser is.
func (h *Handler) linkOrVisit(purpose token.Purpose) who {
	return func(r *http.Request) (account.Access, error) {
		a, err := h.link(purpose)(r)
		if err != nil {
			return a, err
		}
		session, err := h.session(r)
		if told, ok := errors.AsType[*mend.Error](err); ok && told.Code == mend.NeedSignIn {
			return a, nil
		}
		a.SignedIn, a.Stale = session.SignedIn && session.Person == a.Person, session.Stale
		return a, err
	}
}

// owner is the person of a preferences link, who has to be signed in.
func (h *Handler) owner(r *http.Request) (account.Access, error) {
	a, err := h.linkOrVisit(token.Preferences)(r)
	if err == nil && !a.SignedIn {
		err = needSignIn
	}
	return a, err
}
