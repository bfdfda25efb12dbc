package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"time"

	"example.org/mend/shared/mend"
)

// Limits of one request to the table.
const (
	MostRead  = 100 // items of one GetEach, and so occurrences of one page
	MostWrite = 25  // writes of one WriteEach, and so claims in one go
)

// SubscriptionKey names a subscription.
type SubscriptionKey struct {
	Person mend.ID `json:"person"`
	Number uint8   `json:"number"`
}

// Subscriptions reads up to [MostRead] subscriptions at once, eventually consistent. One that is
// not there has no Kind.
func (s *Store) Subscriptions(ctx context.Context, keys []SubscriptionKey) ([]mend.Subscription, error) {
	ks := make([]Key, len(keys))
	for i, k := range keys {
		ks[i] = subscriptionKey(k.Person, k.Number)
	}
	items, err := s.table.GetEach(ctx, ks)
	if err != nil {
		return nil, fmt.Errorf("read %d subscriptions: %w", len(keys), err)
	}
	subs := make([]mend.Subscription, len(items))
	for i, it := range items {
		if it != nil {
			subs[i] = subscriptionFrom(it)
		}
	}
	return subs, nil
}

// Claim is one occurrence that the sender wants to send.
type Claim struct {
	Read mend.Subscription // as it was read
	Date mend.Date
	Next mend.Progress // what the claim shall write: LastDate, an open claim with a fresh nonce, the card

	// What rides along, if anything does: the claim writes it down, and a release takes it back.
	Asking *PromptChange
}

// PromptChange is which questions about the path as a whole rode along with a person's check-ins,
// and when.
type PromptChange struct{ Last, Now LastPrompt }

// Requested is the last question that rode along.
type LastPrompt struct {
	Date   mend.Date // of the letter
	Name   string    // of the question
	Slower mend.Date // the last time that a slower rhythm was offered
}

func (a LastPrompt) item() Item {
	return Item{"asked": a.Date.String(), "askedName": a.Name, "offered": a.Slower.String()}
}

// Requested reads what rode along last with the check-ins of a person.
func (s *Store) LastPrompt(ctx context.Context, id mend.ID) (LastPrompt, error) {
	it, err := s.table.Get(ctx, subscriptionKey(id, mend.CheckInNumber))
	return LastPrompt{it.date("asked"), it.text("askedName"), it.date("offered")}, wrap(err, "read what was asked")
}

// ErrClaimed is an occurrence that somebody else claimed, that was stopped or
// paused, or whose settings changed since it was read. It is not ours to send.
var ErrClaimed = errors.New("not ours to send")

// Claim claims up to [MostWrite] occurrences, each on its own. The errors stand in the order of the
// claims: nil is ours, [ErrClaimed] is not, and any other leaves it open whether the claim was
// written: nothing may be sent then.
//
// A claim is written if the version is the one that was read, and so if what the caller judged then
// is still so: every change of the settings (status, rule, hold) and every claim moves it, and a
// subscription that was erased has none. A condition that fails on an item that already holds our
// nonce is our own claim, made by an attempt whose answer was lost.
func (s *Store) Claim(ctx context.Context, claims []Claim) ([]error, error) {
	writes := make([]Write, len(claims))
	for i, c := range claims {
		writes[i] = Write{
			Op: Update, Key: subscriptionKey(c.Read.Person, c.Read.Number), Set: progressItem(c.Next),
			If: Condition{{"version", Equal, c.Read.Version}},
		}
		writes[i].Set["version"] = c.Read.Version + 1
		if c.Asking != nil {
			maps.Copy(writes[i].Set, c.Asking.Now.item())
		}
	}
	errs, err := s.table.WriteEach(ctx, writes)
	if err != nil {
		return nil, fmt.Errorf("claim %d occurrences: %w", len(claims), err)
	}
	for i, err := range errs {
		var failed *ConditionFailed
		switch {
		case !errors.As(err, &failed): // done, or not known
		//mutant:never claim: our own nonce is ours
		case failed.Old.text("nonce") == claims[i].Next.Claim.Nonce &&
			failed.Old.text("claim") == string(mend.ClaimOpen):
			errs[i] = nil
		default:
			errs[i] = ErrClaimed
		}
	}
	return errs, nil
}

// Release gives a claim back that was surely not sent, so that it may be claimed
// again: the cards stand as they stood. Errors: [ErrConflict] if it is not our claim any more.
func (s *Store) Release(ctx context.Context, c Claim) error {
	set := Item{
		"claim": string(mend.ClaimReleased), "seen": c.Read.Seen, "step": stepText(c.Read.Step),
		"letters": int64(c.Read.Letters),
	}
	if c.Asking != nil {
		maps.Copy(set, c.Asking.Last.item())
	}
	return s.write(ctx, Write{
		Op: Update, Key: subscriptionKey(c.Read.Person, c.Read.Number),
		//mutant:worlds nonce mail,lost,duplicate,slow 0.12
		If: Condition{{"nonce", Equal, c.Next.Claim.Nonce}}, Set: set,
	}, "release a claim")
}

// Record writes what became of a letter, unless what stands there weighs more: accepted wins over
// everything; anything else only takes the place of an unknown outcome. It returns the outcome that
// stands.
func (s *Store) Record(ctx context.Context, l mend.Letter) (mend.Outcome, error) {
	key, item := letterKey(l.Person, l.Of), recordItem(l)
	_, err := s.table.Write(ctx, Write{Op: Put, Key: key, Item: item, If: Condition{{AttrPK, Missing, nil}}})
	if !isConditionFailed(err) {
		return l.Outcome, wrap(err, "record a letter")
	}
	delete(item, "delivered") // which an event may have noted meanwhile
	condition := Condition{{"outcome", Equal, string(mend.Unknown)}}
	if l.Outcome == mend.Accepted {
		//mutant:worlds outcome crash,mail,events 0.03
		condition = Condition{{"outcome", NotEqual, string(mend.Accepted)}}
	}
	_, err = s.table.Write(ctx, Write{Op: Update, Key: key, Set: item, If: condition})
	var failed *ConditionFailed
	if errors.As(err, &failed) { // what stands there weighs more
		return mend.Outcome(failed.Old.text("outcome")), nil
	}
	return l.Outcome, wrap(err, "record a letter")
}

// BlockThrough sees to it that nothing is sent for a date, which is later than any that was sent,
// or any before it.
func (s *Store) BlockThrough(ctx context.Context, k SubscriptionKey, date mend.Date,
	now time.Time) error {
	err := s.write(ctx, Write{
		//mutant:worlds AttrPK stale,restore,timeout 2
		Op: Update, Key: subscriptionKey(k.Person, k.Number), If: Condition{{AttrPK, Exists, nil}},
		Set: Item{"lastDate": date.String(), "claim": string(mend.ClaimNone), "claimAt": millis(now)},
		Add: map[string]int64{"version": 1},
	}, "raise a last date")
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// recordItem is the item of a letter's record. That of a confirmation goes when a person who does
// not confirm is forgotten.
func recordItem(l mend.Letter) Item {
	item := letterItem(l)
	if l.Kind == mend.Confirmation {
		forgotten(item, l.At.Add(7*24*time.Hour))
	}
	return item
}

// RecordEach writes the outcomes of up to [MostWrite] letters, as [Store.Record] does each. In
// the usual case, no record being there yet, it is one request.
func (s *Store) RecordEach(ctx context.Context, letters []mend.Letter) error {
	writes := make([]Write, len(letters))
	for i, l := range letters {
		writes[i] = Write{Op: Put, Key: letterKey(l.Person, l.Of), Item: recordItem(l),
			If: Condition{{AttrPK, Missing, nil}}}
	}
	errs, err := s.table.WriteEach(ctx, writes)
	if err != nil {
		return fmt.Errorf("record %d letters: %w", len(letters), err)
	}
	for i := range errs {
		if errs[i] != nil {
			_, errs[i] = s.Record(ctx, letters[i])
		}
	}
	return errors.Join(errs...)
}

// Letter reads the record of a letter. Errors: [ErrNotFound].
func (s *Store) Letter(ctx context.Context, id mend.ID, of mend.LetterKey) (mend.Letter, error) {
	it, err := s.get(ctx, letterKey(id, of), time.Time{})
	if err != nil {
		return mend.Letter{}, fmt.Errorf("read a letter: %w", err)
	}
	return letterFrom(it), nil
}

// Delivered notes that a letter reached its mailbox. A letter without a record is left without one.
func (s *Store) Delivered(ctx context.Context, id mend.ID, of mend.LetterKey, at time.Time) error {
	return s.noteOfLetter(ctx, id, of, Item{"delivered": millis(at)}, "note a delivery")
}

// Bounced notes that a mailbox did not take a letter for now. A letter without a record is left
// without one.
func (s *Store) Bounced(ctx context.Context, id mend.ID, of mend.LetterKey, at time.Time) error {
	return s.noteOfLetter(ctx, id, of, Item{"bounced": millis(at)}, "note a bounce")
}

func (s *Store) noteOfLetter(ctx context.Context, id mend.ID, of mend.LetterKey, set Item, doing string) error {
	err := s.write(ctx, Write{Op: Update, Key: letterKey(id, of), Set: set,
		If: Condition{{AttrPK, Exists, nil}}}, doing)
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

const restPrefix = "REST#"

// RegisterRest notes that a person's letters rest until an instant, because their mailbox takes
// none: for the operator's figures.
func (s *Store) RegisterRest(ctx context.Context, id mend.ID, until time.Time) error {
	w := Write{Op: Put, Key: Key{system, restPrefix + string(id)}, Item: Item{AttrTTL: until.Unix()}}
	return s.write(ctx, w, "register a rest")
}

// Rests counts the people whose letters rest because their mailbox takes none.
func (s *Store) Rests(ctx context.Context, now time.Time) (n int, err error) {
	err = s.each(ctx, Query{Partition: system, Prefix: restPrefix}, now, func(Item) error {
		n++
		return nil
	})
	return n, wrap(err, "count the rests")
}

// OneOff reads a one-off. Errors: [ErrNotFound].
func (s *Store) OneOff(ctx context.Context, k OneOffKey, now time.Time) (mend.OneOff, error) {
	it, err := s.get(ctx, oneOffKey(k.Person, k.ID), now)
	if err != nil {
		return mend.OneOff{}, fmt.Errorf("read a one-off: %w", err)
	}
	return oneOffFrom(it), nil
}

// ClaimOneOff claims a one-off as it was read: the first attempt while it is
// due, a second one out of an attempt that was left open, which the caller
// decides on. Errors: [ErrClaimed].
func (s *Store) ClaimOneOff(ctx context.Context, read mend.OneOff, claim mend.Claim) error {
	_, err := s.table.Write(ctx, Write{
		Op: Update, Key: oneOffKey(read.Person, read.ID),
		//mutant:worlds version mail,duplicate,slow,crash 0.2
		If: Condition{{"version", Equal, read.Version}},
		Set: Item{
			"state": string(mend.OneOffClaimed), "nonce": claim.Nonce, "claim": string(mend.ClaimOpen),
			"claimAt": millis(claim.At),
		},
		Add: map[string]int64{"attempts": 1, "version": 1},
	})
	var failed *ConditionFailed
	if errors.As(err, &failed) {
		if failed.Old.text("nonce") == claim.Nonce && failed.Old.text("claim") == string(mend.ClaimOpen) {
			return nil
		}
		return ErrClaimed
	}
	return wrap(err, "claim a one-off")
}

// ReleaseOneOff gives the claim of a one-off back that was surely not sent. The one-off is as it was
// claimed. Errors: [ErrConflict] if it was claimed again, moved, cancelled or closed meanwhile.
func (s *Store) ReleaseOneOff(ctx context.Context, claimed mend.OneOff) error {
	return s.write(ctx, Write{
		Op: Update, Key: oneOffKey(claimed.Person, claimed.ID),
		//mutant:worlds version mail,lost,duplicate,slow,race 0.1
		If:  Condition{{"version", Equal, claimed.Version}},
		Set: Item{"state": string(mend.OneOffDue), "claim": string(mend.ClaimReleased)},
		Add: map[string]int64{"attempts": -1, "version": 1},
	}, "release a one-off")
}

// CloseOneOff takes a one-off whose outcome is recorded out of the index. Errors: [ErrConflict] if
// it has changed since it was read or claimed.
func (s *Store) CloseOneOff(ctx context.Context, o mend.OneOff) error {
	return s.write(ctx, Write{
		//mutant:worlds version race,slow 0.1
		Op: Update, Key: oneOffKey(o.Person, o.ID), If: Condition{{"version", Equal, o.Version}},
		Set: Item{"state": string(mend.OneOffDone)}, Remove: []string{AttrSlot, AttrMember},
		Add: map[string]int64{"version": 1},
	}, "close a one-off")
}

// CancelOneOff sees to it that a one-off is not sent any more.
func (s *Store) CancelOneOff(ctx context.Context, k OneOffKey) error {
	return s.write(ctx, cancelWrite(k.Person, k.ID), "cancel a one-off")
}

// cancelWrite has no condition: what is cancelled was read under the person's version, and what
// deletes a one-off before its time, an erasure, moves that.
func cancelWrite(id mend.ID, thing mend.ItemID) Write {
	return Write{
		Op: Update, Key: oneOffKey(id, thing),
		Set: Item{"state": string(mend.OneOffCancelled)}, Remove: []string{AttrSlot, AttrMember},
		Add: map[string]int64{"version": 1},
	}
}

// ForgetOneOff removes a one-off altogether: the notice of an erasure, whose address nobody may
// keep.
func (s *Store) ForgetOneOff(ctx context.Context, k OneOffKey) error {
	return s.write(ctx, Write{Op: Delete, Key: oneOffKey(k.Person, k.ID)}, "forget a one-off")
}

// QueryResult is what the dispatcher handed out in one message: up to [MostRead]
// subscriptions of one slot that are due on one local date. Without members it is what is left of a
// long slot: all that come after one of them, and are still to be handed out.
type Page struct {
	Slot      string            `json:"slot"`
	Date      mend.Date         `json:"date"`
	Due       time.Time         `json:"due"`
	Members   []SubscriptionKey `json:"members,omitempty"`
	Requested bool              `json:"asked,omitempty"`    // by the person, for that date, whatever the rule says
	StandsIn  bool              `json:"standsIn,omitempty"` // for a digest that is left out
	After     string            `json:"after,omitempty"`
	Turn      time.Time         `json:"turn,omitzero"`     // when its first letter may start
	TurnsEnd  time.Time         `json:"turnsEnd,omitzero"` // and until when its turns are reserved
}

// Tally counts how the occurrences of a page came to their end.
type Tally struct {
	Accepted int `json:"accepted"`
	Failed   int `json:"failed"`
	GivenUp  int `json:"givenUp"` // nobody knows whether they were sent; mostly an answer of the mail service that was lost
	Expired  int `json:"expired"`
	Released int `json:"released"` // stopped, paused or moved when their turn came
}

// Add counts one more. An outcome that is none of a record's is an occurrence that was not due any
// more when its turn came: stopped, paused or moved to another hour.
func (t *Tally) Add(o mend.Outcome) {
	switch o {
	case mend.Accepted:
		t.Accepted++
	case mend.Failed:
		t.Failed++
	case mend.GivenUp:
		t.GivenUp++
	case mend.Expired:
		t.Expired++
	default:
		t.Released++
	}
}

// Sum is how many came to their end.
func (t Tally) Sum() int { return t.Accepted + t.Failed + t.GivenUp + t.Expired + t.Released }

// OpenPage notes that occurrences were handed out. One that is there already stays as it is: a tick
// that is run twice hands out the same pages. Where the members are not the same (the index is read
// eventually consistent), it is another page: closing one says nothing about the other.
func (s *Store) OpenPage(ctx context.Context, o Page) error {
	_, err := s.table.Write(ctx, Write{
		Op: Put, Key: pageKey(o), If: Condition{{AttrPK, Missing, nil}},
		Item: Item{
			"of": o.Slot, "date": o.Date.String(), "due": millis(o.Due), "open": true,
			"count": int64(len(o.Members)), "members": encodeMembers(o.Members), "after": o.After, "asked": o.Requested,
			"standsIn": o.StandsIn, "turn": millis(o.Turn), "turnsEnd": millis(o.TurnsEnd),
			AttrTTL: o.Due.Add(30 * 24 * time.Hour).Unix(),
		},
	})
	if isConditionFailed(err) {
		return nil
	}
	return wrap(err, "open a page")
}

// MovePage notes the turns that were reserved for a page since it was opened.
func (s *Store) MovePage(ctx context.Context, o Page) error {
	err := s.write(ctx, Write{
		Op: Update, Key: pageKey(o), If: Condition{{AttrPK, Exists, nil}},
		Set: Item{"turn": millis(o.Turn), "turnsEnd": millis(o.TurnsEnd)},
	}, "move a page")
	if errors.Is(err, ErrConflict) {
		return nil // it expired long ago
	}
	return err
}

// ClosePage notes how every occurrence of a page came to its end. Errors: [ErrConflict] if there is
// no such page.
func (s *Store) ClosePage(ctx context.Context, o Page, t Tally) error {
	return s.write(ctx, Write{
		Op: Update, Key: pageKey(o), If: Condition{{AttrPK, Exists, nil}}, Remove: []string{"members"},
		Set: Item{
			"open": false, "accepted": int64(t.Accepted), "failed": int64(t.Failed), "givenUp": int64(t.GivenUp),
			"expired": int64(t.Expired), "released": int64(t.Released),
		},
	}, "close a page")
}

// PageClosed reports whether a page was closed, eventually consistent. One that is not there was
// not.
func (s *Store) PageClosed(ctx context.Context, o Page) (bool, error) {
	items, err := s.table.GetEach(ctx, []Key{pageKey(o)})
	if err != nil {
		return false, fmt.Errorf("look whether a page was closed: %w", err)
	}
	return items[0] != nil && !items[0].flag("open"), nil
}

// OpenPages lists the pages of one due instant that are still open.
func (s *Store) OpenPages(ctx context.Context, due, now time.Time) ([]Page, error) {
	var open []Page
	err := s.pages(ctx, mend.DateOf(due.UTC()), due.UTC().Format("15:04"), now, func(it Item) {
		if it.flag("open") {
			open = append(open, Page{
				Slot: it.text("of"), Date: it.date("date"), Due: it.instant("due"),
				Members: decodeMembers(it.text("members")), After: it.text("after"), Requested: it.flag("asked"),
				StandsIn: it.flag("standsIn"), Turn: it.instant("turn"), TurnsEnd: it.instant("turnsEnd"),
			})
		}
	})
	return open, wrap(err, "list the open pages")
}

// Tallies adds up the pages of one UTC day: how many occurrences were handed out, on how many
// pages that are still open, and how the others came to their end.
func (s *Store) Tallies(ctx context.Context, day mend.Date, now time.Time) (due, open int, t Tally, err error) {
	err = s.pages(ctx, day, "", now, func(it Item) {
		due += int(it.number("count"))
		if it.flag("open") {
			open++
		}
		t.Accepted += int(it.number("accepted"))
		t.Failed += int(it.number("failed"))
		t.GivenUp += int(it.number("givenUp"))
		t.Expired += int(it.number("expired"))
		t.Released += int(it.number("released"))
	})
	return due, open, t, wrap(err, "add up the pages of a day")
}

func (s *Store) pages(ctx context.Context, day mend.Date, prefix string, now time.Time, visit func(Item)) error {
	return s.each(ctx, Query{Partition: "PAGE#" + day.String(), Prefix: prefix}, now, func(it Item) error {
		visit(it)
		return nil
	})
}

func pageKey(o Page) Key {
	due := o.Due.UTC()
	which := o.After + encodeMembers(o.Members)
	if o.Requested {
		which += " asked"
	}
	if o.StandsIn {
		which += " stands in"
	}
	members := sha256.Sum256([]byte(which))
	return Key{
		"PAGE#" + mend.DateOf(due).String(),
		fmt.Sprintf("%s#%s#%s#%x", due.Format("15:04"), o.Date, o.Slot, members[:8]),
	}
}

func wrap(err error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
