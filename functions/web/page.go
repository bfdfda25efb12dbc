package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
)

// page is what the layout shows, and what the page itself does.
type page struct {
	Description string        // for search engines. Optional: without it, a sentence that gives nothing away
	Title       string        // of the window. Discreet wherever a link from a letter leads
	Problems    mend.Problems // of the form; listed at the top
	Done        string        // what a form that was sent has done; said at the top
	SignedIn    bool
	Fields      []string // those that the page has, of a form that is spread over several; nil: all
	Path        string   // of the person, where the page may show it: it has a color
	Data        any

	owner string // whose the page is; see [ownerOf]
}

// data is what a page shows beyond one of our own types.
type data map[string]any

// pages are the templates by name: each file of pages/ within the layout, beside the parts that
// they share. Each is read when it is first shown.
type pages map[string]func() (*template.Template, error)

// parts are the files that are no pages by themselves.
var parts = []string{"pages/layout.html", "pages/parts.html", "pages/entries.html"}

func readPages(contact string, now func() time.Time) pages {
	moment := func(t time.Time) string { return mend.InWords(t, now()) }
	funcs := template.FuncMap{
		"contact":  func() string { return contact },
		"whoReads": func() string { return mend.WhoReads },
		"asset":    assetPath,
		"date":     mend.Date.InWords,
		"month":    func(d mend.Date) string { return fmt.Sprintf("%s %d", d.Month, d.Year) },
		"moment":   moment,
		"now":      func() string { return now().UTC().Format(time.RFC3339) },
		"moments": func(all []time.Time) string {
			var words []string
			for _, t := range all {
				words = append(words, moment(t))
			}
			return mend.Listed(words)
		},
		// "New York" of America/New_York
		"city":    func(zone string) string { return strings.ReplaceAll(path.Base(zone), "_", " ") },
		"dict":    dict,
		"options": options, "zones": cadence.Zones, "covers": func() []string { return mend.Covers },
		"choices": func(name string) []choice { return choices[name] },
		"label":   func(name string, value any) string { return labelOf(choices[name], value) },
		"capital": func(text string) string {
			return strings.ToUpper(text[:min(1, len(text))]) + text[min(1, len(text)):]
		},
		"day":     func(iso string) string { date, _ := mend.ParseDate(iso); return date.InWords() },
		"rules":   func(p string) mend.PrivacyRules { return mend.Privacy(p).Rules() },
		"part":    func(i int) int { return i + 1 },
		"ago":     journal.Ago,
		"shortly": func(d mend.Date) string { return fmt.Sprintf("%.3s %d %.3s", d.Weekday(), d.Day, d.Month) },
	}
	shared := sync.OnceValue(definitions)
	names, _ := fs.Glob(files, "pages/*.html") // the pattern is a good one
	all := pages{}
	for _, name := range names {
		if slices.Contains(parts, name) {
			continue
		}
		all[strings.TrimSuffix(path.Base(name), ".html")] = sync.OnceValues(func() (*template.Template, error) {
			one, err := template.New(name).Option("missingkey=error").Funcs(funcs).
				Parse(withParts(embedded(name), shared()))
			if err != nil {
				return nil, fmt.Errorf("read the page %s: %w", name, err)
			}
			return one, nil
		})
	}
	return all
}

// embedded is one of [files] that is there.
func embedded(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// beginsPart begins a part that pages share, at the start of a line.
const beginsPart = `{{define "`

// definitions are the parts that pages share, by name.
func definitions() map[string]string {
	all := map[string]string{}
	for _, file := range parts {
		for _, part := range strings.Split("\n"+embedded(file), "\n"+beginsPart)[1:] {
			name, _, _ := strings.Cut(part, `"`)
			all[name] = beginsPart + part + "\n"
		}
	}
	return all
}

// withParts puts before a page the layout and the parts that it calls for. To read all parts would
// take a function that starts longer than the rest of its first page.
func withParts(page string, shared map[string]string) string {
	var before strings.Builder
	added := map[string]bool{}
	var add func(source string)
	add = func(source string) {
		for call := range strings.SplitSeq(source, `{{template "`) {
			name, _, _ := strings.Cut(call, `"`)
			if part, known := shared[name]; known && !added[name] {
				added[name] = true
				before.WriteString(part)
				add(part)
			}
		}
	}
	add(`{{template "layout"` + page)
	return before.String() + page
}

// dict is several values for a part that wants more than one.
func dict(pairs ...any) map[string]any {
	d := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		d[pairs[i].(string)] = pairs[i+1]
	}
	return d
}

// show answers with a page. A page that cannot be made is a fault of ours, and a panic says so.
func (h *Handler) show(w http.ResponseWriter, status int, name string, p page) {
	var body bytes.Buffer
	template, err := h.pages[name]()
	if err == nil {
		err = template.ExecuteTemplate(&body, "layout", p)
	}
	if err != nil {
		panic(fmt.Errorf("make the page %s: %w", name, err))
	}
	html := body.String()
	if p.owner != "" {
		html = withOwner(html, p.owner)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, html) // into memory
}

// ownerField is in every form of a signed-in person's page, and says whose page it is. In a browser
// that several people use, another one may have signed in since the page was shown. What the first
// one typed must not go into the other one's journal, nor delete it: [session] refuses such a form.
const ownerField = "owner"

// ownerOf stands for a person in a form.
func ownerOf(id mend.ID) string { return change.Hash(string(id))[:8] }

// withOwner is a page whose forms say whose it is. Anyone may sign out. What people wrote cannot
// look like the end of a form, because templates escape it.
func withOwner(page, owner string) string {
	const signsOut, ends = "Sign out</button></form>", "</form>"
	input := `<input type="hidden" name="` + ownerField + `" value="` + owner + `">`
	return strings.NewReplacer(signsOut, signsOut, ends, input+ends).Replace(page)
}

// Problem is a field of a form with what is wrong with it. The field is "" where the page lacks it.
type Problem struct{ Field, Sentence string }

// fieldOrder is the order in which pages ask.
var fieldOrder = []string{
	"words", "mood", "promise", "every", "nth", "month", "date", "role", "retention", "pause_until", "path", "cadence",
	"days", "day", "time", "zone", "digest", "digest_day", "last_year", "privacy", "email", "name", "consent", "adult",
	"answer", "due", "confirm",
}

// Wrong lists the problems in the order of the page.
func (p page) Wrong() []Problem {
	var all []Problem
	for _, field := range slices.SortedFunc(maps.Keys(p.Problems), func(a, b string) int {
		return slices.Index(fieldOrder, a) - slices.Index(fieldOrder, b)
	}) {
		one := Problem{field, p.Problems[field]}
		if p.Fields != nil && !slices.Contains(p.Fields, field) {
			one.Field = ""
		}
		all = append(all, one)
	}
	return all
}
