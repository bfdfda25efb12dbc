package operate

import (
	"context"
	"time"

	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/mend"
)

// State is how sending does.
type State struct {
	LastTick time.Time        // up to when the last tick handed out what was due; zero: there was none
	Breaker  time.Time        // until when nothing is sent; zero: sending is open
	Backlog  Backlog          // what is under way
	Days     []dispatch.Audit // the last days, the newest first, by UTC
}

// State reads how sending does, and how it did on so many days, today among them.
func (s *Service) State(ctx context.Context, days int) (State, error) {
	var state State
	now := s.Now().UTC()
	watermark, err := s.Store.Watermark(ctx)
	if err != nil {
		return state, err
	}
	state.LastTick = watermark.At.UTC()
	breaker, err := s.Store.Breaker(ctx)
	if err != nil {
		return state, err
	}
	if breaker.After(now) {
		state.Breaker = breaker.UTC()
	}
	if state.Backlog, err = s.Backlog(ctx); err != nil {
		return state, err
	}
	dispatcher := dispatch.New(s.Base, 0)
	for i := range days {
		audit, err := dispatcher.Audit(ctx, mend.DateOf(now).AddDays(-i))
		if err != nil {
			return state, err
		}
		state.Days = append(state.Days, audit)
	}
	return state, nil
}
