// Package operate holds what an operator asks for: the restore of a backup, and what is
// due and will be.
package operate

import (
	"context"
	"strings"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/mend"
)

// Service is the use cases of an operator.
type Service struct{ *change.Base }

// New returns the use cases. They need the table, and a restore the restore journal and
// the queue too.
func New(b *change.Base) *Service { return &Service{b} }

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

// Backlog is what was due and has not come to its end.
type Backlog struct {
	Pages   int       `json:"pages"`              // that are open
	Letters int       `json:"letters"`            // on them
	OneOffs int       `json:"singleLetters"`      // due by now
	Oldest  time.Time `json:"oldestDue,omitzero"` // when the oldest page fell due; zero: there is none

	Erasures int `json:"erasures"` // that have begun
}

// Backlog looks through the pages that are open.
func (s *Service) Backlog(ctx context.Context) (Backlog, error) {
	var o Backlog
	now := s.Now()
	quarters, err := s.Store.Quarters(ctx, now)
	if err != nil {
		return o, err
	}
	for _, quarter := range quarters {
		pages, err := s.Store.OpenPages(ctx, quarter, false, now)
		if err != nil {
			return o, err
		}
		for _, page := range pages {
			if page.Slot == "" {
				o.OneOffs++
				continue
			}
			o.Pages++
			o.Letters += len(page.Members)
			if o.Oldest.IsZero() || page.Due.Before(o.Oldest) {
				o.Oldest = page.Due
			}
		}
	}
	begun, err := s.Store.Erasing(ctx)
	o.Erasures = len(begun)
	return o, err
}

// Forecast is who gets letters, and what falls due in the week to come if no one changes anything.
type Forecast struct {
	CheckIns  int `json:"checkIns"` // subscriptions that are active, paused ones among them
	Digests   int `json:"digests"`
	Reminders int `json:"reminders"`

	Week    int       `json:"lettersInTheWeekToCome"` // the seven days from today
	Day     mend.Date `json:"-"`                      // the busiest of them, by UTC
	OnDay   int       `json:"-"`                      // letters on it
	Quarter time.Time `json:"-"`                      // the busiest instant
	AtOnce  int       `json:"-"`                      // letters due at it
}

// forecastDays is how far a forecast looks: a week has every weekday once.
const forecastDays = 7

// Forecast walks the index, and tells after each page of it how many subscriptions it
// has read so far.
func (s *Service) Forecast(ctx context.Context, progress func(int)) (Forecast, error) {
	var o Forecast
	at := map[time.Time]int{}
	read := 0
	err := s.Store.EachMember(ctx, func(slot string, members []mend.Subscription) error {
		read += len(members)
		progress(read)
		id, _, _ := strings.Cut(slot, "|")
		zone, today := cadence.StoredZone(id), s.TodayIn(id)
		for _, m := range members {
			switch m.Number {
			case mend.CheckInNumber:
				o.CheckIns++
			case mend.DigestNumber:
				o.Digests++
			default:
				o.Reminders++
			}
			for i := range forecastDays {
				if date := today.AddDays(i); cadence.IsDue(m, date) {
					at[cadence.At(zone, date, m.Cadence.Time)]++
				}
			}
		}
		return nil
	})
	if err != nil {
		return o, err
	}
	days := map[mend.Date]int{}
	for instant, n := range at {
		o.Week += n
		days[mend.DateOf(instant.UTC())] += n
		if n > o.AtOnce || n == o.AtOnce && instant.Before(o.Quarter) {
			o.Quarter, o.AtOnce = instant, n
		}
	}
	for day, n := range days {
		if n > o.OnDay || n == o.OnDay && day.Before(o.Day) {
			o.Day, o.OnDay = day, n
		}
	}
	return o, nil
}
