package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"example.org/mend/shared/mend"
)

// Store is the records over one table, by what they are about. It holds no state of its own and may
// be used by many at once.
type Store struct {
	*records
	*Accounts
	*Journal
	*Deliveries
	*Schedule
}

type (
	// Accounts is the people, with their subscriptions and one-offs, addresses,
	// mailboxes and sessions.
	Accounts struct{ *records }

	// Journal is what people wrote: replies, promises, and what was deleted lately.
	Journal struct{ *records }

	// Deliveries is what is sent: claims, the records of letters, pages and their counts.
	Deliveries struct{ *records }

	// Schedule is when something is due: zones, slots, quarter-hours, the watermark,
	// turns, the breaker.
	Schedule struct{ *records }
)

// records is the table, with what more than one group reads and writes.
type records struct {
	table         Table
	addressSecret []byte
}

// New makes a store. The secret keys the HMAC under which addresses are found; it
// never changes for the life of the table.
func New(table Table, addressSecret []byte) *Store {
	r := &records{table, addressSecret}
	return &Store{r, &Accounts{r}, &Journal{r}, &Deliveries{r}, &Schedule{r}}
}

// The errors of this package that a caller acts on. Where a method's comment does
// not name one, any error means that the table could not be asked.
var (
	// ErrNotFound is a record that is not there (any more).
	ErrNotFound = errors.New("no such record")

	// ErrConflict is a change that lost a race: read again and decide again.
	ErrConflict = errors.New("changed by another process meanwhile")
)

// Account is a person with everything that a change of theirs may move.
type Account struct {
	Person        mend.Person
	Subscriptions []mend.Subscription // by number
	OneOffs       []mend.OneOff       // those that may still be sent
}

// Subscription finds one by its number; nil where there is none.
func (w *Account) Subscription(n uint8) *mend.Subscription {
	for i := range w.Subscriptions {
		if w.Subscriptions[i].Number == n {
			return &w.Subscriptions[i]
		}
	}
	return nil
}

// CheckIn is the subscription of check-ins, and Digest that of the monthly letter. Everyone has
// both. Only an account that was erased while it was read lacks them: it has empty ones then, and
// no change of it commits.
func (w *Account) CheckIn() *mend.Subscription { return w.orEmpty(mend.CheckInNumber) }
func (w *Account) Digest() *mend.Subscription  { return w.orEmpty(mend.DigestNumber) }

func (w *Account) orEmpty(n uint8) *mend.Subscription {
	if sub := w.Subscription(n); sub != nil {
		return sub
	}
	return &mend.Subscription{}
}

// Load reads a person, strongly consistent. Errors: [ErrNotFound].
//
// The person is read first: a change that commits between the reads fails
// the version that a following [Store.Commit] asks for.
func (s *Accounts) Load(ctx context.Context, id mend.ID, now time.Time) (Account, error) {
	p, err := s.Person(ctx, id, now)
	if err != nil {
		return Account{}, err
	}
	return s.load(ctx, id, p, now)
}

func (s *Accounts) load(ctx context.Context, id mend.ID, p mend.Person, now time.Time) (Account, error) {
	w := Account{Person: p}
	var err error
	w.Subscriptions, err = list(ctx, s.records, ofPerson(id, "SUB#"), now, subscriptionFrom)
	if err != nil {
		return Account{}, fmt.Errorf("read the subscriptions of %s: %w", id, err)
	}
	w.OneOffs, err = list(ctx, s.records, ofPerson(id, "ONCE#"), now, oneOffFrom)
	if err != nil {
		return Account{}, fmt.Errorf("read the one-offs of %s: %w", id, err)
	}
	w.OneOffs = slices.DeleteFunc(w.OneOffs, func(o mend.OneOff) bool {
		return o.Claim.State == mend.ClaimEnded || now.After(o.Expires)
	})
	return w, nil
}

// decoyID stands for the person where there is none, so that as much is read.
const decoyID mend.ID = "aaaaaaaaaaaaaaaa"

// LoadOrDecoy is [Store.Load] of a person who may not be there, or "": the account is then
// empty. It makes the same calls of the table for everybody, so that how long it takes does
// not tell who is there.
func (s *Accounts) LoadOrDecoy(ctx context.Context, id mend.ID, now time.Time) (Account, error) {
	if id == "" {
		id = decoyID
	}
	p, err := s.Person(ctx, id, now)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Account{}, err
	}
	w, errLoad := s.load(ctx, id, p, now)
	if err != nil {
		w = Account{}
	}
	return w, errLoad
}

// Person reads the person alone. Errors: [ErrNotFound].
func (s *records) Person(ctx context.Context, id mend.ID, now time.Time) (mend.Person, error) {
	it, err := s.get(ctx, personKey(id, "PERSON"), now)
	if err != nil {
		return mend.Person{}, fmt.Errorf("read person %s: %w", id, err)
	}
	if it.text("status") == erasing {
		return mend.Person{}, fmt.Errorf("read person %s: %w", id, ErrNotFound)
	}
	return personFrom(it), nil
}

// Transaction is what one transaction does to one person.
type Transaction struct {
	Person        mend.Person         // the new one, with the Version that was read; 0 makes the person
	Subscriptions []mend.Subscription // the new ones, with the Version that was read; 0 makes them
	OneOffs       []mend.OneOff       // to be made
	Cancel        []mend.ItemID       // one-offs that shall not be sent any more
	Move          []mend.OneOff       // one-offs that wait, as they were read, with another hour or address
	Promises      []mend.Promise      // to be made or replaced
	Forget        []mend.ItemID       // promises to be deleted
	Undo          Undo                // the session that may undo the deletion of Deleted
	Deleted       *Deleted            // the promise that is deleted; nil: it cannot be undone
	// on which they said something on a page; not together with their check-in. Zero: they did not
	Heard   mend.Date
	Address *AddressRecord // to be written for the person's address
	Mailbox *MailboxChange // what was sent to the mailbox of the person's address
	Left    *AddressLeft   // the address that they had before, where they move to another
	Signup  *SignupRequest // what the confirmation that is being asked for would start; a zero one is removed

	// TTL is when a person who is pending is forgotten; zero keeps what is there for good.
	TTL time.Time
}

// Commit does a change of a person: all of it or nothing.
//
// Errors: [ErrConflict] if the person's version (or the address) moved since it was read,
// which every other change makes it do; then nothing happened.
func (s *Accounts) Commit(ctx context.Context, c Transaction) error {
	p := c.Person
	writes := []Write{versioned(personKey(p.ID, "PERSON"), personFields(&p), &p.Version, c.TTL)}
	for _, sub := range c.Subscriptions {
		w, err := s.subscriptionWrite(ctx, sub, c)
		if err != nil {
			return err
		}
		writes = append(writes, w)
	}
	if err := s.openPagesOf(ctx, slices.Concat(c.OneOffs, c.Move)...); err != nil {
		return err
	}
	writes = slices.Concat(writes, mapped(c.OneOffs, oneOffWrite), mapped(c.Move, moveWrite),
		mapped(c.Cancel, func(id mend.ItemID) Write { return cancelWrite(p.ID, id) }),
		mapped(c.Promises, func(o mend.Promise) Write { return promiseWrite(o, p.Retention) }),
		mapped(c.Forget, func(id mend.ItemID) Write { return Write{Op: Delete, Key: promiseKey(p.ID, id)} }))
	if !c.Heard.IsZero() {
		writes = append(writes, heardWrite(p.ID, c.Heard, nothingToSay))
	}
	if c.Deleted != nil {
		writes = append(writes, undoWrites(p.ID, c.Undo, *c.Deleted)...)
	}
	if c.Address != nil {
		writes = append(writes, s.addressWrite(p.Address, *c.Address))
	}
	if c.Mailbox != nil {
		writes = append(writes, s.mailboxWrite(p.Address, c.Mailbox.Mailbox, c.Mailbox.At))
	}
	if c.Left != nil {
		writes = append(writes, s.addressWrite(c.Left.Address, c.Left.Record))
	}
	if c.Signup != nil {
		writes = append(writes, signupWrite(p.ID, *c.Signup))
	}
	return wrap(s.transact(ctx, writes), "change person "+string(p.ID))
}

// WriteDecoy makes the calls of a [Store.Commit] that makes a letter, and makes none: its items say
// nothing and are gone within the hour. It returns the page of a one-off that is not there.
func (s *Accounts) WriteDecoy(ctx context.Context, thing mend.ItemID, due time.Time) (Page, error) {
	writes := make([]Write, 5) // a page; then a confirmation to a stopped person, in one transaction
	for i := range writes {
		writes[i] = Write{
			//mutant:kept AttrPK these writes only look like those for a person we know
			Op: Put, Key: Key{"NOTHING#" + string(thing), fmt.Sprint(i)}, If: Condition{{AttrPK, Missing, nil}},
			Item: Item{AttrTTL: due.Add(time.Hour).Unix()},
		}
	}
	page := PageOf(mend.OneOff{Person: decoyID, ID: thing, Due: due})
	if err := s.write(ctx, writes[0], "write nothing"); err != nil {
		return page, err
	}
	return page, wrap(s.transact(ctx, writes[1:]), "write nothing")
}

func expire(it Item, at time.Time) {
	if !at.IsZero() {
		it[AttrTTL] = at.Unix()
	}
}

// subscriptionWrite writes the settings, and fails if a claim has moved the version since they were
// read, because they were decided by the date of the last letter. The slot follows from the
// settings: an active subscription stands in exactly one.
func (s *Accounts) subscriptionWrite(ctx context.Context, sub mend.Subscription, c Transaction) (Write, error) {
	had := sub.Version
	sub.Version++
	key := subscriptionKey(sub.Person, sub.Number)
	item := settingsFields(&sub).item()
	expire(item, c.TTL)
	if sub.Status == mend.Active {
		slot, err := s.register(ctx, sub)
		if err != nil {
			return Write{}, err
		}
		item[AttrSlot], item[AttrMember] = slot, memberOf(key)
	}
	w := Write{Op: Put, Key: key, Item: item}
	if had == 0 {
		maps.Copy(item, progressFields(&sub.Progress).item())
		return w, nil // what has expired may still lie there
	}
	w = keepUnknown(w)
	//mutant:worlds version race,slow 0.25
	w.If = Condition{{"version", Equal, had}}
	return w, nil
}

// oneOffWrite makes a one-off. Its id was drawn at random.
func oneOffWrite(o mend.OneOff) Write {
	item := dueItem(o)
	maps.Copy(item, attemptFields(&o).item())
	return Write{Op: Put, Key: oneOffKey(o.Person, o.ID), Item: item}
}

// moveWrite gives a one-off that waits another hour or address. The version moves with it, so that
// no claim of what was read before commits; where one has, the move fails.
func moveWrite(o mend.OneOff) Write {
	had := o.Version
	o.Version++
	//mutant:kept version a letter on its way is cancelled by a pause: see TestAPauseSeesAClaimThatCameFirst
	return Write{Op: Update, Key: oneOffKey(o.Person, o.ID), If: Condition{{"version", Equal, had}}, Set: dueItem(o)}
}

// How long a one-off stays in the table after its end. After days without a tick the first sweep
// has to see that a letter expired and was not cancelled. A confirmation holds the address of
// someone who may be forgotten within a week.
const (
	oneOffStays       = 9 * 24 * time.Hour
	confirmationStays = 2 * 24 * time.Hour
)

// dueItem is all of a one-off but its claim.
func dueItem(o mend.OneOff) Item {
	item := oneOffFields(&o).item()
	stays := oneOffStays
	if o.Kind == mend.Confirmation {
		stays = confirmationStays
	}
	item[AttrTTL] = o.Expires.Add(stays).Unix()
	return item
}

// AddressRecord is what is known of an address without holding it.
type AddressRecord struct {
	Person  mend.ID   // empty: no one's
	Blocked bool      // its owner complained or said "not me": only a sign-in link that its person asks for
	Bounced bool      // there is no such mailbox: nothing is sent to it at all
	Muted   int64     // kinds of letters that its owner does not want, though anyone can ask for them
	Forget  time.Time // when the record goes; zero: never. A closed one never goes
	Version int64
}

// IsClosed reports whether no letter that anyone can ask for goes to an address.
func (r AddressRecord) IsClosed() bool { return r.Blocked || r.Bounced }

// AddressLeft is an address that a person moved away from, with its new record:
// no one's.
type AddressLeft struct {
	Address mend.Address
	Record  AddressRecord
}

// Address finds an address. One that was never seen is a zero record.
func (s *Accounts) Address(ctx context.Context, a mend.Address) (AddressRecord, error) {
	it, err := s.table.Get(ctx, s.addressKey(a))
	r := record(it, addressFields)
	r.Forget = it.expiry()
	return r, wrap(err, "look up an address")
}

func addressFields(r *AddressRecord) fields {
	return fields{
		{"person", (*string)(&r.Person)}, {"blocked", &r.Blocked}, {"bounced", &r.Bounced}, {"muted", &r.Muted},
		{"version", &r.Version},
	}
}

// SaveAddress writes a record that belongs to no change of a person. Errors: [ErrConflict].
func (s *Accounts) SaveAddress(ctx context.Context, a mend.Address, r AddressRecord) error {
	return s.write(ctx, s.addressWrite(a, r), "write an address")
}

func (s *Accounts) addressWrite(a mend.Address, r AddressRecord) Write {
	if r.IsClosed() {
		r.Forget = time.Time{}
	}
	return versioned(s.addressKey(a), addressFields(&r), &r.Version, r.Forget)
}

// versioned writes a record that carries its own version, if that is still the one that was read
// (0: if there is none yet), and moves it. The record goes at an instant; zero: never.
func versioned(key Key, record fields, version *int64, goes time.Time) Write {
	read := *version
	*version++
	w := Write{Op: Put, Key: key, Item: record.item()}
	expire(w.Item, goes)
	if read == 0 {
		w.If = Condition{{AttrPK, Missing, nil}}
		return w
	}
	w = keepUnknown(w)
	//mutant:worlds version race,slow,duplicate 0.1
	w.If = Condition{{"version", Equal, read}}
	return w
}

// keepUnknown makes a put one that leaves alone the attributes that this version does not know.
// While a new version is rolled out, the old one must not lose what the new one wrote.
func keepUnknown(w Write) Write {
	w.Op, w.Set, w.Item = Update, w.Item, nil
	for _, attr := range []string{AttrTTL, AttrSlot, AttrMember} {
		if _, there := w.Set[attr]; !there {
			w.Remove = append(w.Remove, attr)
		}
	}
	return w
}

// get reads one item that has not expired. Errors: [ErrNotFound].
func (s *records) get(ctx context.Context, key Key, now time.Time) (Item, error) {
	it, err := s.table.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	if it == nil || it.expired(now) {
		return nil, ErrNotFound
	}
	return it, nil
}

// expiry is when an item goes; zero: never.
func (it Item) expiry() time.Time {
	if ttl := it.number(AttrTTL); ttl != 0 {
		return time.Unix(ttl, 0).UTC()
	}
	return time.Time{}
}

func (it Item) expired(now time.Time) bool {
	ttl := it.number(AttrTTL)
	return ttl != 0 && ttl <= now.Unix()
}

// each walks all items of a query, page by page, but for expired ones.
func (s *records) each(ctx context.Context, q Query, now time.Time, visit func(Item) error) error {
	for {
		page, err := s.table.Query(ctx, q)
		if err != nil {
			return err
		}
		for _, it := range page.Items {
			if it.expired(now) {
				continue
			}
			if err := visit(it); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// deleteAll deletes the items of a query that chosen chooses; nil chooses all. After each page with
// some it begins anew, since one may come meanwhile.
func (s *records) deleteAll(ctx context.Context, q Query, chosen func(Key) bool) error {
	begin := q.After
	for q.Limit = MostRead; ; {
		page, err := s.table.Query(ctx, q)
		if err != nil {
			return err
		}
		var deletes []Write
		for _, it := range page.Items {
			if chosen == nil || chosen(it.Key()) {
				deletes = append(deletes, Write{Op: Delete, Key: it.Key()})
			}
		}
		switch {
		case len(deletes) > 0:
			if err := s.transact(ctx, deletes); err != nil {
				return err
			}
			q.After = begin
		case page.Next == "":
			return nil
		default:
			q.After = page.Next
		}
	}
}

// list is what each item of a query is, but for expired ones.
func list[T any](ctx context.Context, s *records, q Query, now time.Time, from func(Item) T) ([]T, error) {
	var all []T
	err := s.each(ctx, q, now, func(it Item) error {
		all = append(all, from(it))
		return nil
	})
	return all, err
}

// mapped is what each of a list becomes.
func mapped[T, U any](all []T, become func(T) U) []U {
	results := make([]U, len(all))
	for i, one := range all {
		results[i] = become(one)
	}
	return results
}

// write does one conditional write. Errors: [ErrConflict].
func (s *records) write(ctx context.Context, w Write, doing string) error {
	_, err := s.table.Write(ctx, w)
	return wrap(conflict(err), doing)
}

func (s *records) transact(ctx context.Context, writes []Write) error {
	return conflict(s.table.Transact(ctx, writes))
}

func conflict(err error) error {
	if isConditionFailed(err) {
		return ErrConflict
	}
	return err
}

func isConditionFailed(err error) bool {
	_, failed := errors.AsType[*ConditionFailed](err)
	return failed
}

// IgnoreConflict forgives a lost race, for what another has done or made needless.
func IgnoreConflict(err error) error {
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

func wrap(err error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
