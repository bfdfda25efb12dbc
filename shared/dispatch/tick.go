// Package dispatch hands out what is due: it walks the slots that came due, writes pages of
// occurrences, queues them at the rate that the account has, sweeps what did not come to its end,
// and adds up each day. It sends nothing, and links nothing that letters are made of.
package dispatch

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Dispatcher hands out what is due.
type Dispatcher struct {
	*change.Base

	// SendRate is how many letters a second the account may send (SES's MaxSendRate).
	// 0: nothing is paced.
	SendRate float64

	// OneAtATime works without goroutines, for simulations and tests that want one order.
	OneAtATime bool
}

// New returns a dispatcher over the table and the queues.
func New(b *change.Base, sendRate float64) *Dispatcher {
	return &Dispatcher{Base: b, SendRate: sendRate}
}

// tickGrid is the grid of what the dispatcher does: letters fall due on quarter-hours, sweeps
// follow five minutes later.
const tickGrid = 5 * time.Minute

// Tick hands out what came due since the watermark, sweeps what did not come to its end, and moves
// the watermark on. It may run every minute, twice at once, or late: what it hands out is the same
// each time, and the claims see to it that nothing is sent twice. What is older than the window is
// handed out as well, and recorded as expired.
func (s *Dispatcher) Tick(ctx context.Context) error {
	now := s.Now()
	mark, err := s.Store.Watermark(ctx)
	if err != nil {
		return err
	}
	after := mark.At
	if after.IsZero() { // the first tick of all: nothing can have been due before it
		after = now.Add(-cadence.Grid)
	}
	for now.Truncate(tickGrid).After(after) {
		upTo := now
		if upTo.Sub(after) > maxCatchUp {
			upTo = after.Add(maxCatchUp)
		}
		next, err := s.tick(ctx, mark, after, upTo)
		moved := s.Store.MoveWatermark(ctx, mark.At, next)
		if errors.Is(moved, store.ErrConflict) {
			return err // another tick handed the same out and moved it
		}
		if err := errors.Join(err, moved); err != nil {
			return err
		}
		if next.At.Before(upTo) {
			return nil // no time is left: the next tick goes on with the zones that are behind
		}
		after, mark = upTo, next
	}
	return nil
}

// maxCatchUp is the most that a tick does between two moves of the watermark, so that after an
// outage each bit of what has to be made up for is done once, however often a tick fails.
const maxCatchUp = time.Hour

// tick does what came due after one instant and up to another, finishes the erasures that were
// interrupted, and returns the watermark that it reached.
func (s *Dispatcher) tick(ctx context.Context, mark store.Watermark, after, upTo time.Time) (store.Watermark, error) {
	next, err := s.enqueueDue(ctx, mark, after, upTo)
	if err != nil || next.At.Before(upTo) {
		return next, err
	}
	err = s.sweep(ctx, after, upTo)
	if err == nil {
		err = s.auditDaily(ctx, after, upTo)
	}
	if err != nil {
		next.At = after // the next tick sweeps again; the zones are done
		return next, err
	}
	// The next tick tries again what fails here, and no letter waits for it.
	return next, s.Store.FinishErasures(ctx, upTo)
}

// enqueueDue queues every occurrence that came due up to an instant, zone by zone. It begins with
// the zones that are furthest behind, and passes over one that fails, so that no zone starves those
// after it. The watermark that it returns says which zones are done.
func (s *Dispatcher) enqueueDue(
	ctx context.Context, mark store.Watermark, after, upTo time.Time,
) (store.Watermark, error) {
	next := store.Watermark{At: after, Zones: maps.Clone(mark.Zones)}
	zones, err := s.Store.Zones(ctx)
	if err != nil {
		return next, err
	}
	slices.SortStableFunc(zones, func(a, b string) int { return mark.Of(a).Compare(mark.Of(b)) })
	var failed error
	for _, id := range zones {
		from := after
		if at := mark.Of(id); at.After(from) {
			from = at
		}
		if !from.Before(upTo) {
			continue // an earlier tick came this far
		}
		if s.NearlyOver(ctx) {
			return next, failed
		}
		if err := s.enqueueZone(ctx, id, from, upTo); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		next.Zones[id] = upTo
	}
	if failed == nil {
		next.At = upTo
	}
	return next, failed
}

// enqueueZone queues what came due in one zone.
func (s *Dispatcher) enqueueZone(ctx context.Context, id string, after, upTo time.Time) error {
	for _, due := range cadence.Due(cadence.StoredZone(id), after, upTo) {
		slots, err := s.Store.SlotsOn(ctx, id, due.Time, due.Date)
		if err != nil {
			return err
		}
		if err := s.enqueueSlots(ctx, slots, due); err != nil {
			return err
		}
	}
	return nil
}

// slotsAtOnce is how many slots a tick looks at side by side.
const slotsAtOnce = 16

// enqueueSlots queues the beginning of each slot, many at once. The rest of a long one is
// expanded by the send function, so that a tick takes as long as there are slots and not as
// long as there are people.
func (s *Dispatcher) enqueueSlots(ctx context.Context, slots []string, due cadence.DueTime) error {
	counts, errs := make([]int, len(slots)), make([]error, len(slots))
	one := func(i int) {
		page := store.Page{Slot: slots[i], Date: due.Date, Due: due.At}
		counts[i], errs[i] = s.EnqueueSlot(ctx, page, 1)
	}
	var wg sync.WaitGroup
	free := make(chan struct{}, slotsAtOnce)
	for i := range slots {
		if s.OneAtATime {
			one(i)
			continue
		}
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			one(i)
		})
	}
	wg.Wait()
	handed := 0
	for _, n := range counts {
		handed += n
	}
	if handed > 0 {
		s.Log.InfoContext(ctx, "tick", "due", handed)
	}
	return errors.Join(errs...)
}

// PagesAtOnce is how much of one slot a single run of the send function expands: 2,000 occurrences.
const PagesAtOnce = 20

// EnqueueSlot walks a slot, from where the rest of it begins, for so many pages. What is left of a
// long one is handed on as a page of its own without members, so that no run is long, none holds
// much in memory, and the sweeps see to that too.
func (s *Dispatcher) EnqueueSlot(ctx context.Context, rest store.Page, most int) (handed int, err error) {
	var pages []store.Page
	for range most {
		members, next, err := s.Store.Members(ctx, rest.Slot, rest.After)
		if err != nil {
			return 0, err
		}
		page := store.Page{Slot: rest.Slot, Date: rest.Date, Due: rest.Due}
		for _, m := range members {
			if cadence.IsDue(m, rest.Date) {
				page.Members = append(page.Members, store.DeliveryKey{Person: m.Person, Number: m.Number})
			}
		}
		handed += len(page.Members)
		if len(page.Members) > 0 {
			pages = append(pages, page)
		}
		if rest.After = next; next == "" {
			break
		}
	}
	if rest.After != "" {
		pages = append(pages, rest)
	}
	if len(pages) == 0 {
		return 0, nil
	}
	if err := s.reserveFor(ctx, pages, handed); err != nil {
		return 0, err
	}
	if err := s.Store.OpenPageEach(ctx, pages); err != nil { // PagesAtOnce and the rest
		return 0, err
	}
	return handed, s.Enqueue(ctx, mend.SendQueue, pages...)
}

// sweepDue reports whether a sweep of what was due at an instant lies after one instant and not
// after another: five and twenty minutes later, every hour, and when every claim made within the
// window can be settled.
func sweepDue(due, after, upTo time.Time) bool {
	for _, later := range []time.Duration{5 * time.Minute, 20 * time.Minute, mend.SendWindow + 20*time.Minute} {
		if at := due.Add(later); at.After(after) && !at.After(upTo) {
			return true
		}
	}
	hours := upTo.Sub(due).Truncate(time.Hour)
	return hours > 0 && due.Add(hours).After(after)
}

// sweep hands out the pages of one-offs whose quarter-hour has come, and again what should have
// come to its end and did not.
func (s *Dispatcher) sweep(ctx context.Context, after, now time.Time) error {
	quarters, err := s.Store.Quarters(ctx, now)
	if err != nil {
		return err
	}
	overdue := 0
	//mutant:drop sweeps
	for _, quarter := range quarters {
		again := sweepDue(quarter, after, now)
		if !again && !quarter.After(after) {
			continue
		}
		pages, err := s.Store.OpenPages(ctx, quarter, !again, now)
		if err != nil {
			return err
		}
		due := map[mend.QueueName][]store.Page{}
		for _, page := range pages {
			if page.TurnsEnd.Add(tickGrid).After(now) && now.Before(quarter.Add(mend.SendWindow)) {
				continue // its turn has not come, or it is being sent
			}
			if now.Sub(quarter) >= overdueAfter {
				overdue += max(len(page.Members), 1) // the rest of a slot counts as one
			}
			due[page.Queue()] = append(due[page.Queue()], page)
		}
		if err := s.Enqueue(ctx, mend.SendQueue, due[mend.SendQueue]...); err != nil {
			return err
		}
		if err := s.Enqueue(ctx, mend.NowQueue, due[mend.NowQueue]...); err != nil {
			return err
		}
	}
	if overdue > 0 {
		s.Log.ErrorContext(ctx, "overdue", "letters", overdue)
	}
	return nil
}

// overdueAfter is when a page that is still open is worth an alarm. A letter of unknown
// outcome keeps its page open until the sweep after twenty minutes; after an hour no page is
// open for a good reason.
const overdueAfter = time.Hour

// Audit is the account of one UTC day: what was handed out, and how it came to its end.
type Audit struct {
	Day  mend.Date `json:"day"`
	Due  int       `json:"due"`       // occurrences handed out
	Open int       `json:"openPages"` // pages that have not come to their end
	store.Tally
}

// Whole reports whether everything that was due came to its end and is counted.
func (a Audit) Whole() bool { return a.Open == 0 && a.Sum() == a.Due }

// Audit adds up a day.
func (s *Dispatcher) Audit(ctx context.Context, day mend.Date) (Audit, error) {
	due, open, tally, err := s.Store.Tallies(ctx, day, s.Now())
	return Audit{day, due, open, tally}, err
}

// auditDaily says at noon what came of the day before; an alarm listens to the error.
func (s *Dispatcher) auditDaily(ctx context.Context, after, now time.Time) error {
	noon := now.UTC().Truncate(24 * time.Hour).Add(12 * time.Hour)
	if !noon.After(after) || noon.After(now) {
		return nil
	}
	a, err := s.Audit(ctx, mend.DateOf(noon).AddDays(-1))
	if err != nil {
		return err
	}
	log := s.Log.InfoContext
	if !a.Whole() {
		log = s.Log.ErrorContext
	}
	log(ctx, "audit", "day", a.Day, "due", a.Due, "open_pages", a.Open, "accepted", a.Accepted, "failed", a.Failed,
		"given_up", a.GivenUp, "expired", a.Expired, "released", a.Released, "whole", a.Whole())
	return nil
}
