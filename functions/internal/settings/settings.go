// Package settings reads the settings of a function from its environment: those that it names, all
// at once. What is missing or cannot be read is listed in one error, and the function does not
// start. The shapes of domains, URLs and names are not checked again: template.yaml checks its
// parameters, and makes the rest itself.
package settings

import (
	"context"
	"errors"
	"fmt"
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
	texts := map[Name]*string{
		Table: &s.Table, KeyPath: &s.KeyPath, SendQueue: &s.SendQueue, NowQueue: &s.NowQueue, MailBucket: &s.MailBucket,
		JournalBucket: &s.JournalBucket, Site: &s.Site, ReplyDomain: &s.ReplyDomain, Contact: &s.Contact,
		LettersSet: &s.LettersSet, EvidenceSet: &s.EvidenceSet, "AWS_REGION": &s.AWS.Region,
		"AWS_ACCESS_KEY_ID": &credentials.AccessKeyID, "AWS_SECRET_ACCESS_KEY": &credentials.SecretAccessKey,
	}
	var wrong []error
	for _, name := range append(needed, testClock, "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") {
		value, want := get(name), ""
		switch into, isText := texts[name]; {
		case isText:
			*into = value
		case name == From:
			var err error
			s.From, err = mend.ParseAddress(value, func(domain string) (string, error) { return domain, nil })
			if err != nil {
				want = "an address such as letters@mend.example"
			}
		case name == SendRate:
			var err error
			s.SendRate, err = strconv.ParseFloat(value, 64)
			if err != nil || !(s.SendRate > 0 && s.SendRate <= 10_000) {
				want = "a number of letters a second, such as 14"
			}
		case name == Running:
			if s.Away = value == "no"; !s.Away && value != "yes" {
				want = "yes or no"
			}
		case name == testClock:
			s.TestClock = value == "on" && strings.HasSuffix(get(testStack), "-test")
			if !s.TestClock && value != "" && value != "off" {
				want = "off; or on, in a stack whose name ends in -test and in no other"
			}
		}
		switch {
		case value == "" && name != Contact && name != testClock:
			wrong = append(wrong, fmt.Errorf("%s is missing", name))
		case want != "":
			wrong = append(wrong, fmt.Errorf("%s is %q: it is %s", name, value, want))
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
