package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store/bolttable"
)

// Queues are the queues of one machine, by name.
type Queues map[string]*Queue

// Send implements [mend.Queue].
func (q Queues) Send(ctx context.Context, to mend.QueueName, messages ...mend.Message) error {
	return q[string(to)].Send(ctx, messages...)
}

// Queue is what Mend uses of an Amazon SQS standard queue with a dead-letter queue.
//
// Messages are delivered at least once. A message that was received and not deleted within its
// visibility timeout comes again, and after a number of times goes to the dead letters instead. What
// SQS refuses is refused (the "Message quotas" of its developer guide). Where it differs from SQS:
// messages come in the order in which they become visible, and none expires by age.
//
// Messages are in the file; who holds one is in memory, so that receiving one for the first time
// writes nothing, and a deletion goes with the next write. After a kill, what was held or just deleted
// comes again at once, and counts as received once more.
type Queue struct {
	db         *bolttable.DB
	clock      *Clock
	name       string
	maxReceive int

	mu    sync.Mutex
	last  uint64
	byID  map[uint64]*held
	order []*held // by the instant from which they are visible, then by id
}

// The limits of SQS that are kept to.
const (
	MaxBody       = 1 << 20 // bytes
	MaxVisibility = 12 * time.Hour
	MaxAtOnce     = 10
)

// held is what is known of a message without its body.
type held struct {
	id      uint64
	visible time.Time
	count   int // how often it was handed out
}

// message is a message as the file holds it. Count is how often it may have been handed out, so it is 1
// from the beginning.
type message struct {
	Body          []byte
	Sent, Visible time.Time
	Count         int
}

// Received is a message that was handed out, or one of the dead letters.
type Received struct {
	ID      string // the same at each delivery
	Receipt string // of this delivery: what Delete takes
	Body    string
	Count   int // how often it was handed out, this time included
	Sent    time.Time
}

func openQueue(ctx context.Context, db *bolttable.DB, clock *Clock, name string, maxReceive int) (*Queue, error) {
	q := &Queue{db: db, clock: clock, name: name, maxReceive: maxReceive, byID: map[uint64]*held{}}
	err := db.View(ctx, func(tx *bolt.Tx) error {
		if last, _ := q.bucket(tx, deadBucket).Cursor().Last(); last != nil {
			q.last, _ = numberOf(last)
		}
		return q.bucket(tx, queuesBucket).ForEach(func(key, value []byte) error {
			var m message
			id, err := numberOf(key)
			if err = errors.Join(err, parse(value, &m)); err != nil {
				return err
			}
			q.last = max(q.last, id)
			q.add(&held{id, m.Visible, m.Count})
			return nil
		})
	})
	return q, err
}

func (q *Queue) bucket(tx *bolt.Tx, of []byte) *bolt.Bucket {
	return tx.Bucket(of).Bucket([]byte(q.name))
}

// Send takes all the messages or, if it returns an error, none.
func (q *Queue) Send(ctx context.Context, messages ...mend.Message) error {
	for i, m := range messages {
		if err := check(m); err != nil {
			return fmt.Errorf("sending to queue %s: message %d: %w", q.name, i, err)
		}
	}
	q.mu.Lock()
	first := q.last + 1
	q.last += uint64(len(messages))
	q.mu.Unlock()
	now := q.clock.Now()
	err := q.db.Update(ctx, func(tx *bolt.Tx) error {
		for i, m := range messages {
			kept := message{m.Body, now, now.Add(m.Delay), 1}
			if err := put(q.bucket(tx, queuesBucket), numberKey(first+uint64(i)), kept); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sending to queue %s: %w", q.name, err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, m := range messages {
		q.add(&held{id: first + uint64(i), visible: now.Add(m.Delay)})
	}
	return nil
}

func check(m mend.Message) error {
	switch {
	case len(m.Body) == 0:
		return errors.New("it is empty")
	case !utf8.Valid(m.Body):
		return errors.New("it is not UTF-8")
	case len(m.Body) > MaxBody:
		return fmt.Errorf("it has %d bytes: at most %d", len(m.Body), MaxBody)
	case m.Delay < 0 || m.Delay > mend.MaxDelay:
		return fmt.Errorf("its delay is %v: at most %v", m.Delay, mend.MaxDelay)
	}
	return nil
}

// Receive hands out at most atOnce messages that are visible now, and hides them for the visibility
// timeout. Those that were handed out too often go to the dead letters instead.
func (q *Queue) Receive(ctx context.Context, atOnce int, visibility time.Duration) ([]Received, error) {
	if atOnce < 1 || atOnce > MaxAtOnce || visibility < 0 || visibility > MaxVisibility {
		return nil, fmt.Errorf("receiving from queue %s: %d at once, hidden for %v: at most %d and %v",
			q.name, atOnce, visibility, MaxAtOnce, MaxVisibility)
	}
	live, dead := q.take(atOnce, visibility)
	again := func(h held) bool { return h.count > 1 }
	transaction := q.db.View
	if len(dead) > 0 || slices.ContainsFunc(live, again) {
		transaction = q.db.Update
	}
	var received []Received
	err := transaction(ctx, func(tx *bolt.Tx) error {
		received = nil
		messages := q.bucket(tx, queuesBucket)
		for _, h := range dead {
			key := numberKey(h.id)
			err := errors.Join(q.bucket(tx, deadBucket).Put(key, messages.Get(key)), messages.Delete(key))
			if err != nil {
				return err
			}
		}
		for _, h := range live {
			var m message
			if err := parse(messages.Get(numberKey(h.id)), &m); err != nil {
				return err
			}
			if m.Count = h.count; again(h) {
				if err := put(messages, numberKey(h.id), m); err != nil {
					return err
				}
			}
			received = append(received, m.received(h.id))
		}
		return nil
	})
	if err != nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		for _, h := range dead {
			q.add(&h)
		}
		return nil, fmt.Errorf("receiving from queue %s: %w", q.name, err)
	}
	return received, nil
}

// take chooses what to hand out, and takes what was handed out too often out of the queue.
func (q *Queue) take(atOnce int, visibility time.Duration) (live, dead []held) {
	now := q.clock.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.order) > 0 && len(live) < atOnce && !q.order[0].visible.After(now) {
		h := q.order[0]
		q.remove(h)
		if q.maxReceive > 0 && h.count >= q.maxReceive {
			dead = append(dead, *h)
			continue
		}
		h.count++
		live = append(live, *h)
	}
	for _, h := range live {
		h.visible = now.Add(visibility)
		q.add(&h)
	}
	return live, dead
}

// Delete removes messages for good, in the file with the next write. A receipt of an earlier delivery
// than the last removes nothing, and like one of a message that is gone is no error.
func (q *Queue) Delete(receipts ...string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	var gone []uint64
	for _, receipt := range receipts {
		before, after, _ := strings.Cut(receipt, ".")
		id, idErr := strconv.ParseUint(before, 10, 64)
		count, countErr := strconv.Atoi(after)
		if idErr != nil || countErr != nil {
			return fmt.Errorf("deleting from queue %s: %q is no receipt", q.name, receipt)
		}
		if h := q.byID[id]; h != nil && h.count == count {
			q.remove(h)
			gone = append(gone, id)
		}
	}
	q.db.Later(func(tx *bolt.Tx) error {
		for _, id := range gone {
			if err := q.bucket(tx, queuesBucket).Delete(numberKey(id)); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

// NextVisible is the instant from which Receive finds a message, false if the queue is empty. Virtual
// time may jump to it.
func (q *Queue) NextVisible() (time.Time, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.order) == 0 {
		return time.Time{}, false
	}
	return q.order[0].visible, true
}

// Waiting is how many messages are in the queue, visible or not.
func (q *Queue) Waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.order)
}

// Dead is all the dead letters, the oldest first. Their receipts delete nothing.
func (q *Queue) Dead(ctx context.Context) (dead []Received, err error) {
	err = q.db.View(ctx, func(tx *bolt.Tx) error {
		return q.bucket(tx, deadBucket).ForEach(func(key, value []byte) error {
			var m message
			id, err := numberOf(key)
			err = errors.Join(err, parse(value, &m))
			dead = append(dead, m.received(id))
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("reading the dead letters of queue %s: %w", q.name, err)
	}
	return dead, nil
}

// Redrive makes all the dead letters visible again, counting from nothing, and returns how many they
// were.
func (q *Queue) Redrive(ctx context.Context) (int, error) {
	now := q.clock.Now()
	var driven []*held
	err := q.db.Update(ctx, func(tx *bolt.Tx) error {
		driven = nil
		dead := q.bucket(tx, deadBucket)
		err := dead.ForEach(func(key, value []byte) error {
			var m message
			id, err := numberOf(key)
			if err = errors.Join(err, parse(value, &m)); err != nil {
				return err
			}
			driven = append(driven, &held{id: id, visible: now})
			m.Count, m.Visible = 1, now
			return put(q.bucket(tx, queuesBucket), key, m)
		})
		for _, h := range driven {
			err = errors.Join(err, dead.Delete(numberKey(h.id)))
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("redriving queue %s: %w", q.name, err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, h := range driven {
		q.add(h)
	}
	return len(driven), nil
}

func (q *Queue) add(h *held) {
	at, _ := slices.BinarySearchFunc(q.order, h, inOrder)
	q.order, q.byID[h.id] = slices.Insert(q.order, at, h), h
}

func (q *Queue) remove(h *held) {
	if at, found := slices.BinarySearchFunc(q.order, h, inOrder); found {
		q.order = slices.Delete(q.order, at, at+1)
	}
	delete(q.byID, h.id)
}

func inOrder(a, b *held) int { return cmp.Or(a.visible.Compare(b.visible), cmp.Compare(a.id, b.id)) }

func (m message) received(id uint64) Received {
	text := strconv.FormatUint(id, 10)
	return Received{text, text + "." + strconv.Itoa(m.Count), string(m.Body), m.Count, m.Sent}
}
