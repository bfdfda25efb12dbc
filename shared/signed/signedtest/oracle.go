// Package signedtest compares the requests that package signed makes with those of the AWS SDK's
// own clients. Both go to a server of the test, which checks each signature by the book (IAM user
// guide, "Create a signed AWS API request").
package signedtest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const secret = "b"

// Config is an account whose service is at an endpoint, or, if that is empty, where AWS has it.
func Config(endpoint string) aws.Config {
	cfg := aws.Config{Region: "eu-central-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: secret, SessionToken: "c"}, nil
		})}
	if endpoint != "" {
		cfg.BaseEndpoint = &endpoint
	}
	return cfg
}

// Request is a request as the service gets it.
type Request struct {
	*http.Request
	Body []byte
}

// SameRequest has the SDK and our own code ask for one thing, and fails where what the service gets
// differs: method, address, these headers, the body (as JSON where it is JSON). Answer is what the
// service says to both.
func SameRequest(t *testing.T, answer string, sdk, ours func(aws.Config) error, headers ...string) {
	t.Helper()
	var mu sync.Mutex
	var got []Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		got = append(got, Request{r, body})
		mu.Unlock()
		_, _ = io.WriteString(w, answer)
	}))
	defer server.Close()
	for _, ask := range []func(aws.Config) error{sdk, ours} {
		if err := ask(Config(server.URL)); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 2 {
		t.Fatalf("%d requests, want one of the SDK and one of ours", len(got))
	}
	theirs, own := got[0], got[1]
	if theirs.Method != own.Method || theirs.URL.Path != own.URL.Path ||
		theirs.URL.EscapedPath() != own.URL.EscapedPath() || theirs.Host != own.Host {
		t.Errorf("the SDK asks %s %s of %s, we %s %s of %s", theirs.Method, theirs.RequestURI, theirs.Host, own.Method,
			own.RequestURI, own.Host)
	}
	for _, name := range append(headers, "X-Amz-Security-Token") {
		if theirs.Header.Get(name) != own.Header.Get(name) || own.Header.Get(name) == "" {
			t.Errorf("%s: the SDK sends %q, we send %q", name, theirs.Header.Get(name), own.Header.Get(name))
		}
	}
	var a, b any
	if json.Unmarshal(theirs.Body, &a) != nil || json.Unmarshal(own.Body, &b) != nil {
		a, b = string(theirs.Body), string(own.Body)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("bodies differ:\n%s\n%s", theirs.Body, own.Body)
	}
	for _, r := range got {
		if want := signature(t, r); !strings.HasSuffix(r.Header.Get("Authorization"), "Signature="+want) {
			t.Errorf("%s\nwant the signature %s", r.Header.Get("Authorization"), want)
		}
	}
	if scope(theirs) != scope(own) {
		t.Errorf("the SDK signs for %s, we for %s", scope(theirs), scope(own))
	}
	for _, name := range append(headers, "host", "x-amz-date", "x-amz-security-token") {
		if !slices.Contains(signedHeaders(own), strings.ToLower(name)) {
			t.Errorf("%s is not signed", name)
		}
	}
}

func part(r Request, after, before string) string {
	_, text, _ := strings.Cut(r.Header.Get("Authorization"), after)
	text, _, _ = strings.Cut(text, before)
	return text
}

func signedHeaders(r Request) []string { return strings.Split(part(r, "SignedHeaders=", ","), ";") }

// scope is the day, the region and the service that a request is signed for.
func scope(r Request) string { return part(r, "Credential=a/", ",") }

// signature is Signature Version 4, computed anew from what came.
func signature(t *testing.T, r Request) string {
	t.Helper()
	mac := func(key []byte, s string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(s))
		return h.Sum(nil)
	}
	hash := func(b []byte) string { sum := sha256.Sum256(b); return hex.EncodeToString(sum[:]) }
	var canonical bytes.Buffer
	query := strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20")
	canonical.WriteString(r.Method + "\n" + r.URL.EscapedPath() + "\n" + query + "\n")
	for _, name := range signedHeaders(r) {
		value := r.Header.Get(name)
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = r.Header.Get("Content-Length")
		}
		canonical.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	canonical.WriteString("\n" + strings.Join(signedHeaders(r), ";") + "\n" + hash(r.Body))
	at := r.Header.Get("X-Amz-Date")
	if len(at) < 8 {
		t.Fatalf("X-Amz-Date is %q", at)
	}
	key := []byte("AWS4" + secret)
	for _, part := range strings.Split(scope(r), "/") {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256\n"+at+"\n"+scope(r)+"\n"+hash(canonical.Bytes())))
}

// Regions are one of each partition of AWS, and the oldest, whose hosts were once named otherwise.
var Regions = []string{
	"us-east-1", "eu-central-1", "ap-southeast-2", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1",
	"eu-isoe-west-1", "us-isof-south-1",
	"eusc-de-east-1",
}

// Asked is where our own code asks, in a region: the origin.
func Asked(region string, ours func(aws.Config) error) string {
	where := ""
	cfg := Config("")
	cfg.Region = region
	cfg.HTTPClient = doer(func(r *http.Request) (*http.Response, error) {
		where = r.URL.Scheme + "://" + r.URL.Host
		return &http.Response{StatusCode: http.StatusForbidden, Body: http.NoBody}, nil
	})
	_ = ours(cfg) // it is refused
	return where
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// OtherClock is a service whose clock differs from this machine's by an hour: what is signed by
// another time than its own it refuses, with the error that is given. It returns how often it was
// asked.
func OtherClock(t *testing.T, status int, refusal, answer string, ask func(aws.Config) error) int {
	t.Helper()
	const differs = time.Hour
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		now := time.Now().Add(differs)
		w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
		at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		if off := now.Sub(at).Abs(); err != nil || off > 5*time.Minute {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, refusal)
			return
		}
		_, _ = io.WriteString(w, answer)
	}))
	defer server.Close()
	if err := ask(Config(server.URL)); err != nil {
		t.Errorf("a clock that is an hour off: %v", err)
	}
	return asked
}
