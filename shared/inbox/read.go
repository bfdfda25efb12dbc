package inbox

import (
	"fmt"
	"io"
	"mime"
	"net/mail"
	"strings"
)

// Read reads one message from raw.
func Read(raw io.Reader, limits Limits, opts ...Option) (Message, error) {
	limits = limits.withDefaults()
	m, err := mail.ReadMessage(io.LimitReader(raw, limits.Raw))
	if err != nil {
		return Message{}, fmt.Errorf("read the headers: %w", err)
	}
	body, err := io.ReadAll(io.LimitReader(m.Body, limits.Text))
	if err != nil {
		return Message{}, fmt.Errorf("read the body: %w", err)
	}
	message := ReadText(string(body), opts...)
	message.Subject, _ = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	message.MessageID = strings.Trim(m.Header.Get("Message-Id"), "<> ")
	if from, err := mail.ParseAddress(m.Header.Get("From")); err == nil {
		message.From = from.Address
	}
	message.Date, _ = m.Header.Date()
	if auto := m.Header.Get("Auto-Submitted"); auto != "" && auto != "no" {
		message.Kind = Automatic
	}
	return message, nil
}

// ReadText reads a plain-text body.
func ReadText(text string, opts ...Option) Message {
	var own []string
	var lines []Line
	for _, l := range splitLines(text) {
		rule := Rule("")
		if l.depth > 0 {
			rule = Quoted
		} else {
			own = append(own, l.text)
		}
		lines = append(lines, Line{l.text, rule})
	}
	m := Message{Kind: Reply, Lines: lines, Words: strings.TrimSpace(strings.Join(own, "\n"))}
	if m.Words == "" {
		m.Kind = Empty
	}
	return m
}
