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

	"example.org/mend/shared/mend"
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

// noContact is said where nobody can be reached.
const noContact = "Whoever runs this Mend has not said how they can be reached, so there is nobody here to whom you could report it. What you can do by yourself stands above. In danger, call your emergency number."

// withoutContact says that in place of the paragraph that would name the operator, and of what follows it up to the next heading: how to write to
// them, and what they could do.
func withoutContact(text string) string {
	before, after, found := strings.Cut(text, contactMark)
	if !found {
		return text
	}
	before = before[:strings.LastIndexByte(before, '\n')+1] + noContact + "\n"
	if i := strings.Index(after, "\n## "); i >= 0 {
		return before + withoutContact(after[i:])
	}
	return before
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
	if content == nil {
		return nil, nil
	}
	const name = "help/gate.yaml"
	raw, err := readFile(content, name)
	if err == nil {
		err = parseYAML(name, raw, &gate)
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
	const name = "help/lines.yaml"
	raw, err := readFile(content, name)
	if err != nil {
		return nil, err
	}
	var all []crisisLine
	if err := parseYAML(name, dropUnchecked(raw), &all); err != nil {
		return nil, err
	}
	var groups []lineGroup
	for _, need := range needs {
		group := lineGroup{For: need.heading}
		for _, l := range all {
			if _, err := mend.ParseDate(l.Verified); err == nil && l.For == need.name {
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

// dropUnchecked takes the lines out that nobody has checked, as far as they stand as in our file. To parse them all took the larger part of what
// somebody waits who is the first to ask a function for help.
func dropUnchecked(raw []byte) []byte {
	const item = "\n- "
	head, rest, _ := strings.Cut(string(raw), item)
	var kept strings.Builder
	kept.WriteString(head)
	for text := range strings.SplitSeq(rest, item) {
		if text != "" && !strings.Contains(text+"\n", "\n  verified: \"\"\n") {
			kept.WriteString(item + text)
		}
	}
	return []byte(kept.String())
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

// readFile reads a file, which may be missing.
func readFile(content fs.FS, name string) ([]byte, error) {
	raw, err := fs.ReadFile(content, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return raw, err
}

func parseYAML(name string, raw []byte, v any) error {
	if err := yaml.Unmarshal(raw, v); err != nil {
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
