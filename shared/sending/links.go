package sending

import (
	"cmp"

	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

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
	kind := muteOf(o)
	if kind == 0 {
		return ""
	}
	l.claims.Subscription = uint8(kind)
	return l.to("/mute/", token.Mute, "")
}

// muteOf is the kind of a letter that can be refused; 0 for others.
func muteOf(o mend.OneOff) account.Mute {
	switch {
	case o.Kind == mend.SignIn:
		return account.MuteSignIn
	case o.Notice == change.NoticeSignedUp:
		return account.MuteSignedUp
	case o.Notice == change.NoticeHeld:
		return account.MuteWarning
	}
	return 0
}
