package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.org/mend/shared/keyring"
)

// keysCmd is `mend keys`.
type keysCmd struct {
	Init   keysInitCmd   `cmd:"" help:"Make the keys where there are none, and leave those that are there."`
	Rotate keysRotateCmd `cmd:"" help:"Make a new key to sign with. The older ones keep verifying."`
}

type keysInitCmd struct{ where }

// Help is shown by --help.
func (keysInitCmd) Help() string {
	return `The keys sign every link and every reply address, and name addresses in the table. On AWS they are parameters of Parameter
Store; on one machine they are in its file, and mend run makes them by itself.

  mend keys init --stack mend`
}

// Run makes what is missing.
func (c *keysInitCmd) Run() error {
	return c.do(func(ctx context.Context, in *installation) error {
		made, err := keyring.Init(ctx, in.keys, in.keyPath)
		if err != nil {
			return err
		}
		if len(made) == 0 {
			fmt.Printf("The keys of %s are there already. Nothing was changed.\n", in.name)
			return nil
		}
		fmt.Printf("Made for %s: %s.\n", in.name, strings.Join(made, ", "))
		if in.stack != nil {
			fmt.Printf("They exist below %s in Parameter Store alone. Without them no link, no reply address and no address can be read again.\n", in.keyPath)
		}
		return nil
	})
}

type keysRotateCmd struct{ where }

// Help is shown by --help.
func (keysRotateCmd) Help() string {
	return `Links and reply addresses that an older key signed stay good for as long as they were to be: rotating is safe at any time.

  mend keys rotate --stack mend
  mend keys rotate --data ./.mend`
}

// Run makes the next key.
func (c *keysRotateCmd) Run() error {
	return c.do(func(ctx context.Context, in *installation) error {
		id, err := keyring.Rotate(ctx, in.keys, in.keyPath)
		if err != nil {
			return err
		}
		ring, err := keyring.Read(ctx, in.keys, in.keyPath, time.Now())
		if err != nil {
			return err
		}
		fmt.Printf("Made token-%d for %s.\n", id, in.name)
		if ring.Signing != id {
			fmt.Printf("Until all functions know it, for ten minutes, key %d signs on.\n", ring.Signing)
		} else {
			fmt.Println("It signs from now on.")
		}
		fmt.Printf("Keys that verify: %d.\n", len(ring.Held))
		return nil
	})
}
