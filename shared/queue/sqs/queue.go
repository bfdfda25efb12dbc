// Package sqs sends messages to the queues of a stack, which are Amazon SQS standard queues.
// Messages arrive at least once and in no order. What a batch leaves undone (SendMessageBatch
// answers for each message) is sent once more and then an error: the caller may have sent twice,
// and every receiver can bear that.
package sqs

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/signed"
)

// Queues is a [mend.Queue]. It may be used by many goroutines.
type Queues struct {
	sqs  *signed.Service
	urls map[mend.QueueName]string
}

// New sends to the queues at these URLs.
func New(cfg aws.Config, urls map[mend.QueueName]string) *Queues {
	return &Queues{signed.New(cfg, "sqs"), urls}
}

// The quotas of one SendMessageBatch (SQS developer guide, "Message quotas"); the size is that of
// all bodies together.
const (
	mostMessages = 10
	mostBytes    = 1 << 20
)

// Send queues each of the messages.
func (q *Queues) Send(ctx context.Context, to mend.QueueName, messages ...mend.Message) error {
	url := q.urls[to]
	if url == "" {
		return fmt.Errorf("this function has no queue %q", to)
	}
	for len(messages) > 0 {
		n, size := 1, len(messages[0].Body)
		for n < len(messages) && n < mostMessages && size+len(messages[n].Body) <= mostBytes {
			size += len(messages[n].Body)
			n++
		}
		if err := q.sendBatch(ctx, url, messages[:n]); err != nil {
			return fmt.Errorf("send to the %s queue: %w", to, err)
		}
		messages = messages[n:]
	}
	return nil
}

// entry is a message of a batch.
type entry struct {
	Id, MessageBody string
	DelaySeconds    int `json:",omitempty"`
}

// failure is what SQS says of a message that it did not take.
type failure struct{ Id, Code, Message string }

func (q *Queues) sendBatch(ctx context.Context, url string, messages []mend.Message) error {
	entries := make([]entry, len(messages))
	for i, m := range messages {
		entries[i] = entry{strconv.Itoa(i), string(m.Body), int(m.Delay.Seconds())}
	}
	var failed []failure
	for range 2 {
		var err error
		if failed, err = q.sendOnce(ctx, url, entries); err != nil || len(failed) == 0 {
			return err
		}
		entries = slices.DeleteFunc(entries, func(e entry) bool {
			return !slices.ContainsFunc(failed, func(f failure) bool { return f.Id == e.Id })
		})
	}
	return fmt.Errorf("%d of %d messages were not taken, the first because of %s: %s", len(failed), len(messages),
		failed[0].Code, failed[0].Message)
}

// sendOnce is one SendMessageBatch.
func (q *Queues) sendOnce(ctx context.Context, url string, entries []entry) ([]failure, error) {
	var said struct {
		Successful []struct{ Id string }
		Failed     []failure
	}
	ask := map[string]any{"QueueUrl": url, "Entries": entries}
	if err := q.sqs.AskJSON(ctx, "1.0", "AmazonSQS.SendMessageBatch", ask, &said); err != nil {
		return nil, err
	}
	if got := len(said.Successful) + len(said.Failed); got != len(entries) {
		return nil, fmt.Errorf("an answer about %d of %d messages", got, len(entries))
	}
	return said.Failed, nil
}
