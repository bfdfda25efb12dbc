//go:build e2e

package e2e

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// What a new account on AWS does, and the emulator does not.

// sandbox has the postbox ask the policy of the send function's role, as SES does: in the sandbox for the recipient's identity too.
func (s *stack) sandbox(t *testing.T) {
	t.Helper()
	form := url.Values{"Action": {"GetRolePolicy"}, "Version": {"2010-05-08"}, "RoleName": {s.physical(t)["SendRole"]}, "PolicyName": {"send"}}
	status, _, body := s.call(t, "iam", http.MethodPost, "/", "application/x-www-form-urlencoded", form.Encode())
	var answer struct {
		Document string `xml:"GetRolePolicyResult>PolicyDocument"`
	}
	if err := xml.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
		t.Fatalf("the policy of the send function: %d, %v, %s", status, err, body)
	}
	document, err := url.QueryUnescape(answer.Document)
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Statement []struct {
			Effect           string
			Action, Resource any
			Condition        map[string]map[string]string
		}
	}
	if err := json.Unmarshal([]byte(document), &policy); err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	any := func(patterns any, value string) bool {
		list, several := patterns.([]interface{})
		if !several {
			list = []interface{}{patterns}
		}
		for _, p := range list {
			if ok, err := path.Match(strings.ReplaceAll(fmt.Sprint(p), "/", "|"), strings.ReplaceAll(value, "/", "|")); err == nil && ok {
				return true
			}
		}
		return false
	}
	s.postbox.mu.Lock()
	defer s.postbox.mu.Unlock()
	s.postbox.allows = func(action, arn, from string) bool {
		for _, st := range policy.Statement {
			sender := st.Condition["StringEquals"]["ses:FromAddress"]
			if st.Effect == "Allow" && any(st.Action, action) && any(st.Resource, arn) && (sender == "" || sender == from) {
				return true
			}
		}
		return false
	}
}

// greetings publishes what SES does by itself when its topics and its rule are made.
func (s *stack) greetings(t *testing.T) {
	const key = "raw/AMAZON_SES_SETUP_NOTIFICATION"
	for range 2 { // of two configuration sets
		s.say(t, "FeedbackTopic", "Successfully validated SNS topic for Amazon SES event publishing.")
	}
	if _, err := s.buckets.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(s.out["MailBucket"]), Key: aws.String(key), Body: strings.NewReader("From: aws@amazon.com\r\n\r\nSet up.\r\n"),
	}); err != nil {
		t.Fatal(err)
	}
	s.say(t, "ReceiptTopic", `{"notificationType":"Received","mail":{"timestamp":"2026-03-01T06:00:00.000Z","source":"aws@amazon.com",`+
		`"messageId":"AMAZON_SES_SETUP_NOTIFICATION","destination":["recipient@example.com"]},"receipt":{"recipients":["recipient@example.com"],`+
		`"action":{"type":"S3","bucketName":"`+s.out["MailBucket"]+`","objectKey":"`+key+`"}}}`)
	s.settle(t)
	for _, queue := range []string{"FeedbackDeadLetters", "ReceiptDeadLetters"} {
		if n := s.depth(t, queue); n != 0 {
			t.Errorf("%d messages are among the %s", n, queue)
		}
	}
	if _, err := s.buckets.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(s.out["MailBucket"]), Key: aws.String(key)}); err == nil {
		t.Error("SES's own mail is kept")
	}
}

// slowly sends a burst of sign-in links at one letter a second, the rate of a new account: each waits for twelve seconds. All of
// them come, none late, and no message is received twice.
func (s *stack) slowly(t *testing.T) {
	const burst = 6
	var addresses []string
	for i := range burst {
		addresses = append(addresses, fmt.Sprintf("burst%d@example.test", i))
		s.confirm(t, s.join(t, addresses[i]))
	}
	restore := s.settings(t, "SendFunction", map[string]string{"MEND_SEND_RATE": "1"})
	defer restore()
	for _, address := range addresses {
		s.post(t, s.Site()+"/signin", url.Values{"email": {address}})
	}
	poll := time.NewTicker(200 * time.Millisecond)
	defer poll.Stop()
	for late := time.After(150 * time.Second); s.depth(t, "NowQueue") != 0; { // well before a message that timed out comes again
		select {
		case <-poll.C:
		case <-late:
			t.Fatalf("%d of %d messages are not worked through: they slept longer than the function lives", s.depth(t, "NowQueue"), burst)
		}
	}
	for _, address := range addresses {
		if got := len(s.to(t, address, "signin")); got != 1 {
			t.Errorf("%d sign-in links have come to one of a burst, want 1", got)
		}
	}
	if log := s.functionLog(t, "send"); strings.Contains(log, "timed out") {
		t.Error("the send function timed out")
	}
}

// say publishes a text on a topic.
func (s *stack) say(t *testing.T, topic, text string) {
	t.Helper()
	form := url.Values{"Action": {"Publish"}, "Version": {"2010-03-31"}, "TopicArn": {s.out[topic]}, "Message": {text}}
	if status, _, body := s.call(t, "sns", http.MethodPost, "/", "application/x-www-form-urlencoded", form.Encode()); status != http.StatusOK {
		t.Fatalf("publish on the %s: %d %s", topic, status, body)
	}
}
