package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.org/mend/content"
	"example.org/mend/functions/web"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/operate"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// untouchable is a table that nobody may ask.
type untouchable struct {
	store.Table
	t *testing.T
}

func (u untouchable) Get(context.Context, store.Key) (store.Item, error) {
	u.t.Error("the table was read")
	return nil, nil
}

func (u untouchable) Write(context.Context, store.Write) (store.Item, error) {
	u.t.Error("the table was written")
	return nil, nil
}

func (u untouchable) Transact(context.Context, []store.Write) error {
	u.t.Error("the table was written")
	return nil
}

// RFC 8058: one click stops, whatever else is going on. While the table is away it is written into
// the journal alone.
func TestOneClickStopsWhileTheTableIsAway(t *testing.T) {
	w := newWorldOn(t, "2026-03-02T09:00", "https://mend.example")
	journal := &blobs{w: w, kept: map[string][]byte{}}
	w.svc.Store, w.svc.Blobs = store.New(untouchable{nil, t}, []byte("address secret")), journal
	h := must(web.New(w.svc.Base, w.svc.Sending.Library, w.svc.Sending.Letters,
		web.Options{Help: content.BuiltHelp(), Away: true}))(t)
	id := mend.ID("aaaaaaaaaaaaaaaa")
	link := must(w.svc.Keys.Sign(token.Claims{Purpose: token.Unsubscribe, Person: id, Date: mend.DateOf(w.now)}))(t)
	ask := func(method, path, body string) (int, string) {
		r := httptest.NewRequest(method, "https://mend.example"+path, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		return answer.Code, answer.Body.String()
	}
	for _, path := range []string{"/", "/join", "/signin", "/journal", "/preferences/" + link, "/help"} {
		if code, page := ask(http.MethodGet, path, ""); code != http.StatusServiceUnavailable ||
			!strings.Contains(page, "Back soon") {
			t.Errorf("GET %s: %d, want 503 and a page that says so", path, code)
		}
	}
	if code, page := ask(http.MethodGet, "/stop/"+link, ""); code != http.StatusOK ||
		!strings.Contains(page, "Stop all letters") || len(journal.kept) != 0 {
		t.Errorf("the page to stop: %d, %d entries; looking changes nothing", code, len(journal.kept))
	}
	if code, _ := ask(http.MethodPost, "/stop/"+link[:len(link)-1]+"a",
		"List-Unsubscribe=One-Click"); code != http.StatusNotFound || len(journal.kept) != 0 {
		t.Errorf("a forged link: %d, %d entries, want 404 and none", code, len(journal.kept))
	}
	if code, _ := ask(http.MethodPost, "/stop/"+link, "List-Unsubscribe=One-Click"); code != http.StatusOK {
		t.Errorf("one click: %d, want 200", code)
	}
	entries := 0
	for key := range journal.kept {
		if strings.HasSuffix(key, "/"+string(id)+"-stop") {
			entries++
		}
	}
	if entries != 1 {
		t.Errorf("the journal holds %v, want one stop", journal.kept)
	}
	counts, err := operate.Journalled(t.Context(), listing(journal.kept), w.now.Add(-1))
	if err != nil || counts["stop"] != 1 {
		t.Errorf("a restore would do %v, %v, want the stop", counts, err)
	}
}

// listing lists what was put.
type listing map[string][]byte

func (l listing) List(_ context.Context, prefix, from string) (keys []string, err error) {
	for key := range l {
		if strings.HasPrefix(key, prefix) && key >= from {
			keys = append(keys, key)
		}
	}
	return keys, nil
}
