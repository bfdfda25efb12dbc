//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"example.org/mend/functions/feedback"
	"example.org/mend/functions/reply"
	"example.org/mend/infra/emulators"
	"example.org/mend/infra/journey"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
)

const stackName = "mend-test"

// functions are the five, as their log groups name them.
var functions = []string{"web", "dispatch", "send", "reply", "feedback"}

// stack is Mend deployed on the emulator, as a [journey.World].
//
// Its clock is the real one and an offset, which the functions read with each event. Between two
// moves the test counts as if it stood still, so that what the walk writes down at one instant has
// one instant.
type stack struct {
	emulator *emulators.Emulator
	postbox  *postbox
	front    *front
	name     string
	out      map[string]string // the stack's outputs

	table   *dynamodb.Client
	queues  *sqs.Client
	buckets *s3.Client

	at     time.Time     // where the clock stands
	offset time.Duration // of the functions' clock
	mails  int
	ticks  int
}

// deploy builds and deploys the template that is in the repository.
func deploy(t *testing.T) *stack {
	t.Helper()
	s := &stack{postbox: newPostbox(t), front: newFront(t)}
	s.emulator = startEmulator(t, s.postbox.server.URL)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the emulator's log ends:\n%s", s.lastLog(t))
			for _, f := range functions {
				t.Logf("the log of %s:\n%s", f, s.functionLog(t, f))
			}
		}
	})
	s.connect()
	s.postbox.now = func() time.Time { return time.Now().Add(s.offset) }
	run(t, "make", "-s", "aws-build", "ARCH="+architecture())
	if err := plainTemplates(); err != nil {
		t.Fatal(err)
	}
	s.deploy(t)
	s.makeReceiptRules(t)
	s.front.open(t, s.emulator.Endpoint+"/_aws/execute-api/"+s.physical(t)["Api"]+"/$default")
	return s
}

// connect makes the test's own clients of the emulator.
func (s *stack) connect() {
	cfg := s.emulator.Config()
	s.table, s.queues = dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg)
	s.buckets = s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
}

// deploy makes or updates the stack.
func (s *stack) deploy(t *testing.T, parameters ...string) {
	t.Helper()
	run(t, ".tools/sam/bin/sam", append([]string{
		"deploy", "--stack-name", stackName, "--resolve-s3", "--capabilities", "CAPABILITY_IAM",
		"CAPABILITY_AUTO_EXPAND",
		"--no-confirm-changeset", "--no-progressbar", "--parameter-overrides",
		"Architecture=" + architecture(), "TestClock=on", "TestSite=" + s.front.server.URL, "MailDomain=mend.test",
		"ReplyDomain=reply.mend.test", "Contact=post@mend.test", "SendRate=1000",
	}, parameters...)...)
	s.readOutputs(t, stackName)
}

// readOutputs reads the outputs of the stack, which has this name.
func (s *stack) readOutputs(t *testing.T, name string) {
	t.Helper()
	s.name = name
	found, err := cloudformation.NewFromConfig(s.emulator.Config()).DescribeStacks(t.Context(),
		&cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		t.Fatal(err)
	}
	s.out = map[string]string{}
	for _, o := range found.Stacks[0].Outputs {
		s.out[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
}

// allowForEmulator adds to the roles where the emulator judges otherwise than AWS: it asks whether
// a role may read parameters of any name, where AWS asks about the path that is read, and takes a
// batch of messages or of statements for an action of its own, where AWS has sqs:SendMessage and
// dynamodb:PartiQLUpdate (Service Authorization Reference). It takes back the buckets' policies,
// which refuse whoever comes without TLS: the emulator has none.
func (s *stack) allowForEmulator(t *testing.T) {
	t.Helper()
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Action":["ssm:GetParametersByPath","sqs:SendMessageBatch","dynamodb:BatchExecuteStatement"],"Resource":"*"}]}`
	ids := s.physical(t)
	for _, bucket := range []string{"MailBucket", "JournalBucket"} {
		if _, err := s.buckets.DeleteBucketPolicy(t.Context(),
			&s3.DeleteBucketPolicyInput{Bucket: aws.String(s.out[bucket])}); err != nil {
			t.Fatal(err)
		}
	}
	for _, role := range []string{"WebRole", "DispatchRole", "SendRole", "ReplyRole", "FeedbackRole"} {
		form := url.Values{
			"Action": {"PutRolePolicy"}, "Version": {"2010-05-08"}, "RoleName": {ids[role]},
			"PolicyName": {"emulator"}, "PolicyDocument": {policy},
		}
		if status, _, body := s.call(t, "iam", http.MethodPost, "/", "application/x-www-form-urlencoded",
			form.Encode()); status != http.StatusOK {
			t.Fatalf("add to %s: %d %s", role, status, body)
		}
	}
}

// physical is what each resource of the stack became.
func (s *stack) physical(t *testing.T) map[string]string {
	t.Helper()
	found, err := cloudformation.NewFromConfig(s.emulator.Config()).DescribeStackResources(t.Context(),
		&cloudformation.DescribeStackResourcesInput{StackName: &s.name})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, r := range found.StackResources {
		ids[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.PhysicalResourceId)
	}
	return ids
}

// Site is the origin of the pages.
func (s *stack) Site() string { return s.front.server.URL }

// Now is where the clock stands.
func (s *stack) Now(*testing.T) time.Time { return s.at }

// AdvanceTo stops wherever something falls due, ticks, and lets the queues run empty.
func (s *stack) AdvanceTo(t *testing.T, to time.Time) {
	t.Helper()
	for {
		next := s.nextDue(t, s.at, to)
		s.setClock(t, next)
		s.tick(t)
		s.settle(t)
		if !next.Before(to) {
			return
		}
	}
}

// setClock has the functions believe that it is an instant, or a moment after.
func (s *stack) setClock(t *testing.T, at time.Time) {
	t.Helper()
	seconds := int64(time.Until(at)/time.Second) + 1
	s.at, s.offset = at, time.Duration(seconds)*time.Second
	_, err := s.table.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(s.out["Table"]),
		Item: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "SYS"}, "sk": &types.AttributeValueMemberS{Value: "TEST-CLOCK"},
			"seconds": &types.AttributeValueMemberN{Value: fmt.Sprint(seconds)},
		}})
	if err != nil {
		t.Fatal(err)
	}
}

// nextDue is the first instant after one, and not after another, at which a slot or a one-off
// in the table falls due.
func (s *stack) nextDue(t *testing.T, after, upTo time.Time) time.Time {
	t.Helper()
	next := upTo
	consider := func(at time.Time) {
		if at.After(after) && at.Before(next) {
			next = at
		}
	}
	for _, it := range s.items(t) {
		if strings.Contains(it["sk"], "#once#") { // the page of a one-off
			due, err := strconv.ParseInt(it["due"], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			consider(time.UnixMilli(due).UTC())
		}
		parts := strings.Split(it["slot"], "|")
		if len(parts) != 4 {
			continue
		}
		zone, err := cadence.Zone(parts[0])
		if err != nil {
			t.Fatal(err)
		}
		clock, err := mend.ParseTimeOfDay(parts[1])
		if err != nil {
			t.Fatal(err)
		}
		for day := range 3 {
			consider(cadence.At(zone, mend.DateOf(after.In(zone)).AddDays(day), clock))
		}
	}
	return next
}

// items is the whole table: strings and numbers of each item. The test alone may read it so.
func (s *stack) items(t *testing.T) []map[string]string {
	t.Helper()
	var all []map[string]string
	for pages := dynamodb.NewScanPaginator(s.table,
		&dynamodb.ScanInput{TableName: aws.String(s.out["Table"])}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			flat := map[string]string{}
			for name, value := range it {
				switch value := value.(type) {
				case *types.AttributeValueMemberS:
					flat[name] = value.Value
				case *types.AttributeValueMemberN:
					flat[name] = value.Value
				}
			}
			all = append(all, flat)
		}
	}
	return all
}

// tick wakes the dispatch function as the schedule does every minute. The emulator's own schedule
// may have woken it a moment before, with an older clock. Then this tick leaves all to that one,
// and another has to follow.
func (s *stack) tick(t *testing.T) {
	t.Helper()
	s.ticks++
	for range 5 {
		status, header, body := s.call(t, "lambda", http.MethodPost,
			"/2015-03-31/functions/"+s.out["DispatchFunction"]+"/invocations",
			"application/json", `{"source":"aws.scheduler","detail-type":"Scheduled Event"}`)
		if status != http.StatusOK || header.Get("X-Amz-Function-Error") != "" {
			t.Fatalf("the tick: %d %s", status, body)
		}
		if at, _ := strconv.ParseInt(s.watermark(t), 10, 64); at >= s.at.Truncate(15*time.Minute).UnixMilli() {
			return
		}
	}
	t.Fatalf("five ticks did not come to %s", s.at)
}

// call makes a signed request of a service for which the project needs no client.
func (s *stack) call(t *testing.T, service, method, path, contentType, body string) (int, http.Header, string) {
	t.Helper()
	return s.signed(t, service, method, path, body, http.Header{"Content-Type": {contentType}})
}

// callTarget is call for the services that speak JSON to a target.
func (s *stack) callTarget(t *testing.T, service, target, body string) (int, http.Header, string) {
	t.Helper()
	return s.signed(t, service, http.MethodPost, "/", body,
		http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {target}})
}

func (s *stack) signed(t *testing.T, service, method, path, body string, header http.Header) (int,
	http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, s.emulator.Endpoint+path,
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	credentials, err := s.emulator.Config().Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, r, hex.EncodeToString(hash[:]), service,
		emulators.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

// lastLog is what the emulator printed last.
func (s *stack) lastLog(t *testing.T) string {
	t.Helper()
	log := s.emulator.Log(t)
	return log[max(0, len(log)-6000):]
}

// functionLog is all that a function logged.
func (s *stack) functionLog(t *testing.T, function string) string {
	t.Helper()
	var all strings.Builder
	for token := ""; ; {
		ask := map[string]any{"logGroupName": "/mend/" + stackName + "/" + function}
		if token != "" {
			ask["nextToken"] = token
		}
		body, err := json.Marshal(ask)
		if err != nil {
			t.Fatal(err)
		}
		status, _, text := s.callTarget(t, "logs", "Logs_20140328.FilterLogEvents", string(body))
		var page struct {
			Events    []struct{ Message string }
			NextToken string
		}
		if err := json.Unmarshal([]byte(text), &page); err != nil || status != http.StatusOK {
			t.Fatalf("the log of %s: %d %s", function, status, text)
		}
		for _, e := range page.Events {
			all.WriteString(strings.TrimSpace(e.Message) + "\n")
		}
		if token = page.NextToken; token == "" {
			return all.String()
		}
	}
}

// queueNames are the queues, as the outputs of the stack name them.
var queueNames = []string{"SendQueue", "NowQueue", "ReceiptQueue", "FeedbackQueue"}

// settle waits until every queue is empty and nothing is being worked on.
func (s *stack) settle(t *testing.T) {
	t.Helper()
	poll := time.NewTicker(15 * time.Millisecond)
	defer poll.Stop()
	for late := time.After(time.Minute); s.pending(t) != 0; {
		select {
		case <-poll.C:
		case <-late:
			t.Fatalf("%d messages are not worked through within a minute\n%s", s.pending(t), s.lastLog(t))
		}
	}
}

func (s *stack) pending(t *testing.T) int {
	t.Helper()
	total := 0
	for _, name := range queueNames {
		total += s.depth(t, name)
	}
	return total
}

// depth is how many messages wait in a queue or are being worked on.
func (s *stack) depth(t *testing.T, queue string) int {
	t.Helper()
	out, err := s.queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl:       aws.String(s.out[queue]),
		AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll},
	})
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, name := range []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
		"ApproximateNumberOfMessagesDelayed"} {
		var n int
		if _, err := fmt.Sscan(out.Attributes[name], &n); err != nil {
			t.Fatalf("%s of the %s: %v", name, queue, err)
		}
		total += n
	}
	return total
}

func (s *stack) send(t *testing.T, queue, body string) {
	t.Helper()
	if _, err := s.queues.SendMessage(t.Context(),
		&sqs.SendMessageInput{QueueUrl: aws.String(s.out[queue]), MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
}

// Letters is every letter that SES was handed, once the queues are empty.
func (s *stack) Letters(t *testing.T) []journey.Letter {
	t.Helper()
	s.settle(t)
	var letters []journey.Letter
	for _, p := range s.postbox.all() {
		letters = append(letters, journey.Letter{
			ID: p.ID, To: strings.Join(p.Destination.ToAddresses, ","), Kind: kindOf(t, p.Content.Raw.Data), At: p.At,
			Raw: p.Content.Raw.Data,
		})
	}
	return letters
}

// kindOf reads the kind of a letter from its Feedback-ID, which begins with it.
func kindOf(t *testing.T, raw []byte) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("a letter that is not a message: %v", err)
	}
	kind, _, _ := strings.Cut(m.Header.Get("Feedback-Id"), ":")
	return kind
}

// Mail stores a mail as SES does and says so on its topic.
func (s *stack) Mail(t *testing.T, from, to, raw string) {
	t.Helper()
	s.mails++
	key := fmt.Sprintf("raw/mail%d", s.mails)
	_, err := s.buckets.PutObject(t.Context(),
		&s3.PutObjectInput{Bucket: aws.String(s.out["MailBucket"]), Key: &key, Body: strings.NewReader(raw)})
	if err != nil {
		t.Fatal(err)
	}
	s.receipt(t, from, to, key)
	s.settle(t)
}

func (s *stack) receipt(t *testing.T, from, to, key string) {
	t.Helper()
	pass := events.SimpleEmailVerdict{Status: "PASS"}
	n := reply.Notification{NotificationType: "Received"}
	n.Mail.Source = &from
	n.Mail.SimpleEmailMessage = events.SimpleEmailMessage{Timestamp: s.at, MessageID: key, Destination: []string{to}}
	n.Receipt = events.SimpleEmailReceipt{
		Timestamp: s.at, Recipients: []string{to}, SpamVerdict: pass, VirusVerdict: pass, SPFVerdict: pass,
		DKIMVerdict: pass, DMARCVerdict: pass,
		Action: events.SimpleEmailReceiptAction{Type: "S3", BucketName: s.out["MailBucket"], ObjectKey: key},
	}
	s.publish(t, "ReceiptTopic", n)
}

// Event publishes what SES would, with the tags that the letter was sent with.
func (s *stack) Event(t *testing.T, l journey.Letter, event, detail string) {
	t.Helper()
	letters := s.postbox.all()
	i := slices.IndexFunc(letters, func(p posted) bool { return p.ID == l.ID })
	if i < 0 {
		t.Fatalf("no letter %s", l.ID)
	}
	var e feedback.Event
	e.EventType = strings.ToUpper(event[:1]) + event[1:]
	e.Mail.MessageID, e.Mail.Timestamp = l.ID, l.At
	e.Delivery.Timestamp = s.at
	e.Mail.Tags = map[string][]string{}
	for _, tag := range letters[i].EmailTags {
		e.Mail.Tags[tag.Name] = []string{tag.Value}
	}
	if event == "bounce" {
		e.Bounce.BounceType = strings.ToUpper(detail[:1]) + detail[1:]
	}
	s.publish(t, "FeedbackTopic", e)
	s.settle(t)
}

func (s *stack) publish(t *testing.T, topic string, notification any) {
	t.Helper()
	text, err := json.Marshal(notification)
	if err != nil {
		t.Fatal(err)
	}
	s.say(t, topic, string(text))
}

// settings changes variables of a function's environment, as a deployment that went wrong would;
// the function it returns puts them back.
func (s *stack) settings(t *testing.T, function string, changes map[string]string) (restore func()) {
	t.Helper()
	path := "/2015-03-31/functions/" + s.physical(t)[function] + "/configuration"
	var is struct {
		Environment struct{ Variables map[string]string }
	}
	status, _, body := s.call(t, "lambda", http.MethodGet, path, "application/json", "")
	if err := json.Unmarshal([]byte(body), &is); err != nil || status != http.StatusOK {
		t.Fatalf("the settings of %s: %d %s", function, status, body)
	}
	put := func(variables map[string]string) {
		text, err := json.Marshal(map[string]any{"Environment": map[string]any{"Variables": variables}})
		if err != nil {
			t.Fatal(err)
		}
		if status, _, body := s.call(t, "lambda", http.MethodPut, path, "application/json",
			string(text)); status != http.StatusOK {
			t.Fatalf("set the settings of %s: %d %s", function, status, body)
		}
	}
	changed := maps.Clone(is.Environment.Variables)
	maps.Copy(changed, changes)
	put(changed)
	return func() { put(is.Environment.Variables) }
}

// receiveQuickly makes failed messages of a queue visible again after a second, so that the test
// need not wait for minutes.
func (s *stack) receiveQuickly(t *testing.T, queue string) {
	t.Helper()
	_, err := s.queues.SetQueueAttributes(context.WithoutCancel(t.Context()), &sqs.SetQueueAttributesInput{
		QueueUrl: aws.String(s.out[queue]), Attributes: map[string]string{"VisibilityTimeout": "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
}
