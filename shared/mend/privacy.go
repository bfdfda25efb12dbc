package mend

import (
	"slices"
	"time"
)

// Privacy says how much of a person's settings and words an e-mail, and a page that an e-mail's
// link opens, may show.
type Privacy string

// The settings of privacy, from the strictest to the most open.
const (
	LinkOnly Privacy = "link-only" // someone else may look into the inbox
	NoQuotes Privacy = "no-quotes" // the person isn't sure
	Quotes   Privacy = "quotes"    // the inbox is theirs alone
)

// PrivacyRules is one row of the table: what one setting lets an inbox, and whoever opens it, see.
type PrivacyRules struct {
	Privacy Privacy
	Titles  bool    // subjects and calendar titles say what the letter is; else the cover name and a number
	Cards   bool    // a check-in holds its card; else it says that a page is ready, and the page requires sign-in
	Words   Showing // of a reminder or a promise, in its letter and on the page that the letter links to
	Figures bool    // the digest holds the month; else a link to it
	Own     bool    // the digest quotes the person's own words
	Path    bool    // a page opened by a link shows the path, the person's side and "they said no"
	// Visit is how long after signing in a visit ends, whatever is done in it.
	Visit time.Duration
}

// Showing says when something is shown.
type Showing int

// The values of Showing.
const (
	Never      Showing = iota
	WhenTicked         // the person ticked "put these words into the e-mail" for this one
	Always
)

// privacyTable is the one place that says what each setting shows. Letters, notices, calendars,
// pages and the sentences of the sign-up form all read it.
var privacyTable = []PrivacyRules{
	{Privacy: LinkOnly, Visit: 30 * time.Minute},
	{Privacy: NoQuotes, Cards: true, Words: WhenTicked, Figures: true, Path: true, Visit: 30 * time.Minute},
	{Privacy: Quotes, Titles: true, Cards: true, Words: Always, Figures: true, Own: true, Path: true,
		Visit: LongestVisit},
}

// LongestVisit is how long after signing in every visit ends.
const LongestVisit = 12 * time.Hour

// Rules is the row of a setting. One that is unset or unknown has the row of NoQuotes.
func (p Privacy) Rules() PrivacyRules { return privacyTable[p.Openness()] }

// Openness orders the settings: the greater it is, the more is shown.
func (p Privacy) Openness() int {
	i := slices.IndexFunc(privacyTable, func(r PrivacyRules) bool { return r.Privacy == p })
	if i < 0 {
		return NoQuotes.Openness()
	}
	return i
}

// Known reports one of the three settings.
func (p Privacy) Known() bool { return p.Rules().Privacy == p }

// ShowsWords reports whether the words of a reminder or promise are shown, given its own tick box.
func (r PrivacyRules) ShowsWords(ticked bool) bool {
	return r.Words == Always || r.Words == WhenTicked && ticked
}

// Covers are the names that a person can choose for subjects that don't say what a letter is. The
// first is the default.
var Covers = []string{"Reading", "Monday page", "Weekly notes", "A cup of tea", "Shelf list", "Garden notes"}

// CoverOf is a cover name that was chosen, or the default.
func CoverOf(chosen string) string {
	if slices.Contains(Covers, chosen) {
		return chosen
	}
	return Covers[0]
}

// WhoReads says who can read replies. Pages and letters say it in these words and no others.
const WhoReads = "No one here reads what you write unless you ask, although the people who run this service could."
