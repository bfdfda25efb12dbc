package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamo"
	"example.org/mend/shared/store/dynamolimits"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
)

// emulator says who reports a cost as DynamoDB does: DynamoDB Local reckons a transaction by the
// bytes of all of it and reports nothing of PartiQL; ministack reports nothing of BatchGetItem and
// too little of a query.
type emulator int

const (
	local emulator = 1 << iota
	ministack
	both = local | ministack
)

// testConsumedCapacity holds each operation of the send protocol to what it may cost, in units that
// are billed.
func testConsumedCapacity(t *testing.T, client *dynamodb.Client, on emulator) {
	m := &meter{}
	table := newTable(t, dynamodb.New(client.Options(), m.read))

	keys := make([]store.Key, 100)
	for i := range keys {
		keys[i] = store.Key{PK: fmt.Sprintf("P#%020d", i), SK: "SUB#01"}
		if _, err := table.Write(t.Context(), store.Write{Op: store.Put, Key: keys[i],
			Item: subscription(keys[i])}); err != nil {
			t.Fatal(err)
		}
	}
	first := keys[0]
	claim := store.Write{
		Op: store.Update, Key: first,
		If: store.Condition{
			{Attr: "status", Is: store.Equal, Value: "active"}, {Attr: "version", Is: store.Equal, Value: int64(3)},
			{Attr: "hold", Is: store.NotEqual, Value: "2026-11-22"},
			{Attr: "lastDate", Is: store.Equal, Value: "2026-11-21"},
		},
		Set: store.Item{
			"lastDate": "2026-11-22", "nonce": "bcdefghijklmnopq", "claim": "open", "claimAt": int64(1_795_330_800_000),
			"card": int64(18), "seen": make([]byte, 13), "round": int64(0), "lastCard": int64(18),
		},
	}
	record := store.Write{
		Op: store.Put, Key: store.Key{PK: first.PK, SK: "LETTER#2026-11-22#01"},
		If:   store.Condition{{Attr: store.AttrPK, Is: store.Missing}},
		Item: store.Item{"outcome": "accepted", "nonce": "bcdefghijklmnopq", "question": strings.Repeat("q", 120)},
	}
	page := store.Write{
		Op: store.Put, Key: store.Key{PK: "PAGE#2026-11-22", SK: "07:30#Europe/Berlin|07:30|daily|0#aaaaaaaaaaaaaaaa"},
		If: store.Condition{{Attr: store.AttrPK, Is: store.Missing}},
		Item: store.Item{"of": "Europe/Berlin|07:30|daily|0", "date": "2026-11-22", "count": int64(100),
			"members": strings.Repeat("aaaaaaaaaaaaaaaa1", 100), "slot": "open",
			"member": "PAGE#2026-11-22|07:30#Europe/Berlin|07:30|daily|0#aaaaaaaaaaaaaaaa"},
	}
	update := func(set store.Item, remove ...string) store.Write {
		return store.Write{Op: store.Update, Key: first, Set: set, Remove: remove}
	}
	write := func(w store.Write) func() error {
		return func() error { _, err := table.Write(t.Context(), w); return err }
	}

	for _, c := range []struct {
		name         string
		do           func() error
		table, index float64
		reported     emulator
	}{
		{"a claim", write(claim), 1, 0, both},
		{"the record of a letter", write(record), 1, 0, both},
		{"a page of a hundred", write(page), 2, 1, both},
		{"closing it", write(store.Write{
			Op: store.Update, Key: page.Key, If: store.Condition{{Attr: store.AttrPK, Is: store.Exists}},
			Remove: []string{"members", "slot", "member"},
			Set: store.Item{"accepted": int64(100), "failed": int64(0), "givenUp": int64(0),
				"expired": int64(0), "released": int64(0)},
		}), 2, 1, both}, // of the item before or after, whichever is larger
		{"a change of what the index shows", write(update(store.Item{"hold": "2026-12-24"})), 1, 1, both},
		{"moving to another slot", write(update(store.Item{"slot": "Europe/Berlin|08:00|daily|0"})), 1, 2, both},
		{"leaving the index", write(update(nil, "slot", "member")), 1, 1, both},
		{"joining the index", write(update(store.Item{"slot": "Europe/Berlin|07:30|daily|0", "member": "m"})), 1, 1,
			both},
		{"deleting from the index", write(store.Write{Op: store.Delete, Key: keys[99]}), 1, 1, both},
		{"a transaction of four items", func() error {
			return table.Transact(t.Context(), []store.Write{
				{Op: store.Update, Key: keys[1], Set: store.Item{"nonce": "x"}},
				{Op: store.Put, Key: store.Key{PK: "P#new", SK: "PERSON"}},
				{Op: store.Put, Key: store.Key{PK: "P#new", SK: "SUB#01"}},
				{Op: store.Delete, Key: store.Key{PK: "P#none", SK: "PERSON"}},
			})
		}, 8, 0, ministack},
		{"a batch of 25 claims", func() error {
			claims := make([]store.Write, 25)
			for i := range claims {
				claims[i] = claim
				claims[i].Key = keys[50+i]
			}
			errs, err := table.WriteEach(t.Context(), claims)
			return errors.Join(append(errs, err)...)
		}, 25, 0, ministack},
		{"reading an item strongly", func() error {
			_, err := table.Get(t.Context(), keys[3])
			return err
		}, 1, 0, both},
		{"reading a page of subscriptions", func() error {
			_, err := table.GetEach(t.Context(), keys[:98])
			return err
		}, 98 * 0.5, 0, local},
		{"a person's records", func() error { // four of 0.7 KB and less in one 4 KB, strongly
			_, err := table.Query(t.Context(), store.Query{Partition: first.PK})
			return err
		}, 1, 0, both},
	} {
		if c.reported&on == 0 {
			continue
		}
		m.table, m.index = 0, 0
		if err := c.do(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if m.table != c.table || m.index != c.index {
			t.Errorf("%s: got %g units of the table and %g of the index, want %g and %g", c.name, m.table,
				m.index, c.table, c.index)
		}
	}

	if on != local {
		return
	}
	// The dispatcher reads a slot by the kilobyte: what the index shows of a member is some 200
	// bytes.
	m.table, m.index = 0, 0
	members, err := table.Query(t.Context(), store.Query{Slots: true, Partition: "Europe/Berlin|07:30|daily|0",
		Limit: 90})
	if err != nil || len(members.Items) != 90 {
		t.Fatalf("got %d members, %v", len(members.Items), err)
	}
	size := 0
	for _, it := range members.Items {
		size += dynamolimits.Size(it)
	}
	if per := size / 90; per > 250 {
		t.Errorf("a member has %d bytes in the index", per)
	}
	if want := float64((size+4095)/4096) / 2; m.table != 0 || m.index != want {
		t.Errorf("90 members: got %g units of the table and %g of the index, want 0 and %g (eventually consistent)",
			m.table, m.index, want)
	}
}

// subscription is one as it stands in the table, of some 700 bytes: under the kilobyte that a claim
// pays for.
func subscription(k store.Key) store.Item {
	return store.Item{
		"kind": "checkin", "status": "active", "address": "somebody.with.a.name@example.test", "name": "Somebody",
		"privacy": "no-quotes", "rule": "daily|0|0|0|0|0||07:30", "zone": "Europe/Berlin",
		"path": "together", "role": "both", "noContact": false, "digestDay": int64(1),
		"words": strings.Repeat("w", 200), "version": int64(3), "hold": "", "firstDate": "2026-10-01",
		"lastReply": "2026-11-20", "lastAttachments": int64(0), "lastDate": "2026-11-21", "nonce": "abcdefghijklmnop",
		"claim": "open", "claimAt": int64(1_795_244_400_000), "card": int64(17), "seen": make([]byte, 13),
		"step": "1|17|0|20261116|2|0|0|0|20261102|page", "moods": "3@mrlsg1kw 4@mrjdfk5c",
		"slot": "Europe/Berlin|07:30|daily|0", "member": k.PK + "|" + k.SK,
	}
}

func TestASubscriptionIsUnderAKilobyte(t *testing.T) {
	k := store.Key{PK: "P#00000000000000000000", SK: "SUB#01"}
	it := subscription(k)
	it[store.AttrPK], it[store.AttrSK] = k.PK, k.SK
	if n := dynamolimits.Size(it); n < 650 || n > 1024 {
		t.Errorf("got %d bytes, want some 700", n)
	}
}

// meter asks every request for what it consumed, and adds it up.
type meter struct{ table, index float64 }

func (m *meter) read(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("meter", m.handle), middleware.After)
	})
}

func (m *meter) handle(ctx context.Context, in middleware.InitializeInput,
	next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	if ask := reflect.ValueOf(in.Parameters).Elem().FieldByName("ReturnConsumedCapacity"); ask.IsValid() {
		ask.Set(reflect.ValueOf(types.ReturnConsumedCapacityIndexes))
	}
	out, metadata, err := next.HandleInitialize(ctx, in)
	if err != nil {
		return out, metadata, err
	}
	if consumed := reflect.ValueOf(out.Result).Elem().FieldByName("ConsumedCapacity"); consumed.IsValid() {
		switch c := consumed.Interface().(type) {
		case *types.ConsumedCapacity:
			m.add(c)
		case []types.ConsumedCapacity:
			for i := range c {
				m.add(&c[i])
			}
		}
	}
	return out, metadata, err
}

func (m *meter) add(c *types.ConsumedCapacity) {
	if c == nil {
		return
	}
	index := aws.ToFloat64(c.GlobalSecondaryIndexes[dynamo.Index].CapacityUnits)
	m.index += index
	m.table += aws.ToFloat64(c.CapacityUnits) - index
}
