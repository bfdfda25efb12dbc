package machine

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"

	"example.org/mend/shared/letter/lettersample"
	"example.org/mend/shared/local"
)

const (
	pageLetters  = 100  // on a page of the mailbox
	mostMessages = 1000 // listed at once
)

// listing is a letter in the mailbox, as /local/messages lists it.
type listing struct {
	ID      string    `json:"id"`
	To      string    `json:"to"`
	From    string    `json:"from"`
	Subject string    `json:"subject"`
	Date    time.Time `json:"date"`
	Kind    string    `json:"kind"`
}

func listingOf(d local.Letter) listing {
	return listing{d.ID, d.To, letterBox, text(headerOf(d.Raw), "Subject"), d.At, string(d.Kind)}
}

// messages are the last letters before the one that a request names, at most so many, the newest
// last.
func (m *Machine) messages(r *http.Request, most int) ([]listing, error) {
	letters, err := m.Mailbox.Page(r.Context(), r.FormValue("before"), limitOf(r, most))
	list := make([]listing, 0, len(letters))
	for _, d := range letters {
		list = append(list, listingOf(d))
	}
	return list, err
}

func (m *Machine) listMessages(w http.ResponseWriter, r *http.Request) error {
	list, err := m.messages(r, mostMessages)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, list)
}

// showMailbox lists the letters, the newest first, a page at a time.
func (m *Machine) showMailbox(w http.ResponseWriter, r *http.Request) error {
	list, err := m.messages(r, pageLetters)
	if err != nil {
		return err
	}
	older := ""
	if len(list) == pageLetters {
		older = list[0].ID
	}
	slices.Reverse(list)
	return writePage(w, "mailbox.html", map[string]any{
		"Messages": list, "Older": older, "Now": m.Clock.Now().UTC(),
		"Replied": r.FormValue("replied"), "Sent": r.FormValue("sent"),
	})
}

// letter is the letter with an id.
func (m *Machine) letter(r *http.Request, id string) (local.Letter, error) {
	d, err := m.Mailbox.Get(r.Context(), id)
	if errors.Is(err, fs.ErrNotExist) {
		return d, refusal{http.StatusNotFound, "There is no such letter."}
	}
	return d, err
}

// view is the letter that a request's path names, as its page shows it.
func (m *Machine) view(r *http.Request) (local.Letter, view, error) {
	d, err := m.letter(r, strings.TrimSuffix(r.PathValue("id"), ".eml"))
	if err != nil {
		return d, view{}, err
	}
	v, err := read(d.Raw)
	return d, v, err
}

// showMessage is a letter as a page, or, with .eml, its raw bytes.
func (m *Machine) showMessage(w http.ResponseWriter, r *http.Request) error {
	d, v, err := m.view(r)
	if err != nil {
		return err
	}
	if strings.HasSuffix(r.PathValue("id"), ".eml") {
		w.Header().Set("Content-Type", "message/rfc822")
		_, _ = w.Write(d.Raw)
		return nil
	}
	return writePage(w, "message.html", map[string]any{"Message": listingOf(d), "View": v})
}

// showHTML is the HTML part alone, for the frame of its page: no script runs in it, and its links
// open outside the frame.
func (m *Machine) showHTML(w http.ResponseWriter, r *http.Request) error {
	_, v, err := m.view(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "+
		"sandbox allow-same-origin allow-popups allow-top-navigation-by-user-activation")
	_, _ = io.WriteString(w, strings.Replace(v.HTML, "<head>", `<head><base target="_top">`, 1))
	return nil
}

// replyTo writes the mail that a client would, from the reply box of a letter's page.
func (m *Machine) replyTo(w http.ResponseWriter, r *http.Request) error {
	d, v, err := m.view(r)
	if err != nil {
		return err
	}
	if v.ReplyTo == "" {
		return refusal{http.StatusConflict, "This letter takes no replies."}
	}
	raw, err := writeReply(d.To, v, r.FormValue("words"), m.Clock.Now())
	if err != nil {
		return err
	}
	if _, err := m.receive(r.Context(), d.To, []string{v.ReplyTo}, raw, verdicts{}); err != nil {
		return err
	}
	http.Redirect(w, r, "/local/?replied="+d.ID, http.StatusSeeOther)
	return nil
}

// view is a letter as its page shows it.
type view struct {
	header     message.Header
	Headers    []field
	ReplyTo    string // "" if it takes no replies
	Text, HTML string
}

type field struct{ Name, Value string }

// headerOf is the header of a letter of ours.
func headerOf(raw []byte) message.Header {
	entity, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		return message.Header{}
	}
	return entity.Header
}

// text is the value of a header, decoded as far as it can be.
func text(h message.Header, name string) string {
	value, _ := h.Text(name)
	return value
}

// read takes a letter of ours apart.
func read(raw []byte) (v view, err error) {
	v.header = headerOf(raw)
	for fields := v.header.Fields(); fields.Next(); {
		value, _ := fields.Text()
		v.Headers = append(v.Headers, field{fields.Key(), value})
	}
	if to, err := mail.ParseAddress(text(v.header, "Reply-To")); err == nil {
		v.ReplyTo = to.Address
	}
	if v.Text, v.HTML, err = lettersample.Parts(raw); err != nil {
		return v, fmt.Errorf("read a letter: %w", err)
	}
	v.Text = unflow.Replace(v.Text)
	return v, nil
}

// unflow joins the lines of format=flowed (RFC 3676) that belong together. The line above a
// signature ends in a space too.
var unflow = strings.NewReplacer("\n-- \n", "\n-- \n", " \n", " ")

// writeReply is what a mail client sends when someone presses Reply: their words above the letter,
// quoted. Its id is made of all that is in it, so that two replies are two even while the clock
// stands, and a button that is pressed twice sends one.
func writeReply(from string, v view, words string, now time.Time) ([]byte, error) {
	var out bytes.Buffer
	var h mail.Header
	h.SetDate(now)
	id := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", text(v.header, "Message-Id"), words, now.UnixNano()))
	h.SetMessageID(fmt.Sprintf("reply-%x@local.mend.test", id[:16]))
	h.SetAddressList("From", []*mail.Address{{Address: from}})
	h.SetAddressList("To", []*mail.Address{{Address: v.ReplyTo}})
	h.SetSubject("Re: " + text(v.header, "Subject"))
	h.Set("In-Reply-To", text(v.header, "Message-Id"))
	h.SetContentType("text/plain", map[string]string{"charset": "utf-8"})
	body, err := mail.CreateSingleInlineWriter(&out, h)
	if err != nil {
		return nil, err
	}
	quoted := "> " + strings.ReplaceAll(strings.TrimSpace(v.Text), "\n", "\n> ")
	words = strings.ReplaceAll(strings.TrimSpace(words), "\r\n", "\n")
	_, err = fmt.Fprintf(body, "%s\n\nOn %s, %s wrote:\n%s",
		words, text(v.header, "Date"), text(v.header, "From"), quoted)
	return out.Bytes(), errors.Join(err, body.Close())
}
