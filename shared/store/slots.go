package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
)

// ShardSize is how many subscriptions enter one shard of a slot before the next
// is opened. A shard is one partition of the index, which takes 1,000 writes
// and 3,000 reads a second.
const ShardSize = 20_000

// register registers the zone and the slot before anybody is put in it, so that
// the dispatcher cannot miss a member, and returns the slot with its shard. A subscription that
// is in the right slot stays where it is.
func (s *records) register(ctx context.Context, sub mend.Subscription) (string, error) {
	zone := sub.Cadence.Zone
	slot := zone + "|" + sub.Cadence.Time.String() + "|" + string(cadence.ClassOf(sub.Cadence))
	if strings.HasPrefix(sub.Slot, slot+"|") {
		return sub.Slot, nil
	}
	if _, err := s.table.Write(ctx, Write{Op: Put, Key: Key{system, "ZONE#" + zone}}); err != nil {
		return "", fmt.Errorf("register zone %s: %w", zone, err)
	}
	it, err := s.table.Write(ctx, Write{
		Op: Update, Key: Key{system, slotPrefix + slot}, Add: map[string]int64{"entered": 1},
	})
	if err != nil {
		return "", fmt.Errorf("register slot %s: %w", slot, err)
	}
	return slot + "|" + strconv.FormatInt(shards(it)-1, 10), nil
}

func shards(it Item) int64 { return (it.number("entered") + ShardSize - 1) / ShardSize }

// Zones lists the zones in which anybody ever stood.
func (s *Schedule) Zones(ctx context.Context) ([]string, error) {
	zones, err := list(ctx, s.records, within(system, "ZONE#"), time.Time{}, func(it Item) string {
		return afterPrefix(it, "ZONE#")
	})
	return zones, wrap(err, "list the zones")
}

// SlotsOn lists the partitions of the index where a letter may fall due at a local time on a local
// date.
func (s *Schedule) SlotsOn(ctx context.Context, zone string, at mend.TimeOfDay, on mend.Date) ([]string, error) {
	return s.slots(ctx, zone+"|"+at.String()+"|", func(class cadence.Class) bool { return class.MayFall(on) })
}

func (s *Schedule) slots(ctx context.Context, prefix string, want func(cadence.Class) bool) ([]string, error) {
	var slots []string
	err := s.each(ctx, within(system, slotPrefix+prefix), time.Time{}, func(it Item) error {
		slot := afterPrefix(it, slotPrefix)
		if !want(cadence.Class(slot[strings.LastIndexByte(slot, '|')+1:])) {
			return nil
		}
		for shard := range shards(it) {
			slots = append(slots, slot+"|"+strconv.FormatInt(shard, 10))
		}
		return nil
	})
	return slots, wrap(err, "list the slots "+prefix)
}

const slotPrefix = "SLOT#"

// Members reads up to [MostRead] members of a slot in a fixed order, continuing after one. An empty
// next means that it was the last page. A member is a subscription as the index knows it: enough to
// tell whether it is due. The index is eventually consistent; the claim's condition decides.
func (s *Schedule) Members(ctx context.Context, slot, after string) (
	members []mend.Subscription, next string, err error) {
	page, err := s.table.Query(ctx, Query{Slots: true, Partition: slot, After: after, Limit: MostRead})
	if err != nil {
		return nil, "", fmt.Errorf("read slot %s: %w", slot, err)
	}
	return mapped(page.Items, subscriptionFrom), page.Next, nil
}

// EachMember visits the members of all slots, up to [MostRead] of one slot at a time.
func (s *Schedule) EachMember(ctx context.Context, visit func(slot string, members []mend.Subscription) error) error {
	slots, err := s.slots(ctx, "", func(cadence.Class) bool { return true })
	if err != nil {
		return err
	}
	for _, slot := range slots {
		for after, more := "", true; more; more = after != "" {
			var members []mend.Subscription
			if members, after, err = s.Members(ctx, slot, after); err != nil {
				return err
			}
			if err := visit(slot, members); err != nil {
				return err
			}
		}
	}
	return nil
}

// Watermark is how far the dispatcher has come.
type Watermark struct {
	At    time.Time            // up to which all that was due has been handed out; zero before the first tick
	Zones map[string]time.Time // the same, of zones that are further than the others
}

// Of is the instant up to which what was due in a zone has been handed out.
func (w Watermark) Of(zone string) time.Time {
	if at := w.Zones[zone]; at.After(w.At) {
		return at
	}
	return w.At
}

// Watermark reads how far the dispatcher has come.
func (s *Schedule) Watermark(ctx context.Context) (Watermark, error) {
	it, err := s.table.Get(ctx, Key{system, "WATERMARK"})
	if err != nil {
		return Watermark{}, fmt.Errorf("read the watermark: %w", err)
	}
	w := Watermark{At: it.instant("at"), Zones: map[string]time.Time{}}
	for line := range strings.Lines(it.text("zones")) {
		zone, at, _ := strings.Cut(strings.TrimSpace(line), " ")
		ms, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return Watermark{}, fmt.Errorf("read the watermark of %s: %w", zone, err)
		}
		w.Zones[zone] = time.UnixMilli(ms)
	}
	return w, nil
}

// MoveWatermark moves it on, if it still stands where the tick read it. Zones that are no further
// than all the others are left out. Errors: [ErrConflict] when another tick moved it: that one has
// handed out the same pages.
func (s *Schedule) MoveWatermark(ctx context.Context, from time.Time, to Watermark) error {
	var zones strings.Builder
	for _, zone := range slices.Sorted(maps.Keys(to.Zones)) {
		if at := to.Zones[zone]; at.After(to.At) {
			fmt.Fprintln(&zones, zone, at.UnixMilli())
		}
	}
	w := Write{Op: Update, Key: Key{system, "WATERMARK"}, Set: Item{"at": millis(to.At), "zones": zones.String()}}
	if from.IsZero() {
		//mutant:worlds AttrPK duplicate,skew 0.3
		w.If = Condition{{AttrPK, Missing, nil}}
	} else {
		w.If = Condition{{"at", Equal, millis(from)}}
	}
	return s.write(ctx, w, "move the watermark")
}

// ReserveTurns takes a stretch of time out of what is free of a queue's rate, and returns when it
// begins: now, or when the stretches that were taken before it end. Errors: [ErrConflict] if that
// is after latest; nothing is taken then.
func (s *Schedule) ReserveTurns(ctx context.Context, queue string, length time.Duration, now,
	latest time.Time) (time.Time, error) {
	key := Key{system, "TURNS#" + queue}
	it, err := s.table.Get(ctx, key)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the turns of the %s queue: %w", queue, err)
	}
	for range 10 { // each time another invocation was quicker
		start := time.UnixMicro(it.number("next"))
		if start.Before(now) {
			start = now
		}
		if start.After(latest) {
			return time.Time{}, ErrConflict
		}
		w := Write{Op: Update, Key: key, Set: Item{"next": start.Add(length).UnixMicro()},
			//mutant:kept AttrPK only the rate would suffer: see TestTurnsThatAreReservedAtOnceDoNotOverlap
			If: Condition{{AttrPK, Missing, nil}}}
		if it != nil {
			//mutant:kept next the same
			w.If = Condition{{"next", Equal, it.number("next")}}
		}
		_, err := s.table.Write(ctx, w)
		failed, ok := errors.AsType[*ConditionFailed](err)
		if !ok {
			return start, wrap(err, "reserve turns of the "+queue+" queue")
		}
		it = failed.Old
	}
	return time.Time{}, fmt.Errorf("reserve turns of the %s queue: ten others were quicker", queue)
}

// Breaker is the instant up to which nothing is sent, because the mail service takes no one's
// letters; zero or past: it is closed.
func (s *Schedule) Breaker(ctx context.Context) (time.Time, error) {
	it, err := s.table.Get(ctx, Key{system, "BREAKER"})
	return it.instant("until"), wrap(err, "read the breaker")
}

// OpenBreaker stops all sending up to an instant.
func (s *Schedule) OpenBreaker(ctx context.Context, until time.Time) error {
	return s.write(ctx, Write{Op: Put, Key: Key{system, "BREAKER"}, Item: Item{"until": millis(until)}},
		"open the breaker")
}
