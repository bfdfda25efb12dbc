package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/shared/export"
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
	stop := link(token.Unsubscribe)
	return h.serve(slices.Concat(openRoutes, []route{
		{"/join", anyone, showJoin, join},
		{"/joined", anyone, showJoined, askAgain},
		{"/confirm/{token}", anyone, showConfirm, confirm},
		{"/notme/{token}", link(token.NotMe), showNotMe, notMe},
		{"/mute/{token}", anyone, showMute, mute},

		{"/preferences/{token}", settings, showPreferences, changeSettings},
		{"/preferences/{token}/{setting}", settings, showSetting, changeSettings},
		{"/preferences/{token}/reminders", owner, showReminders, changeReminder},
		{"/preferences/{token}/reminders/{number}", owner, showReminders, changeReminder},
		{"/preferences/{token}/address", owner, showAddress, moveAddress},
		{"/address/{answer}/{token}", anyone, showMove, answerMove},
		{"/calendar/{file}", anyone, showCalendar, nil},
		{"/stop/{token}", stop, showStop, stopLetters},
		{"/letter/{token}", letter, showLetter, answerLetter},
		{"/promise/{token}", anyone, showPromise, answerPromise},

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
	mux := h.serve([]route{
		{"/assets/{version}/{name}", anyone, showAsset, nil},
		{"/stop/{token}", oldLink, showStop, func(v *visit) (string, error) {
			return "", v.svc.Account.StopLater(v.ctx(), v.r.PathValue("token"))
		}},
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		h.errorPage(w, http.StatusServiceUnavailable)
	})
	return mux
}

// serve makes the mux of some routes.
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
