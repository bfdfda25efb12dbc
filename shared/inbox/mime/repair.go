package mime

import (
	"bufio"
	"bytes"
	"io"
)

// repairer hands a message on, line by line, in a shape that go-message can parse: header lines
// that are none are left out, a part that has no headers gets the blank line that
// should stand before it, lines end in CRLF. It holds one line at a time.
type repairer struct {
	from     *bufio.Reader
	boundary []byte // "--" and the boundary after which headers come; nil: at the very top
	header   bool   // within a header block
	begun    bool   // a header of the block has been seen
	size     int    // of the block so far
	skipping bool   // dropping a header that is too long, or its continuation
	partial  bool   // the last line has not ended: what comes goes on with it
	open     bool   // the last line handed on has not ended
	buffer   []byte // what became of the last line
	out      []byte // the rest of it, still to be read
	flags    Flags
}

// maxHeaders bounds one header block; mail programs and relays write a tenth of it.
const maxHeaders = 256 << 10

func newRepairer(from *bufio.Reader, boundary string) *repairer {
	r := &repairer{from: from, header: boundary == ""}
	if boundary != "" {
		r.boundary = append([]byte("--"), boundary...)
	}
	return r
}

func (r *repairer) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		line, err := r.from.ReadSlice('\n')
		whole := err == nil // else the rest of a long line follows, or the end
		if len(line) == 0 && err != nil {
			return 0, io.EOF
		}
		if r.partial && r.header {
			r.passRest(line, whole)
		} else {
			r.pass(line, whole)
		}
		r.partial = !whole
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

// pass puts what becomes of a line in out.
func (r *repairer) pass(line []byte, whole bool) {
	bare, ended := line, false
	if whole {
		bare, ended = bytes.TrimRight(line, "\r\n"), true
	}
	if r.boundary != nil && bytes.HasPrefix(bare, r.boundary) && len(bare) < len(r.boundary)+80 {
		r.header, r.begun, r.size, r.skipping = true, false, 0, false
		r.emit(bytes.TrimRight(bare, " \t"), ended)
		return
	}
	if !r.header {
		r.emit(bare, ended)
		return
	}
	r.size += len(line)
	switch continued := len(bare) > 0 && (bare[0] == ' ' || bare[0] == '\t'); {
	case len(bare) == 0:
		r.header = false
		r.emit(nil, true)
	case r.size > maxHeaders:
		r.flags.Add(CutHeaders)
		r.skipping = true
	case continued && r.begun:
		if !r.skipping {
			r.emit(bare, whole)
		}
	case !continued && isHeader(bare):
		r.begun, r.skipping = true, false
		r.emit(bare, whole)
	case !r.begun && (bytes.HasPrefix(bare, []byte("From ")) || bytes.HasPrefix(bare, []byte(">From "))):
		// the envelope line of a mailbox file
	case r.headerNext():
		r.flags.Add(BadHeaders)
		r.skipping = true
	default: // the text begins, and nobody left a blank line
		r.flags.Add(BadHeaders)
		r.header = false
		r.buffer = append(append(append(r.buffer[:0], "\r\n"...), bare...), "\r\n"...)
		r.out = r.buffer
	}
}

// passRest handles the rest of a header line that is longer than the buffer.
func (r *repairer) passRest(line []byte, whole bool) {
	if r.size += len(line); r.size > maxHeaders {
		r.flags.Add(CutHeaders)
		r.skipping = true
	}
	switch bare := bytes.TrimRight(line, "\r\n"); {
	case !r.skipping:
		r.emit(bare, whole)
	case whole && r.open:
		r.emit(nil, true) // ends the line that was cut
	}
}

func (r *repairer) emit(bare []byte, ended bool) {
	r.buffer = append(r.buffer[:0], bare...)
	if ended {
		r.buffer = append(r.buffer, "\r\n"...)
	}
	r.out, r.open = r.buffer, !ended
}

// headerNext reports whether the line below looks like a header.
func (r *repairer) headerNext() bool {
	next, _ := r.from.Peek(min(200, max(r.from.Buffered(), 1)))
	if i := bytes.IndexByte(next, '\n'); i >= 0 {
		next = next[:i]
	}
	return isHeader(next)
}

// isHeader reports a field name and a colon (RFC 5322 section 2.2).
func isHeader(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	if colon < 1 || colon > 76 {
		return false
	}
	name := bytes.TrimRight(line[:colon], " \t")
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return len(name) > 0 && name[0] != '-' && name[0] != '<'
}

// sniffed is how far into a multipart body its boundary is looked for.
const sniffed = 4 << 10

// sniffBoundary returns the declared boundary if it occurs, or no other is seen; else the
// one that does occur. It is "" if there are no parts.
func sniffBoundary(body *bufio.Reader, declared string) string {
	head, err := body.Peek(sniffed)
	if declared != "" && bytes.Contains(head, append([]byte("--"), declared...)) {
		return declared
	}
	at := 0
	for line := range bytes.Lines(head) {
		at += len(line)
		bare := bytes.TrimRight(line, "\r\n \t")
		if len(bare) < 8 || len(bare) > 80 || !bytes.HasPrefix(bare, []byte("--")) || bytes.ContainsAny(bare, " ") {
			continue
		}
		rest := head[at:]
		next, _, _ := bytes.Cut(rest, []byte("\n"))
		headed := isHeader(next) && bytes.HasPrefix(bytes.ToLower(next), []byte("content-"))
		if headed || bytes.Contains(rest, append(bytes.Clone(bare), "--"...)) {
			return string(bare[2:])
		}
	}
	if declared != "" && err == nil {
		return declared // a long preamble
	}
	return ""
}
