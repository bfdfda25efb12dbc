//go:build rehearsal

package rehearsal

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	sestypes "github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"example.org/mend/infra/emulators"
	blobs "example.org/mend/shared/blob/s3"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/mend"
	post "example.org/mend/shared/post/ses"
	queue "example.org/mend/shared/queue/sqs"
	"example.org/mend/shared/signed"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamo"
	"example.org/mend/shared/store/dynamo/dynamotest"
	"example.org/mend/shared/store/tabletest"
)

// The contract of the table holds on a table that refuses what DynamoDB refuses.
func TestTheTable(t *testing.T) {
	client := dynamodb.NewFromConfig(emulators.Fakecloud(t).Config())
	tables := 0
	tabletest.Run(t, func(t *testing.T) store.Table {
		tables++
		name := fmt.Sprintf("mend-%d", tables)
		if _, err := client.CreateTable(t.Context(), dynamotest.Schema(name)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_, _ = client.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: &name})
		})
		if _, err := client.UpdateTimeToLive(t.Context(), dynamo.TimeToLive(name)); err != nil {
			t.Fatal(err)
		}
		return withOld{dynamo.New(client, name)}
	})
}

// withOld reads the item of a statement whose condition failed. DynamoDB returns it
// (BatchStatementError in the API reference), and so do its own emulator and ministack; fakecloud
// 0.51.0 leaves it out. Everything else of the contract is asked of fakecloud itself.
type withOld struct{ store.Table }

func (t withOld) WriteEach(ctx context.Context, writes []store.Write) ([]error, error) {
	errs, err := t.Table.WriteEach(ctx, writes)
	for i, failure := range errs {
		var failed *store.ConditionFailed
		if !errors.As(failure, &failed) || failed.Old != nil {
			continue
		}
		if failed.Old, err = t.Get(ctx, writes[i].Key); err != nil {
			return errs, err
		}
	}
	return errs, err
}

// Every request that is made by hand is signed so that the service takes it, and one that is signed
// by another secret is refused.
func TestTheRequestsMadeByHand(t *testing.T) {
	e := emulators.Fakecloud(t, "--verify-sigv4")
	cfg, forged := user(t, e), user(t, e)
	forged.Credentials = credentials("AKIAFORGEDFORGED", "another secret")

	t.Run("keys", func(t *testing.T) {
		keys := keyring.NewParameterStore(cfg)
		if made, err := keyring.Init(t.Context(), keys, "/mend/mend/keys"); err != nil || len(made) != 3 {
			t.Fatalf("made %q, %v, want three keys", made, err)
		}
		if _, err := keyring.Read(t.Context(), keys, "/mend/mend/keys", time.Now(), keyring.Parts...); err != nil {
			t.Error(err)
		}
		if _, err := keyring.NewParameterStore(forged).Below(t.Context(), "/mend/mend/keys/links"); err == nil {
			t.Error("a forged signature is taken")
		}
	})
	t.Run("queue", func(t *testing.T) {
		client := sqs.NewFromConfig(cfg)
		made, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("now")})
		if err != nil {
			t.Fatal(err)
		}
		urls := map[mend.QueueName]string{mend.NowQueue: aws.ToString(made.QueueUrl)}
		if err := queue.New(cfg, urls).Send(t.Context(), mend.NowQueue, mend.Message{Body: []byte("one")},
			mend.Message{Body: []byte("two")}); err != nil {
			t.Fatal(err)
		}
		if err := queue.New(forged, urls).Send(t.Context(), mend.NowQueue,
			mend.Message{Body: []byte("three")}); err == nil {
			t.Error("a forged signature is taken")
		}
		got, err := client.GetQueueAttributes(t.Context(),
			&sqs.GetQueueAttributesInput{QueueUrl: made.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{"All"}})
		if err != nil || got.Attributes["ApproximateNumberOfMessages"] != "2" {
			t.Errorf("the queue holds %v, %v, want 2", got, err)
		}
	})
	t.Run("blobs", func(t *testing.T) {
		makeBucket(t, cfg, "mend-journal")
		b := blobs.New(cfg, map[string]string{"journal": "mend-journal"})
		const key = "journal/2026-03-01T06:00:00.000Z/aaaaaaaaaaaaaaaa-stop"
		for _, words := range []string{"first", "second"} {
			if err := b.Put(t.Context(), key, []byte(words)); err != nil {
				t.Fatal(err)
			}
		}
		if got := read(t, b, key); got != "first" {
			t.Errorf("the entry says %q: it was written over", got)
		}
		if err := blobs.New(forged, map[string]string{"journal": "mend-journal"}).Put(t.Context(), key+"2",
			nil); err == nil {
			t.Error("a forged signature is taken")
		}
		if _, err := b.Open(t.Context(), "journal/none"); !errors.Is(err, mend.ErrNoBlob) {
			t.Errorf("nothing under a key: %v", err)
		}
	})
	t.Run("letters", func(t *testing.T) { sandbox(t, e, cfg, forged) })
}

// sandbox sends letters as a new account does: to verified addresses alone.
func sandbox(t *testing.T, e *emulators.Emulator, cfg, forged aws.Config) {
	tell(t, e, "/_fakecloud/ses/account/sandbox", `{"sandbox":true}`)
	client := sesv2.NewFromConfig(cfg)
	for _, identity := range []string{"mend.example", "letters@mend.example", "verified@example.org"} {
		if _, err := client.CreateEmailIdentity(t.Context(),
			&sesv2.CreateEmailIdentityInput{EmailIdentity: &identity}); err != nil {
			t.Fatal(err)
		}
	}
	for _, set := range []string{"letters", "evidence"} {
		if _, err := client.CreateConfigurationSet(t.Context(),
			&sesv2.CreateConfigurationSetInput{ConfigurationSetName: &set}); err != nil {
			t.Fatal(err)
		}
	}
	letter := func(cfg aws.Config, to string) error {
		mailer := post.New(cfg, post.Config{From: mend.StoredAddress("letters@mend.example"), Letters: "letters",
			Evidence: "evidence"})
		_, err := mailer.Send(t.Context(), mend.Outgoing{
			To: mend.StoredAddress(to), Raw: []byte("From: letters@mend.example\r\nTo: " + to +
				"\r\nSubject: hello\r\n\r\nHello.\r\n"),
			Kind: mend.Confirmation, Occurrence: "aaaaaaaaaaaaaaaa-20260302-bbbbbbbb", Attempt: "cccccccccccccccc",
		})
		return err
	}
	if err := letter(cfg, "verified@example.org"); err != nil {
		t.Errorf("to a verified address: %v", err)
	}
	if err := letter(cfg, "stranger@example.org"); !errors.Is(err, mend.ErrClosed) {
		t.Errorf("to anybody else: %v, want that nobody's letters are taken", err)
	}
	if err := letter(forged, "verified@example.org"); err == nil {
		t.Error("a forged signature is taken")
	}
}

// A mail that comes in lies where the reply function looks for it.
func TestReceiving(t *testing.T) {
	e := emulators.Fakecloud(t)
	cfg := e.Config()
	makeBucket(t, cfg, "mend-mail")
	client := ses.NewFromConfig(cfg)
	const set = "mend-replies"
	if _, err := client.CreateReceiptRuleSet(t.Context(),
		&ses.CreateReceiptRuleSetInput{RuleSetName: aws.String(set)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateReceiptRule(t.Context(),
		&ses.CreateReceiptRuleInput{RuleSetName: aws.String(set), Rule: &sestypes.ReceiptRule{
			Name: aws.String("replies"), Enabled: true, ScanEnabled: true, Recipients: []string{"reply.mend.example"},
			Actions: []sestypes.ReceiptAction{{S3Action: &sestypes.S3Action{BucketName: aws.String("mend-mail"),
				ObjectKeyPrefix: aws.String("raw/")}}},
		}}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.SetActiveReceiptRuleSet(t.Context(),
		&ses.SetActiveReceiptRuleSetInput{RuleSetName: aws.String(set)}); err != nil {
		t.Fatal(err)
	}
	tell(t, e, "/_fakecloud/ses/inbound",
		`{"from":"ann@example.org","to":["r+a@reply.mend.example"],"subject":"Re: hello","body":"My own words."}`)
	tell(t, e, "/_fakecloud/ses/inbound",
		`{"from":"ann@example.org","to":["r+a@elsewhere.example"],"subject":"Re: hello","body":"Not ours."}`)
	found, err := buckets(cfg).ListObjectsV2(t.Context(),
		&s3.ListObjectsV2Input{Bucket: aws.String("mend-mail"), Prefix: aws.String("raw/")})
	if err != nil {
		t.Fatal(err)
	}
	mails := 0
	b := blobs.New(cfg, map[string]string{"raw": "mend-mail"})
	for _, o := range found.Contents {
		if key := aws.ToString(o.Key); !strings.HasSuffix(key, "AMAZON_SES_SETUP_NOTIFICATION") {
			if mails++; !strings.Contains(read(t, b, key), "My own words.") {
				t.Errorf("%s is not the mail that came", key)
			}
		}
	}
	if mails != 1 {
		t.Errorf("%d mails are stored, want the one for our domain", mails)
	}
}

func credentials(id, secret string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: id, SecretAccessKey: secret}, nil
	})
}

// user makes an IAM user with a key: signatures of the emulator's own identity are not checked.
func user(t *testing.T, e *emulators.Emulator) aws.Config {
	t.Helper()
	cfg := e.Config()
	name := fmt.Sprintf("mend-%d", time.Now().UnixNano())
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	ask := func(form url.Values, into any) {
		form.Set("Version", "2010-05-08")
		answer, err := signed.New(cfg, "iam").Ask(t.Context(),
			signed.Request{Method: http.MethodPost, Body: []byte(form.Encode()), Header: map[string]string{
				"Content-Type": "application/x-www-form-urlencoded",
			}})
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if into != nil {
			if err := xml.NewDecoder(answer.Body).Decode(into); err != nil {
				t.Fatal(err)
			}
		}
	}
	ask(url.Values{"Action": {"CreateUser"}, "UserName": {name}}, nil)
	ask(url.Values{"Action": {"PutUserPolicy"}, "UserName": {name}, "PolicyName": {"all"},
		"PolicyDocument": {policy}}, nil)
	var key struct {
		ID     string `xml:"CreateAccessKeyResult>AccessKey>AccessKeyId"`
		Secret string `xml:"CreateAccessKeyResult>AccessKey>SecretAccessKey"`
	}
	ask(url.Values{"Action": {"CreateAccessKey"}, "UserName": {name}}, &key)
	cfg.Credentials = credentials(key.ID, key.Secret)
	return cfg
}

func buckets(cfg aws.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
}

func makeBucket(t *testing.T, cfg aws.Config, name string) {
	t.Helper()
	_, err := buckets(cfg).CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: &name, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
			LocationConstraint: s3types.BucketLocationConstraint(cfg.Region),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, b *blobs.Blobs, key string) string {
	t.Helper()
	r, err := b.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// tell asks fakecloud for what AWS has no call for.
func tell(t *testing.T, e *emulators.Emulator, path, body string) {
	t.Helper()
	if !json.Valid([]byte(body)) {
		t.Fatalf("not JSON: %s", body)
	}
	answer, err := http.Post(e.Endpoint+path, "application/json", bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		text, _ := io.ReadAll(answer.Body)
		t.Fatalf("%s: %s %s", path, answer.Status, text)
	}
}
