package lint

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"example.org/mend/content"
)

// PathsFolder has a file for each path: the order of its steps.
const PathsFolder = "paths"

// An arc has three parts of four steps, so that it can look back after four, eight and twelve.
const (
	partsOfArc   = 3
	stepsOfPart  = 4
	longestTitle = 30 // characters of a part's name
)

// pathFile is content/paths/<path>.yaml.
type pathFile struct {
	Path       text       `yaml:"path"`
	BrokeTrust []partFile `yaml:"broke-trust"`
	WasHurt    []partFile `yaml:"was-hurt"`
	Both       []partFile `yaml:"both"`
	Library    []text     `yaml:"library"`

	file string
}

type partFile struct {
	Part  text   `yaml:"part"`
	Light text   `yaml:"light"`
	Steps []text `yaml:"steps"`
}

func (p partFile) has(id string) bool {
	return slices.ContainsFunc(p.Steps, func(t text) bool { return t.string == id })
}

// text is a scalar with its place.
type text struct {
	string
	at place
}

// UnmarshalYAML keeps the place of the scalar.
func (t *text) UnmarshalYAML(n ast.Node) error {
	position := n.GetToken().Position
	t.at = place{position.Line, position.Column}
	return yaml.NodeToValue(n, &t.string)
}

func (p pathFile) parts(role content.Role) []partFile {
	switch role {
	case content.BrokeTrust:
		return p.BrokeTrust
	case content.WasHurt:
		return p.WasHurt
	}
	return p.Both
}

// readPaths reads the file of each path. A path without a file walks its cards in the order of their names.
func readPaths(fsys fs.FS) ([]pathFile, []Finding) {
	var all []pathFile
	var findings []Finding
	for _, name := range content.Paths() {
		p := pathFile{file: PathsFolder + "/" + name + ".yaml"}
		raw, err := fs.ReadFile(fsys, p.file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = yaml.UnmarshalWithOptions(raw, &p, yaml.Strict())
		}
		var y yaml.Error
		switch {
		case errors.As(err, &y) && y.GetToken() != nil:
			at := y.GetToken().Position
			findings = append(findings, Finding{p.file, at.Line, at.Column, y.GetMessage() +
				": a path file has the keys path, library and a list of parts for each role; each part has part, light and steps"})
		case err != nil:
			findings = append(findings, Finding{File: p.file, Message: err.Error()})
		case p.Path.string != name:
			findings = append(findings, Finding{p.file, max(p.Path.at.line, 1), max(p.Path.at.column, 1), fmt.Sprintf("write \"path: %s\"", name)})
		default:
			all = append(all, p)
		}
	}
	return all, findings
}

// paths checks the order of the steps of each path.
func (l *linter) paths() {
	for _, name := range content.Paths() {
		if !slices.ContainsFunc(l.pathFiles, func(p pathFile) bool { return p.Path.string == name }) && !l.broken(name) {
			l.findings = append(l.findings, Finding{File: PathsFolder + "/" + name + ".yaml", Message: fmt.Sprintf(
				"the file is missing: write \"path: %s\", the parts of the arc for each of %q, and a library", name, content.RolesOf(name))})
		}
	}
	for _, p := range l.pathFiles {
		for _, role := range content.Roles() {
			switch parts := p.parts(role); {
			case !slices.Contains(content.RolesOf(p.Path.string), role):
				if len(parts) > 0 {
					l.at(p.file, parts[0].Part.at, "%s is not offered to %s: take this arc out", p.Path.string, role)
				}
			case len(parts) == 0:
				l.at(p.file, place{1, 1}, "the arc for %s is missing: add a line \"%s:\" and its %d parts", role, role, partsOfArc)
			default:
				l.arc(p, role, parts)
			}
		}
		for i, id := range p.Library {
			if l.known(p.file, id, "library") && slices.ContainsFunc(p.Library[:i], func(t text) bool { return t.string == id.string }) {
				l.at(p.file, id.at, "library names %s twice: keep one", id.string)
			}
		}
	}
}

// broken reports a path file that is there and cannot be read, of which a finding says so.
func (l *linter) broken(path string) bool {
	return slices.Contains(l.unreadable, PathsFolder+"/"+path+".yaml")
}

// arc checks the twelve steps of one path and role.
func (l *linter) arc(p pathFile, role content.Role, parts []partFile) {
	path := p.Path.string
	if len(parts) != partsOfArc {
		l.at(p.file, parts[0].Part.at, "the arc for %s has %d parts: write %d", role, len(parts), partsOfArc)
	}
	met := map[string]bool{}
	var before []string
	for _, part := range parts {
		if n := len([]rune(part.Part.string)); n == 0 || n > longestTitle || !oneLine(part.Part.string) {
			l.at(p.file, part.Part.at, "the name of a part is one line of at most %d characters, such as \"The first weeks\"", longestTitle)
		}
		if len(part.Steps) != stepsOfPart {
			l.at(p.file, part.Part.at, "the part %q of %s has %d steps: write %d", part.Part.string, role, len(part.Steps), stepsOfPart)
		}
		if part.Light.string == "" {
			l.at(p.file, part.Part.at, "the part %q of %s has no light card: add a line \"light: keep.…\"", part.Part.string, role)
		} else if l.known(p.file, part.Light, "light") {
			if slices.ContainsFunc(parts, func(p partFile) bool { return p.has(part.Light.string) }) {
				l.at(p.file, part.Light.at, "%s is a step of this arc: choose a light card that is none", part.Light.string)
			}
			if c := l.byID[part.Light.string]; c.Contact != content.None || c.Role != content.Both && c.Role != role {
				l.at(p.file, part.Light.at, "%s cannot be a light card here: choose one with contact none that is for %s or both", c.ID, role)
			}
		}
		for _, step := range part.Steps {
			if !l.known(p.file, step, "steps") {
				continue
			}
			c := l.byID[step.string]
			switch {
			case slices.Contains(before, c.ID):
				l.at(p.file, step.at, "%s is a step of this arc already: choose another card", c.ID)
			case role != content.Both && c.Role != content.Both && c.Role != role:
				l.at(p.file, step.at, "%s is for %s: choose a card for %s or both", c.ID, c.Role, role)
			case path == content.Apart && c.Contact != content.None:
				l.at(p.file, step.at, "%s reaches the other person: %s has only cards with contact none", c.ID, content.Apart)
			}
			for _, id := range c.After {
				if l.byID[id] != nil && !slices.Contains(before, id) {
					l.at(p.file, step.at, "%s comes after %s: put %s before it in this arc, or take it out of the card's after", c.ID, id, id)
				}
			}
			before = append(before, c.ID)
			for _, a := range c.Advice {
				met[a] = true
			}
		}
	}
	for _, a := range l.advice {
		if strings.HasPrefix(a.ID, path+".") && !met[a.ID] {
			l.at(p.file, parts[0].Part.at, "the arc for %s does not meet %s (%s): make a card that draws on it one of the twelve steps", role, a.ID, a.Point)
		}
	}
}

// known reports whether there is a card of an id, and finds those that are not there.
func (l *linter) known(file string, id text, key string) bool {
	if l.byID[id.string] != nil {
		return true
	}
	l.at(file, id.at, "%s: there is no card %q%s", key, id.string, didYouMean(id.string, l.ids))
	return false
}

// prerequisites finds cards of "after" that are not there, and circles.
func (l *linter) prerequisites() {
	for _, d := range l.drafts {
		for _, id := range d.After {
			if l.byID[id] == nil {
				l.report(d, d.at["after"], "after: there is no card %q%s", id, didYouMean(id, l.ids))
			}
		}
		if circle := l.circle(d.ID, d.ID, nil); circle != nil {
			l.report(d, d.at["after"], "%s: each of these cards waits for the next. Take one id out of an \"after\"", strings.Join(circle, " → "))
		}
	}
}

// circle is a way from a card over its prerequisites back to the goal, if there is one.
func (l *linter) circle(from, goal string, way []string) []string {
	way = append(way, from)
	d := l.byID[from]
	if d == nil || len(way) > len(l.drafts) {
		return nil
	}
	for _, id := range d.After {
		if id == goal {
			return append(way, goal)
		}
		if !slices.Contains(way, id) {
			if found := l.circle(id, goal, way); found != nil {
				return found
			}
		}
	}
	return nil
}

// path makes the value that the functions get. Ids that no card has are left out.
func (p pathFile) path(number func(id string) int) content.Path {
	numbers := func(ids []text) []int {
		var all []int
		for _, id := range ids {
			if n := number(id.string); n > 0 {
				all = append(all, n)
			}
		}
		return all
	}
	made := content.Path{Name: p.Path.string, Library: numbers(p.Library)}
	for _, role := range content.RolesOf(made.Name) {
		arc := content.Arc{Role: role}
		for _, part := range p.parts(role) {
			arc.Parts = append(arc.Parts, content.Part{Name: part.Part.string, Light: number(part.Light.string), Steps: numbers(part.Steps)})
		}
		if len(arc.Parts) > 0 {
			made.Arcs = append(made.Arcs, arc)
		}
	}
	return made
}
