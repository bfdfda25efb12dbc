package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/person"
	"example.org/mend/shared/store"
)

// Tick hands out what came due since the watermark and moves the watermark on. It
// may run every minute, twice at once, or late: what it hands out is the same each time, and the
// claims see to it that nothing is sent twice. What is older than the window is counted as expired.
func (s *Service) Tick(ctx context.Context) error {
	now := s.Now()
	watermark, err := s.Store.Watermark(ctx)
	if err != nil {
		return err
	}
	after := watermark
	if after.IsZero() { // the first tick of all: nothing can have been due before it
		after = now.Add(-cadence.Grid)
	}
	if !now.Truncate(cadence.Grid).After(after) { // every zone's offset is a multiple of it
		return nil // no quarter-hour since: nothing can have come due
	}
	if err := s.sweep(ctx, after, now); err != nil {
		return err
	}
	handed, err := s.handOut(ctx, after, now)
	if err != nil {
		return err
	}
	if handed > 0 {
		s.Log.InfoContext(ctx, "tick", "due", handed)
	}
	err = s.Store.MoveWatermark(ctx, watermark, now)
	if errors.Is(err, store.ErrConflict) {
		return nil // another tick handed the same out and moved it
	}
	return err
}

// handOut queues every occurrence that came due after one instant and up to another.
func (s *Service) handOut(ctx context.Context, after, upTo time.Time) (handed int, err error) {
	zones, err := s.Store.Zones(ctx)
	if err != nil {
		return 0, err
	}
	for _, id := range zones {
		zone, err := cadence.Zone(id)
		if err != nil {
			return handed, fmt.Errorf("a zone in use: %w", err)
		}
		for _, due := range cadence.Due(zone, after, upTo) {
			slots, err := s.Store.SlotsOn(ctx, id, due.Time, due.Date)
			if err != nil {
				return handed, err
			}
			for _, slot := range slots {
				n, err := s.handOutSlot(ctx, slot, due, upTo)
				handed += n
				if err != nil {
					return handed, err
				}
			}
		}
	}
	return handed, nil
}

// handOutSlot walks one slot, page by page.
func (s *Service) handOutSlot(ctx context.Context, slot string, due cadence.DueTime, now time.Time) (handed int, err error) {
	for after := ""; ; {
		members, next, err := s.Store.Members(ctx, slot, after, store.MostRead)
		if err != nil {
			return handed, err
		}
		page := store.Occurrences{Slot: slot, Date: due.Date, Due: due.At}
		for _, m := range members {
			if falls(m, due.Date) {
				page.Members = append(page.Members, store.SubscriptionKey{Person: m.Person, Number: m.Number})
			}
		}
		handed += len(page.Members)
		switch {
		case len(page.Members) == 0:
		case now.Sub(due.At) > window:
			s.Log.WarnContext(ctx, "expired", "slot", slot, "date", due.Date, "letters", len(page.Members))
		default:
			if err := s.Store.OpenPage(ctx, page); err != nil {
				return handed, err
			}
			if err := s.queue(ctx, SendQueue, Work{Page: &page}); err != nil {
				return handed, err
			}
		}
		if next == "" {
			return handed, nil
		}
		after = next
	}
}

// falls reports whether a letter of a subscription falls on a local date. A digest takes
// the place of that day's check-in.
func falls(m store.Member, date person.Date) bool {
	return cadence.Falls(m.Cadence, date) && !m.FirstDate.After(date) && !m.PausedUntil.After(date) && !yields(m, date)
}

func yields(m store.Member, date person.Date) bool {
	return m.DigestDay > 0 && !m.DigestFrom.After(date) && cadence.Falls(person.Cadence{Kind: person.Monthly, Day: m.DigestDay}, date)
}

// farBack is how far the first sweep of a day looks, so that what an outage left open comes to its end too.
const farBack = 7 * 24 * time.Hour

// sweep hands out again what should have come to its end and did not: pages that are still open,
// one-offs that still stand in a quarter-hour, erasures that were interrupted.
func (s *Service) sweep(ctx context.Context, last, now time.Time) error {
	pagesFrom, oneOffsFrom := now.Add(-24*time.Hour), now.Add(-window-time.Hour)
	if person.DateOf(last.UTC()) != person.DateOf(now.UTC()) {
		pagesFrom, oneOffsFrom = now.Add(-farBack), now.Add(-farBack)
	}
	for day := person.DateOf(pagesFrom.UTC()); !day.After(person.DateOf(now.UTC())); day = day.AddDays(1) {
		if err := s.sweepDay(ctx, day, now); err != nil {
			return err
		}
	}
	due, err := s.Store.OneOffsDue(ctx, oneOffsFrom, now)
	if err != nil {
		return err
	}
	for _, key := range due {
		if err := s.queue(ctx, NowQueue, Work{OneOff: &key}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) sweepDay(ctx context.Context, day person.Date, now time.Time) error {
	pages, err := s.Store.OpenPages(ctx, day, now)
	if err != nil {
		return err
	}
	for _, page := range pages {
		if now.Sub(page.Due) < 5*time.Minute {
			continue // on its way
		}
		if err := s.queue(ctx, SendQueue, Work{Page: &page}); err != nil {
			return err
		}
	}
	begun, err := s.Store.Erasing(ctx, day)
	if err != nil {
		return err
	}
	for _, id := range begun {
		if err := s.Store.FinishErasure(ctx, id, now); err != nil {
			return err
		}
	}
	return nil
}
