package mime

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
)

// decodeQuotedPrintable decodes RFC 2045 section 6.7 and lets damage stand as it is. whole is
// false if there was any. It works in place.
func decodeQuotedPrintable(raw []byte) (decoded []byte, whole bool) {
	whole = true
	out := raw[:0]
	for {
		plain, rest, found := bytes.Cut(raw, []byte{'='})
		out = append(out, plain...)
		if raw = rest; !found {
			return out, whole
		}
		var octet [1]byte
		if len(raw) > 1 {
			if _, err := hex.Decode(octet[:], raw[:2]); err == nil {
				out, raw = append(out, octet[0]), raw[2:]
				continue
			}
		}
		// A soft line break, perhaps with blanks before its end.
		if end := bytes.TrimLeft(raw, " \t\r"); len(end) == 0 {
			raw = nil
		} else if end[0] == '\n' {
			raw = end[1:]
		} else {
			out, whole = append(out, '='), false
		}
	}
}

// CleanText makes a plain-text body that was taken out of its message what [Read] would have made
// of it.
func CleanText(text string) string { return undoEncoding(CleanLines(text)) }

// undoEncoding decodes text that was left quoted-printable because its header said otherwise:
// lines that end in = at the width at which encoders break them, and escapes of UTF-8.
func undoEncoding(text string) string {
	if !strings.Contains(text, "=\n") {
		return text
	}
	breaks, escapes := 0, 0
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasSuffix(line, "=") && len(line) >= 60 && len(line) <= 90 {
			breaks++
		}
		for i := 0; i+2 < len(line); i++ {
			if line[i] == '=' && strings.Trim(line[i+1:i+3], "0123456789ABCDEF") == "" {
				escapes++
			}
		}
	}
	if breaks < 2 || escapes < 2 {
		return text
	}
	decoded, _ := decodeQuotedPrintable([]byte(text))
	if !utf8.Valid(decoded) {
		return text
	}
	return string(decoded)
}

// decodeBase64 decodes RFC 2045 section 6.8 from whatever of its alphabet is there: bytes
// outside it are skipped, padding in the middle begins anew, a last group may be short.
func decodeBase64(raw []byte) (decoded []byte, whole bool) {
	whole = true
	out := make([]byte, 0, len(raw)/4*3+3)
	for piece := range bytes.SplitSeq(raw, []byte{'='}) {
		group := piece[:0] // the alphabet only, in place
		for _, c := range piece {
			if isBase64(c) {
				group = append(group, c)
			} else if c != '\r' && c != '\n' && c != ' ' && c != '\t' {
				whole = false
			}
		}
		if len(group)%4 == 1 {
			group, whole = group[:len(group)-1], false
		}
		out, _ = base64.RawStdEncoding.AppendDecode(out, group) // only bytes of the alphabet are left
	}
	return out, whole
}

// decodedSize reads a body, whose lines end in CRLF, and returns how many bytes it comes to.
func decodedSize(body io.Reader, encoding string) int64 {
	var size, equals, ends int64
	buffer := make([]byte, 4<<10)
	for n, err := 0, error(nil); err == nil; { // an error ends the count, no more
		n, err = body.Read(buffer)
		size += int64(n)
		equals += int64(bytes.Count(buffer[:n], []byte("=")))
		ends += int64(bytes.Count(buffer[:n], []byte("\n")))
	}
	switch encoding {
	case "base64":
		return (size - equals - 2*ends) * 3 / 4
	case "quoted-printable":
		return size - 2*equals
	}
	return size
}

// words decodes encoded words (RFC 2047) in any charset.
var words = mime.WordDecoder{CharsetReader: func(charset string, input io.Reader) (io.Reader, error) {
	e := lookupCharset(charset)
	if e == nil {
		e = encoding.Replacement
	}
	return e.NewDecoder().Reader(input), nil
}}

// maxHeaderValue is how much of one header is decoded.
const maxHeaderValue = 4 << 10

// decodeWords decodes a header value to one line of text.
func decodeWords(value string) string {
	if len(value) > maxHeaderValue {
		value = value[:maxHeaderValue]
	}
	if strings.Contains(value, "=?") {
		if decoded, err := words.DecodeHeader(value); err == nil {
			value = decoded
		}
	}
	value, _ = decodeCharset([]byte(value), "", "")
	return strings.Join(strings.Fields(value), " ")
}
