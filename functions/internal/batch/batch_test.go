package batch_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/internal/batch"
)

func TestOnlyWhatFailedIsDeliveredAgain(t *testing.T) {
	event := events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: "good"}, {MessageId: "2", Body: "bad"}, {MessageId: "3", Body: "good"}}}
	var done []string
	answer, err := batch.Each(t.Context(), slog.New(slog.DiscardHandler), event, func(_ context.Context, body string) error {
		done = append(done, body)
		if body == "bad" {
			return errors.New("not now")
		}
		return nil
	})
	if err != nil || !slices.Equal(done, []string{"good", "bad", "good"}) {
		t.Fatalf("done %v, error %v: one that fails keeps the others from nothing", done, err)
	}
	if len(answer.BatchItemFailures) != 1 || answer.BatchItemFailures[0].ItemIdentifier != "2" {
		t.Errorf("to be delivered again: %v, want message 2", answer.BatchItemFailures)
	}
}

// Lambda takes null for success as well (its guide: "Reporting batch item failures"); an emulator need not.
func TestABatchThatIsAllFineSaysSo(t *testing.T) {
	event := events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1"}}}
	answer, err := batch.Each(t.Context(), slog.New(slog.DiscardHandler), event, func(context.Context, string) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := json.Marshal(answer); string(text) != `{"batchItemFailures":[]}` {
		t.Errorf("answer: %s", text)
	}
}

func TestAnEventWithoutMessagesIsRefused(t *testing.T) {
	_, err := batch.Each(t.Context(), slog.New(slog.DiscardHandler), events.SQSEvent{}, func(context.Context, string) error { return nil })
	if err == nil {
		t.Error("no error")
	}
}

func TestFromSNS(t *testing.T) {
	var v struct{ A int }
	if err := batch.FromSNS(`{"Type":"Notification","Message":"{\"a\":7,\"other\":true}"}`, &v); err != nil || v.A != 7 {
		t.Errorf("got %+v, %v", v, err)
	}
	for _, body := range []string{
		``, `[]`, `{"Type":"Notification"}`, `{"Type":"Notification","Message":"hello"}`,
		`{"Type":"SubscriptionConfirmation","Message":"{}"}`, `{"a":7}`,
	} {
		if err := batch.FromSNS(body, &v); err == nil {
			t.Errorf("%s: no error", body)
		}
	}
}

func TestStrict(t *testing.T) {
	var v struct{ A int }
	if err := batch.Strict(` {"a":7} `, &v); err != nil || v.A != 7 {
		t.Errorf("got %+v, %v", v, err)
	}
	for _, body := range []string{``, `{"a":7,"b":8}`, `{"a":7}{"a":8}`, `{"a":7} trailing`, `{"a":"seven"}`} {
		if err := batch.Strict(body, &v); err == nil {
			t.Errorf("%s: no error", body)
		}
	}
}
