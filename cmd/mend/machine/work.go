package machine

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/dispatch"
	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
)

// handler works through the messages of a queue.
type handler = func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

// visibility is what template.yaml sets for the queues of AWS.
const visibility = 6 * time.Minute

// settle runs a tick, if asked to, and works through the queues until nothing is visible in them.
// What goes wrong is logged and tried again: the queues and the watermark remember. No request
// waits for it. It leaves the work to a move of the clock that is under way, which does the same
// and takes long.
func (m *Machine) settle(ctx context.Context, tick bool) {
	if m.working.TryLock() {
		defer m.working.Unlock()
		m.settleLocked(ctx, tick)
		m.logged(ctx, "forget", m.ForgetNow(ctx))
	}
}

func (m *Machine) settleLocked(ctx context.Context, tick bool) {
	if tick {
		m.logged(ctx, "tick", dispatch.Handle(ctx, m.svc.Dispatch, m.scheduled()))
		m.logged(ctx, "purge", m.purge(ctx))
	}
	for worked := true; worked && ctx.Err() == nil; {
		worked = m.drain(ctx, local.ReceiptQueue)
		worked = m.drainUrgent(ctx) || worked
		worked = m.work(ctx, local.SendQueue) || worked
	}
}

// logged reports whether all went well, and logs what did not.
func (m *Machine) logged(ctx context.Context, what string, err error) bool {
	if err != nil {
		m.log.ErrorContext(ctx, what, "error", err)
	}
	return err == nil
}

// doQueued does what a request has queued, before the request is answered: on one machine a delay
// gains nothing. It leaves the letters of the schedule alone, which wait for their turn. It goes on
// if the client leaves.
//
// Mail that came in is read first, and beside all else: a mail that takes long holds up nothing but
// itself.
func (m *Machine) doQueued(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	mailed := m.drain(ctx, local.ReceiptQueue)
	m.drainUrgent(ctx)
	if mailed { // the sender's address leaves the file with the message
		m.logged(ctx, "forget", m.ForgetNow(ctx))
	}
}

// drainUrgent works through the queues that someone waits for, one caller at a time. What the mail
// service says may queue a letter.
func (m *Machine) drainUrgent(ctx context.Context) (worked bool) {
	m.urgent.Lock()
	defer m.urgent.Unlock()
	worked = m.drain(ctx, local.FeedbackQueue)
	return m.drain(ctx, local.NowQueue) || worked
}

// drain works through a queue until nothing is visible in it.
func (m *Machine) drain(ctx context.Context, queue string) (worked bool) {
	for ctx.Err() == nil && m.work(ctx, queue) {
		worked = true
	}
	return worked
}

// work hands one batch of messages to a handler, and reports whether it did. A letter that someone
// waits for is claimed, delivered and recorded in one transaction.
func (m *Machine) work(ctx context.Context, queue string) bool {
	if next, some := m.Queues[queue].NextVisible(); !some || next.After(m.Clock.Now()) {
		return false
	}
	batch := func(ctx context.Context) error { return m.workBatch(ctx, queue) }
	if queue == local.NowQueue {
		return m.logged(ctx, "work through "+queue, m.Together(ctx, batch))
	}
	return m.logged(ctx, "work through "+queue, batch(ctx))
}

// workBatch does as Lambda's event source mapping: it deletes the messages that the handler does
// not want again.
func (m *Machine) workBatch(ctx context.Context, queue string) error {
	most := local.MaxAtOnce
	if queue == local.ReceiptQueue {
		most = 1
	}
	received, err := m.Queues[queue].Receive(ctx, most, visibility)
	if err != nil || len(received) == 0 {
		return err
	}
	var e events.SQSEvent
	receipts := map[string]string{}
	for _, r := range received {
		receipts[r.ID] = r.Receipt()
		e.Records = append(e.Records, events.SQSMessage{
			MessageId: r.ID, ReceiptHandle: r.Receipt(), Body: r.Body,
			Attributes: map[string]string{"ApproximateReceiveCount": strconv.Itoa(r.Count),
				"SentTimestamp": strconv.FormatInt(r.Sent.UnixMilli(), 10)},
			EventSource: "aws:sqs", EventSourceARN: "arn:aws:sqs:local:000000000000:mend-" + queue, AWSRegion: "local",
		})
	}
	answer, err := m.handlers[queue](ctx, e)
	if !m.logged(ctx, "handler of "+queue, err) { // the whole batch comes again
		return nil
	}
	for _, failed := range answer.BatchItemFailures {
		delete(receipts, failed.ItemIdentifier)
	}
	m.Queues[queue].Delete(slices.Collect(maps.Values(receipts))...)
	return nil
}

func (m *Machine) scheduled() events.EventBridgeEvent {
	return events.EventBridgeEvent{
		Version: "0", DetailType: "Scheduled Event", Source: dispatch.Source, Time: m.Clock.Now(),
		Region: "local", Detail: []byte(`"{}"`),
	}
}

// purge removes what has expired, as DynamoDB and S3 do by themselves: items at each tick, mail
// once a day.
func (m *Machine) purge(ctx context.Context) error {
	now := m.Clock.Now()
	if err := m.Purge(ctx, now, 10_000); err != nil || m.purged == mend.DateOf(now) {
		return err
	}
	m.purged = mend.DateOf(now)
	return m.Blobs.Expire(ctx, "raw/", now.AddDate(0, 0, -rawDays))
}

// advance moves the clock on to an instant, stopping wherever something can happen: at each
// quarter-hour, on which letters fall due, and where a message becomes visible. It reports how many
// letters were sent. Once ctx is done it moves no further, but ends what it has begun.
func (m *Machine) advance(ctx context.Context, to time.Time) (sent int, err error) {
	work := context.WithoutCancel(ctx)
	m.working.Lock()
	defer m.working.Unlock()
	if to.Before(m.Clock.Now()) {
		return 0, refusal{http.StatusBadRequest, fmt.Sprintf("the clock only moves forward: it stands at %s already",
			m.Clock.Now().Format(time.RFC3339))}
	}
	before := m.Mailbox.Count()
	err = m.Unsynced(func() error { // a year is 35,000 ticks
		m.settleLocked(work, true)
		for now := m.Clock.Now(); now.Before(to) && ctx.Err() == nil; now = m.Clock.Now() {
			m.Clock.Jump(m.nextInstant(now, to))
			m.settleLocked(work, true)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return int(m.Mailbox.Count() - before), m.Clock.Remember(work)
}

// nextInstant is the first instant after now, and not after to, at which something can happen.
func (m *Machine) nextInstant(now, to time.Time) time.Time {
	const quarter = 15 * time.Minute
	next := now.Truncate(quarter).Add(quarter)
	for _, queue := range m.Queues {
		if visible, some := queue.NextVisible(); some && visible.After(now) && visible.Before(next) {
			next = visible
		}
	}
	if next.After(to) {
		return to
	}
	return next
}
