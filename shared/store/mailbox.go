package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"example.org/mend/shared/mend"
)

// Mailbox is what was sent to one mailbox because anyone can ask for it, whatever spelling of its
// address was typed (see [mend.Address.Mailbox]). It holds an HMAC and no address.
type Mailbox struct {
	Confirmations int       // sent and left alone so far
	LastAsked     time.Time // when the last confirmation was sent
	SilentUntil   time.Time // no confirmation is sent before

	// The latest letters of each kind, oldest first, [mostStamps] at most.
	SignIns, SignedUp, Warnings Stamps

	version int64
}

// MailboxChange is what a mailbox becomes at an instant.
type MailboxChange struct {
	Mailbox
	At time.Time
}

// Stamps are instants, oldest first.
type Stamps []time.Time

// mostStamps is how many instants are kept: the largest number that a limit counts to.
const mostStamps = 10

// With is the stamps and one more. The oldest may go for it.
func (s Stamps) With(now time.Time) Stamps {
	s = append(s[:len(s):len(s)], now)
	return s[max(0, len(s)-mostStamps):]
}

// MostAhead is how far ahead a stamp counts. One that lies further ahead was written before the
// clock was set back, and says nothing about the time until now.
const MostAhead = time.Minute

// Within is how many there are in a span that ends now. What is further ahead than [MostAhead]
// doesn't count.
func (s Stamps) Within(span time.Duration, now time.Time) int {
	n := 0
	for _, at := range s {
		if at.After(now.Add(-span)) && !at.After(now.Add(MostAhead)) {
			n++
		}
	}
	return n
}

func (s Stamps) text() string {
	var parts []string
	for _, at := range s {
		parts = append(parts, strconv.FormatInt(at.Unix(), 36))
	}
	return strings.Join(parts, " ")
}

func stampsFrom(text string) Stamps {
	var s Stamps
	for _, part := range strings.Fields(text) {
		if seconds, err := strconv.ParseInt(part, 36, 64); err == nil {
			s = append(s, time.Unix(seconds, 0).UTC())
		}
	}
	return s
}

func (s *Accounts) mailboxKey(a mend.Address) Key { return s.countKey("mailbox\x00" + a.Mailbox()) }

// Mailbox reads what was sent to a mailbox. One to which nothing was sent is a zero one.
func (s *Accounts) Mailbox(ctx context.Context, a mend.Address, now time.Time) (Mailbox, error) {
	it, err := s.table.Get(ctx, s.mailboxKey(a))
	if it.expired(now) {
		return Mailbox{version: it.number("version")}, nil
	}
	return record(it, mailboxFields), wrap(err, "look up a mailbox")
}

func mailboxFields(m *Mailbox) fields {
	return fields{
		{"confirmations", &m.Confirmations}, {"lastAsked", &m.LastAsked}, {"silentUntil", &m.SilentUntil},
		{"signIns", &m.SignIns}, {"signedUp", &m.SignedUp}, {"warnings", &m.Warnings}, {"version", &m.version},
	}
}

// MailboxLife is how long a mailbox is remembered after the last letter that anyone can ask for.
const MailboxLife = 396 * 24 * time.Hour

// SaveMailbox writes what belongs to no change of a person. Errors: [ErrConflict].
func (s *Accounts) SaveMailbox(ctx context.Context, a mend.Address, m Mailbox, now time.Time) error {
	return s.write(ctx, s.mailboxWrite(a, m, now), "write a mailbox")
}

func (s *Accounts) mailboxWrite(a mend.Address, m Mailbox, now time.Time) Write {
	return versioned(s.mailboxKey(a), mailboxFields(&m), &m.version, now.Add(MailboxLife))
}
