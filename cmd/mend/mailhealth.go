package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

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
	forecast  func(context.Context) (operate.Forecast, error)
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

func (m mailHealth) checks() []check {
	domain := m.domain()
	return []check{
		m.records("identity", domain+" is verified", domain+" is not verified", dkimRecords, restartDKIM,
			func(id *sesv2.GetEmailIdentityOutput) string {
				if id.VerifiedForSendingStatus {
					return found
				}
				return string(id.VerificationStatus)
			}),
		m.records("dkim", "letters are signed", "letters are not signed", dkimRecords, restartDKIM,
			func(id *sesv2.GetEmailIdentityOutput) string {
				return string(cmp.Or(id.DkimAttributes, &types.DkimAttributes{}).Status)
			}),
		m.records("mail from", "bounces use bounce."+domain, "bounces don't use the domain's own name",
			mailFromRecords, restartMailFrom, func(id *sesv2.GetEmailIdentityOutput) string {
				return string(cmp.Or(id.MailFromAttributes, &types.MailFromAttributes{}).MailFromDomainStatus)
			}),
		{"dmarc", m.dmarc}, {"account", m.account}, {"quota", m.quota},
		rateCheck("send rate", m.mail, m.outputs["SendRate"]), {"mx", m.mx}, {"receiving", m.ruleSet},
	}
}

func (m mailHealth) domain() string { return m.outputs["MailDomain"] }

// What SES says of the records of an identity (types.VerificationStatus, DkimStatus,
// MailFromDomainStatus).
const (
	found  = "SUCCESS"
	gaveUp = "FAILED"
)

// records is the check whether SES has found some records in the DNS.
func (m mailHealth) records(name, well, unwell, records, restart string,
	status func(*sesv2.GetEmailIdentityOutput) string) check {
	return check{name, func(ctx context.Context) (string, error) {
		domain := m.domain()
		id, err := m.mail.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &domain})
		if err != nil {
			return "", fmt.Errorf("ask SES about %s: %w", domain, err)
		}
		switch status(id) {
		case found:
			return well, nil
		case gaveUp:
			return "", fmt.Errorf("%s. SES looked for the records for 72 hours and gave up. Add %s to the DNS, then "+
				"have it look again: %s", unwell, records, fmt.Sprintf(restart, m.region, domain))
		}
		return "", fmt.Errorf("%s: add the records %s of the stack's outputs to the DNS, and wait (up to 72 hours, "+
			"mostly minutes)", unwell, records)
	}}
}

// notFound reports whether a look-up said that there is nothing, and not that it could not look.
func notFound(err error) bool {
	none, ok := errors.AsType[*net.DNSError](err)
	return ok && none.IsNotFound
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

// sending is what SES lets the account send.
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
			"aws sesv2 create-email-identity --region %[1]s --email-identity you@your-domain.org. For others ask for "+
			"production access: docs/aws.md has the words", m.region)
	}
	return "out of the sandbox", nil
}

// nearlyUsed is how much of the daily quota may be used before the doctor calls it too small.
const nearlyUsed = 0.9

// quota compares what SES lets the account send with what is due in the days to come.
func (m mailHealth) quota(ctx context.Context) (string, error) {
	a, err := sending(ctx, m.mail)
	if err != nil {
		return "", err
	}
	o, err := m.forecast(ctx)
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
func rateCheck(name string, mail mailAccount, rate string) check {
	return check{name, func(ctx context.Context) (string, error) {
		ours, rateErr := strconv.ParseFloat(rate, 64)
		a, err := sending(ctx, mail)
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
	if err == nil && active != m.outputs["RuleSet"] {
		err = fmt.Errorf("the active receipt rule set is %s, so replies aren't received: run mend receive on",
			nameOrNone(active))
	}
	return active + " is active", err
}
