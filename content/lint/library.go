package lint

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"example.org/mend/content"
)

// Library is what the files of content hold, as the functions get it and as editors wrote it.
type Library struct {
	*content.Library
	Drafts []*Draft // in the order of their files
	Paths  []content.Path
}

// Load reads the cards and the paths. A broken card or path file, or two cards with one number or id, is an error
// that joins a [Finding] for each fault.
func Load(fsys fs.FS) (*Library, error) {
	drafts, err := readAll(fsys)
	if err != nil {
		return nil, err
	}
	whole, findings := sound(drafts)
	l := newLinter(whole)
	pathFiles, inPaths := readPaths(fsys)
	l.pathFiles = pathFiles
	if findings = append(findings, inPaths...); len(findings) > 0 {
		errs := make([]error, len(findings))
		for i, f := range findings {
			errs[i] = f
		}
		return nil, fmt.Errorf("reading the cards: %w", errors.Join(errs...))
	}
	if len(whole) == 0 {
		return nil, fmt.Errorf("reading the cards: there is none in the folders %s", strings.Join(content.Folders(), ", "))
	}
	return &Library{l.library(), whole, l.contentPaths()}, nil
}

// library is the whole cards as the functions get them.
func (l *linter) library() *content.Library {
	cards := make([]content.Card, 0, len(l.drafts))
	taken := map[int]bool{}
	for _, d := range l.drafts {
		if taken[d.Number] {
			continue // clashes has said so
		}
		taken[d.Number] = true
		d.Card.After = l.numbers(d.After)
		d.Card.Writes = slices.ContainsFunc(d.practice, has(writing()))
		related := l.numbers(d.Related)
		for _, other := range l.drafts { // related goes both ways
			if slices.Contains(other.Related, d.ID) && !slices.Contains(related, other.Number) {
				related = append(related, other.Number)
			}
		}
		slices.Sort(related)
		d.Card.Related = related
		cards = append(cards, d.Card)
	}
	return content.New(cards, l.contentPaths())
}

func (l *linter) contentPaths() []content.Path {
	var paths []content.Path
	for _, p := range l.pathFiles {
		paths = append(paths, p.path(l.number))
	}
	return paths
}

// number is the number of a card; 0 for an id that no card has.
func (l *linter) number(id string) int {
	if d := l.byID[id]; d != nil {
		return d.Number
	}
	return 0
}

func (l *linter) numbers(ids []string) []int {
	var all []int
	for _, id := range ids {
		if n := l.number(id); n > 0 {
			all = append(all, n)
		}
	}
	return all
}
