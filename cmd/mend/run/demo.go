package run

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"example.org/mend/cmd/mend/machine"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/letter/lettersample"
	"example.org/mend/shared/mend"
)

// A demonstration is three people with half a year behind them. They do what people do: they fill
// in the sign-up form, press the button in the confirmation, and reply. So the demonstration shows
// what a real half year would.

// demoWeeks is how long before now it begins.
const demoWeeks = 26

// demoPerson is one of the three.
type demoPerson struct {
	Address, Zone string
	Form          url.Values // of the sign-up, besides what everyone sends
	Does          []demoReply
}

// demoReply is a reply, so many days after the Monday of the beginning, to the newest letter of a
// kind.
type demoReply struct {
	Day   int
	At    string // HH:MM in the person's zone
	Kind  mend.Kind
	Words string
}

//go:embed demo.json
var demoFile []byte

var demoPeople = sync.OnceValue(func() (people []demoPerson) {
	if err := json.Unmarshal(demoFile, &people); err != nil {
		panic("demo.json: " + err.Error()) // it is in the binary, and a test makes the demonstration
	}
	return people
})

// prepareDemo fills the folder of the demonstration, unless that was done before. It returns the
// address at which the site listens from then on: the links of its letters lead there.
func (c *Command) prepareDemo(ctx context.Context, cfg machine.Config) (addr string, err error) {
	ready := filepath.Join(cfg.Data, "ready")
	if _, err := os.Stat(ready); err == nil {
		return cfg.Addr, nil
	}
	if _, err := os.Stat(cfg.Data); !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s is not a whole demonstration: delete that folder and try again", cfg.Data)
	}
	fmt.Fprintln(os.Stderr, "Living through half a year of three people …")
	now := cmp.Or(c.Clock, time.Now()).UTC()
	// It begins on a Monday: “by Sunday” is read from there.
	begin := now.AddDate(0, 0, -7*demoWeeks-(int(now.Weekday())+6)%7).Truncate(24 * time.Hour)
	cfg.SMTP, cfg.Clock, cfg.NoTick, cfg.Log = "127.0.0.1:0", begin, true, c.logger(cfg.Data)
	m, err := machine.Open(ctx, cfg)
	if err != nil { // such as a port that is taken: the next try finds no folder in its way
		return "", errors.Join(err, os.RemoveAll(cfg.Data))
	}
	running, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- m.Run(running) }()
	err = demo{m, begin}.play(ctx, now)
	end()
	if err = errors.Join(err, <-ended); err != nil {
		return "", fmt.Errorf("make the demonstration: %w", err)
	}
	return machine.SiteAddr(m), os.WriteFile(ready, nil, 0o600)
}

// demo is a machine that is used from outside, as a browser and a mail program do.
type demo struct {
	m     *machine.Machine
	begin time.Time
}

// play lets the people sign up and reply, each at their time, and ends now.
func (d demo) play(ctx context.Context, now time.Time) error {
	type event struct {
		demoReply
		at time.Time
		by string
	}
	var events []event
	for _, p := range demoPeople() {
		if err := d.join(ctx, p); err != nil {
			return err
		}
		zone, err := cadence.Zone(p.Zone)
		if err != nil {
			return err
		}
		for _, r := range p.Does {
			clock, err := time.Parse("15:04", r.At)
			if err != nil {
				return err
			}
			day := d.begin.In(zone).AddDate(0, 0, r.Day)
			at := time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, zone)
			events = append(events, event{r, at, p.Address})
		}
	}
	slices.SortFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	for _, e := range events {
		if err := d.moveTo(e.at); err != nil {
			return err
		}
		id, _, err := d.newest(ctx, e.by, e.Kind)
		if err == nil {
			err = d.post("/local/messages/"+id+"/reply", url.Values{"words": {e.Words}})
		}
		if err != nil {
			return fmt.Errorf("%s, day %d: %w", e.by, e.Day, err)
		}
	}
	return d.moveTo(now)
}

func (d demo) join(ctx context.Context, p demoPerson) error {
	form := url.Values{"email": {p.Address}, "zone": {p.Zone}, "consent": {"on"}, "adult": {"on"}, "digest": {"on"}}
	maps.Copy(form, p.Form)
	if err := d.post("/join", form); err != nil {
		return err
	}
	_, text, err := d.newest(ctx, p.Address, mend.Confirmation)
	if err != nil {
		return err
	}
	link := regexp.MustCompile(`/confirm/[a-z2-7]+`).FindString(text)
	if link == "" {
		return fmt.Errorf("no link in the confirmation to %s", p.Address)
	}
	return d.post(link, nil)
}

// newest is the newest letter of a kind to an address: its id and its text.
func (d demo) newest(ctx context.Context, to string, kind mend.Kind) (id, text string, err error) {
	letters, err := d.m.Mailbox.Page(ctx, "", 200)
	if err != nil {
		return "", "", err
	}
	for _, l := range slices.Backward(letters) {
		if l.To == to && l.Kind == kind {
			text, _, err := lettersample.Parts(l.Raw)
			return l.ID, text, err
		}
	}
	return "", "", fmt.Errorf("no %s to %s", kind, to)
}

func (d demo) moveTo(at time.Time) error {
	return d.post("/local/clock", url.Values{"advance": {at.Sub(d.m.Clock.Now()).String()}})
}

func (d demo) post(path string, form url.Values) error {
	answer, err := http.PostForm(d.m.SiteURL()+path, form)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("POST %s: %s", path, answer.Status)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}
