package mutants

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is one change of one file: the bytes from start to end become text.
type mutant struct {
	name, file string
	start, end int
	text       string
	// what fails in its worlds, how often, how many live there, as package worlds takes
	// it; nil: as usual
	worlds []string
}

// directive is one comment "//mutant:VERB REST" and the line that it speaks of: its own, or the
// next one where it stands alone.
type directive struct {
	verb, rest string
	line       int
	used       bool
}

// conditions is the folder in which every test of every condition is taken away, marked or not.
const conditions = "shared/store"

// find reads the Go files below root/shared and lists their mutants.
func find(root string) ([]mutant, error) {
	var all []mutant
	err := filepath.WalkDir(filepath.Join(root, "shared"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found, err := findIn(filepath.ToSlash(file), source)
		all = append(all, found...)
		return err
	})
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, m := range all {
		if names[m.name] {
			return nil, fmt.Errorf("two mutants are named %q", m.name)
		}
		names[m.name] = true
	}
	return all, nil
}

// findIn lists the mutants of one file.
func findIn(file string, source []byte) ([]mutant, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	f := finder{file: file, source: source, set: set}
	for _, group := range tree.Comments {
		for _, c := range group.List {
			f.note(c)
		}
	}
	for _, d := range tree.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			f.function = strings.TrimPrefix(filepath.ToSlash(filepath.Dir(file)), "shared/") + "." + fn.Name.Name
			ast.Inspect(fn, f.visit)
		}
	}
	for _, d := range f.directives {
		if !d.used && f.err == nil {
			f.err = fmt.Errorf("%s:%d: nothing here for //mutant:%s %s", file, d.line, d.verb, d.rest)
		}
	}
	return f.mutants, f.err
}

type finder struct {
	file       string
	source     []byte
	set        *token.FileSet
	function   string // package and name of the function that is read
	directives []*directive
	mutants    []mutant
	err        error
}

func (f *finder) note(c *ast.Comment) {
	text, ok := strings.CutPrefix(c.Text, "//mutant:")
	if !ok {
		return
	}
	at := f.set.Position(c.Pos())
	line := at.Line
	if before := f.source[at.Offset-at.Column+1 : at.Offset]; len(strings.TrimSpace(string(before))) == 0 {
		line = f.nextCode(line)
	}
	verb, rest, _ := strings.Cut(text, " ")
	f.directives = append(f.directives, &directive{verb: verb, rest: strings.TrimSpace(rest), line: line})
}

// nextCode is the next line that is not a comment alone.
func (f *finder) nextCode(line int) int {
	lines := strings.Split(string(f.source), "\n")
	for line < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[line]), "//") {
		line++
	}
	return line + 1
}

func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CompositeLit:
		kind, ok := n.Type.(*ast.Ident)
		if ok && kind.Name == "Condition" && strings.HasPrefix(f.file, conditions+"/") {
			f.condition(n)
		}
	case *ast.CaseClause:
		f.marked(n, n.List)
	case *ast.IfStmt:
		f.marked(n, []ast.Expr{n.Cond})
	case ast.Stmt:
		f.marked(n, nil)
	}
	return true
}

// alwaysTrue is a test that holds for every item and for none.
const alwaysTrue = `{"mutant", Missing, nil}`

// condition takes each of a condition's tests away, but for those that the code says are kept.
func (f *finder) condition(n *ast.CompositeLit) {
	line := f.set.Position(n.Pos()).Line
	for _, test := range n.Elts {
		lit, ok := test.(*ast.CompositeLit)
		if !ok || len(lit.Elts) == 0 {
			continue
		}
		attr := strings.Trim(f.text(lit.Elts[0]), `"`)
		if f.take(line, "kept", attr) != nil {
			continue
		}
		m := mutant{name: f.function + ": " + attr, file: f.file, text: alwaysTrue}
		if is := f.text(lit.Elts[1]); is == "Missing" || is == "Exists" {
			m.name = f.function + ": " + strings.ToLower(is)
		}
		if slices.ContainsFunc(f.mutants, func(o mutant) bool { return o.name == m.name }) {
			m.name = fmt.Sprintf("%s, line %d", m.name, line)
		}
		m.start, m.end = f.offset(lit.Pos()), f.offset(lit.End())
		if d := f.take(line, "worlds", attr); d != nil {
			m.worlds = strings.Fields(d.rest)[1:]
		}
		f.mutants = append(f.mutants, m)
	}
}

// marked makes the mutants that a statement's directives name: "drop" leaves the statement out,
// "never" and "always" make its condition, or an operand of it, false or true.
func (f *finder) marked(n ast.Node, conditions []ast.Expr) {
	line := f.set.Position(n.Pos()).Line
	for _, d := range f.directives {
		verb, operand, _ := strings.Cut(strings.TrimSuffix(d.verb, "]"), "[")
		if d.line != line || d.used || verb != "drop" && verb != "never" && verb != "always" {
			continue
		}
		name, worlds, _ := strings.Cut(d.rest, "|")
		m := mutant{name: strings.TrimSpace(name), file: f.file, worlds: strings.Fields(worlds)}
		m.start, m.end = f.offset(n.Pos()), f.offset(n.End())
		if verb == "drop" {
			m.text = "if false {\n" + f.text(n) + "\n}"
		} else {
			expr := f.operand(conditions, operand)
			if expr == nil {
				continue
			}
			m.start, m.end = f.offset(expr.Pos()), f.offset(expr.End())
			m.text = fmt.Sprintf("(false && (%s))", f.text(expr))
			if verb == "always" {
				m.text = fmt.Sprintf("(true || (%s))", f.text(expr))
			}
		}
		d.used = true
		f.mutants = append(f.mutants, m)
	}
}

// operand is the n-th operand, from 1, of a condition's chain of && or ||; the condition
// itself where n is empty.
func (f *finder) operand(conditions []ast.Expr, n string) ast.Expr {
	if len(conditions) != 1 {
		return nil
	}
	if n == "" {
		return conditions[0]
	}
	var chain []ast.Expr
	var walk func(e ast.Expr, op token.Token)
	walk = func(e ast.Expr, op token.Token) {
		if b, ok := e.(*ast.BinaryExpr); ok && b.Op == op {
			walk(b.X, op)
			walk(b.Y, op)
			return
		}
		chain = append(chain, e)
	}
	b, ok := conditions[0].(*ast.BinaryExpr)
	if !ok {
		return nil
	}
	walk(b, b.Op)
	for i, e := range chain {
		if fmt.Sprint(i+1) == n {
			return e
		}
	}
	return nil
}

// take uses up a directive of a line about an attribute.
func (f *finder) take(line int, verb, attr string) *directive {
	for _, d := range f.directives {
		if about := strings.Fields(d.rest); d.line == line && d.verb == verb && len(about) > 1 && about[0] == attr {
			d.used = true
			return d
		}
	}
	return nil
}

func (f *finder) offset(p token.Pos) int { return f.set.Position(p).Offset }

func (f *finder) text(n ast.Node) string {
	return string(f.source[f.offset(n.Pos()):f.offset(n.End())])
}
