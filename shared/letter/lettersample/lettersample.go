// Package lettersample holds example data for letters that no one gets: previews and the letters in
// the docs.
package lettersample

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"time"

	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
)

// Config is that of an installation at mend.example.
var Config = letter.Config{
	Site: "https://mend.example", From: mend.StoredAddress("letters@mend.example"), SenderName: "Mend",
	ReplyDomain: "reply.mend.example", ListDomain: "letters.mend.example",
}

// Head is the head of a letter on a Monday morning in Berlin.
func Head() letter.Head {
	const token = "ab3k7q2mzfx5ytnc4w6ojdlh2s7r5e3g4i6k2m4o6q2s4u6w"
	return letter.Head{
		To: mend.StoredAddress("zoe@example.org"), Name: "Zoë", Locale: "en", Privacy: mend.Quotes,
		Cover: "Monday page", Number: 14,
		At: time.Date(2026, 3, 2, 7, 30, 0, 0, time.FixedZone("CET", 3600)), ID: "example-1-20260302",
		Reply:       "r+" + token + "@reply.mend.example",
		Preferences: "https://mend.example/preferences/" + token,
		Stop:        "https://mend.example/stop/" + token,
	}
}

// Parts takes a letter apart again: its text and its HTML, with LF at the ends of lines.
func Parts(raw []byte) (text, html string, err error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", "", err
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", "", err
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for _, part := range []*string{&text, &html} {
		p, err := r.NextPart()
		if err != nil {
			return "", "", err
		}
		content, err := io.ReadAll(p)
		if err != nil {
			return "", "", err
		}
		*part = strings.ReplaceAll(string(content), "\r\n", "\n")
	}
	return text, html, nil
}
