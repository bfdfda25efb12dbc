package sending

import (
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

// moveLinks are the links of the letters about a move: to the new address yes and no,
// to the old one no.
func (s *Service) moveLinks(o mend.OneOff, epoch uint16) (yes, no string, err error) {
	sign := func(purpose token.Purpose, thing mend.ItemID, expires time.Time) (string, error) {
		return s.Sign(token.Claims{Purpose: purpose, Person: o.Person, Thing: thing, Epoch: epoch, Expires: expires})
	}
	if o.Notice == change.NoticeMove {
		no, err = sign(token.AddressCancel, o.Promise, time.Time{})
		return "", s.Site + "/address/keep/" + no, err
	}
	text, err := sign(token.AddressChange, o.ID, s.Now().Add(account.MoveAnswer).Truncate(time.Second))
	return s.Site + "/address/yes/" + text, s.Site + "/address/no/" + text, err
}

// muteOf is the kind of a letter that can be refused; 0 for others.
func muteOf(o mend.OneOff) account.Mute {
	switch {
	case o.Kind == mend.SignIn:
		return account.MuteSignIn
	case o.Kind == mend.Notice && o.Notice == change.NoticeSignedUp:
		return account.MuteSignedUp
	case o.Kind == mend.Notice && o.Notice == change.NoticeHeld:
		return account.MuteWarning
	}
	return 0
}

// muteURL is the link of a letter that says "don't send me these"; "" for letters that no one else
// can cause. It lasts, so that the same page can take it back.
func (s *Service) muteURL(o mend.OneOff, epoch uint16) (string, error) {
	kind := muteOf(o)
	if kind == 0 {
		return "", nil
	}
	text, err := s.Sign(token.Claims{
		Purpose:      token.Mute,
		Person:       o.Person,
		Subscription: uint8(kind),
		Epoch:        epoch,
		Date:         o.Date,
	})
	return s.Site + "/mute/" + text, err
}
