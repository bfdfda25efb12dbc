package main

import (
	"context"
	"fmt"
	"io"
)

type redriveCmd struct {
	targetFlags
	Queue string `arg:"" optional:"" enum:"send,now,receipt,feedback,all" default:"all" help:"Which queue: ${enum}."`
	yesFlag
}

func (c *redriveCmd) Run(ctx context.Context, out io.Writer) error {
	return c.do(ctx, func(in *target) error {
		var filled []queueAdmin
		for _, q := range in.queues {
			if c.Queue != "all" && c.Queue != q.name {
				continue
			}
			_, dead, err := q.depth(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%-10s %s\n", q.name, counted(dead, "dead letter"))
			if dead > 0 {
				filled = append(filled, q)
			}
		}
		if len(filled) == 0 {
			fmt.Fprintln(out, "There is nothing to put back.")
			return nil
		}
		if err := c.confirm(ctx, out, "Put all of them back?"); err != nil {
			return err
		}
		for _, q := range filled {
			moved, err := q.redrive(ctx)
			fmt.Fprintf(out, "Put back into the %s queue: %d.\n", q.name, moved)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
