package dispatch

import (
	"context"
	"errors"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Of the account's rate (SES's MaxSendRate) four fifths are used. The now queue has a fifth of
// that, so that a slot of thousands delays no sign-in link.
const (
	used      = 0.8
	sendShare = 0.8
	nowShare  = 0.2
)

// Interval is the time between two letters of a queue, where they are paced.
func (s *Dispatcher) Interval(queue mend.QueueName) time.Duration {
	share := sendShare
	if queue == mend.NowQueue {
		share = nowShare
	}
	return time.Duration(float64(time.Second) / (s.SendRate * used * share))
}

// Turns are reserved instants at which letters may start, one interval apart: as many as fit before
// the end, which leaves a little room for an invocation that comes late. All invocations reserve
// from one record, so the account's rate holds however many of them are at work.
type Turns struct {
	Next, End time.Time
	Interval  time.Duration
}

// lateBy is how late a letter may start without taking more of the rate than the unused
// fifth of it.
const lateBy = 250 * time.Millisecond

// Reserve takes n turns of a queue's rate, where letters are paced. It returns [ErrNoTurn] when the
// first would come after latest.
func (s *Dispatcher) Reserve(ctx context.Context, queue mend.QueueName, n int, latest time.Time) (Turns, error) {
	interval := s.Interval(queue)
	length := time.Duration(n) * interval
	start, err := s.Store.ReserveTurns(ctx, string(queue), length+length/20, s.Now(), latest)
	if errors.Is(err, store.ErrConflict) {
		err = ErrNoTurn
	}
	return Turns{Next: start, End: start.Add(length + length/20), Interval: interval}, err
}

// reserveFor reserves turns for the letters of pages, one page after the other, so that each
// arrives at the send function when its turn comes and few invocations are billed while they wait.
// Pages without turns reserve their own when they arrive.
func (s *Dispatcher) reserveFor(ctx context.Context, pages []store.Page, letters int) error {
	if s.SendRate <= 0 || letters == 0 {
		return nil
	}
	t, err := s.Reserve(ctx, mend.SendQueue, letters, pages[0].Due.Add(mend.SendWindow))
	if errors.Is(err, ErrNoTurn) {
		return nil
	}
	if err != nil {
		return err
	}
	each := t.End.Sub(t.Next) / time.Duration(letters)
	for i := range pages {
		pages[i].Turn = t.Next
		t.Next = t.Next.Add(time.Duration(len(pages[i].Members)) * each)
		pages[i].TurnsEnd = t.Next
	}
	return nil
}

// ErrNoTurn is a rate that is taken until after a letter's window.
var ErrNoTurn = errors.New("no turn is free before the letter expires")

// Hold reports whether n letters, beginning now, fit into what is reserved.
func (t Turns) Hold(n int, now time.Time) bool {
	next := t.Next
	if now.After(next) {
		next = now
	}
	return !next.Add(time.Duration(n) * t.Interval).After(t.End.Add(lateBy))
}

// AtOnce is how many letters are claimed at once: as many as can start within two seconds, and no
// more than are called at once, so that a kill costs no letter that was not tried.
func (t Turns) AtOnce() int {
	if t.Interval <= 0 {
		return CallsAtOnce
	}
	return min(max(int(startWithin/t.Interval), 1), CallsAtOnce)
}

// CallsAtOnce is how many letters one invocation hands to the mail service at the same time.
const CallsAtOnce = store.MostWrite

const startWithin = 2 * time.Second // only so many letters are claimed at once as can start within this
