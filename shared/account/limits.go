package account

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

// LimitedAction is what makes us send a letter to an address that anyone can type.
type LimitedAction string

// What is limited: the two forms that take an address.
const (
	SignUps LimitedAction = "signup"
	SignIns LimitedAction = "signin"
)

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

type count struct {
	name string
	most int64
}

func (s *SignUp) tooMany(ctx context.Context, what LimitedAction, c count) error {
	s.Log.WarnContext(ctx, "too many", "what", what, "all", c.most == limits[what].total)
	return &mend.Error{Code: mend.TooMany, Sentence: "We’ve had too many requests in the last hour. " +
		"Nothing was lost. Please try again in an hour."}
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

// Near the limits on letters that anyone can ask for, each costs a proof of work: a second or so of
// a browser's time (after Hashcash, Back 2002), or a minute of waiting without script. One letter
// stays cheap, and thousands become dear before the limits make all people wait.
//
// A proof is good for ten minutes, one address, one network and one form. Used again it asks for
// the same letter again, and the limits of that address hold.

// ProofOfWork is what comes with a form: the token of a [ProofRequired], and the answer
// to it, if there is one.
type ProofOfWork struct{ Token, Answer string }

// ProofRequired asks for a proof: an answer, of digits, so that SHA-256 of the token, a full stop
// and the answer begins with so many zero bits; or the same token again after [ProofWait].
type ProofRequired struct {
	Token string
	Bits  int
}

func (*ProofRequired) Error() string { return "this letter costs a proof of work" }

// ProofWait is how long a person waits whose browser does not work.
const ProofWait = time.Minute

// The price of a proof in bits, each of which doubles the work: from half of a limit on the least,
// close to it the most.
const (
	leastBits = 14 // some 16,000 hashes: a third of a second in a browser
	mostBits  = 18
)

// price is what the next letter costs where there were n; 0 for nothing.
func (c count) price(n int64) int {
	if 2*n < c.most {
		return 0
	}
	return min(leastBits+int(10*(2*n-c.most)/c.most)/2, mostBits)
}

// verifyProof checks a proof. One that has no answer yet, and has not waited, is asked
// for again as it is.
func (s *SignUp) verifyProof(what LimitedAction, from netip.Addr, to mend.Address, proof ProofOfWork, price int) error {
	// What the proof is for, in the form of an id.
	name := mend.ID(change.Hash(string(what) + "\x00" + networkOf(from) + "\x00" + to.Key()))
	claims, err := s.Verify(token.Stamp, proof.Token)
	if err != nil || claims.Person != name {
		claims = token.Claims{Purpose: token.Stamp, Person: name, Subscription: uint8(price)}
		text, err := s.Sign(claims)
		if err != nil {
			return err
		}
		return &ProofRequired{Token: text, Bits: price}
	}
	made := claims.Expires.Add(-token.Stamp.Lifetime())
	if s.Now().Sub(made) >= ProofWait || solves(proof, int(claims.Subscription)) {
		return nil
	}
	return &ProofRequired{Token: proof.Token, Bits: int(claims.Subscription)}
}

func solves(proof ProofOfWork, bits int) bool {
	const longest = 20 // digits of an answer
	if proof.Answer == "" || len(proof.Answer) > longest {
		return false
	}
	sum := sha256.Sum256([]byte(proof.Token + "." + proof.Answer))
	return binary.BigEndian.Uint64(sum[:])>>(64-bits) == 0
}
