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
	Table         Name = "MEND_TABLE"
	KeyPath       Name = "MEND_KEYS" // in Parameter Store
	SendQueue     Name = "MEND_SEND_QUEUE"
	NowQueue      Name = "MEND_NOW_QUEUE"
	MailBucket    Name = "MEND_MAIL_BUCKET"    // where raw mail is
	JournalBucket Name = "MEND_JOURNAL_BUCKET" // where the restore journal is
	Site          Name = "MEND_SITE"
	ReplyDomain   Name = "MEND_REPLY_DOMAIN"
	From          Name = "MEND_FROM"         // the address that letters come from
	Contact       Name = "MEND_CONTACT"      // where people can reach whoever runs this; may be empty
	LettersSet    Name = "MEND_LETTERS_SET"  // SES configuration set of letters
	EvidenceSet   Name = "MEND_EVIDENCE_SET" // SES configuration set that reports each send too
	SendRate      Name = "MEND_SEND_RATE"    // letters a second that SES lets the account send
	Running       Name = "MEND_RUNNING"      // no: the table is being restored
	testClock     Name = "MEND_TEST_CLOCK"   // on: the table holds an offset for the clock; see package start
	testStack     Name = "MEND_STACK"
)

// Settings is what was read. Fields that were not asked for are zero.
type Settings struct {
	Table, KeyPath            string
	SendQueue, NowQueue       string // URLs
	MailBucket, JournalBucket string
	Site, ReplyDomain         string
	From                      mend.Address
	Contact                   string
	LettersSet, EvidenceSet   string
	SendRate                  float64
	Away                      bool // the table is being restored
	TestClock                 bool

	// AWS is the configuration of every SDK client, made of what Lambda itself sets. Nothing of it
	// needs the network or a file, as the SDK's LoadDefaultConfig may.
	AWS aws.Config

	// MailEndpoint is where SES is, if it is elsewhere than the rest of an emulator; empty
	// otherwise.
	MailEndpoint string
}

// Read reads the settings that a function needs, from a function like [os.Getenv].
func Read(getenv func(string) string, needed ...Name) (Settings, error) {
	s, credentials := Settings{}, aws.Credentials{Source: "Lambda"}
	s.AWS.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return credentials, nil
	})
	get := func(name Name) string { return getenv(string(name)) }
	onTestStack := strings.HasSuffix(get(testStack), "-test")
	settings := map[Name]struct {
		want string
		read func(value string) bool // keeps a value, or returns false
	}{
		Table:         {"the name of a DynamoDB table", shaped(&s.Table, tableName)},
		KeyPath:       {"a path such as /mend/keys", shaped(&s.KeyPath, keyPath)},
		SendQueue:     {"the URL of an SQS queue", shaped(&s.SendQueue, isURL)},
		NowQueue:      {"the URL of an SQS queue", shaped(&s.NowQueue, isURL)},
		MailBucket:    {"the name of an S3 bucket", shaped(&s.MailBucket, bucketName)},
		JournalBucket: {"the name of an S3 bucket", shaped(&s.JournalBucket, bucketName)},
		Site:          {"an origin such as https://mend.example", shaped(&s.Site, isOrigin)},
		ReplyDomain:   {"a domain in lower case, such as reply.mend.example", shaped(&s.ReplyDomain, domainName)},
		Contact: {"an address or a URL, or empty", shaped(&s.Contact, func(value string) bool {
			return !strings.ContainsAny(value, " \t\r\n<>") && len(value) <= 200
		})},
		LettersSet:  {"the name of an SES configuration set", shaped(&s.LettersSet, setName)},
		EvidenceSet: {"the name of an SES configuration set", shaped(&s.EvidenceSet, setName)},
		From: {"an address such as letters@mend.example", func(value string) (ok bool) {
			var err error
			s.From, err = mend.ParseAddress(value, func(domain string) (string, error) { return domain, nil })
			return err == nil && domainName(s.From.Domain())
		}},
		SendRate: {"a number of letters a second, such as 14", func(value string) bool {
			var err error
			s.SendRate, err = strconv.ParseFloat(value, 64)
			return err == nil && s.SendRate > 0 && s.SendRate <= 10_000
		}},
		Running: {"yes or no", func(value string) bool {
			s.Away = value == "no"
			return s.Away || value == "yes"
		}},
		testClock: {"off; or on, in a stack whose name ends in -test and in no other", func(value string) bool {
			s.TestClock = value == "on" && onTestStack
			return s.TestClock || value == "" || value == "off"
		}},
		"AWS_REGION":            {"set by Lambda", shaped(&s.AWS.Region, isSet)},
		"AWS_ACCESS_KEY_ID":     {"set by Lambda", shaped(&credentials.AccessKeyID, isSet)},
		"AWS_SECRET_ACCESS_KEY": {"set by Lambda", shaped(&credentials.SecretAccessKey, isSet)},
	}
	var wrong []error
	for _, name := range append(needed, testClock, "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") {
		setting := settings[name]
		switch value := get(name); {
		case setting.read(value):
		case value == "":
			wrong = append(wrong, fmt.Errorf("%s is missing: it is %s", name, setting.want))
		default:
			wrong = append(wrong, fmt.Errorf("%s is %q: it is %s", name, value, setting.want))
		}
	}
	if len(wrong) > 0 {
		return Settings{}, fmt.Errorf("this function's settings (its environment) cannot be used:\n%w",
			errors.Join(wrong...))
	}
	credentials.SessionToken = get("AWS_SESSION_TOKEN")
	if endpoint := get("AWS_ENDPOINT_URL"); endpoint != "" { // of an emulator
		s.AWS.BaseEndpoint = &endpoint
	}
	s.MailEndpoint = get("AWS_ENDPOINT_URL_SESV2")
	return s, nil
}

// shaped reads a text that must have a shape.
func shaped(into *string, shape func(string) bool) func(string) bool {
	return func(value string) bool { *into = value; return shape(value) }
}

// Shapes are checked by hand: to compile patterns takes longer than all the rest of a start.

const lowerAndDigits, upper = "abcdefghijklmnopqrstuvwxyz0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// of reports whether a value is not empty and made of these characters alone.
func of(characters string) func(string) bool {
	return func(value string) bool { return value != "" && strings.Trim(value, characters) == "" }
}

var (
	tableName = of(lowerAndDigits + upper + "_.-")
	setName   = of(lowerAndDigits + upper + "_-")
)

func isSet(value string) bool { return value != "" }

func keyPath(value string) bool {
	for part := range strings.SplitSeq(strings.TrimPrefix(value, "/"), "/") {
		if !tableName(part) {
			return false
		}
	}
	return strings.HasPrefix(value, "/")
}

func bucketName(value string) bool {
	return of(lowerAndDigits+".-")(value) && len(value) > 1 && strings.Trim(value, ".-") == value
}

func domainName(value string) bool {
	for label := range strings.SplitSeq(value, ".") {
		if !of(lowerAndDigits + "-")(label) {
			return false
		}
	}
	return strings.Contains(value, ".")
}

// isURL accepts a URL of scheme, host and path, and isOrigin one without a path.
func isURL(value string) bool {
	u, err := url.Parse(value)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		u.RawQuery == "" && u.Fragment == ""
}

func isOrigin(value string) bool {
	u, err := url.Parse(value)
	return err == nil && u.Path == "" && isURL(value)
}
