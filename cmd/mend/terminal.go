package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// interruptible is a context that ends with Ctrl-C.
func interruptible() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

// onTerminal reports whether somebody looks at what is written to a file.
func onTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progress says on standard error how far long work is, in one line that is written over, where somebody looks.
func progress(what string) func(int) {
	if !onTerminal(os.Stderr) {
		return func(int) {}
	}
	return func(n int) { fmt.Fprintf(os.Stderr, "\r%s: %d", what, n) }
}

// progressDone ends the line of progress.
func progressDone() {
	if onTerminal(os.Stderr) {
		fmt.Fprintln(os.Stderr)
	}
}

var errNoAnswer = errors.New("there was no answer, so nothing was changed")

// ask asks a question and reads a line of an answer, one byte at a time: the next question's answer may follow it.
func ask(question string) (string, error) {
	fmt.Print(question)
	var line strings.Builder
	for b := make([]byte, 1); ; {
		n, err := os.Stdin.Read(b)
		if n == 1 && b[0] != '\n' {
			line.WriteByte(b[0])
			continue
		}
		if err != nil && (line.Len() == 0 || !errors.Is(err, io.EOF)) {
			fmt.Println()
			return "", errNoAnswer
		}
		if n == 1 || err != nil {
			return strings.TrimSpace(line.String()), nil
		}
	}
}

// agreed asks a question that only "yes" answers with yes.
func agreed(question string) (bool, error) {
	answer, err := ask(question + " Type yes to go on: ")
	if err == nil && answer != "yes" {
		fmt.Println("Nothing was changed.")
	}
	return answer == "yes", err
}
