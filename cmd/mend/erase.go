package main

import (
	"context"
	"fmt"

	"example.org/mend/shared/account"
)

// eraseCmd is `mend erase`.
type eraseCmd struct {
	where
	addressFlag
}

// Help is shown by --help.
func (eraseCmd) Help() string {
	return `Erases everything about a person who asked for it and can't use the page. It happens at once and for good. They
get a last notice, and no backup brings them back. You have to type the word "delete".

  mend erase --stack mend
  mend erase --data ./.mend --address ann@mail.test`
}

// Run erases somebody.
func (c *eraseCmd) Run() error {
	return c.do(func(ctx context.Context, in *installation) error {
		svc, err := in.service(ctx)
		if err != nil {
			return err
		}
		p, err := c.find(ctx, svc)
		if err != nil {
			return err
		}
		fmt.Printf("That is person %s: %s, here since %s.\n", p.ID, p.Status, p.Created.UTC().Format("2 January 2006"))
		word, err := ask(fmt.Sprintf("Everything of them goes, for good. Type %s to go on: ", account.EraseWord))
		if err != nil {
			return err
		}
		if word != account.EraseWord {
			fmt.Println("Nothing was changed.")
			return nil
		}
		if err := svc.Account.Erase(ctx, asThemselves(p), word); err != nil {
			return err
		}
		fmt.Printf("Erased %s. Backups forget them within 35 days.\n", p.ID)
		return nil
	})
}
