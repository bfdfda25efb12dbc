package web

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
)

func showAddress(v *visit) error {
	now, err := v.svc.Account.Settings(v.ctx(), v.Access)
	if err != nil {
		return err
	}
	return v.page("address", page{Title: "Your address", Path: now.Path,
		Data: data{"Settings": now, "Form": v.form(), "Sent": v.asks("asked")}})
}

// moveAddress asks for a move, or calls one off.
func moveAddress(v *visit) (string, error) {
	if v.typed("action") == "drop" {
		return v.r.URL.Path, v.svc.SignIn.DropMove(v.ctx(), v.Access)
	}
	return v.r.URL.Path + "?asked", v.svc.SignIn.MoveAddress(v.ctx(), v.Access, v.typed("email"))
}

// showMove shows the page of one of the three links in the letters about a move: yes, no or keep.
func showMove(v *visit) error {
	answer, check := v.r.PathValue("answer"), v.svc.SignIn.CheckMoveLink
	switch answer {
	case "yes", "no":
	case "keep":
		check = v.svc.SignIn.CheckKeepLink
	default:
		return errNoPage
	}
	if !v.sent {
		if err := check(v.ctx(), v.r.PathValue("token")); err != nil {
			return err
		}
	}
	return v.page("move", page{Title: "Your address", Data: data{"Which": answer, "Done": v.sent}})
}

func answerMove(v *visit) (string, error) {
	do := v.svc.SignIn.ConfirmMove
	switch v.r.PathValue("answer") {
	case "yes":
	case "no":
		do = v.svc.SignIn.RefuseMove
	case "keep":
		do = v.svc.SignIn.KeepAddress
	default:
		return "", errNoPage
	}
	return "", do(v.ctx(), v.r.PathValue("token"))
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
