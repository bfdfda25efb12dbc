package machine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/dispatch"
	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
)

// station is a queue and the handler that works through it.
type station struct {
	queue  *local.Queue
	handle func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)
}

// visibility is what template.yaml sets for the queues of AWS.
const visibility = 6 * time.Minute

type handle = func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

func (m *Machine) newStations(send, reply, feedback handle) map[string]*station {
	stations := map[string]*station{}
	for name, h := range map[string]handle{
		sendQueue: send, nowQueue: send, receiptQueue: reply, feedbackQueue: feedback,
	} {
		stations[name] = &station{m.Queues[name], h}
	}
	return stations
}

// settle runs a tick, if asked to, and works through the queues until nothing is visible in them. What goes wrong is
// logged and tried again: the queues and the watermark remember. No request waits for it.
func (m *Machine) settle(ctx context.Context, tick bool) {
	m.working.Lock()
	defer m.working.Unlock()
	m.settleLocked(ctx, tick)
	m.forget(ctx)
}

// forget puts on the disk what no write has taken along yet, and overwrites what the file still holds of values that
// are gone.
func (m *Machine) forget(ctx context.Context) {
	if err := m.ForgetNow(ctx); err != nil {
		m.log.ErrorContext(ctx, "forget", "error", err)
	}
}

// soon does what a request has queued, before the request is answered: on one machine nothing is gained by a
// delay. Letters of the schedule that wait for their turn are not its business.
//
// Mail that came in is read first, and beside all else: a mail that takes long holds up nothing but itself.
func (m *Machine) soon(ctx context.Context) {
	if m.workAll(ctx, receiptQueue) {
		defer m.forget(ctx) // the sender's address leaves the file with the message
	}
	m.urgent.Lock()
	m.workAll(ctx, nowQueue, feedbackQueue)
	m.urgent.Unlock()
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
		worked = m.workAll(ctx, nowQueue, feedbackQueue) || worked
		m.urgent.Unlock()
		n, err := m.work(ctx, sendQueue, m.queues[sendQueue])
		if err != nil {
			m.log.ErrorContext(ctx, "queue", "name", sendQueue, "error", err)
			return
		}
		worked = worked || n > 0
	}
}

// work hands one batch of messages to a handler, as Lambda's event source mapping does. A letter that someone waits
// for is claimed, delivered and recorded in one transaction.
func (m *Machine) work(ctx context.Context, name string, s *station) (worked int, err error) {
	if next, some := s.queue.NextVisible(); !some || next.After(m.Clock.Now()) {
		return 0, nil
	}
	if name != nowQueue {
		return m.workBatch(ctx, name, s)
	}
	err = m.Together(ctx, func(ctx context.Context) error {
		worked, err = m.workBatch(ctx, name, s)
		return err
	})
	return worked, err
}

func (m *Machine) workBatch(ctx context.Context, name string, s *station) (int, error) {
	most := local.MaxAtOnce
	if name == receiptQueue {
		most = 1
	}
	received, err := s.queue.Receive(ctx, most, visibility)
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
	return len(received), s.queue.Delete(done...)
}

func (m *Machine) scheduled() events.EventBridgeEvent {
	return events.EventBridgeEvent{
		Version: "0", DetailType: "Scheduled Event", Source: dispatch.Source, Time: m.Clock.Now(),
		Region: "local", Detail: []byte(`"{}"`),
	}
}

// purge removes what has expired, as DynamoDB and S3 do by themselves: items at each tick, mail once a day.
func (m *Machine) purge(ctx context.Context) {
	now := m.Clock.Now()
	_, err := m.Purge(ctx, now, 10_000)
	if today := mend.DateOf(now); err == nil && m.purged != today {
		if _, err = m.Blobs.Expire(ctx); err == nil {
			m.purged = today
		}
	}
	if err != nil {
		m.log.ErrorContext(ctx, "purge", "error", err)
	}
}

// advance moves the clock on to an instant, stopping wherever something can happen: at each quarter-hour, on which
// letters fall due, and where a message becomes visible. It reports how many letters were sent.
func (m *Machine) advance(ctx context.Context, to time.Time) (sent int, err error) {
	m.working.Lock()
	defer m.working.Unlock()
	if to.Before(m.Clock.Now()) {
		return 0, fmt.Errorf("%w: it stands at %s already", errBackwards, m.Clock.Now().Format(time.RFC3339))
	}
	before := m.Mailbox.Count()
	err = m.Unsynced(func() error { // a year is 35,000 ticks
		m.settleLocked(ctx, true)
		for now := m.Clock.Now(); now.Before(to) && ctx.Err() == nil; now = m.Clock.Now() {
			m.Clock.Jump(m.nextInstant(now, to))
			m.settleLocked(ctx, true)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return int(m.Mailbox.Count() - before), m.Clock.Remember(ctx)
}

var errBackwards = errors.New("the clock only moves forward")

// nextInstant is the first instant after now, and not after to, at which something can happen.
func (m *Machine) nextInstant(now, to time.Time) time.Time {
	const quarter = 15 * time.Minute
	next := now.Truncate(quarter).Add(quarter)
	for _, s := range m.queues {
		if visible, some := s.queue.NextVisible(); some && visible.After(now) && visible.Before(next) {
			next = visible
		}
	}
	if next.After(to) {
		return to
	}
	return next
}
