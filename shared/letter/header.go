package letter

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// appendPhrase appends a display name (RFC 5322 section 3.2.5): atoms as they are, other ASCII as a quoted
// string, anything else as encoded words. name is plain, so it holds no control character.
func appendPhrase(dst []byte, name string) []byte {
	ascii, atoms := true, true
	for i := range len(name) {
		c := name[i]
		ascii = ascii && c < utf8.RuneSelf
		atoms = atoms && (isAlphanumeric(c) || c == ' ' || c == '-' || c == '\'')
	}
	switch {
	case !ascii:
		return appendEncodedWords(dst, name)
	case atoms:
		return append(dst, name...)
	}
	dst = append(dst, '"')
	for i := range len(name) {
		if name[i] == '"' || name[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, name[i])
	}
	return append(dst, '"')
}

// appendUnstructured appends the text of a Subject (RFC 5322 section 3.6.5).
func appendUnstructured(dst []byte, text string) []byte {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return appendEncodedWords(dst, text)
		}
	}
	return append(dst, text...)
}

// appendEncodedWords follows RFC 2047: words of at most 75 characters, each of whole characters, on lines of
// their own. Base64 is allowed in every place where "Q" would have to be told which.
func appendEncodedWords(dst []byte, text string) []byte {
	const most = 45 // bytes: 60 characters of base64, and 12 around them
	for first := true; text != ""; first = false {
		n := min(len(text), most)
		for n < len(text) && !utf8.RuneStart(text[n]) {
			n--
		}
		if !first {
			dst = append(dst, "\r\n "...)
		}
		dst = append(dst, "=?utf-8?B?"...)
		dst = base64.StdEncoding.AppendEncode(dst, []byte(text[:n]))
		dst = append(dst, "?="...)
		text = text[n:]
	}
	return dst
}

// appendDate is RFC 5322 section 3.3, with a numeric zone.
func appendDate(dst []byte, at time.Time) []byte {
	return at.AppendFormat(dst, "Mon, 02 Jan 2006 15:04:05 -0700")
}

// The errors of [Composer.Compose] about what a header would hold. They never repeat it.
var (
	errAddress = errors.New("the address is missing or could not stand in a header")
	errReply   = errors.New("the reply address is not one of ours or could not stand in a header")
	errURL     = errors.New("a link is not an absolute http or https URL in printable ASCII")
	errID      = errors.New("the letter's id must be 1 to 100 letters, digits, dots, dashes and underscores")
)

// isMailbox checks an address that package person made, or a reply address, before it enters a header.
func isMailbox(mail string) bool {
	local, domain, ok := strings.Cut(mail, "@")
	return ok && local != "" && domain != "" && len(mail) <= 254 && isPrintable(mail) && !strings.ContainsAny(mail, ` <>"(),:;\[]`)
}

// isURL checks a link before it enters a header or an attribute.
func isURL(url string) bool {
	rest, ok := strings.CutPrefix(url, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(url, "http://") // the local run
	}
	return ok && rest != "" && len(url) <= 900 && isPrintable(url) && !strings.ContainsAny(url, " <>\"'`\\")
}

func isID(id string) bool {
	for i := range len(id) {
		if c := id[i]; !isAlphanumeric(c) && c != '-' && c != '_' && (c != '.' || i == 0 || i == len(id)-1 || id[i-1] == '.') {
			return false
		}
	}
	return id != "" && len(id) <= 100
}

func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
