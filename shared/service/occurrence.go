package service

import (
	"fmt"
	"strconv"
	"strings"

	"example.org/mend/shared/mend"
)

// Occurrence names a letter in tags and logs: person-date-subscription or one-off. [ParseOccurrence] reads it.
func Occurrence(id mend.ID, of mend.LetterKey) string {
	which := string(of.OneOff)
	if of.Subscription != 0 {
		which = fmt.Sprintf("%02d", of.Subscription)
	}
	return strings.Join([]string{string(id), strings.ReplaceAll(of.Date.String(), "-", ""), which}, "-")
}

// ParseOccurrence undoes [Occurrence].
func ParseOccurrence(s string) (mend.ID, mend.LetterKey, error) {
	bad := fmt.Errorf("not the name of a letter: %q", s)
	parts := strings.Split(s, "-")
	if len(parts) != 3 || len(parts[0]) != 16 || len(parts[1]) != 8 {
		return "", mend.LetterKey{}, bad
	}
	date, err := mend.ParseDate(parts[1][:4] + "-" + parts[1][4:6] + "-" + parts[1][6:])
	if err != nil {
		return "", mend.LetterKey{}, bad
	}
	of := mend.LetterKey{Date: date}
	switch len(parts[2]) {
	case 2:
		n, err := strconv.ParseUint(parts[2], 10, 8)
		if err != nil || n == 0 {
			return "", mend.LetterKey{}, bad
		}
		of.Subscription = uint8(n)
	case 8:
		of.OneOff = mend.ItemID(parts[2])
	default:
		return "", mend.LetterKey{}, bad
	}
	return mend.ID(parts[0]), of, nil
}
