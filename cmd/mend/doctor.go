package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"example.org/mend/content"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/operate"
)

// doctorCmd is `mend doctor`.
type doctorCmd struct {
	where
	JSON  bool `name:"json" help:"Print JSON."`
	Lines bool `help:"Name each crisis line that no one has verified yet."`
}

// Help is shown by --help.
func (doctorCmd) Help() string {
	return `Checks everything between Mend and a letter in an inbox. Each check prints a line, ok or not, and says what
to do. It changes nothing. The exit status is 1 if anything is not ok.

  mend doctor --stack mend
  mend doctor --data ./.mend --json`
}

// Run examines what the flags say.
func (c *doctorCmd) Run() error {
	return c.look(func(ctx context.Context, in *installation) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
		defer cancel()
		found := examine(ctx, checksOf(in, c.Lines))
		if c.JSON {
			return errors.Join(printJSON(os.Stdout, found), unwell(found))
		}
		printFindings(os.Stdout, found)
		return unwell(found)
	})
}

// check looks at one thing. It returns what it found, and an error that says what to do where that
// is not well.
type check struct {
	name string
	look func(context.Context) (found string, err error)
}

// finding is what a check found.
type finding struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Says string `json:"says"`
}

func examine(ctx context.Context, checks []check) []finding {
	var all []finding
	for _, c := range checks {
		says, err := c.look(ctx)
		if err != nil {
			says = err.Error()
		}
		all = append(all, finding{c.name, err == nil, says})
	}
	return all
}

// printFindings prints a line for each.
func printFindings(w io.Writer, all []finding) {
	for _, f := range all {
		word := "ok "
		if !f.OK {
			word = "not"
		}
		fmt.Fprintf(w, "%s  %-14s %s\n", word, f.Name, f.Says)
	}
}

// unwell is an error if anything is not ok.
func unwell(all []finding) error {
	wrong := 0
	for _, f := range all {
		if !f.OK {
			wrong++
		}
	}
	if wrong == 0 {
		return nil
	}
	return fmt.Errorf("not ok: %d of %d", wrong, len(all))
}

// checksOf are the checks that apply.
func checksOf(in *installation, lines bool) []check {
	p := patient{in}
	all := []check{
		{"time zones", p.zones}, {"keys", p.ring}, {"last tick", p.lastTick}, {"breaker", p.breaker},
		{"letters due", p.outstanding},
	}
	for _, l := range in.lines {
		all = append(all, check{l.name() + " queue",
			func(ctx context.Context) (string, error) { return queueHealth(ctx, l) }})
	}
	all = append(all, check{"crisis lines", func(ctx context.Context) (string, error) {
		zones, err := in.store.Zones(ctx)
		if err != nil {
			return "", err
		}
		return crisisLines(content.BuiltHelp().Lines, in.now(), zones, lines)
	}})
	if in.stack == nil {
		return all
	}
	cfg := in.stack.cfg
	m := mailHealth{
		outputs: in.stack.outputs, region: cfg.Region, mail: sesv2.NewFromConfig(cfg),
		receiving: ses.NewFromConfig(cfg), dns: net.DefaultResolver,
		outlook: func(ctx context.Context) (operate.Forecast, error) {
			return in.reading().Operate.Forecast(ctx, func(int) {})
		},
	}
	return slices.Concat(m.checks(), []check{{"table", in.stack.tableHealth}, {"lambda", in.stack.lambdaHealth},
		{"alarm mail", in.stack.alarmMail}}, all)
}

// patient is what the checks look at that are the same everywhere.
type patient struct{ in *installation }

func (p patient) ring(ctx context.Context) (string, error) {
	ring, err := keyring.Read(ctx, p.in.keys, p.in.keyPath, time.Now(), keyring.Parts...)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("key %d signs, %d verify", ring.Signing, len(ring.Held)), nil
}

// zones looks at the zone database of this command, which is that of the functions deployed with
// it.
func (p patient) zones(context.Context) (string, error) {
	e := cadence.Edition()
	says := fmt.Sprintf("%s, looked up on %s", e, e.Checked)
	if e.Old(mend.DateOf(p.in.now().UTC())) {
		return "", fmt.Errorf("%s: clocks may have changed since: run make zones, commit its file, deploy", says)
	}
	return says, nil
}

// lateTick is how old the watermark may be: it moves every five minutes.
const lateTick = 20 * time.Minute

func (p patient) lastTick(ctx context.Context) (string, error) {
	mark, err := p.in.store.Watermark(ctx)
	at := mark.At
	switch ago := p.in.now().Sub(at); {
	case err != nil:
		return "", err
	case p.in.stack == nil && at.IsZero():
		return "none yet: mend run ticks", nil
	case at.IsZero():
		return "", errors.New("no tick yet: the first comes a minute after the deployment. If none comes, look at " +
			"the log of the dispatch function")
	case p.in.stack != nil && ago > lateTick:
		return "", fmt.Errorf("%s ago: look at the schedule, and at the log of the dispatch function",
			ago.Round(time.Minute))
	}
	return "handed out what fell due up to " + at.UTC().Format("2006-01-02 15:04 UTC"), nil
}

func (p patient) breaker(ctx context.Context) (string, error) {
	until, err := p.in.store.Breaker(ctx)
	if err != nil {
		return "", err
	}
	if until.After(p.in.now()) {
		return "", fmt.Errorf("open until %s: the mail service refuses the whole account; its console and the log "+
			"of the send function say why", until.UTC().Format("15:04 UTC"))
	}
	return "closed", nil
}

// latePage is when the sweeps have settled every page: its window, and what they wait after it.
const latePage = 6*time.Hour + 30*time.Minute

func (p patient) outstanding(ctx context.Context) (string, error) {
	o, err := p.in.reading().Operate.Backlog(ctx)
	if err != nil {
		return "", err
	}
	says := fmt.Sprintf("%s on %s, %s", counted(o.Letters, "letter"), counted(o.Pages, "open page"),
		counted(o.OneOffs, "single letter"))
	if late := p.in.now().Sub(o.Oldest); p.in.stack != nil && o.Pages > 0 && late > latePage {
		return "", fmt.Errorf("%s, the oldest due %s ago: look at the dead letters of the send queue and at the "+
			"log of its function", says, late.Round(time.Minute))
	}
	return says, nil
}

func queueHealth(ctx context.Context, l line) (string, error) {
	waits, dead, err := l.depth(ctx)
	if err != nil {
		return "", err
	}
	if dead > 0 {
		return "", fmt.Errorf("%s: find the error in the log of its function, fix it, then run mend redrive %s",
			counted(dead, "dead letter"), l.name())
	}
	return fmt.Sprintf("%d waiting, no dead letters", waits), nil
}

// dmarcPolicy is the DMARC record among TXT records, if there is exactly one (RFC 7489 section
// 6.6.3).
func dmarcPolicy(records []string) string {
	found := slices.DeleteFunc(slices.Clone(records), func(r string) bool { return !strings.HasPrefix(r, "v=DMARC1") })
	if len(found) != 1 {
		return ""
	}
	return found[0]
}
