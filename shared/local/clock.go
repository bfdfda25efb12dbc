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

	mu       sync.Mutex
	standing bool
	at       time.Time // where it was set
	set      time.Time // the real instant at which it was
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

// Now is the instant at which the clock stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.standing {
		return c.at
	}
	return c.at.Add(time.Since(c.set))
}

// Jump moves the clock. It goes on from there.
func (c *Clock) Jump(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.set = to.UTC(), time.Now()
}

// Remember keeps where the clock stands for the next start.
func (c *Clock) Remember(ctx context.Context) error {
	now := c.Now()
	return c.db.Update(ctx, func(tx *bolt.Tx) error { return c.put(tx, clockKey, now) })
}
