// Package web is woken by the HTTP API: it serves the pages of Mend. Inside it is an ordinary
// [http.Handler]; around that lies a thin adapter from and to the events of API Gateway
// (HTTP API, payload format 2.0), which one machine uses the other way round.
//
// What every page keeps to:
//
//   - GET and HEAD change nothing (RFC 9110 section 9.2.1). Mail scanners follow links, and some
//     press buttons by script, so whatever changes something is a plain form that a person submits.
//   - A one-click POST (RFC 8058) stops letters without cookies, sign-in or redirect. It is the
//     only POST that may come from another site; see [Handler.crossSite].
//   - Everything works without script and without style, and nothing is asked of another host.
//   - Logs name the route, never the path: a path can hold a token.
package web

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/letter"
)

// Options is what the pages show beside what the service knows.
type Options struct {
	// Help is the help page and the gate. Optional: without it the help page has its own few words
	// alone.
	Help content.Help

	// Contact is where the operator of this Mend can be reached, such as an address of mail.
	// Optional: without it the pages say so.
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
	Options
	svc    services
	secure bool // the site is on https
	guard  *http.CrossOriginProtection
	pages  pages

	// Read when they are first asked for: a function starts for one request, which
	// wants few of them.
	mux     func() *http.ServeMux
	samples func() ([]sampleLetter, error)
}

// New makes a handler over the table, the queue, the restore journal and the keys of links. It
// fails where the base's Site is not an origin. Pages and content are read when they are first
// asked for.
func New(b *change.Base, library *content.Library, letters *letter.Composer, opts Options) (*Handler, error) {
	svc := services{
		Base: b, Account: account.New(b), SignUp: account.NewSignUp(b), SignIn: account.NewSignIn(b),
		Journal: journal.New(b, library), library: library, letters: letters,
	}
	h := &Handler{Options: opts, svc: svc, secure: strings.HasPrefix(svc.Site, "https://"),
		guard: http.NewCrossOriginProtection()}
	if err := h.guard.AddTrustedOrigin(svc.Site); err != nil {
		return nil, fmt.Errorf("the site of the service: %w", err)
	}
	h.pages = readPages(opts.Contact, func() time.Time { return svc.Now() })
	h.samples = sync.OnceValues(func() ([]sampleLetter, error) { return sampleLetters(svc) })
	h.mux = sync.OnceValue(h.routes)
	return h, nil
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

// answer is the whole handling of a request: the headers that all pages share, the
// checks that all requests pass, the route, the log line. A page that breaks on the way becomes a
// page that says so.
func (h *Handler) answer(r *http.Request) *answer {
	began := time.Now() // of the machine, whatever day the service believes it is
	r.URL.Path = withoutTail(r.URL.Path)
	_, route := h.mux().Handler(r)
	a := h.attempt(r, route)
	h.svc.Log.LogAttrs(r.Context(), slog.LevelInfo, "request",
		slog.String("method", r.Method), slog.String("route", route), slog.Int("status", a.status),
		slog.Float64("ms", float64(time.Since(began).Microseconds())/1000))
	return a
}

// linkWithTail is a link with a token, and something after it that is no part of a link.
var linkWithTail = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(/[a-z/]+/[A-Za-z2-7]{40,60}(?:\.ics)?)\.?[^A-Za-z0-9/.]`)
})

// withoutTail is a path without what mail programs and people leave behind a link:
// "/confirm/TOKEN).", "/confirm/TOKEN&amp;", "/confirm/TOKEN”". None of our paths ends in a sign.
func withoutTail(path string) string {
	if link := linkWithTail().FindStringSubmatch(path); link != nil {
		return link[1]
	}
	return cmp.Or(strings.TrimRightFunc(path, func(r rune) bool {
		return unicode.In(r, unicode.P, unicode.Sm, unicode.Sk, unicode.Z, unicode.Cf)
	}), path)
}

func (h *Handler) attempt(r *http.Request, route string) (a *answer) {
	a = h.newAnswer()
	defer func() {
		if p := recover(); p != nil {
			h.svc.Log.ErrorContext(r.Context(), "panic", "route", route, "kind", fmt.Sprintf("%T", p), "stack",
				string(debug.Stack()))
			a = h.newAnswer()
			h.refuse(a, r, http.StatusInternalServerError, "")
		}
	}()
	if err := readForm(r); err != nil {
		h.fail(a, r, err)
		return a
	}
	if h.crossSite(r) {
		h.errorPage(a, http.StatusForbidden, "", nil)
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
