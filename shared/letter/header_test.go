package letter

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"strings"
	"testing"

	mailreader "github.com/emersion/go-message/mail"

	"example.org/mend/shared/mend"
)

// RFC 5322 section 2.1 and 2.1.1, RFC 2045 section 6.7: CRLF line ends alone, ASCII alone, header
// lines of at most 78 characters where they can be folded and 998 where not, lines of the text part
// of at most 76. In the HTML a URL may make a line longer, never near the 998 of 7bit.
func TestRawLines(t *testing.T) {
	c := newComposer(t)
	for _, s := range samples() {
		mail, err := c.Compose(s.head, s.body)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(mail.Raw); n > MostBytes {
			t.Errorf("%s has %d bytes, want at most %d", s.name, n, MostBytes)
		}
		lines := strings.Split(string(mail.Raw), "\r\n")
		body, isPage := false, false
		for _, line := range lines {
			if line == "" {
				body = true
			}
			if strings.ContainsAny(line, "\r\n\x00") ||
				strings.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
				t.Errorf("%s: bare line end or a byte that is not ASCII in %q", s.name, line)
			}
			isPage = isPage || strings.HasPrefix(line, "Content-Type: text/html")
			if body && !isPage && len(line) > 76 || isPage && len(line) > 200 ||
				!isPage && len(line) > 78 && strings.Contains(strings.TrimLeft(line, " "), " ") || len(line) > 998 {
				t.Errorf("%s: line of %d characters: %q", s.name, len(line), line)
			}
			if strings.HasSuffix(line, " ") {
				t.Errorf("%s: a space at the end of %q", s.name, line)
			}
		}
	}
}

func TestHeader(t *testing.T) {
	c := newComposer(t)
	h := headTo("zoe@example.org", "Zoë")
	always := map[string]string{
		"From":                      "Mend <letters@mend.example>",
		"Date":                      "Mon, 02 Mar 2026 07:30:00 +0100",
		"Message-Id":                "<k7q2-1-20260302@letters.mend.example>",
		"List-Id":                   "Mend <letters.mend.example>",
		"Auto-Submitted":            "auto-generated",
		"X-Auto-Response-Suppress":  "All",
		"Mime-Version":              "1.0",
		"References":                "",
		"In-Reply-To":               "",
		"Content-Transfer-Encoding": "",
		"Content-Language":          "en",
	}
	t.Run("a check-in", func(t *testing.T) {
		m := read(t, compose(t, c, h, pageOf(window)).Raw)
		wantFields(t, m.header, always)
		wantFields(t, m.header, map[string]string{
			"Reply-To":              "<" + h.Reply + ">",
			"List-Unsubscribe":      "<" + h.Stop + ">", // RFC 2369, RFC 8058
			"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
			"Feedback-Id":           "checkin:letters.mend.example:mendletters",
		})
	})
	t.Run("a sign-in link takes no reply and is no list mail", func(t *testing.T) {
		m := read(t, compose(t, c, transactional(h), SignIn{URL: "https://mend.example/signin/s1"}).Raw)
		wantFields(t, m.header, always)
		wantFields(t, m.header, map[string]string{
			"Reply-To":              "",
			"List-Unsubscribe":      "",
			"List-Unsubscribe-Post": "",
			"Feedback-Id":           "signin:letters.mend.example:mendletters",
		})
	})
	t.Run("each field stands once", func(t *testing.T) {
		for name, values := range read(t, compose(t, c, h, pageOf(window)).Raw).header {
			if len(values) != 1 {
				t.Errorf("%s stands %d times", name, len(values))
			}
		}
	})
}

func wantFields(t *testing.T, got mail.Header, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got.Get(name) != value {
			t.Errorf("%s: got %q, want %q", name, got.Get(name), value)
		}
	}
}

func compose(t testing.TB, c *Composer, h Head, b Body) Mail {
	t.Helper()
	m, err := c.Compose(h, b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// RFC 5322 section 3.4 and RFC 2047 section 5 (3): whatever the name, To is one mailbox, with the
// name as letters show it.
func TestNamesInTo(t *testing.T) {
	c := newComposer(t)
	for _, tt := range []struct{ name, want string }{
		{"Zoë", "Zoë"},
		{"O'Brien", "O'Brien"},
		{"李", "李"},
		{"إيمان", "إيمان"},
		{`Ann "the boss" \ Smith (home), <x@example.org>`, `Ann "the boss" \ Smith (home), <x@example.org>`},
		{"J. R. Smith", "J. R. Smith"},
		{"=?utf-8?q?=41?=", "=?utf-8?q?=41?="},
		{"Ann\r\nBcc: all@example.org", "Ann Bcc: all@example.org"},
		{"Ann\x00\x1b[31m\u0085", "Ann [31m"},
		{"\u202eAnn\u2066", "Ann"},
		{"  ", ""},
		{"Ann\xff", "Ann\uFFFD"},
		{strings.Repeat("👩‍👩‍👧", 30_000), strings.Repeat("👩‍👩‍👧", 11) + "…"},
	} {
		m := read(t, compose(t, c, headTo("zoe@example.org", tt.name), pageOf(window)).Raw)
		to, err := mail.ParseAddressList(m.header.Get("To"))
		if err != nil || len(to) != 1 || to[0].Address != "zoe@example.org" || to[0].Name != tt.want {
			t.Errorf("name %.40q: To is %v, %v; want %q", tt.name, to, err, tt.want)
		}
		if m.header.Get("Bcc") != "" {
			t.Errorf("name %q made a header of its own", tt.name)
		}
	}
}

// RFC 2047 section 2: an encoded word has at most 75 characters, and holds whole characters.
func TestEncodedWords(t *testing.T) {
	text := strings.Repeat("Grüße, 李 und إيمان. ", 12)
	encoded := encodedWords(text)
	for word := range strings.SplitSeq(encoded, "\r\n ") {
		one, err := new(mime.WordDecoder).Decode(word)
		if err != nil || len(word) > 75 || strings.Contains(one, "\uFFFD") {
			t.Errorf("word %q of %d characters decodes to %q, %v", word, len(word), one, err)
		}
	}
	got, err := new(mime.WordDecoder).DecodeHeader(strings.ReplaceAll(encoded, "\r\n", ""))
	if err != nil || got != text {
		t.Errorf("got %q, %v; want %q", got, err, text)
	}
}

// What would break a header is refused, and the error does not repeat it.
func TestComposeRefuses(t *testing.T) {
	c := newComposer(t)
	good := headTo("zoe@example.org", "Zoë")
	head := func(change func(*Head)) Head {
		h := good
		change(&h)
		return h
	}
	for _, tt := range []struct {
		name string
		head Head
		body Body
		want error
	}{
		{"no recipient", head(func(h *Head) { h.To = mend.Address{} }), pageOf(window), errAddress},
		{"two recipients", head(func(h *Head) { h.To = mend.StoredAddress("secret@example.org, b@example.org") }),
			pageOf(window), errAddress},
		{"a line end in the recipient",
			head(func(h *Head) { h.To = mend.StoredAddress("secret@example.org\r\nBcc: b@example.org") }),
			pageOf(window), errAddress},
		{"no domain", head(func(h *Head) { h.To = mend.StoredAddress("secret") }), pageOf(window), errAddress},
		{"a reply address elsewhere", head(func(h *Head) { h.Reply = "secret@example.org" }),
			pageOf(window), errReply},
		{"a line end in the reply address", head(func(h *Head) { h.Reply = "r+secret\r\n@reply.mend.example" }),
			pageOf(window), errReply},
		{"a relative link", head(func(h *Head) { h.Stop = "/stop/secret" }), pageOf(window), errURL},
		{"a link that runs", head(func(h *Head) { h.Stop = "javascript:alert('secret')" }),
			pageOf(window), errURL},
		{"a link that closes its brackets",
			head(func(h *Head) { h.Stop = "https://mend.example/secret>, <mailto:x@example.org" }),
			pageOf(window), errURL},
		{"a link that closes its attribute",
			head(func(h *Head) { h.Preferences = `https://mend.example/secret"onclick=` }),
			pageOf(window), errURL},
		{"no id", head(func(h *Head) { h.ID = "" }), pageOf(window), errID},
		{"an id with a line end", head(func(h *Head) { h.ID = "secret\r\n" }), pageOf(window), errID},
		{"an id that is no dot-atom", head(func(h *Head) { h.ID = "secret..2" }), pageOf(window), errID},
		{"no body", good, nil, errBody},
		{"no month", good, Digest{}, errMonth},
		{"no card", good, CheckIn{}, errNoCard},
		{"an unknown question", good,
			CheckIn{Choice: choice{Card: window}, Housekeeping: Housekeeping{"secret", "https://mend.example/x"}},
			errName},
		{"a question without its page", good,
			CheckIn{Choice: choice{Card: window}, Housekeeping: Housekeeping{Name: "slower"}}, errURL},
		{"an unknown notice", good, Notice{Name: "secret", URL: ""}, errName},
		{"a notice with half a link", good, Notice{Name: "paused", URL: "secret"}, errURL},
		{"a promise with half a link", good, Promise{Words: "x", AnswerURL: "secret"}, errURL},
		{"a confirmation without its links", good, Confirmation{}, errURL},
		{"a sign-in without its link", good, SignIn{}, errURL},
	} {
		m, err := c.Compose(tt.head, tt.body)
		if err == nil || !strings.Contains(err.Error(), tt.want.Error()) || m.Raw != nil {
			t.Errorf("%s: got %v, want %v and no mail", tt.name, err, tt.want)
			continue
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error gives away what it was about: %v", tt.name, err)
		}
	}
}

// A second reader, of other people's making, finds the same parts.
func TestGoMessageReadsTheSame(t *testing.T) {
	c := newComposer(t)
	for _, s := range samples() {
		raw := compose(t, c, s.head, s.body).Raw
		want := read(t, raw)
		r, err := mailreader.CreateReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if subject, err := r.Header.Subject(); err != nil || subject != want.subject {
			t.Errorf("%s: subject %q, %v; want %q", s.name, subject, err, want.subject)
		}
		for _, part := range []string{want.text, want.html} {
			p, err := r.NextPart()
			if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			got, err := io.ReadAll(p.Body)
			if err != nil || strings.ReplaceAll(string(got), "\r\n", "\n") != part {
				t.Errorf("%s: the parts differ (%v)", s.name, err)
			}
		}
	}
}
