package send_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/send"
	"example.org/mend/shared/change"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/memtable"
)

func newHandler() func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return send.Handler(service.New(service.Config{Base: change.Base{
		Store: store.New(&memtable.Table{}, []byte("secret")), Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Date(2026, time.March, 2, 6, 31, 0, 0, time.UTC) },
	}}).Sending)
}

func TestTheQueuesMessagesAreUnderstood(t *testing.T) {
	raw, err := os.ReadFile("event.json")
	if err != nil {
		t.Fatal(err)
	}
	var event events.SQSEvent
	if err := json.Unmarshal(raw, &event); err != nil {
		t.Fatal(err)
	}
	answer, err := newHandler()(t.Context(), event)
	if err != nil || len(event.Records) != 2 || len(answer.BatchItemFailures) != 0 {
		t.Errorf("%d messages, about nobody that there is: failures %v, error %v, want none", len(event.Records),
			answer.BatchItemFailures, err)
	}
}

func TestAMessageOfAnotherShapeIsNotAcknowledgedAway(t *testing.T) {
	for _, body := range []string{
		``, `null`, `{}`, `[]`, `"page"`, `{"slot":"s"}`,
		`{"due":"2026-03-02T06:30:00Z","members":[{"person":"a","oneOff":"b"}],"more":1}`,
		`{"due":"2026-03-02T06:30:00Z","members":[{"person":"a","oneOff":"b"}]} {}`,
		`{"due":"2026-03-02T06:30:00Z","members":[{"person":"a","number":1}]}`,
		`{"slot":"s","date":"2 March","due":"2026-03-02T06:30:00Z","members":[{"person":"a","number":1}]}`,
		`{"slot":"s","date":"2026-03-02","members":[{"person":"a","number":1}]}`,
		`{"Type":"Notification","Message":"{}"}`,
	} {
		answer, err := newHandler()(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1",
			Body: body}}})
		if err != nil || len(answer.BatchItemFailures) != 1 || answer.BatchItemFailures[0].ItemIdentifier != "1" {
			t.Errorf("%s: failures %v, error %v, want message 1 delivered again", body, answer.BatchItemFailures, err)
		}
	}
	if _, err := newHandler()(t.Context(), events.SQSEvent{}); err == nil {
		t.Error("an event of another service: no error")
	}
}
