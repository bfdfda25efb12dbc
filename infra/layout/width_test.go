package layout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var directive = regexp.MustCompile(`^//[a-z]+:\S`)

// Code is at most 120 columns wide and a line of comments 100, with a tab as four. Generated files
// are exempt, and so is what cannot be broken: a directive such as //go:embed, a raw string of
// several lines or alone on its line, and the tag of a field.
func TestLinesFit(t *testing.T) {
	for _, path := range goFiles(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if ast.IsGenerated(file) {
			continue
		}
		lines := strings.Split(string(text), "\n")
		exempt := unbreakable(set, file, lines)
		for i, line := range lines {
			most := 120
			if start := strings.TrimLeft(line, "\t"); strings.HasPrefix(start, "//") {
				most = 100
				exempt[i] = exempt[i] || directive.MatchString(start)
			}
			width := utf8.RuneCountInString(line) + 3*strings.Count(line, "\t")
			if width > most && !exempt[i] {
				t.Errorf("%s:%d: %d columns, want at most %d", filepath.ToSlash(path), i+1, width, most)
			}
		}
	}
}

// unbreakable marks the lines, by their index, of raw strings and tags that cannot be broken.
func unbreakable(set *token.FileSet, file *ast.File, lines []string) map[int]bool {
	marked, tags := map[int]bool{}, map[ast.Node]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if f, ok := n.(*ast.Field); ok && f.Tag != nil {
			tags[f.Tag] = true
		}
		raw, ok := n.(*ast.BasicLit)
		if !ok || raw.Value[0] != '`' {
			return true
		}
		from, to := set.Position(raw.Pos()), set.Position(raw.End())
		before, after := lines[from.Line-1][:from.Column-1], lines[to.Line-1][to.Column-1:]
		alone := strings.Trim(before, "\t") == "" && strings.Trim(after, ",)}") == ""
		for i := from.Line - 1; i < to.Line; i++ {
			marked[i] = marked[i] || from.Line < to.Line || alone || tags[raw] && after == ""
		}
		return true
	})
	return marked
}

// goFiles lists the Go files of the project, those with build tags too.
func goFiles(t *testing.T) (paths []string) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root:
			return filepath.SkipDir
		case strings.HasSuffix(path, ".go"):
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
