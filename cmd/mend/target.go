package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"time"

	"example.org/mend/cmd/mend/machine"
	"example.org/mend/shared/change"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/operate"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
)

// targetFlags say which Mend a command is about: a stack on AWS, or the file of one machine.
type targetFlags struct {
	Stack  string `xor:"where" placeholder:"NAME" help:"A stack on AWS, in the account of AWS_PROFILE."`
	Region string `placeholder:"REGION" help:"The region of the stack. Default: AWS_REGION."`
	Data   string `xor:"where" type:"path" placeholder:"FOLDER" help:"The data folder of mend run on this machine. Stop mend run first, unless the command only looks: stats, doctor, export."`
}

type target struct {
	name    string // for people
	now     func() time.Time
	table   store.Table
	queue   mend.Queue
	blobs   mend.Blobs
	queues  []queueAdmin
	keys    keyring.Writer
	keyPath string
	journal operate.Lister
	close   func() error

	stack *stack      // on AWS
	file  *local.File // on one machine
}

type queueAdmin struct {
	name string

	// depth is about how many messages wait, and how many are among the dead letters.
	depth func(context.Context) (waiting, dead int, err error)

	// redrive puts the dead letters back, and returns how many it were.
	redrive func(context.Context) (moved int, err error)
}

type dataOpener = func(ctx context.Context, folder string) (*local.File, error)

// open opens what the flags say with openData for one machine. Its errors say what to do.
func (t targetFlags) open(ctx context.Context, openData dataOpener) (*target, error) {
	switch {
	case t.Stack != "":
		return openStack(ctx, t.Stack, t.Region)
	case t.Data == "":
		return nil, errors.New("say where: --stack NAME for a stack on AWS, --data FOLDER (mend run has ./.mend) for " +
			"one machine")
	case t.Region != "":
		return nil, errors.New("--region goes with --stack, not with --data")
	}
	f, err := openData(ctx, t.Data)
	if err != nil {
		return nil, err
	}
	return targetOf(f), nil
}

// do opens what the flags say, works on it and closes it. A machine must not run on its data
// meanwhile.
func (t targetFlags) do(ctx context.Context, work func(*target) error) error {
	return t.with(ctx, machine.OpenFile, work)
}

// look is do for what only reads: a machine may run on its data meanwhile.
func (t targetFlags) look(ctx context.Context, read func(*target) error) error {
	return t.with(ctx, machine.OpenToRead, read)
}

func (t targetFlags) with(ctx context.Context, open dataOpener, work func(*target) error) error {
	in, err := t.open(ctx, open)
	if err != nil {
		return err
	}
	return errors.Join(work(in), in.close())
}

func targetOf(f *local.File) *target {
	in := &target{
		name: f.Path, now: f.Clock.Now, table: f.DB, queue: f.Queues, blobs: f.Blobs, keys: f.Keys,
		keyPath: machine.KeyPath, journal: f.Blobs, close: f.Close, file: f,
	}
	for _, name := range local.QueueNames {
		q := f.Queues[name]
		depth := func(context.Context) (int, int, error) { return q.Waiting(), len(q.Dead()), nil }
		in.queues = append(in.queues, queueAdmin{name, depth, q.Redrive})
	}
	return in
}

// service is the use cases, but for those that compose letters: what they queue, the send function
// or `mend run` sends. It reads the keys.
func (in *target) service(ctx context.Context) (*service.Service, error) {
	ring, err := keyring.Read(ctx, in.keys, in.keyPath, time.Now(), keyring.Parts...)
	if err != nil {
		return nil, err
	}
	return service.New(service.Config{Base: change.Base{
		Store: store.New(in.table, ring.Address), Queue: in.queue, Blobs: in.blobs, Keys: ring.Links,
		ReplyKeys: ring.Replies, Now: in.now, Rand: rand.Reader, Log: operatorLog(),
	}}), nil
}

// reading is the use cases that need no keys.
func (in *target) reading() *service.Service {
	return service.New(service.Config{Base: change.Base{
		Store: store.New(in.table, nil), Now: in.now, Log: operatorLog(),
	}})
}

// operatorLog is what the service tells an operator: ids, no address and no words.
func operatorLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
