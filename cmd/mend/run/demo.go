package run

import (
	"context"
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
	address, zone string
	form          url.Values // of the sign-up, besides what everyone sends
	does          []demoReply
}

// demoReply is a reply, so many days after the Monday of the beginning, to the newest letter of a
// kind.
type demoReply struct {
	day   int
	at    string // HH:MM in the person's zone
	kind  mend.Kind
	words string
}

var demoPeople = []demoPerson{
	{"robin@example.test", "Europe/Berlin",
		url.Values{
			"name": {"Robin"}, "path": {"amends"}, "cadence": {"weekly"}, "days": {"mon"}, "time": {"07:30"},
			"privacy": {"quotes"},
		},
		[]demoReply{
			{8, "21:10", "checkin", "3\nI said “fine” to my brother on the phone and heard myself say it."},
			{15, "20:00", "checkin", "PROMISE call my brother by Sunday\nNot to settle anything. To hear how he is."},
			{20, "21:30", "promise", "KEPT\nTwenty minutes, mostly about his dog. That was enough."},
			{29, "08:05", "checkin",
				"4\nSlept well. I wrote down the four parts of a sorry, and didn’t send them yet."},
			{43, "22:40", "checkin", "2\nA bad week. I read the page twice and did nothing."},
			{50, "19:15", "checkin", "2\nI wanted to explain again why I did it. I went for a walk instead."},
			{57, "12:05", "checkin",
				"PROMISE write to my brother about the house by Friday\nI’ve put this off since the funeral."},
			{62, "20:20", "promise", "NOT YET by Tuesday\nThree drafts, all of them about me."},
			{66, "20:45", "promise", "KEPT\nOne page, by hand."},
			{78, "21:00", "checkin",
				"3\nHe asked why I hadn’t written sooner. I said I was afraid of his answer. That was true."},
			{92, "20:30", "checkin", "4\nHe lent me his car. A small thing."},
			{106, "20:10", "checkin", "5\nWe laughed today, about nothing. I’d forgotten what that sounds like."},
			{120, "18:50", "checkin", "PROMISE fix the garden gate in 10 days"},
			{134, "21:25", "checkin", "3\nI was late again, and only said: I’m late, I’m sorry."},
			{155, "19:40", "checkin", "4\nHe’s coming for the weekend. I’m cooking."},
			{169, "20:15", "checkin", "4\nHe came. We washed up together, and nobody said “fine”."},
			{176, "20:00", "checkin", "PROMISE ring the notary by Friday\nThe house again. Together, this time."},
		}},
	{"sam@example.test", "America/New_York",
		url.Values{
			"name": {"Sam"}, "path": {"betrayal"}, "cadence": {"weekly"}, "days": {"sun"}, "time": {"19:00"},
			"privacy": {"quotes"},
		},
		[]demoReply{
			{8, "20:00", "checkin", "2\nI checked her phone again, and found nothing, and felt worse."},
			{22, "21:00", "checkin", "2\nNo questions after ten at night. We held to it three days out of seven."},
			{36, "20:30", "checkin", "3\nShe told me before I asked. I didn’t know what to say, so I said thank you."},
			{57, "09:10", "checkin", "1"},
			{64, "20:30", "checkin", "2\nI don’t know yet whether I’ll stay. Writing that down helped."},
			{85, "20:45", "checkin", "3\nPROMISE tell Jo how I really am by Thursday"},
			{90, "21:00", "promise", "KEPT\nShe had guessed most of it."},
			{113, "20:00", "checkin", "4\nA whole Saturday without thinking of it until the evening."},
			{141, "20:15", "checkin", "3\nIt came back on the stairs, out of nowhere. It passed."},
			{169, "20:00", "checkin", "4\nWe talked about next summer, carefully."},
		}},
	{"kim@example.test", "Australia/Sydney",
		url.Values{
			"path": {"apart"}, "cadence": {"fortnightly"}, "days": {"wed"}, "time": {"08:00"},
			"privacy": {"no-quotes"},
		},
		[]demoReply{
			{16, "20:00", "checkin",
				"2\nI wrote the message and deleted it. She asked for no contact, so that’s that."},
			{44, "21:00", "checkin", "2\nHer birthday. I went swimming."},
			{72, "20:00", "checkin", "3\nI told Alex what I did, without the part where I was right."},
			{100, "07:45", "checkin", "PAUSE 3 weeks\nAway for work."},
			{142, "20:10", "checkin", "3\nIt gets quieter. I didn’t expect that to be allowed."},
			{170, "20:30", "checkin", "4\nI haven’t looked at her page for a month."},
		}},
}

// prepareDemo fills the folder of the demonstration, unless that was done before.
func (c *Command) prepareDemo(ctx context.Context, cfg machine.Config) error {
	ready := filepath.Join(cfg.Data, "ready")
	if _, err := os.Stat(ready); err == nil {
		return nil
	}
	if _, err := os.Stat(cfg.Data); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is not a whole demonstration: delete that folder and try again", cfg.Data)
	}
	fmt.Fprintln(os.Stderr, "Living through half a year of three people …")
	now := time.Now().UTC()
	if !c.Clock.IsZero() {
		now = c.Clock.UTC()
	}
	// It begins on a Monday: “by Sunday” is read from there.
	begin := now.AddDate(0, 0, -7*demoWeeks-(int(now.Weekday())+6)%7).Truncate(24 * time.Hour)
	cfg.Addr, cfg.SMTP, cfg.Clock, cfg.NoTick, cfg.Log = "127.0.0.1:0", "127.0.0.1:0", begin, true, c.logger(cfg.Data)
	m, err := machine.Open(ctx, cfg)
	if err != nil {
		return err
	}
	running, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- m.Run(running) }()
	err = demo{m, begin}.play(ctx, now)
	end()
	if err = errors.Join(err, <-ended); err != nil {
		return fmt.Errorf("make the demonstration: %w", err)
	}
	return os.WriteFile(ready, nil, 0o600)
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
	for _, p := range demoPeople {
		if err := d.join(ctx, p); err != nil {
			return err
		}
		zone, err := cadence.Zone(p.zone)
		if err != nil {
			return err
		}
		for _, r := range p.does {
			clock, err := time.Parse("15:04", r.at)
			if err != nil {
				return err
			}
			day := d.begin.In(zone).AddDate(0, 0, r.day)
			at := time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, zone)
			events = append(events, event{r, at, p.address})
		}
	}
	slices.SortFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	for _, e := range events {
		if err := d.moveTo(e.at); err != nil {
			return err
		}
		id, _, err := d.newest(ctx, e.by, e.kind)
		if err == nil {
			err = d.post("/local/messages/"+id+"/reply", url.Values{"words": {e.words}})
		}
		if err != nil {
			return fmt.Errorf("%s, day %d: %w", e.by, e.day, err)
		}
	}
	return d.moveTo(now)
}

func (d demo) join(ctx context.Context, p demoPerson) error {
	form := url.Values{"email": {p.address}, "zone": {p.zone}, "consent": {"on"}, "adult": {"on"}, "digest": {"on"}}
	maps.Copy(form, p.form)
	if err := d.post("/join", form); err != nil {
		return err
	}
	_, text, err := d.newest(ctx, p.address, mend.Confirmation)
	if err != nil {
		return err
	}
	link := regexp.MustCompile(`/confirm/[a-z2-7]+`).FindString(text)
	if link == "" {
		return fmt.Errorf("no link in the confirmation to %s", p.address)
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
