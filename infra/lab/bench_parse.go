package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"example.org/mend/shared/inbox"
)

// benchParseCmd is `lab bench parse`.
type benchParseCmd struct {
	N int `required:"" help:"How often each message is read." name:"n"`
}

// Help is shown by --help.
func (benchParseCmd) Help() string {
	return `Measures how long reading a reply takes, on one thread and with nothing warmed up. Standard input holds the JSON lines
that "mend parse" takes, each with a whole message (kind eml).

  go run ./infra/lab bench parse --n 100 < replies.jsonl`
}

// Run prints the spread of the microseconds that one reading takes.
func (c *benchParseCmd) Run() error { return c.measure(os.Stdin, os.Stdout) }

func (c *benchParseCmd) measure(in io.Reader, out io.Writer) error {
	var took []time.Duration
	messages := 0
	for lines := json.NewDecoder(bufio.NewReader(in)); ; messages++ {
		var line struct{ Input string }
		err := lines.Decode(&line)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read message %d: %w", messages+1, err)
		}
		for range c.N {
			start := time.Now()
			if _, err := inbox.Read(strings.NewReader(line.Input), inbox.Letter{}); err != nil {
				return fmt.Errorf("message %d: %w", messages+1, err)
			}
			took = append(took, time.Since(start))
		}
	}
	if len(took) == 0 {
		return errors.New("there is nothing to measure: put messages on standard input, and --n is 1 at least")
	}
	slices.Sort(took)
	var sum time.Duration
	for _, t := range took {
		sum += t
	}
	micro := func(t time.Duration) float64 { return float64(t.Nanoseconds()) / 1000 }
	_, err := fmt.Fprintf(out, "messages %d, readings %d, µs each: p50 %.1f  p95 %.1f  mean %.1f  max %.1f\n",
		messages, len(took), micro(took[len(took)/2]), micro(took[len(took)*95/100]),
		micro(sum)/float64(len(took)), micro(took[len(took)-1]))
	return err
}
