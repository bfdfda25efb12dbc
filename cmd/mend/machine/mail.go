package machine

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // letters are UTF-8; a reader should not have to know
	"github.com/emersion/go-message/mail"

	"example.org/mend/functions/feedback"
	"example.org/mend/shared/local"
)

// view is a letter as its page shows it.
type view struct {
	Headers   []header
	Text      string
	HTML      string
	Subject   string
	From      string
	ReplyTo   string
	MessageID string
	Date      string
}

type header struct{ Name, Value string }

func subjectOf(raw []byte) string {
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return ""
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return m.Header.Get("Subject")
	}
	return subject
}

// read takes a letter of ours apart.
func read(raw []byte) (view, error) {
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil && !message.IsUnknownCharset(err) {
		return view{}, fmt.Errorf("read a letter: %w", err)
	}
	v := view{MessageID: r.Header.Get("Message-Id"), Date: r.Header.Get("Date")}
	v.Subject, _ = r.Header.Subject()
	v.From, _ = r.Header.Text("From")
	if to, err := r.Header.AddressList("Reply-To"); err == nil && len(to) > 0 {
		v.ReplyTo = to[0].Address
	}
	for fields := r.Header.Fields(); fields.Next(); {
		text, err := fields.Text()
		if err != nil {
			text = fields.Value()
		}
		v.Headers = append(v.Headers, header{fields.Key(), text})
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
			v.Text = unflow(string(body))
		case "text/html":
			v.HTML = string(body)
		}
	}
}

// unflow joins the lines of format=flowed (RFC 3676) that belong together.
func unflow(text string) string {
	var out strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasSuffix(line, " ") && line != "-- " {
			out.WriteString(line)
			continue
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

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

// feedbackEvent is the event that SES publishes about a letter.
func feedbackEvent(l local.Letter, what, detail string, now time.Time) (feedback.Event, error) {
	var e feedback.Event
	e.Mail.MessageID, e.Mail.Timestamp = l.ID, l.At
	e.Mail.Tags = map[string][]string{feedback.OccurrenceTag: {l.Occurrence}, feedback.AttemptTag: {l.Attempt}}
	switch what {
	case "delivery":
		e.EventType, e.Delivery.Timestamp = "Delivery", now
	case "complaint":
		e.EventType = "Complaint"
	case "bounce":
		e.EventType = "Bounce"
		switch detail {
		case "permanent", "":
			e.Bounce.BounceType = "Permanent"
		case "transient":
			e.Bounce.BounceType = "Transient"
		default:
			return e, fmt.Errorf("detail %q: a bounce is permanent or transient", detail)
		}
	default:
		return e, fmt.Errorf("event %q: it is bounce, complaint or delivery", what)
	}
	return e, nil
}
