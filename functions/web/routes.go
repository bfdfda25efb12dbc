package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/shared/account"
	"example.org/mend/shared/export"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

// route is a page, and the form on it.
type route struct {
	path string
	who  who                          // may see it
	show func(*visit) error           // what a GET shows, and a form that has to be looked at again; nil for none
	do   func(*visit) (string, error) // what a POST does; nil for none. See [visit.run]
}

// routes lists every route. One that shows a page answers HEAD too.
func (h *Handler) routes() *http.ServeMux {
	if h.Away {
		return h.awayRoutes()
	}
	settings, letter := linkOrSession(token.Preferences), linkOrSession(token.Page)
	return h.serve(slices.Concat(openRoutes, []route{
		{"/join", anyone, showJoin, join},
		{"/joined", anyone, showJoined, askAgain},
		{"/confirm/{token}", link(token.Confirm), showConfirm, confirm},
		{"/notme/{token}", link(token.NotMe), showNotMe, notMe},
		{"/mute/{token}", link(token.Mute), showMute, mute},

		{"/preferences/{token}", settings, showPreferences, changeSettings},
		{"/preferences/{token}/{setting}", settings, showSetting, changeSettings},
		{"/preferences/{token}/reminders", owner, showReminders, changeReminder},
		{"/preferences/{token}/reminders/{number}", owner, showReminders, changeReminder},
		{"/preferences/{token}/address", owner, showAddress, moveAddress},
		{"/address/{answer}/{token}", mover, showMove, answerMove},
		{"/calendar/{file}", anyone, showCalendar, nil},
		{"/stop/{token}", link(token.Unsubscribe), showStop, stopLetters},
		{"/letter/{token}", letter, showLetter, answerLetter},
		{"/promise/{token}", link(token.Promise), showPromise, answerPromise},

		{"/signin", anyone, showSignIn, requestSignIn},
		{"/signin/{token}", link(token.SignIn), showSignInLink, signIn},
		{"/signout", anyone, nil, signOut},
		{"/signout/everywhere", session, nil, signOutEverywhere},

		{"/journal", session, showJournal, addEntry},
		{"/journal/search", session, nil, search},
		{"/journal/years/{year}", session, showYear, nil},
		{"/journal/rest", session, showOnHold, reviewOnHold},
		{"/journal/unproven", session, showHeld, deleteHeld},
		{"/journal/undo", session, nil, undoDeletion},
		{"/journal/entries/{entry}", session, showEntry, changeEntry},
		{"/journal/promises", session, showJournal, addPromise},
		{"/journal/promises/{promise}", session, showOwnPromise, changePromise},
		{"/export", session, showCopies, nil},
		{"/export.json", session, copyOf(export.JSON, "application/json"), nil},
		{"/export.md", session, copyOf(export.Markdown, "text/markdown; charset=utf-8"), nil},
		{"/erase", session, showErase, erase},
	}))
}

// openRoutes are pages that are the same for everyone.
var openRoutes = []route{
	{"/{$}", anyone, showLanding, nil},
	{"/help", anyone, showHelp, nil},
	{"/three-minutes", anyone, showNight, nil},
	{"/privacy", anyone, showPrivacy, nil},
	{"/robots.txt", anyone, showRobots, nil},
	{"/assets/{version}/{name}", anyone, showAsset, nil},
}

// IsOpen reports whether an event asks for a page that is the same for everyone, and
// that needs no keys.
func IsOpen(e events.APIGatewayV2HTTPRequest) bool {
	return e.RawPath == "/" || slices.ContainsFunc(openRoutes[1:], func(open route) bool {
		path, _, _ := strings.Cut(open.path, "{")
		return strings.HasPrefix(e.RawPath, path)
	})
}

// awayRoutes are the routes while a backup is made fit to send from: the table must not be touched,
// and nothing is sent. One thing still works: a stop is written into the restore journal, and done
// when the table is back. Every other page says that it is away.
func (h *Handler) awayRoutes() *http.ServeMux {
	unread := func(*visit) (account.Access, error) { return account.Access{Past: true}, nil }
	mux := h.serve([]route{
		{"/assets/{version}/{name}", anyone, showAsset, nil},
		{"/stop/{token}", unread, showStop, func(v *visit) (string, error) {
			return "", v.svc.Account.StopLater(v.ctx(), v.r.PathValue("token"))
		}},
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		h.errorPage(w, http.StatusServiceUnavailable, "", nil)
	})
	return mux
}

func (h *Handler) serve(all []route) *http.ServeMux {
	mux := http.NewServeMux()
	for _, one := range all {
		answer := func(w http.ResponseWriter, r *http.Request) {
			v := &visit{Handler: h, w: w, r: r, sent: r.Method == http.MethodPost}
			if err := v.run(one); err != nil {
				h.fail(w, r, err)
			}
		}
		if one.show != nil {
			mux.HandleFunc("GET "+one.path, answer)
		}
		if one.do != nil {
			mux.HandleFunc("POST "+one.path, answer)
		}
	}
	return mux
}

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
	if v.SignedIn {
		p.owner = ownerOf(v.Person)
	}
	v.show(v.w, status, name, p)
	return nil
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// typed is what a field of the form holds, as text.
func (v *visit) typed(field string) string {
	return strings.ToValidUTF8(v.r.PostForm.Get(field), "\uFFFD")
}

// ticked reports whether a checkbox was. A hidden field of its name may say that it was there.
func (v *visit) ticked(field string) bool { return slices.Contains(v.r.PostForm[field], "on") }

// asks reports whether the page's address has a parameter.
func (v *visit) asks(name string) bool { return v.r.URL.Query().Has(name) }

// who finds the person behind a request, and how they showed who they are. Errors: [*mend.Error].
type who func(*visit) (account.Access, error)

// anyone is for pages that are the same for everyone, and for the calendar, which reads its link by
// itself.
func anyone(*visit) (account.Access, error) { return account.Access{}, nil }

// session is who is signed in with this browser. A form of someone else's page counts as sent by
// nobody. Errors: NeedSignIn.
func session(v *visit) (account.Access, error) {
	cookie, err := v.r.Cookie(v.cookieName())
	if err != nil {
		return account.Access{}, mend.ErrSignIn
	}
	a, err := v.svc.SignIn.Session(v.ctx(), cookie.Value)
	if err == nil && v.r.PostForm.Has(ownerField) && v.typed(ownerField) != ownerOf(a.Person) {
		return account.Access{}, mend.ErrSignIn
	}
	return a, err
}

// link is the person of a link of the given purpose, in the path's {token}.
func link(purpose token.Purpose) who {
	return func(v *visit) (account.Access, error) {
		return v.svc.Account.Link(v.ctx(), purpose, v.r.PathValue("token"))
	}
}

// unlessDone forgives that a link has ended, where it ended by the answer that it was to give: the
// button was pressed twice.
func (v *visit) unlessDone(who who, answer string, err error) error {
	if told, ok := errors.AsType[*mend.Error](err); !ok || told.Code != mend.Gone {
		return err
	}
	if now, errNow := who(v); errNow == nil && now.Done == answer {
		return nil
	}
	return err
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
