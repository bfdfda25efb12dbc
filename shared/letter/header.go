package letter

import (
	"mime"
	"strings"

	"example.org/mend/shared/mend"
)

const (
	boundary = "=_mend"
	textPart = "--" + boundary + "\r\n" +
		"Content-Type: text/plain; charset=utf-8; format=flowed\r\n" +
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	htmlPart = "\r\n--" + boundary + "\r\n" +
		"Content-Type: text/html; charset=utf-8\r\n\r\n" // 7bit by default (RFC 2045 section 6.1)
	lastPart = "\r\n--" + boundary + "--\r\n"
)

// sharedHeader is the header lines that are the same in all letters.
func sharedHeader(cfg Config) []byte {
	header := appendPhrase([]byte("From: "), cfg.SenderName)
	header = appendPhrase(appendAll(header, " <", cfg.From.Mail(), ">\r\nList-Id: "), cfg.SenderName)
	return appendAll(header, " <", cfg.ListDomain, ">\r\n",
		"Auto-Submitted: auto-generated\r\n",
		"X-Auto-Response-Suppress: All\r\n",
		"MIME-Version: 1.0\r\n",
		`Content-Type: multipart/alternative; boundary="`, boundary, "\"\r\n")
}

// assemble puts header and parts together. What may be long stands on a line of its own: no line
// of a header passes 78 characters but for a URL or an address that does by itself (RFC 5322
// section 2.1.1 allows 998).
func (c *Composer) assemble(d *draft, kind mend.Kind) []byte {
	const header = 1500 // and delimiters, roughly
	m := append(make([]byte, 0, len(d.text)+len(d.html)+header), "To: "...)
	if d.Name != "" {
		m = append(appendPhrase(m, d.Name), "\r\n "...)
	}
	m = appendAll(m, "<", d.To.Mail(), ">\r\nSubject: ", encodedWords(d.subject))
	m = d.At.AppendFormat(append(m, "\r\nDate: "...), "Mon, 02 Jan 2006 15:04:05 -0700") // RFC 5322 section 3.3
	m = appendAll(m, "\r\nMessage-ID: <", d.ID, "@", c.cfg.ListDomain, ">\r\n")
	m = append(m, c.from...)
	if d.Reply != "" {
		m = appendAll(m, "Reply-To:\r\n <", d.Reply, ">\r\n")
	}
	if d.Stop != "" {
		m = appendAll(m, "List-Unsubscribe:\r\n <", d.Stop, ">\r\n",
			"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
	}
	m = appendAll(m, "Feedback-ID: ", string(kind), ":", c.cfg.ListDomain, ":mendletters\r\n",
		"Content-Language: ", d.tag, "\r\n\r\n", textPart)
	m = append(append(m, d.text...), htmlPart...)
	return append(append(m, d.html...), lastPart...)
}

func appendAll(dst []byte, parts ...string) []byte {
	for _, part := range parts {
		dst = append(dst, part...)
	}
	return dst
}

// appendPhrase appends a display name (RFC 5322 section 3.2.5): atoms as they are, other ASCII as a
// quoted string, anything else as encoded words. name is plain, so it holds no control character.
func appendPhrase(dst []byte, name string) []byte {
	inQuotes := func(r rune) bool { return !isAlphanumeric(r) && !strings.ContainsRune(" -'", r) }
	switch words := encodedWords(name); {
	case words != name:
		return append(dst, words...)
	case strings.ContainsFunc(name, inQuotes):
		return appendAll(dst, `"`, quotedPairs.Replace(name), `"`)
	}
	return append(dst, name...)
}

var quotedPairs = strings.NewReplacer(`"`, `\"`, `\`, `\\`)

// encodedWords is a text as a header has it: ASCII as it is, anything else in base64 (RFC 2047),
// with each word on a line of its own.
func encodedWords(text string) string {
	words := mime.BEncoding.Encode("utf-8", text)
	if words == text {
		return text
	}
	return strings.ReplaceAll(words, " ", "\r\n ")
}

// check refuses what would break a header.
func (c *Composer) check(h Head) error {
	switch {
	case !isMailbox(h.To.Mail()):
		return errAddress
	case h.Reply != "" && !(isMailbox(h.Reply) && strings.HasSuffix(h.Reply, "@"+c.cfg.ReplyDomain)):
		return errReply
	case !isID(h.ID):
		return errID
	}
	for _, url := range [...]string{h.Preferences, h.Stop, h.Page} {
		if url != "" && !isURL(url) {
			return errURL
		}
	}
	return nil
}

// isMailbox checks an address that package mend made, or a reply address, before it
// enters a header.
func isMailbox(mail string) bool {
	local, domain, ok := strings.Cut(mail, "@")
	return ok && local != "" && domain != "" && len(mail) <= 254 && isPrintable(mail) &&
		!strings.ContainsAny(mail, ` <>"(),:;\[]`)
}

// isURL checks a link before it enters a header or an attribute.
func isURL(url string) bool {
	scheme, rest, ok := strings.Cut(url, "://") // the local run has http
	return ok && (scheme == "https" || scheme == "http") && rest != "" && len(url) <= 900 && isPrintable(url) &&
		!strings.ContainsAny(url, " <>\"'`\\")
}

// isID checks what stands before the @ of a Message-ID: atoms with dots between them.
func isID(id string) bool {
	for i, c := range id {
		if !isAlphanumeric(c) && c != '-' && c != '_' &&
			(c != '.' || i == 0 || i == len(id)-1 || id[i-1] == '.') {
			return false
		}
	}
	return id != "" && len(id) <= 100
}

func isPrintable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

func isAlphanumeric(c rune) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
