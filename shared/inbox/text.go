package inbox

import "slices"

// ReadText reads a plain-text body that has been taken out of its message. It sets Kind to
// [Reply], [Forwarded] or [Empty], and Words, Answers, Flags and Lines.
func ReadText(text string, opts ...Option) Message {
	var m Message
	m.readLines(splitLines(undoEncoding(normaliseLines(text))), newOptions(opts))
	return m
}

// ReadHTML is [ReadText] for an HTML body.
func ReadHTML(text string, opts ...Option) Message {
	var m Message
	m.addFlag(HTMLOnly)
	m.readLines(htmlLines(normaliseLines(text)), newOptions(opts))
	return m
}

func newOptions(opts []Option) options {
	var o options
	for _, option := range opts {
		option(&o)
	}
	return o
}

// readLines finds the author's words among the lines.
func (m *Message) readLines(lines []line, o options) {
	d := document{lines: lines, table: phrasesOf(), letter: o.letter}
	d.decide()
	m.Words = d.words()
	m.Lines = make([]Line, len(d.lines))
	quoted := false
	for i, l := range d.lines {
		m.Lines[i] = Line{l.text, l.rule}
		quoted = quoted || l.rule == Quoted || l.rule == Letter
	}
	if quoted && m.Words != "" {
		m.Answers = d.answers()
	}
	if len(m.Answers) > 0 {
		m.addFlag(Interleaved)
	}
	if d.ownLetter {
		m.addFlag(OwnLetter)
	}
	switch {
	case d.forwarded:
		m.Kind = Forwarded
	case m.Words != "":
		m.Kind = Reply
	default:
		m.Kind = Empty
		if slices.ContainsFunc(lines, func(l line) bool { return !l.blank() }) {
			m.addFlag(NothingOwn)
		}
	}
}

func (m *Message) addFlag(f Flag) {
	if !slices.Contains(m.Flags, f) {
		m.Flags = append(m.Flags, f)
	}
}
