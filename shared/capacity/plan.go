// Package capacity says what a number of people needs and costs on AWS, and what breaks first. Its
// counts are those of the simulated world, kept in measured.json; a test holds them to it.
package capacity

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Asked is what a plan is made for: the arguments and flags of mend plan.
type Asked struct {
	People     int     `json:"people" arg:"" optional:"" help:"How many people get letters. Without it: prices at several quotas."`
	Quota      float64 `json:"quota" default:"14" placeholder:"N" help:"Letters a second that SES allows (mend doctor says how many)."`
	DailyQuota float64 `json:"daily_quota" placeholder:"N" help:"Letters in 24 hours that SES allows. 0: not checked."`
	Shares     Shares  `json:"shares" embed:""`
	Habits     Habits  `json:"habits" embed:""`
}

// Plan is what an operator wants to know before they ask SES for a higher quota.
type Plan struct {
	Asked
	LettersADay   int     `json:"letters_a_day"` // of the fullest day
	LettersAMonth int     `json:"letters_a_month"`
	WorstMinute   int     `json:"worst_minute"` // letters due in the fullest minute
	WorstAt       string  `json:"worst_at"`     // and when that is, in UTC
	Rate          float64 `json:"letters_a_second"`
	LastIsLate    float64 `json:"last_is_late_s"`        // the latest letter of all, in seconds
	USDMonth      float64 `json:"usd_month_besides_ses"` // letters, replies and pages
	USDMonthSES   float64 `json:"usd_month_ses"`         // letters out, replies in
	KeptGB        float64 `json:"kept_gb_after_a_year"`
	USDMonthKept  float64 `json:"usd_month_kept_after_a_year"`

	Limits []Limit `json:"limits"` // the most used first: what breaks first
}

// Shares are how many of a hundred people choose what.
type Shares struct {
	Daily    int `default:"45" help:"How many of 100 people get a letter every day."`
	Weekdays int `default:"25" help:"How many of 100 get one on weekdays."`
	Weekly   int `default:"25" help:"How many of 100 get one a week. The rest get one a month."`
}

// Monthly is how many of a hundred people get a letter once a month.
func (s Shares) Monthly() int { return 100 - s.Daily - s.Weekdays - s.Weekly }

// Habits are how many replies and page views a hundred letters bring. No one knows before they have
// people; these are assumptions. They are flags of lab price too.
type Habits struct {
	Replies int `default:"30" help:"How many replies 100 letters get."`
	Pages   int `default:"10" help:"How many pages are looked at for 100 letters."`
}

// The hours and zones that people choose, by weight: mornings and evenings, in zones of very
// different size.
var (
	hours = map[mend.TimeOfDay]int{6*60 + 30: 8, 7 * 60: 18, 7*60 + 30: 14, 8 * 60: 20, 9 * 60: 8, 12 * 60: 6,
		18 * 60: 6, 20 * 60: 10, 21 * 60: 10}
	zones = map[string]int{
		"Europe/London": 14, "Europe/Berlin": 22, "America/New_York": 26, "America/Chicago": 14, "America/Denver": 4,
		"America/Los_Angeles": 12,
		"Asia/Kolkata":        4, "Australia/Sydney": 4,
	}
)

const (
	usedQuota  = 0.8 * 0.8 // of the account's rate, by the send queue: see shared/dispatch/pace.go
	daysOfPlan = 28
)

// NewPlan walks through four weeks of the rhythms of so many people, and through the queue that
// they make.
func NewPlan(asked Asked, price Price) (Plan, error) {
	p := Plan{Asked: asked, Rate: asked.Quota * usedQuota}
	shares, habits := p.Shares, p.Habits
	switch {
	case !(p.Quota >= 0.01 && p.Quota <= 1e6) || !(p.DailyQuota >= 0 && p.DailyQuota <= 1e12): // NaN too
		return p, errors.New("the quota is 0.01 to 1,000,000 letters a second, the daily quota is 0 or more")
	case p.People > 1e10 || max(habits.Replies, habits.Pages) > 1e6:
		return p, errors.New("there are at most ten billion people, and a million replies or pages for 100 letters")
	case p.People < 1 || min(shares.Daily, shares.Weekdays, shares.Weekly, habits.Replies, habits.Pages) < 0:
		return p, errors.New("there is at least one person, and no other count is less than 0")
	case shares.Monthly() < 0:
		return p, errors.New("the people with a letter every day, on weekdays and once a week are at most 100 of 100")
	}
	p.queue(p.due())
	p.LettersAMonth = p.LettersAMonth * 30 / daysOfPlan
	letters := float64(p.LettersAMonth)
	besidesSES, ses := price.With(habits)
	p.USDMonth = letters/1e6*besidesSES + price.IdleMonthUSD
	p.USDMonthSES = letters / 1e6 * ses
	year := 12 * letters
	p.KeptGB = (float64(p.People)*price.Kept.PersonBytes +
		year*(price.Kept.LetterBytes+float64(habits.Replies)/100*price.Kept.ReplyBytes)) / (1 << 30)
	p.USDMonthKept = p.KeptGB * USDKeptGB
	p.Limits = p.limits()
	return p, nil
}

// planStart is where the minutes of a plan count from: the day before a Monday, since some zones
// are ahead of UTC. No clock changes in the weeks after it.
var planStart = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

// due is how many letters fall due at each minute of four weeks.
func (p *Plan) due() []float64 {
	rhythms := map[mend.Cadence]int{ // shares of 100 * 7 * daysOfPlan people
		{Kind: mend.Daily}: p.Shares.Daily * 7 * daysOfPlan,
		{Kind: mend.Weekly, Every: 1, Days: mend.WorkingDays}: p.Shares.Weekdays * 7 * daysOfPlan,
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		rhythms[mend.Cadence{Kind: mend.Weekly, Every: 1, Days: mend.OnWeekdays(d)}] = p.Shares.Weekly * daysOfPlan
	}
	for d := 1; d <= daysOfPlan; d++ {
		rhythms[mend.Cadence{Kind: mend.Monthly, Day: d}] = p.Shares.Monthly() * 7
	}
	monday := mend.DateOf(planStart).AddDays(1)
	shares := make([]int, (daysOfPlan+2)*24*60)
	for name, weight := range zones {
		zone := cadence.StoredZone(name)
		for hour, liked := range hours {
			for c, share := range rhythms {
				c.Time, c.Zone = hour, name
				for day := range daysOfPlan {
					if date := monday.AddDays(day); cadence.Falls(c, date) {
						shares[int(cadence.At(zone, date, hour).Sub(planStart).Minutes())] += weight * liked * share
					}
				}
			}
		}
	}
	due := make([]float64, len(shares))
	for minute, n := range shares {
		due[minute] = float64(p.People) * float64(n) / float64(sum(zones)*sum(hours)*100*7*daysOfPlan)
	}
	return due
}

// queue lets the letters go at the rate that they may, minute by minute.
func (p *Plan) queue(due []float64) {
	waiting, month, day := 0.0, 0.0, 0.0
	for minute, n := range due {
		if minute%(24*60) == 0 {
			day = 0
		}
		month, day, waiting = month+n, day+n, waiting+n
		p.LettersADay = max(p.LettersADay, int(day+0.5))
		if rounded := int(n + 0.5); rounded > p.WorstMinute {
			p.WorstMinute = rounded
			p.WorstAt = planStart.Add(time.Duration(minute) * time.Minute).Format("Mon 15:04")
		}
		p.LastIsLate = max(p.LastIsLate, waiting/p.Rate)
		waiting = max(0, waiting-p.Rate*60)
	}
	p.LettersAMonth = int(month + 0.5)
}

func sum[K comparable](of map[K]int) (n int) {
	for _, v := range of {
		n += v
	}
	return n
}

// Say is the plan in words.
func (p Plan) Say() []string {
	lines := []string{
		fmt.Sprintf("letters on the fullest day   %d", p.LettersADay),
		fmt.Sprintf("due in the worst minute      %d (%s UTC)", p.WorstMinute, p.WorstAt),
		fmt.Sprintf("they go out at               %.1f a second: four fifths of the quota, of which sign-in "+
			"letters have a fifth", p.Rate),
		fmt.Sprintf("the latest of all goes       %s after it was due",
			time.Duration(p.LastIsLate*float64(time.Second)).Round(time.Second)),
		fmt.Sprintf("a month, beside SES          $%.2f for %d letters, with %d replies and %d pages to a hundred",
			p.USDMonth, p.LettersAMonth, p.Habits.Replies, p.Habits.Pages),
		fmt.Sprintf("a month, SES                 $%.2f, letters out and replies in", p.USDMonthSES),
		fmt.Sprintf("kept after a year            %.2f GB, $%.2f a month", p.KeptGB, p.USDMonthKept),
	}
	lines = append(lines, "what is used of each limit, the first to break first:")
	for _, l := range p.Limits {
		lines = append(lines, fmt.Sprintf("  %5.1f %%  %s: %s of %s %s", 100*l.Share(), l.Name, figure(l.Needs),
			figure(l.Has), l.Unit))
		if l.Share() > 1 {
			lines = append(lines, "           TOO MUCH: "+l.Fix)
		}
	}
	return lines
}

// Limit is something of which there is only so much: AWS's quotas for a new account, or the design.
type Limit struct {
	Name  string  `json:"name"`
	Needs float64 `json:"needs"`
	Has   float64 `json:"has"`
	Unit  string  `json:"unit"`
	Fix   string  `json:"fix"` // what to do before it breaks
}

// Share is how much of the limit is used: 1 is all of it.
func (l Limit) Share() float64 { return l.Needs / l.Has }

// What the code and AWS allow. Quotas are AWS's defaults of November 2026; most can be raised by
// asking.
const (
	tableWrites    = 40_000 // write units a second of an on-demand table by default (DynamoDB quotas)
	keyWrites      = 1_000  // of one partition key (DynamoDB developer guide, partition design)
	senderLetters  = 170    // letters a second of one send function with 128 MB: its processor's limit
	concurrency    = 1_000  // Lambda's default for an account that is not new
	slotLook       = 20 * time.Millisecond
	slotsSide      = 16               // slots that a tick looks at side by side
	tickTime       = 48 * time.Second // of a tick's minute, without the margin at its end
	lettersOfPage  = 100
	writesOfPage   = 2 // it is opened and closed
	quarterSeconds = 15 * 60
	classesAtOnce  = 4 // of a slot: daily, weekday sets, every n weeks, a day of the month
	manyZones      = 60
)

// limits lists what a plan uses, the most used first.
func (p *Plan) limits() []Limit {
	rate := p.Rate
	const perLetter = 2.05 // write units
	const faster = "ask SES for a higher sending rate, and set SendRate"
	shards := float64(p.People)/store.ShardSize + 1
	peak := float64(p.WorstMinute)
	all := []Limit{
		{"the latest letter of all", p.LastIsLate / 3600, mend.SendWindow.Hours(), "hours late, and then it expires",
			faster},
		{"letters of the fullest day", float64(p.LettersADay), rate * 24 * 60 * 60, "a day", faster},
		{"punctual within a quarter of an hour", peak / quarterSeconds, rate, "letters a second",
			"ask SES for a higher sending rate if letters should be punctual"},
		{"table writes", perLetter * rate, tableWrites, "units a second",
			"ask for a higher table quota (DynamoDB, service quotas)"},
		{"pages of one day", writesOfPage * rate / lettersOfPage, keyWrites, "writes a second in one partition",
			"spread the pages of a day over several keys (store.pageKey)"},
		{"send functions", rate/senderLetters + 1, concurrency, "at once",
			"set Senders, and ask for more Lambda concurrency"},
		{"a tick", (shards + manyZones*classesAtOnce) / slotsSide * slotLook.Seconds(), tickTime.Seconds(), "seconds",
			"nothing: zones that a tick does not reach are first in the next"},
	}
	if p.DailyQuota > 0 {
		all = append(all, Limit{"the daily quota of SES", float64(p.LettersADay), p.DailyQuota, "letters",
			"ask SES for a higher daily quota"})
	}
	slices.SortStableFunc(all, func(a, b Limit) int { return cmp.Compare(b.Share(), a.Share()) })
	return all
}

// figure prints large numbers whole and small ones with one decimal.
func figure(n float64) string {
	if n >= 100 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.1f", n)
}
