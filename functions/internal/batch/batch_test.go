package batch_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/internal/batch"
	"example.org/mend/shared/change"
)

var quiet = &change.Base{Log: slog.New(slog.DiscardHandler), Now: time.Now}

func TestOnlyWhatFailedIsDeliveredAgain(t *testing.T) {
	event := events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: "good"}, {MessageId: "2", Body: "bad"},
		{MessageId: "3", Body: "good"}}}
	var done []string
	answer, err := batch.Each(quiet, func(_ context.Context, body string) error {
		done = append(done, body)
		if body == "bad" {
			return errors.New("not now")
		}
		return nil
	})(t.Context(), event)
	if err != nil || !slices.Equal(done, []string{"good", "bad", "good"}) {
		t.Fatalf("done %v, error %v: one that fails keeps the others from nothing", done, err)
	}
	if len(answer.BatchItemFailures) != 1 || answer.BatchItemFailures[0].ItemIdentifier != "2" {
		t.Errorf("to be delivered again: %v, want message 2", answer.BatchItemFailures)
	}
}

// What an invocation has no time for goes back at once, instead of being cut off in the middle.
func TestABatchEndsBeforeItsInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const timeout = time.Minute
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		defer cancel()
		var event events.SQSEvent
		for i := range 10 {
			event.Records = append(event.Records, events.SQSMessage{MessageId: string(rune('0' + i))})
		}
		began, done := time.Now(), 0
		answer, err := batch.Each(quiet, func(context.Context, string) error {
			time.Sleep(change.Margin)
			done++
			return nil
		})(ctx, event)
		if took := time.Since(began); err != nil || took > timeout || done == 0 ||
			done+len(answer.BatchItemFailures) != 10 {
			t.Errorf("%d done and %d given back in %s, %v; want all ten within %s", done, len(answer.BatchItemFailures),
				took, err, timeout)
		}
	})
}

// The first message is always begun: an invocation that gives back everything would never get on.
func TestTheFirstMessageIsAlwaysBegun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), change.Margin/2)
	defer cancel()
	done := 0
	event := events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1"}, {MessageId: "2"}}}
	answer, err := batch.Each(quiet, func(context.Context, string) error { done++; return nil })(ctx, event)
	if err != nil || done != 1 || len(answer.BatchItemFailures) != 1 {
		t.Errorf("%d done, %v given back, %v; want one of each", done, answer.BatchItemFailures, err)
	}
}

// SES publishes this text, word for word, to the topic of every event destination that is made.
func TestSESsGreetingIsAcknowledged(t *testing.T) {
	const greeting = "Successfully validated SNS topic for Amazon SES event publishing."
	body, err := json.Marshal(map[string]string{"Type": "Notification", "Message": greeting})
	if err != nil {
		t.Fatal(err)
	}
	event := events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: string(body)}}}
	answer, err := batch.Each(quiet, func(_ context.Context, body string) error {
		var v struct{}
		return batch.FromSNS(body, &v)
	})(t.Context(), event)
	if err != nil || len(answer.BatchItemFailures) != 0 {
		t.Errorf("given back %v, %v; want none", answer.BatchItemFailures, err)
	}
}

// Lambda takes null for success as well (its guide: "Reporting batch item failures"); an emulator
// need not.
func TestABatchThatIsAllFineSaysSo(t *testing.T) {
	event := events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1"}}}
	answer, err := batch.Each(quiet, func(context.Context, string) error { return nil })(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := json.Marshal(answer); string(text) != `{"batchItemFailures":[]}` {
		t.Errorf("answer: %s", text)
	}
}

func TestAnEventWithoutMessagesIsRefused(t *testing.T) {
	_, err := batch.Each(quiet, func(context.Context, string) error { return nil })(t.Context(), events.SQSEvent{})
	if err == nil {
		t.Error("no error")
	}
}

func TestFromSNS(t *testing.T) {
	var v struct{ A int }
	if err := batch.FromSNS(`{"Type":"Notification","Message":"{\"a\":7,\"other\":true}"}`,
		&v); err != nil || v.A != 7 {
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
