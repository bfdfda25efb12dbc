package capacity

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

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
