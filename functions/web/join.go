package web

import (
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

// suggestion is what the sign-up form shows at first. Whether the inbox is theirs alone is for the
// person to say.
var suggestion = account.Form{Cadence: "weekly", Days: []string{"mon"}, Day: "1", Time: "07:30", Digest: true}

func showJoin(v *visit) error {
	f := v.form()
	if !v.sent {
		findable(v.w)
		f.Form = suggestion
	}
	f.Cover, f.Shown, f.Clock = mend.CoverOf(f.Cover), time.Now().Unix(), v.clock(f.Zone)
	f.Gate, f.Paths = v.Help.Gate, pathsThatFit(f.NoContact)
	return v.page("join", page{Title: "Choose your letters", Data: f})
}

func join(v *visit) (string, error) {
	if v.trapped() {
		return "/joined", nil
	}
	f := v.mergeForm(account.Form{})
	signup, err := v.svc.SignUp.Check(f)
	if err == nil && v.hasty() {
		err = mend.Problems{"consent": "That was very quick. Please check the form and send it again."}
	}
	if err == nil {
		err = v.admit(account.SignUps, f.Email)
	}
	if err == nil {
		err = v.svc.SignUp.Join(v.ctx(), signup)
	}
	if rounded(f.Time) {
		return "/joined?rounded", err
	}
	return "/joined", err
}

func showJoined(v *visit) error {
	return v.page("joined", page{Title: "Check your inbox",
		Data: data{"Form": v.form(), "Again": v.asks("again"), "Rounded": v.asks("rounded")}})
}

// askAgain sends the confirmation once more, if it may be.
func askAgain(v *visit) (string, error) {
	return "/joined?again", v.ask(account.SignUps, v.svc.SignUp.AskAgain)
}

func showConfirm(v *visit) error {
	action := v.typed("action")
	if v.done() && action == "not-me" {
		return showNotMe(v)
	}
	now, err := v.svc.SignUp.ConfirmationView(v.ctx(), v.Access)
	if err != nil {
		return err
	}
	shown := settings{Settings: now}
	p := page{Title: "One question", Data: shown}
	if now.Status == mend.Active {
		p.Title = "You’re all set"
	}
	if shown.ShowsPath {
		p.Path = now.Path
	}
	if v.done() && action == "role" {
		action = "saved"
	}
	if v.done() {
		p.Done = flashMessages[action]
	}
	return v.page("confirm", p)
}

// confirm says yes, or does what the page offers after that. Its forms go on with the link that
// opened it.
func confirm(v *visit) (string, error) {
	switch v.typed("action") {
	case "not-me":
		return "", v.notMe(link(token.Confirm))
	case "now", "role":
		now, err := v.svc.SignUp.ConfirmationView(v.ctx(), v.Access)
		if err == nil && now.Status != mend.Active {
			err = errMalformed
		}
		if err == nil {
			_, err = v.atOnce()
		}
		return "", err
	}
	return "", v.svc.SignUp.Confirm(v.ctx(), v.Access)
}

func showNotMe(v *visit) error {
	return v.page("notme", page{Title: "Not you?", Data: v.sent || v.Done == account.NotMeDone})
}

func notMe(v *visit) (string, error) { return "", v.notMe(link(token.NotMe)) }

func (v *visit) notMe(who who) error {
	return v.unlessDone(who, account.NotMeDone, v.svc.SignUp.NotMe(v.ctx(), v.Access))
}
