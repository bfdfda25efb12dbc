// Package ses hands letters to Amazon SES (API v2, SendEmail with a raw message). SES has no
// idempotency token, so each letter is one attempt, and every error is put into one of the classes
// that [mend.Mailer] promises: what surely was not taken, what will never be, what nobody's
// letter would be, and the rest, of which nothing is known.
//
// The one call is made by hand: a body of JSON, a signature (by package signed), net/http.
// The client of package sesv2 runs every call through some forty steps (retries, endpoint rules,
// serialisers by reflection), which took more of the processor than all the rest of a letter: the
// whole path, from the claim to the record, was 1.3 to 1.9 times the bare client's SendEmail with
// it, and is well below 1 without (`make bench` prints the ratio). What is asked of SES is the
// same: a test compares it with the client's own request, and checks both signatures by the book.
package ses

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/signed"
)

// Config is what is the same for all letters.
type Config struct {
	From mend.Address

	// Letters and Evidence are the configuration sets that letters are sent with. Evidence also
	// reports that a letter was sent; it is for the kinds that may be tried twice, so that
	// check-ins do not pay for it.
	Letters, Evidence string

	// Endpoint is where SES is. Optional. Defaults to that of the region.
	Endpoint string
}

// The names of the tags, which come back in SES's events.
const (
	OccurrenceTag = "occurrence"
	AttemptTag    = "attempt"
)

// Mailer is a [mend.Mailer]. It may be used by many goroutines.
type Mailer struct {
	cfg Config
	ses *signed.Service
}

// New sends with the region and the credentials of a configuration; of the rest of it, nothing is
// used but the endpoint.
func New(account aws.Config, cfg Config) *Mailer { return over(newLine(), account, cfg) }

func over(line aws.HTTPClient, account aws.Config, cfg Config) *Mailer {
	account.HTTPClient = line
	if cfg.Endpoint != "" {
		account.BaseEndpoint = &cfg.Endpoint
	}
	ses := signed.New(account, "ses")
	ses.Host = "email"
	return &Mailer{cfg, ses}
}

// newLine keeps a connection for every letter that may be on its way. It speaks HTTP/1.1: what was
// written to a connection that then breaks is never written again, as a POST without an
// Idempotency-Key is not.
//
// An idle connection is dropped after a few seconds by the wall clock, which runs on while Lambda
// freezes the process. SES or Lambda may close it meanwhile, and a letter written to it would be
// lost.
func newLine() line {
	return line{&http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     idleFor,
		DisableCompression:  true,
		WriteBufferSize:     16 << 10, // most letters go to the connection in one write
	}}
}

// idleFor is shorter than any server keeps an idle connection.
const idleFor = 5 * time.Second

// line hands over once: an [http.Client] would follow a redirect, and hand the letter over again.
type line struct{ *http.Transport }

func (l line) Do(r *http.Request) (*http.Response, error) { return l.RoundTrip(r) }

// Send hands over one letter and returns SES's id of it. Its errors are those of [mend.Mailer].
func (m *Mailer) Send(ctx context.Context, o mend.Outgoing) (string, error) {
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	id, err := m.call(ctx, o)
	if err != nil {
		return "", fmt.Errorf("send by SES: %w", m.classify(err, connected.Load()))
	}
	return id, nil
}

func (m *Mailer) call(ctx context.Context, o mend.Outgoing) (id string, err error) {
	asked, err := m.body(o)
	if err != nil {
		return "", err
	}
	response, err := m.ses.AskOnce(ctx, signed.Request{Method: http.MethodPost, Path: "/v2/email/outbound-emails",
		Header: asJSON, Body: asked})
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if response.StatusCode/100 != 2 {
		return "", newRefusal(response, body)
	}
	var answer struct{ MessageId string }
	if err == nil {
		err = json.Unmarshal(body, &answer)
	}
	if err != nil {
		return "", fmt.Errorf("read the answer %s: %w", response.Status, err)
	}
	return answer.MessageId, nil
}

// mostAnswer is how much of an answer is read: all of any that SES gives.
const mostAnswer = 64 << 10

var asJSON = map[string]string{"Content-Type": "application/json"}

// body is a SendEmail request (Amazon SES API v2 reference).
func (m *Mailer) body(o mend.Outgoing) ([]byte, error) {
	set := m.cfg.Letters
	// SES tells us that these kinds were sent: they may be tried again (docs/protocol.md).
	evident := []mend.Kind{mend.PromiseKind, mend.Reminder, mend.Notice, mend.Confirmation, mend.SignIn}
	if slices.Contains(evident, o.Kind) {
		set = m.cfg.Evidence
	}
	type tag struct{ Name, Value string }
	return json.Marshal(map[string]any{
		"ConfigurationSetName": set,
		"Content":              map[string]any{"Raw": map[string]any{"Data": o.Raw}},
		"Destination":          map[string]any{"ToAddresses": []string{o.To.Mail()}},
		"EmailTags":            []tag{{OccurrenceTag, o.Occurrence}, {AttemptTag, o.Attempt}},
		"FromEmailAddress":     m.cfg.From.Mail(),
	})
}
