// Package mime reads a mail: RFC 5322 and MIME in, headers, text and attachments out.
//
// The message format is RFC 5322, MIME is RFC 2045 to 2049 and 2231, flowed text RFC 3676, delivery
// reports RFC 3464, complaints RFC 5965 (ARF), read receipts RFC 8098, UTF-7 RFC 2152, TNEF
// [MS-OXTNEF]. We diverge where senders do: headers that cannot be parsed are dropped and flagged,
// a boundary that never appears is replaced by the one that does, a charset that does not fit its
// bytes by one that does, and damaged base64 and quoted-printable are read as far as they go.
//
// Headers and multipart bodies go through github.com/emersion/go-message/textproto, which streams:
// a 40 MB attachment is counted and forgotten as it passes. Its transfer decoders stop at the first
// damaged byte, so ours stand in their place.
package mime

import (
	"slices"

	"github.com/emersion/go-message/textproto"
)

// Message is a mail, taken apart.
type Message struct {
	Header textproto.Header

	From      string // the bare address of the From header; "" if there is none, or more than one
	MessageID string // without angle brackets; "" if there is none
	Subject   string // decoded, on one line

	Texts       []Text
	Attachments []Attachment // counted and named, never kept
	Reports     ReportKind   // which machine-readable reports it carries
	Invitation  bool         // a calendar method: it asks for a click, not for words
	Attached    bool         // a whole message is attached
	Flags       Flags
}

// Text is one piece of the text of a mail: decoded to UTF-8, unflowed, with LF line ends.
type Text struct {
	Text string
	HTML bool
}

// Attachment is a part of the message that is not text to read.
type Attachment struct {
	Name string // decoded, without a path; "" if the part has none
	Type string // media type in lower case, such as image/jpeg
	Size int64  // bytes once decoded; of as much as was read
}

// ReportKind is a set of kinds of report.
type ReportKind uint8

// The kinds of report.
const (
	FailureReport     ReportKind = 1 << iota // RFC 3464: a mail could not be delivered
	DeliveryReport                           // RFC 3464: it was delivered, or will be later
	DispositionReport                        // RFC 8098
	ComplaintReport                          // RFC 5965
)

// Flag marks something about a message that the keeper of its words should know.
type Flag string

// The flags of reading. Those that begin with cut mean that part of the mail was not read.
const (
	CutRaw      Flag = "cut-raw"      // longer than 40 MB
	CutText     Flag = "cut-text"     // more text than 1 MB
	CutDepth    Flag = "cut-depth"    // parts nested deeper than 8 levels
	CutParts    Flag = "cut-parts"    // more parts than 50
	CutHeaders  Flag = "cut-headers"  // a header block longer than any mail program writes
	BadHeaders  Flag = "bad-headers"  // header lines that are none were skipped
	BadBoundary Flag = "bad-boundary" // the declared boundary never comes; another was used, or none
	BadEncoding Flag = "bad-encoding" // base64 or quoted-printable was damaged
	BadCharset  Flag = "bad-charset"  // the declared charset is unknown or does not fit; another was used
	HTMLOnly    Flag = "html-only"    // the words come from HTML
	Encrypted   Flag = "encrypted"    // S/MIME or PGP: there is nothing that we could read
	Signed      Flag = "signed"       // S/MIME or PGP; the signature was not checked
	TNEF        Flag = "tnef"         // Outlook's winmail.dat
	Calendar    Flag = "calendar"     // carries an invitation or the answer to one
)

// Flags are each there once, in the order in which they came up.
type Flags []Flag

// Add adds what is not there yet.
func (f *Flags) Add(flags ...Flag) {
	for _, flag := range flags {
		if !slices.Contains(*f, flag) {
			*f = append(*f, flag)
		}
	}
}

// The limits on what [Read] takes in.
const (
	mostRaw   = 40 << 20 // bytes of the whole message
	mostText  = 1 << 20  // bytes of text, decoded, over all parts
	mostDepth = 8        // levels of nesting
	mostParts = 50       // over all levels
)
