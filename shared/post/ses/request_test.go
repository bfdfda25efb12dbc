package ses

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/signed/signedtest"
)

// What is asked of SES is what the SDK's own client would ask.
func TestTheRequestIsTheSDKs(t *testing.T) {
	o := letterOf(mend.Reminder)
	o.To, o.Raw = mend.StoredAddress(`o'brien+a\"b@example.org`),
		[]byte("Subject: \xc3\xa9\r\n\r\n\x00\x01 any bytes \xff\r\n")
	signedtest.SameRequest(t, `{"MessageId":"1"}`, func(cfg aws.Config) error {
		_, err := sesv2.NewFromConfig(cfg).SendEmail(t.Context(), &sesv2.SendEmailInput{
			FromEmailAddress: aws.String("letters@mend.example"), ConfigurationSetName: aws.String("evidence"),
			Destination: &types.Destination{ToAddresses: []string{o.To.Mail()}},
			Content:     &types.EmailContent{Raw: &types.RawMessage{Data: o.Raw}},
			EmailTags: []types.MessageTag{
				{Name: aws.String(OccurrenceTag), Value: &o.Occurrence},
				{Name: aws.String(AttemptTag), Value: &o.Attempt},
			},
		})
		return err
	}, func(cfg aws.Config) error {
		_, err := New(cfg, Config{From: mend.StoredAddress("letters@mend.example"), Letters: "letters",
			Evidence: "evidence"}).Send(t.Context(), o)
		return err
	}, "Content-Type")
}

func TestEndpointIsTheSDKs(t *testing.T) {
	for _, region := range signedtest.Regions {
		want, err := sesv2.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(),
			sesv2.EndpointParameters{Region: &region}.WithDefaults())
		if err != nil {
			t.Fatal(err)
		}
		got := signedtest.Asked(region, func(cfg aws.Config) error {
			_, err := over(cfg.HTTPClient, cfg, Config{}).Send(t.Context(), letterOf(mend.CheckIn))
			return err
		})
		if got != want.URI.String() {
			t.Errorf("%s: asked %s, the SDK asks %s", region, got, want.URI.String())
		}
	}
}

// A letter is handed over once, by the wrong time too. The next one goes by the right time.
func TestTheClockOfSES(t *testing.T) {
	asked := signedtest.OtherClock(t, http.StatusForbidden, `{"message":"Signature expired"}`, `{"MessageId":"1"}`,
		func(cfg aws.Config) error {
			m := New(cfg, Config{From: mend.StoredAddress("letters@mend.example"), Letters: "letters"})
			if _, err := m.Send(t.Context(), letterOf(mend.CheckIn)); err == nil {
				t.Error("signed by another time, and taken")
			}
			_, err := m.Send(t.Context(), letterOf(mend.CheckIn))
			return err
		})
	if asked != 2 {
		t.Errorf("SES was asked %d times for two letters", asked)
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// BenchmarkSend is what a letter's request costs before it goes on the line.
func BenchmarkSend(b *testing.B) {
	m := over(doer(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK,
			Body: io.NopCloser(strings.NewReader(`{"MessageId":"0102"}`))}, nil
	}), account, Config{From: mend.StoredAddress("letters@mend.example"), Letters: "letters"})
	o := letterOf(mend.CheckIn)
	o.Raw = bytes.Repeat([]byte("Hello there, how are you?\r\n"), 300)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Send(b.Context(), o); err != nil {
			b.Fatal(err)
		}
	}
}
