package local

import (
	"context"
	"fmt"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/store/bolttable"
)

// Clock is the machine's time: the real one, shifted or standing still. A clock that was moved ahead
// stays ahead over a restart: what has happened would otherwise lie in the future.
type Clock struct {
	db *bolttable.DB

	mu       sync.Mutex
	standing bool
	at       time.Time // where it was set
	set      time.Time // the real instant at which it was
}

var clockKey = []byte("now")

func openClock(ctx context.Context, db *bolttable.DB, start time.Time, standing bool) (*Clock, error) {
	c := &Clock{db: db, standing: standing}
	if start.IsZero() {
		err := db.View(ctx, func(tx *bolt.Tx) error {
			if value := tx.Bucket(clockBucket).Get(clockKey); value != nil {
				return parse(value, &start)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("where the clock stood: %w", err)
		}
		if now := time.Now(); now.After(start) {
			start = now
		}
	}
	c.Jump(start)
	return c, nil
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
	return c.db.Update(ctx, func(tx *bolt.Tx) error { return put(tx.Bucket(clockBucket), clockKey, now) })
}
