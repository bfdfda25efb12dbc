package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// redriveCmd is `mend redrive`.
type redriveCmd struct {
	stackFlag
	Queue string `arg:"" enum:"send,now,receipt,feedback" help:"Which queue's dead letters: send, now, receipt or feedback."`
	Yes   bool   `help:"Do not ask."`
}

// Help is shown by --help.
func (redriveCmd) Help() string {
	return `Messages that a function could not work through five times lie among the dead letters for 14 days. Once the
fault is mended, this puts them back into their queue. That is safe at any time: what was done is not done
twice, and a letter whose hours are over is not sent.`
}

// Run puts every dead letter back.
func (c *redriveCmd) Run() error {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	cfg, outputs, err := c.open(ctx)
	if err != nil {
		return err
	}
	name := strings.ToUpper(c.Queue[:1]) + c.Queue[1:]
	from, to := outputs[name+"DeadLetters"], outputs[name+"Queue"]
	if from == "" || to == "" {
		return fmt.Errorf("the stack %s has no outputs %sQueue and %sDeadLetters: deploy it anew", c.Stack, name, name)
	}
	client := sqs.NewFromConfig(cfg)
	lying, err := waiting(ctx, client, from)
	if err != nil {
		return err
	}
	fmt.Printf("About %d dead letters of the %s queue.\n", lying, c.Queue)
	if !c.Yes && !agreed("Put all of them back?") {
		return nil
	}
	moved, err := redrive(ctx, client, from, to)
	fmt.Printf("Put back: %d.\n", moved)
	return err
}

// waiting is about how many messages are in a queue for anybody to receive.
func waiting(ctx context.Context, client *sqs.Client, url string) (int, error) {
	return count(ctx, client, url, types.QueueAttributeNameApproximateNumberOfMessages)
}

// received is about how many messages of a queue somebody received and did not delete yet.
func received(ctx context.Context, client *sqs.Client, url string) (int, error) {
	return count(ctx, client, url, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible)
}

func count(ctx context.Context, client *sqs.Client, url string, which types.QueueAttributeName) (int, error) {
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{which}})
	if err != nil {
		return 0, fmt.Errorf("look at a queue: %w", err)
	}
	var n int
	_, err = fmt.Sscan(out.Attributes[string(which)], &n)
	return n, err
}

// redrive moves messages one batch at a time; each is deleted only where its copy is queued. Where the answer to a
// receipt was lost, its messages come again after a quarter of a minute: redrive waits for them. (SQS's own
// StartMessageMoveTask does the same out of sight; here the operator sees an error where it happens.)
func redrive(ctx context.Context, client *sqs.Client, from, to string) (moved int, err error) {
	for {
		got, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &from, MaxNumberOfMessages: 10, VisibilityTimeout: 15, WaitTimeSeconds: 1,
		})
		if err != nil {
			return moved, fmt.Errorf("receive dead letters: %w", err)
		}
		if len(got.Messages) == 0 {
			if lost, err := received(ctx, client, from); err != nil || lost == 0 {
				return moved, err
			}
			continue
		}
		for _, m := range got.Messages {
			if _, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &to, MessageBody: m.Body}); err != nil {
				return moved, fmt.Errorf("put message %s back: %w", aws.ToString(m.MessageId), err)
			}
			if _, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &from, ReceiptHandle: m.ReceiptHandle}); err != nil {
				return moved, fmt.Errorf("delete the dead letter %s: %w", aws.ToString(m.MessageId), err)
			}
			moved++
		}
	}
}
