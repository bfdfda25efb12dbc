package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"example.org/mend/shared/inbox"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/mend"
)

// parseCmd is `mend parse`: what the reply reader makes of messages.
type parseCmd struct {
	File   string `arg:"" optional:"" help:"One raw message. Without it, JSON lines on standard input."`
	Letter string `help:"The letter that the reply answers, so that quotes of it are recognized." placeholder:"FILE"`
}

func (c *parseCmd) Run(out io.Writer) error {
	var known inbox.Letter
	if c.Letter != "" {
		raw, err := os.ReadFile(c.Letter)
		if err != nil {
			return err
		}
		known = inbox.Letter{Text: inbox.LetterText(raw)}
	}
	w := bufio.NewWriter(out)
	if c.File == "" && onTerminal(os.Stdin) {
		return errors.New("name the file of a raw message; JSON lines come on standard input")
	}
	if c.File == "" {
		return errors.Join(parseLines(os.Stdin, w, known), w.Flush())
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	message, err := inbox.Read(file, known)
	if err != nil {
		return err
	}
	showMessage(w, message, onTerminal(os.Stdout) && os.Getenv("NO_COLOR") == "")
	return w.Flush()
}

type parseInput struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"` // text, html, or eml: a whole raw message
	Input string `json:"input"`
	Bytes []byte `json:"input_b64"` // in place of Input where that is not UTF-8

	Letter string `json:"letter"` // the letter that is answered; "" if it is not known
}

type parseOutput struct {
	ID     string       `json:"id"`
	Output string       `json:"output"` // the author's own words
	Kind   inbox.Kind   `json:"kind"`
	Flags  []inbox.Flag `json:"flags"`
}

// parseLines reads messages as JSON lines and writes what the author of each wrote, as JSON lines.
func parseLines(in io.Reader, out io.Writer, known inbox.Letter) error {
	lines, encoder := json.NewDecoder(in), json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for n := 1; ; n++ {
		var input parseInput
		err := lines.Decode(&input)
		if err == io.EOF {
			return nil
		}
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
			return fmt.Errorf("line %d of standard input: %s is of type %s, and has to be text", n, wrong.Field,
				wrong.Value)
		} else if ok {
			return fmt.Errorf("line %d of standard input is of type %s, and has to be an object", n, wrong.Value)
		}
		if err != nil {
			return fmt.Errorf("line %d of standard input is no JSON object (to look at one raw message, give its "+
				"file): %w", n, err)
		}
		message, err := input.read(known)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		flags := append([]inbox.Flag{}, message.Flags...)
		if err := encoder.Encode(parseOutput{input.ID, message.Words, message.Kind, flags}); err != nil {
			return fmt.Errorf("write the answer to line %d: %w", n, err)
		}
	}
}

func (p parseInput) read(known inbox.Letter) (inbox.Message, error) {
	text := p.Input
	if p.Bytes != nil {
		text = string(p.Bytes)
	}
	if p.Letter != "" {
		known = inbox.Letter{Text: p.Letter}
	}
	switch p.Kind {
	case "text":
		return inbox.ReadText(text, known), nil
	case "html":
		return inbox.ReadHTML(text, known), nil
	case "eml":
		return inbox.Read(strings.NewReader(text), known)
	}
	return inbox.Message{}, fmt.Errorf("kind %q is unknown: write text, html or eml", p.Kind)
}

// showMessage shows one message: the author's words as they are, all else dimmed, with the rule
// that took it away.
func showMessage(w io.Writer, message inbox.Message, color bool) {
	bright, dim, plain := "", "", ""
	if color {
		bright, dim, plain = "\x1b[1m", "\x1b[2m", "\x1b[0m"
	}
	aside := func(what, format string, args ...any) {
		fmt.Fprintf(w, "%s%14s │ %s%s\n", dim, what, visible(fmt.Sprintf(format, args...)), plain)
	}
	head := fmt.Sprintf("from %s, kind %s", cmp.Or(message.From, "(none)"), message.Kind)
	for _, flag := range message.Flags {
		head += ", " + string(flag)
	}
	fmt.Fprintf(w, "%s%s%s\n", dim, visible(head), plain)
	for _, line := range message.Lines {
		switch {
		case line.Rule != "":
			aside(string(line.Rule), "%s", line.Text)
		case strings.TrimSpace(line.Text) == "":
			fmt.Fprintf(w, "%14s │\n", "")
		default:
			fmt.Fprintf(w, "%14s │ %s%s%s\n", "", bright, visible(line.Text), plain)
		}
	}
	if stop := message.Stop(); stop != command.NoStop {
		aside("stop", "%s", stop)
	}
	for _, order := range command.Read(message.Words, mend.DateOf(time.Now())).Orders {
		aside("order", "%s: %s", order.Name, order.Line)
	}
	for _, a := range message.Attachments {
		aside("attachment", "%s, %s, %d bytes", cmp.Or(a.Name, "(none)"), a.Type, a.Size)
	}
}

// visible keeps what a stranger wrote from steering the terminal.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || 0x80 <= r && r < 0xa0 {
			return '·'
		}
		return r
	}, s)
}
