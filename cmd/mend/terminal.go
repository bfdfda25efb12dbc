package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

func onTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progress shows on standard error how far long work is, in one line that is written over. It shows
// nothing where that is no terminal. done ends the line.
func progress(what string) (step func(int), done func()) {
	if !onTerminal(os.Stderr) {
		return func(int) {}, func() {}
	}
	return func(n int) { fmt.Fprintf(os.Stderr, "\r%s: %d", what, n) }, func() { fmt.Fprintln(os.Stderr) }
}

var errNoAnswer = errors.New("there was no answer, so nothing was changed")

// ask asks a question and reads a line of an answer. Ctrl-C is none.
func ask(ctx context.Context, out io.Writer, question string) (string, error) {
	fmt.Fprint(out, question)
	in, answers := os.Stdin, make(chan string, 1)
	go func() {
		defer close(answers)
		if lines := bufio.NewScanner(byByte{in}); lines.Scan() {
			answers <- lines.Text()
		}
	}()
	select {
	case line, ok := <-answers:
		if ok {
			return strings.TrimSpace(line), nil
		}
	case <-ctx.Done():
	}
	fmt.Fprintln(out)
	return "", errNoAnswer
}

// byByte reads one byte at a time, and so no further than a line: the next question's answer may
// follow.
type byByte struct{ io.Reader }

func (r byByte) Read(into []byte) (int, error) { return r.Reader.Read(into[:1]) }

// errDeclined ends a command that the operator said no to, with exit code 0.
var errDeclined = errors.New("nothing was changed")

// confirm asks whether to go on. Any answer but the word is errDeclined.
func confirm(ctx context.Context, out io.Writer, question, word string) error {
	answer, err := ask(ctx, out, question+" Type "+word+" to go on: ")
	if err == nil && answer != word {
		err = errDeclined
	}
	return err
}

// yesFlag lets a script skip the question.
type yesFlag struct {
	Yes bool `help:"Don't ask."`
}

func (f yesFlag) confirm(ctx context.Context, out io.Writer, question string) error {
	if f.Yes {
		return nil
	}
	return confirm(ctx, out, question, "yes")
}

func printJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// createNew writes a file that must not exist yet.
func createNew(path string, mode fs.FileMode, text io.Reader) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: move it away, or choose another place with --out", path)
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(file, text)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// title is a word with a capital: "send" is the Send of an output's name.
func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
