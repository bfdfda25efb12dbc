// Package settings reads the settings of a function from its environment: those that it names, all
// at once. What is missing or malformed is listed in one error, and the function does not start.
package settings

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.org/mend/shared/mend"
)

// Name is the name of a setting: a variable of the environment.
type Name string

// The settings. template.yaml sets them.
const (
	Table         Name = "MEND_TABLE"          // the table's name
	KeyPath       Name = "MEND_KEYS"           // the path of the keys in Parameter Store
	SendQueue     Name = "MEND_SEND_QUEUE"     // a queue's URL
	NowQueue      Name = "MEND_NOW_QUEUE"      // a queue's URL
	MailBucket    Name = "MEND_MAIL_BUCKET"    // where raw mail is
	JournalBucket Name = "MEND_JOURNAL_BUCKET" // where the restore journal is
	Site          Name = "MEND_SITE"           // origin of the pages
	ReplyDomain   Name = "MEND_REPLY_DOMAIN"   // of reply addresses
	From          Name = "MEND_FROM"           // the address that letters come from
	Contact       Name = "MEND_CONTACT"        // where people can reach whoever runs this; may be empty
	LettersSet    Name = "MEND_LETTERS_SET"    // SES configuration set of letters
	EvidenceSet   Name = "MEND_EVIDENCE_SET"   // SES configuration set that reports each send too
	SendRate      Name = "MEND_SEND_RATE"      // letters a second that SES lets the account send
	Running       Name = "MEND_RUNNING"        // no: the table is being restored
)

// Settings is what was read. Fields that were not asked for are zero.
type Settings struct {
	Table, KeyPath            string
	SendQueue, NowQueue       string
	MailBucket, JournalBucket string
	Site, ReplyDomain         string
	From                      mend.Address
	Contact                   string
	LettersSet, EvidenceSet   string
	SendRate                  float64
	Away                      bool // the table is being restored

	// TestClock says that the table holds an offset for the clock; see package start. It is
	// MEND_TEST_CLOCK, which any stack refuses whose name does not end in -test.
	TestClock bool

	// AWS is the configuration of every SDK client, made of what Lambda itself sets. Nothing of it
	// needs the network or a file, as the SDK's LoadDefaultConfig may.
	AWS aws.Config

	// MailEndpoint is where SES is, if it is elsewhere than the rest of an emulator; empty
	// otherwise.
	MailEndpoint string
}

// Read reads the settings that a function needs, from a function like [os.Getenv].
func Read(getenv func(string) string, needed ...Name) (Settings, error) {
	s := Settings{}
	r := reader{getenv: getenv}
	for _, name := range needed {
		r.read(&s, name)
	}
	r.clock(&s)
	r.aws(&s)
	if len(r.wrong) > 0 {
		return Settings{}, fmt.Errorf("this function's settings (its environment) cannot be used:\n%w",
			errors.Join(r.wrong...))
	}
	return s, nil
}

// reader collects what is wrong.
type reader struct {
	getenv func(string) string
	wrong  []error
}

func (r *reader) bad(name Name, value, want string) {
	if value == "" {
		r.wrong = append(r.wrong, fmt.Errorf("%s is missing: it is %s", name, want))
		return
	}
	r.wrong = append(r.wrong, fmt.Errorf("%s is %q: it is %s", name, value, want))
}

// Shapes are checked by hand: to compile patterns takes longer than all the rest of a start.

const lettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// of reports whether a value is not empty and made of these characters alone.
func of(characters string) func(string) bool {
	return func(value string) bool { return value != "" && strings.Trim(value, characters) == "" }
}

var (
	tableName = of(lettersAndDigits + "_.-")
	setName   = of(lettersAndDigits + "_-")
)

func keyPath(value string) bool {
	for part := range strings.SplitSeq(strings.TrimPrefix(value, "/"), "/") {
		if !tableName(part) {
			return false
		}
	}
	return strings.HasPrefix(value, "/")
}

func bucketName(value string) bool {
	return of("abcdefghijklmnopqrstuvwxyz0123456789.-")(value) && len(value) > 1 && strings.Trim(value, ".-") == value
}

func domainName(value string) bool {
	for label := range strings.SplitSeq(value, ".") {
		if !of("abcdefghijklmnopqrstuvwxyz0123456789-")(label) {
			return false
		}
	}
	return strings.Contains(value, ".")
}

// shaped reads a setting that must have a shape.
func (r *reader) shaped(into *string, name Name, value string, shape func(string) bool, want string) {
	if !shape(value) {
		r.bad(name, value, want)
	}
	*into = value
}

func (r *reader) read(s *Settings, name Name) {
	value := r.getenv(string(name))
	switch name {
	case Table:
		r.shaped(&s.Table, name, value, tableName, "the name of a DynamoDB table")
	case KeyPath:
		r.shaped(&s.KeyPath, name, value, keyPath, "a path such as /mend/keys")
	case SendQueue:
		r.origin(&s.SendQueue, name, value, "the URL of an SQS queue", true)
	case NowQueue:
		r.origin(&s.NowQueue, name, value, "the URL of an SQS queue", true)
	case MailBucket:
		r.shaped(&s.MailBucket, name, value, bucketName, "the name of an S3 bucket")
	case JournalBucket:
		r.shaped(&s.JournalBucket, name, value, bucketName, "the name of an S3 bucket")
	case Site:
		r.origin(&s.Site, name, value, "an origin such as https://mend.example", false)
	case ReplyDomain:
		r.shaped(&s.ReplyDomain, name, value, domainName, "a domain in lower case, such as reply.mend.example")
	case From:
		r.from(s, value)
	case Contact:
		if strings.ContainsAny(value, " \t\r\n<>") || len(value) > 200 {
			r.bad(name, value, "an address or a URL, or empty")
		}
		s.Contact = value
	case LettersSet:
		r.shaped(&s.LettersSet, name, value, setName, "the name of an SES configuration set")
	case EvidenceSet:
		r.shaped(&s.EvidenceSet, name, value, setName, "the name of an SES configuration set")
	case SendRate:
		rate, err := strconv.ParseFloat(value, 64)
		if err != nil || !(rate > 0 && rate <= 10_000) {
			r.bad(name, value, "a number of letters a second, such as 14")
		}
		s.SendRate = rate
	case Running:
		if value != "yes" && value != "no" {
			r.bad(name, value, "yes or no")
		}
		s.Away = value == "no"
	default:
		r.wrong = append(r.wrong, fmt.Errorf("%s is no setting", name))
	}
}

// origin reads a URL of scheme and host, with a path only where one may be.
func (r *reader) origin(into *string, name Name, value, want string, path bool) {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" ||
		u.Fragment != "" ||
		!path && u.Path != "" {
		r.bad(name, value, want)
	}
	*into = value
}

func (r *reader) from(s *Settings, value string) {
	asIs := func(domain string) (string, error) { return domain, nil }
	from, err := mend.ParseAddress(value, asIs)
	if err != nil || !domainName(from.Domain()) {
		r.bad(From, value, "an address such as letters@mend.example")
	}
	s.From = from
}

// clock lets a test stack, and no other, move its clock.
func (r *reader) clock(s *Settings) {
	switch value := r.getenv("MEND_TEST_CLOCK"); value {
	case "", "off":
	case "on":
		s.TestClock = true
		if stack := r.getenv("MEND_STACK"); !strings.HasSuffix(stack, "-test") {
			r.wrong = append(r.wrong,
				fmt.Errorf("MEND_TEST_CLOCK is on, and the stack is %q: only a stack whose name ends in -test may "+
					"move its clock", stack))
		}
	default:
		r.bad("MEND_TEST_CLOCK", value, "on or off")
	}
}

// aws reads what Lambda sets (developer guide, "Defined runtime environment variables"), and the
// endpoint of an emulator.
func (r *reader) aws(s *Settings) {
	need := func(name Name) string {
		value := r.getenv(string(name))
		if value == "" {
			r.bad(name, value, "set by Lambda")
		}
		return value
	}
	credentials := aws.Credentials{
		AccessKeyID: need("AWS_ACCESS_KEY_ID"), SecretAccessKey: need("AWS_SECRET_ACCESS_KEY"),
		SessionToken: r.getenv("AWS_SESSION_TOKEN"), Source: "Lambda",
	}
	s.AWS = aws.Config{
		Region: need("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return credentials, nil
		}),
	}
	if endpoint := r.getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		s.AWS.BaseEndpoint = &endpoint
	}
	s.MailEndpoint = r.getenv("AWS_ENDPOINT_URL_SESV2")
}
