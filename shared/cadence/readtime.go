package cadence

import (
	"strconv"
	"strings"
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
	text = strings.TrimSuffix(strings.NewReplacer("a.m.", "am", "p.m.", "pm", "o'clock", "", "o’clock",
		"").Replace(text), "uhr")
	half := ""
	for _, suffix := range []string{"am", "pm"} {
		if rest, found := strings.CutSuffix(text, suffix); found {
			text, half = rest, suffix
		}
	}
	hours, minutes := splitTime(text)
	hour, err := strconv.ParseUint(hours, 10, 8)
	minute, errMinute := strconv.ParseUint(minutes, 10, 8)
	switch {
	case err != nil || errMinute != nil || len(hours) > 2 || len(minutes) != 2 || hour > 23 || minute > 59:
		return 0, false, false
	case half != "" && (hour < 1 || hour > 12):
		return 0, false, false
	case half == "am" && hour == 12:
		hour = 0
	case half == "pm" && hour < 12:
		hour += 12
	}
	exact := mend.TimeOfDay(hour*60 + minute)
	at = min((exact+7)/15*15, 24*60-15)
	return at, at != exact, true
}

// splitTime splits "7:30", "7.30", "7h30", "730", "7" and "07:30:00" into hours and minutes.
func splitTime(text string) (hours, minutes string) {
	if i := strings.IndexAny(text, ":.,h"); i >= 0 {
		hours, minutes = text[:i], text[i+1:]
		if minutes == "" && text[i] == 'h' { // "19h"
			return hours, "00"
		}
		if len(minutes) == 5 && (minutes[2] == ':' || minutes[2] == '.') { // some devices send seconds
			minutes = minutes[:2]
		}
		return hours, minutes
	}
	if n := len(text); n > 2 {
		return text[:n-2], text[n-2:]
	}
	return text, "00"
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
