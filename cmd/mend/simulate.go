package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"example.org/mend/infra/simulation"
)

// simulateCmd is `mend simulate`: virtual worlds that fail, and what it costs.
type simulateCmd struct {
	Seed   uint64 `default:"1" help:"The first world."`
	Seeds  int    `default:"1" help:"How many worlds, one after another."`
	Days   int    `default:"45" help:"How long each lasts."`
	People int    `default:"6" help:"How many live in each."`
	Faults string `default:"all" help:"What fails: all, none, or a list with commas."`
	JSON   bool   `help:"Print one JSON object."`
	Trace  bool   `help:"Tell every step of the first world."`

	Price bool    `help:"Print what a million check-ins and an idle month cost."`
	Plan  int     `help:"With --price: so many people, and what they need." placeholder:"PEOPLE"`
	AWeek float64 `default:"7" help:"With --plan: letters a week to each."`
	Peak  float64 `default:"0.1" help:"With --plan: the share of a day's letters due in the most popular minute."`
	Quota float64 `default:"14" help:"With --plan: letters a second that SES allows."`
}

var errViolated = errors.New("an invariant does not hold")

// Run runs the worlds.
func (c *simulateCmd) Run() error {
	if c.Price {
		return c.price()
	}
	cfg := simulation.Config{Seed: c.Seed, Seeds: c.Seeds, Days: c.Days, People: c.People}
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
		fmt.Printf("%d worlds of %d days, %d steps: %+v\n", result.Seeds, result.Days, result.Steps, result.Counts)
	}
	if len(result.Violations) == 0 {
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

// measured is how many people the price is measured with; a page of every shape among them.
const measured = 5_000

func (c *simulateCmd) price() error {
	p, err := simulation.Measure(measured)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(p)
	}
	fmt.Println("a million check-ins")
	for _, line := range p.PerMillion.Lines() {
		fmt.Println(" ", line)
	}
	fmt.Printf("  beside SES $%.4f, SES $%.2f\n", p.PerMillion.USDBesidesSES, p.PerMillion.USDSES)
	fmt.Println("an idle month, without alarms; the first million SQS requests are free")
	for _, line := range p.IdleMonth.Lines() {
		fmt.Println(" ", line)
	}
	fmt.Printf("  in all $%.4f\n", p.IdleMonthUSD)
	if c.Plan > 0 {
		plan := simulation.Plan{People: c.Plan, AWeek: c.AWeek, Peak: c.Peak, Quota: c.Quota, Measure: p}
		fmt.Printf("%d people, %g letters a week each, quota %g a second\n", c.Plan, c.AWeek, c.Quota)
		for _, line := range plan.Say() {
			fmt.Println(" ", line)
		}
	}
	return nil
}

// lastLines is how much of a failing world is shown.
const lastLines = 60

// explain tells the last steps before a violation.
func (c *simulateCmd) explain(cfg simulation.Config, v simulation.Violation) {
	var lines []string
	simulation.Replay(cfg, v.Seed, v.Step, func(line string) {
		lines = append(lines, line)
		if len(lines) > 4*lastLines {
			lines = slices.Clone(lines[len(lines)-lastLines:])
		}
	})
	fmt.Println(strings.Join(lines[max(0, len(lines)-lastLines):], "\n"))
}
