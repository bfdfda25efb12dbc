package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"example.org/mend/shared/keyring"
)

type keysCmd struct {
	Init   keysInitCmd   `cmd:"" help:"Make the keys, unless they exist."`
	Export keysExportCmd `cmd:"" help:"Write a copy of the keys to a file."`
	Rotate keysRotateCmd `cmd:"" help:"Sign with a new key. Older keys stay valid."`
}

type keysInitCmd struct {
	targetFlags
	From string `type:"existingfile" placeholder:"FILE" help:"Restore lost keys from a copy."`
}

func (c *keysInitCmd) Run(ctx context.Context, out io.Writer) error {
	return c.do(ctx, func(in *target) error {
		made, err := c.makeKeys(ctx, in)
		if err != nil {
			return err
		}
		if len(made) == 0 {
			fmt.Fprintf(out, "The keys of %s are there already. Nothing was changed.\n", in.name)
			return nil
		}
		fmt.Fprintf(out, "Made for %s: %s.\n", in.name, strings.Join(made, ", "))
		if in.stack != nil {
			fmt.Fprintf(out, "They exist only below %s in Parameter Store. Without them, no link and no reply address "+
				"works again: mend keys export makes a copy for a safe place.\n", in.keyPath)
		}
		return nil
	})
}

func (c *keysInitCmd) makeKeys(ctx context.Context, in *target) ([]string, error) {
	if c.From == "" {
		return keyring.Init(ctx, in.keys, in.keyPath)
	}
	text, err := os.ReadFile(c.From)
	if err != nil {
		return nil, fmt.Errorf("read the copy: %w", err)
	}
	var secrets map[string]string
	if err := json.Unmarshal(text, &secrets); err != nil {
		// The text of the error may hold secrets.
		return nil, fmt.Errorf("%s is not a copy of keys from mend keys export", c.From)
	}
	return keyring.Import(ctx, in.keys, in.keyPath, secrets)
}

type keysExportCmd struct {
	targetFlags
	Out string `default:"mend-keys.json" type:"path" placeholder:"FILE" help:"The file to write. It must not exist yet."`
}

func (c *keysExportCmd) Run(ctx context.Context, out io.Writer) error {
	return c.do(ctx, func(in *target) error {
		secrets, err := keyring.Export(ctx, in.keys, in.keyPath)
		if err != nil {
			return err
		}
		var text bytes.Buffer
		if err = printJSON(&text, secrets); err == nil {
			err = createNew(c.Out, 0o600, &text)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s holds %s. Keep it with your passwords, and delete the file.\n",
			c.Out, counted(len(secrets), "key"))
		return nil
	})
}

type keysRotateCmd struct{ targetFlags }

func (c *keysRotateCmd) Run(ctx context.Context, out io.Writer) error {
	return c.do(ctx, func(in *target) error {
		id, err := keyring.Rotate(ctx, in.keys, in.keyPath)
		if err != nil {
			return err
		}
		ring, err := keyring.Read(ctx, in.keys, in.keyPath, time.Now(), keyring.Parts...)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "Made key %d for %s.\n", id, in.name)
		if ring.Signing != id {
			fmt.Fprintf(out, "Key %d keeps signing for ten minutes, until all functions know the new one.\n",
				ring.Signing)
		} else {
			fmt.Fprintln(out, "It signs from now on.")
		}
		fmt.Fprintf(out, "Valid keys: %d.\n", len(ring.Held))
		return nil
	})
}
