package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"example.org/mend/shared/inbox"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/mend"
)

// parseCmd is `mend parse`: what the reply reader makes of messages.
type parseCmd struct {
	File    string `arg:"" optional:"" help:"One raw message. Without it, JSON lines on standard input."`
	Explain bool   `help:"Show each line with the rule that removed it. This is the default for a file."`
	Letter  string `help:"The letter that the reply answers, as production knows it." placeholder:"FILE"`
	Bench   int    `help:"Read every message N times and print how long one takes." placeholder:"N"`
	Color   string `enum:"auto,always,never" default:"auto" help:"Colors in the view of a file: ${enum}."`
}

// Help is shown by --help.
func (parseCmd) Help() string {
	return `Reads a reply as production does, and shows which of its words are kept and why the others aren't.

  mend parse reply.eml
  mend parse reply.eml --letter letter.eml
  mend parse < replies.jsonl

Each line of the last is an object {"id", "kind", "input", "letter"}: kind is text, html or eml, and the letter
is optional.`
}

// Run reads standard input, or the file, and writes to standard output.
func (c *parseCmd) Run() error {
	opts := parseOptions{bench: c.Bench, color: c.Color == "always" || c.Color == "auto" && isTerminal(os.Stdout)}
	if c.Letter != "" {
		raw, err := os.ReadFile(c.Letter)
		if err != nil {
			return err
		}
		opts.known = []inbox.Option{inbox.WithLetter(inbox.LetterText(raw))}
	}
	if c.Explain && c.File == "" {
		return errors.New("--explain needs a file")
	}
	in := io.Reader(os.Stdin)
	if c.File != "" {
		file, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer file.Close()
		in, opts.view = file, true
	}
	out := bufio.NewWriter(os.Stdout)
	if err := parse(in, out, opts); err != nil {
		return err
	}
	return out.Flush()
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == ""
}

// parseOptions are what parse does beside reading.
type parseOptions struct {
	bench int            // > 0: read every message so often and print the time instead of the words
	view  bool           // in is one raw message, to be shown line by line
	color bool           // of the view
	known []inbox.Option // the letter that is answered
}

// parseInput is a line that parse reads.
type parseInput struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"` // text, html, or eml: a whole raw message
	Input string `json:"input"`
	Bytes []byte `json:"input_b64"` // in place of Input where that is not UTF-8

	Letter string `json:"letter"` // the letter that is answered; "" if it is not known
}

// parseOutput is a line that parse writes.
type parseOutput struct {
	ID     string       `json:"id"`
	Output string       `json:"output"` // the author's own words
	Kind   inbox.Kind   `json:"kind"`
	Flags  []inbox.Flag `json:"flags"`
}

// parse reads messages as JSON lines from in and writes what the author of each
// wrote, as JSON lines, to out.
func parse(in io.Reader, out io.Writer, opts parseOptions) error {
	if opts.view {
		return parseView(in, out, opts)
	}
	var inputs []parseInput
	lines := bufio.NewReader(in)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var input parseInput
			if err := json.Unmarshal(line, &input); err != nil {
				return fmt.Errorf("line %d of standard input is no JSON object (to look at one raw message, give its file): %w", n, err)
			}
			if opts.bench > 0 {
				inputs = append(inputs, input)
			} else {
				message, err := input.read(opts.known)
				if err != nil {
					return fmt.Errorf("line %d: %w", n, err)
				}
				if err := encoder.Encode(parseOutput{input.ID, message.Words, message.Kind, append([]inbox.Flag{}, message.Flags...)}); err != nil {
					return fmt.Errorf("write the answer to line %d: %w", n, err)
				}
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read line %d: %w", n, err)
		}
	}
	if opts.bench > 0 {
		return parseBench(inputs, out, opts)
	}
	return nil
}

func (p parseInput) read(known []inbox.Option) (inbox.Message, error) {
	text := p.Input
	if p.Bytes != nil {
		text = string(p.Bytes)
	}
	if p.Letter != "" {
		known = []inbox.Option{inbox.WithLetter(p.Letter)}
	}
	switch p.Kind {
	case "text":
		return inbox.ReadText(text, known...), nil
	case "html":
		return inbox.ReadHTML(text, known...), nil
	case "eml":
		return inbox.Read(strings.NewReader(text), inbox.Limits{}, known...)
	}
	return inbox.Message{}, fmt.Errorf("kind %q is unknown: write text, html or eml", p.Kind)
}

// parseBench reads every input opts.bench times, on one thread, and prints the spread of the
// microseconds that one reading takes. Nothing is warmed up first.
func parseBench(inputs []parseInput, out io.Writer, opts parseOptions) error {
	var took []time.Duration
	for _, input := range inputs {
		for range opts.bench {
			start := time.Now()
			if _, err := input.read(opts.known); err != nil {
				return err
			}
			took = append(took, time.Since(start))
		}
	}
	if len(took) == 0 {
		return errors.New("there is nothing to measure: put messages on standard input")
	}
	slices.Sort(took)
	var sum time.Duration
	for _, t := range took {
		sum += t
	}
	micro := func(t time.Duration) float64 { return float64(t.Nanoseconds()) / 1000 }
	_, err := fmt.Fprintf(out, "messages %d, readings %d, µs each: p50 %.1f  p95 %.1f  mean %.1f  max %.1f\n", len(inputs), len(took),
		micro(took[len(took)/2]), micro(took[len(took)*95/100]), micro(sum)/float64(len(took)), micro(took[len(took)-1]))
	return err
}

// parseView shows one raw message: the author's words as they are, all else dimmed, with
// the rule that took it away.
func parseView(in io.Reader, out io.Writer, opts parseOptions) error {
	message, err := inbox.Read(in, inbox.Limits{}, opts.known...)
	if err != nil {
		return err
	}
	bright, dim, plain := "", "", ""
	if opts.color {
		bright, dim, plain = "\x1b[1m", "\x1b[2m", "\x1b[0m"
	}
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "%sfrom %s, kind %s", dim, orNone(message.From), message.Kind)
	for _, flag := range message.Flags {
		fmt.Fprintf(w, ", %s", flag)
	}
	fmt.Fprintf(w, "%s\n", plain)
	for _, line := range message.Lines {
		switch {
		case line.Rule != "":
			fmt.Fprintf(w, "%s%14s │ %s%s\n", dim, line.Rule, visible(line.Text), plain)
		case strings.TrimSpace(line.Text) == "":
			fmt.Fprintf(w, "%14s │\n", "")
		default:
			fmt.Fprintf(w, "%14s │ %s%s%s\n", "", bright, visible(line.Text), plain)
		}
	}
	if stop := message.Stop(); stop != command.NoStop {
		fmt.Fprintf(w, "%s%14s │ %s%s\n", dim, "stop", stop, plain)
	}
	for _, order := range command.Read(message.Words, mend.DateOf(time.Now())).Orders {
		fmt.Fprintf(w, "%s%14s │ %s: %s%s\n", dim, "order", order.Name, visible(order.Line), plain)
	}
	for _, a := range message.Attachments {
		fmt.Fprintf(w, "%s%14s │ %s, %s, %d bytes%s\n", dim, "attachment", orNone(visible(a.Name)), a.Type, a.Size, plain)
	}
	return w.Flush()
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
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
