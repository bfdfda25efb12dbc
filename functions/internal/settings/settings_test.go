package settings

import (
	"strings"
	"testing"
)

var good = map[string]string{
	"MEND_TABLE": "mend-Table-1ABC", "MEND_KEYS": "/mend/prod/keys",
	"MEND_SEND_QUEUE": "https://sqs.eu-central-1.amazonaws.com/1/send",
	"MEND_NOW_QUEUE":  "https://sqs.eu-central-1.amazonaws.com/1/now", "MEND_MAIL_BUCKET": "mend-mail",
	"MEND_JOURNAL_BUCKET": "mend-journal",
	"MEND_SITE":           "https://mend.example", "MEND_REPLY_DOMAIN": "reply.mend.example",
	"MEND_FROM": "letters@mend.example", "MEND_LETTERS_SET": "mend-letters", "MEND_EVIDENCE_SET": "mend-evidence",
	"MEND_SEND_RATE": "14", "MEND_RUNNING": "yes", "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIA",
	"AWS_SECRET_ACCESS_KEY": "hidden-secret",
}

var all = []Name{
	Table, KeyPath, SendQueue, NowQueue, MailBucket, JournalBucket, Site, ReplyDomain, From, LettersSet, EvidenceSet,
	SendRate, Contact, Running,
}

func with(changes map[string]string) func(string) string {
	return func(name string) string {
		if value, ok := changes[name]; ok {
			return value
		}
		return good[name]
	}
}

func TestGoodSettings(t *testing.T) {
	s, err := Read(with(nil), all...)
	if err != nil {
		t.Fatal(err)
	}
	if s.From.Mail() != "letters@mend.example" || s.SendRate != 14 || s.TestClock || s.AWS.BaseEndpoint != nil {
		t.Errorf("read %+v", s)
	}
	got, err := s.AWS.Credentials.Retrieve(t.Context())
	if err != nil || got.AccessKeyID != "AKIA" || s.AWS.Region != "eu-central-1" {
		t.Errorf("AWS: region %q, key %q, %v", s.AWS.Region, got.AccessKeyID, err)
	}
}

// A setting that a function does not ask for is nobody's business.
func TestOnlyWhatIsNeededIsRead(t *testing.T) {
	if _, err := Read(with(map[string]string{"MEND_SITE": "nonsense", "MEND_FROM": ""}), Table, SendQueue); err != nil {
		t.Errorf("got %v, want none", err)
	}
}

// The shapes of parameters are template.yaml's to check, and each parameter has one (package lint).
func TestWhatIsMissingOrCannotBeReadIsNamed(t *testing.T) {
	for name, values := range map[string][]string{
		"MEND_TABLE": {""}, "MEND_KEYS": {""}, "MEND_SEND_QUEUE": {""}, "MEND_NOW_QUEUE": {""},
		"MEND_MAIL_BUCKET": {""}, "MEND_JOURNAL_BUCKET": {""}, "MEND_SITE": {""}, "MEND_REPLY_DOMAIN": {""},
		"MEND_LETTERS_SET": {""}, "MEND_EVIDENCE_SET": {""}, "AWS_REGION": {""}, "AWS_ACCESS_KEY_ID": {""},
		"AWS_SECRET_ACCESS_KEY": {""},
		"MEND_FROM":             {"", "letters", "letters@Mend", "a@b@c.d"},
		"MEND_SEND_RATE":        {"", "0", "-1", "NaN", "Inf", "fast"},
		"MEND_RUNNING":          {"", "on"},
		"MEND_TEST_CLOCK":       {"yes", "on"},
	} {
		for _, value := range values {
			_, err := Read(with(map[string]string{name: value}), all...)
			if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "hidden-secret") {
				t.Errorf("%s=%q: got %v, want an error that names it", name, value, err)
			} else if n := strings.Count(err.Error(), "\n"); n != 1 {
				t.Errorf("%s=%q: %d things are wrong, want 1: %v", name, value, n, err)
			}
		}
	}
}

// The person who deploys reads all that is wrong at once.
func TestAllThatIsWrongIsListed(t *testing.T) {
	_, err := Read(func(string) string { return "" }, all...)
	if err == nil {
		t.Fatal("an empty environment: no error")
	}
	for _, name := range all {
		if name == Contact { // nobody has to be reached
			continue
		}
		if !strings.Contains(err.Error(), string(name)+" is missing") {
			t.Errorf("%s is not listed in:\n%v", name, err)
		}
	}
}

func TestOnlyATestStackMayMoveItsClock(t *testing.T) {
	for stack, allowed := range map[string]bool{"mend-test": true, "mend": false, "": false,
		"mend-test-2": false, "test": false} {
		s, err := Read(with(map[string]string{"MEND_TEST_CLOCK": "on", "MEND_STACK": stack}), Table)
		if (err == nil) != allowed || s.TestClock != allowed {
			t.Errorf("stack %q: clock %v, error %v; want allowed: %v", stack, s.TestClock, err, allowed)
		}
	}
}
