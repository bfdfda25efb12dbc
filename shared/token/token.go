package token

import (
	"crypto/hmac"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"example.org/mend/shared/mend"
)

// Claims is what a token says.
type Claims struct {
	Purpose      Purpose
	Person       mend.ID
	Thing        mend.ItemID // a one-off, a promise; "" for none
	Subscription uint8       // 0 for none
	Epoch        uint16      // the person's when it was signed; whoever accepts a token compares it with theirs now
	// of the letter; Reply, Preferences, Promise and Page count their life from it, others may
	// leave it out
	Date mend.Date

	// Expires is the first moment at which the token is no longer good; whole seconds.
	// The purposes that live by the clock want it from the signer (now plus
	// [Purpose.Lifetime]). For the others signing ignores it and verifying fills it
	// in: their last day counts whole, in UTC; zero means for good.
	Expires time.Time
}

// Letter is the letter that the token stands in, or that a reply to it answers.
func (c Claims) Letter() mend.LetterKey {
	return mend.LetterKey{Date: c.Date, Subscription: c.Subscription, OneOff: c.Thing}
}

// The errors of [Keys.Verify].
var (
	ErrMalformed = errors.New("not a token")
	ErrForged    = errors.New("token not signed by us for this purpose")
	ErrExpired   = errors.New("token expired")
)

// The sizes of the parts, in bytes. See the package comment for their order.
const (
	headSize   = 1 + personSize + 1 + 2 + 2
	personSize = 10
	thingSize  = 5
	expirySize = 4
	macSize    = 12
	maxSize    = headSize + thingSize + expirySize + macSize
)

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Sign makes the token of the claims: 45 to 60 characters of lower-case base32.
//
// It refuses claims that could not be read back: an unknown purpose, an id or a thing
// that is not base32 of its length, a date that the calendar lacks or that lies
// outside 1970 to 2149, and a missing date or expiry where the purpose counts from it.
// The error names the field; a sender reports that one letter and goes on with the
// next.
func (k Keys) Sign(c Claims) (string, error) {
	key := k.byID[k.current]
	if key == nil {
		return "", errors.New("signing a token: Keys is made by NewKeys")
	}
	var buf [maxSize]byte
	body, err := appendBody(append(buf[:0], k.current), c)
	if err != nil {
		return "", fmt.Errorf("signing a token for %v: %w", c.Purpose, err)
	}
	var text [(maxSize*8 + 4) / 5]byte
	return string(encoding.AppendEncode(text[:0], key.appendMAC(body, c.Purpose, body))), nil
}

// Verify reads a token that was presented for the purpose. It forgives what mail and
// people do to a token (another case, and white space, <> and full stops around it),
// and nothing else. It checks, in this order, that
//
//   - the purpose is one of ours;
//   - the token has a length that the purpose can have;
//   - it is base32 throughout, without stray bits at the end (else, so far, [ErrMalformed]);
//   - its key is one of ours, and not a retired one unless the purpose is Unsubscribe;
//   - its MAC is that key's, for this purpose and these bytes, compared in constant time
//     (else [ErrForged]);
//   - now is before its expiry (else [ErrExpired]).
//
// Claims are returned without an error, and with ErrExpired, so that a page can offer
// a way forward; with the other errors they are zero.
func (k Keys) Verify(p Purpose, token string, now time.Time) (Claims, error) {
	raw, ok := decode(trim(token))
	size := headSize + macSize // without a thing
	if p.policy().clock {
		size += expirySize
	}
	if !ok || !p.known() || len(raw) != size && len(raw) != size+thingSize {
		return Claims{}, ErrMalformed
	}

	key := k.byID[raw[0]]
	if key == nil || key.retired && p != Unsubscribe {
		return Claims{}, ErrForged
	}
	body, mac := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	if !hmac.Equal(mac, key.appendMAC(nil, p, body)) {
		return Claims{}, ErrForged
	}

	c := readBody(p, body, len(raw) > size)
	if !c.Expires.IsZero() && !now.Before(c.Expires) {
		return c, ErrExpired
	}
	return c, nil
}

// appendBody appends all that stands between the key id and the MAC.
func appendBody(b []byte, c Claims) ([]byte, error) {
	if !c.Purpose.known() {
		return nil, errors.New("no such purpose")
	}
	policy := c.Purpose.policy()
	b, ok := appendID(b, string(c.Person), personSize)
	if !ok {
		return nil, fmt.Errorf("person id %.20q is not 16 characters of base32", c.Person)
	}
	b = append(b, c.Subscription)
	b = binary.BigEndian.AppendUint16(b, c.Epoch)

	days := 0
	if !c.Date.IsZero() {
		days = c.Date.Days()
		if days <= 0 || days > math.MaxUint16 || mend.DateFromDays(days) != c.Date {
			return nil, fmt.Errorf("date %+v is not on the calendar of 1970 to 2149", c.Date)
		}
	} else if policy.life > 0 && !policy.clock {
		return nil, errors.New("no date, and the token counts from it")
	}
	b = binary.BigEndian.AppendUint16(b, uint16(days))

	if c.Thing != "" {
		if b, ok = appendID(b, string(c.Thing), thingSize); !ok {
			return nil, fmt.Errorf("thing %.20q is not 8 characters of base32", c.Thing)
		}
	}
	if policy.clock {
		seconds := c.Expires.Unix()
		if seconds < 0 || seconds > math.MaxUint32 {
			return nil, errors.New("no expiry, or one outside 1970 to 2106")
		}
		b = binary.BigEndian.AppendUint32(b, uint32(seconds))
	}
	return b, nil
}

// readBody undoes appendBody for bytes whose MAC was right.
func readBody(p Purpose, b []byte, withThing bool) Claims {
	c := Claims{Purpose: p}
	b = b[1:]
	c.Person, b = mend.ID(encoding.EncodeToString(b[:personSize])), b[personSize:]
	c.Subscription, b = b[0], b[1:]
	c.Epoch, b = binary.BigEndian.Uint16(b), b[2:]
	if days := binary.BigEndian.Uint16(b); days > 0 {
		c.Date = mend.DateFromDays(int(days))
	}
	b = b[2:]
	if withThing {
		c.Thing, b = mend.ItemID(encoding.EncodeToString(b[:thingSize])), b[thingSize:]
	}
	switch policy := p.policy(); {
	case policy.clock:
		c.Expires = time.Unix(int64(binary.BigEndian.Uint32(b)), 0).UTC()
	case policy.life > 0:
		lastDay := c.Date.AddDays(int(policy.life / day))
		c.Expires = time.Date(lastDay.Year, lastDay.Month, lastDay.Day+1, 0, 0, 0, 0, time.UTC)
	}
	return c
}

// trim takes off what surrounds a token that was copied, or wrapped by mail.
func trim(token string) string { return strings.Trim(token, "<>. \t\r\n") }

// decode reads base32 in either case.
func decode(token string) ([]byte, bool) {
	if len(token) > encoding.EncodedLen(maxSize) {
		return nil, false // before any work is done on it
	}
	raw, err := encoding.DecodeString(strings.ToLower(token))
	// The decoder skips line breaks and ignores stray bits, and a Kelvin sign in lower case is a k:
	// encoding again finds all of them.
	return raw, err == nil && strings.EqualFold(encoding.EncodeToString(raw), token) &&
		len(token) == encoding.EncodedLen(len(raw))
}

// appendID appends the bytes of an id, which has to be lower-case base32 of so many
// and nothing else: the decoder would skip line breaks.
func appendID(b []byte, id string, size int) ([]byte, bool) {
	if len(id) != encoding.EncodedLen(size) {
		return nil, false
	}
	start := len(b)
	b, err := encoding.AppendDecode(b, []byte(id))
	return b, err == nil && len(b) == start+size
}

// ErrNotOurs is an address that is not a reply address of the domain.
var ErrNotOurs = errors.New("not one of our reply addresses")

const replyPrefix = "r+"

// ReplyAddress is the address for replies to a letter: r+<token>@domain, its local
// part 55 characters at most (RFC 5321 section 4.5.3.1.1 allows 64). The purpose is
// Reply, whatever the claims say; errors are those of [Keys.Sign].
func (k Keys) ReplyAddress(c Claims, domain string) (string, error) {
	c.Purpose = Reply
	token, err := k.Sign(c)
	if err != nil {
		return "", err
	}
	return replyPrefix + token + "@" + domain, nil
}

// FromReplyAddress reads the claims out of an address that mail came to, in any case
// and with or without <> around it. It returns [ErrNotOurs] if the domain is another
// or the local part does not begin with r+, and otherwise what [Keys.Verify] does.
func (k Keys) FromReplyAddress(addr, domain string, now time.Time) (Claims, error) {
	addr = trim(addr)
	at := strings.LastIndexByte(addr, '@')
	if at < len(replyPrefix) || !strings.EqualFold(addr[at+1:], domain) ||
		!strings.EqualFold(addr[:len(replyPrefix)], replyPrefix) {
		return Claims{}, ErrNotOurs
	}
	return k.Verify(Reply, addr[len(replyPrefix):at], now)
}
