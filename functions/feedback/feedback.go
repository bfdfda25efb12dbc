// Package feedback is woken by the feedback queue: SES publishes by SNS what became of a letter
// that it took.
package feedback

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/mend/functions/internal/batch"
	"example.org/mend/shared/feedback"
)

// The tags of our letters, which come back in their events.
const (
	OccurrenceTag = "occurrence"
	AttemptTag    = "attempt"
)

// Event is the part that we read of an SES event (SES developer guide, "Contents of event
// data that Amazon SES publishes to Amazon SNS").
type Event struct {
	EventType string `json:"eventType"` // Send, Delivery, Bounce, Complaint; others are left
	Mail      struct {
		MessageID   string              `json:"messageId"`
		Timestamp   time.Time           `json:"timestamp"`
		Destination []string            `json:"destination"` // our letters have one
		Tags        map[string][]string `json:"tags"`
	} `json:"mail"`
	Bounce struct {
		BounceType        string      `json:"bounceType"`    // Permanent, Transient, Undetermined
		BounceSubType     string      `json:"bounceSubType"` // General, MailboxFull and others
		BouncedRecipients []Recipient `json:"bouncedRecipients"`
	} `json:"bounce"`
	Complaint struct {
		FeedbackType string `json:"complaintFeedbackType"` // "" if the provider doesn't say
	} `json:"complaint"`
	Delivery struct {
		Timestamp time.Time `json:"timestamp"`
	} `json:"delivery"`
}

// Recipient is whom a letter didn't reach. It has an action only where a mail server reported one
// (RFC 3464 section 2.3.3): failed, delayed and others.
type Recipient struct {
	Action string `json:"action"`
}

// The values of a bounce that are told apart.
const (
	permanent   = "Permanent"
	mailboxFull = "MailboxFull"
	failed      = "failed"
)

// arrived reports whether a letter reached its mailbox though SES publishes a bounce of it: one
// that isn't permanent, and that no mail server reported as a failure. An out-of-office answer is
// such a bounce (SES developer guide, "Monitoring using Amazon SES notifications"), and so is a
// delay.
func (e Event) arrived() bool {
	return e.Bounce.BounceType != permanent && e.Bounce.BounceSubType != mailboxFull &&
		!slices.ContainsFunc(e.Bounce.BouncedRecipients, func(r Recipient) bool { return r.Action == failed })
}

// noComplaints are feedback types of what SES publishes as a complaint and no one complained of:
// "not spam" was pressed (RFC 5965 section 7.3), or a signature was not good (RFC 6591).
var noComplaints = []string{"not-spam", "auth-failure"}

var kinds = map[string]feedback.EventKind{
	"Send": feedback.Sent, "Delivery": feedback.Delivered, "Bounce": feedback.Bounced, "Complaint": feedback.Complained,
}

// Handler takes each event of the mail service.
func Handler(svc *feedback.Service) batch.Handler {
	return batch.Each(svc.Base, func(ctx context.Context, body string) error {
		var event Event
		if err := batch.FromSNS(body, &event); err != nil {
			return err
		}
		if event.EventType == "" || event.Mail.MessageID == "" {
			return fmt.Errorf("a notification without eventType or mail.messageId where an SES event is expected")
		}
		kind, ok := kinds[event.EventType]
		none := slices.Contains(noComplaints, strings.ToLower(event.Complaint.FeedbackType))
		if !ok || kind == feedback.Complained && none || kind == feedback.Bounced && event.arrived() {
			svc.Log.InfoContext(ctx, "left", "event", event.EventType)
			return nil
		}
		at := event.Mail.Timestamp
		if kind == feedback.Delivered {
			at = event.Delivery.Timestamp
		}
		return svc.Take(ctx, feedback.Event{
			Kind:       kind, // each tag has one value
			Occurrence: strings.Join(event.Mail.Tags[OccurrenceTag], ""),
			Attempt:    strings.Join(event.Mail.Tags[AttemptTag], ""),
			To:         strings.Join(event.Mail.Destination, ","),
			MessageID:  event.Mail.MessageID, At: at, Permanent: event.Bounce.BounceType == permanent,
		})
	})
}
