package main

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"example.org/mend/shared/mend"
)

// verifiedFor is how long a crisis line that somebody checked is shown without a word; after that it is
// still shown, and doctor asks for another look.
const verifiedFor = 365 * 24 * time.Hour

// crisisLines says which of the content's crisis lines an operator has still to verify. None of these is
// shown to anybody, so this is not a fault: the help page's general advice stands in their place.
func crisisLines(content fs.FS, now time.Time, list bool) (string, error) {
	text, err := fs.ReadFile(content, "help/lines.yaml")
	if err != nil {
		return "", fmt.Errorf("the crisis lines: %w", err)
	}
	var lines []struct {
		Country  string `yaml:"country"`
		Name     string `yaml:"name"`
		Verified string `yaml:"verified"`
	}
	if err := yaml.Unmarshal(text, &lines); err != nil {
		return "", fmt.Errorf("help/lines.yaml: %w", err)
	}
	var waiting, old []string
	for _, l := range lines {
		name := l.Country + " " + l.Name
		date, err := mend.ParseDate(l.Verified)
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
		{"call each, then date it in content/help/lines.yaml; not shown until then", waiting},
		{"verified more than a year ago; shown, and due for another look", old},
	} {
		if !list && len(group.names) > 0 {
			found += fmt.Sprintf("; %d: %s", len(group.names), group.what)
		}
		if list && len(group.names) > 0 {
			slices.Sort(group.names)
			found += "\n     " + group.what + ":\n       " + strings.Join(group.names, "\n       ")
		}
	}
	return found, nil
}
