package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// linesCmd is `lab lines`: how large the product is, for docs/architecture.md.
type linesCmd struct{}

// Help is shown by --help.
func (linesCmd) Help() string {
	return `Counts the lines of each package of this module that the five functions or cmd/mend link, as
"go list -deps" has them. Tests and generated files do not count. The output is a Markdown table.`
}

// The programs of the product. The laboratory is none of them.
var products = []struct {
	name     string
	packages []string
}{
	{"functions", []string{
		"./functions/dispatch/bootstrap", "./functions/feedback/bootstrap", "./functions/reply/bootstrap",
		"./functions/send/bootstrap", "./functions/web/bootstrap",
	}},
	{"mend", []string{"./cmd/mend"}},
}

// Run prints the table.
func (linesCmd) Run() error {
	fmt.Printf("Printed on %s by `go run ./infra/lab lines`.\n\n", time.Now().UTC().Format("2 January 2006"))
	return printLines(os.Stdout)
}

// printLines prints one row for each package, in the order of their paths, and a row of sums.
func printLines(w io.Writer) error {
	linked := map[string]map[string]int{} // package → product → lines
	for _, p := range products {
		counts, err := linesOf(p.packages)
		if err != nil {
			return err
		}
		for name, lines := range counts {
			if linked[name] == nil {
				linked[name] = map[string]int{}
			}
			linked[name][p.name] = lines
		}
	}
	fmt.Fprintln(w, "| package | linked by the functions | linked by `mend` alone |")
	fmt.Fprintln(w, "|---|---:|---:|")
	inFunctions, alone := 0, 0
	for _, name := range slices.Sorted(maps.Keys(linked)) {
		lines, ok := linked[name]["functions"]
		if ok {
			inFunctions += lines
			fmt.Fprintf(w, "| %s | %d | |\n", name, lines)
			continue
		}
		alone += linked[name]["mend"]
		fmt.Fprintf(w, "| %s | | %d |\n", name, linked[name]["mend"])
	}
	_, err := fmt.Fprintf(w, "| **all: %d** | **%d** | **%d** |\n", inFunctions+alone, inFunctions, alone)
	return err
}

// linesOf counts the lines of each package of this module that programs link, by its folder.
func linesOf(programs []string) (map[string]int, error) {
	args := append([]string{"list", "-deps", "-json=Dir,GoFiles,ImportPath,Module"}, programs...)
	out, err := exec.Command("go", args...).Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fmt.Errorf("go list: %w\n%s", err, failed.Stderr)
	}
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir, ImportPath string
			GoFiles         []string
			Module          *struct {
				Path string
				Main bool
			}
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return counts, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Module == nil || !p.Module.Main {
			continue
		}
		lines := 0
		for _, name := range p.GoFiles {
			text, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				return nil, err
			}
			if !generated(text) {
				lines += bytes.Count(text, []byte("\n"))
			}
		}
		counts[strings.TrimPrefix(p.ImportPath, p.Module.Path+"/")] = lines
	}
}

// generated reports whether a file says that a program wrote it (go help generate).
func generated(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		if bytes.HasPrefix(line, []byte("package ")) {
			return false
		}
		if bytes.HasPrefix(line, []byte("// Code generated ")) && bytes.HasSuffix(line, []byte(" DO NOT EDIT.")) {
			return true
		}
	}
	return false
}
