package inbox

import "time"

// Message is what one piece of mail comes down to.
type Message struct {
	Kind Kind

	From      string    // the bare address of the From header; "" if there is none, or more than one
	MessageID string    // without angle brackets; "" if there is none
	InReplyTo string    // the first message id of In-Reply-To, without angle brackets
	Subject   string    // decoded, on one line
	Date      time.Time // of the Date header; zero if there is none that can be read

	// Words is what the author wrote: UTF-8, LF line ends, paragraphs one blank line apart, no
	// quote, no signature. Verbs are still in it; [Verbs] takes them out.
	Words string

	// Answers pairs quoted lines with what was written below them, in order,
	// where somebody answered between the lines. All of it is in Words as well.
	Answers []Answer

	// Attachments are counted and named, never kept.
	Attachments []Attachment

	// Report is what a bounce, a complaint or a read receipt says; nil for other kinds.
	Report *Report

	Flags []Flag // in the order in which they came up, each once

	// Lines is all of the text that was read, line by line, with the rule that removed it.
	Lines []Line
}

// Kind is what sort of mail a message is.
type Kind string

// The kinds of mail. Only a [Reply] and a [Forwarded] message carry somebody's words to keep.
const (
	Reply       Kind = "reply"
	Forwarded   Kind = "forwarded"    // somebody else's mail passed on; Words is what was written above it
	Empty       Kind = "empty"        // from a person, and nothing in it is theirs
	Automatic   Kind = "automatic"    // a machine answered: RFC 3834, and responders that do not say so
	Bounce      Kind = "bounce"       // RFC 3464, and mail systems that do not follow it
	Complaint   Kind = "complaint"    // a feedback report, RFC 5965
	ReadReceipt Kind = "read-receipt" // RFC 8098, and those without it
	NotOurs     Kind = "not-ours"     // a mailing list's post, a newsletter, an invitation: no answer to a letter
)

// FromPerson reports whether a person wrote the mail to us. Everything else
// never becomes a reply and never causes mail (RFC 3834 section 2).
func (k Kind) FromPerson() bool { return k == Reply || k == Forwarded || k == Empty }

// Answer is what somebody wrote below quoted lines, and those lines.
type Answer struct {
	Question string // the quoted lines, without their quote marks
	Words    string
}

// Attachment is a part of the message that is not text to read.
type Attachment struct {
	Name string // decoded, without a path; "" if the part has none
	Type string // media type in lower case, such as image/jpeg
	Size int64  // bytes once decoded; of as much as was read
}

// Report is the news that a mail system sends about mail of ours.
type Report struct {
	Recipient string // the address that it is about, "" if it does not say
	Status    string // of a bounce: the enhanced status code (RFC 3463) such as 5.1.1, or "" if there is none
	Action    string // of a bounce: failed, delayed, delivered, relayed or expanded (RFC 3464 section 2.3.3)
	Reason    string // of a bounce: the diagnostic text; of a complaint: the feedback type, such as abuse
	MessageID string // of the mail that it is about, without angle brackets
}

// Flag marks something about a message that whoever keeps it should know.
type Flag string

// The flags. Those that begin with cut mean that part of the mail was not read.
const (
	CutRaw      Flag = "cut-raw"      // longer than Limits.Raw
	CutText     Flag = "cut-text"     // more text than Limits.Text
	CutDepth    Flag = "cut-depth"    // parts nested deeper than Limits.Depth
	CutParts    Flag = "cut-parts"    // more parts than Limits.Parts
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
	OwnLetter   Flag = "own-letter"   // our own letter was recognised by its text
	Interleaved Flag = "interleaved"  // there are Answers
	NothingOwn  Flag = "nothing-own"  // the text is quote, signature and footers only
)

// Line is one line of the text of a message.
type Line struct {
	Text string
	Rule Rule // why it is not the author's; "" if it is
}

// Rule names the reason for which a line was removed.
type Rule string

// The rules.
const (
	Quoted        Rule = "quoted"         // marked with > or inside a quote container of the HTML
	Attribution   Rule = "attribution"    // "On … somebody wrote:"
	HeaderBlock   Rule = "header-block"   // From:, Sent:, To:, Subject: above a quoted message
	Divider       Rule = "divider"        // "-----Original Message-----" and lines that stand above a header block
	BelowQuote    Rule = "below-quote"    // unmarked, below one of these three
	ForwardedMail Rule = "forwarded-mail" // below "Forwarded message"
	ReplyAbove    Rule = "reply-above"    // "reply above this line" and what follows
	Signature     Rule = "signature"      // below a signature delimiter, or in a signature container
	Contact       Rule = "contact"        // contact details without a delimiter
	Device        Rule = "device"         // "Sent from my …"
	Disclaimer    Rule = "disclaimer"
	Banner        Rule = "banner"  // put above the mail by a gateway: "external sender"
	Scanner       Rule = "scanner" // put below it by a virus scanner
	ListFooter    Rule = "list-footer"
	Letter        Rule = "letter"  // our own letter, recognised by its text
	Wrapper       Rule = "wrapper" // PGP armour, placeholders of images
)

// Limits bound what [Read] takes in. A zero field means the default.
type Limits struct {
	Raw   int64 // bytes of the whole message; 40 MB
	Text  int64 // bytes of text, decoded, over all parts; 1 MB
	Depth int   // levels of nesting; 8
	Parts int   // parts, over all levels; 50
}

func (l Limits) withDefaults() Limits {
	if l.Raw <= 0 {
		l.Raw = 40 << 20
	}
	if l.Text <= 0 {
		l.Text = 1 << 20
	}
	if l.Depth <= 0 {
		l.Depth = 8
	}
	if l.Parts <= 0 {
		l.Parts = 50
	}
	return l
}

// Option adds to what is known about a message before it is read.
type Option func(*options)

type options struct {
	letter *letter
}

// WithLetter gives the text of the letter that is being answered. Where it comes
// back, it is recognised by its own words, whatever marks the client left on it or took away;
// answers typed between its lines are found.
func WithLetter(text string) Option {
	return func(o *options) { o.letter = newLetter(text) }
}
