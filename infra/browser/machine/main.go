// Command machine is `mend run` for the tests in a browser: it starts with an empty folder, its
// clock stands still, and its ids are the same at each run. A person's id chooses their cards, so
// without that no two pictures of a card's words would be alike.
//
// It is a program of its own because whoever knows the seed knows each session's secret too:
// `mend` has no flag for it.
package main

import (
	"context"
	"flag"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"example.org/mend/cmd/mend/machine"
)

func main() {
	data := flag.String("data", "", "an empty `folder`")
	clock := flag.String("clock", "", "the `instant` at which time stands until it is moved")
	ready := flag.String("ready-file", "", "the `file` to say in where the site is")
	flag.Parse()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	if err := run(*data, *clock, *ready, log); err != nil {
		log.Error("the machine of the tests", "error", err)
		os.Exit(1)
	}
}

func run(data, clock, ready string, log *slog.Logger) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	at, err := time.Parse(time.RFC3339, clock)
	if err != nil {
		return err
	}
	m, err := machine.Open(ctx, machine.Config{
		Addr: "127.0.0.1:0", SMTP: "127.0.0.1:0", Data: data, Clock: at, NoTick: true, Contact: "post@mend.test",
		Rand: &draws{from: rand.NewChaCha8([32]byte{})}, Log: log,
	})
	if err != nil {
		return err
	}
	if err := m.WriteReadyFile(ready); err != nil {
		return err
	}
	return m.Run(ctx)
}

// draws are the same at each run, as long as they are asked for in the same order.
type draws struct {
	mu   sync.Mutex
	from *rand.ChaCha8
}

func (d *draws) Read(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.from.Read(b)
}
