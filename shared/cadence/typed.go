package cadence

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"example.org/mend/shared/mend"
)

// placeFile names the zone of cities and countries. `make zones` writes it from GeoNames: a line of
// zone ids, and then a line for each place, with its name as placeName writes it, a tab, and the
// numbers of its zones in the first line. The name of a state, or its code, follows "state:", and
// that of a country "country:" if a state has it too.
//
//go:embed places.txt
var placeFile string

// nameFile is what people call a zone that no place of placeFile is named for. Its lines have a
// name, a tab and the id of the zone.
//
//go:embed names.txt
var nameFile string

// Place reads a time zone as people and their devices write it, and returns its id:
// "Europe/Berlin", "europe/berlin ", "Berlin", "new york", "Munich, Germany", "America/New York",
// "+05:30", "UTC-3". It returns false where a name says nothing, such as "Etc/Unknown", or where it
// may mean several zones, such as "USA".
//
// Of cities with one name it takes the largest, so a page must show which zone it understood.
func Place(typed string) (id string, ok bool) {
	if len(typed) > maxPlace {
		return "", false
	}
	typed = plain(typed)
	if i := slices.IndexFunc(openZones().ids, func(id string) bool { return strings.EqualFold(id, typed) }); i >= 0 {
		return openZones().ids[i], true
	}
	if id, ok := zoneOfOffset(typed); ok {
		return id, true
	}
	if ids := zonesNamed(placeName(typed)); len(ids) > 0 {
		return ids[0], len(ids) == 1
	}
	city, regions, behind := strings.Cut(typed, ",")
	if !behind {
		space := max(strings.LastIndexByte(typed, ' '), 0)
		city, regions = typed[:space], typed[space:] // "Dallas TX"
	}
	here := zonesNamed(placeName(city))
	if !behind && (here == nil || zonesNamed("state:"+placeName(regions)) == nil) {
		return "", false
	}
	for region := range strings.SplitSeq(regions, ",") { // "Paris, France", "Dayton, Ohio, USA"
		if ids := zonesNamed(placeName(city + " " + region)); len(ids) == 1 {
			return ids[0], true
		}
		there := zonesOfRegion(placeName(region))
		switch {
		case len(there) == 1:
			return there[0], true
		case len(here) == 1 && slices.Contains(there, here[0]):
			return here[0], true
		case len(there) > 0:
			return "", false
		}
	}
	if len(here) == 1 {
		return here[0], true
	}
	return "", false
}

// zonesOfRegion lists the zones of a country or state that stands behind a city. Many codes are
// those of a country and of a state.
func zonesOfRegion(region string) []string {
	if state := zonesNamed("state:" + region); state != nil {
		return slices.Compact(slices.Sorted(slices.Values(slices.Concat(state, zonesNamed("country:"+region)))))
	}
	return zonesNamed(region)
}

// maxPlace is how many bytes of a place are read.
const maxPlace = 100

// zonesNamed lists the zones of a place, by its name as placeName writes it.
func zonesNamed(name string) []string {
	if name == "" {
		return nil
	}
	if _, after, ok := strings.Cut(nameFile, "\n"+name+"\t"); ok {
		id, _, _ := strings.Cut(after, "\n")
		return []string{id}
	}
	if id, ok := zonesByName()[name]; ok {
		return []string{id}
	}
	_, after, ok := strings.Cut(placeFile, "\n"+name+"\t")
	if !ok {
		return nil
	}
	first, _, _ := strings.Cut(placeFile, "\n")
	ids := strings.Fields(first)
	var found []string
	numbers, _, _ := strings.Cut(after, "\n")
	for number := range strings.FieldsSeq(numbers) {
		if n, err := strconv.Atoi(number); err == nil && n < len(ids) {
			found = append(found, ids[n])
		}
	}
	return found
}

// zonesByName are the zones by the last part of their ids, and by all of it, as placeName writes
// them: "berlin", "europe berlin".
var zonesByName = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, id := range openZones().ids {
		area, city, ok := strings.Cut(id, "/")
		if !ok || slices.Contains([]string{"Etc", "US", "Canada", "Brazil", "Mexico", "Chile"}, area) {
			continue
		}
		for _, name := range []string{placeName(id), placeName(city[strings.LastIndexByte(city, '/')+1:])} {
			if _, taken := names[name]; !taken {
				names[name] = id
			}
		}
	}
	return names
})

// placeName is a name in lower case, with one space between its words and without signs.
func placeName(typed string) string {
	var words []string
	for word := range strings.FieldsFuncSeq(strings.ToLower(typed), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && r != '\''
	}) {
		words = append(words, strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) || r == '\'' { // a letter and its accent may come as two characters
				return -1
			}
			return r
		}, word))
	}
	return strings.Join(words, " ")
}

// fixedZones are zones without summer time, by their offset in minutes, where that is no whole
// number of hours.
var fixedZones = map[int]string{
	-9*60 - 30: "Pacific/Marquesas", 3*60 + 30: "Asia/Tehran", 4*60 + 30: "Asia/Kabul", 5*60 + 30: "Asia/Kolkata",
	5*60 + 45: "Asia/Kathmandu", 6*60 + 30: "Asia/Yangon", 8*60 + 45: "Australia/Eucla", 9*60 + 30: "Australia/Darwin",
}

// zoneOfOffset reads an offset from UTC, which some browsers give in place of a zone: "+05:30",
// "UTC+2", "GMT-0300", "-3".
func zoneOfOffset(typed string) (string, bool) {
	text := strings.ReplaceAll(strings.ToUpper(typed), " ", "")
	text = strings.NewReplacer("−", "-", "–", "-").Replace(text) // a minus sign, and a dash in its place
	text = strings.TrimPrefix(strings.TrimPrefix(text, "UTC"), "GMT")
	if len(text) < 2 || text[0] != '+' && text[0] != '-' {
		return "", false
	}
	var at time.Time
	err := error(nil)
	for _, layout := range []string{"15:04", "1504", "15"} {
		if at, err = time.Parse(layout, text[1:]); err == nil {
			break
		}
	}
	if err != nil {
		return "", false
	}
	minutes := at.Hour()*60 + at.Minute()
	if text[0] == '-' {
		minutes = -minutes
	}
	switch hours := minutes / 60; {
	case minutes == 0:
		return "UTC", true
	case minutes%60 != 0:
		id, ok := fixedZones[minutes]
		return id, ok
	case hours < -12 || hours > 14:
		return "", false
	default: // POSIX counts the other way: Etc/GMT-2 is two hours ahead of UTC
		id := "Etc/GMT" + strings.NewReplacer("+", "-", "-", "+").Replace(text[:1]) + strconv.Itoa(max(hours, -hours))
		return id, true
	}
}

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
