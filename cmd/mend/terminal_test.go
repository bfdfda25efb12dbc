package main

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"
)

// Ctrl-C at a question ends the command, though no one types.
func TestAnInterruptIsNoAnswer(t *testing.T) {
	silent, typing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdin := os.Stdin
	defer func() { os.Stdin = stdin; typing.Close(); silent.Close() }()
	os.Stdin = silent
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	if answer, err := ask(ctx, io.Discard, "Their address: "); !errors.Is(err, errNoAnswer) {
		t.Errorf("got %q, %v, want errNoAnswer", answer, err)
	}
}
