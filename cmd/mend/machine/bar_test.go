package machine

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestTheBarLeadsBackToOwnPagesOnly(t *testing.T) {
	m := open(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for back, want := range map[string]string{
		"/help?x=1":            "/help?x=1",
		"":                     "/local/?sent=0",
		"//evil.example/":      "/local/?sent=0",
		`/\evil.example`:       "/local/?sent=0",
		"https://evil.example": "/local/?sent=0",
		"javascript:alert(1)":  "/local/?sent=0",
	} {
		answer, err := client.PostForm(m.SiteURL()+"/local/clock", url.Values{"advance": {"1m"}, "back": {back}})
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if got := answer.Header.Get("Location"); got != want {
			t.Errorf("back to %q: got %q, want %q", back, got, want)
		}
	}
}

func TestOnlyABrowserGetsTheBar(t *testing.T) {
	cfg := config(t)
	cfg.Bar = true
	m := run(t, cfg)
	for _, dest := range []string{"", "document", "empty"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.SiteURL()+`/help?"><script>`, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sec-Fetch-Dest", dest)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Contains(string(body), "machine-bar"), dest == "document"; got != want {
			t.Errorf("Sec-Fetch-Dest %q: bar %t, want %t", dest, got, want)
		}
		if strings.Contains(string(body), `"><script>`) {
			t.Error("the page holds what the address said, as it was")
		}
	}
}

func TestLinksOfATextAreEscaped(t *testing.T) {
	text := `<b> see https://a.example/x?y=1&z=2. And "https://b.example/<script>" or javascript:alert(1)`
	got := string(linked(text))
	want := `&lt;b&gt; see <a href="https://a.example/x?y=1&amp;z=2">https://a.example/x?y=1&amp;z=2</a>. And &#34;` +
		`<a href="https://b.example/">https://b.example/</a>&lt;script&gt;&#34; or javascript:alert(1)`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
