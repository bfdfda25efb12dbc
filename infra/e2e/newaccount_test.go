//go:build e2e

package e2e

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// What a new account on AWS does, and the emulator does not.

// sandbox has the postbox ask the policy of the send function's role, as SES does: in the sandbox
// for the recipient's identity too.
func (s *stack) sandbox(t *testing.T) {
	t.Helper()
	form := url.Values{"Action": {"GetRolePolicy"}, "Version": {"2010-05-08"},
		"RoleName": {s.physical(t)["SendRole"]}, "PolicyName": {"send"}}
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
			if ok, err := path.Match(strings.ReplaceAll(fmt.Sprint(p), "/", "|"),
				strings.ReplaceAll(value, "/", "|")); err == nil && ok {
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
			if st.Effect == "Allow" && any(st.Action, action) && any(st.Resource, arn) &&
				(sender == "" || sender == from) {
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
		Bucket: aws.String(s.out["MailBucket"]), Key: aws.String(key),
		Body: strings.NewReader("From: aws@amazon.com\r\n\r\nSet up.\r\n"),
	}); err != nil {
		t.Fatal(err)
	}
	s.say(t, "ReceiptTopic",
		`{"notificationType":"Received","mail":{"timestamp":"2026-03-01T06:00:00.000Z","source":"aws@amazon.com",`+
			`"messageId":"AMAZON_SES_SETUP_NOTIFICATION","destination":["recipient@example.com"]},`+
			`"receipt":{"recipients":["recipient@example.com"],`+
			`"action":{"type":"S3","bucketName":"`+s.out["MailBucket"]+`","objectKey":"`+key+`"}}}`)
	s.settle(t)
	for _, queue := range []string{"FeedbackDeadLetters", "ReceiptDeadLetters"} {
		if n := s.depth(t, queue); n != 0 {
			t.Errorf("%d messages are among the %s", n, queue)
		}
	}
	if _, err := s.buckets.HeadObject(t.Context(),
		&s3.HeadObjectInput{Bucket: aws.String(s.out["MailBucket"]), Key: aws.String(key)}); err == nil {
		t.Error("SES's own mail is kept")
	}
}

// slowly sends a burst of sign-in links at one letter a second, the rate of a new account: each
// waits for its turn. All of them come, none late, and no message is received twice.
func (s *stack) slowly(t *testing.T) {
	const burst = 12
	var addresses []string
	for i := range burst {
		addresses = append(addresses, fmt.Sprintf("burst%d@example.test", i))
		s.confirm(t, s.join(t, addresses[i]))
	}
	restore := s.settings(t, "SendFunction", map[string]string{"MEND_SEND_RATE": "1"})
	defer restore()
	s.work(t, "NowQueue", false) // so that all of them wait at once
	for _, address := range addresses {
		s.post(t, s.Site()+"/signin", url.Values{"email": {address}})
	}
	s.work(t, "NowQueue", true)
	poll := time.NewTicker(200 * time.Millisecond)
	defer poll.Stop()
	// well before a message that timed out comes again
	for late := time.After(150 * time.Second); s.depth(t, "NowQueue") != 0; {
		select {
		case <-poll.C:
		case <-late:
			t.Fatalf("%d of %d messages are not worked through: they slept longer than the function lives",
				s.depth(t, "NowQueue"), burst)
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

// work has a queue's messages worked through, or left where they are.
func (s *stack) work(t *testing.T, queue string, on bool) {
	t.Helper()
	const mappings = "/2015-03-31/event-source-mappings/"
	status, _, body := s.call(t, "lambda", http.MethodGet, mappings, "application/json", "")
	var found struct {
		EventSourceMappings []struct{ UUID, EventSourceArn string }
	}
	if err := json.Unmarshal([]byte(body), &found); err != nil || status != http.StatusOK {
		t.Fatalf("the event source mappings: %d %s", status, body)
	}
	for _, m := range found.EventSourceMappings {
		if !strings.HasSuffix(s.out[queue], m.EventSourceArn[strings.LastIndex(m.EventSourceArn, ":")+1:]) {
			continue
		}
		set := fmt.Sprintf(`{"Enabled":%v}`, on)
		if status, _, body := s.call(t, "lambda", http.MethodPut, mappings+m.UUID, "application/json",
			set); status/100 != 2 {
			t.Fatalf("the event source mapping of the %s: %d %s", queue, status, body)
		}
		return
	}
	t.Fatalf("no function works the %s: %s", queue, body)
}

// frozen has two letters sent with a pause between them in which Lambda freezes the function. What
// it kept of a connection is dead when it goes on.
func (s *stack) frozen(t *testing.T) {
	s.join(t, "before@example.test")
	thaw := s.freeze(t, "SendFunction")
	s.postbox.untilIdle(t)
	thaw()
	s.join(t, "after@example.test")
	for _, why := range s.postbox.refusals() {
		t.Errorf("SES took no letter: %s", why)
	}
}

// freeze stops the processes of a function, as Lambda does between two invocations. Their timers
// stand still, the clock does not.
func (s *stack) freeze(t *testing.T, function string) (thaw func()) {
	t.Helper()
	name := "AWS_LAMBDA_FUNCTION_NAME=" + s.physical(t)[function] + "\x00"
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var stopped []int
	thaw = func() {
		for _, pid := range stopped {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
		stopped = nil
	}
	t.Cleanup(thaw)
	for _, path := range environments {
		var pid int
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text)+"\x00", name) {
			continue // of another user, or over
		}
		if _, err := fmt.Sscanf(path, "/proc/%d/", &pid); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		stopped = append(stopped, pid)
	}
	if len(stopped) == 0 {
		t.Fatalf("no process runs the %s", function)
	}
	return thaw
}

// busy has every queue full at once while people look at pages and the schedule ticks. A new
// account has room for all of that: nothing is throttled.
func (s *stack) busy(t *testing.T) {
	const each = 40
	// Where the emulator turns an invocation away, it names no error.
	throttled := func() int { return strings.Count(s.emulator.Log(t), "errorType=None errorMessage=None") }
	before := throttled()
	defer func() {
		if n := throttled() - before; n > 0 {
			t.Errorf("%d invocations were throttled: a new account runs %d functions at once", n, accountRuns)
		}
	}()
	for _, queue := range queueNames {
		s.work(t, queue, false)
	}
	for i := range each {
		for _, queue := range []string{"SendQueue", "NowQueue"} {
			s.send(t, queue, `{"date":"2026-03-02","due":"2026-03-02T06:30:00Z",`+
				`"members":[{"person":"aaaaaaaaaaaaaaaa","oneOff":"aaaaaaaa"}]}`)
		}
		s.receipt(t, "someone@example.test", "r+a@reply.mend.test", fmt.Sprintf("raw/gone%d", i))
		s.say(t, "FeedbackTopic", `{"eventType":"Open","mail":{"messageId":"one"}}`)
	}
	for _, queue := range queueNames {
		s.work(t, queue, true)
	}
	looks := 0
	for late := time.After(time.Minute); s.pending(t) > 0; looks++ {
		s.tick(t)
		answer, err := http.Get(s.Site() + "/")
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("a page answers %s while the queues are full", answer.Status)
		}
		select {
		case <-late:
			t.Fatalf("%d messages are not worked through within a minute\n%s", s.pending(t), s.lastLog(t))
		default:
		}
	}
	if looks == 0 {
		t.Error("the queues ran empty at once: nothing was busy")
	}
}

// say publishes a text on a topic.
func (s *stack) say(t *testing.T, topic, text string) {
	t.Helper()
	form := url.Values{"Action": {"Publish"}, "Version": {"2010-03-31"}, "TopicArn": {s.out[topic]}, "Message": {text}}
	if status, _, body := s.call(t, "sns", http.MethodPost, "/", "application/x-www-form-urlencoded",
		form.Encode()); status != http.StatusOK {
		t.Fatalf("publish on the %s: %d %s", topic, status, body)
	}
}
