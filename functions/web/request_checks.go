package web

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"example.org/mend/shared/account"
)

const stopPath = "/stop/"

// MaxBody is how many bytes a form may have. The largest of ours is an entry of the journal: 20,000
// characters of up to four bytes, each of which is three in a form. What is longer than an entry
// may be comes back to its writer with a sentence; what is longer than this doesn't come back.
const MaxBody = 512 << 10

// sharedHeaders are on every answer. Pages that hold nothing personal loosen the last two; see
// [openPage].
var sharedHeaders = http.Header{
	"Content-Security-Policy": {"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
		"font-src 'self'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	// paths hold tokens. With no-referrer, forms would send "Origin: null"
	"Referrer-Policy":        {"same-origin"},
	"X-Content-Type-Options": {"nosniff"},
	"X-Robots-Tag":           {"noindex"},
	"Cache-Control":          {"no-store"},
}

// findable marks a page that search engines may show. Its policy lets Lighthouse, which fetches
// from within the page, read robots.txt.
func findable(w http.ResponseWriter) {
	w.Header().Del("X-Robots-Tag")
	w.Header().Set("Content-Security-Policy", w.Header().Get("Content-Security-Policy")+"; connect-src 'self'")
}

// openPage marks a findable page that is the same for everyone.
func openPage(w http.ResponseWriter) {
	findable(w)
	w.Header().Set("Cache-Control", "public, max-age=300")
}

// The errors of [readForm].
var (
	errTooLarge  = errors.New("a form of more than 512 KB")
	errMalformed = errors.New("a form that cannot be read")
)

// readForm reads the form of a POST: URL-encoded, or multipart as RFC 8058 section 3.1 allows too.
// One for the page that stops letters may have any body: where that can't be read, it counts as a
// form without a word, which stops.
func readForm(r *http.Request) error {
	if r.Method != http.MethodPost {
		return nil
	}
	if err := parseForm(r); err == nil || !strings.HasPrefix(r.URL.Path, stopPath) {
		return err
	}
	r.PostForm.Del("action")
	return nil
}

func parseForm(r *http.Request) error {
	r.Body = http.MaxBytesReader(nil, r.Body, MaxBody)
	err := r.ParseForm()
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		err = r.ParseMultipartForm(MaxBody)
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errTooLarge
	case err != nil:
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	return nil
}

// oneClick is RFC 8058's body: a mail program sends it when its "unsubscribe" button is pressed.
func oneClick(r *http.Request) bool {
	return r.PostForm.Get("List-Unsubscribe") == "One-Click"
}

// crossSite reports a request that a page of another site made: a POST, or a GET of a copy of
// everything. API Gateway passes on what the browser says of it in Sec-Fetch-Site or in Origin. A
// form of a page without an origin, such as a sandboxed frame, says "Origin: null" and is one too.
// A request without these headers is let through: no browser that another site's page could use
// sends such a request.
func (h *Handler) crossSite(r *http.Request) bool {
	if r.Method == http.MethodPost && oneClick(r) && strings.HasPrefix(r.URL.Path, stopPath) {
		return false
	}
	if strings.HasPrefix(r.URL.Path, "/export") {
		post := *r // the check lets every GET through, and a copy is too much for another site to ask for
		post.Method = http.MethodPost
		r = &post
	}
	return h.guard.Check(r) != nil
}

// Programs that fill in every form they find are kept out by two small things, which people do not
// notice. A program for this very form gets past both; the limits of
// [account.SignUp.Admit] are for them.

// trapped reports that a field was filled in which people do not see.
func (v *visit) trapped() bool { return v.typed("website") != "" }

// readingTime is the least time from seeing the form to sending it.
const readingTime = 3 * time.Second

// hasty reports that a form came back sooner than anyone reads. The time is the machine's,
// whatever day the service believes it is. A form without the field was not made by our page; one
// from the machine itself is a test's or a demonstration's.
func (v *visit) hasty() bool {
	shown, err := strconv.ParseInt(v.typed("shown"), 10, 64)
	return err == nil && time.Since(time.Unix(shown, 0)) < readingTime && !networkOf(v.r).IsLoopback()
}

// admit counts a request for a letter, if what was typed is an address at all. Errors:
// [*account.ProofRequired] where the browser has to do some work first.
func (v *visit) admit(what account.LimitedAction, email string) error {
	address, err := account.ParseAddress(email)
	if err != nil {
		return nil // the service says so
	}
	return v.svc.SignUp.Admit(v.ctx(), what, networkOf(v.r), address,
		account.ProofOfWork{Token: v.typed("stamp"), Answer: v.typed("answer")})
}

// ask does what someone asks for with an address, within the limits.
func (v *visit) ask(what account.LimitedAction, do func(ctx context.Context, email string) error) error {
	if err := v.admit(what, v.typed("email")); err != nil {
		return err
	}
	return do(v.ctx(), v.typed("email"))
}

// networkOf is where a request comes from, as API Gateway tells it; headers that anyone can write
// are not asked.
func networkOf(r *http.Request) netip.Addr {
	addr, _ := netip.ParseAddr(r.RemoteAddr) // the zero address counts as a network of its own
	return addr
}
