package simulation

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// queue is one queue and the function that works through it. A message comes at least
// once, in no order.
type queue struct {
	world    *world
	name     string
	batch    int
	atOnce   int
	lifetime time.Duration
	handle   handler

	waiting []*message
	dead    []*message // the dead-letter queue
	running int
	polls   int64 // when the next poll is on the agenda; 0: none
}

type message struct {
	id      int
	body    string
	visible int64
	sent    int64
	count   int
}

// What template.yaml sets for the queues.
const (
	visibility = 6 * time.Minute
	maxReceive = 5
	lifetime   = time.Minute // of a function
)

// queues is how the service reaches them.
type queues struct{ world *world }

func (q queues) Send(_ context.Context, to mend.QueueName, messages ...mend.Message) error {
	w := q.world
	fate := w.call("queue to "+string(to), store.Key{PK: strconv.Itoa(len(messages)) + " messages"})
	if err := fate.before(w); err != nil {
		return err
	}
	bodies := make([][]byte, len(messages))
	for i, m := range messages {
		bodies[i] = m.Body
	}
	w.table.meter.queued(bodies)
	for i, body := range bodies {
		if w.current.other {
			body = append(bytes.TrimSuffix(body, []byte("}")), unknown+"}"...)
		}
		w.queues[string(to)].put(string(body), messages[i].Delay)
		if fate.again(w) {
			w.queues[string(to)].put(string(body), messages[i].Delay)
		}
	}
	return fate.after(w)
}

// put queues a message, which can be seen after its delay, or later.
func (q *queue) put(body string, delay time.Duration) {
	w := q.world
	q.world.numbers++
	m := &message{id: int(w.numbers), body: body, visible: w.now + int64(delay), sent: w.now}
	if w.chance(w.faults.Delay) {
		m.visible += int64(w.between(0, 40*time.Minute))
	}
	q.waiting = append(q.waiting, m)
	w.counts.Messages++
	q.poll(m.visible)
}

// unknown is a field that another version puts into its messages; this one does not know it.
const unknown = `,"later":{"known":"to another version"}`

// poll makes sure that the queue is looked at, at an instant.
func (q *queue) poll(at int64) {
	if q.polls != 0 && q.polls <= at {
		return
	}
	q.polls = max(at, q.world.now)
	q.world.at(at, func() {
		q.polls = 0
		q.work()
	})
}

// work starts as many invocations as there may be.
func (q *queue) work() {
	w := q.world
	if w.restored {
		return
	}
	for q.running < q.atOnce {
		batch := q.take()
		if len(batch) == 0 {
			break
		}
		q.invoke(batch)
	}
	next := int64(0)
	for _, m := range q.waiting {
		if next == 0 || m.visible < next {
			next = m.visible
		}
	}
	if next > w.now {
		q.poll(next)
	}
}

// take makes some visible messages invisible, in any order.
func (q *queue) take() []*message {
	w := q.world
	var batch []*message
	offset := 0
	if len(q.waiting) > 1 && w.chance(w.faults.Reorder*10) {
		offset = w.rng.IntN(len(q.waiting))
	}
	for i := 0; i < len(q.waiting) && len(batch) < q.batch; i++ {
		m := q.waiting[(i+offset)%len(q.waiting)]
		if m.visible > w.now {
			continue
		}
		m.count++
		m.visible = w.now + int64(visibility)
		if w.chance(w.faults.Duplicate) { // and once more, soon
			m.visible = w.now + int64(w.between(0, 10*time.Second))
		}
		batch = append(batch, m)
	}
	return batch
}

func (q *queue) invoke(batch []*message) {
	w := q.world
	var e events.SQSEvent
	for _, m := range batch {
		e.Records = append(e.Records, events.SQSMessage{
			MessageId: strconv.Itoa(m.id), ReceiptHandle: strconv.Itoa(m.id), Body: m.body, EventSource: "aws:sqs",
		})
	}
	q.running++
	w.counts.Invocations++
	began := w.now
	var answer events.SQSEventResponse
	w.spawn(q.name, nil, q.lifetime, func(ctx context.Context) (err error) {
		for i := range e.Records {
			if r := &e.Records[i]; w.current.other || w.healed { // it knows what that field is
				r.Body = strings.Replace(r.Body, unknown, "", 1)
			}
		}
		answer, err = q.handle(ctx, e)
		return err
	}, func(crashed bool, err error) {
		q.running--
		w.table.meter.invoked(w.now-began, 2) // and was received, and deleted
		failed := map[string]bool{}
		for _, f := range answer.BatchItemFailures {
			failed[f.ItemIdentifier] = true
		}
		for _, m := range batch {
			done := !crashed && err == nil && !failed[strconv.Itoa(m.id)]
			if done && !w.chance(w.faults.Duplicate) {
				q.remove(m)
			} else if m.count >= maxReceive {
				q.remove(m)
				q.dead = append(q.dead, m)
				w.tracef("%s: a message is dead: %s", q.name, m.body)
			}
		}
		q.poll(w.now)
	})
}

func (q *queue) remove(m *message) {
	for i := range q.waiting {
		if q.waiting[i] == m {
			q.waiting = append(q.waiting[:i:i], q.waiting[i+1:]...)
			return
		}
	}
}

// redrive is what an operator does once all is well again.
func (q *queue) redrive() {
	for _, m := range q.dead {
		m.count, m.visible = 0, q.world.now
		q.waiting = append(q.waiting, m)
	}
	q.dead = nil
	q.poll(q.world.now)
}

// notify puts what SNS would publish on a queue.
func (q *queue) notify(notification string) {
	q.put(`{"Type":"Notification","Message":`+strconv.Quote(notification)+`}`, 0)
}
