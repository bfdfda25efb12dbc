package bench

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/post/ses"
)

// config is that of an account that nobody has.
func config() aws.Config {
	credentials := func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIABENCH", SecretAccessKey: "bench", SessionToken: "bench"}, nil
	}
	return aws.Config{Region: "us-east-1", Credentials: aws.CredentialsProviderFunc(credentials)}
}

func newMailer(o Options) mend.Mailer {
	return ses.New(config(),
		ses.Config{From: mend.StoredAddress(from), Letters: "letters", Evidence: "evidence", Endpoint: o.Endpoint})
}

// counted counts what becomes of the letters that are handed to a mailer.
type counted struct {
	mend.Mailer
	calls, throttled, settled atomic.Int64 // settled: taken, refused or unknown
	bytes                     atomic.Int64 // of all calls
	lastError                 atomic.Value
}

// Send is that of [service.Mailer].
func (c *counted) Send(ctx context.Context, o mend.Outgoing) (string, error) {
	id, err := c.Mailer.Send(ctx, o)
	c.calls.Add(1)
	c.bytes.Add(int64(len(o.Raw)))
	if errors.Is(err, mend.ErrNotSent) || errors.Is(err, mend.ErrClosed) {
		c.throttled.Add(1)
		c.lastError.Store(err.Error())
	} else {
		c.settled.Add(1)
	}
	return id, err
}

// last is what the endpoint said last, when it took no letter.
func (c *counted) last() any { return c.lastError.Load() }
