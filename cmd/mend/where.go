package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"example.org/mend/cmd/mend/machine"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/local"
	"example.org/mend/shared/operate"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
)

// where says which Mend a command is about: a stack on AWS, or the file of one machine.
type where struct {
	Stack  string `xor:"where" placeholder:"NAME" help:"A stack on AWS, in the account of AWS_PROFILE."`
	Region string `placeholder:"REGION" help:"The region of the stack. Default: AWS_REGION."`
	Data   string `xor:"where" type:"path" placeholder:"FOLDER" help:"The data folder of mend run on this machine. Stop mend run first, unless the command only looks: stats, doctor, export."`
}

// installation is the Mend that a command is about.
type installation struct {
	name    string // for people
	now     func() time.Time
	table   store.Table
	store   *store.Store // without the secret that names addresses; see service
	lines   []line
	keys    keyring.Writer
	keyPath string
	journal operate.Lister

	// service is the use cases, but for those that compose letters. It reads the keys.
	service func(context.Context) (*service.Service, error)
	close   func() error

	stack *stack        // on AWS
	file  *machine.File // on one machine
}

// line is a queue with its dead letters.
type line interface {
	name() string

	// depth is about how many messages wait, and how many are among the dead letters.
	depth(ctx context.Context) (waiting, dead int, err error)

	// redrive puts the dead letters back, and says after each how many it were so far.
	redrive(ctx context.Context, progress func(int)) (moved int, err error)
}

var errNowhere = errors.New("say where: --stack NAME for a stack on AWS, --data FOLDER (mend run has ./.mend) for one machine")

// open opens what the flags say with openData for one machine. Its errors say what to do.
func (w where) open(ctx context.Context, openData func(context.Context, string) (*machine.File, error)) (*installation, error) {
	var in *installation
	var err error
	switch {
	case w.Stack != "":
		in, err = openStack(ctx, w.Stack, w.Region)
	case w.Data != "" && w.Region != "":
		err = errors.New("--region goes with --stack, not with --data")
	case w.Data != "":
		var f *machine.File
		if f, err = openData(ctx, w.Data); err == nil {
			in = installationOf(f)
		}
	default:
		err = errNowhere
	}
	if err != nil {
		return nil, err
	}
	in.store = store.New(in.table, nil)
	return in, nil
}

// do opens what the flags say, works on it and closes it. A machine must not run on its data meanwhile.
func (w where) do(work func(context.Context, *installation) error) error {
	return w.with(machine.OpenFile, work)
}

// look is do for what only reads: a machine may run on its data meanwhile.
func (w where) look(read func(context.Context, *installation) error) error {
	return w.with(machine.OpenToRead, read)
}

func (w where) with(
	open func(context.Context, string) (*machine.File, error), work func(context.Context, *installation) error,
) error {
	ctx, cancel := interruptible()
	defer cancel()
	in, err := w.open(ctx, open)
	if err != nil {
		return err
	}
	return errors.Join(work(ctx, in), in.close())
}

// operatorLog is what the service tells an operator: ids, no address and no words.
func operatorLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func installationOf(f *machine.File) *installation {
	in := &installation{
		name: f.Path(), now: f.Clock.Now, table: f.DB, keys: f.Keys, keyPath: machine.KeyPath, journal: f.Blobs, file: f,
		service: func(ctx context.Context) (*service.Service, error) { return f.Service(ctx, operatorLog()) },
		close:   f.Close,
	}
	for _, name := range machine.QueueNames {
		in.lines = append(in.lines, localLine{name, f.Queues[name]})
	}
	return in
}

// localLine is a queue in the file of a machine.
type localLine struct {
	queue string
	*local.Queue
}

func (l localLine) name() string { return l.queue }

func (l localLine) depth(context.Context) (waiting, dead int, err error) {
	return l.Waiting(), len(l.Dead()), nil
}

func (l localLine) redrive(ctx context.Context, progress func(int)) (int, error) {
	moved, err := l.Redrive(ctx)
	if err == nil {
		progress(moved)
	}
	return moved, err
}

// title is a word with a capital: "send" is the Send of an output's name.
func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// counted is a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
