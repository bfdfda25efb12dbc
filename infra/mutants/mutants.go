// Package mutants tests the simulator: it removes the conditions of the send protocol, one at a
// time, and fails unless the simulator finds each loss within 2,000 worlds, in a world that holds
// without the change. The files themselves are not touched: the compiler is given a changed copy
// (go build -overlay).
//
// Every test of every Condition in shared/store is taken away. Comments in the code say the rest:
//
//	//mutant:worlds ATTR FAULTS RATE PEOPLE   what fails in the worlds of the test of ATTR, on
//	                                          this line
//	//mutant:kept ATTR REASON                 no world needs the test of ATTR, and why it stands
//	                                          all the same
//	//mutant:drop NAME | FAULTS RATE PEOPLE   the statement is left out
//	//mutant:never NAME | …                   the condition of an if or a case is false;
//	                                          never[2]: its second operand is
//	//mutant:always NAME | …                  the same, true
package mutants

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Options say which mutants to try.
type Options struct {
	Only  string // those whose name contains this
	Seeds int    // in how many worlds each has to be found
	Part  int    // which part of the list, from 1, where several runs share it
	Parts int    // among how many runs the list is shared
}

// Run tries the mutants one after another and prints a line for each. It fails unless
// each is found.
func Run(o Options) error {
	return run(func(i int, m mutant) bool { return i%o.Parts == o.Part-1 && strings.Contains(m.name, o.Only) }, o.Seeds)
}

func run(mine func(int, mutant) bool, seeds int) error {
	mutants, err := find(".")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	whole := filepath.Join(dir, "whole")
	if err := build(whole); err != nil {
		return err
	}
	survived := 0
	for i, m := range mutants {
		if !mine(i, m) {
			continue
		}
		started := time.Now()
		found, err := m.try(dir, whole, seeds)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if found == "" {
			survived++
			found = "NOT FOUND"
		}
		fmt.Printf("%-60s %4.0f s  %s\n", m.name, time.Since(started).Seconds(), found)
	}
	if survived > 0 {
		return fmt.Errorf("failed: %d were not found: the simulator does not see what they break", survived)
	}
	fmt.Println("passed: the simulator sees every one")
	return nil
}

func build(program string, flags ...string) error {
	args := append(append([]string{"build"}, flags...), "-o", program, "./infra/mutants/worlds")
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("it does not compile: %s", out)
	}
	return nil
}

// changed is the text of the file with the change.
func (m mutant) changed() (string, error) {
	source, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	return string(source[:m.start]) + m.text + string(source[m.end:]), nil
}

// try builds the worlds with one change and runs them until one breaks that does not break without;
// it returns what broke.
func (m mutant) try(dir, whole string, seeds int) (string, error) {
	text, err := m.changed()
	if err != nil {
		return "", err
	}
	changed := filepath.Join(dir, "changed.go")
	if err := os.WriteFile(changed, []byte(text), 0o644); err != nil {
		return "", err
	}
	path, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
	if err != nil {
		return "", err
	}
	overlayFile, program := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "changed")
	if err := os.WriteFile(overlayFile, overlay, 0o644); err != nil {
		return "", err
	}
	if err := build(program, "-overlay", overlayFile); err != nil {
		return "", err
	}
	for first := 1; first <= seeds; {
		broke, err := m.run(program, first, seeds)
		if err != nil || broke == "" {
			return "", err
		}
		var seed int
		if _, err := fmt.Sscanf(broke, "seed %d,", &seed); err != nil {
			return "", fmt.Errorf("the worlds said %q: %w", broke, err)
		}
		unchanged, err := m.run(whole, seed, seed)
		if err != nil || unchanged == "" {
			return broke, err
		}
		first = seed + 1 // that world has another flaw
	}
	return "", nil
}

// run runs the worlds from one to another and returns what broke in the first that does.
func (m mutant) run(program string, first, last int) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	var out, trouble bytes.Buffer
	cmd := exec.CommandContext(ctx, program, append([]string{fmt.Sprint(first), fmt.Sprint(last)}, m.worlds...)...)
	cmd.Stdout, cmd.Stderr = &out, &trouble
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "", nil
	case errors.As(err, &exit) && exit.ExitCode() == 1 && out.Len() > 0:
		return strings.TrimSpace(out.String()), nil
	}
	return "", fmt.Errorf("the worlds ended with %w: %.2000s", err, trouble.String())
}
