// Package sqs is the queues of a stack: Amazon SQS standard queues. Messages arrive at least once and in no
// order. What a batch leaves undone (SendMessageBatch answers for each message) is sent once
// more and then an error: the caller may have sent twice, and every receiver can bear that.
package sqs

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"example.org/mend/shared/service"
)

// Client is the part of [sqs.Client] that is used.
type Client interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Queues is a [service.Queue]. It may be used by many goroutines.
type Queues struct {
	client Client
	urls   map[service.QueueName]string
}

// New sends to the queues at these URLs.
func New(client Client, urls map[service.QueueName]string) *Queues { return &Queues{client, urls} }

// FromConfig is New with a client of its own.
func FromConfig(cfg aws.Config, urls map[service.QueueName]string) *Queues {
	return New(sqs.NewFromConfig(cfg), urls)
}

// The quotas of one SendMessageBatch (SQS developer guide, "Message quotas"); the size is that of all bodies together.
const (
	mostMessages = 10
	mostBytes    = 1 << 20
)

// Send queues each of the bodies.
func (q *Queues) Send(ctx context.Context, to service.QueueName, bodies ...[]byte) error {
	url := q.urls[to]
	if url == "" {
		return fmt.Errorf("this function has no queue %q", to)
	}
	for len(bodies) > 0 {
		n, size := 1, len(bodies[0])
		for n < len(bodies) && n < mostMessages && size+len(bodies[n]) <= mostBytes {
			size += len(bodies[n])
			n++
		}
		if err := q.sendBatch(ctx, url, bodies[:n]); err != nil {
			return fmt.Errorf("send to the %s queue: %w", to, err)
		}
		bodies = bodies[n:]
	}
	return nil
}

func (q *Queues) sendBatch(ctx context.Context, url string, bodies [][]byte) error {
	entries := make([]types.SendMessageBatchRequestEntry, len(bodies))
	for i, body := range bodies {
		entries[i] = types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body))}
	}
	var failed []types.BatchResultErrorEntry
	for range 2 {
		out, err := q.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
		if err != nil {
			return err
		}
		if failed = out.Failed; len(failed) == 0 {
			return nil
		}
		again := make([]types.SendMessageBatchRequestEntry, 0, len(failed))
		for _, f := range failed {
			for _, e := range entries {
				if aws.ToString(e.Id) == aws.ToString(f.Id) {
					again = append(again, e)
				}
			}
		}
		entries = again
	}
	return fmt.Errorf("%d of %d messages were not taken, the first because of %s: %s",
		len(failed), len(bodies), aws.ToString(failed[0].Code), aws.ToString(failed[0].Message))
}
