package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/mend/content"
	"example.org/mend/functions/web"
	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/heap"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/memtable"
	"example.org/mend/shared/token"
)

const (
	site        = "https://mend.example"
	replyDomain = "reply.mend.example"
	ann         = "ann@example.org"
)

// TestMain collects garbage as rarely as the functions do: the worlds are small, and many.
func TestMain(m *testing.M) {
	heap.CollectLess(0)
	os.Exit(m.Run())
}

// world is a handler over a real service and a real table; only the post is recorded.
type world struct {
	testing.TB
	handler *web.Handler
	svc     *service.Service
	db      *memtable.Table
	log     *bytes.Buffer
	now     time.Time
	writes  int    // of the table, the queues and the blobs
	breaks  int    // which transaction from now on fails; 0: none
	before  func() // what someone else does right before the next transaction; nil: nothing
	outbox  []mend.Outgoing
	queued  []store.Page
}

func newWorld(t testing.TB, at string) *world {
	t.Helper()
	return newWorldOn(t, at, site)
}

// newWorldOn begins at a local time of Berlin, such as 2026-03-02T09:00.
func newWorldOn(t testing.TB, at, site string) *world {
	t.Helper()
	berlin := must(cadence.Zone("Europe/Berlin"))(t)
	now := must(time.ParseInLocation("2006-01-02T15:04", at, berlin))(t)
	w := &world{TB: t, db: &memtable.Table{}, now: now, log: &bytes.Buffer{}}
	key := token.Key{ID: 1, Secret: [32]byte([]byte(strings.Repeat("k", 32)))}
	w.svc = service.New(service.Config{
		Base: change.Base{
			Store: store.New(table{w.db, w}, []byte("address secret")), Queue: queue{w},
			Blobs: &blobs{w: w, kept: map[string][]byte{}}, Keys: must(token.NewKeys(key))(t), Site: site,
			ReplyDomain: replyDomain, Now: func() time.Time { return w.now }, Rand: rand.NewChaCha8([32]byte{1}),
			Log: slog.New(slog.NewJSONHandler(w.log, nil)),
		},
		Mailer: post{w}, Library: library(t), Letters: must(letter.New(content.Languages(), letter.Config{
			Site: site, From: must(account.ParseAddress("letters@mend.example"))(t), SenderName: "Mend",
			ReplyDomain: replyDomain, ListDomain: "letters.mend.example",
		}))(t),
	})
	w.handler = must(web.New(w.svc.Base, w.svc.Sending.Library, w.svc.Sending.Letters,
		web.Options{Help: content.BuiltHelp()}))(t)
	return w
}

var library = func() func(testing.TB) *content.Library {
	load := sync.OnceValues(func() (*content.Library, error) { return content.Built(), nil })
	return func(t testing.TB) *content.Library { return must(load())(t) }
}()

func must[V any](v V, err error) func(testing.TB) V {
	return func(t testing.TB) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// table counts what is written.
type table struct {
	store.Table
	w *world
}

func (t table) Write(ctx context.Context, w store.Write) (store.Item, error) {
	t.w.writes++
	return t.Table.Write(ctx, w)
}

func (t table) WriteEach(ctx context.Context, w []store.Write) ([]error, error) {
	t.w.writes++
	return t.Table.WriteEach(ctx, w)
}

func (t table) Transact(ctx context.Context, w []store.Write) error {
	t.w.writes++
	if before := t.w.before; before != nil {
		t.w.before = nil
		before()
	}
	if t.w.breaks > 0 {
		if t.w.breaks--; t.w.breaks == 0 {
			return errors.New("the table is out of order")
		}
	}
	return t.Table.Transact(ctx, w)
}

type queue struct{ w *world }

func (q queue) Send(_ context.Context, _ mend.QueueName, messages ...mend.Message) error {
	q.w.writes++
	for _, m := range messages {
		var page store.Page
		if err := json.Unmarshal(m.Body, &page); err != nil {
			return err
		}
		q.w.queued = append(q.w.queued, page)
	}
	return nil
}

type blobs struct {
	w    *world
	kept map[string][]byte
}

func (b *blobs) Put(_ context.Context, key string, data []byte) error {
	b.w.writes++
	b.kept[key] = bytes.Clone(data)
	return nil
}

func (b *blobs) Open(_ context.Context, key string) (io.ReadCloser, error) {
	data, ok := b.kept[key]
	if !ok {
		return nil, mend.ErrNoBlob
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

func (b *blobs) Delete(_ context.Context, key string) error {
	b.w.writes++
	delete(b.kept, key)
	return nil
}

type post struct{ w *world }

func (p post) Send(_ context.Context, o mend.Outgoing) (string, error) {
	p.w.outbox = append(p.w.outbox, o)
	return "message-" + o.Occurrence, nil
}

// do answers a request; a body makes it a form.
func (w *world) do(r *http.Request) *http.Response {
	w.Helper()
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec.Result()
}

func (w *world) get(path string, cookies ...*http.Cookie) *http.Response {
	w.Helper()
	return w.do(request("GET", path, nil, cookies...))
}

func (w *world) post(path string, form url.Values, cookies ...*http.Cookie) *http.Response {
	w.Helper()
	return w.do(request("POST", path, form, cookies...))
}

func request(method, path string, form url.Values, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest(method, site+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

// work lets the send function do what is queued.
func (w *world) work() {
	w.Helper()
	for len(w.queued) > 0 {
		work := w.queued[0]
		w.queued = w.queued[1:]
		if err := w.svc.Sending.Process(w.Context(), work); err != nil {
			w.Fatal(err)
		}
	}
}

// advance moves the clock and ticks at each quarter-hour.
func (w *world) advance(d time.Duration) {
	w.Helper()
	for until := w.now.Add(d); w.now.Before(until); {
		w.now = w.now.Truncate(15 * time.Minute).Add(15 * time.Minute)
		if w.now.After(until) {
			w.now = until
		}
		if w.now.Hour() == 0 && w.now.Minute() == 0 {
			w.db.Purge(w.now)
		}
		if err := w.svc.Dispatch.Tick(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.work()
	}
}

// newest is the newest letter of a kind.
func (w *world) newest(kind mend.Kind) letterSeen {
	w.Helper()
	w.work()
	for i := len(w.outbox) - 1; i >= 0; i-- {
		if w.outbox[i].Kind == kind {
			return read(w.TB, w.outbox[i].Raw)
		}
	}
	w.Fatalf("no letter of kind %s among %d", kind, len(w.outbox))
	return letterSeen{}
}

// letterSeen is a letter as its reader has it.
type letterSeen struct {
	header     mail.Header
	text, html string
}

// link is the path of the first link of a letter that begins with prefix.
func (l letterSeen) link(t testing.TB, prefix string) string {
	t.Helper()
	found := regexp.MustCompile(`https?://[^/\s]+(` + regexp.QuoteMeta(prefix) +
		`[a-z2-7]+)`).FindStringSubmatch(l.text)
	if found == nil {
		t.Fatalf("no link to %s in\n%s", prefix, l.text)
	}
	return found[1]
}

func read(t testing.TB, raw []byte) letterSeen {
	t.Helper()
	m := must(mail.ReadMessage(bytes.NewReader(raw)))(t)
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	seen := letterSeen{header: m.Header}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return seen
		}
		if err != nil {
			t.Fatal(err)
		}
		body := string(must(io.ReadAll(quotedprintable.NewReader(part)))(t))
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			seen.html = body
		} else {
			seen.text = body
		}
	}
}

// signUp is a whole sign-up form.
func signUp(changes ...string) url.Values {
	form := url.Values{
		"email": {ann}, "path": {"together"}, "cadence": {"weekly"}, "days": {"mon"}, "time": {"07:30"},
		"zone": {"Europe/Berlin"}, "digest": {"on"}, "consent": {"on"}, "adult": {"on"},
	}
	for i := 0; i < len(changes); i += 2 {
		if changes[i+1] == "" {
			form.Del(changes[i])
		} else {
			form.Set(changes[i], changes[i+1])
		}
	}
	return form
}

// join signs Ann up, confirms, and returns the world with her active in it.
func (w *world) join(changes ...string) *world {
	w.Helper()
	w.want(w.post("/join", signUp(changes...)), 303)
	w.want(w.post(w.newest(mend.Confirmation).link(w, "/confirm/"), url.Values{}), 200)
	w.work()
	return w
}

// signIn signs in by letter, and returns the cookie.
func (w *world) signIn() *http.Cookie {
	w.Helper()
	w.now = w.now.Add(time.Minute)
	w.want(w.post("/signin", url.Values{"email": {ann}}), 303)
	res := w.post(w.newest(mend.SignIn).link(w, "/signin/"), url.Values{})
	w.want(res, 303)
	for _, c := range res.Cookies() {
		return &http.Cookie{Name: c.Name, Value: c.Value}
	}
	w.Fatal("signing in set no cookie")
	return nil
}

// want checks a status and returns the body.
func (w *world) want(res *http.Response, status int) string {
	w.Helper()
	body := string(must(io.ReadAll(res.Body))(w))
	if res.StatusCode != status {
		w.Fatalf("got status %d, want %d\n%s\nlog:\n%s", res.StatusCode, status, body, w.log)
	}
	return body
}

// wantText checks a status, and that the page says each of the given words.
func (w *world) wantText(res *http.Response, status int, words ...string) string {
	w.Helper()
	body := w.want(res, status)
	for _, word := range words {
		if !strings.Contains(body, word) {
			main, _, _ := strings.Cut(body[max(strings.Index(body, "<main"), 0):], "<datalist")
			w.Errorf("got a page without %q:\n%.2000s", word, main)
		}
	}
	return body
}
