package operate

import (
	"context"
	"time"

	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/mend"
)

// State is how sending does.
type State struct {
	Days     []dispatch.Audit `json:"days"` // the newest first, by UTC
	Backlog  Backlog          `json:"underWay"`
	Rests    int              `json:"resting"`           // people whose mailbox refused several letters in a row
	LastTick time.Time        `json:"lastTick,omitzero"` // up to when it handed out what was due
	Breaker  time.Time        `json:"breakerOpenUntil,omitzero"`
}

// State reads how sending does, and how it did on so many days, today among them.
func (s *Service) State(ctx context.Context, days int) (state State, err error) {
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
	if state.Rests, err = s.Store.Rests(ctx, now); err != nil {
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
