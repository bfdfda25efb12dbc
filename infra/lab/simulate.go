package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.org/mend/infra/simulation"
)

// simulateCmd is `lab simulate`: virtual worlds that fail.
type simulateCmd struct {
	Seed   uint64  `default:"1" help:"The first world."`
	Seeds  int     `default:"1" help:"How many worlds, one after another."`
	Days   int     `default:"45" help:"How long each lasts."`
	People int     `default:"6" help:"How many live in each."`
	Faults string  `default:"all" help:"What fails: all, none, or a list with commas."`
	Harder float64 `default:"1" help:"How many times as often as usual things fail."`
	Rate   float64 `placeholder:"P" help:"How often, per call, each of the faults falls in every world; 0: as its seed draws it."`
	JSON   bool    `help:"Print one JSON object."`
	Trace  bool    `help:"Tell every step of the first world."`
	Rates  bool    `help:"Print how often a letter comes twice, or never, where things fail so and so often."`
}

// mostDays is how long a world may last: its clock counts nanoseconds, and dates end in 2099.
const mostDays = 3650

var errViolated = errors.New("an invariant does not hold")

// Run runs the worlds.
func (c *simulateCmd) Run() error {
	if c.Seeds < 1 || c.Days < 1 || c.Days > mostDays || c.People < 1 || !(c.Harder >= 0 && c.Harder < 1000) ||
		!(c.Rate >= 0 && c.Rate <= 1) {
		return errors.New("--seeds, --days and --people are 1 at least, --days is 3650 at most, " +
			"--harder is below 1000 and --rate is a probability")
	}
	cfg := simulation.Config{
		Seed: c.Seed, Seeds: c.Seeds, Days: c.Days, People: c.People, Harder: c.Harder, Rate: c.Rate,
	}
	if c.Rates {
		return rates(cfg)
	}
	switch c.Faults {
	case "all":
		cfg.Faults = simulation.Faults
	case "none":
	default:
		cfg.Faults = strings.Split(c.Faults, ",")
		for _, name := range cfg.Faults {
			if !slices.Contains(simulation.Faults, name) {
				return fmt.Errorf("--faults %s: the faults are %s", name, strings.Join(simulation.Faults, ", "))
			}
		}
	}
	if c.Trace {
		if v := simulation.Replay(cfg, c.Seed, 0, func(line string) { fmt.Println(line) }); v != nil {
			return errViolated
		}
		return nil
	}
	started := time.Now()
	if c.Seeds > 1 {
		cfg.Progress = func(done int) {
			if done%100 == 0 || done == c.Seeds {
				fmt.Fprintf(os.Stderr, "%d of %d worlds, %.0f s\n", done, c.Seeds, time.Since(started).Seconds())
			}
		}
	}
	result := simulation.Run(cfg)
	if c.JSON {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(result); err != nil {
			return err
		}
	} else {
		fmt.Printf("worlds %d to %d, %d days each, %d steps: %+v\n",
			c.Seed, c.Seed+uint64(c.Seeds)-1, result.Days, result.Steps, result.Counts)
	}
	if len(result.Violations) == 0 {
		if !c.JSON {
			fmt.Println("passed: every invariant held in every world")
		}
		return nil
	}
	if !c.JSON {
		for _, v := range result.Violations {
			fmt.Println(v)
		}
		c.explain(cfg, result.Violations[0])
	}
	return errViolated
}

// lastLines is how much of a failing world is shown, and as much again of what happened
// to the one person.
const lastLines = 30

// explain looks for a smaller world that breaks the same, and tells what led to it.
func (c *simulateCmd) explain(cfg simulation.Config, v simulation.Violation) {
	cfg, v = simulation.Shortest(cfg, v)
	var lines []string
	simulation.Replay(cfg, v.Seed, v.Step, func(line string) { lines = append(lines, line) })
	fmt.Printf("\nthe smallest that was found: %s\n", v)
	if who := personIn.FindString(v.What); who != "" {
		var theirs []string
		for _, line := range lines {
			if strings.Contains(line, who) && written.MatchString(line) {
				theirs = append(theirs, line)
			}
		}
		fmt.Printf("what was written of %s:\n%s\n", who, strings.Join(theirs[max(0, len(theirs)-lastLines):], "\n"))
	}
	fmt.Printf("the last steps:\n%s\n", strings.Join(lines[max(0, len(lines)-lastLines):], "\n"))
	faults := strings.Join(cfg.Faults, ",")
	if faults == "" {
		faults = "none"
	}
	fmt.Printf("again: go run ./infra/lab simulate --seed %d --days %d --people %d --faults %s --harder %g --rate %g "+
		"--trace\n",
		v.Seed, cfg.Days, cfg.People, faults, max(cfg.Harder, 1), cfg.Rate)
}

var (
	personIn = regexp.MustCompile(`[a-z2-7]{16}`)
	written  = regexp.MustCompile(`: (write|transact|MAIL) |VIOLATION| -- `)
)

// rates prints a table for docs/protocol.md.
func rates(cfg simulation.Config) error {
	fmt.Println("| what fails | how often | due | given up | failed | expired | second attempts allowed | came twice |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, row := range []struct {
		what   string
		faults []string
		rate   float64
	}{
		{"processes die", []string{"crash"}, 0.0001},
		{"processes die", []string{"crash"}, 0.001},
		{"the mail service does not answer, closes, refuses", []string{"mail"}, 0.001},
		{"the table does not answer, or its answer is lost", []string{"timeout", "lost"}, 0.001},
		{"processes die, and SES events are late or lost", []string{"crash", "events"}, 0.01},
		{"everything but a restore", withoutRestore(), 0.001},
		{"everything but a restore", withoutRestore(), 0.01},
	} {
		cfg.Faults, cfg.Rate = row.faults, row.rate
		result := simulation.Run(cfg)
		if len(result.Violations) > 0 {
			fmt.Fprintln(os.Stderr, result.Violations[0])
			return errViolated
		}
		n := result.Counts
		perMillion := func(some, of int) string { return fmt.Sprintf("%.0f", float64(some)*1e6/float64(max(of, 1))) }
		twice := n.Letters["promise"] + n.Letters["reminder once more"] + n.Letters["notice erased"]
		fmt.Printf("| %s | 1 in %.0f calls | %d | %s | %s | %s | %d | %s |\n", row.what, 1/row.rate, n.Owed,
			perMillion(n.GivenUp, n.Owed), perMillion(n.Failed, n.Owed), perMillion(n.Expired, n.Owed), twice,
			perMillion(n.DuplicatesAfterUnknown, twice))
	}
	fmt.Println("\nFigures per million of what was due; of the last column, of the letters that have a second attempt.")
	return nil
}

func withoutRestore() []string {
	return slices.DeleteFunc(slices.Clone(simulation.Faults), func(name string) bool { return name == "restore" })
}
