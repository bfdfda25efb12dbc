package token

import (
	"errors"
	"strings"
	"time"
)

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
