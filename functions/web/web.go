// Package web is woken by the HTTP API: it serves the pages of Mend. Inside it is an ordinary
// [http.Handler]; around that lies a thin adapter from and to the events of API Gateway
// (HTTP API, payload format 2.0), which one machine uses the other way round.
//
// What every page keeps to:
//
//   - GET and HEAD change nothing (RFC 9110 section 9.2.1). Mail scanners follow links, and some
//     press buttons by script, so whatever changes something is a plain form that somebody submits.
//   - A one-click POST (RFC 8058) stops letters without cookies, sign-in or redirect. It is the
//     only POST that may come from another site; see [Handler.ServeHTTP].
//   - Everything works without script and without style, and nothing is asked of another host.
//   - Logs name the route, never the path: a path can hold a token.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/export"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/token"
)

// Options is what the pages show beside what the service knows.
type Options struct {
	// Help is the help page and the gate. Optional: without it the help page has its own few words
	// alone.
	Help content.Help

	// Contact is where the operator of this Mend can be reached, such as an address of mail.
	// Optional: without it the pages say that nobody has told them.
	Contact string

	// Away says that the table is being restored: nothing may touch it, and stopping works by the
	// journal alone.
	Away bool
}

// services is the use cases that pages call, and what they show of letters.
type services struct {
	*change.Base
	Account *account.Service
	SignUp  *account.SignUp
	SignIn  *account.SignIn
	Journal *journal.Service
	library *content.Library
	letters *letter.Composer
}

// Handler answers requests. It does not change after [New] and may be used by many goroutines.
type Handler struct {
	svc     services
	mux     func() *http.ServeMux
	pages   pages
	help    content.Help
	contact string
	away    bool

	// Read when they are first asked for, as the routes are: a function starts for one request,
	// which wants few of them.
	samples func() ([]sampleLetter, error)
	assets  func() (assets, error)
	secure  bool // the site is on https
	guard   *http.CrossOriginProtection
}

// New makes a handler over the table, the queue, the restore journal and the keys of links. It
// fails where the base's Site is not an origin. Pages and content are read when they are first
// asked for; see [Handler.Read].
func New(b *change.Base, library *content.Library, letters *letter.Composer, opts Options) (*Handler, error) {
	svc := services{
		Base: b, Account: account.New(b), SignUp: account.NewSignUp(b), SignIn: account.NewSignIn(b),
		Journal: journal.New(b, library), library: library, letters: letters,
	}
	h := &Handler{svc: svc, secure: strings.HasPrefix(svc.Site, "https://"), guard: http.NewCrossOriginProtection(),
		contact: opts.Contact, away: opts.Away}
	if err := h.guard.AddTrustedOrigin(svc.Site); err != nil {
		return nil, fmt.Errorf("the site of the service: %w", err)
	}
	h.assets = sync.OnceValues(readAssets)
	var err error
	if h.pages, err = readPages(h.assets, opts.Contact); err != nil {
		return nil, err
	}
	h.help = opts.Help
	h.samples = sync.OnceValues(func() ([]sampleLetter, error) { return sampleLetters(svc) })
	h.mux = sync.OnceValue(h.routes)
	return h, nil
}

// Read reads every page and all of the content at once, and says what is wrong with them.
func (h *Handler) Read() error {
	_, sampleErr := h.samples()
	_, assetsErr := h.assets()
	return errors.Join(h.pages.read(), sampleErr, assetsErr)
}

// Handle answers one event. It fails only for an event that is none of an HTTP API's; whatever else
// goes wrong is a page.
func (h *Handler) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse,
	error) {
	r, err := requestOf(ctx, e)
	if err != nil {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	return h.answer(r).event(r.Method), nil
}

// ServeHTTP answers one request, whole: a page that breaks on the way becomes a page that says so.
//
// A POST from another site is refused (see [http.CrossOriginProtection]) except RFC 8058's, and so
// is a GET of a copy of everything. A request without the headers that would tell is let through:
// no browser that another site's page could use sends such a request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.answer(r).writeTo(w)
}

// answer is the whole handling of a request: the headers that all pages share, the
// checks that all requests pass, the route, the log line.
func (h *Handler) answer(r *http.Request) *answer {
	began := time.Now() // of the machine, whatever day the service believes it is
	r.URL.Path = withoutTrailingSigns(r.URL.Path)
	_, route := h.mux().Handler(r)
	a := h.attempt(r, route)
	h.svc.Log.LogAttrs(r.Context(), slog.LevelInfo, "request",
		slog.String("method", r.Method), slog.String("route", route), slog.Int("status", a.status),
		slog.Float64("ms", float64(time.Since(began).Microseconds())/1000))
	return a
}

// withoutTrailingSigns is a path without what mail programs and people leave at the end of a link:
// "/confirm/TOKEN)." None of our paths ends in a sign.
func withoutTrailingSigns(path string) string {
	if short := strings.TrimRight(path, "/.,;:!?)>]'\"*"); short != "" {
		return short
	}
	return path
}

func (h *Handler) attempt(r *http.Request, route string) (a *answer) {
	a = h.newAnswer()
	defer func() {
		if p := recover(); p != nil {
			h.svc.Log.ErrorContext(r.Context(), "panic", "route", route, "kind", fmt.Sprintf("%T", p), "stack",
				string(debug.Stack()))
			a = h.newAnswer()
			h.apology(a, http.StatusInternalServerError)
		}
	}()
	if err := readForm(r); err != nil {
		h.fail(a, r, err)
		return a
	}
	if h.foreign(r) {
		h.apology(a, http.StatusForbidden)
		return a
	}
	if route == "" {
		h.unrouted(a, r)
		return a
	}
	h.mux().ServeHTTP(a, r)
	h.renew(a, r)
	return a
}

// action is what a route does. An error becomes a page.
type action func(w http.ResponseWriter, r *http.Request) error

// routes lists every route. A pattern with GET answers HEAD too.
func (h *Handler) routes() *http.ServeMux {
	mux := http.NewServeMux()
	on := func(pattern string, do action) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := do(w, r); err != nil {
				h.fail(w, r, err)
			}
		})
	}
	if h.away {
		h.awayRoutes(on)
		return mux
	}
	on("GET /{$}", h.landing)
	on("GET /help", h.helpPage)
	on("GET /three-minutes", h.nightPage)
	on("GET /privacy", h.privacyPage)
	on("GET /robots.txt", h.robots)
	on("GET /assets/{name}", h.asset)

	on("GET /join", h.view(anyone, h.showJoin))
	on("POST /join", h.form(anyone, h.join, h.showJoin))
	on("GET /joined", h.view(anyone, h.joined))
	on("POST /joined", h.form(anyone, h.askAgain, h.joined))
	on("GET /confirm/{token}", h.view(anyone, h.showConfirm))
	on("POST /confirm/{token}", h.form(anyone, h.confirm, h.showConfirm))
	on("GET /notme/{token}", h.view(h.link(token.NotMe), h.showNotMe))
	on("POST /notme/{token}", h.form(anyone, h.notMe, h.showNotMe))
	on("GET /mute/{token}", h.view(anyone, h.showMute))
	on("POST /mute/{token}", h.form(anyone, h.mute, h.showMute))

	preferences := h.linkOrVisit(token.Preferences)
	on("GET /preferences/{token}", h.view(preferences, h.showPreferences))
	on("POST /preferences/{token}", h.form(preferences, h.changePreferences, h.showPreferences))
	on("GET /preferences/{token}/{setting}", h.view(preferences, h.showSetting))
	on("POST /preferences/{token}/{setting}", h.form(preferences, h.changePreferences, h.showSetting))
	on("GET /preferences/{token}/reminders", h.view(h.owner, h.showReminders))
	on("POST /preferences/{token}/reminders", h.form(h.owner, h.changeReminder, h.showReminders))
	on("GET /preferences/{token}/reminders/{number}", h.view(h.owner, h.showReminders))
	on("POST /preferences/{token}/reminders/{number}", h.form(h.owner, h.changeReminder, h.showReminders))
	on("GET /preferences/{token}/address", h.view(h.owner, h.showAddress))
	on("POST /preferences/{token}/address", h.form(h.owner, h.moveAddress, h.showAddress))
	for _, link := range h.moveLinks() {
		on("GET /address/"+link.name+"/{token}", h.view(anyone, h.showMove(link)))
		on("POST /address/"+link.name+"/{token}", h.form(anyone, h.move(link), h.showMove(link)))
	}
	on("GET /calendar/{file}", h.calendar)
	on("GET /stop/{token}", h.view(h.link(token.Unsubscribe), h.showStop))
	on("POST /stop/{token}", h.form(h.link(token.Unsubscribe), h.stop, h.showStop))
	letter := h.linkOrVisit(token.Page)
	on("GET /letter/{token}", h.view(letter, h.showLetter))
	on("POST /letter/{token}", h.form(letter, h.answerLetter, h.showLetter))
	on("GET /promise/{token}", h.view(anyone, h.showPromise))
	on("POST /promise/{token}", h.form(anyone, h.answerPromise, h.showPromise))

	on("GET /signin", h.view(anyone, h.showSignIn))
	on("POST /signin", h.form(anyone, h.requestSignIn, h.showSignIn))
	on("GET /signin/{token}", h.view(h.link(token.SignIn), h.showSignInLink))
	on("POST /signin/{token}", h.form(anyone, h.signIn, nil))
	on("POST /signout", h.form(anyone, h.signOut, nil))
	on("POST /signout/everywhere", h.form(h.session, h.signOutEverywhere, nil))
	on("GET /journal", h.view(h.session, h.showJournal))
	on("POST /journal", h.form(h.session, h.addEntry, h.showJournal))
	on("POST /journal/search", h.view(h.session, h.showFound))
	on("GET /journal/years/{year}", h.view(h.session, h.showYear))
	on("GET /journal/rest", h.view(h.session, h.showOnHold))
	on("POST /journal/rest", h.form(h.session, h.lookOver, nil))
	on("GET /journal/unproven", h.view(h.session, h.showHeld))
	on("POST /journal/unproven", h.form(h.session, h.deleteHeld, nil))
	on("POST /journal/undo", h.form(h.session, h.undoDeletion, nil))
	on("GET /journal/entries/{entry}", h.view(h.session, h.showEntry))
	on("POST /journal/entries/{entry}", h.form(h.session, h.changeEntry, h.showEntry))
	on("POST /journal/promises", h.form(h.session, h.addPromise, h.showJournal))
	on("GET /journal/promises/{promise}", h.view(h.session, h.showOwnPromise))
	on("POST /journal/promises/{promise}", h.form(h.session, h.changePromise, h.showOwnPromise))
	on("GET /export", h.view(h.session, h.showCopies))
	on("GET /export.json", h.view(h.session, h.copyOf(export.JSON, "application/json")))
	on("GET /export.md", h.view(h.session, h.copyOf(export.Markdown, "text/markdown; charset=utf-8")))
	on("GET /erase", h.view(h.session, h.showErase))
	on("POST /erase", h.form(h.session, h.erase, h.showErase))
	return mux
}
