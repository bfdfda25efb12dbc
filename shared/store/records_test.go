package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamolimits"
	"example.org/mend/shared/store/memtable"
)

const ann = mend.ID("aaaaaaaaaaaaaaaa")

var (
	now   = time.Date(2026, time.March, 2, 6, 30, 0, 0, time.UTC)
	today = mend.Date{Year: 2026, Month: time.March, Day: 2}
)

// newStore is a store over an empty table.
func newStore(t *testing.T) (*store.Store, store.Table) {
	t.Helper()
	table := &memtable.Table{}
	return store.New(table, []byte("the address secret")), table
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// joined is a store that knows Ann, active, with a check-in every day and whatever else is given.
func joined(t *testing.T, changes ...func(*store.Transaction)) (*store.Store, store.Account) {
	t.Helper()
	s, _ := newStore(t)
	c := store.Transaction{
		Person: mend.Person{ID: ann, Address: mend.StoredAddress("ann@example.test"), Status: mend.Active,
			Zone: "Europe/Berlin"},
		Subscriptions: []mend.Subscription{{
			Person: ann, Number: mend.CheckInNumber, Kind: mend.CheckIn, Status: mend.Active,
			Address: mend.StoredAddress("ann@example.test"), Cadence: mend.Cadence{Kind: mend.Daily, Time: 450,
				Zone: "Europe/Berlin"}, FirstDate: today,
		}},
	}
	for _, change := range changes {
		change(&c)
	}
	err := s.Commit(t.Context(), c)
	do(t, err)
	return s, load(t, s)
}

func load(t *testing.T, s *store.Store) store.Account {
	t.Helper()
	w, err := s.Load(t.Context(), ann, now)
	do(t, err)
	return w
}

// fill sets every field below v to a value of its own, so that one that is not stored shows.
func fill(v reflect.Value, n *int) {
	*n++
	switch x := v.Addr().Interface().(type) {
	case *mend.Address:
		*x = mend.StoredAddress(fmt.Sprintf("a%d@example.test", *n))
		return
	case *time.Time:
		*x = now.Add(time.Duration(*n) * time.Second)
		return
	case *mend.Date:
		*x = today.AddDays(*n)
		return
	case *mend.TimeOfDay:
		*x = mend.TimeOfDay(*n%96) * 15
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d, \x01 „ü“ |#", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n%27 + 1))
	case reflect.Uint8:
		v.SetUint(uint64(*n%27 + 1))
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{byte(*n), 0, 255})
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), n)
		}
	}
}

var compareAddresses = cmp.Comparer(func(a, b mend.Address) bool { return a == b })

func TestEveryFieldOfEveryRecordIsKept(t *testing.T) {
	s, _ := newStore(t)
	n := 0
	var p mend.Person
	fill(reflect.ValueOf(&p).Elem(), &n)
	p.ID, p.Status, p.Version = ann, mend.Active, 0
	var sub mend.Subscription
	fill(reflect.ValueOf(&sub).Elem(), &n)
	sub.Person, sub.Number, sub.Status, sub.Version = ann, mend.DigestNumber, mend.Active, 0 // which has all fields
	sub.Cadence.Kind, sub.Cadence.Days, sub.Cadence.Zone = mend.Weekly, mend.WorkingDays, "Europe/Berlin"
	sub.LastReply, sub.LastReplyAttachments, sub.Slot = mend.Date{}, 0, ""
	var o mend.OneOff
	fill(reflect.ValueOf(&o).Elem(), &n)
	o.Person, o.ID = ann, "bbbbbbbb"
	o.Due, o.Expires, o.Claim.Card = now, now.Add(time.Hour), 0
	var promise mend.Promise
	fill(reflect.ValueOf(&promise).Elem(), &n)
	promise.Person, promise.ID = ann, "a secret"
	err := s.Commit(t.Context(), store.Transaction{
		Person: p, Subscriptions: []mend.Subscription{sub}, OneOffs: []mend.OneOff{o},
		Promises: []mend.Promise{promise},
	})
	do(t, err)

	got := load(t, s)
	p.Version, sub.Version = 1, 1
	if diff := cmp.Diff(p, got.Person, compareAddresses); diff != "" {
		t.Errorf("the person (-want +got):\n%s", diff)
	}
	sub.Slot = got.Subscriptions[0].Slot
	if diff := cmp.Diff(sub, got.Subscriptions[0], compareAddresses); diff != "" || sub.Slot == "" {
		t.Errorf("the subscription, in slot %q (-want +got):\n%s", sub.Slot, diff)
	}
	if diff := cmp.Diff(o, got.OneOffs[0], compareAddresses); diff != "" {
		t.Errorf("the one-off (-want +got):\n%s", diff)
	}
	kept, err := s.Promise(t.Context(), ann, "a secret", now)
	do(t, err)
	if diff := cmp.Diff(promise, kept); diff != "" {
		t.Errorf("the promise (-want +got):\n%s", diff)
	}

	for _, of := range []mend.LetterKey{{Date: today, Subscription: 7}, {Date: today, OneOff: "bbbbbbbb"}} {
		var l mend.Letter
		fill(reflect.ValueOf(&l).Elem(), &n)
		l.Person, l.Of = ann, of
		do(t, s.RecordEach(t.Context(), []mend.Letter{l}))
		back, err := s.Letter(t.Context(), ann, of)
		do(t, err)
		if diff := cmp.Diff(l, back); diff != "" {
			t.Errorf("the letter (-want +got):\n%s", diff)
		}

		var r mend.Reply
		fill(reflect.ValueOf(&r).Elem(), &n)
		r.Person, r.Of, r.Hash = ann, of, "hash"
		_, err = s.AddReply(t.Context(), store.ReplyKept{Reply: r, Retention: p.Retention})
		do(t, err)
		var replies []mend.Reply
		do(t, s.Replies(t.Context(), mend.Reply{Person: ann}, mend.Date{}, now, func(r mend.Reply) error {
			if r.Of == of {
				replies = append(replies, r)
			}
			return nil
		}))
		if diff := cmp.Diff([]mend.Reply{r}, replies); diff != "" {
			t.Errorf("the reply (-want +got):\n%s", diff)
		}
	}
}

func TestEveryFieldOfAnAddressRecordIsKept(t *testing.T) {
	s, _ := newStore(t)
	var r store.AddressRecord
	n := 0
	fill(reflect.ValueOf(&r).Elem(), &n)
	r.Version, r.Blocked, r.Bounced = 0, false, false
	address := mend.StoredAddress("ann@example.test")
	do(t, s.SaveAddress(t.Context(), address, r))
	r.Version = 1
	got, err := s.Address(t.Context(), mend.StoredAddress("ANN@example.test"))
	do(t, err)
	if diff := cmp.Diff(r, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, close := range []func(*store.AddressRecord){
		func(r *store.AddressRecord) { r.Blocked = true },
		func(r *store.AddressRecord) { r.Blocked, r.Bounced = false, true },
	} {
		close(&got)
		do(t, s.SaveAddress(t.Context(), address, got))
		got.Version++
		got.Forget = time.Time{}
		closed, err := s.Address(t.Context(), address)
		if diff := cmp.Diff(got, closed); err != nil || diff != "" {
			t.Errorf("closed: %v, want it kept for good (-want +got):\n%s", err, diff)
		}
		got.Forget = now
	}
	if err := s.SaveAddress(t.Context(), address, store.AddressRecord{}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("writing what was read before: %v, want ErrConflict", err)
	}
}

func TestAChangeThatLostARaceDoesNothing(t *testing.T) {
	s, read := joined(t)
	winner, loser := read, read
	winner.Person.Name, loser.Person.Name = "Winner", "Loser"
	err := s.Commit(t.Context(), store.Transaction{Person: winner.Person})
	do(t, err)
	loser.Subscriptions[0].Path = "apart"
	err = s.Commit(t.Context(), store.Transaction{
		Person: loser.Person, Subscriptions: loser.Subscriptions, Promises: []mend.Promise{{Person: ann,
			ID: "cccccccc"}},
	})
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	got := load(t, s)
	if promises, _ := s.Promises(t.Context(), ann, now); got.Person.Name != "Winner" ||
		got.Subscriptions[0].Path == "apart" || len(promises) != 0 {
		t.Errorf("the loser changed something: %+v", got)
	}
}

func TestAPersonIsMadeOnce(t *testing.T) {
	s, read := joined(t)
	fresh := read.Person
	fresh.Version = 0
	if err := s.Commit(t.Context(), store.Transaction{Person: fresh}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
}

func TestWhatWeighsMoreStandsInARecord(t *testing.T) {
	const a, f, u, g, e = mend.Accepted, mend.Failed, mend.Unknown, mend.GivenUp, mend.Expired
	for _, test := range []struct{ first, then, want mend.Outcome }{
		{u, a, a}, {u, f, f}, {u, g, g}, {u, e, e}, {u, u, u},
		{g, a, a}, {f, a, a}, {e, a, a}, // accepted wins over everything
		{a, u, a}, {a, f, a}, {a, g, a}, {a, e, a},
		{g, u, g}, {g, f, g}, {f, g, f}, {e, g, e}, {f, u, f},
	} {
		s, _ := joined(t)
		of := mend.LetterKey{Date: today, Subscription: 1}
		for i, outcome := range []mend.Outcome{test.first, test.then} {
			l := mend.Letter{Person: ann, Of: of, Kind: mend.CheckIn, Outcome: outcome, Nonce: "n",
				At: now.Add(time.Duration(i) * time.Minute)}
			if i == 0 {
				do(t, s.RecordEach(t.Context(), []mend.Letter{l}))
				do(t, s.Note(t.Context(), ann, of, store.Delivered, now))
				continue
			}
			stands, err := s.Record(t.Context(), l)
			do(t, err)
			if stands != test.want {
				t.Errorf("%s, then %s: told %s, want %s", test.first, test.then, stands, test.want)
			}
			do(t, s.RecordEach(t.Context(), []mend.Letter{l}))
		}
		got, err := s.Letter(t.Context(), ann, of)
		do(t, err)
		if got.Outcome != test.want || !got.Delivered.Equal(now) {
			t.Errorf("%s, then %s: %s, delivered %s; want %s, and the delivery noted still", test.first, test.then,
				got.Outcome, got.Delivered, test.want)
		}
	}
}

func TestADeliveryMakesNoRecord(t *testing.T) {
	s, _ := joined(t)
	of := mend.LetterKey{Date: today, Subscription: 1}
	do(t, s.Note(t.Context(), ann, of, store.Delivered, now))
	if _, err := s.Letter(t.Context(), ann, of); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

// claimOf is the claim of Ann's check-in, as she was read.
func claimOf(w store.Account, nonce string) store.Claim {
	next := w.Subscriptions[0].Progress
	next.LastDate, next.Claim = today, mend.Claim{Nonce: nonce, State: mend.ClaimOpen, At: now, Card: 7}
	next.Seen, next.Round, next.LastCard = []byte{1}, 1, 7
	return store.ClaimOccurrence(w.Subscriptions[0], next, nil)
}

func claim(t *testing.T, s *store.Store, c store.Claim) error {
	t.Helper()
	errs, err := s.Claim(t.Context(), []store.Claim{c})
	do(t, err)
	return errs[0]
}

func TestAClaimHoldsToWhatWasRead(t *testing.T) {
	for name, test := range map[string]struct {
		meanwhile func(*testing.T, *store.Store, store.Account)
		want      error
	}{
		"nothing": {func(*testing.T, *store.Store, store.Account) {}, nil},
		"our own claim": {func(t *testing.T, s *store.Store, w store.Account) {
			do(t, claim(t, s, claimOf(w, "ours")))
		}, nil},
		"another's claim": {func(t *testing.T, s *store.Store, w store.Account) {
			do(t, claim(t, s, claimOf(w, "other")))
		}, store.ErrClaimed},
		"our claim, released": {func(t *testing.T, s *store.Store, w store.Account) {
			do(t, claim(t, s, claimOf(w, "ours")))
			do(t, s.Release(t.Context(), claimOf(w, "ours")))
		}, store.ErrClaimed},
		"a stop": {func(t *testing.T, s *store.Store, w store.Account) {
			w.Subscriptions[0].Status = mend.Stopped
			commit(t, s, w)
		}, store.ErrClaimed},
		"a pause": {func(t *testing.T, s *store.Store, w store.Account) {
			w.Subscriptions[0].Hold = mend.PauseUntil(today.AddDays(1))
			commit(t, s, w)
		}, store.ErrClaimed},
		"an erasure": {func(t *testing.T, s *store.Store, w store.Account) {
			do(t, s.Erase(t.Context(), w, false, now))
		}, store.ErrClaimed},
	} {
		t.Run(name, func(t *testing.T) {
			s, read := joined(t)
			meanwhile := load(t, s)
			test.meanwhile(t, s, meanwhile)
			if err := claim(t, s, claimOf(read, "ours")); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func commit(t *testing.T, s *store.Store, w store.Account) {
	t.Helper()
	err := s.Commit(t.Context(), store.Transaction{Person: w.Person, Subscriptions: w.Subscriptions})
	do(t, err)
}

func TestAReleasedClaimCanBeClaimedAgainAndItsCardComesAgain(t *testing.T) {
	s, read := joined(t)
	do(t, claim(t, s, claimOf(read, "first")))
	do(t, s.Release(t.Context(), claimOf(read, "first")))
	again := load(t, s)
	if p := again.Subscriptions[0].Progress; p.Claim.State != mend.ClaimReleased ||
		len(p.Seen) != 0 || p.LastCard != 0 {
		t.Errorf("after the release: %+v, want the cards as they stood", p)
	}
	do(t, claim(t, s, claimOf(again, "second")))
	if err := s.Release(t.Context(), claimOf(read, "first")); !errors.Is(err, store.ErrConflict) {
		t.Errorf("releasing what is somebody else's now: %v, want ErrConflict", err)
	}
	if got := load(t, s).Subscriptions[0].Claim; got.Nonce != "second" || got.State != mend.ClaimOpen {
		t.Errorf("the claim: %+v", got)
	}
}

func TestASendNeverWritesWhatAChangeWritesNorTheOtherWayRound(t *testing.T) {
	s, read := joined(t)
	do(t, claim(t, s, claimOf(read, "n")))
	read.Subscriptions[0].Path = "apart"
	if err := s.Commit(t.Context(), store.Transaction{Person: read.Person,
		Subscriptions: read.Subscriptions}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a change that was decided on before a claim: %v, want ErrConflict", err)
	}
	read = load(t, s)
	read.Subscriptions[0].Path = "apart"
	commit(t, s, read)
	got := load(t, s).Subscriptions[0]
	if got.Path != "apart" || got.LastDate != today || got.Claim.Nonce != "n" || got.LastCard != 7 {
		t.Errorf("one undid the other: %+v", got)
	}
}

func TestAOneOffIsClaimedOnceAndACancelledOneIsNotRevived(t *testing.T) {
	s, w := joined(t, func(c *store.Transaction) {
		c.OneOffs = []mend.OneOff{{Person: ann, ID: "bbbbbbbb", Kind: mend.PromiseKind, Due: now,
			Expires: now.Add(time.Hour)}}
	})
	o := w.OneOffs[0]
	ours := mend.Claim{Nonce: "ours", State: mend.ClaimOpen, At: now}
	do(t, claim(t, s, store.ClaimOneOff(o, ours)))
	do(t, claim(t, s, store.ClaimOneOff(o, ours))) // our own, whose answer was lost
	other := store.ClaimOneOff(o, mend.Claim{Nonce: "other", State: mend.ClaimOpen, At: now})
	if err := claim(t, s, other); !errors.Is(err, store.ErrClaimed) {
		t.Errorf("somebody else: %v, want ErrClaimed", err)
	}
	got, err := s.OneOff(t.Context(), ann, "bbbbbbbb", now)
	do(t, err)
	if got.Attempts != 1 || got.Claim.State != mend.ClaimOpen {
		t.Errorf("after the claim: %+v", got)
	}
	err = s.Commit(t.Context(), store.Transaction{Person: w.Person, Cancel: []mend.ItemID{"bbbbbbbb"}})
	do(t, err)
	cancelled := o // as a sender read it just before
	cancelled.Version++
	next := mend.Claim{Nonce: "next", State: mend.ClaimOpen, At: now}
	if err := claim(t, s, store.ClaimOneOff(cancelled, next)); !errors.Is(err, store.ErrClaimed) {
		t.Errorf("a claim after it was cancelled: %v, want ErrClaimed", err)
	}
	if err := s.Release(t.Context(), store.ClaimOneOff(o, ours)); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a release after it was cancelled: %v, want ErrConflict", err)
	}
	do(t, s.ClosePage(t.Context(), store.PageOf(o), store.Tally{Released: 1}, cancelled))
	if got, err = s.OneOff(t.Context(), ann, "bbbbbbbb", now); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%+v, %v, want it gone", got, err)
	}
}

// While a second attempt fails, word may come that the first was taken, and end the letter.
func TestWhatHasEndedIsNotReleased(t *testing.T) {
	s, w := joined(t, func(c *store.Transaction) {
		c.OneOffs = []mend.OneOff{{Person: ann, ID: "bbbbbbbb", Kind: mend.Confirmation, Due: now,
			Expires: now.Add(time.Hour)}}
	})
	second := store.ClaimOneOff(w.OneOffs[0], mend.Claim{Nonce: "second", State: mend.ClaimOpen, At: now})
	do(t, claim(t, s, second))
	seen, err := s.OneOff(t.Context(), ann, "bbbbbbbb", now)
	do(t, err)
	do(t, s.ClosePage(t.Context(), store.PageOf(seen), store.Tally{Accepted: 1}, seen))
	if err := s.Release(t.Context(), second); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a release: %v, want ErrConflict", err)
	}
	if seen, err = s.OneOff(t.Context(), ann, "bbbbbbbb", now); err != nil || seen.Claim.State != mend.ClaimEnded {
		t.Errorf("it is %q, %v, want it to have ended", seen.Claim.State, err)
	}
}

// A pause may move a one-off to another hour while the page of its former hour ends.
func TestAPageEndsAOneOffOnlyAsItWasRead(t *testing.T) {
	s, w := joined(t, func(c *store.Transaction) {
		c.OneOffs = []mend.OneOff{{Person: ann, ID: "bbbbbbbb", Kind: mend.PromiseKind, Due: now,
			Expires: now.Add(time.Hour)}}
	})
	read := w.OneOffs[0]
	moved := read
	moved.Due, moved.Expires = now.Add(48*time.Hour), now.Add(49*time.Hour)
	do(t, s.Commit(t.Context(), store.Transaction{Person: w.Person, Move: []mend.OneOff{moved}}))
	do(t, s.ClosePage(t.Context(), store.PageOf(read), store.Tally{Expired: 1}, read))
	got, err := s.OneOff(t.Context(), ann, "bbbbbbbb", now)
	do(t, err)
	if got.Claim.State == mend.ClaimEnded || !got.Due.Equal(moved.Due) {
		t.Errorf("it is %q, due at %s: want it to wait for %s", got.Claim.State, got.Due, moved.Due)
	}
	do(t, s.ClosePage(t.Context(), store.PageOf(moved), store.Tally{Accepted: 1}, got))
	if got, err = s.OneOff(t.Context(), ann, "bbbbbbbb", now); err != nil || got.Claim.State != mend.ClaimEnded {
		t.Errorf("after its own page: %q, %v", got.Claim.State, err)
	}
}

func TestASubscriptionStandsInTheSlotOfItsRuleWhileItIsActive(t *testing.T) {
	s, w := joined(t)
	slots := func(at mend.TimeOfDay) (all []string) {
		t.Helper()
		slots, err := s.SlotsOn(t.Context(), "Europe/Berlin", at, today)
		do(t, err)
		for _, slot := range slots {
			members, _, err := s.Members(t.Context(), slot, "")
			do(t, err)
			for _, m := range members {
				all = append(all, fmt.Sprintf("%s in %s", m.Person, slot))
			}
		}
		return all
	}
	if got := slots(450); !slices.Equal(got, []string{string(ann) + " in Europe/Berlin|07:30|d|0"}) {
		t.Errorf("at 07:30: %v", got)
	}
	w.Subscriptions[0].Cadence.Time = 1140
	commit(t, s, w)
	if before, after := slots(450), slots(1140); len(before) != 0 || len(after) != 1 {
		t.Errorf("after a change of the hour: %v at 07:30, %v at 19:00", before, after)
	}
	w = load(t, s)
	w.Subscriptions[0].Status = mend.Stopped
	commit(t, s, w)
	if got := slots(1140); len(got) != 0 {
		t.Errorf("after a stop: %v", got)
	}
	if zones, err := s.Zones(t.Context()); err != nil || !slices.Equal(zones, []string{"Europe/Berlin"}) {
		t.Errorf("zones: %v, %v", zones, err)
	}
}

func TestASlotThatIsFullOpensAnotherShardAndNobodyMoves(t *testing.T) {
	s, table := newStore(t)
	enter := func(id mend.ID) string {
		t.Helper()
		err := s.Commit(t.Context(), store.Transaction{
			Person: mend.Person{ID: id, Address: mend.StoredAddress("x@example.test")},
			Subscriptions: []mend.Subscription{{
				Person: id, Number: 1, Kind: mend.CheckIn, Status: mend.Active,
				Cadence: mend.Cadence{Kind: mend.Daily, Time: 450, Zone: "UTC"},
			}},
		})
		do(t, err)
		w, err := s.Load(t.Context(), id, now)
		do(t, err)
		return w.Subscriptions[0].Slot
	}
	first := enter("aaaaaaaaaaaaaaaa")
	_, err := table.Write(t.Context(), store.Write{
		Op: store.Update, Key: store.Key{PK: "SYS", SK: "SLOT#UTC|07:30|d"},
		Add: map[string]int64{"entered": store.ShardSize - 1},
	})
	do(t, err)
	if second := enter("bbbbbbbbbbbbbbbb"); first != "UTC|07:30|d|0" || second != "UTC|07:30|d|1" {
		t.Errorf("shards: %s and %s", first, second)
	}
	slots, err := s.SlotsOn(t.Context(), "UTC", 450, today)
	do(t, err)
	if !slices.Equal(slots, []string{"UTC|07:30|d|0", "UTC|07:30|d|1"}) {
		t.Errorf("the dispatcher looks in %v", slots)
	}
	w, err := s.Load(t.Context(), "aaaaaaaaaaaaaaaa", now)
	do(t, err)
	w.Subscriptions[0].Path = "apart"
	err = s.Commit(t.Context(), store.Transaction{Person: w.Person, Subscriptions: w.Subscriptions})
	do(t, err)
	if w, err = s.Load(t.Context(), "aaaaaaaaaaaaaaaa", now); err != nil || w.Subscriptions[0].Slot != first {
		t.Errorf("a member moved to %s, %v", w.Subscriptions[0].Slot, err)
	}
}

func TestWordsOfAnyLengthComeBack(t *testing.T) {
	for _, words := range []string{"", "a", strings.Repeat("a", 300_000), strings.Repeat("a", 300_001),
		strings.Repeat("aü李😀", 100_000), strings.Repeat("😀", 260_000)} {
		s, _ := joined(t)
		r := mend.Reply{Person: ann, Of: mend.LetterKey{Date: today, Subscription: 1}, Hash: "h", Words: words}
		added, err := s.AddReply(t.Context(), store.ReplyKept{Reply: r})
		do(t, err)
		if !added {
			t.Fatal("not added")
		}
		if added, err = s.AddReply(t.Context(), store.ReplyKept{Reply: r}); err != nil || added {
			t.Errorf("the same once more: added %v, %v", added, err)
		}
		from := mend.Reply{Person: ann, Of: mend.LetterKey{Date: today}}
		do(t, s.Replies(t.Context(), from, today, now, func(got mend.Reply) error {
			if got.Words != words {
				t.Errorf("%d bytes: %d came back", len(words), len(got.Words))
			}
			return nil
		}))
	}
}

func TestRepliesAndLettersAreReadByTheDateOfTheLetter(t *testing.T) {
	s, _ := joined(t)
	for n := range 5 {
		of := mend.LetterKey{Date: today.AddDays(n), Subscription: 1}
		_, err := s.AddReply(t.Context(), store.ReplyKept{Reply: mend.Reply{Person: ann, Of: of, Hash: "h"}})
		do(t, err)
		do(t, s.RecordEach(t.Context(), []mend.Letter{{Person: ann, Of: of, Outcome: mend.Accepted}}))
	}
	for _, test := range []struct {
		first, last mend.Date
		want        int
	}{{mend.Date{}, mend.Date{}, 5}, {today, today, 1}, {today.AddDays(1), today.AddDays(3), 3},
		{today.AddDays(3), mend.Date{}, 2}, {mend.Date{}, today, 1}, {today.AddDays(9), mend.Date{}, 0}} {
		replies, letters := 0, 0
		from := mend.LetterKey{Date: test.first}
		do(t, s.Replies(t.Context(), mend.Reply{Person: ann, Of: from}, test.last, now,
			func(mend.Reply) error { replies++; return nil }))
		do(t, s.Letters(t.Context(), ann, from, test.last, func(mend.Letter) error { letters++; return nil }))
		if replies != test.want || letters != test.want {
			t.Errorf("from %q to %q: %d replies and %d letters, want %d", test.first, test.last, replies,
				letters, test.want)
		}
	}
}

func TestNoReplyOutlivesAnErasure(t *testing.T) {
	s, w := joined(t)
	do(t, s.Erase(t.Context(), w, false, now))
	r := mend.Reply{Person: ann, Of: mend.LetterKey{Date: today, Subscription: 1}, Hash: "h", Words: "words"}
	for _, at := range []time.Duration{0, time.Hour} { // while the mark stands, and after
		do(t, s.FinishErasure(t.Context(), ann, now.Add(at)))
		if _, err := s.AddReply(t.Context(), store.ReplyKept{Reply: r}); !errors.Is(err, store.ErrConflict) {
			t.Errorf("%s later: %v, want ErrConflict", at, err)
		}
	}
}

func TestAnErasureOfWhatWasReadBeforeAChangeIsRefused(t *testing.T) {
	s, w := joined(t)
	commit(t, s, load(t, s))
	if err := s.Erase(t.Context(), w, false, now); !errors.Is(err, store.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	if got := load(t, s); len(got.Subscriptions) != 1 {
		t.Error("something went all the same")
	}
}

func TestAFinishedErasureLeavesAnAddressThatIsBlockedOrSomebodyElses(t *testing.T) {
	for name, test := range map[string]struct {
		record store.AddressRecord
		keep   bool
		stays  bool
	}{
		"hers":             {store.AddressRecord{Person: ann}, false, false},
		"hers, blocked":    {store.AddressRecord{Person: ann, Blocked: true}, false, true},
		"hers, bounced":    {store.AddressRecord{Person: ann, Bounced: true}, false, true},
		"hers, to be kept": {store.AddressRecord{Person: ann, Muted: 2}, true, true},
		"another's":        {store.AddressRecord{Person: "bbbbbbbbbbbbbbbb"}, false, true},
	} {
		s, w := joined(t)
		do(t, s.SaveAddress(t.Context(), w.Person.Address, test.record))
		do(t, s.Erase(t.Context(), w, test.keep, now))
		got, err := s.Address(t.Context(), w.Person.Address)
		do(t, err)
		if (got.Version != 0) != test.stays {
			t.Errorf("%s: %+v, stays: want %v", name, got, test.stays)
		}
	}
}

func TestASignInLinkIsUsedOnceAndASessionEndsByItself(t *testing.T) {
	s, w := joined(t)
	link := mend.OneOff{Person: ann, ID: "bbbbbbbb", Address: w.Person.Address, Expires: now.Add(time.Hour)}
	if err := s.OpenSession(t.Context(), link, 1, "a secret", now.Add(time.Hour)); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a link of another epoch: %v, want ErrConflict", err)
	}
	do(t, s.OpenSession(t.Context(), link, 0, "a secret", now.Add(time.Hour)))
	if err := s.OpenSession(t.Context(), link, 0, "another", now.Add(time.Hour)); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a link once more: %v, want ErrConflict", err)
	}
	if _, _, err := s.Session(t.Context(), ann, "another", now); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("with another secret: %v, want ErrNotFound", err)
	}
	if until, _, err := s.Session(t.Context(), ann, "a secret", now.Add(time.Hour-time.Second)); err != nil ||
		!until.Equal(now.Add(time.Hour).Truncate(time.Second)) {
		t.Errorf("until %v, %v", until, err)
	}
	if _, _, err := s.Session(t.Context(), ann, "a secret", now.Add(time.Hour)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an hour later: %v, want ErrNotFound", err)
	}
	do(t, s.EndSession(t.Context(), ann, "a secret"))
	if _, _, err := s.Session(t.Context(), ann, "a secret", now); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after signing out: %v, want ErrNotFound", err)
	}
}

func TestTheWatermarkMovesFromWhereItWasRead(t *testing.T) {
	s, _ := newStore(t)
	mark := func() time.Time {
		mark, err := s.Watermark(t.Context())
		do(t, err)
		return mark.At
	}
	if !mark().IsZero() {
		t.Errorf("at first: %s", mark())
	}
	do(t, s.MoveWatermark(t.Context(), time.Time{}, store.Watermark{At: now}))
	for _, from := range []time.Time{{}, now.Add(-time.Minute)} {
		if err := s.MoveWatermark(t.Context(), from, store.Watermark{At: now.Add(time.Hour)}); !errors.Is(err,
			store.ErrConflict) {
			t.Errorf("from %s: %v, want ErrConflict", from, err)
		}
	}
	do(t, s.MoveWatermark(t.Context(), now, store.Watermark{At: now.Add(time.Hour)}))
	if !mark().Equal(now.Add(time.Hour)) {
		t.Errorf("moved to %s", mark())
	}
}

// A zone that is ahead keeps its own mark, and loses it once the others are as far.
func TestAZoneCanBeAhead(t *testing.T) {
	s, _ := newStore(t)
	later := now.Add(time.Hour)
	ahead := map[string]time.Time{"Europe/Berlin": later, "America/New_York": now}
	do(t, s.MoveWatermark(t.Context(), time.Time{}, store.Watermark{At: now, Zones: ahead}))
	mark, err := s.Watermark(t.Context())
	do(t, err)
	if got := mark.Of("Europe/Berlin"); !got.Equal(later) {
		t.Errorf("the zone that is ahead: %s, want %s", got, later)
	}
	if got := mark.Of("America/New_York"); !got.Equal(now) || len(mark.Zones) != 1 {
		t.Errorf("a zone that is not: %s of %v, want %s", got, mark.Zones, now)
	}
	do(t, s.MoveWatermark(t.Context(), now, store.Watermark{At: later, Zones: mark.Zones}))
	if mark, err = s.Watermark(t.Context()); err != nil || len(mark.Zones) != 0 {
		t.Errorf("when all have come as far: %v, %v, want no zone apart", mark, err)
	}
}

// Turns are handed out one after the other, from now on, and none after the latest instant.
func TestTurnsDoNotOverlap(t *testing.T) {
	s, _ := newStore(t)
	reserve := func(at time.Time, latest time.Duration) (time.Time, error) {
		return s.ReserveTurns(t.Context(), "send", 10*time.Second, at, now.Add(latest))
	}
	for _, step := range []struct {
		at   time.Time
		want time.Time
	}{
		{now, now},
		{now, now.Add(10 * time.Second)},
		{now.Add(time.Second), now.Add(20 * time.Second)},
		{now.Add(time.Minute), now.Add(time.Minute)}, // a rate that was not used is not saved up
	} {
		got, err := reserve(step.at, time.Hour)
		do(t, err)
		if !got.Equal(step.want) {
			t.Errorf("at %s: %s, want %s", step.at, got, step.want)
		}
	}
	if _, err := reserve(now, time.Minute); !errors.Is(err, store.ErrConflict) {
		t.Errorf("with all turns taken: %v, want ErrConflict", err)
	}
	if got, err := s.ReserveTurns(t.Context(), "now", time.Second, now, now); err != nil || !got.Equal(now) {
		t.Errorf("another queue: %s, %v, want %s", got, err, now)
	}
}

// overtaken is a table whose next Get is answered just before someone else writes.
type overtaken struct {
	*memtable.Table
	meanwhile func()
}

func (t *overtaken) Get(ctx context.Context, key store.Key) (store.Item, error) {
	it, err := t.Table.Get(ctx, key)
	if meanwhile := t.meanwhile; meanwhile != nil {
		t.meanwhile = nil
		meanwhile()
	}
	return it, err
}

// Two invocations that reserve at once get turns of their own, whether or not there were any
// before.
func TestTurnsThatAreReservedAtOnceDoNotOverlap(t *testing.T) {
	table := &overtaken{Table: &memtable.Table{}}
	s := store.New(table, nil)
	taken := map[time.Time]bool{}
	reserve := func() {
		start, err := s.ReserveTurns(t.Context(), "send", 10*time.Second, now, now.Add(time.Hour))
		do(t, err)
		if taken[start] {
			t.Errorf("the turn at %s is taken twice", start)
		}
		taken[start] = true
	}
	for range 2 {
		table.meanwhile = reserve
		reserve()
	}
	if len(taken) != 4 {
		t.Errorf("%d turns were taken, want 4", len(taken))
	}
}

func TestWhatExpiredIsNotSeen(t *testing.T) {
	s, _ := newStore(t)
	p := mend.Person{ID: ann, Address: mend.StoredAddress("ann@example.test"), Status: mend.Pending}
	err := s.Commit(t.Context(), store.Transaction{Person: p, TTL: now.Add(time.Hour)})
	do(t, err)
	if _, err := s.Load(t.Context(), ann, now.Add(time.Hour-time.Second)); err != nil {
		t.Errorf("before: %v", err)
	}
	if _, err := s.Load(t.Context(), ann, now.Add(time.Hour)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after: %v, want ErrNotFound", err)
	}
}

// A claim pays for each kilobyte of the subscription, so a large check-in stays under one: every
// card seen and retired, in the middle of an arc, with moods, and a long address, name and zone.
func TestALargeCheckInIsUnderAKilobyte(t *testing.T) {
	s, table := newStore(t)
	full := bytes.Repeat([]byte{255}, 64)
	at := time.Date(2036, 12, 30, 23, 45, 0, 0, time.UTC)
	date := mend.DateOf(at)
	sub := mend.Subscription{
		Person: ann, Number: mend.CheckInNumber, Kind: mend.CheckIn, Status: mend.Active,
		Address: mend.StoredAddress(strings.Repeat("a", 60) + "@" + strings.Repeat("b", 60) + ".example"),
		Name:    strings.Repeat("é", 60), Privacy: mend.NoQuotes, Cadence: mend.Cadence{Kind: mend.Weekly,
			Days: mend.WorkingDays, Every: 2, Anchor: date, Time: 1425, Zone: "America/Argentina/ComodRivadavia"},
		Path: "foundations", Role: mend.Role("broke-trust"), NoContact: true, Retired: full,
		DigestDay: 28, DigestFrom: date, Hold: mend.PauseUntil(date), FirstDate: date,
	}
	err := s.Commit(t.Context(), store.Transaction{Person: mend.Person{ID: ann, Status: mend.Active},
		Subscriptions: []mend.Subscription{sub}})
	do(t, err)
	reply := mend.Reply{Person: ann, Of: mend.LetterKey{Date: date, Subscription: 1}, Hash: "h", At: at, Date: date,
		Words: "w", Mood: 2, Attachments: 99}
	_, err = s.AddReply(t.Context(), store.ReplyKept{Reply: reply, Moods: [2]mend.Mood{{Value: 2, At: at},
		{Value: 1, At: at}}})
	do(t, err)
	read := load(t, s).Subscriptions[0]
	next := read.Progress
	next.LastDate, next.Letters = date, 9999
	next.Claim = mend.Claim{Nonce: strings.Repeat("n", 16), State: mend.ClaimOpen, At: at, Card: 511}
	next.Step = mend.Step{
		Seen: full, Round: 99, LastCard: 511, Closed: 31, Began: date, WeekKind: "look-back", Asked: 6,
		PartBegan: date, LookedBack: 12, MoodAnswered: at, LightAfter: at,
	}
	asks := store.PromptChange{Now: store.LastPrompt{Date: date, Name: "still-fits", Slower: date}}
	do(t, claim(t, s, store.ClaimOccurrence(read, next, &asks)))
	it, err := table.Get(t.Context(), store.Key{PK: "P#" + string(ann), SK: "SUB#01"})
	do(t, err)
	if n := dynamolimits.Size(it); n > 1024 {
		t.Errorf("got %d bytes, want at most 1,024: a claim would cost twice as much", n)
	} else {
		t.Logf("%d bytes", n)
	}
	if got := load(t, s).Subscriptions[0].Progress; !reflect.DeepEqual(got, next) {
		t.Errorf("got %+v, want %+v", got, next)
	}
}

// A flood cannot pass a limit by coming all at once: each of these decides by what it read.
func TestOfTwoChangesThatReadTheSameTheSecondFails(t *testing.T) {
	address := mend.StoredAddress("ann@example.test")
	for name, begin := range map[string]func(*store.Store) (change func(n int) error){
		"a held reply": func(s *store.Store) func(int) error {
			h, err := s.Held(t.Context(), ann)
			do(t, err)
			return func(n int) error {
				r := mend.Reply{Person: ann, Of: mend.LetterKey{Date: today, Subscription: 1}, Hash: fmt.Sprint(n),
					Flag: mend.Unproven, Date: today, At: now}
				_, err := s.HoldReply(t.Context(), store.ReplyKept{Reply: r}, h)
				return err
			}
		},
		"a refused reply": func(s *store.Store) func(int) error {
			h, err := s.Held(t.Context(), ann)
			do(t, err)
			return func(int) error { return s.CountRefused(t.Context(), ann, h, "") }
		},
		"a mailbox": func(s *store.Store) func(int) error {
			m, err := s.Mailbox(t.Context(), address, now)
			do(t, err)
			return func(int) error { return s.SaveMailbox(t.Context(), address, m, now) }
		},
		"an address": func(s *store.Store) func(int) error {
			r, err := s.Address(t.Context(), address)
			do(t, err)
			return func(int) error { return s.SaveAddress(t.Context(), address, r) }
		},
	} {
		s, _ := joined(t)
		for n := range 3 { // the first one makes the record
			first, second := begin(s), begin(s)
			do(t, first(2*n))
			if err := second(2*n + 1); !errors.Is(err, store.ErrConflict) {
				t.Errorf("%s, round %d: %v, want ErrConflict", name, n, err)
			}
		}
	}
}

// interrupted is a table in which something happens before its next transaction.
type interrupted struct {
	store.Table
	before func()
}

func (t *interrupted) Transact(ctx context.Context, writes []store.Write) error {
	if before := t.before; before != nil {
		t.before = nil
		before()
	}
	return t.Table.Transact(ctx, writes)
}

// A choice of how long words are kept holds for a reply whose pieces an edit removes meanwhile.
func TestWordsThatAreEditedMeanwhileAreKeptAsLongAsChosen(t *testing.T) {
	table := &interrupted{Table: &memtable.Table{}}
	s := store.New(table, nil)
	err := s.Commit(t.Context(), store.Transaction{Person: mend.Person{ID: ann, Retention: mend.Keep90Days}})
	do(t, err)
	r := mend.Reply{Person: ann, Of: mend.LetterKey{Date: today, Subscription: 1}, Hash: "h", At: now, Date: today,
		Words: strings.Repeat("long words ", 60_000), Flag: mend.Unproven}
	_, err = s.AddReply(t.Context(), store.ReplyKept{Reply: r, Retention: mend.Keep90Days})
	do(t, err)
	table.before = func() { do(t, s.EditReply(t.Context(), r, "few words", mend.Keep90Days)) }
	do(t, s.ApplyRetention(t.Context(), ann, mend.Keep90Days, now))
	if _, err := s.Reply(t.Context(), r, now.AddDate(0, 0, 90)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after 90 days: got %v, want none", err)
	}
}
