package sending

import (
	"context"
	"errors"
	"time"

	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// longestSleep is how long an invocation sleeps until its turn. Longer waits are the queue's:
// nothing is billed there.
const longestSleep = 5 * time.Second

// wait sleeps until the next turn and uses it.
func (s *Service) wait(ctx context.Context, t *dispatch.Turns) error {
	if t.Interval == 0 {
		return nil
	}
	now := s.Now()
	if now.After(t.Next) {
		t.Next = now
	}
	err := s.sleep(ctx, t.Next.Sub(now))
	t.Next = t.Next.Add(t.Interval)
	return err
}

// turnsFor finds turns for those letters of a page that may have to be sent: the turns reserved for
// it, or new ones. It reports false if they are so far off that it queued the page again with a
// delay.
func (s *Service) turnsFor(
	ctx context.Context, page *store.Page, letters []delivery,
) (_ dispatch.Turns, near bool, _ error) {
	n, latest := s.toCome(*page, letters), page.Due.Add(mend.SendWindow)
	if s.dispatch.SendRate <= 0 || n == 0 || s.Now().After(latest) { // nothing is sent, or nothing is paced
		return dispatch.Turns{}, true, nil
	}
	t := dispatch.Turns{Next: page.Turn, End: page.TurnsEnd, Interval: s.dispatch.Interval(page.Queue())}
	if !t.Hold(n, s.Now()) {
		var err error
		t, err = s.dispatch.Reserve(ctx, page.Queue(), n, latest)
		if errors.Is(err, dispatch.ErrNoTurn) { // later there may be, or the letters expire
			page.Turn, page.TurnsEnd = s.Now().Add(mend.MaxDelay), time.Time{}
			return t, false, s.Enqueue(ctx, page.Queue(), *page)
		}
		if err != nil {
			return t, false, err
		}
		page.Turn, page.TurnsEnd = t.Next, t.End
		if t.Next.Sub(s.Now()) > longestSleep { // the sweeps leave it alone until then
			if err := s.Store.MovePage(ctx, *page); err != nil {
				return t, false, err
			}
		}
	}
	if t.Next.Sub(s.Now()) > longestSleep {
		return t, false, s.Enqueue(ctx, page.Queue(), *page)
	}
	return t, true, nil
}

// toCome is how many of a page's letters may still have to be sent.
func (s *Service) toCome(page store.Page, letters []delivery) int {
	n := 0
	for i := range letters {
		d := &letters[i]
		wait, again := d.secondAttempt()
		again = again && d.read.State == mend.ClaimOpen && s.Now().Sub(d.read.At) >= wait
		may := d.oneOff != nil && d.isOf(page) // neither cancelled nor moved nor overtaken
		if d.oneOff == nil {
			may = d.sub.Status == mend.Active && !d.sub.LastDate.After(page.Date)
		}
		if may && (again || !d.isClaimed()) {
			n++
		}
	}
	return n
}

func (s *Service) sleep(ctx context.Context, d time.Duration) error {
	//mutant:always pace | slow 0.01 300
	if d <= 0 {
		return nil
	}
	if s.Sleep != nil {
		return s.Sleep(ctx, d)
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
