package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.org/mend/cmd/mend/machine"
	"example.org/mend/shared/local"
	"example.org/mend/shared/operate"
)

type restoreCmd struct {
	targetFlags
	Table  string    `xor:"what" placeholder:"NAME" help:"For a stack: the table that was restored from a backup."`
	Backup string    `xor:"what" type:"path" placeholder:"FILE" help:"For one machine: the copy of mend.db to restore."`
	Taken  time.Time `format:"2006-01-02T15:04:05Z07:00" placeholder:"INSTANT" help:"When the backup was taken, such as 2026-03-01T07:00:00Z. Default: its last tick, and a later instant counts as that."`
	Stops  time.Time `xor:"what" format:"2006-01-02T15:04:05Z07:00" placeholder:"INSTANT" help:"For a stack that runs again: stop those who asked for it since then."`
	yesFlag
}

func (c *restoreCmd) Run(ctx context.Context, out io.Writer) error {
	switch {
	case c.Stack != "" && !c.Stops.IsZero():
		return c.do(ctx, func(in *target) error { return c.stops(ctx, out, in) })
	case c.Data != "" && !c.Stops.IsZero():
		return errors.New("--stops is for a stack: on one machine the restore with --backup is all")
	case c.Stack != "" && c.Table == "":
		return errors.New("name the table that was restored from the backup: --table NAME")
	case c.Data != "" && c.Backup == "":
		return errors.New("name the file to restore: --backup FILE")
	}
	return c.do(ctx, func(in *target) error {
		if in.stack != nil {
			return c.table(ctx, out, in)
		}
		return c.file(ctx, out, in)
	})
}

// stops does what people asked for after the restore had read the journal. Everything may run
// meanwhile.
func (c *restoreCmd) stops(ctx context.Context, out io.Writer, in *target) error {
	if c.Stops.After(in.now()) {
		return errors.New("--stops is an instant that is to come: give the one that the restore printed")
	}
	svc, err := in.service(ctx)
	if err != nil {
		return err
	}
	n, err := svc.Operate.ReplayStops(ctx, in.journal, c.Stops)
	if err != nil {
		return err
	}
	people := strings.Replace(counted(n, "person"), "persons", "people", 1)
	fmt.Fprintf(out, "Stopped since %s: %s.\n", c.Stops.UTC().Format(time.RFC3339), people)
	return nil
}

func (c *restoreCmd) table(ctx context.Context, out io.Writer, in *target) error {
	began := time.Now().Add(-time.Minute)
	if c.Table == in.stack.outputs["Table"] {
		return fmt.Errorf("%s is the table that %s uses now: restore the backup into another table, and name that one",
			c.Table, in.name)
	}
	if _, err := in.stack.guardsOf(ctx, c.Table); err != nil {
		return err
	}
	in.table = in.stack.tableNamed(c.Table)
	taken, err := c.replay(ctx, out, in, "The table "+c.Table)
	if err != nil {
		return err
	}
	if err := in.stack.protect(ctx, c.Table); err != nil {
		return notFinished(taken, err)
	}
	fmt.Fprintf(out, "The table %[1]s is safe to send from. To use it: "+
		"make deploy PARAMETERS='RestoredTable=%[1]s Running=yes'\n"+
		"Then, for those who stop meanwhile: mend restore --stack %[2]s --stops %[3]s\n",
		c.Table, c.Stack, began.UTC().Format(time.RFC3339))
	return nil
}

// replay shows what is going to happen, asks, and does it. It returns the instant that it took for
// that of the backup.
func (c *restoreCmd) replay(ctx context.Context, out io.Writer, in *target, what string) (taken time.Time, err error) {
	svc, err := in.service(ctx)
	if err != nil {
		return taken, err
	}
	mark, err := svc.Store.Watermark(ctx)
	if err != nil {
		return taken, err
	}
	// The backup knows what came before its last tick. What came later may be missing, so a later
	// instant is not used: it is safer to read too much of the journal.
	taken = c.Taken
	if tick := mark.At; taken.IsZero() || !tick.IsZero() && tick.Before(taken) {
		taken = tick
	}
	if taken.IsZero() {
		return taken, errors.New("this backup has no tick: say when it was taken with --taken")
	}
	counts, err := operate.Journalled(ctx, in.journal, taken)
	if err != nil {
		return taken, err
	}
	fmt.Fprintf(out, "%s is from %s. The journal of %s since then:\n", what, taken.UTC().Format(time.RFC3339), in.name)
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(out, "  %-14s %d\n", kind, counts[kind])
	}
	if len(counts) == 0 {
		fmt.Fprintln(out, "  nothing")
	}
	fmt.Fprintln(out, "All of that is done again. Nothing is sent today. Single letters that came due since then are "+
		"canceled.")
	if err := c.confirm(ctx, out, "Nothing else may run meanwhile."); err != nil {
		return taken, err
	}
	if err := svc.Operate.Restore(ctx, in.journal, taken); err != nil {
		return taken, notFinished(taken, err)
	}
	return taken, nil
}

// notFinished says what to do about a restore that ended with an error halfway. It may have moved
// the last tick by then, so the instant is named.
func notFinished(taken time.Time, err error) error {
	return fmt.Errorf("the restore isn't finished: run it again with --taken %s before anything is sent: %w",
		taken.UTC().Format(time.RFC3339), err)
}

// file makes a copy of the backup fit, and puts it in the place of the file in use, which stays
// beside it.
func (c *restoreCmd) file(ctx context.Context, out io.Writer, in *target) error {
	fresh := in.name + ".restoring"
	_ = os.Remove(fresh) // of a restore that was killed
	defer os.Remove(fresh)
	if stat, _ := os.Stat(c.Backup); stat != nil && stat.Size() == 0 { // it would be taken for a new file
		return fmt.Errorf("the backup %s is empty", c.Backup)
	}
	backup, err := os.Open(c.Backup)
	if err == nil {
		err = errors.Join(createNew(fresh, 0o600, backup), backup.Close())
	}
	if err != nil {
		return fmt.Errorf("copy the backup: %w", err)
	}
	f, err := local.Open(ctx, fresh, local.Options{})
	if err != nil {
		return fmt.Errorf("open the copy of %s: %w", c.Backup, err)
	}
	restored := targetOf(f)
	restored.name, restored.now = in.name, in.now
	if err = machine.TakeOver(ctx, f, in.file); err == nil {
		_, err = c.replay(ctx, out, restored, "The copy of "+c.Backup)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	aside := in.name + ".replaced-" + time.Now().UTC().Format("20060102T150405.000Z")
	if err := os.Rename(in.name, aside); err != nil {
		return fmt.Errorf("move the data file aside: %w", err)
	}
	if err := os.Rename(fresh, in.name); err != nil {
		return fmt.Errorf("put the restored file in its place: %w", err)
	}
	fmt.Fprintf(out, "%s is restored, and you can run it. The file it replaces is %s: delete it once all is well.\n",
		in.name, aside)
	return nil
}

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
