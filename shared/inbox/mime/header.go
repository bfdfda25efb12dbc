package mime

import (
	"net/mail"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// readHeader notes what the headers of the message say about it.
func (m *Message) readHeader(header textproto.Header) {
	m.Header = header
	m.From = addressOf(header)
	m.MessageID = messageID(header.Get("Message-Id"))
	m.InReplyTo = messageID(header.Get("In-Reply-To"))
	m.Subject = decodeWords(header.Get("Subject"))
	if date, err := mail.ParseDate(header.Get("Date")); err == nil {
		m.Date = date
	}
}

// addressOf is the one address of the From header; "" if there is none, or several.
func addressOf(header textproto.Header) string {
	values := header.Values("From")
	if len(values) != 1 || len(values[0]) > maxHeaderValue {
		return ""
	}
	parser := mail.AddressParser{WordDecoder: &words}
	if list, err := parser.ParseList(values[0]); err == nil {
		if len(list) == 1 {
			return list[0].Address
		}
		return ""
	}
	return BareAddress(values[0])
}

// BareAddress finds the only thing that looks like an address in s.
func BareAddress(s string) string {
	found := ""
	for _, field := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n<>,;:\"()[]'", r) }) {
		at := strings.IndexByte(field, '@')
		if at < 1 || at == len(field)-1 || strings.Count(field, "@") != 1 {
			continue
		}
		field = strings.Trim(field, ".")
		if found != "" && !strings.EqualFold(found, field) {
			return ""
		}
		found = field
	}
	return found
}

// messageID is the first message id of a header, without its brackets.
func messageID(value string) string {
	if open := strings.IndexByte(value, '<'); open >= 0 {
		value = value[open+1:]
		if end := strings.IndexByte(value, '>'); end >= 0 {
			value = value[:end]
		}
	} else {
		value, _, _ = strings.Cut(strings.TrimSpace(value), " ")
	}
	if value = strings.TrimSpace(value); len(value) > 998 || strings.ContainsAny(value, "\r\n") {
		return ""
	}
	return value
}
