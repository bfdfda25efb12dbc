package main

import (
	"context"
	"fmt"
)

// redriveCmd is `mend redrive`.
type redriveCmd struct {
	where
	Queue string `arg:"" optional:"" enum:"send,now,receipt,feedback,all" default:"all" help:"Which queue: ${enum}."`
	Yes   bool   `help:"Don't ask."`
}

// Help is shown by --help.
func (redriveCmd) Help() string {
	return `A message that failed five times becomes a dead letter, and is kept for 14 days. Once you have fixed the fault,
this puts dead letters back into their queue. That is safe at any time: nothing is done twice, and a letter
that is too late isn't sent.

  mend redrive --stack mend
  mend redrive send --stack mend --yes`
}

// Run puts every dead letter back.
func (c *redriveCmd) Run() error {
	return c.do(func(ctx context.Context, in *installation) error {
		var some []line
		for _, l := range in.lines {
			if c.Queue != "all" && c.Queue != l.name() {
				continue
			}
			_, dead, err := l.depth(ctx)
			if err != nil {
				return err
			}
			fmt.Printf("%-10s %s\n", l.name(), counted(dead, "dead letter"))
			if dead > 0 {
				some = append(some, l)
			}
		}
		if len(some) == 0 {
			fmt.Println("There is nothing to put back.")
			return nil
		}
		if !c.Yes {
			if yes, err := agreed("Put all of them back?"); !yes {
				return err
			}
		}
		for _, l := range some {
			moved, err := l.redrive(ctx, progress("put back into the "+l.name()+" queue"))
			progressDone()
			fmt.Printf("Put back into the %s queue: %d.\n", l.name(), moved)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
