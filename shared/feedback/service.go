// Package feedback takes what the mail service says about letters that it took: sent, delivered,
// bounced, complained about.
package feedback

import (
	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
)

// Service takes events.
type Service struct {
	*change.Base
	account *account.Service
}

// New returns the service. It needs the table and the restore journal.
func New(b *change.Base) *Service { return &Service{b, account.New(b)} }
