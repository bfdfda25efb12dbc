// Package lint reads the files of content as editors write them, and says what is wrong with them: with file, line
// and column, and what to write instead. content/README.md describes the files. content/gen makes the Go values of
// package content from what this package reads. No function imports it.
package lint

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.org/mend/content"
)

// Draft is a card's file: the card, what only editors need, and the places that findings point at.
type Draft struct {
	content.Card
	File    string   // below content/
	Advice  []string // ids of advice.txt
	Related []string // ids
	After   []string // ids

	at        map[string]place // of the values of the front matter, by key
	idea      []paragraph
	practice  []paragraph
	questions []paragraph
	findings  []Finding // what keeps it from being a card
	grade     float64   // of reading
}

// hasBody reports whether the parts of the body were found, so that their words can be read.
func (d *Draft) hasBody() bool {
	return len(d.idea) > 0 && len(d.practice) > 0 && len(d.questions) == len(d.Questions)
}

// place is a line and a column, both from 1, the column in characters.
type place struct{ line, column int }

// readAll reads the folders' cards in the order of their names. The error is of fsys itself.
func readAll(fsys fs.FS) ([]*Draft, error) {
	var drafts []*Draft
	for _, folder := range content.Folders() {
		files, err := fs.Glob(fsys, folder+"/*")
		if err != nil {
			return nil, fmt.Errorf("listing the cards of %s: %w", folder, err)
		}
		for _, file := range files {
			if strings.HasPrefix(path.Base(file), ".") {
				continue // what file managers leave behind
			}
			data, err := fs.ReadFile(fsys, file)
			if err != nil {
				return nil, fmt.Errorf("reading a card: %w", err)
			}
			drafts = append(drafts, parse(file, string(data)))
		}
	}
	return drafts, nil
}

// sound separates the drafts that are cards from what is wrong with the others, and finds cards that cannot both be
// in a library.
func sound(drafts []*Draft) ([]*Draft, []Finding) {
	var whole []*Draft
	var findings []Finding
	for _, d := range drafts {
		findings = append(findings, d.findings...)
		if len(d.findings) == 0 {
			whole = append(whole, d)
		}
	}
	return whole, append(findings, clashes(whole)...)
}

// clashes finds numbers and ids that two cards share.
func clashes(drafts []*Draft) []Finding {
	var findings []Finding
	numbers, ids := map[int]*Draft{}, map[string]*Draft{}
	for _, d := range drafts {
		if first := numbers[d.Number]; first != nil {
			findings = append(findings, d.finding(d.at["number"],
				"number %d is that of %s: take the next free one, and never one that another card had", d.Number, first.File))
		} else {
			numbers[d.Number] = d
		}
		if first := ids[d.ID]; first != nil {
			findings = append(findings, d.finding(d.at["id"],
				"id %s is that of %s: rename one of the files, and its id with it", d.ID, first.File))
		} else {
			ids[d.ID] = d
		}
	}
	return findings
}

// parse reads one file. Its findings are what keeps it from being a card at all; how well the card is written is
// for [Lint].
func parse(file, text string) *Draft {
	d := &Draft{File: file, at: map[string]place{}}
	nn, slug, ok := strings.Cut(strings.TrimSuffix(path.Base(file), ".md"), "-")
	if !ok || path.Ext(file) != ".md" || len(nn) != 2 || strings.Trim(nn, "0123456789") != "" || !isSlug(slug) {
		d.report(place{}, "a card's file is named like 07-name-the-harm.md: two digits, a dash, small letters, digits and dashes")
		return d
	}
	if !utf8.ValidString(text) {
		d.report(place{}, "the file is not UTF-8: save it as UTF-8 in your editor")
		return d
	}
	d.Path = path.Dir(file)
	d.Order, _ = strconv.Atoi(nn)
	text = strings.TrimPrefix(text, "\ufeff")
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	end := slices.Index(lines[1:], "---") + 1
	if lines[0] != "---" || end == 0 {
		d.report(place{1, 1}, `the front matter stands between two lines "---", the first at the very top of the file`)
		return d
	}
	d.readFrontMatter(strings.Join(lines[1:end], "\n"), slug)
	d.readBody(lines, end+1)
	return d
}

func (d *Draft) finding(at place, format string, args ...any) Finding {
	return Finding{d.File, at.line, at.column, fmt.Sprintf(format, args...)}
}

func (d *Draft) report(at place, format string, args ...any) {
	d.findings = append(d.findings, d.finding(at, format, args...))
}

// orList suggests the nearest of the known words, or lists them all.
func orList(got string, known []string) string {
	if s := didYouMean(got, known); s != "" {
		return s
	}
	return ": write one of " + strings.Join(known, ", ")
}

// isID reports whether s reads folder.slug.
func isID(s string) bool {
	folder, slug, ok := strings.Cut(s, ".")
	return ok && isSlug(folder) && isSlug(slug)
}

// isSlug reports whether s is small letters and digits with single dashes between them.
func isSlug(s string) bool {
	for i := range len(s) {
		letter := 'a' <= s[i] && s[i] <= 'z' || '0' <= s[i] && s[i] <= '9'
		if !letter && (s[i] != '-' || i == 0 || s[i-1] == '-' || i == len(s)-1) {
			return false
		}
	}
	return s != ""
}
