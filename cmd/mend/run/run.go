// Package run is the command that runs all of Mend on one machine. It is apart from the others so
// that it can be built alone, in half the time: they need the clients of a dozen services of AWS.
package run

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"gopkg.in/natefinch/lumberjack.v2"

	"example.org/mend/cmd/mend/machine"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/heap"
)

// Command is `mend run`.
type Command struct {
	machine.Config
	Demo      bool   `help:"Start with three people and half a year behind them, in the folder demo of the data folder."`
	ShowLog   bool   `name:"log" help:"Show the log here too. It is always kept in mend.log, beside the data."`
	ReadyFile string `type:"path" placeholder:"FILE" help:"Write {site, smtp, reply_domain} as JSON to FILE once requests are accepted."`
}

// Help is shown by --help.
func (Command) Help() string {
	return `Nothing leaves this machine: letters go to the mailbox at /local/, and replies come from there or by SMTP.

  mend run
  mend run --demo
  mend run --clock 2026-03-01T07:00:00Z --no-tick --data /tmp/try
  curl -d '{"advance":"36h"}' http://127.0.0.1:8080/local/clock

The log goes to mend.log in the data folder, as JSON; what went wrong is shown here too. It holds ids,
never an address or anyone's words.`
}

// Interruptible is a context that ends with Ctrl-C. A second Ctrl-C ends the process.
func Interruptible() (context.Context, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, nil
}

// Run serves until the context is done.
func (c *Command) Run(ctx context.Context) error {
	heap.CollectLess(0)
	cfg := c.Config
	cfg.Bar = true
	if c.Demo {
		cfg.Data = filepath.Join(c.Data, "demo")
		addr, err := c.prepareDemo(ctx, cfg)
		if err != nil {
			return err
		}
		cfg.Addr = addr
	}
	cfg.Log = c.logger(cfg.Data)
	m, err := machine.Open(ctx, cfg)
	if err != nil {
		return err
	}
	standing := ""
	if c.NoTick {
		standing = ", standing still until it is moved"
	}
	fmt.Printf(`Mend is running on this machine.

  site       %[1]s
  mailbox    %[1]s/local/ has every letter that it sends
  mail       %[2]s takes replies to %[3]s
  data       %[4]s
  log        %[5]s
  clock      %[6]s%[7]s
  time zones %[8]s

Ctrl-C ends it.
`, m.SiteURL(), m.SMTPAddr(), machine.ReplyDomain, m.Path, logFile(cfg.Data),
		m.Clock.Now().Format("Monday 2 January 2006 15:04 MST"), standing, cadence.Edition())
	if machine.IsOpen(m) {
		fmt.Println("\nOther machines can reach this one: whoever opens its mailbox can read every letter.")
	}
	if c.Demo {
		people := demoPeople()
		fmt.Printf("\nSign in as %s, %s or %s: the link arrives in the mailbox.\n",
			people[0].Address, people[1].Address, people[2].Address)
	}
	if c.ReadyFile != "" {
		if err := m.WriteReadyFile(c.ReadyFile); err != nil {
			return err
		}
	}
	return m.Run(ctx)
}

func logFile(data string) string { return filepath.Join(data, "mend.log") }

// logger writes to a file of at most 10 MB, and keeps the one before it. Standard error gets what
// went wrong, or with --log everything.
func (c *Command) logger(data string) *slog.Logger {
	shown := slog.LevelError
	if c.ShowLog {
		shown = slog.LevelInfo
	}
	return slog.New(slog.NewMultiHandler(
		slog.NewJSONHandler(&lumberjack.Logger{Filename: logFile(data), MaxSize: 10, MaxBackups: 1}, nil),
		slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: shown}),
	))
}
