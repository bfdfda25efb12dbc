package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/token"
)

// access is who follows a link of the given purpose: its person, signed in if this browser is.
func (h *Handler) access(r *http.Request, purpose token.Purpose) (service.Access, error) {
	a, err := h.svc.Link(r.Context(), purpose, r.PathValue("token"))
	if err != nil {
		return a, err
	}
	session, err := h.session(r)
	if told, ok := errors.AsType[*service.Error](err); ok && told.Code == service.NeedSignIn {
		return a, nil
	}
	a.SignedIn, a.Stale = session.SignedIn && session.Person == a.Person, session.Stale
	return a, err
}

// settings is what the preferences page shows.
type settings struct {
	service.Settings
	Form form
	Here string // the path of this page
	Ask  string // the question that a letter's link is about: still-fits, slower
}

// ShowsPath reports whether the page may show the path, the person's side and "they said no".
func (s settings) ShowsPath() bool {
	return s.Form.SignedIn || mend.Privacy(s.Settings.Form.Privacy).Rules().Path
}

func (h *Handler) preferencesPage(w http.ResponseWriter, r *http.Request) error {
	a, err := h.access(r, token.Preferences)
	if err != nil {
		return err
	}
	now, err := h.svc.Settings(r.Context(), a)
	if err != nil {
		return err
	}
	h.showPreferences(w, r, http.StatusOK, a, now, nil)
	return nil
}

func (h *Handler) showPreferences(w http.ResponseWriter, r *http.Request, status int, a service.Access,
	now service.Settings, problems service.Problems) {
	said := ""
	if problems == nil {
		said = done[r.URL.Query().Get("done")]
	}
	h.show(w, status, "preferences", page{
		Title: "Your settings", Problems: problems, Done: said, SignedIn: a.SignedIn,
		Data: settings{now, h.settingsForm(a, now, problems), r.URL.Path, r.URL.Query().Get("ask")},
	})
}

// settingsForm offers what the person may choose: with a link alone, the path they are on and
// apart.
func (h *Handler) settingsForm(a service.Access, now service.Settings, problems service.Problems) form {
	offered := pathsThatFit(now.NoContact)
	if !a.SignedIn {
		offered = slices.DeleteFunc(offered, func(c choice) bool {
			return c.Value != now.Path && c.Value != mend.Apart
		})
	}
	return form{
		Form: now.Form, Problems: problems, Paths: offered, Privacies: privacies(), SignedIn: a.SignedIn,
		Today: h.today(now.Form.Zone), Clock: h.clock(now.Form.Zone), Monthly: true,
	}
}

// today is the date in a zone, or "" in one that is none.
func (h *Handler) today(zone string) string {
	where, err := cadence.Zone(zone)
	if err != nil {
		return ""
	}
	return mend.DateOf(h.svc.Now().In(where)).String()
}

// clock says which zone we understood, and what time it is there.
func (h *Handler) clock(typed string) string {
	id, ok := cadence.Place(typed)
	zone, err := cadence.Zone(id)
	if !ok || err != nil {
		return ""
	}
	return fmt.Sprintf("We read this as %s. It’s %s there now.", id, h.svc.Now().In(zone).Format("15:04"))
}

// rounded reports whether a time that was typed lies between two quarter-hours, on the nearest of
// which letters come.
func rounded(typed string) bool {
	_, rounded, ok := cadence.ReadTime(typed)
	return ok && rounded
}

// savedAs names what the page says after saving a rhythm.
func savedAs(typed string) string {
	if rounded(typed) {
		return "rounded"
	}
	return "saved"
}

// atOnce does what a button of the preferences page stands for by itself; ok is false if the form
// has no such button.
func (h *Handler) atOnce(r *http.Request, a service.Access) (ok bool, err error) {
	ctx := r.Context()
	switch typed(r, "action") {
	case "skip":
		_, err = h.svc.Skip(ctx, a)
	case "now":
		_, err = h.svc.SendNow(ctx, a)
	case "said-no":
		_, err = h.svc.SaidNo(ctx, a)
	case "take-back-no":
		_, err = h.svc.TakeBackNo(ctx, a)
	case "leave-contact-out":
		_, err = h.svc.LeaveContactOut(ctx, a, typed(r, "path"))
	case "resume":
		_, err = h.svc.Resume(ctx, a)
	case "contact-again":
		_, err = h.svc.ContactAgain(ctx, a)
	case "role":
		_, err = h.svc.SetRole(ctx, a, mend.Role(typed(r, "role")))
	case "retention":
		_, err = h.svc.SetRetention(ctx, a, mend.Retention(typed(r, "retention")))
	case "stop":
		_, err = h.svc.Stop(ctx, a)
	case "undo":
		_, err = h.svc.Undo(ctx, a)
	case "fit":
		_, err = h.svc.AnswerPrompt(ctx, a, service.PromptAnswer(typed(r, "answer")))
	default:
		return false, nil
	}
	return true, err
}

// done is what the page says at its top, by the name of what was done.
var done = map[string]string{
	"saved": "Saved.",
	"rounded": "Saved. Letters go out every quarter of an hour, so yours come at the time nearest to " +
		"the one you chose.",
	"skip": "The next letter is skipped.",
	"now":  "Today’s letter is on its way.",
	"said-no": "Thank you for telling us. From now on no letter asks anything of another person, and " +
		"your reminders and promises are on hold until you’ve looked at them.",
	"take-back-no": "Undone.",
	"resume":       "The pause has ended.",
	"leave-contact-out": "Saved. From now on no letter asks anything of another person, and your reminders and " +
		"promises are on hold until you’ve looked at them.",
	"contact-again": "Saved. What’s on hold stays on hold until you’ve looked at it.",
	"role":          "Saved.",
	"retention":     "Saved.",
	"fit":           "Thanks, that’s saved.",
	"stop":          "Your letters have stopped.",
	"undo":          "Your letters are back.",
	"kept":          "Saved. It’s in your journal now.",
	"deleted":       "Deleted.",
	"added":         "Saved.",
	"undeleted":     "It’s back.",
}

func (h *Handler) changePreferences(w http.ResponseWriter, r *http.Request) error {
	a, err := h.access(r, token.Preferences)
	if err != nil {
		return err
	}
	action := typed(r, "action")
	if said := action == "said-no" || action == "fit" && typed(r, "answer") == string(service.TheySaidNo); said &&
		typed(r, "confirm") != "yes" {
		h.show(w, http.StatusOK, "saidno", page{Title: "Your settings", SignedIn: a.SignedIn, Data: r.URL.Path})
		return nil
	}
	if ok, err := h.atOnce(r, a); ok {
		if err != nil {
			return err
		}
		http.Redirect(w, r, r.URL.Path+"?done="+typed(r, "action"), http.StatusSeeOther)
		return nil
	}
	now, err := h.svc.Settings(r.Context(), a)
	if err != nil {
		return err
	}
	if wait, err := h.gated(w, r, a, now); wait || err != nil {
		return err
	}
	wanted := overlay(now.Form, r)
	_, err = h.svc.ChangeSettings(r.Context(), a, wanted)
	if problems, ok := errors.AsType[service.Problems](err); ok {
		now.Form = wanted
		h.showPreferences(w, r, http.StatusUnprocessableEntity, a, now, problems)
		return nil
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, r.URL.Path+"?done="+savedAs(wanted.Time), http.StatusSeeOther)
	return nil
}
