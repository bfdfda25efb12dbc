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
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	tabletypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"example.org/mend/shared/operate"
	"example.org/mend/shared/signed"
	"example.org/mend/shared/store/dynamo"
)

// checks are those of a stack alone: mail, and what AWS does around the functions.
func (s *stack) checks(in *target) []check {
	forecast := func(ctx context.Context) (operate.Forecast, error) {
		return in.reading().Operate.Forecast(ctx, func(int) {})
	}
	return append(s.mailChecks(forecast), check{"table", s.checkTable}, check{"lambda", s.checkLambda},
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
	if _, none := errors.AsType[*tabletypes.ResourceNotFoundException](err); none {
		return nil, fmt.Errorf("there is no table %s in %s", table, s.cfg.Region)
	}
	if err != nil {
		return nil, fmt.Errorf("look at the table %s: %w", table, err)
	}
	ttl, err := s.table.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &table})
	if err != nil {
		return nil, fmt.Errorf("look at the time to live of the table %s: %w", table, err)
	}
	expiry := cmp.Or(ttl.TimeToLiveDescription, &tabletypes.TimeToLiveDescription{}).TimeToLiveStatus
	expires := expiry == tabletypes.TimeToLiveStatusEnabled || expiry == tabletypes.TimeToLiveStatusEnabling
	backups, err := s.table.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &table})
	if err != nil {
		return nil, fmt.Errorf("look at the backups of the table %s: %w", table, err)
	}
	backup := cmp.Or(backups.ContinuousBackupsDescription, &tabletypes.ContinuousBackupsDescription{})
	recovery := cmp.Or(backup.PointInTimeRecoveryDescription, &tabletypes.PointInTimeRecoveryDescription{})
	backedUp := recovery.PointInTimeRecoveryStatus == tabletypes.PointInTimeRecoveryStatusEnabled
	return []guard{
		{"time to live", expires, func() error {
			_, err := s.table.UpdateTimeToLive(ctx, dynamo.TimeToLive(table))
			return err
		}},
		{"point-in-time recovery", backedUp, func() error {
			on := &tabletypes.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)}
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

// resolver is the part of [net.Resolver] that is used.
type resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupHost(ctx context.Context, name string) ([]string, error)
}

// The commands that make SES look for records again. It does so for 72 hours, and then gives up for
// good.
const (
	restartDKIM = "aws sesv2 put-email-identity-dkim-signing-attributes --region %[1]s --email-identity %[2]s " +
		"--signing-attributes-origin AWS_SES --signing-attributes NextSigningKeyLength=RSA_2048_BIT"
	restartMailFrom = "aws sesv2 put-email-identity-mail-from-attributes --region %[1]s --email-identity %[2]s " +
		"--mail-from-domain bounce.%[2]s --behavior-on-mx-failure USE_DEFAULT_VALUE"
	dkimRecords     = "Dkim1, Dkim2 and Dkim3"
	mailFromRecords = "MailFromMx and MailFromSpf"
)

// forecaster says who gets letters, and what falls due in the week to come.
type forecaster = func(context.Context) (operate.Forecast, error)

// once lets several checks share one answer. SES takes one request a second, letters aside (SES
// developer guide, "Service quotas").
func once[T any](ask func(context.Context) (T, error)) func(context.Context) (T, error) {
	var asked sync.Once
	var answer T
	var err error
	return func(ctx context.Context) (T, error) {
		asked.Do(func() { answer, err = ask(ctx) })
		return answer, err
	}
}

// What SES says of an identity, and of what the account may send.
type (
	identityAsker = func(context.Context) (*sesv2.GetEmailIdentityOutput, error)
	accountAsker  = func(context.Context) (*sesv2.GetAccountOutput, error)
)

// mailChecks look at how mail goes out of a stack and comes in.
func (s *stack) mailChecks(forecast forecaster) []check {
	domain := s.outputs["MailDomain"]
	identity := once(func(ctx context.Context) (*sesv2.GetEmailIdentityOutput, error) {
		return sesv2.NewFromConfig(s.cfg).GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &domain})
	})
	limits := sending(s.cfg)
	return []check{
		s.records(identity, "identity", domain+" is verified", domain+" is not verified", dkimRecords, restartDKIM,
			func(id *sesv2.GetEmailIdentityOutput) string {
				if id.VerifiedForSendingStatus {
					return found
				}
				return string(id.VerificationStatus)
			}),
		s.records(identity, "dkim", "letters are signed", "letters are not signed", dkimRecords, restartDKIM,
			func(id *sesv2.GetEmailIdentityOutput) string {
				return string(cmp.Or(id.DkimAttributes, &types.DkimAttributes{}).Status)
			}),
		s.records(identity, "mail from", "bounces use bounce."+domain, "bounces don't use the domain's own name",
			mailFromRecords, restartMailFrom, func(id *sesv2.GetEmailIdentityOutput) string {
				from := cmp.Or(id.MailFromAttributes, &types.MailFromAttributes{})
				if aws.ToString(from.MailFromDomain) == "" {
					return neverAsked
				}
				return string(from.MailFromDomainStatus)
			}),
		{"dmarc", s.dmarc},
		{"account", func(ctx context.Context) (string, error) { return s.account(ctx, limits) }},
		{"quota", func(ctx context.Context) (string, error) { return quota(ctx, limits, forecast) }},
		rateCheck("send rate", limits, s.outputs["SendRate"]), {"mx", s.mx}, {"receiving", s.ruleSet},
	}
}

// What SES says of the records of an identity (types.VerificationStatus, DkimStatus,
// MailFromDomainStatus), and neverAsked where it looks for none: an identity that was made by hand
// may have no MAIL FROM domain.
const (
	found      = "SUCCESS"
	gaveUp     = "FAILED"
	neverAsked = ""
)

// records is the check whether SES has found some records in the DNS.
func (s *stack) records(identity identityAsker, name, well, unwell, records, restart string,
	status func(*sesv2.GetEmailIdentityOutput) string) check {
	return check{name, func(ctx context.Context) (string, error) {
		domain, records := s.outputs["MailDomain"], records+" of the stack's outputs"
		if _, made := s.outputs["Dkim1"]; !made && restart == restartDKIM { // the identity is not the stack's
			records = "that SES's console shows under Identities, " + domain + ", DKIM"
		}
		id, err := identity(ctx)
		if err != nil {
			return "", fmt.Errorf("ask SES about %s: %w", domain, err)
		}
		look := fmt.Sprintf(restart, s.cfg.Region, domain)
		switch status(id) {
		case found:
			return well, nil
		case gaveUp:
			return "", fmt.Errorf("%s. SES looked for the records for 72 hours and gave up. Add the records %s to the "+
				"DNS, then have it look again: %s", unwell, records, look)
		case neverAsked:
			return "", fmt.Errorf("%s. Add the records %s to the DNS, then have SES look for them: %s", unwell, records,
				look)
		}
		return "", fmt.Errorf("%s: add the records %s to the DNS, and wait (up to 72 hours, mostly minutes)", unwell,
			records)
	}}
}

// notFound reports whether a look-up said that there is nothing, and not that it could not look.
func notFound(err error) bool {
	none, ok := errors.AsType[*net.DNSError](err)
	return ok && none.IsNotFound
}

func (s *stack) dmarc(ctx context.Context) (string, error) {
	records, err := s.dns.LookupTXT(ctx, "_dmarc."+s.outputs["MailDomain"])
	if err != nil && !notFound(err) {
		return "", fmt.Errorf("look up _dmarc.%s: %w", s.outputs["MailDomain"], err)
	}
	if policy := dmarcPolicy(records); policy != "" {
		return policy, nil
	}
	return "", errors.New("mailboxes aren't told what to do with forged mail: add the record Dmarc of the stack's " +
		"outputs to the DNS")
}

// dmarcPolicy is the DMARC record among TXT records, if there is exactly one (RFC 7489 section
// 6.6.3).
func dmarcPolicy(records []string) string {
	policies := slices.DeleteFunc(slices.Clone(records),
		func(r string) bool { return !strings.HasPrefix(r, "v=DMARC1") })
	if len(policies) != 1 {
		return ""
	}
	return policies[0]
}

// sending asks what SES lets the account send.
func sending(cfg aws.Config) accountAsker {
	return once(func(ctx context.Context) (*sesv2.GetAccountOutput, error) {
		a, err := sesv2.NewFromConfig(cfg).GetAccount(ctx, &sesv2.GetAccountInput{})
		if err != nil {
			return nil, fmt.Errorf("ask SES about the account: %w", err)
		}
		if a.SendQuota == nil {
			return nil, errors.New("SES tells no quota for this account")
		}
		return a, nil
	})
}

func (s *stack) account(ctx context.Context, limits accountAsker) (string, error) {
	a, err := limits(ctx)
	switch {
	case err != nil:
		return "", err
	case !a.SendingEnabled:
		return "", errors.New("sending is paused for this account: SES's console says why")
	case !a.ProductionAccessEnabled:
		return "", fmt.Errorf("the account is in SES's sandbox in %s, which writes only to verified addresses. "+
			"Verify yours: "+
			"aws sesv2 create-email-identity --region %[1]s --email-identity you@your-domain.org. For others ask for "+
			"production access: docs/aws.md has the words", s.cfg.Region)
	}
	return "out of the sandbox", nil
}

// nearlyUsed is how much of the daily quota may be used before the doctor calls it too small.
const nearlyUsed = 0.9

// quota compares what SES lets the account send with what is due in the days to come.
func quota(ctx context.Context, limits accountAsker, forecast forecaster) (string, error) {
	a, err := limits(ctx)
	if err != nil {
		return "", err
	}
	o, err := forecast(ctx)
	if err != nil {
		return "", err
	}
	q := a.SendQuota
	says := fmt.Sprintf("%.0f of %.0f letters in 24 hours, %.0f a second", q.SentLast24Hours, q.Max24HourSend,
		q.MaxSendRate)
	if o.OnDay > 0 {
		says += fmt.Sprintf("; the busiest day to come is %s with %s, and %d of them at %s", o.Day,
			counted(o.OnDay, "letter"), o.AtOnce, o.Quarter.Format("15:04 UTC"))
	}
	limited := q.Max24HourSend >= 0
	switch {
	case limited && q.SentLast24Hours >= nearlyUsed*q.Max24HourSend:
		return "", fmt.Errorf("the daily quota is nearly used: ask SES for more. %s", says)
	case limited && float64(o.OnDay) > nearlyUsed*q.Max24HourSend:
		return "", fmt.Errorf("the daily quota is too small for your people: ask SES for more. %s", says)
	case float64(o.AtOnce) > 0.8*q.MaxSendRate*6*3600:
		return "", fmt.Errorf("the rate is too small to send what is due at once within six hours: ask SES for "+
			"more. %s", says)
	}
	return says, nil
}

// rateCheck compares a SendRate with what SES lets the account send.
func rateCheck(name string, limits accountAsker, rate string) check {
	return check{name, func(ctx context.Context) (string, error) {
		ours, rateErr := strconv.ParseFloat(rate, 64)
		a, err := limits(ctx)
		if err = errors.Join(rateErr, err); err != nil {
			return "", err
		}
		switch most := a.SendQuota.MaxSendRate; {
		case most > 0 && ours > most:
			return "", fmt.Errorf("the stack sends up to %g a second, and SES lets this account send %g "+
				"(make deploy PARAMETERS='SendRate=%[2]g')", ours, most)
		case most > 0 && ours < most/2:
			return fmt.Sprintf("%g a second, and SES would let this account send %g: SendRate=%[2]g makes letters "+
				"faster", ours, most), nil
		default:
			return fmt.Sprintf("%g a second, of %g", ours, most), nil
		}
	}}
}

func (s *stack) mx(ctx context.Context) (string, error) {
	domain, _, _ := strings.Cut(s.outputs["ReplyMx"], " ")
	want := "inbound-smtp." + s.cfg.Region + ".amazonaws.com"
	records, err := s.dns.LookupMX(ctx, domain)
	if err != nil && !notFound(err) {
		return "", fmt.Errorf("look up the MX of %s: %w", domain, err)
	}
	if !slices.ContainsFunc(records, func(r *net.MX) bool { return strings.TrimSuffix(r.Host, ".") == want }) {
		return "", fmt.Errorf("replies don't arrive here: add the record ReplyMx of the stack's outputs to the "+
			"DNS: %s", s.outputs["ReplyMx"])
	}
	return domain + " leads to SES", nil
}

func (s *stack) ruleSet(ctx context.Context) (string, error) {
	active, err := s.activeRuleSet(ctx)
	if err == nil && active != s.outputs["RuleSet"] {
		err = fmt.Errorf("the active receipt rule set is %s, so replies aren't received: run mend receive on",
			nameOrNone(active))
	}
	return active + " is active", err
}
