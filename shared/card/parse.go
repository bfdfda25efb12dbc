package card

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// draft is a card as it was read, with the places that findings point at.
type draft struct {
	Card
	file      string
	at        map[string]place // of the values of the front matter, by key
	idea      []paragraph
	practice  []paragraph
	questions []paragraph
	findings  []Finding // what keeps it from being a card
}

// hasBody reports whether the parts of the body were found, so that their words can be read.
func (d *draft) hasBody() bool {
	return len(d.idea) > 0 && len(d.practice) > 0 && len(d.questions) == len(d.Questions)
}

// place is a line and a column, both from 1, the column in characters.
type place struct{ line, column int }

// readAll reads the folders' cards in the order of their names. The error is of fsys itself.
func readAll(fsys fs.FS) ([]*draft, error) {
	var drafts []*draft
	for _, folder := range Folders() {
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

// sound tells the drafts that are cards from what is wrong with the others, and
// with those that cannot both be in a library.
func sound(drafts []*draft) ([]*draft, []Finding) {
	var whole []*draft
	var findings []Finding
	for _, d := range drafts {
		findings = append(findings, d.findings...)
		if len(d.findings) == 0 {
			whole = append(whole, d)
		}
	}
	return whole, append(findings, clashes(whole)...)
}

// clashes finds what two whole cards may not share, because the library could not tell them apart.
func clashes(drafts []*draft) []Finding {
	var findings []Finding
	numbers, ids := map[int]*draft{}, map[string]*draft{}
	for _, d := range drafts {
		if first := numbers[d.Number]; first != nil {
			findings = append(findings, d.finding(d.at["number"], "number %d is that of %s: take the next free one, and never one that another card had", d.Number, first.file))
		} else {
			numbers[d.Number] = d
		}
		if first := ids[d.ID]; first != nil {
			findings = append(findings, d.finding(d.at["id"], "id %s is that of %s: rename one of the files, and its id with it", d.ID, first.file))
		} else {
			ids[d.ID] = d
		}
	}
	return findings
}

// parse reads one file. Its findings are what keeps it from being a card at
// all; how well the card is written is for Lint.
func parse(file, text string) *draft {
	d := &draft{file: file, at: make(map[string]place, len(keys))}
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
	d.readFrontMatter(lines[1:end], slug)
	d.readBody(lines, end+1)
	return d
}

func (d *draft) finding(at place, format string, args ...any) Finding {
	return Finding{d.file, at.line, at.column, fmt.Sprintf(format, args...)}
}

func (d *draft) report(at place, format string, args ...any) {
	d.findings = append(d.findings, d.finding(at, format, args...))
}

// keys of the front matter, in the order in which they are written. All must be there.
var keys = []string{"number", "id", "title", "stage", "advice", "role", "contact", "minutes", "related"}

func (d *draft) readFrontMatter(lines []string, slug string) {
	for i, line := range lines {
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		start := place{i + 2, 1}
		switch {
		case !ok || strings.TrimSpace(key) != key || value != "" && value[0] != ' ':
			d.report(start, `a line of the front matter reads "key: value"; a list stands on one line, such as "related: [amends.reflect]"`)
			continue
		case !slices.Contains(keys, key):
			d.report(start, "unknown key %q%s", key, orList(key, keys))
			continue
		case d.at[key] != place{}:
			d.report(start, "%s stands here a second time: keep one of the two", key)
			continue
		}
		trimmed := strings.TrimLeft(value, " ")
		d.at[key] = place{i + 2, utf8.RuneCountInString(line[:len(line)-len(trimmed)]) + 1}
		d.setValue(key, trimmed)
	}
	for _, key := range keys {
		if d.at[key] == (place{}) {
			d.report(place{1, 1}, "the front matter has no %s: add a line %q", key, key+": …")
		}
	}
	if d.at["id"] != (place{}) && d.ID != d.Path+"."+slug {
		d.report(d.at["id"], "the id of this file is %s.%s; it is %q", d.Path, slug, d.ID)
	}
	if d.Path == Shared && d.Stage != Keep && d.Stage != "" {
		d.report(d.at["stage"], "the cards of %s are shared by all paths in their last stage: write keep", Shared)
	}
}

// setValue reads what follows "key: ".
func (d *draft) setValue(key, value string) {
	at := d.at[key]
	switch key {
	case "number":
		d.Number = d.readInt(key, value, 1, MaxNumber)
		if r := numberRanges[d.Path]; d.Number > 0 && d.Number < overflow && (d.Number < r.first || d.Number > r.last) {
			d.report(at, "the cards of %s have the numbers %d to %d, and from %d when these are used up", d.Path, r.first, r.last, overflow)
		}
	case "minutes":
		d.Minutes = d.readInt(key, value, 2, 60)
	case "advice", "related":
		ids := d.readList(key, value)
		if key == "advice" {
			d.Advice = ids
		} else {
			d.Related = ids
		}
	case "id":
		d.ID = d.readScalar(key, value)
	case "title":
		d.Title = d.readScalar(key, value)
	case "stage":
		d.Stage = oneOf(d, key, value, Stages())
	case "role":
		d.Role = oneOf(d, key, value, Roles())
	case "contact":
		d.Contact = oneOf(d, key, value, Contacts())
	}
}

// numberRanges gives each folder sixty numbers, so that people who add cards at the same
// time do not take the same one. From overflow on, numbers are for whoever comes first.
var numberRanges = map[string]struct{ first, last int }{
	"amends": {1, 60}, "together": {61, 120}, "betrayal": {121, 180}, "foundations": {181, 240}, Apart: {241, 300}, Shared: {301, 360},
}

const overflow = 361

func (d *draft) readInt(key, value string, least, most int) int {
	n, err := strconv.Atoi(d.readScalar(key, value))
	if err != nil || n < least || n > most {
		d.report(d.at[key], "%s is a whole number from %d to %d, such as %q", key, least, most, fmt.Sprintf("%s: %d", key, max(least, 10)))
		return 0
	}
	return n
}

// oneOf is not a method because methods have no type parameters of their own.
func oneOf[T ~string](d *draft, key, value string, known []T) T {
	got := d.readScalar(key, value)
	var names []string
	for _, k := range known {
		if string(k) == got {
			return k
		}
		names = append(names, string(k))
	}
	if got != "" { // else readScalar has said so
		d.report(d.at[key], "%s: %q is unknown%s", key, got, orList(got, names))
	}
	return ""
}

// orList suggests the nearest of the known words, or lists them all.
func orList(got string, known []string) string {
	if s := didYouMean(got, known); s != "" {
		return s
	}
	return ": write one of " + strings.Join(known, ", ")
}

// readScalar reads a plain or quoted scalar (YAML 1.2.2 sections 7.3.1 to 7.3.3) of one line, without escapes.
func (d *draft) readScalar(key, value string) string {
	if value != "" && (value[0] == '"' || value[0] == '\'') {
		inside, rest, closed := strings.Cut(value[1:], value[:1])
		if rest = uncomment(rest); !closed || rest != "" || strings.Contains(inside, `\`) {
			d.report(d.at[key], "%s: one pair of quotation marks around the whole, and neither the same mark nor \\ inside it", key)
			return ""
		}
		return inside
	}
	value = uncomment(value)
	switch {
	case value == "":
		d.report(d.at[key], "%s has no value: write one after %q", key, key+": ")
		return ""
	case strings.ContainsRune("[]{}&*!|>%@`,#?-:", rune(value[0])) || strings.Contains(value, ": ") || strings.HasSuffix(value, ":"):
		d.report(d.at[key], "%s: put quotation marks around the whole, such as %s: \"%s\"", key, key, value)
		return ""
	}
	return value
}

// readList reads a flow sequence (YAML 1.2.2 section 7.4.1) of ids on one line.
func (d *draft) readList(key, value string) []string {
	value = uncomment(value)
	inside, ok := strings.CutPrefix(value, "[")
	inside, ok2 := strings.CutSuffix(inside, "]")
	if !ok || !ok2 {
		d.report(d.at[key], "%s is a list in brackets on one line, such as %q; an empty list is []", key, key+": [amends.reflect, amends.love]")
		return nil
	}
	if strings.TrimSpace(inside) == "" {
		if key == "advice" {
			d.report(d.at[key], "name at least one id of advice.txt that the card draws on, such as %q", "advice: [amends.reflect]")
		}
		return nil
	}
	var ids []string
	for id := range strings.SplitSeq(inside, ",") {
		id = strings.TrimSpace(id)
		switch {
		case !isID(id):
			d.report(d.at[key], "%s: %q is no id; an id is like amends.name-the-harm", key, id)
		case slices.Contains(ids, id):
			d.report(d.at[key], "%s names %s twice: keep one", key, id)
		default:
			ids = append(ids, id)
		}
	}
	return ids
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

// uncomment takes off a comment (YAML 1.2.2 section 6.6: a # after white space) and spaces at the end.
func uncomment(value string) string {
	if strings.HasPrefix(value, "#") {
		return ""
	}
	value, _, _ = strings.Cut(value, " #")
	return strings.TrimRight(value, " ")
}
