// Package inbox reads mail that people send back. It takes a MIME message and returns the author's
// own words and the kind of the mail.
//
// Package mime takes the message apart, package replytext finds the words, package command finds
// the orders among them, and package language holds the phrases that all of them know. All are
// pure: no clock, no network, no storage, and no panic whatever the input. Time and memory are
// bounded (40 MB, 1 MB of text, 8 levels, 50 parts) and linear in the input.
package inbox

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/inbox/mime"
	"example.org/mend/shared/inbox/replytext"
)

// What a message is made of, from the packages below.
type (
	Answer     = replytext.Answer
	Attachment = mime.Attachment
	Flag       = mime.Flag
	Letter     = replytext.KnownLetter
	Line       = replytext.Line
)

// Message is what one piece of mail comes down to.
type Message struct {
	Kind Kind

	From      string // the bare address of the From header; "" if there is none, or more than one
	MessageID string // without angle brackets; "" if there is none
	Subject   string // decoded, on one line

	// Authentication is the topmost Authentication-Results header. A service that receives mail
	// puts its own above all that the sender wrote (RFC 8601 section 5).
	Authentication string

	// Words is what the author wrote: UTF-8, LF line ends, paragraphs one blank line apart, no
	// quote, no signature. Orders are still in it; package command takes them out.
	Words string

	// Answers pairs quoted lines with what was written below them, in order, where the author
	// answered between the lines. All of it is in Words as well.
	Answers []Answer

	// Attachments are counted and named, never kept.
	Attachments []Attachment

	Flags mime.Flags

	// Lines is all of the text that was read, line by line, with the rule that removed it.
	Lines []Line
}

// The flags of the text, beside those of package mime.
const (
	HTMLOnly    Flag = "html-only"   // the words come from HTML
	OwnLetter   Flag = "own-letter"  // our own letter was recognised by its text
	Interleaved Flag = "interleaved" // there are Answers
	NothingOwn  Flag = "nothing-own" // the text is quote, signature and footers only
)

// LetterText is all that a letter of ours says, in its text and in its HTML, for a [Letter]. raw is
// the letter as it was sent, or plain text.
func LetterText(raw []byte) string {
	mail, err := mime.ReadAll(bytes.NewReader(raw))
	if err != nil || !mail.Header.Has("Content-Type") {
		return string(raw)
	}
	var texts []string
	for _, t := range mail.Texts {
		texts = append(texts, replytext.Plain(replytext.Body(t)))
	}
	return strings.Join(texts, "\n")
}

// Read reads one message. letter is the one that it answers, if that is known: where it comes back,
// it is recognised by its words, whatever marks the client left on it or took away. What is too
// long, too deep or damaged is cut and flagged rather than refused, so the only errors are those of
// raw itself; even then the Message holds what could be read before it.
//
// Kind is judged by the headers and parts alone. A null return path in the SMTP envelope (RFC 3834
// section 2) is known to the caller only, unless a Return-Path header repeats it.
func Read(raw io.Reader, letter Letter) (Message, error) {
	mail, err := mime.Read(raw)
	m := Message{
		From: mail.From, MessageID: mail.MessageID, Subject: mail.Subject, Attachments: mail.Attachments,
		Flags: mail.Flags, Authentication: mail.Header.Get("Authentication-Results"),
	}
	bodies := make([]replytext.Body, len(mail.Texts))
	for i, t := range mail.Texts {
		bodies[i] = replytext.Body(t)
	}
	m.readBodies(bodies, letter)
	for _, l := range m.Lines {
		if strings.HasPrefix(l.Text, "-----BEGIN PGP MESSAGE") {
			m.Flags.Add(mime.Encrypted)
		} else if strings.HasPrefix(l.Text, "-----BEGIN PGP SIGNED") {
			m.Flags.Add(mime.Signed)
		}
	}
	m.judge(mail)
	return m, err
}

// ReadText reads a plain-text body that has been taken out of its message, as [Read] does. It sets
// Kind to [Reply], [Forwarded] or [Empty], and Words, Answers, Flags and Lines.
func ReadText(text string, letter Letter) Message {
	var m Message
	m.readBodies([]replytext.Body{{Text: mime.CleanText(text)}}, letter)
	return m
}

// ReadHTML is [ReadText] for an HTML body.
func ReadHTML(text string, letter Letter) Message {
	var m Message
	m.readBodies([]replytext.Body{{Text: mime.CleanLines(text), HTML: true}}, letter)
	return m
}

// readBodies finds the author's words.
func (m *Message) readBodies(bodies []replytext.Body, letter Letter) {
	if slices.ContainsFunc(bodies, func(b replytext.Body) bool { return b.HTML }) {
		m.Flags.Add(HTMLOnly)
	}
	r := replytext.Read(bodies, letter)
	m.Words, m.Answers, m.Lines = r.Words, r.Answers, r.Lines
	if len(m.Answers) > 0 {
		m.Flags.Add(Interleaved)
	}
	if r.OwnLetter {
		m.Flags.Add(OwnLetter)
	}
	switch {
	case r.Forwarded:
		m.Kind = Forwarded
	case m.Words != "":
		m.Kind = Reply
	default:
		m.Kind = Empty
		if slices.ContainsFunc(m.Lines, func(l Line) bool { return strings.TrimSpace(l.Text) != "" }) {
			m.Flags.Add(NothingOwn)
		}
	}
}

// Stop says what the mail asks about stopping. It counts for anyone who holds the letter, so it
// needs no proof. A subject counts if the mail has no words of its own, or only a name, thanks or
// the mere dot that some mail programs want before they send; that of an automatic mail only echoes
// what it answers.
func (m Message) Stop() command.Stop {
	if m.Kind == Bounce || m.Kind == Complaint || m.Kind == ReadReceipt {
		return command.NoStop
	}
	if m.Kind.FromPerson() && command.FindStopInSubject(m.Subject) == command.StopPlain && command.OnlyAround(m.Words) {
		return command.StopPlain
	}
	return command.FindStop(m.Words)
}
