// Package journal holds what a person writes: replies and the orders in them, entries of their journal,
// promises and the answers to them.
package journal

import (
	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/letter"
)

// keeper keeps replies and follows the orders in them.
type keeper struct {
	*change.Base
	Library *content.Library
	account *account.Service
}

// Service is the use cases of the journal's pages.
type Service struct{ keeper }

// New returns the use cases. They need what [account.New] needs, and the cards that letters showed.
func New(b *change.Base, library *content.Library) *Service {
	return &Service{keeper{b, library, account.New(b)}}
}

// Receiver takes the mails that people send.
type Receiver struct {
	keeper
	Letters *letter.Composer
}

// NewReceiver needs what [New] needs, the raw mails, the keys of reply addresses, and what letters say:
// that is how it tells a person's own words from the letter that they quote.
func NewReceiver(b *change.Base, library *content.Library, letters *letter.Composer) *Receiver {
	return &Receiver{keeper{b, library, account.New(b)}, letters}
}
