package account

import (
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Letters that strangers can cause have a total for each mailbox: a rate alone would let them fill
// an inbox, a little every day.

// limit is how many letters of a kind one mailbox gets within some times.
type limit []struct {
	within time.Duration
	most   int
}

// The limits. See [mayConfirm] for those of confirmations.
var (
	signInLimit        = limit{{time.Minute, 1}, {time.Hour, 6}, {24 * time.Hour, 10}}
	signInLimitStopped = limit{{time.Minute, 1}, {24 * time.Hour, 3}, {30 * 24 * time.Hour, 10}}
	noticeLimit        = limit{{24 * time.Hour, 1}, {30 * 24 * time.Hour, 10}}
)

// allows reports whether one more letter may follow those that were sent.
func (l limit) allows(sent store.Stamps, now time.Time) bool {
	for _, rule := range l {
		if sent.Within(rule.within, now) >= rule.most {
			return false
		}
	}
	return true
}

// mostOfDomain is how many confirmations go to one domain on a day (UTC). The owner of a domain has
// as many addresses as they like; the large providers' addresses cost something each.
const mostOfDomain = 40

// crowded counts a request for a confirmation to an address, and reports whether its domain has had
// its share of the day. It makes the same calls for everyone.
func (s *SignUp) crowded(ctx context.Context, a mend.Address) (bool, error) {
	domain := OwnedDomain(a.Domain())
	if slices.Contains(strings.Fields(largeProviders), domain) {
		return false, nil
	}
	day := s.Now().UTC().Truncate(24 * time.Hour)
	name := "confirmations to " + domain + " " + day.Format(time.DateOnly)
	n, err := s.Store.IncrementCounter(ctx, name, day.Add(48*time.Hour))
	return n > mostOfDomain, err
}

// largeProviders are the domains under which many people have addresses of their own.
const largeProviders = `
gmail.com googlemail.com outlook.com hotmail.com live.com msn.com hotmail.co.uk hotmail.fr
hotmail.de hotmail.it hotmail.es outlook.de outlook.fr outlook.es outlook.com.br live.co.uk
live.fr live.nl yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.co.jp yahoo.co.in
yahoo.in yahoo.com.br yahoo.com.mx ymail.com rocketmail.com aol.com icloud.com me.com mac.com
proton.me protonmail.com pm.me fastmail.com gmx.de gmx.net gmx.com gmx.at gmx.ch web.de
t-online.de freenet.de posteo.de mailbox.org orange.fr wanadoo.fr free.fr laposte.net sfr.fr
libero.it virgilio.it tiscali.it alice.it wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz
abv.bg mail.ru yandex.ru yandex.com ya.ru ukr.net qq.com 163.com 126.com sina.com naver.com
daum.net hanmail.net uol.com.br bol.com.br terra.com.br rediffmail.com comcast.net verizon.net
att.net sbcglobal.net bellsouth.net cox.net charter.net btinternet.com sky.com virginmedia.com
ntlworld.com bigpond.com optusnet.com.au xtra.co.nz shaw.ca rogers.com sympatico.ca telenet.be
skynet.be ziggo.nl kpnmail.nl bluewin.ch zoho.com tuta.com tutanota.com hey.com mail.com
`

// Mute is a kind of letter that anyone can cause and that its owner can refuse.
type Mute uint8

// The kinds. A confirmation has "it was not me" instead.
const (
	MuteSignIn   Mute = iota + 1 // links to sign in
	MuteSignedUp                 // "you are signed up already"
	MuteWarning                  // "was this you?"
)

func (m Mute) bit() int64 { return 1 << m }

// Muting is whether letters of a kind are refused.
type Muting struct {
	Kind  Mute
	Muted bool

	address mend.Address
	record  store.AddressRecord
}

// Muting says what a link that refuses letters is about. Errors: [*mend.Error].
func (s *SignIn) Muting(ctx context.Context, a Access) (Muting, error) {
	return s.muting(ctx, a.Person, Mute(a.Of.Subscription))
}

func (s *core) muting(ctx context.Context, id mend.ID, kind Mute) (Muting, error) {
	if kind < MuteSignIn || kind > MuteWarning {
		return Muting{}, mend.ErrUnknownLink
	}
	p, err := s.Store.Person(ctx, id, s.Now())
	if err != nil {
		return Muting{}, change.GoneIfNotFound(err)
	}
	record, err := s.Store.Address(ctx, p.Address)
	return Muting{kind, record.Muted&kind.bit() != 0, p.Address, record}, err
}

func (s *core) setMuted(ctx context.Context, id mend.ID, kind Mute, muted bool) error {
	return change.Retry(func() error {
		m, err := s.muting(ctx, id, kind)
		if err != nil || m.Muted == muted {
			return err
		}
		m.record.Muted ^= kind.bit()
		return s.Store.SaveAddress(ctx, m.address, m.record)
	})
}

// SetMuted refuses the letters that a link is about, or asks for them again. It holds
// until the person presses the other button, confirms anew or moves to another address.
// Errors: [*mend.Error].
func (s *SignIn) SetMuted(ctx context.Context, a Access, muted bool) error {
	return s.setMuted(ctx, a.Person, Mute(a.Of.Subscription), muted)
}

// SignInRefused reports whether someone refused links to sign in for this person's mailbox. Errors:
// [*mend.Error].
func (s *Service) SignInRefused(ctx context.Context, a Access) (bool, error) {
	m, err := s.muting(ctx, a.Person, MuteSignIn)
	return m.Muted, err
}

// AllowSignIn lets links to sign in come again. A link of any newer letter is enough: the links
// still go to the person's own mailbox. Errors: [*mend.Error].
func (s *Service) AllowSignIn(ctx context.Context, a Access) error {
	return s.setMuted(ctx, a.Person, MuteSignIn, false)
}

// OwnedDomain is the part of a domain that its owner registered; "" for what is no domain.
func OwnedDomain(domain string) string {
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil || !strings.Contains(ascii, ".") {
		return ""
	}
	ascii = strings.ToLower(ascii)
	owned, err := publicsuffix.EffectiveTLDPlusOne(ascii)
	if err != nil { // it is a public suffix itself, such as github.io
		return ascii
	}
	return owned
}

// WarnHeld tells the confirmed address, within the limits and without content, that a reply
// waits to be looked at.
func (s *Service) WarnHeld(ctx context.Context, id mend.ID) error {
	_, err := s.Change(ctx, id, func(w store.Account) (*store.Transaction, error) {
		record, err := s.Store.Address(ctx, w.Person.Address)
		if err != nil {
			return nil, err
		}
		box, err := s.Store.Mailbox(ctx, w.Person.Address, s.Now())
		if err != nil {
			return nil, err
		}
		muted := record.Muted&MuteWarning.bit() != 0
		if w.Person.Status != mend.Active || muted || !noticeLimit.allows(box.Warnings, s.Now()) {
			return nil, nil
		}
		box.Warnings = box.Warnings.With(s.Now())
		return &store.Transaction{
			Person: w.Person, Mailbox: &store.MailboxChange{Mailbox: box, At: s.Now()},
			OneOffs: []mend.OneOff{s.Notice(w.Person, change.NoticeHeld)},
		}, nil
	})
	return change.IgnoreGone(err)
}
