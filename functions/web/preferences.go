package web

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/person"
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
	a.SignedIn = session.SignedIn && session.Person == a.Person
	return a, err
}

// settings is what the preferences page shows.
type settings struct {
	service.Settings
	Form form
	Here string // the path of this page
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

func (h *Handler) showPreferences(w http.ResponseWriter, r *http.Request, status int, a service.Access, now service.Settings, problems service.Problems) {
	said := ""
	if problems == nil {
		said = done[r.URL.Query().Get("done")]
	}
	h.show(w, status, "preferences", page{
		Title: "Your settings", Problems: problems, Done: said, SignedIn: a.SignedIn,
		Data: settings{now, h.settingsForm(a, now, problems), r.URL.Path},
	})
}

// settingsForm offers what the person may choose: with a link alone, the path they are on and apart.
func (h *Handler) settingsForm(a service.Access, now service.Settings, problems service.Problems) form {
	offered := slices.Clone(paths)
	if !a.SignedIn {
		offered = slices.DeleteFunc(offered, func(c choice) bool { return c.Value != now.Path && c.Value != "apart" })
	}
	return form{
		Form: now.Form, Problems: problems, Paths: offered, Privacies: privacies, SignedIn: a.SignedIn, Today: h.today(now.Form.Zone),
	}
}

// today is the date in a zone, or "" in one that is none.
func (h *Handler) today(zone string) string {
	where, err := cadence.Zone(zone)
	if err != nil {
		return ""
	}
	return person.DateOf(h.svc.Now().In(where)).String()
}

// atOnce are the buttons of the preferences page that stand for themselves.
func (h *Handler) atOnce() map[string]func(context.Context, service.Access) (service.Settings, error) {
	return map[string]func(context.Context, service.Access) (service.Settings, error){
		"skip": h.svc.Skip, "now": h.svc.SendNow,
	}
}

// done is what the page says at its top, by the name of what was done.
var done = map[string]string{
	"saved": "Saved.",
	"skip":  "The next letter is left out.",
	"now":   "Today’s letter is on its way.",
}

func (h *Handler) changePreferences(w http.ResponseWriter, r *http.Request) error {
	a, err := h.access(r, token.Preferences)
	if err != nil {
		return err
	}
	if do, ok := h.atOnce()[typed(r, "action")]; ok {
		if _, err := do(r.Context(), a); err != nil {
			return err
		}
		http.Redirect(w, r, r.URL.Path+"?done="+typed(r, "action"), http.StatusSeeOther)
		return nil
	}
	now, err := h.svc.Settings(r.Context(), a)
	if err != nil {
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
	http.Redirect(w, r, r.URL.Path+"?done=saved", http.StatusSeeOther)
	return nil
}
