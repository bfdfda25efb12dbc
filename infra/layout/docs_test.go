package layout

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// read returns a file of the project, named from its root.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// docs/dependencies.md has a row for each direct dependency of go.mod and each tool of the tests,
// and none for one that is gone.
func TestEveryDependencyHasItsReason(t *testing.T) {
	wanted := map[string]string{} // name → where it is pinned
	for _, line := range regexp.MustCompile(`(?m)^\t(\S+) v\S+(.*)$`).FindAllStringSubmatch(read(t, "go.mod"), -1) {
		if !strings.Contains(line[2], "// indirect") {
			wanted[line[1]] = "go.mod"
		}
	}
	if len(wanted) < 10 {
		t.Errorf("go.mod has %d direct dependencies", len(wanted))
	}
	for _, name := range []string{"infra/browser/package.json", "infra/calendars/package.json"} {
		var file struct{ Dependencies map[string]string }
		if err := json.Unmarshal([]byte(read(t, name)), &file); err != nil {
			t.Fatal(err)
		}
		for dependency := range file.Dependencies {
			wanted[dependency] = name
		}
	}
	pins, err := filepath.Glob("../tools/*")
	if err != nil || len(pins) == 0 {
		t.Fatalf("infra/tools: %d files, %v", len(pins), err)
	}
	pinned := regexp.MustCompile(`(?m)^([a-z0-9.-]+)==`)
	known := map[string]bool{} // Python packages: a tool, or what it needs
	for _, pin := range pins {
		name := "infra/tools/" + filepath.Base(pin)
		tool := strings.TrimSuffix(filepath.Base(pin), filepath.Ext(pin))
		if tool != "python-tool" && tool != "calendars" { // these install others
			wanted[tool] = name
		}
		for _, m := range pinned.FindAllStringSubmatch(read(t, name), -1) {
			known[m[1]] = true
		}
	}

	named := map[string]bool{}
	dependency := regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|")
	for _, row := range dependency.FindAllStringSubmatch(read(t, "docs/dependencies.md"), -1) {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			named[m[1]] = true
		}
	}
	for name, where := range wanted {
		if !named[name] {
			t.Errorf("docs/dependencies.md has no row for %s of %s: say what it is for, and why this one", name, where)
		}
	}
	for name := range named {
		if wanted[name] == "" && !known[name] {
			t.Errorf("docs/dependencies.md has a row for %s, which is not pinned anywhere: take the row out", name)
		}
	}
}

// The pages that a newcomer reads first name files that exist, and link to pages that exist.
func TestTheFirstPagesNameWhatExists(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	file := regexp.MustCompile("`((?:cmd|content|docs|functions|infra|shared)/[A-Za-z0-9_./-]*)`")
	for _, page := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md"} {
		text := read(t, page)
		var names []string
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			names = append(names, filepath.Join(filepath.Dir(page), m[1]))
		}
		for _, m := range file.FindAllStringSubmatch(text, -1) {
			names = append(names, m[1])
		}
		if len(names) == 0 {
			t.Errorf("%s names no file", page)
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if _, err := os.Stat(filepath.Join("..", "..", name)); err != nil {
				t.Errorf("%s names %s, which is not there", page, name)
			}
		}
	}
}

// The walks name functions, types and files as the code does.
func TestTheWalksNameWhatExists(t *testing.T) {
	_, walks, _ := strings.Cut(read(t, "docs/architecture.md"), "\n## The walks\n")
	walks, _, _ = strings.Cut(walks, "\n### The walks in numbers\n")
	declared := map[string]bool{}
	declaration := regexp.MustCompile(`(?m)^(?:func(?: \([^)]*\))?|type) (\w+)`)
	for _, room := range []string{"shared", "functions"} {
		err := filepath.WalkDir(filepath.Join("..", "..", room), func(path string, d os.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" {
				return err
			}
			declared[d.Name()] = true
			for _, m := range declaration.FindAllStringSubmatch(read(t, strings.TrimPrefix(path, "../../")), -1) {
				declared[m[1]] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	names := regexp.MustCompile("`(\\w+\\.go|(?:\\w+\\.)?[a-z]*[A-Z]?[a-z]\\w*)`").FindAllStringSubmatch(walks, -1)
	if len(names) < 30 {
		t.Errorf("the walks name only %d things", len(names))
	}
	for _, m := range names {
		_, name, qualified := strings.Cut(m[1], ".")
		if !qualified || name == "go" {
			name = m[1]
		}
		if !declared[name] {
			t.Errorf("the walks name %s, which is not declared", m[1])
		}
	}
}
