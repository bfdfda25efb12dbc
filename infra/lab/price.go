package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"example.org/mend/infra/simulation"
)

// priceCmd is `lab price`: what AWS would bill for what the code does.
type priceCmd struct {
	Quota      float64 `default:"200" help:"Letters a second that SES allows."`
	Plan       int     `help:"For so many people, and what they need." placeholder:"PEOPLE"`
	Daily      int     `default:"45" help:"With --plan: of a hundred people, who get a letter every day,"`
	Weekdays   int     `default:"25" help:"on weekdays,"`
	Weekly     int     `default:"25" help:"once a week. The rest get one a month."`
	Replies    int     `default:"30" help:"Replies to a hundred letters,"`
	Pages      int     `default:"10" help:"and pages that people look at. These are assumptions."`
	DailyQuota float64 `help:"With --plan: letters in 24 hours that SES allows; 0: not checked." name:"daily-quota"`
	JSON       bool    `help:"Print one JSON object."`
}

// Help is shown by --help.
func (priceCmd) Help() string { return `  go run ./infra/lab price --quota 14 --plan 1000` }

// measured is how many people the price is measured with; a page of every shape among them.
const measured = 5_000

// Run prints the price.
func (c *priceCmd) Run() error {
	if !(c.Quota > 0 && c.Quota <= 1e6) || c.Plan < 0 || c.Replies < 0 || c.Pages < 0 || c.DailyQuota < 0 {
		return errors.New("--quota is more than 0, and no other figure is less than 0")
	}
	if c.Daily < 0 || c.Weekdays < 0 || c.Weekly < 0 || c.Daily+c.Weekdays+c.Weekly > 100 {
		return errors.New("--daily, --weekdays and --weekly are shares of a hundred people")
	}
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
