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

var address = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)]`)

// linked is a text with its links as links.
func linked(text string) template.HTML {
	escaped := template.HTMLEscapeString
	var b strings.Builder
	end := 0
	for _, at := range address.FindAllStringIndex(text, -1) {
		link := escaped(text[at[0]:at[1]])
		b.WriteString(escaped(text[end:at[0]]) + `<a href="` + link + `">` + link + `</a>`)
		end = at[1]
	}
	b.WriteString(escaped(text[end:]))
	return template.HTML(b.String()) // #nosec G203 -- each piece is escaped above
}
