package main

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"example.org/mend/shared/operate"
	"example.org/mend/shared/signed"
	"example.org/mend/shared/store/dynamo"
)

// checks are those of a stack alone: mail, and what AWS does around the functions.
func (s *stack) checks(in *target) []check {
	mail := mailHealth{
		outputs: s.outputs, region: s.cfg.Region, mail: sesv2.NewFromConfig(s.cfg),
		receiving: ses.NewFromConfig(s.cfg), dns: net.DefaultResolver,
		forecast: func(ctx context.Context) (operate.Forecast, error) {
			return in.reading().Operate.Forecast(ctx, func(int) {})
		},
	}
	return append(mail.checks(), check{"table", s.checkTable}, check{"lambda", s.checkLambda},
		check{"alarm mail", s.checkAlarmMail})
}

// guard is something that keeps the records of a table. A table that comes back from a backup has
// none of them.
type guard struct {
	name   string
	on     bool
	turnOn func() error
}

func (s *stack) guardsOf(ctx context.Context, table string) ([]guard, error) {
	described, err := s.table.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if _, none := errors.AsType[*types.ResourceNotFoundException](err); none {
		return nil, fmt.Errorf("there is no table %s in %s", table, s.cfg.Region)
	}
	if err != nil {
		return nil, fmt.Errorf("look at the table %s: %w", table, err)
	}
	ttl, err := s.table.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &table})
	if err != nil {
		return nil, fmt.Errorf("look at the time to live of the table %s: %w", table, err)
	}
	expiry := cmp.Or(ttl.TimeToLiveDescription, &types.TimeToLiveDescription{}).TimeToLiveStatus
	expires := expiry == types.TimeToLiveStatusEnabled || expiry == types.TimeToLiveStatusEnabling
	backups, err := s.table.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &table})
	if err != nil {
		return nil, fmt.Errorf("look at the backups of the table %s: %w", table, err)
	}
	backup := cmp.Or(backups.ContinuousBackupsDescription, &types.ContinuousBackupsDescription{})
	recovery := cmp.Or(backup.PointInTimeRecoveryDescription, &types.PointInTimeRecoveryDescription{})
	backedUp := recovery.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled
	return []guard{
		{"time to live", expires, func() error {
			_, err := s.table.UpdateTimeToLive(ctx, dynamo.TimeToLive(table))
			return err
		}},
		{"point-in-time recovery", backedUp, func() error {
			on := &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)}
			_, err := s.table.UpdateContinuousBackups(ctx,
				&dynamodb.UpdateContinuousBackupsInput{TableName: &table, PointInTimeRecoverySpecification: on})
			return err
		}},
		{"deletion protection", aws.ToBool(described.Table.DeletionProtectionEnabled), func() error {
			_, err := s.table.UpdateTable(ctx,
				&dynamodb.UpdateTableInput{TableName: &table, DeletionProtectionEnabled: aws.Bool(true)})
			return err
		}},
	}, nil
}

// checkTable is the check of the table in use.
func (s *stack) checkTable(ctx context.Context) (string, error) {
	table := s.outputs["Table"]
	guards, err := s.guardsOf(ctx, table)
	if err != nil {
		return "", err
	}
	var lacks []string
	for _, g := range guards {
		if !g.on {
			lacks = append(lacks, g.name)
		}
	}
	if len(lacks) > 0 {
		return "", fmt.Errorf("%s lacks %s: turn it on in the DynamoDB console", table, strings.Join(lacks, ", "))
	}
	return table + " forgets what is over, is backed up and protected", nil
}

// protect turns on what a restored table lacks.
func (s *stack) protect(ctx context.Context, table string) error {
	guards, err := s.guardsOf(ctx, table)
	if err != nil {
		return err
	}
	for _, g := range guards {
		if g.on {
			continue
		}
		if err := g.turnOn(); err != nil {
			return fmt.Errorf("turn on %s of the table %s: %w", g.name, table, err)
		}
	}
	return nil
}

// enoughAtOnce is how many functions a stack may want at once on a busy day, pages included.
const enoughAtOnce = 50

// checkLambda looks at how many functions the account may run at once. A new one has ten, for all
// its stacks together.
func (s *stack) checkLambda(ctx context.Context) (string, error) {
	var answer struct {
		AccountLimit struct{ ConcurrentExecutions int }
	}
	err := askFor(ctx, s.cfg, "lambda", signed.Request{Method: http.MethodGet, Path: "/2016-08-19/account-settings"},
		json.Unmarshal, &answer)
	n := answer.AccountLimit.ConcurrentExecutions
	switch {
	case err != nil:
		return "", fmt.Errorf("ask Lambda about the account: %w", err)
	case n < enoughAtOnce:
		return "", fmt.Errorf("the account may run %d functions at once, and AWS turns more away. Ask for more, "+
			"which is free: aws service-quotas request-service-quota-increase --region %s --service-code lambda "+
			"--quota-code L-B99A9384 --desired-value 1000", n, s.cfg.Region)
	}
	return fmt.Sprintf("the account may run %d functions at once", n), nil
}

// checkAlarmMail looks whether anyone hears of alarms: AWS mails nothing before its first mail is
// answered.
func (s *stack) checkAlarmMail(ctx context.Context) (string, error) {
	topic := s.outputs["AlarmTopic"]
	form := url.Values{"Action": {"ListSubscriptionsByTopic"}, "Version": {"2010-03-31"}, "TopicArn": {topic}}
	var answer struct {
		Members []struct{ Endpoint, SubscriptionArn string } `xml:"ListSubscriptionsByTopicResult>Subscriptions>member"`
	}
	err := askFor(ctx, s.cfg, "sns", signed.Request{
		Method: http.MethodPost, Body: []byte(form.Encode()),
		Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
	}, xml.Unmarshal, &answer)
	if err != nil {
		return "", fmt.Errorf("ask SNS who hears of alarms: %w", err)
	}
	var waiting []string
	for _, m := range answer.Members {
		if m.SubscriptionArn == "PendingConfirmation" {
			waiting = append(waiting, m.Endpoint)
		}
	}
	switch {
	case len(waiting) > 0:
		return "", fmt.Errorf("%s gets no alarms yet: open the email \"AWS Notification - Subscription "+
			"Confirmation\" there and press its link. If it is gone: aws sns subscribe --region %s --topic-arn %s "+
			"--protocol email --notification-endpoint %[1]s", strings.Join(waiting, ", "), s.cfg.Region, topic)
	case len(answer.Members) == 0:
		return "", errors.New("no one gets alarms: make deploy PARAMETERS='OperatorAddress=you@your-domain.org'")
	}
	return "alarms go to " + counted(len(answer.Members), "subscriber"), nil
}

// askFor asks a service for one operation. A client of the SDK would be a module for each.
func askFor(ctx context.Context, cfg aws.Config, service string, r signed.Request,
	unmarshal func([]byte, any) error, answer any) error {
	response, err := signed.New(cfg, service).Ask(ctx, r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return unmarshal(body, answer)
}
