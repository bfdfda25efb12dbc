// Package signed sends HTTP requests to AWS, signed with Signature Version 4. It is for the
// services of which a function needs one operation or two: SQS, S3, SES and Parameter Store. The
// SDK's client of a service costs every cold start for all of its operations, and that of S3 more
// than the rest of the function together. Its signer is linked by the client of DynamoDB anyway.
//
// Requests are bytes in memory, so they can be asked again, and no connection is cut for a body
// that was closed too early.
package signed

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Service is a service of AWS in one region. It may be used by many goroutines.
type Service struct {
	Host string // its name in host names, where that is not the one in signatures

	cfg    aws.Config
	name   string
	clock  skew
	signer *v4.Signer
}

// New asks a service by its name in signatures, such as "sqs". Of the configuration it uses region,
// credentials, HTTP client and, for an emulator, the endpoint.
func New(cfg aws.Config, name string) *Service {
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = patient
	}
	asItIs := func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true } // the path is escaped: see url
	return &Service{Host: name, cfg: cfg, name: name, signer: v4.NewSigner(asItIs)}
}

// Request is one request.
type Request struct {
	Method string
	Host   string // a label before the service's own, such as a bucket's name. Optional.
	Path   string // begins with a slash; encoded here. Optional. Defaults to /
	Header map[string]string
	Body   []byte
}

// Refusal is an answer that is none of success. Its text is what the service said, cut after 4 KB.
type Refusal struct {
	Status int
	Text   string

	clock bool // signed by the wrong time: the next request will not be
}

func (r *Refusal) Error() string { return fmt.Sprintf("status %d: %.300s", r.Status, r.Text) }

// busy reports a refusal that may be none a moment later.
func (r *Refusal) busy() bool {
	return r.clock || r.Status >= 500 || r.Status == http.StatusTooManyRequests ||
		strings.Contains(r.Text, "Throttl") || strings.Contains(r.Text, "SlowDown") ||
		strings.Contains(r.Text, "ConditionalRequestConflict")
}

const attempts = 3

// patient is the HTTP client where the configuration names none. A connection on which no answer
// has begun after three seconds hangs: these services take milliseconds.
var patient = func() *http.Client {
	line := http.DefaultTransport.(*http.Transport).Clone()
	line.ResponseHeaderTimeout = 3 * time.Second
	return &http.Client{Transport: line}
}()

// Ask asks up to three times, where the service is busy or the line is cut: whatever is asked must
// bear being done twice. It returns the answer of a success, whose body the caller closes, or a
// [*Refusal], or the error of the line.
func (s *Service) Ask(ctx context.Context, r Request) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		answer, err := s.attempt(ctx, r)
		refusal, refused := err.(*Refusal)
		if err == nil || refused && !refusal.busy() || attempt == attempts {
			return answer, err
		}
		select {
		case <-time.After(time.Duration(attempt) * 200 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// AskJSON asks an operation by AWS JSON of a version, such as "1.0", as Ask does. It reads what is
// answered into answer, unless that is nil. Its error for one that it cannot read says nothing of
// the text, which may hold secrets.
func (s *Service) AskJSON(ctx context.Context, version, operation string, ask, answer any) error {
	body, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	got, err := s.Ask(ctx, Request{Method: http.MethodPost, Body: body, Header: map[string]string{
		"Content-Type": "application/x-amz-json-" + version, "X-Amz-Target": operation,
	}})
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	defer got.Body.Close()
	if answer != nil && json.NewDecoder(got.Body).Decode(answer) != nil {
		return fmt.Errorf("%s: an answer that is not JSON of the expected shape", operation)
	}
	return nil
}

func (s *Service) attempt(ctx context.Context, r Request) (*http.Response, error) {
	signedBy := s.clock.ahead.Load()
	answer, err := s.AskOnce(ctx, r)
	if err != nil || answer.StatusCode/100 == 2 {
		return answer, err
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10)) // the status says enough
	return nil, &Refusal{answer.StatusCode, string(text), s.clock.ahead.Load() != signedBy}
}

// AskOnce asks once, for what must not be done twice (the HTTP client has to bear that too: an
// [http.Client] follows redirects). It returns the answer, whatever its status, whose body the
// caller closes, or the error of the line.
func (s *Service) AskOnce(ctx context.Context, r Request) (*http.Response, error) {
	asked, err := http.NewRequestWithContext(ctx, r.Method, s.url(r.Host, cmp.Or(r.Path, "/")), bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	hash := fmt.Sprintf("%x", sha256.Sum256(r.Body))
	if s.name == "s3" { // the only one that wants to be told
		asked.Header.Set("X-Amz-Content-Sha256", hash)
	}
	for name, value := range r.Header {
		asked.Header.Set(name, value)
	}
	credentials, err := s.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	if err := s.signer.SignHTTP(ctx, credentials, asked, hash, s.name, s.cfg.Region, s.clock.now()); err != nil {
		return nil, fmt.Errorf("sign the request: %w", err)
	}
	answer, err := s.cfg.HTTPClient.Do(asked)
	if err == nil {
		s.clock.learn(answer)
	}
	return answer, err
}

// url is the service's own in its region, or an emulator's, which has no host for each bucket:
// there its name is in the path.
func (s *Service) url(host, path string) string {
	if s.cfg.BaseEndpoint != nil {
		if host != "" {
			path = "/" + host + path
		}
		return strings.TrimSuffix(*s.cfg.BaseEndpoint, "/") + escape(path)
	}
	if host != "" {
		host += "."
	}
	return "https://" + host + s.Host + "." + s.cfg.Region + "." + suffix(s.cfg.Region) + escape(path)
}

// suffix is what host names end in: each partition of AWS has its own. A test holds it to the SDK's
// data.
func suffix(region string) string {
	for prefix, suffix := range map[string]string{
		"cn-": "amazonaws.com.cn", "eusc-": "amazonaws.eu", "us-iso-": "c2s.ic.gov", "us-isob-": "sc2s.sgov.gov",
		"eu-isoe-": "cloud.adc-e.uk", "us-isof-": "csp.hci.ic.gov", "eu-isof-": "csp.hci.ic.gov",
	} {
		if strings.HasPrefix(region, prefix) {
			return suffix
		}
	}
	return "amazonaws.com"
}

// escape is a path as signatures want it: everything but letters, digits, "-._~" and the slashes
// encoded, spaces as %20 (S3 API reference, "Create a signed AWS API request").
func escape(path string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(path), "+", "%20"), "%2F", "/")
}

// tooFar is how far the service's clock may be from this machine's. It refuses signatures that are
// five minutes off.
const tooFar = 4 * time.Minute

// skew is by how much the service's clock is ahead of this machine's, where that is too far.
type skew struct{ ahead atomic.Int64 }

func (s *skew) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// learn takes the service's clock from an answer, for the requests to come.
func (s *skew) learn(answer *http.Response) {
	theirs, err := http.ParseTime(answer.Header.Get("Date"))
	if err == nil && theirs.Sub(s.now()).Abs() >= tooFar {
		s.ahead.Store(int64(time.Until(theirs)))
	}
}
