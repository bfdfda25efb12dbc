package main

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	tabletypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"example.org/mend/shared/signed"
)

// newAccount asks AWS.
func newAccount(cfg aws.Config) awsAccount {
	mail := sesv2.NewFromConfig(cfg)
	return awsAccount{
		deployed: func(ctx context.Context, stack string) (string, map[string]string, error) {
			return deployed(ctx, cfg, stack)
		},
		identity: func(ctx context.Context, domain string) (there, verified bool, err error) {
			out, err := mail.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &domain})
			var none *types.NotFoundException
			if errors.As(err, &none) {
				return false, false, nil
			}
			if err != nil {
				return false, false, fmt.Errorf("ask SES about %s: %w", domain, err)
			}
			return true, out.VerifiedForSendingStatus, nil
		},
		mostASecond: func(ctx context.Context) (float64, error) {
			a, err := sending(ctx, mail)
			if err != nil {
				return 0, err
			}
			return a.SendQuota.MaxSendRate, nil
		},
		certificate: func(ctx context.Context, arn string) (status string, names []string, err error) {
			return certificate(ctx, cfg, arn)
		},
		table: func(ctx context.Context, name string) (bool, error) {
			_, err := dynamodb.NewFromConfig(cfg).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
			var none *tabletypes.ResourceNotFoundException
			if errors.As(err, &none) {
				return false, nil
			}
			return err == nil, err
		},
		lookup: resolve,
	}
}

// deployed is how a stack stands, and its parameters; "" where there is none.
func deployed(ctx context.Context, cfg aws.Config, stack string) (string, map[string]string, error) {
	out, err := cloudformation.NewFromConfig(cfg).DescribeStacks(ctx,
		&cloudformation.DescribeStacksInput{StackName: &stack})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ValidationError" {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, fmt.Errorf("ask CloudFormation about the stack %s, as AWS_PROFILE says: %w", stack, err)
	}
	parameters := map[string]string{}
	for _, s := range out.Stacks {
		for _, p := range s.Parameters {
			parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
		}
		return string(s.StackStatus), parameters, nil
	}
	return "", nil, nil
}

// Of these services one operation each is asked: a client of the SDK would be a module each.

// certificate is ACM's DescribeCertificate.
func certificate(ctx context.Context, cfg aws.Config, arn string) (status string, names []string, err error) {
	body, err := json.Marshal(map[string]string{"CertificateArn": arn})
	if err != nil {
		return "", nil, err
	}
	var answer struct {
		Certificate struct {
			Status                  string
			SubjectAlternativeNames []string
		}
	}
	err = askFor(ctx, cfg, "acm", signed.Request{Method: http.MethodPost, Body: body, Header: map[string]string{
		"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "CertificateManager.DescribeCertificate",
	}}, func(r io.Reader) error { return json.NewDecoder(r).Decode(&answer) })
	if err != nil {
		return "", nil, fmt.Errorf("ask for the certificate %s: %w", arn, err)
	}
	return answer.Certificate.Status, answer.Certificate.SubjectAlternativeNames, nil
}

// concurrency is Lambda's GetAccountSettings: how many functions the account may run at once.
func concurrency(ctx context.Context, cfg aws.Config) (int, error) {
	var answer struct {
		AccountLimit struct{ ConcurrentExecutions int }
	}
	err := askFor(ctx, cfg, "lambda", signed.Request{Method: http.MethodGet, Path: "/2016-08-19/account-settings"},
		func(r io.Reader) error { return json.NewDecoder(r).Decode(&answer) })
	if err != nil {
		return 0, fmt.Errorf("ask Lambda about the account: %w", err)
	}
	return answer.AccountLimit.ConcurrentExecutions, nil
}

// unconfirmed is SNS's ListSubscriptionsByTopic: which subscriptions wait for a click in a mail,
// and how many are confirmed.
func unconfirmed(ctx context.Context, cfg aws.Config, topic string) (waiting []string, confirmed int, err error) {
	form := url.Values{"Action": {"ListSubscriptionsByTopic"}, "Version": {"2010-03-31"}, "TopicArn": {topic}}
	var answer struct {
		Members []struct {
			Endpoint        string `xml:"Endpoint"`
			SubscriptionArn string `xml:"SubscriptionArn"`
		} `xml:"ListSubscriptionsByTopicResult>Subscriptions>member"`
	}
	err = askFor(ctx, cfg, "sns", signed.Request{Method: http.MethodPost, Body: []byte(form.Encode()),
		Header: map[string]string{
			"Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
		}}, func(r io.Reader) error { return xml.NewDecoder(r).Decode(&answer) })
	if err != nil {
		return nil, 0, fmt.Errorf("ask SNS who hears of alarms: %w", err)
	}
	for _, m := range answer.Members {
		if m.SubscriptionArn == "PendingConfirmation" {
			waiting = append(waiting, m.Endpoint)
		} else {
			confirmed++
		}
	}
	return waiting, confirmed, nil
}

// enoughAtOnce is how many functions a stack may want at once on a busy day, pages included.
const enoughAtOnce = 50

// lambdaHealth looks at how many functions the account may run at once. A new one has ten, for all
// its stacks together.
func (s *stack) lambdaHealth(ctx context.Context) (string, error) {
	n, err := concurrency(ctx, s.cfg)
	if err != nil {
		return "", err
	}
	if n < enoughAtOnce {
		return "", fmt.Errorf("the account may run %d functions at once, and AWS turns more away. Ask for more, "+
			"which is free: aws service-quotas "+
			"request-service-quota-increase --region %s --service-code lambda --quota-code L-B99A9384 "+
			"--desired-value 1000", n, s.cfg.Region)
	}
	return fmt.Sprintf("the account may run %d functions at once", n), nil
}

// alarmMail looks whether anyone hears of alarms: AWS mails nothing before its first mail is
// answered.
func (s *stack) alarmMail(ctx context.Context) (string, error) {
	waiting, confirmed, err := unconfirmed(ctx, s.cfg, s.outputs["AlarmTopic"])
	switch {
	case err != nil:
		return "", err
	case len(waiting) > 0:
		return "", fmt.Errorf("%s gets no alarms yet: open the email \"AWS Notification - Subscription "+
			"Confirmation\" there and press its link. "+
			"If it is gone: aws sns subscribe --region %s --topic-arn %s --protocol email --notification-endpoint "+
			"%[1]s",
			strings.Join(waiting, ", "), s.cfg.Region, s.outputs["AlarmTopic"])
	case confirmed == 0:
		return "", errors.New("no one gets alarms: make deploy PARAMETERS='OperatorAddress=you@your-domain.org'")
	}
	return "alarms go to " + counted(confirmed, "subscriber"), nil
}

func askFor(ctx context.Context, cfg aws.Config, service string, r signed.Request, read func(io.Reader) error) error {
	answer, err := signed.New(cfg, service).Ask(ctx, r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if err := read(answer.Body); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}
