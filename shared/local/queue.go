package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/mend"
)

// The queues of a machine, which are those of a stack on AWS.
const (
	SendQueue     = string(mend.SendQueue)
	NowQueue      = string(mend.NowQueue)
	ReceiptQueue  = "receipt"  // mail that came in
	FeedbackQueue = "feedback" // the mail service's events
)

// QueueNames are their names.
var QueueNames = []string{SendQueue, NowQueue, ReceiptQueue, FeedbackQueue}

// Queues are the queues of one machine, by name.
type Queues map[string]*Queue

// Send implements [mend.Queue]. The messages are on the disk with the next write. A kill before it
// only delays their letters, since the table has the page of each and a sweep hands it out again.
func (q Queues) Send(_ context.Context, to mend.QueueName, messages ...mend.Message) error {
	return q[string(to)].send(messages)
}

// Queue is what Mend uses of an Amazon SQS standard queue with a dead-letter queue.
//
// Messages are delivered at least once. A message that was received and not deleted within its
// visibility timeout comes again, and after a number of times it is a dead letter instead. What SQS
// refuses is refused (the "Message quotas" of its developer guide). Where it differs from SQS:
// messages come in the order in which they become visible, and none expires by age.
//
// Messages are in memory and in the file; who holds one is only in memory. So receiving one for the
// first time writes nothing, and a deletion goes with the next write. After a kill, what was held
// or just deleted comes again at once, and counts as received once more.
type Queue struct {
	records[Message]
	clock *Clock
	name  string
	last  atomic.Uint64

	mu  sync.Mutex
	all []*Message // dead letters last, the others by the instant from which they are visible
}

// The limits of SQS, and those that template.yaml sets.
const (
	maxBody    = 1 << 20 // bytes
	maxReceive = 5       // how often a message is handed out before it goes to the dead letters

	MaxAtOnce = 10 // messages in one batch
)

// Message is a message that was handed out, or a dead letter.
type Message struct {
	ID      string    // the same at each delivery
	visible time.Time // from when on it is handed out

	Body  string
	Sent  time.Time
	Due   time.Time // when it was first visible, or again after redriving
	Count int       // how often it was handed out; at least 1 in the file, since the first is not written
	Dead  bool
}

// Receipt is of this delivery: what Delete takes.
func (m Message) Receipt() string { return fmt.Sprintf("%s.%d", m.ID, m.Count) }

// read reads the messages of the file.
func (q *Queue) read(ctx context.Context) error {
	if err := q.lastNumber(ctx, &q.last); err != nil {
		return err
	}
	return q.each(ctx, "", "", func(id string, m Message) bool {
		m.ID, m.visible = id, m.Due
		q.add(&m)
		return true
	})
}

// writing keeps messages as they are now.
func (q *Queue) writing(messages []Message) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		for _, m := range messages {
			m.Count = max(m.Count, 1)
			if err := q.put(tx, m.ID, m); err != nil {
				return err
			}
		}
		return nil
	}
}

// Send takes all the messages. They are on the disk when it returns without an error.
func (q *Queue) Send(ctx context.Context, messages ...mend.Message) error {
	if err := q.send(messages); err != nil {
		return err
	}
	return q.db.Update(ctx, func(*bolt.Tx) error { return nil }) // with what send has left for later
}

func (q *Queue) send(messages []mend.Message) error {
	now := q.clock.Now()
	var sent []Message
	for i, m := range messages {
		if err := check(m); err != nil {
			return fmt.Errorf("sending to queue %s: message %d: %w", q.name, i, err)
		}
		due := now.Add(m.Delay)
		id := numbered(q.last.Add(1))
		sent = append(sent, Message{ID: id, visible: due, Body: string(m.Body), Sent: now, Due: due})
	}
	q.db.Later(q.writing(sent))
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range sent {
		q.add(&m)
	}
	return nil
}

func check(m mend.Message) error {
	switch {
	case len(m.Body) == 0:
		return errors.New("it is empty")
	case !utf8.Valid(m.Body):
		return errors.New("it is not UTF-8")
	case len(m.Body) > maxBody:
		return fmt.Errorf("it has %d bytes: at most %d", len(m.Body), maxBody)
	case m.Delay < 0 || m.Delay > mend.MaxDelay:
		return fmt.Errorf("its delay is %v: at most %v", m.Delay, mend.MaxDelay)
	}
	return nil
}

// Receive hands out at most atOnce messages that are visible now, and hides them for the visibility
// timeout. Those that were handed out too often become dead letters.
func (q *Queue) Receive(ctx context.Context, atOnce int, visibility time.Duration) ([]Message, error) {
	received, changed := q.take(atOnce, visibility)
	if len(changed) > 0 {
		if err := q.db.Update(ctx, q.writing(changed)); err != nil {
			return nil, fmt.Errorf("receiving from queue %s: %w", q.name, err)
		}
	}
	return received, nil
}

// take chooses what to hand out, and says which messages have to be written.
func (q *Queue) take(atOnce int, visibility time.Duration) (received, changed []Message) {
	now := q.clock.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	var taken []*Message
	for len(q.all) > 0 && len(received) < atOnce && !q.all[0].Dead && !q.all[0].visible.After(now) {
		m := q.all[0]
		q.all = q.all[1:]
		if m.Count >= maxReceive {
			m.Dead = true
		} else {
			m.Count++
			m.visible = now.Add(visibility)
			received = append(received, *m)
		}
		taken = append(taken, m)
		if m.Dead || m.Count > 1 {
			changed = append(changed, *m)
		}
	}
	for _, m := range taken {
		q.add(m)
	}
	return received, changed
}

// Delete removes messages for good, in the file with the next write. A receipt of an earlier
// delivery than the last removes nothing, and like one of a message that is gone is no error.
func (q *Queue) Delete(receipts ...string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, receipt := range receipts {
		q.all = slices.DeleteFunc(q.all, func(m *Message) bool {
			gone := !m.Dead && m.Receipt() == receipt
			if id := m.ID; gone {
				q.db.Later(func(tx *bolt.Tx) error { return q.delete(tx, id) })
			}
			return gone
		})
	}
}

// NextVisible is the instant from which Receive finds a message, false if the queue is empty.
// Virtual time may jump to it.
func (q *Queue) NextVisible() (time.Time, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.all) == 0 || q.all[0].Dead {
		return time.Time{}, false
	}
	return q.all[0].visible, true
}

// Waiting is how many messages are in the queue, visible or not.
func (q *Queue) Waiting() int {
	dead := len(q.Dead())
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.all) - dead
}

// Dead is all the dead letters. Their receipts delete nothing.
func (q *Queue) Dead() (dead []Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range q.all {
		if m.Dead {
			dead = append(dead, *m)
		}
	}
	return dead
}

// Redrive makes all the dead letters visible again, counting from nothing, and returns how many
// they were.
func (q *Queue) Redrive(ctx context.Context) (int, error) {
	now := q.clock.Now()
	var alive []Message
	for _, m := range q.Dead() {
		alive = append(alive, Message{ID: m.ID, visible: now, Body: m.Body, Sent: m.Sent, Due: now})
	}
	if err := q.db.Update(ctx, q.writing(alive)); err != nil {
		return 0, fmt.Errorf("redriving queue %s: %w", q.name, err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range alive {
		q.all = slices.DeleteFunc(q.all, func(old *Message) bool { return old.ID == m.ID })
		q.add(&m)
	}
	return len(alive), nil
}

// add puts a message into its place.
func (q *Queue) add(m *Message) {
	if m.Dead {
		m.visible = time.Unix(1<<40, 0) // behind all others
	}
	at, _ := slices.BinarySearchFunc(q.all, m, func(a, b *Message) int {
		return cmp.Or(a.visible.Compare(b.visible), cmp.Compare(a.ID, b.ID))
	})
	q.all = slices.Insert(q.all, at, m)
}
