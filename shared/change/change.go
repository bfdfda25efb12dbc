// Package change makes changes of accounts: it loads a person's records, lets a function decide,
// and commits the decision on the condition that nothing has changed meanwhile. With a change go
// its entry in the restore journal and the letters that it causes.
//
// Every use case is built on it. It never reads the machine's clock and never draws randomness of
// its own: Now and Rand are fields. AWS is not among its imports, so the same code runs in a
// function, on one machine and in a simulation.
package change

import (
	"io"
	"log/slog"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// Base is what all use cases share. Its fields are set before first use. A field that no use case
// of a function needs stays zero there.
type Base struct {
	Store *store.Store
	Queue mend.Queue // of letters and pages to be sent
	Blobs mend.Blobs // hold the restore journal, and the raw mail

	Keys      token.Keys // of links
	ReplyKeys token.Keys // of reply addresses

	Site        string // origin of the pages, such as https://mend.example, without a trailing slash
	ReplyDomain string // the domain of reply addresses

	Now  func() time.Time
	Rand io.Reader // cryptographic outside a simulation; never fails
	Log  *slog.Logger

	quietly bool // changes write nothing into the restore journal
}
