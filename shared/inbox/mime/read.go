package mime

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime"
	"slices"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// Read reads one message. What is too long, too deep or damaged is cut and flagged rather than
// refused, so the only errors are those of raw itself; even then the Message holds what could be
// read before it.
func Read(raw io.Reader) (Message, error) { return read(raw, false) }

// ReadAll reads a message with all of its alternatives, for a letter of our own.
func ReadAll(raw io.Reader) (Message, error) { return read(raw, true) }

func read(raw io.Reader, all bool) (Message, error) {
	source := &source{from: raw, left: mostRaw}
	r := reader{textLeft: mostText, all: all}

	repaired := newRepairer(bufio.NewReaderSize(source, 8<<10), "")
	body := bufio.NewReaderSize(repaired, 4<<10)
	header, err := textproto.ReadHeader(body)
	if err != nil && len(repaired.flags) == 0 {
		r.message.Flags.Add(BadHeaders)
	}
	r.message.Flags.Add(repaired.flags...)
	r.message.readHeader(header)
	r.message.Texts = r.entity(header, body, 0)
	if r.spare != nil && !hasWords(r.message.Texts) {
		r.message.Texts = []Text{r.spare.text}
		r.message.Flags.Add(r.spare.flags...)
		r.message.Attachments = slices.Delete(r.message.Attachments, r.spare.attachment, r.spare.attachment+1)
	}
	r.message.Flags.Add(repaired.flags...)
	if source.cut {
		r.message.Flags.Add(CutRaw)
	}
	if source.err != nil {
		return r.message, fmt.Errorf("read the message: %w", source.err)
	}
	return r.message, nil
}

// source reads at most left bytes and remembers why it ended.
type source struct {
	from io.Reader
	left int64
	cut  bool
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	if s.left <= 0 {
		n, _ := s.from.Read(p[:min(1, len(p))])
		s.cut = s.cut || n > 0
		return 0, io.EOF
	}
	n, err := s.from.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
		err = io.EOF
	}
	return n, err
}

// reader is the state of one Read.
type reader struct {
	message  Message
	textLeft int64
	parts    int
	all      bool // every alternative is read
	report   bool // the parts being read are those of a report
	spare    *spareText
}

// spareText is the first part that would be the body if the mail had no other: text of a subtype
// that we don't know, which counts as plain (RFC 2046 section 4.1.4), or text that has a name and
// is not said to be attached, as telephone networks and old mail programs send it.
type spareText struct {
	text       Text
	flags      Flags
	attachment int // where it stands among the attachments
}

// isData reports subtypes of text that a program is to read.
func isData(mediaType string) bool {
	switch strings.TrimPrefix(mediaType, "text/") {
	case "calendar", "vcard", "x-vcard", "directory", "csv", "css", "xml", "javascript", "rtf", "x-amp-html":
		return true
	}
	return false
}

// entity reads one part, with all parts within it, and returns its text.
func (r *reader) entity(header textproto.Header, body io.Reader, depth int) []Text {
	mediaType, params := contentType(header)
	if kind, ok := strings.CutPrefix(mediaType, "multipart/"); ok {
		if depth >= mostDepth {
			r.message.Flags.Add(CutDepth)
			return nil
		}
		return r.multipart(kind, params["boundary"], body, depth+1)
	}
	name := fileName(header, params)
	encoding, _, _ := strings.Cut(strings.ToLower(header.Get("Content-Transfer-Encoding")), ";")
	encoding = strings.TrimSpace(encoding)
	disposition, _, _ := strings.Cut(strings.ToLower(header.Get("Content-Disposition")), ";")
	toSave := strings.TrimSpace(disposition) == "attachment"
	attached := toSave || name != ""
	switch {
	case !attached && (mediaType == "text/plain" || mediaType == "text/html" || mediaType == "text/enriched"):
		return []Text{r.text(body, encoding, mediaType, params)}
	case isReport(mediaType) || r.report && mediaType == "message/rfc822":
		r.message.Reports |= reportKind(mediaType, string(r.readBytes(io.LimitReader(body, maxReport), encoding)))
		return nil
	case mediaType == "text/calendar" || mediaType == "application/ics":
		r.message.Flags.Add(Calendar)
		if params["method"] != "" {
			r.message.Invitation = true
		}
	case mediaType == "application/ms-tnef" || strings.EqualFold(name, "winmail.dat"):
		r.message.Flags.Add(TNEF)
		raw := r.readBytes(body, encoding)
		if words := tnefText(raw); words != "" && depth == 0 {
			return []Text{{Text: words}}
		}
		r.attach(name, mediaType, int64(len(raw)))
		return nil
	case strings.HasSuffix(mediaType, "pkcs7-mime"):
		return r.smime(params["smime-type"], r.readBytes(body, encoding), depth)
	case strings.HasSuffix(mediaType, "pkcs7-signature") || mediaType == "application/pgp-signature":
		r.message.Flags.Add(Signed)
		return nil
	case mediaType == "application/pgp-encrypted":
		r.message.Flags.Add(Encrypted)
		return nil
	case mediaType == "message/rfc822":
		r.message.Attached = true
	}
	if r.spare == nil && !toSave && strings.HasPrefix(mediaType, "text/") && !isData(mediaType) {
		flags, left := r.message.Flags, r.textLeft
		r.message.Flags = nil
		t := r.text(body, encoding, mediaType, params)
		r.attach(name, mediaType, left-r.textLeft)
		r.spare = &spareText{t, r.message.Flags, len(r.message.Attachments) - 1}
		r.message.Flags, r.textLeft = flags, left // what comes may be the body
		return nil
	}
	r.attach(name, mediaType, decodedSize(body, encoding))
	return nil
}

// text reads a part of text.
func (r *reader) text(body io.Reader, encoding, mediaType string, params map[string]string) Text {
	t := Text{r.readText(body, encoding, params["charset"], mediaType), mediaType == "text/html"}
	if !t.HTML {
		t.Text = undoEncoding(flowedFrom(params).unflow(t.Text))
	}
	return t
}

// maxReport is how much of a part of a report is read.
const maxReport = 64 << 10

// isReport reports the media types of the machine-readable parts.
func isReport(mediaType string) bool {
	return strings.HasSuffix(mediaType, "delivery-status") ||
		strings.HasSuffix(mediaType, "disposition-notification") ||
		mediaType == "message/feedback-report" || mediaType == "text/rfc822-headers" ||
		mediaType == "message/global-headers"
}

// reportKind is what kind of report a part belongs to: none if it repeats the mail that
// it is about.
func reportKind(mediaType, body string) ReportKind {
	switch {
	case strings.HasSuffix(mediaType, "disposition-notification"):
		return DispositionReport
	case mediaType == "message/feedback-report":
		return ComplaintReport
	case !strings.HasSuffix(mediaType, "delivery-status"):
		return 0
	}
	body = strings.ToLower(body)
	for _, news := range []string{"delayed", "delivered", "relayed", "expanded"} { // RFC 3464 section 2.3.3
		if strings.Contains(body, "action: "+news) {
			return DeliveryReport
		}
	}
	return FailureReport
}

func (r *reader) attach(name, mediaType string, size int64) {
	r.message.Attachments = append(r.message.Attachments, Attachment{Name: name, Type: mediaType, Size: size})
}

// multipart reads the parts of a multipart body.
func (r *reader) multipart(kind, boundary string, body io.Reader, depth int) []Text {
	buffered := bufio.NewReaderSize(body, sniffed)
	if real := sniffBoundary(buffered, boundary); real != boundary {
		r.message.Flags.Add(BadBoundary)
		boundary = real
	}
	if boundary == "" { // it has no parts: whatever it is, it is text
		return []Text{{Text: undoEncoding(r.readText(buffered, "", "", "text/plain"))}}
	}
	r.report = r.report || kind == "report"
	repaired := newRepairer(buffered, boundary)
	parts := textproto.NewMultipartReader(repaired, boundary)
	var texts []Text
	for failed := 0; failed < 3; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			failed++
			continue
		}
		if r.parts++; r.parts > mostParts {
			r.message.Flags.Add(CutParts)
			break
		}
		switch {
		case r.all:
			texts = append(texts, r.entity(part.Header, part, depth)...)
		case kind == "alternative" && hasWords(texts) && !isStub(texts):
			if mediaType, _ := contentType(part.Header); mediaType != "text/html" && mediaType != "text/plain" {
				r.entity(part.Header, part, depth) // for what is attached in there
			}
		case kind == "alternative":
			if better := r.entity(part.Header, part, depth); hasWords(better) || !hasWords(texts) {
				texts = better
			}
		default:
			texts = append(texts, r.entity(part.Header, part, depth)...)
		}
	}
	r.message.Flags.Add(repaired.flags...)
	return texts
}

// hasWords reports whether there is text that is not blank.
func hasWords(texts []Text) bool {
	return slices.ContainsFunc(texts, func(t Text) bool { return strings.TrimSpace(t.Text) != "" })
}

// isStub reports plain text that only says that the mail is HTML.
func isStub(texts []Text) bool {
	if len(texts) != 1 || len(texts[0].Text) >= 400 {
		return false
	}
	body := strings.ToLower(texts[0].Text)
	return strings.Contains(body, "html") && !strings.Contains(body, "\n>")
}

// readText decodes the body of a text part, as much as the limit leaves.
func (r *reader) readText(body io.Reader, encoding, charset, mediaType string) string {
	raw := r.readBytes(body, encoding)
	decoded, fits := decodeCharset(raw, charset, mediaType)
	if !fits {
		r.message.Flags.Add(BadCharset)
	}
	return decoded
}

// readBytes decodes the transfer encoding of a part that is worth keeping.
func (r *reader) readBytes(body io.Reader, encoding string) []byte {
	limit := r.textLeft
	if encoding == "quoted-printable" || encoding == "base64" {
		limit *= 3 // as much as encoded text may swell
	}
	var buffer bytes.Buffer
	buffer.Grow(4 << 10)
	buffer.ReadFrom(io.LimitReader(body, limit+1)) // an error ends the text, no more
	raw, whole := buffer.Bytes(), true
	switch encoding {
	case "quoted-printable":
		raw, whole = decodeQuotedPrintable(raw)
	case "base64":
		raw, whole = decodeBase64(raw)
	}
	if !whole {
		r.message.Flags.Add(BadEncoding)
	}
	if int64(len(raw)) > r.textLeft {
		r.message.Flags.Add(CutText)
		raw = raw[:r.textLeft]
	}
	r.textLeft -= int64(len(raw))
	return raw
}

// contentType is text/plain if there is none to speak of (RFC 2045 section 5.2).
func contentType(header textproto.Header) (mediaType string, params map[string]string) {
	mediaType, params = parseMedia(header.Get("Content-Type"))
	if !strings.Contains(mediaType, "/") {
		mediaType = "text/plain"
	}
	return mediaType, params
}

// parseMedia reads a value with parameters, also what mime.ParseMediaType refuses: parameters
// twice, without quotes, after stray semicolons.
func parseMedia(value string) (string, map[string]string) {
	if mediaType, params, err := mime.ParseMediaType(value); err == nil {
		return mediaType, params
	}
	mediaType, rest, _ := strings.Cut(value, ";")
	params := map[string]string{}
	for field := range strings.SplitSeq(rest, ";") {
		key, val, ok := strings.Cut(field, "=")
		if key = strings.ToLower(strings.TrimSpace(key)); ok && params[key] == "" {
			params[key] = strings.Trim(strings.TrimSpace(val), `"'`)
		}
	}
	return strings.ToLower(strings.TrimSpace(mediaType)), params
}

// fileName is the name under which a part would be saved, "" if it has none.
func fileName(header textproto.Header, params map[string]string) string {
	_, disposition := parseMedia(header.Get("Content-Disposition"))
	name := decodeWords(cmp.Or(disposition["filename"], params["name"]))
	return strings.TrimSpace(name[strings.LastIndexAny(name, `/\`)+1:])
}
