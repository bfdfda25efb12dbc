package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"example.org/mend/content"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
)

// sampleCard is the card that the landing page shows: a page that says plainly what Mend is about.
const sampleCard = "amends.the-whole-sentence"

// sampleLetter is the letter that the landing page shows.
func sampleLetter(svc services) (template.HTML, error) {
	cards := svc.library.All()
	i := slices.IndexFunc(cards, func(c *content.Card) bool { return c.ID == sampleCard })
	if i < 0 {
		return "", fmt.Errorf("the library has no card %s", sampleCard)
	}
	return letterHTML(svc, letter.Head{
		Name: "Robin", At: time.Date(2026, time.March, 2, 7, 30, 0, 0, time.UTC),
		Reply: "sample@" + svc.ReplyDomain, Preferences: svc.Site + "/", Stop: svc.Site + "/",
	}, letter.CheckIn{Card: cards[i]})
}

// letterHTML is a letter in full as part of a page: without links, and without the styles that the
// pages' policy forbids.
func letterHTML(svc services, head letter.Head, body letter.Body) (template.HTML, error) {
	head.To, head.Locale, head.ID, head.Privacy = mend.StoredAddress("robin@example.org"), "en", "sample", mend.Quotes
	composed, err := svc.letters.Compose(head, body)
	if err != nil {
		return "", err
	}
	page, err := htmlPart(composed.Raw)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for n := range page.Descendants() {
		switch n.DataAtom {
		case atom.H1: // the page has one of its own
			n.Data = "h2"
		case atom.H2:
			n.Data = "h3"
		case atom.A: // looks like a link, and leads nowhere
			n.Data = "u"
		}
		n.Attr = keepAttrs(n.Attr, "class", "dir", "lang")
	}
	for n := range page.Descendants() {
		if n.DataAtom == atom.Main {
			for child := range n.ChildNodes() {
				if err := html.Render(&out, child); err != nil {
					return "", err
				}
			}
		}
	}
	return template.HTML(out.String()), nil // our own composer escaped it
}

// htmlPart finds the HTML of a letter of ours: multipart/alternative, quoted-printable.
func htmlPart(raw []byte) (*html.Node, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("a letter without HTML")
		}
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			return html.Parse(quotedprintable.NewReader(part))
		}
	}
}

func keepAttrs(all []html.Attribute, names ...string) (kept []html.Attribute) {
	for _, a := range all {
		for _, name := range names {
			if a.Key == name {
				kept = append(kept, a)
			}
		}
	}
	return kept
}

func (h *Handler) landing(w http.ResponseWriter, _ *http.Request) error {
	sample, err := h.sample()
	if err != nil {
		return fmt.Errorf("make the letter of the landing page: %w", err)
	}
	openPage(w)
	h.show(w, http.StatusOK, "landing", page{Title: "Mend: short letters for mending trust", Data: sample})
	return nil
}
