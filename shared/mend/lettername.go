package mend

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// InWords is an instant as a person says it: "Monday 2 March at 07:30", and of another year than
// now's "Monday 1 March 2027 at 07:30". The zero instant is "".
func InWords(t, now time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case t.Year() != now.In(t.Location()).Year():
		return t.Format("Monday 2 January 2006 at 15:04")
	}
	return t.Format("Monday 2 January at 15:04")
}

// InWords is a day as a person says it: "Monday 2 March 2026".
func (d Date) InWords() string {
	return fmt.Sprintf("%s %d %s %d", d.Weekday(), d.Day, d.Month, d.Year)
}

// Listed joins words as a person does: "a, b and c".
func Listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// Entry names one reply of a person in links and forms: its letter's date, which
// letter, and its hash.
type Entry string

// EntryOf is the name of a reply.
func EntryOf(r Reply) Entry { return Entry(r.Of.name() + "-" + r.Hash) }

// ParseEntry undoes [EntryOf].
func ParseEntry(e Entry) (of LetterKey, hash string, ok bool) {
	date, rest, _ := strings.Cut(string(e), "-")
	which, hash, _ := strings.Cut(rest, "-")
	of, ok = parseLetterKey(date, which)
	return of, hash, ok && isName(hash, 1, mostHash)
}

// mostHash is how many characters of a hash a name may have: more than any has.
const mostHash = 64

// ParseItemID reads the id of a promise or of a one-off, from a path or a form.
func ParseItemID(text string) (id ItemID, ok bool) { return ItemID(text), isName(text, 8, 8) }

// isName reports whether a text has as many characters as a name, and only those that ours have. No
// other gets into a key of the table.
func isName(text string, least, most int) bool {
	other := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }
	return len(text) >= least && len(text) <= most && !strings.ContainsFunc(text, other)
}

// LetterName names a letter in tags and logs: person-date-subscription or one-off.
// [ParseLetterName] reads it.
func LetterName(id ID, of LetterKey) string { return string(id) + "-" + of.name() }

// ParseLetterName undoes [LetterName].
func ParseLetterName(s string) (ID, LetterKey, error) {
	if parts := strings.Split(s, "-"); len(parts) == 3 && len(parts[0]) == 16 {
		if of, ok := parseLetterKey(parts[1], parts[2]); ok {
			return ID(parts[0]), of, nil
		}
	}
	return "", LetterKey{}, fmt.Errorf("not the name of a letter: %q", s)
}

func (k LetterKey) name() string {
	which := string(k.OneOff)
	if k.Subscription != 0 {
		which = fmt.Sprintf("%02d", k.Subscription)
	}
	return strings.ReplaceAll(k.Date.String(), "-", "") + "-" + which
}

func parseLetterKey(date, which string) (LetterKey, bool) {
	day, err := time.Parse("20060102", date)
	of := LetterKey{Date: DateOf(day)}
	switch n, errNumber := strconv.ParseUint(which, 10, 8); {
	case err != nil || day.Year() < 1970:
		return LetterKey{}, false
	case len(which) == 2 && errNumber == nil && n > 0:
		of.Subscription = uint8(n)
	default:
		var ok bool
		if of.OneOff, ok = ParseItemID(which); !ok {
			return LetterKey{}, false
		}
	}
	return of, true
}
