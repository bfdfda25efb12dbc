package service

import (
	"context"
	"errors"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Margin is the time that one letter needs, its wait aside. An invocation with less than that left
// begins nothing more.
const Margin = 12 * time.Second

// Of the account's rate (SES's MaxSendRate) four fifths are used. The now queue has a fifth of that, so
// that a slot of thousands delays no sign-in link.
const (
	used      = 0.8
	sendShare = 0.8
	nowShare  = 0.2
)

// longestSleep is how long an invocation sleeps until its turn. Longer waits are the queue's: nothing is
// billed there.
const longestSleep = 5 * time.Second

// interval is the time between two letters of a queue; 0 where nothing is paced.
func (s *Service) interval(queue QueueName) time.Duration {
	if s.SendRate <= 0 {
		return 0
	}
	share := sendShare
	if queue == NowQueue {
		share = nowShare
	}
	return time.Duration(float64(time.Second) / (s.SendRate * used * share))
}

// turns are reserved instants at which letters may start, one interval apart: as many as fit before the
// end, which leaves a little room for an invocation that comes late. All invocations reserve from one
// record, so the account's rate holds however many of them are at work.
type turns struct {
	next, end time.Time
	interval  time.Duration
}

// lateBy is how late a letter may start without taking more of the rate than the unused fifth of it.
const lateBy = 250 * time.Millisecond

// reserve takes n turns of a queue's rate. It returns errNoTurn when the first would come after latest.
func (s *Service) reserve(ctx context.Context, queue QueueName, n int, latest time.Time) (turns, error) {
	interval := s.interval(queue)
	if interval == 0 {
		return turns{}, nil
	}
	length := time.Duration(n) * interval
	start, err := s.Store.ReserveTurns(ctx, string(queue), length+length/20, s.Now(), latest)
	if errors.Is(err, store.ErrConflict) {
		err = errNoTurn
	}
	return turns{start, start.Add(length + length/20), interval}, err
}

// errNoTurn is a rate that is taken until after a letter's window.
var errNoTurn = errors.New("no turn is free before the letter expires")

// hold reports whether n letters, beginning now, fit into what is reserved.
func (t turns) hold(n int, now time.Time) bool {
	next := t.next
	if now.After(next) {
		next = now
	}
	return !next.Add(time.Duration(n) * t.interval).After(t.end.Add(lateBy))
}

// wait sleeps until the next turn and uses it.
func (s *Service) wait(ctx context.Context, t *turns) error {
	if t.interval == 0 {
		return nil
	}
	now := s.Now()
	if now.After(t.next) {
		t.next = now
	}
	err := s.sleep(ctx, t.next.Sub(now))
	t.next = t.next.Add(t.interval)
	return err
}

// atOnce is how many letters are claimed at once: as many as can start within two seconds, and no more
// than are called at once, so that a kill costs no letter that was not tried.
func (t turns) atOnce() int {
	if t.interval <= 0 {
		return callsAtOnce
	}
	return min(max(int(startWithin/t.interval), 1), callsAtOnce)
}

// lane is the queue whose rate a page's letters use.
func lane(page store.Page) QueueName {
	if page.Requested {
		return NowQueue
	}
	return SendQueue
}

// turnsFor makes sure that a page has turns for n letters: those that were reserved for it, or new ones.
// It reports false if they are so far off that the page was queued again with a delay.
func (s *Service) turnsFor(ctx context.Context, page *store.Page, n int) (turns, bool, error) {
	latest := page.Due.Add(window)
	if s.SendRate <= 0 || n == 0 || s.Now().After(latest) { // nothing is sent, or nothing is paced
		return turns{}, true, nil
	}
	t := turns{page.Turn, page.TurnsEnd, s.interval(lane(*page))}
	if !t.hold(n, s.Now()) {
		var err error
		t, err = s.reserve(ctx, lane(*page), n, latest)
		if errors.Is(err, errNoTurn) { // later there may be, or the letters expire
			page.Turn, page.TurnsEnd = time.Time{}, time.Time{}
			return t, false, s.queueLater(ctx, lane(*page), Task{Page: page}, MaxDelay)
		}
		if err != nil {
			return t, false, err
		}
		page.Turn, page.TurnsEnd = t.next, t.end
		if t.next.Sub(s.Now()) > longestSleep { // the sweeps leave it alone until then
			if err := s.Store.MovePage(ctx, *page); err != nil {
				return t, false, err
			}
		}
	}
	if wait := t.next.Sub(s.Now()); wait > longestSleep {
		return t, false, s.queueLater(ctx, lane(*page), Task{Page: page}, wait)
	}
	return t, true, nil
}

// queueLater queues a task so that it arrives shortly before a wait is over.
func (s *Service) queueLater(ctx context.Context, to QueueName, w Task, wait time.Duration) error {
	body, err := encode(w)
	if err != nil {
		return err
	}
	return s.Queue.Send(ctx, to, Message{body, delayFor(wait)})
}

// delayFor is a queue's delay for a wait: in whole seconds, a little early.
func delayFor(wait time.Duration) time.Duration {
	if wait <= time.Second { // of a page without a turn, too
		return 0
	}
	return min((wait - time.Second).Truncate(time.Second), MaxDelay)
}

// oneOffTurn waits for the turn of a one-off. It reports false if the task was queued again with a delay.
func (s *Service) oneOffTurn(ctx context.Context, o mend.OneOff, w Task) (bool, error) {
	if s.SendRate <= 0 {
		return true, nil
	}
	t := turns{w.Turn, w.Turn.Add(s.interval(NowQueue)), s.interval(NowQueue)}
	if w.Turn.IsZero() || !t.hold(1, s.Now()) {
		var err error
		t, err = s.reserve(ctx, NowQueue, 1, o.Expires)
		if errors.Is(err, errNoTurn) {
			return false, s.queueLater(ctx, NowQueue, Task{OneOff: w.OneOff}, MaxDelay)
		}
		if err != nil {
			return false, err
		}
	}
	if wait := t.next.Sub(s.Now()); wait > longestSleep {
		w.Turn = t.next
		return false, s.queueLater(ctx, NowQueue, w, wait)
	}
	return true, s.wait(ctx, &t)
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
