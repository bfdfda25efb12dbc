package sending

import (
	"cmp"
	"slices"

	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// recipient is whom a letter goes to.
type recipient struct {
	letter.Head // without what the letter adds to it; Number is 0 for the day of the year
	zone        string
	epoch       uint16
	space       bool           // of a one-off: someone said no, or asked for space
	counted     *store.Mailbox // to be saved before the letter goes: it counts one more; nil: nothing is counted
}

// compose makes the message of a letter, with its own links and its own reply address.
func (s *Service) compose(d *delivery) (mend.Outgoing, error) {
	head, kind := d.to.Head, d.body.Kind()
	head.Locale, head.At, head.ID = "en", s.Now().In(cadence.StoredZone(d.to.zone)), d.name()
	if head.Number == 0 {
		head.Number = head.At.YearDay()
	}
	claims := token.Claims{
		Person: d.person, Thing: d.of.OneOff, Subscription: d.of.Subscription, Epoch: d.to.epoch, Date: d.of.Date,
	}
	notice, _ := d.body.(letter.Notice)
	if slices.Contains(answerable, kind) || slices.Contains(letter.Answers, notice.Name) {
		var err error
		if head.Reply, err = s.ReplyKeys.ReplyAddress(claims, s.ReplyDomain); err != nil {
			return mend.Outgoing{}, err
		}
	}
	links := links{Service: s, claims: claims}
	// Before its person has confirmed, and after everything is deleted, there is nothing to change,
	// pause or stop.
	if kind != mend.Confirmation && notice.Name != change.NoticeErased {
		head.Preferences, head.Stop = links.preferences(), links.stop()
	}
	if kind == mend.CheckIn {
		head.Page = links.to("/letter/", token.Page, "")
	}
	if links.err != nil {
		return mend.Outgoing{}, links.err
	}
	mail, err := s.Letters.Compose(head, d.body)
	return mend.Outgoing{
		To: head.To, Raw: mail.Raw, Kind: kind, Occurrence: head.ID, Attempt: d.claim.Nonce,
	}, err
}

// answerable are the kinds of letters to which a reply is kept; one to a notice that answers a
// reply is kept too.
var answerable = []mend.Kind{mend.CheckIn, mend.Reminder, mend.Digest, mend.PromiseKind, mend.Welcome}

// links makes the links of one letter.
type links struct {
	*Service
	claims token.Claims // what the tokens of all of them say
	err    error        // of the first that could not be signed
}

// to is a link to a page of the site. Its token has a purpose, and is about a thing or "".
func (l *links) to(path string, purpose token.Purpose, thing mend.ItemID) string {
	l.claims.Purpose, l.claims.Thing = purpose, thing
	text, err := l.Sign(l.claims)
	l.err = cmp.Or(l.err, err)
	return l.Site + path + text
}

func (l *links) preferences() string { return l.to("/preferences/", token.Preferences, "") }
func (l *links) stop() string        { return l.to("/stop/", token.Unsubscribe, "") }

// mute is the link of a letter that says "don't send me these"; "" for letters that no one else can
// cause. It lasts, so that the same page can take it back.
func (l *links) mute(o mend.OneOff) string {
	var kind account.Mute
	switch {
	case o.Kind == mend.SignIn:
		kind = account.MuteSignIn
	case o.Notice == change.NoticeSignedUp:
		kind = account.MuteSignedUp
	case o.Notice == change.NoticeHeld:
		kind = account.MuteWarning
	default:
		return ""
	}
	l.claims.Subscription = uint8(kind)
	return l.to("/mute/", token.Mute, "")
}
