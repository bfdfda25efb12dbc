package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"example.org/mend/cmd/mend/machine"
	"example.org/mend/shared/cadence"
)

// A demonstration is three people with half a year behind them. They do what people do: they fill in the sign-up form,
// press the button in the confirmation, and reply. So the demonstration shows what a real half year would.

// demoWeeks is how long before now it begins.
const demoWeeks = 26

// demoPerson is one of the three.
type demoPerson struct {
	address, zone string
	form          url.Values // of the sign-up, besides what everyone sends
	does          []demoReply
}

// demoReply is a reply, so many days after the Monday of the beginning, to the newest letter of a kind.
type demoReply struct {
	day   int
	at    string // HH:MM in the person's zone
	kind  string
	words string
}

var demoPeople = []demoPerson{
	{"robin@example.test", "Europe/Berlin",
		url.Values{"name": {"Robin"}, "path": {"amends"}, "cadence": {"weekly"}, "days": {"mon"}, "time": {"07:30"}, "privacy": {"quotes"}},
		[]demoReply{
			{8, "21:10", "checkin", "3\nI said “fine” to my brother on the phone and heard myself say it."},
			{15, "20:00", "checkin", "PROMISE call my brother by Sunday\nNot to settle anything. To hear how he is."},
			{20, "21:30", "promise", "KEPT\nTwenty minutes, mostly about his dog. That was enough."},
			{29, "08:05", "checkin", "4\nSlept well. I wrote down the four parts of a sorry, and didn’t send them yet."},
			{43, "22:40", "checkin", "2\nA bad week. I read the page twice and did nothing."},
			{50, "19:15", "checkin", "2\nI wanted to explain again why I did it. I went for a walk instead."},
			{57, "12:05", "checkin", "PROMISE write to my brother about the house by Friday\nI’ve put this off since the funeral."},
			{62, "20:20", "promise", "NOT YET by Tuesday\nThree drafts, all of them about me."},
			{66, "20:45", "promise", "KEPT\nOne page, by hand."},
			{78, "21:00", "checkin", "3\nHe asked why I hadn’t written sooner. I said I was afraid of his answer. That was true."},
			{92, "20:30", "checkin", "4\nHe lent me his car. A small thing."},
			{106, "20:10", "checkin", "5\nWe laughed today, about nothing. I’d forgotten what that sounds like."},
			{120, "18:50", "checkin", "PROMISE fix the garden gate in 10 days"},
			{134, "21:25", "checkin", "3\nI was late again, and only said: I’m late, I’m sorry."},
			{155, "19:40", "checkin", "4\nHe’s coming for the weekend. I’m cooking."},
			{169, "20:15", "checkin", "4\nHe came. We washed up together, and nobody said “fine”."},
			{176, "20:00", "checkin", "PROMISE ring the notary by Friday\nThe house again. Together, this time."},
		}},
	{"sam@example.test", "America/New_York",
		url.Values{"name": {"Sam"}, "path": {"betrayal"}, "cadence": {"weekly"}, "days": {"sun"}, "time": {"19:00"}, "privacy": {"quotes"}},
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
		url.Values{"path": {"apart"}, "cadence": {"fortnightly"}, "days": {"wed"}, "time": {"08:00"}, "privacy": {"no-quotes"}},
		[]demoReply{
			{16, "20:00", "checkin", "2\nI wrote the message and deleted it. She asked for no contact, so that’s that."},
			{44, "21:00", "checkin", "2\nHer birthday. I went swimming."},
			{72, "20:00", "checkin", "3\nI told Alex what I did, without the part where I was right."},
			{100, "07:45", "checkin", "PAUSE 3 weeks\nAway for work."},
			{142, "20:10", "checkin", "3\nIt gets quieter. I didn’t expect that to be allowed."},
			{170, "20:30", "checkin", "4\nI haven’t looked at her page for a month."},
		}},
}

// demoData is the folder of the demonstration, beside that of real data.
func (c *Command) demoData() string { return filepath.Join(c.Data, "demo") }

// prepareDemo fills the folder of the demonstration, unless that was done before.
func (c *Command) prepareDemo(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(c.demoData(), "ready")); err == nil {
		return nil
	}
	if _, err := os.Stat(c.demoData()); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is not a whole demonstration: delete that folder and try again", c.demoData())
	}
	fmt.Fprintln(os.Stderr, "Living through half a year of three people …")
	now := time.Now().UTC()
	if !c.Clock.IsZero() {
		now = c.Clock.UTC()
	}
	begin := now.AddDate(0, 0, -7*demoWeeks-(int(now.Weekday())+6)%7).Truncate(24 * time.Hour) // a Monday: “by Sunday” is read from there
	m, err := machine.Open(ctx, machine.Config{
		Addr: "127.0.0.1:0", SMTP: "127.0.0.1:0", Data: c.demoData(), Clock: begin, NoTick: true, Log: c.logger(c.demoData()),
	})
	if err != nil {
		return err
	}
	running, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- m.Run(running) }()
	err = demo{m.SiteURL(), begin}.play(ctx, now)
	end()
	if err = errors.Join(err, <-ended); err != nil {
		return fmt.Errorf("make the demonstration: %w", err)
	}
	return os.WriteFile(filepath.Join(c.demoData(), "ready"), nil, 0o600)
}

// demo is a machine that is used from outside, as a browser and a mail program do.
type demo struct {
	site  string
	begin time.Time
}

// play lets the people sign up and reply, each at their time, and ends now.
func (d demo) play(ctx context.Context, now time.Time) error {
	type event struct {
		at  time.Time
		who demoPerson
		demoReply
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
			events = append(events, event{time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, zone), p, r})
		}
	}
	slices.SortFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	for _, e := range events {
		if err := d.moveTo(ctx, e.at); err != nil {
			return err
		}
		if err := d.reply(ctx, e.who.address, e.kind, e.words); err != nil {
			return fmt.Errorf("%s, day %d: %w", e.who.address, e.day, err)
		}
	}
	return d.moveTo(ctx, now)
}

func (d demo) join(ctx context.Context, p demoPerson) error {
	form := url.Values{"email": {p.address}, "zone": {p.zone}, "consent": {"on"}, "adult": {"on"}, "digest": {"on"}}
	for name, values := range p.form {
		form[name] = values
	}
	if _, err := d.post(ctx, "/join", form); err != nil {
		return err
	}
	letter, err := d.newest(ctx, p.address, "confirmation")
	if err != nil {
		return err
	}
	raw, err := d.call(ctx, http.MethodGet, "/local/messages/"+letter+"/html", "", nil)
	if err != nil {
		return err
	}
	link := regexp.MustCompile(regexp.QuoteMeta(d.site) + `(/confirm/[^"]+)`).FindSubmatch(raw)
	if link == nil {
		return fmt.Errorf("no link in the confirmation to %s", p.address)
	}
	_, err = d.post(ctx, string(link[1]), nil)
	return err
}

// newest is the id of the newest letter of a kind to an address.
func (d demo) newest(ctx context.Context, to, kind string) (string, error) {
	var letters []struct{ ID, To, Kind string }
	text, err := d.call(ctx, http.MethodGet, "/local/messages?limit=200", "", nil)
	if err == nil {
		err = json.Unmarshal(text, &letters)
	}
	if err != nil {
		return "", err
	}
	for _, l := range slices.Backward(letters) {
		if l.To == to && l.Kind == kind {
			return l.ID, nil
		}
	}
	return "", fmt.Errorf("no %s to %s", kind, to)
}

func (d demo) reply(ctx context.Context, from, kind, words string) error {
	letter, err := d.newest(ctx, from, kind)
	if err != nil {
		return err
	}
	_, err = d.post(ctx, "/local/messages/"+letter+"/reply", url.Values{"words": {words}})
	return err
}

func (d demo) moveTo(ctx context.Context, at time.Time) error {
	body, err := json.Marshal(map[string]time.Time{"set": at})
	if err != nil {
		return err
	}
	_, err = d.call(ctx, http.MethodPost, "/local/clock", "application/json", body)
	return err
}

func (d demo) post(ctx context.Context, path string, form url.Values) ([]byte, error) {
	return d.call(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

func (d demo) call(ctx context.Context, method, path, contentType string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, d.site+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", contentType)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	if err == nil && res.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return text, err
}
