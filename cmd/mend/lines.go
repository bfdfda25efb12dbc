package main

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

// verifiedFor is how long a crisis line that an operator checked is shown without a word; after
// that it is still shown, and doctor asks for another look.
const verifiedFor = 365 * 24 * time.Hour

// countriesFile is the country of each time zone. `make zones` writes it.
//
//go:embed countries.txt
var countriesFile string

// countryOf is the country that a zone is in, by ISO 3166, or "".
func countryOf(zone string) string {
	for line := range strings.Lines(countriesFile) {
		if id, country, _ := strings.Cut(strings.TrimSpace(line), " "); id == zone {
			return country
		}
	}
	return ""
}

// crisisLines says which of the content's crisis lines an operator has still to verify. A number
// that no one verified isn't shown. It is an error where that leaves a country without a number in
// which people live, by their zones.
func crisisLines(lines []content.CrisisLine, now time.Time, zones []string, all bool) (string, error) {
	without := map[string]bool{} // countries
	for _, zone := range zones {
		without[countryOf(zone)] = true
	}
	delete(without, "")
	var waiting, old []string // services
	for _, l := range lines {
		name := l.Country + " " + l.Name
		date, err := mend.ParseDate(l.Verified)
		if err != nil {
			waiting = append(waiting, name)
			continue
		}
		delete(without, l.Country)
		if date.Before(mend.DateOf(now.Add(-verifiedFor))) {
			old = append(old, name)
		}
	}
	says := fmt.Sprintf("%d of %d numbers are shown", len(lines)-len(waiting), len(lines)) +
		linesToDo("not verified",
			"call each, then date it in content/help/lines.yaml; only its website is shown until then", waiting, all) +
		linesToDo("verified more than a year ago", "shown, and due for another call", old, all)
	if len(without) > 0 {
		return "", fmt.Errorf("people live in %s, and no number there is verified: call one or read its page, then "+
			"write the date in content/help/lines.yaml and deploy. %s",
			strings.Join(slices.Sorted(maps.Keys(without)), ", "), says)
	}
	return says, nil
}

// linesToDo says what some services are and what to do with them. It names all of them, or counts
// them.
func linesToDo(what, advice string, names []string, all bool) string {
	switch {
	case len(names) == 0:
		return ""
	case all:
		return fmt.Sprintf("\n     %s (%s):\n       %s", what, advice,
			strings.Join(slices.Sorted(slices.Values(names)), "\n       "))
	}
	return fmt.Sprintf("; %s: %d (%s)", what, len(names), advice)
}
