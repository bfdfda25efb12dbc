package web

import "example.org/mend/shared/account"

// mutedLetters names the letters that a person can refuse although anyone can cause them.
var mutedLetters = map[account.Mute]string{
	account.MuteSignIn: "links to sign in", account.MuteSignedUp: "“You are signed up already”",
	account.MuteWarning: "“Was this you?”",
}

func showMute(v *visit) error {
	m, err := v.svc.SignIn.Muting(v.ctx(), v.r.PathValue("token"))
	if err != nil {
		return err
	}
	return v.page("mute", page{Title: "These letters", Data: data{"Muted": m.Muted, "Letters": mutedLetters[m.Kind]}})
}

// mute refuses the letters that a link is about, or asks for them again.
func mute(v *visit) (string, error) {
	return "", v.svc.SignIn.SetMuted(v.ctx(), v.r.PathValue("token"), v.typed("action") != "again")
}
