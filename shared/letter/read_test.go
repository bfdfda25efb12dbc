package letter

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
)

// received is a message as a mail client sees it.
type received struct {
	header     mail.Header
	subject    string
	text, html string
}

// read takes a message apart with the standard library.
func read(t testing.TB, raw []byte) received {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	r := received{header: m.Header}
	if r.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type is %q, %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for i, want := range []string{"text/plain; charset=utf-8; format=flowed", "text/html; charset=utf-8"} {
		part, err := parts.NextPart() // decodes quoted-printable
		if err != nil {
			t.Fatal(err)
		}
		if got := part.Header.Get("Content-Type"); got != want {
			t.Fatalf("part %d has type %q, want %q", i, got, want)
		}
		body, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		content := strings.ReplaceAll(string(body), "\r\n", "\n")
		if i == 0 {
			r.text = content
		} else {
			r.html = content
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Fatalf("after two parts came %v, want the end", err)
	}
	return r
}
