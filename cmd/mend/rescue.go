package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"example.org/mend/cmd/mend/machine"
)

type rescueCmd struct {
	Data string `required:"" type:"path" placeholder:"FOLDER" help:"The data folder with the damaged file. The file stays as it is."`
	Into string `required:"" type:"path" placeholder:"FOLDER" help:"A new folder for what can be read."`
}

func (c *rescueCmd) Run(ctx context.Context, out io.Writer) error {
	if filepath.Clean(c.Data) == filepath.Clean(c.Into) {
		return errors.New("choose another folder with --into: the damaged file stays as it is")
	}
	r, err := machine.Rescue(ctx, c.Data, c.Into)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Saved into %s: %d records and %d other entries. Damaged places left out: %d.\n",
		c.Into, r.Items, r.Others, r.Damaged)
	return nil
}
