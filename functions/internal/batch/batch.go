// Package batch works through the messages of an SQS event one by one and tells SQS
// which of them to deliver again (ReportBatchItemFailures); and it opens what SNS wrapped.
package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// Each calls do with the body of every message. One whose do returns an error is
// delivered again, and ends in the dead-letter queue if that goes on. An event without a message is none of
// ours: it is refused, never acknowledged away.
func Each(ctx context.Context, log *slog.Logger, e events.SQSEvent, do func(ctx context.Context, body string) error) (events.SQSEventResponse, error) {
	if len(e.Records) == 0 {
		return events.SQSEventResponse{}, fmt.Errorf("an event without Records: this function takes SQS events")
	}
	failed := []events.SQSBatchItemFailure{} // empty, and not null
	for _, m := range e.Records {
		if err := do(ctx, m.Body); err != nil {
			log.ErrorContext(ctx, "to be delivered again", "message", m.MessageId, "error", err)
			failed = append(failed, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	return events.SQSEventResponse{BatchItemFailures: failed}, nil
}

// FromSNS reads the JSON that came as an SNS notification through SQS into v.
func FromSNS(body string, v any) error {
	var n events.SNSEntity
	if err := json.Unmarshal([]byte(body), &n); err != nil {
		return fmt.Errorf("a message that is not JSON: %w", err)
	}
	if n.Type != "Notification" || n.Message == "" {
		return fmt.Errorf("a message of type %q where an SNS Notification is expected", n.Type)
	}
	if err := json.Unmarshal([]byte(n.Message), v); err != nil {
		return fmt.Errorf("an SNS notification that is not JSON: %w", err)
	}
	return nil
}

// Strict reads one JSON value with no fields but those that v has.
func Strict(body string, v any) error {
	d := json.NewDecoder(strings.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one JSON value in a message")
	}
	return nil
}
