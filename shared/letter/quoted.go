package letter

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// encoded is a piece of the text part in quoted-printable (RFC 2045 section 6.7), or of the HTML
// part in ASCII. A piece begins at the left margin, and all but the last end there: so pieces
// joined are the encoding of their texts joined.
type encoded string

// encode encodes a piece of the text part, in which every space and line end counts.
func encode(text string) encoded {
	return encoded(appendQuoted(make([]byte, 0, len(text)+len(text)/8), text))
}

// appendQuoted appends the encoding of s, whose lines end in "\n", to dst, whose last line it goes
// on with. That line does not end in a space if s begins with a line end.
func appendQuoted(dst []byte, s string) []byte {
	column := len(dst) - 1 - bytes.LastIndexByte(dst, '\n')
	for i := range len(s) {
		c := s[i]
		if c == '\n' {
			dst = append(dst, '\r', '\n')
			column = 0
			continue
		}
		width := 1
		endsLine := c == ' ' && i+1 < len(s) && s[i+1] == '\n' // where a space would be lost on the way
		if !literal[c] || endsLine {
			width = 3
		}
		if column += width; column >= 76 {
			dst = append(dst, "=\r\n"...)
			column = width
		}
		if width == 1 {
			dst = append(dst, c)
		} else {
			dst = append(dst, '=', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return dst
}

const hexDigits = "0123456789ABCDEF"

// literal is the bytes that stand for themselves: printable ASCII but "=", and the space.
var literal = func() (is [256]bool) {
	for c := byte(' '); c <= '~'; c++ {
		is[c] = c != '='
	}
	return is
}()

func encodeHTML(html string) encoded {
	return encoded(appendHTML(make([]byte, 0, len(html)+len(html)/8), html))
}

// appendHTML appends HTML so that it needs no transfer encoding: what is not ASCII is a character
// reference, and a line that gets long ends at a space, which means the same. No line begins with
// "From", which some mail stores alter. [escape] leaves no "=", so that no line of typed words is a
// boundary.
func appendHTML(dst []byte, s string) []byte {
	const most = 76
	line, space := len(dst), 0 // where the line begins, and where it has its last space
	for i, r := range s {
		switch {
		case r == '\n':
			dst = append(dst, '\r', '\n')
			line = len(dst)
			continue
		case r >= utf8.RuneSelf:
			dst = append(dst, "&#"...)
			dst = append(strconv.AppendInt(dst, int64(r), 10), ';')
		case r == ' ' && !bytes.HasSuffix(dst, []byte(" ")) && !strings.HasPrefix(s[i+1:], " ") &&
			!strings.HasPrefix(s[i+1:], "From"):
			space = len(dst)
			fallthrough
		default:
			dst = append(dst, byte(r))
		}
		if len(dst)-line > most && space > line {
			dst = append(dst, 0)
			copy(dst[space+2:], dst[space+1:])
			dst[space], dst[space+1] = '\r', '\n'
			line = space + 2
		}
	}
	return dst
}
