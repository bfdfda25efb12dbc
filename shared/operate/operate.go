// Package operate holds what an operator asks for: the restore of a backup, and what is
// due and will be.
package operate

import "example.org/mend/shared/change"

// Service is the use cases of an operator.
type Service struct{ *change.Base }

// New returns the use cases. They need the table, and a restore the restore journal and
// the queue too.
func New(b *change.Base) *Service { return &Service{b} }
