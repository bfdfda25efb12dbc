package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store/bolttable"
)

// Queues are the queues of one machine, by name.
type Queues map[string]*Queue

// Send implements [mend.Queue]. The messages are on the disk with the next write. A kill before it
// only delays their letters, since the table has the page of each and a sweep hands it out again.
func (q Queues) Send(_ context.Context, to mend.QueueName, messages ...mend.Message) error {
	queue := q[string(to)]
	return queue.send(messages, func(write func(*bolt.Tx) error) error {
		queue.db.Later(write)
		return nil
	})
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
	clock      *Clock
	name       string
	maxReceive int
	last       atomic.Uint64

	mu   sync.Mutex
	byID map[string]*Message
	live []*Message // by the instant from which they are visible, then by id
	dead []*Message
}

// The limits of SQS.
const (
	maxBody = 1 << 20 // bytes

	MaxAtOnce = 10 // messages in one batch
)

// Message is a message that was handed out, or a dead letter.
type Message struct {
	ID      string    `cbor:"-"` // the same at each delivery
	visible time.Time // from when on it is handed out

	Body  string
	Sent  time.Time
	Due   time.Time // when it was first visible, or again after redriving
	Count int       // how often it was handed out; at least 1 in the file, since the first is not written
	Dead  bool
}

// Receipt is of this delivery: what Delete takes.
func (m Message) Receipt() string { return fmt.Sprintf("%s.%d", m.ID, m.Count) }

func openQueue(ctx context.Context, db *bolttable.DB, clock *Clock, name string, maxReceive int) (q *Queue, err error) {
	q = &Queue{clock: clock, name: name, maxReceive: maxReceive, byID: map[string]*Message{}}
	if q.records, err = recordsOf[Message](ctx, db, "queue "+name); err != nil {
		return nil, err
	}
	last, err := lastNumber(ctx, q.records)
	if err != nil {
		return nil, err
	}
	q.last.Store(last)
	return q, q.each(ctx, "", func(id string, m Message) bool {
		m.ID, m.visible = id, m.Due
		if m.Dead {
			q.dead = append(q.dead, &m)
		} else {
			q.add(&m)
		}
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

// Send takes all the messages or, if it returns an error, none. They are on the disk when it
// returns.
func (q *Queue) Send(ctx context.Context, messages ...mend.Message) error {
	return q.send(messages, func(write func(*bolt.Tx) error) error { return q.db.Update(ctx, write) })
}

func (q *Queue) send(messages []mend.Message, commit func(func(*bolt.Tx) error) error) error {
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
	if err := commit(q.writing(sent)); err != nil {
		return fmt.Errorf("sending to queue %s: %w", q.name, err)
	}
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
	var held []*Message
	for len(q.live) > 0 && len(held) < atOnce && !q.live[0].visible.After(now) {
		m := q.live[0]
		q.remove(m)
		if q.maxReceive > 0 && m.Count >= q.maxReceive {
			m.Dead = true
			q.dead = append(q.dead, m)
		} else {
			m.Count++
			m.visible = now.Add(visibility)
			held = append(held, m)
			received = append(received, *m)
		}
		if m.Dead || m.Count > 1 {
			changed = append(changed, *m)
		}
	}
	for _, m := range held {
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
		id, _, _ := strings.Cut(receipt, ".")
		if m := q.byID[id]; m != nil && m.Receipt() == receipt {
			q.remove(m)
			q.db.Later(func(tx *bolt.Tx) error { return q.delete(tx, id) })
		}
	}
}

// NextVisible is the instant from which Receive finds a message, false if the queue is empty.
// Virtual time may jump to it.
func (q *Queue) NextVisible() (time.Time, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.live) == 0 {
		return time.Time{}, false
	}
	return q.live[0].visible, true
}

// Waiting is how many messages are in the queue, visible or not.
func (q *Queue) Waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.live)
}

// Dead is all the dead letters. Their receipts delete nothing.
func (q *Queue) Dead() (dead []Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range q.dead {
		dead = append(dead, *m)
	}
	return dead
}

// Redrive makes all the dead letters visible again, counting from nothing, and returns how many
// they were.
func (q *Queue) Redrive(ctx context.Context) (int, error) {
	now := q.clock.Now()
	q.mu.Lock()
	dead := q.dead
	q.dead = nil
	q.mu.Unlock()
	var alive []Message
	for _, m := range dead {
		alive = append(alive, Message{ID: m.ID, visible: now, Body: m.Body, Sent: m.Sent, Due: now})
	}
	err := q.db.Update(ctx, q.writing(alive))
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil {
		q.dead = append(dead, q.dead...)
		return 0, fmt.Errorf("redriving queue %s: %w", q.name, err)
	}
	for _, m := range alive {
		q.add(&m)
	}
	return len(alive), nil
}

func (q *Queue) add(m *Message) {
	at, _ := slices.BinarySearchFunc(q.live, m, inOrder)
	q.live, q.byID[m.ID] = slices.Insert(q.live, at, m), m
}

func (q *Queue) remove(m *Message) {
	if at, found := slices.BinarySearchFunc(q.live, m, inOrder); found {
		q.live = slices.Delete(q.live, at, at+1)
	}
	delete(q.byID, m.ID)
}

func inOrder(a, b *Message) int { return cmp.Or(a.visible.Compare(b.visible), cmp.Compare(a.ID, b.ID)) }
