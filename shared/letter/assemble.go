package letter

import (
	"strings"

	"example.org/mend/shared/mend"
)

// check refuses what would break a header.
func (c *Composer) check(h Head) error {
	if !isMailbox(h.To.Mail()) {
		return errAddress
	}
	if h.Reply != "" && !(isMailbox(h.Reply) && strings.HasSuffix(h.Reply, "@"+c.cfg.ReplyDomain)) {
		return errReply
	}
	for _, url := range [...]string{h.Preferences, h.Stop, h.OneClick, h.Page} {
		if url != "" && !isURL(url) {
			return errURL
		}
	}
	if !isID(h.ID) {
		return errID
	}
	return nil
}

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
func (c *Composer) sharedHeader() []byte {
	header := appendPhrase([]byte("From: "), c.cfg.SenderName)
	header = append(header, " <"+c.cfg.From.Mail()+">\r\n"...)
	header = appendPhrase(append(header, "List-Id: "...), c.cfg.SenderName)
	return append(header, " <"+c.cfg.ListDomain+">\r\n"+
		"Auto-Submitted: auto-generated\r\n"+
		"X-Auto-Response-Suppress: All\r\n"+
		"MIME-Version: 1.0\r\n"+
		`Content-Type: multipart/alternative; boundary="`+boundary+"\"\r\n"...)
}

// assemble puts header and parts together. What may be long stands on a line of its own: no line of a header passes 78
// characters but for a URL or an address that does by itself (RFC 5322 section 2.1.1 allows 998).
func (c *Composer) assemble(h Head, l *language, kind mend.Kind, subject string, s *sheet) []byte {
	const rest = 1500 // of header and delimiters, roughly
	m := make([]byte, 0, len(s.text)+len(s.html)+rest)

	m = append(m, "To: "...)
	if h.Name != "" && kind != mend.Confirmation {
		m = append(appendPhrase(m, h.Name), "\r\n "...)
	}
	m = append(append(append(m, '<'), h.To.Mail()...), ">\r\nSubject: "...)
	m = append(appendUnstructured(m, subject), "\r\nDate: "...)
	m = append(appendDate(m, h.At), "\r\nMessage-ID: <"...)
	m = append(append(append(append(m, h.ID...), '@'), c.cfg.ListDomain...), ">\r\n"...)
	m = append(m, c.from...)
	if h.Reply != "" {
		m = append(append(append(m, "Reply-To:\r\n <"...), h.Reply...), ">\r\n"...)
	}
	if h.OneClick != "" {
		m = append(append(m, "List-Unsubscribe:\r\n <"...), h.OneClick...)
		m = append(m, ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"...)
	}
	m = append(append(append(m, "Feedback-ID: "...), kind...), ':')
	m = append(append(append(m, c.cfg.ListDomain...), ":mendletters\r\nContent-Language: "...), l.tag...)
	m = append(m, "\r\n\r\n"...)

	m = append(append(m, textPart...), s.text...)
	m = append(append(m, htmlPart...), s.html...)
	return append(m, lastPart...)
}
