package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	blobs "example.org/mend/shared/blob/s3"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/mend"
	queue "example.org/mend/shared/queue/sqs"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamo"
)

// stack is a stack on AWS: how to reach it, and its outputs.
type stack struct {
	name    string
	cfg     aws.Config
	outputs map[string]string
	table   *dynamodb.Client
	queues  *sqs.Client
	buckets *s3.Client
}

// openStack reads the AWS settings, as the AWS command line does, and the outputs of the stack.
func openStack(ctx context.Context, name, region string) (*installation, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return nil, fmt.Errorf("read the AWS settings: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("no AWS region is set: --region, AWS_REGION, or a region in your AWS profile")
	}
	s := &stack{name: name, cfg: cfg, table: dynamodb.NewFromConfig(cfg), queues: sqs.NewFromConfig(cfg)}
	// an emulator has no host for each bucket
	s.buckets = s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = cfg.BaseEndpoint != nil })
	if s.outputs, err = readOutputs(ctx, cfg, name); err != nil {
		return nil, err
	}
	return s.installation(), nil
}

func (s *stack) installation() *installation {
	in := &installation{
		name: fmt.Sprintf("the stack %s in %s", s.name, s.cfg.Region), now: time.Now,
		table: s.tableNamed(s.outputs["Table"]),
		keys:  keyring.NewParameterStore(s.cfg), keyPath: s.outputs["KeyPath"],
		journal: bucket{s.buckets, s.outputs["JournalBucket"]},
		close:   func() error { return nil }, stack: s,
	}
	in.service = func(ctx context.Context) (*service.Service, error) { return s.service(ctx, in) }
	for _, name := range []string{"send", "now", "receipt", "feedback"} {
		in.lines = append(in.lines, sqsLine{s.queues, name, s.outputs[title(name)+"Queue"],
			s.outputs[title(name)+"DeadLetters"]})
	}
	return in
}

func (s *stack) tableNamed(name string) store.Table {
	return dynamo.New(s.table, name, dynamo.Options{})
}

func (s *stack) service(ctx context.Context, in *installation) (*service.Service, error) {
	ring, err := keyring.Read(ctx, in.keys, in.keyPath, time.Now(), keyring.Parts...)
	if err != nil {
		return nil, err
	}
	return service.New(service.Config{
		Store: store.New(in.table, ring.Address), Keys: ring.Links, ReplyKeys: ring.Replies, Now: in.now,
		Rand: rand.Reader, Log: operatorLog(),
		Queue: queue.New(s.cfg, map[mend.QueueName]string{mend.NowQueue: s.outputs["NowQueue"]}),
		Blobs: blobs.New(s.cfg, map[string]string{"journal": s.outputs["JournalBucket"],
			"export": s.outputs["MailBucket"]}),
	}), nil
}

// readOutputs are the outputs of a stack, by name.
func readOutputs(ctx context.Context, cfg aws.Config, name string) (map[string]string, error) {
	out, err := cloudformation.NewFromConfig(cfg).DescribeStacks(ctx,
		&cloudformation.DescribeStacksInput{StackName: &name})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ValidationError" {
		return nil, fmt.Errorf("there is no stack %q in %s: `make deploy` makes one, --stack and --region name "+
			"another", name, cfg.Region)
	}
	if err != nil {
		return nil, fmt.Errorf("look at the stack %s: %w", name, err)
	}
	found := map[string]string{}
	for _, s := range out.Stacks {
		for _, o := range s.Outputs {
			found[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
		}
	}
	for _, needed := range []string{"Table", "KeyPath", "JournalBucket", "MailBucket", "SendQueue", "SendDeadLetters",
		"NowQueue", "AlarmTopic", "SendRate", "RuleSet"} {
		if found[needed] == "" {
			return nil, fmt.Errorf("the stack %s has no output %s: it is not of this version of Mend; deploy it anew",
				name, needed)
		}
	}
	return found, nil
}

// sqsLine is a queue of a stack, by its URLs.
type sqsLine struct {
	client      *sqs.Client
	queue       string
	url, graves string
}

func (l sqsLine) name() string { return l.queue }

func (l sqsLine) depth(ctx context.Context) (waiting, dead int, err error) {
	waiting, err = l.count(ctx, l.url, types.QueueAttributeNameApproximateNumberOfMessages)
	if err != nil {
		return 0, 0, err
	}
	dead, err = l.count(ctx, l.graves, types.QueueAttributeNameApproximateNumberOfMessages)
	return waiting, dead, err
}

func (l sqsLine) count(ctx context.Context, url string, which types.QueueAttributeName) (int, error) {
	out, err := l.client.GetQueueAttributes(ctx,
		&sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{which}})
	if err != nil {
		return 0, fmt.Errorf("look at the %s queue: %w", l.queue, err)
	}
	var n int
	_, err = fmt.Sscan(out.Attributes[string(which)], &n)
	return n, err
}

// redrive moves messages one at a time; each is deleted only where its copy is queued. Where the
// answer to a receipt was lost, its messages come again after a quarter of a minute: redrive waits
// for them. (SQS's own StartMessageMoveTask does the same out of sight; here the operator sees an
// error where it happens.)
func (l sqsLine) redrive(ctx context.Context, progress func(int)) (moved int, err error) {
	for {
		got, err := l.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &l.graves, MaxNumberOfMessages: 10, VisibilityTimeout: 15, WaitTimeSeconds: 1,
		})
		if err != nil {
			return moved, fmt.Errorf("receive dead letters: %w", err)
		}
		if len(got.Messages) == 0 {
			received, err := l.count(ctx, l.graves, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible)
			if err != nil || received == 0 {
				return moved, err
			}
			continue
		}
		for _, m := range got.Messages {
			if _, err := l.client.SendMessage(ctx,
				&sqs.SendMessageInput{QueueUrl: &l.url, MessageBody: m.Body}); err != nil {
				return moved, fmt.Errorf("put message %s back: %w", aws.ToString(m.MessageId), err)
			}
			if _, err := l.client.DeleteMessage(ctx,
				&sqs.DeleteMessageInput{QueueUrl: &l.graves, ReceiptHandle: m.ReceiptHandle}); err != nil {
				return moved, fmt.Errorf("delete the dead letter %s: %w", aws.ToString(m.MessageId), err)
			}
			moved++
			progress(moved)
		}
	}
}
