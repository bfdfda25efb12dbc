package local

import (
	"context"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Clock is the machine's time: the real one, shifted or standing still. A clock that was moved
// ahead stays ahead over a restart: what has happened would otherwise lie in the future.
type Clock struct {
	records[time.Time]

	machine  func() time.Time // what the clock of the machine shows. Optional. Defaults to time.Now
	mu       sync.Mutex
	standing bool
	at       time.Time // where it was set
	set      time.Time // the real instant at which it was
	last     time.Time // that it showed
}

const clockKey = "now"

// begin sets the clock: see [Options].Start.
func (c *Clock) begin(ctx context.Context, start time.Time) error {
	if start.IsZero() {
		var err error
		if start, err = c.get(ctx, clockKey, nil); err != nil {
			return err
		}
		if now := time.Now(); now.After(start) {
			start = now
		}
	}
	c.Jump(start)
	return nil
}

// Now is the instant at which the clock stands. It goes with the clock of the machine, also while
// the machine sleeps. Where that one is set back, it waits for it, because what has happened would
// otherwise lie in the future.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.standing {
		return c.at
	}
	if now := c.at.Add(c.wall().Sub(c.set)); now.After(c.last) {
		c.last = now
	}
	return c.last
}

// wall is the machine's clock without Go's monotonic reading, which stands still while the machine
// sleeps.
func (c *Clock) wall() time.Time {
	if c.machine != nil {
		return c.machine().Round(0)
	}
	return time.Now().Round(0)
}

// Jump moves the clock. It goes on from there.
func (c *Clock) Jump(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.last, c.set = to.UTC(), to.UTC(), c.wall()
}

// Remember keeps where the clock stands for the next start.
func (c *Clock) Remember(ctx context.Context) error {
	now := c.Now()
	return c.db.Update(ctx, func(tx *bolt.Tx) error { return c.put(tx, clockKey, now) })
}
