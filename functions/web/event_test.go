package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/web"
	"example.org/mend/shared/mend"
)

func exampleEvent(t *testing.T) (e events.APIGatewayV2HTTPRequest) {
	t.Helper()
	if err := json.Unmarshal(must(os.ReadFile("event.json"))(t), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestHandlesTheExampleEvent(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	res := must(w.handler.Handle(t.Context(), exampleEvent(t)))(t)
	if res.StatusCode != 303 || res.Headers["location"] != "/joined" {
		t.Errorf("got status %d to %q, want 303 to /joined\n%s", res.StatusCode, res.Headers["location"], res.Body)
	}
	if got := w.newest(mend.Confirmation).header.Get("To"); !strings.Contains(got, ann) {
		t.Errorf("got a confirmation to %q, want %s", got, ann)
	}
}

func TestRefusesEventsOfAnotherShape(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00")
	for name, spoil := range map[string]func(*events.APIGatewayV2HTTPRequest){
		"of a REST API":    func(e *events.APIGatewayV2HTTPRequest) { e.Version = "1.0" },
		"of nothing":       func(e *events.APIGatewayV2HTTPRequest) { *e = events.APIGatewayV2HTTPRequest{} },
		"without a method": func(e *events.APIGatewayV2HTTPRequest) { e.RequestContext.HTTP.Method = "" },
		"with a method that is none": func(e *events.APIGatewayV2HTTPRequest) {
			e.RequestContext.HTTP.Method = "GO AWAY"
		},
		"without a path":            func(e *events.APIGatewayV2HTTPRequest) { e.RawPath = "" },
		"with a body not in base64": func(e *events.APIGatewayV2HTTPRequest) { e.Body = "email=ann" },
	} {
		e := exampleEvent(t)
		spoil(&e)
		if _, err := w.handler.Handle(t.Context(), e); err == nil || !strings.HasPrefix(err.Error(), "an event") {
			t.Errorf("an event %s: got error %v, want one that names the shape", name, err)
		}
	}
	if w.writes > 0 {
		t.Error("an event that was refused was written down")
	}
}

// Through an event and back, a request says and gets the same as without.
var shownAt = regexp.MustCompile(`name="shown" value="\d+"`)

func TestEventsThereAndBack(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	session := w.signIn()
	through := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body := must(io.ReadAll(r.Body))(t)
		raw := must(json.Marshal(web.ToEvent(r, body)))(t) // as it reaches a function
		var e events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Error(err)
		}
		res := must(w.handler.Handle(r.Context(), e))(t)
		if err := web.WriteResponse(rw, res); err != nil {
			t.Error(err)
		}
	}))
	defer through.Close()
	direct := httptest.NewServer(w.handler)
	defer direct.Close()
	preferences := w.newest(mend.Welcome).link(t, "/preferences/")
	other := &http.Cookie{Name: "theme", Value: "none"}
	for _, r := range []*http.Request{
		request("GET", "/", nil),
		request("HEAD", "/", nil),
		request("GET", "/nowhere?a=1&a=2&b=%20", nil),
		request("GET", preferences+"?saved", nil, other, session),
		request("GET", "/preferences/%3C"+strings.TrimPrefix(preferences, "/preferences/")+"%3E", nil),
		request("GET", "/journal", nil, other, session),
		request("POST", "/join", signUp("name", "Zoë", "days", "")),
		request("POST", "/join", url.Values{"name": {"\xff\x00"}}),
		request("POST", "/signin", url.Values{"email": {"zoë@example.org"}}),
		request("PUT", "/join", nil),
	} {
		body := must(io.ReadAll(r.Body))(t)
		var answers []string
		for _, server := range []*httptest.Server{direct, through} {
			req := r.Clone(t.Context())
			req.RequestURI = ""
			req.URL.Scheme, req.URL.Host = "http", strings.TrimPrefix(server.URL, "http://")
			req.Body = io.NopCloser(strings.NewReader(string(body)))
			res := must(http.DefaultTransport.RoundTrip(req))(t)
			got := must(io.ReadAll(res.Body))(t)
			res.Header.Del("Date")
			header := must(json.Marshal(res.Header))(t)
			// the second in which a form was shown may pass between the two
			page := shownAt.ReplaceAllString(string(got), "")
			answers = append(answers, res.Status+string(header)+page)
		}
		if answers[0] != answers[1] {
			t.Errorf("%s %s: got through an event\n%s\nwant\n%s", r.Method, r.URL.Path, answers[1], answers[0])
		}
	}
}

func TestCookiesBothWays(t *testing.T) {
	w := newWorld(t, "2026-02-26T09:00").join()
	w.signIn()
	r := request("POST", "/signout", url.Values{}, &http.Cookie{Name: "a", Value: "1"},
		&http.Cookie{Name: "b", Value: "2"})
	e := web.ToEvent(r, nil)
	if got := strings.Join(e.Cookies, "|"); got != "a=1|b=2" || e.Headers["cookie"] != "" {
		t.Errorf("got cookies %q beside header %q, want a=1|b=2 and none", got, e.Headers["cookie"])
	}
	res := must(w.handler.Handle(t.Context(), e))(t)
	if len(res.Cookies) != 1 || !strings.HasPrefix(res.Cookies[0], "__Host-mend=;") || res.Headers["set-cookie"] != "" {
		t.Errorf("got cookies %q, want the session's to end", res.Cookies)
	}
}
