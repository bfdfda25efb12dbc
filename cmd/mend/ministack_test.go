package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	sestypes "github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.org/mend/infra/emulators"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store/dynamo/dynamotest"
)

// deployTemplate makes a stack of the real template, whose functions do not run: what is built and
// uploaded in earnest is an empty file here.
func deployTemplate(t *testing.T, cfg aws.Config, name string) {
	t.Helper()
	const uploads = "uploads"
	buckets := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: aws.String(uploads),
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
			LocationConstraint: s3types.BucketLocationConstraint(cfg.Region),
		},
	}); err != nil {
		t.Fatal(err)
	}
	upload := func(key string, data []byte) {
		in := s3.PutObjectInput{Bucket: aws.String(uploads), Key: &key, Body: bytes.NewReader(data)}
		if _, err := buckets.PutObject(t.Context(), &in); err != nil {
			t.Fatal(err)
		}
	}
	var code bytes.Buffer
	w := zip.NewWriter(&code)
	if _, err := w.Create("bootstrap"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	upload("code.zip", code.Bytes())
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	template := strings.Replace(string(text), "CodeUri: .\n", "CodeUri: s3://"+uploads+"/code.zip\n", 1)
	template = dkim.ReplaceAllString(template, "") // the emulator makes no DKIM records
	for _, nested := range []string{"receiving", "alarms", "dashboard"} {
		part, err := os.ReadFile("../../infra/" + nested + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		for nested == "alarms" { // it knows no metric math either: an alarm listens to one metric
			head, rest, math := strings.Cut(string(part), "      Metrics:\n")
			if !math {
				break
			}
			_, tail, _ := strings.Cut(rest, "      Threshold:")
			part = []byte(head + "      Namespace: AWS/DynamoDB\n      MetricName: WriteThrottleEvents\n" +
				"      Dimensions: [{ Name: TableName, Value: !Ref Table }]\n      Statistic: Sum\n" +
				"      Period: 300\n      Threshold:" + tail)
		}
		if nested == "receiving" { // the emulator's CloudFormation knows no receipt rules: only their name is made
			head, _, _ := strings.Cut(string(part), "\nResources:")
			part = []byte(head + "\nResources:\n  InTheirPlace: { Type: AWS::SNS::Topic }\nOutputs:\n" +
				"  RuleSet: { Value: !Ref RuleSetName }\n")
		}
		upload(nested+".yaml", part)
		template = strings.Replace(template, "infra/"+nested+".yaml",
			aws.ToString(cfg.BaseEndpoint)+"/"+uploads+"/"+nested+".yaml", 1)
	}
	client := cloudformation.NewFromConfig(cfg)
	parameter := func(key, value string) types.Parameter {
		return types.Parameter{ParameterKey: &key, ParameterValue: &value}
	}
	if _, err := client.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: &name, TemplateBody: &template,
		Capabilities: []types.Capability{types.CapabilityCapabilityIam, types.CapabilityCapabilityAutoExpand},
		Parameters: []types.Parameter{
			parameter("MailDomain", "mend.test"), parameter("ReplyDomain", "reply.mend.test"),
			parameter("Contact", "post@mend.test"), parameter("TestClock", "on"), parameter("Running", "no"),
		},
	}); err != nil {
		t.Fatal(err)
	}
	often := func(o *cloudformation.StackCreateCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = 200*time.Millisecond, time.Second
	}
	created := cloudformation.NewStackCreateCompleteWaiter(client, often)
	stack := cloudformation.DescribeStacksInput{StackName: &name}
	if err := created.Wait(t.Context(), &stack, time.Minute); err != nil {
		pages := cloudformation.NewDescribeStackEventsPaginator(client,
			&cloudformation.DescribeStackEventsInput{StackName: &name})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.StackEvents {
				if strings.Contains(string(e.ResourceStatus), "FAILED") {
					t.Logf("%s: %s", aws.ToString(e.LogicalResourceId), aws.ToString(e.ResourceStatusReason))
				}
			}
		}
		t.Fatal(err)
	}
	// Its policy refuses whoever comes without TLS: the emulator has none.
	outputs, err := readOutputs(t.Context(), cfg, name)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []string{"MailBucket", "JournalBucket"} {
		_, err := buckets.DeleteBucketPolicy(t.Context(), &s3.DeleteBucketPolicyInput{Bucket: aws.String(outputs[b])})
		if err != nil {
			t.Fatal(err)
		}
	}
}

var dkim = regexp.MustCompile(`(?m)^  Dkim\d:\n(    .*\n)+`)

func TestAnOperatorsDayOnAStack(t *testing.T) {
	emulator := emulators.Ministack(t)
	emulator.Use(t)
	cfg := emulator.Config()
	const stackName = "mend-test"
	deployTemplate(t, cfg, stackName)
	d := &workplace{where: targetFlags{Stack: stackName}, flags: []string{"--stack", stackName}}
	d.bury = func(t *testing.T) {
		d.on(t, func(in *target, _ *service.Service) {
			_, err := sqs.NewFromConfig(cfg).SendMessage(t.Context(), &sqs.SendMessageInput{
				QueueUrl: aws.String(in.stack.outputs["SendDeadLetters"]), MessageBody: aws.String("poison"),
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	d.backup = func(t *testing.T) {
		const restored = "mend-restored"
		tables := dynamodb.NewFromConfig(cfg)
		if _, err := tables.CreateTable(t.Context(), dynamotest.Schema(restored)); err != nil {
			t.Fatal(err)
		}
		d.on(t, func(in *target, _ *service.Service) {
			scan := dynamodb.ScanInput{TableName: aws.String(in.stack.outputs["Table"])}
			for pages := dynamodb.NewScanPaginator(tables, &scan); pages.HasMorePages(); {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, it := range page.Items {
					put := dynamodb.PutItemInput{TableName: aws.String(restored), Item: it}
					if _, err := tables.PutItem(t.Context(), &put); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
		d.from = []string{"--table", restored}
	}
	testOperator(t, d)
	says := d.mend(t, "", "restore", "--stops", "2026-01-01T00:00:00Z")
	if !strings.Contains(says, "Stopped since 2026-01-01T00:00:00Z: 1 person") {
		t.Errorf("the stops since a restore: %s", says)
	}

	if says := d.refused(t, "", "restore", "--stops", "2099-01-01T00:00:00Z"); !strings.Contains(says, "to come") {
		t.Errorf("stops from a day that is to come: %s", says)
	}

	d.on(t, func(in *target, _ *service.Service) {
		// The emulator's CloudFormation leaves out what the template says of these: the
		// doctor sees it.
		_, err := in.stack.checkTable(t.Context())
		if err == nil || !strings.Contains(err.Error(), "point-in-time recovery") {
			t.Errorf("a table that nothing guards: %v", err)
		}
		if err := in.stack.protect(t.Context(), in.stack.outputs["Table"]); err != nil {
			t.Fatal(err)
		}
		if _, err := in.stack.checkTable(t.Context()); err != nil {
			t.Errorf("guarded: %v", err)
		}
		guards, err := in.stack.guardsOf(t.Context(), "mend-restored")
		if err != nil || len(guards) != 3 || slices.ContainsFunc(guards, func(g guard) bool { return !g.on }) {
			t.Errorf("the restored table: %+v, %v, want all guards", guards, err)
		}
	})
	t.Run("a deployment is checked", func(t *testing.T) { checkDeployments(t, stackName) })
	t.Run("who hears of alarms", func(t *testing.T) {
		d.on(t, func(in *target, _ *service.Service) { hearAlarms(t, in.stack) })
	})
	t.Run("the receipt rule set is switched", func(t *testing.T) { switchRuleSets(t, cfg) })
	t.Run("a link", func(t *testing.T) {
		d.on(t, func(_ *target, svc *service.Service) { join(t, svc) })
		folder := t.TempDir()
		out := d.mend(t, ann+"\n", "export", "--link", "--out", folder)
		if files, err := os.ReadDir(folder); err != nil || len(files) > 0 {
			t.Errorf("--link left files: %v, %v", files, err)
		}
		link := out[strings.Index(out, "http"):]
		answer, err := http.Get(strings.Fields(link)[0])
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var body bytes.Buffer
		if _, err := body.ReadFrom(answer.Body); err != nil || !strings.Contains(body.String(), ann) {
			t.Errorf("%s: %v, %s", answer.Status, err, body.String())
		}
		d.mend(t, ann+"\ndelete\n", "erase")
		if gone, err := http.Get(strings.Fields(link)[0]); err != nil || gone.StatusCode != http.StatusNotFound {
			t.Errorf("after erasing the link answers %v, %v", gone, err)
		}
	})
	code, _, errs := said(t, "stats", "--stack", "other")
	if code != failed || !strings.Contains(errs, `no stack "other"`) {
		t.Errorf("a stack that is not there: %d, %s", code, errs)
	}
}

// checkDeployments looks at deployments over the stack, and beside it.
func checkDeployments(t *testing.T, stackName string) {
	check := func(parameters ...string) string {
		_, out, errs := said(t,
			append([]string{"check", "--template", "../../template.yaml", "--stack"}, parameters...)...)
		return out + errs
	}
	if says := check(stackName); strings.Contains(says, "not ") {
		t.Errorf("the stack over itself:\n%s", says)
	}
	says := check("other", "MailDomain=mend.test", "ReplyDomain=mend.test", "Contact=post@mend.test", "SendRate=1000")
	for _, want := range []string{"MailIdentity=existing", "ReplyDomain=reply.mend.test", "SendRate="} {
		if !strings.Contains(says, want) {
			t.Errorf("a second stack of the same domain: want %s in\n%s", want, says)
		}
	}
}

// hearAlarms looks at the account as the emulator has it, and adds an operator who has not
// answered the first mail.
func hearAlarms(t *testing.T, s *stack) {
	if says, err := s.checkLambda(t.Context()); err != nil || !strings.Contains(says, "functions at once") {
		t.Errorf("Lambda: %q, %v", says, err)
	}
	if _, err := s.checkAlarmMail(t.Context()); err == nil || !strings.Contains(err.Error(), "OperatorAddress=") {
		t.Errorf("nobody hears of alarms: %v", err)
	}
}

// switchRuleSets asks the emulator's SES. Its CloudFormation knows no receipt rules, so
// the set is made here.
func switchRuleSets(t *testing.T, cfg aws.Config) {
	client, s := ses.NewFromConfig(cfg), &stack{cfg: cfg, outputs: map[string]string{"RuleSet": "ours"}}
	for _, name := range []string{"old", "ours"} {
		_, err := client.CreateReceiptRuleSet(t.Context(), &ses.CreateReceiptRuleSetInput{RuleSetName: &name})
		// The client asks again where the connection breaks, and the first time may have done it.
		if _, there := errors.AsType[*sestypes.AlreadyExistsException](err); err != nil && !there {
			t.Fatal(err)
		}
	}
	old := ses.SetActiveReceiptRuleSetInput{RuleSetName: aws.String("old")}
	if _, err := client.SetActiveReceiptRuleSet(t.Context(), &old); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		on   bool
		want string
	}{{false, "old"}, {true, "ours"}, {true, "ours"}, {false, ""}} {
		err := s.setReceiving(t.Context(), io.Discard, step.on, yesFlag{true})
		if err != nil {
			t.Fatal(err)
		}
		if active, err := s.activeRuleSet(t.Context()); err != nil || active != step.want {
			t.Errorf("switched %t: %q is active, %v, want %q", step.on, active, err, step.want)
		}
	}
}
