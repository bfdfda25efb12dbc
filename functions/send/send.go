// Package send is woken by the send queue and the now queue: it claims, composes, sends and records
// letters. It is the only function that may call the mail service.
package send

import (
	"context"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/internal/batch"
	"example.org/mend/shared/sending"
	"example.org/mend/shared/store"
)

// Handler sends letters.
type Handler struct{ svc *sending.Service }

// New makes a handler. Its service has a Mailer.
func New(svc *sending.Service) *Handler { return &Handler{svc} }

// Handle sends the letters of each message, which is a [store.Page] in JSON.
func (h *Handler) Handle(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	return batch.Each(ctx, h.svc.Base, e, func(ctx context.Context, body string) error {
		var page store.Page
		if err := batch.Strict(body, &page); err != nil {
			return err
		}
		return h.svc.Process(ctx, page)
	})
}
