package machine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/dispatch"
	"example.org/mend/shared/mend"
	queue "example.org/mend/shared/queue/local"
)

// station is a queue and the handler that works through it.
type station struct {
	queue  *queue.Queue
	handle func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)
}

// The queues that mail and the mail service's events come by.
const (
	receiptQueue  = "receipt"
	feedbackQueue = "feedback"
)

// What template.yaml sets for the queues of AWS.
const (
	visibility = 6 * time.Minute
	maxReceive = 5
)

type handle = func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

func (m *Machine) newStations(send, reply, feedback handle) map[string]*station {
	stations := map[string]*station{}
	for name, h := range map[string]handle{
		string(mend.SendQueue): send, string(mend.NowQueue): send, receiptQueue: reply, feedbackQueue: feedback,
	} {
		stations[name] = &station{m.Line(name), h}
	}
	return stations
}

// settle runs a tick, if asked to, and works through the queues until nothing is visible in them. What goes wrong is
// logged and tried again: the queues and the watermark remember. No request waits for it.
func (m *Machine) settle(ctx context.Context, tick bool) {
	m.working.Lock()
	defer m.working.Unlock()
	m.settleLocked(ctx, tick)
	m.scrub(ctx)
}

// soon does what a request has queued, before the request is answered: on one machine nothing is gained by a
// delay. Letters of the schedule that wait for their turn are not its business.
//
// Mail that came in is read first, and beside all else: a mail that takes long holds up nothing but itself.
func (m *Machine) soon(ctx context.Context) {
	m.workAll(ctx, receiptQueue)
	m.urgent.Lock()
	m.workAll(ctx, string(mend.NowQueue), feedbackQueue)
	m.urgent.Unlock()
	m.scrub(ctx)
}

// workAll works through queues until nothing is visible in them.
func (m *Machine) workAll(ctx context.Context, names ...string) (worked bool) {
	for again := true; again && ctx.Err() == nil; {
		again = false
		for _, name := range names {
			n, err := m.work(ctx, name, m.queues[name])
			if err != nil {
				m.log.ErrorContext(ctx, "queue", "name", name, "error", err)
				return worked
			}
			again = again || n > 0
		}
		worked = worked || again
	}
	return worked
}

// scrub removes from the data file what was deleted or replaced: words, raw mail, addresses.
func (m *Machine) scrub(ctx context.Context) {
	if err := m.db.Scrub(); err != nil {
		m.log.ErrorContext(ctx, "scrub", "error", err)
	}
}

func (m *Machine) settleLocked(ctx context.Context, tick bool) {
	if tick {
		if err := m.tick.Handle(ctx, m.scheduled()); err != nil {
			m.log.ErrorContext(ctx, "tick", "error", err)
		}
		m.purge(ctx)
	}
	for worked := true; worked && ctx.Err() == nil; {
		worked = m.workAll(ctx, receiptQueue)
		m.urgent.Lock()
		worked = m.workAll(ctx, string(mend.NowQueue), feedbackQueue) || worked
		m.urgent.Unlock()
		n, err := m.work(ctx, string(mend.SendQueue), m.queues[string(mend.SendQueue)])
		if err != nil {
			m.log.ErrorContext(ctx, "queue", "name", mend.SendQueue, "error", err)
			return
		}
		worked = worked || n > 0
	}
}

// work hands one batch of messages to a handler, as Lambda's event source mapping does.
func (m *Machine) work(ctx context.Context, name string, s *station) (int, error) {
	most := queue.MaxAtOnce
	if name == receiptQueue {
		most = 1
	}
	received, err := s.queue.Receive(ctx, m.clock.Now(), most, visibility)
	if err != nil || len(received) == 0 {
		return 0, err
	}
	var e events.SQSEvent
	receipts := map[string]string{}
	for _, r := range received {
		receipts[r.ID] = r.Receipt
		e.Records = append(e.Records, events.SQSMessage{
			MessageId: r.ID, ReceiptHandle: r.Receipt, Body: r.Body,
			Attributes:  map[string]string{"ApproximateReceiveCount": strconv.Itoa(r.Count), "SentTimestamp": strconv.FormatInt(r.Sent.UnixMilli(), 10)},
			EventSource: "aws:sqs", EventSourceARN: "arn:aws:sqs:local:000000000000:mend-" + name, AWSRegion: "local",
		})
	}
	answer, err := s.handle(ctx, e)
	if err != nil { // the whole batch comes again
		m.log.ErrorContext(ctx, "handler", "queue", name, "error", err)
		return len(received), nil
	}
	for _, failed := range answer.BatchItemFailures {
		delete(receipts, failed.ItemIdentifier)
	}
	done := make([]string, 0, len(receipts))
	for _, receipt := range receipts {
		done = append(done, receipt)
	}
	return len(received), s.queue.Delete(ctx, done...)
}

func (m *Machine) scheduled() events.EventBridgeEvent {
	return events.EventBridgeEvent{
		Version: "0", DetailType: "Scheduled Event", Source: dispatch.Source, Time: m.clock.Now(),
		Region: "local", Detail: []byte(`"{}"`),
	}
}

// purge removes what has expired, as DynamoDB and S3 do by themselves: items at each tick, mail once a day.
func (m *Machine) purge(ctx context.Context) {
	now := m.clock.Now()
	items, err := m.db.Purge(ctx, now, 10_000)
	today := mend.DateOf(now)
	var mails int
	if err == nil && m.purged != today {
		mails, err = m.blobs.Expire(ctx, now)
	}
	if err != nil {
		m.log.ErrorContext(ctx, "purge", "error", err)
		return
	}
	if m.purged == today {
		return
	}
	m.purged = today
	if items+mails > 0 {
		m.scrub(ctx)
	}
}

// advance moves the clock on to an instant, stopping wherever something can happen: at each quarter-hour, on which
// letters fall due, and where a message becomes visible. It reports how many letters were sent.
func (m *Machine) advance(ctx context.Context, to time.Time) (sent int, err error) {
	m.working.Lock()
	defer m.working.Unlock()
	if to.Before(m.clock.Now()) {
		return 0, fmt.Errorf("%w: it stands at %s already", errBackwards, m.clock.Now().Format(time.RFC3339))
	}
	before, err := m.mailbox.Count(ctx)
	if err != nil {
		return 0, err
	}
	err = m.db.Unsynced(func() error { // a year is 35,000 ticks
		m.settleLocked(ctx, true)
		for now := m.clock.Now(); now.Before(to) && ctx.Err() == nil; now = m.clock.Now() {
			next, err := m.nextInstant(ctx, now, to)
			if err != nil {
				return err
			}
			m.clock.jump(next)
			m.settleLocked(ctx, true)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if err := m.clock.remember(ctx); err != nil {
		return 0, err
	}
	m.scrub(ctx)
	after, err := m.mailbox.Count(ctx)
	return int(after - before), err
}

var errBackwards = errors.New("the clock only moves forward")

// nextInstant is the first instant after now, and not after to, at which something can happen.
func (m *Machine) nextInstant(ctx context.Context, now, to time.Time) (time.Time, error) {
	const quarter = 15 * time.Minute
	next := now.Truncate(quarter).Add(quarter)
	for _, s := range m.queues {
		visible, some, err := s.queue.NextVisible(ctx)
		if err != nil {
			return to, err
		}
		if some && visible.After(now) && visible.Before(next) {
			next = visible
		}
	}
	if next.After(to) {
		next = to
	}
	return next, nil
}
