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
	Lines    []lineGroup
}

// section is a part of the page.
type section struct {
	Title, Slug string
	Body        template.HTML
}

// lineGroup is the services for people in one kind of need, by country. The telephone number of an
// unverified one is never shown.
type lineGroup struct {
	For                  string // a heading
	Directories          []string
	Verified, Unverified []content.CrisisLine
}

// helpOf is the help page of an operator who can be reached at a contact, or, if that is "", not at
// all.
func helpOf(from content.Help, contact string) help {
	h := help{Lines: groupLines(from.Lines)}
	for _, s := range from.Sections {
		body := strings.ReplaceAll(s.HTML, content.ContactMark, template.HTMLEscapeString(contact))
		if contact == "" && s.Unreachable != "" {
			body = s.Unreachable
		}
		h.Sections = append(h.Sections, section{s.Title, s.Slug, template.HTML(body)}) // made of our own Markdown
	}
	return h
}

// needs are the kinds of need that a service can be for, in the order of the page, each with
// directories of all countries.
var needs = []struct {
	name, heading string
	directories   []string
}{
	{"despair", "If you don’t see how to go on", []string{"findahelpline.com", "befrienders.org"}},
	{"harmed", "If you live with fear, control or violence", []string{"nomoredirectory.org", "findahelpline.com"}},
	{"harming", "If you frighten or hurt someone, and want to stop", nil},
}

// groupLines sorts the services by need and country.
func groupLines(all []content.CrisisLine) []lineGroup {
	var groups []lineGroup
	for _, need := range needs {
		group := lineGroup{For: need.heading, Directories: need.directories}
		for _, l := range all {
			if l.For != need.name {
				continue
			}
			l.Country = cmp.Or(countries[l.Country], l.Country)
			if _, err := mend.ParseDate(l.Verified); err == nil {
				group.Verified = append(group.Verified, l)
			} else {
				group.Unverified = append(group.Unverified, l)
			}
		}
		for _, lines := range [][]content.CrisisLine{group.Verified, group.Unverified} {
			slices.SortStableFunc(lines, func(a, b content.CrisisLine) int { return strings.Compare(a.Country, b.Country) })
		}
		if len(group.Directories)+len(group.Verified)+len(group.Unverified) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// countries is the names of the countries that have services. Those of golang.org/x/text would add 2.5 MB to the function.
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

// nightPage is the part of the help that every foot leads to, alone: a page for one thing at a
// time.
func (h *Handler) nightPage(w http.ResponseWriter, _ *http.Request) error {
	sections := helpOf(h.help, h.contact).Sections
	i := slices.IndexFunc(sections, func(s section) bool { return s.Slug == nightSlug })
	if i < 0 {
		return &mend.Error{Code: mend.NotFound, Sentence: "This page isn’t here. More help is."}
	}
	openPage(w)
	h.show(w, http.StatusOK, "night", page{Title: "Three minutes", Data: sections[i]})
	return nil
}

const nightSlug = "minutes"

func (h *Handler) privacyPage(w http.ResponseWriter, _ *http.Request) error {
	openPage(w)
	h.show(w, http.StatusOK, "privacy", page{Title: "What we keep", Data: h.contact})
	return nil
}
