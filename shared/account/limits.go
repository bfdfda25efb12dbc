package account

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"example.org/mend/shared/mend"
)

// LimitedAction is what makes us send a letter to an address that anyone can type.
type LimitedAction string

// What is limited: the two forms that take an address.
const (
	SignUps LimitedAction = "signup"
	SignIns LimitedAction = "signin"
)

var errTooMany = &mend.Error{Code: mend.TooMany, Sentence: "We’ve had too many requests in the last hour. " +
	"Nothing was lost. Please try again in an hour."}

// limits are how many letters can be asked for within one hour of the clock, from one network and
// in all. Many people may share a network (a library, a mobile carrier), and an hour's wait does
// little harm. A flood from everywhere would cost our name as a sender, and so everyone's letters.
var limits = map[LimitedAction]struct{ network, total int64 }{
	SignUps: {20, 600},
	SignIns: {40, 1200},
}

// Admit decides whether a letter to an address may be asked for, and counts it if so. It depends on
// the network and the hour, and never on the address. Requests from the machine itself are not
// counted. Errors: [*ProofRequired] near the limits; [*mend.Error] with TooMany beyond them.
func (s *SignUp) Admit(
	ctx context.Context, what LimitedAction, from netip.Addr, to mend.Address, proof ProofOfWork,
) error {
	if from.IsLoopback() {
		return nil
	}
	hour := s.Now().UTC().Truncate(time.Hour)
	name := func(whose string) string { return fmt.Sprintf("%s %s %s", what, whose, hour.Format(time.RFC3339)) }
	counts := []count{ // the network's first: one that is over it does not use up what all share
		{name(networkOf(from)), limits[what].network},
		{name("all"), limits[what].total},
	}
	price := 0
	for _, c := range counts {
		n, err := s.Store.Counter(ctx, c.name, s.Now())
		if err != nil {
			return err
		}
		if n >= c.most {
			return s.tooMany(ctx, what, c)
		}
		price = max(price, c.price(n))
	}
	if price > 0 { // a request without a proof is not counted
		if err := s.verifyProof(what, from, to, proof, price); err != nil {
			return err
		}
	}
	for _, c := range counts {
		n, err := s.Store.IncrementCounter(ctx, c.name, hour.Add(2*time.Hour))
		if err != nil {
			return err
		}
		if n > c.most {
			return s.tooMany(ctx, what, c)
		}
	}
	return nil
}

// count is one of the numbers that are limited.
type count struct {
	name string
	most int64
}

func (s *SignUp) tooMany(ctx context.Context, what LimitedAction, c count) error {
	s.Log.WarnContext(ctx, "too many", "what", what, "all", c.most == limits[what].total)
	return errTooMany
}

// networkOf is what one household or office has: an address of IPv4, or the 56 bits that providers
// give out of IPv6 (RFC 6177).
func networkOf(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	network, err := a.Prefix(56)
	if err != nil {
		return "unknown"
	}
	return network.String()
}
