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

// simulateCmd is `mend simulate`: virtual worlds that fail, and what it costs.
type simulateCmd struct {
	Seed   uint64  `default:"1" help:"The first world."`
	Seeds  int     `default:"1" help:"How many worlds, one after another."`
	Days   int     `default:"45" help:"How long each lasts."`
	People int     `default:"6" help:"How many live in each."`
	Faults string  `default:"all" help:"What fails: all, none, or a list with commas."`
	Harder float64 `default:"1" help:"How many times as often as usual things fail."`
	Rate   float64 `help:"How often, per call, each of the faults falls in every world; 0: as its seed draws it."`
	JSON   bool    `help:"Print one JSON object."`
	Trace  bool    `help:"Tell every step of the first world."`
	Rates  bool    `help:"Print how often a letter comes twice, or never, where things fail so and so often."`

	Price      bool    `help:"Print what a million check-ins and an idle month cost."`
	Plan       int     `help:"With --price: so many people, and what they need." placeholder:"PEOPLE"`
	Quota      float64 `default:"200" help:"With --price: letters a second that SES allows."`
	Daily      int     `default:"45" help:"With --plan: of a hundred people, who get a letter every day,"`
	Weekdays   int     `default:"25" help:"on weekdays,"`
	Weekly     int     `default:"25" help:"once a week; the rest once a month."`
	Replies    int     `default:"30" help:"With --price: replies to a hundred letters,"`
	Pages      int     `default:"10" help:"and pages that somebody looks at. Nobody knows before: these are assumptions."`
	DailyQuota float64 `help:"With --plan: letters in 24 hours that SES allows; 0: do not look." name:"daily-quota"`
}

var errViolated = errors.New("an invariant does not hold")

// Run runs the worlds.
func (c *simulateCmd) Run() error {
	if c.Price {
		return c.price()
	}
	cfg := simulation.Config{Seed: c.Seed, Seeds: c.Seeds, Days: c.Days, People: c.People, Harder: c.Harder, Rate: c.Rate}
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
	p, err := simulation.Measure(measured, c.Quota)
	if err != nil {
		return err
	}
	habits := simulation.Habits{Replies: c.Replies, Pages: c.Pages}
	var plan *simulation.Plan
	if c.Plan > 0 {
		made, err := simulation.NewPlan(c.Plan, simulation.Shares{Daily: c.Daily, Weekdays: c.Weekdays, Weekly: c.Weekly}, habits, c.Quota, c.DailyQuota, p)
		if err != nil {
			return err
		}
		plan = &made
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(struct {
			simulation.Price
			Plan *simulation.Plan `json:"plan,omitempty"`
		}{p, plan})
	}
	fmt.Printf("a million check-ins, at a quota of %g a second (an invocation is billed while it waits its turn)\n", c.Quota)
	for _, line := range p.PerMillion.Lines() {
		fmt.Println(" ", line)
	}
	fmt.Printf("  beside SES $%.4f, SES $%.2f\n", p.PerMillion.USDBesidesSES, p.PerMillion.USDSES)
	fmt.Printf("  not in the sum: %.2f GB of logs, of which 5 GB a month are free; beyond them $%.4f\n", p.PerMillion.LogGB, p.PerMillion.USDLogs)
	fmt.Println("a thousand replies: SES puts each into S3, the function reads and deletes it there")
	for _, line := range p.PerThousandReplies.Lines() {
		fmt.Println(" ", line)
	}
	fmt.Printf("  beside SES $%.4f, SES $%.2f for the mail that it takes\n", p.PerThousandReplies.USDBesidesSES, p.PerThousandReplies.USDSES)
	fmt.Println("a thousand pages, half of them settings, half journals, each with its style sheet and script, which the browser then keeps")
	for _, line := range p.PerThousandPages.Lines() {
		fmt.Println(" ", line)
	}
	fmt.Printf("  in all $%.4f\n", p.PerThousandPages.USDBesidesSES)
	with := p.With(habits)
	fmt.Printf("so a million check-ins with %d replies and %d pages to a hundred (--replies, --pages): beside SES $%.2f, SES $%.2f\n", c.Replies, c.Pages, with.USDBesidesSES, with.USDSES)
	fmt.Println("kept for good, in the table and its backups, per million")
	for _, line := range p.Kept.Lines() {
		fmt.Println(" ", line)
	}
	fmt.Println("an idle month, without alarms; the first million SQS requests are free, the schedule's 43,200 starts are too")
	for _, line := range p.IdleMonth.Lines() {
		fmt.Println(" ", line)
	}
	fmt.Printf("  in all $%.4f\n", p.IdleMonthUSD)
	if plan != nil {
		fmt.Printf("%d people, quota %g a second; of a hundred %d daily, %d on weekdays, %d weekly, the others monthly\n", c.Plan, c.Quota, c.Daily, c.Weekdays, c.Weekly)
		for _, line := range plan.Say() {
			fmt.Println(" ", line)
		}
	}
	return nil
}

// lastLines is how much of a failing world is shown, and as much again of what happened to the one person.
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
	fmt.Printf("again: mend simulate --seed %d --days %d --people %d --faults %s --harder %g --rate %g --trace\n", v.Seed, cfg.Days, cfg.People, faults, max(cfg.Harder, 1), cfg.Rate)
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
			perMillion(n.GivenUp, n.Owed), perMillion(n.Failed, n.Owed), perMillion(n.Expired, n.Owed), twice, perMillion(n.DuplicatesAfterUnknown, twice))
	}
	fmt.Println("\nFigures per million of what was due; of the last column, of the letters that have a second attempt.")
	return nil
}

func withoutRestore() []string {
	return slices.DeleteFunc(slices.Clone(simulation.Faults), func(name string) bool { return name == "restore" })
}
