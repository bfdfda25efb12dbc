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
	Init   keysInitCmd   `cmd:"" help:"Make the keys of a stack that has none, and leave those that are there."`
	Rotate keysRotateCmd `cmd:"" help:"Make a new key to sign with. The older ones keep verifying."`
}

type keysInitCmd struct{ stackFlag }

// Run makes what is missing.
func (c *keysInitCmd) Run() error {
	ctx := context.Background()
	cfg, err := c.aws(ctx)
	if err != nil {
		return err
	}
	made, err := keyring.Init(ctx, keyring.NewParameterStore(cfg), c.keyPath())
	if err != nil {
		return err
	}
	if len(made) == 0 {
		fmt.Printf("The keys below %s are there already. Nothing was changed.\n", c.keyPath())
		return nil
	}
	fmt.Printf("Made below %s: %s.\n", c.keyPath(), strings.Join(made, ", "))
	fmt.Println("They exist in Parameter Store alone. Without them no link, no reply address and no address can be read again.")
	return nil
}

type keysRotateCmd struct{ stackFlag }

// Run makes the next key.
func (c *keysRotateCmd) Run() error {
	ctx := context.Background()
	cfg, err := c.aws(ctx)
	if err != nil {
		return err
	}
	client := keyring.NewParameterStore(cfg)
	id, err := keyring.Rotate(ctx, client, c.keyPath())
	if err != nil {
		return err
	}
	ring, err := keyring.Read(ctx, client, c.keyPath(), time.Now())
	if err != nil {
		return err
	}
	fmt.Printf("Made token-%d. Until all functions know it, for ten minutes, key %d signs on.\n", id, ring.Signing)
	return nil
}
