package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	tabletypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"example.org/mend/shared/signed"
)

// awsAccount is what of an AWS account, and of the DNS, is asked before a deployment.
type awsAccount struct {
	identity    func(ctx context.Context, domain string) (exists, verified bool, err error)
	mostASecond func(context.Context) (float64, error)
	certificate func(ctx context.Context, arn string) (status string, names []string, err error)
	table       func(ctx context.Context, name string) (exists bool, err error)
	lookup      func(ctx context.Context, host string) ([]string, error)
}

// newAccount asks AWS.
func newAccount(cfg aws.Config) awsAccount {
	mail := sesv2.NewFromConfig(cfg)
	return awsAccount{
		identity: func(ctx context.Context, domain string) (exists, verified bool, err error) {
			out, err := mail.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &domain})
			if _, none := errors.AsType[*types.NotFoundException](err); none {
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
			if _, none := errors.AsType[*tabletypes.ResourceNotFoundException](err); none {
				return false, nil
			}
			return err == nil, err
		},
		lookup: net.DefaultResolver.LookupHost,
	}
}

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
		err = fmt.Errorf("ask for the certificate %s: %w", arn, err)
	}
	return answer.Certificate.Status, answer.Certificate.SubjectAlternativeNames, err
}
