package cadence

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"example.org/mend/shared/mend"
)

// ReadTime reads a time of day as people and their devices write it: "07:30", "7.30 pm", "19h30",
// "7", "noon", "午後7:30". Letters go out on the quarter-hour, so it rounds to the nearest one of
// that day; rounded reports whether it did.
func ReadTime(typed string) (at mend.TimeOfDay, rounded, ok bool) {
	text := strings.Join(strings.Fields(strings.ToLower(plain(typed))), "")
	first, last := strings.IndexAny(text, digits), strings.LastIndexAny(text, digits)
	if first < 0 && (text == "noon" || text == "midday" || text == "midnight") {
		text, first, last = "12"+text, 0, 1
	}
	if first < 0 {
		return 0, false, false
	}
	mark := strings.Trim(strings.ReplaceAll(text[:first]+text[last+1:], ".", ""), ":")
	morning, evening := slices.Contains(marks[0], mark), slices.Contains(marks[1], mark)
	if !morning && !evening && !slices.Contains(marks[2], mark) {
		return 0, false, false
	}
	signs := strings.NewReplacer("uhr", ":", "h", ":", "u", ":", ".", ":", ",", ":", "∶", ":")
	clock := signs.Replace(text[first : last+1])
	if hours, _, _ := strings.Cut(clock, ":"); len(hours) == 3 {
		clock = "0" + clock // "730"
	}
	if strings.Trim(clock, ":0") == "24" && mark == "" { // as some browsers write midnight
		clock = "0"
	}
	for _, layout := range []string{"15:04", "15:04:05", "1504", "15"} {
		t, err := time.Parse(layout, clock)
		if err != nil {
			continue
		}
		exact := timeOfDay(t)
		switch hour := t.Hour(); {
		case (hour == 0 || hour > 12) && (morning || evening):
			return 0, false, false // "0 am"
		case hour < 12 && evening:
			exact += 12 * 60
		case hour == 12 && morning:
			exact -= 12 * 60
		}
		at = min((exact+7)/15*15, 24*60-15)
		return at, at != exact, true
	}
	return 0, false, false
}

const digits = "0123456789"

// marks are what stands before or behind a time, without its full stops: before noon, after noon,
// and what changes nothing. Devices write the first two in the language that they are set to.
var marks = [...][]string{
	strings.Fields("am a midnight ص قظ 午前 上午 오전 πμ öö de fm sa pg дп проб vm ap ก่อนเที่ยง पूर्वाह्न"),
	strings.Fields("pm p noon midday م بظ 午後 下午 오후 μμ ös du em ch ptg пп слоб nm ip หลังเที่ยง अपराह्न"),
	{"", "h", "hrs", "hours", "uhr", "uur", "u", "o'clock", "o’clock", "klo", "kl", "um", "at", "à", "alle", "時"},
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

// plain is what was typed without what can't be seen in it, and with the digits and signs of ASCII.
func plain(typed string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, Digits(typed)))
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
