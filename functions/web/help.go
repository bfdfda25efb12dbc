package web

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

type section struct {
	Title, Slug string
	Body        template.HTML
}

// sections are the parts of the help page, of an operator who can be reached at a contact, or, if
// that is "", not at all.
func (h *Handler) sections() (all []section) {
	for _, s := range h.Help.Sections {
		body := strings.ReplaceAll(s.HTML, content.ContactMark, template.HTMLEscapeString(h.Contact))
		if h.Contact == "" && s.Unreachable != "" {
			body = s.Unreachable
		}
		all = append(all, section{s.Title, s.Slug, template.HTML(body)}) // made of our own Markdown
	}
	return all
}

// crisisLines are the services for people in one kind of need, by country. The telephone number of
// one that no one checked is never shown.
func (h *Handler) crisisLines(need string, checked bool) (all []content.CrisisLine) {
	for _, l := range h.Help.Lines {
		if _, err := mend.ParseDate(l.Verified); l.For == need && (err == nil) == checked {
			l.Country = cmp.Or(countries[l.Country], l.Country)
			all = append(all, l)
		}
	}
	slices.SortStableFunc(all, func(a, b content.CrisisLine) int { return strings.Compare(a.Country, b.Country) })
	return all
}

// countries is the names of the countries that have services. Those of golang.org/x/text would add
// 2.5 MB to the function.
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

func showHelp(v *visit) error {
	openPage(v.w)
	return v.page("help", page{Title: "More help", Data: data{"Sections": v.sections(), "Lines": v.crisisLines}})
}

// showNight shows the part of the help that every foot leads to, alone: a page for one thing at a
// time.
func showNight(v *visit) error {
	for _, s := range v.sections() {
		if s.Slug == "minutes" {
			openPage(v.w)
			return v.page("night", page{Title: "Three minutes", Data: s})
		}
	}
	return &mend.Error{Code: mend.NotFound, Sentence: "This page isn’t here. More help is."}
}

func showPrivacy(v *visit) error {
	openPage(v.w)
	return v.page("privacy", page{Title: "What we keep", Data: v.Contact})
}
