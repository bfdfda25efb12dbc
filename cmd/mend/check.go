package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	tabletypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/goccy/go-yaml"

	"example.org/mend/shared/signed"
)

type checkCmd struct {
	Stack      string   `default:"mend" placeholder:"NAME" help:"The stack to make or update."`
	Region     string   `placeholder:"REGION" help:"Its region. Default: AWS_REGION."`
	Template   string   `default:"template.yaml" type:"existingfile" help:"The template."`
	Parameters []string `arg:"" optional:"" placeholder:"NAME=VALUE" help:"The parameters of the deployment."`
}

func (c *checkCmd) Run(ctx context.Context, out io.Writer) error {
	cfg, err := awsConfig(ctx, c.Region)
	if err != nil {
		return err
	}
	d := deployment{cfg: cfg, stack: c.Stack, emulated: cfg.BaseEndpoint != nil, dns: net.DefaultResolver}
	if d.parameters, err = readParameters(c.Template); err != nil {
		return err
	}
	if d.given, err = readGiven(c.Parameters); err != nil {
		return err
	}
	described, err := describeStack(ctx, cfg, c.Stack)
	if err != nil {
		return err
	}
	if described != nil {
		d.status, d.now = string(described.StackStatus), map[string]string{}
		for _, p := range described.Parameters {
			d.now[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
		}
	}
	return report(out, runChecks(ctx, d.checks()), false)
}

// deployment is what is about to be deployed, and where.
type deployment struct {
	cfg        aws.Config
	dns        resolver
	emulated   bool // names need not be real
	stack      string
	parameters map[string]parameter
	given      map[string]string
	status     string            // of the stack as it is; "" where there is none
	now        map[string]string // its parameters: those that are left out stay as they are
}

// find is the value that a parameter is going to have; false if it has none yet.
func (d deployment) find(name string) (value string, ok bool) {
	if value, ok = d.given[name]; !ok {
		value, ok = d.now[name]
	}
	if fallback := d.parameters[name].Default; !ok && fallback != nil {
		value, ok = *fallback, true
	}
	return value, ok
}

func (d deployment) value(name string) string {
	value, _ := d.find(name)
	return value
}

// checks lists the checks. If a parameter is wrong, those that come after the parameters are left
// out: they depend on it.
func (d deployment) checks() []check {
	all := []check{{"stack name", d.nameCheck}}
	says := func(text string, err error) func(context.Context) (string, error) {
		return func(context.Context) (string, error) { return text, err }
	}
	wrong := d.wrongParameters()
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		all = append(all, check{name, says("", errors.New(wrong[name]))})
	}
	if len(wrong) > 0 {
		return all
	}
	operator := cmp.Or(d.value("OperatorAddress"), "none: no one gets alarms (OperatorAddress=you@your-domain.org)")
	return append(all, check{"parameters", says("each has a value that it may have", nil)},
		check{"stack", d.stackCheck}, check{"region", d.regionCheck}, check{"MailDomain", d.mailDomain},
		check{"MailIdentity", d.identity}, check{"ReplyDomain", d.replyDomain}, check{"SiteDomain", d.siteDomain},
		rateCheck("SendRate", sending(d.cfg), d.value("SendRate")), check{"test settings", d.testSettings},
		check{"RestoredTable", d.restoredTable}, check{"OperatorAddress", says(operator, nil)})
}

// wrongParameters says what is wrong with each parameter, by its name.
func (d deployment) wrongParameters() map[string]string {
	wrong := map[string]string{}
	for name := range d.given {
		if _, known := d.parameters[name]; known {
			continue
		}
		names := slices.Sorted(maps.Keys(d.parameters))
		wrong[name] = "there is no such parameter: " + strings.Join(names, ", ")
		if i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) }); i >= 0 {
			wrong[name] = "there is no such parameter: write " + names[i]
		}
	}
	for name, p := range d.parameters {
		if value, ok := d.find(name); !ok {
			wrong[name] = "it is missing: it is " + p.ConstraintDescription
		} else if problem := p.problem(value); problem != "" {
			wrong[name] = fmt.Sprintf("%q cannot be used: %s", value, problem)
		}
	}
	return wrong
}

// stackName leaves room for "-evidence" in the name of a configuration set, which has 64
// characters.
var stackName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,54}$`)

func (d deployment) nameCheck(context.Context) (string, error) {
	if !stackName.MatchString(d.stack) {
		return "", fmt.Errorf("%q can't be used: use at most 55 letters, digits and dashes, with a letter first, "+
			"such as STACK=mend", d.stack)
	}
	return d.stack, nil
}

// stackCheck looks whether the stack is in a state that can be deployed over.
func (d deployment) stackCheck(context.Context) (string, error) {
	switch d.status {
	case "", "REVIEW_IN_PROGRESS":
		return "there is none of this name: it will be made", nil
	case "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED":
		return "", fmt.Errorf("its first deployment failed (%s), and nothing can be deployed over it: aws "+
			"cloudformation delete-stack --stack-name %s. "+
			"Its table stays behind, empty: take its protection off and delete it in the DynamoDB console", d.status,
			d.stack)
	case "UPDATE_ROLLBACK_FAILED":
		return "", fmt.Errorf("an update failed, and so did the way back (%s): aws cloudformation "+
			"continue-update-rollback --stack-name %s", d.status, d.stack)
	case "DELETE_FAILED":
		return "", fmt.Errorf("it could not be deleted (%s), mostly because its mail bucket is not empty: see "+
			"docs/aws.md, \"How to leave\"", d.status)
	}
	if strings.HasSuffix(d.status, "_IN_PROGRESS") {
		return "", fmt.Errorf("it is being changed (%s): wait until that is over", d.status)
	}
	return "it is there and will be updated", nil
}

// regionCheck looks whether SES receives mail in the region: then it has a host for it.
func (d deployment) regionCheck(ctx context.Context) (string, error) {
	host := "inbound-smtp." + d.cfg.Region + ".amazonaws.com"
	var err error
	if !d.emulated {
		_, err = d.dns.LookupHost(ctx, host)
	}
	switch {
	case notFound(err):
		return "", fmt.Errorf("SES receives no mail in %s (there is no %s): export AWS_REGION=eu-west-1, or another "+
			"of its regions, such as eu-central-1 and us-east-1", d.cfg.Region, host)
	case err != nil:
		return "", fmt.Errorf("look up %s, to see whether SES receives mail in this region: %w", host, err)
	}
	return "SES receives mail in " + d.cfg.Region, nil
}

// reserved are domains that no one can own (RFC 2606, RFC 6762).
var reserved = regexp.MustCompile(`(^|\.)(example|test|invalid|localhost|local|example\.(com|net|org))$`)

func (d deployment) mailDomain(context.Context) (string, error) {
	domain := d.value("MailDomain")
	if reserved.MatchString(domain) && !d.emulated {
		return "", fmt.Errorf("%s is a reserved name that no one can own: use a domain whose DNS you can change, "+
			"or a subdomain of it, such as MailDomain=mend.your-domain.org", domain)
	}
	return domain, nil
}

// sesKnows reports whether SES has a domain as an identity, and whether it is verified.
func (d deployment) sesKnows(ctx context.Context, domain string) (exists, verified bool, err error) {
	id, err := sesv2.NewFromConfig(d.cfg).GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &domain})
	if _, none := errors.AsType[*types.NotFoundException](err); none {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("ask SES about %s: %w", domain, err)
	}
	return true, id.VerifiedForSendingStatus, nil
}

func (d deployment) identity(ctx context.Context) (string, error) {
	domain := d.value("MailDomain")
	there, _, err := d.sesKnows(ctx, domain)
	if err != nil {
		return "", err
	}
	existing := d.value("MailIdentity") == "existing"
	ours := d.now["MailIdentity"] != "existing" && d.now["MailDomain"] == domain
	switch {
	case existing && !there:
		return "", fmt.Errorf("SES has no identity %s in %s: MailIdentity=new makes it", domain, d.cfg.Region)
	case existing && ours:
		return "", fmt.Errorf("the stack made the identity %s itself, and would delete it now: MailIdentity=new keeps "+
			"it", domain)
	case !existing && there && !ours:
		return "", fmt.Errorf("SES has an identity %s in %s already, made by hand or by another stack: "+
			"MailIdentity=existing uses it (or delete it: "+
			"aws sesv2 delete-email-identity --email-identity %s)", domain, d.cfg.Region, domain)
	case existing:
		return "SES has " + domain + " already, and it is used", nil
	}
	return domain + " is an identity of the stack", nil
}

func (d deployment) replyDomain(ctx context.Context) (string, error) {
	reply, mail := d.value("ReplyDomain"), d.value("MailDomain")
	good := "ReplyDomain=reply." + mail
	switch {
	case reply == mail:
		return "", fmt.Errorf("%s is MailDomain itself, so all mail of that domain would go to Mend and be "+
			"deleted: %s", reply, good)
	case reply == "bounce."+mail:
		return "", fmt.Errorf("%s is where bounces go, and may receive nothing else: %s", reply, good)
	case reply == d.value("SiteDomain"):
		return "", fmt.Errorf("%s is SiteDomain, and a name with a CNAME can have no MX: %s", reply, good)
	case strings.HasSuffix(reply, "."+mail):
		return reply + " is below MailDomain", nil
	}
	if _, verified, err := d.sesKnows(ctx, reply); err != nil {
		return "", err
	} else if !verified {
		return "", fmt.Errorf("%s is neither below MailDomain nor a verified identity of SES, which would refuse "+
			"its mail: %s", reply, good)
	}
	return reply + " is a verified identity", nil
}

func (d deployment) siteDomain(ctx context.Context) (string, error) {
	domain, arn := d.value("SiteDomain"), d.value("SiteCertificate")
	switch {
	case domain == "" && arn == "":
		return "none: the pages are where API Gateway puts them", nil
	case domain == "":
		return "", errors.New("SiteCertificate is without its domain: give SiteDomain= too")
	case arn == "":
		return "", errors.New("it needs a certificate first: see docs/aws.md, \"A domain for the pages\", then " +
			"give SiteCertificate= too")
	case strings.Split(arn, ":")[3] != d.cfg.Region:
		return "", fmt.Errorf("its certificate is in %s: make one in %s, the region of the stack",
			strings.Split(arn, ":")[3], d.cfg.Region)
	}
	var answer struct {
		Certificate struct {
			Status                  string
			SubjectAlternativeNames []string
		}
	}
	if err := signed.New(d.cfg, "acm").AskJSON(ctx, "1.1", "CertificateManager.DescribeCertificate",
		map[string]string{"CertificateArn": arn}, &answer); err != nil {
		return "", fmt.Errorf("ask for the certificate %s: %w", arn, err)
	}
	status, names := answer.Certificate.Status, answer.Certificate.SubjectAlternativeNames
	if status != "ISSUED" {
		return "", fmt.Errorf("its certificate is %s: add its CNAME to the DNS and wait until it is ISSUED", status)
	}
	_, parent, _ := strings.Cut(domain, ".")
	if !slices.Contains(names, domain) && !slices.Contains(names, "*."+parent) {
		return "", fmt.Errorf("its certificate is for %s: make one for %s", strings.Join(names, ", "), domain)
	}
	return domain + " has its certificate", nil
}

// testSettings looks whether parameters of tests are set. Functions refuse to start with a clock
// that can be moved.
func (d deployment) testSettings(context.Context) (string, error) {
	if strings.HasSuffix(d.stack, "-test") || d.value("TestClock") != "on" && d.value("TestSite") == "" {
		return "none", nil
	}
	return "", fmt.Errorf("they are for stacks whose name ends in -test: TestClock=off TestSite= (STACK=%s)", d.stack)
}

func (d deployment) restoredTable(ctx context.Context) (string, error) {
	name, now := d.value("RestoredTable"), d.now["RestoredTable"]
	switch {
	case name == "" && now != "":
		return "", fmt.Errorf("the table in use is %[1]s, and without it the stack makes a new, empty one: "+
			"RestoredTable=%[1]s keeps it", now)
	case name == "":
		return "none: the table is the stack's own", nil
	}
	_, err := dynamodb.NewFromConfig(d.cfg).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if _, none := errors.AsType[*tabletypes.ResourceNotFoundException](err); none {
		return "", fmt.Errorf("there is no table %s in %s: restore one first, or leave RestoredTable as it is (%s)",
			name, d.cfg.Region, cmp.Or(now, "the stack's own"))
	}
	if err != nil {
		return "", fmt.Errorf("look at the table %s: %w", name, err)
	}
	return name + " is there", nil
}

type parameter struct {
	Default               *string  `yaml:"Default"`
	AllowedPattern        string   `yaml:"AllowedPattern"`
	AllowedValues         []string `yaml:"AllowedValues"`
	MinValue              int      `yaml:"MinValue"`
	MaxValue              int      `yaml:"MaxValue"` // 0: it is no number
	MaxLength             int      `yaml:"MaxLength"`
	ConstraintDescription string   `yaml:"ConstraintDescription"`
}

func readParameters(path string) (map[string]parameter, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	var template struct {
		Parameters map[string]parameter `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		return nil, fmt.Errorf("read the template %s: %w", path, err)
	}
	return template.Parameters, nil
}

func readGiven(arguments []string) (map[string]string, error) {
	given := map[string]string{}
	for _, argument := range arguments {
		name, value, ok := strings.Cut(argument, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not a parameter: write it as NAME=VALUE, without spaces around the =",
				argument)
		}
		given[name] = strings.Trim(value, `"'`)
	}
	return given, nil
}

// problem says what is wrong with a value, or "".
func (p parameter) problem(value string) string {
	switch n, err := strconv.Atoi(value); { // CloudFormation takes 2.5 too, and fails halfway
	case len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, value):
		return "it is one of " + strings.Join(p.AllowedValues, " ")
	case p.MaxValue > 0 && (err != nil || n < p.MinValue || n > p.MaxValue):
		return fmt.Sprintf("it is a whole number from %d to %d, such as %s", p.MinValue, p.MaxValue, *p.Default)
	case !regexp.MustCompile(p.AllowedPattern).MatchString(value):
		return "it is " + p.ConstraintDescription
	case p.MaxLength > 0 && len(value) > p.MaxLength:
		return fmt.Sprintf("it has %d characters at most", p.MaxLength)
	}
	return ""
}
