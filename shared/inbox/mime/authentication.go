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
// that checked the mail, in lower case, and what it found. Comments are left out. Values in quotation
// marks stay whole, because a sender chooses some of them. Amazon SES ends each property of SPF with a
// semicolon, so a property on its own belongs to the result before it.
func ParseAuthentication(header string) (service string, results []AuthResult) {
	if len(header) > mostAuthentication {
		return "", nil
	}
	for i, part := range splitUnquoted(withoutComments(header), ';') {
		fields := fieldsUnquoted(part)
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

var aroundEquals = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(` *= *`) })

// withoutComments takes the comments out, which may be nested (RFC 5322 section 3.2.2), and the white
// space around each "=". A comment that never ends takes the rest.
func withoutComments(s string) string {
	var out strings.Builder
	depth, quoted, escaped := 0, false, false
	for i := range len(s) {
		c := s[i]
		switch {
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
		}
		if depth == 0 {
			out.WriteByte(c)
		}
	}
	return aroundEquals().ReplaceAllString(strings.NewReplacer("\r", " ", "\n", " ", "\t", " ").Replace(out.String()), "=")
}

func splitUnquoted(s string, at byte) (parts []string) {
	quoted, escaped, start := false, false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case escaped:
			escaped = false
		case c == '\\' && quoted:
			escaped = true
		case c == '"':
			quoted = !quoted
		case c == at && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

func fieldsUnquoted(s string) (fields []string) {
	for _, field := range splitUnquoted(s, ' ') {
		if field != "" {
			fields = append(fields, field)
		}
	}
	return fields
}
