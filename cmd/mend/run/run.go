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
	"time"

	"gopkg.in/natefinch/lumberjack.v2"

	"example.org/mend/cmd/mend/machine"
	"example.org/mend/shared/cadence"
)

// Command is `mend run`.
type Command struct {
	Addr      string    `default:"127.0.0.1:8080" help:"Where the site and the local mailbox listen. Port 0 picks a free one."`
	SMTP      string    `name:"smtp" default:"127.0.0.1:2525" help:"Where mail for the reply domain is taken. Port 0 picks a free one."`
	Data      string    `default:"./.mend" type:"path" help:"Folder of the data: one file."`
	Clock     time.Time `format:"2006-01-02T15:04:05Z07:00" placeholder:"INSTANT" help:"Instant to start at, such as 2026-03-01T07:00:00Z. Default: the machine's clock."`
	NoTick    bool      `help:"Let time move only when told, by POST /local/clock."`
	Contact   string    `placeholder:"ADDRESS" help:"Where people can report misuse. The help pages show it."`
	Demo      bool      `help:"Start with three people and half a year behind them, in the folder demo of the data folder."`
	Log       bool      `help:"Show the log here too. It is always kept in mend.log, beside the data."`
	ReadyFile string    `type:"path" placeholder:"FILE" help:"Write {site, smtp, reply_domain} as JSON to FILE once requests are accepted."`
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

// Run serves until it is interrupted.
func (c *Command) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	data := c.Data
	if c.Demo {
		if err := c.prepareDemo(ctx); err != nil {
			return err
		}
		data = c.demoData()
	}
	m, err := machine.Open(ctx, machine.Config{
		Addr: c.Addr, SMTP: c.SMTP, Data: data, Clock: c.Clock, NoTick: c.NoTick, Contact: c.Contact,
		Bar: true, Log: c.logger(data),
	})
	if err != nil {
		return err
	}
	fmt.Printf(`Mend is running on this machine.

  site       %s
  mailbox    %s/local/     every letter that it sends
  mail       %s              for replies to %s
  data       %s
  log        %s
  clock      %s%s
  time zones %s

Ctrl-C ends it.
`, m.SiteURL(), m.SiteURL(), m.SMTPAddr(), machine.ReplyDomain, m.Path(), logFile(data),
		m.Clock.Now().Format("Monday 2 January 2006 15:04 MST"), standing(c.NoTick), cadence.Edition())
	if c.Demo {
		fmt.Printf("\nSign in as %s, %s or %s: the link arrives in the mailbox.\n", demoPeople[0].address, demoPeople[1].address, demoPeople[2].address)
	}
	if c.ReadyFile != "" {
		if err := m.WriteReadyFile(c.ReadyFile); err != nil {
			return err
		}
	}
	return m.Run(ctx)
}

func logFile(data string) string { return filepath.Join(data, "mend.log") }

// logger writes to a file of at most 10 MB, and keeps the one before it. Standard error gets what went wrong, or with
// --log everything.
func (c *Command) logger(data string) *slog.Logger {
	shown := slog.LevelError
	if c.Log {
		shown = slog.LevelInfo
	}
	return slog.New(slog.NewMultiHandler(
		slog.NewJSONHandler(&lumberjack.Logger{Filename: logFile(data), MaxSize: 10, MaxBackups: 1}, nil),
		slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: shown}),
	))
}

func standing(noTick bool) string {
	if noTick {
		return ", standing still until it is moved"
	}
	return ""
}
