package main

import (
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"example.org/mend/shared/capacity"
)

// planCmd is `mend plan`: what a number of people needs, what it costs, and what breaks first.
type planCmd struct {
	capacity.Asked
	JSON bool `help:"Print one JSON object."`
}

func (c *planCmd) Run(ctx *kong.Context, out io.Writer) error {
	if people := ctx.Selected().Positional[0]; !people.Set {
		for _, given := range ctx.Path {
			if given.Flag != nil && given.Flag.Name != "json" {
				return fmt.Errorf("--%s is about a number of people: name one, such as 1000000", given.Flag.Name)
			}
		}
		if c.JSON {
			return printJSON(out, capacity.All())
		}
		return printPrices(out)
	}
	plan, err := capacity.NewPlan(c.Asked, capacity.At(c.Quota))
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(out, plan)
	}
	fmt.Fprintf(out, "%d people at %g letters a second: of a hundred, %d daily, %d on weekdays, %d weekly, the others "+
		"monthly\n", c.People, c.Quota, c.Shares.Daily, c.Shares.Weekdays, c.Shares.Weekly)
	for _, line := range plan.Say() {
		fmt.Fprintln(out, " ", line)
	}
	return nil
}

func printPrices(out io.Writer) error {
	all := capacity.All()
	fmt.Fprintln(out, "What a million check-ins cost in dollars, beside the $100 for SES:")
	fmt.Fprintf(out, "  %-22s %8s %8s %8s %8s %8s\n", "letters a second", "writes", "reads", "Lambda", "SQS", "in all")
	for _, m := range all {
		b := m.Price.PerMillion
		lambda := b.LambdaRequests*capacity.USDLambda + b.LambdaGBs*capacity.USDGBSecond
		fmt.Fprintf(out, "  %-22g %8.2f %8.2f %8.2f %8.2f %8.2f\n", m.Quota, b.WRU*capacity.USDWRU,
			b.RRU*capacity.USDRRU, lambda, b.SQSRequests*capacity.USDSQS, b.USDBesidesSES)
	}
	fmt.Fprintf(out, "An idle month costs $%.2f.\n", all[0].Price.IdleMonthUSD)
	return nil
}
