package machine

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// withBar adds the machine's bar to a page of the site that a browser shows: the way to the
// mailbox, and the clock. A program that asks for the page gets it as it is.
func withBar(m *Machine, r *http.Request, answer events.APIGatewayV2HTTPResponse) events.APIGatewayV2HTTPResponse {
	shown := r.Header.Get("Sec-Fetch-Dest") == "document" &&
		strings.HasPrefix(answer.Headers["content-type"], "text/html")
	before, after, found := strings.Cut(answer.Body, "</body>")
	if !m.cfg.Bar || !shown || !found || answer.IsBase64Encoded {
		return answer
	}
	back := "/"
	if r.Method == http.MethodGet {
		back = r.URL.RequestURI()
	}
	var bar bytes.Buffer
	err := templates.ExecuteTemplate(&bar, "bar.html", map[string]any{"Back": back, "Now": m.Clock.Now().UTC()})
	if !m.logged(r.Context(), "the bar of one machine", err) {
		return answer
	}
	answer.Body = before + bar.String() + "</body>" + after
	return answer
}

// ownPath reports whether a path leads to a page of this machine.
func ownPath(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(text, "/") &&
		!strings.HasPrefix(text, "//") && !strings.Contains(text, "\\")
}

// linked is a text as HTML, with its links as links.
func linked(text string) template.HTML {
	text = escapedURL.ReplaceAllString(template.HTMLEscapeString(text), `<a href="$0">$0</a>`)
	return template.HTML(text) // #nosec G203 -- it is escaped
}

// escapedURL is a URL in escaped text: of what is escaped, it may hold an ampersand. The mark that
// ends its sentence isn't part of it.
var escapedURL = regexp.MustCompile(`https?://(?:[^\s&]|&amp;)*(?:[^\s&.,;:!?)]|&amp;)`)
