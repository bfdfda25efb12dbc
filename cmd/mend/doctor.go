package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.org/mend/content"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamo"
)

// doctorCmd is `mend doctor`.
type doctorCmd struct{ stackFlag }

// Help is shown by --help.
func (doctorCmd) Help() string {
	return `Looks at everything between a stack and a letter in somebody's inbox: a line for each, ok or not, and what to do.
Nothing is changed. The exit status is 1 if anything is not ok.`
}

// Run examines the stack.
func (c *doctorCmd) Run() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cfg, outputs, err := c.open(ctx)
	if err != nil {
		return err
	}
	d := patient{
		outputs: outputs, region: cfg.Region, now: time.Now(), keyPath: c.keyPath(),
		mail: sesv2.NewFromConfig(cfg), receiving: ses.NewFromConfig(cfg), queues: sqs.NewFromConfig(cfg), keys: keyring.NewParameterStore(cfg),
		store: store.New(dynamo.New(dynamodb.NewFromConfig(cfg), outputs["Table"], dynamo.Options{}), nil), dns: net.DefaultResolver,
	}
	if wrong := examine(ctx, os.Stdout, d.checks()); wrong > 0 {
		return fmt.Errorf("%d of these want looking after", wrong)
	}
	return nil
}

// check looks at one thing. It returns what it found, and an error that says what to do where that is not well.
type check struct {
	name string
	look func(context.Context) (found string, err error)
}

// examine prints a line for each check and counts those that are not ok.
func examine(ctx context.Context, w io.Writer, checks []check) (wrong int) {
	for _, c := range checks {
		found, err := c.look(ctx)
		if err != nil {
			wrong++
			fmt.Fprintf(w, "not  %-14s %v\n", c.name, err)
			continue
		}
		fmt.Fprintf(w, "ok   %-14s %s\n", c.name, found)
	}
	return wrong
}

// patient is what the checks look at.
type patient struct {
	outputs         map[string]string // of the stack
	region, keyPath string
	now             time.Time
	mail            *sesv2.Client
	receiving       *ses.Client
	queues          *sqs.Client
	keys            keyring.Reader
	store           *store.Store
	dns             *net.Resolver
}

func (p patient) checks() []check {
	all := []check{
		{"identity", p.identity}, {"dkim", p.dkim}, {"mail from", p.mailFrom}, {"dmarc", p.dmarc}, {"account", p.account},
		{"keys", p.ring}, {"last tick", p.lastTick},
		{"crisis lines", func(context.Context) (string, error) { return crisisLines(content.FS, p.now) }},
	}
	for _, name := range []string{"Send", "Now", "Receipt", "Feedback"} {
		all = append(all, check{strings.ToLower(name) + " queue", func(ctx context.Context) (string, error) { return p.queue(ctx, name) }})
	}
	if p.outputs["RuleSet"] != "" {
		all = append(all, check{"mx", p.mx}, check{"receiving", p.ruleSet})
	}
	return all
}

func (p patient) domain() string { return p.outputs["MailDomain"] }

func (p patient) emailIdentity(ctx context.Context) (*sesv2.GetEmailIdentityOutput, error) {
	domain := p.domain()
	out, err := p.mail.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &domain})
	if err != nil {
		return nil, fmt.Errorf("ask SES about %s: %w", domain, err)
	}
	return out, nil
}

func (p patient) identity(ctx context.Context) (string, error) {
	id, err := p.emailIdentity(ctx)
	if err != nil {
		return "", err
	}
	if !id.VerifiedForSendingStatus {
		return "", fmt.Errorf("%s is not verified: add the DKIM records to its DNS and wait (up to 72 hours, mostly minutes)", p.domain())
	}
	return p.domain() + " is verified", nil
}

func (p patient) dkim(ctx context.Context) (string, error) {
	id, err := p.emailIdentity(ctx)
	if err != nil {
		return "", err
	}
	if id.DkimAttributes == nil || id.DkimAttributes.Status != types.DkimStatusSuccess {
		return "", errors.New("letters are not signed: add the three records Dkim1, Dkim2 and Dkim3 of the stack's outputs to the DNS")
	}
	return "letters are signed", nil
}

func (p patient) mailFrom(ctx context.Context) (string, error) {
	id, err := p.emailIdentity(ctx)
	if err != nil {
		return "", err
	}
	if id.MailFromAttributes == nil || id.MailFromAttributes.MailFromDomainStatus != types.MailFromDomainStatusSuccess {
		return "", errors.New("bounces do not go by the domain's own name: add the records MailFromMx and MailFromSpf of the stack's outputs to the DNS")
	}
	return aws.ToString(id.MailFromAttributes.MailFromDomain), nil
}

func (p patient) dmarc(ctx context.Context) (string, error) {
	records, err := p.dns.LookupTXT(ctx, "_dmarc."+p.domain())
	var none *net.DNSError
	if err != nil && !(errors.As(err, &none) && none.IsNotFound) {
		return "", fmt.Errorf("look up _dmarc.%s: %w", p.domain(), err)
	}
	if policy := dmarcPolicy(records); policy != "" {
		return policy, nil
	}
	return "", errors.New("nobody is told what to do with forged mail: add the record Dmarc of the stack's outputs to the DNS")
}

// dmarcPolicy is the DMARC record among TXT records, if there is exactly one (RFC 7489 section 6.6.3).
func dmarcPolicy(records []string) string {
	found := slices.DeleteFunc(slices.Clone(records), func(r string) bool { return !strings.HasPrefix(r, "v=DMARC1") })
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

func (p patient) account(ctx context.Context) (string, error) {
	a, err := p.mail.GetAccount(ctx, &sesv2.GetAccountInput{})
	if err != nil {
		return "", fmt.Errorf("ask SES about the account: %w", err)
	}
	if a.SendQuota == nil {
		return "", errors.New("SES tells no quota for this account")
	}
	quota := fmt.Sprintf("%.0f of %.0f letters in 24 hours, %.0f a second (set SendRate to that)",
		a.SendQuota.SentLast24Hours, a.SendQuota.Max24HourSend, a.SendQuota.MaxSendRate)
	switch {
	case !a.SendingEnabled:
		return "", errors.New("sending is paused for this account: SES's console says why")
	case !a.ProductionAccessEnabled:
		return "", fmt.Errorf("the account is in SES's sandbox, which writes to verified addresses alone: ask for production access in SES's console. %s", quota)
	case a.SendQuota.SentLast24Hours >= 0.9*a.SendQuota.Max24HourSend && a.SendQuota.Max24HourSend >= 0:
		return "", fmt.Errorf("the daily quota is nearly used: ask SES for more. %s", quota)
	}
	return quota, nil
}

func (p patient) ring(ctx context.Context) (string, error) {
	ring, err := keyring.Read(ctx, p.keys, p.keyPath, p.now)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("key %d signs, %d verify", ring.Signing, len(ring.Held)), nil
}

// lateTick is how old the watermark may be: it moves each quarter-hour.
const lateTick = 20 * time.Minute

func (p patient) lastTick(ctx context.Context) (string, error) {
	at, err := p.store.Watermark(ctx)
	if err != nil {
		return "", err
	}
	if at.IsZero() {
		return "", errors.New("no tick has come yet: it takes a minute after the first deployment; then look at the log of the dispatch function")
	}
	if ago := p.now.Sub(at); ago > lateTick {
		return "", fmt.Errorf("%s ago: look at the schedule, and at the log of the dispatch function", ago.Round(time.Minute))
	}
	return "handed out what fell due up to " + at.UTC().Format("15:04 UTC"), nil
}

func (p patient) queue(ctx context.Context, name string) (string, error) {
	waits, err := waiting(ctx, p.queues, p.outputs[name+"Queue"])
	if err != nil {
		return "", err
	}
	dead, err := waiting(ctx, p.queues, p.outputs[name+"DeadLetters"])
	if err != nil {
		return "", err
	}
	lower := strings.ToLower(name)
	if dead > 0 {
		return "", fmt.Errorf("%d dead letters: find the error in the log of its function, mend it, then mend redrive %s", dead, lower)
	}
	return fmt.Sprintf("%d waiting, no dead letters", waits), nil
}

func (p patient) mx(ctx context.Context) (string, error) {
	domain, _, _ := strings.Cut(p.outputs["ReplyMx"], " ")
	want := "inbound-smtp." + p.region + ".amazonaws.com"
	records, err := p.dns.LookupMX(ctx, domain)
	var none *net.DNSError
	if err != nil && !(errors.As(err, &none) && none.IsNotFound) {
		return "", fmt.Errorf("look up the MX of %s: %w", domain, err)
	}
	if !slices.ContainsFunc(records, func(r *net.MX) bool { return strings.TrimSuffix(r.Host, ".") == want }) {
		return "", fmt.Errorf("replies do not come here: add the record ReplyMx of the stack's outputs to the DNS: %s", p.outputs["ReplyMx"])
	}
	return domain + " leads to SES", nil
}

func (p patient) ruleSet(ctx context.Context) (string, error) {
	active, err := activeRuleSet(ctx, p.receiving)
	if err != nil {
		return "", err
	}
	if want := p.outputs["RuleSet"]; active != want {
		return "", fmt.Errorf("the active receipt rule set is %s, so replies are not taken: mend receive on", nameOrNone(active))
	}
	return active + " is active", nil
}

func nameOrNone(name string) string {
	if name == "" {
		return "none"
	}
	return name
}
