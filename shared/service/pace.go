package service

import (
	"context"
	"time"
)

// Quota is how many letters the account may send, and among how many invocations that is shared.
type Quota struct {
	PerSecond float64 // the account's MaxSendRate; 0: no limit
	Send, Now int     // how many invocations work at once for each queue: the MaximumConcurrency of its event source
}

// Margin is the time that one letter needs, its wait aside. An invocation with less than that left
// begins nothing more.
const Margin = 12 * time.Second

// Of the account's rate we use four fifths; of that the now queue has one fifth, so that a slot of thousands
// delays no sign-in link.
const (
	used    = 0.8
	sendGet = 0.8
	nowGet  = 0.2
)

// pace is how fast one invocation may send: each letter waits for its interval first, so that invocations
// that follow each other closely do not send two at once.
type pace struct{ interval time.Duration }

func (q Quota) pace(queue QueueName) pace {
	if q.PerSecond <= 0 {
		return pace{}
	}
	share, invocations := sendGet, max(q.Send, 1)
	if queue == NowQueue {
		share, invocations = nowGet, max(q.Now, 1)
	}
	return pace{time.Duration(float64(invocations) / (q.PerSecond * used * share) * float64(time.Second))}
}

// Interval is how long one invocation waits before each letter of a queue.
func (q Quota) Interval(queue QueueName) time.Duration { return q.pace(queue).interval }

// atOnce is how many letters are claimed at once: as many as can start within two seconds, and no more than most.
func (p pace) atOnce(most int) int {
	if p.interval <= 0 {
		return most
	}
	return min(max(int(startWithin/p.interval), 1), most)
}

func (s *Service) sleep(ctx context.Context, d time.Duration) error {
	//mutant:always pace | slow 0.01 300
	if d <= 0 {
		return nil
	}
	if s.Sleep != nil {
		return s.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// breakerOpen reports whether nothing may be sent at present.
func (s *Service) breakerOpen(ctx context.Context) (bool, error) {
	until, err := s.Store.Breaker(ctx)
	return s.Now().Before(until), err
}
