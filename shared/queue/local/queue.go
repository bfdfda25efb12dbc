// Package local is the queue of one machine: what Mend uses of an Amazon SQS
// standard queue with a dead-letter queue, kept in the machine's one file.
//
// Messages are delivered at least once: one that was received and not deleted within its
// visibility timeout comes again, and after a number of times goes to the dead
// letters instead. Where it differs from SQS: delivery is in the order in
// which messages become visible, no message is delivered twice by chance or expires by age, and instants are
// arguments, so that time may jump. What SQS refuses is refused (the "Message
// quotas" of its developer guide): empty or non-UTF-8 bodies and those over 1 MiB, delays over 15 minutes,
// visibility timeouts over 12 hours, more than 10 messages received at once.
package local

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/mend/shared/store/embedded"
)

// The limits of SQS that are kept to.
const (
	MaxBody       = 1 << 20 // bytes
	MaxDelay      = 15 * time.Minute
	MaxVisibility = 12 * time.Hour
	MaxAtOnce     = 10
)

// Queue is one queue with its dead letters. It may be used by many goroutines.
type Queue struct {
	db   *embedded.DB
	name string
	o    Options
}

// Options are the settings of [New].
type Options struct {
	// MaxReceive is how often a message is handed out before it goes to the
	// dead letters. Optional. Defaults to for ever.
	MaxReceive int
}

// New is the queue of that name in the file, which is made when something is sent.
func New(db *embedded.DB, name string, o Options) *Queue { return &Queue{db, name, o} }

// Message is something to send. It becomes visible after the delay.
type Message struct {
	Body  string
	Delay time.Duration
}

// Received is a message that was handed out, or lies among the dead letters.
type Received struct {
	ID      string // the same at each delivery
	Receipt string // of this delivery: what Delete wants
	Body    string
	Count   int // how often it was handed out, this time included
	Sent    time.Time
}

// Send takes all the messages or, if it returns an error, none.
func (q *Queue) Send(ctx context.Context, now time.Time, messages ...Message) error {
	for i, m := range messages {
		if err := m.check(); err != nil {
			return fmt.Errorf("sending to queue %s: message %d: %w", q.name, i, err)
		}
	}
	err := q.db.Update(ctx, func(tx embedded.Tx) error {
		b := q.buckets(tx)
		for _, m := range messages {
			id, err := b.messages.Next()
			if err != nil {
				return err
			}
			if err := b.put(kept{id: id, body: m.Body, sent: now, visible: now.Add(m.Delay)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sending to queue %s: %w", q.name, err)
	}
	return nil
}

func (m Message) check() error {
	switch {
	case m.Body == "":
		return errors.New("it is empty")
	case !utf8.ValidString(m.Body):
		return errors.New("it is not UTF-8")
	case len(m.Body) > MaxBody:
		return fmt.Errorf("it has %d bytes: at most %d", len(m.Body), MaxBody)
	case m.Delay < 0 || m.Delay > MaxDelay:
		return fmt.Errorf("its delay is %v: at most %v", m.Delay, MaxDelay)
	}
	return nil
}

// Receive hands out at most atOnce messages that are visible now, and hides them
// for the visibility timeout. Those that were handed out too often go to the dead letters instead.
func (q *Queue) Receive(ctx context.Context, now time.Time, atOnce int, visibility time.Duration) ([]Received, error) {
	if atOnce < 1 || atOnce > MaxAtOnce || visibility < 0 || visibility > MaxVisibility {
		return nil, fmt.Errorf("receiving from queue %s: %d at once, hidden for %v: at most %d and %v", q.name, atOnce, visibility, MaxAtOnce, MaxVisibility)
	}
	next, found, err := q.NextVisible(ctx)
	if err != nil || !found || next.After(now) {
		return nil, err // without waiting for the disk
	}
	var received []Received
	err = q.db.Update(ctx, func(tx embedded.Tx) error {
		received = nil
		b := q.buckets(tx)
		live, dead, err := b.visible(now, atOnce, q.o.MaxReceive)
		if err != nil {
			return err
		}
		for _, k := range dead {
			if err := b.bury(k); err != nil {
				return err
			}
		}
		for _, k := range live {
			if err := b.order.Delete(k.orderKey()); err != nil {
				return err
			}
			k.count, k.visible = k.count+1, now.Add(visibility)
			if err := b.put(k); err != nil {
				return err
			}
			received = append(received, k.received())
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("receiving from queue %s: %w", q.name, err)
	}
	return received, nil
}

// Delete removes messages for good. A receipt of an earlier delivery than the
// last removes nothing, and like one of a message that is gone is no error.
func (q *Queue) Delete(ctx context.Context, receipts ...string) error {
	err := q.db.Update(ctx, func(tx embedded.Tx) error {
		b := q.buckets(tx)
		for _, receipt := range receipts {
			id, count, err := parseReceipt(receipt)
			if err != nil {
				return err
			}
			k, there, err := readKept(b.messages, id)
			if err != nil {
				return err
			}
			if !there || k.count != count {
				continue
			}
			if err := b.remove(k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("deleting from queue %s: %w", q.name, err)
	}
	return nil
}

// NextVisible is the instant from which Receive finds a message, false if the
// queue is empty. Virtual time may jump to it.
func (q *Queue) NextVisible(ctx context.Context) (time.Time, bool, error) {
	var next time.Time
	found := false
	err := q.db.View(ctx, func(tx embedded.Tx) error {
		for key := range q.buckets(tx).order.Ascend(nil, nil) {
			if len(key) != orderBytes {
				return errDamaged
			}
			next, found = instant(key), true
			break
		}
		return nil
	})
	if err != nil {
		return time.Time{}, false, fmt.Errorf("looking into queue %s: %w", q.name, err)
	}
	return next, found, nil
}

// Waiting is how many messages are in the queue, visible or not.
func (q *Queue) Waiting(ctx context.Context) (int, error) {
	waiting := 0
	err := q.db.View(ctx, func(tx embedded.Tx) error {
		waiting = 0
		for range q.buckets(tx).messages.Ascend(nil, nil) {
			waiting++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("looking into queue %s: %w", q.name, err)
	}
	return waiting, nil
}

// Dead is all the dead letters, the oldest first. Their receipts delete nothing.
func (q *Queue) Dead(ctx context.Context) ([]Received, error) {
	var dead []Received
	err := q.db.View(ctx, func(tx embedded.Tx) error {
		all, err := q.buckets(tx).allDead()
		for _, k := range all {
			dead = append(dead, k.received())
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the dead letters of queue %s: %w", q.name, err)
	}
	return dead, nil
}

// Redrive makes all the dead letters visible again, counting from nothing, and
// says how many they were.
func (q *Queue) Redrive(ctx context.Context, now time.Time) (int, error) {
	driven := 0
	err := q.db.Update(ctx, func(tx embedded.Tx) error {
		b := q.buckets(tx)
		all, err := b.allDead()
		if err != nil {
			return err
		}
		for _, k := range all {
			if err := b.dead.Delete(k.key()); err != nil {
				return err
			}
			k.count, k.visible = 0, now
			if err := b.put(k); err != nil {
				return err
			}
		}
		driven = len(all)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("redriving queue %s: %w", q.name, err)
	}
	return driven, nil
}

// buckets are where a queue is kept: its messages by id, the same in the order in
// which they become visible, and the dead letters by id.
type buckets struct{ messages, order, dead embedded.Bucket }

func (q *Queue) buckets(tx embedded.Tx) buckets {
	return buckets{tx.Bucket("queue:" + q.name), tx.Bucket("queue-order:" + q.name), tx.Bucket("queue-dead:" + q.name)}
}

func (b buckets) put(k kept) error {
	if err := b.messages.Put(k.key(), k.value()); err != nil {
		return err
	}
	return b.order.Put(k.orderKey(), nil)
}

func (b buckets) remove(k kept) error {
	if err := b.messages.Delete(k.key()); err != nil {
		return err
	}
	return b.order.Delete(k.orderKey())
}

func (b buckets) bury(k kept) error {
	if err := b.remove(k); err != nil {
		return err
	}
	return b.dead.Put(k.key(), k.value())
}

// visible finds the messages to hand out, and those that were too often before.
func (b buckets) visible(now time.Time, atOnce, maxReceive int) (live, dead []kept, err error) {
	for key := range b.order.Ascend(nil, timeBytes(now.Add(1))) {
		if len(key) != orderBytes {
			return nil, nil, errDamaged
		}
		k, there, err := readKept(b.messages, binary.BigEndian.Uint64(key[8:]))
		if err != nil {
			return nil, nil, err
		}
		if !there {
			return nil, nil, errDamaged
		}
		if maxReceive > 0 && k.count >= maxReceive {
			dead = append(dead, k)
			continue
		}
		if live = append(live, k); len(live) == atOnce {
			break
		}
	}
	return live, dead, nil
}

func (b buckets) allDead() ([]kept, error) {
	var all []kept
	for key, value := range b.dead.Ascend(nil, nil) {
		if len(key) != 8 {
			return nil, errDamaged
		}
		k, err := parseKept(binary.BigEndian.Uint64(key), value)
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, nil
}

// kept is a message as it is kept: the instants when it was sent and will be
// visible, how often it was handed out, and the body.
type kept struct {
	id            uint64
	sent, visible time.Time
	count         int
	body          string
}

const (
	headBytes  = 8 + 8 + 4
	orderBytes = 8 + 8 // the key of order
)

var errDamaged = errors.New("a damaged message")

func (k kept) key() []byte { return binary.BigEndian.AppendUint64(nil, k.id) }

func (k kept) orderKey() []byte { return binary.BigEndian.AppendUint64(timeBytes(k.visible), k.id) }

func (k kept) value() []byte {
	b := append(make([]byte, 0, headBytes+len(k.body)), timeBytes(k.sent)...)
	b = append(b, timeBytes(k.visible)...)
	b = binary.BigEndian.AppendUint32(b, uint32(k.count))
	return append(b, k.body...)
}

func (k kept) received() Received {
	id := strconv.FormatUint(k.id, 10)
	return Received{ID: id, Receipt: id + "." + strconv.Itoa(k.count), Body: k.body, Count: k.count, Sent: k.sent}
}

func parseReceipt(receipt string) (id uint64, count int, err error) {
	before, after, _ := strings.Cut(receipt, ".")
	id, idErr := strconv.ParseUint(before, 10, 64)
	count, countErr := strconv.Atoi(after)
	if idErr != nil || countErr != nil {
		return 0, 0, fmt.Errorf("%q is no receipt", receipt)
	}
	return id, count, nil
}

func readKept(messages embedded.Bucket, id uint64) (k kept, there bool, err error) {
	value := messages.Get(binary.BigEndian.AppendUint64(nil, id))
	if value == nil {
		return kept{}, false, nil
	}
	k, err = parseKept(id, value)
	return k, true, err
}

func parseKept(id uint64, value []byte) (kept, error) {
	if len(value) < headBytes {
		return kept{}, errDamaged
	}
	return kept{
		id:      id,
		sent:    instant(value),
		visible: instant(value[8:]),
		count:   int(binary.BigEndian.Uint32(value[16:])),
		body:    string(value[headBytes:]),
	}, nil
}

// timeBytes order as the instants do (nanoseconds, in the years 1678 to 2262).
func timeBytes(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(t.UnixNano())^(1<<63))
}

func instant(b []byte) time.Time {
	return time.Unix(0, int64(binary.BigEndian.Uint64(b)^(1<<63))).UTC()
}
