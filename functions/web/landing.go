package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"mime"
	"mime/multipart"
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

// sampleCards are the cards of the letters that the landing page shows. The page's reply answers the
// first one's question.
var sampleCards = []string{"amends.the-whole-sentence", "foundations.the-word-fine", "apart.the-changed-hour"}

// sampleLetter is a letter of the landing page.
type sampleLetter struct {
	Title, Path string
	Question    string
	Letter      template.HTML
}

// headings are one level lower among those of a page that has a heading of its own.
var headings = strings.NewReplacer("<h1>", "<h2 class=\"title\">", "</h1>", "</h2>", "<h2>", "<h3>", "</h2>", "</h3>")

func sampleLetters(svc services) ([]sampleLetter, error) {
	cards := svc.library.All()
	var all []sampleLetter
	for _, id := range sampleCards {
		i := slices.IndexFunc(cards, func(c *content.Card) bool { return c.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("the library has no card %s", id)
		}
		c := cards[i]
		text, err := letterHTML(svc, time.Date(2026, time.March, 2, 7, 30, 0, 0, time.UTC), letter.CheckIn{Card: c})
		if err != nil {
			return nil, err
		}
		text = template.HTML(headings.Replace(string(text)))
		all = append(all, sampleLetter{c.Title, c.Path, c.Questions[0], text})
	}
	return all, nil
}

// letterHTML is a letter as part of a page, from its title to its question: without the greeting, the
// lines that an inbox needs, links, and the styles that the pages' policy forbids.
func letterHTML(svc services, at time.Time, body letter.Body) (template.HTML, error) {
	composed, err := svc.letters.Compose(letter.Head{
		To: mend.StoredAddress("robin@example.org"), Locale: "en", ID: "sample", Privacy: mend.Quotes, At: at,
	}, body)
	if err != nil {
		return "", err
	}
	page, err := htmlPart(composed.Raw)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for main := range page.Descendants() {
		if main.DataAtom != atom.Main {
			continue
		}
		greeted := false
		for n := range main.ChildNodes() {
			if !greeted && n.DataAtom == atom.P {
				greeted = true
				continue
			}
			asks := slices.ContainsFunc(n.Attr, func(a html.Attribute) bool {
				return a.Key == "class" && a.Val == "ask"
			})
			if err := html.Render(&out, plainly(n)); err != nil {
				return "", err
			}
			if asks {
				break
			}
		}
	}
	return template.HTML(out.String()), nil // our own composer escaped it
}

// plainly is a node without styles, and without links but that to the journal.
func plainly(n *html.Node) *html.Node {
	strip := func(n *html.Node) {
		toJournal := slices.ContainsFunc(n.Attr, func(a html.Attribute) bool {
			return a.Key == "href" && strings.HasSuffix(a.Val, "/journal")
		})
		n.Attr = keepAttrs(n.Attr, "class", "dir", "lang")
		switch {
		case toJournal:
			n.Attr = append(n.Attr, html.Attribute{Key: "href", Val: "/journal"})
		case n.DataAtom == atom.A:
			n.Data = "span"
		}
	}
	strip(n)
	for inner := range n.Descendants() {
		strip(inner)
	}
	return n
}

// htmlPart finds the HTML of a letter of ours.
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
		part, err := parts.NextPart() // decodes quoted-printable
		if errors.Is(err, io.EOF) {
			return nil, errors.New("a letter without HTML")
		}
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			return html.Parse(part)
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
	samples, err := h.samples()
	if err != nil {
		return fmt.Errorf("make the letters of the landing page: %w", err)
	}
	openPage(w)
	h.show(w, http.StatusOK, "landing", page{Title: "Mend: short letters for mending trust",
		Description: "Short emails that help you rebuild trust with someone you care about: an idea, one small thing to try, one question.", Data: samples})
	return nil
}
