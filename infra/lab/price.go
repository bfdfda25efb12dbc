package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"example.org/mend/infra/simulation"
	"example.org/mend/shared/capacity"
)

// priceCmd is `lab price`: what AWS would bill for what the code does.
type priceCmd struct {
	Quota float64 `default:"200" help:"Letters a second that SES allows."`
	capacity.Habits
	JSON  bool `help:"Print one JSON object."`
	Write bool `help:"Measure at several quotas and write shared/capacity/measured.json, which mend plan reads."`
}

// Help is shown by --help.
func (priceCmd) Help() string { return `  go run ./infra/lab price --quota 14` }

// Quotas are those at which mend plan knows the price.
var Quotas = []float64{1, 14, 50, 200, 1000}

func (c *priceCmd) write() error {
	var all []capacity.Measured
	for _, quota := range Quotas {
		p, err := simulation.Measure(measured, quota)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%g a second: $%.4f\n", quota, p.PerMillion.USDBesidesSES)
		all = append(all, capacity.Measured{Quota: quota, Price: p})
	}
	text, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile("shared/capacity/measured.json", append(text, '\n'), 0o644)
}

// measured is how many people the price is measured with; a page of every shape among them.
const measured = 5_000

// Run prints the price.
func (c *priceCmd) Run() error {
	if c.Write {
		return c.write()
	}
	if !(c.Quota > 0 && c.Quota <= 1e6) || c.Replies < 0 || c.Pages < 0 {
		return errors.New("--quota is more than 0, and no other figure is less than 0")
	}
	p, err := simulation.Measure(measured, c.Quota)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(p)
	}
	fmt.Printf("a million check-ins, at a quota of %g a second (an invocation is billed while it waits its turn)\n",
		c.Quota)
	for _, line := range simulation.BillLines(p.PerMillion) {
		fmt.Println(" ", line)
	}
	fmt.Printf("  beside SES $%.4f, SES $%.2f\n", p.PerMillion.USDBesidesSES, p.PerMillion.USDSES)
	fmt.Printf("  not in the sum: %.2f GB of logs, of which 5 GB a month are free; beyond them $%.4f\n",
		p.PerMillion.LogGB, p.PerMillion.USDLogs)
	fmt.Println("a thousand replies: SES puts each into S3, the function reads and deletes it there")
	for _, line := range simulation.BillLines(p.PerThousandReplies) {
		fmt.Println(" ", line)
	}
	fmt.Printf("  beside SES $%.4f, SES $%.2f for the mail that it takes\n",
		p.PerThousandReplies.USDBesidesSES, p.PerThousandReplies.USDSES)
	fmt.Println("a thousand pages, half of them settings, half journals, each with its style sheet and script, " +
		"which the browser then keeps")
	for _, line := range simulation.BillLines(p.PerThousandPages) {
		fmt.Println(" ", line)
	}
	fmt.Printf("  in all $%.4f\n", p.PerThousandPages.USDBesidesSES)
	besidesSES, ses := p.With(c.Habits)
	fmt.Printf("so a million check-ins with %d replies and %d pages to a hundred (--replies, --pages): "+
		"beside SES $%.2f, SES $%.2f\n",
		c.Replies, c.Pages, besidesSES, ses)
	fmt.Println("kept for good, in the table and its backups, per million")
	for _, line := range simulation.KeptLines(p.Kept) {
		fmt.Println(" ", line)
	}
	fmt.Println("an idle month, without alarms; the first million SQS requests are free, " +
		"the schedule's 43,200 starts are too")
	for _, line := range simulation.BillLines(p.IdleMonth) {
		fmt.Println(" ", line)
	}
	fmt.Printf("  in all $%.4f\n", p.IdleMonthUSD)
	return nil
}
