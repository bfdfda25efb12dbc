//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"example.org/mend/infra/journey"
)

func TestDeployedStack(t *testing.T) {
	began := time.Now()
	s := deploy(t)
	t.Run("mail in", s.receiving)
	s.allowForEmulator(t)
	t.Logf("%6.1f s  deployed", time.Since(began).Seconds())
	mend := t.TempDir() + "/mend"
	run(t, "go", "build", "-o", mend, "./cmd/mend")
	run(t, mend, "keys", "init", "--stack", stackName)
	s.setClock(t, journey.Start)
	s.sandbox(t)
	t.Run("what SES says first is acknowledged", s.greetings)

	t.Run("the first letter of an account in the sandbox", func(t *testing.T) { s.join(t, "operator@example.test") })
	t.Run("a function that was frozen", s.frozen)

	run(t, mend, "receive", "on", "--yes", "--stack", stackName)
	active, err := ses.NewFromConfig(s.emulator.Config()).DescribeActiveReceiptRuleSet(t.Context(),
		&ses.DescribeActiveReceiptRuleSetInput{})
	if err != nil || active.Metadata == nil || aws.ToString(active.Metadata.Name) != s.out["RuleSet"] {
		t.Errorf("after mend receive on: %+v, %v, want that %s is active", active, err, s.out["RuleSet"])
	}

	t.Run("the journey", func(t *testing.T) {
		began := time.Now()
		journey.Walk(t, s)
		t.Logf("%6.1f s  %d days, %d letters, %d ticks", time.Since(began).Seconds(), journey.Days,
			len(s.postbox.all()), s.ticks)
	})
	if t.Failed() {
		return
	}
	t.Run("at the rate of a new account", s.slowly)
	t.Run("when everything is busy at once", s.busy)
	t.Run("the schedule ticks", s.theScheduleTicks)
	t.Run("only from our address, with a set and tags", s.everyLetterIsTagged)
	t.Run("redelivered messages change nothing", s.redelivery)
	t.Run("a permanent bounce ends letters", s.bounce)
	t.Run("poison ends among the dead letters", func(t *testing.T) { s.poison(t, mend) })
	t.Run("keys rotate under running functions", func(t *testing.T) {
		before := s.join(t, "key@example.test")
		run(t, mend, "keys", "rotate", "--stack", stackName)
		s.confirm(t, before)
	})
	t.Run("an update keeps table and journal", s.update)
	t.Run("the logs hold ids only", s.logs)
	for _, why := range s.postbox.refusals() {
		t.Errorf("SES took no letter: %s", why)
	}
}

// receiving holds what takes mail in to what the emulator made of it: the rule, and who may put
// mail where. A service of Amazon's that acts for another account (the confused deputy of the IAM
// user guide) may put nothing anywhere.
func (s *stack) receiving(t *testing.T) {
	set, err := ses.NewFromConfig(s.emulator.Config()).DescribeReceiptRuleSet(t.Context(),
		&ses.DescribeReceiptRuleSetInput{RuleSetName: aws.String(s.out["RuleSet"])})
	if err != nil || len(set.Rules) != 1 {
		t.Fatalf("the receipt rule set %s: %v, %v, want one rule", s.out["RuleSet"], set, err)
	}
	rule := set.Rules[0]
	if !rule.Enabled || !rule.ScanEnabled || !slices.Equal(rule.Recipients, []string{"reply.mend.test"}) ||
		len(rule.Actions) != 1 || rule.Actions[0].S3Action == nil {
		t.Fatalf("the rule is %+v", rule)
	}
	stored := rule.Actions[0].S3Action
	if aws.ToString(stored.BucketName) != s.out["MailBucket"] || aws.ToString(stored.ObjectKeyPrefix) != "raw/" ||
		aws.ToString(stored.TopicArn) != s.out["ReceiptTopic"] {
		t.Errorf("mail goes to %s/%s and is told to %s", aws.ToString(stored.BucketName),
			aws.ToString(stored.ObjectKeyPrefix), aws.ToString(stored.TopicArn))
	}
	bucket, err := s.buckets.GetBucketPolicy(t.Context(),
		&s3.GetBucketPolicyInput{Bucket: aws.String(s.out["MailBucket"])})
	if err != nil {
		t.Fatal(err)
	}
	onlyFor(t, "the mail bucket", aws.ToString(bucket.Policy), "ses.amazonaws.com",
		"receipt-rule-set/"+s.out["RuleSet"]+":receipt-rule/replies")
	for queue, topic := range map[string]string{"ReceiptQueue": "ReceiptTopic", "FeedbackQueue": "FeedbackTopic"} {
		out, err := s.queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl:       aws.String(s.out[queue]),
			AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := out.Attributes["MessageRetentionPeriod"]; got != "1209600" {
			t.Errorf("the %s keeps messages for %s s, want 14 days", queue, got)
		}
		onlyFor(t, "the "+queue, out.Attributes["Policy"], "sns.amazonaws.com", s.out[topic])
		form := url.Values{"Action": {"ListSubscriptionsByTopic"}, "Version": {"2010-03-31"},
			"TopicArn": {s.out[topic]}}
		status, _, body := s.call(t, "sns", http.MethodPost, "/", "application/x-www-form-urlencoded", form.Encode())
		if status != http.StatusOK || strings.Count(body, "<SubscriptionArn>") != 1 ||
			!strings.Contains(body, out.Attributes["QueueArn"]) {
			t.Errorf("the subscriptions of the %s: %d %s, want that of %s alone", topic, status, body,
				out.Attributes["QueueArn"])
		}
	}
}

// onlyFor fails unless each statement of a policy that allows something allows it to one service,
// acting for this account and one source.
func onlyFor(t *testing.T, what, policy, service, source string) {
	t.Helper()
	var p struct {
		Statement []struct {
			Effect    string
			Principal any
			Condition map[string]map[string]string
		}
	}
	if err := json.Unmarshal([]byte(policy), &p); err != nil {
		t.Fatalf("the policy of %s: %v: %s", what, err, policy)
	}
	allows := 0
	for _, st := range p.Statement {
		if st.Effect != "Allow" {
			continue
		}
		allows++
		if fmt.Sprint(st.Principal) != fmt.Sprint(map[string]any{"Service": service}) ||
			st.Condition["StringEquals"]["aws:SourceAccount"] != "000000000000" ||
			!strings.HasSuffix(st.Condition["ArnEquals"]["aws:SourceArn"], source) {
			t.Errorf("the policy of %s allows %v on condition %v, want %s alone, for this account and %s", what,
				st.Principal, st.Condition, service, source)
		}
	}
	if allows != 1 {
		t.Errorf("the policy of %s has %d statements that allow something, want one: %s", what, allows, policy)
	}
}

// watermark is how far the dispatcher has come, in milliseconds since 1970; "" before the first
// tick.
func (s *stack) watermark(t *testing.T) string {
	t.Helper()
	out, err := s.table.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(s.out["Table"]), ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "SYS"}, "sk": &types.AttributeValueMemberS{Value: "WATERMARK"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	at, _ := out.Item["at"].(*types.AttributeValueMemberN)
	if at == nil {
		return ""
	}
	return at.Value
}

// theScheduleTicks sees the dispatch function woken by nobody but the schedule.
func (s *stack) theScheduleTicks(t *testing.T) {
	s.setClock(t, s.at.Add(15*time.Minute)) // past a quarter-hour: a tick has something to do
	before := s.watermark(t)
	poll := time.NewTicker(250 * time.Millisecond)
	defer poll.Stop()
	for late := time.After(100 * time.Second); s.watermark(t) == before; {
		select {
		case <-poll.C:
		case <-late:
			t.Fatal("the watermark does not move by itself")
		}
	}
}

func (s *stack) everyLetterIsTagged(t *testing.T) {
	evidence := 0
	for _, p := range s.postbox.all() {
		if p.FromEmailAddress != "letters@mend.test" {
			t.Errorf("a letter from %q", p.FromEmailAddress)
		}
		want := stackName + "-letters"
		switch kindOf(t, p.Content.Raw.Data) {
		case "promise", "reminder", "notice", "confirmation", "signin":
			want = stackName + "-evidence"
			evidence++
		}
		if p.ConfigurationSetName != want {
			t.Errorf("a %s went by the set %q, want %q", kindOf(t, p.Content.Raw.Data), p.ConfigurationSetName, want)
		}
		tags := map[string]string{}
		for _, tag := range p.EmailTags {
			tags[tag.Name] = tag.Value
		}
		if len(tags) != 2 || tags["occurrence"] == "" || tags["attempt"] == "" {
			t.Errorf("a letter with the tags %v, want occurrence and attempt", tags)
		}
	}
	if evidence == 0 {
		t.Error("no letter of a kind that may be tried twice was sent")
	}
}

// link is the first link in a letter whose path begins so.
func (s *stack) link(t *testing.T, l journey.Letter, path string) string {
	t.Helper()
	// Quoted-printable breaks long links; a break is "=" at a line's end.
	text := strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(string(l.Raw))
	found := regexp.MustCompile(regexp.QuoteMeta(s.Site()+path) + `[a-z0-9]+`).FindString(text)
	if found == "" {
		t.Fatalf("the %s has no link to %s", l.Kind, path)
	}
	return found
}

func (s *stack) to(t *testing.T, address, kind string) []journey.Letter {
	t.Helper()
	var mine []journey.Letter
	for _, l := range s.Letters(t) {
		if l.To == address && l.Kind == kind {
			mine = append(mine, l)
		}
	}
	return mine
}

func (s *stack) post(t *testing.T, at string, form url.Values) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Jar: jar, CheckRedirect: func(*http.Request,
		[]*http.Request) error {
		return http.ErrUseLastResponse
	}}
	answer, err := client.PostForm(at, form)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("POST %s: %d", strings.TrimPrefix(at, s.Site()), answer.StatusCode)
	}
}

// join asks for letters and returns the link that confirms.
func (s *stack) join(t *testing.T, address string) string {
	t.Helper()
	s.post(t, s.Site()+"/join", url.Values{
		"email": {address}, "path": {"foundations"}, "cadence": {"daily"}, "time": {"12:00"}, "zone": {"UTC"},
		"consent": {"on"}, "adult": {"on"},
	})
	asked := s.to(t, address, "confirmation")
	if len(asked) != 1 {
		t.Fatalf("%d confirmations have come, want 1", len(asked))
	}
	return s.link(t, asked[0], "/confirm/")
}

func (s *stack) confirm(t *testing.T, link string) {
	t.Helper()
	s.post(t, link, nil)
	s.settle(t)
}

// redelivery sends again what SQS may deliver again: a page, a receipt, an event.
func (s *stack) redelivery(t *testing.T) {
	const address = "again@example.test"
	s.confirm(t, s.join(t, address))
	s.AdvanceTo(t, s.at.AddDate(0, 0, 2))
	if got := len(s.to(t, address, "checkin")); got != 2 {
		t.Fatalf("in two days came %d check-ins, want 2", got)
	}
	letters := s.to(t, address, "checkin")
	to := replyTo(t, letters[1])
	raw := "From: <" + address + ">\r\nTo: <" + to +
		">\r\nSubject: Re\r\nMessage-ID: <once@example.test>\r\n\r\nOnly once, please.\r\n"
	s.Mail(t, address, to, raw)
	s.Mail(t, address, to, raw)                // another copy of it
	s.receipt(t, address, to, "raw/mail-gone") // and a receipt of one that was worked through
	s.settle(t)
	replies := 0
	for _, it := range s.items(t) {
		if strings.HasPrefix(it["sk"], "REPLY#") && it["words"] == "Only once, please." {
			replies++
		}
	}
	if replies != 1 {
		t.Errorf("the reply was stored %d times, want once", replies)
	}
	id := personOf(s, letters[1].ID)
	body := `{"slot":"UTC|12:00|daily|0","date":"` + letters[1].At.UTC().Format(time.DateOnly) + `","due":"` +
		letters[1].At.UTC().Truncate(15*time.Minute).Format(time.RFC3339) + `","members":[{"person":"` + id +
		`","number":1}]}`
	before := len(s.postbox.all())
	for range 3 {
		s.send(t, "SendQueue", body)
	}
	s.settle(t)
	if got := len(s.postbox.all()) - before; got != 0 {
		t.Errorf("a page delivered again sent %d letters, want none", got)
	}
}

func replyTo(t *testing.T, l journey.Letter) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(l.Raw))
	if err != nil {
		t.Fatal(err)
	}
	to, err := m.Header.AddressList("Reply-To")
	if err != nil || len(to) != 1 {
		t.Fatalf("the %s takes no replies: %v", l.Kind, err)
	}
	return to[0].Address
}

// personOf reads the person from the occurrence tag of a letter.
func personOf(s *stack, id string) string {
	for _, p := range s.postbox.all() {
		for _, tag := range p.EmailTags {
			if p.ID == id && tag.Name == "occurrence" {
				who, _, _ := strings.Cut(tag.Value, "-")
				return who
			}
		}
	}
	return ""
}

func (s *stack) bounce(t *testing.T) {
	const address = "again@example.test"
	letters := s.to(t, address, "checkin")
	if len(letters) < 2 {
		t.Fatalf("%d check-ins, want two from before", len(letters))
	}
	s.Event(t, letters[0], "bounce", "transient")
	s.AdvanceTo(t, s.at.AddDate(0, 0, 1))
	if got := len(s.to(t, address, "checkin")); got != len(letters)+1 {
		t.Errorf("after a transient bounce came %d check-ins, want %d", got, len(letters)+1)
	}
	s.Event(t, letters[1], "bounce", "permanent")
	s.Event(t, letters[1], "bounce", "permanent") // SNS may say it twice
	s.AdvanceTo(t, s.at.AddDate(0, 0, 2))
	if got := len(s.to(t, address, "checkin")); got != len(letters)+1 {
		t.Errorf("after a permanent bounce came %d check-ins, want %d", got, len(letters)+1)
	}
}

// poison breaks the send function's settings, sees what was asked for end among the dead letters,
// mends it, and brings it back with `mend redrive`. What nobody can read goes back there.
func (s *stack) poison(t *testing.T, mend string) {
	const address = "later@example.test"
	s.confirm(t, s.join(t, address))
	s.receiveQuickly(t, "NowQueue")
	restore := s.settings(t, "SendFunction", map[string]string{"MEND_FROM": "nobody", "MEND_SEND_RATE": ""})
	defer restore()
	s.post(t, s.Site()+"/signin", url.Values{"email": {address}})
	s.send(t, "NowQueue", "not JSON")
	s.awaitDeadLetters(t, 2)
	if log := s.emulator.Log(t) + s.functionLog(t, "send"); !strings.Contains(log, "MEND_FROM is") ||
		!strings.Contains(log, "MEND_SEND_RATE is missing") {
		t.Error("the log does not list both settings that are wrong")
	}
	restore()
	if out := run(t, mend, "redrive", "now", "--yes", "--stack", stackName); !strings.Contains(out, "now queue: 2.") {
		t.Errorf("mend redrive says %q, want that it put 2 back", out)
	}
	s.awaitDeadLetters(t, 1)
	if got := len(s.to(t, address, "signin")); got != 1 {
		t.Errorf("after the redrive came %d sign-in links, want 1", got)
	}
}

// awaitDeadLetters waits until the queue is empty and so many lie beside it.
func (s *stack) awaitDeadLetters(t *testing.T, want int) {
	t.Helper()
	poll := time.NewTicker(200 * time.Millisecond)
	defer poll.Stop()
	for late := time.After(90 * time.Second); s.depth(t, "NowQueue") != 0 || s.depth(t, "NowDeadLetters") != want; {
		select {
		case <-poll.C:
		case <-late:
			t.Fatalf("%d messages wait and %d are dead, want none and %d", s.depth(t, "NowQueue"),
				s.depth(t, "NowDeadLetters"), want)
		}
	}
}

// update changes parameters of the stack. What people gave us stays where it is.
func (s *stack) update(t *testing.T) {
	kept := []string{"Table", "JournalBucket", "MailBucket", "SendQueue", "NowQueue", "ReceiptQueue", "FeedbackQueue",
		"Api"}
	before, items := s.physical(t), len(s.items(t))
	s.deploy(t, "LogDays=14", "SendRate=500")
	after := s.physical(t)
	for _, name := range kept {
		if before[name] == "" || after[name] != before[name] {
			t.Errorf("%s was %q and is %q", name, before[name], after[name])
		}
	}
	if got := len(s.items(t)); got != items {
		t.Errorf("the table had %d items and has %d", items, got)
	}
	s.confirm(t, s.join(t, "update@example.test"))
	if got := len(s.to(t, "update@example.test", "welcome")); got != 1 {
		t.Errorf("after the update came %d welcomes, want 1", got)
	}
}

func (s *stack) logs(t *testing.T) {
	for _, f := range functions {
		log := s.functionLog(t, f)
		if !strings.Contains(log, `"msg":`) {
			t.Errorf("the log of %s is empty", f)
		}
		for _, secret := range []string{"@example.test", "broken lamp", "harder than", "call my sister", "Hara",
			"Only once"} {
			if i := strings.Index(log, secret); i >= 0 {
				t.Errorf("the log of %s holds %q: …%s…", f, secret, log[max(0, i-200):min(len(log), i+100)])
			}
		}
	}
}
