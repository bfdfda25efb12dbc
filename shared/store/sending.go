package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"example.org/mend/shared/person"
)

// Limits of one request to the table.
const (
	MostRead  = 100 // items of one GetEach, and so occurrences of one page
	MostWrite = 25  // writes of one WriteEach, and so claims in one go
)

// SubscriptionKey names a subscription.
type SubscriptionKey struct {
	Person person.ID `json:"person"`
	Number uint8     `json:"number"`
}

// Subscriptions reads up to [MostRead] subscriptions at once, eventually consistent. One that is not there has no Kind.
func (s *Store) Subscriptions(ctx context.Context, keys []SubscriptionKey) ([]person.Subscription, error) {
	ks := make([]Key, len(keys))
	for i, k := range keys {
		ks[i] = subscriptionKey(k.Person, k.Number)
	}
	items, err := s.table.GetEach(ctx, ks)
	if err != nil {
		return nil, fmt.Errorf("read %d subscriptions: %w", len(keys), err)
	}
	subs := make([]person.Subscription, len(items))
	for i, it := range items {
		if it != nil {
			subs[i] = subscriptionFrom(it)
		}
	}
	return subs, nil
}

// Claim is one occurrence that the sender wants to send.
type Claim struct {
	Read person.Subscription // as it was read
	Date person.Date
	Next person.Progress // what the claim shall write: LastDate, an open claim with a fresh nonce, the card
}

// ErrClaimed is an occurrence that somebody else claimed, that was stopped or
// paused, or whose settings changed since it was read. It is not ours to send.
var ErrClaimed = errors.New("not ours to send")

// Claim claims up to [MostWrite] occurrences, each on its own. The errors stand in the order of the claims:
// nil is ours, [ErrClaimed] is not, and any other leaves it open whether the claim was
// written: nothing may be sent then.
//
// A claim is written if the subscription is active, of the generation that was read, not paused
// on that date, and if its progress is still the one that was read: an earlier
// date, or the same date with a claim that was released. A condition that fails on an item that
// already holds our nonce is our own claim, made by an attempt whose answer was lost.
func (s *Store) Claim(ctx context.Context, claims []Claim) ([]error, error) {
	writes := make([]Write, len(claims))
	for i, c := range claims {
		condition := Condition{
			{"status", Equal, string(person.Active)},
			{"generation", Equal, c.Read.Generation},
			{"pausedUntil", AtMost, c.Date.String()},
			{"lastDate", Equal, c.Read.LastDate.String()},
			{"nonce", Equal, c.Read.Claim.Nonce},
		}
		if c.Read.LastDate == c.Date { // claim again
			condition = append(condition, Test{"claim", Equal, string(person.ClaimReleased)})
		} else {
			condition = append(condition, Test{"lastDate", Less, c.Date.String()})
		}
		writes[i] = Write{Op: Update, Key: subscriptionKey(c.Read.Person, c.Read.Number), If: condition, Set: progressItem(c.Next)}
	}
	results, err := s.table.WriteEach(ctx, writes)
	if err != nil {
		return nil, fmt.Errorf("claim %d occurrences: %w", len(claims), err)
	}
	errs := make([]error, len(claims))
	for i, r := range results {
		var failed *ConditionFailed
		switch {
		case r.Err == nil:
		case !errors.As(r.Err, &failed):
			errs[i] = r.Err
		case failed.Old.text("nonce") == claims[i].Next.Claim.Nonce && failed.Old.text("claim") == string(person.ClaimOpen):
			// ours already
		default:
			errs[i] = ErrClaimed
		}
	}
	return errs, nil
}

// Release gives a claim back that was surely not sent, so that it may be claimed
// again. Errors: [ErrConflict] if it is not our open claim any more.
func (s *Store) Release(ctx context.Context, o person.Occurrence, nonce string) error {
	return s.write(ctx, Write{
		Op: Update, Key: subscriptionKey(o.Person, o.Subscription),
		If:  Condition{{"nonce", Equal, nonce}, {"claim", Equal, string(person.ClaimOpen)}},
		Set: Item{"claim": string(person.ClaimReleased)},
	}, "release a claim")
}

// Record writes what became of a letter, unless what stands there weighs more: accepted wins over
// everything; anything else only takes the place of an unknown outcome of the same attempt, or
// of an earlier one that the caller names by its nonce.
func (s *Store) Record(ctx context.Context, l person.Letter, earlier ...string) error {
	key, item := letterKey(l.Person, l.Of), recordItem(l)
	_, err := s.table.Write(ctx, Write{Op: Put, Key: key, Item: item, If: Condition{{AttrPK, Missing, nil}}})
	if !isConditionFailed(err) {
		return wrap(err, "record a letter")
	}
	delete(item, "delivered") // which an event may have noted meanwhile
	conditions := []Condition{{{"outcome", NotEqual, string(person.Accepted)}}}
	if l.Outcome != person.Accepted {
		conditions = nil
		for _, nonce := range append([]string{l.Nonce}, earlier...) {
			conditions = append(conditions, Condition{{"outcome", Equal, string(person.Unknown)}, {"nonce", Equal, nonce}})
		}
	}
	for _, condition := range conditions {
		_, err := s.table.Write(ctx, Write{Op: Update, Key: key, Set: item, If: condition})
		if !isConditionFailed(err) {
			return wrap(err, "record a letter")
		}
	}
	return nil // what stands there weighs more
}

// recordItem is the item of a letter's record. That of a confirmation goes when a person who does not
// confirm is forgotten.
func recordItem(l person.Letter) Item {
	item := letterItem(l)
	if l.Kind == person.Confirmation {
		forgotten(item, l.At.Add(7*24*time.Hour))
	}
	return item
}

// RecordEach writes the outcomes of up to [MostWrite] letters, as [Store.Record] does each. In
// the usual case, no record being there yet, it is one request.
func (s *Store) RecordEach(ctx context.Context, letters []person.Letter) error {
	writes := make([]Write, len(letters))
	for i, l := range letters {
		writes[i] = Write{Op: Put, Key: letterKey(l.Person, l.Of), Item: recordItem(l), If: Condition{{AttrPK, Missing, nil}}}
	}
	results, err := s.table.WriteEach(ctx, writes)
	if err != nil {
		return fmt.Errorf("record %d letters: %w", len(letters), err)
	}
	var errs []error
	for i, r := range results {
		if r.Err != nil {
			errs = append(errs, s.Record(ctx, letters[i]))
		}
	}
	return errors.Join(errs...)
}

// Letter reads the record of a letter. Errors: [ErrNotFound].
func (s *Store) Letter(ctx context.Context, id person.ID, of person.LetterOf) (person.Letter, error) {
	it, err := s.get(ctx, letterKey(id, of), time.Time{})
	if err != nil {
		return person.Letter{}, fmt.Errorf("read a letter: %w", err)
	}
	return letterFrom(it), nil
}

// Delivered notes that a letter reached its mailbox. A letter without a record is left without one.
func (s *Store) Delivered(ctx context.Context, id person.ID, of person.LetterOf, at time.Time) error {
	err := s.write(ctx, Write{
		Op: Update, Key: letterKey(id, of), Set: Item{"delivered": millis(at)}, If: Condition{{AttrPK, Exists, nil}},
	}, "note a delivery")
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// OneOff reads a one-off. Errors: [ErrNotFound].
func (s *Store) OneOff(ctx context.Context, k OneOffKey, now time.Time) (person.OneOff, error) {
	it, err := s.get(ctx, oneOffKey(k.Person, k.ID), now)
	if err != nil {
		return person.OneOff{}, fmt.Errorf("read a one-off: %w", err)
	}
	return oneOffFrom(it), nil
}

// ClaimOneOff claims a one-off as it was read: the first attempt while it is
// due, a second one out of an attempt that was left open, which the caller
// decides on. Errors: [ErrClaimed].
func (s *Store) ClaimOneOff(ctx context.Context, read person.OneOff, claim person.Claim) error {
	_, err := s.table.Write(ctx, Write{
		Op: Update, Key: oneOffKey(read.Person, read.ID),
		If: Condition{
			{"state", Equal, string(read.State)}, {"nonce", Equal, read.Claim.Nonce}, {"claim", Equal, string(read.Claim.State)},
		},
		Set: Item{
			"state": string(person.OneOffClaimed), "nonce": claim.Nonce, "claim": string(person.ClaimOpen), "claimAt": millis(claim.At),
		},
		Add: map[string]int64{"attempts": 1},
	})
	var failed *ConditionFailed
	if errors.As(err, &failed) {
		if failed.Old.text("nonce") == claim.Nonce && failed.Old.text("claim") == string(person.ClaimOpen) {
			return nil
		}
		return ErrClaimed
	}
	return wrap(err, "claim a one-off")
}

// ReleaseOneOff gives the claim of a one-off back that was surely not sent.
// Errors: [ErrConflict] if it is not our open claim any more, or was cancelled meanwhile.
func (s *Store) ReleaseOneOff(ctx context.Context, k OneOffKey, nonce string) error {
	return s.write(ctx, Write{
		Op: Update, Key: oneOffKey(k.Person, k.ID),
		If:  Condition{{"state", Equal, string(person.OneOffClaimed)}, {"nonce", Equal, nonce}, {"claim", Equal, string(person.ClaimOpen)}},
		Set: Item{"state": string(person.OneOffDue), "claim": string(person.ClaimReleased)},
		Add: map[string]int64{"attempts": -1},
	}, "release a one-off")
}

// CloseOneOff takes a one-off whose outcome is recorded out of the index. Errors: [ErrConflict] if
// it is not our claim any more.
func (s *Store) CloseOneOff(ctx context.Context, k OneOffKey, nonce string) error {
	return s.write(ctx, Write{
		Op: Update, Key: oneOffKey(k.Person, k.ID), If: Condition{{"nonce", Equal, nonce}},
		Set: Item{"state": string(person.OneOffDone)}, Remove: []string{AttrSlot, AttrMember},
	}, "close a one-off")
}

// ForgetOneOff removes a one-off altogether: the notice of an erasure, whose address nobody may keep.
func (s *Store) ForgetOneOff(ctx context.Context, k OneOffKey) error {
	return s.write(ctx, Write{Op: Delete, Key: oneOffKey(k.Person, k.ID)}, "forget a one-off")
}

// Occurrences is what the dispatcher handed out in one message: up to [MostRead]
// subscriptions of one slot that are due on one local date.
type Occurrences struct {
	Slot    string            `json:"slot"`
	Date    person.Date       `json:"date"`
	Due     time.Time         `json:"due"`
	Members []SubscriptionKey `json:"members"`
}

// OpenPage notes that occurrences were handed out. One that is there already stays as it is: a tick
// that is run twice hands out the same pages. Where the members are not the same (the index is read eventually
// consistent), it is another page: closing one says nothing about the other.
func (s *Store) OpenPage(ctx context.Context, o Occurrences) error {
	_, err := s.table.Write(ctx, Write{
		Op: Put, Key: pageKey(o), If: Condition{{AttrPK, Missing, nil}},
		Item: Item{
			"of": o.Slot, "date": o.Date.String(), "due": millis(o.Due), "open": true,
			"count": int64(len(o.Members)), "members": encodeMembers(o.Members),
			AttrTTL: o.Due.Add(30 * 24 * time.Hour).Unix(),
		},
	})
	if isConditionFailed(err) {
		return nil
	}
	return wrap(err, "open a page")
}

// ClosePage notes that every occurrence of a page came to its end. Errors: [ErrConflict] if there is no such page.
func (s *Store) ClosePage(ctx context.Context, o Occurrences) error {
	return s.write(ctx, Write{
		Op: Update, Key: pageKey(o), Set: Item{"open": false}, Remove: []string{"members"}, If: Condition{{AttrPK, Exists, nil}},
	}, "close a page")
}

// OpenPages lists the pages of one UTC day that are still open.
func (s *Store) OpenPages(ctx context.Context, day person.Date, now time.Time) ([]Occurrences, error) {
	var open []Occurrences
	err := s.each(ctx, Query{Partition: "PAGE#" + day.String()}, now, func(it Item) error {
		if it.flag("open") {
			open = append(open, Occurrences{
				Slot: it.text("of"), Date: it.date("date"), Due: it.instant("due"), Members: decodeMembers(it.text("members")),
			})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the open pages: %w", err)
	}
	return open, nil
}

func pageKey(o Occurrences) Key {
	due := o.Due.UTC()
	members := sha256.Sum256([]byte(encodeMembers(o.Members)))
	return Key{
		"PAGE#" + person.DateOf(due).String(),
		fmt.Sprintf("%s#%s#%s#%x", due.Format("15:04"), o.Date, o.Slot, members[:8]),
	}
}

func wrap(err error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
