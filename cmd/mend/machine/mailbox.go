package machine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/quotedprintable"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // letters are UTF-8; a reader should not have to know
	"github.com/emersion/go-message/mail"

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
	return listing{d.ID, d.To, letterBox, headOf(d.Raw).Subject, d.At, string(d.Kind)}
}

// messages are the last letters before the one that a request names, at most so many, the newest last.
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
		w.Header().Set("X-Content-Type-Options", "nosniff")
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
	raw := writeReply(d.To, v, r.FormValue("words"), m.Clock.Now())
	if _, err := m.take(r.Context(), d.To, []string{v.ReplyTo}, raw, verdicts{}); err != nil {
		return err
	}
	m.soon(r.Context())
	http.Redirect(w, r, "/local/?replied="+d.ID, http.StatusSeeOther)
	return nil
}

// view is a letter as its page shows it.
type view struct {
	Headers                                 []header
	Subject, From, ReplyTo, MessageID, Date string
	Text, HTML                              string
}

type header struct{ Name, Value string }

// headOf is what the header of a letter says.
func headOf(raw []byte) (v view) {
	entity, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		return v
	}
	for fields := entity.Header.Fields(); fields.Next(); {
		text, err := fields.Text()
		if err != nil {
			text = fields.Value()
		}
		v.Headers = append(v.Headers, header{fields.Key(), text})
		switch fields.Key() {
		case "Subject":
			v.Subject = text
		case "From":
			v.From = text
		case "Message-Id":
			v.MessageID = text
		case "Date":
			v.Date = text
		case "Reply-To":
			if to, err := mail.ParseAddress(text); err == nil {
				v.ReplyTo = to.Address
			}
		}
	}
	return v
}

// read takes a letter of ours apart.
func read(raw []byte) (view, error) {
	v := headOf(raw)
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		return v, fmt.Errorf("read a letter: %w", err)
	}
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			return v, nil
		}
		if err != nil {
			return v, fmt.Errorf("read a letter: %w", err)
		}
		body, err := io.ReadAll(part.Body)
		if err != nil {
			return v, fmt.Errorf("read a letter: %w", err)
		}
		switch kind, _, _ := part.Header.(*mail.InlineHeader).ContentType(); kind {
		case "text/plain":
			v.Text = unflow.Replace(string(body))
		case "text/html":
			v.HTML = string(body)
		}
	}
}

// unflow joins the lines of format=flowed (RFC 3676) that belong together. The line above a signature ends in a space too.
var unflow = strings.NewReplacer("\r\n-- \r\n", "\n-- \n", " \r\n", " ", "\r\n", "\n")

// writeReply is what a mail client sends when somebody presses Reply: their words above the letter, quoted.
func writeReply(from string, v view, words string, now time.Time) []byte {
	var out bytes.Buffer
	oneLine := strings.NewReplacer("\r", " ", "\n", " ")
	for _, h := range []header{
		{"From", "<" + from + ">"}, {"To", "<" + v.ReplyTo + ">"},
		{"Subject", mime.QEncoding.Encode("utf-8", "Re: "+oneLine.Replace(v.Subject))},
		{"Date", now.Format(time.RFC1123Z)}, {"Message-ID", fmt.Sprintf("<reply-%d@local.mend.test>", now.UnixNano())},
		{"In-Reply-To", v.MessageID}, {"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"}, {"Content-Transfer-Encoding", "quoted-printable"},
	} {
		fmt.Fprintf(&out, "%s: %s\r\n", h.Name, h.Value)
	}
	out.WriteString("\r\n")
	body := quotedprintable.NewWriter(&out)
	_, _ = io.WriteString(body, strings.ReplaceAll(strings.TrimSpace(words), "\r\n", "\n")+"\n\n")
	fmt.Fprintf(body, "On %s, %s wrote:\n", v.Date, v.From)
	for line := range strings.Lines(strings.TrimSpace(v.Text)) {
		_, _ = io.WriteString(body, "> "+line)
	}
	_ = body.Close() // into memory
	return out.Bytes()
}
