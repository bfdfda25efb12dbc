// Package journal holds what a person writes: replies and the orders in them, entries of their
// journal, promises and the answers to them.
package journal

import (
	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
)

// Keeper keeps replies and follows the orders in them: mails that came in, and what a person writes
// on the page of a letter.
type Keeper struct {
	*change.Base
	Library *content.Library
	account *account.Service
}

// NewKeeper needs what [account.New] needs, and the cards that letters showed.
func NewKeeper(b *change.Base, library *content.Library) *Keeper {
	return &Keeper{b, library, account.New(b)}
}

// Service is the use cases of the journal's pages.
type Service struct{ *Keeper }

// New needs what [NewKeeper] needs.
func New(b *change.Base, library *content.Library) *Service { return &Service{NewKeeper(b, library)} }
