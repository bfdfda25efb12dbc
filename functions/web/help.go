package web

import (
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"example.org/mend/shared/person"
)

// help is what content/help says.
type help struct {
	Sections []section
	Lines    []lineGroup // of the verified ones alone
}

// section is one file of content/help.
type section struct {
	Title string        `yaml:"title"`
	Slug  string        `yaml:"slug"`
	Order int           `yaml:"order"`
	Body  template.HTML `yaml:"-"`
}

// gateQuestion is one of the questions before a first path. Its answer is given in the page and sent nowhere.
type gateQuestion struct {
	Question   string `yaml:"question"`
	YesLeadsTo string `yaml:"yes_leads_to"` // "help+apart" or "help+foundations"
	Help       string `yaml:"help"`         // slug of the help page to show first
	Answer     string `yaml:"answer"`
}

// lineGroup is the crisis lines for people in one kind of need, by country.
type lineGroup struct {
	For   string // a heading
	Lines []crisisLine
}

// crisisLine is somebody to call. Verified is the day on which an operator last checked all of it.
type crisisLine struct {
	Country  string `yaml:"country"` // ISO 3166-1 alpha-2
	Name     string `yaml:"name"`
	For      string `yaml:"for"` // harmed, harming or despair
	Number   string `yaml:"number"`
	Language string `yaml:"language"`
	Hours    string `yaml:"hours"`
	Source   string `yaml:"source"`
	Verified string `yaml:"verified"`
}

// contactMark stands in a help page where an operator can be reached.
const contactMark = "{{.Contact}}"

// noContact is said in place of a paragraph that would name the operator.
const noContact = "Whoever runs this Mend has not said how they can be reached, so there is nobody here to whom you could report it. What you can do by yourself stands above."

// withoutContact says in place of each paragraph that would name the operator that nobody knows.
func withoutContact(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.Contains(line, contactMark) {
			lines[i] = noContact
		}
	}
	return strings.Join(lines, "\n")
}

// readHelp reads what there is of content/help, which may be nothing.
func readHelp(content fs.FS, contact string) (help, error) {
	var h help
	if content == nil {
		return h, nil
	}
	names, err := fs.Glob(content, "help/*.md")
	if err != nil {
		return h, fmt.Errorf("list the help pages: %w", err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(content, name)
		if err != nil {
			return h, fmt.Errorf("read a help page: %w", err)
		}
		s, err := readSection(string(raw), contact)
		if err != nil {
			return h, fmt.Errorf("read the help page %s: %w", name, err)
		}
		h.Sections = append(h.Sections, s)
	}
	slices.SortFunc(h.Sections, func(a, b section) int { return a.Order - b.Order })
	h.Lines, err = readLines(content)
	return h, err
}

// readGate reads the questions before a first path.
func readGate(content fs.FS) (gate []gateQuestion, err error) {
	if content != nil {
		err = readYAML(content, "help/gate.yaml", &gate)
	}
	return gate, err
}

// needs are the kinds of need that a crisis line can be for, in the order of the page.
var needs = []struct{ name, heading string }{
	{"harmed", "If you live with fear, control or violence"},
	{"harming", "If you frighten or hurt somebody, and want to stop"},
	{"despair", "If you do not see how to go on"},
}

// readLines reads the crisis lines that an operator has checked. Nobody is shown another.
func readLines(content fs.FS) ([]lineGroup, error) {
	var all []crisisLine
	if err := readYAML(content, "help/lines.yaml", &all); err != nil {
		return nil, err
	}
	var groups []lineGroup
	for _, need := range needs {
		group := lineGroup{For: need.heading}
		for _, l := range all {
			if _, err := person.ParseDate(l.Verified); err == nil && l.For == need.name {
				l.Country = cmp.Or(countries[l.Country], l.Country)
				group.Lines = append(group.Lines, l)
			}
		}
		slices.SortStableFunc(group.Lines, func(a, b crisisLine) int { return strings.Compare(a.Country, b.Country) })
		if len(group.Lines) > 0 {
			groups = append(groups, group)
		}
	}
	return groups, nil
}

// countries is the names of the countries that have crisis lines. Those of golang.org/x/text would add 2.5 MB to the function.
var countries = map[string]string{
	"AR": "Argentina", "AT": "Austria", "AU": "Australia", "BE": "Belgium", "BR": "Brazil", "CA": "Canada", "CH": "Switzerland",
	"CL": "Chile", "CO": "Colombia", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "EE": "Estonia", "ES": "Spain",
	"FI": "Finland", "FR": "France", "GB": "United Kingdom", "GR": "Greece", "HK": "Hong Kong", "HR": "Croatia", "HU": "Hungary",
	"IE": "Ireland", "IL": "Israel", "IN": "India", "IS": "Iceland", "IT": "Italy", "JP": "Japan", "KE": "Kenya", "KR": "South Korea",
	"MX": "Mexico", "MY": "Malaysia", "NL": "Netherlands", "NO": "Norway", "NZ": "New Zealand", "PE": "Peru", "PL": "Poland",
	"PT": "Portugal", "RO": "Romania", "SE": "Sweden", "SG": "Singapore", "SI": "Slovenia", "SK": "Slovakia", "TR": "Türkiye",
	"TW": "Taiwan", "UA": "Ukraine", "US": "United States", "UY": "Uruguay", "ZA": "South Africa",
}

// readYAML reads a file into v, or leaves v alone if there is none.
func readYAML(content fs.FS, name string, v any) error {
	raw, err := fs.ReadFile(content, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = yaml.Unmarshal(raw, v)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// readSection reads front matter between two lines of dashes, and markup, with where the operator can be reached.
func readSection(raw, contact string) (section, error) {
	var s section
	rest, ok := strings.CutPrefix(raw, "---\n")
	front, body, ok2 := strings.Cut(rest, "\n---\n")
	if !ok || !ok2 {
		return s, errors.New("it should begin with front matter (title, slug, order) between two lines of three dashes")
	}
	if err := yaml.UnmarshalWithOptions([]byte(front), &s, yaml.Strict()); err != nil {
		return s, err
	}
	if s.Title == "" || s.Slug == "" {
		return s, errors.New("its front matter wants a title and a slug")
	}
	if contact == "" {
		body = withoutContact(body)
	}
	text, err := markup(body)
	// Only now, since a contact is no markup: an address may well hold a _ or a *.
	s.Body = template.HTML(strings.ReplaceAll(string(text), contactMark, template.HTMLEscapeString(contact)))
	return s, err
}

func (h *Handler) helpPage(w http.ResponseWriter, _ *http.Request) error {
	help, err := h.help()
	if err != nil {
		return err
	}
	openPage(w)
	h.show(w, http.StatusOK, "help", page{Title: "More help", Data: help})
	return nil
}

func (h *Handler) privacyPage(w http.ResponseWriter, _ *http.Request) error {
	openPage(w)
	h.show(w, http.StatusOK, "privacy", page{Title: "What we keep", Data: h.contact})
	return nil
}
