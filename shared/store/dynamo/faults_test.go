package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamo"

	"github.com/google/go-cmp/cmp"
)

// scripted answers the requests in turn, the last answer again and again.
type scripted struct {
	answers  []answer
	requests []request
}

type answer struct {
	status int
	body   string
	err    error
	hangs  bool // until the request's time is over
}

type request struct {
	operation string
	body      map[string]any
}

func (s *scripted) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	asked := request{operation: operation}
	if err := json.NewDecoder(r.Body).Decode(&asked.body); err != nil {
		return nil, err
	}
	s.requests = append(s.requests, asked)
	a := s.answers[min(len(s.requests), len(s.answers))-1]
	if a.hangs {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{
		StatusCode: a.status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(strings.NewReader(a.body)), Request: r,
	}, nil
}

func ok(body string) answer { return answer{status: 200, body: body} }

func refused(kind string) answer {
	return answer{status: 400, body: fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"no"}`,
		kind)}
}

func cancelled(reasons ...string) answer {
	var list []string
	for _, r := range reasons {
		list = append(list, fmt.Sprintf(`{"Code":%q}`, r))
	}
	return answer{status: 400, body: fmt.Sprintf(
		`{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"no","CancellationReasons":[%s]}`,
		strings.Join(list, ","))}
}

// responses answer a BatchExecuteStatement: an error code each, or "" for done.
func responses(codes ...string) answer {
	var list []string
	for _, code := range codes {
		if code == "" {
			list = append(list, `{"Item":{"pk":{"S":"P"},"sk":{"S":"S"}}}`)
		} else {
			list = append(list, fmt.Sprintf(`{"Error":{"Code":%q,"Message":"no"}}`, code))
		}
	}
	return ok(fmt.Sprintf(`{"Responses":[%s]}`, strings.Join(list, ",")))
}

var (
	throttled = refused("ThrottlingException")
	reset     = answer{err: fmt.Errorf("read tcp: %w", syscall.ECONNRESET)}
	broken    = answer{status: 500,
		body: `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"no"}`}
)

// scriptedTable notes for how long it would have waited.
func scriptedTable(random float64, answers ...answer) (*dynamo.Table, *scripted, *[]time.Duration) {
	s, waits := &scripted{answers: answers}, &[]time.Duration{}
	return dynamo.NewWith(over(clientOf("http://127.0.0.1:1"), s), "mend", dynamo.Options{
		Wait:   func(_ context.Context, d time.Duration) error { *waits = append(*waits, d); return nil },
		Random: func() float64 { return random },
	}), s, waits
}

var (
	aKey   = store.Key{PK: "P#secret", SK: "SUB#01"}
	change = store.Write{
		Op: store.Update, Key: aKey, Set: store.Item{"words": "secret words"},
		If: store.Condition{{Attr: "version", Is: store.Equal, Value: "secret"}},
	}
)

// operations are all of the table's, each for one item.
var operations = map[string]func(context.Context, *dynamo.Table) error{
	"get": func(ctx context.Context, t *dynamo.Table) error { _, err := t.Get(ctx, aKey); return err },
	"get each": func(ctx context.Context, t *dynamo.Table) error {
		_, err := t.GetEach(ctx, []store.Key{aKey})
		return err
	},
	"query": func(ctx context.Context, t *dynamo.Table) error {
		_, err := t.Query(ctx, store.Query{Partition: aKey.PK})
		return err
	},
	"update": func(ctx context.Context, t *dynamo.Table) error { _, err := t.Write(ctx, change); return err },
	"put": func(ctx context.Context, t *dynamo.Table) error {
		_, err := t.Write(ctx, store.Write{Op: store.Put, Key: aKey, Item: change.Set, If: change.If})
		return err
	},
	"delete": func(ctx context.Context, t *dynamo.Table) error {
		_, err := t.Write(ctx, store.Write{Op: store.Delete, Key: aKey, If: change.If})
		return err
	},
	"write each": func(ctx context.Context, t *dynamo.Table) error {
		_, err := t.WriteEach(ctx, []store.Write{change})
		return err
	},
	"transact": func(ctx context.Context, t *dynamo.Table) error { return t.Transact(ctx, []store.Write{change}) },
}

func TestThrottlingEndsInErrThrottled(t *testing.T) {
	for name, do := range operations {
		for _, kind := range []string{"ThrottlingException", "ProvisionedThroughputExceededException",
			"RequestLimitExceeded"} {
			table, line, waits := scriptedTable(0.5, refused(kind))
			if err := do(t.Context(), table); !errors.Is(err, store.ErrThrottled) {
				t.Errorf("%s, %s: got %v, want ErrThrottled", name, kind, err)
			}
			if len(line.requests) != 8 || len(*waits) != 7 {
				t.Errorf("%s, %s: got %d requests and %d waits, want 8 and 7", name, kind,
					len(line.requests), len(*waits))
			}
		}
	}
}

// Full jitter: a wait is random between nothing and a bound that doubles.
func TestWaits(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		random float64
		want   []time.Duration
	}{
		{0, []time.Duration{0, 0, 0, 0, 0, 0, 0}},
		{0.5, []time.Duration{25 * ms, 50 * ms, 100 * ms, 200 * ms, 400 * ms, 800 * ms, 1000 * ms}},
		{1, []time.Duration{50 * ms, 100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 2000 * ms}},
	} {
		table, _, waits := scriptedTable(c.random, throttled)
		_, _ = table.Get(t.Context(), aKey)
		if !slices.Equal(*waits, c.want) {
			t.Errorf("random %g: got %v, want %v", c.random, *waits, c.want)
		}
	}
}

func TestAThrottledRequestIsAskedAgain(t *testing.T) {
	for _, passing := range []answer{throttled, refused("TransactionConflictException"), broken, reset} {
		table, line, _ := scriptedTable(0, passing, passing,
			ok(`{"Item":{"pk":{"S":"P#secret"},"sk":{"S":"SUB#01"},"n":{"N":"7"}}}`))
		it, err := table.Get(t.Context(), aKey)
		if err != nil || it["n"] != int64(7) {
			t.Errorf("after %+v: got %v, %v, want the item", passing, it, err)
		}
		if len(line.requests) != 3 {
			t.Errorf("after %+v: got %d requests, want 3", passing, len(line.requests))
		}
	}
}

// What cannot pass is asked once.
func TestARefusalIsFinal(t *testing.T) {
	for name, do := range operations {
		for _, kind := range []string{"ValidationException", "AccessDeniedException", "ResourceNotFoundException"} {
			table, line, _ := scriptedTable(0, refused(kind))
			err := do(t.Context(), table)
			if err == nil || errors.Is(err, store.ErrThrottled) || isConditionFailed(err) ||
				!strings.Contains(err.Error(), kind) {
				t.Errorf("%s: got %v, want %s", name, err, kind)
			}
			if len(line.requests) != 1 {
				t.Errorf("%s: got %d requests of %s, want 1", name, len(line.requests), kind)
			}
		}
	}
}

func TestErrorsHoldNoValues(t *testing.T) {
	for name, do := range operations {
		for _, a := range []answer{throttled, reset, broken, refused("ValidationException"),
			refused("ConditionalCheckFailedException"), cancelled("ConditionalCheckFailed"), ok("{")} {
			table, _, _ := scriptedTable(0, a)
			if err := do(t.Context(), table); err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: the error holds a value: %v", name, err)
			}
		}
	}
}

// A connection that hangs costs seconds, and not what was claimed.
func TestAConnectionThatHangsIsLetGo(t *testing.T) {
	hung := answer{hangs: true}
	for name, do := range operations {
		synctest.Test(t, func(t *testing.T) {
			table, line, _ := scriptedTable(1, hung)
			began := time.Now()
			if err := do(t.Context(), table); err == nil || len(line.requests) > 3 {
				t.Errorf("%s: got %v after %d requests, want an error after 3 at most", name, err, len(line.requests))
			}
			if took := time.Since(began); took > 7*time.Second {
				t.Errorf("%s took %s", name, took)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		table, line, _ := scriptedTable(1, hung, ok(`{"Item":{"pk":{"S":"P"},"sk":{"S":"S"}}}`))
		if it, err := table.Get(t.Context(), store.Key{PK: "P", SK: "S"}); err != nil || it == nil ||
			len(line.requests) != 2 {
			t.Errorf("after one that hung: got %v, %v after %d requests", it, err, len(line.requests))
		}
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	for name, do := range operations {
		ctx, cancel := context.WithCancel(t.Context())
		line := &scripted{answers: []answer{throttled}}
		table := dynamo.NewWith(over(clientOf("http://127.0.0.1:1"), line), "mend", dynamo.Options{
			Wait: func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() },
		})
		if err := do(ctx, table); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want context.Canceled", name, err)
		}
		if len(line.requests) != 1 {
			t.Errorf("%s: got %d requests, want 1", name, len(line.requests))
		}
	}
}

func TestUnprocessedKeysAreAskedForAgain(t *testing.T) {
	keys := []store.Key{{PK: "P", SK: "1"}, {PK: "P", SK: "2"}, {PK: "P", SK: "3"}, {PK: "P", SK: "4"}}
	item := func(sk string) string { return fmt.Sprintf(`{"pk":{"S":"P"},"sk":{"S":%q}}`, sk) }
	answers := []answer{
		ok(`{"Responses":{"mend":[` + item("3") + `]},"UnprocessedKeys":{"mend":{"Keys":[` + item("4") + `,` +
			item("1") + `]}}}`),
		throttled,
		ok(`{"Responses":{"mend":[` + item("4") + `]},"UnprocessedKeys":{"mend":{"Keys":[` + item("1") + `]}}}`),
		ok(`{"Responses":{"mend":[` + item("1") + `]},"UnprocessedKeys":{}}`),
	}
	table, line, waits := scriptedTable(0.5, answers...)
	got, err := table.GetEach(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Item{{"pk": "P", "sk": "1"}, nil, {"pk": "P", "sk": "3"}, {"pk": "P", "sk": "4"}} // there is no 2
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("items (-want +got):\n%s", d)
	}
	var asked []int
	for _, r := range line.requests {
		asked = append(asked, len(r.body["RequestItems"].(map[string]any)["mend"].(map[string]any)["Keys"].([]any)))
	}
	if !slices.Equal(asked, []int{4, 2, 2, 1}) || len(*waits) != 3 {
		t.Errorf("got requests for %v keys and %d waits, want 4, 2, 2, 1 and 3", asked, len(*waits))
	}

	table, _, _ = scriptedTable(0.5, answers[0])
	if got, err := table.GetEach(t.Context(), keys); !errors.Is(err, store.ErrThrottled) || got != nil {
		t.Errorf("unprocessed for good: got %v, %v, want ErrThrottled", got, err)
	}
}

func TestStatementsPutOffAreAskedAgain(t *testing.T) {
	writes := make([]store.Write, 5)
	for i := range writes {
		writes[i] = store.Write{Op: store.Update, Key: store.Key{PK: "P", SK: fmt.Sprint(i)},
			Set: store.Item{"x": "y"}, If: change.If}
	}
	table, line, waits := scriptedTable(0.5,
		responses("", "ThrottlingError", "TransactionConflict", "ProvisionedThroughputExceeded", "InternalServerError"),
		throttled,
		responses("", "RequestLimitExceeded", "", "ConditionalCheckFailed"),
		responses("RequestLimitExceeded"),
	)
	errs, err := table.WriteEach(t.Context(), writes)
	if err != nil {
		t.Fatal(err)
	}
	for i, err := range errs {
		switch i {
		case 0, 1, 3:
			if err != nil {
				t.Errorf("write %d: got %v, want it done", i, err)
			}
		case 2:
			if !errors.Is(err, store.ErrThrottled) {
				t.Errorf("write 2: got %v, want ErrThrottled", err)
			}
		case 4: // it may have been done
			if err == nil || isConditionFailed(err) || errors.Is(err, store.ErrThrottled) {
				t.Errorf("write 4: got %v, want an error that leaves it open", err)
			}
		}
	}
	var asked []int
	for _, r := range line.requests {
		asked = append(asked, len(r.body["Statements"].([]any)))
	}
	if !slices.Equal(asked, []int{5, 4, 4, 1, 1, 1, 1, 1}) || len(*waits) != 7 {
		t.Errorf("got requests of %v statements and %d waits", asked, len(*waits))
	}
}

// A statement that met an internal error may have been done. Asked again, it is done, or stays
// open; it is never refused for what it did itself.
func TestAStatementThatMetAnInternalErrorIsAskedAgain(t *testing.T) {
	insert := store.Write{Op: store.Put, Key: store.Key{PK: "P", SK: "1"}, Item: store.Item{"x": "y"},
		If: store.Condition{{Attr: store.AttrPK, Is: store.Missing}}}
	for then, want := range map[string]string{"": "done", "DuplicateItem": "open", "InternalServerError": "open",
		"ThrottlingError": "open"} {
		table, _, _ := scriptedTable(0, responses("InternalServerError"), responses(then))
		errs, err := table.WriteEach(t.Context(), []store.Write{insert})
		got := "done"
		if err == nil {
			err = errs[0]
		}
		switch {
		case isConditionFailed(err):
			got = "refused"
		case errors.Is(err, store.ErrThrottled):
			got = "not done"
		case err != nil:
			got = "open"
		}
		if got != want {
			t.Errorf("an internal error, then %q: %s (%v), want %s", then, got, err, want)
		}
	}
}

// 25 claims are one request, and this is what it says.
func TestWriteEachIsOneRequest(t *testing.T) {
	writes, codes := make([]store.Write, 25), make([]string, 25)
	for i := range writes {
		writes[i] = store.Write{
			Op: store.Update, Key: store.Key{PK: "P", SK: fmt.Sprint(i)},
			Set: store.Item{"nonce": "n", "lastDate": "2026-11-22"}, Remove: []string{"slot"},
			If: store.Condition{
				{Attr: "status", Is: store.Equal, Value: "active"}, {Attr: "lastDate", Is: store.Equal,
					Value: "2026-11-22"},
				{Attr: "pausedUntil", Is: store.Equal, Value: "2026-11-22"},
				{Attr: `claim "`, Is: store.NotEqual, Value: "open"},
				{Attr: "gone", Is: store.Missing}, {Attr: "kind", Is: store.Exists},
			},
		}
	}
	writes[24] = store.Write{
		Op: store.Put, Key: store.Key{PK: "P", SK: "24"}, Item: store.Item{"it's": int64(3)},
		If: store.Condition{{Attr: store.AttrPK, Is: store.Missing}},
	}
	table, line, _ := scriptedTable(0, responses(codes...))
	if _, err := table.WriteEach(t.Context(), writes); err != nil {
		t.Fatal(err)
	}
	if len(line.requests) != 1 {
		t.Fatalf("got %d requests", len(line.requests))
	}
	statements := line.requests[0].body["Statements"].([]any)
	s := func(v string) any { return map[string]any{"S": v} }
	for i, want := range map[int]any{
		3: map[string]any{
			"Statement": `UPDATE "mend" SET "lastDate"=? SET "nonce"=? REMOVE "slot" WHERE "pk"=? AND "sk"=?` +
				` AND "status" = ? AND "lastDate" = ? AND "pausedUntil" = ?` +
				` AND "claim """ IS NOT MISSING AND "claim """ <> ?` +
				` AND "gone" IS MISSING AND "kind" IS NOT MISSING`,
			"Parameters": []any{s("2026-11-22"), s("n"), s("P"), s("3"), s("active"),
				s("2026-11-22"), s("2026-11-22"), s("open")},
			"ReturnValuesOnConditionCheckFailure": "ALL_OLD",
		},
		24: map[string]any{
			"Statement":                           `INSERT INTO "mend" VALUE {'it''s': ?, 'pk': ?, 'sk': ?}`,
			"Parameters":                          []any{map[string]any{"N": "3"}, s("P"), s("24")},
			"ReturnValuesOnConditionCheckFailure": "ALL_OLD",
		},
	} {
		if d := cmp.Diff(want, statements[i]); d != "" {
			t.Errorf("statement %d (-want +got):\n%s", i, d)
		}
	}
}

func TestTransactionsThatAreCancelled(t *testing.T) {
	writes := []store.Write{change, {Op: store.Check, Key: store.Key{PK: "P", SK: "other"}, If: change.If},
		{Op: store.Delete, Key: store.Key{PK: "P", SK: "third"}}}
	for _, c := range []struct {
		reasons   []string
		index     int // of the condition that failed; -1: none
		throttled bool
		requests  int
	}{
		{[]string{"None", "ConditionalCheckFailed", "None"}, 1, false, 1},
		{[]string{"None", "ConditionalCheckFailed", "ConditionalCheckFailed"}, 1, false, 1},
		{[]string{"TransactionConflict", "None", "ConditionalCheckFailed"}, 2, false, 1},
		{[]string{"None", "TransactionConflict", "None"}, -1, true, 8},
		{[]string{"ThrottlingError", "None", "ProvisionedThroughputExceeded"}, -1, true, 8},
		{[]string{"TransactionConflict", "ValidationError", "None"}, -1, false, 1},
		{[]string{"None", "None", "ItemCollectionSizeLimitExceeded"}, -1, false, 1},
	} {
		table, line, _ := scriptedTable(0, cancelled(c.reasons...))
		err := table.Transact(t.Context(), writes)
		var failed *store.ConditionFailed
		switch {
		case errors.As(err, &failed) != (c.index >= 0), failed != nil && failed.Index != c.index:
			t.Errorf("%v: got %v, want condition %d", c.reasons, err, c.index)
		case errors.Is(err, store.ErrThrottled) != c.throttled:
			t.Errorf("%v: got %v, want throttled %v", c.reasons, err, c.throttled)
		case err == nil:
			t.Errorf("%v: got no error", c.reasons)
		}
		if len(line.requests) != c.requests {
			t.Errorf("%v: got %d requests, want %d", c.reasons, len(line.requests), c.requests)
		}
	}
}

// The token tells DynamoDB that it is the same transaction, and another one is another.
func TestATransactionKeepsItsToken(t *testing.T) {
	table, line, _ := scriptedTable(0, cancelled("TransactionConflict"), reset, ok(`{}`))
	for range 2 {
		if err := table.Transact(t.Context(), []store.Write{change}); err != nil {
			t.Fatal(err)
		}
	}
	var tokens []string
	for _, r := range line.requests {
		tokens = append(tokens, r.body["ClientRequestToken"].(string))
	}
	if len(tokens) != 4 || tokens[0] == "" || tokens[1] != tokens[0] || tokens[2] != tokens[0] ||
		tokens[3] == tokens[0] {
		t.Errorf("got tokens %q, want three of one and one of another", tokens)
	}
}

// ErrThrottled says that nothing was written, which a lost answer does not.
func TestALostAnswerIsNotThrottling(t *testing.T) {
	for name, do := range operations {
		for _, lost := range []answer{reset, broken} {
			table, _, _ := scriptedTable(0, throttled, lost, throttled)
			err := do(t.Context(), table)
			if err == nil || errors.Is(err, store.ErrThrottled) {
				t.Errorf("%s: got %v, want an error that leaves it open", name, err)
			}
		}
	}
}

func TestWhatIsNotOursIsAnError(t *testing.T) {
	for _, value := range []string{`{"N":"1.5"}`, `{"N":"9223372036854775808"}`, `{"NULL":true}`,
		`{"L":[]}`, `{"SS":["a"]}`} {
		table, _, _ := scriptedTable(0, ok(`{"Item":{"pk":{"S":"P"},"sk":{"S":"S"},"odd":`+value+`}}`))
		if it, err := table.Get(t.Context(), aKey); err == nil || !strings.Contains(err.Error(), `"odd"`) {
			t.Errorf("%s: got %v, %v, want an error that names the attribute", value, it, err)
		}
	}
	table, _, _ := scriptedTable(0, responses(""))
	if _, err := table.WriteEach(t.Context(), []store.Write{change, {Op: store.Update, Key: store.Key{PK: "P", SK: "2"},
		Set: change.Set}}); err == nil {
		t.Error("one answer to two statements: got no error")
	}
}

// The SDK closes a request's body when the answer begins, which net/http must not mistake for a
// body that broke off.
func TestABodyOutlivesItsAnswer(t *testing.T) {
	var sent *http.Request
	line := doer(func(r *http.Request) (*http.Response, error) {
		sent = r
		return (&scripted{answers: []answer{ok(`{}`)}}).Do(r)
	})
	table := dynamo.NewWith(over(clientOf("http://127.0.0.1:1"), line), "mend", withoutWaiting())
	if _, err := table.Get(t.Context(), aKey); err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, sent.Body); n != 0 || err != nil {
		t.Errorf("reading on: got %d bytes, %v, want the end", n, err)
	}
	again, err := sent.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, again); n != sent.ContentLength || err != nil {
		t.Errorf("sending again: got %d bytes, %v, want %d", n, err, sent.ContentLength)
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }
