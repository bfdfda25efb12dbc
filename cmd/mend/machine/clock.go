package machine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"example.org/mend/shared/store/embedded"
)

// clock is the machine's time: the real one, shifted or standing still. A clock that was moved
// ahead stays ahead over a restart: what has happened would otherwise lie in the future.
type clock struct {
	db *embedded.DB

	mu       sync.Mutex
	standing bool
	at       time.Time // where it was set
	set      time.Time // the real instant at which it was
}

const (
	machineBucket = "machine"
	clockKey      = "clock"
)

func openClock(ctx context.Context, db *embedded.DB, start time.Time, standing bool) (*clock, error) {
	c := &clock{db: db, standing: standing, set: time.Now()}
	var last time.Time
	err := db.View(ctx, func(tx embedded.Tx) error {
		text := tx.Bucket(machineBucket).Get([]byte(clockKey))
		if text == nil {
			return nil
		}
		return last.UnmarshalText(text)
	})
	if err != nil {
		return nil, fmt.Errorf("read where the clock stood: %w", err)
	}
	switch {
	case !start.IsZero():
		c.at = start
	case last.After(c.set):
		c.at = last
	default:
		c.at = c.set
	}
	c.at = c.at.UTC()
	return c, nil
}

// Now is the instant at which the clock stands.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.standing {
		return c.at
	}
	return c.at.Add(time.Since(c.set))
}

// jump moves the clock ahead. It goes on from there.
func (c *clock) jump(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.set = to.UTC(), time.Now()
}

// remember keeps where the clock stands for the next start.
func (c *clock) remember(ctx context.Context) error {
	text, err := c.Now().MarshalText()
	if err != nil {
		return err
	}
	return c.db.Update(ctx, func(tx embedded.Tx) error {
		return tx.Bucket(machineBucket).Put([]byte(clockKey), text)
	})
}
