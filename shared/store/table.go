package store

import (
	"context"
	"errors"
	"fmt"
)

// Table is the part of DynamoDB that Mend uses, no wider than what both a real table and one file
// on a disk can promise. The adapters are in store/dynamo and store/bolttable, store/memtable is
// for tests. store/tabletest holds all of them to the same behavior.
//
// Every method may return a wrapped context error. A returned error that is none of those named
// here says nothing about whether a write happened, but a request that DynamoDB refuses (too large,
// a key twice) changes nothing. The table of tests refuses that too, and what no code may ask for,
// such as a delete in WriteEach: see package dynamolimits. Empty lists are no error.
type Table interface {
	// Get reads one item, strongly consistent. A missing item is nil without an error.
	Get(ctx context.Context, key Key) (Item, error)

	// GetEach reads up to 100 items, eventually consistent, in the order of
	// the keys; nil stands where there is none. No key may come twice.
	GetEach(ctx context.Context, keys []Key) ([]Item, error)

	// Query reads a run of one partition in the order of its sort key (as bytes).
	Query(ctx context.Context, q Query) (QueryResult, error)

	// Write does one conditional write. Where the condition does not hold it returns
	// a *[ConditionFailed] with the item as it stands, and nothing has changed.
	// After an Update or a Put it returns the new item.
	Write(ctx context.Context, w Write) (Item, error)

	// WriteEach does up to 25 writes, each on its own: some may hold and others not. It takes what
	// PartiQL can say: puts where nothing is (their one test is that the key is Missing), and
	// updates of items that are there, which add nothing and don't test the key. An update of an
	// item that is not there fails as its condition does. No key may come twice.
	//
	// The errors stand in the order of the writes: nil is done, a *[ConditionFailed] is not done
	// (that of an update has the item), and any other says nothing about whether it happened. The
	// last result is for the request as a whole, and then says nothing about any of them.
	WriteEach(ctx context.Context, writes []Write) ([]error, error)

	// Transact does up to 100 writes or none. Where a condition does not hold
	// it returns a *[ConditionFailed] whose Index names the write.
	// No key may come twice.
	Transact(ctx context.Context, writes []Write) error
}

// Key is the primary key of the table: partition key and sort key.
type Key struct{ PK, SK string }

// Item is one item: its attributes by name. Values are string, int64, bool or
// []byte and nothing else; an attribute that is absent is not in the map. The
// key stands in it as the strings "pk" and "sk".
type Item map[string]any

// Names of the attributes that the table itself knows.
const (
	AttrPK = "pk"
	AttrSK = "sk"

	// AttrSlot and AttrMember are the partition and sort key of the sparse
	// index "slots": an item stands in it while it has both. Together they are unique to an item.
	AttrSlot   = "slot"
	AttrMember = "member"

	// AttrTTL is the instant, in seconds since 1970, after which the item is
	// gone: readers must not see it, the table removes it some time later.
	AttrTTL = "ttl"
)

// SlotProjection is what the index "slots" holds of an item beside its keys: all
// that the dispatcher needs in order to know whether a subscription is due.
// No attribute that a send writes is in it, so that a send costs the index nothing.
var SlotProjection = []string{"kind", "rule", "zone", "firstDate", "hold",
	"digestDay", "digestFrom"}

// Bookkeeping names the attributes that ticks and sends write. None holds words or an address, so a
// table may keep their older values for a while.
var Bookkeeping = []string{"claim", "lastDate", "member", "members", "nonce", "seen", "slot", "state", "step"}

// Key is the item's primary key.
func (it Item) Key() Key {
	pk, _ := it[AttrPK].(string)
	sk, _ := it[AttrSK].(string)
	return Key{pk, sk}
}

// Query asks for items of one partition, in the order of the sort key.
type Query struct {
	Slots     bool   // of the index "slots" (eventually consistent) instead of the table (strongly)
	Partition string // the value of pk, or of slot
	After     string // only sort keys (sk, or member) > After, such as Next of the page before
	To        string // only sort keys ≤ To; empty: to the last
	Limit     int    // at most so many items; 0: as many as fit in 1 MB
}

// QueryResult is a run of items. Next is empty when it was the last one; otherwise
// there may be more after it (or none).
type QueryResult struct {
	Items []Item
	Next  string
}

// Write is one conditional write.
type Write struct {
	Op     Op
	Key    Key
	If     Condition
	Item   Item             // Put: the whole item but its key
	Set    Item             // Update: attributes to set; an Update makes the item if there is none
	Add    map[string]int64 // Update: numbers to add to; an absent one counts as 0
	Remove []string         // Update: attributes to remove
}

// Op is the sort of a write.
type Op uint8

// The operations. An Update changes something. A Check writes nothing: it has a condition, which
// takes part in a transaction.
const (
	Put Op = iota + 1
	Update
	Delete
	Check
)

// Condition holds if all of its tests hold. The empty condition always holds.
type Condition []Test

// Test compares one attribute of the item as it stands. An attribute that is
// absent passes Missing alone; one of another type than Value is not equal to it.
type Test struct {
	Attr  string
	Is    Comparison
	Value any
}

// Comparison is how a test compares.
type Comparison uint8

// The comparisons.
const (
	Missing Comparison = iota + 1
	Exists
	Equal
	NotEqual // and there
)

// ConditionFailed is a write that was not done because its condition does not hold.
type ConditionFailed struct {
	Index int  // which write of a transaction
	Old   Item // the item as it stands; nil if there is none, or after a transaction
}

func (e *ConditionFailed) Error() string {
	return fmt.Sprintf("condition %d does not hold", e.Index)
}

// ErrThrottled is a table that wants to be asked more slowly, after the adapter's own
// patience (backoff with jitter) ran out. Nothing was written.
var ErrThrottled = errors.New("the table is throttling")
