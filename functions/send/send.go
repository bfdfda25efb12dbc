// Package send is woken by the send queue and the now queue: it claims, composes, sends and records
// letters. It is the only function that may call the mail service.
package send

import (
	"context"

	"example.org/mend/functions/internal/batch"
	"example.org/mend/shared/sending"
	"example.org/mend/shared/store"
)

// Handler sends the letters of each message, which is a [store.Page] in JSON. Its service has a
// Mailer.
func Handler(svc *sending.Service) batch.Handler {
	return batch.Each(svc.Base, func(ctx context.Context, body string) error {
		var page store.Page
		if err := batch.Strict(body, &page); err != nil {
			return err
		}
		return svc.Process(ctx, page)
	})
}
