package lint

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

// PathsFolder has a file for each path: the order of its steps.
const PathsFolder = "paths"

// An arc has three parts of four steps, so that it can look back after four, eight and twelve.
const (
	partsOfArc  = 3
	stepsOfPart = 4
	longestPart = 30 // characters of a part's name
)

// pathFile is content/paths/<path>.yaml.
type pathFile struct {
	*source    `yaml:"-"`
	Path       text       `yaml:"path"`
	BrokeTrust []partFile `yaml:"broke-trust"`
	WasHurt    []partFile `yaml:"was-hurt"`
	Both       []partFile `yaml:"both"`
	Library    []text     `yaml:"library"`
}

type partFile struct {
	Part  text   `yaml:"part"`
	Light text   `yaml:"light"`
	Steps []text `yaml:"steps"`
}

// text is a scalar with its place.
type text struct {
	string
	at place
}

// UnmarshalYAML keeps the place of the scalar.
func (t *text) UnmarshalYAML(n ast.Node) error {
	t.at = placeOf(n)
	return yaml.NodeToValue(n, &t.string)
}

func idsOf(texts []text) []string {
	var all []string
	for _, t := range texts {
		all = append(all, t.string)
	}
	return all
}

func (p pathFile) parts(role mend.Role) []partFile {
	return map[mend.Role][]partFile{mend.BrokeTrust: p.BrokeTrust, mend.WasHurt: p.WasHurt,
		mend.BothSides: p.Both}[role]
}

// readPaths reads the file of each path. A path without a file walks its cards in the
// order of their names.
func (l *linter) readPaths(fsys fs.FS) {
	for _, name := range mend.Paths {
		p := pathFile{source: l.file(PathsFolder + "/" + name + ".yaml")}
		if _, err := fs.Stat(fsys, p.File); errors.Is(err, fs.ErrNotExist) {
			l.missing = append(l.missing, name)
			continue
		}
		ok := p.unmarshal(p.read(fsys), &p, ": a path file has the keys path, library and a list of parts for each "+
			"role; each part has part, light and steps")
		at := place{max(p.Path.at.line, 1), max(p.Path.at.column, 1)}
		p.need(!ok || p.Path.string == name, at, "write \"path: %s\"", name)
		if len(p.faults) == 0 {
			l.pathFiles = append(l.pathFiles, p)
		}
	}
}

// paths checks the order of the steps of each path.
func (l *linter) paths() {
	for _, name := range l.missing {
		l.file(PathsFolder+"/"+name+".yaml").fault(place{}, "the file is missing: write \"path: %s\", the parts "+
			"of the arc for each of %q, and a library", name, content.RolesOf(name))
	}
	for _, p := range l.pathFiles {
		for _, role := range mend.Roles {
			switch parts := p.parts(role); {
			case !slices.Contains(content.RolesOf(p.Path.string), role):
				if len(parts) > 0 {
					p.fault(parts[0].Part.at, "%s is not offered to %s: take this arc out", p.Path.string, role)
				}
			case len(parts) == 0:
				p.fault(place{1, 1}, "the arc for %s is missing: add a line \"%s:\" and its %d parts", role, role,
					partsOfArc)
			default:
				l.arc(p, role, parts)
			}
		}
		for i, id := range p.Library {
			again := l.card(p, id, "library") != nil && slices.Contains(idsOf(p.Library[:i]), id.string)
			p.need(!again, id.at, "library names %s twice: keep one", id.string)
		}
	}
}

// arc checks the twelve steps of one path and role.
func (l *linter) arc(p pathFile, role mend.Role, parts []partFile) {
	p.need(len(parts) == partsOfArc, parts[0].Part.at, "the arc for %s has %d parts: write %d", role, len(parts),
		partsOfArc)
	var steps []text
	for _, part := range parts {
		steps = append(steps, part.Steps...)
	}
	met := map[string]bool{}
	for _, part := range parts {
		name := part.Part.string
		n := utf8.RuneCountInString(name)
		p.need(n > 0 && n <= longestPart && !strings.ContainsAny(name, "\n*"), part.Part.at, "the name of a "+
			"part is one line of at most %d characters, such as \"The first weeks\"", longestPart)
		p.need(len(part.Steps) == stepsOfPart, part.Part.at, "the part %q of %s has %d steps: write %d", name,
			role, len(part.Steps), stepsOfPart)
		if part.Light.string == "" {
			p.fault(part.Part.at, "the part %q of %s has no light card: add a line \"light: keep.…\"", name, role)
		} else if c := l.card(p, part.Light, "light"); c != nil {
			p.need(!slices.Contains(idsOf(steps), c.ID), part.Light.at, "%s is a step of this arc: choose a "+
				"light card that is none", c.ID)
			fits := c.Contact == content.None && (c.Role == mend.BothSides || c.Role == role)
			p.need(fits, part.Light.at, "%s cannot be a light card here: choose one with contact none that "+
				"is for %s or both", c.ID, role)
		}
	}
	for i, step := range steps {
		c := l.card(p, step, "steps")
		if c == nil {
			continue
		}
		before := idsOf(steps[:i])
		switch {
		case slices.Contains(before, c.ID):
			p.fault(step.at, "%s is a step of this arc already: choose another card", c.ID)
		case role != mend.BothSides && c.Role != mend.BothSides && c.Role != role:
			p.fault(step.at, "%s is for %s: choose a card for %s or both", c.ID, c.Role, role)
		case p.Path.string == mend.Apart && c.Contact != content.None:
			p.fault(step.at, "%s reaches the other person: %s has only cards with contact none", c.ID, mend.Apart)
		}
		for _, id := range c.After {
			p.need(l.byID[id] == nil || slices.Contains(before, id), step.at, "%s comes after %s: put %s "+
				"before it in this arc, or take it out of the card's after", c.ID, id, id)
		}
		for _, a := range c.Advice {
			met[a] = true
		}
	}
	for _, a := range l.advice {
		p.need(met[a.ID] || !strings.HasPrefix(a.ID, p.Path.string+"."), parts[0].Part.at, "the arc for %s "+
			"does not meet %s (%s): make a card that draws on it one of the twelve steps", role, a.ID, a.Point)
	}
}

// card is the card that a path file names. It is nil, with a finding, if there is none; and nil if
// the card's own file has a fault, which is a finding already.
func (l *linter) card(p pathFile, id text, key string) *Draft {
	d := l.byID[id.string]
	if d == nil && !l.named[id.string] {
		p.fault(id.at, "%s: there is no card %q%s", key, id.string, DidYouMean(id.string, l.ids()))
	}
	return d
}

// prerequisites finds cards of "after" that are not there, and circles.
func (l *linter) prerequisites() {
	for _, d := range l.drafts {
		for _, id := range d.After {
			if !l.named[id] {
				d.fault(d.at["after"], "after: there is no card %q%s", id, DidYouMean(id, l.ids()))
			}
		}
		if circle := l.circle([]string{d.ID}, map[string]bool{}); circle != nil {
			d.fault(d.at["after"], "%s: each of these cards waits for the next. Take one id out of an \"after\"",
				strings.Join(circle, " → "))
		}
	}
}

// circle is a way over prerequisites that ends where it began, if there is one. It
// tries no card twice.
func (l *linter) circle(way []string, tried map[string]bool) []string {
	d := l.byID[way[len(way)-1]]
	if d == nil {
		return nil
	}
	for _, id := range d.After {
		on := append(slices.Clone(way), id)
		if id == way[0] {
			return on
		}
		if tried[id] {
			continue
		}
		tried[id] = true
		if found := l.circle(on, tried); found != nil {
			return found
		}
	}
	return nil
}
