package cadence_test

import (
	"strings"
	"testing"

	"example.org/mend/shared/cadence"
)

func TestPlaceReadsWhatPeopleAndDevicesWrite(t *testing.T) {
	for typed, want := range map[string]string{
		"Europe/Berlin": "Europe/Berlin", "Europe/Berlin ": "Europe/Berlin", " europe/berlin": "Europe/Berlin",
		"EUROPE/BERLIN": "Europe/Berlin", "Berlin": "Europe/Berlin", "berlin, germany": "Europe/Berlin",
		"Munich": "Europe/Berlin", "münchen": "Europe/Berlin", "mu\u0308nchen": "Europe/Berlin",
		"Zürich": "Europe/Zurich", "zurich": "Europe/Zurich", "Hamburg": "Europe/Berlin",
		"new york": "America/New_York", "America/New York": "America/New_York", "New_York": "America/New_York",
		"NYC": "America/New_York", "São Paulo": "America/Sao_Paulo", "sao paulo": "America/Sao_Paulo",
		"San Francisco": "America/Los_Angeles", "Mumbai": "Asia/Kolkata",
		"Buenos Aires": "America/Argentina/Buenos_Aires", "St. Louis": "America/Chicago", "Hawaii": "Pacific/Honolulu",
		"Germany": "Europe/Berlin", "France": "Europe/Paris", "UK": "Europe/London",
		"Sydney, Australia": "Australia/Sydney", "Boston, USA": "America/New_York", "Paris, France": "Europe/Paris",
		"Eastern time": "America/New_York", "+05:30": "Asia/Kolkata", "UTC+2": "Etc/GMT-2", "GMT-03:00": "Etc/GMT+3",
		"+0545": "Asia/Kathmandu", "UTC−5": "Etc/GMT+5", "UTC": "UTC", "utc": "UTC", "gmt": "GMT", "+00:00": "UTC",
		"Asia/Calcutta": "Asia/Calcutta", "\u200eEurope/Berlin": "Europe/Berlin", "Europe / Berlin": "Europe/Berlin",
		"Europe\\Berlin": "Europe/Berlin", "Europe-Berlin": "Europe/Berlin", `"Europe/Berlin"`: "Europe/Berlin",
		"America/St. Johns": "America/St_Johns", "UTC–3": "Etc/GMT+3", "+٠٥:٣٠": "Asia/Kolkata",
		"Eastern Daylight Time": "America/New_York", "Central European Summer Time": "Europe/Berlin",
		"Toronto, Ontario": "America/Toronto", "London, Ontario": "America/Toronto",
		"Ontario, California": "America/Los_Angeles", "Seattle, Washington": "America/Los_Angeles",
		"Cambridge, MA": "America/New_York", "Cambridge MA": "America/New_York", "Cambridge, UK": "Europe/London",
		"Rome, GA": "America/New_York", "Rome, Georgia": "America/New_York", "Tbilisi, Georgia": "Asia/Tbilisi",
		"Melbourne, FL": "America/New_York", "Melbourne, VIC": "Australia/Melbourne",
		"Pensacola, FL": "America/Chicago", "Portland, ME": "America/New_York",
		"Portland, OR": "America/Los_Angeles", "Gary, IN": "America/Chicago",
		"Paris, TX": "America/Chicago", "Paris, Texas": "America/Chicago", "El Paso, TX": "America/Denver",
		"Berlin, DE": "Europe/Berlin", "Mumbai, IN": "Asia/Kolkata", "Tel Aviv, IL": "Asia/Jerusalem",
		"Dover, DE": "America/New_York", "Springfield, MA": "America/New_York", "Dallas TX": "America/Chicago",
		"London, ON": "America/Toronto", "London, ON, Canada": "America/Toronto",
		"Boston, MA, USA": "America/New_York", "Perth, WA": "Australia/Perth",
		"Vancouver, WA": "America/Los_Angeles", "Vancouver, BC": "America/Vancouver",
		"Darwin, NT": "Australia/Darwin", "Yellowknife, NT": "America/Edmonton", "San Juan, PR": "America/Puerto_Rico",
		"Johannesburg, SA": "Africa/Johannesburg", "Adelaide, SA": "Australia/Adelaide",
		"Buffalo, New York": "America/New_York",
		"A hamlet, Ohio":    "America/New_York", "A hamlet, OH": "America/New_York",
	} {
		got, ok := cadence.Place(typed)
		if !ok || got != want {
			t.Errorf("Place(%q) = %q, %t, want %s", typed, got, ok, want)
		}
		if _, err := cadence.Zone(got); ok && err != nil {
			t.Errorf("Place(%q): %v", typed, err)
		}
	}
}

// What may be several zones, or none, is asked back: an hour that is guessed wrong is worse than a
// question.
func TestPlaceRefusesWhatSaysTooLittle(t *testing.T) {
	for _, typed := range []string{
		"", " ", "Etc/Unknown", "Unknown", "undefined", "null", "USA", "Australia", "Canada", "Texas", "A hamlet, TX",
		"A hamlet, MA", "Vienna, DE", "not me", "I see ok",
		"Atlantis", "Local", "+5:99", "+25", "-13", "+13:37", "Europe", "Europe/", "/", ",", "\t", "Berlin\n1",
		"Factory", strings.Repeat("berlin ", 1000),
	} {
		if got, ok := cadence.Place(typed); ok {
			t.Errorf("Place(%.30q) = %q, want none", typed, got)
		}
	}
}

func TestEveryPlaceHasAKnownZone(t *testing.T) {
	for _, id := range cadence.Zones() {
		for _, typed := range []string{id, strings.ToLower(id), strings.ReplaceAll(id, "_", " "), id + " "} {
			if got, ok := cadence.Place(typed); !ok || got != id && !sameOffsets(got, id) {
				t.Errorf("Place(%q) = %q, %t", typed, got, ok)
			}
		}
	}
}

// sameOffsets reports whether two ids are one zone by other names, such as GMT-0 and GMT0.
func sameOffsets(a, b string) bool {
	for _, at := range []string{"2026-01-15T12:00:00Z", "2026-07-15T12:00:00Z"} {
		if offset(instant(at).In(zone(a))) != offset(instant(at).In(zone(b))) {
			return false
		}
	}
	return true
}
