package letter

// encoded is quoted-printable (RFC 2045 section 6.7) that begins and ends at the left margin: its last line ends
// in CRLF, or in a soft line break. So any two of them joined are the encoding of their texts joined.
type encoded string

func encode(s string) encoded { return encoded(appendQuoted(make([]byte, 0, len(s)+len(s)/8), s)) }

// appendQuoted appends the encoding of s, whose lines end in "\n", to dst, which ends at the left margin.
func appendQuoted(dst []byte, s string) []byte {
	column := 0
	for i := range len(s) {
		c := s[i]
		if c == '\n' {
			dst = append(dst, '\r', '\n')
			column = 0
			continue
		}
		width := 1
		if !literal[c] || endsLine(s, i) {
			width = 3
		}
		if column += width; column >= 76 {
			dst = append(dst, '=', '\r', '\n')
			column = width
		}
		if width == 1 {
			dst = append(dst, c)
		} else {
			dst = append(dst, '=', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	if column > 0 {
		dst = append(dst, '=', '\r', '\n')
	}
	return dst
}

// endsLine reports a space before the end of a line, which would be lost on the way. At the end of the text it
// is safe before the soft line break.
func endsLine(s string, i int) bool {
	return s[i] == ' ' && i+1 < len(s) && s[i+1] == '\n'
}

const hexDigits = "0123456789ABCDEF"

// literal is the bytes that stand for themselves: printable ASCII but "=", and the space.
var literal = func() (is [256]bool) {
	for c := byte(' '); c <= '~'; c++ {
		is[c] = c != '='
	}
	return is
}()
