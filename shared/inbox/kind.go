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
	header := mail.Header
	switch {
	case mail.Reports&mime.ComplaintReport != 0:
		m.Kind, m.Report = Complaint, &mail.Report
	case mail.Reports&mime.DeliveryReport != 0:
		m.Kind, m.Report = Bounce, &mail.Report
		switch mail.Report.Action {
		case "delayed", "delivered", "relayed", "expanded":
			m.Kind = Automatic // news of a delivery, none of a failure
		}
	case mail.Reports&mime.DispositionReport != 0 || isReceipt(m, header):
		m.Kind, m.Report = ReadReceipt, &mail.Report
	case isBounce(m, header):
		m.Kind, m.Report = Bounce, bounceFromText(m, header)
	case isAutomatic(m, header):
		m.Kind = Automatic
	case mail.Invitation:
		m.Kind = NotOurs
	}
}

// isAutomatic follows RFC 3834 section 5, then what real responders send without it. Precedence, List-*
// and X-Auto-Response-Suppress prove nothing, because people's own servers set them.
func isAutomatic(m *Message, header textproto.Header) bool {
	if auto := firstToken(header.Get("Auto-Submitted")); auto != "" && auto != "no" {
		return true
	}
	if precedence := firstToken(header.Get("Precedence")); precedence == "auto_reply" || precedence == "auto-reply" {
		return true
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Auto-Response", "X-Autoreply-From", "X-Mail-Autoreply", "X-Vacation", "X-Fc-Machinegenerated", "X-Ebay-Mailtracker", "X-Cron-Env", "X-Failed-Recipients", "X-Auto-Submitted", "X-Amavis-Alert", "X-Jira-Fingerprint", "X-Zendesk-Auto"} {
		if v := firstToken(header.Get(name)); v != "" && v != "no" && v != "false" {
			return true
		}
	}
	if returnPath := strings.TrimSpace(header.Get("Return-Path")); returnPath == "<>" {
		return true
	}
	if class := strings.ToLower(header.Get("X-Post-Messageclass")); strings.Contains(class, "autoresponder") {
		return true
	}
	switch senderName(header) {
	case "mailer-daemon", "autoreply", "auto-reply", "noreply", "no-reply", "donotreply", "do-not-reply", "autoresponder":
		return true
	}
	subject := language.Fold(m.Subject)
	for _, prefix := range language.Phrases(language.Automatic) {
		// One word alone may begin anybody's subject: "Vacation plans".
		if rest, ok := strings.CutPrefix(subject, prefix); ok && (strings.Contains(prefix, " ") || rest == "" || strings.HasPrefix(strings.TrimLeft(rest, " "), ":")) {
			return true
		}
	}
	return false
}

func firstToken(value string) string {
	token, _, _ := strings.Cut(value, ";")
	token, _, _ = strings.Cut(strings.TrimSpace(token), " ")
	return strings.ToLower(token)
}

// senderName is the local part of the From header, read leniently, in lower case.
func senderName(header textproto.Header) string {
	local, _, _ := strings.Cut(strings.ToLower(mime.BareAddress(header.Get("From"))), "@")
	return local
}

// isReceipt reports a read receipt in the manner of old mail programs, without RFC 8098.
func isReceipt(m *Message, header textproto.Header) bool {
	subject := language.Fold(m.Subject)
	for _, prefix := range []string{"read:", "gelesen:", "lu:", "lu :", "leido:", "letto:", "lida:", "gelezen:", "last:", "lest:", "przeczytano:", "прочитано:", "已读:", "開封済み:", "disposition notification", "return receipt", "read receipt", "lesebestatigung", "empfangsbestatigung"} {
		if strings.HasPrefix(subject, prefix) {
			text := language.Fold(m.Words)
			return strings.Contains(strings.ToLower(header.Get("Content-Type")), "disposition") || strings.Contains(text, "was read on") || strings.Contains(text, "wurde am") || strings.Contains(text, "receipt") || strings.Contains(text, "a ete lu")
		}
	}
	return false
}

// isBounce reports a bounce without RFC 3464.
func isBounce(m *Message, header textproto.Header) bool {
	local := senderName(header)
	daemon := local == "mailer-daemon" || local == "postmaster" || local == "mail-daemon" || header.Has("X-Failed-Recipients") || strings.TrimSpace(header.Get("Return-Path")) == "<>"
	if !daemon {
		return false
	}
	if header.Has("X-Failed-Recipients") {
		return true
	}
	subject := language.Fold(m.Subject)
	return slices.ContainsFunc(language.Phrases(language.Bounces), func(phrase string) bool {
		return strings.Contains(subject, phrase)
	})
}

// bounceFromText finds the address and the status in the text of a bounce that
// has no machine-readable part.
func bounceFromText(m *Message, header textproto.Header) *Report {
	report := &Report{Recipient: mime.BareAddress(header.Get("X-Failed-Recipients")), Action: "failed"}
	for _, l := range m.Lines {
		if report.Recipient == "" {
			report.Recipient = mime.BareAddress(l.Text)
		}
		if status := statusIn(l.Text); status != "" && report.Status == "" {
			report.Status, report.Reason = status, strings.TrimSpace(l.Text)
		}
	}
	return report
}

// statusIn finds an enhanced status code (RFC 3463) of class 4 or 5.
func statusIn(s string) string {
	for _, field := range strings.FieldsFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }) {
		class, rest, ok := strings.Cut(strings.Trim(field, "."), ".")
		subject, detail, ok2 := strings.Cut(rest, ".")
		if ok && ok2 && (class == "4" || class == "5") && len(subject) >= 1 && len(subject) <= 3 && len(detail) >= 1 && len(detail) <= 3 && !strings.Contains(detail, ".") {
			return class + "." + subject + "." + detail
		}
	}
	return ""
}
