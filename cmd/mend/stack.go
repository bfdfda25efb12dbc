package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	blobs "example.org/mend/shared/blob/s3"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
	queue "example.org/mend/shared/queue/sqs"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamo"
)

// stack is a stack on AWS: how to reach it, and its outputs.
type stack struct {
	cfg     aws.Config
	outputs map[string]string
	table   *dynamodb.Client
	buckets *s3.Client
	dns     resolver
}

// awsConfig reads the AWS settings, as the AWS command line does.
func awsConfig(ctx context.Context, region string) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return cfg, fmt.Errorf("read the AWS settings: %w", err)
	}
	if cfg.Region == "" {
		return cfg, errors.New("no AWS region is set: --region, AWS_REGION, or a region in your AWS profile, such as " +
			"eu-west-1, in which SES receives mail")
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return cfg, fmt.Errorf("there are no AWS credentials that work: `aws configure` asks for those of a user, "+
			"`aws sso login` renews a session, and AWS_PROFILE chooses a profile: %w", err)
	}
	return cfg, nil
}

func openStack(ctx context.Context, name, region string) (*target, error) {
	cfg, err := awsConfig(ctx, region)
	if err != nil {
		return nil, err
	}
	s := &stack{cfg: cfg, table: dynamodb.NewFromConfig(cfg), dns: net.DefaultResolver}
	// an emulator has no host for each bucket
	s.buckets = s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = cfg.BaseEndpoint != nil })
	if s.outputs, err = readOutputs(ctx, cfg, name); err != nil {
		return nil, err
	}
	in := &target{
		name: fmt.Sprintf("the stack %s in %s", name, cfg.Region), now: time.Now,
		table: s.tableNamed(s.outputs["Table"]),
		queue: queue.New(cfg, map[mend.QueueName]string{mend.NowQueue: s.outputs["NowQueue"]}),
		blobs: blobs.New(cfg,
			map[string]string{"journal": s.outputs["JournalBucket"], "export": s.outputs["MailBucket"]}),
		keys: keyring.NewParameterStore(cfg), keyPath: s.outputs["KeyPath"],
		journal: bucket{s.buckets, s.outputs["JournalBucket"]},
		close:   func() error { return nil }, stack: s,
	}
	client := sqs.NewFromConfig(cfg)
	for _, name := range local.QueueNames {
		q := sqsQueue{client, name, s.outputs[title(name)+"Queue"], s.outputs[title(name)+"DeadLetters"]}
		in.queues = append(in.queues, queueAdmin{name, q.depth, q.redrive})
	}
	return in, nil
}

func (s *stack) tableNamed(name string) store.Table {
	return dynamo.New(s.table, name)
}

// describeStack asks CloudFormation about a stack. It returns nil where there is none.
func describeStack(ctx context.Context, cfg aws.Config, name string) (*cftypes.Stack, error) {
	out, err := cloudformation.NewFromConfig(cfg).DescribeStacks(ctx,
		&cloudformation.DescribeStacksInput{StackName: &name})
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "ValidationError" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ask CloudFormation about the stack %s: %w", name, err)
	}
	return &out.Stacks[0], nil
}

func readOutputs(ctx context.Context, cfg aws.Config, name string) (map[string]string, error) {
	described, err := describeStack(ctx, cfg, name)
	if err != nil {
		return nil, err
	}
	if described == nil {
		return nil, fmt.Errorf("there is no stack %q in %s: `make deploy` makes one, --stack and --region name "+
			"another", name, cfg.Region)
	}
	found := map[string]string{}
	for _, o := range described.Outputs {
		found[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
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

type sqsQueue struct {
	client       *sqs.Client
	name         string
	url, deadURL string // of the queue, and of its dead letters
}

func (q sqsQueue) depth(ctx context.Context) (waiting, dead int, err error) {
	if waiting, err = q.count(ctx, q.url, types.QueueAttributeNameApproximateNumberOfMessages); err == nil {
		dead, err = q.count(ctx, q.deadURL, types.QueueAttributeNameApproximateNumberOfMessages)
	}
	return waiting, dead, err
}

func (q sqsQueue) count(ctx context.Context, url string, which types.QueueAttributeName) (int, error) {
	out, err := q.client.GetQueueAttributes(ctx,
		&sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{which}})
	if err != nil {
		return 0, fmt.Errorf("look at the %s queue: %w", q.name, err)
	}
	return strconv.Atoi(out.Attributes[string(which)])
}

// redrive moves messages one at a time; each is deleted only where its copy is queued. Where the
// answer to a receipt was lost, its messages come again after a quarter of a minute: redrive waits
// for them. (SQS's own StartMessageMoveTask does the same out of sight; here the operator sees an
// error where it happens.)
func (q sqsQueue) redrive(ctx context.Context) (moved int, err error) {
	step, done := progress("put back into the " + q.name + " queue")
	defer done()
	for {
		got, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &q.deadURL, MaxNumberOfMessages: 10, VisibilityTimeout: 15, WaitTimeSeconds: 1,
		})
		if err != nil {
			return moved, fmt.Errorf("receive dead letters: %w", err)
		}
		if len(got.Messages) == 0 {
			received, err := q.count(ctx, q.deadURL, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible)
			if err != nil || received == 0 {
				return moved, err
			}
			continue
		}
		for _, m := range got.Messages {
			_, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: m.Body})
			if err == nil {
				_, err = q.client.DeleteMessage(ctx,
					&sqs.DeleteMessageInput{QueueUrl: &q.deadURL, ReceiptHandle: m.ReceiptHandle})
			}
			if err != nil {
				return moved, fmt.Errorf("put message %s back: %w", aws.ToString(m.MessageId), err)
			}
			moved++
			step(moved)
		}
	}
}

// bucket is a bucket of a stack, as a [operate.Lister]. No function lists one.
type bucket struct {
	client s3.ListObjectsV2APIClient
	name   string
}

// List names the keys with a prefix that are not before another, in their order, which is that of
// their bytes.
func (b bucket) List(ctx context.Context, prefix, from string) ([]string, error) {
	var keys []string
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the bucket %s: %w", b.name, err)
		}
		for _, o := range page.Contents {
			if key := aws.ToString(o.Key); key >= from {
				keys = append(keys, key)
			}
		}
	}
	return keys, nil
}
