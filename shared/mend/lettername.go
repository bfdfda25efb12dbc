package mend

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// InWords is an instant as a person says it: "Monday 2 March at 07:30". The zero instant is "".
func InWords(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("Monday 2 January at 15:04")
}

// Entry names one reply of a person in links and forms: its letter's date, which letter, and its hash.
type Entry string

// EntryOf is the name of a reply.
func EntryOf(r Reply) Entry {
	which := string(r.Of.OneOff)
	if r.Of.Subscription != 0 {
		which = fmt.Sprintf("%02d", r.Of.Subscription)
	}
	return Entry(strings.ReplaceAll(r.Of.Date.String(), "-", "") + "-" + which + "-" + r.Hash)
}

// ParseEntry undoes [EntryOf].
func ParseEntry(e Entry) (of LetterKey, hash string, ok bool) {
	name, hash, _ := strings.Cut(string(e), "-")
	which, hash, ok := strings.Cut(hash, "-")
	_, of, err := ParseLetterName("aaaaaaaaaaaaaaaa-" + name + "-" + which)
	return of, hash, ok && err == nil && hash != ""
}

// LetterName names a letter in tags and logs: person-date-subscription or one-off. [ParseOccurrence] reads it.
func LetterName(id ID, of LetterKey) string {
	which := string(of.OneOff)
	if of.Subscription != 0 {
		which = TwoDigits(int(of.Subscription))
	}
	return strings.Join([]string{string(id), strings.ReplaceAll(of.Date.String(), "-", ""), which}, "-")
}

// ParseLetterName undoes [Occurrence].
func ParseLetterName(s string) (ID, LetterKey, error) {
	bad := fmt.Errorf("not the name of a letter: %q", s)
	parts := strings.Split(s, "-")
	if len(parts) != 3 || len(parts[0]) != 16 || len(parts[1]) != 8 {
		return "", LetterKey{}, bad
	}
	date, err := ParseDate(parts[1][:4] + "-" + parts[1][4:6] + "-" + parts[1][6:])
	if err != nil {
		return "", LetterKey{}, bad
	}
	of := LetterKey{Date: date}
	switch len(parts[2]) {
	case 2:
		n, err := strconv.ParseUint(parts[2], 10, 8)
		if err != nil || n == 0 {
			return "", LetterKey{}, bad
		}
		of.Subscription = uint8(n)
	case 8:
		of.OneOff = ItemID(parts[2])
	default:
		return "", LetterKey{}, bad
	}
	return ID(parts[0]), of, nil
}
