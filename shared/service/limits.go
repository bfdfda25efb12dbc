package service

import (
	"context"
	"fmt"
	"net/netip"
	"time"
)

// Asking is what anybody, signed in or not, can make us send a letter by.
type Asking string

// What is limited: the two forms that take an address.
const (
	SignUps Asking = "signup"
	SignIns Asking = "signin"
)

// TooMany is the code of an asking beyond the limits: 429.
const TooMany Code = "too many"

var errTooMany = &Error{TooMany, "So many letters were asked for in the last hour that we are taking a short rest. Nothing was lost; please try again in an hour."}

// limits are how many letters can be asked for within one hour of the clock, from one network and in all. Many people may
// share one address (a library, a mobile carrier), and an hour's wait does little harm; a flood from
// everywhere at once would cost our name as a sender, and with it everybody's letters.
var limits = map[Asking]struct{ network, total int64 }{
	SignUps: {20, 600},
	SignIns: {40, 1200},
}

// Admit counts an asking from a network and says whether it may go on. What it answers says nothing about any
// address of mail. The machine that the service runs on is nobody's network and is not counted. Errors: [*Error] with TooMany.
func (s *Service) Admit(ctx context.Context, what Asking, from netip.Addr) error {
	if from.IsLoopback() {
		return nil
	}
	hour := s.Now().UTC().Truncate(time.Hour)
	for _, of := range []struct {
		whose string
		most  int64
	}{{networkOf(from), limits[what].network}, {"all", limits[what].total}} { // who is over their own limit uses up nobody else's
		n, err := s.Store.Count(ctx, fmt.Sprintf("%s %s %s", what, of.whose, hour.Format(time.RFC3339)), hour.Add(2*time.Hour))
		if err != nil {
			return err
		}
		if n > of.most {
			s.Log.WarnContext(ctx, "too many", "what", what, "all", of.whose == "all")
			return errTooMany
		}
	}
	return nil
}

// networkOf is what one household or office has: an address of IPv4, or the 56 bits that providers give out of IPv6 (RFC 6177).
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
