package web

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"example.org/mend/shared/account"
)

// Programs that fill in every form they find are kept out by two small things, which people do not
// notice. A program for this very form gets past both; the limits of
// [account.SignUp.Admit] are for them.

// trapped reports that a field was filled in which people do not see.
func (v *visit) trapped() bool { return v.typed("website") != "" }

// readingTime is the least time from seeing the form to sending it.
const readingTime = 3 * time.Second

// hasty reports that a form came back sooner than anyone reads. The time is the machine's,
// whatever day the service believes it is. A form without the field was not made by our page; one
// from the machine itself is a test's or a demonstration's.
func (v *visit) hasty() bool {
	shown, err := strconv.ParseInt(v.typed("shown"), 10, 64)
	return err == nil && time.Since(time.Unix(shown, 0)) < readingTime && !networkOf(v.r).IsLoopback()
}

// admit counts a request for a letter, if what was typed is an address at all. Errors:
// [*account.ProofRequired] where the browser has to do some work first.
func (v *visit) admit(what account.LimitedAction, email string) error {
	address, err := account.ParseAddress(email)
	if err != nil {
		return nil // the service says so
	}
	return v.svc.SignUp.Admit(v.ctx(), what, networkOf(v.r), address,
		account.ProofOfWork{Token: v.typed("stamp"), Answer: v.typed("answer")})
}

// ask does what someone asks for with an address, within the limits.
func (v *visit) ask(what account.LimitedAction, do func(ctx context.Context, email string) error) error {
	if err := v.admit(what, v.typed("email")); err != nil {
		return err
	}
	return do(v.ctx(), v.typed("email"))
}

// networkOf is where a request comes from, as API Gateway tells it; headers that anyone can write
// are not asked.
func networkOf(r *http.Request) netip.Addr {
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return at.Addr()
	}
	addr, _ := netip.ParseAddr(r.RemoteAddr) // the zero address counts as a network of its own
	return addr
}
