package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"example.org/mend/shared/mend"
)

// Limits of one request to the table.
const (
	MostRead  = 100 // items of one GetEach, and so letters of one page
	MostWrite = 25  // writes of one WriteEach, and so claims in one go
)

// DeliveryKey names what a letter comes of: a subscription, or a one-off.
type DeliveryKey struct {
	Person mend.ID     `json:"person"`
	Number uint8       `json:"number,omitempty"` // of the subscription; 0: a one-off
	OneOff mend.ItemID `json:"oneOff,omitempty"`
}

func (k DeliveryKey) item() Key {
	if k.Number == 0 {
		return oneOffKey(k.Person, k.OneOff)
	}
	return subscriptionKey(k.Person, k.Number)
}

// Subscriptions reads up to [MostRead] subscriptions at once, eventually consistent. One that is
// not there has no Kind.
func (s *Deliveries) Subscriptions(ctx context.Context, keys []DeliveryKey) ([]mend.Subscription, error) {
	items, err := s.table.GetEach(ctx, mapped(keys, DeliveryKey.item))
	if err != nil {
		return nil, fmt.Errorf("read %d subscriptions: %w", len(keys), err)
	}
	return mapped(items, subscriptionFrom), nil
}

// OneOff reads a one-off. Errors: [ErrNotFound].
func (s *Deliveries) OneOff(ctx context.Context, id mend.ID, thing mend.ItemID, now time.Time) (mend.OneOff, error) {
	it, err := s.get(ctx, oneOffKey(id, thing), now)
	return oneOffFrom(it), wrap(err, "read a one-off")
}

// Claim is one letter that the sender wants to send.
type Claim struct {
	Key DeliveryKey
	mend.Claim

	version int64 // of what was read
	set     Item  // what the claim writes
	back    Item  // what a release puts back
}

// ClaimOccurrence claims an occurrence of a subscription as it was read. next is what the claim
// writes: the date, the number of the letter and the step. What rides along is written with it.
func ClaimOccurrence(read mend.Subscription, next mend.Progress, asking *PromptChange) Claim {
	c := newClaim(DeliveryKey{Person: read.Person, Number: read.Number}, read.Version, next.Claim)
	maps.Copy(c.set, progressFields(&next).item())
	maps.Copy(c.back, Item{"seen": read.Seen, "step": stepText(read.Step), "letters": int64(read.Letters)})
	if asking != nil {
		maps.Copy(c.set, promptFields(&asking.Now).item())
		maps.Copy(c.back, promptFields(&asking.Last).item())
	}
	return c
}

// ClaimOneOff claims a one-off as it was read: also out of an attempt that was left open, which the
// caller decides on.
func ClaimOneOff(read mend.OneOff, claim mend.Claim) Claim {
	c := newClaim(DeliveryKey{Person: read.Person, OneOff: read.ID}, read.Version, claim)
	c.set["attempts"], c.back["attempts"] = int64(read.Attempts+1), int64(read.Attempts)
	return c
}

func newClaim(key DeliveryKey, version int64, claim mend.Claim) Claim {
	set := claimFields(&claim).item()
	set["version"] = version + 1
	return Claim{key, claim, version, set, Item{"claim": string(mend.ClaimReleased)}}
}

// PromptChange is which questions about the path as a whole rode along with a person's check-ins,
// and when.
type PromptChange struct{ Last, Now LastPrompt }

// LastPrompt is the last question that rode along.
type LastPrompt struct {
	Date   mend.Date // of the letter
	Name   string    // of the question
	Slower mend.Date // the last time that a slower rhythm was offered
}

func promptFields(a *LastPrompt) fields {
	return fields{{"asked", &a.Date}, {"askedName", &a.Name}, {"offered", &a.Slower}}
}

// LastPrompt reads what rode along last with the check-ins of a person.
func (s *Deliveries) LastPrompt(ctx context.Context, id mend.ID) (LastPrompt, error) {
	it, err := s.table.Get(ctx, subscriptionKey(id, mend.CheckInNumber))
	return record(it, promptFields), wrap(err, "read what was asked")
}

// ErrClaimed is a letter that another process claimed, that was stopped, cancelled or put on hold,
// or whose settings changed since it was read. It is not ours to send.
var ErrClaimed = errors.New("not ours to send")

// Claim claims up to [MostWrite] letters, each on its own. The errors stand in the order of the
// claims: nil is ours, [ErrClaimed] is not, and any other leaves it open whether the claim was
// written: nothing may be sent then.
//
// A claim is written if the version is the one that was read, and so if what the caller judged then
// is still so: every change of the settings (status, rule, hold), every move and every claim moves
// it, and what was cancelled or erased has none. A condition that fails on an item that already
// holds our nonce is our own claim, made by an attempt whose answer was lost.
func (s *Deliveries) Claim(ctx context.Context, claims []Claim) ([]error, error) {
	errs, err := s.table.WriteEach(ctx, mapped(claims, func(c Claim) Write {
		return Write{Op: Update, Key: c.Key.item(), Set: c.set, If: Condition{{"version", Equal, c.version}}}
	}))
	if err != nil {
		return nil, fmt.Errorf("claim %d letters: %w", len(claims), err)
	}
	for i, err := range errs {
		failed, ok := errors.AsType[*ConditionFailed](err)
		switch {
		case !ok: // done, or not known
		//mutant:never claim: our own nonce is ours
		case failed.Old.text("nonce") == claims[i].Nonce && failed.Old.text("claim") == string(mend.ClaimOpen):
			errs[i] = nil
		default:
			errs[i] = ErrClaimed
		}
	}
	return errs, nil
}

// Release gives a claim back whose letter was surely not sent, so that it may be claimed again: all
// stands as it stood. Errors: [ErrConflict] if it is not our claim any more, or has ended: word may
// have come that an earlier attempt was taken.
func (s *Deliveries) Release(ctx context.Context, c Claim) error {
	return s.write(ctx, Write{
		Op: Update, Key: c.Key.item(), Set: c.back,
		//mutant:worlds nonce mail,lost,duplicate,slow 0.12
		//mutant:kept claim one world in a hundred: see TestWhatHasEndedIsNotReleased
		If: Condition{{"nonce", Equal, c.Nonce}, {"claim", Equal, string(mend.ClaimOpen)}},
	}, "release a claim")
}

// BlockThrough sees to it that nothing is sent for a date, which is later than any that was sent,
// or any before it.
func (s *Deliveries) BlockThrough(ctx context.Context, k DeliveryKey, date mend.Date, now time.Time) error {
	return IgnoreConflict(s.write(ctx, Write{
		//mutant:worlds AttrPK stale,restore,timeout 2
		Op: Update, Key: k.item(), If: Condition{{AttrPK, Exists, nil}},
		Set: Item{"lastDate": date.String(), "claim": string(mend.ClaimNone), "claimAt": millis(now)},
		Add: map[string]int64{"version": 1},
	}, "raise a last date"))
}
