package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/mend/shared/mend"
)

// Page is what is handed out in one message: up to [MostRead] subscriptions of one slot that are
// due on one local date, or one one-off. Without members it is what is left of a long slot: all
// that come after one of them, and are still to be handed out.
type Page struct {
	Slot      string        `json:"slot,omitempty"` // empty: of a one-off
	Date      mend.Date     `json:"date"`
	Due       time.Time     `json:"due"`
	Members   []DeliveryKey `json:"members,omitempty"`
	Requested bool          `json:"asked,omitempty"`    // by the person, for that date, whatever the rule says
	StandsIn  bool          `json:"standsIn,omitempty"` // for a digest that is left out
	After     string        `json:"after,omitempty"`
	Turn      time.Time     `json:"turn,omitzero"`     // when its first letter may start
	TurnsEnd  time.Time     `json:"turnsEnd,omitzero"` // and until when its turns are reserved
}

// PageOf is the page of a one-off. One that is moved to another hour has another page.
func PageOf(o mend.OneOff) Page {
	return Page{
		Date: o.Date, Due: fromMillis(millis(o.Due)), Members: []DeliveryKey{{Person: o.Person, OneOff: o.ID}},
	}
}

// Check says what is wrong with a page that comes in a message.
func (o Page) Check() error {
	switch {
	case o.Due.IsZero():
		return errors.New("a page without its due instant")
	case o.Slot == "" && (len(o.Members) != 1 || o.Members[0].OneOff == ""):
		return errors.New("a page that is neither of a slot nor of a one-off")
	case o.Slot != "" && o.Date.IsZero():
		return errors.New("a page without its date")
	case len(o.Members) == 0 && o.After == "":
		return errors.New("a page without members, and not the rest of a slot")
	case len(o.Members) > MostRead:
		return fmt.Errorf("a page of %d letters; it has at most %d", len(o.Members), MostRead)
	}
	return nil
}

// Queue is the queue whose rate a page's letters use: someone waits for those of the now queue.
func (o Page) Queue() mend.QueueName {
	if o.Requested || o.Slot == "" {
		return mend.NowQueue
	}
	return mend.SendQueue
}

// Tally counts how the occurrences of a page came to their end.
type Tally struct {
	Accepted int `json:"accepted"`
	Failed   int `json:"failed"`
	GivenUp  int `json:"givenUp"` // no one knows whether they were sent, mostly since an answer was lost
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

// OpenPage notes that letters were handed out. A page that is there already stays as it is: a tick
// that is run twice hands out the same pages. Where the members are not the same (the index is read
// eventually consistent), it is another page: closing one says nothing about the other.
func (s *records) OpenPage(ctx context.Context, o Page) error {
	return IgnoreConflict(s.write(ctx, openPage(o), "open a page"))
}

// OpenPageEach is OpenPage for up to [MostWrite] pages, in one request.
func (s *Deliveries) OpenPageEach(ctx context.Context, pages []Page) error {
	errs, err := s.table.WriteEach(ctx, mapped(pages, openPage))
	errs = slices.DeleteFunc(errs, isConditionFailed)
	return wrap(errors.Join(append(errs, err)...), "open pages")
}

// openSlot is the partition of the index in which a page stands while it is open, so that a sweep
// finds it however old it is.
const openSlot = "open"

func openPage(o Page) Write {
	key, item := pageKey(o), pageFields(&o).item()
	item["count"], item[AttrTTL] = int64(len(o.Members)), o.Due.Add(30*24*time.Hour).Unix()
	item[AttrSlot], item[AttrMember] = openSlot, memberOf(key)
	return Write{Op: Put, Key: key, If: Condition{{AttrPK, Missing, nil}}, Item: item}
}

func isOpen(page Item) bool { return page.text(AttrSlot) == openSlot }

// openPagesOf opens the page of each one-off, before the one-off is made or moved: the sweeps find
// it, whatever becomes of the message that hands it out.
func (s *records) openPagesOf(ctx context.Context, letters ...mend.OneOff) error {
	for _, o := range letters {
		if err := s.OpenPage(ctx, PageOf(o)); err != nil {
			return err
		}
	}
	return nil
}

func pageFields(o *Page) fields {
	return fields{
		{"of", &o.Slot}, {"date", &o.Date}, {"due", &o.Due}, {"members", &o.Members}, {"after", &o.After},
		{"asked", &o.Requested}, {"standsIn", &o.StandsIn}, {"turn", &o.Turn}, {"turnsEnd", &o.TurnsEnd},
	}
}

func tallyFields(t *Tally) fields {
	return fields{
		{"accepted", &t.Accepted}, {"failed", &t.Failed}, {"givenUp", &t.GivenUp}, {"expired", &t.Expired},
		{"released", &t.Released},
	}
}

// MovePage notes the turns that were reserved for a page since it was opened.
func (s *Deliveries) MovePage(ctx context.Context, o Page) error {
	return IgnoreConflict(s.write(ctx, Write{
		//mutant:kept AttrPK a page outlives its messages: only an erasure in that very second needs it
		Op: Update, Key: pageKey(o), If: Condition{{AttrPK, Exists, nil}},
		Set: Item{"turn": millis(o.Turn), "turnsEnd": millis(o.TurnsEnd)},
	}, "move a page"))
}

// ClosePage notes how every letter of a page came to its end, and so did its one-off, as
// it was read or claimed. A one-off that has changed since is left as it is, and a page
// that expired long ago.
func (s *Deliveries) ClosePage(ctx context.Context, o Page, t Tally, ended ...mend.OneOff) error {
	writes := []Write{{
		Op: Update, Key: pageKey(o), Set: tallyFields(&t).item(), Remove: []string{"members", AttrSlot, AttrMember},
	}}
	for _, o := range ended {
		writes = append(writes, Write{
			//mutant:kept version a pause in the very second: see TestAPageEndsAOneOffOnlyAsItWasRead
			Op: Update, Key: oneOffKey(o.Person, o.ID), If: Condition{{"version", Equal, o.Version}},
			Set: Item{"claim": string(mend.ClaimEnded), "version": o.Version + 1},
		})
	}
	errs, err := s.table.WriteEach(ctx, writes)
	errs = slices.DeleteFunc(errs, isConditionFailed)
	return wrap(cmp.Or(err, errors.Join(errs...)), "close a page")
}

// ForgetOneOff removes a one-off altogether: one that is given up before it was sent, or the notice
// of an erasure, whose address no one may keep.
func (s *Deliveries) ForgetOneOff(ctx context.Context, o mend.OneOff) error {
	return s.write(ctx, cancelWrite(o.Person, o.ID), "forget a one-off")
}

// cancelWrite has no condition: what is cancelled was read under the person's version. Nothing
// claims, releases or closes what is not there, and its page ends as released.
func cancelWrite(id mend.ID, thing mend.ItemID) Write {
	return Write{Op: Delete, Key: oneOffKey(id, thing)}
}

// PageClosed reports whether a page was closed, eventually consistent. One that is not there was
// not.
func (s *Deliveries) PageClosed(ctx context.Context, o Page) (bool, error) {
	items, err := s.table.GetEach(ctx, []Key{pageKey(o)})
	closed := err == nil && items[0] != nil && !isOpen(items[0])
	return closed, wrap(err, "look whether a page was closed")
}

// openLayout is how the sort key of an open page in the index begins: see [pageKey] and [memberOf].
const openLayout = "PAGE#2006-01-02|15:04"

// Quarters lists the UTC quarter-hours up to an instant that have open pages, by the index.
func (s *Deliveries) Quarters(ctx context.Context, upTo time.Time) ([]time.Time, error) {
	q := Query{Slots: true, Partition: openSlot, To: upTo.UTC().Format(openLayout) + "~"}
	quarters, err := list(ctx, s.records, q, time.Time{}, func(it Item) time.Time {
		at, _ := time.Parse(openLayout, it.text(AttrMember)[:len(openLayout)])
		return at
	})
	return slices.Compact(quarters), wrap(err, "list the quarter-hours with open pages")
}

// OpenPages lists the pages of one quarter-hour that are still open: all of them, or those of
// one-offs.
func (s *Deliveries) OpenPages(ctx context.Context, quarter time.Time, oneOffs bool, now time.Time) ([]Page, error) {
	prefix := quarter.UTC().Format("15:04") + "#"
	if oneOffs {
		prefix += ofOneOff + "#"
	}
	var open []Page
	err := s.pages(ctx, mend.DateOf(quarter.UTC()), prefix, now, func(it Item) {
		if isOpen(it) {
			open = append(open, record(it, pageFields))
		}
	})
	return open, wrap(err, "list the open pages")
}

// Tallies adds up the pages of one UTC day that have fallen due: how many letters they have, on how
// many pages that are still open, and how the others came to their end.
func (s *Deliveries) Tallies(ctx context.Context, day mend.Date, now time.Time) (due, open int, t Tally, err error) {
	err = s.pages(ctx, day, "", now, func(it Item) {
		if it.instant("due").After(now) {
			return // the page of a one-off that is to come
		}
		due += int(it.number("count"))
		if isOpen(it) {
			open++
		}
		of := record(it, tallyFields)
		t.Accepted, t.Failed, t.GivenUp = t.Accepted+of.Accepted, t.Failed+of.Failed, t.GivenUp+of.GivenUp
		t.Expired, t.Released = t.Expired+of.Expired, t.Released+of.Released
	})
	return due, open, t, wrap(err, "add up the pages of a day")
}

func (s *Deliveries) pages(ctx context.Context, day mend.Date, prefix string, now time.Time, visit func(Item)) error {
	return s.each(ctx, within("PAGE#"+day.String(), prefix), now, func(it Item) error {
		visit(it)
		return nil
	})
}

const ofOneOff = "once" // stands in the key of a page where others have their slot

func pageKey(o Page) Key {
	quarter, slot, which := quarterOf(o.Due), o.Slot, o.After+encodeMembers(o.Members)
	if slot == "" {
		slot, which = ofOneOff, fmt.Sprint(which, " ", millis(o.Due))
	}
	if o.Requested {
		which += " asked"
	}
	if o.StandsIn {
		which += " stands in"
	}
	members := sha256.Sum256([]byte(which))
	return Key{
		"PAGE#" + mend.DateOf(quarter).String(),
		fmt.Sprintf("%s#%s#%s#%x", quarter.Format("15:04"), slot, o.Date, members[:8]),
	}
}

// quarterOf is the UTC quarter-hour at which what is due at an instant is handed out: the instant
// itself or the next one.
func quarterOf(due time.Time) time.Time {
	return due.UTC().Add(15*time.Minute - 1).Truncate(15 * time.Minute)
}

// encodeMembers writes the members of a page as text, 17 bytes each, so that a whole page is an
// item of less than 2 KB: the id and, as one character, the number of the subscription. A one-off
// has the number 0, and its own id after that.
func encodeMembers(members []DeliveryKey) string {
	var b strings.Builder
	for _, m := range members {
		b.WriteString(string(m.Person))
		b.WriteRune(numberBase + rune(m.Number))
		b.WriteString(string(m.OneOff))
	}
	return b.String()
}

const (
	idSize     = 16
	numberBase = '0'
)

func decodeMembers(s string) []DeliveryKey {
	var members []DeliveryKey
	for len(s) > idSize {
		number, size := utf8.DecodeRuneInString(s[idSize:])
		m := DeliveryKey{Person: mend.ID(s[:idSize]), Number: uint8(number - numberBase)}
		if s = s[idSize+size:]; m.Number == 0 {
			m.OneOff, s = mend.ItemID(s), ""
		}
		members = append(members, m)
	}
	return members
}
