package sqs

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/signed/signedtest"
)

const taken = `{"Successful":[{"Id":"0"},{"Id":"1"}]}`

var messages = []mend.Message{
	{Body: []byte(`{"oneOff":{"person":"a","id":"b"}}`)},
	{Body: []byte("<\u00e9 & \"quotes\">\u2028"), Delay: 9 * time.Second},
}

func sendBoth(t *testing.T) func(aws.Config) error {
	return func(cfg aws.Config) error {
		return New(cfg, map[mend.QueueName]string{mend.SendQueue: url}).Send(t.Context(), mend.SendQueue, messages...)
	}
}

// What is asked of SQS is what the SDK's own client would ask.
func TestTheRequestIsTheSDKs(t *testing.T) {
	signedtest.SameRequest(t, taken, func(cfg aws.Config) error {
		var entries []types.SendMessageBatchRequestEntry
		for i, m := range messages {
			entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(string(rune('0' + i))),
				MessageBody: aws.String(string(m.Body)), DelaySeconds: int32(m.Delay.Seconds())})
		}
		client := sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.DisableMessageChecksumValidation = true })
		_, err := client.SendMessageBatch(t.Context(),
			&sqs.SendMessageBatchInput{QueueUrl: aws.String(url), Entries: entries})
		return err
	}, sendBoth(t), "Content-Type", "X-Amz-Target")
}

func TestEndpointIsTheSDKs(t *testing.T) {
	for _, region := range signedtest.Regions {
		want, err := sqs.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(),
			sqs.EndpointParameters{Region: &region}.WithDefaults())
		if err != nil {
			t.Fatal(err)
		}
		if got := signedtest.Asked(region, sendBoth(t)); got != want.URI.String() {
			t.Errorf("%s: asked %s, the SDK asks %s", region, got, want.URI.String())
		}
	}
}

func TestTheClockOfSQS(t *testing.T) {
	const refusal = `{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Signature expired"}`
	if asked := signedtest.OtherClock(t, http.StatusForbidden, refusal, taken, sendBoth(t)); asked != 2 {
		t.Errorf("SQS was asked %d times, want twice", asked)
	}
}
