// Package sending sends letters: it reads what a page or a one-off names, decides, claims,
// composes, hands the letter to the mail service and records what came of it.
// docs/protocol.md describes the steps.
package sending

import (
	"context"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
)

// Service sends letters.
type Service struct {
	*change.Base

	Mailer  mend.Mailer
	Library *content.Library
	Letters *letter.Composer

	// Sleep waits, or until the context ends, whose error it then returns. Optional.
	// Defaults to a timer.
	Sleep func(context.Context, time.Duration) error

	dispatch *dispatch.Dispatcher
	account  *account.Service
}

// New returns the service. What is left of a long slot goes on through the dispatcher, at its rate.
func New(
	b *change.Base, d *dispatch.Dispatcher, m mend.Mailer, library *content.Library, letters *letter.Composer,
) *Service {
	return &Service{Base: b, Mailer: m, Library: library, Letters: letters, dispatch: d, account: account.New(b)}
}
