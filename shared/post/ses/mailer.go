// Package ses hands letters to Amazon SES (API v2, SendEmail with a raw message). SES has no idempotency
// token, so each letter is one attempt, and every error is put into one of the classes that
// [service.Mailer] promises: what surely was not taken, what will never be, what nobody's letter would be, and
// the rest, of which nothing is known.
package ses

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"example.org/mend/shared/person"
	"example.org/mend/shared/service"
)

// Config is what is the same for all letters.
type Config struct {
	From person.Address

	// Letters and Evidence are the configuration sets that letters are sent with. Evidence also reports
	// that a letter was sent; it is for the kinds that may be tried twice, so that check-ins do not pay for it.
	Letters, Evidence string
}

// The names of the tags, which come back in SES's events.
const (
	OccurrenceTag = "occurrence"
	AttemptTag    = "attempt"
)

// Mailer is a [service.Mailer]. It may be used by many goroutines.
type Mailer struct {
	client *sesv2.Client
	cfg    Config
}

// New sends by a client. The client's retries are not used.
func New(client *sesv2.Client, cfg Config) *Mailer { return &Mailer{client, cfg} }

// Send hands over one letter and returns SES's id of it. Its errors are those of [service.Mailer].
func (m *Mailer) Send(ctx context.Context, o service.Outgoing) (string, error) {
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	out, err := m.client.SendEmail(ctx, m.request(o), func(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} })
	if err != nil {
		return "", fmt.Errorf("send by SES: %w", classify(err, connected.Load()))
	}
	return aws.ToString(out.MessageId), nil
}

func (m *Mailer) request(o service.Outgoing) *sesv2.SendEmailInput {
	set := m.cfg.Letters
	if mayTryTwice(o.Kind) {
		set = m.cfg.Evidence
	}
	return &sesv2.SendEmailInput{
		FromEmailAddress:     aws.String(m.cfg.From.Mail()),
		Destination:          &types.Destination{ToAddresses: []string{o.To.Mail()}},
		Content:              &types.EmailContent{Raw: &types.RawMessage{Data: o.Raw}},
		ConfigurationSetName: &set,
		EmailTags: []types.MessageTag{
			{Name: aws.String(OccurrenceTag), Value: &o.Occurrence}, {Name: aws.String(AttemptTag), Value: &o.Attempt},
		},
	}
}

// mayTryTwice reports the kinds whose loss would hurt more than a double (design, section 4).
func mayTryTwice(k person.Kind) bool {
	return k == person.PromiseKind || k == person.Reminder || k == person.Notice
}

// classify joins an error with the class that it belongs to. Without a connection nothing can have been said.
func classify(err error, connected bool) error {
	var refused *types.MessageRejected
	var bad *types.BadRequestException
	var paused *types.SendingPausedException
	var suspended *types.AccountSuspendedException
	var limit *types.LimitExceededException
	var unverified *types.MailFromDomainNotVerifiedException
	var noSet *types.NotFoundException
	var answer *smithyhttp.ResponseError
	var api smithy.APIError
	switch {
	case errors.As(err, &paused), errors.As(err, &suspended), errors.As(err, &limit), errors.As(err, &unverified), errors.As(err, &noSet):
		return errors.Join(service.ErrClosed, err)
	case errors.As(err, &refused) && notVerified(refused):
		return errors.Join(service.ErrClosed, err)
	case errors.As(err, &refused), errors.As(err, &bad):
		return errors.Join(service.ErrRefused, err)
	case !errors.As(err, &answer) || answer.HTTPStatusCode() == 0: // no answer
		if !connected {
			return errors.Join(service.ErrNotSent, err)
		}
		return err
	}
	switch status := answer.HTTPStatusCode(); {
	case status == http.StatusForbidden:
		return errors.Join(service.ErrClosed, err)
	case errors.As(err, &api) && strings.Contains(api.ErrorMessage(), "Daily message quota exceeded"):
		return errors.Join(service.ErrClosed, err)
	case status == http.StatusTooManyRequests, errors.As(err, &api) && strings.Contains(api.ErrorCode(), "Throttl"):
		return errors.Join(service.ErrNotSent, err)
	}
	return err
}

// notVerified tells the account that may not send from our address, or to anybody yet (the sandbox), from a letter
// that SES will not have.
func notVerified(e *types.MessageRejected) bool {
	return strings.Contains(e.ErrorMessage(), "not verified")
}
