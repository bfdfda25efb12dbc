package lint

import (
	"errors"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"example.org/mend/content"
)

// field is a key of the front matter, where its value goes, and what the value looks like.
type field struct {
	key      string
	into     any // *int, *string or *[]string
	wants    string
	optional bool
}

// fields lists the keys in the order in which they are written.
func (d *Draft) fields(role, contact *string) []field {
	list := "a list of ids in brackets, such as [amends.name-the-harm]; an empty list is []"
	return []field{
		{"number", &d.Number, `a whole number from 1 to 511, such as "number: 10"`, false},
		{"id", &d.ID, "an id, such as amends.name-the-harm", false},
		{"title", &d.Title, "a few words on one line; with a mark such as * at its beginning, put quotation marks around it", false},
		{"point", &d.Point, "the advice in one plain sentence", true}, // Lint asks for it, with an example
		{"advice", &d.Advice, "a list of ids in brackets, such as [amends.reflect, amends.love]", false},
		{"role", role, "a word", false},
		{"contact", contact, "a word", false},
		{"minutes", &d.Minutes, `a whole number from 2 to 60, such as "minutes: 10"`, false},
		{"related", &d.Related, list, false},
		{"after", &d.After, list, true},
		{"not_for", &d.NotFor, "one plain sentence", true},
	}
}

// readFrontMatter reads the YAML between the two lines of dashes, which begins in the file's second line.
func (d *Draft) readFrontMatter(text, slug string) {
	var role, contact string
	fields := d.fields(&role, &contact)
	var keys []string
	for _, f := range fields {
		keys = append(keys, f.key)
	}
	values, ok := d.mapping(text)
	if !ok {
		return
	}
	for _, v := range values {
		key, start := v.Key.GetToken().Value, tokenPlace(v.Key)
		i := slices.Index(keys, key)
		if i < 0 {
			d.report(start, "unknown key %q%s", key, orList(key, keys))
			continue
		}
		if d.at[key] != (place{}) {
			d.report(start, "%s stands here a second time: keep one of the two", key)
			continue
		}
		d.at[key] = tokenPlace(v.Value)
		if _, empty := v.Value.(*ast.NullNode); empty {
			d.at[key] = start
			d.report(start, "%s has no value: write one after %q", key, key+": ")
			continue
		}
		if err := yaml.NodeToValue(v.Value, fields[i].into, yaml.Strict()); err != nil {
			d.report(d.at[key], "%s is %s", key, fields[i].wants)
		}
	}
	for _, f := range fields {
		if !f.optional && d.at[f.key] == (place{}) {
			d.report(place{1, 1}, "the front matter has no %s: add a line %q", f.key, f.key+": …")
		}
	}
	d.checkFrontMatter(slug, role, contact)
}

// mapping reads YAML as keys and values. The places of its tokens are those of the text.
func (d *Draft) mapping(text string) ([]*ast.MappingValueNode, bool) {
	file, err := parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.report(d.errorPlace(err), "this is not YAML (%s): write \"key: value\" on each line, and put quotation marks "+
			"around a value that has a colon, a # or brackets in it", reason(err))
		return nil, false
	}
	switch body := file.Docs[0].Body.(type) {
	case *ast.MappingNode:
		return body.Values, true
	}
	d.report(place{2, 1}, `the front matter reads "key: value" on each line, such as "minutes: 10"`)
	return nil, false
}

// tokenPlace is where a node of the front matter stands in the file, whose first line is the dashes.
func tokenPlace(n ast.Node) place {
	at := n.GetToken().Position
	return place{at.Line + 1, at.Column}
}

// errorPlace is where the YAML of the front matter is wrong.
func (d *Draft) errorPlace(err error) place {
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil {
		return place{y.GetToken().Position.Line + 1, y.GetToken().Position.Column}
	}
	return place{1, 1}
}

// reason is what is wrong with YAML, in one line.
func reason(err error) string {
	var y yaml.Error
	if errors.As(err, &y) {
		return y.GetMessage()
	}
	return err.Error()
}

// checkFrontMatter checks what YAML cannot: ranges, known words and the form of ids.
func (d *Draft) checkFrontMatter(slug, role, contact string) {
	has := func(key string) bool { return d.at[key] != (place{}) }
	if has("number") && (d.Number < 1 || d.Number > content.MaxNumber) && !d.hasFindingAt("number") {
		d.report(d.at["number"], "number is a whole number from 1 to %d", content.MaxNumber)
	}
	if has("minutes") && (d.Minutes < 2 || d.Minutes > 60) && !d.hasFindingAt("minutes") {
		d.report(d.at["minutes"], "minutes is a whole number from 2 to 60")
	}
	if has("id") && d.ID != d.Path+"."+slug && !d.hasFindingAt("id") {
		d.report(d.at["id"], "the id of this file is %s.%s; it is %q", d.Path, slug, d.ID)
	}
	d.Role = oneOf(d, "role", role, content.Roles())
	d.Contact = oneOf(d, "contact", contact, content.Contacts())
	if has("advice") && len(d.Advice) == 0 && !d.hasFindingAt("advice") {
		d.report(d.at["advice"], "name at least one id of %s that the card draws on, such as %q", AdviceFile, "advice: [amends.reflect]")
	}
	for key, ids := range map[string][]string{"advice": d.Advice, "related": d.Related, "after": d.After} {
		for i, id := range ids {
			switch {
			case !isID(id):
				d.report(d.at[key], "%s: %q is no id; an id is like amends.name-the-harm", key, id)
			case slices.Contains(ids[:i], id):
				d.report(d.at[key], "%s names %s twice: keep one", key, id)
			}
		}
	}
}

func (d *Draft) hasFindingAt(key string) bool {
	return slices.ContainsFunc(d.findings, func(f Finding) bool { return place{f.Line, f.Column} == d.at[key] || f.Line == d.at[key].line })
}

// oneOf is not a method because methods have no type parameters of their own.
func oneOf[T ~string](d *Draft, key, got string, known []T) T {
	var names []string
	for _, k := range known {
		if string(k) == got {
			return k
		}
		names = append(names, string(k))
	}
	if got != "" {
		d.report(d.at[key], "%s: %q is unknown%s", key, got, orList(got, names))
	}
	return ""
}

// oneLine reports words that fit one line of a letter.
func oneLine(words string) bool { return !strings.ContainsAny(words, "\n*") }
