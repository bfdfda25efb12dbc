package web

import (
	"slices"
	"strings"

	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

// form is a form as a page shows it: what was typed, and what is wrong with it.
type form struct {
	account.Form
	Promise  string // its words
	Due      string // of a promise
	Monthly  bool   // the form asks about the monthly letter
	Problems mend.Problems
	Gate     []content.GateQuestion
	Paths    []choice
	SignedIn bool
	Today    mend.Date // in the person's zone
	Clock    string    // what we understood of the zone, and what time it is there; "" where it is none
	Stamp    *account.ProofRequired
	Shown    int64 // when the page was shown, in seconds since 1970 by the machine's clock
}

// form is the form as it was sent; on a GET it is empty.
func (v *visit) form() form {
	return form{Form: v.mergeForm(account.Form{}), Promise: v.typed("promise"), Due: v.typed("due"),
		Problems: v.problems, Stamp: v.proof}
}

// mergeForm puts the fields that were sent over those that are there. A checkbox that is off sends
// nothing, so a page of a setting has a hidden field beside it, which says that it was asked.
func (v *visit) mergeForm(f account.Form) account.Form {
	sent := v.r.PostForm
	for name, to := range map[string]*string{
		"email": &f.Email, "name": &f.Name, "path": &f.Path, "cadence": &f.Cadence, "day": &f.Day, "every": &f.Every,
		"nth": &f.Nth, "month": &f.Month, "date": &f.Date, "time": &f.Time, "zone": &f.Zone, "privacy": &f.Privacy,
		"cover": &f.Cover, "pause_until": &f.PauseUntil, "digest_day": &f.DigestDay, "words": &f.Words,
		"was": &f.Was,
	} {
		if sent.Has(name) {
			*to = v.typed(name)
		}
	}
	if sent.Has("days") {
		f.Days = slices.DeleteFunc(slices.Clone(sent["days"]), func(d string) bool { return d == "" })
	}
	f.Pausing = sent.Has("pause_until")
	for name, to := range map[string]*bool{
		"digest": &f.Digest, "quiet_month": &f.QuietMonth, "last_year": &f.LastYear,
	} {
		if sent.Has(name) {
			*to = v.ticked(name)
		}
	}
	f.Consent, f.Adult, f.NoContact = v.ticked("consent"), v.ticked("adult"), v.ticked("no_contact")
	f.ShowWords = v.ticked("show_words")
	return f
}

type choice struct{ Value, Label, Hint string }

var paths = []choice{
	{"amends", "Making amends", "You broke someone’s trust, and want to put right what you can."},
	{"together", "Mending together",
		"You both want to. Each of you signs up separately and only sees their own letters."},
	{"betrayal", "After something big",
		"An affair, a lie, a betrayal, whichever side you’re on. Slower, one thing at a time."},
	{"foundations", "How trust works", "With a friend, a parent, a partner or yourself. A good one to start with."},
	{"apart", "Apart", "It’s over, or they said no or asked for space. Nothing in it asks you to contact anyone."},
}

// pathsThatFit are the paths to choose from: without contact, those that ask nothing of another
// person.
func pathsThatFit(noContact bool) []choice {
	return slices.DeleteFunc(slices.Clone(paths), func(c choice) bool { return !mend.PathFits(c.Value, noContact) })
}

// privacies are the settings of privacy. What each means is said by the pages, from its row of the
// table that letters keep to.
var privacies = []choice{
	{string(mend.Quotes), "Yes, mine alone", ""},
	{string(mend.NoQuotes), "I’m not sure", ""},
	{string(mend.LinkOnly), "No, someone may look in", ""},
}

var roles = []choice{
	{"broke-trust", "I broke someone’s trust", ""},
	{"was-hurt", "Someone broke mine", ""},
	{"both", "Both, or it’s complicated", ""},
	{"", "I’d rather not say", ""},
}

var retentions = []choice{
	{"for-good", "Until I delete it", ""},
	{"90-days", "For ninety days", "It’s deleted at most two days after that, and no one sees it in between."},
	{"none", "Not at all", "We keep days and numbers, but no text. What’s there now is deleted right away."},
}

// choices are those whose labels several pages say.
var choices = map[string][]choice{"paths": paths, "roles": roles, "privacies": privacies, "retentions": retentions}

// options are choices that a page names as "value=label".
func options(named ...string) []choice {
	all := make([]choice, len(named))
	for i, one := range named {
		all[i].Value, all[i].Label, _ = strings.Cut(one, "=")
	}
	return all
}

// On reports whether a day of the week is chosen.
func (f form) On(day string) bool { return slices.Contains(f.Days, day) }

// Step is the part of the sign-up form to show first: the one with the first problem.
func (f form) Step() string {
	problems := page{Problems: f.Problems}.Wrong()
	switch {
	case f.Stamp != nil:
		return "where"
	case len(problems) == 0 && len(f.Gate) > 0:
		return "begin"
	case len(problems) == 0 || problems[0].Field == "path":
		return "about"
	case f.RhythmWrong() || f.Problems["zone"] != "" || f.Problems["digest"] != "":
		return "when"
	}
	return "where"
}

// RhythmWrong reports a problem with what the sign-up form folds up.
func (f form) RhythmWrong() bool {
	return slices.ContainsFunc([]string{"cadence", "days", "day", "time"}, func(field string) bool {
		return f.Problems[field] != ""
	})
}

// Chosen is the rhythm that the page shows as chosen: custom is weekly on several days.
func (f form) Chosen() string {
	if f.Cadence == "custom" {
		return "weekly"
	}
	return f.Cadence
}

type field struct{ Name, Problem, Hint string }

// Field names a field, and the id of its hint if it has one.
func (f form) Field(name string, hint ...string) field {
	return field{name, f.Problems[name], strings.Join(hint, " ")}
}

// Described lists the ids of what describes a field (aria-describedby).
func (f field) Described() string {
	if f.Problem == "" {
		return f.Hint
	}
	return strings.TrimSpace(f.Hint + " " + f.Name + "-wrong")
}
