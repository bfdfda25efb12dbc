// Package dispatch hands out what is due: it walks the slots that came due, writes pages of
// occurrences, queues them at the rate that the account has, sweeps what did not come to its end,
// and adds up each day. It sends nothing, and links nothing that letters are made of.
package dispatch

import "example.org/mend/shared/change"

// Dispatcher hands out what is due.
type Dispatcher struct {
	*change.Base

	// SendRate is how many letters a second the account may send (SES's MaxSendRate).
	// 0: nothing is paced.
	SendRate float64

	// OneAtATime works without goroutines, for simulations and tests that want one order.
	OneAtATime bool
}

// New returns a dispatcher over the table and the queues.
func New(b *change.Base, sendRate float64) *Dispatcher {
	return &Dispatcher{Base: b, SendRate: sendRate}
}
