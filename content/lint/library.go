package lint

import (
	_ "embed"
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
	Advice []Advice // as far as its file can be read
}

// Load reads the cards and the paths. A broken card or path file, or two cards with one number or
// id, is an error that joins a [Finding] for each fault.
func Load(fsys fs.FS) (*Library, error) {
	l := readContent(fsys)
	err := l.err()
	if err == nil && len(l.drafts) == 0 {
		err = fmt.Errorf("there is none in the folders %s", strings.Join(content.Folders(), ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("reading the cards: %w", err)
	}
	l.readAdvice(fsys)
	return &Library{l.library(), l.drafts, l.contentPaths(), l.advice}, nil
}

// library is the cards as the functions get them.
func (l *linter) library() *content.Library {
	var cards []content.Card
	for _, d := range l.drafts {
		card := d.Card
		card.After = l.numbers(d.After)
		card.Writes = rules().Writing.in(d.practice)
		card.Related = l.numbers(d.Related)
		for _, other := range l.drafts { // related goes both ways
			if slices.Contains(other.Related, d.ID) && !slices.Contains(card.Related, other.Number) {
				card.Related = append(card.Related, other.Number)
			}
		}
		slices.Sort(card.Related)
		d.Card = card
		cards = append(cards, card)
	}
	return content.New(cards, l.contentPaths())
}

// numbers lists the numbers of cards. It passes over ids that no card has.
func (l *linter) numbers(ids []string) []int {
	var all []int
	for _, id := range ids {
		if d := l.byID[id]; d != nil {
			all = append(all, d.Number)
		}
	}
	return all
}

// contentPaths makes the values that the functions get.
func (l *linter) contentPaths() []content.Path {
	var paths []content.Path
	for _, p := range l.pathFiles {
		made := content.Path{Name: p.Path.string, Library: l.numbers(idsOf(p.Library))}
		for _, role := range content.RolesOf(made.Name) {
			arc := content.Arc{Role: role}
			for _, part := range p.parts(role) {
				light := l.numbers([]string{part.Light.string})
				arc.Parts = append(arc.Parts, content.Part{Name: part.Part.string, Light: append(light, 0)[0],
					Steps: l.numbers(idsOf(part.Steps))})
			}
			if len(arc.Parts) > 0 {
				made.Arcs = append(made.Arcs, arc)
			}
		}
		paths = append(paths, made)
	}
	return paths
}

// Scaffold is the file of a new card, below content/, and its text for an editor to fill
// in: a number that no card ever had, the last place in the reading order, and everything else such
// that [Lint] asks for it.
func Scaffold(fsys fs.FS, folder, slug string) (file, text string, err error) {
	if !slices.Contains(content.Folders(), folder) {
		return "", "", fmt.Errorf("there is no folder %q%s", folder, orList(folder, content.Folders()))
	}
	if !isSlug(slug) {
		return "", "", fmt.Errorf("the short name %q: write small letters, digits and single dashes, such as "+
			"name-the-harm", slug)
	}
	l := readContent(fsys)
	if faults := l.readRetired(fsys); len(faults) > 0 { // those of other files are for Lint
		return "", "", faults[0]
	}
	used, order := l.retired, 1
	for _, d := range l.files {
		used[d.Number] = d.File
		if d.Path != folder {
			continue
		}
		order = max(order, d.Order+1)
		if d.slug == slug {
			return "", "", fmt.Errorf("%s has this name already: find another", d.File)
		}
	}
	number := 1
	for _, taken := used[number]; taken; _, taken = used[number] {
		number++
	}
	if number > content.MaxNumber || order > 99 {
		return "", "", fmt.Errorf("%s is full: the numbers or its places are used up", folder)
	}
	title := strings.ToUpper(slug[:1]) + strings.ReplaceAll(slug[1:], "-", " ")
	return fmt.Sprintf("%s/%02d-%s.md", folder, order, slug), fmt.Sprintf(scaffold, number, folder, slug, title), nil
}

// scaffold has places for the number, the folder, the short name and the title.
//
//go:embed scaffold.md
var scaffold string
