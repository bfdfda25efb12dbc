package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/mend"
)

type doctorCmd struct {
	targetFlags
	JSON  bool `help:"Print JSON."`
	Lines bool `help:"Name each crisis line that no one has verified yet."`
}

func (c *doctorCmd) Run(ctx context.Context, out io.Writer) error {
	return c.look(ctx, func(in *target) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
		defer cancel()
		return report(out, runChecks(ctx, checksOf(in, c.Lines)), c.JSON)
	})
}

// check looks at one thing. It returns what it found, and an error that says what to do where that
// is not well.
type check struct {
	name string
	look func(context.Context) (found string, err error)
}

type finding struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Says string `json:"says"`
}

func runChecks(ctx context.Context, checks []check) (all []finding) {
	for _, c := range checks {
		says, err := c.look(ctx)
		if err != nil {
			says = err.Error()
		}
		all = append(all, finding{c.name, err == nil, says})
	}
	return all
}

// report prints a line for each finding, or JSON. It is an error if anything is not ok.
func report(out io.Writer, all []finding, asJSON bool) error {
	wrong := 0
	for _, f := range all {
		word := "ok "
		if !f.OK {
			word = "not"
			wrong++
		}
		if !asJSON {
			fmt.Fprintf(out, "%s  %-14s %s\n", word, f.Name, f.Says)
		}
	}
	if asJSON {
		if err := printJSON(out, all); err != nil {
			return err
		}
	}
	if wrong > 0 {
		return fmt.Errorf("not ok: %d of %d", wrong, len(all))
	}
	if !asJSON {
		fmt.Fprintf(out, "All %d are ok.\n", len(all))
	}
	return nil
}

// checksOf are the checks that apply: those of a stack first, then those that are the same
// everywhere.
func checksOf(in *target, lines bool) (all []check) {
	if in.stack != nil {
		all = in.stack.checks(in)
	}
	all = append(all, check{"time zones", in.checkZones}, check{"keys", in.checkKeys}, check{"last tick", in.checkTick},
		check{"breaker", in.checkBreaker}, check{"letters due", in.checkBacklog})
	for _, q := range in.queues {
		all = append(all, check{q.name + " queue", q.check})
	}
	return append(all, check{"crisis lines", func(ctx context.Context) (string, error) {
		zones, err := in.reading().Store.Zones(ctx)
		if err != nil {
			return "", err
		}
		return crisisLines(content.BuiltHelp().Lines, in.now(), zones, lines)
	}})
}

func (in *target) checkKeys(ctx context.Context) (string, error) {
	ring, err := keyring.Read(ctx, in.keys, in.keyPath, time.Now(), keyring.Parts...)
	return fmt.Sprintf("key %d signs; keys that verify: %d", ring.Signing, len(ring.Held)), err
}

// checkZones looks at the zone database of this command, which is that of the functions deployed
// with it.
func (in *target) checkZones(context.Context) (string, error) {
	e := cadence.Edition()
	says := fmt.Sprintf("%s, looked up on %s", e, e.Checked)
	if e.Old(mend.DateOf(in.now().UTC())) {
		return "", fmt.Errorf("%s: clocks may have changed since: run make zones, commit its file, deploy", says)
	}
	return says, nil
}

// lateTick is how old the watermark may be: it moves every five minutes.
const lateTick = 20 * time.Minute

func (in *target) checkTick(ctx context.Context) (string, error) {
	mark, err := in.reading().Store.Watermark(ctx)
	switch ago := in.now().Sub(mark.At); {
	case err != nil:
		return "", err
	case in.stack == nil && mark.At.IsZero():
		return "none yet: mend run ticks", nil
	case mark.At.IsZero():
		return "", errors.New("no tick yet: the first comes a minute after the deployment. If none comes, look at " +
			"the log of the dispatch function")
	case in.stack != nil && ago > lateTick:
		return "", fmt.Errorf("%s ago: look at the schedule, and at the log of the dispatch function",
			ago.Round(time.Minute))
	}
	return "handed out what fell due up to " + mark.At.UTC().Format(minute), nil
}

func (in *target) checkBreaker(ctx context.Context) (string, error) {
	until, err := in.reading().Store.Breaker(ctx)
	if err == nil && until.After(in.now()) {
		err = fmt.Errorf("open until %s: the mail service refuses the whole account; its console and the log "+
			"of the send function say why", until.UTC().Format("15:04 UTC"))
	}
	return "closed", err
}

// latePage is when the sweeps have settled every page: its window, and what they wait after it.
const latePage = 6*time.Hour + 30*time.Minute

func (in *target) checkBacklog(ctx context.Context) (string, error) {
	o, err := in.reading().Operate.Backlog(ctx)
	says := fmt.Sprintf("%s on %s, %s", counted(o.Letters, "letter"), counted(o.Pages, "open page"),
		counted(o.OneOffs, "single letter"))
	if late := in.now().Sub(o.Oldest); err == nil && in.stack != nil && o.Pages > 0 && late > latePage {
		err = fmt.Errorf("%s, the oldest due %s ago: look at the dead letters of the send queue and at the "+
			"log of its function", says, late.Round(time.Minute))
	}
	return says, err
}

func (q queueAdmin) check(ctx context.Context) (string, error) {
	waiting, dead, err := q.depth(ctx)
	if err == nil && dead > 0 {
		err = fmt.Errorf("%s: find the error in the log of its function, fix it, then run mend redrive %s",
			counted(dead, "dead letter"), q.name)
	}
	return fmt.Sprintf("%d waiting, no dead letters", waiting), err
}

// verifiedFor is how long a crisis line that an operator checked is shown without a word; after
// that it is still shown, and doctor asks for another look.
const verifiedFor = 365 * 24 * time.Hour

// countriesFile is the country of each time zone. `make zones` writes it.
//
//go:embed countries.txt
var countriesFile string

// countryOf is the country that a zone is in, by ISO 3166, or "".
func countryOf(zone string) string {
	_, after, _ := strings.Cut("\n"+countriesFile, "\n"+zone+" ")
	country, _, _ := strings.Cut(after, "\n")
	return country
}

// crisisLines says which of the content's crisis lines an operator has still to verify. A number
// that no one verified isn't shown. It is an error where that leaves a country without a number in
// which people live, by their zones.
func crisisLines(lines []content.CrisisLine, now time.Time, zones []string, all bool) (string, error) {
	without := map[string]bool{} // countries
	for _, zone := range zones {
		without[countryOf(zone)] = true
	}
	delete(without, "")
	var waiting, old []string // services
	for _, l := range lines {
		name := l.Country + " " + l.Name
		date, err := mend.ParseDate(l.Verified)
		if err != nil {
			waiting = append(waiting, name)
			continue
		}
		delete(without, l.Country)
		if date.Before(mend.DateOf(now.Add(-verifiedFor))) {
			old = append(old, name)
		}
	}
	says := fmt.Sprintf("%d of %d numbers are shown", len(lines)-len(waiting), len(lines)) +
		linesToDo("not verified",
			"call each, then date it in content/help/lines.yaml; only its website is shown until then", waiting, all) +
		linesToDo("verified more than a year ago", "shown, and due for another call", old, all)
	if len(without) > 0 {
		return "", fmt.Errorf("people live in %s, and no number there is verified: call one or read its page, then "+
			"write the date in content/help/lines.yaml and deploy. %s",
			strings.Join(slices.Sorted(maps.Keys(without)), ", "), says)
	}
	return says, nil
}

// linesToDo says what some services are and what to do with them. It names all of them, or counts
// them.
func linesToDo(what, advice string, names []string, all bool) string {
	switch {
	case len(names) == 0:
		return ""
	case all:
		return fmt.Sprintf("\n     %s (%s):\n       %s", what, advice,
			strings.Join(slices.Sorted(slices.Values(names)), "\n       "))
	}
	return fmt.Sprintf("; %s: %d (%s)", what, len(names), advice)
}
