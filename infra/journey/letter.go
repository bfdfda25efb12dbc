package journey

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"testing"
)

// readLetter is a letter taken apart by the standard library, which knows nothing of
// how it was made.
type readLetter struct {
	header  mail.Header
	subject string
	from    string
	replyTo string
	text    string // its lines joined where they flow (RFC 3676)
	html    string
}

func (l Letter) read(t *testing.T) readLetter {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(l.Raw))
	if err != nil {
		t.Fatalf("the %s is not a message: %v", l.Kind, err)
	}
	r := readLetter{header: m.Header}
	if r.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatalf("the subject of the %s: %v", l.Kind, err)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || len(from) != 1 {
		t.Fatalf("the sender of the %s: %v, %v", l.Kind, from, err)
	}
	r.from = from[0].Address
	if to, err := m.Header.AddressList("Reply-To"); err == nil {
		r.replyTo = to[0].Address
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("the %s has the type %q (%v), want multipart/alternative", l.Kind, kind, err)
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return r
		}
		if err != nil {
			t.Fatalf("the parts of the %s: %v", l.Kind, err)
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil {
			t.Fatalf("a part of the %s: %v", l.Kind, err)
		}
		body := io.Reader(part)
		if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			body = quotedprintable.NewReader(part)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatalf("a part of the %s: %v", l.Kind, err)
		}
		switch kind {
		case "text/plain":
			r.text = string(text)
			if params["format"] == "flowed" {
				r.text = unflow(r.text)
			}
		case "text/html":
			r.html = string(text)
		}
	}
}

func unflow(text string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if strings.HasSuffix(line, " ") && line != "-- " {
			out.WriteString(line)
		} else {
			out.WriteString(line + "\n")
		}
	}
	return out.String()
}

// givesAway is what no subject and no sender's name may say.
var givesAway = regexp.MustCompile(
	`(?i)trust|betray|cheat|affair|relationship|partner|apolog|sorry|forgiv|mending|couple|break-?up`,
)

// check holds a letter to section 6 of the design. Each leads to the settings and stops with one
// click, but for a question at an address.
func (l Letter) check(t *testing.T, w World) {
	t.Helper()
	l.checkForm(t)
	if l.Kind == "confirmation" {
		return
	}
	r := l.read(t)
	h := r.header
	list := h.Get("List-Unsubscribe")
	if !strings.HasPrefix(list, "<"+w.Site()+"/stop/") || !strings.HasSuffix(list, ">") {
		t.Errorf("%s: List-Unsubscribe is %q", l.Kind, list)
	}
	if got := h.Get("List-Unsubscribe-Post"); got != "List-Unsubscribe=One-Click" {
		t.Errorf("%s: List-Unsubscribe-Post is %q", l.Kind, got)
	}
	for _, path := range []string{"/preferences/", "/stop/", "/help"} {
		if !strings.Contains(r.text, w.Site()+path) || !strings.Contains(r.html, w.Site()+path) {
			t.Errorf("%s: no link to %s in both parts", l.Kind, path)
		}
	}
}

// checkForm is what holds for every letter, the one after an erasure included.
func (l Letter) checkForm(t *testing.T) {
	t.Helper()
	r := l.read(t)
	h := r.header
	for name, want := range map[string]string{
		"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Mime-Version": "1.0",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", l.Kind, name, got, want)
		}
	}
	for _, name := range []string{"Date", "Message-Id", "Feedback-Id", "List-Id"} {
		if h.Get(name) == "" {
			t.Errorf("%s: no %s", l.Kind, name)
		}
	}
	if givesAway.MatchString(r.subject) || givesAway.MatchString(h.Get("From")) {
		t.Errorf("%s: the subject %q from %q gives somebody away", l.Kind, r.subject, h.Get("From"))
	}
	if h.Get("References") != "" || h.Get("In-Reply-To") != "" {
		t.Errorf("%s: it belongs to a thread", l.Kind)
	}
	if r.text == "" || r.html == "" {
		t.Errorf("%s: text of %d bytes, HTML of %d: want both", l.Kind, len(r.text), len(r.html))
	}
	local, _, _ := strings.Cut(r.replyTo, "@")
	if r.replyTo != "" && (len(local) > 64 || !strings.HasPrefix(local, "r+")) {
		t.Errorf("%s: the reply address is %q", l.Kind, r.replyTo)
	}
	if len(l.Raw) > 30<<10 {
		t.Errorf("%s: %d bytes, want under 30 KB", l.Kind, len(l.Raw))
	}
	for line := range bytes.SplitSeq(l.Raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") {
			t.Errorf("%s: a line of %d bytes, or with a bare line break (RFC 5322 section 2.1.1)", l.Kind, len(line))
		}
	}
}
