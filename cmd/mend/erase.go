package main

import (
	"context"
	"fmt"
	"io"

	"example.org/mend/shared/account"
)

type eraseCmd struct {
	targetFlags
	addressFlag
}

func (c *eraseCmd) Run(ctx context.Context, out io.Writer) error {
	return c.do(ctx, func(in *target) error {
		svc, p, err := c.find(ctx, out, in)
		if err != nil {
			return err
		}
		since := p.Created.UTC().Format("2 January 2006")
		fmt.Fprintf(out, "That is person %s: %s, here since %s.\n", p.ID, p.Status, since)
		if err := confirm(ctx, out, "Everything of them goes, for good.", account.EraseWord); err != nil {
			return err
		}
		if err := svc.Account.Erase(ctx, asThemselves(p), account.EraseWord); err != nil {
			return err
		}
		fmt.Fprintf(out, "Erased %s. Backups forget them within 35 days.\n", p.ID)
		return nil
	})
}
