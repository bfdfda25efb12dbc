package inbox

import (
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
		m.Kind = Complaint
	case mail.Reports&mime.FailureReport != 0:
		m.Kind = Bounce
	case mail.Reports&mime.DeliveryReport != 0:
		m.Kind = Automatic
	case mail.Reports&mime.DispositionReport != 0 || isReceipt(m, header):
		m.Kind = ReadReceipt
	case isBounce(m, header):
		m.Kind = Bounce
	case isAutomatic(m, header):
		m.Kind = Automatic
	case mail.Invitation:
		m.Kind = NotOurs
	}
}

// automaticHeaders are set by machines that answer.
var automaticHeaders = strings.Fields(`X-Autoreply X-Autorespond X-Autoresponder X-Auto-Reply X-Auto-Response
	X-Autoreply-From X-Mail-Autoreply X-Vacation X-Fc-Machinegenerated X-Ebay-Mailtracker X-Cron-Env X-Failed-Recipients
	X-Auto-Submitted X-Amavis-Alert X-Jira-Fingerprint X-Zendesk-Auto`)

// isAutomatic follows RFC 3834 section 5, then what real responders send without it. Precedence, List-*
// and X-Auto-Response-Suppress prove nothing, because people's own servers set them.
func isAutomatic(m *Message, header textproto.Header) bool {
	if auto := firstToken(header.Get("Auto-Submitted")); auto != "" && auto != "no" {
		return true
	}
	if precedence := firstToken(header.Get("Precedence")); precedence == "auto_reply" || precedence == "auto-reply" {
		return true
	}
	for _, name := range automaticHeaders {
		if v := firstToken(header.Get(name)); v != "" && v != "no" && v != "false" {
			return true
		}
	}
	if hasNullSender(header) || strings.Contains(strings.ToLower(header.Get("X-Post-Messageclass")), "autoresponder") {
		return true
	}
	switch senderName(header) {
	case "mailer-daemon", "autoreply", "auto-reply", "noreply", "no-reply", "donotreply", "do-not-reply", "autoresponder":
		return true
	}
	subject := language.Fold(m.Subject)
	for _, prefix := range language.Automatic.Phrases() {
		// One word alone may begin anybody's subject: "Vacation plans".
		rest, ok := strings.CutPrefix(subject, prefix)
		if ok && (strings.Contains(prefix, " ") || rest == "" || strings.HasPrefix(strings.TrimLeft(rest, " "), ":")) {
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
	return language.Receipts.Begins(language.Fold(m.Subject)) &&
		(strings.Contains(strings.ToLower(header.Get("Content-Type")), "disposition") ||
			language.ReceiptWords.In(language.Fold(m.Words)) != "")
}

// isBounce reports a bounce without RFC 3464.
func isBounce(m *Message, header textproto.Header) bool {
	switch senderName(header) {
	case "mailer-daemon", "postmaster", "mail-daemon":
	default:
		if !header.Has("X-Failed-Recipients") && !hasNullSender(header) {
			return false
		}
	}
	return header.Has("X-Failed-Recipients") || language.Bounces.In(language.Fold(m.Subject)) != ""
}

// hasNullSender reports a Return-Path header that names nobody.
func hasNullSender(header textproto.Header) bool {
	return strings.TrimSpace(header.Get("Return-Path")) == "<>"
}
