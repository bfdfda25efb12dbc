package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"example.org/mend/shared/operate"
)

// mailHealth looks at how mail goes out of a stack and comes in.
type mailHealth struct {
	outputs   map[string]string // of the stack
	region    string
	mail      mailAccount
	receiving ruleSets
	dns       resolver
	outlook   func(context.Context) (operate.Forecast, error)
}

// mailAccount is the part of [sesv2.Client] that is used.
type mailAccount interface {
	GetEmailIdentity(context.Context, *sesv2.GetEmailIdentityInput,
		...func(*sesv2.Options)) (*sesv2.GetEmailIdentityOutput, error)
	GetAccount(context.Context, *sesv2.GetAccountInput, ...func(*sesv2.Options)) (*sesv2.GetAccountOutput, error)
}

// resolver is the part of [net.Resolver] that is used.
type resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
}

func (m mailHealth) checks() []check {
	return []check{
		{"identity", m.identity}, {"dkim", m.dkim}, {"mail from", m.mailFrom}, {"dmarc", m.dmarc},
		{"account", m.account}, {"quota", m.quota},
		{"send rate", m.sendRate}, {"mx", m.mx}, {"receiving", m.ruleSet},
	}
}

func (m mailHealth) domain() string { return m.outputs["MailDomain"] }

func (m mailHealth) emailIdentity(ctx context.Context) (*sesv2.GetEmailIdentityOutput, error) {
	domain := m.domain()
	out, err := m.mail.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &domain})
	if err != nil {
		return nil, fmt.Errorf("ask SES about %s: %w", domain, err)
	}
	return out, nil
}

// SES looks for the records for 72 hours. After that it gives up for good, and only a restart makes
// it look again.
const (
	restartDKIM = "aws sesv2 put-email-identity-dkim-signing-attributes --region %[3]s --email-identity %[2]s " +
		"--signing-attributes-origin AWS_SES --signing-attributes NextSigningKeyLength=RSA_2048_BIT"
	restartMailFrom = "aws sesv2 put-email-identity-mail-from-attributes --region %[3]s --email-identity %[2]s " +
		"--mail-from-domain bounce.%[2]s --behavior-on-mx-failure USE_DEFAULT_VALUE"
	gaveUp = "SES looked for the records for 72 hours and gave up. Add %[1]s to the DNS, then have it look again: "
)

func (m mailHealth) identity(ctx context.Context) (string, error) {
	id, err := m.emailIdentity(ctx)
	switch {
	case err != nil:
		return "", err
	case id.VerifiedForSendingStatus:
		return m.domain() + " is verified", nil
	case id.VerificationStatus == types.VerificationStatusFailed:
		return "", fmt.Errorf(m.domain()+" is not verified. "+gaveUp+restartDKIM, "Dkim1, Dkim2 and Dkim3",
			m.domain(), m.region)
	}
	return "", fmt.Errorf("%s is not verified: add the DKIM records to its DNS and wait (up to 72 hours, mostly "+
		"minutes)", m.domain())
}

func (m mailHealth) dkim(ctx context.Context) (string, error) {
	id, err := m.emailIdentity(ctx)
	switch {
	case err != nil:
		return "", err
	case id.DkimAttributes != nil && id.DkimAttributes.Status == types.DkimStatusSuccess:
		return "letters are signed", nil
	case id.DkimAttributes != nil && id.DkimAttributes.Status == types.DkimStatusFailed:
		return "", fmt.Errorf("letters are not signed. "+gaveUp+restartDKIM, "Dkim1, Dkim2 and Dkim3", m.domain(),
			m.region)
	}
	return "", errors.New("letters are not signed: add the three records Dkim1, Dkim2 and Dkim3 of the stack's " +
		"outputs to the DNS")
}

func (m mailHealth) mailFrom(ctx context.Context) (string, error) {
	id, err := m.emailIdentity(ctx)
	switch {
	case err != nil:
		return "", err
	case id.MailFromAttributes != nil &&
		id.MailFromAttributes.MailFromDomainStatus == types.MailFromDomainStatusSuccess:
		return aws.ToString(id.MailFromAttributes.MailFromDomain), nil
	case id.MailFromAttributes != nil && id.MailFromAttributes.MailFromDomainStatus == types.MailFromDomainStatusFailed:
		return "", fmt.Errorf("bounces don't use the domain's own name. "+gaveUp+restartMailFrom,
			"MailFromMx and MailFromSpf", m.domain(), m.region)
	}
	return "", errors.New("bounces don't use the domain's own name: add the records MailFromMx and MailFromSpf of " +
		"the stack's outputs to the DNS")
}

// notFound reports whether a look-up said that there is nothing, and not that it could not look.
func notFound(err error) bool {
	var none *net.DNSError
	return errors.As(err, &none) && none.IsNotFound
}

func (m mailHealth) dmarc(ctx context.Context) (string, error) {
	records, err := m.dns.LookupTXT(ctx, "_dmarc."+m.domain())
	if err != nil && !notFound(err) {
		return "", fmt.Errorf("look up _dmarc.%s: %w", m.domain(), err)
	}
	if policy := dmarcPolicy(records); policy != "" {
		return policy, nil
	}
	return "", errors.New("mailboxes aren't told what to do with forged mail: add the record Dmarc of the stack's " +
		"outputs to the DNS")
}

func sending(ctx context.Context, mail mailAccount) (*sesv2.GetAccountOutput, error) {
	a, err := mail.GetAccount(ctx, &sesv2.GetAccountInput{})
	if err != nil {
		return nil, fmt.Errorf("ask SES about the account: %w", err)
	}
	if a.SendQuota == nil {
		return nil, errors.New("SES tells no quota for this account")
	}
	return a, nil
}

func (m mailHealth) account(ctx context.Context) (string, error) {
	a, err := sending(ctx, m.mail)
	switch {
	case err != nil:
		return "", err
	case !a.SendingEnabled:
		return "", errors.New("sending is paused for this account: SES's console says why")
	case !a.ProductionAccessEnabled:
		return "", fmt.Errorf("the account is in SES's sandbox in %s, which writes only to verified addresses. "+
			"Verify yours: "+
			"aws sesv2 create-email-identity --region %s --email-identity you@your-domain.org. For others ask for "+
			"production access: docs/aws.md has the words", m.region, m.region)
	}
	return "out of the sandbox", nil
}

// busy is the part of the daily quota that is not all used, and yet too much of it.
const busy = 0.9

// quota holds what SES lets the account send against the people and the rhythms that there are.
func (m mailHealth) quota(ctx context.Context) (string, error) {
	a, err := sending(ctx, m.mail)
	if err != nil {
		return "", err
	}
	o, err := m.outlook(ctx)
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
	unlimited := q.Max24HourSend < 0
	switch {
	case !unlimited && q.SentLast24Hours >= busy*q.Max24HourSend:
		return "", fmt.Errorf("the daily quota is nearly used: ask SES for more. %s", says)
	case !unlimited && float64(o.OnDay) > busy*q.Max24HourSend:
		return "", fmt.Errorf("the daily quota is too small for your people: ask SES for more. %s", says)
	case float64(o.AtOnce) > 0.8*q.MaxSendRate*6*3600:
		return "", fmt.Errorf("the rate is too small to send what is due at once within six hours: ask SES for "+
			"more. %s", says)
	}
	return says, nil
}

// sendRate holds what the stack was told of the account's quota against the quota.
func (m mailHealth) sendRate(ctx context.Context) (string, error) {
	a, err := sending(ctx, m.mail)
	if err != nil {
		return "", err
	}
	ours, err := strconv.ParseFloat(m.outputs["SendRate"], 64)
	if err != nil {
		return "", fmt.Errorf("the stack's output SendRate: %w", err)
	}
	says, err := compareRates(ours, a.SendQuota.MaxSendRate)
	if err != nil {
		return "", fmt.Errorf("%w (make deploy PARAMETERS='SendRate=%g')", err, a.SendQuota.MaxSendRate)
	}
	return says, nil
}

func (m mailHealth) mx(ctx context.Context) (string, error) {
	domain, _, _ := strings.Cut(m.outputs["ReplyMx"], " ")
	want := "inbound-smtp." + m.region + ".amazonaws.com"
	records, err := m.dns.LookupMX(ctx, domain)
	if err != nil && !notFound(err) {
		return "", fmt.Errorf("look up the MX of %s: %w", domain, err)
	}
	if !slices.ContainsFunc(records, func(r *net.MX) bool { return strings.TrimSuffix(r.Host, ".") == want }) {
		return "", fmt.Errorf("replies don't arrive here: add the record ReplyMx of the stack's outputs to the "+
			"DNS: %s", m.outputs["ReplyMx"])
	}
	return domain + " leads to SES", nil
}

func (m mailHealth) ruleSet(ctx context.Context) (string, error) {
	active, err := activeRuleSet(ctx, m.receiving)
	if err != nil {
		return "", err
	}
	if want := m.outputs["RuleSet"]; active != want {
		return "", fmt.Errorf("the active receipt rule set is %s, so replies aren't received: run mend receive on",
			nameOrNone(active))
	}
	return active + " is active", nil
}
