package web

import (
	"cmp"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

// help is the help page.
type help struct {
	Sections []section
	Lines    []lineGroup // of the verified ones alone
}

// section is a part of the page.
type section struct {
	Title, Slug string
	Body        template.HTML
}

// lineGroup is the crisis lines for people in one kind of need, by country.
type lineGroup struct {
	For   string // a heading
	Lines []content.CrisisLine
}

// helpOf is the help page of an operator who can be reached at a contact, or, if that is "", not at
// all.
func helpOf(from content.Help, contact string) help {
	h := help{Lines: verified(from.Lines)}
	for _, s := range from.Sections {
		body := strings.ReplaceAll(s.HTML, content.ContactMark, template.HTMLEscapeString(contact))
		if contact == "" && s.Unreachable != "" {
			body = s.Unreachable
		}
		h.Sections = append(h.Sections, section{s.Title, s.Slug, template.HTML(body)}) // made of our own Markdown
	}
	return h
}

// needs are the kinds of need that a crisis line can be for, in the order of the page.
var needs = []struct{ name, heading string }{
	{"harmed", "If you live with fear, control or violence"},
	{"harming", "If you frighten or hurt somebody, and want to stop"},
	{"despair", "If you do not see how to go on"},
}

// verified lists the crisis lines that an operator has checked. No other is shown to anyone.
func verified(all []content.CrisisLine) []lineGroup {
	var groups []lineGroup
	for _, need := range needs {
		group := lineGroup{For: need.heading}
		for _, l := range all {
			if _, err := mend.ParseDate(l.Verified); err == nil && l.For == need.name {
				l.Country = cmp.Or(countries[l.Country], l.Country)
				group.Lines = append(group.Lines, l)
			}
		}
		slices.SortStableFunc(group.Lines, func(a, b content.CrisisLine) int {
			return strings.Compare(a.Country, b.Country)
		})
		if len(group.Lines) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// countries is the names of the countries that have crisis lines. Those of golang.org/x/text would
// add 2.5 MB to the function.
var countries = map[string]string{
	"AR": "Argentina", "AT": "Austria", "AU": "Australia", "BE": "Belgium", "BR": "Brazil", "CA": "Canada",
	"CH": "Switzerland", "CL": "Chile", "CO": "Colombia", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark",
	"EE": "Estonia", "ES": "Spain", "FI": "Finland", "FR": "France", "GB": "United Kingdom", "GR": "Greece",
	"HK": "Hong Kong", "HR": "Croatia", "HU": "Hungary", "IE": "Ireland", "IL": "Israel", "IN": "India",
	"IS": "Iceland", "IT": "Italy", "JP": "Japan", "KE": "Kenya", "KR": "South Korea", "MX": "Mexico", "MY": "Malaysia",
	"NL": "Netherlands", "NO": "Norway", "NZ": "New Zealand", "PE": "Peru", "PL": "Poland", "PT": "Portugal",
	"RO": "Romania", "SE": "Sweden", "SG": "Singapore", "SI": "Slovenia", "SK": "Slovakia", "TR": "Türkiye",
	"TW": "Taiwan", "UA": "Ukraine", "US": "United States", "UY": "Uruguay", "ZA": "South Africa",
}

func (h *Handler) helpPage(w http.ResponseWriter, _ *http.Request) error {
	openPage(w)
	h.show(w, http.StatusOK, "help", page{Title: "More help", Data: helpOf(h.help, h.contact)})
	return nil
}

func (h *Handler) privacyPage(w http.ResponseWriter, _ *http.Request) error {
	openPage(w)
	h.show(w, http.StatusOK, "privacy", page{Title: "What we keep", Data: h.contact})
	return nil
}
