package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/mend"
)

// settings is what the summary and the page of one setting show.
type settings struct {
	account.Settings
	Form    form
	Base    string // the path of the summary
	Ask     string // the question that a letter's link is about: still-fits, slower
	One     setting
	Saved   string // the setting that was changed just now
	Rounded bool   // to another time than was typed
	Refused bool   // links to sign in go no more to this address, because someone said so in a letter
}

// setting is a row of the summary, with a page of its own to change it. What holds now is said by the
// template "value".
type setting struct {
	Name, Label string
	needs       need
	fields      []string // of the form that the page shows
}

// need is what it takes to see a setting.
type need int

const (
	aLink   need = iota
	thePath      // a link will do where privacy lets it show the path
	aVisit       // the person has to be signed in
)

// allSettings are the settings in the order of the summary, and the page that stops all letters.
var allSettings = []setting{
	{"rhythm", "When letters come", aLink, []string{"cadence", "days", "day", "time", "zone"}},
	{"pause", "Pause", aLink, []string{"pause_until"}},
	{"monthly", "A look back at your month", aLink, []string{"digest", "digest_day", "last_year"}},
	{"path", "What letters are about", thePath, []string{"path"}},
	{"no", "Have they said no?", thePath, nil},
	{"role", "Your side", thePath, []string{"role"}},
	{"privacy", "Is this inbox yours alone?", aLink, []string{"privacy"}},
	{"subject", "What subjects say", aVisit, []string{"cover"}},
	{"name", "What we call you", aVisit, []string{"name"}},
	{"retention", "How long we keep your text", aVisit, []string{"retention"}},
	{"stop", "Stop all letters", aLink, nil},
}

// labelOf is the label of a choice.
func labelOf(all []choice, value any) string {
	for _, c := range all {
		if c.Value == fmt.Sprint(value) {
			return c.Label
		}
	}
	return ""
}

// Monthly says when the monthly letter comes.
func (s settings) Monthly() string {
	day, _ := strconv.Atoi(s.Settings.Form.DigestDay)
	at, _, _ := cadence.ReadTime(s.Settings.Form.Time)
	return cadence.InWords(mend.Cadence{Kind: mend.Monthly, Day: day, Time: at})
}

// ShowsPath reports whether the page may show the path, the person's side and "they said no".
func (s settings) ShowsPath() bool {
	return s.Form.SignedIn || mend.Privacy(s.Settings.Form.Privacy).Rules().Path
}

// shows reports whether the page may show a setting. A link may say a person's side once.
func (s settings) shows(one setting) bool {
	switch one.needs {
	case aLink:
		return true
	case thePath:
		return s.ShowsPath() && (one.Name != "role" || s.Form.SignedIn || s.Role == "")
	}
	return s.Form.SignedIn
}

// Rows are the settings of the summary.
func (s settings) Rows() []setting {
	return slices.DeleteFunc(slices.Clone(allSettings), func(one setting) bool {
		return one.Name == "stop" || !s.shows(one)
	})
}

// readSettings reads the settings as pages show them: with what was typed, where that has to be
// looked at again.
func (h *Handler) readSettings(r *http.Request, a account.Access, o outcome) (settings, error) {
	now, err := h.svc.Account.Settings(r.Context(), a)
	if err != nil {
		return settings{}, err
	}
	s := settings{Settings: now, Base: "/preferences/" + r.PathValue("token"), Ask: r.URL.Query().Get("ask"),
		Form: formOf(r, o)}
	s.Form.Form, s.Form.Paths = overlay(now.Form, r), pathsThatFit(now.NoContact)
	s.Form.SignedIn, s.Form.Monthly = a.SignedIn, true
	s.Form.Today, s.Form.Clock = h.today(now.Form.Zone), h.clock(s.Form.Zone)
	if !a.SignedIn { // the path they are on, and apart
		s.Form.Paths = slices.DeleteFunc(s.Form.Paths, func(c choice) bool {
			return c.Value != now.Path && c.Value != mend.Apart
		})
	}
	return s, nil
}

// showPreferences shows the summary, or the setting that a form of the summary got wrong.
func (h *Handler) showPreferences(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	s, err := h.readSettings(r, a, o)
	if err != nil {
		return err
	}
	for _, wrong := range (page{Problems: o.Problems}).Wrong() {
		for _, one := range allSettings {
			if slices.Contains(one.fields, wrong.Field) {
				return h.showOne(w, s, one, o)
			}
		}
	}
	if !a.SignedIn {
		if s.Refused, err = h.svc.Account.SignInRefused(r.Context(), a); err != nil {
			return err
		}
	}
	query := r.URL.Query()
	s.Saved, s.Rounded = query.Get("done"), query.Has("rounded")
	return h.page(w, "preferences", o, page{Title: "Your settings", SignedIn: a.SignedIn, Path: s.Path,
		Done: done[s.Saved], Data: s})
}

func (h *Handler) showSetting(w http.ResponseWriter, r *http.Request, a account.Access, o outcome) error {
	i := slices.IndexFunc(allSettings, func(one setting) bool { return one.Name == r.PathValue("setting") })
	if i < 0 {
		h.apology(w, http.StatusNotFound)
		return nil
	}
	s, err := h.readSettings(r, a, o)
	switch {
	case err != nil:
		return err
	case !s.shows(allSettings[i]):
		return needSignIn
	case s.Status != mend.Active:
		return h.showPreferences(w, r, a, o)
	}
	return h.showOne(w, s, allSettings[i], o)
}

func (h *Handler) showOne(w http.ResponseWriter, s settings, one setting, o outcome) error {
	s.One = one
	return h.page(w, "setting", o, page{Title: "Your settings", SignedIn: s.Form.SignedIn, Path: s.Path, Fields: one.fields, Data: s})
}

// today is the date in a zone, or "" in one that is none.
func (h *Handler) today(zone string) string {
	where, err := cadence.Zone(zone)
	if err != nil {
		return ""
	}
	return mend.DateOf(h.svc.Now().In(where)).String()
}

// isoDate is a date as YYYY-MM-DD, however a person in that zone typed it. What is no clear date stays
// as it is, and the service says so.
func (h *Handler) isoDate(typed, zone string) string {
	today, err := mend.ParseDate(h.today(zone))
	if date, ok := command.ReadDate(typed, today); ok && err == nil {
		return date.String()
	}
	return typed
}

// clock says which zone we understood, and what time it is there.
func (h *Handler) clock(typed string) string {
	id, ok := cadence.Place(typed)
	zone, err := cadence.Zone(id)
	if !ok || err != nil {
		return ""
	}
	there := fmt.Sprintf("It’s %s there now.", h.svc.Now().In(zone).Format("15:04"))
	if id != typed {
		there = "We read this as " + id + ". " + there
	}
	return there
}

// rounded reports whether a time that was typed lies between two quarter-hours, on the nearest of
// which letters come.
func rounded(typed string) bool {
	_, rounded, ok := cadence.ReadTime(typed)
	return ok && rounded
}

// atOnce does what a button stands for by itself; ok is false if the form has no such button.
func (h *Handler) atOnce(r *http.Request, a account.Access) (ok bool, err error) {
	ctx, on, action := r.Context(), h.svc.Account, typed(r, "action")
	plain := map[string]func(context.Context, account.Access) (account.Settings, error){
		"skip": on.Skip, "now": on.SendNow, "said-no": on.SaidNo, "take-back-no": on.TakeBackNo, "resume": on.Resume,
		"contact-again": on.ContactAgain, "stop": on.Stop, "undo": on.Undo,
	}
	switch do := plain[action]; {
	case do != nil:
		_, err = do(ctx, a)
	case action == "leave-contact-out":
		_, err = on.LeaveContactOut(ctx, a, typed(r, "path"))
	case action == "role":
		_, err = on.SetRole(ctx, a, mend.Role(typed(r, "role")))
	case action == "retention":
		_, err = on.SetRetention(ctx, a, mend.Retention(typed(r, "retention")))
	case action == "sign-in-again":
		err = on.AllowSignIn(ctx, a)
	case action == "fit":
		_, err = on.AnswerPrompt(ctx, a, account.PromptAnswer(typed(r, "answer")))
	default:
		return false, nil
	}
	return true, err
}

// done is what the page says at its top, by the name of what was done. Of a setting the summary says
// what holds now.
var done = map[string]string{
	"saved": "Saved.",
	"skip":  "The next letter is skipped.",
	"now":   "Today’s letter is on its way.",
	"said-no": "Thank you for telling us. From now on no letter asks anything of another person, and " +
		"your reminders and promises are on hold until you’ve looked at them.",
	"take-back-no": "Undone.",
	"resume":       "The pause has ended.",
	"leave-contact-out": "Saved. From now on no letter asks anything of another person, and your reminders and " +
		"promises are on hold until you’ve looked at them.",
	"contact-again": "Saved. What’s on hold stays on hold until you’ve looked at it.",
	"fit":           "Thanks, that’s saved.",
	"sign-in-again": "Sign-in links come to this address again.",
	"stop":          "Your letters have stopped.",
	"undo":          "Your letters are back.",
	"kept":          "Saved. It’s in your journal now.",
	"deleted":       "Deleted.",
	"added":         "Saved.",
	"undeleted":     "It’s back.",
}

// changePreferences takes the form of any setting, or of several at once.
func (h *Handler) changePreferences(_ http.ResponseWriter, r *http.Request, a account.Access) (string, error) {
	base := "/preferences/" + r.PathValue("token")
	action, said := typed(r, "action"), typed(r, "confirm") == "yes"
	if no := action == "said-no" || action == "fit" && typed(r, "answer") == string(account.TheySaidNo); no && !said {
		return "", question{"saidno", page{Title: "Your settings", SignedIn: a.SignedIn, Data: base}}
	}
	if ok, err := h.atOnce(r, a); ok {
		return base + "?done=" + action, err
	}
	now, err := h.svc.Account.Settings(r.Context(), a)
	if err == nil {
		err = h.gate(r, a, now)
	}
	if err != nil {
		return "", err
	}
	wanted := overlay(now.Form, r)
	wanted.PauseUntil = h.isoDate(wanted.PauseUntil, wanted.Zone)
	if days, err := strconv.Atoi(typed(r, "pause_for")); err == nil { // in place of a day to come back on
		if today, err := mend.ParseDate(h.today(wanted.Zone)); err == nil && days <= 366 {
			wanted.PauseUntil, wanted.Pausing = today.AddDays(days).String(), true
		}
	}
	_, err = h.svc.Account.ChangeSettings(r.Context(), a, wanted)
	next := base + "?done=" + settingOf(r)
	if r.PostForm.Has("time") && rounded(wanted.Time) {
		next += "&rounded"
	}
	return next, err
}

// settingOf names the setting that a form is about: that of its page, or of its first field.
func settingOf(r *http.Request) string {
	if name := r.PathValue("setting"); name != "" {
		return name
	}
	for _, one := range allSettings {
		if slices.ContainsFunc(one.fields, r.PostForm.Has) {
			return one.Name
		}
	}
	return "saved"
}
