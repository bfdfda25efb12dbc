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
	"example.org/mend/shared/operate"
	"example.org/mend/shared/service"
)

// restoreCmd is `mend restore`.
type restoreCmd struct {
	where
	Table  string    `placeholder:"NAME" help:"For a stack: the table that was restored from a backup."`
	Backup string    `type:"path" placeholder:"FILE" help:"For one machine: the copy of mend.db to restore."`
	Taken  time.Time `format:"2006-01-02T15:04:05Z07:00" placeholder:"INSTANT" help:"When the backup was taken, such as 2026-03-01T07:00:00Z. Default: its last tick."`
	Stops  time.Time `format:"2006-01-02T15:04:05Z07:00" placeholder:"INSTANT" help:"For a stack that runs again: do the stops that people asked for since then."`
	Yes    bool      `help:"Don't ask."`
}

// Help is shown by --help.
func (restoreCmd) Help() string {
	return `Makes a backup safe to send from. The restore journal says who stopped, was suppressed, blocked or erased since the
backup was taken, and this does it again. It also marks as done what may have been sent since. Nothing may run
meanwhile: docs/aws.md shows each step. After an error, run it again before anything is sent.

  mend restore --stack mend --table mend-restored --taken 2026-03-01T07:00:00Z
  mend restore --data ./.mend --backup ./mend-of-monday.db`
}

// Run replays the journal.
func (c *restoreCmd) Run() error {
	if c.Stack != "" && !c.Stops.IsZero() {
		return c.do(c.stops)
	}
	switch {
	case c.Stack != "" && (c.Table == "" || c.Backup != ""):
		return errors.New("name the table that was restored from the backup: --table NAME")
	case c.Data != "" && (c.Backup == "" || c.Table != ""):
		return errors.New("name the file to restore: --backup FILE")
	}
	return c.do(func(ctx context.Context, in *installation) error {
		if in.stack != nil {
			return c.table(ctx, in)
		}
		return c.file(ctx, in)
	})
}

// stops does what people asked for after the restore had read the journal. Everything may run meanwhile.
func (c *restoreCmd) stops(ctx context.Context, in *installation) error {
	svc, err := in.service(ctx)
	if err != nil {
		return err
	}
	n, err := svc.Operate.ReplayStops(ctx, in.journal, c.Stops)
	if err != nil {
		return err
	}
	fmt.Printf("Stopped since %s: %s.\n", c.Stops.UTC().Format(time.RFC3339), strings.Replace(counted(n, "person"), "persons", "people", 1))
	return nil
}

func (c *restoreCmd) table(ctx context.Context, in *installation) error {
	began := time.Now().Add(-time.Minute)
	if c.Table == in.stack.outputs["Table"] {
		return fmt.Errorf("%s is the table that %s uses now: restore the backup into another table, and name that one", c.Table, in.name)
	}
	if _, err := in.stack.guardsOf(ctx, c.Table); err != nil {
		return err
	}
	in.table = in.stack.tableNamed(c.Table)
	svc, err := in.service(ctx)
	if err != nil {
		return err
	}
	done, err := c.replay(ctx, in, svc, "the table "+c.Table)
	if err != nil || !done {
		return err
	}
	if err := in.stack.guard(ctx, c.Table); err != nil {
		return err
	}
	fmt.Printf("The table %[1]s is safe to send from. To use it: make deploy PARAMETERS='RestoredTable=%[1]s Running=yes'\n"+
		"Then, for those who stop meanwhile: mend restore --stack %[2]s --stops %[3]s\n", c.Table, c.Stack, began.UTC().Format(time.RFC3339))
	return nil
}

// replay shows what is going to happen, asks, and does it.
func (c *restoreCmd) replay(ctx context.Context, in *installation, svc *service.Service, what string) (done bool, err error) {
	taken := c.Taken
	if taken.IsZero() {
		mark, err := svc.Store.Watermark(ctx)
		if err != nil {
			return false, err
		}
		if taken = mark.At; taken.IsZero() {
			return false, errors.New("this backup has no tick: say when it was taken with --taken")
		}
	}
	counts, err := operate.Journalled(ctx, in.journal, taken)
	if err != nil {
		return false, err
	}
	fmt.Printf("%s is from %s. The journal of %s since then:\n", title(what), taken.UTC().Format(time.RFC3339), in.name)
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		fmt.Printf("  %-14s %d\n", kind, counts[kind])
	}
	if len(counts) == 0 {
		fmt.Println("  nothing")
	}
	fmt.Println("All of that is done again. Nothing is sent today. Single letters that came due since then are canceled.")
	if !c.Yes {
		if yes, err := agreed("Nothing else may run meanwhile."); !yes {
			return false, err
		}
	}
	return true, svc.Operate.Restore(ctx, in.journal, taken)
}

// file makes a copy of the backup fit, and puts it in the place of the file in use, which stays beside it.
func (c *restoreCmd) file(ctx context.Context, in *installation) error {
	current := in.file.Path()
	fresh := filepath.Join(filepath.Dir(current), "mend.db.restoring")
	if err := copyFile(c.Backup, fresh); err != nil {
		return err
	}
	defer os.Remove(fresh)
	f, err := machine.OpenCopy(ctx, fresh)
	if err != nil {
		return err
	}
	done, err := c.fileInto(ctx, in, f)
	if err = errors.Join(err, f.Close()); err != nil || !done {
		return err
	}
	aside := current + ".replaced-" + time.Now().UTC().Format("20060102T150405Z")
	if err := os.Rename(current, aside); err != nil {
		return fmt.Errorf("move the data file aside: %w", err)
	}
	if err := os.Rename(fresh, current); err != nil {
		return fmt.Errorf("put the restored file in its place: %w", err)
	}
	fmt.Printf("%s is restored, and you can run it. The file it replaces is %s: delete it once all is well.\n", current, aside)
	return nil
}

func (c *restoreCmd) fileInto(ctx context.Context, in *installation, f *machine.File) (done bool, err error) {
	if err := f.TakeOver(ctx, in.file); err != nil {
		return false, err
	}
	svc, err := f.Service(ctx, operatorLog())
	if err != nil {
		return false, err
	}
	svc.Now = in.now
	return c.replay(ctx, in, svc, "the copy of "+c.Backup)
}

// copyFile copies a file that nobody else needs to read.
func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("copy the backup: %w", err)
	}
	_, err = io.Copy(target, source)
	if err = errors.Join(err, target.Close()); err != nil {
		return fmt.Errorf("copy the backup: %w", err)
	}
	return nil
}
