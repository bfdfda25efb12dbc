package dynamo_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamo"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// deadLine lets a request through, and then loses the answer, the first so many times.
type deadLine struct {
	lose, requests int
}

func (d *deadLine) Do(r *http.Request) (*http.Response, error) {
	d.requests++
	answer, err := http.DefaultClient.Do(r)
	if err == nil && d.requests <= d.lose {
		answer.Body.Close()
		return nil, fmt.Errorf("read tcp: %w", syscall.ECONNRESET)
	}
	return answer, err
}

// A write that was done and whose answer was lost is done once; and if the adapter
// cannot know, it says neither that it was done nor that it was not.
func testLostAnswers(t *testing.T, client *dynamodb.Client) {
	name := tableFor(t, client)
	k := store.Key{PK: "P#1", SK: "SUB#01"}
	version := func(n int64) store.Condition {
		return store.Condition{{Attr: "version", Is: store.Equal, Value: n}}
	}
	item := store.Item{"version": int64(1), "n": int64(0)}
	change := store.Write{Op: store.Update, Key: k, If: version(1), Set: store.Item{"version": int64(2)}}
	count := store.Write{Op: store.Update, Key: k, Add: map[string]int64{"n": 1}}
	create := store.Write{Op: store.Put, Key: store.Key{PK: "P#2", SK: "PERSON"}, Item: item,
		If: store.Condition{{Attr: store.AttrPK, Is: store.Missing}}}
	one := func(w store.Write) func(*dynamo.Table) error {
		return func(t2 *dynamo.Table) error { _, err := t2.Write(t.Context(), w); return err }
	}
	each := func(w store.Write) func(*dynamo.Table) error {
		return func(t2 *dynamo.Table) error {
			errs, err := t2.WriteEach(t.Context(), []store.Write{w})
			return cmp.Or(err, errors.Join(errs...))
		}
	}
	transact := func(w store.Write) func(*dynamo.Table) error {
		return func(t2 *dynamo.Table) error { return t2.Transact(t.Context(), []store.Write{w}) }
	}

	for _, c := range []struct {
		name     string
		do       func(*dynamo.Table) error
		known    bool // the adapter knows that it was done
		requests int
		version  int64
		n        int64
	}{
		{"a put without a condition", one(store.Write{Op: store.Put, Key: k,
			Item: store.Item{"version": int64(7), "n": int64(0)}}), true, 2, 7, 0},
		{"a change of the version", one(change), false, 2, 2, 0},
		{"a change that holds twice", one(store.Write{Op: store.Update, Key: k, If: version(1),
			Set: store.Item{"x": "y"}}), true, 2, 1, 0},
		{"counting", one(count), false, 1, 1, 1},
		{"a statement", each(change), false, 2, 2, 0},
		{"an insert", each(create), false, 2, 1, 0},
		{"a transaction", transact(change), true, 2, 2, 0},
		{"counting in a transaction", transact(count), true, 2, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			sound := dynamo.NewWith(client, name, dynamo.Options{AnswersWithin: busy})
			for _, w := range []store.Write{{Op: store.Put, Key: k, Item: item}, {Op: store.Delete, Key: create.Key}} {
				if _, err := sound.Write(t.Context(), w); err != nil {
					t.Fatal(err)
				}
			}
			line := &deadLine{lose: 1}
			err := c.do(dynamo.NewWith(over(client, line), name, withoutWaiting()))
			switch {
			case c.known && err != nil:
				t.Errorf("got %v", err)
			case !c.known && (err == nil || isConditionFailed(err) || errors.Is(err, store.ErrThrottled)):
				t.Errorf("got %v, want an error that leaves it open", err)
			}
			if line.requests != c.requests {
				t.Errorf("got %d requests, want %d", line.requests, c.requests)
			}
			it, err := sound.Get(t.Context(), k)
			if err != nil {
				t.Fatal(err)
			}
			if it["version"] != c.version || it["n"] != c.n {
				t.Errorf("got version %v and n %v, want %d and %d", it["version"], it["n"], c.version, c.n)
			}
		})
	}
}

func isConditionFailed(err error) bool {
	var failed *store.ConditionFailed
	return errors.As(err, &failed)
}

// over is the client over another line.
func over(client *dynamodb.Client, line dynamodb.HTTPClient) *dynamodb.Client {
	return dynamodb.New(client.Options(), func(o *dynamodb.Options) { o.HTTPClient = line })
}

func withoutWaiting() dynamo.Options {
	return dynamo.Options{Wait: func(context.Context, time.Duration) error { return nil }}
}
