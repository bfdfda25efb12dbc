package account

import (
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"time"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

// Where the limits on letters that anybody can ask for are near, each costs a stamp: a second or so
// of a browser's work (after Hashcash, Back 2002), or a minute of waiting for whoever has no
// script. It keeps nobody out who wants one letter, and makes thousands dear before the limits make
// everybody wait.
//
// A stamp is good for ten minutes, one address, one network and one form. Used again it asks for
// the same letter again, which the limits of that address see to.

// ProofOfWork is what comes with a form: the token of a [ProofRequired], and the answer to it, if there is one.
type ProofOfWork struct{ Token, Answer string }

// ProofRequired asks for a stamp: an answer, of digits, so that SHA-256 of the token, a full stop
// and the answer begins with so many zero bits; or the same token again after [StampWait].
type ProofRequired struct {
	Token string
	Bits  int
}

func (*ProofRequired) Error() string { return "this letter costs a stamp" }

// StampWait is how long somebody waits who does not work.
const StampWait = time.Minute

// The price of a stamp in bits, each of which doubles the work: from half of a limit on the least,
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

// stamped checks a stamp. A good one that has no answer yet, and has not waited, is asked for again as it is.
func (s *SignUp) stamped(what LimitedAction, from netip.Addr, to mend.Address, stamp ProofOfWork, price int) error {
	name := stampFor(what, from, to)
	claims, err := s.Verify(token.Stamp, stamp.Token)
	if err != nil || claims.Person != name {
		claims = token.Claims{Purpose: token.Stamp, Person: name, Subscription: uint8(price)}
		text, err := s.Sign(claims)
		if err != nil {
			return err
		}
		return &ProofRequired{Token: text, Bits: price}
	}
	made := claims.Expires.Add(-token.Stamp.Lifetime())
	if s.Now().Sub(made) >= StampWait || solves(stamp, int(claims.Subscription)) {
		return nil
	}
	return &ProofRequired{Token: stamp.Token, Bits: int(claims.Subscription)}
}

// stampFor names what a stamp is for, in the form of an id.
func stampFor(what LimitedAction, from netip.Addr, to mend.Address) mend.ID {
	sum := sha256.Sum256([]byte(string(what) + "\x00" + networkOf(from) + "\x00" + to.Key()))
	return mend.ID(change.IDEncoding.EncodeToString(sum[:10]))
}

func solves(stamp ProofOfWork, bits int) bool {
	const longest = 20 // digits of an answer
	if stamp.Answer == "" || len(stamp.Answer) > longest {
		return false
	}
	sum := sha256.Sum256([]byte(stamp.Token + "." + stamp.Answer))
	return binary.BigEndian.Uint64(sum[:])>>(64-bits) == 0
}
