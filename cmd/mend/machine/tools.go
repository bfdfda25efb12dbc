package machine

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"example.org/mend/functions/feedback"
	"example.org/mend/functions/web"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/local"
)

// tool answers a request for one of the local tools. An error that is a refusal is answered with
// its sentence; any other is logged.
type tool func(http.ResponseWriter, *http.Request) error

// refusal is an answer to a request that can't be followed.
type refusal struct {
	status   int
	sentence string
}

func (r refusal) Error() string { return r.sentence }

// routes are the site, which the web handler answers event by event, and the local tools beside it.
func (m *Machine) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", m.serveSite)
	for _, name := range []string{"local.css", "bar.css", "frame.js"} {
		mux.HandleFunc("GET /local/"+name, showAsset)
	}
	// No other page in the same browser may use the tools. The site guards itself.
	own := http.NewCrossOriginProtection()
	for pattern, answer := range map[string]tool{
		"GET /local/{$}":                  m.showMailbox,
		"GET /local/messages":             m.listMessages,
		"GET /local/messages/{id}":        m.showMessage,
		"GET /local/messages/{id}/html":   m.showHTML,
		"POST /local/messages/{id}/reply": m.replyTo,
		"POST /local/inbound":             m.inbound,
		"GET /local/clock":                m.showClock,
		"POST /local/clock":               m.moveClock,
		"POST /local/feedback":            m.feedback,
		"GET /local/people":               m.listPeople,
		"GET /local/operator":             m.showOperator,
	} {
		mux.Handle(pattern, own.Handler(m.serveTool(answer)))
	}
	return mux
}

// toolHeaders are on every answer of the tools. No page elsewhere may show one in a frame, where
// its visitor would press our buttons, or load one as a script or picture; and no browser keeps the
// letters that they show.
var toolHeaders = http.Header{
	"Content-Security-Policy": {"default-src 'none'; style-src 'self'; script-src 'self'; frame-src 'self'; " +
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Referrer-Policy":              {"same-origin"},
	"X-Content-Type-Options":       {"nosniff"},
	"Cache-Control":                {"no-store"},
}

func (m *Machine) serveTool(answer tool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), toolHeaders)
		err := answer(w, r)
		if refused, ok := errors.AsType[refusal](err); ok {
			http.Error(w, refused.sentence, refused.status)
		} else if !m.logged(r.Context(), "local tools", err) {
			http.Error(w, "Something went wrong; the log says what.", http.StatusInternalServerError)
		}
	})
}

// serveSite turns a request into the event that API Gateway makes of it, and the handler's answer
// back.
func (m *Machine) serveSite(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // it is in memory: see guard
	answer, err := m.web.Handle(r.Context(), web.ToEvent(r, body))
	if !m.logged(r.Context(), "web", err) {
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead { // those change nothing
		m.doQueued(r.Context())
	}
	if err := web.WriteResponse(w, withBar(m, r, answer)); err != nil { // the client left
		m.log.WarnContext(r.Context(), "write an answer", "error", err)
	}
}

// inbound takes a raw mail as if the exchanger had.
func (m *Machine) inbound(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	rcpt := q["rcpt"]
	if len(rcpt) == 0 || rcpt[0] == "" {
		return refusal{http.StatusBadRequest, "rcpt is missing: " +
			"POST /local/inbound?from=ADDRESS&rcpt=REPLY-ADDRESS with the raw message as body."}
	}
	raw, _ := io.ReadAll(r.Body) // it is in memory: see guard
	upper := func(name string) string { return strings.ToUpper(q.Get(name)) }
	v := verdicts{upper("spf"), upper("dkim"), upper("dmarc"), upper("spam"), upper("virus")}
	from := q.Get("from")
	if !q.Has("from") { // an empty one is the null return path of machines
		from = "unknown@" + ReplyDomain
	}
	id, err := m.receive(r.Context(), from, rcpt, raw, v)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusAccepted, map[string]string{"id": id})
}

func (m *Machine) showClock(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]any{"now": m.Clock.Now().UTC()})
}

// mostAdvance is how far the clock moves in one go.
const mostAdvance = 10 * 366 * 24 * time.Hour

// move is where the clock goes: one of the two.
type move struct{ Advance, Set string }

// moveClock runs every tick up to an instant. It takes JSON, whatever type it is sent as (curl -d
// calls it a form), and the form of the mailbox page.
func (m *Machine) moveClock(w http.ResponseWriter, r *http.Request) error {
	body, _ := io.ReadAll(r.Body) // it is in memory: see guard
	form, err := url.ParseQuery(string(body))
	fromPage := err == nil && form.Has("advance")
	move := move{Advance: form.Get("advance")}
	if !fromPage {
		err = decode(bytes.NewReader(body), &move)
	}
	var to time.Time
	if err == nil {
		to, err = move.from(m.Clock.Now())
	}
	if err != nil {
		return refusal{http.StatusBadRequest,
			`Send {"advance":"36h"} or {"set":"2026-03-01T07:30:00Z"}: ` + err.Error()}
	}
	sent, err := m.advance(m.ending, to)
	if err != nil {
		return err
	}
	if !fromPage {
		return writeJSON(w, http.StatusOK, map[string]any{"now": m.Clock.Now().UTC(), "sent": sent})
	}
	back := form.Get("back")
	if !ownPath(back) {
		back = fmt.Sprintf("/local/?sent=%d", sent)
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

func (v move) from(now time.Time) (to time.Time, err error) {
	switch by, noDuration := time.ParseDuration(v.Advance); {
	case (v.Advance == "") == (v.Set == ""):
		return to, errors.New("one of the two")
	case v.Advance == "":
		if to, err = time.Parse(time.RFC3339, v.Set); err != nil {
			return to, fmt.Errorf("%q is not an instant as in RFC 3339", v.Set)
		}
	case noDuration != nil || by < 0:
		return to, fmt.Errorf("%q is not a duration like 36h or 90m", v.Advance)
	default:
		to = now.Add(by)
	}
	if to.Sub(now) > mostAdvance || to.Year() > cadence.LastYear {
		return to, fmt.Errorf("at most ten years at once, and to %d at most", cadence.LastYear)
	}
	return to, nil
}

// feedback makes the mail service's event about a letter.
func (m *Machine) feedback(w http.ResponseWriter, r *http.Request) error {
	var said struct{ Message, Event, Detail string }
	if err := decode(r.Body, &said); err != nil {
		return refusal{http.StatusBadRequest, `send {"message":"ID","event":"bounce|complaint|delivery",` +
			`"detail":"permanent|transient"}: ` + err.Error()}
	}
	l, err := m.letter(r, said.Message)
	if err != nil {
		return err
	}
	event, err := feedbackEvent(l, said.Event, said.Detail, m.Clock.Now())
	if err != nil {
		return refusal{http.StatusBadRequest, err.Error()}
	}
	if err := m.publish(r.Context(), local.FeedbackQueue, event); err != nil {
		return err
	}
	return writeJSON(w, http.StatusAccepted, map[string]string{"message": l.ID})
}

// feedbackEvent is the event that SES publishes about a letter.
func feedbackEvent(l local.Letter, what, detail string, now time.Time) (e feedback.Event, err error) {
	e.Mail.MessageID, e.Mail.Timestamp, e.Mail.Destination = l.ID, l.At, []string{l.To}
	e.Mail.Tags = map[string][]string{feedback.OccurrenceTag: {l.Occurrence}, feedback.AttemptTag: {l.Attempt}}
	switch {
	case what == "delivery":
		e.EventType, e.Delivery.Timestamp = "Delivery", now
	case what == "complaint":
		e.EventType = "Complaint"
	case what == "bounce" && (detail == "permanent" || detail == ""):
		e.EventType, e.Bounce.BounceType = "Bounce", "Permanent"
	case what == "bounce" && detail == "transient":
		e.EventType, e.Bounce.BounceType, e.Bounce.BounceSubType = "Bounce", "Transient", "MailboxFull"
	default:
		err = fmt.Errorf("event %q, detail %q: it is delivery, complaint, or bounce, which is permanent or transient",
			what, detail)
	}
	return e, err
}

// decode reads JSON with no fields but those that v has.
func decode(r io.Reader, v any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	return d.Decode(v)
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // fails only where the client left
	return nil
}

//go:embed pages
var pages embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"linked": linked}).ParseFS(pages, "pages/*.html"))

func showAsset(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, pages, "pages/"+path.Base(r.URL.Path))
}

func writePage(w http.ResponseWriter, name string, data any) error {
	var text bytes.Buffer
	if err := templates.ExecuteTemplate(&text, name, data); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(text.Bytes())
	return nil
}

// limitOf is how many a list holds: as many as the query asks for, up to most.
func limitOf(r *http.Request, most int) int {
	if n, err := strconv.Atoi(r.FormValue("limit")); err == nil && n > 0 {
		return min(n, most)
	}
	return most
}
