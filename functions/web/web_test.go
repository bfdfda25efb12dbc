package web_test

import (
	"net/url"
	"testing"

	"example.org/mend/shared/person"
)

// The journey of one person through the pages, following only links that pages and letters gave.
func TestJourney(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	w.wantText(w.get("/"), 200, "Choose your letters", "/join")
	w.wantText(w.get("/join"), 200, `action="/join"`)
	res := w.post("/join", signUp())
	w.want(res, 303)
	if got := res.Header.Get("Location"); got != "/joined" {
		t.Errorf("got Location %q, want /joined", got)
	}
	w.wantText(w.get("/joined"), 200, "Look in your inbox")

	confirm := w.newest(person.Confirmation).link(t, "/confirm/")
	w.wantText(w.get(confirm), 200, "Mondays at 07:30", "Yes, send me letters")
	w.wantText(w.post(confirm, url.Values{}), 200, "Your first letter comes on Monday 2 March at 07:30")
	w.wantText(w.get(confirm), 200, "You are set up")
}
