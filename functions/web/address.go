package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"

	"example.org/mend/shared/account"
	"example.org/mend/shared/token"
)

func showAddress(v *visit) error {
	now, err := v.svc.Account.Settings(v.ctx(), v.Access)
	if err != nil {
		return err
	}
	return v.page("address", page{Title: "Your address", Path: now.Path,
		Data: data{"Settings": now, "Form": v.form(), "Sent": v.asks("asked"), "Kept": v.asks("kept")}})
}

// moveAddress asks for a move, or calls one off.
func moveAddress(v *visit) (string, error) {
	if v.typed("action") == "drop" {
		return v.r.URL.Path + "?kept", v.svc.SignIn.DropMove(v.ctx(), v.Access)
	}
	return v.r.URL.Path + "?asked", v.svc.SignIn.MoveAddress(v.ctx(), v.Access, v.typed("email"))
}

// moveLinks are the links in the letters about a move: what reads each, and what its button does.
var moveLinks = map[string]struct {
	purpose   token.Purpose
	check, do func(*account.SignIn, context.Context, account.Access) error
}{
	"yes":  {token.AddressChange, (*account.SignIn).CheckMoveLink, (*account.SignIn).ConfirmMove},
	"no":   {token.AddressChange, (*account.SignIn).CheckRefuseLink, (*account.SignIn).RefuseMove},
	"keep": {token.AddressCancel, (*account.SignIn).CheckKeepLink, (*account.SignIn).KeepAddress},
}

// mover is the person of one of these links.
func mover(v *visit) (account.Access, error) {
	to, ok := moveLinks[v.r.PathValue("answer")]
	if !ok {
		return account.Access{}, errNoPage
	}
	return link(to.purpose)(v)
}

func showMove(v *visit) error {
	which := v.r.PathValue("answer")
	done := v.sent || v.Done == which
	if !done {
		if err := moveLinks[which].check(v.svc.SignIn, v.ctx(), v.Access); err != nil {
			return err
		}
	}
	return v.page("move", page{Title: "Your address", Data: data{"Which": which, "Done": done}})
}

func answerMove(v *visit) (string, error) {
	answer := v.r.PathValue("answer")
	return "", v.unlessDone(mover, answer, moveLinks[answer].do(v.svc.SignIn, v.ctx(), v.Access))
}

// showCalendar serves the feed of when letters come. Calendar programs want the name to end in
// .ics; some send no cookie and follow no redirect.
func showCalendar(v *visit) error {
	text, ext, _ := strings.Cut(v.r.PathValue("file"), ".")
	if !strings.EqualFold(ext, "ics") {
		return errNoPage
	}
	feed, changed, err := v.svc.Account.Calendar(v.ctx(), text)
	if err != nil {
		return err
	}
	header, hash := v.w.Header(), sha256.Sum256(feed)
	header.Set("ETag", fmt.Sprintf(`"%x"`, hash[:16]))
	// it may be kept, and is asked for again with the tag of what is kept
	header.Set("Cache-Control", "private, no-cache")
	header.Set("Content-Type", "text/calendar; charset=utf-8")
	header.Set("Content-Disposition", `inline; filename="letters.ics"`)
	http.ServeContent(v.w, v.r, "", changed, bytes.NewReader(feed))
	return nil
}
