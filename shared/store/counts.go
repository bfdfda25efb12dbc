package store

import (
	"context"
	"fmt"
	"strconv"
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
	it, err := s.table.Get(ctx, s.countKey(what))
	if it.expired(now) {
		return 0, nil
	}
	return it.number("n"), wrap(err, "read a count")
}

func (s *records) countKey(what string) Key {
	return Key{"COUNT#" + s.hmac("count\x00"+what), "-"}
}

// CardCount is what came of a card, over all people. It holds no words and names no one.
type CardCount struct {
	Card     int   `json:"card"`
	Replies  int64 `json:"replies"`  // to letters with the card
	NotForMe int64 `json:"notForMe"` // people who did not want it
	Stops    int64 `json:"stops"`    // people who stopped all letters within a day of one with it
}

// CardEvent is what a [CardCount] counts.
type CardEvent string

// The events.
const (
	CardReply    CardEvent = "replies"
	CardNotForMe CardEvent = "notForMe"
	CardStop     CardEvent = "stops"
)

const cardPrefix = "CARD#"

// CountCard counts one more event of a card.
func (s *Deliveries) CountCard(ctx context.Context, card int, event CardEvent) error {
	return s.write(ctx, Write{
		Op: Update, Key: Key{system, fmt.Sprintf("%s%03d", cardPrefix, card)}, Add: map[string]int64{string(event): 1},
	}, "count an event of a card")
}

// CardCounts lists the cards that anything was counted of, by number.
func (s *Deliveries) CardCounts(ctx context.Context) ([]CardCount, error) {
	all, err := list(ctx, s.records, within(system, cardPrefix), time.Time{}, func(it Item) CardCount {
		number, _ := strconv.Atoi(afterPrefix(it, cardPrefix))
		return CardCount{
			Card: number, Replies: it.number(string(CardReply)), NotForMe: it.number(string(CardNotForMe)),
			Stops: it.number(string(CardStop)),
		}
	})
	return all, wrap(err, "read the counts of cards")
}
