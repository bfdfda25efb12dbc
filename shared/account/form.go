package account

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Form is what a person typed into the form of the sign-up, of their settings or of a
// reminder, word for word.
type Form struct {
	Email, Name, Path string
	Cadence           string   // one of [Rhythms]
	Days              []string // mon … sun, for weekly, fortnightly and custom
	Day, Time, Zone   string
	Digest            bool
	DigestDay         string // 1 to 31, the last day of a shorter month; "" leaves it as it is, at first the 1st
	QuietMonth        bool   // no monthly letter about a month that has nothing to show
	LastYear          bool   // the monthly letter may show the same month a year ago
	Privacy           string
	Cover             string // one of [mend.Covers]; anything else is the default
	Consent, Adult    bool
	NoContact         bool   // of the sign-up form: an answer to one of its questions said so, never which
	Pausing           bool   // the form asks for a pause, with or without a day
	PauseUntil        string // YYYY-MM-DD: the day on which letters come again

	// Of a reminder.
	Words     string
	ShowWords bool   // in the e-mail
	Every     string // of weekly ones: every so many weeks, 1 to 52
	Nth       string // 1 to 4, or last: of the one day in Days, where the rhythm is by-weekday
	Month     string // 1 to 12
	Date      string // YYYY-MM-DD
	Was       string // what the page showed: [Reminder.Shown]; "" replaces whatever there is
}

// MostName is how many characters a name may have.
const MostName = 60

// readAddress reads a form that has nothing but an address. Errors: [mend.Problems].
func readAddress(typed string) (mend.Address, error) {
	a, err := ParseAddress(typed)
	if err != nil {
		err = mend.Problems{"email": err.Error()}
	}
	return a, err
}

// ParseAddress is [mend.ParseAddress] with the domain mapped as browsers and mailers do (UTS #46),
// and without the marks of direction that phones put around what is copied.
func ParseAddress(typed string) (mend.Address, error) {
	typed = strings.TrimFunc(typed, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	return mend.ParseAddress(typed, idna.Lookup.ToASCII)
}

func (f Form) name(p mend.Problems) string {
	name := strings.TrimSpace(f.Name)
	switch {
	case !utf8.ValidString(name) || strings.ContainsFunc(name, notInName):
		p["name"] = "Please use letters, spaces and punctuation, on one line."
	case holdsLink(name):
		p["name"] = "A name can’t have a link in it, so please leave out / : @ < > and full stops between letters."
	case name != "" && !strings.ContainsFunc(name, isVisible):
		p["name"] = "We can’t see anything in this name. You can also leave it empty."
	case utf8.RuneCountInString(name) > MostName:
		p["name"] = "Please choose a shorter name: at most 60 characters."
	}
	return name
}

// holdsLink reports whether a mail program may make a link of a name, or of a part of it. Names
// stand at the head of letters, and anyone can type one for an address that is not theirs. The name
// is looked at as those programs may read it: in its compatibility form (NFKC), where a full-width
// sign is the plain one, and without invisible characters.
func holdsLink(name string) bool {
	return linkInName().MatchString(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || isIgnorable(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(name)))
}

// linkInName is a sign of addresses, or a dot between two characters of one word. IDNA takes "。"
// for a dot as well (UTS #46).
var linkInName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[/\\:@<>]|[^\s\pZ.。․][.。․]+[\pL\pN\pM]`)
})

// isVisible reports whether a character leaves ink: a letter, a digit, punctuation or a symbol, and
// none of those that are drawn as nothing.
func isVisible(r rune) bool {
	const emptyBraille = '\u2800'
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !isIgnorable(r) && r != emptyBraille
}

// isIgnorable reports the characters that Unicode has drawn as nothing, such as Hangul fillers.
func isIgnorable(r rune) bool {
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// notInName is true of line breaks and other controls, and of characters that turn the
// direction of what follows.
func notInName(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// lineBreaks are what programs put between lines, beside "\n".
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\u2028", "\n", "\u2029", "\n", "\v", "\n")

// ReadWords reads what someone typed on several lines into a field. That there is nothing, or more
// than so many characters, is a problem with the field, in the caller's sentences. The marks that
// keyboards put between Hebrew or Arabic and other scripts may stay: they turn nothing around.
func ReadWords(p mend.Problems, field, typed string, most int, nothing, tooLong string) string {
	words := strings.TrimSpace(lineBreaks.Replace(typed))
	notInWords := func(r rune) bool {
		return notInName(r) && !strings.ContainsRune("\n\t\u200e\u200f\u061c", r)
	}
	switch {
	case !strings.ContainsFunc(words, isVisible):
		p[field] = nothing
	case !utf8.ValidString(words) || strings.ContainsFunc(words, notInWords):
		p[field] = "There’s an invisible character in it that we can’t keep. If you pasted the text, type it instead."
	case utf8.RuneCountInString(words) > most:
		p[field] = tooLong
	}
	return words
}

func (f Form) path(p mend.Problems) string {
	if slices.Contains(mend.Paths, f.Path) {
		return f.Path
	}
	p["path"] = "Please choose one of the paths."
	return ""
}

// errPathReaches is said of a path that reaches someone, where there is to be no contact.
const errPathReaches = "While contact is left out, the paths are “Apart” and “How trust works”. The others would " +
	"nudge you toward someone who needs space."

func (f Form) privacy(p mend.Problems) mend.Privacy {
	switch chosen := mend.Privacy(f.Privacy); {
	case chosen == "":
		return mend.NoQuotes
	case chosen.Known():
		return chosen
	}
	p["privacy"] = "Please choose what emails may show."
	return ""
}

// Rhythms are the cadences that forms and the orders in replies have a name for, as far as the name
// says. The last three are of reminders alone.
var Rhythms = map[string]mend.Cadence{
	"daily":       {Kind: mend.Daily},
	"weekdays":    {Kind: mend.Weekly, Every: 1, Days: mend.WorkingDays},
	"weekly":      {Kind: mend.Weekly, Every: 1},
	"custom":      {Kind: mend.Weekly, Every: 1},
	"fortnightly": {Kind: mend.Weekly, Every: 2},
	"monthly":     {Kind: mend.Monthly},
	"by-weekday":  {Kind: mend.ByWeekday},
	"yearly":      {Kind: mend.Yearly},
	"once":        {Kind: mend.Once},
}

// rhythm reads the cadence of check-ins. Of every few weeks, the first is that of the first letter
// that can come.
func (f Form) rhythm(p mend.Problems, now time.Time) mend.Cadence {
	return firstWeek(f.cadence(p, mend.Daily, mend.Weekly, mend.Monthly), now, mend.Date{})
}

// reminderRhythm reads the cadence of a reminder, of which nothing is over already.
func (f Form) reminderRhythm(p mend.Problems, now time.Time) mend.Cadence {
	c := f.cadence(p, mend.Daily, mend.Weekly, mend.Monthly, mend.ByWeekday, mend.Yearly, mend.Once)
	if f.Cadence == "weekly" && f.Every != "" {
		c.Every = number(p, "every", f.Every)
	}
	c = firstWeek(c, now, mend.Date{})
	if len(p) > 0 {
		return c
	}
	if wrong, ok := errors.AsType[cadence.Problem](cadence.Check(c)); ok {
		field := strings.ToLower(wrong.Field)
		if field == "anchor" {
			field = "date"
		}
		p[field] = wrong.Sentence
	} else if cadence.FirstDate(c, now).IsZero() {
		p["date"] = "That time has passed, or it’s only minutes away. Please choose a later one."
	}
	return c
}

// cadence reads what a rhythm of some kinds is called, and what its name leaves open.
func (f Form) cadence(p mend.Problems, kinds ...mend.CadenceKind) mend.Cadence {
	zone, ok := cadence.Place(f.Zone)
	if !ok {
		p["zone"] = "We can’t tell your time zone from that. Please enter a big city near you, such as Munich."
	}
	at, _, ok := cadence.ReadTime(f.Time)
	if !ok {
		p["time"] = "Please enter a time, such as 07:30 or 7.30 pm."
	}
	c := Rhythms[f.Cadence]
	if !slices.Contains(kinds, c.Kind) {
		p["cadence"] = "Please choose how often letters come."
	}
	c.Zone, c.Time = zone, at
	switch c.Kind {
	case mend.Weekly:
		if c.Days == 0 {
			c.Days = f.days(p)
		}
	case mend.Monthly:
		c.Day = f.dayOfMonth(p, "day", f.Day)
	case mend.ByWeekday:
		c.Days = f.days(p)
		if c.Nth = -1; f.Nth != "last" {
			c.Nth = number(p, "nth", f.Nth)
		}
	case mend.Yearly:
		c.Day, c.Month = f.dayOfMonth(p, "day", f.Day), time.Month(number(p, "month", f.Month))
	case mend.Once:
		var err error
		if c.Anchor, err = mend.ParseDate(f.Date); err != nil {
			p["date"] = "Please enter a date like 2026-03-31."
		}
	}
	return c
}

func number(p mend.Problems, field, typed string) int {
	n, err := strconv.Atoi(strings.TrimSpace(cadence.Digits(typed)))
	if err != nil {
		p[field] = "Please enter a number."
	}
	return n
}

func (f Form) dayOfMonth(p mend.Problems, field, typed string) int {
	day, ok := cadence.ReadDay(typed)
	if !ok {
		p[field] = "Please choose a day of the month, 1 to 31."
	}
	return day
}

// firstWeek counts a cadence of every few weeks from the week of its first date that can still
// come: due at least five minutes from now, and not before a date. Others it returns as they are.
func firstWeek(c mend.Cadence, now time.Time, notBefore mend.Date) mend.Cadence {
	if c.Every <= 1 {
		return c
	}
	weekly := c
	weekly.Every = 1
	c.Anchor = cadence.FirstDate(weekly, now)
	if c.Anchor.Before(notBefore) {
		c.Anchor, _ = cadence.Next(weekly, notBefore)
	}
	return c
}

// countedFor is a cadence as a subscription takes it up. It keeps the weeks in which letters came
// so far, where only other things differ. Otherwise the first week is that of the next date that
// has had no letter and lies in no pause.
func countedFor(sub mend.Subscription, c mend.Cadence, now time.Time) mend.Cadence {
	before := sub.Cadence
	if c.Every > 1 && c.Every == before.Every && c.Days == before.Days {
		c.Anchor = before.Anchor
		return c
	}
	return firstWeek(c, now, mend.LatestDate(sub.LastDate.AddDays(1), sub.Hold.Until))
}

// days reads days of the week by the first three letters of their names.
func (f Form) days(p mend.Problems) mend.Weekdays {
	var set mend.Weekdays
	for _, typed := range f.Days {
		typed = strings.ToLower(strings.TrimSpace(typed))
		day := time.Sunday
		for day <= time.Saturday && !strings.HasPrefix(typed, strings.ToLower(day.String()[:3])) {
			day++
		}
		if day > time.Saturday {
			p["days"] = "Please choose days of the week."
			return 0
		}
		set |= mend.OnWeekdays(day)
	}
	if set == 0 {
		p["days"] = "Please choose at least one day of the week."
	}
	return set
}

// digestDay reads the day of the monthly letter.
func (f Form) digestDay(p mend.Problems, before int) int {
	if f.DigestDay == "" {
		return max(before, 1)
	}
	return f.dayOfMonth(p, "digest_day", f.DigestDay)
}

// FormOf fills a form with settings as they are, so that a page shows them and a change
// names only what differs.
func FormOf(w store.Account) Form {
	p := w.Person
	f := Form{Name: p.Name, Privacy: string(p.Privacy.Rules().Privacy), Cover: mend.CoverOf(p.Cover), Zone: p.Zone,
		PauseUntil: p.Hold.Until.String()}
	for _, sub := range w.Subscriptions {
		switch sub.Number {
		case mend.DigestNumber:
			f.Digest, f.DigestDay = sub.Status != mend.Off, strconv.Itoa(max(sub.Cadence.Day, 1))
			f.LastYear, f.QuietMonth = sub.LastYear, sub.QuietMonth
		case mend.CheckInNumber:
			f.Path = sub.Path
			f.setRhythm(sub.Cadence)
		}
	}
	return f
}

// setRhythm undoes [Form.cadence].
func (f *Form) setRhythm(c mend.Cadence) {
	f.Time, f.Zone, f.Cadence = c.Time.String(), c.Zone, CadenceName(c)
	for _, d := range c.Days.List() {
		f.Days = append(f.Days, strings.ToLower(d.String()[:3]))
	}
	switch c.Kind {
	case mend.Monthly:
		f.Day = strconv.Itoa(c.Day)
	case mend.ByWeekday:
		if f.Nth = "last"; c.Nth > 0 {
			f.Nth = strconv.Itoa(c.Nth)
		}
	case mend.Yearly:
		f.Day, f.Month = strconv.Itoa(c.Day), strconv.Itoa(int(c.Month))
	case mend.Once:
		f.Date = c.Anchor.String()
	}
}

// CadenceName is the word of the sign-up form for a cadence. One that the form cannot make has
// the name of its kind.
func CadenceName(c mend.Cadence) string {
	switch {
	case c.Kind != mend.Weekly:
		return string(c.Kind)
	case c.Every == 2:
		return "fortnightly"
	case c.Every > 2:
		return fmt.Sprintf("every %d weeks", c.Every)
	case c.Days == mend.WorkingDays:
		return "weekdays"
	case len(c.Days.List()) == 1:
		return "weekly"
	}
	return "custom"
}
