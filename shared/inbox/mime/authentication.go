package mime

import (
	"regexp"
	"strings"
	"sync"
)

// AuthResult is one result of an Authentication-Results header (RFC 8601 section 2.2), such as
// "dkim=pass header.d=example.org".
type AuthResult struct {
	Method     string            // dkim, spf, dmarc, in lower case
	Value      string            // pass, fail, none, in lower case
	Properties map[string]string // by names in lower case, such as header.d and smtp.mailfrom
}

// mostAuthentication is how many bytes of the header are read.
const mostAuthentication = 16 << 10

// ParseAuthentication reads the value of an Authentication-Results header: the name of the service
// that checked the mail, in lower case, and what it found. Comments are left out. Values in
// quotation marks stay whole, because a sender chooses some of them. Amazon SES ends each property
// of SPF with a semicolon, so a property on its own belongs to the result before it.
func ParseAuthentication(header string) (service string, results []AuthResult) {
	if len(header) > mostAuthentication {
		return "", nil
	}
	for i, fields := range authenticationFields(header) {
		if i == 0 {
			if len(fields) > 0 {
				service = strings.ToLower(fields[0]) // a version may follow it
			}
			continue
		}
		for j, field := range fields {
			name, value, ok := strings.Cut(field, "=")
			name = strings.ToLower(name)
			switch {
			case !ok:
			case j == 0 && isMethod(name):
				method, _, _ := strings.Cut(name, "/") // its version
				results = append(results, AuthResult{method, strings.ToLower(value), map[string]string{}})
			case len(results) > 0:
				if of := results[len(results)-1].Properties; of[name] == "" {
					of[name] = strings.Trim(value, `"`)
				}
			}
		}
	}
	return service, results
}

// isMethod tells the start of a result from a property: SES's client-ip, envelope-from and helo.
func isMethod(name string) bool {
	switch method, _, _ := strings.Cut(name, "/"); method {
	case "client-ip", "envelope-from", "helo", "receiver", "identity":
		return false
	}
	return !strings.Contains(name, ".")
}

var aroundEquals = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\n*=\n*`) })

// authenticationFields cuts a header at semicolons, and each piece at white space that is not
// beside an "=". Comments, which may be nested (RFC 5322 section 3.2.2), are left out; one that
// never ends takes the rest. Nothing is cut within quotation marks.
func authenticationFields(s string) (pieces [][]string) {
	var out strings.Builder // NUL where a piece ends, LF where a field does
	depth, quoted, escaped := 0, false, false
	for i := range len(s) {
		c := s[i]
		switch {
		case c == 0:
			continue
		case escaped:
			escaped = false
		case c == '\\' && (quoted || depth > 0):
			escaped = true
		case c == '"' && depth == 0:
			quoted = !quoted
		case c == '(' && !quoted:
			depth++
		case c == ')' && !quoted && depth > 0:
			depth--
			continue
		case c == ';' && !quoted:
			c = 0
		}
		if strings.IndexByte(" \t\r\n", c) >= 0 {
			if c = ' '; !quoted {
				c = '\n'
			}
		}
		if depth == 0 {
			out.WriteByte(c)
		}
	}
	for piece := range strings.SplitSeq(aroundEquals().ReplaceAllString(out.String(), "="), "\x00") {
		pieces = append(pieces, strings.FieldsFunc(piece, func(r rune) bool { return r == '\n' }))
	}
	return pieces
}
