package service

import (
	"fmt"
	"strconv"
	"strings"

	"example.org/mend/shared/person"
)

// Occurrence names a letter in tags and logs: person-date-subscription or one-off. [ParseOccurrence] reads it.
func Occurrence(id person.ID, of person.LetterOf) string {
	which := string(of.OneOff)
	if of.Subscription != 0 {
		which = fmt.Sprintf("%02d", of.Subscription)
	}
	return strings.Join([]string{string(id), strings.ReplaceAll(of.Date.String(), "-", ""), which}, "-")
}

// ParseOccurrence undoes [Occurrence].
func ParseOccurrence(s string) (person.ID, person.LetterOf, error) {
	bad := fmt.Errorf("not the name of a letter: %q", s)
	parts := strings.Split(s, "-")
	if len(parts) != 3 || len(parts[0]) != 16 || len(parts[1]) != 8 {
		return "", person.LetterOf{}, bad
	}
	date, err := person.ParseDate(parts[1][:4] + "-" + parts[1][4:6] + "-" + parts[1][6:])
	if err != nil {
		return "", person.LetterOf{}, bad
	}
	of := person.LetterOf{Date: date}
	switch len(parts[2]) {
	case 2:
		n, err := strconv.ParseUint(parts[2], 10, 8)
		if err != nil || n == 0 {
			return "", person.LetterOf{}, bad
		}
		of.Subscription = uint8(n)
	case 8:
		of.OneOff = person.Thing(parts[2])
	default:
		return "", person.LetterOf{}, bad
	}
	return person.ID(parts[0]), of, nil
}
