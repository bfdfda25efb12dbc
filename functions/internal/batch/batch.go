// Package batch works through the messages of an SQS event one by one and tells SQS
// which of them to deliver again (ReportBatchItemFailures). It also opens what SNS wrapped.
package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/shared/change"
)

// Handler takes the events of a queue.
type Handler = func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

// Each calls do with the body of every message of an event. A message whose do returns an error is
// delivered again, and ends in the dead-letter queue if that goes on. So are the messages that the
// time of the invocation does not suffice for: begun, they would be cut off in the middle. A
// greeting of SES is acknowledged. An event without messages is refused, because it comes from
// elsewhere.
func Each(b *change.Base, do func(ctx context.Context, body string) error) Handler {
	return func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		if len(e.Records) == 0 {
			return events.SQSEventResponse{}, fmt.Errorf("an event without Records: this function takes SQS events")
		}
		failed := []events.SQSBatchItemFailure{} // empty, and not null
		for i, m := range e.Records {
			err := errNoTime
			if i == 0 || !b.NearlyOver(ctx) {
				err = do(ctx, m.Body)
			}
			switch {
			case errors.Is(err, errGreeting):
				b.Log.InfoContext(ctx, "greeting", "message", m.MessageId)
			case err != nil:
				b.Log.ErrorContext(ctx, "to be delivered again", "message", m.MessageId, "error", err)
				failed = append(failed, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
			}
		}
		return events.SQSEventResponse{BatchItemFailures: failed}, nil
	}
}

var (
	errNoTime   = errors.New("not begun: the time of this invocation is nearly over")
	errGreeting = errors.New("a greeting of SES to a new topic")
)

// greeting begins the text, not JSON, that SES publishes to the topic of a new event destination:
// "Successfully validated SNS topic for Amazon SES event publishing."
const greeting = "Successfully validated SNS topic for Amazon SES"

// FromSNS reads the JSON that came as an SNS notification through SQS into v. For SES's greeting it
// returns an error that [Each] knows.
func FromSNS(body string, v any) error {
	var n events.SNSEntity
	if err := json.Unmarshal([]byte(body), &n); err != nil {
		return fmt.Errorf("a message that is not JSON: %w", err)
	}
	if n.Type != "Notification" || n.Message == "" {
		return fmt.Errorf("a message of type %q where an SNS Notification is expected", n.Type)
	}
	if strings.HasPrefix(n.Message, greeting) {
		return errGreeting
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
