package sending

import (
	"slices"

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
func (s *Service) compose(
	of mend.LetterKey, id mend.ID, to recipient, nonce string, body letter.Body,
) (mend.Outgoing, error) {
	head := to.Head
	head.Locale, head.At, head.ID = "en", s.Now().In(cadence.StoredZone(to.zone)), mend.LetterName(id, of)
	if head.Number == 0 {
		head.Number = head.At.YearDay()
	}
	claims := token.Claims{Person: id, Thing: of.OneOff, Subscription: of.Subscription, Epoch: to.epoch, Date: of.Date}
	kind := body.Kind()
	if answerable(body) {
		var err error
		if head.Reply, err = s.ReplyKeys.ReplyAddress(claims, s.ReplyDomain); err != nil {
			return mend.Outgoing{}, err
		}
	}
	links := links{Service: s, claims: claims}
	if hasSettings(body) {
		head.Preferences, head.Stop = links.preferences(), links.stop()
	}
	if kind == mend.CheckIn {
		head.Page = links.to("/letter/", token.Page, "")
	}
	if links.err != nil {
		return mend.Outgoing{}, links.err
	}
	mail, err := s.Letters.Compose(head, body)
	if err != nil {
		return mend.Outgoing{}, err
	}
	return mend.Outgoing{To: head.To, Raw: mail.Raw, Kind: kind, Occurrence: head.ID, Attempt: nonce}, nil
}

// hasSettings reports whether there is anything to change, pause or stop when a letter arrives: not
// before its person has confirmed, nor after everything is deleted.
func hasSettings(b letter.Body) bool {
	switch b := b.(type) {
	case letter.Confirmation:
		return false
	case letter.Notice:
		return b.Name != change.NoticeErased
	}
	return true
}

// answerable reports whether a reply to a letter is kept.
func answerable(b letter.Body) bool {
	switch b := b.(type) {
	case letter.CheckIn, letter.Reminder, letter.Digest, letter.Promise, letter.Welcome:
		return true
	case letter.Notice:
		return slices.Contains(letter.Answers, b.Name)
	}
	return false
}
