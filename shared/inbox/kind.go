package inbox

import (
	"slices"
	"strings"

	"github.com/emersion/go-message/textproto"

	"example.org/mend/shared/inbox/language"
	"example.org/mend/shared/inbox/mime"
)

// Kind is what sort of mail a message is.
type Kind string

// The kinds of mail. Only a [Reply] and a [Forwarded] message carry somebody's words to keep.
const (
	Reply       Kind = "reply"
	Forwarded   Kind = "forwarded"    // somebody else's mail passed on; Words is what was written above it
	Empty       Kind = "empty"        // from a person, and nothing in it is theirs
	Automatic   Kind = "automatic"    // a machine answered: RFC 3834, and responders that do not say so
	Bounce      Kind = "bounce"       // RFC 3464, and mail systems that do not follow it
	Complaint   Kind = "complaint"    // a feedback report, RFC 5965
	ReadReceipt Kind = "read-receipt" // RFC 8098, and those without it
	NotOurs     Kind = "not-ours"     // an invitation: no answer to a letter
)

// FromPerson reports whether a person wrote the mail to us. Everything else
// never becomes a reply and never causes mail (RFC 3834 section 2).
func (k Kind) FromPerson() bool { return k == Reply || k == Forwarded || k == Empty }

// judge decides what kind of mail this is: first by what its structure says, then its headers, then
// how mail systems word it that follow no standard.
func (m *Message) judge(mail mime.Message) {
	if m.Kind == Empty && mail.Attached {
		m.Kind = Forwarded
	}
	header, subject := mail.Header, language.Fold(m.Subject)
	switch {
	case mail.Reports&mime.ComplaintReport != 0:
		m.Kind = Complaint
	case mail.Reports&mime.FailureReport != 0:
		m.Kind = Bounce
	case mail.Reports&mime.DeliveryReport != 0:
		m.Kind = Automatic
	case mail.Reports&mime.DispositionReport != 0, language.Receipts.Begins(subject) && m.saysReceipt(header):
		m.Kind = ReadReceipt // the second in the manner of old mail programs, without RFC 8098
	case header.Has("X-Failed-Recipients"), isDaemon(header) && language.Bounces.In(subject):
		m.Kind = Bounce
	case isAutomatic(header, subject):
		m.Kind = Automatic
	case mail.Invitation:
		m.Kind = NotOurs
	}
}

func (m *Message) saysReceipt(header textproto.Header) bool {
	return strings.Contains(strings.ToLower(header.Get("Content-Type")), "disposition") ||
		language.ReceiptWords.In(language.Fold(m.Words))
}

// isDaemon reports the sender of bounces.
func isDaemon(header textproto.Header) bool {
	return isFrom(header, "mailer-daemon", "postmaster", "mail-daemon") ||
		strings.TrimSpace(header.Get("Return-Path")) == "<>"
}

// isFrom reports that an address of the From header begins with one of the names.
func isFrom(header textproto.Header, names ...string) bool {
	around := func(r rune) bool { return strings.ContainsRune(" \t\r\n<>,;:\"()[]'", r) }
	return slices.ContainsFunc(strings.FieldsFunc(header.Get("From"), around), func(field string) bool {
		local, _, _ := strings.Cut(strings.ToLower(field), "@")
		return local != field && slices.Contains(names, local)
	})
}

// automaticHeaders are set by machines that answer, to anything but "no" that has these words.
var automaticHeaders = map[string]string{
	"Auto-Submitted": "", "X-Autoreply": "", "X-Autorespond": "", "X-Autoresponder": "", "X-Auto-Reply": "",
	"X-Auto-Response": "", "X-Autoreply-From": "", "X-Mail-Autoreply": "", "X-Vacation": "",
	"X-Fc-Machinegenerated": "", "X-Ebay-Mailtracker": "", "X-Cron-Env": "", "X-Auto-Submitted": "",
	"X-Amavis-Alert": "", "X-Jira-Fingerprint": "", "X-Zendesk-Auto": "", "Precedence": "auto",
	"Return-Path": "<>", "X-Post-Messageclass": "autoresponder",
}

// isAutomatic follows RFC 3834 section 5, then what real responders send without it. Precedence,
// List-* and X-Auto-Response-Suppress prove nothing, because people's own servers set them.
func isAutomatic(header textproto.Header, subject string) bool {
	for field := header.Fields(); field.Next(); {
		words, ok := automaticHeaders[field.Key()]
		if !ok {
			continue
		}
		value := strings.ToLower(field.Value())
		token, _, _ := strings.Cut(value, ";")
		token, _, _ = strings.Cut(strings.TrimSpace(token), " ")
		if token != "" && token != "no" && token != "false" && strings.Contains(value, words) {
			return true
		}
	}
	if isFrom(header, "mailer-daemon", "autoreply", "auto-reply", "noreply", "no-reply", "donotreply", "do-not-reply",
		"autoresponder") {
		return true
	}
	return slices.ContainsFunc(language.Automatic.Phrases(), func(prefix string) bool {
		// One word alone may begin anybody's subject: "Vacation plans".
		rest, ok := strings.CutPrefix(subject, prefix)
		return ok &&
			(strings.Contains(prefix, " ") || rest == "" || strings.HasPrefix(strings.TrimLeft(rest, " "), ":"))
	})
}
