package lint

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"example.org/mend/shared/mend"
)

// files is the content itself.
var files = os.DirFS("..")

// helpPage is one file of help/*.md.
type helpPage struct {
	Title string `yaml:"title"`
	Slug  string `yaml:"slug"`

	file, body string
}

func helpPages(t *testing.T) []helpPage {
	t.Helper()
	names, err := fs.Glob(files, "help/*.md")
	if err != nil || len(names) == 0 {
		t.Fatalf("got %d help pages (%v), want some", len(names), err)
	}
	pages := make([]helpPage, len(names))
	for i, name := range names {
		lines, end := linesOf(read(t, name))
		if end == 0 {
			t.Fatalf("content/%s: %s", name, noFrontMatter)
		}
		parseYAML(t, name, strings.Join(lines[1:end], "\n"), &pages[i])
		pages[i].file, pages[i].body = name, strings.Join(lines[end+1:], "\n")
	}
	return pages
}

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// parseYAML takes no key that v has no field for, and none twice.
func parseYAML(t *testing.T, name, text string, v any) {
	t.Helper()
	if err := yaml.UnmarshalWithOptions([]byte(text), v, yaml.Strict()); err != nil {
		t.Fatalf("content/%s: %v", name, err)
	}
}

func slugs(pages []helpPage) []string {
	all := make([]string, len(pages))
	for i, p := range pages {
		all[i] = p.Slug
	}
	return all
}

func TestHelpPagesAreWhole(t *testing.T) {
	// A slug stands in the history of a browser, where somebody else may read it.
	telling := regexp.MustCompile(`fear|control|abus|violen|hurt|frighten|couple|partner|trust|said-no`)
	whole := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	bySlug := map[string]string{}
	for i, p := range helpPages(t) {
		if place := fmt.Sprintf("help/%02d-", i+1); !strings.HasPrefix(p.file, place) {
			t.Errorf("content/%s: want its name to begin with its place, %s", p.file, place)
		}
		if p.Title == "" || strings.TrimSpace(p.body) == "" {
			t.Errorf("content/%s: got title %q and %d bytes of text, want both", p.file, p.Title, len(p.body))
		}
		if !whole.MatchString(p.Slug) || telling.MatchString(p.Slug) {
			t.Errorf("content/%s: got slug %q, want small letters and hyphens that tell nothing", p.file, p.Slug)
		}
		if other, taken := bySlug[p.Slug]; taken {
			t.Errorf("content/%s: has the slug %q of %s", p.file, p.Slug, other)
		}
		bySlug[p.Slug] = p.file
	}
}

func TestHelpPagesLinkToEachOther(t *testing.T) {
	pages := helpPages(t)
	parts := append(slugs(pages), "lines") // the people to call, on the same page
	link := regexp.MustCompile(`\]\(([^)]*)\)`)
	for _, p := range pages {
		for _, to := range link.FindAllStringSubmatch(p.body, -1) {
			slug, ok := strings.CutPrefix(to[1], "/help#")
			if !ok || !slices.Contains(parts, slug) {
				t.Errorf("content/%s: got a link to %q, want /help# and one of %q", p.file, to[1], parts)
			}
		}
	}
}

func TestHelpPagesLeaveTheContactToTheOperator(t *testing.T) {
	seen := false
	for _, p := range helpPages(t) {
		rest := strings.ReplaceAll(p.body, "{{.Contact}}", "")
		seen = seen || rest != p.body
		if strings.ContainsAny(rest, "{}@") {
			t.Errorf("content/%s: want no other placeholder than {{.Contact}}, and no address", p.file)
		}
	}
	if !seen {
		t.Error("got no {{.Contact}}, want it where misuse is reported")
	}
}

func TestGateLeadsAwayFromMending(t *testing.T) {
	help, err := Help(files)
	if err != nil || len(help.Gate) != 6 {
		t.Fatalf("got %d questions, %v, want 6", len(help.Gate), err)
	}
	pages, safe := slugs(helpPages(t)), []string{"apart", "foundations"}
	for _, q := range help.Gate {
		if !strings.HasSuffix(q.Question, "?") || q.Answer == "" {
			t.Errorf("got question %q, answer %q, want both", q.Question, q.Answer)
		}
		path, ok := strings.CutPrefix(q.YesLeadsTo, "help+")
		if !ok || !slices.Contains(safe, path) || !slices.Contains(mend.Paths, path) {
			t.Errorf("%s: a yes leads to %q, want help+ and one of %q", q.Question, q.YesLeadsTo, safe)
		}
		if !slices.Contains(pages, q.Help) {
			t.Errorf("%s: got help %q, want one of %q", q.Question, q.Help, pages)
		}
	}
}

func TestCrisisLinesAreWhole(t *testing.T) {
	help, err := Help(files)
	if err != nil {
		t.Fatal(err)
	}
	country := regexp.MustCompile(`^[A-Z]{2}$`)
	number := regexp.MustCompile(`^[0-9][0-9 -]*[0-9]$`)
	languages := regexp.MustCompile(`^[a-z]{2,3}( |$)`)
	site := regexp.MustCompile(`^[^,]+, [a-z0-9-]+(\.[a-z0-9-]+)+(/[a-z0-9-]+)*$`)
	countries, taken := map[string]bool{}, map[string]bool{}
	for _, l := range help.Lines {
		countries[l.Country] = true
		switch {
		case !country.MatchString(l.Country):
			t.Errorf("%s: got country %q, want two capitals of ISO 3166-1", l.Name, l.Country)
		case !number.MatchString(l.Number):
			t.Errorf("%s, %s: got number %q, want digits as they are dialled", l.Country, l.Name, l.Number)
		case !languages.MatchString(l.Language):
			t.Errorf("%s, %s: got language %q, want BCP 47 tags first", l.Country, l.Name, l.Language)
		case !site.MatchString(l.Source):
			t.Errorf("%s, %s: got source %q, want it to end in a comma and a website", l.Country, l.Name, l.Source)
		case l.Name == "" || l.Hours == "" || l.Source == "":
			t.Errorf("%s, %s: got hours %q, source %q, want each of them", l.Country, l.Name, l.Hours, l.Source)
		case !slices.Contains([]string{"harmed", "harming", "despair"}, l.For):
			t.Errorf("%s, %s: got for %q, want harmed, harming or despair", l.Country, l.Name, l.For)
		case taken[l.Country+l.Name]:
			t.Errorf("%s, %s: stands twice", l.Country, l.Name)
		}
		taken[l.Country+l.Name] = true
		if _, err := time.Parse(time.DateOnly, l.Verified); err != nil && l.Verified != "" {
			t.Errorf("%s, %s: got verified %q, want it empty or a date such as 2027-01-31",
				l.Country, l.Name, l.Verified)
		}
	}
	if len(countries) < 25 {
		t.Errorf("got lines of %d countries, want at least 25", len(countries))
	}
}
