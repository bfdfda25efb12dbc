package layout

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Two pages name tests: docs/security.md for its claims, docs/architecture.md for what a change may
// forget. Each of these tests exists.
func TestThePagesNameTestsThatExist(t *testing.T) {
	var tests strings.Builder
	for _, path := range goFiles(t) {
		if strings.HasSuffix(path, "_test.go") {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(text)
		}
	}
	for page, least := range map[string]int{"docs/security.md": 10, "docs/architecture.md": 10} {
		named := regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(read(t, page), -1)
		if len(named) < least {
			t.Errorf("%s names %d tests", page, len(named))
		}
		for _, name := range named {
			if !strings.Contains(tests.String(), "func "+name[1]+"(") {
				t.Errorf("%s names %s, which is not there", page, name[1])
			}
		}
	}
}
