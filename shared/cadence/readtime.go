package cadence

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"example.org/mend/shared/mend"
)

// ReadTime reads a time of day as people write it: "07:30", "7.30 pm", "19h30", "7", "noon".
// Letters go out on the quarter-hour, so it rounds to the nearest one of that day; rounded reports
// whether it did.
func ReadTime(typed string) (at mend.TimeOfDay, rounded, ok bool) {
	text := strings.Join(strings.Fields(strings.ToLower(Digits(typed))), "")
	switch text {
	case "noon", "midday":
		return 12 * 60, false, true
	case "midnight":
		return 0, false, true
	}
	text = strings.NewReplacer("a.m.", "am", "p.m.", "pm", "o'clock", "", "o’clock", "", "uhr", "", ".", ":", ",", ":",
		"h", ":").Replace(text)
	text = strings.TrimSuffix(text, ":") // "19h"
	if hours, _, _ := strings.Cut(strings.TrimRight(text, "apm"), ":"); len(hours) == 3 {
		text = "0" + text // "730"
	}
	for _, layout := range []string{"15:04", "15:04:05", "1504", "15", "3:04pm", "3:04:05pm", "304pm", "3pm"} {
		t, err := time.Parse(layout, text)
		if err != nil || strings.HasSuffix(text, "m") && t.Hour()%12 == 0 && text[:2] != "12" { // "0 am"
			continue
		}
		exact := timeOfDay(t)
		at = min((exact+7)/15*15, 24*60-15)
		return at, at != exact, true
	}
	return 0, false, false
}

// ReadDay reads a day of the month: "31", "31 ", "31st", "3.".
func ReadDay(typed string) (int, bool) {
	text := strings.ToLower(strings.TrimSpace(Digits(typed)))
	for _, suffix := range []string{"st", "nd", "rd", "th", "."} {
		text = strings.TrimSuffix(text, suffix)
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	return n, err == nil && n >= 1 && n <= 31
}

// Digits writes the digits and signs that some keyboards have as those of ASCII: "٠٧:٣٠" and
// "０７：３０" are "07:30".
func Digits(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < unicode.MaxASCII:
			return r
		case r >= '！' && r <= '～': // full width
			return r - '！' + '!'
		case unicode.Is(unicode.Nd, r): // the digits of a script stand in a row, from its zero on
			zero := r
			for unicode.Is(unicode.Nd, zero-1) && r-zero < 9 {
				zero--
			}
			return '0' + (r - zero)
		}
		return r
	}, typed)
}
