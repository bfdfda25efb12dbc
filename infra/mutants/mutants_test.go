package mutants

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var condition = regexp.MustCompile(`Condition\{\{[^\n]*?\}\}`)

func TestEveryConditionOfTheStoreIsTakenAway(t *testing.T) {
	t.Chdir("../..")
	mutants, err := parse(list)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(list, "\n# ")
	files, err := filepath.Glob("shared/store/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of the store: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for line := range strings.Lines(string(text)) {
			found := condition.FindString(line)
			if found == "" || stands(mutants, file, strings.TrimSpace(line), found) {
				continue
			}
			if !strings.Contains(head, "- "+file+" `"+found+"`") {
				t.Errorf("%s: %s is neither taken away nor named as kept in mutants.txt", file, strings.TrimSpace(line))
			}
		}
	}
}

// stands reports whether a mutant takes a condition away: the line, or what of it the mutant names.
func stands(mutants []mutant, file, line, condition string) bool {
	for _, m := range mutants {
		for part := range strings.Lines(m.from) {
			part = strings.TrimSpace(part)
			if m.file == file && strings.Contains(part, condition) && strings.Contains(line, part) {
				return true
			}
		}
	}
	return false
}

func TestEveryTextStandsOnce(t *testing.T) {
	t.Chdir("../..")
	mutants, err := parse(list)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		if _, err := m.changed(); err != nil {
			t.Error(err)
		}
	}
}
