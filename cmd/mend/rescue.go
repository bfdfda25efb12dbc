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

func (rescueCmd) Help() string {
	return `It goes into a new file. Letters whose record is lost may be sent again, so look at the new file with export
and stats before you run it. If you have a backup, restore it into the new folder: who stopped since is saved there.

  mend rescue --data ./.mend --into ./rescued
  mend restore --data ./rescued --backup ./mend-of-monday.db
  mend export --data ./rescued --address ann@mail.test`
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
