package lint

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

// Draft is a card's file: the card, what only editors need, and the places that findings point at.
type Draft struct {
	*source // its keys are those of the front matter; its faults, once it is read, keep it from being a card
	content.Card
	slug    string   // the short name in the file's name
	Advice  []string // ids of advice.txt
	Related []string // ids
	After   []string // ids

	idea      []paragraph
	practice  []paragraph
	questions []paragraph
	grade     float64 // of reading, in school years
}

const (
	practiceHeading  = "## Practice"
	questionsHeading = "## Questions"
)

// parse reads one file. Its faults are what keeps it from being a card. How well it is
// written is for [Lint].
func parse(file *source, text string) *Draft {
	d := &Draft{source: file, Card: content.Card{Path: path.Dir(file.File)}}
	name := cardName.FindStringSubmatch(path.Base(file.File))
	d.need(name != nil, place{}, "a card's file is named like 07-name-the-harm.md: two digits, a dash, small "+
		"letters, digits and dashes")
	if len(d.faults) > 0 { // or it could not be read
		return d
	}
	d.Order, _ = strconv.Atoi(name[1])
	d.slug = name[2]
	lines, end := linesOf(text)
	if end == 0 {
		d.fault(place{1, 1}, noFrontMatter)
		return d
	}
	d.readFrontMatter(strings.Join(lines[:end], "\n"))
	d.readBody(lines, end+1)
	return d
}

const noFrontMatter = `the front matter stands between two lines "---", the first at the very top of the file`

// linesOf splits a file into lines. The front matter ends before lines[end]; end is 0 if there is
// none.
func linesOf(text string) (lines []string, end int) {
	lines = strings.Split(strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n"), "\n")
	if lines[0] == "---" {
		end = slices.Index(lines[1:], "---") + 1
	}
	return lines, end
}

// readFrontMatter reads the YAML below the first line of dashes, which to YAML is the beginning of
// a document.
func (d *Draft) readFrontMatter(text string) {
	const ids = "a list of ids in brackets, such as [amends.name-the-harm]; an empty list is []"
	fields := []struct {
		key   string
		into  any
		wants string
	}{
		{"number", &d.Number, `a whole number from 1 to 511, such as "number: 10"`},
		{"id", &d.ID, "an id, such as amends.name-the-harm"},
		{"title", &d.Title, "a few words on one line; with a mark such as * at its beginning, put quotation marks " +
			"around it"},
		{"advice", &d.Advice, "a list of ids in brackets, such as [amends.reflect, amends.love]"},
		{"role", (*string)(&d.Role), "a word"},
		{"contact", (*string)(&d.Contact), "a word"},
		{"minutes", &d.Minutes, `a whole number from 2 to 60, such as "minutes: 10"`},
		{"related", &d.Related, ids},
		// These may be missing. For the point, Lint asks with an example.
		{"point", &d.Point, "the advice in one plain sentence"},
		{"after", &d.After, ids},
		{"not_for", &d.NotFor, "one plain sentence"},
	}
	const needed = 8
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	values := d.keys(text, "write \"key: value\" on each line, and put quotation marks around a value that "+
		"has a colon, a # or brackets in it", parser.AllowDuplicateMapKey())
	if len(d.faults) > 0 {
		return
	}
	for _, v := range values {
		key, start := v.Key.GetToken().Value, placeOf(v.Key)
		i := slices.Index(keys, key)
		_, empty := v.Value.(*ast.NullNode)
		switch {
		case i < 0:
			d.fault(start, "unknown key %q%s", key, orList(key, keys))
			continue
		case d.at[key] != place{}:
			d.fault(start, "%s stands here a second time: keep one of the two", key)
			continue
		case empty:
			d.at[key] = start
			d.fault(start, "%s has no value: write one after %q", key, key+": ")
			continue
		}
		d.at[key] = placeOf(v.Value)
		err := withoutPanic(func() error { return yaml.NodeToValue(v.Value, fields[i].into, yaml.Strict()) })
		d.need(err == nil, d.at[key], "%s is %s", key, fields[i].wants)
	}
	for _, key := range keys[:needed] {
		if d.at[key] == (place{}) {
			d.fault(place{1, 1}, "the front matter has no %s: add a line %q", key, key+": …")
		}
	}
	if len(d.faults) == 0 {
		d.checkFrontMatter()
	}
}

// checkFrontMatter checks what YAML cannot: ranges, known words and the form of ids.
func (d *Draft) checkFrontMatter() {
	d.need(d.Number >= 1 && d.Number <= content.MaxNumber, d.at["number"], "number is a whole number from 1 to %d",
		content.MaxNumber)
	d.need(d.Minutes >= 2 && d.Minutes <= 60, d.at["minutes"], "minutes is a whole number from 2 to 60")
	d.need(d.ID == d.Path+"."+d.slug, d.at["id"], "the id of this file is %s.%s; it is %q", d.Path, d.slug, d.ID)
	d.need(slices.Contains(mend.Roles, d.Role), d.at["role"], "role: %q is unknown%s", d.Role,
		orList(d.Role, mend.Roles))
	d.need(slices.Contains(content.Contacts(), d.Contact), d.at["contact"], "contact: %q is unknown%s", d.Contact,
		orList(d.Contact, content.Contacts()))
	for key, ids := range map[string][]string{"advice": d.Advice, "related": d.Related, "after": d.After} {
		for i, id := range ids {
			d.need(isID(id), d.at[key], "%s: %q is no id; an id is like amends.name-the-harm", key, id)
			d.need(!slices.Contains(ids[:i], id), d.at[key], "%s names %s twice: keep one", key, id)
		}
	}
}

// keys reads YAML that is keys with values. If it isn't, that is a fault, which ends with a hint.
func (s *source) keys(text, hint string, options ...parser.Option) []*ast.MappingValueNode {
	file, err := parser.ParseBytes([]byte(text), 0, options...)
	if err == nil {
		if keys, ok := file.Docs[0].Body.(*ast.MappingNode); ok {
			return keys.Values
		}
		err = errors.New("it has no keys")
	}
	at, reason := yamlFault(err)
	s.fault(at, "this is not YAML (%s): %s", reason, hint)
	return nil
}

// unmarshal reads YAML that has no key but those of v. If it isn't, that is a fault, which ends
// with a hint.
func (s *source) unmarshal(text string, v any, hint string) (ok bool) {
	err := withoutPanic(func() error { return yaml.UnmarshalWithOptions([]byte(text), v, yaml.Strict()) })
	if err != nil {
		at, reason := yamlFault(err)
		s.fault(at, "%s%s", reason, hint)
	}
	return err == nil
}

// withoutPanic is for a "!" in place of a list, which makes goccy/go-yaml panic.
func withoutPanic(decode func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New(`a "!" stands where a list should`)
		}
	}()
	return decode()
}

// yamlFault is where YAML is wrong, and why, in one line.
func yamlFault(err error) (place, string) {
	var y yaml.Error
	if !errors.As(err, &y) || y.GetToken() == nil {
		return place{1, 1}, err.Error()
	}
	at := y.GetToken().Position
	return place{at.Line, at.Column}, y.GetMessage()
}

// placeOf is where a node stands in its YAML.
func placeOf(n ast.Node) place {
	at := n.GetToken().Position
	return place{at.Line, at.Column}
}

// readBody reads lines from an index on: the idea, and under their headings the
// practice and the questions.
func (d *Draft) readBody(lines []string, from int) {
	headings, found := []string{practiceHeading, questionsHeading}, []int{}
	for i, line := range lines[from:] {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		if line = strings.TrimRight(line, " "); len(found) < 2 && line == headings[len(found)] {
			found = append(found, from+i)
			continue
		}
		d.fault(place{from + i + 1, 1}, "a card has two headings, %q and then %q, once each; this line is %q",
			practiceHeading, questionsHeading, line)
	}
	if len(found) < 2 {
		d.fault(place{len(lines), 1}, "after the idea come %q with the practice and %q with three numbered questions",
			practiceHeading, questionsHeading)
		return
	}
	d.idea = paragraphs(lines, from, found[0])
	d.practice = paragraphs(lines, found[0]+1, found[1])
	d.Idea, d.Practice = texts(d.idea), texts(d.practice)
	if len(d.idea) == 0 {
		d.fault(place{from + 1, 1}, "the idea is missing: write it between the front matter and %q", practiceHeading)
	}
	if len(d.practice) == 0 {
		d.fault(place{found[0] + 1, 1}, "the practice is missing: write it below this heading")
	}
	d.readQuestions(lines, found[1]+1)
}

// readQuestions wants "1. ", "2. " and "3. ", each with any number of further lines.
func (d *Draft) readQuestions(lines []string, from int) {
	for i := from; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		n := len(d.questions)
		asks, numbered := strings.CutPrefix(line, string(rune('1'+n))+". ")
		switch {
		case line == "":
		case numbered && n < 3:
			d.questions = append(d.questions, paragraph{asks, []int{0}, place{i + 1, 4}})
		case n == 0 || lines[i-1] == "" || line[0] >= '0' && line[0] <= '9':
			d.fault(place{i + 1, 1}, `the questions are three, numbered "1. ", "2. " and "3. " at the beginnings `+
				`of lines`)
			return
		default:
			d.questions[n-1].add(" ", line)
		}
	}
	if len(d.questions) < 3 {
		d.fault(place{from, 1}, "there are %d questions here: write three, one for each letter of the week",
			len(d.questions))
		return
	}
	copy(d.Questions[:], texts(d.questions))
}

func (d *Draft) prose() []paragraph { return slices.Concat(d.idea, d.practice, d.questions) }

// paragraph is a paragraph or a list of the body, without its soft line breaks.
type paragraph struct {
	text   string
	starts []int // where in text each line of the file begins
	first  place // of the first line
}

// at is the place of a byte of the paragraph's text.
func (p paragraph) at(offset int) place {
	i, starts := slices.BinarySearch(p.starts, offset)
	if !starts {
		i--
	}
	n := utf8.RuneCountInString(p.text[p.starts[i]:offset])
	if i == 0 {
		return place{p.first.line, p.first.column + n}
	}
	return place{p.first.line + i, 1 + n}
}

func (p *paragraph) add(separator, line string) {
	p.starts = append(p.starts, len(p.text)+len(separator))
	p.text += separator + line
}

// paragraphs reads what blank lines separate in lines[from:to].
func paragraphs(lines []string, from, to int) []paragraph {
	var found []paragraph
	inside := false
	for i := from; i < to; i++ {
		line := strings.TrimSpace(lines[i])
		switch last := len(found) - 1; {
		case line == "":
		case !inside:
			found = append(found, paragraph{line, []int{0}, place{i + 1, 1}})
		case strings.HasPrefix(line, "- "):
			found[last].add("\n", line)
		default:
			found[last].add(" ", line)
		}
		inside = line != ""
	}
	return found
}

func texts(paragraphs []paragraph) []string {
	var all []string
	for _, p := range paragraphs {
		all = append(all, p.text)
	}
	return all
}

// A slug is small letters and digits with single dashes between them.
const slug = `[a-z0-9]+(?:-[a-z0-9]+)*`

var (
	isSlug   = regexp.MustCompile(`^` + slug + `$`).MatchString
	isID     = regexp.MustCompile(`^` + slug + `\.` + slug + `$`).MatchString // folder.slug
	cardName = regexp.MustCompile(`^(\d\d)-(` + slug + `)\.md$`)
)
