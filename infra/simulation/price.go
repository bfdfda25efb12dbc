package simulation

import (
	"context"
	"fmt"
	"math"
	"time"

	"example.org/mend/shared/capacity"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/apply"
	"example.org/mend/shared/store/dynamolimits"
)

// What is assumed of the functions, the account and AWS.
const (
	sendGB          = 0.125                  // memory of the send function, as in template.yaml
	dispatchGB      = 0.5                    // and of the dispatcher, of reply and of web
	letterTakes     = 400 * time.Microsecond // of a whole processor, DynamoDB's client included
	replyTakes      = 2 * time.Millisecond   // the same of reading a reply; see the benchmarks of package inbox
	requestTakes    = 2 * time.Millisecond   // and of a request to the pages; see those of package web
	processorGB     = 1.769                  // the memory that brings a whole processor
	logLine         = 184                    // bytes of "sent" of a check-in, and what CloudWatch adds to a line
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
	WRU, RRU float64
	SQS      int
	Lambda   int
	// of the one function that is measured; while nothing is due the dispatcher, and what letters
	// add is the send function's
	LambdaDuration time.Duration
	MailIn         int // that SES received, put into S3 and published
	S3Put, S3Get   int
	API            int // requests to the HTTP API
}

// read is one read of some items together: units of 4 KB, the first one even for nothing.
func (m *meter) read(perUnit float64, items ...store.Item) {
	if m == nil {
		return
	}
	size := 0
	for _, it := range items {
		if it != nil {
			size += dynamolimits.Size(it)
		}
	}
	m.RRU += perUnit * units(size, 4096)
}

// wrote is one write: units of 1 KB of the item before or after, whichever is larger; and the same
// of the index where what stands there changed.
func (m *meter) wrote(perUnit float64, old, item store.Item) {
	if m == nil {
		return
	}
	m.WRU += perUnit * units(max(size(old), size(item)), 1024)
	was, is := apply.Projection(old), apply.Projection(item)
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

func size(it store.Item) int {
	if it == nil {
		return 0
	}
	return dynamolimits.Size(it)
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

// received is one mail that came in: SES puts it into the bucket and publishes that it did, which
// is one message on a queue.
func (m *meter) received(notification string) {
	if m == nil {
		return
	}
	m.MailIn++
	m.S3Put++
	m.queued([][]byte{[]byte(notification)})
}

func (m *meter) put() {
	if m != nil {
		m.S3Put++
	}
}

func (m *meter) got() {
	if m != nil {
		m.S3Get++
	}
}

// minus is what was counted beside what o counted, where both sent letters or none.
func (m meter) minus(o meter) meter {
	return meter{
		WRU:            m.WRU - o.WRU,
		RRU:            m.RRU - o.RRU,
		SQS:            m.SQS - o.SQS,
		Lambda:         m.Lambda - o.Lambda,
		LambdaDuration: m.LambdaDuration - o.LambdaDuration,
	}
}

func (m meter) bill(times, memoryGB float64) capacity.Bill {
	b := capacity.Bill{
		WRU: m.WRU * times, RRU: m.RRU * times, SQSRequests: float64(m.SQS) * times,
		LambdaRequests: float64(m.Lambda) * times, LambdaGBs: m.LambdaDuration.Seconds() * memoryGB * times,
		S3Puts: float64(m.S3Put) * times, S3Gets: float64(m.S3Get) * times, SNSMessages: float64(m.MailIn) * times,
		APIRequests: float64(m.API) * times, USDSES: float64(m.MailIn) * times * (usdMailIn + usdChunkIn),
	}
	b.USDBesidesSES = sumOf(b)
	return b
}

// Measure lives through two days without faults, one with check-ins to so many people and one with
// none, and counts what AWS would bill; and after the first, what some replies and some pages take.
// The quota is the letters a second that SES allows: what it makes an invocation wait is billed
// too.
func Measure(people int, quota float64) (capacity.Price, error) {
	r := newRig()
	defer r.close()
	w, err := r.day(people, false, quota)
	if err != nil {
		return capacity.Price{}, err
	}
	idle := *w.table.meter
	if w, err = r.day(people, true, quota); err != nil {
		return capacity.Price{}, err
	}
	if w.counts.Accepted != people {
		return capacity.Price{}, fmt.Errorf("%d letters went out to %d people", w.counts.Accepted, people)
	}
	var p capacity.Price
	sending := w.table.meter.minus(idle)
	sending.LambdaDuration += ofAProcessor(letterTakes, sendGB) * time.Duration(people)
	p.PerMillion = sending.bill(1e6/float64(people), sendGB)
	p.PerMillion.USDSES = 1e6 * usdLetter
	p.PerMillion.LogGB = 1e6 * logLine / (1 << 30)
	p.PerMillion.USDLogs = p.PerMillion.LogGB * usdLogGB
	p.IdleMonth = idle.bill(30, dispatchGB)
	polls := float64(pollsAMinute * eventSources * minutesOfAMonth)
	p.IdleMonth.SQSRequests += polls
	p.IdleMonth.USDBesidesSES += max(polls-freeSQS, 0) * capacity.USDSQS
	p.IdleMonthUSD = p.IdleMonth.USDBesidesSES
	if p.PerThousandReplies, err = w.replies(min(people, someOfThem)); err != nil {
		return capacity.Price{}, err
	}
	if p.PerThousandPages, err = w.pages(min(people, someOfThem)); err != nil {
		return capacity.Price{}, err
	}
	p.Kept = w.kept()
	return p, nil
}

// ofAProcessor is how long a function of so much memory takes for what takes a whole
// processor so long.
func ofAProcessor(d time.Duration, memoryGB float64) time.Duration {
	return time.Duration(float64(d) * processorGB / memoryGB)
}

// day is one day of people who all get their letter at one hour, every day; or on another day. The
// world that it returns has counted that day.
func (r *rig) day(people int, due bool, quota float64) (*world, error) {
	w := r.newWorld(1)
	w.healed = true
	w.started = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).UnixNano()
	w.now = w.started
	w.setQuota(quota)
	tomorrow := mend.DateOf(w.Now()).AddDays(1)
	rhythm := mend.Cadence{Kind: mend.Daily, Time: 7*60 + 30, Zone: "Europe/Berlin"}
	if !due {
		rhythm = mend.Cadence{Kind: mend.Monthly, Day: 20, Time: 7*60 + 30, Zone: "Europe/Berlin"}
	}
	for i := range people {
		p := mend.Person{
			ID: priced(i), Address: pricedAddress(i), Name: "Alexandra",
			Status: mend.Active, Zone: rhythm.Zone, Locale: "en", Privacy: mend.NoQuotes,
			Retention: mend.KeepForGood, Created: w.Now(),
		}
		sub := mend.Subscription{
			Person: p.ID, Number: mend.CheckInNumber, Kind: mend.CheckIn, Status: mend.Active, Address: p.Address,
			Name: p.Name, Privacy: p.Privacy, Cadence: rhythm, Path: "amends", FirstDate: tomorrow,
		}
		sub.Seen = make([]byte, 20) // of somebody who is well on their way
		record := store.AddressRecord{Person: p.ID}
		c := store.Transaction{Person: p, Subscriptions: []mend.Subscription{sub}, Address: &record}
		if err := r.svc.Store.Commit(context.Background(), c); err != nil {
			return nil, err
		}
	}
	w.tick() // so that the watermark stands
	w.run(w.started + int64(24*time.Hour))
	w.counts = Counts{}
	w.table.meter = &meter{}
	for minute := range 24 * 60 {
		w.at(w.now+int64(minute)*int64(time.Minute), w.tick)
	}
	return w, w.goOn(24 * time.Hour)
}

// priced is the id of the n-th person: 16 letters.
func priced(n int) mend.ID {
	id := []byte("aaaaaaaaaaaaaaaa")
	for i := len(id) - 1; n > 0; i, n = i-1, n/26 {
		id[i] = byte('a' + n%26)
	}
	return mend.ID(id)
}

func pricedAddress(n int) mend.Address {
	return mend.StoredAddress(fmt.Sprintf("user%d@example.test", n))
}
