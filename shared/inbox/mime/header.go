package mime

import (
	"strings"
	"unicode/utf8"

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
	value := strings.Trim(foldedSpace.Replace(values[0]), " \t")
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return ""
	}
	open := strings.LastIndexByte(value, '<')
	if open < 0 {
		if isPlainAddress(value) {
			return value
		}
		return ""
	}
	address, closed := strings.CutSuffix(value[open+1:], ">")
	if !closed || !isPlainAddress(address) || !isPhrase(strings.Trim(value[:open], " \t")) {
		return ""
	}
	return address
}

// foldedSpace unfolds a header (RFC 5322 section 2.2.3).
var foldedSpace = strings.NewReplacer("\r\n ", " ", "\r\n\t", " ")

// isPlainAddress reports a dot-atom, an @ and a host name (RFC 5322 section 3.4.1), and
// nothing else.
func isPlainAddress(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	if !ok || local == "" || host == "" || len(s) > 254 || strings.Contains(local, "=?") {
		return false
	}
	for _, r := range local {
		if r >= utf8.RuneSelf || !isAtom(r) && r != '.' {
			return false
		}
	}
	for _, r := range host {
		if r < utf8.RuneSelf && !('a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '.') {
			return false
		}
	}
	return true
}

func isAtom(r rune) bool {
	return r >= utf8.RuneSelf || 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' ||
		strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// isPhrase reports a name before an address: words, dots and encoded words, or one quoted string.
func isPhrase(s string) bool {
	if strings.ContainsAny(decodeWords(s), "<>") {
		return false
	}
	if inner, ok := strings.CutPrefix(s, `"`); ok {
		inner, ok = strings.CutSuffix(inner, `"`)
		return ok && !strings.ContainsAny(inner, `"\`)
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !isAtom(r) && r != '.' && r != ' ' && r != '\t' })
}

// BareAddress finds the only thing that looks like an address in s.
func BareAddress(s string) string {
	found := ""
	outside := func(r rune) bool { return strings.ContainsRune(" \t\r\n<>,;:\"()[]'", r) }
	for field := range strings.FieldsFuncSeq(s, outside) {
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
