package mime

import (
	"regexp"
	"strings"
	"sync"

	"github.com/emersion/go-message/textproto"
)

// readHeader notes what the headers of the message say about it.
func (m *Message) readHeader(header textproto.Header) {
	m.Header = header
	m.From = addressOf(header)
	m.MessageID = messageID(header.Get("Message-Id"))
	m.Subject = decodeWords(header.Get("Subject"))
}

// addressOf is the address of the From header, "" unless there is one header in one of the forms
//
//	ann@example.org
//	Ann Example <ann@example.org>
//
// It counts as proof of who wrote, so whatever two programs may read differently is
// refused: comments, groups, routes, several addresses, brackets or an unquoted @ in the
// name, quoted local parts.
func addressOf(header textproto.Header) string {
	values := header.Values("From")
	if len(values) != 1 || len(values[0]) > maxHeaderValue {
		return ""
	}
	found := fromHeader().FindStringSubmatch(foldedSpace.Replace(values[0]))
	if found == nil || strings.ContainsAny(decodeWords(found[1]), "<>") {
		return ""
	}
	address := found[2] + found[3]
	if len(address) > 254 || strings.Contains(address, "=?") {
		return ""
	}
	return address
}

// fromHeader is a name, of words, dots and encoded words or one quoted string, and an address in
// brackets; or an address alone. An address is a dot-atom, an @ and a host name (RFC 5322 section
// 3.4.1), and nothing else.
var fromHeader = sync.OnceValue(func() *regexp.Regexp {
	const (
		atoms   = "a-zA-Z0-9!#$%&'*+/=?^_`{|}~."
		address = "([" + atoms + `-]+@[a-zA-Z0-9.\x{80}-\x{10ffff}-]+)`
		name    = `("[^"\\\x00-\x08\x0a-\x1f\x7f]*"|[` + atoms + `\x{80}-\x{10ffff} \t-]*)`
	)
	return regexp.MustCompile(`^[ \t]*(?:` + name + `[ \t]*<` + address + `>|` + address + `)[ \t]*$`)
})

// foldedSpace unfolds a header (RFC 5322 section 2.2.3).
var foldedSpace = strings.NewReplacer("\r\n ", " ", "\r\n\t", " ")

// messageID is the first message id of a header, without its brackets.
func messageID(value string) string {
	if _, after, bracketed := strings.Cut(value, "<"); bracketed {
		value, _, _ = strings.Cut(after, ">")
	} else {
		value, _, _ = strings.Cut(strings.TrimSpace(value), " ")
	}
	if value = strings.TrimSpace(value); len(value) > 998 || strings.ContainsAny(value, "\r\n") {
		return ""
	}
	return value
}
