package simulation

import (
	"context"
	"fmt"
	"math"
	"time"

	"example.org/mend/shared/person"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/limits"
)

// Prices of us-east-1 on demand, in November 2026, in US dollars.
const (
	usdWRU          = 0.625 / 1e6
	usdRRU          = 0.125 / 1e6
	usdSQS          = 0.40 / 1e6
	usdLambda       = 0.20 / 1e6
	usdGBSecond     = 0.0000133334 // arm64
	usdLetter       = 0.10 / 1e3
	usdLogGB        = 0.50
	freeSQS         = 1e6                    // requests a month, for every account
	sendGB          = 0.25                   // memory of the send function, as in template.yaml
	dispatchGB      = 0.5                    // and of the dispatcher
	letterTakes     = 400 * time.Microsecond // of a whole processor, DynamoDB's client included
	processorGB     = 1.769                  // the memory that brings a whole processor
	logLine         = 157                    // bytes of "sent", and what CloudWatch adds to a line
	mailLatency     = 50 * time.Millisecond  // of SendEmail
	sideBySide      = 16                     // calls of one invocation
	computing       = time.Millisecond       // of an invocation, beside waiting for others
	pollsAMinute    = 5 * 3                  // an event source polls a queue with five connections, for 20 s each
	eventSources    = 4
	minutesOfAMonth = 30 * 24 * 60
	QuotaOfExample  = 200 // letters a second; at a lower one, invocations wait longer between letters
)

// meter counts what AWS bills. A nil meter counts nothing.
type meter struct {
	WRU, RRU       float64
	SQS            int
	Lambda         int
	LambdaDuration time.Duration // while nothing is due it is the dispatcher's, and what is added by letters the send function's
}

// read is one read of some items together: units of 4 KB, the first one even for nothing.
func (m *meter) read(perUnit float64, items ...store.Item) {
	if m == nil {
		return
	}
	size := 0
	for _, it := range items {
		if it != nil {
			size += limits.Size(it)
		}
	}
	m.RRU += perUnit * units(size, 4096)
}

// wrote is one write: units of 1 KB of the item before or after, whichever is larger; and the same of the index where
// what stands there changed.
func (m *meter) wrote(perUnit float64, old, item store.Item) {
	if m == nil {
		return
	}
	m.WRU += perUnit * units(max(size(old), size(item)), 1024)
	was, is := entry(old), entry(item)
	switch {
	case was == nil && is == nil:
	case was == nil || is == nil:
		m.WRU += units(size(was)+size(is), 1024)
	case was[store.AttrSlot] != is[store.AttrSlot] || was[store.AttrMember] != is[store.AttrMember]:
		m.WRU += units(size(was), 1024) + units(size(is), 1024)
	case fmt.Sprint(was) != fmt.Sprint(is):
		m.WRU += units(max(size(was), size(is)), 1024)
	}
}

// entry is what the index holds of an item; nil: nothing.
func entry(it store.Item) store.Item {
	if it[store.AttrSlot] == nil || it[store.AttrMember] == nil {
		return nil
	}
	return projected(it)
}

func size(it store.Item) int {
	if it == nil {
		return 0
	}
	return limits.Size(it)
}

func units(size, of int) float64 { return math.Max(1, math.Ceil(float64(size)/float64(of))) }

// queued is one request for up to ten messages; each 64 KB counts as one.
func (m *meter) queued(bodies [][]byte) {
	if m == nil {
		return
	}
	for i := 0; i < len(bodies); i += 10 {
		bytes := 0
		for _, body := range bodies[i:min(i+10, len(bodies))] {
			bytes += len(body)
		}
		m.SQS += int(units(bytes, 64<<10))
	}
}

// invoked is one run of a function, and the requests that its event source made for it.
func (m *meter) invoked(nanoseconds int64, sqs int) {
	if m == nil {
		return
	}
	m.Lambda++
	m.SQS += sqs
	m.LambdaDuration += time.Duration(nanoseconds) + computing
}

func (m meter) minus(o meter) meter {
	return meter{m.WRU - o.WRU, m.RRU - o.RRU, m.SQS - o.SQS, m.Lambda - o.Lambda, m.LambdaDuration - o.LambdaDuration}
}

// Bill is what something costs, line by line.
type Bill struct {
	WRU            float64 `json:"wru"`
	RRU            float64 `json:"rru"`
	SQSRequests    float64 `json:"sqs_requests"`
	LambdaRequests float64 `json:"lambda_requests"`
	LambdaGBs      float64 `json:"lambda_gb_s"`
	USDBesidesSES  float64 `json:"usd_besides_ses"`
	USDSES         float64 `json:"usd_ses"`

	// LogGB is what CloudWatch takes in. Up to 5 GB a month it is free, and so no part of the sum; USDLogs is its price beyond.
	LogGB   float64 `json:"log_gb"`
	USDLogs float64 `json:"usd_logs_beyond_free_tier"`
}

func (m meter) bill(times, memoryGB float64) Bill {
	b := Bill{
		WRU: m.WRU * times, RRU: m.RRU * times, SQSRequests: float64(m.SQS) * times,
		LambdaRequests: float64(m.Lambda) * times, LambdaGBs: m.LambdaDuration.Seconds() * memoryGB * times,
	}
	b.USDBesidesSES = b.WRU*usdWRU + b.RRU*usdRRU + b.SQSRequests*usdSQS + b.LambdaRequests*usdLambda + b.LambdaGBs*usdGBSecond
	return b
}

// Lines are the lines of a bill: what, how much of it, and its price in dollars.
func (b Bill) Lines() []string {
	line := func(what string, n, usd float64) string { return fmt.Sprintf("%-24s %14.0f  $%.4f", what, n, n*usd) }
	return []string{
		line("DynamoDB write units", b.WRU, usdWRU), line("DynamoDB read units", b.RRU, usdRRU), line("SQS requests", b.SQSRequests, usdSQS),
		line("Lambda requests", b.LambdaRequests, usdLambda), line("Lambda GB-seconds", b.LambdaGBs, usdGBSecond),
	}
}

// Price is the bill of a million check-ins, and of a month in which nothing is due.
type Price struct {
	PerMillion   Bill    `json:"per_million"`
	IdleMonth    Bill    `json:"idle_month"`
	IdleMonthUSD float64 `json:"idle_month_usd"`
}

// Measure lives through two days without faults, one with check-ins to so many people and one with none, and
// counts what AWS would bill. The quota is the letters a second that SES allows: what it makes an
// invocation wait is billed too.
func Measure(people int, quota float64) (Price, error) {
	r := newRig()
	idle, _, err := r.day(people, false, quota)
	if err != nil {
		return Price{}, err
	}
	busy, letters, err := r.day(people, true, quota)
	if err != nil {
		return Price{}, err
	}
	if letters != people {
		return Price{}, fmt.Errorf("%d letters went out to %d people", letters, people)
	}
	var p Price
	sending := busy.minus(idle)
	sending.LambdaDuration += time.Duration(float64(letters) * float64(letterTakes) * processorGB / sendGB)
	p.PerMillion = sending.bill(1e6/float64(letters), sendGB)
	p.PerMillion.USDSES = 1e6 * usdLetter
	p.PerMillion.LogGB = 1e6 * logLine / (1 << 30)
	p.PerMillion.USDLogs = p.PerMillion.LogGB * usdLogGB
	p.IdleMonth = idle.bill(30, dispatchGB)
	polls := float64(pollsAMinute * eventSources * minutesOfAMonth)
	p.IdleMonth.SQSRequests += polls
	p.IdleMonth.USDBesidesSES += max(polls-freeSQS, 0) * usdSQS
	p.IdleMonthUSD = p.IdleMonth.USDBesidesSES
	return p, nil
}

// day is one day of people who all get their letter at one hour, every day; or on another day.
func (r *rig) day(people int, due bool, quota float64) (meter, int, error) {
	w := r.newWorld(1)
	w.healed = true
	w.started = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).UnixNano()
	w.now = w.started
	w.setQuota(quota)
	tomorrow := person.DateOf(w.Now()).AddDays(1)
	rhythm := person.Cadence{Kind: person.Daily, Time: 7*60 + 30, Zone: "Europe/Berlin"}
	if !due {
		rhythm = person.Cadence{Kind: person.Monthly, Day: 20, Time: 7*60 + 30, Zone: "Europe/Berlin"}
	}
	for i := range people {
		p := person.Person{
			ID: priced(i), Address: person.StoredAddress(fmt.Sprintf("user%d@example.test", i)), Name: "Alexandra",
			Status: person.Active, Zone: rhythm.Zone, Locale: "en", Privacy: person.NoQuotes, Retention: person.KeepForGood, Created: w.Now(),
		}
		sub := person.Subscription{
			Person: p.ID, Number: person.CheckInNumber, Kind: person.CheckIn, Status: person.Active, Address: p.Address, Name: p.Name,
			Privacy: p.Privacy, Cadence: rhythm, Path: "amends", FirstDate: tomorrow,
		}
		sub.Seen = make([]byte, 20) // of somebody who is well on their way
		if _, err := r.svc.Store.Commit(context.Background(), store.Change{Person: p, Subscriptions: []person.Subscription{sub}}); err != nil {
			return meter{}, 0, err
		}
	}
	w.tick() // so that the watermark stands
	w.run(w.started + int64(24*time.Hour))
	w.counts = Counts{}
	w.table.meter = &meter{}
	for minute := range 24 * 60 {
		w.at(w.now+int64(minute)*int64(time.Minute), w.tick)
	}
	w.run(w.started + int64(48*time.Hour))
	if w.check.violation != nil {
		return meter{}, 0, fmt.Errorf("%s", w.check.violation)
	}
	return *w.table.meter, w.counts.Accepted, nil
}

// priced is the id of the n-th person: 16 letters.
func priced(n int) person.ID {
	id := []byte("aaaaaaaaaaaaaaaa")
	for i := len(id) - 1; n > 0; i, n = i-1, n/26 {
		id[i] = byte('a' + n%26)
	}
	return person.ID(id)
}
