package mend

import (
	"context"
	"errors"
	"io"
	"time"
)

// Mailer hands letters to a mail service.
type Mailer interface {
	// Send hands over one letter, in one attempt, and returns the id under which
	// the mail service knows it. It returns
	//   - ErrNotSent if the letter was surely not taken and may be tried again;
	//   - ErrRefused if the mail service will not take this letter, now or later;
	//   - ErrClosed if it takes no letters at present (sending paused, quota, credentials).
	// After any other error the letter may have been taken or not. Errors are logged, the
	// recipient's address taken out.
	Send(ctx context.Context, o Outgoing) (messageID string, err error)
}

// The errors of [Mailer.Send].
var (
	ErrNotSent = errors.New("not sent")
	ErrRefused = errors.New("the mail service refuses this letter")
	ErrClosed  = errors.New("the mail service takes no letters at present")
)

// Outgoing is one letter on its way.
type Outgoing struct {
	To   Address
	Raw  []byte // the whole message, RFC 5322
	Kind Kind
	// Occurrence and Attempt come back in the mail service's events as tags:
	// which letter, and which claim of it. Letters, digits, _ and - only.
	Occurrence, Attempt string
}

// Queue hands messages to the functions that work through them. A message arrives at
// least once, in no order.
type Queue interface {
	Send(ctx context.Context, to QueueName, messages ...Message) error
}

// Message is a message for a queue. It arrives after a delay of whole seconds, at most [MaxDelay].
type Message struct {
	Body  []byte
	Delay time.Duration
}

// MaxDelay is SQS's limit (SQS developer guide, "Message quotas").
const MaxDelay = 15 * time.Minute

// QueueName is one of the queues that the service writes to.
type QueueName string

// The queues.
const (
	SendQueue QueueName = "send" // pages of occurrences
	NowQueue  QueueName = "now"  // one-offs that someone waits for
)

// Blobs keeps what is too large or too early for the table: raw mail for some days, the
// restore journal.
type Blobs interface {
	// Put keeps data under a key, in place of what was there.
	Put(ctx context.Context, key string, data []byte) error
	// Open reads what is under a key. It returns ErrNoBlob if there is nothing.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// Delete removes what is under a key, or does nothing.
	Delete(ctx context.Context, key string) error
}

// ErrNoBlob is a key with nothing under it.
var ErrNoBlob = errors.New("nothing under this key")
