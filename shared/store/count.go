package store

import (
	"context"
	"errors"
	"time"
)

// IncrementCounter counts one more of something and returns how many there were so far, this one
// included. What is counted is named without being held: a network's address, say, is personal
// data. The count is forgotten some time after until.
func (s *Accounts) IncrementCounter(ctx context.Context, what string, until time.Time) (int64, error) {
	it, err := s.table.Write(ctx, Write{
		Op: Update, Key: s.countKey(what),
		Add: map[string]int64{"n": 1}, Set: Item{AttrTTL: until.Unix()},
	})
	return it.number("n"), wrap(err, "count")
}

// Counter is how many there are so far.
func (s *Accounts) Counter(ctx context.Context, what string, now time.Time) (int64, error) {
	it, err := s.get(ctx, s.countKey(what), now)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return it.number("n"), wrap(err, "read a count")
}

func (s *records) countKey(what string) Key {
	return Key{"COUNT#" + s.hmac("count\x00"+what), "-"}
}
