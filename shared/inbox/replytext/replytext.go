// Package replytext finds the author's own words in the text of a reply: not the quote, not the
// signature, not what mail programs and gateways put around them.
//
// # The first rule
//
// No word of the author is lost. A rule may remove a line only for a reason that it can name
// ([Rule]). Where the reason is weak, the line stays. So a quote needs a mark, an attribution line
// needs a date or an address beside its "wrote", and a signature needs a delimiter, or a name with
// contact details below it. If nothing at all would be left, the weaker rules stand back. Closing
// formulas and the name below them are the author's.
//
// The rules are general. What is known of a language or of a client's HTML is data (package
// language). The rules see lines, each once or in a bounded window, so that reading is linear.
// There is no regular expression, no clock and no panic, whatever the input.
//
// HTML is tokenised by golang.org/x/net/html and turned into lines here rather than by a general
// converter, because a converter throws away what tells a quote from the words around it: the
// container that each mail client wraps it in.
package replytext

import "strings"

// Body is one piece of the text of a mail, decoded, with LF line ends.
type Body struct {
	Text string
	HTML bool
}

// Result is what an author wrote, and why the rest was removed.
type Result struct {
	// Words is what the author wrote: LF line ends, paragraphs one blank line apart. Orders are
	// still in it.
	Words string

	// Answers pairs quoted lines with what was written below them, in order, where the author
	// answered between the lines. All of it is in Words as well.
	Answers []Answer

	// Lines is all of the text that was read, line by line, with the rule that removed it.
	Lines []Line

	Forwarded bool // a forwarded message was removed
	OwnLetter bool // our own letter was recognised by its words
}

// Answer is what an author wrote below quoted lines, and those lines.
type Answer struct {
	Question string // the quoted lines, without their quote marks
	Words    string
}

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
	Attribution   Rule = "attribution"    // "On … Ann wrote:"
	HeaderBlock   Rule = "header-block"   // From:, Sent:, To:, Subject: above a quoted message
	Divider       Rule = "divider"        // "-----Original Message-----" and lines above a header block
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

// KnownLetter is what the letter says that is answered. Text may hold more than the letter does.
type KnownLetter struct {
	Text string
	Own  string // words of the person's that may stand in it
}

// Read finds the author's words in the bodies of one mail. Where the letter comes back, it
// is recognised by its own words, whatever marks the client left on it or took away. The
// zero letter is not known.
func Read(bodies []Body, letter KnownLetter) Result {
	var lines []line
	for i, b := range bodies {
		if i > 0 {
			lines = append(lines, line{})
		}
		if b.HTML {
			lines = append(lines, htmlLines(b.Text)...)
		} else {
			lines = append(lines, splitLines(b.Text)...)
		}
	}
	d := document{lines: lines, letter: newLetter(letter)}
	d.decide()
	r := Result{Words: d.words(), Lines: make([]Line, len(d.lines)), Forwarded: d.forwarded, OwnLetter: d.ownLetter}
	quoted, answered := false, false
	for i, l := range d.lines {
		r.Lines[i] = Line{l.text, l.rule}
		quoted = quoted || l.rule == Quoted || l.rule == Letter
		answered = answered || quoted && l.left()
	}
	if answered {
		r.Answers = d.answers()
	}
	return r
}

// Plain is the text of a body, whoever wrote it.
func Plain(b Body) string {
	if !b.HTML {
		return b.Text
	}
	var all []string
	for _, l := range htmlLines(b.Text) {
		all = append(all, l.text)
	}
	return strings.Join(all, "\n")
}
