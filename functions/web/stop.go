package web

import (
	"context"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

// showStop shows the page that stops letters. One of an old link says "stopped", and nothing of the
// person.
func showStop(v *visit) error {
	shown := data{"Past": v.Past, "Done": "", "Settings": account.Settings{}}
	if v.sent {
		shown["Done"] = v.stopAction()
	}
	if !v.Past {
		now, err := v.svc.Account.Settings(v.ctx(), v.Access)
		if err != nil {
			return err
		}
		shown["Settings"] = now
	}
	return v.page("stop", page{Title: "Your letters", Data: shown})
}

// stopAction is what a form of the page asks for. RFC 8058's body and a form without a word stop.
func (v *visit) stopAction() string {
	if action := v.typed("action"); action != "" && !oneClick(v.r) {
		return action
	}
	return "stop"
}

// stopLetters ends all letters at once, for RFC 8058's body and for the button of the page alike.
// The page then offers something narrower: who may stop letters may also make them fewer.
func stopLetters(v *visit) (string, error) {
	on := v.svc.Account
	do := map[string]func(context.Context, account.Access) error{
		"stop": on.Stop, "undo": on.Undo, "pause": on.PauseFourWeeks, "monthly": on.OnceAMonth,
	}[v.stopAction()]
	if do == nil {
		return "", errNoButton
	}
	return "", do(v.ctx(), v.Access)
}

// errNoButton is a form that no page of ours has.
var errNoButton = &mend.Error{Code: mend.Invalid, Sentence: "Please use one of the buttons on the page."}

// mutedLetters names the letters that a person can refuse although anyone can cause them.
var mutedLetters = map[account.Mute]string{
	account.MuteSignIn: "links to sign in", account.MuteSignedUp: "“You are signed up already”",
	account.MuteWarning: "“Was this you?”",
}

func showMute(v *visit) error {
	m, err := v.svc.SignIn.Muting(v.ctx(), v.Access)
	if err != nil {
		return err
	}
	return v.page("mute", page{Title: "These letters", Data: data{"Muted": m.Muted, "Letters": mutedLetters[m.Kind]}})
}

// mute refuses the letters that a link is about, or asks for them again.
func mute(v *visit) (string, error) {
	return "", v.svc.SignIn.SetMuted(v.ctx(), v.Access, v.typed("action") != "again")
}
