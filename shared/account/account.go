// Package account holds what a person decides about their letters: joining and confirming,
// settings, pauses and stops, no-contact, the address that letters go to, and the way in and out.
// It links neither what reads mail nor what writes letters.
package account

import (
	"example.org/mend/shared/change"
)

// core is what the use cases of this package share.
type core struct{ *change.Base }

// Service is the use cases of someone who opened a link of their letters, or who signed in.
type Service struct{ core }

// New returns the use cases. They need the table, the queue, the restore journal and
// the keys of links.
func New(b *change.Base) *Service { return &Service{core{b}} }

// SignUp is the way from the sign-up form to the first letter.
type SignUp struct{ core }

// NewSignUp needs what [New] needs.
func NewSignUp(b *change.Base) *SignUp { return &SignUp{core{b}} }

// SignIn is what concerns a mailbox: who may read it signs in, letters move to another one, and
// letters that strangers can cause are refused.
type SignIn struct{ core }

// NewSignIn needs what [New] needs.
func NewSignIn(b *change.Base) *SignIn { return &SignIn{core{b}} }
