package bench

import (
	"context"
	"encoding/json"
	"sync"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// queue is the send queue, in memory: what is lost with it, the open pages still know.
type queue struct {
	mu      sync.Mutex
	changed sync.Cond
	bodies  []string
	working int
}

func newQueue() *queue {
	q := &queue{}
	q.changed.L = &q.mu
	return q
}

// Send is that of [service.Queue].
func (q *queue) Send(_ context.Context, _ mend.QueueName, messages ...mend.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range messages { // at once: what comes before its turn waits for it
		q.bodies = append(q.bodies, string(m.Body))
	}
	q.changed.Broadcast()
	return nil
}

// drain works through the messages, so many at once, until there is none and nobody works
// who might send another.
func (q *queue) drain(atOnce int, do func(body string)) {
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for {
				body, ok := q.take()
				if !ok {
					return
				}
				do(body)
				q.done()
			}
		})
	}
	all.Wait()
}

func (q *queue) take() (body string, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.bodies) == 0 {
		if q.working == 0 {
			return "", false
		}
		q.changed.Wait()
	}
	body, q.bodies = q.bodies[0], q.bodies[1:]
	q.working++
	return body, true
}

func (q *queue) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.working--
	q.changed.Broadcast()
}

func encode(page store.Page) ([]byte, error) { return json.Marshal(page) }
