package ses

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"example.org/mend/shared/mend"
)

// asked is a request as SES gets it.
type asked struct {
	*http.Request
	body []byte
}

// What is asked of SES is what the SDK's own client would ask, and both signatures are right.
func TestTheRequestIsTheSDKs(t *testing.T) {
	var got []asked
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, asked{r, body})
		_, _ = io.WriteString(w, `{"MessageId":"1"}`)
	}))
	defer server.Close()
	o := letterOf(mend.Reminder)
	o.To, o.Raw = mend.StoredAddress(`o'brien+a\"b@example.org`), []byte("Subject: \xc3\xa9\r\n\r\n\x00\x01 any bytes \xff\r\n")
	client := sesv2.NewFromConfig(account, func(c *sesv2.Options) { c.BaseEndpoint = aws.String(server.URL) })
	_, err := client.SendEmail(t.Context(), &sesv2.SendEmailInput{
		FromEmailAddress: aws.String("letters@mend.example"), ConfigurationSetName: aws.String("evidence"),
		Destination: &types.Destination{ToAddresses: []string{o.To.Mail()}}, Content: &types.EmailContent{Raw: &types.RawMessage{Data: o.Raw}},
		EmailTags: []types.MessageTag{
			{Name: aws.String(OccurrenceTag), Value: &o.Occurrence}, {Name: aws.String(AttemptTag), Value: &o.Attempt},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mailer(server.URL).Send(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	sdk, ours := got[0], got[1]
	for _, line := range []string{"Content-Type", "X-Amz-Security-Token"} {
		if sdk.Header.Get(line) != ours.Header.Get(line) {
			t.Errorf("%s: the SDK sends %q, we send %q", line, sdk.Header.Get(line), ours.Header.Get(line))
		}
	}
	if sdk.Method != ours.Method || sdk.RequestURI != ours.RequestURI || sdk.Host != ours.Host {
		t.Errorf("the SDK asks %s %s of %s, we %s %s of %s", sdk.Method, sdk.RequestURI, sdk.Host, ours.Method, ours.RequestURI, ours.Host)
	}
	var a, b any
	if err := json.Unmarshal(sdk.body, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(ours.body, &b); err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("bodies differ (%v):\n%s\n%s", err, sdk.body, ours.body)
	}
	for _, r := range got {
		if want := signature(t, r); !strings.HasSuffix(r.Header.Get("Authorization"), "Signature="+want) {
			t.Errorf("%s\nwant the signature %s", r.Header.Get("Authorization"), want)
		}
	}
	for _, line := range []string{"content-type", "host", "x-amz-date", "x-amz-security-token", "content-length"} {
		if !slices.Contains(signedHeaders(ours), line) {
			t.Errorf("%s is not signed", line)
		}
	}
}

func signedHeaders(r asked) []string {
	_, list, _ := strings.Cut(r.Header.Get("Authorization"), "SignedHeaders=")
	list, _, _ = strings.Cut(list, ",")
	return strings.Split(list, ";")
}

// signature is Signature Version 4 by the book (IAM user guide, "Create a signed AWS API request").
func signature(t *testing.T, r asked) string {
	t.Helper()
	mac := func(key []byte, s string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(s))
		return h.Sum(nil)
	}
	hash := func(b []byte) string { sum := sha256.Sum256(b); return hex.EncodeToString(sum[:]) }
	var canonical bytes.Buffer
	canonical.WriteString(r.Method + "\n" + r.RequestURI + "\n\n")
	for _, name := range signedHeaders(r) {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		canonical.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	canonical.WriteString("\n" + strings.Join(signedHeaders(r), ";") + "\n" + hash(r.body))
	at := r.Header.Get("X-Amz-Date")
	if len(at) < 8 {
		t.Fatalf("X-Amz-Date is %q", at)
	}
	scope := at[:8] + "/eu-central-1/ses/aws4_request"
	key := []byte("AWS4b")
	for _, part := range strings.Split(scope, "/") {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256\n"+at+"\n"+scope+"\n"+hash(canonical.Bytes())))
}

func TestEndpointIsTheSDKs(t *testing.T) {
	for _, region := range []string{"us-east-1", "eu-central-1", "ap-southeast-2", "cn-north-1", "us-gov-west-1"} {
		want, err := sesv2.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), sesv2.EndpointParameters{Region: &region}.WithDefaults())
		if err != nil {
			t.Fatal(err)
		}
		got, inRegion := "", account
		inRegion.Region = region
		_, _ = over(doer(func(r *http.Request) (*http.Response, error) {
			got = r.URL.Scheme + "://" + r.URL.Host
			return nil, errors.New("cut")
		}), inRegion, Config{}).Send(t.Context(), letterOf(mend.CheckIn))
		if got != want.URI.String() {
			t.Errorf("%s: asked %s, the SDK asks %s", region, got, want.URI.String())
		}
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// BenchmarkSend is what a letter's request costs before it goes on the line.
func BenchmarkSend(b *testing.B) {
	m := over(doer(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"MessageId":"0102"}`))}, nil
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
