package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"example.org/mend/shared/person"
	"example.org/mend/shared/service"
)

// page is what the layout shows, and what the page itself does.
type page struct {
	Title    string           // of the window. Discreet wherever a link from a letter leads
	Problems service.Problems // of the form; listed at the top
	Done     string           // what a form that was sent has done; said at the top
	SignedIn bool
	Data     any
}

// pages are the templates by name: each file of pages/ within the layout, beside the parts that they share.
type pages map[string]*template.Template

// parts are the files that are no pages by themselves.
var parts = []string{"pages/layout.html", "pages/parts.html"}

func readPages(a assets) (pages, error) {
	shared, err := template.New("layout").Funcs(template.FuncMap{
		"asset":  func(name string) string { return a.paths[name] },
		"date":   dateInWords,
		"month":  func(d person.Date) string { return fmt.Sprintf("%s %d", d.Month, d.Year) },
		"moment": service.InWords,
		"dict":   dict,
	}).ParseFS(files, parts...)
	if err != nil {
		return nil, fmt.Errorf("read the layout: %w", err)
	}
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("list the pages: %w", err)
	}
	all := pages{}
	for _, name := range names {
		if slices.Contains(parts, name) {
			continue
		}
		one, err := template.Must(shared.Clone()).ParseFS(files, name)
		if err != nil {
			return nil, fmt.Errorf("read a page: %w", err)
		}
		all[strings.TrimSuffix(path.Base(name), ".html")] = one
	}
	return all, nil
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
	if err := h.pages[name].ExecuteTemplate(&body, "layout", p); err != nil {
		panic(fmt.Errorf("make the page %s: %w", name, err))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // into memory
}

// dateInWords is "Monday 2 March 2026".
func dateInWords(d person.Date) string {
	return fmt.Sprintf("%s %d %s %d", d.Weekday(), d.Day, d.Month, d.Year)
}

// Problem is a field of a form with what is wrong with it.
type Problem struct{ Field, Sentence string }

// fieldOrder is the order in which pages ask.
var fieldOrder = []string{
	"words", "mood", "promise", "every", "nth", "month", "date", "role", "retention", "pause_until", "path", "cadence", "days", "day", "time", "zone", "digest", "digest_day", "last_year", "privacy", "email", "name", "consent", "adult",
	"answer", "due", "confirm",
}

// Wrong lists the problems in the order of the page.
func (p page) Wrong() []Problem {
	var all []Problem
	for field, sentence := range p.Problems {
		all = append(all, Problem{field, sentence})
	}
	slices.SortFunc(all, func(a, b Problem) int {
		return slices.Index(fieldOrder, a.Field) - slices.Index(fieldOrder, b.Field)
	})
	return all
}
