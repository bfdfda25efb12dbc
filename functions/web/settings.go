package web

import (
	"cmp"
	"context"
	"fmt"
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

// setting is a row of the summary, with a page of its own to change it. What holds now is said by
// the template "value".
type setting struct {
	Name, Label string
	needs       need
	fields      []string // of the form that the page shows
}

// need is what it takes to see a setting.
type need int

const (
	aLink    need = iota
	thePath       // a link will do where privacy lets it show the path
	aSession      // the person has to be signed in
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
	{"subject", "What subjects say", aSession, []string{"cover"}},
	{"name", "What we call you", aSession, []string{"name"}},
	{"retention", "How long we keep your text", aSession, []string{"retention"}},
	{"stop", "Stop all letters", aLink, nil},
}

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

// shows reports whether the page may show a setting. A link may say a person's side once.
func (s settings) shows(one setting) bool {
	switch one.needs {
	case aLink:
		return true
	case thePath:
		return s.ShowsPath && (one.Name != "role" || s.Form.SignedIn || s.Role == "")
	}
	return s.Form.SignedIn
}

// Rows are the settings of the summary.
func (s settings) Rows() []setting {
	return slices.DeleteFunc(slices.Clone(allSettings), func(one setting) bool {
		return one.Name == "stop" || !s.shows(one)
	})
}

func (v *visit) preferences() string { return "/preferences/" + v.r.PathValue("token") }

// settings reads the settings as pages show them: with what was typed, where that has
// to be looked at again.
func (v *visit) settings() (settings, error) {
	now, err := v.svc.Account.Settings(v.ctx(), v.Access)
	if err != nil {
		return settings{}, err
	}
	s := settings{Settings: now, Base: v.preferences(), Ask: v.r.URL.Query().Get("ask"), Form: v.form()}
	s.Form.Form, s.Form.Paths = v.mergeForm(now.Form), pathsThatFit(now.NoContact)
	s.Form.SignedIn, s.Form.Monthly = v.SignedIn, true
	s.Form.Today, s.Form.Clock = v.svc.TodayIn(now.Form.Zone), v.clock(s.Form.Zone)
	if !v.SignedIn { // the path they are on, and apart
		s.Form.Paths = slices.DeleteFunc(s.Form.Paths, func(c choice) bool {
			return c.Value != now.Path && c.Value != mend.Apart
		})
	}
	return s, nil
}

// showPreferences shows the summary, or the setting that a form of the summary got wrong.
func showPreferences(v *visit) error {
	s, err := v.settings()
	if err != nil {
		return err
	}
	for _, wrong := range (page{Problems: v.problems}).Wrong() {
		for _, one := range allSettings {
			if slices.Contains(one.fields, wrong.Field) {
				return v.showOne(s, one)
			}
		}
	}
	if !v.SignedIn {
		if s.Refused, err = v.svc.Account.SignInRefused(v.ctx(), v.Access); err != nil {
			return err
		}
	}
	s.Saved, s.Rounded = v.r.URL.Query().Get("done"), v.asks("rounded")
	return v.page("preferences", page{Title: "Your settings", Path: s.Path, Done: flashMessages[s.Saved], Data: s})
}

func showSetting(v *visit) error {
	i := slices.IndexFunc(allSettings, func(one setting) bool { return one.Name == v.r.PathValue("setting") })
	if i < 0 {
		return errNoPage
	}
	s, err := v.settings()
	switch {
	case err != nil:
		return err
	case !s.shows(allSettings[i]):
		return mend.ErrSignIn
	case s.Status != mend.Active:
		return showPreferences(v)
	}
	return v.showOne(s, allSettings[i])
}

func (v *visit) showOne(s settings, one setting) error {
	s.One = one
	return v.page("setting", page{Title: "Your settings", Path: s.Path, Fields: one.fields, Data: s})
}

// isoDate is a date as YYYY-MM-DD, however a person in that zone typed it. What is no clear date
// stays as it is, and the service says so.
func (h *Handler) isoDate(typed, zone string) string {
	if date, ok := command.ReadDate(typed, h.svc.TodayIn(zone)); ok {
		return date.String()
	}
	return typed
}

// clock says which zone we understood, and what time it is there.
func (h *Handler) clock(typed string) string {
	id, ok := cadence.Place(typed)
	if !ok {
		return ""
	}
	there := fmt.Sprintf("It’s %s there now.", h.svc.Now().In(cadence.StoredZone(id)).Format("15:04"))
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
func (v *visit) atOnce() (ok bool, err error) {
	ctx, on, action := v.ctx(), v.svc.Account, v.typed("action")
	plain := map[string]func(context.Context, account.Access) error{
		"now": on.SendNow, "said-no": on.SaidNo, "take-back-no": on.TakeBackNo, "resume": on.Resume,
		"contact-again": on.ContactAgain, "stop": on.Stop, "undo": on.Undo, "sign-in-again": on.AllowSignIn,
		// Whether the path still fits.
		"fit still-mending": func(context.Context, account.Access) error { return nil },
		"fit they-said-no":  on.SaidNo, "fit stop": on.Stop,
	}
	name := action
	if action == "fit" {
		name += " " + v.typed("answer")
	}
	if do := plain[name]; do != nil {
		return true, do(ctx, v.Access)
	}
	switch name {
	case "skip":
		of, _ := mend.ParseDate(v.typed("date")) // a form without one means the next
		return true, on.Skip(ctx, v.Access, of)
	case "fit quieter":
		return true, on.SlowDown(ctx, v.Access, v.typed("than"))
	case "leave-contact-out":
		return true, on.LeaveContactOut(ctx, v.Access, v.typed("path"))
	case "role":
		return true, on.SetRole(ctx, v.Access, mend.Role(v.typed("role")))
	case "retention":
		return true, on.SetRetention(ctx, v.Access, mend.Retention(v.typed("retention")))
	}
	if action == "fit" {
		return true, mend.Problems{"answer": "Please choose one of the answers."}
	}
	return false, nil
}

// flashMessages are what the page says at its top, by what was done. Of a setting the summary says
// what holds now.
var flashMessages = map[string]string{
	"saved": "Saved.",
	"skip":  "The next letter is skipped.",
	"now":   "Today’s letter is on its way.",
	"held": "Thank you for telling us. From now on no letter asks anything of another person, and " +
		"your reminders and promises are on hold until you’ve looked at them.",
	"undone":        "Undone.",
	"resume":        "Nothing is paused or skipped now.",
	"still-held":    "Saved. What’s on hold stays on hold until you’ve looked at it.",
	"fit":           "Thanks, that’s saved.",
	"sign-in-again": "Sign-in links come to this address again.",
	"stop":          "Your letters have stopped.",
	"undo":          "Your letters are back.",
	"kept":          "Saved. It’s in your journal now.",
	"deleted":       "Deleted.",
	"added":         "Saved.",
	"undeleted":     "It’s back.",
}

// doneAs is how the address of the page names what was done, where the name of the button would
// tell a reader of the browser's history what the person told us.
var doneAs = map[string]string{
	"said-no": "held", "leave-contact-out": "held", "take-back-no": "undone", "contact-again": "still-held",
}

// changeSettings takes the form of any setting, or of several at once.
func changeSettings(v *visit) (string, error) {
	action := v.typed("action")
	no := action == "said-no" || action == "fit" && v.typed("answer") == "they-said-no"
	if no && v.typed("confirm") != "yes" {
		return "", instead{"saidno", page{Title: "Your settings", Data: v.preferences()}}
	}
	if ok, err := v.atOnce(); ok {
		return v.preferences() + "?done=" + cmp.Or(doneAs[action], action), err
	}
	if action != "" {
		return "", errNoButton
	}
	for _, one := range allSettings { // the visit may have ended while the page was open
		if one.needs == aSession && !v.SignedIn && slices.ContainsFunc(one.fields, v.r.PostForm.Has) {
			return "", mend.ErrSignIn
		}
	}
	now, err := v.svc.Account.Settings(v.ctx(), v.Access)
	if err == nil {
		err = v.askGate(now)
	}
	if err != nil {
		return "", err
	}
	next := v.preferences() + "?done=" + v.settingName()
	if rounded(v.typed("time")) {
		next += "&rounded"
	}
	return next, v.svc.Account.ChangeSettings(v.ctx(), v.Access, v.wanted)
}

// wanted is the settings with those in their place that were sent.
func (v *visit) wanted(now account.Form) account.Form {
	f := v.mergeForm(now)
	f.PauseUntil = v.isoDate(f.PauseUntil, f.Zone)
	if typed := v.typed("pause_for"); typed != "" { // in place of a day to come back on
		f.PauseUntil, f.Pausing = typed, true
		if days, err := strconv.Atoi(typed); err == nil && days <= account.LongestPause {
			f.PauseUntil = v.svc.TodayIn(f.Zone).AddDays(days).String()
		}
	}
	return f
}

// settingName names the setting that a form is about: that of its page, or of its first field.
func (v *visit) settingName() string {
	if name := v.r.PathValue("setting"); name != "" {
		return name
	}
	for _, one := range allSettings {
		if slices.ContainsFunc(one.fields, v.r.PostForm.Has) {
			return one.Name
		}
	}
	return "saved"
}

// askGate asks the questions before a change to a path that reaches another person, until the
// answer is "no to all of them". One of two buttons says whether any answer was yes, and never
// which. Nothing of it is kept.
func (v *visit) askGate(now account.Settings) error {
	chosen, answer := v.typed("path"), v.typed("gate")
	label := labelOf(paths, chosen)
	if !v.SignedIn || label == "" || chosen == now.Path || mend.PathFits(chosen, true) ||
		!mend.PathFits(chosen, now.NoContact) || answer == "no" {
		return nil
	}
	return instead{"gate", page{Title: "Before you change", Data: data{
		"Gate": v.Help.Gate, "Path": chosen, "Label": label, "Yes": answer == "yes", "Here": v.preferences(),
	}}}
}
