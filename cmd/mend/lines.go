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

// verifiedFor is how long a crisis line that an operator checked is shown without a word; after that it is
// still shown, and doctor asks for another look.
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

// crisisLines says which of the content's crisis lines an operator has still to verify. A number that no one verified
// isn't shown. It is an error where that leaves a country without a number in which people live, by their zones.
func crisisLines(lines []content.CrisisLine, now time.Time, zones []string, all bool) (string, error) {
	var waiting, old []string
	without := map[string]bool{} // countries
	for _, zone := range zones {
		if country := countryOf(zone); country != "" {
			without[country] = true
		}
	}
	for _, l := range lines {
		name := l.Country + " " + l.Name
		date, err := mend.ParseDate(l.Verified)
		if err == nil {
			delete(without, l.Country)
		}
		switch {
		case err != nil:
			waiting = append(waiting, name)
		case date.Before(mend.DateOf(now.Add(-verifiedFor))):
			old = append(old, name)
		}
	}
	found := fmt.Sprintf("%d shown, of %d", len(lines)-len(waiting), len(lines))
	for _, group := range []struct {
		what  string
		names []string
	}{
		{"call each, then date it in content/help/lines.yaml; only their websites are shown until then", waiting},
		{"verified more than a year ago; shown, and due for another look", old},
	} {
		if !all && len(group.names) > 0 {
			found += fmt.Sprintf("; %d: %s", len(group.names), group.what)
		}
		if all && len(group.names) > 0 {
			slices.Sort(group.names)
			found += "\n     " + group.what + ":\n       " + strings.Join(group.names, "\n       ")
		}
	}
	if len(without) > 0 {
		return "", fmt.Errorf("people live in %s, and no number there is verified: call one or read its page, then write the date in content/help/lines.yaml and deploy. %s",
			strings.Join(slices.Sorted(maps.Keys(without)), ", "), found)
	}
	return found, nil
}
