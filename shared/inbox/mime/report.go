package mime

import (
	"bufio"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// maxReport is how much of a part of a report is read: of a mail that is sent back, its headers matter.
const maxReport = 64 << 10

// isReport reports the media types of the machine-readable parts.
func isReport(mediaType string) bool {
	switch mediaType {
	case "message/delivery-status", "message/global-delivery-status", "message/disposition-notification", "message/global-disposition-notification", "message/feedback-report":
		return true
	case "text/rfc822-headers", "message/global-headers":
		return true
	}
	return false
}

// readReportPart reads the fields of one such part. Fields come in groups with blank
// lines between; the first value of each counts.
func (r *reader) readReportPart(mediaType, body string) {
	fields := map[string]string{}
	if mediaType == "message/rfc822" {
		body, _, _ = strings.Cut(body, "\n\n")
	}
	for group := range strings.SplitSeq(body, "\n\n") {
		header, _ := textproto.ReadHeader(bufio.NewReader(strings.NewReader(strings.TrimLeft(group, "\n") + "\n\n")))
		for each := header.Fields(); each.Next(); {
			if key := strings.ToLower(each.Key()); fields[key] == "" {
				fields[key] = strings.Join(strings.Fields(each.Value()), " ")
			}
		}
	}
	m, report := &r.message, &r.message.Report
	recipient := typed(fields["final-recipient"])
	if recipient == "" {
		recipient = typed(fields["original-recipient"])
	}
	switch {
	case strings.HasSuffix(mediaType, "delivery-status"): // RFC 3464
		m.Reports |= DeliveryReport
		report.Recipient = recipient
		report.Action = strings.ToLower(fields["action"])
		report.Status, _, _ = strings.Cut(fields["status"], " ")
		report.Reason = typed(fields["diagnostic-code"])
	case strings.HasSuffix(mediaType, "disposition-notification"): // RFC 8098
		m.Reports |= DispositionReport
		report.Recipient = recipient
		report.Action = strings.ToLower(strings.TrimSpace(fields["disposition"][strings.LastIndexByte(fields["disposition"], ';')+1:]))
		report.MessageID = messageID(fields["original-message-id"])
	case mediaType == "message/feedback-report": // RFC 5965
		m.Reports |= ComplaintReport
		report.Reason = strings.ToLower(fields["feedback-type"])
		report.Recipient = BareAddress(fields["original-rcpt-to"])
	default: // the headers of the mail that it is about
		if report.MessageID == "" {
			report.MessageID = messageID(fields["message-id"])
		}
		if report.Recipient == "" {
			report.Recipient = BareAddress(fields["to"])
		}
	}
}

// typed takes the type off "rfc822; ann@example.org" and "smtp; 550 5.1.1 unknown".
func typed(value string) string {
	if _, rest, ok := strings.Cut(value, ";"); ok {
		value = rest
	}
	return strings.Trim(value, " <>")
}
