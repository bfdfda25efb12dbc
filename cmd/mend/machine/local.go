package machine

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"example.org/mend/functions/web"
	"example.org/mend/shared/local"
)

// routes are the site, which the web handler answers event by event, and the local tools beside it.
func (m *Machine) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", m.serveSite)
	mux.HandleFunc("GET /local/{$}", m.showMailbox)
	for _, name := range []string{"local.css", "bar.css", "frame.js"} {
		mux.HandleFunc("GET /local/"+name, showAsset)
	}
	mux.HandleFunc("GET /local/messages", m.listMessages)
	mux.HandleFunc("GET /local/messages/{id}", m.showMessage)
	mux.HandleFunc("GET /local/messages/{id}/html", m.showHTML)
	mux.HandleFunc("POST /local/messages/{id}/reply", m.replyTo)
	mux.HandleFunc("POST /local/inbound", m.inbound)
	mux.HandleFunc("GET /local/clock", m.showClock)
	mux.HandleFunc("POST /local/clock", m.moveClock)
	mux.HandleFunc("POST /local/feedback", m.feedback)
	mux.HandleFunc("GET /local/people", m.people)
	mux.HandleFunc("GET /local/operator", showOperator(m))
	return noForeignPosts(mux)
}

// noForeignPosts keeps other pages in the same browser from using the local tools. The site guards itself.
func noForeignPosts(next http.Handler) http.Handler {
	local := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/local/") {
			local.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// serveSite turns a request into the event that API Gateway makes of it, and the handler's answer back.
func (m *Machine) serveSite(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		m.fail(w, r, err)
		return
	}
	answer, err := m.web.Handle(r.Context(), web.ToEvent(r, body))
	if err != nil {
		m.log.ErrorContext(r.Context(), "web", "error", err)
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead { // those change nothing
		m.soon(context.WithoutCancel(r.Context()))
	}
	if err := web.WriteResponse(w, withBar(m, r, answer)); err != nil {
		m.log.WarnContext(r.Context(), "write an answer", "error", err)
	}
}

// listing is a letter in the mailbox, as /local/messages lists it.
type listing struct {
	ID      string    `json:"id"`
	To      string    `json:"to"`
	From    string    `json:"from"`
	Subject string    `json:"subject"`
	Date    time.Time `json:"date"`
	Kind    string    `json:"kind"`
}

func listingOf(d local.Letter) listing {
	return listing{ID: d.ID, To: d.To.Mail(), From: letterBox, Subject: subjectOf(d.Raw), Date: d.At.UTC(), Kind: string(d.Kind)}
}

// messages are the last letters before one, at most so many, the newest last.
func (m *Machine) messages(ctx context.Context, before string, limit int) ([]listing, error) {
	letters, err := m.Mailbox.Page(ctx, before, limit)
	list := make([]listing, 0, len(letters))
	for _, d := range letters {
		list = append(list, listingOf(d))
	}
	return list, err
}

func (m *Machine) listMessages(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	list, err := m.messages(r.Context(), q.Get("before"), limitOf(q, mostMessages))
	m.answer(w, r, http.StatusOK, list, err)
}

// showMessage is a letter as a page, or, with .eml, its raw bytes.
func (m *Machine) showMessage(w http.ResponseWriter, r *http.Request) {
	id, raw := strings.CutSuffix(r.PathValue("id"), ".eml")
	d, ok := m.letter(w, r, id)
	if !ok {
		return
	}
	if raw {
		w.Header().Set("Content-Type", "message/rfc822")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(d.Raw)
		return
	}
	view, err := read(d.Raw)
	if err != nil {
		m.fail(w, r, err)
		return
	}
	m.page(w, r, "message.html", map[string]any{"Message": listingOf(d), "View": view})
}

// showHTML is the HTML part alone, for the frame of its page: no script runs in it, and its links
// open outside the frame.
func (m *Machine) showHTML(w http.ResponseWriter, r *http.Request) {
	d, ok := m.letter(w, r, r.PathValue("id"))
	if !ok {
		return
	}
	view, err := read(d.Raw)
	if err != nil {
		m.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "+
		"sandbox allow-same-origin allow-popups allow-top-navigation-by-user-activation")
	_, _ = io.WriteString(w, strings.Replace(view.HTML, "<head>", `<head><base target="_top">`, 1))
}

func (m *Machine) letter(w http.ResponseWriter, r *http.Request, id string) (local.Letter, bool) {
	d, err := m.Mailbox.Get(r.Context(), id)
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, "There is no such letter.", http.StatusNotFound)
		return d, false
	}
	if err != nil {
		m.fail(w, r, err)
		return d, false
	}
	return d, true
}

// replyTo writes the mail that a client would, from the reply box of a letter's page.
func (m *Machine) replyTo(w http.ResponseWriter, r *http.Request) {
	d, ok := m.letter(w, r, r.PathValue("id"))
	if !ok {
		return
	}
	view, err := read(d.Raw)
	if err != nil {
		m.fail(w, r, err)
		return
	}
	if view.ReplyTo == "" {
		http.Error(w, "This letter takes no replies.", http.StatusConflict)
		return
	}
	raw := writeReply(d.To.Mail(), view, r.FormValue("words"), m.Clock.Now())
	if _, err := m.take(r.Context(), d.To.Mail(), []string{view.ReplyTo}, raw, verdicts{}); err != nil {
		m.fail(w, r, err)
		return
	}
	m.soon(context.WithoutCancel(r.Context()))
	http.Redirect(w, r, "/local/?replied="+d.ID, http.StatusSeeOther)
}

// inbound takes a raw mail as if the exchanger had.
func (m *Machine) inbound(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	rcpt := q["rcpt"]
	if len(rcpt) == 0 || rcpt[0] == "" {
		http.Error(w, "rcpt is missing: POST /local/inbound?from=ADDRESS&rcpt=REPLY-ADDRESS with the raw message as body.", http.StatusBadRequest)
		return
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		m.fail(w, r, err)
		return
	}
	upper := func(name string) string { return strings.ToUpper(q.Get(name)) }
	v := verdicts{SPF: upper("spf"), DKIM: upper("dkim"), DMARC: upper("dmarc"), Spam: upper("spam"), Virus: upper("virus")}
	from := q.Get("from")
	if !q.Has("from") { // an empty one is the null return path of machines
		from = "unknown@" + ReplyDomain
	}
	id, err := m.take(r.Context(), from, rcpt, raw, v)
	if err == nil {
		m.soon(context.WithoutCancel(r.Context()))
	}
	m.answer(w, r, http.StatusAccepted, map[string]string{"id": id}, err)
}

func (m *Machine) showClock(w http.ResponseWriter, r *http.Request) {
	m.answer(w, r, http.StatusOK, map[string]any{"now": m.Clock.Now().UTC()}, nil)
}

// moveClock runs every tick up to an instant. It takes JSON, whatever type it is sent as (curl -d
// calls it a form), and the form of the mailbox page.
func (m *Machine) moveClock(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<10))
	if err != nil {
		http.Error(w, "That is more than a move of the clock can hold.", http.StatusRequestEntityTooLarge)
		return
	}
	form, err := url.ParseQuery(string(body))
	fromPage := err == nil && form.Has("advance")
	now := m.Clock.Now()
	move := move{Advance: form.Get("advance")}
	if !fromPage {
		err = decode(bytes.NewReader(body), &move)
	}
	var to time.Time
	if err == nil {
		to, err = move.from(now)
	}
	if err != nil {
		http.Error(w, "Send "+moveExample+": "+err.Error(), http.StatusBadRequest)
		return
	}
	sent, err := m.advance(context.WithoutCancel(r.Context()), to)
	switch {
	case errors.Is(err, errBackwards):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case fromPage && err == nil:
		back := form.Get("back")
		if !ownPath(back) {
			back = fmt.Sprintf("/local/?sent=%d", sent)
		}
		http.Redirect(w, r, back, http.StatusSeeOther)
	default:
		m.answer(w, r, http.StatusOK, map[string]any{"now": m.Clock.Now().UTC(), "sent": sent}, err)
	}
}

const (
	moveExample = `{"advance":"36h"} or {"set":"2026-03-01T07:30:00Z"}`

	// mostAdvance is how far the clock moves in one go.
	mostAdvance = 10 * 366 * 24 * time.Hour
)

// move is where the clock shall go: one of the two.
type move struct {
	Advance string `json:"advance"`
	Set     string `json:"set"`
}

func (v move) from(now time.Time) (time.Time, error) {
	to := now
	switch {
	case (v.Advance == "") == (v.Set == ""):
		return to, errors.New("one of the two")
	case v.Advance != "":
		by, err := time.ParseDuration(v.Advance)
		if err != nil || by < 0 {
			return to, fmt.Errorf("%q is not a duration like 36h or 90m", v.Advance)
		}
		to = now.Add(by)
	default:
		var err error
		if to, err = time.Parse(time.RFC3339, v.Set); err != nil {
			return to, fmt.Errorf("%q is not an instant as in RFC 3339", v.Set)
		}
	}
	if to.Sub(now) > mostAdvance {
		return to, errors.New("at most ten years at once")
	}
	return to, nil
}

// decode reads JSON with no fields but those that v has.
func decode(r io.Reader, v any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// feedback makes the mail service's event about a letter.
func (m *Machine) feedback(w http.ResponseWriter, r *http.Request) {
	var said struct{ Message, Event, Detail string }
	if err := decode(http.MaxBytesReader(w, r.Body, 1<<10), &said); err != nil {
		http.Error(w, `send {"message":"ID","event":"bounce|complaint|delivery","detail":"permanent|transient"}: `+err.Error(), http.StatusBadRequest)
		return
	}
	l, ok := m.letter(w, r, said.Message)
	if !ok {
		return
	}
	event, err := feedbackEvent(l, said.Event, said.Detail, m.Clock.Now())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	err = m.publish(r.Context(), feedbackQueue, event)
	if err == nil {
		m.soon(context.WithoutCancel(r.Context()))
	}
	m.answer(w, r, http.StatusAccepted, map[string]string{"message": l.ID}, err)
}

// answer writes JSON, or an error of ours.
func (m *Machine) answer(w http.ResponseWriter, r *http.Request, status int, v any, err error) {
	var text bytes.Buffer
	if err == nil {
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(v)
	}
	if err != nil {
		m.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
}

func (m *Machine) fail(w http.ResponseWriter, r *http.Request, err error) {
	m.log.ErrorContext(r.Context(), "local tools", "error", err)
	http.Error(w, "Something went wrong; the log says what.", http.StatusInternalServerError)
}

//go:embed pages
var pages embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"linked": linked}).ParseFS(pages, "pages/*.html"))

const (
	pageLetters  = 100  // on a page of the mailbox
	mostMessages = 1000 // listed at once
)

// showMailbox lists the letters, the newest first, a page at a time.
func (m *Machine) showMailbox(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	list, err := m.messages(r.Context(), q.Get("before"), pageLetters)
	if err != nil {
		m.fail(w, r, err)
		return
	}
	older := ""
	if len(list) == pageLetters {
		older = list[0].ID
	}
	slices.Reverse(list)
	m.page(w, r, "mailbox.html", map[string]any{
		"Messages": list, "Older": older, "Now": m.Clock.Now().UTC(), "Replied": q.Get("replied"), "Sent": q.Get("sent"),
	})
}

func showAsset(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, pages, "pages/"+path.Base(r.URL.Path))
}

func (m *Machine) page(w http.ResponseWriter, r *http.Request, name string, data any) {
	var text bytes.Buffer
	if err := templates.ExecuteTemplate(&text, name, data); err != nil {
		m.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text.Bytes())
}
